"""Foreign clients of tunnel-proxy, and a server that speaks first."""

import os
import socket
import ssl
import subprocess

import harness
import peers
from harness import Process, clean_env, need

GREETING = b'220 mail.test ESMTP ready\r\n'


def greet_and_echo(conn):
    """Speak first, then give everything back."""
    conn.sendall(GREETING)
    while True:
        data = conn.recv(1 << 16)
        if not data:
            conn.shutdown(socket.SHUT_WR)
            return
        conn.sendall(data)


def mail_server(conn):
    """As much of SMTP as a mail needs."""
    f = conn.makefile('rwb')

    def say(line):
        f.write(line + b'\r\n')
        f.flush()
    conn.sendall(GREETING)
    for line in f:
        word = line.split()[0].upper()
        if word == b'DATA':
            say(b'354 go on')
            body = b''
            while not body.endswith(b'\r\n.\r\n'):
                body += f.readline()
            say(b'250 took %d bytes' % len(body))
        elif word == b'QUIT':
            say(b'221 bye')
            return
        else:
            say(b'250 ok')


class Smtp(harness.Case):
    """A dialogue in which the server speaks first, through each proxy."""

    def through(self, name):
        proxy = peers.PROXIES[name]()
        self.addCleanup(proxy.stop)
        origin = self.serve(mail_server)
        client = self.start([harness.CONNECT, '-x', '127.0.0.1:%d'
                             % proxy.port, '127.0.0.1', str(origin.port)],
                            stdin=subprocess.PIPE)
        mail = b'Subject: x\r\n\r\n' + b'A line of the mail.\r\n' * 2000
        self.assertEqual(client.stdout.readline(), GREETING)
        for line, answer in ((b'EHLO me', b'250 ok\r\n'),
                             (b'MAIL FROM:<a@b>', b'250 ok\r\n'),
                             (b'RCPT TO:<c@d>', b'250 ok\r\n'),
                             (b'DATA', b'354 go on\r\n'),
                             (mail + b'.', b'250 took %d bytes\r\n'
                              % (len(mail) + 3)),
                             (b'QUIT', b'221 bye\r\n')):
            client.stdin.write(line + b'\r\n')
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), answer)
        self.assertEqual(client.stdout.read(), b'')
        # It ends though its standard input stays open.
        self.assertEqual(client.wait(10), 0)

    def test_squid(self):
        self.through('squid')

    def test_tinyproxy(self):
        self.through('tinyproxy')

    def test_tunnel_proxy(self):
        self.through('tunnel-proxy')


class Tls(harness.Case):
    """SSL tunnelling: the proxy needs no TLS."""

    def setUp(self):
        self.pem = peers.certificate(self.directory())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        self.page = os.urandom(1 << 20)

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
        return subprocess.run(
            [need('curl', 'curl'), '-sS', '-x', 'http://127.0.0.1:%d'
             % proxy.port, '--noproxy', '', '--cacert', self.pem] +
            list(more) + ['https://127.0.0.1:%d/' % self.origin.port],
            env=clean_env(), timeout=harness.PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def proxy(self, *options):
        p = peers.TunnelProxy(*options)
        self.addCleanup(p.stop)
        return p

    def test_curl(self):
        done = self.curl(self.proxy())
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.assertEqual(done.stdout, self.page)

    def test_curl_with_credentials(self):
        proxy = self.proxy('--user', 'user:pass:word')
        done = self.curl(proxy, '--proxy-user', 'user:pass:word')
        self.assertEqual(done.stdout, self.page)
        # curl asks without, is told, and asks again.
        done = self.curl(proxy, '--proxy-anyauth', '--proxy-user',
                         'user:pass:word')
        self.assertEqual(done.stdout, self.page)
        for wrong in ('user:wrong', 'other:pass:word', 'user:', 'user:pass'):
            done = self.curl(proxy, '--proxy-user', wrong)
            self.assertEqual(done.returncode, 56)
            self.assertIn(b'407', done.stderr)
            self.assertEqual(done.stdout, b'')

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
            head += p.stdout.readline()
        self.assertEqual(p.stdout.read(len(self.page)), self.page)


class Tools(harness.Case):
    """Programs that people use for this today."""

    def setUp(self):
        self.proxy = peers.TunnelProxy()
        self.addCleanup(self.proxy.stop)
        self.origin = self.serve(greet_and_echo)

    def dialogue(self, argv):
        data = os.urandom(300000)
        p = self.start(argv, stdin=subprocess.PIPE)
        try:
            self.assertEqual(p.stdout.read(len(GREETING)), GREETING)
            # Both ways at once, as these programs like it: in portions.
            for at in range(0, len(data), 10000):
                part = data[at:at + 10000]
                p.stdin.write(part)
                p.stdin.flush()
                self.assertEqual(p.stdout.read(len(part)), part)
        except AssertionError as e:
            raise AssertionError('%s\n%s' % (e, p.said()))

    def test_proxytunnel(self):
        self.dialogue([need('proxytunnel', 'proxytunnel'), '-q', '-p',
                       '127.0.0.1:%d' % self.proxy.port, '-d',
                       '127.0.0.1:%d' % self.origin.port])

    def test_corkscrew(self):
        self.dialogue([need('corkscrew', 'corkscrew'), '127.0.0.1',
                       str(self.proxy.port), '127.0.0.1',
                       str(self.origin.port)])

    def test_ncat(self):
        self.dialogue([need('ncat', 'ncat'), '--proxy', '127.0.0.1:%d'
                       % self.proxy.port, '--proxy-type', 'http',
                       '127.0.0.1', str(self.origin.port)])

    def test_nc(self):
        self.dialogue([need('nc.openbsd', 'netcat-openbsd'), '-X', 'connect',
                       '-x', '127.0.0.1:%d' % self.proxy.port, '127.0.0.1',
                       str(self.origin.port)])

    def test_connect_proxy(self):
        self.dialogue([need('connect-proxy', 'connect-proxy'), '-H',
                       '127.0.0.1:%d' % self.proxy.port, '127.0.0.1',
                       str(self.origin.port)])
