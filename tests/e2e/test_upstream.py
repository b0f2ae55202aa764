"""tunnel-proxy logs in upstream, for clients that have no login there."""

import os
import threading
import time

import harness
import kerberos
import ntlm
import peers
from harness import await_true, need, recv_all, recv_until
from scripted import OK, head
from test_connect_auth import DigestSquid
from upstream import Upstream, page

SECRET = 'Pass word'


class Peers(Upstream):
    def check(self, peer, scheme, credentials):
        self.addCleanup(peer.stop)
        where = 'localhost:%d' % peer.port
        for auth in (scheme, 'any', None):
            with self.subTest(auth=auth):
                options = [] if auth is None else ['--upstream-auth', auth]
                proxy = self.ours(where, *options, credentials=credentials)
                for _ in range(2):
                    self.assertEqual(self.page(proxy), (0, b'hello'))
                self.assertEqual(proxy.process.said(), '')

    def test_digest(self):
        self.check(DigestSquid(), 'digest', 'User:%s\n' % SECRET)

    def test_basic(self):
        self.check(peers.Squid('user:Password'), 'basic',
                   'localhost user:Password\n')

    def test_ntlm(self):
        need('ntlm_auth', 'winbind')
        self.check(ntlm.NtlmSquid(), 'ntlm',
                   '# comment\n* DOMAIN\\User:%s\n' % SECRET)

    def test_socks_client(self):
        squid = DigestSquid()
        self.addCleanup(squid.stop)
        port = self.free_port()
        self.ours('localhost:%d' % squid.port, '--socks',
                  '127.0.0.1:%d' % port, credentials='User:%s\n' % SECRET)
        p = self.start([need('curl', 'curl'), '-q', '-s', '--socks5-hostname',
                        '127.0.0.1:%d' % port, 'http://127.0.0.1:%d/'
                        % self.serve(page).port])
        self.assertEqual(p.stdout.read(), b'hello')

    def test_chain(self):
        """To each proxy what is its own; a line without a name is for the
        first."""
        squid, last = DigestSquid(), peers.TunnelProxy('--user', 'last:one')
        for peer in (squid, last):
            self.addCleanup(peer.stop)
        proxy = self.ours('User@127.0.0.1:%d' % squid.port, '--upstream',
                          'http://127.0.0.1:%d' % last.port, credentials=
                          'User:%s\n127.0.0.1:%d last:one\n'
                          % (SECRET, last.port))
        self.assertEqual(self.page(proxy), (0, b'hello'))

    def test_ticket(self):
        realm = kerberos.Realm()
        self.addCleanup(realm.stop)
        squid = kerberos.Squid(realm, realm.service('HTTP/localhost'))
        self.addCleanup(squid.stop)
        where = 'localhost:%d' % squid.port
        ticket = realm.login()
        for auth in ('negotiate', 'any', 'basic,negotiate'):
            proxy = self.ours(where, '--upstream-auth', auth, env=ticket)
            for _ in range(2):
                self.assertEqual(self.page(proxy), (0, b'hello'))
        # Nothing rests for want of a ticket: it may be there the next moment.
        env = realm.environment()
        env['KRB5CCNAME'] = ticket['KRB5CCNAME'] + '-later'
        proxy = self.ours(where, '--upstream-auth', 'negotiate', env=env)
        for _ in range(2):
            status, body = self.answer(proxy)
            self.assertEqual(status, 502)
            self.assertIn('ticket', body)
        self.assertIn('run kinit', proxy.process.said())
        os.rename(ticket['KRB5CCNAME'].partition(':')[2],
                  env['KRB5CCNAME'].partition(':')[2])
        self.assertEqual(self.page(proxy), (0, b'hello'))


