"""OpenSSH with ProxyCommand=tunnel-connect, through three proxies.

Whatever ssh starts says its complaints where ssh does, and there must be none:
also not when a session ends, which for tunnel-connect is a caller that goes."""

import hashlib
import os
import shlex
import shutil
import socket
import tempfile

import harness
import peers
from harness import await_true, clean_env, need, run
from scripted import MIB, echo, in_background


def sha256(path):
    h = hashlib.sha256()
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(MIB), b''):
            h.update(block)
    return h.hexdigest()


class Through:
    """What is done through each proxy; the classes below say which."""
    proxy_name = None

    @classmethod
    def setUpClass(cls):
        cls.ssh_path = need('ssh', 'openssh-client')
        cls.dir = tempfile.mkdtemp(prefix='tunnel-ssh-')
        cls.sshd = cls.proxy = None
        try:
            cls.sshd = peers.Sshd()
            cls.proxy = peers.PROXIES[cls.proxy_name]()
        except BaseException:
            cls.tearDownClass()
            raise
        cls.options = cls.sshd.client(cls.proxy.port)
        cls.big = os.path.join(cls.dir, 'big')
        with open(cls.big, 'wb') as f:
            for _ in range(64):
                f.write(os.urandom(MIB))
        cls.digest = sha256(cls.big)

    @classmethod
    def tearDownClass(cls):
        try:
            for peer in (cls.proxy, cls.sshd):
                if peer is not None:
                    peer.stop()
        finally:
            shutil.rmtree(cls.dir, True)

    def ssh(self, command, **kwargs):
        return run([self.ssh_path, '-p', str(self.sshd.port)] + self.options +
                   ['127.0.0.1', command], **kwargs)

    def path(self, name):
        return os.path.join(self.dir, name)

    def test_command(self):
        # Often, since the end of a session is a race of three programs.
        for _ in range(5):
            self.assertEqual(self.ssh('echo hello'), b'hello\n')

    def test_64_mib_up(self):
        there = self.path('up')
        with open(self.big, 'rb') as f:
            self.ssh('cat > ' + shlex.quote(there), stdin=f)
        self.assertEqual(sha256(there), self.digest)
        os.unlink(there)

    def test_64_mib_down(self):
        there = self.path('down')
        with open(there, 'wb') as f:
            self.ssh('cat ' + shlex.quote(self.big), stdout=f)
        self.assertEqual(sha256(there), self.digest)
        os.unlink(there)

    def test_scp(self):
        small = self.path('small')
        with open(small, 'wb') as f:
            f.write(os.urandom(3 * MIB + 17))
        remote = '127.0.0.1:' + small
        for source, target in ((small, remote + '.up'),
                               (remote + '.up', small + '.down')):
            run([need('scp', 'openssh-client'), '-q', '-P',
                 str(self.sshd.port)] + self.options + [source, target])
        self.assertEqual(sha256(small), sha256(small + '.up'))
        self.assertEqual(sha256(small), sha256(small + '.down'))

    def test_git_clone(self):
        git_path = need('git', 'git')
        origin, clone = self.path('origin'), self.path('clone')
        env = clean_env(
            GIT_SSH_COMMAND=' '.join(map(shlex.quote,
                                         [self.ssh_path] + self.options)),
            GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL='/dev/null',
            GIT_AUTHOR_NAME='t', GIT_AUTHOR_EMAIL='t@localhost',
            GIT_COMMITTER_NAME='t', GIT_COMMITTER_EMAIL='t@localhost')

        def git(*args, cwd=self.dir):
            return run([git_path] + list(args), env=env, cwd=cwd)
        git('init', '-q', '-b', 'main', origin)
        with open(os.path.join(origin, 'file'), 'wb') as f:
            f.write(os.urandom(2 * MIB))
        git('add', 'file', cwd=origin)
        git('commit', '-q', '-m', 'first', cwd=origin)
        git('clone', '-q', 'ssh://127.0.0.1:%d%s' % (self.sshd.port, origin),
            clone)
        self.assertEqual(git('rev-parse', 'HEAD', cwd=clone),
                         git('rev-parse', 'HEAD', cwd=origin))
        self.assertEqual(sha256(os.path.join(clone, 'file')),
                         sha256(os.path.join(origin, 'file')))

    def forward(self, target):
        """ssh -N -L to a port: ours, and the process."""
        port = self.free_port()
        p = self.start([self.ssh_path, '-N', '-p', str(self.sshd.port)] +
                       self.options + ['-o', 'ExitOnForwardFailure=yes', '-L',
                       '127.0.0.1:%d:127.0.0.1:%d' % (port, target),
                       '127.0.0.1'])
        await_true(lambda: not p.running() or peers.answers(port))
        self.assertTrue(p.running(), p.said())
        return port, p

    def test_local_forward(self):
        port, p = self.forward(self.serve(echo).port)
        for n in (1, 4 * MIB):
            data = os.urandom(n)
            s = self.connected(port)
            finish = in_full(s, data)
            self.assertTrue(harness.recv_all(s) == data)
            finish()
        p.stop()


def in_full(s, data):
    """Send it and its end, while somebody else reads."""
    def send():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    return in_background(send)


class SshThroughSquid(Through, harness.Case):
    proxy_name = 'squid'


class SshThroughTinyproxy(Through, harness.Case):
    proxy_name = 'tinyproxy'


class SshThroughTunnelProxy(Through, harness.Case):
    proxy_name = 'tunnel-proxy'
