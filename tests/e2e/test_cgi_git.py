"""git's smart HTTP: git-http-backend(1) behind cgi-gateway."""

import os
import subprocess
import unittest

import harness
from gateways import Cgi
from harness import clean_env, need


class Git(Cgi):
    def setUp(self):
        super().setUp()
        self.exe = need('git', 'git')
        self.env = clean_env(
            HOME=self.top, GIT_CONFIG_NOSYSTEM='1', GIT_AUTHOR_NAME='a',
            GIT_AUTHOR_EMAIL='a@a.example', GIT_COMMITTER_NAME='a',
            GIT_COMMITTER_EMAIL='a@a.example', GIT_TERMINAL_PROMPT='0',
            LC_ALL='C')
        self.bare = os.path.join(self.top, 'repos', 'x.git')
        self.git('init', '-q', '--bare', '-b', 'main', self.bare)
        self.git('-C', self.bare, 'config', 'http.receivepack', 'true')
        self.program('git', 'exec %s http-backend\n' % self.exe)
        self.gate = self.cgi(
            '-v', '--env', 'GIT_PROJECT_ROOT=%s/repos' % self.top,
            '--env', 'GIT_HTTP_EXPORT_ALL=1')
        self.remote = self.url(self.gate, '/git/x.git')

    def git(self, *args, status=0):
        done = subprocess.run([self.exe, *args], env=self.env,
                              capture_output=True, timeout=harness.PATIENCE,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, (args, done.stderr))
        return (done.stdout + done.stderr).decode()

    def work(self, name):
        """A clone: how git is called in it."""
        path = os.path.join(self.top, name)
        self.git('clone', '-q', self.remote, path)
        return path, lambda *args, **more: self.git('-C', path, *args,
                                                    **more)

    def commit(self, path, git, name, content):
        with open(os.path.join(path, name), 'wb') as f:
            f.write(content)
        git('add', '.')
        git('commit', '-q', '-m', name)

    def head(self, git):
        return git('rev-parse', 'HEAD').strip()

    def test_clone_push_fetch(self):
        path, one = self.work('one')
        for i in range(30):
            self.commit(path, one, 'f%d' % i, b'line %d\n' % i * 50)
        one('push', '-q', 'origin', 'HEAD:main')
        self.assertEqual(self.git('-C', self.bare, 'rev-parse',
                                  'main').strip(), self.head(one))
        _, two = self.work('two')
        self.assertEqual(self.head(two), self.head(one))
        # Far more than git holds back: it is sent in chunks.
        big = os.urandom(12 << 20)
        self.commit(path, one, 'big', big)
        one('push', '-q', 'origin', 'HEAD:main')
        two('pull', '-q', '--ff-only')
        with open(os.path.join(self.top, 'two', 'big'), 'rb') as f:
            self.assertEqual(f.read(), big)
        two('fsck', '--strict')
        shallow = os.path.join(self.top, 'shallow')
        self.git('clone', '-q', '--depth', '1', self.remote, shallow)
        self.assertEqual(self.git('-C', shallow, 'rev-list', '--count',
                                  'HEAD').strip(), '1')
        self.git('-C', shallow, 'fetch', '-q', '--unshallow')
        self.assertEqual(self.git('-C', shallow, 'rev-list', '--count',
                                  'HEAD').strip(), '31')
        self.assertNotIn('failed', self.gate.said())

    def test_dumb(self):
        """Files that are sent as they are, and asked for again in parts."""
        path, one = self.work('one')
        self.commit(path, one, 'f', b'text\n')
        one('push', '-q', 'origin', 'HEAD:main')
        self.git('-C', self.bare, 'update-server-info')
        self.assertEqual(self.curl(self.remote + '/HEAD'),
                         b'ref: refs/heads/main\n')
        refs = self.curl(self.remote + '/info/refs')
        self.assertEqual(refs.split()[0].decode(), self.head(one))

    def test_refusals(self):
        """What git says arrives."""
        path, one = self.work('one')
        self.commit(path, one, 'f', b'text\n')
        one('push', '-q', 'origin', 'HEAD:main')
        hook = os.path.join(self.bare, 'hooks', 'pre-receive')
        with open(hook, 'w') as f:
            f.write('#!/bin/sh\necho not today >&2\nexit 1\n')
        os.chmod(hook, 0o755)
        self.commit(path, one, 'g', b'more\n')
        said = one('push', 'origin', 'HEAD:main', status=1)
        self.assertIn('remote: not today', said)
        os.unlink(hook)
        self.git('-C', self.bare, 'config', 'http.receivepack', 'false')
        self.assertIn('403', one('push', 'origin', 'HEAD:main', status=128))
        self.assertIn('not found', self.git(
            'ls-remote', self.url(self.gate, '/git/none.git'), status=128))
        said = one('fetch', 'origin', 'f' * 40, status=128)
        self.assertIn('not our ref', said)

    def test_large_fetch_with_many_refs(self):
        path, one = self.work('one')
        self.commit(path, one, 'f', b'text\n')
        head = self.head(one)
        refs = ''.join('create refs/tags/t%d %s\n' % (i, head)
                       for i in range(1500))
        subprocess.run([self.exe, '-C', path, 'update-ref', '--stdin'],
                       input=refs.encode(), env=self.env, check=True,
                       timeout=harness.PATIENCE)
        one('push', '-q', 'origin', 'HEAD:main', '--tags')
        # Version 0 of the protocol tells them all at once.
        out = self.git('-c', 'protocol.version=0', 'ls-remote', self.remote)
        self.assertEqual(len(out.splitlines()), 1502)


if __name__ == '__main__':
    unittest.main()
