"""tunnel-proxy with a login upstream: for whom, from which file, and what of it
is shown; and which targets need none of it."""

import os
import signal
import socket

import harness
import peers
from harness import await_true, recv_all
from scripted import head
from upstream import Upstream, page


class NoProxy(Upstream):
    def test_direct(self):
        """And judged by its addresses then, as always without an upstream."""
        upstream = self.serve(lambda conn: None)
        port = self.serve(page).port
        proxy = self.ours('127.0.0.1:%d' % upstream.port, '--no-proxy',
                          'example.test,.corp.test', '--no-proxy', '127.0.0.1',
                          '--allow', '127.0.0.1:%d' % port, '--allow',
                          '*.corp.test', credentials='a:b\n')
        self.assertEqual(self.page(proxy, port), (0, b'hello'))
        self.assertEqual(self.answer(proxy, 1)[0], 403)
        # This one cannot be resolved, which is tried.
        self.assertIn(self.answer(proxy, port, 'a.corp.test')[0], (502, 504))
        self.assertEqual(upstream.conns, [])

    def test_reload(self):
        upstream = self.serve(lambda conn: None)
        port = self.serve(page).port
        conf = self.file('conf', 'no-proxy = 127.0.0.1\nallow 127.0.0.1\n'
                         'upstream http://127.0.0.1:%d\n' % upstream.port)
        proxy = self.proxy('--config', conf, rules=False)
        self.assertEqual(self.page(proxy, port), (0, b'hello'))
        self.file('conf', 'allow 127.0.0.1\n')
        self.reload(proxy)
        self.assertEqual(self.answer(proxy, port)[0], 502)
        self.assertEqual(len(upstream.conns), 1)


class Care(Upstream):
    def refuses(self, *options):
        p = self.start([harness.PROXY, '-l', '127.0.0.1:0'] + list(options))
        self.assertEqual(p.wait(), 2)
        return p.said()

    def test_file(self):
        for text, mode, said in (('a:b\n', 0o644, 'chmod 600'),
                                 ('a:b\n', 0o620, 'chmod 600'),
                                 ('a:b\nnonsense\n', 0o600, 'line 2'),
                                 (None, 0, 'No such file')):
            path = '/nonexistent' if text is None else self.credentials(
                text, mode)
            for more in ((), ('--check',)):
                self.assertIn(said, self.refuses(
                    '--upstream', 'h:1', '--upstream-credentials', path,
                    *more))
        path = self.credentials('other.test a:b\n')
        p = self.start([harness.PROXY, '--check', '--upstream', 'h:1',
                        '--upstream-credentials', path])
        self.assertEqual(p.wait(), 0)
        self.assertIn('no line of it is for the proxy h:1', p.said())

    def test_mistakes(self):
        for option in ('--upstream-credentials', '--upstream-auth',
                       '--no-proxy'):
            self.assertIn('need an --upstream', self.refuses(option, 'x'))
        for auth in ('telepathy', '', 'x' * 100, 'any,basic'):
            if auth:
                self.assertIn(auth, self.refuses('--upstream', 'h:1',
                                                 '--upstream-auth', auth))
        for option in ('--socks', '--listen'):
            self.assertIn("%s takes ADDR:PORT, unix:PATH or fd:N, not 'x'"
                          % option, self.refuses(option, 'x'))
        said = self.refuses('--upstream', 'http://me:hidden@h:x')
        self.assertIn('--upstream takes http://', said)
        self.assertNotIn('hidden', said)

    def test_for_this_machine(self):
        """Whoever is let in acts as somebody else."""
        login = ['--upstream', 'http://a:b@127.0.0.1:9']
        for where in ('0.0.0.0:0', '[::]:0', '*:0', '192.0.2.1:0'):
            self.assertIn('would use the login', self.refuses(
                '-l', where, *login))
        self.assertIn('would use the login', self.refuses(
            '--socks', '*:0', *login))
        self.assertIn('would use the login', self.refuses(
            '-l', '*:0', '--upstream', '127.0.0.1:9', '--upstream-auth',
            'negotiate'))
        for where in ('127.1.2.3:0', 'localhost:0', '[::1]:0',
                      'unix:' + os.path.join(self.dir, 'socket')):
            p = self.start([harness.PROXY, '--check', '-l', where] + login)
            self.assertEqual(p.wait(), 0, p.said())
        for who in (('--allow-client', '192.0.2.0/24'), ('--user', 'c:d')):
            p = self.start([harness.PROXY, '--check', '-l', '*:0'] + login +
                           list(who))
            self.assertEqual(p.wait(), 0, p.said())

    def test_inherited(self):
        for address, status in (('127.0.0.1', 0), ('0.0.0.0', 2)):
            with socket.socket() as s:
                s.bind((address, 0))
                s.listen()
                p = self.start([harness.PROXY, '--check', '-l', 'fd:%d'
                                % s.fileno(), '--upstream',
                                'http://a:b@127.0.0.1:9'],
                               pass_fds=[s.fileno()])
                self.assertEqual(p.wait(), status, p.said())

    def test_reload_opens_nothing(self):
        conf = self.file('conf', 'user c:d\n')
        proxy = self.ours('127.0.0.1:9', '--config', conf, '-l', '0.0.0.0:0',
                          credentials='a:b\n')
        self.file('conf', '# nobody\n')
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'nothing was changed' in proxy.process.said())
        self.assertIn('would use the login', proxy.process.said())
        self.assertIn(b' 407 ', self.ask(proxy, head(1)))

    def test_reload_of_a_bad_file(self):
        peer = peers.TunnelProxy('--user', 'a:b')
        self.addCleanup(peer.stop)
        proxy = self.ours('127.0.0.1:%d' % peer.port, credentials='a:b\n')
        self.credentials('a:b\n', 0o644)
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'nothing was changed' in proxy.process.said())
        self.assertIn('chmod 600', proxy.process.said())
        self.assertEqual(self.page(proxy), (0, b'hello'))

    def test_secrets_stay(self):
        peer = peers.TunnelProxy('--user', 'user:sesame')
        self.addCleanup(peer.stop)
        log = os.path.join(self.dir, 'log')
        proxy = self.ours('127.0.0.1:%d' % peer.port, '--access-log', log,
                          '-v', '--status', '127.0.0.1:0',
                          credentials='user:sesame\n')
        self.assertEqual(self.page(proxy), (0, b'hello'))
        shown = [proxy.process.said().encode()]
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (proxy.process.pid, name), 'rb') as f:
                shown.append(f.read())
        await_true(lambda: harness.lines_of(log))
        shown.append(open(log, 'rb').read())
        with self.connected(proxy.status) as s:
            s.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
            shown.append(recv_all(s))
        p = self.start(proxy.process.popen.args + ['--check'])
        shown.append(p.stdout.read())
        self.assertIn(b'as user', shown[-1])
        for text in shown:
            self.assertNotIn(b'sesame', text)
            self.assertNotIn(b'dXNlcjpzZXNhbWU', text)
