"""What gateways let nobody do: to those beside him, or to those they stand in
front of."""

import unittest

import ftp
import harness
from ftp import CONTENT, file_of
from gateways import Cgi
from harness import await_true


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


if __name__ == '__main__':
    unittest.main()
