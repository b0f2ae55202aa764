"""tunnel-connect -L by other ways than one proxy over TCP: chains, programs and
TLS; and what it says when there is no tunnel."""

import os
import re
import shutil
import signal
import socket
import subprocess

import harness
import peers
import ways
from harness import (CONNECT, await_true, clean_env, need, recv_all,
                     recv_exactly, recv_until)
from scripted import OK, Scripted, echo, reset


class Forward(Scripted):
    def forward(self, *options, **kwargs):
        """Start it: the process, and its port."""
        p = self.start([CONNECT, '-L', '0:target.test:22'] + list(options),
                       **kwargs)
        line = p.stdout.readline().decode()
        match = re.match(r'listening on (\S+):(\d+)\n$', line)
        self.assertTrue(match, line + p.said())
        return p, int(match.group(2))

    def chain(self, *replies, after=lambda conn: None):
        self.heads = []

        def handler(conn):
            for reply in replies:
                self.heads.append(recv_until(conn, b'\r\n\r\n').decode())
                conn.sendall(reply)
            after(conn)
        return self.serve(handler).port

    def no_tunnel(self, p, port, *words):
        """A client comes, gets a reset, and the reason is told."""
        before = p.said().count('\n')
        with self.assertRaises(ConnectionResetError):
            recv_all(self.connected(port))
        await_true(lambda: p.said().count('\n') > before)
        line = p.said().splitlines()[before]
        for word in ('tunnel-connect: 127.0.0.1:', 'was not connected') + \
                words:
            self.assertIn(word, line)

    def ncat(self, port):
        return '%s 127.0.0.1 %d' % (need('ncat', 'ncat'), port)


class Says(Forward):
    def test_status(self):
        for status, *words in (
                ('403 No', '403', 'refused a tunnel to target.test:22',
                 'administrator'),
                ('502 Bad', '502', 'check host and port'),
                ('407 Who', '407', 'wants credentials'),
                ('302 There', '302', 'login page')):
            proxy = self.chain(b'HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n'
                               % status.encode())
            p, port = self.forward('-x', '127.0.0.1:%d' % proxy)
            self.no_tunnel(p, port, 'the proxy 127.0.0.1:%d ' % proxy, *words)
        proxy = self.chain(b'HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n')
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy, '-u', 'u:sesame')
        self.no_tunnel(p, port, 'rejected the credentials')
        self.assertNotIn('sesame', p.said())
        proxy = self.chain(b'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n'
                           b'Content-Length: 0\r\n\r\n')
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy, '-u', 'u:sesame')
        self.no_tunnel(p, port, 'wants credentials', '--auth')
        proxy = self.chain(b'HTTP/1.0 401 No\r\n\r\n')
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy, '-u', 'u:sesame')
        self.no_tunnel(p, port, 'rejected the credentials', ': 401;')

    def test_no_reply(self):
        proxy = self.chain(b'SSH-2.0-x\r\n')
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy)
        self.no_tunnel(p, port, '127.0.0.1:%d gave no usable reply' % proxy,
                       'something else than HTTP', 'SSH', 'target.test:22')
        proxy = self.serve(lambda conn: recv_until(conn, b'\r\n\r\n')).port
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy)
        self.no_tunnel(p, port, 'gave no usable reply', 'https://')
        proxy = self.chain(after=lambda conn: self.hold())
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy, '-t', '0.3')
        self.no_tunnel(p, port, 'gave no usable reply', 'with -t')

    def test_hop(self):
        no = b'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
        for replies, *words in (
                ([no], ' (1 of 2) refused a tunnel to the next proxy, '
                 'two.test port 80: 403'),
                ([OK, no], 'two.test:80 (2 of 2) refused a tunnel to '
                 'target.test:22: 403')):
            p, port = self.forward('-x', '127.0.0.1:%d' % self.chain(*replies),
                                   '-x', 'two.test')
            self.no_tunnel(p, port, *words)

    def test_client_that_leaves_is_no_failure(self):
        gone = []
        proxy = self.chain(b'', after=lambda conn: gone.append(recv_all(conn)))
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy)
        s = self.connected(port)
        await_true(lambda: self.heads)
        s.close()
        await_true(lambda: gone)
        # Nor is one that is there when all is over.
        self.connected(port)
        await_true(lambda: len(self.heads) == 2)
        p.popen.terminate()
        self.assertEqual((p.wait(), p.said()), (0, ''))


