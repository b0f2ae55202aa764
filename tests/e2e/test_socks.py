"""SOCKS5: tunnel-proxy --socks and tunnel-connect -D, with foreign clients and
with scripted ones."""

import os
import re
import signal
import socket
import struct
import subprocess
import time

import harness
import peers
from harness import (CONNECT, PROXY, await_true, clean_env, lines_of, need,
                     recv_all, recv_exactly, recv_until, run)
from scripted import MIB, OK, Flood, Proxied, echo, in_background, reset

HELLO = b'\x05\x01\x00'
GREETING = b'220 mail.test ESMTP ready\r\n'


def request(host, port, command=1):
    """A request by name."""
    return (b'\x05' + bytes([command]) + b'\x00\x03' + bytes([len(host)]) +
            host.encode() + struct.pack('>H', port))


def reply(number):
    return b'\x05' + bytes([number]) + b'\x00\x01' + bytes(6)


class Socks(Proxied):
    def socks(self, *options, **kwargs):
        """tunnel-proxy, and the port of its SOCKS listener."""
        proxy = self.proxy('--socks', '127.0.0.1:0', *options, **kwargs)
        return proxy, proxy.read_port('socks')

    def dynamic(self, *options, **kwargs):
        """tunnel-connect -D 0, and its port."""
        p = self.start([CONNECT, '-D', '0'] + list(options), **kwargs)
        line = p.stdout.readline().decode()
        match = re.match(r'socks on 127\.0\.0\.1:(\d+)\n$', line)
        self.assertTrue(match, line + p.said())
        return p, int(match.group(1))

    def answer(self, port, said):
        """All that is heard when this is said."""
        s = self.connected(port)
        s.sendall(said)
        return recv_all(s)

    def opened(self, port, host, to, early=b''):
        s = self.connected(port)
        s.sendall(HELLO + request(host, to) + early)
        self.assertEqual(recv_exactly(s, 12), b'\x05\x00' + reply(0))
        return s

    def page(self):
        """A web server: its port, and the page that it has."""
        page = os.urandom(MIB)

        def serve(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n'
                         b'Connection: close\r\n\r\n' % len(page) + page)
        return self.serve(serve).port, page

    def curl(self, port, url, scheme='socks5', *more):
        """Exit status, page, messages."""
        p = self.start([need('curl', 'curl'), '-q', '-sS', '--noproxy', '',
                        '-x', '%s://127.0.0.1:%d' % (scheme, port)] +
                       list(more) + [url])
        page = p.stdout.read()
        return p.wait(), page, p.said()


