"""tunnel-connect's handshake with proxies that behave and that do not."""

import os
import socket
import subprocess
import time

import harness
from harness import await_true, recv_all
from scripted import MIB, OK, Scripted, echo, reset


class Replies(Scripted):
    def opens(self, *pieces):
        def script(conn):
            for piece in pieces:
                conn.sendall(piece)
                if len(pieces) > 1:
                    time.sleep(0.001)
        status, out, said = self.outcome(script)
        self.assertEqual((status, said), (0, ''))
        return out

    def test_greeting_glued(self):
        self.assertEqual(self.opens(OK + b'SSH-2.0-x\r\n'), b'SSH-2.0-x\r\n')

    def test_much_glued(self):
        data = os.urandom(MIB)
        self.assertEqual(self.opens(OK + data), data)

    def test_dribbled(self):
        reply = OK + b'hi'
        self.assertEqual(self.opens(*[reply[i:i + 1]
                                      for i in range(len(reply))]), b'hi')

    def test_interim(self):
        self.assertEqual(self.opens(
            b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n'
            b'Link: </x>\r\n\r\n' + OK + b'hi'), b'hi')

    def test_204(self):
        self.assertEqual(self.opens(
            b'HTTP/1.1 204 No Content\r\n\r\nhi'), b'hi')

    def test_lengths_mean_nothing(self):
        self.assertEqual(self.opens(b'HTTP/1.1 200 OK\r\nContent-Length: 5'
                                    b'\r\n\r\n0123456789'), b'0123456789')
        self.assertEqual(self.opens(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: '
                                    b'chunked\r\n\r\n5\r\nhello'),
                         b'5\r\nhello')

    def test_old_ones(self):
        self.assertEqual(self.opens(b'HTTP/1.0 200 OK\r\n\r\nhi'), b'hi')
        self.assertEqual(self.opens(b'HTTP/1.0 200\n\nhi'), b'hi')
        self.assertEqual(self.opens(b'HTTP/1.1 200 OK\nVia: x\n\n\nhi'),
                         b'\nhi')

    def test_request(self):
        self.outcome(lambda conn: conn.sendall(OK), '-H', 'X-One:  two ',
                     '-H', 'User-Agent: me')
        head = self.heads[0].decode()
        self.assertTrue(head.startswith('CONNECT target.test:22 HTTP/1.1\r\n'
                                        'Host: target.test:22\r\n'), head)
        self.assertIn('\r\nX-One: two\r\n', head)
        self.assertIn('\r\nUser-Agent: me\r\n', head)
        self.assertEqual(head.count('User-Agent'), 1)

    def test_request_leaves_in_one_write(self):
        """There are proxies that take what they read first for all of it."""
        first = []

        def handler(conn):
            first.append(conn.recv(1 << 16))
            conn.sendall(OK)
        p = self.connect(self.serve(handler), '-H', 'X: ' + 'x' * 8000,
                         '-u', 'user:password', stdin=subprocess.DEVNULL)
        self.assertEqual(p.wait(), 0)
        self.assertEqual(first[0][-4:], b'\r\n\r\n')

    def test_nothing_is_sent_before_the_200(self):
        seen = []

        def script(conn):
            conn.settimeout(0.3)
            try:
                seen.append(conn.recv(1))
            except OSError:         # the timeout
                pass
            conn.settimeout(harness.PATIENCE)
            conn.sendall(OK)
            seen.append(recv_all(conn))
        status, _, _ = self.outcome(script, stdin=b'eager')
        self.assertEqual((status, seen), (0, [b'eager']))

    def test_much_both_ways(self):
        data = os.urandom(16 * MIB)

        def script(conn):
            conn.sendall(OK)
            echo(conn)
        status, out, said = self.outcome(script, stdin=data)
        self.assertEqual((status, said), (0, ''))
        self.assertTrue(out == data)


