"""tunnel-connect -L: a local forwarder for many connections."""

import re
import signal
import socket
import time

import harness
import load
import peers
from harness import CONNECT, await_true, recv_all, recv_exactly
from scripted import Proxied, echo, reset


class Forwarding(Proxied):
    def forward(self, *options, **kwargs):
        """Start it: the process, and the ports in the order of -L."""
        p = self.start([CONNECT] + list(options), **kwargs)
        ports = []
        for _ in range(sum(o == '-L' for o in options)):
            line = p.stdout.readline().decode()
            match = re.match(r'listening on (\S+):(\d+)\n$', line)
            self.assertTrue(match, line + p.said())
            ports.append(int(match.group(2)))
        return p, ports

    def test_many_connections(self):
        """A hundred at once, each with its own bytes, through a proxy that
        wants credentials."""
        load.raise_files()
        origin = load.EchoOrigin()
        self.addCleanup(origin.stop)
        proxy = self.proxy('--user', 'a b:p@:/')
        _, (port,) = self.forward(
            '-x', 'http://127.0.0.1:%d' % proxy.port, '-u', 'a b:p@:/',
            '-H', 'X-Me: you', '-L', '0:127.0.0.1:%d' % origin.port)
        socks = [self.connected(port) for _ in range(100)]
        for i, s in enumerate(socks):
            s.sendall(b'%03d' % i * 1000)
        for i, s in enumerate(socks):
            self.assertEqual(recv_exactly(s, 3000), b'%03d' % i * 1000)
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(recv_all(s), b'')

    def test_several_targets_and_directly(self):
        one = self.serve(lambda c: c.sendall(b'one')).port
        two = self.serve(lambda c: c.sendall(b'two')).port
        p, ports = self.forward('-L', '0:127.0.0.1:%d' % one,
                                '-L', '[::1]:0:127.0.0.1:%d' % two)
        self.assertEqual(recv_all(self.connected(ports[0])), b'one')
        self.assertEqual(recv_all(self.connected(ports[1], '::1')), b'two')
        p.popen.terminate()
        self.assertEqual(p.wait(), 0)

    def test_exempt_target_goes_directly(self):
        origin = self.serve(lambda c: c.sendall(b'direct')).port
        _, (port,) = self.forward(
            '-x', 'http://127.0.0.1:9', '-L', '0:127.0.0.1:%d' % origin,
            env=harness.clean_env(no_proxy='127.0.0.1'))
        self.assertEqual(recv_all(self.connected(port)), b'direct')

    def test_target_not_reached(self):
        """The client sees a reset; the person, why."""
        proxy = self.proxy()
        p, (port,) = self.forward('-x', 'http://127.0.0.1:%d' % proxy.port,
                                  '-L', '0:127.0.0.1:1')
        with self.assertRaises(ConnectionResetError):
            recv_all(self.connected(port))
        await_true(lambda: 'was not connected' in p.said())

    def test_reset_passes(self):
        _, (port,) = self.forward('-L', '0:127.0.0.1:%d'
                                  % self.serve(reset).port)
        with self.assertRaises(ConnectionResetError):
            recv_all(self.connected(port))

    def test_mistakes(self):
        for word in ('1', '1:2', ':1:h:2', '0:h:', '0:h:70000', '0::2',
                     '70000:h:1', '0:[::1:2'):
            with self.subTest(word=word):
                p = self.start([CONNECT, '-L', word])
                self.assertEqual(p.wait(), 2)
                self.assertIn('-L', p.said())
        p = self.start([CONNECT, '-L', '0:h:1', 'host', '22'])
        self.assertEqual(p.wait(), 2)
        busy = self.serve(echo)
        p = self.start([CONNECT, '-L', '%d:h:1' % busy.port])
        self.assertEqual(p.wait(), 1)
        self.assertIn('in use', p.said())


class Families(Proxied):
    def test_family(self):
        """-6 does not reach a proxy that is on IPv4 alone, and says what was
        tried."""
        proxy = self.proxy()
        for option, status in (('-4', 0), ('-6', 3)):
            p = self.start([CONNECT, option, '-x', 'http://localhost:%d'
                            % proxy.port, '127.0.0.1',
                            str(self.serve(lambda c: None).port)])
            self.assertEqual(p.wait(), status, p.said())
            if status:
                self.assertIn('cannot be reached', p.said())