class Scripted(Socks):
    def test_early_bytes_and_half_close(self):
        there = self.serve(lambda c: c.sendall(recv_all(c) + b' late'))
        _, port = self.socks()
        s = self.opened(port, '127.0.0.1', there.port, b'early')
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(s), b'early late')

    def test_byte_by_byte(self):
        there = self.serve(echo)
        _, port = self.socks('--user', 'u:p')
        s = self.connected(port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in (b'\x05\x02\x00\x02' + b'\x01\x01u\x01p' +
                     request('127.0.0.1', there.port) + b'early'):
            s.sendall(bytes([byte]))
            time.sleep(0.002)
        self.assertEqual(recv_exactly(s, 19), b'\x05\x02\x01\x00' + reply(0) +
                         b'early')

    def test_addresses(self):
        there = self.serve(echo)
        six = self.serve(echo, family=socket.AF_INET6)
        _, port = self.socks('--allow', '127.0.0.1', '--allow', '::1')
        for kind, addr, to in ((1, socket.inet_aton('127.0.0.1'), there),
                               (4, bytes(15) + b'\x01', six),
                               (4, bytes(10) + b'\xff\xff\x7f\0\0\x01', there)):
            s = self.connected(port)
            s.sendall(HELLO + b'\x05\x01\x00' + bytes([kind]) + addr +
                      struct.pack('>H', to.port) + b'x')
            self.assertEqual(recv_exactly(s, 13), b'\x05\x00' + reply(0) +
                             b'x')

    def test_numbers(self):
        proxy, port = self.socks('--deny', 'a.test', '--allow', '127.0.0.1')
        for number, said in (
                (7, request('127.0.0.1', 80, 2)),
                (7, request('127.0.0.1', 80, 3)),
                (5, request('127.0.0.1', 1)),
                (2, request('127.0.0.2', 80)),
                (2, request('a.test', 80)),
                (1, request('127.0.0.1', port)),
                (1, request('127.0.0.1', proxy.port)),
                (8, b'\x05\x01\x00\x02'), (8, request('', 80)),
                (8, request('a' * 255, 0)), (8, request('127.1', 80))):
            self.assertEqual(self.answer(port, HELLO + said),
                             b'\x05\x00' + reply(number), said)

    def test_strangers(self):
        _, port = self.socks()
        self.assertEqual(self.answer(port, b'\x05\x01\x01'), b'\x05\xff')
        self.assertEqual(self.answer(
            port, b'\x04\x01\x00\x50\x7f\x00\x00\x01u\x00'),
            b'\x00\x5b' + bytes(6))
        said = self.answer(port, b'GET http://a.test/ HTTP/1.1\r\n'
                           b'Host: a.test\r\n\r\n')
        self.assertEqual(self.status(said), 400)
        self.assertIn(b'speaks SOCKS5', said)
        self.assertEqual(self.answer(port, b'\x16\x03\x01\x02\x00\x01'), b'')

    def test_slow(self):
        _, port = self.socks('--handshake-timeout', '2')
        self.assertEqual(self.answer(port, b''), b'\x05\xff')
        self.assertEqual(self.answer(port, HELLO + b'\x05\x01\x00'),
                         b'\x05\x00' + reply(1))

    def test_credentials(self):
        there = self.serve(echo)
        log = os.path.join(self.directory(), 'log')
        proxy, port = self.socks('--user', 'u:p', '--access-log', log)
        both = b'\x05\x02\x00\x02'
        self.assertEqual(self.answer(port, HELLO), b'\x05\xff')
        for wrong in (b'\x01\x01u\x01q', b'\x01\x01u\x00', b'\x01\x00\x01p',
                      b'\x01\x02u\0\x01p', b'\x05\x01u\x01p'):
            self.assertEqual(self.answer(port, both + wrong),
                             b'\x05\x02\x01\x01')
        s = self.connected(port)
        s.sendall(both + b'\x01\x01u\x01p' + request('127.0.0.1', there.port))
        self.assertEqual(recv_exactly(s, 14), b'\x05\x02\x01\x00' + reply(0))
        s.close()
        await_true(lambda: len(lines_of(log)) == 7)
        lines = [line.split()[2:7] for line in lines_of(log)]
        self.assertEqual(sorted(line[3] for line in lines),
                         ['200', '400'] + 5 * ['407'])
        target = '127.0.0.1:%d' % there.port
        self.assertIn(['u', target, target, '200', 'ok'], lines)
        # Nobody has to log in where nobody is a user, but may.
        _, port = self.socks()
        self.assertEqual(self.answer(port, both + request('127.0.0.1', 1)),
                         b'\x05\x00' + reply(5))
        self.assertEqual(self.answer(port, b'\x05\x01\x02\x01\x01u\x01p' +
                                     request('127.0.0.1', 1)),
                         b'\x05\x02\x01\x00' + reply(5))

    def test_both_ways_at_once(self):
        flood = Flood(32)

        def origin(conn):
            finish = in_background(flood.send, conn)
            whole = flood.is_whole(conn)
            finish()
            conn.sendall(b'yes' if whole else b'no')
        _, port = self.socks()
        s = self.opened(port, '127.0.0.1', self.serve(origin).port)
        finish = in_background(flood.send, s)
        self.assertTrue(flood.is_whole(s))
        finish()
        self.assertEqual(recv_all(s), b'yes')

    def test_reset_passes(self):
        def origin(conn):
            conn.recv(1)        # not before the tunnel is open
            reset(conn)
        _, port = self.socks()
        s = self.opened(port, '127.0.0.1', self.serve(origin).port)
        s.sendall(b'x')
        with self.assertRaises(ConnectionResetError):
            recv_all(s)


class Options(Socks):
    def test_alone(self):
        """No other listener, from a file, told by --check, and by systemd."""
        conf = os.path.join(self.directory(), 'conf')
        with open(conf, 'w') as f:
            f.write('socks 127.0.0.1:0\nsocks = 127.0.0.1:0\n')
        self.assertEqual(run([PROXY, '--config', conf, '--check'])[:40],
                         b'socks 127.0.0.1:0\nsocks 127.0.0.1:0\nupst')
        p = self.start([PROXY, '--config', conf])
        for _ in range(2):
            self.assertRegex(p.stdout.readline(), rb'^socks on 127')
        p.popen.send_signal(signal.SIGTERM)
        self.assertEqual((p.wait(), p.stdout.read()), (0, b''))
        p = self.start([PROXY, '--socks', 'here'])
        self.assertEqual(p.wait(), 2)
        self.assertIn('--socks', p.said())

    def test_inherited(self):
        """A socket of systemd's is what a --socks says it is."""
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        p = self.start(['sh', '-c', 'export LISTEN_PID=$$; exec "$0" "$@"',
                        PROXY, '--socks', 'fd:3'], pass_fds=(3,),
                       preexec_fn=lambda: os.dup2(listener.fileno(), 3),
                       env=clean_env(LISTEN_FDS='1'))
        port = listener.getsockname()[1]
        self.assertEqual(p.stdout.readline().decode(),
                         'socks on 127.0.0.1:%d\n' % port)
        self.assertEqual(self.answer(port, b'\x05\x00'), b'\x05\xff')


class Foreign(Socks):
    def test_curl(self):
        there, page = self.page()
        _, port = self.socks()
        for scheme, host in (('socks5', '127.0.0.1'), ('socks5', 'localhost'),
                             ('socks5h', '127.0.0.1'),
                             ('socks5h', 'localhost')):
            self.assertTrue(self.curl(port, 'http://%s:%d/' % (host, there),
                                      scheme) == (0, page, ''))

    def test_curl_with_credentials(self):
        there, page = self.page()
        url = 'http://127.0.0.1:%d/' % there
        _, port = self.socks('--user', 'user:pass:word')
        self.assertTrue(self.curl(port, url, 'socks5h', '--proxy-user',
                                  'user:pass:word') == (0, page, ''))
        for wrong in (('--proxy-user', 'user:wrong'),
                      ('--proxy-user', 'user:'), ()):
            status, page, said = self.curl(port, url, 'socks5h', *wrong)
            self.assertEqual((status, page), (97, b''), said)

    def test_curl_is_refused(self):
        _, port = self.socks()
        for number, to in ((5, '127.0.0.1:1'), (2, '10.0.0.1:80'),
                           (4, 'a.invalid:80')):
            if to.startswith('a.'):
                _, port = self.socks('--allow', '*')
            status, _, said = self.curl(port, 'http://%s/' % to, 'socks5h')
            self.assertEqual(status, 97)
            self.assertIn('(%d)' % number, said)

    def dialogue(self, program, package, *args, **kwargs):
        path = need(program, package)

        def origin(conn):
            conn.sendall(GREETING)
            echo(conn)
        there = self.serve(origin)
        p = self.start([path] + list(args) + ['127.0.0.1', str(there.port)],
                       stdin=subprocess.PIPE, **kwargs)
        self.assertEqual(p.stdout.read(len(GREETING)), GREETING, p.said())
        data = os.urandom(100000)
        for at in range(0, len(data), 10000):
            part = data[at:at + 10000]
            p.stdin.write(part)
            p.stdin.flush()
            self.assertTrue(p.stdout.read(len(part)) == part, p.said())

    def test_tools(self):
        _, port = self.socks()
        at = '127.0.0.1:%d' % port
        self.dialogue('ncat', 'ncat', '--proxy', at, '--proxy-type', 'socks5')
        self.dialogue('nc.openbsd', 'netcat-openbsd', '-X', '5', '-x', at)
        for names in ('local', 'remote'):
            self.dialogue('connect-proxy', 'connect-proxy', '-R', names, '-S',
                          at)

    def test_tools_with_credentials(self):
        _, port = self.socks('--user', 'user:word')
        at = '127.0.0.1:%d' % port
        self.dialogue('ncat', 'ncat', '--proxy', at, '--proxy-type', 'socks5',
                      '--proxy-auth', 'user:word')
        self.dialogue('connect-proxy', 'connect-proxy', '-S', 'user@' + at,
                      env=clean_env(SOCKS5_PASSWORD='word'))

    def test_ssh(self):
        ssh = need('ssh', 'openssh-client')
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        proxy, port = self.socks()
        _, dynamic = self.dynamic('-x', '127.0.0.1:%d' % proxy.port)
        for to in (port, dynamic):
            for command in ('%s --proxy-type socks5 --proxy 127.0.0.1:%d %%h '
                            '%%p' % (need('ncat', 'ncat'), to),
                            '%s -S 127.0.0.1:%d %%h %%p' % (
                                need('connect-proxy', 'connect-proxy'), to)):
                # What comes first counts.
                self.assertEqual(run(
                    [ssh, '-o', 'ProxyCommand=' + command, '-p',
                     str(sshd.port)] + sshd.client(0) + ['127.0.0.1', 'wc -c'],
                    input=bytes(MIB)), b'%d\n' % MIB)


class Dynamic(Socks):
    def test_through_every_proxy(self):
        there, page = self.page()
        for name, proxy in peers.PROXIES.items():
            proxy = proxy()
            self.addCleanup(proxy.stop)
            with self.subTest(name):
                _, port = self.dynamic('-x', '127.0.0.1:%d' % proxy.port)
                for scheme in ('socks5', 'socks5h'):
                    self.assertTrue(self.curl(
                        port, 'http://localhost:%d/' % there, scheme) ==
                        (0, page, ''))

    def test_names_and_exemptions(self):
        """The proxy sees names, with our credentials; what no_proxy has, it
        does not see."""
        heads = []

        def script(conn):
            heads.append(recv_until(conn, b'\r\n\r\n'))
            conn.sendall(OK + b'proxied')
        proxy = self.serve(script)
        there = self.serve(lambda c: c.sendall(b'direct'))
        p, port = self.dynamic('-x', 'http://u:p@127.0.0.1:%d' % proxy.port,
                               '-v', env=clean_env(
                                   no_proxy='.direct.test,127.0.0.1'))
        self.assertEqual(recv_all(self.opened(port, 'far.test', 25)),
                         b'proxied')
        self.assertTrue(heads[0].startswith(b'CONNECT far.test:25 HTTP/1.1'))
        self.assertIn(b'\r\nProxy-Authorization: Basic dTpw\r\n', heads[0])
        self.assertEqual(recv_all(self.opened(port, '127.0.0.1', there.port)),
                         b'direct')
        self.assertEqual(len(heads), 1)
        self.assertIn("no_proxy has '127.0.0.1'", p.said())
        # Special addresses are the other proxy's affair.
        self.assertEqual(recv_all(self.opened(port, '10.0.0.1', 80)),
                         b'proxied')

    def test_failures(self):
        """Told to the client by a number, and to the person by a line."""
        refusal = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
        proxy = self.serve(lambda c: c.sendall(refusal))
        p, port = self.dynamic('-x', '127.0.0.1:%d' % proxy.port,
                               env=clean_env(no_proxy='127.0.0.1'))
        self.assertEqual(self.answer(port, HELLO + request('a.test', 22)),
                         b'\x05\x00' + reply(1))
        self.assertEqual(self.answer(port, HELLO + request('127.0.0.1', 1)),
                         b'\x05\x00' + reply(5))
        self.assertEqual(self.answer(port, HELLO + request(
            '127.0.0.1', port)), b'\x05\x00' + reply(1))
        await_true(lambda: p.said().count('\n') == 3)
        for word in ('refused a tunnel to a.test:22: 403',
                     'not connected to 127.0.0.1:1: ', 'come back'):
            self.assertIn(word, p.said())

    def test_beside_forwards(self):
        """Lines of -L come first, whatever the order; all end together."""
        there = self.serve(lambda c: c.sendall(b'there'))
        p = self.start([CONNECT, '-D', '[::1]:0', '-L', '0:127.0.0.1:%d'
                        % there.port, '-D', '0'])
        ports = []
        for want in (r'listening on 127\.0\.0\.1', r'socks on \[::1\]',
                     r'socks on 127\.0\.0\.1'):
            line = p.stdout.readline().decode()
            self.assertRegex(line, want + r':\d+\n$')
            ports.append(int(line.rsplit(':', 1)[1]))
        self.assertEqual(recv_all(self.connected(ports[0])), b'there')
        s = self.connected(ports[1], '::1')
        s.sendall(HELLO + request('localhost', there.port))
        self.assertEqual(recv_all(s), b'\x05\x00' + reply(0) + b'there')
        p.popen.terminate()
        self.assertEqual(p.wait(), 0)

    def test_mistakes(self):
        for word in ('', 'x', ':1', '70000', '1:2:3', '[::1]', 'a b:1'):
            with self.subTest(word=word):
                p = self.start([CONNECT, '-D', word])
                self.assertEqual(p.wait(), 2)
                self.assertIn('-D', p.said())
        p = self.start([CONNECT, '-D', '0', 'host', '22'])
        self.assertEqual(p.wait(), 2)
        self.assertIn('-D', p.said())
