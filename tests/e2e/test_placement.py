"""tunnel-proxy in its place: configuration, how it is started, and what is
before and behind it."""

import hashlib
import os
import pwd
import re
import signal
import socket
import subprocess
import time
import unittest

import harness
import peers
from harness import PROXY, await_true, recv_exactly, recv_until
from operated import Operated, RULES
from scripted import echo, head


class Configured(Operated):
    def check(self, *options):
        """Status, output, messages of a run that ends by itself."""
        done = subprocess.run([PROXY] + list(options),
                              timeout=harness.PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        harness.check(done.stderr.decode())
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_check(self):
        users = self.file('users', 'a:r:%s\n' % hashlib.md5(
            b'a:r:secret').hexdigest())
        conf = self.file('conf', '\n# all of it\nlisten 127.0.0.1:9\n'
                         'allow=*.example:22,443\n  deny  =  *  \r\n'
                         'allow-client 10.0.0.0/8\nmemory 64M\n'
                         'idle-timeout 1.5\nauth-file %s\nrealm r' % users)
        status, out, said = self.check('--check', '--config', conf,
                                       '--max-tunnels', '7')
        self.assertEqual((status, said), (0, ''))
        for line in ('listen 127.0.0.1:9', 'allow *.example:22,443', 'deny *',
                     'allow-client 10.0.0.0/8', 'memory 67108864',
                     'idle-timeout 1500 ms', 'users 1, realm r',
                     'max-tunnels 7', 'upstream none', 'bind any address',
                     'dial IPv4 and IPv6', 'proxy-protocol accept no, send no',
                     'threads one for each processor', 'status none',
                     'access-log none', 'log-format text',
                     'user-switch none', 'chroot none'):
            self.assertIn('\n' + line + '\n', '\n' + out)

    def test_check_tells_all(self):
        status, out, said = self.check(
            '--check', '--upstream', 'http://me:se:cr@et@127.0.0.1:9',
            '--upstream', 'http://127.0.0.1:8', '--bind', '127.0.0.1', '-6',
            '--proxy-protocol', 'accept', '--proxy-protocol', 'send-v2',
            '--threads', '3', '--status', '127.0.0.1:0', '--access-log',
            self.dir + '/log', '--log-format', 'json', '--user-switch', 'root',
            '--chroot', self.dir)
        self.assertEqual((status, said), (0, ''))
        for line in ('listen 127.0.0.1:3128',
                     'upstream 127.0.0.1:9, as me',
                     'upstream 127.0.0.1:8, no login', 'bind 127.0.0.1',
                     'dial IPv6 only', 'proxy-protocol accept yes, send v2',
                     'threads 3', 'status 127.0.0.1:0',
                     'access-log %s/log' % self.dir, 'log-format json',
                     'user-switch root', 'chroot ' + self.dir):
            self.assertIn('\n' + line + '\n', '\n' + out)
        self.assertEqual(os.listdir(self.dir), [])

    def test_status_is_on_loopback(self):
        for text, where in (('9128', '127.0.0.1:9128'),
                            (':9128', '127.0.0.1:9128'),
                            ('[::1]:9128', '[::1]:9128'),
                            ('*:9128', '*:9128'),
                            ('unix:9128', 'unix:9128')):
            out = self.check('--check', '--status', text)[1]
            self.assertIn('\nstatus %s\n' % where, out)
        for text in ('', ':', '::', '65536', ':x', '1' * 60):
            self.assertEqual(self.check('--check', '--status', text)[0], 2)
        proxy = self.proxy('--status', '0')
        self.assertTrue(peers.answers(proxy.status))

    def test_no_number_becomes_no_limit(self):
        for text, ms in (('0.0004', '1 ms'), ('0.0010', '1 ms'),
                         ('0.001000001', '2 ms'), ('2.9999', '3000 ms'),
                         ('0.0000', 'none'), ('0', 'none'), ('7', '7000 ms')):
            out = self.check('--check', '--handshake-timeout', text)[1]
            self.assertIn('\nhandshake-timeout %s\n' % ms, out)
        out = self.check('--check', '--memory', '1023G')[1]
        self.assertIn('\nmemory %d\n' % (1023 << 30), out)

    def test_check_of_inherited_sockets(self):
        done = subprocess.run(
            ['sh', '-c', 'export LISTEN_PID=$$ LISTEN_FDS=2; exec "$0" "$@"',
             PROXY, '--check'], timeout=harness.PATIENCE,
            stdout=subprocess.PIPE)
        self.assertIn('listen fd:3 (inherited)\nlisten fd:4 (inherited)\n',
                      done.stdout.decode())
        self.assertNotIn('3128', done.stdout.decode())

    def test_check_looks_at_the_system(self):
        for options, status, word in (
                (['--status', 'nonsense'], 2, 'nonsense'),
                (['--user-switch', 'no such user'], 1, 'no such user'),
                (['--chroot', '/nix/root'], 1, '/nix/root'),
                (['--chroot', self.file('f', '')], 1, self.dir + '/f'),
                (['--access-log', '/nix/log'], 1, '/nix/log'),
                (['--access-log', self.dir], 1, self.dir)):
            with self.subTest(options=options):
                got = self.check('--check', *options)
                self.assertEqual(got[:2], (status, ''))
                self.assertIn(word, got[2])
                self.assertEqual(got[2].count('\n'), 1)

    def test_mistakes(self):
        bad = self.file('bad', 'x:y\n')
        for options, word in (
                (['--config', '/nix'], '/nix'),
                (['--auth-file', '/nix'], '/nix'),
                (['--auth-file', bad], 'line 1'),
                (['--log-format', 'xml'], 'xml'),
                (['--threads', '999'], '999'),
                (['--max-tunnels', 'many'], 'many'),
                (['--buffer', '1k'], '--buffer'),
                (['--memory', '1k'], '--memory'),
                (['--memory', '17179869184G'], '17179869184G'),
                (['--memory', '18014398509481984k'], '18014398509481984k'),
                (['--max-head', '1099511627775g'], '1099511627775g'),
                (['--proxy-protocol', 'maybe'], 'maybe'),
                (['--upstream', 'ftp://x'], '--upstream'),
                (['--bind', 'host'], 'host'),
                (['--listen', 'unix:'], 'unix:'),
                (['--allow-client', 'host'], 'host'),
                (['--realm', 'a"b', '--user', 'a:b'], '--realm'),
                (['--lifetime', 'x'], 'x'),
                (['--config', self.file('c', 'listen\n')], 'line 1'),
                (['--config', self.file('d', 'check yes\n')], 'line 1'),
                (['--config', self.file('e', 'allow a\0allow b\n')],
                 'line 1'),
                (['--config', self.file('f', 'allow a\nallow b\0')],
                 'line 2')):
            with self.subTest(options=options):
                status, out, said = self.check('--check', *options)
                self.assertEqual((status, out), (2, ''))
                self.assertIn(word, said)
                self.assertEqual(said.count('\n'), 1)

    def test_no_secret_in_ps(self):
        proxy = self.proxy('--user', 'me:hidden', '--upstream',
                           'http://me:veiled@127.0.0.1:9')
        with open('/proc/%d/cmdline' % proxy.process.pid) as f:
            line = f.read()
        self.assertNotIn('hidden', line)
        self.assertNotIn('veiled', line)

    def test_auth_file(self):
        users = self.file('users', ''.join(
            '%s:our realm:%s\n' % (u, hashlib.md5(
                ('%s:our realm:%s' % (u, p)).encode()).hexdigest())
            for u, p in (('ann', 'one'), ('bob', 'two:2'))))
        proxy = self.proxy('--auth-file', users, '--realm', 'our realm')
        origin = self.serve(echo).port
        answer = self.ask(proxy, head(origin))
        self.assertEqual(self.status(answer), 407)
        self.assertIn(b'Proxy-Authenticate: Basic realm="our realm"', answer)
        for word, good in ((b'ann:one', 1), (b'bob:two:2', 1),
                           (b'ann:two:2', 0), (b'eve:one', 0), (b'ann:', 0)):
            import base64
            s = self.connected(proxy.port)
            s.sendall(head(origin)[:-2] + b'Proxy-Authorization: Basic ' +
                      base64.b64encode(word) + b'\r\n\r\n')
            self.assertEqual(recv_until(s, b'\r\n')[9:12],
                             b'200' if good else b'407')


class Placed(Operated):
    def test_unix_socket(self):
        path = os.path.join(self.dir, 'socket')
        for _ in range(2):      # the second time one is left behind
            p = self.start([PROXY, '-l', 'unix:' + path] + RULES)
            self.assertEqual(p.stdout.readline().decode(),
                             'listening on unix:%s\n' % path)
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            port = self.serve(echo).port
            s.sendall(head(port) + b'hi')
            recv_until(s, b'\r\n\r\n')
            self.assertEqual(recv_exactly(s, 2), b'hi')
            # Somebody listens there: it is not taken away.
            other = self.start([PROXY, '-l', 'unix:' + path])
            self.assertEqual(other.wait(), 1)
            self.assertIn(path, other.said())
            s.close()
            p.popen.kill()
            p.wait()
        p = self.start([PROXY, '-l', 'unix:' + path] + RULES)
        p.stdout.readline()
        p.popen.terminate()
        self.assertEqual(p.wait(), 0)
        self.assertFalse(os.path.exists(path))

    def test_port_in_use(self):
        """Also when the other one has threads, which share the port."""
        proxy = self.proxy('--threads', '2')
        for threads in ('1', '2'):
            p = self.start([PROXY, '--threads', threads, '-l',
                            '127.0.0.1:%d' % proxy.port])
            self.assertEqual(p.wait(), 1)
            self.assertIn('in use', p.said())

    def test_inherited_sockets(self):
        """As systemd starts it: LISTEN_FDS, and a word when it is ready."""
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(8)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.settimeout(harness.PATIENCE)
        notify.bind(os.path.join(self.dir, 'notify'))
        script = 'export LISTEN_PID=$$; exec "$0" "$@"'

        def move():
            os.dup2(listener.fileno(), 3)
        p = self.start(['sh', '-c', script, PROXY] + RULES,
                       preexec_fn=move, pass_fds=(3,),
                       env=harness.clean_env(LISTEN_FDS='1', NOTIFY_SOCKET=
                                             self.dir + '/notify'))
        self.assertIn(b'READY=1', notify.recv(200))
        port = listener.getsockname()[1]
        listener.close()
        self.assertEqual(p.stdout.readline().decode(),
                         'listening on 127.0.0.1:%d\n' % port)
        s = self.connected(port)
        s.sendall(head(self.serve(echo).port))
        self.assertIn(b' 200 ', recv_until(s, b'\r\n\r\n'))
        p.popen.send_signal(signal.SIGHUP)
        self.assertIn(b'RELOADING=1', notify.recv(200))
        self.assertIn(b'READY=1', notify.recv(200))
        s.close()
        p.popen.terminate()
        self.assertIn(b'STOPPING=1', notify.recv(200))
        self.assertEqual(p.wait(), 0)

    @unittest.skipIf(os.getuid() != 0, 'only root can become somebody else')
    def test_privileges_are_dropped(self):
        os.chmod(self.dir, 0o755)
        # In a root without /proc the sanitizer cannot look for leaks.
        env = harness.clean_env(ASAN_OPTIONS='detect_leaks=0')
        proxy = self.proxy('--user-switch', 'nobody', '--chroot', self.dir,
                           '--threads', '2', env=env)
        nobody = pwd.getpwnam('nobody')
        # The last step, so it is awaited.
        await_true(lambda: os.readlink('/proc/%d/root' % proxy.process.pid)
                   == self.dir and os.stat('/proc/%d/fd' % proxy.process.pid)
                   is not None)

        def ids():
            found = set()
            base = '/proc/%d/task' % proxy.process.pid
            for task in os.listdir(base):
                with open('%s/%s/status' % (base, task)) as f:
                    found |= set(re.findall(
                        r'^[UG]id:\t(\d+)\t(\d+)\t(\d+)\t(\d+)$', f.read(),
                        re.M))
            return found
        await_true(lambda: ids() == {(str(nobody.pw_uid),) * 4,
                                     (str(nobody.pw_gid),) * 4})
        self.tunnel(proxy, self.serve(echo).port)

    def test_threads(self):
        """As many as there are processors for it, not for the machine."""
        cpus = sorted(os.sched_getaffinity(0))
        for some in (cpus[:1], cpus):
            proxy = self.proxy(
                preexec_fn=lambda: os.sched_setaffinity(0, some))
            # The first thread is there before it listens, the others soon.
            self.tunnel(proxy, self.serve(echo).port)
            await_true(lambda: len(os.listdir(
                '/proc/%d/task' % proxy.process.pid)) == len(some))

    def test_wrong_user(self):
        p = self.start([PROXY, '-l', '127.0.0.1:0', '--user-switch',
                        'no such user'])
        self.assertEqual(p.wait(), 1)
        self.assertIn('no such user', p.said())


class Chained(Operated):
    def test_upstream(self):
        """Through a chain, which is named in Via and knows loops."""
        last = self.proxy()
        middle = self.proxy('--user', 'a:b')
        proxy = self.proxy('--upstream', 'http://a:b@127.0.0.1:%d'
                           % middle.port, '--upstream',
                           'http://127.0.0.1:%d' % last.port)
        s = self.tunnel(proxy, self.serve(echo).port)
        s.sendall(b'through')
        self.assertEqual(recv_exactly(s, 7), b'through')

    def test_upstream_wants_other_credentials(self):
        """Its 407 is our affair, not the client's."""
        middle = self.proxy('--user', 'a:b')
        proxy = self.proxy('--upstream', 'http://127.0.0.1:%d' % middle.port)
        self.assertEqual(self.refusal(proxy, 443), 502)

    def test_upstream_is_itself(self):
        """A loop is seen by Via, after one turn."""
        port = self.free_port()
        proxy = self.proxy('-l', '127.0.0.1:%d' % port, '--upstream',
                           'http://127.0.0.1:%d' % port)
        began = time.monotonic()
        self.assertEqual(self.refusal(proxy, 443), 502)
        self.assertLess(time.monotonic() - began, 30)

    def test_upstream_leads_back(self):
        """Over another proxy, too: who came by is said again each time."""
        a, b = self.free_port(), self.free_port()
        first = self.proxy('-l', '127.0.0.1:%d' % a, '--upstream',
                           'http://127.0.0.1:%d' % b)
        second = self.proxy('-l', '127.0.0.1:%d' % b, '--upstream',
                            'http://127.0.0.1:%d' % a, '--verbose')
        self.assertEqual(self.refusal(first, 443), 502)
        # It went round once: the second has it one time, and not a hundred.
        await_true(lambda: ':443 502' in second.process.said())
        self.assertEqual(second.process.said().count(':443 '), 1)

    def test_proxy_protocol(self):
        """Sent in both versions, and accepted from ourselves."""
        for version in ('send', 'send-v2'):
            inner = self.proxy('--proxy-protocol', 'accept', '--verbose')
            outer = self.proxy('--proxy-protocol', version)
            # A tunnel to the inner proxy; what is said there comes behind
            # the preface.
            s = self.tunnel(outer, inner.port)
            origin = self.serve(echo).port
            s.sendall(head(origin) + b'ok')
            self.assertIn(b' 200 ', recv_until(s, b'\r\n\r\n'))
            self.assertEqual(recv_exactly(s, 2), b'ok')
            client = '%s:%d' % s.getsockname()
            s.close()
            await_true(lambda: client in inner.process.said())

    def test_behind_haproxy(self):
        haproxy = harness.need('haproxy', 'haproxy')
        for version in ('send-proxy', 'send-proxy-v2'):
            proxy = self.proxy('--proxy-protocol', 'accept', '--verbose')
            port = self.free_port()
            conf = self.file('haproxy.cfg', '''
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen in
    bind 127.0.0.1:%d
    server proxy 127.0.0.1:%d %s
''' % (port, proxy.port, version))
            self.start([haproxy, '-db', '-q', '-f', conf])
            await_true(lambda: peers.answers(port))
            s = self.connected(port)
            s.sendall(head(self.serve(echo).port))
            self.assertIn(b' 200 ', recv_until(s, b'\r\n\r\n'))
            client = '%s:%d' % s.getsockname()
            s.close()
            await_true(lambda: client in proxy.process.said())