class Failures(Scripted):
    def fails(self, script, status, *words, options=()):
        # Its input stays open: that must not keep it.
        p = self.connect(self.proxy(script), *options)
        out = p.stdout.read()
        self.assertEqual(p.wait(), status, p.said())
        self.assertEqual(out, b'')
        self.one_line(p.said(), *words)

    def one_line(self, said, *words):
        self.assertEqual(said.count('\n'), 1, said)
        self.assertTrue(said.startswith('tunnel-connect: '))
        for word in ('127.0.0.1:',) + words:
            self.assertIn(word, said)
        self.assertIsNone(next((c for c in said[:-1] if ord(c) < 32), None))

    def replies(self, reply, *args, **kwargs):
        """The proxy says this and keeps the connection."""
        def script(conn):
            conn.sendall(reply)
            self.hold()
        self.fails(script, *args, **kwargs)

    def test_407_chunked(self):
        reply = (b'HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: '
                 b'Basic realm="x"\r\nTransfer-Encoding: chunked\r\n'
                 b'\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n')
        spent = []

        def script(conn):
            began = time.monotonic()
            conn.sendall(reply)
            recv_all(conn)
            spent.append(time.monotonic() - began)
        # It does not wait for more, which would be a second each time.
        for n in range(1, 6):
            self.fails(script, 5, '407', '-u')
            await_true(lambda: len(spent) == n)
        self.assertLess(min(spent), 0.9)
        self.replies(reply, 5, '407', 'rejected',
                     options=('-u', 'user:password'))

    def test_407_whose_body_does_not_end(self):
        self.replies(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n'
                     b'Transfer-Encoding: chunked\r\n\r\nffff\r\nhello', 5,
                     '407')

    def test_407_other_scheme(self):
        self.replies(b'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n'
                     b'Content-Length: 0\r\n\r\n', 5, 'NTLM')

    def test_403_page(self):
        self.replies(b'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n'
                     b'Content-Length: 52\r\n\r\n<html><TITLE> Not \x1b[31m '
                     b'here</TITLE>....................', 4, '403', 'Forbidden',
                     'Not ?[31m here', 'administrator', 'target.test')

    def test_302(self):
        self.replies(b'HTTP/1.1 302 Found\r\nLocation: /login\r\n'
                     b'Content-Length: 0\r\n\r\n', 4, '302', 'login')

    def test_page_without_end(self):
        self.replies(b'HTTP/1.1 403 F\r\nContent-Length: 99\r\n\r\nx', 4,
                     '403', options=('-t', '3'))

    def test_not_http(self):
        self.replies(b'SSH-2.0-OpenSSH_9.2\r\n', 6, 'SSH')
        self.replies(b'\x15\x03\x01\x00\x02\x02\x28', 6, 'TLS')
        self.replies(b'220 mail.test ESMTP\r\n', 6, 'SMTP')
        self.replies(b'hello\r\n', 6, 'HTTP')

    def test_malformed(self):
        self.replies(b'HTTP/1.1 200 OK\r\nBad Field: x\r\n\r\n', 6)
        self.replies(b'HTTP/1.1 abc\r\n\r\n', 6)
        self.replies(b'HTTP/2 200\r\n\r\n', 6)
        self.replies(b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 300000, 6)

    def test_closed(self):
        def closes(reply):
            self.fails(lambda conn: conn.sendall(reply), 6, 'closed')
        closes(b'')
        closes(b'HTT')
        closes(b'HTTP/1.1 200 OK\r\nA: b')
        closes(b'HTTP/1.1 100 Continue\r\n\r\n')

    def test_reset_before_the_reply(self):
        self.fails(reset, 6, 'reset')

    def test_silent(self):
        began = time.monotonic()
        self.replies(b'', 7, '-t', options=('-t', '1'))
        self.assertGreater(time.monotonic() - began, 0.9)

    def test_slow_without_end(self):
        """The time is for all of the reply, not for each byte."""
        def script(conn):
            for byte in b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 999:
                conn.sendall(bytes([byte]))
                time.sleep(0.02)
        began = time.monotonic()
        self.fails(script, 7, '-t', options=('-t', '0.5'))
        # It would say so for two minutes.
        self.assertLess(time.monotonic() - began, 60)

    def abandon(self, p, said):
        """Nobody reads what it would have to say."""
        p.stdout.close()
        if not said:
            p.stdin.close()
        self.assertEqual(p.wait(), 1)
        if said:
            self.one_line(p.said(), 'standard output')
        else:
            self.assertEqual(p.said(), '')

    def test_abandoned_in_the_handshake(self):
        for said in (True, False):
            p = self.connect(self.proxy(lambda conn: self.hold()), '-t', '0')
            await_true(lambda: self.heads)
            self.abandon(p, said)

    def test_abandoned_while_dialling(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            s.listen(0)
            # One fills its queue, and who comes then waits.
            with socket.create_connection(s.getsockname()):
                for said in (True, False):
                    p = self.start([harness.CONNECT, '-t', '0', '-x',
                                    '127.0.0.1:%d' % s.getsockname()[1],
                                    'h', '22'], stdin=subprocess.PIPE)
                    self.abandon(p, said)

    def test_refused(self):
        port = self.free_port()
        p = self.start([harness.CONNECT, '-x', '127.0.0.1:%d' % port, 'h',
                        '22'])
        self.assertEqual(p.wait(), 3)
        self.one_line(p.said(), '127.0.0.1:%d' % port)

    def test_refused_in_brackets(self):
        for args in (['-x', '[::1]:1', 'h', '22'], ['::1', '1']):
            p = self.start([harness.CONNECT] + args)
            self.assertEqual(p.wait(), 3)
            self.assertIn(' [::1]:1 cannot be reached', p.said())

    def test_usage(self):
        for args in ([], ['h'], ['h', '0'], ['h', '65536'], ['h', 'ssh'],
                     ['h', '22', 'x'], ['h:22:22'], ['127.1', '22'],
                     ['--nonsense', 'h', '22'], ['-x'],
                     ['-x', 'socks5://p', 'h', '22'],
                     ['-x', 'http://p:x', 'h', '22'],
                     ['-t', 'soon', 'h', '22'], ['-H', 'none', 'h', '22'],
                     ['-x', 'p', '-H', 'a b: c', 'h', '22'],
                     ['-x', 'p', '-H', 'Host: c', 'h', '22'],
                     ['--verbose=1', 'h', '22']):
            p = self.start([harness.CONNECT] + args)
            self.assertEqual(p.wait(), 2, args)
            self.assertEqual(p.said().count('\n'), 1, p.said())
            self.assertEqual(p.stdout.read(), b'')

    def test_help(self):
        for option, word in (('--help', b'ProxyCommand'),
                             ('--version', b'tunnel-connect ')):
            p = self.start([harness.CONNECT, option])
            self.assertIn(word, p.stdout.read())
            self.assertEqual((p.wait(), p.said()), (0, ''))

    def test_quiet(self):
        status, out, said = self.outcome(
            lambda conn: conn.sendall(b'HTTP/1.1 403 F\r\n\r\n'), '-q')
        self.assertEqual((status, out, said), (4, b'', ''))

    def test_no_standard_descriptors(self):
        """What is closed at the start must not become the socket."""
        proxy = self.opened()
        for closed in ('<&-', '>&-'):
            p = self.start(['/bin/sh', '-c', 'exec "$0" "$@" ' + closed,
                            harness.CONNECT, '-x', '127.0.0.1:%d'
                            % proxy.port, 'h', '22'],
                           stdin=subprocess.PIPE)
            self.assertEqual(p.wait(), 2)
        self.assertEqual(self.heads, [])
