"""https-gateway: TLS in front of an origin, or behind, by curl and nginx."""

import hashlib
import os
import shutil
import subprocess

import harness
import ways
from forwarding import Nginx
from harness import need
from scripted import Scripted
from test_ffi import ROOT, library

GATEWAY = os.path.join(ROOT, 'examples', 'https-gateway')


class Gateway(Scripted):
    def setUp(self):
        super().setUp()
        need('openssl', 'openssl')
        self.dir = harness.tempfile.mkdtemp(prefix='tunnel-https-')
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.authority = ways.Authority(self.dir)

    def gateway(self, *options):
        """Its port."""
        p = self.start([GATEWAY, '--listen', '127.0.0.1:0'] + list(options),
                       env=harness.clean_env(TUNNEL_LIBRARY=library()),
                       stdout=subprocess.PIPE)
        return int(p.stdout.readline().rsplit(b':', 1)[1])

    def curl(self, url, *options):
        return subprocess.run(
            [need('curl', 'curl'), '-sS', '--cacert',
             self.authority.file, *options, url], env=harness.clean_env(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=harness.PATIENCE, check=False)

    def origin(self, tls=None):
        """An origin that says what it was asked, and takes its time to end."""
        self.asked = []

        def handler(conn):
            while True:
                head = b''
                while b'\r\n\r\n' not in head:
                    data = conn.recv(65536)
                    if not data:
                        return
                    head += data
                head, body = head.split(b'\r\n\r\n', 1)
                self.asked.append(head)
                left = [int(line.split(b':')[1]) for line in
                        head.split(b'\r\n') if
                        line.lower().startswith(b'content-length:')]
                while left and len(body) < left[0]:
                    body += conn.recv(65536)
                reply = hashlib.sha256(body).hexdigest().encode()
                conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s'
                             % (len(reply), reply))
        return self.serve(ways.in_tls(tls, handler) if tls else handler).port

    def certificate(self):
        self.authority.sign('DNS:localhost')
        base = os.path.join(self.dir, 'DNS-localhost2')
        return ['--cert', base + '.pem', '--key', base + '.key']

    def test_in_front(self):
        """HTTPS for clients, HTTP to the origin; both connections are kept."""
        port = self.gateway(*self.certificate(),
                            '127.0.0.1:%d' % self.origin())
        url = 'https://localhost:%d/a?b' % port
        data = os.urandom(3 << 20)
        path = os.path.join(self.dir, 'data')
        with open(path, 'wb') as f:
            f.write(data)
        done = self.curl(url, '--data-binary', '@' + path, url)
        digest = hashlib.sha256(data).hexdigest().encode()
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, 2 * digest, b''))
        self.assertTrue(self.asked[0].startswith(b'POST /a?b HTTP/1.1\r\n'))
        self.assertIn(b'Host: localhost:%d' % port, self.asked[0])

    def test_behind(self):
        """HTTP for clients, HTTPS to the origin, which is verified."""
        origin = self.origin(self.authority.sign('DNS:localhost'))
        port = self.gateway('--tls-origin', '--cafile', self.authority.file,
                            'localhost:%d' % origin)
        done = self.curl('http://127.0.0.1:%d/' % port)
        self.assertEqual((done.returncode, done.stdout),
                         (0, hashlib.sha256().hexdigest().encode()))
        port = self.gateway('--tls-origin', 'localhost:%d' % origin)
        done = self.curl('http://127.0.0.1:%d/' % port, '-w', '%{http_code}')
        self.assertTrue(done.stdout.endswith(b'502'), done.stdout)

    def test_much_down(self):
        """From nginx, through TLS that ends and TLS that begins."""
        nginx = Nginx()
        self.addCleanup(nginx.stop)
        inner = self.gateway(*self.certificate(), '127.0.0.1:%d' % nginx.port)
        port = self.gateway('--tls-origin', '--cafile', self.authority.file,
                            'localhost:%d' % inner)
        data = os.urandom(16 << 20)
        with open(os.path.join(nginx.dir, 'www', 'big'), 'wb') as f:
            f.write(data)
        done = self.curl('http://127.0.0.1:%d/big' % port)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout == data)

    def test_cut_off(self):
        """An origin whose TLS ends without saying so is no clean end."""
        context = self.authority.sign('DNS:localhost')

        def serve(conn):
            tls = context.wrap_socket(conn, server_side=True)
            tls.recv(65536)
            tls.sendall(b'HTTP/1.1 200 OK\r\n\r\nhalf')
            os.close(tls.detach())
        port = self.gateway('--tls-origin', '--cafile', self.authority.file,
                            'localhost:%d' % self.serve(serve).port)
        self.assertNotEqual(self.curl('http://127.0.0.1:%d/' % port)
                            .returncode, 0)

    def test_usage(self):
        for args, status, words in (
                (['localhost:1'], 2, 'nothing to encrypt'),
                (['--tls-origin', 'localhost:65536'], 2, 'is not HOST:PORT'),
                (['--cert', '/none', 'localhost:1'], 1, 'cannot use /none: '),
                (['--tls-origin', '--cafile', '/dev/null', 'localhost:1'], 1,
                 'cannot use /dev/null: ')):
            p = self.start([GATEWAY] + args, env=harness.clean_env(
                TUNNEL_LIBRARY=library()))
            self.assertEqual(p.wait(), status)
            self.assertIn(words, p.said())
            self.assertNotIn('Traceback', p.said())
