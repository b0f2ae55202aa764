"""What somebody who runs code inside tunnel-proxy can still do."""

import errno
import os
import platform
import shlex
import signal
import subprocess
import sys
import tempfile
import unittest

import harness
from scripted import Proxied

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = platform.machine() in ('x86_64', 'aarch64') and sys.maxsize >> 32 > 0


def build(path):
    top = os.path.join(HERE, '..', '..')
    subprocess.run(shlex.split(os.environ.get('CC', 'cc')) + [
        '-shared', '-fPIC', '-I', os.path.join(top, 'include'), '-I',
        os.path.join(top, 'examples'), '-o', path,
        os.path.join(HERE, 'intruder.c')], check=True,
                   timeout=harness.PATIENCE)


@unittest.skipUnless(sys.platform == 'linux', 'it is for Linux')
class Sandbox(Proxied):
    def setUp(self):
        super().setUp()
        self.made = self.directory()
        self.library = os.path.join(self.made, 'intruder.so')
        build(self.library)

    def start_proxy(self, *options):
        """One with an intruder, whose sandbox says what it holds back."""
        proxy = self.proxy('-v', '--threads', '1', '--extension', self.library,
                           *options)
        said = proxy.process.said()
        if 'built with a sanitizer' in said:
            self.skipTest('built with a sanitizer')
        return proxy, said

    def needs(self, said, what):
        if 'sandbox: %s are restricted' % what not in said:
            self.assertNotEqual(said.count('sandbox: %s are unrestricted: ' %
                                           what), 0, said)
            self.skipTest('this kernel: ' + said)

    def ask(self, proxy, what, path=''):
        with self.connected(proxy.port) as s:
            s.sendall(b'GET /%s/%s HTTP/1.1\r\nHost: x\r\n'
                      b'Connection: close\r\n\r\n' % (
                          what.encode(), path.lstrip('/').encode()))
            try:
                return harness.recv_all(s)
            except ConnectionResetError:
                return b''

    def assert_errno(self, number, proxy, *what):
        self.assertTrue(self.ask(proxy, *what).endswith(
            b'errno %d.' % number), (what, self.ask(proxy, *what)))

    def test_dies(self):
        for call in 'execve', 'ptrace':
            # This one must end without being told.
            argv = [harness.PROXY, '-v', '-l', '127.0.0.1:0', '--extension',
                    self.library]
            p = self.start(argv)
            port = int(p.stdout.readline().rsplit(b':', 1)[1])
            if 'built with a sanitizer' in p.said():
                self.skipTest('built with a sanitizer')
            self.needs(p.said(), 'system calls')
            with self.connected(port) as s:
                s.sendall(b'GET /%s/ HTTP/1.1\r\nHost: x\r\n\r\n' %
                          call.encode())
                self.assertEqual(p.wait(), -signal.SIGSYS)

    def test_fails(self):
        proxy, said = self.start_proxy()
        self.needs(said, 'system calls')
        for call, number in (('unknown', errno.ENOSYS), ('clone', errno.EPERM),
                             ('packet', errno.EAFNOSUPPORT),
                             ('code', errno.EACCES), ('signal', errno.EPERM),
                             ('owner', errno.EINVAL), ('limits', errno.EPERM),
                             ('itself', 0)):
            self.assert_errno(number, proxy, call)

    def test_files(self):
        with tempfile.NamedTemporaryFile() as other:
            own = os.path.join(self.made, 'own')
            os.mkdir(own)
            proxy, said = self.start_proxy('--access-log',
                                           os.path.join(own, 'log'))
            self.needs(said, 'files')
            self.assert_errno(errno.EACCES, proxy, 'read', other.name)
            self.assert_errno(errno.EACCES, proxy, 'write', other.name)
            self.assert_errno(errno.EACCES, proxy, 'write',
                              os.path.join(self.made, 'new'))
            self.assert_errno(errno.EACCES, proxy, 'read',
                              os.path.join(own, 'log'))
            self.assert_errno(0, proxy, 'write', os.path.join(own, 'new'))
            self.assert_errno(0, proxy, 'read', '/etc/hosts')
            self.assert_errno(errno.EACCES, proxy, 'write', '/etc/hosts')

    def test_turned_off(self):
        proxy, said = self.start_proxy('--no-sandbox')
        self.assertIn('unrestricted: --no-sandbox', said)
        for call in 'code', 'clone', 'signal', 'owner', 'limits':
            self.assert_errno(0, proxy, call)

    def test_privileges(self):
        proxy, said = self.start_proxy()
        self.needs(said, 'system calls')
        with open('/proc/%d/status' % proxy.process.pid,
                  encoding='ascii') as f:
            status = f.read()
        self.assertIn('NoNewPrivs:\t1', status)
        self.assertIn('Seccomp:\t2', status)
