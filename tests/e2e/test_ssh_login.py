"""OpenSSH through proxies that want a login, each by its strongest scheme or by
the one that it is made for: what a command says, and 8 MiB each way."""

import hashlib
import os
import shlex

import harness
import kerberos
import ntlm
import peers
from harness import clean_env, need, run
from scripted import MIB
from test_connect_auth import DigestSquid


class Login(harness.Case):
    account = 'User:Pass word'
    schemes = 'digest,ntlm,basic'

    def carries(self, *options, env=None):
        """All of it, through tunnel-connect with these options; the sshd."""
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        ssh = ([need('ssh', 'openssh-client')] + sshd.through(*options) +
               ['-p', str(sshd.port), '127.0.0.1'])
        env = env or clean_env()
        self.assertEqual(run(ssh + ['echo hello; exit 0'], env=env),
                         b'hello\n')
        data = os.urandom(8 * MIB)
        digest = hashlib.sha256(data).hexdigest()
        out = run(ssh + ['sha256sum'], input=data, env=env)
        self.assertEqual(out.split()[0].decode(), digest)
        file = os.path.join(self.directory(), 'file')
        with open(file, 'wb') as f:
            f.write(data)
        out = run(ssh + ['cat ' + shlex.quote(file)], env=env)
        self.assertEqual(hashlib.sha256(out).hexdigest(), digest)
        return sshd

    def is_needed(self, proxy, sshd, scheme):
        """Without a login, nobody is let in; and it offers this scheme."""
        p = self.start([harness.CONNECT, '-v', '-x', '127.0.0.1:%d'
                        % proxy.port, '127.0.0.1', str(sshd.port)])
        self.assertEqual(p.wait(), 5, p.said())
        self.assertIn('< Proxy-Authenticate: %s' % scheme, p.said())

    def through(self, proxy, scheme):
        self.addCleanup(proxy.stop)
        path = os.path.join(self.directory(), 'credentials')
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
            f.write('* ' + self.account)
        self.is_needed(proxy, self.carries(
            '-x', 'http://127.0.0.1:%d' % proxy.port, '--auth', self.schemes,
            '--credentials-file', path), scheme)

    def test_squid_basic(self):
        # By default it has its users' names in small letters.
        self.account = 'user:Pass word'
        self.through(peers.Squid(account=self.account), 'Basic')

    def test_squid_digest(self):
        self.through(DigestSquid(), 'Digest')

    def test_squid_ntlm(self):
        need('ntlm_auth', 'winbind')
        self.account = 'DOMAIN\\User:Pass word'
        self.through(ntlm.NtlmSquid(), 'NTLM')

    def test_squid_negotiate(self):
        realm = kerberos.Realm()
        self.addCleanup(realm.stop)
        proxy = kerberos.Squid(realm, realm.service('HTTP/localhost'))
        self.addCleanup(proxy.stop)
        self.is_needed(proxy, self.carries(
            '-x', 'localhost:%d' % proxy.port, '--auth', 'negotiate',
            env=realm.login()), 'Negotiate')

    def test_apache_digest(self):
        self.through(peers.Apache(self.account, 'Digest'), 'Digest')

    def test_apache_basic(self):
        self.through(peers.Apache(self.account, 'Basic'), 'Basic')

    def test_tinyproxy_basic(self):
        self.account = 'User:Password'
        self.through(peers.Tinyproxy(self.account), 'Basic')

    def test_tunnel_proxy_basic(self):
        self.schemes = 'basic'
        self.through(peers.TunnelProxy('--user', self.account), 'Basic')

    def test_tunnel_proxy_digest(self):
        self.through(peers.TunnelProxy('--user', self.account), 'Digest')
