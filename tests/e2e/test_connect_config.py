"""What tunnel-connect is told on its command line and by its environment: which
proxy, with which credentials, and who gets to see them."""

import base64
import os
import select
import subprocess

import harness
from harness import clean_env, recv_all
from scripted import OK, Scripted

SECRET = 'open sesame'


class Secrets(Scripted):
    TOKEN = b'Proxy-Authorization: Basic dXNlcjpvcGVuIHNlc2FtZQ==\r\n'

    def ready(self, conn):
        conn.sendall(OK + b'ready')
        recv_all(conn)

    def unseen(self, p, *secrets):
        """Nobody finds the secrets in the arguments or the environment."""
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (p.pid, name), 'rb') as f:
                there = f.read()
            for secret in secrets:
                self.assertNotIn(secret, there)

    def sends(self, *options, token=TOKEN, secrets=(b'sesame',), **env):
        p = self.connect(self.proxy(self.ready), *options,
                         env=clean_env(**env))
        self.assertEqual(p.stdout.read(5), b'ready')
        self.assertIn(token, self.heads[0])
        self.unseen(p, *secrets)
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))

    def test_argument(self):
        self.sends('-u', 'user:' + SECRET)
        self.sends('-uuser:' + SECRET)
        self.sends('--user', 'user:' + SECRET)
        self.sends('--user=user:' + SECRET)

    def test_header(self):
        self.sends('-H', self.TOKEN.decode().strip(), secrets=(b'dXNl',))

    def test_environment(self):
        self.sends('-u', 'user', TUNNEL_PROXY_PASSWORD=SECRET)
        # What is said directly counts.
        self.sends('-u', 'user:' + SECRET, TUNNEL_PROXY_PASSWORD='other')

    def test_empty_password(self):
        self.sends('-u', 'user:', token=b': Basic dXNlcjo=\r\n')

    def url(self, userinfo, user, password, *options, **env):
        proxy = self.proxy(self.ready)
        p = self.start([harness.CONNECT, '-x', 'http://%s@127.0.0.1:%d'
                        % (userinfo, proxy.port)] + list(options) +
                       ['h', '1'], env=clean_env(**env),
                       stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(5), b'ready')
        token = base64.b64encode(('%s:%s' % (user, password)).encode())
        self.assertIn(b'Proxy-Authorization: Basic ' + token + b'\r\n',
                      self.heads[0])
        self.unseen(p, b'sesame')

    def test_url(self):
        self.url('user:open%20sesame', 'user', SECRET)
        self.url('us%40er:%3a%2F%25', 'us@er', ':/%')
        self.url('user', 'user', SECRET, TUNNEL_PROXY_PASSWORD=SECRET)
        # An option is stronger than the URL.
        self.url('user:open%20sesame', 'other', 'word', '-u', 'other:word')

    def test_no_password_and_no_terminal(self):
        p = self.start([harness.CONNECT, '-x', 'p', '-u', 'user', 'h', '22'],
                       start_new_session=True)
        self.assertEqual(p.wait(), 2)
        self.assertIn('TUNNEL_PROXY_PASSWORD', p.said())

    def test_password_from_the_terminal(self):
        ours, theirs = os.openpty()
        proxy = self.proxy(self.ready)
        # Who opens a terminal as the leader of a new session owns it.
        p = self.start(['/bin/sh', '-c', 'exec 3<>"$0"; exec "$@"',
                        os.ttyname(theirs), harness.CONNECT, '-x',
                        '127.0.0.1:%d' % proxy.port, '-u', 'user', 'h', '22'],
                       start_new_session=True, stdin=subprocess.PIPE)
        shown = b''
        while b': ' not in shown:
            self.assertTrue(select.select([ours], [], [],
                                          harness.PATIENCE)[0], p.said())
            shown += os.read(ours, 1024)
        os.write(ours, SECRET.encode() + b'\n')
        self.assertEqual(p.stdout.read(5), b'ready')
        self.assertIn(self.TOKEN, self.heads[0])
        p.stdin.close()
        self.assertEqual(p.wait(), 0)
        while select.select([ours], [], [], 0)[0]:
            shown += os.read(ours, 1024)
        self.assertIn(b'user', shown)
        self.assertNotIn(b'sesame', shown)
        os.close(ours)
        os.close(theirs)

    def test_verbose_shows_no_secret(self):
        status, _, said = self.outcome(
            lambda conn: conn.sendall(OK[:-2] + b'Set-Cookie: sesame\r\n\r\n'),
            '-v', '-u', 'user:' + SECRET, '-H', 'Cookie: ' + SECRET)
        self.assertEqual(status, 0)
        self.assertIn('> CONNECT target.test:22 HTTP/1.1\n', said)
        self.assertIn('> Proxy-Authorization: ***\n', said)
        self.assertIn('< HTTP/1.1 200 ', said)
        self.assertNotIn('sesame', said)
        self.assertNotIn('dXNlc', said)

    def test_verbose_shows_no_field_that_was_given(self):
        """Which of them is a secret only its owner knows."""
        given = ('X-Api-Key', 'user-agent', 'Cookie')
        status, _, said = self.outcome(
            lambda conn: conn.sendall(b'HTTP/1.1 200 OK\r\n\r\n'), '-v',
            *[w for name in given for w in ('-H', name + ': ' + SECRET)])
        self.assertEqual(status, 0)
        self.assertNotIn('sesame', said)
        for name in given:
            self.assertIn('> %s: ***\n' % name, said)
        self.assertIn('> Host: target.test:22\n', said)
        for head in self.heads:
            self.assertEqual(head.decode().count(SECRET), 3)

    def test_messages_show_no_secret(self):
        status, _, said = self.outcome(
            lambda conn: conn.sendall(b'HTTP/1.1 407 No\r\nContent-Length: 0'
                                      b'\r\nProxy-Authenticate: Basic\r\n'
                                      b'\r\n'), '-u', 'user:' + SECRET)
        self.assertEqual(status, 5)
        self.assertIn("'user'", said)
        self.assertNotIn('sesame', said)
        p = self.start([harness.CONNECT, '-x', 'http://user:sesame@h:x/',
                        'h', '1'])
        self.assertEqual(p.wait(), 2)
        self.assertNotIn('sesame', p.said())


