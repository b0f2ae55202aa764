"""examples/smtp-through and git-through: real mail, clones and pushes."""

import os
import shlex
import signal
import threading

import harness
import peers
from harness import await_true, need, recv_all, recv_until, run
from scripted import MIB, OK, Scripted
from test_smtp import GREETING, MAIL, MailServer

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'examples')
SMTP = os.path.join(EXAMPLES, 'smtp-through')
GIT = os.path.join(EXAMPLES, 'git-through')


def url(proxy):
    return 'http://127.0.0.1:%d' % proxy.port


class Scripts(Scripted):
    def setUp(self):
        super().setUp()
        self.dir = self.directory()
        # What a careless script would take for something else.
        odd = os.path.join(self.dir, 'it\'s 100% "$HOME" `h` \\ %h')
        os.mkdir(odd)
        self.program = os.path.join(odd, 'tunnel-connect')
        os.symlink(harness.CONNECT, self.program)

    def env(self, **more):
        who = {'GIT_%s_%s' % (a, b): 'test@localhost'
               for a in ('AUTHOR', 'COMMITTER') for b in ('NAME', 'EMAIL')}
        return harness.clean_env(
            TUNNEL_CONNECT=self.program, HOME=self.dir, LC_ALL='C',
            GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL=os.devnull,
            GIT_TERMINAL_PROMPT='0', **who, **more)

    def outcome_of(self, *argv, env=None, **kwargs):
        """Run it to its end: exit status, output, messages."""
        p = self.start(argv, env=env or self.env(), **kwargs)
        out, _ = p.popen.communicate(timeout=harness.PATIENCE)
        return p.popen.returncode, out, p.said()

    def git(self, *args, cwd=None, **more):
        return run([need('git', 'git')] + list(args), cwd=cwd or self.dir,
                   env=self.env(**more))


class Through:
    """What is carried through each proxy; the classes below say which."""

    def setUp(self):
        super().setUp()
        self.peer = peers.PROXIES[self.proxy_name]()
        self.addCleanup(self.peer.stop)

    def test_mail(self):
        """With swaks, whose pipe is a shell's command line."""
        server = MailServer()
        there = self.serve(server)
        path = os.path.join(self.dir, 'mail')
        with open(path, 'wb') as f:
            f.write(MAIL.replace(b'\r\n', b'\n'))
        said = run([need('swaks', 'swaks'), '--pipe', ' '.join(
            map(shlex.quote, [SMTP, '-x', url(self.peer),
                              '127.0.0.1:%d' % there.port])),
            '--helo', 'me.test', '--from', 'a@me.test', '--to', 'b@mail.test',
            '--data', '@' + path], env=self.env()).decode()
        self.assertIn('221 bye', said)
        self.assertEqual(len(server.mails), 1)
        # It adds an empty line.
        self.assertTrue(server.mails[0] == MAIL + b'\r\n')

    def through(self, *args, cwd=None, **more):
        return run([GIT, url(self.peer), need('git', 'git')] + list(args),
                   cwd=cwd or self.dir, env=self.env(**more))

    def to_and_fro(self, remote, repository, **more):
        """Clone what is empty, push a commit to it, clone that."""
        one, two = (os.path.join(self.dir, name) for name in ('one', 'two'))
        self.git('init', '-q', '-b', 'main', one)
        data = os.urandom(2 * MIB)
        with open(os.path.join(one, 'file'), 'wb') as f:
            f.write(data)
        self.git('add', 'file', cwd=one)
        self.git('commit', '-q', '-m', 'first', cwd=one)
        self.through('push', '-q', remote, 'main', cwd=one, **more)
        commit = self.git('rev-parse', 'main', cwd=one)
        self.assertEqual(self.git('rev-parse', 'main', cwd=repository),
                         commit)
        self.through('clone', '-q', remote, two, **more)
        self.assertEqual(self.git('rev-parse', 'HEAD', cwd=two), commit)
        with open(os.path.join(two, 'file'), 'rb') as f:
            self.assertTrue(f.read() == data)

    def test_git_daemon(self):
        daemon = peers.GitDaemon()
        self.addCleanup(daemon.stop)
        self.to_and_fro(daemon.url(), daemon.repository)
        # Often, since the end of a push is a race.
        for i in range(5):
            self.through('push', '-q', daemon.url(), 'main:again%d' % i,
                         cwd=os.path.join(self.dir, 'one'))

    def test_git_over_ssh(self):
        ssh = need('ssh', 'openssh-client')
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        repository = os.path.join(self.dir, 'shared.git')
        self.git('init', '-q', '--bare', '-b', 'main', repository)
        self.to_and_fro(
            'ssh://127.0.0.1:%d%s' % (sshd.port, repository), repository,
            GIT_SSH_COMMAND=' '.join(map(shlex.quote, [ssh] + sshd.login())))


