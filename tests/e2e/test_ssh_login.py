"""OpenSSH through proxies that want a login, each by its strongest scheme or by
the one that it is made for: what a command says, and 8 MiB each way."""

import hashlib
import os
import shlex

import harness
import ntlm
import peers
from harness import need, run
from scripted import MIB
from test_connect_auth import DigestSquid


class Login(harness.Case):
    account = 'User:Pass word'
    schemes = 'digest,ntlm,basic'

    def through(self, proxy, scheme):
        """All of it; the proxy offers this scheme."""
        self.addCleanup(proxy.stop)
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        directory = self.directory()
        path = os.path.join(directory, 'credentials')
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
            f.write('* ' + self.account)
        ssh = ([need('ssh', 'openssh-client')] + sshd.through(
            '-x', 'http://127.0.0.1:%d' % proxy.port, '--auth', self.schemes,
            '--credentials-file', path) + ['-p', str(sshd.port), '127.0.0.1'])
        self.assertEqual(run(ssh + ['echo hello; exit 0']), b'hello\n')
        data = os.urandom(8 * MIB)
        digest = hashlib.sha256(data).hexdigest()
        out = run(ssh + ['sha256sum'], input=data)
        self.assertEqual(out.split()[0].decode(), digest)
        file = os.path.join(directory, 'file')
        with open(file, 'wb') as f:
            f.write(data)
        out = run(ssh + ['cat ' + shlex.quote(file)])
        self.assertEqual(hashlib.sha256(out).hexdigest(), digest)
        # And it was a login: without one, nobody is let in.
        p = self.start([harness.CONNECT, '-v', '-x', '127.0.0.1:%d'
                        % proxy.port, '127.0.0.1', str(sshd.port)])
        self.assertEqual(p.wait(), 5, p.said())
        self.assertIn('< Proxy-Authenticate: %s' % scheme, p.said())

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
