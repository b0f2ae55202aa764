"""tunnel-proxy --extension: the hooks of a shared object beside its own."""

import os
import subprocess

import harness
from harness import BUILD, PROXY, recv_until
from scripted import Proxied, head

EXTENSION = os.path.join(BUILD, 'extension.so')


class Extension(Proxied):
    def ask(self, proxy, request):
        with self.connected(proxy.port) as s:
            s.sendall(request)
            return harness.recv_all(s)

    def test_a_resource_of_its_own(self):
        proxy = self.proxy('--extension', EXTENSION)
        reply = self.ask(proxy, b'GET /about HTTP/1.1\r\nHost: x\r\n'
                         b'Connection: close\r\n\r\n')
        self.assertTrue(reply.startswith(b'HTTP/1.1 200 '), reply)
        self.assertIn(b'A proxy, extended.', reply)
        reply = self.ask(proxy, b'GET /else HTTP/1.1\r\nHost: x\r\n'
                         b'Connection: close\r\n\r\n')
        self.assertTrue(reply.startswith(b'HTTP/1.1 405 '), reply)

    def test_what_the_rules_allow(self):
        """Port 25 is refused, and other tunnels are as ever."""
        proxy = self.proxy('--extension', EXTENSION, '--user', 'u:p')
        auth = b'Proxy-Authorization: Basic dTpw\r\n'
        with self.connected(proxy.port) as s:
            s.sendall(b'CONNECT 127.0.0.1:25 HTTP/1.1\r\n'
                      b'Host: 127.0.0.1:25\r\n' + auth + b'\r\n')
            self.assertIn(b'HTTP/1.1 403 ', recv_until(s, b'\r\n\r\n'))
        with self.connected(proxy.port) as s:
            s.sendall(head(25))
            self.assertIn(b'HTTP/1.1 407 ', recv_until(s, b'\r\n\r\n'))
        origin = self.serve(lambda conn: conn.sendall(b'here'))
        with self.connected(proxy.port) as s:
            s.sendall(head(origin.port)[:-2] + auth + b'\r\n')
            recv_until(s, b'\r\n\r\n')
            self.assertEqual(harness.recv_all(s), b'here')

    def test_a_field_more(self):
        seen = []

        def origin(conn):
            for _ in range(2):
                seen.append(recv_until(conn, b'\r\n\r\n'))
                conn.sendall(b'HTTP/1.1 204 Fine\r\n\r\n')
        port = self.serve(origin).port
        proxy = self.proxy('--forward', '--extension', EXTENSION)
        request = b'GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: x\r\n\r\n' % port
        with self.connected(proxy.port) as s:
            mine = b'for="127.0.0.1:%d"' % s.getsockname()[1]
            for _ in range(2):
                s.sendall(request)
                recv_until(s, b'\r\n\r\n')
        self.assertEqual([line.count(b'Forwarded: ' + mine) for line in seen],
                         [1, 1])

    def test_what_is_none(self):
        for path, words in (('libm.so.6', b'no tunnel_extension_1'),
                            ('/nonexistent/x.so', b'cannot load')):
            done = subprocess.run([PROXY, '-l', '127.0.0.1:0', '--extension',
                                   path], env=harness.clean_env(),
                                  stderr=subprocess.PIPE, check=False,
                                  timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