class ThroughSquid(Through, Scripts):
    proxy_name = 'squid'


class ThroughTunnelProxy(Through, Scripts):
    proxy_name = 'tunnel-proxy'


class Ends(Scripts):
    def ours(self):
        """Processes that have this test's environment."""
        found = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open('/proc/%s/environ' % pid, 'rb') as f:
                    if b'HOME=' + self.dir.encode() + b'\0' in f.read():
                        found.append(int(pid))
            except OSError:
                pass        # it has ended meanwhile, or is somebody else's
        return found

    def ends(self, end):
        """git waits for a server that says nothing, and is ended."""
        def script(conn):
            conn.sendall(OK)
            recv_until(conn, b'git-upload-pack')
            asked.set()
            try:
                recv_all(conn)
            finally:
                gone.set()
        asked, gone = threading.Event(), threading.Event()
        p = self.start([GIT, url(self.proxy(script)), need('git', 'git'),
                        'ls-remote', 'git://git.test/it'], env=self.env(),
                       start_new_session=True)
        self.assertTrue(asked.wait(harness.PATIENCE))
        self.assertGreater(len(self.ours()), 2)
        end(p.pid)
        self.assertEqual(p.wait(), -signal.SIGINT)
        self.assertTrue(gone.wait(harness.PATIENCE))
        await_true(lambda: not self.ours())

    def test_git_is_ended(self):
        self.ends(lambda pid: os.kill(pid, signal.SIGINT))

    def test_all_are_interrupted(self):
        self.ends(lambda pid: os.killpg(pid, signal.SIGINT))


