"""What tunnel-proxy --forward makes of a message, to the byte: a client and an
origin that are the test itself."""

from forwarding import Forwarded, Message, reply, tell
from harness import recv_until


class Raw(Forwarded):
    def test_pipelined(self):
        """Answers come in the order of the questions, whatever each costs."""
        def answer(conn, request):
            if request.target == '/slow':
                self.over.wait(0.2)
            tell(conn, request)
        there, other = self.origin(answer), self.origin()
        c = self.client(self.forward())
        urls = [there.url + '/slow', other.url + '/b', there.url + '/c',
                other.url + '/d']
        c.send(*[c.request('POST', u, body=b'%d' % i)
                 for i, u in enumerate(urls)])
        got = [c.reply('POST').body for _ in urls]
        self.assertEqual(got, [b'POST /slow HTTP/1.1\n0',
                               b'POST /b HTTP/1.1\n1',
                               b'POST /c HTTP/1.1\n2',
                               b'POST /d HTTP/1.1\n3'])

    def test_many_pipelined(self):
        """More than buffers hold, by a client that reads only later."""
        there = self.origin()
        c = self.client(self.forward())
        n = 500
        c.send(*[c.request('GET', '%s/%d' % (there.url, i)) for i in range(n)])
        for i in range(n):
            self.assertEqual(c.reply().body, b'GET /%d HTTP/1.1\n' % i)
        self.assertEqual(there.connections, 1)

    def test_half_close_behind_the_request(self):
        """Who has nothing more to ask still wants the answer."""
        def answer(conn, request):
            self.over.wait(0.2)
            tell(conn, request)
        there = self.origin(answer)
        for pipelined in (1, 3):
            c = self.client(self.forward())
            c.send(*[c.request('POST', there.url, body=b'x')] * pipelined)
            c.sock.shutdown(1)
            for i in range(pipelined):
                self.assertEqual(c.reply('POST').body, b'POST / HTTP/1.1\nx')
            self.assertEqual(c.stream.rest(), b'')

    def test_bytewise(self):
        there = self.origin()
        c = self.client(self.forward())
        for byte in c.request('POST', there.url, 'X: y', body=b'slow'):
            c.send(bytes([byte]))
        self.assertEqual(c.reply('POST').body, b'POST / HTTP/1.1\nslow')

    def test_tunnel_behind_a_message(self):
        """CONNECT on a connection that was kept."""
        there = self.origin()
        c = self.client(self.forward())
        self.assertEqual(c.ask('GET', there.url).status, 200)
        c.send(b'CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n'
               % (there.port, there.port))
        opened = Message(c.stream, 'CONNECT', content=False)
        self.assertEqual(opened.status, 200)
        c.send(b'GET /in HTTP/1.1\r\nHost: x\r\n\r\n')
        self.assertEqual(c.reply().body, b'GET /in HTTP/1.1\n')

    def test_messages_behind_a_refusal(self):
        """What cannot be reached ends no connection of the client's."""
        there = self.origin()
        c = self.client(self.forward())
        for _ in range(3):
            self.assertEqual(c.ask('GET', 'http://127.0.0.1:1/').status, 502)
            self.assertEqual(c.ask('GET', there.url).status, 200)


