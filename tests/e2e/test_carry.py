"""Both programs, one through the other: every byte, both ways, and the ends."""

import os
import subprocess

import harness
from harness import recv_all
from peers import TunnelProxy
from scripted import MIB, echo


class Carry(harness.Case):
    def through(self, handler, data):
        origin = self.serve(handler)
        proxy = TunnelProxy()
        self.addCleanup(proxy.stop)
        p = subprocess.run(
            [harness.CONNECT, '-x', '127.0.0.1:%d' % proxy.port,
             '127.0.0.1', str(origin.port)], input=data,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=harness.clean_env(), timeout=harness.PATIENCE)
        self.assertEqual((p.returncode, p.stderr), (0, b''))
        return p.stdout

    def test_there_and_back(self):
        for size in (0, 1, 1000, 3 * MIB + 1):
            with self.subTest(size=size):
                data = os.urandom(size)
                self.assertTrue(self.through(echo, data) == data)

    def test_answer_behind_the_end(self):
        """The client's end goes through, and the other way lives on."""
        data = os.urandom(MIB)

        def backwards(conn):
            conn.sendall(recv_all(conn)[::-1])
        self.assertTrue(self.through(backwards, data) == data[::-1])
