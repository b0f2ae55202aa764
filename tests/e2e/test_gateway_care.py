"""What gateways let nobody do: to those beside him, or to those they stand in
front of."""

import threading
import unittest

import ftp
import harness
from ftp import CONTENT, file_of
from gateways import Cgi
from harness import await_true
from scripted import MIB


class Secrets(ftp.Scripted):
    def test_not_in_the_log(self):
        """A password in a URL, also in one that is refused."""
        s = self.ftp(file_of(CONTENT))
        self.proxy(s, '-v')
        at = b'127.0.0.1:%d' % s.port
        for target in (b'ftp://me:SECRET@%s/a@b' % at,
                       b'ftp://me:a@SECRET@%s' % at,
                       b'http://me:SECRET@%s/' % at,
                       b'nothing://me:SECRET@%s?a' % at):
            self.raw(self.g, b'GET %s HTTP/1.0\r\n\r\n' % target)
        self.raw(self.g, b'CONNECT me:SECRET@%s HTTP/1.0\r\n\r\n' % at)
        await_true(lambda: self.g.said().count('\n') == 5)
        self.assertNotIn('SECRET', self.g.said())
        self.assertIn(' ok GET ftp://%s/a@b\n' % at.decode(), self.g.said())


class Programs(Cgi):
    def test_nothing_of_a_broken_reply(self):
        """What says that it is broken has none of its fields."""
        self.program('a', 'printf "Content-Type: text/html\\nSet-Cookie: a=b'
                     '\\nX(y): 1\\n\\n<b>"')
        reply = self.raw(self.cgi(), b'GET /a HTTP/1.0\r\n\r\n')
        self.assertIn(b'HTTP/1.1 502 ', reply)
        self.assertEqual(reply.count(b'\r\nContent-Type:'), 1)
        self.assertNotIn(b'Set-Cookie', reply)

    def answered(self, c):
        c.sendall(b'GET /a HTTP/1.1\r\nHost: x\r\n\r\n')
        harness.recv_until(c, b'\r\n\r\n')

    def test_room(self):
        """Nobody has to go for nobody, and who has been idle for longest goes
        first."""
        self.program('a', 'printf "Status: 204\\n\\n"')
        g = self.cgi('--max-connections', '2')
        first, second = self.connected(g.port), self.connected(g.port)
        for c in (second, first):
            self.answered(c)
        self.answered(self.connected(g.port))
        self.assertEqual(harness.recv_all(second), b'')
        self.answered(first)

    def test_one_host(self):
        """Host says nothing beside an absolute target (RFC 9112, 3.2.2)."""
        self.program('env', 'printf "Content-Type: text/plain\\n\\n"; env')
        g = self.cgi()
        for target, host in ((b'http://a.example:99/env', b'a.example:99'),
                             (b'HTTP://[::1]/env?x@y', b'[::1]'),
                             (b'/env?http://x/', b'evil.example')):
            reply = self.raw(g, b'GET %s HTTP/1.1\r\nHost: evil.example\r\n'
                             b'Connection: close\r\n\r\n' % target)
            self.assertIn(b'\nHTTP_HOST=%s\n' % host, reply)


class Floods(ftp.Scripted):
    """A server that talks without an end, to a gateway of one thread: others
    are served as well."""

    def flood(self, replies, path):
        self.proxy(self.ftp(replies))
        drowning = self.connected(self.g.port)
        drowning.sendall(b'GET %s%s HTTP/1.1\r\nHost: x\r\n\r\n' % (
            self.base.encode(), path))
        await_true(self.flowing.is_set)
        reply = self.raw(self.g, b'GET / HTTP/1.0\r\n\r\n')
        self.assertIn(b'HTTP/1.1 400 ', reply)
        return drowning

    def setUp(self):
        super().setUp()
        self.flowing = threading.Event()

    def pour(self, to, drop):
        try:
            while True:
                to.sendall(drop * (MIB // len(drop)))
                self.flowing.set()
        except OSError:
            self.flowing.set()

    def test_lines_of_a_list(self):
        """None of which makes a row."""
        for drop in (b'\n', b'x\n', b'x'):
            def listed(s, _):
                s.say('150 here')
                self.pour(s.accept(), drop)
            self.flowing.clear()
            self.flood({'MLSD': listed}, b'/').close()

    def test_news(self):
        c = self.flood({'USER': lambda s, _: self.pour(
            s.conn, b'120 soon\r\n')}, b'/f')
        self.assertIn(b'HTTP/1.1 502 ', harness.recv_until(c, b'\r\n\r\n'))


if __name__ == '__main__':
    unittest.main()
