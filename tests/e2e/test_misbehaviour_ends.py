"""Proxies as they are: replies that open a tunnel though they look odd, and
those that do not, with what is said of them.

Of all that is no tunnel nothing gets to standard output, and nothing of standard
input to whoever is there."""

import os
import re
import subprocess
import time

from harness import CONNECT, lines_of, need
from scripted import OK, Scripted, reset

WRONG = OK + b'WRONG'
PAGE = b'<html><head><title>The title</title></head>WRONG</html>'
HTML = b'\r\nContent-Type: text/html'


class Openings(Scripted):
    def test_replies(self):
        ok = b'HTTP/1.1 200 OK\r\n'
        interim = b'HTTP/1.1 %d x\r\n\r\n'
        for reply, more in (
                # Versions, with and without what the standard has.
                (b'HTTP/1.0 200 Connection established\r\n\r\n', b''),
                (b'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n', b''),
                (b'HTTP/1.9 200 OK\r\n\r\n', b''),
                # Any reason, and none.
                (b'HTTP/1.1 200 \r\n\r\n', b''),
                (b'HTTP/1.1 200\r\n\r\n', b''),
                (b'HTTP/1.1 200 Tunnel\tup, 403 no\r\n\r\n', b''),
                (b'HTTP/1.1 200 \xc3\xbc \xff\r\n\r\n', b''),
                (b'HTTP/1.1 200   spaces   \r\n\r\n', b''),
                (b'HTTP/1.1 200 ' + b'x' * 9000 + b'\r\n\r\n', b''),
                # Any 2xx (RFC 9110 section 9.3.6).
                (b'HTTP/1.1 201 Created\r\n\r\n', b''),
                (b'HTTP/1.1 204 No Content\r\n\r\n', b''),
                (b'HTTP/1.1 299 x\r\n\r\n', b''),
                # Lengths that mean nothing: all that follows is the tunnel's.
                (ok + b'Content-Length: 0\r\n\r\n', b''),
                (ok + b'Content-Length: 3\r\n\r\n', b''),
                (ok + b'Content-Length: many\r\n\r\n', b''),
                (ok + b'Content-Length: 1\r\nContent-Length: 2\r\n\r\n', b''),
                (ok + b'Transfer-Encoding: chunked\r\n\r\n',
                 b'0\r\n\r\n'),
                (ok + b'Transfer-Encoding: gzip\r\nContent-Length: 9\r\n\r\n',
                 b''),
                (ok + b'Connection: close\r\nProxy-Connection: close\r\n\r\n',
                 b''),
                # Lines that end in LF, all or some.
                (b'HTTP/1.1 200 OK\nVia: x\n\n', b'\n'),
                (b'HTTP/1.1 200 OK\r\nVia: x\n\r\n', b'\r\n'),
                (b'HTTP/1.0 200\n\n', b''),
                # Interim replies; one may have a length that means nothing.
                (interim % 100 + ok + b'\r\n', b''),
                (interim % 102 * 50 + ok + b'\r\n', b''),
                (b'HTTP/1.1 103 Early Hints\r\nContent-Length: 20\r\n\r\n' +
                 ok + b'\r\n', b''),
                (b'HTTP/1.0 199\n\n' + ok + b'\r\n', b''),
                # Fields that nobody has asked for.
                (ok + b'Proxy-Authenticate: NTLM\r\n\r\n', b''),
                (ok + b'Location: http://x/\r\n\r\n', b''),
                (ok + b'X:\r\nY: a\r\n b\r\n\r\n', b''),
                (ok + b'X: y\r\n' * 3000 + b'\r\n', b'')):
            with self.subTest(reply=reply[:90]):
                said = more + b'SSH-2.0-x\r\n'
                for cut in (0, 1, len(reply) - 1, len(reply)):
                    def script(conn, cut=cut):
                        if cut:
                            conn.sendall(reply[:cut])
                            time.sleep(0.005)
                        conn.sendall(reply[cut:] + said)
                    self.assertEqual(self.outcome(script), (0, said, ''))


