"""tunnel-connect --auth negotiate: with tickets of a real KDC, and with a library
that is none."""

import base64
import os
import shlex
import subprocess

import harness
import kerberos
import peers
from harness import await_true, clean_env, lines_of, recv_until
from scripted import OK
from test_connect_auth import Login, echo

HERE = os.path.dirname(os.path.abspath(__file__))
CARRIED = (0, b'helloworld', '')


class Real(Login):
    @classmethod
    def setUpClass(cls):
        cls.realm = cls.squid = None
        try:
            cls.realm = kerberos.Realm()
            cls.keytab = cls.realm.service('HTTP/localhost')
            cls.squid = kerberos.Squid(cls.realm, cls.keytab)
            cls.ticket = cls.realm.login()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        for peer in (cls.squid, cls.realm):
            if peer is not None:
                peer.stop()

    def use(self, env, *options, port=None, **kwargs):
        """Log in with that environment, as --auth negotiate unless told
        otherwise."""
        kwargs.setdefault('host', 'localhost')
        kwargs.setdefault('user', None)
        kwargs.setdefault('target', ('127.0.0.1', str(self.serve(echo).port)))
        return self.login(port or self.squid.port,
                          *(options or ('--auth', 'negotiate')), env=env,
                          **kwargs)

    def refused(self, env, *words, **kwargs):
        status, out, said = self.use(env, **kwargs)
        self.assertEqual((status, out), (5, b''), said)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(said.count('\n'), 1, said)
        return said

    def test_ticket(self):
        self.assertEqual(self.use(self.ticket), CARRIED)

    def test_among_others(self):
        """It waits to be asked then; with no user, the others are no choice."""
        self.assertEqual(self.use(self.ticket, '--auth', 'basic,negotiate'),
                         CARRIED)

    def test_environment(self):
        port = self.serve(echo).port
        env = dict(self.ticket, TUNNEL_PROXY_AUTH='Negotiate')
        p = self.start([harness.CONNECT, '-x', 'localhost:%d'
                        % self.squid.port, '127.0.0.1', str(port)], env=env,
                       stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(5), b'hello')

    def test_best_of_what_is_offered(self):
        both = kerberos.Squid(self.realm, self.keytab, offers=('Basic',))
        self.addCleanup(both.stop)
        for order, env in (('negotiate,basic', self.ticket),
                           ('basic,negotiate', self.realm.environment())):
            with self.subTest(order=order):
                self.assertEqual(self.use(env, '--auth', order,
                                          port=both.port,
                                          user='user:Password'), CARRIED)
        # It does not fall back on what is weaker by itself.
        status, _, said = self.use(self.realm.environment(), '--auth',
                                   'negotiate,basic', port=both.port,
                                   user='user:Password')
        self.assertEqual(status, 5)
        self.assertIn('run kinit', said)

    def test_address(self):
        """A ticket for an address is seldom, and good if there is one."""
        self.refused(self.ticket, 'HTTP/127.0.0.1@', 'not found in Kerberos',
                     'by its name', host='127.0.0.1')
        keytab = self.realm.service('HTTP/127.0.0.1', 'address')
        squid = kerberos.Squid(self.realm, keytab)
        self.addCleanup(squid.stop)
        self.assertEqual(self.use(self.ticket, port=squid.port,
                                  host='127.0.0.1'), CARRIED)

    def test_no_ticket(self):
        self.refused(self.realm.environment(), 'localhost:%d'
                     % self.squid.port, 'No Kerberos credentials available',
                     'run kinit')

    def test_expired(self):
        self.refused(self.realm.expired(), 'expired', 'run kinit')

    def test_wrong_key(self):
        """The proxy has not the key that the KDC knows."""
        keytab = self.realm.service('HTTP/ip6-localhost', 'stale')
        squid = kerberos.Squid(self.realm, keytab)
        self.addCleanup(squid.stop)
        said = self.refused(self.ticket, 'rejected the ticket',
                            'HTTP at localhost', 'klist', port=squid.port)
        self.assertNotIn('user and password', said)

    def test_wrong_answer(self):
        def script(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(b'HTTP/1.1 407 Go on\r\nProxy-Authenticate: '
                         b'Negotiate AAAA\r\nContent-Length: 0\r\n\r\n')
            self.hold()
        self.refused(self.ticket, 'not one to go on with', 'token',
                     port=self.serve(script).port)

    def test_library_that_cannot_be_loaded(self):
        where = self.directory()
        for name in ('libgssapi_krb5.so.2', 'libgssapi.so.3',
                     'libgssapi.so.10'):
            open(os.path.join(where, name), 'w').close()
        self.refused(dict(self.ticket, LD_LIBRARY_PATH=where),
                     'GSSAPI', 'libgssapi_krb5.so.2', 'install')

    def test_not_asked_for(self):
        status, _, said = self.use(self.ticket, '--no-netrc')
        self.assertEqual(status, 5)
        self.assertIn('--auth negotiate', said)

    def test_nameless_proxy(self):
        status, _, said = self.outcome(self.ticket, '--proxy-command', 'cat')
        self.assertEqual(status, 2)
        self.assertIn('name of the proxy', said)

    def outcome(self, env, *options):
        p = self.start([harness.CONNECT, '--auth', 'negotiate'] +
                       list(options) + ['target.test', '22'], env=env)
        out = p.popen.communicate(timeout=harness.PATIENCE)[0]
        return p.popen.returncode, out, p.said()

    def test_loaded_when_it_is_wanted(self):
        for auth, wanted in (('basic', False), ('negotiate', True)):
            with self.subTest(auth=auth):
                proxy = self.squid if wanted else peers.Squid('user:Password')
                if not wanted:
                    self.addCleanup(proxy.stop)
                p = self.start([harness.CONNECT, '-x', 'localhost:%d'
                                % proxy.port, '--auth', auth, '127.0.0.1',
                                str(self.serve(echo).port)],
                               env=dict(self.ticket,
                                        TUNNEL_PROXY_USER='user',
                                        TUNNEL_PROXY_PASSWORD='Password'),
                               stdin=subprocess.PIPE)
                self.assertEqual(p.stdout.read(5), b'hello')
                with open('/proc/%d/maps' % p.pid) as maps:
                    self.assertEqual('gssapi' in maps.read(), wanted)

    def test_forward(self):
        """-L, for more than one client; and why, when there is no ticket."""
        port = self.serve(echo).port
        for env, works in ((self.ticket, True),
                           (self.realm.environment(), False)):
            p = self.start([harness.CONNECT, '-x', 'localhost:%d'
                            % self.squid.port, '--auth', 'negotiate', '-L',
                            '0:127.0.0.1:%d' % port], env=env)
            listening = int(p.stdout.readline().decode().rsplit(':', 1)[1])
            for _ in range(2):
                if works:
                    s = self.connected(listening)
                    s.sendall(b'world')
                    self.assertEqual(harness.recv_exactly(s, 10),
                                     b'helloworld')
                else:
                    # The reset may be there before connect(2) returns.
                    with self.assertRaises((AssertionError, ConnectionError)):
                        harness.recv_exactly(self.connected(listening), 1)
            if not works:
                await_true(lambda: p.said().count('run kinit') == 2)
                self.assertIn('was not connected', p.said())


class Rounds(Login):
    """A scripted proxy that goes on asking, and a library of ours."""

    @classmethod
    def setUpClass(cls):
        cls.made = os.path.join(harness.BUILD, 'tests', 'gss-%d' % os.getpid())
        os.makedirs(cls.made, exist_ok=True)
        library = os.path.join(cls.made, 'libgssapi_krb5.so.2')
        subprocess.run(shlex.split(os.environ.get('CC', 'cc')) +
                       ['-shared', '-fPIC', '-I',
                        os.path.join(HERE, '..', '..', 'examples'), '-o',
                        library, os.path.join(HERE, 'fake_gss.c')],
                       check=True, timeout=harness.PATIENCE)

    @classmethod
    def tearDownClass(cls):
        for name in os.listdir(cls.made):
            os.unlink(os.path.join(cls.made, name))
        os.rmdir(cls.made)

    def proxy(self, rounds, closes=0, word=None):
        """It answers each of so many tokens but the last with another, which
        is what came with a byte more; and closes behind the one numbered
        closes."""
        self.tokens = []

        def handler(conn):
            for i in range(1, rounds + 1):
                first = conn.recv(1)
                if not first:
                    return
                token = self.token(first + recv_until(conn, b'\r\n\r\n'))
                self.tokens.append(token)
                if i == rounds:
                    break
                text = word or base64.b64encode(token + b'\xf0').decode()
                conn.sendall(b'HTTP/1.1 407 Go on\r\nProxy-Authenticate: '
                             b'Negotiate %s\r\nContent-Length: 0\r\n%s\r\n'
                             % (text.encode(), b'Connection: close\r\n'
                                if i == closes else b''))
                if i == closes:
                    return
            conn.sendall(OK)
            echo(conn)
        return self.serve(handler).port

    def token(self, head):
        for line in head.decode('latin-1').split('\r\n'):
            if line.startswith('Proxy-Authorization: Negotiate '):
                return base64.b64decode(line.split(' ')[2], validate=True)
        raise AssertionError(head)

    def use(self, port, rounds, first=1, error=0):
        log = os.path.join(self.directory(), 'log')
        result = self.login(port, '--auth', 'negotiate', user=None,
                            env=clean_env(LD_LIBRARY_PATH=self.made,
                                          FAKE_GSS_LOG=log,
                                          FAKE_GSS_ROUNDS=str(rounds),
                                          FAKE_GSS_FIRST=str(first),
                                          FAKE_GSS_ERROR=str(error)))
        self.log = [line.split() for line in lines_of(log)]
        return result

    def test_rounds(self):
        self.assertEqual(self.use(self.proxy(10), 10), CARRIED)
        heard = [bytes.fromhex(''.join(words[1:])) for words in self.log
                 if words[0] == 'heard']
        self.assertEqual(heard, [b''] + [t + b'\xf0'
                                         for t in self.tokens[:-1]])
        self.assertEqual([len(t) for t in self.tokens],
                         [1 + 2 * i for i in range(10)])
        for before, after in zip(heard[1:], self.tokens[1:]):
            self.assertEqual(after, bytes(~b & 255 for b in before) + b'\xfb')
        self.assertEqual(self.log[:3], [
            ['name', b'HTTP@127.0.0.1'.hex()],
            ['type', '2a864886f71201020104'],
            ['mechanism', '2b0601050502']])
        self.assertEqual(self.log[-2:], [['ended'], ['forgotten']])

    def test_lengths(self):
        """Of base64, and up to what fits."""
        for first in (1, 2, 3, 4, 5, 49149):
            with self.subTest(first=first):
                self.assertEqual(self.use(self.proxy(1), 1, first), CARRIED)
                self.assertEqual(self.tokens, [b'\xfb' * first])
        status, _, said = self.use(self.proxy(1), 1, 49152)
        self.assertEqual(status, 5)
        self.assertIn('too large', said)

    def test_words(self):
        """SPNEGO of one kind or another has nothing, and Kerberos says what;
        or something else is wrong, which it is not asked about."""
        for error, words in ((7, ': There is nothing; run kinit, and name'),
                             (1, ': There is nothing; run kinit, and name'),
                             (13, ': There is something; run kinit if ')):
            with self.subTest(error=error):
                status, _, said = self.use(self.proxy(1), 1, error=error)
                self.assertEqual(status, 5)
                self.assertIn(words, said)
                self.assertEqual(self.log[-1:], [['forgotten']])

    def test_more_than_there_is_to_say(self):
        status, _, said = self.use(self.proxy(3), 2)
        self.assertEqual(status, 5)
        self.assertIn('does not accept the ticket', said)
        self.assertEqual(self.log[-2:], [['ended'], ['forgotten']])

    def test_no_base64(self):
        for word in ('YQ=', 'Y', 'YR==', 'YWJ=', 'Y~==', '====', '=AAA'):
            with self.subTest(word=word):
                status, _, said = self.use(self.proxy(3, word=word), 3)
                self.assertEqual(status, 5)
                self.assertRegex(said, 'no base64|rejected the ticket')

    def test_closed_between(self):
        status, _, said = self.use(self.proxy(3, closes=1), 3)
        self.assertEqual(status, 5)
        self.assertIn('closes it', said)
        self.assertIn('keep-alive', said)