class Fields(Forwarded):
    """RFC 9110 section 7.6.1: what is for the next hop goes no further."""

    def names(self, message):
        return [name for name, _ in message.fields]

    def test_of_a_request(self):
        there = self.origin()
        c = self.client(self.forward())
        self.assertEqual(c.ask(
            'GET', there.url, 'Connection: close, X-Hop , x-other',
            'Connection: TE', 'X-Hop: 1', 'x-OTHER: 2', 'X-End: 3',
            'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=5',
            'TE: gzip', 'Upgrade: h2c', 'Proxy-Authorization: Basic eDp5',
            'Proxy-Authenticate: Basic', 'Authorization: Basic eDp5',
            'HTTP2-Settings: AAMAAABkAAQ').status, 200)
        request = there.requests[0]
        self.assertEqual(request.get('x-end'), '3')
        self.assertEqual(request.get('authorization'), 'Basic eDp5')
        for name in ('x-hop', 'x-other', 'proxy-connection', 'keep-alive',
                     'te', 'upgrade', 'proxy-authorization',
                     'proxy-authenticate'):
            self.assertNotIn(name, self.names(request))
        # "close" was between the client and us.
        self.assertNotIn('close', request.get('connection') or '')
        self.assertEqual(c.stream.rest(), b'')

    def test_of_a_reply(self):
        there = self.origin(lambda conn, request: conn.sendall(reply(
            b'x', 'Connection: X-Hop, keep-alive', 'X-Hop: 1', 'X-End: 2',
            'Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive',
            'Proxy-Authenticate: Basic realm="other"', 'Upgrade: h2c',
            'WWW-Authenticate: Basic realm="o"', 'Proxy-Authentication-Info: x'
            )))
        answer = self.client(self.forward()).ask('GET', there.url)
        self.assertEqual(answer.get('x-end'), '2')
        self.assertEqual(answer.get('www-authenticate'), 'Basic realm="o"')
        for name in ('x-hop', 'keep-alive', 'upgrade', 'proxy-authenticate'):
            self.assertNotIn(name, self.names(answer))

    def test_order_and_spelling_stay(self):
        """Of all that is not ours to change."""
        heads = []

        def handler(conn):
            heads.append(recv_until(conn, b'\r\n\r\n'))
            conn.sendall(b'HTTP/1.1 299 What I say\r\nX-b: 2\r\nx-A: 1\r\n'
                         b'X-B: 3\r\nContent-Length: 0\r\n\r\n')
        port = self.serve(handler).port
        c = self.client(self.forward())
        c.send(b'GET http://127.0.0.1:%d/%%7e/../a?x HTTP/1.1\r\nhOST: '
               b'127.0.0.1:%d\r\nX-b: two  words\r\nx-A:\r\nX-B: 3\r\n\r\n'
               % (port, port))
        answer = c.reply()
        self.assertTrue(heads[0].startswith(
            b'GET /%%7e/../a?x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n' % port),
            heads)
        self.assertIn(b'\r\nX-b: two  words\r\nx-A: \r\nX-B: 3\r\n', heads[0])
        self.assertEqual(answer.first, 'HTTP/1.1 299 What I say')
        self.assertEqual(answer.fields[:3], [('x-b', '2'), ('x-a', '1'),
                                             ('x-b', '3')])

    def test_host_is_that_of_the_target(self):
        """RFC 9112 section 3.2.2: whatever the field says."""
        there = self.origin()
        c = self.client(self.forward())
        c.send(b'GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: other.test\r\n\r\n'
               % there.port)
        self.assertEqual(c.reply().status, 200)
        self.assertEqual(there.requests[0].get('host'),
                         '127.0.0.1:%d' % there.port)

    def test_via(self):
        """Added both ways, behind those that there are."""
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'', 'Via: 1.0 origin')))
        answer = self.client(self.forward()).ask('GET', there.url,
                                                 'Via: 1.0 earlier')
        self.assertRegex(there.requests[0].get('via'),
                         r'^1\.0 earlier, 1\.1 libtunnel-\w+$')
        self.assertRegex(answer.get('via'),
                         r'^1\.0 origin, 1\.1 libtunnel-\w+$')

    def test_what_is_not_for_a_proxy(self):
        """Neither is passed on to anybody."""
        there = self.origin()
        proxy = self.forward()
        for line, statuses in (
                ('GET / HTTP/1.1\r\nHost: 127.0.0.1:%d' % there.port, (400,)),
                ('OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:%d' % there.port,
                 (400,)),
                ('GET https://127.0.0.1:%d/ HTTP/1.1\r\nHost: x' % there.port,
                 (405,)),
                ('GET ftp://127.0.0.1:%d/ HTTP/1.1\r\nHost: x' % there.port,
                 (405,)),
                ('GET http://u:p@127.0.0.1:%d/ HTTP/1.1\r\nHost: x'
                 % there.port, (400,)),
                ('GET http://127.0.0.1:%d/#f HTTP/1.1\r\nHost: x' % there.port,
                 (400,)),
                ('GET http:///x HTTP/1.1\r\nHost: x', (400,)),
                ('GET http://127.0.0.1:%d/ HTTP/2.0\r\nHost: x' % there.port,
                 (400, 505)),
                ('GET http://127.0.0.1:%d/\r\nHost: x' % there.port, (400,)),
                ('GET http://127.0.0.1:%d/ HTTP/1.1' % there.port, (400,))):
            c = self.client(proxy)
            c.send(line.encode(), b'\r\n\r\n')
            answer = c.reply()
            self.assertIn(answer.status, statuses, line)
            self.assertEqual(answer.get('allow'), 'CONNECT' if
                             answer.status == 405 else None)
        self.assertEqual(there.requests, [])