class Failures(Scripted):
    def fails(self, status, *words, say=b'', then='holds', options=(),
              without=(), drip=0):
        """The proxy says that, and then 'holds', 'closes' or 'resets'; or it
        goes on with a piece and a pause for ever."""
        got = []

        def script(conn):
            for piece in [say] if not drip else [bytes([b]) for b in say]:
                conn.sendall(piece)
                time.sleep(drip)
            if then == 'resets':
                time.sleep(0.02)        # else it might overtake the bytes
                reset(conn)
            elif then == 'holds':
                got.append(conn.recv(100))
            elif isinstance(then, tuple):
                self.drip(conn, *then)
        ended, out, said = self.outcome(script, *options, stdin=b'SECRET')
        self.assertEqual((ended, out), (status, b''), said)
        self.assertEqual(said.count('\n'), 1, said)
        self.assertTrue(said.startswith('tunnel-connect: '), said)
        self.assertLess(len(said), 500)
        self.assertFalse([c for c in said[:-1] if not ' ' <= c <= '~'], said)
        for word in ('127.0.0.1:',) + words:
            self.assertIn(word, said)
        for word in ('WRONG', 'SECRET') + without:
            self.assertNotIn(word, said)
        self.assertIn(got, ([], [b'']))

    def test_no_http(self):
        for say in (b' HTTP/1.1 200 OK\r\n\r\n', b'http/1.1 200 OK\r\n\r\n',
                    b'\r\nHTTP/1.1 200 OK\r\n\r\n', b'ICY 200 OK\r\n\r\n',
                    b'<html>no</html>', b'HELP!\r\n', bytes(100)):
            for then in ('holds', 'closes', 'resets'):
                with self.subTest(say=say, then=then):
                    self.fails(6, 'not HTTP' if say[:3] == b'ICY' else
                               'does not speak HTTP', say=say, then=then)
        for say, who in ((b'SSH-2.0-x\r\n', 'SSH'), (b'220 x ESMTP\r\n', 'SMTP'),
                         (b'\x15\x03\x01\0\2\2\x28', 'TLS')):
            for then in ('holds', 'closes', 'resets'):
                self.fails(6, 'speaks ' + who, 'check', say=say + OK,
                           then=then)

    def test_malformed(self):
        first = b'HTTP/1.1 200 OK\r\n'
        for say, word in (
                # Nobody has asked for another protocol.
                (b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
                 'malformed'),
                (first + b'X: a\0b\r\n\r\n', 'malformed'),
                (first + b'X\0: b\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 200 O\0K\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 200\0\r\n\r\n', 'malformed'),
                (first + b'Bad Field: x\r\n\r\n', 'malformed'),
                (first + b'X: a\rb\r\n\r\n', 'malformed'),
                (first + b': x\r\n\r\n', 'malformed'),
                (first + b' folded\r\n\r\n', 'malformed'),
                (first + b'no colon\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 abc\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 99 x\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 2000 x\r\n\r\n', 'malformed'),
                (b'HTTP/1.1  200 OK\r\n\r\n', 'malformed'),
                (b'HTTP/1.1 -20 OK\r\n\r\n', 'malformed'),
                (b'HTTP/2 200\r\n\r\n', 'not HTTP/1.x'),
                (b'HTTP/2.0 200 OK\r\n\r\n', 'not HTTP/1.x'),
                (b'HTTP/0.9 200 OK\r\n\r\n', 'not HTTP/1.x'),
                (first + b'X: ' + b'x' * 300000, 'too large'),
                (first + b'X: y\r\n' * 60000, 'too large'),
                (b'HTTP/1.1 200 ' + b'x' * 300000, 'too large'),
                (b'HTTP/1.1 100 Continue\r\n\r\n' * 20000, 'too large')):
            with self.subTest(say=say[:60]):
                self.fails(6, word, 'cannot be used', 'check host and port',
                           say=say + WRONG)

    def test_cut_short(self):
        whole = (b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n'
                 b'Via: 1.1 x\r\n\r\n')
        for then, word in (('closes', 'closed'), ('resets', 'reset')):
            for cut in (0, 1, 5, 9, 12, 13, 24, 25, 26, 38, 42, 50,
                        len(whole) - 3, len(whole) - 1):
                with self.subTest(then=then, cut=cut):
                    self.fails(6, word, 'complete reply', 'https://',
                               say=whole[:cut], then=then)

    def test_never_whole(self):
        """Silence, at any point, and bytes that come without end."""
        for say in (b'', b'HTTP/1.1', b'HTTP/1.1 200 OK\r\nVia: x\r\n',
                    b'HTTP/1.1 100 Continue\r\n\r\n'):
            self.fails(7, 'within 0.3 seconds', '-t', 'target.test port 22',
                       say=say, options=('-t', '0.3'))
        for say in (b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 99,
                    b'HTTP/1.1 102 Processing\r\n\r\n' * 99):
            began = time.monotonic()
            self.fails(7, 'within 0.3 seconds', say=say, drip=0.02,
                       options=('-t', '0.3'))
            # It would go on for longer than that.
            self.assertLess(time.monotonic() - began, 10)

    def test_refusals_in_every_form(self):
        """The title is shown, and nothing else of the page."""
        forms = (b'Content-Length: %d\r\n\r\n%s' % (len(PAGE), PAGE),
                 b'Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n'
                 % (len(PAGE), PAGE),
                 b'Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n'
                 b'Trailer: WRONG\r\n\r\n' % (len(PAGE), PAGE),
                 b'\r\n' + PAGE + WRONG * 999)
        for form in forms:
            for fields in (b'', b'Connection: close\r\n',
                           b'Proxy-Connection: keep-alive\r\n'):
                for status, words in (
                        (b'403 Forbidden', ('403 Forbidden (The title)',
                                            'administrator')),
                        (b'302 Found\r\nLocation: http://in.test/', (
                            'points to in.test', 'login page')),
                        (b'511 Network Authentication Required', (
                            '(The title)', 'login page')),
                        (b'503 Unavailable', ('(The title)', 'the target'))):
                    for first in (b'HTTP/1.1 ', b'HTTP/1.0 '):
                        say = first + status + HTML + b'\r\n' + fields + form
                        with self.subTest(say=say[:200]):
                            self.fails(4, *words, say=say, then='closes')
        for form in forms[:3]:
            self.fails(4, '(The title)', say=b'HTTP/1.1 403 No' + HTML +
                       b'\r\n' + form)

    def test_refusals_without_end(self):
        """What is worth showing is at the beginning."""
        for frame, piece in ((b'', WRONG * 99),
                             (b'Content-Length: 99999999999\r\n', WRONG * 99),
                             (b'Transfer-Encoding: chunked\r\n',
                              b'%x\r\n%s\r\n' % (len(WRONG * 99), WRONG * 99))):
            page = PAGE if not b'chunked' in frame else \
                b'%x\r\n%s\r\n' % (len(PAGE), PAGE)
            for first in (b'403 No', b'302 Found', b'503 No'):
                for pause in (0, 0.02):
                    began = time.monotonic()
                    with self.subTest(frame=frame, first=first, pause=pause):
                        self.fails(4, first.decode() + ' (The title)',
                                   say=b'HTTP/1.1 ' + first + HTML + b'\r\n' +
                                   frame + b'\r\n' + page,
                                   then=(piece, pause))
                        self.assertLess(time.monotonic() - began, 25)

    def test_portal(self):
        """A page where the tunnel should begin, in whatever frame and whatever
        pieces it comes."""
        chunked = b'Transfer-Encoding: chunked\r\n'
        for fields, before in ((b'Content-Length: %d\r\n' % len(PAGE), b''),
                               (b'', b''),
                               (b'Connection: close\r\n', b'\r\n '),
                               (chunked, b'%x\r\n' % len(PAGE)),
                               (chunked, b'000%X ;a="b"\r\n' % len(PAGE))):
            for then in ('holds', 'closes'):
                for drip in (0, 0.002):
                    with self.subTest(fields=fields, then=then, drip=drip):
                        self.fails(4, 'web page' if drip else
                                   'web page (The title)', 'login page',
                                   say=b'HTTP/1.1 200 OK' + HTML + b'\r\n' +
                                   fields + b'\r\n' + before + PAGE,
                                   then=then, drip=drip)


