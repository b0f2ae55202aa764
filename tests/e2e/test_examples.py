"""The examples that are to be read: they do what their comments say."""

import os
import re
import subprocess
import sys
import unittest

import harness
from harness import BUILD, recv_exactly, recv_until
from scripted import Proxied, echo, head

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Minimal(harness.Case):
    def read(self, *path):
        with open(os.path.join(ROOT, *path)) as f:
            return f.read()

    def test_size(self):
        """A proxy in 25 lines, which stands in the manual as it is."""
        source = self.read('examples', 'minimal-proxy.c')
        self.assertLessEqual(source.count('\n'), 25)
        body = source[source.index('#include'):].replace('\\', '\\e')
        self.assertIn(body, self.read('man', 'tunnel_proxy_new.3'))

    def test_public_addresses(self):
        """In a network of its own: ports 22 and 443 and nothing else."""
        harness.need('unshare', 'util-linux')
        unshare = ['unshare', '-n' if os.geteuid() == 0 else '-rn']
        if subprocess.run(unshare + ['true'], capture_output=True).returncode:
            self.skipTest('no network namespaces here')
        done = subprocess.run(
            unshare + [sys.executable, os.path.join(HERE, 'in_namespace.py'),
                       os.path.join(BUILD, 'minimal-proxy')],
            timeout=harness.PATIENCE, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, 'ok\n'),
                         done.stderr)


class Asking(Proxied):
    def setUp(self):
        super().setUp()
        self.mark = os.path.join(self.directory(), 'asked')

    def asking(self, script):
        command = self.mark + '.sh'
        with open(command, 'w') as f:
            f.write('#!/bin/sh\n' + script)
        os.chmod(command, 0o755)
        process = self.start([os.path.join(BUILD, 'asking-proxy'),
                              '127.0.0.1:0', command], stdout=subprocess.PIPE)
        line = process.popen.stdout.readline().decode()
        return int(re.search(r':(\d+)$', line.strip()).group(1))

    def ask(self, proxy, port):
        s = self.connected(proxy)
        s.sendall(head(port))
        return s

    def status(self, s):
        return int(recv_until(s, b'\r\n\r\n').split()[1])

    def test_asynchronous_hook(self):
        """One waits, another is answered meanwhile, a third leaves."""
        good, bad = self.serve(echo).port, self.serve(echo).port
        proxy = self.asking('[ "$1" = 127.0.0.1:%d ] || exit 1\n'
                            'until [ -e %s ]; do sleep 0.02; done\n'
                            % (good, self.mark))
        waiting, leaving = self.ask(proxy, good), self.ask(proxy, good)
        self.assertEqual(self.status(self.ask(proxy, bad)), 403)
        leaving.close()
        with open(self.mark, 'w'):
            pass
        self.assertEqual(self.status(waiting), 200)
        waiting.sendall(b'hello')
        self.assertEqual(recv_exactly(waiting, 5), b'hello')


if __name__ == '__main__':
    unittest.main()