class Smuggling(Forwarded):
    """Requests that two readers might read as two: refused, and nothing goes
    on."""

    CASES = (
        (b'Content-Length: 3\r\nTransfer-Encoding: chunked', b'0\r\n\r\n'),
        (b'Content-Length: 3\r\nContent-Length: 4', b'abcd'),
        (b'Content-Length: 3, 4', b'abcd'),
        (b'Content-Length: +3', b'abc'),
        (b'Content-Length: 0x3', b'abc'),
        (b'Content-Length: -1', b''),
        (b'Content-Length: 99999999999999999999', b''),
        (b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
         b'0\r\n\r\n'),
        (b'Transfer-Encoding: xchunked', b'0\r\n\r\n'),
        (b'Transfer-Encoding: gzip', b''),
        (b'Transfer-Encoding: chunked, identity', b'0\r\n\r\n'),
        (b'Transfer-Encoding : chunked', b'0\r\n\r\n'),
        (b'Transfer-Encoding:\x0bchunked', b'0\r\n\r\n'),
        (b'X: a\r\n folded', b''),
        (b'X: a\rTransfer-Encoding: chunked', b'0\r\n\r\n'),
        (b'X: a\0b', b''),
        (b'X y: z', b''),
        (b'Host: other', b''),
    )

    def test_heads(self):
        there = self.origin()
        proxy = self.forward()
        for fields, body in self.CASES:
            c = self.client(proxy)
            c.send(b'POST %s/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n' % (
                there.url.encode(), there.port), fields, b'\r\n\r\n', body)
            answer = c.reply('POST')
            self.assertIn(answer.status, (400, 411, 501), fields)
            self.assertEqual(c.stream.rest(), b'', fields)
        self.assertEqual(there.requests, [])

    def test_chunks(self):
        """The head has gone on: the origin must see no whole request."""
        there = self.origin()
        proxy = self.forward()
        for bad in (b'x\r\nabc\r\n0\r\n\r\n', b'3\r\nabcd\r\n0\r\n\r\n',
                    b'-3\r\nabc\r\n0\r\n\r\n', b'0x3\r\nabc\r\n0\r\n\r\n',
                    b'10000000000000003\r\nabc\r\n0\r\n\r\n',
                    b'3 \nabc\r\n0\r\n\r\n', b'3\rabc\r\n0\r\n\r\n',
                    b'3\r\nabc\r\n0\r\nX\r\n\r\n', b'\r\n\r\n'):
            c = self.client(proxy)
            c.send(b'POST %s/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n'
                   b'Transfer-Encoding: chunked\r\n\r\n' % (
                       there.url.encode(), there.port), bad)
            self.assertEqual(c.reply('POST').status, 400, bad)
            self.assertEqual(c.stream.rest(), b'', bad)
        self.assertEqual(there.requests, [])
