"""OpenSSH with ProxyCommand=tunnel-connect, through three proxies."""

import hashlib
import os
import shutil
import subprocess
import tempfile

import harness
import peers
from harness import await_true, need

MIB = 1 << 20


def sha256(path):
    h = hashlib.sha256()
    with open(path, 'rb') as f:
        while True:
            block = f.read(MIB)
            if not block:
                return h.hexdigest()
            h.update(block)


class Through:
    """What is done through each proxy; the classes below say which."""
    proxy_name = None

    @classmethod
    def setUpClass(cls):
        need('ssh', 'openssh-client')
        cls.dir = tempfile.mkdtemp(prefix='tunnel-ssh-')
        cls.sshd = cls.proxy = None
        try:
            cls.sshd = peers.Sshd()
            cls.proxy = peers.PROXIES[cls.proxy_name]()
        except BaseException:
            cls.tearDownClass()
            raise
        cls.big = os.path.join(cls.dir, 'big')
        with open(cls.big, 'wb') as f:
            for _ in range(64):
                f.write(os.urandom(MIB))
        cls.digest = sha256(cls.big)

    @classmethod
    def tearDownClass(cls):
        for peer in (cls.proxy, cls.sshd):
            if peer is not None:
                peer.stop()
        shutil.rmtree(cls.dir, True)

    def ssh(self, *command, options=(), **kwargs):
        argv = (['ssh', '-p', str(self.sshd.port)] +
                self.sshd.client(self.proxy.port) + list(options) +
                ['127.0.0.1'] + list(command))
        return subprocess.run(argv, timeout=harness.PATIENCE, check=True,
                              env=harness.clean_env(), **kwargs)

    def test_command(self):
        done = self.ssh('echo hello; exit 0', stdout=subprocess.PIPE)
        self.assertEqual(done.stdout, b'hello\n')

    def test_64_mib_up(self):
        with open(self.big, 'rb') as f:
            done = self.ssh('sha256sum', stdin=f, stdout=subprocess.PIPE)
        self.assertEqual(done.stdout.split()[0].decode(), self.digest)

    def test_64_mib_down(self):
        there = os.path.join(self.dir, 'down')
        with open(there, 'wb') as f:
            self.ssh('cat ' + self.big, stdout=f)
        self.assertEqual(sha256(there), self.digest)
        os.unlink(there)

    def test_scp(self):
        small = os.path.join(self.dir, 'small')
        with open(small, 'wb') as f:
            f.write(os.urandom(3 * MIB + 17))
        options = self.sshd.client(self.proxy.port)
        remote = '127.0.0.1:' + small
        for source, target in ((small, remote + '.up'),
                               (remote + '.up', small + '.down')):
            subprocess.run(['scp', '-q', '-P', str(self.sshd.port)] + options
                           + [source, target], check=True,
                           env=harness.clean_env(), timeout=harness.PATIENCE)
        self.assertEqual(sha256(small), sha256(small + '.down'))

    def test_git_clone(self):
        need('git', 'git')
        origin = os.path.join(self.dir, 'origin')
        env = harness.clean_env(
            GIT_SSH_COMMAND='ssh ' + ' '.join(
                "'%s'" % o for o in self.sshd.client(self.proxy.port)),
            GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL='/dev/null',
            GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='safe.directory',
            GIT_CONFIG_VALUE_0='*')

        def git(*args, cwd=None):
            return subprocess.run(['git'] + list(args), check=True, env=env,
                                  cwd=cwd, timeout=harness.PATIENCE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE).stdout
        git('init', '-q', origin)
        with open(os.path.join(origin, 'file'), 'wb') as f:
            f.write(os.urandom(2 * MIB))
        git('add', 'file', cwd=origin)
        git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit',
            '-q', '-m', 'first', cwd=origin)
        clone = os.path.join(self.dir, 'clone')
        git('clone', '-q', 'ssh://127.0.0.1:%d%s' % (self.sshd.port, origin),
            clone)
        self.assertEqual(git('rev-parse', 'HEAD', cwd=clone),
                         git('rev-parse', 'HEAD', cwd=origin))
        self.assertEqual(sha256(os.path.join(clone, 'file')),
                         sha256(os.path.join(origin, 'file')))

    def test_local_forward(self):
        def echo(conn):
            conn.sendall(harness.recv_all(conn))
        origin = self.serve(echo)
        port = harness.free_port()
        self.start(['ssh', '-N', '-p', str(self.sshd.port)] +
                   self.sshd.client(self.proxy.port) +
                   ['-o', 'ExitOnForwardFailure=yes', '-L',
                    '127.0.0.1:%d:127.0.0.1:%d' % (port, origin.port),
                    '127.0.0.1'])
        await_true(lambda: peers.answers(port))
        data = os.urandom(MIB)
        s = self.connected(port)
        s.sendall(data)
        s.shutdown(1)
        self.assertEqual(harness.recv_all(s), data)


class SshThroughSquid(Through, harness.Case):
    proxy_name = 'squid'


class SshThroughTinyproxy(Through, harness.Case):
    proxy_name = 'tinyproxy'


class SshThroughTunnelProxy(Through, harness.Case):
    proxy_name = 'tunnel-proxy'