class Asked(Scripts):
    """By a proxy that refuses whatever it is asked."""

    def refusing(self):
        return self.proxy(lambda conn: conn.sendall(
            b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n'
            b'Connection: close\r\n\r\n'))

    def test_mail(self):
        proxy = self.refusing()
        for words, target in ((['mail.test'], b'mail.test:25'),
                              (['mail.test:587'], b'mail.test:587'),
                              (['2001:db8::1'], b'[2001:db8::1]:25'),
                              (['[2001:db8::1]'], b'[2001:db8::1]:25'),
                              (['[2001:db8::1]:587'], b'[2001:db8::1]:587')):
            status, out, said = self.outcome_of(SMTP, '-x', url(proxy), *words)
            self.assertEqual((status, out), (4, b''), said)
            self.assertIn('403', said)
            self.assertTrue(self.heads[-1].startswith(
                b'CONNECT %s HTTP/1.1\r\n' % target), self.heads[-1])

    def test_chain(self):
        proxy = self.refusing()
        front = peers.TunnelProxy()
        self.addCleanup(front.stop)
        # The target may stand anywhere.
        status, _, _ = self.outcome_of(SMTP, '-x', url(front), 'mail.test',
                                       '--proxy', url(proxy))
        self.assertEqual(status, 4)
        self.assertTrue(self.heads[0].startswith(b'CONNECT mail.test:25 '))

    def test_environment(self):
        """The proxy, and credentials for it, need not be in the command."""
        proxy = self.refusing()
        env = self.env(https_proxy=url(proxy), TUNNEL_PROXY_USER='user',
                       TUNNEL_PROXY_PASSWORD='word')
        for argv in ((SMTP, 'mail.test'),
                     (GIT, '-', 'git', 'ls-remote', 'git://git.test/it'),
                     (GIT, url(proxy), 'git', 'ls-remote', 'ssh://git.test/')):
            need('git', 'git')
            status, _, said = self.outcome_of(*argv, env=env)
            self.assertNotEqual(status, 0)
            self.assertIn('403', said)
            self.assertIn(b'\r\nProxy-Authorization: Basic dXNlcjp3b3Jk\r\n',
                          self.heads[-1])

    def test_every_way_out_of_git(self):
        need('git', 'git')
        proxy = self.refusing()
        for remote, asked in (
                ('git://git.test/it', b'CONNECT git.test:9418 '),
                ('ssh://git.test/it', b'CONNECT git.test:22 '),
                ('git.test:it', b'CONNECT git.test:22 '),
                ('http://git.test/it', b'GET http://git.test/it/'),
                ('https://git.test/it', b'CONNECT git.test:443 ')):
            status, _, said = self.outcome_of(GIT, url(proxy), 'git',
                                              'ls-remote', remote)
            self.assertEqual(status, 128, said)
            self.assertIn('403', said)
            self.assertTrue(self.heads[-1].startswith(asked), self.heads[-1])

    def test_ssh_of_the_configuration(self):
        """core.sshCommand is kept; a relative program is found from elsewhere,
        as are those of PATH."""
        git = need('git', 'git')
        proxy = self.refusing()
        self.git('init', '-q', self.dir)
        self.git('config', 'core.sshCommand', 'ssh -F none -p 2222')
        for program, path in (('./' + os.path.relpath(self.program, self.dir),
                               ''), ('tunnel-connect',
                                     os.path.dirname(self.program) + ':')):
            env = self.env()
            env.update(TUNNEL_CONNECT=program, PATH=path + env['PATH'])
            status, _, said = self.outcome_of(
                GIT, url(proxy), git, 'ls-remote', 'git.test:it',
                env=env, cwd=self.dir)
            self.assertEqual(status, 128, said)
            self.assertTrue(self.heads[-1].startswith(
                b'CONNECT git.test:2222 '), said)


class Usage(Scripts):
    def test_help(self):
        for script in (SMTP, GIT):
            status, out, said = self.outcome_of(script, '--help')
            self.assertEqual((status, said), (0, ''))
            self.assertIn(b'Usage: ' + os.path.basename(script).encode(), out)

    def wrong(self, script, words, why, **more):
        env = self.env()
        env.update(more)
        status, out, said = self.outcome_of(script, *words, env=env)
        self.assertEqual((status, out), (2, b''), said)
        self.assertIn(os.path.basename(script) + ': ', said)
        self.assertIn(why, said)
        self.assertEqual(said.count('\n'), 1, said)
        self.assertNotIn('sesame', said)

    def test_mistakes(self):
        secret = 'http://user:sesame@proxy.test:3128'
        for words, why in (([], 'which server'), (['a', 'b'], 'two servers'),
                           (['-x'], 'wants a proxy'), (['-q', 'a'], "'-q'"),
                           ([''], "''"), (['-x', secret, 'a'], 'no password'),
                           (['--proxy', secret[7:], 'a'], 'no password')):
            self.wrong(SMTP, words, why)
        for words, why in (([], 'a proxy and a command'),
                           (['proxy.test'], 'a proxy and a command'),
                           (['-x', 'git'], "'-x'"), (['', 'git'], "''"),
                           (['-', 'git'], 'no proxy in https_proxy'),
                           ([secret, 'git'], 'no password')):
            self.wrong(GIT, words, why)

    def test_no_tunnel_connect(self):
        nowhere = os.path.join(self.dir, 'nowhere')
        for script, words in ((SMTP, ['a']), (GIT, ['proxy.test', 'true'])):
            self.wrong(script, words, 'there is no ' + nowhere,
                       TUNNEL_CONNECT=nowhere)

    def test_status(self):
        """They take the place of what they run."""
        self.assertEqual(self.outcome_of(
            GIT, 'user@proxy.test:3128', 'sh', '-c', 'exit $1', 'sh', '42'),
            (42, b'', ''))
        there = self.serve(lambda conn: conn.sendall(GREETING))
        self.assertEqual(self.outcome_of(SMTP, '127.0.0.1:%d' % there.port),
                         (0, GREETING, ''))