class Idle(Scripted):
    """Who is on the way cuts off who says nothing, by a reset."""

    def cut_off(self, *options):
        def script(conn):
            conn.sendall(OK + b'hello')
            time.sleep(1.2)
            reset(conn)
        began = time.monotonic()
        p = self.connect(self.proxy(script), *options)
        self.assertEqual(p.stdout.read(), b'hello')
        self.assertEqual(p.wait(), 1)
        spent = time.monotonic() - began
        told = re.search(r' broke after (\d+) seconds? of silence: ', p.said())
        self.assertTrue(1 <= int(told.group(1)) <= spent, (p.said(), spent))
        self.assertEqual(p.said().count('\n'), 1)
        return p.said()

    def test_what_helps(self):
        self.assertIn('--keepalive may help', self.cut_off())
        self.assertNotIn('--keepalive', self.cut_off('--keepalive', '9'))

    def test_socket(self):
        """What --keepalive asks the system for, before it connects."""
        strace = need('strace', 'strace')
        for options, want in (
                (('--keepalive', '7'), {
                    'SO_KEEPALIVE': '1', 'TCP_KEEPIDLE': '7',
                    'TCP_KEEPINTVL': '7', 'TCP_KEEPCNT': '3'}),
                (('--keepalive', '0'), {'SO_KEEPALIVE': '0'}),
                ((), {'SO_KEEPALIVE': '1'})):
            with self.subTest(options=options):
                log = os.path.join(self.directory(), 'log')
                p = self.start([strace, '-f', '-o', log, '-e',
                                'trace=setsockopt', CONNECT, '-x',
                                '127.0.0.1:%d' % self.opened(b'x').port] +
                               list(options) + ['target.test', '22'],
                               stdin=subprocess.PIPE)
                self.assertEqual(p.stdout.read(1), b'x', p.said())
                p.stdin.close()
                p.popen.kill()
                p.wait()
                # What was set last.
                self.assertEqual(dict(re.findall(
                    r'((?:SO|TCP)_KEEP\w+), \[(\d+)\]',
                    ''.join(lines_of(log)))), want)
