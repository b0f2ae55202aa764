"""ftp-gateway and servers, or clients, that break off, lie, or are late: nobody
takes a part for the whole, or waits for ever."""

import os
import socket
import threading
import unittest

import ftp
import harness
from ftp import CONTENT, file_of
from harness import await_true, recv_until
from scripted import MIB, Case as Idle, reset


class CutOff(ftp.Scripted):
    """A part is never taken for the whole."""

    def test_lying_sizes(self):
        n = len(CONTENT)
        for size in (n + 1, n + 70000, n - 1, 5):
            got = self.cut_off(file_of(CONTENT, size, late=True))
            self.assertEqual(got, CONTENT[:len(got)])
        # What says 0 may have more than that.
        self.proxy(self.ftp(file_of(CONTENT, 0)))
        self.assertEqual(self.get('/f'), CONTENT)

    def test_reset(self):
        for size in (2 * len(CONTENT), 0):
            for version in ('1.0', '1.1'):
                self.cut_off(file_of(CONTENT, size, cut=True, late=True),
                             version=version)

    def test_bad_end(self):
        """All bytes came, but the server says that it was not all."""
        for size in (None, 0):
            for end in ('426 broken', '451 broken', '550 broken', 'nonsense'):
                for version in ('1.0', '1.1'):
                    self.cut_off(file_of(CONTENT, size, end=end, late=True),
                                 version=version)

    def test_bad_end_for_curl(self):
        """The same, as curl sees it."""
        self.proxy(self.ftp(file_of(CONTENT, 2 * len(CONTENT))))
        self.curl(*self.x, '-o', os.devnull, self.base + '/f', status=56)

    def test_bad_end_at_once(self):
        """It is told in time for a status."""
        self.proxy(self.ftp({**file_of(CONTENT), 'RETR': lambda s, _: (
            s.accept(), '150 here\r\n426 broken')[1]}))
        self.assertEqual(self.status('/f'), 502)

    def test_control_dies(self):
        def retr(s, _):
            s.send(CONTENT, late=True)
            reset(s.conn)
        for size in (len(CONTENT), 0):
            self.cut_off({'SIZE': '213 %d' % size, 'RETR': retr})

    def test_list(self):
        self.cut_off({'MLSD': lambda s, _: s.send(
            b'type=file; a\r\n', end='426 broken', late=True)}, path='/')

    def test_range(self):
        """Of a range, what is behind it is of no interest."""
        def retr(s, _):
            s.say('150 here')
            data = s.accept()
            try:
                data.sendall(CONTENT[5:])
                data.recv(1)        # until it is closed
            except ConnectionError:
                pass
            return '426 broken'
        size = '213 %d' % len(CONTENT)
        self.proxy(self.ftp({'SIZE': size, 'RETR': retr}))
        self.assertEqual(self.get('/f', '-r', '5-99'), CONTENT[5:100])
        self.cut_off({'SIZE': size, 'RETR': lambda s, _: s.send(
            CONTENT[5:], end='426 broken', late=True)},
            more='Range: bytes=5-\r\n')


class Late(ftp.Scripted):
    def test_each_reply(self):
        """A server that says nothing at some point: 504."""
        silent = {name: lambda s, _: self.hold() for name in
                  ('greeting', 'USER', 'PASS', 'TYPE', 'CWD', 'SIZE', 'MDTM',
                   'EPSV', 'RETR')}
        for name in silent:
            with self.subTest(name=name):
                self.proxy(self.ftp({**file_of(CONTENT), name: silent[name]}),
                           '--ftp-timeout', '0.3')
                self.assertEqual(self.status('/d/f'), 504)

    def test_trickle(self):
        """A reply that never ends is none."""
        def greeting(s, _):
            while not self.over.wait(0.05):
                s.say(b'220-x\r\n')
        self.proxy(self.ftp({'greeting': greeting}), '--ftp-timeout', '1.5')
        self.assertEqual(self.status('/f'), 504)

    def test_data(self):
        def retr(s, _):
            s.say('150 here')
            s.accept().sendall(CONTENT)
            self.hold()
        got = self.cut_off({'SIZE': '213 %d' % (2 * len(CONTENT)),
                            'RETR': retr}, '--ftp-timeout', '1.5')
        self.assertEqual(got, CONTENT)

    def test_end(self):
        """Everything has come, but not the word that it has."""
        def retr(s, _):
            s.send(CONTENT)
            self.hold()
        got = self.cut_off({'SIZE': '213 %d' % len(CONTENT), 'RETR': retr},
                           '--ftp-timeout', '1.5')
        self.assertEqual(got, CONTENT[:-1])

    def test_upload(self):
        """It takes nothing; or says nothing at the end."""
        def stor(s, _):
            s.say('150 go on')
            s.accept()
            self.hold()
        for size in (8 * MIB, 5):
            source = os.path.join(self.directory(), 'source')
            with open(source, 'wb') as f:
                f.truncate(size)
            self.proxy(self.ftp({'STOR': stor}), '--ftp-timeout', '1.5')
            self.assertEqual(self.status('/f', '-T', source), 504)


