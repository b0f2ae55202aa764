"""tunnel-proxy in the hands of an operator: draining, reloading, watching,
configuration, and how it is started."""

import hashlib
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import time
import unittest

import harness
import load
import peers
from harness import PROXY, await_true, recv_all, recv_exactly, recv_until
from scripted import MIB, Flood, Proxied, echo, head, in_background

RULES = ['--allow', '127.0.0.0/8']


def get(port, path, method='GET'):
    with socket.create_connection(('127.0.0.1', port), timeout=30) as s:
        s.sendall(('%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
                   % (method, path)).encode())
        top, _, body = recv_all(s).partition(b'\r\n\r\n')
    return int(top.split()[1]), top.decode(), body.decode()


class Operated(Proxied):
    def signal(self, proxy, number):
        proxy.process.popen.send_signal(number)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w') as f:
            f.write(text)
        return path

    def setUp(self):
        super().setUp()
        self.dir = self.directory()

    def refusal(self, proxy, port, *fields, host='127.0.0.1'):
        request = head(port, host)[:-2] + b''.join(
            f + b'\r\n' for f in fields) + b'\r\n'
        return self.status(self.ask(proxy, request))


class Ending(Operated):
    def test_drain_loses_nothing(self):
        """SIGTERM under load: nobody new, all that is there to its end."""
        proxy = self.proxy('--drain', '60', '--threads', '2')
        proxy.may_end = True
        flood = Flood(64)
        pairs = [self.pair(proxy) for _ in range(4)]
        ends = [in_background(flood.send, pairs[0][0])]
        recv_exactly(pairs[0][1], 0)
        whole = []
        ends.append(in_background(
            lambda: whole.append(flood.is_whole(pairs[0][1]))))
        await_true(lambda: flood.sent > MIB)
        self.signal(proxy, signal.SIGTERM)
        await_true(lambda: not peers.answers(proxy.port))
        self.assertTrue(proxy.process.running())
        for client, origin in pairs[1:]:
            client.sendall(b'late')
            self.assertEqual(recv_exactly(origin, 4), b'late')
        for end in ends:
            end()
        self.assertEqual(whole, [True])
        for client, origin in pairs:
            client.close()
            origin.close()
        self.assertEqual(proxy.process.wait(20), 0)

    def test_drain_has_an_end(self):
        proxy = self.proxy('--drain', '0.5')
        proxy.may_end = True
        client, origin = self.pair(proxy)
        self.signal(proxy, signal.SIGTERM)
        with self.assertRaises(ConnectionResetError):
            recv_all(client)
        self.assertEqual(proxy.process.wait(10), 0)

    def test_second_signal_ends_at_once(self):
        proxy = self.proxy()
        proxy.may_end = True
        client, origin = self.pair(proxy)
        self.signal(proxy, signal.SIGTERM)
        await_true(lambda: not peers.answers(proxy.port))
        self.signal(proxy, signal.SIGTERM)
        self.assertEqual(proxy.process.wait(10), 0)
        self.assertIn('draining: 1 tunnels', proxy.process.said())

    def test_drain_without_tunnels(self):
        proxy = self.proxy()
        proxy.may_end = True
        self.signal(proxy, signal.SIGTERM)
        self.assertEqual(proxy.process.wait(10), 0)
        self.assertEqual(proxy.process.said(), '')


class Reloading(Operated):
    def test_rules_users_and_logs(self):
        allowed = self.serve(echo).port
        rules = self.file('proxy.conf', '# first\nallow 127.0.0.1:%d\n'
                          'access-log = %s/log\n' % (allowed, self.dir))
        proxy = self.proxy('--config', rules, rules=False)
        s = self.tunnel(proxy, allowed)
        self.assertEqual(self.refusal(proxy, 1), 403)
        await_true(lambda: os.path.getsize(self.dir + '/log') > 0)
        os.rename(self.dir + '/log', self.dir + '/log.1')
        self.file('proxy.conf', 'deny 127.0.0.1:%d\nallow 127.0.0.1:1\n'
                  'access-log %s/log\nuser a:b\n' % (allowed, self.dir))
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'read anew' in proxy.process.said())
        self.assertEqual(self.refusal(proxy, 1), 407)
        known = b'Proxy-Authorization: Basic YTpi'
        self.assertEqual(self.refusal(proxy, allowed, known), 403)
        self.assertEqual(self.refusal(proxy, 1, known), 502)
        # The tunnel that was open is untouched.
        s.sendall(b'still')
        self.assertEqual(recv_exactly(s, 5), b'still')
        await_true(lambda: len(open(self.dir + '/log').readlines()) == 3)
        self.assertEqual(len(open(self.dir + '/log.1').readlines()), 1)

    def test_mistakes_change_nothing(self):
        allowed = self.serve(echo).port
        rules = self.file('proxy.conf', 'allow 127.0.0.1:%d\n' % allowed)
        proxy = self.proxy('--config', rules, rules=False)
        self.file('proxy.conf', 'allow 127.0.0.1:1\nnonsense\n')
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'nothing was changed' in proxy.process.said())
        self.assertIn('proxy.conf, line 2: unknown option',
                      proxy.process.said())
        self.tunnel(proxy, allowed)

    def test_under_load(self):
        """Rules come and go while bytes flow on two threads."""
        load.raise_files()
        origin = load.EchoOrigin()
        self.addCleanup(origin.stop)
        proxy = self.proxy('--threads', '2', '-q')
        loads = [load.Load(proxy.port, head(origin.port), 1 << 18)
                 for _ in range(200)]

        def hurry():
            for _ in range(20):
                self.signal(proxy, signal.SIGHUP)
                time.sleep(0.002)
        self.assertEqual(load.run(loads, hold=200, during=hurry), 0)
        self.assertTrue(all(v.whole() for v in loads))


