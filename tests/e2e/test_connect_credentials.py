"""Where tunnel-connect finds users and passwords, and what it does not touch."""

import base64
import os
import select
import subprocess

import harness
import ways
from harness import CONNECT, clean_env, recv_all, recv_until
from scripted import OK, Scripted

OURS = 'the-user:open sesame'


class Found(Scripted):
    def setUp(self):
        super().setUp()
        self.heads = []
        self.proxy_port = self.serve(self.handler).port

    def handler(self, conn):
        """A chain of any length: each is asked and agrees."""
        for _ in range(self.hops):
            self.heads.append(recv_until(conn, b'\r\n\r\n').decode())
            conn.sendall(OK)
        conn.sendall(b'ready')
        recv_all(conn)

    hops = 1

    def file(self, text, mode=0o600, name='file'):
        path = os.path.join(self.directory(), name)
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def accounts(self):
        """What was sent, a 'user:password' or None for each request."""
        found = []
        for head in self.heads:
            word = head.partition('\r\nProxy-Authorization: Basic ')[2]
            word = word.partition('\r\n')[0]
            found.append(base64.b64decode(word).decode() if word else None)
        return found

    def first(self, userinfo=''):
        return '%s127.0.0.1:%d' % (userinfo, self.proxy_port)

    def sends(self, want, *options, said='', first='', **env):
        """Through the proxy with these: which credentials it gets."""
        self.heads.clear()
        if '-x' not in options:
            options = ('-x', self.first(first)) + options
        self.hops = options.count('-x')
        p = self.start([CONNECT] + list(options) + ['h', '22'],
                       env=clean_env(**env), stdin=subprocess.PIPE,
                       start_new_session=True)
        self.assertEqual(p.stdout.read(5), b'ready', p.said())
        self.assertEqual(self.accounts(), want if isinstance(want, list)
                         else [want])
        self.assertNotIn(b'sesame', ways.shown(p.pid))
        p.stdin.close()
        self.assertEqual(p.wait(), 0)
        if said:
            self.assertIn(said, p.said())
            self.assertEqual(p.said().count('\n'), 1)
        else:
            self.assertEqual(p.said(), '')

    def fails(self, *options, words=(), **env):
        self.heads.clear()
        p = self.start([CONNECT, '-x', self.first()] + list(options) +
                       ['h', '22'], env=clean_env(**env),
                       start_new_session=True)
        self.assertEqual(p.wait(), 2, p.said())
        self.assertEqual(self.heads, [])
        self.assertEqual(p.said().count('\n'), 1, p.said())
        self.assertNotIn('sesame', p.said())
        for word in words:
            self.assertIn(word, p.said())


class Files(Found):
    def credentials(self, want, text, *options, **kwargs):
        self.sends(want, *options + ('--credentials-file', self.file(text)),
                   **kwargs)

    def test_lines(self):
        here = '127.0.0.1:%d ' % self.proxy_port
        for text in (OURS, OURS + '\n', '# x\n\n  ' + OURS + '\r\n',
                     here + OURS, '127.0.0.1 ' + OURS, '* ' + OURS,
                     '127.0.0.1\t \t' + OURS,
                     'other.test a:b\n' + here + OURS + '\nc:d\n',
                     OURS + '\nother:word\n',
                     '127.0.0.1:1 no:no\n127.0.0.1 ' + OURS):
            with self.subTest(text=text):
                self.credentials(OURS, text)
        self.credentials('u:', 'u:')
        self.credentials('d\\u:p:q ', 'd\\u:p:q ')
        self.credentials('ü:ß', 'ü:ß')
        self.credentials('#u:p', '* #u:p')
        self.credentials('a user:p w', '* a user:p w')
        # What is before the blank is no host.
        self.credentials('u:p w', 'u:p w')
        self.credentials('u/ x:p', 'u/ x:p')
        self.credentials(None, 'other.test ' + OURS)
        self.credentials(None, '127.0.0.1:1 ' + OURS)
        self.credentials(None, '')
        self.credentials(None, '# nothing\n')

    def test_ipv6_and_case(self):
        self.sends(OURS, '-x', 'http://PROXY.test', '--proxy-command',
                   self.command(), '--credentials-file', self.file(
                       'proxy.TEST ' + OURS))
        for host in ('[::1]', '::1', '[::1]:80'):
            self.sends(OURS, '-x', 'http://[::1]', '--proxy-command',
                       self.command(), '--credentials-file', self.file(
                           host + ' ' + OURS))

    def command(self):
        return 'exec %s 127.0.0.1 %d' % (harness.need('ncat', 'ncat'),
                                         self.proxy_port)

    def test_user_that_is_known(self):
        text = 'other:no\nthe-user:open sesame\n'
        self.credentials(OURS, text, '-u', 'the-user')
        self.credentials(OURS, text, first='the-user@')
        self.credentials('the-user:x', text, '-u', 'the-user:x')
        self.credentials('other:no', text)

    def test_chain(self):
        """What names no proxy is for the first one, or for who is named."""
        chain = ('-x', self.first(), '-x', 'two.test')
        self.credentials([OURS, None], OURS, *chain)
        self.credentials([None, OURS], 'two.test ' + OURS, *chain)
        self.credentials(['a:b', OURS], 'two.test %s\na:b' % OURS, *chain)
        self.credentials([None, OURS], 'two.test:80 ' + OURS, *chain)
        self.credentials(['x:y', OURS], 'x:y\n' + OURS, *chain + (
            '-u', 'the-user'))

    def test_failures(self):
        option = '--credentials-file'
        self.fails(option, '/nonexistent/file', words=('/nonexistent/file',
                                                       'No such file'))
        self.fails(option, self.directory(), words=('directory',))
        self.fails(option, self.file('x' * 300000), words=('too large',))
        for mode in (0o640, 0o604, 0o620, 0o602, 0o644, 0o666):
            self.fails(option, self.file(OURS, mode), words=(
                'others', 'chmod 600'))
        for text, line in (('sesame', 1), ('a:b\n\nsesame\n', 3),
                           ('h.test sesame', 1), ('a:b\0c', 1)):
            self.fails(option, self.file(text), words=('line %d ' % line,))
        self.fails(option, self.file(b'a:b\x01'), words=('cannot be sent',))

    def test_file_that_is_none(self):
        """A pipe, as a shell makes it of a command."""
        ours, theirs = os.pipe()
        os.write(theirs, OURS.encode())
        os.close(theirs)
        p = self.start([CONNECT, '-x', self.first(), '--credentials-file',
                        '/dev/fd/%d' % ours, 'h', '22'], pass_fds=(ours,),
                       stdin=subprocess.PIPE)
        os.close(ours)
        self.assertEqual(p.stdout.read(5), b'ready', p.said())
        self.assertEqual(self.accounts(), [OURS])