class Rejected(Upstream):
    def corporate(self, **options):
        """A proxy that wants NTLM, and counts who was wrong; it says nothing
        while the gate is shut."""
        options.setdefault('behind', ntlm.onward)
        script = self.script = ntlm.Proxy('User', SECRET, **options)
        gate = self.gate = threading.Event()
        gate.set()

        def handler(conn):
            gate.wait(harness.PATIENCE)
            script(conn)
        return self.serve(handler).port

    def wrong(self, *options):
        return self.ours('127.0.0.1:%d' % self.corporate(), *options,
                         credentials='User:wrong\n')

    def assert_rests(self, proxy, tries):
        """Of eight who have all asked before the first of them is answered."""
        self.gate.clear()
        clients = [self.connected(proxy.port) for _ in range(8)]
        for s in clients:
            s.sendall(head(1))
        self.gate.set()
        for s in clients:
            whole = recv_all(s)
            self.assertEqual(self.status(whole), 502)
            self.assertIn(b'rejected the credentials', whole)
        self.assertEqual(self.script.refusals, ['wrong password'] * tries)

    def test_rest(self):
        """One of many asks; then again after a second, and not soon again."""
        proxy = self.wrong()
        self.assert_rests(proxy, 1)
        self.assert_rests(proxy, 1)
        time.sleep(1.05)
        self.assert_rests(proxy, 2)
        time.sleep(1.05)
        self.assert_rests(proxy, 2)
        said = proxy.process.said()
        self.assertEqual(said.count('\n'), 2, said)
        self.assertIn("127.0.0.1:%d rejected the credentials of 'User' (407, "
                      "ntlm): they are not sent again for 1 s"
                      % self.script_port(proxy), said)
        self.assertIn('for 5 s', said)
        self.assertNotIn('wrong', said)

    def script_port(self, proxy):
        words = proxy.process.popen.args
        return int(words[words.index('--upstream') + 1].rpartition(':')[2])

    def test_rest_is_bounded(self):
        proxy = self.wrong('--upstream-rest', '0.2')
        for n in range(1, 4):
            self.assertEqual(self.answer(proxy)[0], 502)
            self.assertEqual(len(self.script.refusals), n)
            time.sleep(0.25)

    def test_corrected(self):
        """SIGHUP ends the rest, also when the file has not changed."""
        proxy = self.wrong()
        self.assert_rests(proxy, 1)
        self.reload(proxy)
        self.assert_rests(proxy, 2)
        self.credentials('User:%s\n' % SECRET)
        self.reload(proxy)
        target = self.serve(page).port
        self.assertEqual(self.at_once(8, lambda: self.page(proxy, target)),
                         [(0, b'hello')] * 8)
        self.assertEqual(len(self.script.refusals), 2)

    def test_password_that_changes(self):
        """What was good is held back as soon as it is not."""
        proxy = self.ours('127.0.0.1:%d' % self.corporate(),
                          credentials='User:%s\n' % SECRET)
        self.assertEqual(self.page(proxy), (0, b'hello'))
        self.script.password = 'another'
        self.assertEqual(self.answer(proxy)[0], 502)
        self.assert_rests(proxy, 1)

    def test_url(self):
        """It is the same with credentials that stand in the URL."""
        proxy = self.ours('User:wrong@127.0.0.1:%d' % self.corporate())
        self.assert_rests(proxy, 1)

    def test_others_wait(self):
        """As long as it is not known, one asks."""
        asked, accept = [], threading.Event()

        def script(conn):
            asked.append(recv_until(conn, b'\r\n\r\n'))
            accept.wait(harness.PATIENCE)
            conn.sendall(OK)
            page(conn)
        upstream = self.serve(script).port
        proxy = self.ours('127.0.0.1:%d' % upstream, '--upstream-auth',
                          'basic', credentials='a:b\n')
        # Some of those who wait leave, and take nothing with them.
        leaving = []
        await_true(lambda: asked or leaving.append(
            self.connected(proxy.port)) or leaving[-1].sendall(head(1)))
        leaving.pop(0)
        for s in leaving:
            s.close()
        done = []
        t = threading.Thread(target=lambda: done.extend(self.at_once(
            6, lambda: self.page(proxy, 1))))
        t.start()
        time.sleep(0.3)
        self.assertEqual(len(asked), 1)
        accept.set()
        t.join(harness.PATIENCE)
        self.assertEqual(done, [(0, b'hello')] * 6)

    def test_slow_target(self):
        """Who gets no answer holds the others up, and not for ever."""
        slow = threading.Event()

        def script(conn):
            if b' slow.test:' in recv_until(conn, b'\r\n\r\n'):
                slow.set()
                self.hold()
            conn.sendall(OK)
            page(conn)
        proxy = self.ours('127.0.0.1:%d' % self.serve(script).port,
                          '--upstream-auth', 'basic', '--allow', '*',
                          '--allow', '127.0.0.1', credentials='a:b\n')
        s = self.connected(proxy.port)
        s.sendall(head(1, 'slow.test'))
        self.assertTrue(slow.wait(harness.PATIENCE))
        self.assertEqual(self.page(proxy, 1), (0, b'hello'))

    def test_other_refusals_are_no_rejection(self):
        def script(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(b'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')
        upstream = self.serve(script)
        proxy = self.ours('127.0.0.1:%d' % upstream.port, '--upstream-auth',
                          'basic', credentials='a:b\n')
        for n in range(1, 4):
            self.assertEqual(self.answer(proxy)[0], 502)
            self.assertEqual(len(upstream.conns), n)
        self.assertEqual(proxy.process.said(), '')

    def test_missing(self):
        """Told to clients each time, and once to who can help."""
        proxy = self.ours('127.0.0.1:%d' % self.corporate())
        for _ in range(2):
            status, body = self.answer(proxy)
            self.assertEqual(status, 502)
            self.assertIn('--upstream-credentials', body)
        self.assertEqual(proxy.process.said().count('\n'), 1)
        proxy = self.ours('127.0.0.1:%d' % self.corporate(),
                          '--upstream-auth', 'digest', credentials='a:b\n')
        self.assertIn('not in --upstream-auth', self.answer(proxy)[1])