class Leaving(ftp.Scripted):
    def test_client_leaves(self):
        """Before a reply, or in its middle: nobody works on for it."""
        gone = []

        def retr(s, _):
            if s.server.halfway:
                s.say('150 here')
                data = s.accept()
                try:
                    while True:
                        data.sendall(CONTENT)
                except ConnectionError:
                    pass
            gone.append(s.hear())
        for halfway in (False, True):
            server = self.ftp({'SIZE': '213 1000000000', 'RETR': retr})
            server.halfway = halfway
            self.proxy(server)
            c = self.connected(self.g.port)
            c.sendall(b'GET %s/f HTTP/1.1\r\nHost: x\r\n\r\n'
                      % self.base.encode())
            await_true(lambda: 'RETR' in server.names())
            if halfway:
                recv_until(c, b'\r\n\r\n')
            c.close()
            await_true(lambda: len(gone) == 1 + halfway)


class Uploads(ftp.Scripted):
    def test_refused_midway(self):
        def stor(s, _):
            s.say('150 go on')
            s.accept().recv(10)
            reset(s.data)
            return '552 full'
        source = os.path.join(self.directory(), 'source')
        with open(source, 'wb') as f:
            f.truncate(8 * MIB)
        self.proxy(self.ftp({'STOR': stor}))
        self.assertEqual(self.status('/f', '-T', source), 507)

    def test_refused_before(self):
        """Nobody is asked for content that is not wanted."""
        s = self.ftp({'STOR': '553 no'})
        self.proxy(s)
        c = self.connected(self.g.port)
        c.sendall(b'PUT %s/f HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n'
                  b'Expect: 100-continue\r\n\r\n' % self.base.encode())
        self.assertTrue(recv_until(c, b'\r\n').startswith(b'HTTP/1.1 403 '))

    def test_server_is_hasty(self):
        """It says that all is there before it is."""
        def stor(s, _):
            s.say('150 go on')
            s.accept()
            return '226 thanks'
        self.proxy(self.ftp({'STOR': stor}))
        c = self.connected(self.g.port)
        c.sendall(b'PUT %s/f HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n'
                  b'ab' % self.base.encode())
        self.assertTrue(recv_until(c, b'\r\n').startswith(b'HTTP/1.1 502 '))

    def test_client_breaks_off(self):
        """Half of a file must not look like one to the server."""
        outcome, begun = [], threading.Event()

        def stor(s, _):
            s.say('150 go on')
            try:
                s.accept().recv(2)
                begun.set()
                outcome.append(s.data.recv(10))
            except ConnectionResetError:
                outcome.append('reset')
        for how in (lambda c: c.close(), reset,
                    lambda c: c.shutdown(socket.SHUT_WR)):
            del outcome[:]
            begun.clear()
            self.proxy(self.ftp({'STOR': stor}))
            c = self.connected(self.g.port)
            c.sendall(b'PUT %s/f HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n'
                      b'\r\nab' % self.base.encode())
            self.assertTrue(begun.wait(harness.PATIENCE))
            how(c)
            await_true(lambda: outcome)
            self.assertEqual(outcome, ['reset'])


class Pressure(ftp.Scripted):
    """Who reads nothing holds the other side back, and costs nothing."""

    def test_download(self):
        sent = []

        def retr(s, _):
            s.say('150 here')
            data = s.accept()
            for _ in range(64):
                data.sendall(bytes(MIB))
                sent.append(1)
            data.close()
            return '226 done'
        self.proxy(self.ftp({'SIZE': '213 %d' % (64 * MIB), 'RETR': retr}))
        c = self.connected(self.g.port)
        c.sendall(b'GET %s/f HTTP/1.0\r\n\r\n' % self.base.encode())
        self.settled(sent)
        self.assertLess(len(sent), 48)
        self.assertLess(self.g.resident(), 16 * MIB)
        Idle.assert_idle(self, self.g)
        top, rest = harness.recv_all(c).split(b'\r\n\r\n', 1)
        self.assertEqual(len(rest), 64 * MIB)

    def test_upload(self):
        sent = []

        def stor(s, _):
            s.say('150 go on')
            s.accept()
            self.hold()
        self.proxy(self.ftp({'STOR': stor}))
        c = self.connected(self.g.port)
        c.sendall(b'PUT %s/f HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n'
                  % (self.base.encode(), 64 * MIB))
        c.settimeout(1)
        with self.assertRaises(socket.timeout):
            for _ in range(64):
                c.sendall(bytes(MIB))
                sent.append(1)
        self.assertLess(len(sent), 48)
        self.assertLess(self.g.resident(), 16 * MIB)
        Idle.assert_idle(self, self.g)

    def test_reset_meanwhile(self):
        """The server has gone, and its client does not even look."""
        sent = []

        def retr(s, _):
            s.say('150 here')
            data = s.accept()
            data.settimeout(1)
            try:
                while True:
                    data.sendall(bytes(MIB))
                    sent.append(1)
            except socket.timeout:
                reset(data)
            self.begun.set()
            self.hold()
        self.proxy(self.ftp({'SIZE': '213 %d' % (64 * MIB), 'RETR': retr}))
        c = self.connected(self.g.port)
        c.sendall(b'GET %s/f HTTP/1.0\r\n\r\n' % self.base.encode())
        self.assertTrue(self.begun.wait(harness.PATIENCE))
        Idle.assert_idle(self, self.g)
        with self.assertRaises(ConnectionResetError):
            self.assertLess(len(harness.recv_all(c)), 64 * MIB)

    def settled(self, sent):
        """Until nothing moves any more."""
        last = [-1]

        def still():
            same = last[0] == len(sent)
            last[0] = len(sent)
            return same and sent
        await_true(still, step=0.3)


if __name__ == '__main__':
    unittest.main()
