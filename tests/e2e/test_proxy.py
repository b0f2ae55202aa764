"""tunnel-proxy against clients and origins that behave, and that do not."""

import hashlib
import os
import socket
import struct
import threading
import time

import harness
import peers
from harness import await_true, recv_all, recv_exactly, recv_until

BUFFERS = 2 * 65536


def head(port, host='127.0.0.1'):
    return b'CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n' % (
        host.encode(), port, host.encode(), port)


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    conn.close()


class Proxied(harness.Case):
    def proxy(self, *options):
        p = peers.TunnelProxy(*options)
        self.addCleanup(p.stop)
        return p

    def tunnel(self, proxy, port):
        """A connected socket with an open tunnel."""
        s = self.connected(proxy.port)
        s.sendall(head(port))
        self.assertTrue(recv_until(s, b'\r\n\r\n').startswith(
            b'HTTP/1.1 200 '))
        return s

    def ask(self, proxy, request):
        """The whole answer to a request."""
        s = self.connected(proxy.port)
        s.sendall(request)
        return recv_all(s)


def echo(conn):
    while True:
        data = conn.recv(1 << 16)
        if not data:
            return
        conn.sendall(data)


class Tunnels(Proxied):
    def test_early_data(self):
        data = os.urandom(1 << 20)
        came = []

        def origin(conn):
            came.append(recv_exactly(conn, len(data)))
            conn.sendall(b'thanks')
        there = self.serve(origin)
        s = self.connected(self.proxy().port)
        s.sendall(head(there.port) + data)
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_all(s), b'thanks')
        self.assertEqual(came, [data])

    def test_dribbled_head(self):
        there = self.serve(echo)
        s = self.connected(self.proxy().port)
        for byte in head(there.port) + b'hello':
            s.sendall(bytes([byte]))
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_exactly(s, 5), b'hello')

    def test_client_ends_first(self):
        page = os.urandom(1 << 20)

        def origin(conn):
            self.assertEqual(recv_all(conn), b'question')
            time.sleep(0.2)
            conn.sendall(page)
        s = self.tunnel(self.proxy(), self.serve(origin).port)
        s.sendall(b'question')
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(s), page)

    def test_origin_ends_first(self):
        came = []

        def origin(conn):
            conn.sendall(b'bye')
            conn.shutdown(socket.SHUT_WR)
            came.append(recv_all(conn))
        s = self.tunnel(self.proxy(), self.serve(origin).port)
        self.assertEqual(recv_all(s), b'bye')
        data = os.urandom(1 << 20)
        s.sendall(data)
        s.close()
        await_true(lambda: came)
        self.assertEqual(came, [data])

    def test_reset_by_origin(self):
        def origin(conn):
            conn.sendall(b'half')
            recv_until(conn, b'go')
            reset(conn)
        s = self.tunnel(self.proxy(), self.serve(origin).port)
        self.assertEqual(recv_exactly(s, 4), b'half')
        s.sendall(b'go')
        with self.assertRaises(ConnectionResetError):
            recv_all(s)

    def test_reset_by_client(self):
        how = []

        def origin(conn):
            conn.sendall(b'ready')
            try:
                how.append(recv_all(conn))
            except ConnectionResetError:
                how.append('reset')
        s = self.tunnel(self.proxy(), self.serve(origin).port)
        self.assertEqual(recv_exactly(s, 5), b'ready')
        reset(s)
        await_true(lambda: how)
        self.assertEqual(how, ['reset'])

    def test_stalled_reader(self):
        """256 MiB at a client that does not read for seconds."""
        total, block = 256 << 20, os.urandom(1 << 20)
        want = hashlib.sha256(block * 256).digest()
        pings = []

        def origin(conn):
            def listen():
                while True:
                    data = conn.recv(4)
                    if not data:
                        return
                    pings.append((time.monotonic(), data))
            t = threading.Thread(target=listen, daemon=True)
            t.start()
            for _ in range(total // len(block)):
                conn.sendall(block)
            conn.shutdown(socket.SHUT_WR)
            t.join()
        proxy = self.proxy()
        s = self.tunnel(proxy, self.serve(origin).port)
        before = proxy.process.resident()
        began = time.monotonic()
        for i in range(20):
            s.sendall(b'ping')
            time.sleep(0.1)
        stalled = time.monotonic()
        # The other direction has moved all the time.
        await_true(lambda: sum(len(d) for _, d in pings) == 80, 5)
        self.assertGreater(sum(1 for t, _ in pings if t < stalled), 10)
        self.assertGreater(stalled - began, 1.9)
        self.assertLess(proxy.process.resident() - before,
                        BUFFERS + (1 << 20))
        digest = hashlib.sha256()
        left = total
        while left:
            data = s.recv(1 << 20)
            self.assertTrue(data)
            digest.update(data)
            left -= len(data)
        self.assertEqual(digest.digest(), want)
        self.assertEqual(s.recv(1), b'')
        self.assertLess(proxy.process.resident() - before,
                        BUFFERS + (1 << 20))

    def test_write_write_read(self):
        """Two small writes and an answer: no delayed ACK in between."""
        def origin(conn):
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(21):
                recv_exactly(conn, 2)
                conn.sendall(b'r')
        s = self.tunnel(self.proxy(), self.serve(origin).port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        spent = []
        for _ in range(21):
            began = time.monotonic()
            s.sendall(b'a')
            s.sendall(b'b')
            recv_exactly(s, 1)
            spent.append(time.monotonic() - began)
        self.assertLess(sorted(spent)[10], 0.020)

    def test_200_tunnels(self):
        there = self.serve(echo)
        proxy = self.proxy()
        tunnels = [self.tunnel(proxy, there.port) for _ in range(200)]
        data = [os.urandom(20000 + i) for i in range(200)]
        for s, d in zip(tunnels, data):
            s.sendall(d)
        for s, d in zip(tunnels, data):
            self.assertEqual(hashlib.sha256(recv_exactly(s, len(d))).digest(),
                             hashlib.sha256(d).digest())

    def test_descriptors_come_back(self):
        there = self.serve(echo)
        proxy = self.proxy()
        where = '/proc/%d/fd' % proxy.process.pid
        before = len(os.listdir(where))
        for i in range(50):
            s = self.tunnel(proxy, there.port)
            s.close() if i % 2 else reset(s)
            self.ask(proxy, b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await_true(lambda: len(os.listdir(where)) == before)

    def test_ipv6(self):
        try:
            there = self.serve(echo, family=socket.AF_INET6)
        except OSError:
            self.skipTest('no IPv6 loopback')
        s = self.connected(self.proxy().port)
        s.sendall(b'CONNECT [::1]:%d HTTP/1.1\r\nHost: [::1]:%d\r\n\r\nhi'
                  % (there.port, there.port))
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_exactly(s, 2), b'hi')

    def test_idle_costs_no_cpu(self):
        there = self.serve(echo)
        proxy = self.proxy()
        tunnels = [self.tunnel(proxy, there.port) for _ in range(20)]
        for s in tunnels[:10]:
            s.shutdown(socket.SHUT_WR)
        half = self.tunnel(proxy, self.serve(
            lambda conn: time.sleep(5)).port)
        half.shutdown(socket.SHUT_WR)
        time.sleep(0.3)
        before = proxy.process.cpu()
        time.sleep(1.2)
        self.assertLessEqual(proxy.process.cpu() - before, 0.02)

    def test_idle_timeout(self):
        proxy = self.proxy('--idle-timeout', '0.5')
        s = self.tunnel(proxy, self.serve(echo).port)
        with self.assertRaises(ConnectionResetError):
            recv_all(s)


class Refusals(Proxied):
    def status(self, answer):
        """The status of what must be exactly one complete, closing reply."""
        top, _, body = answer.partition(b'\r\n\r\n')
        self.assertEqual(answer.count(b'HTTP/1.1'), 1, answer)
        length = [int(line.split(b':')[1]) for line in top.split(b'\r\n')
                  if line.lower().startswith(b'content-length:')]
        self.assertEqual(length, [len(body)], answer)
        self.assertIn(b'\r\nConnection: close', top)
        return int(top.split()[1])

    def test_bad_requests(self):
        proxy = self.proxy()
        ok = b'Host: a.test:443\r\n'
        for want, request in (
                (400, b'CONNECT a.test:443 HTTP/1.1\r\n\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\r\n' + ok + ok + b'\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\r\nHost: b\r\n\r\n'),
                (400, b'CONNECT a.test:65979 HTTP/1.1\r\nHost: a.test\r\n\r\n'),
                (400, b'CONNECT a.test:0 HTTP/1.1\r\nHost: a.test\r\n\r\n'),
                (400, b'CONNECT u@a.test:443 HTTP/1.1\r\n' + ok + b'\r\n'),
                (400, b'CONNECT 127.1:22 HTTP/1.1\r\nHost: 127.1:22\r\n\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\r\n' + ok +
                 b'Content-Length: 0\r\n\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\r\n' + ok +
                 b'Transfer-Encoding: chunked\r\n\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\r\n' + ok +
                 b' folded\r\n\r\n'),
                (400, b'CONNECT a.test:443 HTTP/1.1\n' + ok + b'\n'),
                (400, b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
                (400, b'SSH-2.0-OpenSSH_9.2\r\n'),
                (505, b'CONNECT a.test:443 HTTP/2.0\r\n' + ok + b'\r\n'),
                (414, b'CONNECT ' + b'a' * 9000),
                (431, b'CONNECT a.test:443 HTTP/1.1\r\nX: ' + b'a' * 70000),
                (405, b'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n'),
                (405, b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n'
                 b'\r\nhello')):
            answer = self.ask(proxy, request)
            self.assertEqual(self.status(answer), want, request[:80])
            if want == 405:
                self.assertIn(b'\r\nAllow: CONNECT\r\n', answer)

    def test_default_policy(self):
        there = self.serve(echo)
        proxy = self.proxy('--deny', 'nothing.test')
        self.assertEqual(self.status(self.ask(proxy, head(there.port))), 403)
        bare = peers.TunnelProxy.__new__(peers.TunnelProxy)
        bare.process = harness.Process([harness.PROXY, '-l', '127.0.0.1:0'])
        self.addCleanup(bare.process.stop)
        bare.port = int(bare.process.stdout.readline().split(b':')[1])
        for target in (b'127.0.0.1:443', b'localhost:443', b'[::1]:22',
                       b'169.254.169.254:443', b'10.0.0.1:22', b'8.8.8.8:80'):
            answer = self.ask(bare, b'CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n'
                              % (target, target))
            self.assertEqual(self.status(answer), 403, target)
            self.assertIn(b'\r\nProxy-Status: ', answer)

    def test_unreachable(self):
        self.assertEqual(self.status(self.ask(
            self.proxy(), head(harness.free_port()))), 502)
        self.assertEqual(self.status(self.ask(
            self.proxy('--allow', '*'), head(443, 'no.such.name.invalid'))),
            502)

    def test_nothing_behind_a_refusal_is_a_request(self):
        there = self.serve(echo)
        proxy = self.proxy('--deny', '*')
        follow = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n' + head(there.port)
        answer = self.ask(proxy, head(there.port) + follow * 100)
        self.assertEqual(self.status(answer), 403)

    def test_refusal_reaches_who_still_sends(self):
        """A close on unread bytes would be a reset, and the reply lost."""
        s = self.connected(self.proxy('--deny', '*').port)
        s.sendall(head(443) + bytes(1 << 19))
        self.assertEqual(self.status(recv_all(s)), 403)

    def test_slow_head(self):
        proxy = self.proxy('--handshake-timeout', '0.7')
        s = self.connected(proxy.port)
        began = time.monotonic()
        s.settimeout(0.1)
        answer = b''
        for byte in head(443) * 10:
            try:
                s.sendall(bytes([byte]))
                answer += s.recv(4096)
            except TimeoutError:
                pass
            except OSError:
                break
            if b'\r\n\r\n' in answer:
                break
        self.assertTrue(answer.startswith(b'HTTP/1.1 408 '), answer)
        self.assertLess(time.monotonic() - began, 3)

    def test_credentials(self):
        there = self.serve(echo)
        proxy = self.proxy('--user', 'u:p')
        answer = self.ask(proxy, head(there.port))
        self.assertEqual(self.status(answer), 407)
        self.assertIn(b'\r\nProxy-Authenticate: Basic realm=', answer)
        s = self.connected(proxy.port)
        s.sendall(head(there.port)[:-2] +
                  b'Proxy-Authorization: Basic dTpw\r\n\r\nhi')
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_exactly(s, 2), b'hi')
        with open('/proc/%d/cmdline' % proxy.process.pid, 'rb') as f:
            self.assertNotIn(b'u:p', f.read())

    def test_usage(self):
        for args in (['--nonsense'], ['operand'], ['--allow', 'a..b'],
                     ['--user', 'nocolon'], ['-l', 'x'], ['-l'],
                     ['--idle-timeout', 'x']):
            p = self.start([harness.PROXY] + args)
            self.assertEqual(p.wait(), 2, args)
            self.assertEqual(p.said().count('\n'), 1)
        busy = self.serve(echo)
        p = self.start([harness.PROXY, '-l', '127.0.0.1:%d' % busy.port])
        self.assertEqual(p.wait(), 1)
        self.assertIn('127.0.0.1:%d' % busy.port, p.said())


class Starved(Proxied):
    def test_no_descriptors_left(self):
        """Accepting pauses without spinning, and goes on by itself."""
        there = self.serve(echo)
        self.proxy_process = self.start(
            ['/bin/sh', '-c', 'ulimit -n 24; exec "$0" "$@"', harness.PROXY,
             '-l', '127.0.0.1:0', '--allow', '127.0.0.0/8'])
        port = int(self.proxy_process.stdout.readline().split(b':')[1])
        waiting = [self.connected(port) for _ in range(60)]
        time.sleep(0.3)
        before = self.proxy_process.cpu()
        time.sleep(1)
        self.assertLessEqual(self.proxy_process.cpu() - before, 0.05)
        for s in waiting[:-1]:
            s.close()
        s = waiting[-1]
        s.sendall(head(there.port) + b'hi')
        self.assertTrue(recv_until(s, b'\r\n\r\n').startswith(
            b'HTTP/1.1 200 '))
        self.assertEqual(recv_exactly(s, 2), b'hi')