class Ways(Forward):
    def test_chain(self):
        proxy = self.chain(OK, OK + b'hi', after=echo)
        p, port = self.forward('-x', 'a:x@127.0.0.1:%d' % proxy, '-x',
                               'two.test', '-u', 'b:y')
        s = self.connected(port)
        s.sendall(b'there')
        self.assertEqual(recv_exactly(s, 7), b'hithere')
        self.assertIn('CONNECT two.test:80 ', self.heads[0])
        self.assertIn('Basic YTp4\r\n', self.heads[0])
        self.assertIn('CONNECT target.test:22 ', self.heads[1])
        self.assertIn('Basic Yjp5\r\n', self.heads[1])

    def test_keepalive(self):
        proxy = self.chain(OK + b'x', after=lambda conn: self.hold())
        p, port = self.forward('-x', '127.0.0.1:%d' % proxy, '--keepalive',
                               '70')
        s = self.connected(port)
        self.assertEqual(s.recv(1), b'x')

        def timer():
            with open('/proc/%d/net/tcp' % p.pid) as f:
                return [int(line.split()[5].split(':')[1], 16) for line in f
                        if line.split()[2].endswith(':%04X' % proxy) and
                        line.split()[5].startswith('02:')]
        await_true(timer)
        self.assertTrue(all(0 < t <= 7010 for t in timer()))

    def test_command(self):
        """A program for each client, and none of them left."""
        proxy = self.chain(OK + b'hi', after=echo)
        p, port = self.forward('-x', 'p.test:99', '--proxy-command',
                               'exec ' + self.ncat(proxy), '-u', 'u:sesame',
                               env=clean_env(TUNNEL_PROXY_PASSWORD='sesame'))
        socks = [self.connected(port) for _ in range(10)]
        for i, s in enumerate(socks):
            s.sendall(b'%d' % i * 1000)
            self.assertEqual(recv_exactly(s, 1002), b'hi' + b'%d' % i * 1000)
        helpers = ways.children(p.pid)
        self.assertEqual(len(helpers), 10)
        for pid in helpers:
            self.assertNotIn(b'sesame', ways.shown(pid))
        for s in socks[:5]:
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(recv_all(s), b'')
        await_true(lambda: len(ways.children(p.pid)) == 5)
        # Of its own accord it has not ended, so neither have those.
        p.popen.terminate()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.assertFalse([pid for pid in helpers if ways.exists(pid)])

    def test_command_that_fails(self):
        p, port = self.forward('--proxy-command', 'exit 42')
        for _ in range(2):
            with self.assertRaises(ConnectionResetError):
                recv_all(self.connected(port))
        await_true(lambda: p.said().count('status 42') == 2)
        self.assertEqual(p.said().count('\n'), 2, p.said())
        await_true(lambda: not ways.children(p.pid))

    def test_commands_of_who_leaves_or_resets(self):
        """However a session ends, its program does."""
        proxy = self.chain(OK + b'hi', after=lambda conn: self.hold())
        p, port = self.forward('--proxy-command', 'exec ' + self.ncat(proxy),
                               '-i', '0.5')
        s = self.connected(port)
        self.assertEqual(recv_exactly(s, 2), b'hi')
        reset(s)
        await_true(lambda: not ways.children(p.pid))
        s = self.connected(port)        # the idle time ends it
        self.assertEqual(recv_exactly(s, 2), b'hi')
        await_true(lambda: not ways.children(p.pid))
        mute = self.chain(after=lambda conn: self.hold())
        p, port = self.forward('--proxy-command', 'exec ' + self.ncat(mute))
        s = self.connected(port)
        await_true(lambda: ways.children(p.pid))
        s.close()
        await_true(lambda: not ways.children(p.pid))

    def test_exempt_target_needs_no_program(self):
        there = self.serve(lambda conn: conn.sendall(b'direct'))
        p = self.start([CONNECT, '-L', '0:127.0.0.1:%d' % there.port,
                        '--proxy-command', 'exit 3'],
                       env=clean_env(no_proxy='127.0.0.1'))
        port = int(p.stdout.readline().rsplit(b':', 1)[1])
        self.assertEqual(recv_all(self.connected(port)), b'direct')

    def test_hangup(self):
        p, port = self.forward('--proxy-command', 'exec sleep 100')
        self.connected(port)
        await_true(lambda: ways.children(p.pid))
        helpers = ways.children(p.pid)
        p.popen.send_signal(signal.SIGHUP)
        self.assertEqual(p.wait(), 0)
        self.assertFalse([pid for pid in helpers if ways.exists(pid)])


class Tls(Forward):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dir = harness.tempfile.mkdtemp(prefix='tunnel-tls-')
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        cls.authority = ways.Authority(cls.dir)
        cls.context = cls.authority.sign('DNS:localhost')

    def test_many(self):
        proxy = peers.TunnelProxy('--user', 'u:p')
        self.addCleanup(proxy.stop)
        origin = self.serve(echo)
        front = self.serve(ways.in_tls(self.context, ways.passed_on(
            proxy.port)))
        p = self.start([CONNECT, '-x', 'https://u:p@localhost:%d' % front.port,
                        '--cacert', self.authority.file, '-L',
                        '0:127.0.0.1:%d' % origin.port])
        port = int(p.stdout.readline().rsplit(b':', 1)[1])
        socks = [self.connected(port) for _ in range(5)]
        for i, s in enumerate(socks):
            s.sendall(b'%d' % i * 50000)
        for i, s in enumerate(socks):
            self.assertEqual(recv_exactly(s, 50000), b'%d' % i * 50000)
        helpers = ways.children(p.pid)
        self.assertEqual(len(helpers), 5)
        for s in socks[:3]:
            reset(s)
        await_true(lambda: len(ways.children(p.pid)) == 2)
        p.popen.terminate()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.assertFalse([pid for pid in helpers if ways.exists(pid)])

    def test_not_trusted(self):
        front = self.serve(ways.in_tls(self.context, lambda conn: None))
        p, port = self.forward('-x', 'https://localhost:%d' % front.port)
        with self.assertRaises(ConnectionResetError):
            recv_all(self.connected(port))
        await_true(lambda: 'certificate' in p.said())
        self.assertEqual(p.said().count('\n'), 1)

    def test_no_openssl(self):
        p, port = self.forward('-x', 'https://localhost',
                               env=clean_env(PATH='/nonexistent'))
        with self.assertRaises(ConnectionResetError):
            recv_all(self.connected(port))
        await_true(lambda: 'not installed' in p.said())
