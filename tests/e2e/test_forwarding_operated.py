"""tunnel-proxy --forward in the hands of an operator: who may, what is told of
it, and how it ends."""

import base64
import json
import os
import signal
import threading
import time

import harness
import peers
from forwarding import (Client, Forwarded, Message, Origin, chunked, reply,
                        tell)
from harness import await_true, lines_of
from operated import Operated, get
from scripted import reset

BASIC = 'Proxy-Authorization: Basic ' + base64.b64encode(b'u:pass:w').decode()


class Policy(Forwarded):
    def test_rules(self):
        """On every request by itself, also on a kept connection."""
        there, other = self.origin(), self.origin()
        c = self.client(self.forward('--allow', '127.0.0.1:%d' % there.port))
        for _ in range(3):
            self.assertEqual(c.ask('GET', there.url).status, 200)
            self.assertEqual(c.ask('GET', other.url).status, 403)
        self.assertEqual(other.connections, 0)

    def test_pipelined_behind_what_is_allowed(self):
        there, other = self.origin(), self.origin()
        c = self.client(self.forward('--deny', '127.0.0.1:%d' % other.port,
                                     '--allow', '127.0.0.0/8'))
        c.send(*[c.request('GET', o.url) for o in (there, other) * 5])
        self.assertEqual([c.reply().status for _ in range(10)],
                         [200, 403] * 5)
        self.assertEqual(other.connections, 0)

    def test_names(self):
        """A rule on a name that was let in before, and is now asked for by
        another name; a name of a private address needs a rule."""
        there = self.origin()
        url = 'http://localhost:%d/' % there.port
        c = self.client(self.forward('--deny', 'localhost', '--allow',
                                     '127.0.0.0/8'))
        for _ in range(2):
            self.assertEqual(c.ask('GET', there.url).status, 200)
            self.assertEqual(c.ask('GET', url).status, 403)
        c = self.client(self.forward('--allow', '*'))
        self.assertEqual(c.ask('GET', url).status, 403)

    def test_default(self):
        """Without a rule: ports 80, 443 and 22, of public addresses."""
        there = self.origin()
        out = harness.run([harness.PROXY, '--forward', '--check']).decode()
        self.assertIn('allow ports 22, 80 and 443 of public addresses', out)
        self.assertIn('forward yes', out)
        c = self.client(self.forward(rules=False))
        self.assertEqual(c.ask('GET', there.url).status, 403)
        self.assertEqual(c.ask('GET', 'http://127.0.0.1/').status, 403)
        self.assertEqual(c.ask('GET', 'http://[::1]/').status, 403)
        self.assertEqual(c.ask('GET', 'http://192.0.2.1:8080/').status, 403)
        self.assertEqual(there.connections, 0)

    def test_clients(self):
        proxy = self.forward('--deny-client', '127.0.0.0/8')
        self.assertEqual(self.client(proxy).ask(
            'GET', self.origin().url).status, 403)

    def test_without_the_option(self):
        proxy = self.proxy()
        there = self.origin()
        self.assertEqual(self.client(proxy).ask('GET', there.url).status, 405)
        self.assertEqual(there.connections, 0)

    def test_limit_of_heads(self):
        c = self.client(self.forward('--max-head', '2k'))
        there = self.origin()
        self.assertEqual(c.ask('GET', there.url, 'X: ' + 'y' * 200).status,
                         200)
        self.assertEqual(c.ask('GET', there.url, *['X: ' + 'y' * 200] * 20
                               ).status, 431)
        self.assertEqual(len(there.requests), 1)

    def test_limit_of_requests_at_a_time(self):
        """Those under way count as tunnels; who has his answer does not."""
        there = self.origin(lambda conn, request: (
            self.hold() if request.target == '/hold' else
            tell(conn, request)))
        other = self.origin()
        # In one thread, whose reply is told only when its place is free.
        proxy = self.forward('--max-tunnels', '2', '--threads', '1')
        done = self.client(proxy)
        self.assertEqual(done.ask('GET', there.url).status, 200)
        busy = [self.client(proxy) for _ in range(2)]
        for c in busy:
            c.send(c.request('GET', there.url + '/hold'))
        await_true(lambda: len(there.requests) == 3)
        self.assertEqual(done.ask('GET', other.url).status, 503)
        # The connection that is kept still leads to where it did.
        reset(busy[0].sock)
        await_true(lambda: done.ask('GET', other.url).status == 200)
        self.assertEqual(done.ask('GET', there.url + '/a').status, 200)
        self.assertEqual(len(other.requests), 1)
        self.assertEqual(there.requests[-1].target, '/a')

    def test_limit_of_connections(self):
        there = self.origin()
        proxy = self.forward('--max-per-client', '2')
        kept = [self.client(proxy) for _ in range(2)]
        for c in kept:
            self.assertEqual(c.ask('GET', there.url).status, 200)
        self.assertEqual(self.client(proxy).ask('GET', there.url).status, 429)
        self.assertEqual(kept[0].ask('GET', there.url).status, 200)

    def test_handshake_timeout(self):
        """A request that comes too slowly, and a client that is silent between
        two, which is no mistake of its."""
        there = self.origin()
        c = self.client(self.forward('--handshake-timeout', '2'))
        self.assertEqual(c.ask('GET', there.url).status, 200)
        self.assertEqual(c.stream.rest(), b'')
        c = self.client(self.forward('--handshake-timeout', '2'))
        self.assertEqual(c.ask('GET', there.url).status, 200)
        c.send(c.request('GET', there.url)[:20])
        self.assertEqual(c.reply().status, 408)

    def test_loops(self):
        """To the proxy itself, and around by another one."""
        proxy = self.forward()
        c = self.client(proxy)
        own = 'http://127.0.0.1:%d/' % proxy.port
        self.assertIn(c.ask('GET', own).status, (403, 502, 508))
        there = self.origin()
        self.assertEqual(c.ask('GET', there.url).status, 200)
        via = there.requests[0].get('via')
        self.assertIn(c.ask('GET', there.url, 'Via: 1.0 x, ' + via).status,
                      (502, 508))
        self.assertEqual(len(there.requests), 1)


