"""tunnel-proxy in the hands of an operator: draining, reloading, watching."""

import json
import os
import pwd
import signal
import socket
import subprocess
import unittest

import harness
import load
import peers
from harness import await_true, lines_of, recv_all, recv_exactly, recv_until
from operated import Operated, get
from scripted import MIB, Flood, echo, head, in_background


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
        self.assertEqual(proxy.process.wait(), 0)

    def test_drain_has_an_end(self):
        proxy = self.proxy('--drain', '0.5')
        proxy.may_end = True
        client, origin = self.pair(proxy)
        self.signal(proxy, signal.SIGTERM)
        with self.assertRaises(ConnectionResetError):
            recv_all(client)
        self.assertEqual(proxy.process.wait(), 0)

    def test_second_signal_ends_at_once(self):
        proxy = self.proxy()
        proxy.may_end = True
        client, origin = self.pair(proxy)
        self.signal(proxy, signal.SIGTERM)
        await_true(lambda: not peers.answers(proxy.port))
        self.signal(proxy, signal.SIGTERM)
        self.assertEqual(proxy.process.wait(), 0)
        self.assertIn('draining: 1 tunnels', proxy.process.said())

    def test_drain_without_tunnels(self):
        proxy = self.proxy()
        proxy.may_end = True
        self.signal(proxy, signal.SIGTERM)
        self.assertEqual(proxy.process.wait(), 0)
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
        await_true(lambda: len(lines_of(self.dir + '/log')) == 3)
        self.assertEqual(len(lines_of(self.dir + '/log.1')), 1)

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

    def test_realm(self):
        """Who is asked to log in is told the realm that users now have."""
        rules = self.file('proxy.conf', 'user a:b\n')
        proxy = self.proxy('--config', rules)
        for realm in ('tunnel-proxy', 'other', 'a third one'):
            answer = self.ask(proxy, head(1))
            self.assertIn(b'\r\nProxy-Authenticate: Basic realm="%s", '
                          % realm.encode(), answer)
            said = proxy.process.said().count('read anew')
            self.file('proxy.conf', 'user a:b\nrealm %s\n' % (
                'other' if said == 0 else 'a third one'))
            self.signal(proxy, signal.SIGHUP)
            await_true(lambda: proxy.process.said().count('read anew') > said)
        self.file('proxy.conf', '')
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: proxy.process.said().count('read anew') == 4)
        self.assertEqual(self.refusal(proxy, 1), 502)

    def test_log_that_cannot_be_opened(self):
        """The rest is read anew, which is all that is said."""
        logs = os.path.join(self.dir, 'logs')
        os.mkdir(logs)
        allowed = self.serve(echo).port
        rules = self.file('proxy.conf', 'allow 127.0.0.1:1\n'
                          'access-log %s/log\n' % logs)
        proxy = self.proxy('--config', rules, rules=False)
        self.assertEqual(self.refusal(proxy, allowed), 403)
        await_true(lambda: len(lines_of(logs + '/log')) == 1)
        os.rename(logs + '/log', logs + '/old')
        os.mkdir(logs + '/log')
        self.file('proxy.conf', 'allow 127.0.0.1:%d\n'
                  'access-log %s/log\n' % (allowed, logs))
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'read anew' in proxy.process.said())
        self.assertIn('cannot open the log %s/log: ' % logs,
                      proxy.process.said())
        self.assertIn('rules and users, but not the log, were read anew',
                      proxy.process.said())

        def opens():        # once each thread has the rules
            with self.connected(proxy.port) as s:
                s.sendall(head(allowed))
                return b' 200 ' in recv_until(s, b'\r\n\r\n')
        await_true(opens)
        await_true(lambda: '200 ok' in ''.join(lines_of(logs + '/old')))
        os.rmdir(logs + '/log')
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: 'rules, users and logs were' in
                   proxy.process.said())
        self.tunnel(proxy, allowed).close()
        await_true(lambda: len(lines_of(logs + '/log')) == 1)

    @unittest.skipIf(os.getuid() != 0, 'only root can become somebody else')
    def test_rotation_by_another_user(self):
        """In a directory of that user, as the manual has it."""
        nobody = pwd.getpwnam('nobody').pw_uid
        os.chmod(self.dir, 0o755)
        logs = os.path.join(self.dir, 'logs')
        os.mkdir(logs)
        os.chown(logs, nobody, -1)
        self.file('logs/log', '')
        os.chown(logs + '/log', nobody, -1)
        origin = self.serve(echo).port
        proxy = self.proxy('--access-log', logs + '/log', '--user-switch',
                           'nobody')
        for n in range(1, 3):       # the same file, then another
            self.signal(proxy, signal.SIGHUP)
            await_true(lambda: proxy.process.said().count(
                'rules, users and logs were read anew') == n)
            self.tunnel(proxy, origin).close()
            await_true(lambda: len(lines_of(logs + '/log')) == 1)
            os.rename(logs + '/log', logs + '/log.%d' % n)

    def test_under_load(self):
        """Rules come and go while bytes flow on two threads."""
        load.raise_files()
        origin = load.EchoOrigin()
        self.addCleanup(origin.stop)
        proxy = self.proxy('--threads', '2')
        loads = [load.Load(proxy.port, head(origin.port), 1 << 18)
                 for _ in range(200)]
        moved = []

        def hurry():
            moved.append(sum(v.got for v in loads))
            self.signal(proxy, signal.SIGHUP)
        self.assertEqual(load.run(loads, hold=200, during=hurry, times=20), 0)
        self.assertTrue(all(v.whole() for v in loads))
        # Between any two there were bytes, and some are left for the last.
        self.assertEqual(len(set(moved + [0, 200 << 18])), 22)
        # The first thread had its part of the bytes, and reads between them;
        # signals that find it busy are as one.
        await_true(lambda: proxy.process.said().count('read anew') > 1)


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
        # A thread of the proxy may still be behind what it has sent.
        for count in 'refused_total 1', 'bytes_down_total 1000':
            await_true(lambda: count + '\n' in
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

    def test_no_way_through_the_proxy(self):
        """Who may reach this machine by a tunnel still sees no status."""
        for where in ('127.0.0.1:0', '0.0.0.0:0', '*:0'):
            proxy = self.proxy('--status', where)
            for host in ('127.0.0.1', '127.0.0.5', 'localhost'):
                self.assertEqual(self.refusal(proxy, proxy.status,
                                              host=host), 502)
            self.assertEqual(get(proxy.status, '/healthz')[0], 200)

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
        dom = subprocess.run(options + ['--dump-dom', url],
                             timeout=harness.PATIENCE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout.decode()
        self.assertEqual(dom.count('<td>127.0.0.1:%d</td>' % origin), 6)
        self.assertIn('5.0 kB', dom)
        subprocess.run(options + ['--screenshot=' + picture, url],
                       timeout=harness.PATIENCE, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
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
            # A line comes when a session ends.
            await_true(lambda: len(lines_of(log)) == 1)
            self.assertEqual(self.refusal(proxy, 1), 502)
            await_true(lambda: len(lines_of(log)) == 2)
            self.ask(proxy, b'GET /"\\%?=& HTTP/1.1\r\nHost: x\r\n\r\n')
            await_true(lambda: len(lines_of(log)) == 3)
            lines = lines_of(log)
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
