"""No password is where it should not be: not in what everybody may see of a
process and of those that it starts, and not in memory once it has served."""

import base64
import hashlib
import os
import signal
import subprocess

import harness
import ntlm
import peers
import ways
from harness import (CONNECT, PROXY, await_true, clean_env, recv_exactly,
                     recv_until)
from scripted import Proxied, echo, head

SECRET = b'opensesame1234567890'
ACCOUNT = b'user:' + SECRET


def hello(conn, *_):
    conn.sendall(b'x')
    echo(conn)


def environment():
    # Who binds names late has the dynamic linker put registers on the stack,
    # and strings were in them.
    env = clean_env(LD_BIND_NOW='1')
    del env['TUNNEL_PROXY_AUTH']
    return env


class Secrets(Proxied):
    def setUp(self):
        super().setUp()
        ways.need_own_memory(self, PROXY)

    def is_unseen(self, pid):
        for i in [pid] + ways.children(pid):
            self.assertNotIn(SECRET, ways.shown(i))
        for i in ways.children(pid):
            self.assertEqual(ways.traces(i, SECRET), {})

    def private(self, name, text):
        path = os.path.join(self.directory(), name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
            f.write(text)
        return path


class Scan(Secrets):
    def test_finds_each_form(self):
        """In a process that has it, or the rest would prove nothing."""
        for name, word in ways.forms(SECRET).items():
            p = self.start(['/bin/cat'], stdin=subprocess.PIPE)
            p.stdin.write(b'xyz' + (word if 'base64' not in name else
                          base64.b64encode(b'xyz'[:int(name[-1])] + SECRET)))
            p.stdin.flush()
            self.assertTrue(p.stdout.read(3))
            self.assertIn(name, ways.traces(p.pid, SECRET))


class Client(Secrets):
    """tunnel-connect, which logs in."""

    def begin(self, port, *options, user='user', target=None):
        origin = self.serve(hello).port
        return self.start(
            [CONNECT, '-x', '127.0.0.1:%d' % port, '--credentials-file',
             self.private('file', '%s:%s' % (user, SECRET.decode()))] +
            list(options) + (['127.0.0.1', str(origin)] if target is None
                             else target),
            env=environment(), stdin=subprocess.PIPE)

    def test_each_scheme(self):
        """When the tunnel is open, it has served."""
        digest = peers.TunnelProxy('--user', ACCOUNT.decode())
        self.addCleanup(digest.stop)
        script = ntlm.Proxy('User', SECRET.decode(), domain='DOMAIN',
                            behind=hello)
        by_ntlm = self.serve(script)
        for port, user, options in (
                (digest.port, 'user', ('--auth', 'basic')),
                (digest.port, 'user', ('--auth', 'digest')),
                (digest.port, 'user', ()),
                (by_ntlm.port, 'DOMAIN\\User', ()),
                (by_ntlm.port, 'DOMAIN\\User', ('--auth', 'ntlm'))):
            with self.subTest(user=user, options=options):
                p = self.begin(port, *options, user=user)
                self.assertEqual(p.stdout.read(1), b'x', p.said())
                self.is_unseen(p.pid)
                self.assertEqual(ways.traces(p.pid, SECRET), {})

    def test_url_and_option(self):
        proxy = self.proxy('--user', ACCOUNT.decode())
        origin = self.serve(hello).port
        where = '127.0.0.1:%d' % proxy.port
        for words in (['-x', 'http://%s@%s' % (ACCOUNT.decode(), where)],
                      ['-x', where, '-u', ACCOUNT.decode()]):
            p = self.start([CONNECT] + words + ['127.0.0.1', str(origin)],
                           env=environment(), stdin=subprocess.PIPE)
            self.assertEqual(p.stdout.read(1), b'x', p.said())
            self.is_unseen(p.pid)
            self.assertEqual(ways.traces(p.pid, SECRET), {})

    def test_forwarding(self):
        """-L and -D log in for each who comes, so they keep it; nothing of
        what was made of it is left when a tunnel is open."""
        proxy = self.proxy('--user', ACCOUNT.decode())
        origin = self.serve(hello).port
        for option, scheme in (
                ('-L', 'basic'), ('-L', 'digest'), ('-L', 'digest,basic'),
                ('-D', 'basic'), ('-D', 'digest')):
            with self.subTest(option=option, scheme=scheme):
                p = self.begin(proxy.port, '--auth', scheme, option, '0' if
                               option == '-D' else '0:127.0.0.1:%d' % origin,
                               target=[])
                port = int(p.stdout.readline().rsplit(b':', 1)[1])
                for _ in range(3):
                    s = self.connected(port)
                    if option == '-D':
                        s.sendall(b'\5\1\0\5\1\0\1\x7f\0\0\1' +
                                  origin.to_bytes(2, 'big'))
                        recv_exactly(s, 12)
                    self.assertEqual(recv_exactly(s, 1), b'x')
                self.is_unseen(p.pid)
                found = ways.traces(p.pid, SECRET)
                self.assertEqual(list(found), ['as it is'])
                self.assertEqual(len(found['as it is']), 1, found)

    def test_programs_that_it_starts(self):
        proxy = self.proxy('--user', ACCOUNT.decode())
        ncat = harness.need('ncat', 'ncat')
        for options, target in (((), None), (('-L', '0:127.0.0.1:%d' %
                                 self.serve(hello).port), [])):
            p = self.begin(proxy.port, '--proxy-command', 'exec %s 127.0.0.1 '
                           '%d' % (ncat, proxy.port), *options, '--auth',
                           'basic', target=target)
            if target is None:
                self.assertEqual(p.stdout.read(1), b'x', p.said())
            else:
                s = self.connected(int(p.stdout.readline()
                                       .rsplit(b':', 1)[1]))
                self.assertEqual(recv_exactly(s, 1), b'x')
            self.assertTrue(ways.children(p.pid))
            for pid in [p.pid] + ways.children(p.pid):
                self.assertNotIn(SECRET, ways.shown(pid))


class Server(Secrets):
    """tunnel-proxy, which is logged in to."""

    def served(self, *options, **kwargs):
        kwargs.setdefault('env', environment())
        return self.proxy('--threads', '1', *options, **kwargs)

    def by_basic(self, proxy, port):
        s = self.connected(proxy.port)
        s.sendall(head(port)[:-2] + b'Proxy-Authorization: Basic ' +
                  base64.b64encode(ACCOUNT) + b'\r\n\r\n')
        self.assertIn(b' 200 ', recv_until(s, b'\r\n\r\n'))
        self.assertEqual(recv_exactly(s, 1), b'x')
        return s

    def by_digest(self, proxy, port):
        p = self.start([CONNECT, '-x', '127.0.0.1:%d' % proxy.port, '-u',
                        ACCOUNT.decode(), '--auth', 'digest', '127.0.0.1',
                        str(port)], env=environment(),
                       stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(1), b'x', p.said())
        return p.stdin

    def holds(self, proxy, *names):
        """In these forms it is there, once in each, and in no other."""
        found = ways.traces(proxy.process.pid, SECRET)
        self.assertEqual({name: len(found[name]) for name in found},
                         dict.fromkeys(names, 1), found)
        self.is_unseen(proxy.process.pid)

    def passes(self, proxy, *names):
        """Before, during and after tunnels of each kind."""
        before = self.descriptors(proxy)
        port = self.serve(hello).port
        self.holds(proxy, *names)
        ends = [self.by_basic(proxy, port), self.by_digest(proxy, port)]
        self.holds(proxy, *names)
        for end in ends:
            end.close()
        await_true(lambda: self.descriptors(proxy) == before)
        self.holds(proxy, *names)

    def test_users_of_a_file(self):
        for kind in ('md5', 'sha256'):
            self.passes(self.served('--auth-file', self.private(
                'users', 'user:tunnel-proxy:%s\n' % hashlib.new(
                    kind, b'user:tunnel-proxy:' + SECRET).hexdigest())))

    def test_users_of_a_configuration(self):
        path = self.private('conf', 'user ' + ACCOUNT.decode() + '\n')
        proxy = self.served('--config', path)
        self.passes(proxy)
        proxy.process.popen.send_signal(signal.SIGHUP)
        await_true(lambda: 'read anew' in proxy.process.said())
        self.passes(proxy)

    def test_users_of_the_command_line(self):
        """They are needed again when all is read anew."""
        proxy = self.served('--user', ACCOUNT.decode())
        self.passes(proxy, 'as it is')
        proxy.process.popen.send_signal(signal.SIGHUP)
        await_true(lambda: 'read anew' in proxy.process.said())
        self.passes(proxy, 'as it is')

    def test_who_is_turned_away(self):
        """By HTTP and by SOCKS, in whole heads and in half of one."""
        proxy = self.served('--auth-file', self.private('users', ''),
                            '--socks', '127.0.0.1:0')
        socks = proxy.read_port('socks')
        before = self.descriptors(proxy)
        whole = head(1)[:-2] + b'Proxy-Authorization: Basic ' + \
            base64.b64encode(ACCOUNT) + b'\r\n\r\n'
        for port, words in (
                (proxy.port, whole), (proxy.port, whole[:-4]),
                (proxy.port, whole + whole), (proxy.port, b'GET' + whole[7:]),
                (socks, b'\5\1\2\1\4user%c%s' % (len(SECRET), SECRET)),
                (socks, b'\5\1\2\1\4user%c%s' % (len(SECRET) + 9, SECRET))):
            s = self.connected(port)
            s.sendall(words)
            if words == whole[:-4]:
                await_true(lambda: ways.unread(s) == 0)
            else:
                self.assertTrue(s.recv(4096))
            s.close()
            await_true(lambda: self.descriptors(proxy) == before)
            self.holds(proxy)

    def test_upstream(self):
        """It logs in for each session with what it was given, and has that in
        one place."""
        for peer in (peers.TunnelProxy('--user', ACCOUNT.decode()),
                     peers.Squid(ACCOUNT.decode())):
            self.addCleanup(peer.stop)
            url = 'http://%s@127.0.0.1:%d' % (ACCOUNT.decode(), peer.port)
            bare = 'http://127.0.0.1:%d' % peer.port
            for options in (
                    ('--upstream', url), ('--config', self.private(
                        'conf', 'upstream %s\n' % url)),
                    ('--upstream', bare, '--upstream-credentials',
                     self.private('file', '* ' + ACCOUNT.decode()))):
                proxy = self.served(*options)
                before = self.descriptors(proxy)
                self.holds(proxy, 'as it is')
                s = self.tunnel(proxy, self.serve(hello).port)
                self.assertEqual(recv_exactly(s, 1), b'x')
                self.holds(proxy, 'as it is')
                s.close()
                await_true(lambda: self.descriptors(proxy) == before)
                self.holds(proxy, 'as it is')
