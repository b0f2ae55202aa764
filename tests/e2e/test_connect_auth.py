"""tunnel-connect logs in: NTLM, Digest and Basic, when it is asked."""

import subprocess
import unittest

import harness
import ntlm
from harness import clean_env, need
from peers import Squid, TunnelProxy
from scripted import Case


def echo(conn, *_):
    """What is behind the tunnel."""
    conn.sendall(b'hello')
    while True:
        data = conn.recv(65536)
        if not data:
            return
        conn.sendall(data)


class Login(Case):
    """Each gets all schemes, as a user would, who is named by -u."""

    def login(self, port, *options, target=('127.0.0.1', '1'),
              user='DOMAIN\\User:Pass word', host='127.0.0.1', env=None):
        """Its exit status, output and messages."""
        env = dict(env or clean_env())
        del env['TUNNEL_PROXY_AUTH']
        named = ['-u', user] if user is not None else []
        p = self.start([harness.CONNECT, '-x', '%s:%d' % (host, port)] +
                       named + list(options) + list(target), env=env,
                       stdin=subprocess.PIPE)
        # It stays until the answer has come: squid takes an end for a hang-up.
        try:
            p.stdin.write(b'world')
            p.stdin.flush()
        except BrokenPipeError:
            pass                # it has been turned away
        out = p.stdout.read(len('helloworld'))
        out += p.popen.communicate(timeout=harness.PATIENCE)[0]
        return p.popen.returncode, out, p.said()

    def origin(self):
        return '127.0.0.1', str(self.serve(echo).port)


class Scripted(Login):
    def proxy(self, **options):
        options.setdefault('behind', echo)
        p = self.serve(ntlm.Proxy('User', 'Pass word', domain='DOMAIN',
                                  **options))
        self.script = p.handler
        return p.port

    def test_ntlm(self):
        for shape in ('full', 'flagged', 'old', 'bare', 'short', 'oem'):
            for version, framing in (('1.1', 'length'), ('1.1', 'chunked'),
                                     ('1.0', 'length')):
                with self.subTest(shape=shape, version=version):
                    port = self.proxy(shape=shape, version=version,
                                      framing=framing)
                    self.assertEqual(self.login(port),
                                     (0, b'helloworld', ''))
                    self.assertEqual(self.script.seen[-2:], [1, 3])
                    self.assertEqual(self.script.refusals, [])

    def test_closed_behind_the_offer(self):
        """It comes again, and once is enough."""
        port = self.proxy(offers=('Negotiate', 'NTLM', 'Basic realm="x"'),
                          closes=('offer',))
        self.assertEqual(self.login(port), (0, b'helloworld', ''))
        self.assertEqual(self.script.seen, [0, 1, 3])

    def test_closed_behind_the_challenge(self):
        port = self.proxy(closes=('challenge',))
        status, out, said = self.login(port)
        self.assertEqual((status, out), (5, b''))
        self.assertIn('closes it', said)
        self.assertIn('keep-alive', said)

    def test_wrong_password(self):
        port = self.proxy()
        status, out, said = self.login(port, user='DOMAIN\\User:pass word')
        self.assertEqual((status, out), (5, b''))
        self.assertIn("rejected the credentials of 'DOMAIN\\User'", said)
        self.assertEqual(self.script.refusals, ['wrong password'])

    def test_what_may_be_used(self):
        port = self.proxy()
        status, _, said = self.login(port, '--auth', 'digest,basic')
        self.assertEqual(status, 5)
        self.assertIn('not in --auth', said)
        self.assertIn('NTLM', said)
        # Told to, it begins with it.
        port = self.proxy()
        self.assertEqual(self.login(port, '--auth', 'ntlm'),
                         (0, b'helloworld', ''))
        self.assertEqual(self.script.seen, [1, 3])
        status, _, said = self.login(port, '--auth', 'telepathy')
        self.assertEqual(status, 2)
        self.assertIn('telepathy', said)


class DigestSquid(Squid):
    """Digest, by its own helper."""

    def rules(self):
        file = self.write('users', 'User:Pass word\n')
        return ['auth_param digest program '
                '/usr/lib/squid/digest_file_auth %s' % file,
                'auth_param digest realm squid',
                'acl known proxy_auth REQUIRED', 'http_access allow known',
                'http_access deny all']


class Peers(Login):
    def peer(self, made):
        self.addCleanup(made.stop)
        return made.port

    def test_squid_ntlm(self):
        need('ntlm_auth', 'winbind')
        port = self.peer(ntlm.NtlmSquid())
        self.assertEqual(self.login(port, target=self.origin()),
                         (0, b'helloworld', ''))
        status, _, said = self.login(port, target=self.origin(),
                                     user='DOMAIN\\User:pass word')
        self.assertEqual(status, 5)
        self.assertIn('rejected', said)

    def test_squid_digest(self):
        port = self.peer(DigestSquid())
        self.assertEqual(self.login(port, target=self.origin(),
                                    user='User:Pass word'),
                         (0, b'helloworld', ''))
        status, _, said = self.login(port, target=self.origin(),
                                     user='User:pass word')
        self.assertEqual(status, 5)
        self.assertIn('rejected', said)

    def test_squid_basic(self):
        port = self.peer(Squid(account='user:Password'))
        self.assertEqual(self.login(port, target=self.origin(),
                                    user='user:Password'),
                         (0, b'helloworld', ''))
        status, _, said = self.login(port, '--auth', 'digest',
                                     target=self.origin(),
                                     user='user:Password')
        self.assertEqual(status, 5)
        self.assertIn('not in --auth', said)

    def test_tunnel_proxy(self):
        proxy = TunnelProxy('--user', 'User:Pass word')
        self.addCleanup(proxy.stop)
        for scheme in ('digest', 'basic', 'digest,ntlm,basic'):
            with self.subTest(scheme=scheme):
                self.assertEqual(
                    self.login(proxy.port, '--auth', scheme,
                               target=self.origin(), user='User:Pass word'),
                    (0, b'helloworld', ''))
                status, _, said = self.login(
                    proxy.port, '--auth', scheme, target=self.origin(),
                    user='User:pass word')
                self.assertEqual(status, 5)
                self.assertIn('rejected', said)

    def test_local_authenticator(self):
        """Clients without credentials, through a proxy of ours that has them
        for one that wants NTLM, or Digest."""
        need('ntlm_auth', 'winbind')
        for made, user in ((ntlm.NtlmSquid, 'DOMAIN%5CUser'),
                           (DigestSquid, 'User')):
            with self.subTest(user=user):
                port = self.peer(made())
                ours = TunnelProxy('--upstream', 'http://%s:Pass%%20word@'
                                   '127.0.0.1:%d' % (user, port))
                self.addCleanup(ours.stop)
                p = self.start([harness.CONNECT, '-x', '127.0.0.1:%d'
                                % ours.port] + list(self.origin()),
                               stdin=subprocess.PIPE)
                p.stdin.write(b'world')
                p.stdin.flush()
                self.assertEqual(p.stdout.read(10), b'helloworld')


if __name__ == '__main__':
    unittest.main()
