"""tunnel-connect's standard input and output, and what they may be."""

import fcntl
import os
import select
import socket
import subprocess
import time

import harness
from harness import await_true, recv_all, recv_exactly
from scripted import MIB, OK, Scripted, echo

# A terminal makes three bytes of two of these, so that no write fits exactly.
LINES = b'x\n' * (1 << 15)


class Descriptors(Scripted):
    """Standard input and output of every kind."""

    def echo(self):
        def script(conn):
            conn.sendall(OK)
            echo(conn)
        return self.proxy(script)

    def test_files(self):
        data = os.urandom(MIB)
        d = self.directory()
        with open(os.path.join(d, 'in'), 'wb') as f:
            f.write(data)
        with open(os.path.join(d, 'in'), 'rb') as i, \
                open(os.path.join(d, 'out'), 'wb') as o:
            p = self.connect(self.echo(), stdin=i, stdout=o)
            self.assertEqual((p.wait(), p.said()), (0, ''))
        with open(os.path.join(d, 'out'), 'rb') as f:
            self.assertTrue(f.read() == data)

    def test_one_socket(self):
        ours, theirs = socket.socketpair()
        p = self.connect(self.echo(), stdin=theirs, stdout=theirs)
        theirs.close()
        ours.settimeout(harness.PATIENCE)
        data = os.urandom(100000)
        ours.sendall(data)
        self.assertTrue(recv_exactly(ours, len(data)) == data)
        ours.sendall(b'last')
        ours.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(ours), b'last')
        self.assertEqual(p.wait(), 0)
        ours.close()

    def test_terminal(self):
        """A terminal as input and output: bytes both ways, and no end of it."""
        ours, theirs = os.openpty()
        p = self.connect(self.echo(), stdin=theirs, stdout=theirs)
        os.close(theirs)
        os.write(ours, b'line\n')
        got = b''
        while got.count(b'line\r\n') < 2:       # its echo and ours
            self.assertTrue(select.select([ours], [], [],
                                          harness.PATIENCE)[0])
            got += os.read(ours, 1024)
        os.write(ours, b'\x04')
        self.assertEqual(p.wait(), 0)
        os.close(ours)

    def with_flags(self, nonblock, slow):
        """The flag is shared with others: it works with it, and leaves it."""
        r, w = os.pipe()
        r2, w2 = os.pipe()
        for fd in (r, w2):
            os.set_blocking(fd, not nonblock)
        before = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (r, w2)]
        p = self.connect(self.echo(), stdin=r, stdout=w2)
        data = os.urandom(MIB)

        def as_found():
            self.assertEqual([fcntl.fcntl(fd, fcntl.F_GETFL)
                              for fd in (r, w2)], before)
        sent, got = 0, bytearray()
        os.set_blocking(w, False)
        while len(got) < MIB:
            if sent < MIB:
                try:
                    sent += os.write(w, data[sent:sent + 50000])
                except BlockingIOError:
                    pass
            as_found()
            if slow and sent < MIB // 2:
                time.sleep(0.005)       # its output is full by and by
            elif select.select([r2], [], [], 0.01)[0]:
                got += os.read(r2, 1 << 16)
        self.assertTrue(got == data)
        os.close(w)
        self.assertEqual((p.wait(), p.said()), (0, ''))
        as_found()
        for fd in (r, r2, w2):
            os.close(fd)

    def test_blocking_left_as_found(self):
        self.with_flags(False, False)
        self.with_flags(False, True)

    def test_nonblocking_left_as_found(self):
        self.with_flags(True, False)
        self.with_flags(True, True)

    def upload_while_full(self, stdout, read):
        """Nobody reads its output while the other way is in use: the number of
        bytes is then read."""
        came = []

        def script(conn):
            conn.sendall(OK)
            conn.settimeout(0.2)
            sent = 0
            try:
                while True:
                    sent += conn.send(LINES)
            except OSError:         # the timeout: it takes no more
                pass
            conn.settimeout(harness.PATIENCE)
            came.append(recv_exactly(conn, MIB))
            conn.shutdown(socket.SHUT_WR)
            came.append(sent)
        p = self.connect(self.proxy(script), stdout=stdout)
        data = os.urandom(MIB)
        p.stdin.write(data)
        p.stdin.flush()
        await_true(lambda: len(came) == 2)
        self.assertTrue(came[0] == data)
        self.assertEqual(read(p, came[1]), came[1])

    def test_upload_goes_on_while_output_is_full(self):
        self.upload_while_full(subprocess.PIPE,
                               lambda p, n: len(p.stdout.read()))

    def test_upload_goes_on_while_a_terminal_is_full(self):
        ours, theirs = os.openpty()
        flags = fcntl.fcntl(theirs, fcntl.F_GETFL)

        def read(p, n):
            self.assert_idle(p)
            got = 0
            while got < n:
                got += len(os.read(ours, 1 << 16).replace(b'\r', b''))
            self.assertEqual(fcntl.fcntl(theirs, fcntl.F_GETFL), flags)
            return got
        self.upload_while_full(theirs, read)
        os.close(theirs)
        os.close(ours)

    def test_idle_timeout_with_a_full_terminal(self):
        ours, theirs = os.openpty()
        p = self.connect(self.opened(LINES * 64), '-i', '0.5', stdout=theirs)
        self.assertEqual(p.wait(), 7)
        os.close(theirs)
        os.close(ours)