class Netrc(Found):
    def netrc(self, want, text, *options, mode=0o600, **kwargs):
        self.sends(want, *options, NETRC=self.file(text, mode), **kwargs)

    def test_forms(self):
        entry = 'login the-user password "open sesame"'
        for text in ('machine 127.0.0.1 ' + entry,
                     'machine 127.0.0.1\n\tlogin the-user\n\tpassword '
                     '"open sesame"\n',
                     'machine other.test login a password b\n'
                     'machine 127.0.0.1 password "open sesame" '
                     'login the-user',
                     'default ' + entry,
                     'machine x login a password b\ndefault ' + entry,
                     '# machine 127.0.0.1 login a password b\n'
                     'machine 127.0.0.1 ' + entry,
                     'machine x macdef init\nmachine 127.0.0.1 login no '
                     'password no\n\nmachine 127.0.0.1 ' + entry,
                     'macdef a\n\nmachine 127.0.0.1 ' + entry,
                     'machine 127.0.0.1 account z unknown ' + entry,
                     'machine "127.0.0.1" login "the-user" password '
                     '"open\\ sesame"'):
            with self.subTest(text=text):
                self.netrc(OURS, text)
        self.netrc('u:"\\#', 'machine 127.0.0.1 login u password '
                   '"\\"\\\\#"')
        self.netrc('u:#p"', 'machine 127.0.0.1 login u password #p"')
        self.netrc(None, 'machine 127.0.0.10 ' + entry)
        self.netrc(None, 'machine 127.0.0.1 password x')
        for text in ('machine', 'machine 127.0.0.1 login', '"', 'macdef',
                     'macdef x', 'default', '', 'machine "127.0.0.1'):
            self.netrc(None, text)

    def test_first_that_fits(self):
        text = ('machine 127.0.0.1 login a password x\n'
                'machine 127.0.0.1 login b password y\n')
        self.netrc('a:x', text)
        self.netrc('b:y', text, '-u', 'b')
        self.netrc('b:y', text, first='b@')
        self.netrc('c:z', 'machine 127.0.0.1 password z', '-u', 'c')

    def test_chain(self):
        self.netrc(['a:x', 'b:y'], 'machine 127.0.0.1 login a password x\n'
                   'machine two.test login b password y', '-x', self.first(),
                   '-x', 'two.test')

    def test_home(self):
        home = self.directory()
        path = os.path.join(home, '.netrc')
        with open(path, 'w') as f:
            f.write('default login u password p')
        os.chmod(path, 0o600)
        self.sends('u:p', NETRC='', HOME=home)
        self.sends(None, '--no-netrc', NETRC='', HOME=home)
        self.sends(None, NETRC='', HOME='')
        self.sends(None, NETRC='', HOME=self.directory())
        self.sends(None, NETRC='/nonexistent/netrc')

    def test_others_can_get_at_it(self):
        text = 'machine 127.0.0.1 login u password sesame'
        for mode in (0o640, 0o604, 0o660, 0o666):
            self.netrc(None, text, mode=mode, said='chmod 600')
        # That is nobody's business as long as it is not needed.
        self.netrc(None, 'machine other.test login u password p', mode=0o644)
        self.netrc('a:b', text, '-u', 'a:b', mode=0o644)
        self.netrc(None, text, '--no-netrc', mode=0o644)

    def test_not_readable(self):
        self.sends(None, NETRC=self.directory(), said='cannot be read')


