"""Origins that misbehave: what a client of tunnel-proxy --forward is told of it
is the truth, and never a good end of what had none."""

import socket
import time

import harness
from forwarding import Forwarded, chunked, reply, tell
from harness import recv_until
from scripted import MIB, reset

CHUNKS = reply(b'', 'Transfer-Encoding: chunked', length=False)
CLOSES = reply(b'', length=False)

# What curl ends with: a part of the file, and trouble with receiving.
PARTIAL = (18, 56)


class Scripted(Forwarded):
    def saying(self, *parts, end=None, after=0):
        """An origin that says these and closes, or ends otherwise."""
        def handler(conn):
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            recv_until(conn, b'\r\n\r\n')
            for part in parts:
                conn.sendall(part)
                if after:
                    time.sleep(after)
            if end is not None:
                end(conn)
        return 'http://127.0.0.1:%d/' % self.serve(handler).port

    def outcome(self, url, *args):
        """Exit status of curl, its output and what it complains of."""
        p = self.curl_begin(self.through, *args, url)
        code, out = self.curl_end(p)
        return code, out, p.said()

    def setUp(self):
        super().setUp()
        self.through = self.forward()


class Dying(Scripted):
    """In the middle of a body."""

    def cut(self, *parts):
        """By an end, and by a reset: to clients of both versions."""
        for end in (None, reset):
            for args in ((), ('-0',)):
                code, out, said = self.outcome(
                    self.saying(*parts, end=end, after=0.05), *args)
                self.assertIn(code, PARTIAL, (parts, end, args, out, said))
        c = self.client(self.through)
        with self.assertRaises((AssertionError, ConnectionResetError)):
            c.ask('GET', self.saying(*parts, after=0.05))
            raise ZeroDivisionError

    def test_length(self):
        self.cut(reply(b'x' * 1000)[:-1])
        self.cut(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
        self.cut(reply(bytes(MIB))[:-1])

    def test_chunks(self):
        whole = chunked(b'some', b'more', end=b'0\r\nX: y\r\n\r\n')
        for at in range(len(whole)):
            for end in (None, reset)[at % 2:at % 2 + 1]:
                code, out, _ = self.outcome(self.saying(
                    CHUNKS + whole[:at], end=end, after=0.01))
                self.assertIn(code, PARTIAL, (whole[:at], end, out))
        code, out, said = self.outcome(self.saying(CHUNKS + whole))
        self.assertEqual((code, out, said), (0, b'somemore', ''))

    def test_until_the_close(self):
        """An end is the end; a reset is none."""
        self.assertEqual(self.outcome(self.saying(CLOSES, b'all of it'))[:2],
                         (0, b'all of it'))
        for args in ((), ('-0',)):
            code, out, said = self.outcome(self.saying(
                CLOSES, b'a part', end=reset, after=0.1), *args)
            self.assertIn(code, PARTIAL, (args, out, said))

    def test_in_the_head(self):
        """Nothing has been told so far: a 502 can be."""
        for part in (b'', b'H', b'HTTP/1.1 200 OK\r\n', CHUNKS[:-1]):
            for end in (None, reset):
                code, out, said = self.outcome(
                    self.saying(part, end=end), '-w', '%{http_code}')
                self.assertEqual((code, out[-3:]), (0, b'502'), (part, said))

    def test_client_that_dies_is_told_of(self):
        """In the middle of its request: the origin sees no whole one."""
        there, seen = self.origin(), 0
        for framing, part in ((b'Content-Length: 10', b'five5'),
                              (b'Transfer-Encoding: chunked', b'3\r\nabc\r\n')):
            for end in (lambda s: s.shutdown(socket.SHUT_WR), reset):
                c = self.client(self.through)
                c.send(b'POST %s/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n\r\n'
                       % (there.url.encode(), there.port, framing), part)
                seen += 1
                harness.await_true(lambda: there.connections == seen)
                end(c.sock)
        harness.await_true(lambda: all(conn.fileno() < 0
                                       for conn in there.server.conns))
        self.assertEqual(there.requests, [])


class Odd(Scripted):
    """Replies that can be read in several ways, or in none: 502."""

    BAD = (
        b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked'
        b'\r\n\r\n0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n'
        b'abcd',
        b'HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabcd',
        b'HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'
        b'0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus\r\n\r\nabc',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n'
        b'0\r\n\r\n',
        b'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nX y: b\r\n\r\n',
        b'HTTP/1.1 2x0 OK\r\n\r\n',
        b'HTTP/1.1 99 Low\r\n\r\n',
        b'HTTP/2 200 OK\r\n\r\n',
        b'ICY 200 OK\r\n\r\n',
        b'SSH-2.0-OpenSSH_9.2\r\n',
        b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n'
        b'Connection: upgrade\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nX: ' + b'y' * 100000 + b'\r\n\r\n',
        b'HTTP/1.1 100 Continue\r\n\r\n' * 2000,
    )

    def test_bogus_replies(self):
        for said in self.BAD:
            c = self.client(self.through)
            # Behind a reset, what was sent can be lost: it is not hurried.
            c.send(c.request('GET', self.saying(
                said, end=lambda conn: time.sleep(0.2))))
            answer = c.reply()
            while answer.status < 200:
                answer = c.reply()
            self.assertEqual(answer.status, 502, said[:80])
            self.assertIn('error=', answer.get('proxy-status'))

    def test_folded_fields(self):
        """RFC 9112 section 5.2: of a reply, unfolded or refused."""
        c = self.client(self.through)
        answer = c.ask('GET', self.saying(
            b'HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 0\r\n\r\n'))
        if answer.status == 200:
            self.assertRegex(answer.get('x'), r'^a +b$')
        else:
            self.assertEqual(answer.status, 502)

    def test_head_in_pieces(self):
        """Cut at every byte, with the body right behind it."""
        whole = reply(b'body', 'X-Long: value')
        for at in range(1, len(whole)):
            c = self.client(self.through)
            answer = c.ask('GET', self.saying(whole[:at], whole[at:],
                                              after=0.002))
            self.assertEqual((answer.status, answer.body), (200, b'body'))
        c = self.client(self.through)
        answer = c.ask('GET', self.saying(*[bytes([b]) for b in whole]))
        self.assertEqual((answer.status, answer.body), (200, b'body'))

    def test_chunk_extensions(self):
        """They are for the next hop alone."""
        c = self.client(self.through)
        answer = c.ask('GET', self.saying(
            CHUNKS, b'4;name=value;x="quo;ted"\r\nbody\r\n',
            b'00000;last\r\nX-T: v\r\nContent-Length: 9\r\n\r\n'))
        self.assertEqual(answer.body, b'body')
        self.assertIn(('x-t', 'v'), answer.trailers)
        self.assertNotIn('content-length', dict(answer.trailers))

    def test_interim_replies(self):
        """All go on, in order, but not to a client of HTTP/1.0."""
        early = b''.join(b'HTTP/1.1 %d Early\r\nX: %d\r\n\r\n' % (
            102 + i % 2, i) for i in range(60))
        url = self.saying(early + reply(b'at last'))
        c = self.client(self.through)
        c.send(c.request('GET', url))
        for i in range(60):
            self.assertEqual(c.reply().get('x'), str(i))
        self.assertEqual(c.reply().body, b'at last')
        c.send(c.request('GET', url, version='1.0'))
        answer = c.reply()
        self.assertEqual((answer.status, answer.body), (200, b'at last'))

    def test_more_than_was_said(self):
        """What comes behind a reply is of no request."""
        url = self.saying(reply(b'one') + reply(b'stray'))
        c = self.client(self.through)
        for _ in range(3):
            self.assertEqual(c.ask('GET', url).body, b'one')

    def test_speaks_before_it_is_asked(self):
        def handler(conn):
            conn.sendall(reply(b'early'))
            recv_until(conn, b'\r\n\r\n')
            self.hold()
        port = self.serve(handler).port
        c = self.client(self.through)
        answer = c.ask('GET', 'http://127.0.0.1:%d/' % port)
        # It may have come just after the request had been sent.
        self.assertIn((answer.status, answer.body == b'early'),
                      ((200, True), (502, False)))

    def test_answers_early(self):
        """Before the request's body has ended: the answer is not held back."""
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'no', status='413 Content Too Large')) or True,
            content=False)
        for size in (100, 64 * MIB):
            c = self.client(self.through)
            c.send(b'POST %s/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n'
                   b'Content-Length: %d\r\n\r\n' % (
                       there.url.encode(), there.port, size), bytes(50))
            answer = c.reply('POST')
            self.assertEqual((answer.status, answer.body), (413, b'no'))
            # Who sends all of it nevertheless has the answer at the end.
            c = self.client(self.through)
            c.send(c.request('POST', there.url, body=bytes(size // 64)))
            answer = c.reply('POST')
            self.assertEqual((answer.status, answer.body), (413, b'no'))

    def test_kept_connection_has_gone(self):
        """Just as it is used again: what may be repeated is."""
        def answer(conn, request):
            tell(conn, request)
            # Not before the proxy has it for one that can be kept.
            return len(there.requests) % 2 == 0
        there = self.origin(answer)
        c = self.client(self.through)
        for i in range(6):
            self.assertEqual(c.ask('GET', '%s/%d' % (there.url, i)).status,
                             200)
        self.assertEqual(len(there.requests), 6)

    def test_kept_connection_is_not_answered(self):
        """It takes the request and closes: GET comes again, POST does not."""
        def answer(conn, request):
            if conn in seen:
                return True
            seen.append(conn)
            tell(conn, request)
        for method, body, status in (('GET', None, 200), ('POST', b'x', 502),
                                     ('DELETE', None, 200)):
            seen = []
            there = self.origin(answer)
            c = self.client(self.through)
            self.assertEqual(c.ask('GET', there.url).status, 200)
            self.assertEqual(c.ask(method, there.url, body=body).status,
                             status)
            self.assertEqual(len(there.requests), 3 if status == 200 else 2)