class Authentication(Forwarded):
    def challenged(self, answer):
        self.assertEqual(answer.status, 407)
        self.assertIn('Basic realm="tunnel-proxy"',
                      answer.get('proxy-authenticate'))

    def test_every_request(self):
        """Who was let in once shows its credentials again."""
        there = self.origin()
        c = self.client(self.forward('--user', 'u:pass:w'))
        for _ in range(2):
            self.challenged(c.ask('GET', there.url))
            self.assertEqual(c.ask('GET', there.url, BASIC).status, 200)
            self.assertEqual(c.ask('GET', there.url, BASIC).status, 200)
            self.challenged(c.ask('GET', there.url, BASIC + 'x'))
        self.assertEqual(len(there.requests), 4)
        for request in there.requests:
            self.assertIsNone(request.get('proxy-authorization'))

    def test_pipelined(self):
        there = self.origin()
        c = self.client(self.forward('--user', 'u:pass:w'))
        c.send(*[c.request('GET', there.url, *f)
                 for f in ([BASIC], [], [BASIC], [])])
        self.assertEqual([c.reply().status for _ in range(4)],
                         [200, 407, 200, 407])
        self.assertEqual(len(there.requests), 2)

    def test_content_of_a_refused_request(self):
        """It is nobody's request."""
        there = self.origin()
        c = self.client(self.forward('--user', 'u:pass:w'))
        body = c.request('GET', there.url, BASIC)       # smuggled in, it hopes
        self.challenged(c.ask('POST', there.url, body=body))
        self.assertEqual(c.stream.held, b'')
        c = self.client(self.forward('--user', 'u:pass:w'))
        c.send(c.request('POST', there.url, 'Transfer-Encoding: chunked'),
               chunked(body))
        self.challenged(c.reply('POST'))
        self.assertEqual(there.requests, [])

    def test_tunnel_on_the_kept_connection(self):
        there = self.origin()
        proxy = self.forward('--user', 'u:pass:w')
        c = self.client(proxy)
        self.assertEqual(c.ask('GET', there.url, BASIC).status, 200)
        head = ('CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n'
                % (there.port, there.port)).encode()
        c.send(head, BASIC.encode(), b'\r\n\r\n')
        self.assertEqual(Message(c.stream, 'GET', content=False).status, 200)
        c.send(b'GET /in HTTP/1.1\r\nHost: x\r\n\r\n')
        self.assertEqual(c.reply().body, b'GET /in HTTP/1.1\n')
        c = self.client(proxy)
        self.assertEqual(c.ask('GET', there.url, BASIC).status, 200)
        c.send(head, b'\r\n')
        self.challenged(c.reply())

    def test_curl(self):
        """Basic and Digest, with content that has to be sent twice, over one
        connection of its and one to the origin."""
        there = self.origin()
        proxy = self.forward('--user', 'u:pass:w')
        path = self.file('data', bytes(300000))
        for scheme in ('--proxy-basic', '--proxy-digest', '--proxy-anyauth'):
            before = len(there.requests), there.connections
            out = self.curl(proxy, scheme, '-U', 'u:pass:w', '-o', os.devnull,
                            '-o', os.devnull, '-w',
                            '%{http_code} %{num_connects} ', '-T', path,
                            there.url, there.url)
            codes = out.split()
            self.assertEqual(codes[0::2], [b'200', b'200'], scheme)
            self.assertEqual(len(there.requests), before[0] + 2)
            self.assertEqual(len(there.requests[-2].body), 300000)
            out = self.curl(proxy, scheme, '-U', 'u:pass:w', '-w',
                            '%{num_connects} ', *[there.url] * 4)
            self.assertEqual(out.count(b'\n0 '), 3, scheme)
        for request in there.requests:
            self.assertIsNone(request.get('proxy-authorization'))
        out = self.curl(proxy, '--proxy-digest', '-U', 'u:wrong', '-o',
                        os.devnull, '-w', '%{http_code}', there.url)
        self.assertEqual(out, b'407')


