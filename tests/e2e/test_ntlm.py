"""NTLM's proxies, scripted and real, and a client that is not ours: a failure
here is the proxies'."""

import unittest

import ntlm
from harness import need, recv_until
from scripted import Case


class Md4(unittest.TestCase):
    def test_rfc_1320(self):
        for text, digest in (
                (b'', '31d6cfe0d16ae931b73c59d7e0c089c0'),
                (b'abc', 'a448017aaf21d8525fc10ae87aa6729d'),
                (b'message digest', 'd9130a8164549fe818874806e1c7014b'),
                (b'1234567890' * 8, 'e33b4ddc9c38f2199c3e7b164fcc0536')):
            self.assertEqual(ntlm.md4(text).hex(), digest)


def page(conn, *_):
    """The origin, or what is behind a tunnel to it."""
    recv_until(conn, b'\r\n\r\n')
    conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'
                 b'Connection: close\r\n\r\nhello')


class Curl(Case):
    """It knows NTLMv2, though neither MIC nor time (so: not strict)."""

    def curl(self, port, scheme='--proxy-ntlm', target='http://origin.test/',
             user='DOMAIN\\User:Pass word'):
        """Its exit status and output."""
        p = self.start([need('curl', 'curl'), '-q', '-s', '--proxytunnel',
                        scheme, '-x', 'http://127.0.0.1:%d' % port,
                        '--noproxy', '', '-U', user, target])
        out = p.stdout.read()
        return p.wait(), out


class Scripted(Curl):
    def proxy(self, **options):
        options.setdefault('behind', page)
        p = self.serve(ntlm.Proxy('User', 'Pass word', domain='DOMAIN',
                                  strict=False, **options))
        self.script = p.handler
        return p.port

    def test_it_is_let_in(self):
        for shape in ('full', 'flagged', 'old', 'bare', 'short', 'oem'):
            for version, framing in (('1.1', 'length'), ('1.1', 'chunked'),
                                     ('1.0', 'length')):
                with self.subTest(shape=shape, version=version):
                    port = self.proxy(shape=shape, version=version,
                                      framing=framing)
                    self.assertEqual(self.curl(port), (0, b'hello'))
                    self.assertEqual(self.script.seen, [1, 3])
                    self.assertEqual(self.script.refusals, [])
                    self.assertEqual(self.script.names[0][:2],
                                     ('DOMAIN', 'User'))

    def test_wrong_password(self):
        port = self.proxy()
        self.assertEqual(self.curl(port, user='DOMAIN\\User:pass word'),
                         (56, b''))
        self.assertEqual(self.script.refusals, ['wrong password'])
        self.assertEqual(self.script.seen, [1, 3])

    def test_wrong_user(self):
        port = self.proxy()
        self.assertEqual(self.curl(port, user='DOMAIN\\Usher:Pass word'),
                         (56, b''))
        self.assertEqual(self.script.refusals, ['user Usher'])

    def test_closed_behind_the_challenge(self):
        """An answer is worth nothing on another connection."""
        port = self.proxy(closes=('challenge',))
        status, out = self.curl(port)
        self.assertNotEqual(status, 0)
        self.assertEqual(out, b'')

    def test_closed_behind_the_offer(self):
        port = self.proxy(offers=('Basic realm="x"', 'NTLM'),
                          closes=('offer',))
        self.assertEqual(self.curl(port, '--proxy-anyauth'), (0, b'hello'))
        self.assertEqual(self.script.seen, [0, 1, 3])

    def test_onward(self):
        port = self.proxy(behind=ntlm.onward)
        target = 'http://127.0.0.1:%d/' % self.serve(page).port
        self.assertEqual(self.curl(port, target=target), (0, b'hello'))

    def test_basic_beside_it(self):
        port = self.proxy(offers=('NTLM', 'Basic realm="x"'))
        self.assertEqual(self.curl(port, '--proxy-basic',
                                   user='User:Pass word'),
                         (0, b'hello'))
        self.assertEqual(self.script.seen, ['Basic'])

    def test_remembered(self):
        port = self.proxy(remembers=True)
        for _ in range(2):
            self.assertEqual(self.curl(port), (0, b'hello'))
        self.assertEqual(self.script.seen, [1, 3, 1])


class Squid(Curl):
    """squid with Samba's ntlm_auth."""

    def setUp(self):
        super().setUp()
        need('ntlm_auth', 'winbind')
        self.squid = ntlm.NtlmSquid()
        self.addCleanup(self.squid.stop)
        self.target = 'http://127.0.0.1:%d/' % self.serve(page).port

    def test_let_in_and_kept_out(self):
        for user, outcome in (('DOMAIN\\User:Pass word', (0, b'hello')),
                              ('DOMAIN\\User:pass word', (56, b'')),
                              ('User:Pass word', (0, b'hello')),
                              ('User:Pass wor', (56, b''))):
            with self.subTest(user=user):
                self.assertEqual(self.curl(self.squid.port, user=user,
                                           target=self.target), outcome)
