"""tunnel-connect --doctor where several proxies or other programs are on the
way."""

import os
import time

import ways
from doctor import BANNER, FORBIDDEN, SECRET, Doctor, wants_login
from harness import await_true, need, recv_all, recv_until
from scripted import OK


class Chains(Doctor):
    def test_each_is_a_step(self):
        first = self.proxy(OK, wants_login(b'Basic'), OK, after=BANNER,
                           end=True)
        steps = self.tell('-x', first, '-x', 'http://bob:%s@two.test:99'
                          % SECRET, '--auth', 'digest,basic')
        self.find(steps, 'ok', 'proxy', first + ' (1 of 2)')
        self.find(steps, 'ok', 'proxy', 'two.test:99 (2 of 2)')
        self.find(steps, 'ok', 'login', first + ': no user')
        self.find(steps, 'ok', 'login', "two.test:99: user 'bob'")
        self.find(steps, 'ok', 'tunnel', first + ' (1 of 2) replied 200')
        self.find(steps, 'note', 'login', 'two.test:99 (2 of 2) replied 407')
        self.find(steps, 'ok', 'tunnel', 'two.test:99 (2 of 2) replied 200')
        self.find(steps, 'ok', 'target', 'SSH')
        self.find(steps, 'ok', 'verdict', 'the proxies %s, two.test' % first)

    def test_the_second_fails(self):
        steps = self.tell('-x', self.proxy(OK, FORBIDDEN), '-x',
                          'http://bob:%s@two.test:99' % SECRET, status=4)
        self.find(steps, 'ok', 'tunnel', '(1 of 2) replied 200')
        self.find(steps, 'FAIL', 'tunnel', 'two.test:99 (2 of 2)', '403')
        self.find(steps, 'FAIL', 'verdict', 'two.test:99 (2 of 2) refused')

    def test_bytes_too_early(self):
        steps = self.tell('-x', self.proxy(OK + b'hi'), '-x', 'two.test',
                          status=6)
        self.find(steps, 'FAIL', 'tunnel', '(1 of 2)', 'too early')


class Programs(Doctor):
    def setUp(self):
        super().setUp()
        self.dir = self.directory()
        self.openssl = need('openssl', 'openssl')
        self.authority = ways.Authority(self.dir)
        self.good = self.authority.sign('DNS:localhost,IP:127.0.0.1')

    def tls_proxy(self, *replies):
        def handler(conn):
            for reply in replies:
                recv_until(conn, b'\r\n\r\n')
                conn.sendall(reply)
            self.hold()
        return self.serve(ways.in_tls(self.good, handler)).port

    def trusted(self, port, *options, **kwargs):
        return self.tell('-x', 'https://u:%s@localhost:%d' % (SECRET, port),
                         '--cacert', self.authority.file, *options, **kwargs)

    def test_tls(self):
        steps = self.trusted(self.tls_proxy(OK + BANNER), same=False)
        self.assertEqual(self.labels(steps), [
            'target', 'proxy', 'login', 'name', 'TCP', 'TLS', 'tunnel',
            'login', 'target', 'verdict'])
        self.find(steps, 'ok', 'TLS', 'TLSv1.')
        self.find(steps, 'ok', 'proxy', 'https://localhost:')

    def test_nobody_waits_for_the_proxy_to_close(self):
        """Which would be two seconds, each time."""
        waited = []

        def handler(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(OK + BANNER)
            began = time.monotonic()
            try:
                recv_all(conn)
            finally:
                waited.append(time.monotonic() - began)
        port = self.serve(ways.in_tls(self.good, handler)).port
        for _ in range(3):
            self.trusted(port, same=False)
        await_true(lambda: len(waited) == 3)
        self.assertLess(min(waited), 1.9)

    def test_openssl_that_tells_less(self):
        with open(os.path.join(self.dir, 'openssl'), 'w') as f:
            f.write('#!/bin/sh\ncase "$*" in *-brief*) '
                    'echo unknown option -brief >&2; exit 1;; esac\n'
                    'exec %s "$@"\n' % self.openssl)
            os.fchmod(f.fileno(), 0o755)
        env = {'PATH': self.dir + ':' + os.environ['PATH']}
        steps = self.trusted(self.tls_proxy(OK + BANNER), env=env, same=False)
        self.assertNotIn('TLS', self.labels(steps))
        self.find(steps, 'ok', 'target', 'SSH')
        steps = self.tell('-x', 'https://localhost:%d' % self.tls_proxy(),
                          env=env, status=3)
        self.find(steps, 'FAIL', 'TLS', 'issuer')

    def test_bad_certificate(self):
        port = self.tls_proxy()
        steps = self.tell('-x', 'https://u:%s@localhost:%d' % (SECRET, port),
                          status=3)
        self.find(steps, 'ok', 'TCP')
        self.find(steps, 'FAIL', 'TLS', 'issuer')
        self.find(steps, 'FAIL', 'verdict', 'certificate', '--cacert')
        self.good = self.authority.sign('DNS:other.test')
        steps = self.trusted(self.tls_proxy(), status=3)
        self.find(steps, 'FAIL', 'TLS', 'mismatch')

    def test_no_tls_there(self):
        steps = self.trusted(self.quiet(), '-t', '2', status=7)
        self.find(steps, 'FAIL', 'TLS', 'in time')
        steps = self.trusted(self.origin(), status=3)
        self.find(steps, 'FAIL', 'verdict', 'does not speak TLS')
        steps = self.trusted(self.free_port(), status=3, same=False)
        self.find(steps, 'FAIL', 'TCP', 'refused')

    def test_refusal_inside_tls(self):
        steps = self.trusted(self.tls_proxy(FORBIDDEN), status=4)
        self.find(steps, 'ok', 'TLS')
        self.find(steps, 'FAIL', 'tunnel', '403')

    def test_no_openssl(self):
        steps = self.trusted(self.quiet(), env={'PATH': '/nonexistent'},
                             status=3)
        self.find(steps, 'FAIL', 'verdict', 'not installed')

    def test_commands(self):
        port = self.tls_proxy(OK + BANNER)
        command = 'exec openssl s_client -quiet -CAfile %s -connect ' \
            'localhost:%d 2> /dev/null' % (self.authority.file, port)
        steps = self.tell('--proxy-command', command, '-u', 'u:' + SECRET,
                          same=False)
        self.find(steps, 'ok', 'command')
        self.find(steps, 'ok', 'target', 'SSH')
        steps = self.tell('--proxy-command', 'exit 3 #' + SECRET, '-x',
                          'p.test', status=3)
        self.find(steps, 'FAIL', 'command', 'ended with status 3')
