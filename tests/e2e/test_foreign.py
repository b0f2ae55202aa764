"""Foreign clients of tunnel-proxy."""

import tempfile
import hashlib
import os
import ssl
import subprocess

import peers
from harness import await_true, lines_of, need
from scripted import MIB, Proxied, echo

GREETING = b'220 mail.test ESMTP ready\r\n'


class Tls(Proxied):
    """SSL tunnelling: the proxy needs no TLS."""

    def setUp(self):
        super().setUp()
        self.pem = peers.certificate(self.directory())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        self.page = os.urandom(MIB)

        def serve_page(conn):
            with context.wrap_socket(conn, server_side=True) as tls:
                head = b''
                while b'\r\n\r\n' not in head:
                    more = tls.recv(4096)
                    if not more:
                        return
                    head += more
                tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n'
                            b'Connection: close\r\n\r\n' % len(self.page))
                tls.sendall(self.page)
        self.origin = self.serve(serve_page)

    def curl(self, proxy, *more):
        """Exit status, page, messages."""
        p = self.start(
            [need('curl', 'curl'), '-q', '-sS', '-x', 'http://127.0.0.1:%d'
             % proxy.port, '--noproxy', '', '--cacert', self.pem] +
            list(more) + ['https://127.0.0.1:%d/' % self.origin.port])
        page = p.stdout.read()
        return p.wait(), page, p.said()

    def test_curl(self):
        self.assertTrue(self.curl(self.proxy()) == (0, self.page, ''))

    def test_curl_http_1_0(self):
        self.assertTrue(self.curl(self.proxy(), '--http1.0') ==
                        (0, self.page, ''))

    def test_curl_with_credentials(self):
        proxy = self.proxy('--user', 'user:pass:word')
        self.assertTrue(self.curl(proxy, '--proxy-user', 'user:pass:word') ==
                        (0, self.page, ''))
        # It asks without, is told, and asks again.
        self.assertTrue(self.curl(proxy, '--proxy-anyauth', '--proxy-user',
                                  'user:pass:word') == (0, self.page, ''))
        for wrong in ('user:wrong', 'other:pass:word', 'user:', 'user:pass'):
            status, page, said = self.curl(proxy, '--proxy-user', wrong)
            self.assertEqual((status, page), (56, b''))
            self.assertIn('407', said)
        status, page, said = self.curl(proxy)
        self.assertEqual((status, page), (56, b''))
        self.assertIn('407', said)

    def test_curl_with_digest(self):
        """By each hash that there is a line of; curl checks no rspauth."""
        for kind in ('md5', 'sha256'):
            line = 'user:tunnel-proxy:' + hashlib.new(
                kind, b'user:tunnel-proxy:pass:word').hexdigest()
            with tempfile.NamedTemporaryFile('w') as file:
                file.write(line + '\n')
                file.flush()
                log = os.path.join(self.directory(), 'log')
                proxy = self.proxy('--auth-file', file.name, '--access-log',
                                   log)
            self.assertTrue(self.curl(proxy, '--proxy-digest', '--proxy-user',
                                      'user:pass:word') ==
                            (0, self.page, ''))
            # It sends a hash of the name, which is found again.
            await_true(lambda: ['user', '200'] in [
                line.split()[2:6:3] for line in lines_of(log)])
            status, _, said = self.curl(proxy, '--proxy-digest',
                                        '--proxy-user', 'user:wrong')
            self.assertEqual(status, 56)
            self.assertIn('407', said)

    def test_curl_is_refused(self):
        status, page, said = self.curl(self.proxy('--deny', '*'))
        self.assertEqual((status, page), (56, b''))
        self.assertIn('403', said)

    def test_openssl(self):
        proxy = self.proxy()
        p = self.start([need('openssl', 'openssl'), 's_client', '-quiet',
                        '-verify_return_error', '-CAfile', self.pem,
                        '-proxy', '127.0.0.1:%d' % proxy.port,
                        '-connect', '127.0.0.1:%d' % self.origin.port],
                       stdin=subprocess.PIPE)
        p.stdin.write(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        p.stdin.flush()
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            line = p.stdout.readline()
            self.assertTrue(line, p.said())
            head += line
        self.assertTrue(p.stdout.read(len(self.page)) == self.page)


class Tools(Proxied):
    """Programs that people use for this today.  The origin speaks first."""

    def dialogue(self, program, package, *args, proxy=None):
        """PROXY and ORIGIN in the arguments stand for host:port; PORT for the
        proxy's port alone, and TARGET for the origin's."""
        path = need(program, package)
        proxy = proxy or self.proxy()

        def origin(conn):
            conn.sendall(GREETING)
            echo(conn)
        there = self.serve(origin)
        words = {'PROXY': '127.0.0.1:%d' % proxy.port,
                 'ORIGIN': '127.0.0.1:%d' % there.port,
                 'PORT': str(proxy.port), 'TARGET': str(there.port)}
        p = self.start([path] + [words.get(a, a) for a in args],
                       stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(len(GREETING)), GREETING, p.said())
        # Both ways by turns, as some of these programs like it.
        data = os.urandom(300000)
        for at in range(0, len(data), 10000):
            part = data[at:at + 10000]
            p.stdin.write(part)
            p.stdin.flush()
            self.assertTrue(p.stdout.read(len(part)) == part, p.said())

    def test_proxytunnel(self):
        self.dialogue('proxytunnel', 'proxytunnel', '-q', '-p', 'PROXY', '-d',
                      'ORIGIN')

    def test_proxytunnel_with_credentials(self):
        self.dialogue('proxytunnel', 'proxytunnel', '-q', '-p', 'PROXY', '-d',
                      'ORIGIN', '-P', 'user:word',
                      proxy=self.proxy('--user', 'user:word'))

    def test_corkscrew(self):
        self.dialogue('corkscrew', 'corkscrew', '127.0.0.1', 'PORT',
                      '127.0.0.1', 'TARGET')

    def test_corkscrew_with_credentials(self):
        name = os.path.join(self.directory(), 'auth')
        with open(name, 'w') as f:
            f.write('user:word\n')
        self.dialogue('corkscrew', 'corkscrew', '127.0.0.1', 'PORT',
                      '127.0.0.1', 'TARGET', name,
                      proxy=self.proxy('--user', 'user:word'))

    def test_ncat(self):
        self.dialogue('ncat', 'ncat', '--proxy', 'PROXY', '--proxy-type',
                      'http', '127.0.0.1', 'TARGET')

    def test_ncat_with_credentials(self):
        self.dialogue('ncat', 'ncat', '--proxy', 'PROXY', '--proxy-type',
                      'http', '--proxy-auth', 'user:word', '127.0.0.1',
                      'TARGET', proxy=self.proxy('--user', 'user:word'))

    def test_nc(self):
        self.dialogue('nc.openbsd', 'netcat-openbsd', '-X', 'connect', '-x',
                      'PROXY', '127.0.0.1', 'TARGET')

    def test_connect_proxy(self):
        self.dialogue('connect-proxy', 'connect-proxy', '-H', 'PROXY',
                      '127.0.0.1', 'TARGET')
