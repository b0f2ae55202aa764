"""tunnel-connect through a proxy behind a proxy behind a proxy."""

import hashlib
import os
import shlex
import subprocess

import harness
import peers
import ways
from harness import CONNECT, clean_env, need, recv_until
from scripted import MIB, OK, Flood, Scripted, echo


class Chain(Scripted):
    """Scripted proxies, which are one: it sees each request in its turn."""

    def chain(self, *replies, after=lambda conn: None):
        """One after the other is said to requests, and then the tunnel is."""
        self.heads = []

        def handler(conn):
            for reply in replies:
                self.heads.append(recv_until(conn, b'\r\n\r\n').decode())
                conn.sendall(reply)
            after(conn)
        return self.serve(handler).port

    def by(self, *options, **kwargs):
        kwargs.setdefault('stdin', subprocess.PIPE)
        return self.start([CONNECT] + list(options) + ['target.test', '22'],
                          **kwargs)

    def ends(self, p, status, *words, stdin=b''):
        out, _ = p.popen.communicate(stdin, timeout=harness.PATIENCE)
        said = p.said()
        self.assertEqual(p.popen.returncode, status, said)
        self.assertEqual(said.count('\n'), 1 if words else 0, said)
        for word in words:
            self.assertIn(word, said)
        return out

    def test_each_is_asked_for_the_next(self):
        port = self.chain(OK, OK, OK + b'hi ', after=echo)
        p = self.by('-x', 'http://a:x@127.0.0.1:%d' % port, '-x',
                    'http://b:y@two.test', '-x', 'three.test:99', '-u', 'c:z')
        self.assertEqual(self.ends(p, 0, stdin=b'there'), b'hi there')
        for head, target, token in zip(
                self.heads, ('two.test:80', 'three.test:99', 'target.test:22'),
                ('YTp4', 'Yjp5', 'Yzp6')):
            self.assertTrue(head.startswith(
                'CONNECT %s HTTP/1.1\r\nHost: %s\r\n' % (target, target)),
                head)
            self.assertEqual(head.count('Authorization'), 1)
            self.assertIn('\r\nProxy-Authorization: Basic %s\r\n' % token,
                          head)

    def test_user_is_for_one_of_them(self):
        """The one before it, or else the first."""
        for options, want in ((['-u', 'a:b', '-x', '1', '-x', '2'], [1, 0]),
                              (['-x', '1', '-u', 'a:b', '-x', '2'], [1, 0]),
                              (['-x', '1', '-x', '2', '-u', 'a:b'], [0, 1])):
            port = self.chain(OK, OK)
            options = [{'1': '127.0.0.1:%d' % port, '2': 'two.test'}.get(o, o)
                       for o in options]
            self.ends(self.by(*options), 0)
            self.assertEqual(['Authorization' in h for h in self.heads],
                             [bool(w) for w in want], options)

    def test_refusals_name_the_hop(self):
        no = b'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
        auth = (b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n'
                b'Content-Length: 0\r\n\r\n')
        for replies, status, *words in (
                ([no], 4, ' (1 of 3) refused', 'next proxy, two.test port 80'),
                ([OK, no], 4, 'two.test:80 (2 of 3) refused',
                 'next proxy, three.test port 99'),
                ([OK, OK, no], 4, 'three.test:99 (3 of 3) refused',
                 'target.test port 22'),
                ([OK, auth], 5, 'two.test:80 (2 of 3) wants credentials'),
                ([OK, OK, b'SSH-2.0-x\r\n'], 6, 'three.test:99 (3 of 3)',
                 'SSH'),
                ([OK], 6, 'two.test:80 (2 of 3)'),
                ([OK + b'early'], 6, '(1 of 3)', 'two.test', 'chain')):
            with self.subTest(words=words):
                port = self.chain(*replies)
                self.ends(self.by('-x', '127.0.0.1:%d' % port, '-x',
                                  'two.test', '-x', 'three.test:99'), status,
                          *words)

    def test_silence_of_the_second(self):
        port = self.chain(OK, after=lambda conn: self.hold())
        self.ends(self.by('-x', '127.0.0.1:%d' % port, '-x', 'two.test', '-t',
                          '3'), 7, 'two.test:80 (2 of 2)', '-t')

    def test_first_not_reached(self):
        self.ends(self.by('-x', '127.0.0.1:%d' % self.free_port(), '-x',
                          'two.test'), 3, 'cannot be reached')

    def test_fields_go_to_all(self):
        port = self.chain(OK, OK)
        self.ends(self.by('-x', '127.0.0.1:%d' % port, '-x', 'two.test', '-H',
                          'X-Me: you'), 0)
        self.assertEqual(['\r\nX-Me: you\r\n' in h for h in self.heads],
                         [True, True])

    def test_over_a_command(self):
        port = self.chain(OK, b'HTTP/1.1 403 No\r\n\r\n')
        self.ends(self.by('--proxy-command', '%s 127.0.0.1 %d' % (
            need('ncat', 'ncat'), port), '-x', 'one.test', '-x', 'two.test'),
            4, 'two.test:80 (2 of 2)', '403')
        self.assertIn('CONNECT two.test:80 ', self.heads[0])

    def test_too_many(self):
        self.ends(self.by(*['-x', 'p'] * 9), 2, 'too many')

    def test_exempt(self):
        there = self.serve(lambda conn: conn.sendall(b'direct'))
        p = self.start([CONNECT, '-x', 'a', '-x', 'b', '127.0.0.1',
                        str(there.port)], env=clean_env(no_proxy='*'))
        self.assertEqual(self.ends(p, 0), b'direct')

    def test_verbose_shows_no_secret(self):
        port = self.chain(OK, OK)
        p = self.by('-v', '-x', 'http://a:sesame@127.0.0.1:%d' % port, '-x',
                    'http://b:sesame@two.test')
        p.popen.communicate(b'')
        self.assertEqual(p.said().count('> Proxy-Authorization: ***\n'), 2)
        self.assertNotIn('sesame', p.said())
        self.assertIn('through the proxies 127.0.0.1:%d, two.test:80' % port,
                      p.said())