class Watching(Operated):
    def asked(self, *options):
        proxy = self.proxy('--forward', *options)
        return proxy, Client(self, proxy)

    def origin(self):
        return Origin(self, tell)

    def test_access_log(self):
        there = self.origin()
        for form in ('text', 'json'):
            log = os.path.join(self.dir, form)
            proxy, c = self.asked('--access-log', log, '--log-format', form,
                                  '--user', 'u:pass:w')
            c.ask('GET', there.url + '/a', BASIC)
            c.ask('POST', there.url + '/b', BASIC, body=b'12345')
            c.ask('GET', there.url)
            c.ask('HEAD', 'http://127.0.0.1:1/', BASIC)
            c.ask('BREW', there.url, BASIC)
            await_true(lambda: len(lines_of(log)) == 5)
            c.sock.close()
            target = '127.0.0.1:%d' % there.port
            want = [('u', target, '200', 'ok', '0', '16', 'GET'),
                    ('u', target, '200', 'ok', '5', '22', 'POST'),
                    ('-', target, '407', 'http_request_denied', '0', '0',
                     'GET'),
                    ('u', '127.0.0.1:1', '502', 'connection_refused', '0', '0',
                     'HEAD'),
                    ('u', target, '200', 'ok', '0', '16', 'BREW')]
            for line, row in zip(lines_of(log), want):
                if form == 'json':
                    r = json.loads(line)
                    got = [str(r[k]) or '-' for k in (
                        'user', 'target', 'status', 'outcome', 'up', 'down',
                        'method')]
                    self.assertLess(r['seconds'], 30)
                else:
                    words = line.split()
                    got = words[2:4] + words[5:9] + words[10:]
                    self.assertEqual(len(words), 11)
                self.assertEqual(tuple(got), row)
            # The connection's end is worth no line.
            time.sleep(0.1)
            self.assertEqual(len(lines_of(log)), 5)

    def test_metrics(self):
        there = self.origin()
        proxy, c = self.asked('--status', '127.0.0.1:0', '--allow',
                              '127.0.0.1:%d' % there.port)
        for _ in range(3):
            c.ask('POST', there.url, body=b'12345')
        c.ask('GET', 'http://127.0.0.1:1/')

        def passed():
            status, _, text = get(proxy.status, '/metrics')
            self.assertEqual(status, 200)
            numbers = dict(line.rsplit(' ', 1) for line in text.splitlines()
                           if line and not line.startswith('#'))
            return [v for k, v in numbers.items() if 'passed' in k]
        # A thread of the proxy may still be behind what it has sent.
        await_true(lambda: passed() == ['3'])
        self.assertEqual(get(proxy.status, '/')[0], 200)

    def test_verbose(self):
        there = self.origin()
        proxy, c = self.asked('-v')
        c.ask('GET', there.url)
        await_true(lambda: '127.0.0.1:%d 200 0 15 ok' % there.port in
                   proxy.process.said())


class Ending(Operated):
    def test_drain(self):
        """What is under way comes to its end, then the connection ends; who
        waits between two requests is not waited for."""
        def answer(conn, request):
            if request.target == '/slow':
                go.wait(harness.PATIENCE)
            conn.sendall(reply(b'done'))
        go = threading.Event()
        there = Origin(self, answer)
        proxy = self.proxy('--forward', '--drain', '50')
        proxy.may_end = True
        idle, busy = Client(self, proxy), Client(self, proxy)
        self.assertEqual(idle.ask('GET', there.url).status, 200)
        busy.send(busy.request('GET', there.url + '/slow'))
        await_true(lambda: len(there.requests) == 2)
        self.signal(proxy, signal.SIGTERM)
        await_true(lambda: not peers.answers(proxy.port))
        self.assertEqual(idle.stream.rest(), b'')
        go.set()
        answer = busy.reply()
        self.assertEqual((answer.status, answer.body), (200, b'done'))
        self.assertEqual(busy.stream.rest(), b'')
        self.assertEqual(proxy.process.wait(), 0)

    def test_drain_has_an_end(self):
        there = Origin(self, lambda conn, request: (
            conn.sendall(reply(b'x' * 9)[:-1]), self.hold()))
        proxy = self.proxy('--forward', '--drain', '0.5')
        proxy.may_end = True
        c = Client(self, proxy)
        c.send(c.request('GET', there.url))
        self.assertEqual(c.reply(content=False).status, 200)
        self.signal(proxy, signal.SIGTERM)
        with self.assertRaises(ConnectionResetError):
            c.stream.rest()
        self.assertEqual(proxy.process.wait(), 0)