class Watching(Operated):
    def test_status(self):
        proxy = self.proxy('--status', '127.0.0.1:0', '--user', 'a:b')
        known = b'Proxy-Authorization: Basic YTpi\r\n'
        origin = self.serve(echo).port
        s = self.connected(proxy.port)
        s.sendall(head(origin)[:-2] + known + b'\r\n')
        recv_until(s, b'\r\n\r\n')
        s.sendall(b'x' * 1000)
        recv_exactly(s, 1000)
        self.assertEqual(self.refusal(proxy, origin), 407)
        await_true(lambda: 'refused_total 1' in
                   get(proxy.status, '/metrics')[2])
        status, top, body = get(proxy.status, '/metrics')
        self.assertEqual(status, 200)
        values = dict(line.rsplit(' ', 1) for line in body.splitlines()
                      if not line.startswith('#'))
        self.assertEqual(values['tunnel_tunnels'], '1')
        self.assertEqual(values['tunnel_opened_total'], '1')
        self.assertEqual(values['tunnel_refused_total'], '1')
        self.assertEqual(values['tunnel_bytes_up_total'], '1000')
        self.assertEqual(values['tunnel_bytes_down_total'], '1000')
        self.assertEqual(values['tunnel_errors_total{error="TUNNEL_EAUTH",'
                                'token="http_request_denied"}'], '1')
        for line in body.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|'
                             r'\w+(\{[^}]*\})? \d+)$')
        self.assertEqual(get(proxy.status, '/healthz')[::2], (200, 'ok\n'))
        self.assertEqual(get(proxy.status, '/', 'HEAD')[::2], (200, ''))
        self.assertEqual(get(proxy.status, '/nix')[0], 404)
        self.assertEqual(get(proxy.status, '/', 'POST')[0], 501)
        self.assertEqual(get(proxy.status, '127.0.0.1:1', 'CONNECT')[0], 403)
        page = get(proxy.status, '/')
        self.assertIn('text/html', page[1])
        self.assertIn('<td>127.0.0.1:%d' % origin, page[2])
        self.assertIn('proxy authentication is required', page[2])
        # While it drains, it still answers, and says so.
        proxy.may_end = True
        self.signal(proxy, signal.SIGTERM)
        await_true(lambda: not peers.answers(proxy.port))
        self.assertEqual(get(proxy.status, '/healthz')[0], 503)

    def test_page_escapes(self):
        proxy = self.proxy('--status', '127.0.0.1:0', '--user', '<b>&"\':b')
        import base64
        who = base64.b64encode(b'<b>&"\':b')
        origin = self.serve(echo).port
        s = self.connected(proxy.port)
        s.sendall(head(origin)[:-2] + b'Proxy-Authorization: Basic ' + who +
                  b'\r\n\r\n')
        recv_until(s, b'\r\n\r\n')
        page = get(proxy.status, '/')[2]
        self.assertNotIn('<b>&', page)
        self.assertIn('&#60;b&#62;&#38;&#34;&#39;', page)

    def test_page_in_a_browser(self):
        chromium = harness.need('chromium', 'chromium')
        proxy = self.proxy('--status', '127.0.0.1:0')
        origin = self.serve(echo).port
        tunnels = [self.tunnel(proxy, origin) for _ in range(3)]
        tunnels[0].sendall(b'x' * 5000)
        recv_exactly(tunnels[0], 5000)
        picture = os.path.join(self.dir, 'page.png')
        options = [chromium, '--headless', '--no-sandbox', '--disable-gpu',
                   '--user-data-dir=' + self.dir, '--window-size=1000,700']
        url = 'http://127.0.0.1:%d/' % proxy.status
        dom = subprocess.run(options + ['--dump-dom', url], timeout=90,
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout.decode()
        self.assertEqual(dom.count('<td>127.0.0.1:%d</td>' % origin), 6)
        self.assertIn('5.0 kB', dom)
        subprocess.run(options + ['--screenshot=' + picture, url], timeout=90,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(picture, 'rb') as f:
            data = f.read()
        self.assertTrue(data.startswith(b'\x89PNG') and len(data) > 5000)

    def test_access_log(self):
        for form in ('text', 'json'):
            log = os.path.join(self.dir, form)
            proxy = self.proxy('--access-log', log, '--log-format', form)
            s = self.tunnel(proxy, self.serve(echo).port)
            s.sendall(b'abc')
            s.shutdown(socket.SHUT_WR)
            recv_all(s)
            self.assertEqual(self.refusal(proxy, 1), 502)
            self.ask(proxy, b'GET /"\\%?=& HTTP/1.1\r\nHost: x\r\n\r\n')
            await_true(lambda: os.path.exists(log) and
                       len(open(log).readlines()) == 3)
            lines = open(log).readlines()
            if form == 'json':
                rows = [json.loads(line) for line in lines]
                self.assertEqual([r['status'] for r in rows], [200, 502, 405])
                self.assertEqual((rows[0]['up'], rows[0]['down']), (3, 3))
                self.assertEqual(rows[0]['outcome'], 'ok')
                self.assertEqual(rows[1]['outcome'], 'connection_refused')
            else:
                self.assertRegex(lines[0], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ '
                                 r'127.0.0.1:\d+ - 127.0.0.1:\d+ '
                                 r'127.0.0.1:\d+ 200 ok 3 3 \d+\.\d{3}\n$')
                self.assertEqual(len(lines[2].split()), 10)

    def test_table(self):
        proxy = self.proxy()
        s = self.tunnel(proxy, self.serve(echo).port)
        self.signal(proxy, signal.SIGUSR1)
        await_true(lambda: '1 tunnels, 0 handshakes' in proxy.process.said())
        self.assertIn('127.0.0.1:%d' % s.getsockname()[1],
                      proxy.process.said())


class Configured(Operated):
    def check(self, *options):
        """Status, output, messages of a run that ends by itself."""
        done = subprocess.run([PROXY] + list(options), timeout=30,
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
                     'max-tunnels 7'):
            self.assertIn(line + '\n', out)

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
                (['--proxy-protocol', 'maybe'], 'maybe'),
                (['--upstream', 'ftp://x'], '--upstream'),
                (['--bind', 'host'], 'host'),
                (['--listen', 'unix:'], 'unix:'),
                (['--allow-client', 'host'], 'host'),
                (['--realm', 'a"b', '--user', 'a:b'], '--realm'),
                (['--lifetime', 'x'], 'x'),
                (['--config', self.file('c', 'listen\n')], 'line 1'),
                (['--config', self.file('d', 'check yes\n')], 'line 1')):
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
            self.assertEqual(other.wait(10), 1)
            self.assertIn(path, other.said())
            s.close()
            p.popen.kill()
            p.wait(10)
        p = self.start([PROXY, '-l', 'unix:' + path] + RULES)
        p.stdout.readline()
        p.popen.terminate()
        self.assertEqual(p.wait(10), 0)
        self.assertFalse(os.path.exists(path))

    def test_port_in_use(self):
        """Also when the other one has threads, which share the port."""
        proxy = self.proxy('--threads', '2')
        for threads in ('1', '2'):
            p = self.start([PROXY, '--threads', threads, '-l',
                            '127.0.0.1:%d' % proxy.port])
            self.assertEqual(p.wait(10), 1)
            self.assertIn('in use', p.said())

    def test_inherited_sockets(self):
        """As systemd starts it: LISTEN_FDS, and a word when it is ready."""
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(8)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.settimeout(20)
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
        self.assertEqual(p.wait(10), 0)

    @unittest.skipIf(os.getuid() != 0, 'only root can become somebody else')
    def test_privileges_are_dropped(self):
        os.chmod(self.dir, 0o755)
        proxy = self.proxy('--user-switch', 'nobody', '--chroot', self.dir,
                           '--threads', '2')
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
                                     (str(nobody.pw_gid),) * 4}, 10)
        self.tunnel(proxy, self.serve(echo).port)

    def test_wrong_user(self):
        p = self.start([PROXY, '-l', '127.0.0.1:0', '--user-switch',
                        'no such user'])
        self.assertEqual(p.wait(10), 1)
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
        port = harness.free_port()
        proxy = self.proxy('-l', '127.0.0.1:%d' % port, '--upstream',
                           'http://127.0.0.1:%d' % port)
        began = time.monotonic()
        self.assertEqual(self.refusal(proxy, 443), 502)
        self.assertLess(time.monotonic() - began, 5)

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
            port = harness.free_port()
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
