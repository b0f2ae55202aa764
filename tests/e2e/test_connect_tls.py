"""tunnel-connect with https:// proxies: openssl is the connection to them."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time

import harness
import peers
import ways
from harness import CONNECT, await_true, clean_env, need, recv_all, recv_until
from scripted import MIB, OK, Flood, Scripted, echo, reset


class Tls(Scripted):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        need('openssl', 'openssl')
        cls.dir = harness.tempfile.mkdtemp(prefix='tunnel-tls-')
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        cls.authority = ways.Authority(cls.dir)
        cls.good = cls.authority.sign('DNS:localhost,IP:127.0.0.1,IP:::1')
        cls.other = cls.authority.sign('DNS:other.test,IP:127.0.0.2')

    def tls_proxy(self, script, context=None, **kwargs):
        """As proxy(), inside TLS."""
        self.heads = []

        def handler(conn):
            self.heads.append(recv_until(conn, b'\r\n\r\n'))
            script(conn)
        return self.serve(ways.in_tls(context or self.good, handler),
                          **kwargs)

    def secure(self, port, *options, host='localhost', trust=True, **kwargs):
        kwargs.setdefault('stdin', subprocess.PIPE)
        return self.start(
            [CONNECT, '-x', 'https://%s:%d' % (host, port)] +
            (['--cacert', self.authority.file] if trust else []) +
            list(options) + ['target.test', '22'], **kwargs)

    def ends(self, p, status, *words, stdin=b''):
        out, _ = p.popen.communicate(stdin, timeout=harness.PATIENCE)
        said = p.said()
        self.assertEqual(p.popen.returncode, status, said)
        self.assertEqual(said.count('\n'), 1 if words else 0, said)
        for word in words:
            self.assertIn(word, said)
        return out


class Carries(Tls):
    def test_both_ways(self):
        flood = Flood(8)

        def script(conn):
            conn.sendall(OK + b'hi')
            if flood.is_whole(conn):
                conn.sendall(b'whole')
        p = self.secure(self.tls_proxy(script).port)
        self.assertEqual(p.stdout.read(2), b'hi')
        for i in range(flood.mib):
            for part in flood.parts(i):
                p.stdin.write(part)
        p.stdin.flush()
        self.assertEqual(p.stdout.read(), b'whole')
        self.assertEqual((p.wait(), p.said()), (0, ''))

    def test_much_down(self):
        data = os.urandom(16 * MIB)
        p = self.secure(self.tls_proxy(lambda conn: conn.sendall(OK + data))
                        .port)
        self.assertTrue(self.ends(p, 0) == data)

    def test_end_of_input_ends_nothing(self):
        """It is not passed on, and what comes afterwards is not lost."""
        def script(conn):
            conn.sendall(OK)
            self.assertEqual(conn.recv(100), b'question')
            time.sleep(0.5)
            conn.sendall(b'answer')
        p = self.secure(self.tls_proxy(script).port)
        self.assertEqual(self.ends(p, 0, stdin=b'question'), b'answer')

    def test_bytes_that_s_client_could_take_for_commands(self):
        def script(conn):
            conn.sendall(OK)
            conn.sendall(recv_until(conn, b'end'))
        sent = b'Q\nR\nk\nK\nB\nC\n\nend'
        p = self.secure(self.tls_proxy(script).port)
        self.assertEqual(self.ends(p, 0, stdin=sent), sent)

    def test_addresses(self):
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK + b'hi'))
        self.assertEqual(self.ends(self.secure(proxy.port, host='127.0.0.1'),
                                   0), b'hi')
        self.assertEqual(self.ends(self.secure(proxy.port, '-4'), 0), b'hi')
        six = self.tls_proxy(lambda conn: conn.sendall(OK + b'six'),
                             family=socket.AF_INET6)
        self.assertEqual(self.ends(self.secure(six.port, host='[::1]'), 0),
                         b'six')
        self.assertEqual(self.ends(self.secure(six.port, '-6', host='[::1]'),
                                   0), b'six')
        self.ends(self.secure(six.port, '-4', host='[::1]'), 3, 'not reached')

    def test_server_name(self):
        """Names are told to the proxy, addresses are not."""
        seen = []
        context = self.authority.sign('DNS:localhost,IP:127.0.0.1', days=3)
        context.sni_callback = lambda sock, name, ctx: seen.append(name)
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK), context)
        for host in ('localhost', '127.0.0.1'):
            self.ends(self.secure(proxy.port, host=host), 0)
        self.assertEqual(seen, ['localhost', None])

    def test_credentials(self):
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK))
        self.ends(self.secure(proxy.port, host='user:pass@localhost'), 0)
        self.assertIn(b'\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n',
                      self.heads[0])

    def test_variables(self):
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK + b'hi'))
        for name in ('https_proxy', 'ALL_PROXY'):
            p = self.start([CONNECT, '--cacert', self.authority.file, 'h:1'],
                           env=clean_env(**{name: 'https://u:sesame@localhost'
                                            ':%d' % proxy.port}))
            self.assertEqual(self.ends(p, 0), b'hi')

    def test_trust_from_the_environment(self):
        """Without --cacert it is openssl's own."""
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK + b'hi'))
        p = self.secure(proxy.port, trust=False,
                        env=clean_env(SSL_CERT_FILE=self.authority.file))
        self.assertEqual(self.ends(p, 0), b'hi')

    def test_real_proxies(self):
        origin = self.serve(lambda conn: conn.sendall(b'origin'))
        for name in ('squid', 'tinyproxy', 'tunnel-proxy'):
            with self.subTest(proxy=name):
                proxy = peers.PROXIES[name]()
                self.addCleanup(proxy.stop)
                front = self.serve(ways.in_tls(self.good, ways.passed_on(
                    proxy.port)))
                p = self.start([CONNECT, '-x', 'https://localhost:%d'
                                % front.port, '--cacert', self.authority.file,
                                '127.0.0.1', str(origin.port)])
                self.assertEqual(self.ends(p, 0), b'origin')


