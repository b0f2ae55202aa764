"""What tunnel-proxy is asked for, and what it answers."""

import os
import socket
import time

import harness
from harness import await_true, recv_all, recv_exactly, recv_until
from scripted import MIB, Proxied, echo, head

TARGET = b'a.test:443'


def connect(*lines, target=TARGET, version=b'HTTP/1.1'):
    """A CONNECT with these fields."""
    return b'CONNECT ' + target + b' ' + version + b'\r\n' + b''.join(
        line + b'\r\n' for line in lines) + b'\r\n'


def to(target):
    return connect(b'Host: ' + target, target=target)


HOST = b'Host: ' + TARGET
BAD = (
    (400, 'no Host', connect()),
    (400, 'two Hosts', connect(HOST, HOST)),
    (400, 'another Host', connect(b'Host: b.test:443')),
    (400, 'another port', connect(b'Host: a.test:80')),
    (400, 'no host in Host', b'GET / HTTP/1.1\r\nHost: x y\r\n\r\n'),
    (405, 'an empty Host', b'GET / HTTP/1.1\r\nHost:\r\n\r\n'),
    (400, 'Host of nothing', connect(b'Host:')),
    (400, 'port + 2^16', to(b'a.test:65979')),
    (400, 'port + 2^32', to(b'a.test:4294967739')),
    (400, 'port + 2^64', to(b'a.test:18446744073709552059')),
    (400, 'port 0', to(b'a.test:0')),
    (400, 'no port', to(b'a.test')),
    (400, 'signed port', to(b'a.test:+443')),
    (400, 'userinfo', to(b'u@a.test:443')),
    (400, 'path', to(b'a.test:443/')),
    (400, 'absolute', to(b'http://a.test:443/')),
    (400, 'percent', to(b'a%2etest:443')),
    (400, 'short IPv4', to(b'127.1:22')),
    (400, 'one number', to(b'2130706433:22')),
    (400, 'hexadecimal', to(b'0x7f.0.0.1:22')),
    (400, 'octal', to(b'0177.0.0.1:22')),
    (400, 'name in brackets', to(b'[a.test]:443')),
    (400, 'IPv4 in brackets', to(b'[127.0.0.1]:443')),
    (400, 'zone', to(b'[fe80::1%25lo]:443')),
    (400, 'Content-Length 0', connect(HOST, b'Content-Length: 0')),
    (400, 'Content-Length 5', connect(HOST, b'Content-Length: 5') + b'hello'),
    (400, 'chunked', connect(HOST, b'Transfer-Encoding: chunked') +
     b'0\r\n\r\n'),
    (400, 'obs-fold', connect(HOST, b' folded')),
    (400, 'space before colon', connect(HOST, b'X : y')),
    (400, 'NUL', connect(HOST, b'X: \x00')),
    (400, 'fourth word', connect(HOST, version=b'HTTP/1.1 x')),
    (400, 'two spaces', connect(HOST, target=b' ' + TARGET)),
    (400, 'bare LF', connect(HOST).replace(b'\r\n', b'\n')),
    (400, 'TLS', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    (400, 'SOCKS', b'\x05\x01\x00'),
    (400, 'SSH', b'SSH-2.0-OpenSSH_9.2\r\n'),
    (505, 'HTTP/2.0', connect(HOST, version=b'HTTP/2.0')),
    (505, 'HTTP/0.9', connect(HOST, version=b'HTTP/0.9')),
    (414, 'line without end', b'CONNECT ' + b'a' * 9000),
    (431, 'field without end', connect(HOST)[:-2] + b'X: ' + b'a' * 70000),
    (431, 'too many fields', connect(HOST, *[b'X: y'] * 20000)),
    (405, 'GET', b'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    (405, 'POST', b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n'
     b'hello'),
    (405, 'small letters', b'c' + connect(HOST)[1:].replace(
        b'ONNECT', b'onnect')),
)


class Refusals(Proxied):
    def test_bad_requests(self):
        proxy = self.proxy()
        for want, name, request in BAD:
            with self.subTest(name):
                answer = self.ask(proxy, request)
                self.assertEqual(self.status(answer), want)
                if want == 405:
                    self.assertIn(b'\r\nAllow: CONNECT\r\n', answer)

    def test_nothing_behind_a_refusal_is_a_request(self):
        came = []
        there = self.serve(came.append)
        follow = (b'GET / HTTP/1.1\r\nHost: a\r\n\r\n' + head(there.port)) * 99
        proxy = self.proxy('--deny', '127.0.0.1:1', '--allow', '127.0.0.1')
        # The same rules let the second one through.
        self.tunnel(proxy, there.port)
        await_true(lambda: came)
        del came[:]
        for want, request in ((403, head(1)),
                              (400, connect(HOST, b'Content-Length: 5')),
                              (400, connect(HOST, HOST)),
                              (405, b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')):
            self.assertEqual(self.status(self.ask(proxy, request + follow)),
                             want)
            # Also when it comes a little later.
            s = self.connected(proxy.port)
            s.sendall(request)
            top = recv_until(s, b'\r\n\r\n')
            try:
                s.sendall(follow)
                rest = recv_all(s)
            except ConnectionError:     # closed by then
                rest = None
            if rest is not None:
                self.assertEqual(self.status(top + rest), want)
        self.assertEqual(came, [])

    def test_refusal_reaches_who_still_sends(self):
        """A close on unread bytes would be a reset, and the reply lost."""
        s = self.connected(self.proxy('--deny', '*').port)
        s.sendall(head(443) + bytes(1 << 19))
        self.assertEqual(self.status(recv_all(s)), 403)

    def test_credentials(self):
        there = self.serve(echo)
        proxy = self.proxy('--user', 'u:p')

        def with_token(token):
            return head(there.port)[:-2] + (
                b'Proxy-Authorization: ' + token + b'\r\n\r\n')
        for request in (head(there.port), with_token(b'Basic dTpx'),
                        with_token(b'Basic dTpw='), with_token(b'Basic'),
                        with_token(b'Bearer dTpw'), with_token(b'Basic dTo='),
                        with_token(b'Basic dTpw')[:-2] +
                        b'Proxy-Authorization: Basic dTpx\r\n\r\n'):
            answer = self.ask(proxy, request)
            self.assertEqual(self.status(answer), 407, request)
            self.assertIn(b'\r\nProxy-Authenticate: Basic realm=', answer)
        s = self.connected(proxy.port)
        s.sendall(with_token(b'basic dTpw') + b'hi')
        self.assertTrue(recv_until(s, b'\r\n\r\n').startswith(
            b'HTTP/1.1 200 '))
        self.assertEqual(recv_exactly(s, 2), b'hi')
        with open('/proc/%d/cmdline' % proxy.process.pid, 'rb') as f:
            self.assertNotIn(b'u:p', f.read())

    def test_slow_heads(self):
        proxy = self.proxy('--handshake-timeout', '1')
        began = time.monotonic()
        silent, half = self.connected(proxy.port), self.connected(proxy.port)
        half.sendall(head(443)[:20])
        s = self.connected(proxy.port)
        s.settimeout(0.1)
        answer = b''
        for byte in head(443) * 10:
            try:
                s.sendall(bytes([byte]))
            except ConnectionError:
                pass        # it has closed by now; what it said is there
            try:
                answer += s.recv(4096)
            except socket.timeout:
                continue
            if b'\r\n\r\n' in answer:
                break
        spent = time.monotonic() - began
        self.assertTrue(answer.startswith(b'HTTP/1.1 408 '), answer)
        self.assertGreater(spent, 0.9)
        # There are bytes for longer than that.
        self.assertLess(spent, 25)
        for s in (silent, half):
            self.assertEqual(self.status(recv_all(s)), 408)

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


class Targets(Proxied):
    def test_default_policy(self):
        proxy = self.proxy(rules=False)
        for target in (b'127.0.0.1:443', b'127.0.0.1:22', b'127.8.8.8:443',
                       b'localhost:443', b'localhost:22', b'0.0.0.0:443',
                       b'[::1]:22', b'[::ffff:127.0.0.1]:443', b'[::]:443',
                       b'169.254.169.254:443', b'10.0.0.1:22',
                       b'192.168.0.1:443', b'[fe80::1]:443', b'8.8.8.8:80'):
            answer = self.ask(proxy, to(target))
            self.assertEqual(self.status(answer), 403, target)
            self.assertIn(b'\r\nProxy-Status: ', answer)

    def test_a_rule_for_names_opens_no_special_address(self):
        proxy = self.proxy('--allow', '*')
        there = self.serve(echo)
        for host in ('127.0.0.1', 'localhost'):
            answer = self.ask(proxy, head(there.port, host))
            self.assertEqual(self.status(answer), 403)
            self.assertIn(b'destination_ip_prohibited', answer)

    def test_first_rule_that_matches(self):
        there, other = self.serve(echo), self.serve(echo)
        proxy = self.proxy('--deny', '127.0.0.1:%d' % other.port, '--allow',
                           '127.0.0.0/8:%d,%d' % (there.port, other.port))
        self.tunnel(proxy, there.port)
        self.assertEqual(self.status(self.ask(proxy, head(other.port))), 403)
        self.assertEqual(self.status(self.ask(proxy, head(1))), 403)

    def test_name(self):
        there = self.serve(echo)
        s = self.connected(self.proxy().port)
        s.sendall(head(there.port, 'localhost') + b'hi')
        self.assertTrue(recv_until(s, b'\r\n\r\n').startswith(
            b'HTTP/1.1 200 '))
        self.assertEqual(recv_exactly(s, 2), b'hi')

    def test_unreachable(self):
        answer = self.ask(self.proxy(), head(self.free_port()))
        self.assertEqual(self.status(answer), 502)
        self.assertIn(b'connection_refused', answer)
        answer = self.ask(self.proxy('--allow', '*'),
                          head(443, 'no.such.name.invalid'))
        self.assertEqual(self.status(answer), 502)

    def test_ipv6(self):
        try:
            there = self.serve(echo, family=socket.AF_INET6)
        except OSError:
            self.skipTest('no IPv6 loopback')
        proxy = self.proxy('-l', '[::1]:0')
        s = self.connected(proxy.port, host='::1')
        s.sendall(to(b'[::1]:%d' % there.port) + b'hi')
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_exactly(s, 2), b'hi')


class Openings(Proxied):
    def test_the_reply(self):
        there = self.serve(echo)
        s = self.connected(self.proxy().port)
        for request in (head(there.port),
                        head(there.port).replace(b'1.1\r\n', b'1.0\r\n', 1),
                        b'CONNECT 127.0.0.1:%d HTTP/1.0\r\n\r\n' % there.port,
                        b'\r\n' + head(there.port)):
            s = self.connected(self.proxy().port)
            s.sendall(request)
            reply = recv_until(s, b'\r\n\r\n').lower()
            self.assertTrue(reply.startswith(b'http/1.1 200 '), reply)
            self.assertNotIn(b'content-length', reply)
            self.assertNotIn(b'transfer-encoding', reply)

    def test_early_data(self):
        data = os.urandom(MIB)
        came = []

        def origin(conn):
            came.append(recv_exactly(conn, len(data)))
            conn.sendall(b'thanks')
        there = self.serve(origin)
        s = self.connected(self.proxy().port)
        s.sendall(head(there.port) + data)
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_all(s), b'thanks')
        self.assertTrue(came == [data])

    def test_early_data_and_end(self):
        """All is said, and the client's side closed, before the answer."""
        data = os.urandom(3000)
        there = self.serve(lambda conn: conn.sendall(recv_all(conn)))
        s = self.connected(self.proxy().port)
        s.sendall(head(there.port) + data)
        s.shutdown(socket.SHUT_WR)
        recv_until(s, b'\r\n\r\n')
        self.assertTrue(recv_all(s) == data)

    def test_dribbled_head(self):
        there = self.serve(echo)
        s = self.connected(self.proxy().port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in head(there.port) + b'hello':
            s.sendall(bytes([byte]))
            time.sleep(0.0005)
        recv_until(s, b'\r\n\r\n')
        self.assertEqual(recv_exactly(s, 5), b'hello')