class Real(Scripted):
    """Three proxies of three makes, each with credentials of its own."""

    ACCOUNTS = ('squid:open 1:', 'tiny:two', 'tunnel:three@')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxies = []
        cls.addClassCleanup(lambda: [p.stop() for p in cls.proxies])
        cls.proxies.append(peers.Squid(cls.ACCOUNTS[0]))
        cls.proxies.append(peers.Tinyproxy(cls.ACCOUNTS[1]))
        cls.proxies.append(peers.TunnelProxy('--user', cls.ACCOUNTS[2]))

    def file(self):
        """Their credentials, as a file."""
        path = os.path.join(self.directory(), 'credentials')
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
            for proxy, account in zip(self.proxies, self.ACCOUNTS):
                f.write('127.0.0.1:%d %s\n' % (proxy.port, account))
        return path

    def options(self, order=(0, 1, 2)):
        return ['--credentials-file', self.file()] + [
            word for i in order for word in
            ('-x', 'http://127.0.0.1:%d' % self.proxies[i].port)]

    def test_every_order(self):
        up, down = Flood(2), os.urandom(2 * MIB)

        def origin(conn):
            conn.sendall(b'hi')
            if up.is_whole(conn):
                conn.sendall(down)
        port = self.serve(origin).port
        for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 1), (2, 1)):
            p = self.start([CONNECT] + self.options(order) +
                           ['127.0.0.1', str(port)], stdin=subprocess.PIPE)
            self.assertEqual(p.stdout.read(2), b'hi', p.said())
            for i in range(up.mib):
                for part in up.parts(i):
                    p.stdin.write(part)
            # It stays open: not all of them know half-close.
            p.stdin.flush()
            self.assertTrue(p.stdout.read() == down, order)
            p.stdin.close()
            self.assertEqual((p.wait(), p.said()), (0, ''))

    def test_wrong_credentials_of_the_second(self):
        words = self.options()
        words[5] = words[5].replace('//', '//tiny:wrong@')
        p = self.start([CONNECT] + words + ['127.0.0.1', '22'])
        self.assertIn(p.wait(), (4, 5), p.said())
        self.assertIn('(2 of 3)', p.said())

    def test_ssh_with_much(self):
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        data = os.urandom(64 * MIB)
        digest = hashlib.sha256(data).hexdigest().encode()
        ssh = ([need('ssh', 'openssh-client')] +
               sshd.through(*self.options()) +
               ['-p', str(sshd.port), '127.0.0.1'])
        out = harness.run(ssh + ['sha256sum'], input=data)
        self.assertEqual(out.split()[0], digest)
        path = os.path.join(self.directory(), 'file')
        with open(path, 'wb') as f:
            f.write(data)
        out = harness.run(ssh + ['cat ' + shlex.quote(path)])
        self.assertEqual(hashlib.sha256(out).hexdigest().encode(), digest)

    def test_behind_tls(self):
        """The first one is reached by https://, and carries ssh."""
        authority = ways.Authority(self.directory())
        front = self.serve(ways.in_tls(
            authority.sign('DNS:localhost'),
            ways.passed_on(self.proxies[0].port)))
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        words = self.options()
        words[3] = 'https://%s@localhost:%d' % (
            self.ACCOUNTS[0].replace(' ', '%20'), front.port)
        out = harness.run([need('ssh', 'openssh-client')] + sshd.through(
            '--cacert', authority.file, *words) +
            ['-p', str(sshd.port), '127.0.0.1', 'echo hello'])
        self.assertEqual(out, b'hello\n')