class Refuses(Tls):
    def unheard(self, context=None, *args, status=3, words=(), **kwargs):
        """The proxy gets no request, let alone credentials."""
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK), context)
        self.ends(self.secure(proxy.port, *args, host='u:sesame@' +
                              kwargs.pop('host', 'localhost'), **kwargs),
                  status, *words)
        self.assertEqual(self.heads, [])

    def test_authority_that_nobody_knows(self):
        self.unheard(trust=False, words=('certificate', 'not accepted',
                                         'issuer', '--cacert'))

    def test_other_authority(self):
        other = self.directory()
        ways.Authority(other)
        self.unheard(None, '--cacert', os.path.join(other, 'ca.pem'),
                     words=('certificate', 'not accepted'))

    def test_other_name(self):
        self.unheard(self.other, words=('hostname mismatch', 'localhost'))
        self.unheard(self.other, host='127.0.0.1',
                     words=('IP address mismatch',))

    def test_expired(self):
        self.unheard(self.authority.sign('DNS:localhost', days=-1),
                     words=('expired',))

    def test_self_signed(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(peers.certificate(self.directory()))
        self.unheard(context, host='127.0.0.1', trust=False,
                     words=('self-signed',))

    def test_no_tls_there(self):
        proxy = self.serve(lambda conn: conn.sendall(
            b'HTTP/1.1 400 Bad\r\n\r\n'))
        self.ends(self.secure(proxy.port), 3, 'does not speak TLS',
                  'http://localhost')

    def test_plain_http_where_tls_is_spoken(self):
        p = self.connect(self.tls_proxy(lambda conn: None))
        self.assertEqual(p.wait(), 6)
        page = self.proxy(lambda conn: conn.sendall(
            b'HTTP/1.1 400 Bad Request\r\nContent-Length: 69\r\n\r\n<title>'
            b'400 The plain HTTP request was sent to HTTPS port</title>....'))
        p = self.connect(page)
        self.assertEqual(p.wait(), 4)
        self.assertIn('https://', p.said())

    def test_nobody_there(self):
        self.ends(self.secure(self.free_port()), 3, 'Connection refused')
        self.ends(self.secure(1, host='no.such.name.invalid'), 3,
                  'not reached')

    def test_silence(self):
        proxy = self.serve(lambda conn: self.hold())
        self.ends(self.secure(proxy.port, '-t', '0.5'), 7, '-t')

    def test_refusal(self):
        proxy = self.tls_proxy(lambda conn: conn.sendall(
            b'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'))
        self.ends(self.secure(proxy.port), 4, '403', 'localhost')

    def test_closed_in_good_order(self):
        self.ends(self.secure(self.tls_proxy(lambda conn: None).port), 6,
                  'closed the connection')

    def test_no_openssl(self):
        p = self.secure(1, env=clean_env(PATH='/nonexistent'))
        self.ends(p, 3, 'not installed', '--proxy-command')

    def test_no_such_file(self):
        p = self.secure(1, '--cacert', '/nonexistent/ca.pem')
        self.ends(p, 2, '/nonexistent/ca.pem')
        empty = os.path.join(self.directory(), 'empty')
        with open(empty, 'w'):
            pass
        proxy = self.tls_proxy(lambda conn: None)
        self.ends(self.secure(proxy.port, '--cacert', empty), 3,
                  'no certificate')

    def test_second_in_a_chain(self):
        p = self.start([CONNECT, '-x', 'http://a', '-x', 'https://b', 'h:1'])
        self.ends(p, 2, 'only the first proxy')


class Ends(Tls):
    def ready(self, script, *options, **kwargs):
        def first(conn):
            conn.sendall(OK + b'ready')
            script(conn)
        p = self.secure(self.tls_proxy(first).port, *options, **kwargs)
        self.assertEqual(p.stdout.read(5), b'ready')
        return p

    def test_cut_off(self):
        """Without TLS's own end, nobody can say that it was all."""
        def handler(conn):
            tls = self.good.wrap_socket(conn, server_side=True)
            recv_until(tls, b'\r\n\r\n')
            tls.sendall(OK + b'half')
            os.close(tls.detach())
        p = self.secure(self.serve(handler).port)
        self.assertEqual(self.ends(p, 1, 'openssl', 'unexpected eof'),
                         b'half')

    def test_reset(self):
        def script(conn):
            recv_until(conn, b'go')
            reset(conn)
        p = self.ready(script)
        p.stdin.write(b'go')
        p.stdin.flush()
        self.assertEqual(p.stdout.read(), b'')
        self.assertEqual(p.wait(), 1)
        self.assertIn('openssl', p.said())
        self.assertEqual(p.said().count('\n'), 1)

    def test_nobody_is_left(self):
        """Though s_client waits for the other side's end."""
        for end in ('caller', 'reader', signal.SIGTERM, signal.SIGHUP):
            with self.subTest(end=end):
                p = self.ready(lambda conn: self.hold())
                helpers = ways.children(p.pid)
                self.assertEqual(len(helpers), 1)
                if isinstance(end, int):
                    p.popen.send_signal(end)
                else:
                    p.stdout.close()
                    if end == 'caller':
                        p.stdin.close()
                p.wait()
                await_true(lambda: not ways.exists(helpers[0]))

    def test_idle_timeout(self):
        p = self.ready(lambda conn: self.hold(), '-i', '0.3',
                       stdin=subprocess.DEVNULL)
        helper = ways.children(p.pid)
        self.assertEqual(p.wait(), 7)
        self.assertFalse([pid for pid in helper if ways.exists(pid)])

    def test_no_secret_is_seen(self):
        p = self.ready(lambda conn: recv_all(conn), '-u', 'user:sesame', '-H',
                       'X: sesame', env=clean_env(
                           TUNNEL_PROXY_PASSWORD='sesame',
                           all_proxy='http://u:sesame@h'))
        helper = ways.children(p.pid)[0]
        with open('/proc/%d/cmdline' % helper, 'rb') as f:
            words = f.read().split(b'\0')
        self.assertEqual(words[:2], [b'openssl', b's_client'])
        self.assertNotIn(b'sesame', ways.shown(helper))
        self.assertNotIn(b'-no_ign_eof', words)

    def test_verbose(self):
        proxy = self.tls_proxy(lambda conn: conn.sendall(OK))
        p = self.secure(proxy.port, '-v', host='u:sesame@localhost')
        p.popen.communicate(b'')
        said = p.said()
        self.assertIn('* running openssl s_client ', said)
        self.assertIn('-verify_hostname localhost', said)
        self.assertNotIn('sesame', said)

    def test_idle_costs_no_cpu(self):
        p = self.ready(lambda conn: self.hold())
        q = self.ready(lambda conn: self.hold(), stdin=subprocess.DEVNULL)
        self.assert_idle(p, q)