class Choice(Scripted):
    """Which proxy, and when none."""

    def choose(self, target, *options, **env):
        """'proxy' or 'direct', by who is asked."""
        proxy = self.proxy(lambda conn: conn.sendall(OK + b'proxy'))
        there = self.serve(lambda conn: conn.sendall(b'direct'))

        def place(text):
            return text.replace('PROXY', '127.0.0.1:%d' % proxy.port)
        p = self.start([harness.CONNECT] + [place(o) for o in options] +
                       [target, str(there.port)],
                       env=clean_env(**{k: place(v) for k, v in env.items()}))
        return p.stdout.read().decode()

    def test_variables(self):
        self.assertEqual(self.choose('127.0.0.1'), 'direct')
        for name in ('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'):
            self.assertEqual(self.choose('127.0.0.1', **{
                name: 'http://PROXY/'}), 'proxy')
        self.assertEqual(self.choose('127.0.0.1', https_proxy='',
                                     all_proxy='PROXY'), 'proxy')
        self.assertEqual(self.choose('127.0.0.1', http_proxy='http://PROXY'),
                         'direct')

    def test_precedence(self):
        dead = '127.0.0.1:%d' % self.free_port()
        names = ('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY')
        for i, name in enumerate(names):
            env = {later: dead for later in names[i + 1:]}
            env[name] = 'PROXY'
            self.assertEqual(self.choose('127.0.0.1', **env), 'proxy', name)
        self.assertEqual(self.choose('127.0.0.1', '-x', 'PROXY',
                                     https_proxy=dead), 'proxy')

    def test_no_proxy(self):
        for exempt in ('*', '127.0.0.1', '10.0.0.0/8,127.0.0.0/8',
                       'a, 127.0.0.1 ,b', 'x 127.0.0.1'):
            for name in ('no_proxy', 'NO_PROXY'):
                self.assertEqual(self.choose('127.0.0.1', **{
                    'https_proxy': 'PROXY', name: exempt}), 'direct')
            self.assertEqual(self.choose('127.0.0.1', '-x', 'PROXY',
                                         no_proxy=exempt), 'direct')
        for exempt in ('127.0.0.2', '27.0.0.1', '127.0.0.0/31x', '1', ',,'):
            self.assertEqual(self.choose('127.0.0.1', https_proxy='PROXY',
                                         no_proxy=exempt), 'proxy')

    def test_no_proxy_by_name(self):
        for exempt, want in (('localhost', 'direct'), ('.localhost', 'direct'),
                             ('LOCALHOST', 'direct'), ('host', 'proxy'),
                             ('ocalhost', 'proxy'), ('a.localhost', 'proxy'),
                             ('localhost.b', 'proxy')):
            self.assertEqual(self.choose('localhost', https_proxy='PROXY',
                                         no_proxy=exempt), want, exempt)

    def test_direct_to_nobody(self):
        p = self.start([harness.CONNECT, '127.0.0.1',
                        str(self.free_port())])
        self.assertEqual(p.wait(), 3)
        self.assertEqual(p.said().count('\n'), 1)

    def test_forms_of_the_target(self):
        proxy = self.proxy(lambda conn: conn.sendall(OK))
        for words, want in ((['h:22'], b'h:22'), (['h', '22'], b'h:22'),
                            (['::1', '22'], b'[::1]:22'),
                            (['[::1]', '22'], b'[::1]:22'),
                            (['[::1]:22'], b'[::1]:22')):
            p = self.connect(proxy, target=words, stdin=subprocess.DEVNULL)
            self.assertEqual(p.wait(), 0)
            self.assertIn(b'CONNECT %s HTTP/1.1\r\nHost: %s\r\n'
                          % (want, want), self.heads[-1])