class Order(Found):
    def test_who_is_asked_first(self):
        """Each source wins over those behind it."""
        file = self.file('file:1')
        netrc = self.file('default login netrc password 4')
        everything = {'TUNNEL_PROXY_USER': 'env',
                      'TUNNEL_PROXY_PASSWORD': '3', 'NETRC': netrc}
        self.sends('opt:0', '-u', 'opt:0', '--credentials-file', file,
                   first='url:0@', **everything)
        self.sends('url:0', '--credentials-file', file, first='url:0@',
                   **everything)
        self.sends('file:1', '--credentials-file', file, **everything)
        self.sends('env:3', **everything)
        self.sends('netrc:4', NETRC=netrc)
        self.sends('netrc:4', '--credentials-file',
                   self.file('other.test a:b'), NETRC=netrc)

    def test_variables(self):
        self.sends('u:open sesame', TUNNEL_PROXY_USER='u',
                   TUNNEL_PROXY_PASSWORD='open sesame')
        self.sends('v:open sesame', '-u', 'v',
                   TUNNEL_PROXY_PASSWORD='open sesame')
        self.sends(None, TUNNEL_PROXY_PASSWORD='open sesame')
        self.sends('u:', TUNNEL_PROXY_USER='u', TUNNEL_PROXY_PASSWORD='')
        self.sends(None, TUNNEL_PROXY_USER='', TUNNEL_PROXY_PASSWORD='x')
        # Another user's password is not his.
        self.fails('-u', 'v', TUNNEL_PROXY_USER='u',
                   TUNNEL_PROXY_PASSWORD='sesame', words=('password',))
        self.fails(TUNNEL_PROXY_USER='u', words=('password',))

    def test_variables_in_a_chain(self):
        chain = ('-x', self.first(), '-x', 'two.test')
        env = {'TUNNEL_PROXY_USER': 'u', 'TUNNEL_PROXY_PASSWORD': 'p'}
        self.sends(['u:p', None], *chain, **env)
        self.sends(['u:p', 'u:p'], *chain + ('-u', 'u'), **env)
        self.sends([None, 'v:p'], *chain + ('-u', 'v'),
                   TUNNEL_PROXY_PASSWORD='p')

    def test_url_in_the_environment(self):
        self.sends(None, '-x', self.first(), https_proxy='http://u:p@q.test')
        self.heads.clear()
        p = self.start([CONNECT, 'h', '22'], stdin=subprocess.PIPE,
                       env=clean_env(https_proxy='http://u:sesame@' +
                                     self.first()))
        self.assertEqual(p.stdout.read(5), b'ready', p.said())
        self.assertEqual(self.accounts(), ['u:sesame'])
        self.assertNotIn(b'sesame', ways.shown(p.pid))

    def test_nothing_is_kept(self):
        """While the tunnel is open, no password is in memory any more."""
        ways.need_own_memory(self, CONNECT)
        file = self.file('x.test other:sesame1\n* user:sesame2\n')
        self.hops = 3
        p = self.start([CONNECT, '-x', self.first(), '-x',
                        'v:sesame3@two.test', '-x', 'three.test', '-u',
                        'w', '-H', 'X: sesame4', '--credentials-file', file,
                        'h', '22'], stdin=subprocess.PIPE,
                       # Who binds names late has the dynamic linker put
                       # registers on the stack, and strings were in them.
                       env=clean_env(
                           LD_BIND_NOW='1', TUNNEL_PROXY_PASSWORD='sesame5',
                           NETRC=self.file('machine x login y password '
                                           'sesame6')))
        self.assertEqual(p.stdout.read(5), b'ready', p.said())
        self.assertEqual(self.accounts(), ['user:sesame2', 'v:sesame3',
                                           'w:sesame5'])
        self.assertEqual(ways.memory_holds(p.pid, b'sesame'), [])


class Asked(Found):
    def test_each_of_a_chain_is_asked_for(self):
        ours, theirs = os.openpty()
        self.hops = 2
        p = self.start(['/bin/sh', '-c', 'exec 3<>"$0"; exec "$@"',
                        os.ttyname(theirs), CONNECT, '-x',
                        self.first('a@'), '-x', 'b@two.test', 'h', '22'],
                       start_new_session=True, stdin=subprocess.PIPE)
        for prompt, password in (('a for the proxy 127.0.0.1', b'one'),
                                 ('b for the proxy two.test:80 (2 of 2)',
                                  b'two')):
            shown = ''
            while not shown.endswith(': '):
                self.assertTrue(select.select([ours], [], [],
                                              harness.PATIENCE)[0], p.said())
                shown += os.read(ours, 1024).decode()
            self.assertIn(prompt, shown)
            os.write(ours, password + b'\n')
        self.assertEqual(p.stdout.read(5), b'ready', p.said())
        self.assertEqual(self.accounts(), ['a:one', 'b:two'])
        os.close(ours)
        os.close(theirs)
