"""tunnel-connect --doctor: each step of the way, where it breaks, and the exit
status that a tunnel would have had."""

import os
import shlex
import subprocess
import time

import harness
from doctor import BANNER, FORBIDDEN, SECRET, TIMED, Doctor, wants_login
from harness import CONNECT, clean_env, recv_until
from scripted import OK, reset


class Good(Doctor):
    def test_through_a_proxy(self):
        port = self.origin()
        proxy = self.own()
        steps = self.tell('-x', 'http://' + proxy, target=('127.0.0.1',
                                                           str(port)))
        self.assertEqual(self.labels(steps), [
            'target', 'proxy', 'login', 'TCP', 'tunnel', 'target', 'verdict'])
        self.find(steps, 'ok', 'proxy', proxy + ', from -x')
        self.find(steps, 'ok', 'TCP', 'connected to ' + proxy)
        self.find(steps, 'ok', 'tunnel', proxy, '200')
        self.find(steps, 'ok', 'target', 'speaks SSH', 'SSH-2.0-OpenSSH_9.2p1')
        self.find(steps, 'ok', 'verdict', 'through the proxy ' + proxy)
        for step in steps[3:-1]:
            self.assertRegex(step[2], TIMED)

    def test_chosen_by_variables(self):
        proxy = self.own()
        target = ('127.0.0.1', str(self.origin(b'220 x ESMTP\r\n')))
        for name in ('https_proxy', 'ALL_PROXY'):
            steps = self.tell(target=target, env={name: proxy})
            self.find(steps, 'ok', 'proxy', proxy + ', from ' + name)
            self.find(steps, 'ok', 'target', 'speaks SMTP', '220 x ESMTP')
        steps = self.tell('-x', proxy, target=target,
                          env={'https_proxy': 'http://u:%s@other.test' % SECRET,
                               'no_proxy': 'example.com'})
        self.find(steps, 'ok', 'proxy', proxy + ', from -x')
        self.find(steps, 'note', 'proxy', 'https_proxy is set, but')
        self.find(steps, 'note', 'proxy', 'no_proxy is set', '127.0.0.1')

    def test_direct(self):
        target = ('localhost', str(self.origin()))
        steps = self.tell('-x', 'http://u:%s@proxy.test' % SECRET,
                          target=target, env={'no_proxy': 'a.test,.localhost'})
        self.find(steps, 'ok', 'proxy', "no_proxy has '.localhost'")
        self.find(steps, 'ok', 'name', 'localhost is ', '127.0.0.1')
        self.find(steps, 'ok', 'target', 'speaks SSH')
        self.find(steps, 'ok', 'verdict', 'without a proxy')
        steps = self.tell(target=target, env={'http_proxy': 'http://p.test'})
        self.find(steps, 'ok', 'proxy', 'none is set')
        self.find(steps, 'note', 'proxy', 'http_proxy is set, but')

    def test_bytes_that_nobody_knows(self):
        for first, words in ((b'hello\r\n', 'it sent 7 bytes (hello)'),
                             (b'\1\2\3', 'it sent 3 bytes ')):
            steps = self.tell('-x', self.proxy(OK + first, end=True))
            self.find(steps, 'ok', 'target', words)

    def test_silence_is_no_failure(self):
        began = time.monotonic()
        steps = self.tell('-x', self.proxy(OK), same=False)
        self.assertGreaterEqual(time.monotonic() - began, 3)
        self.find(steps, 'note', 'target', 'nothing came')
        self.find(steps, 'note', 'verdict', 'client speaks first')

    def test_an_end_at_once_is_a_note(self):
        steps = self.tell('-x', self.proxy(OK, end=True))
        self.find(steps, 'note', 'target', 'closed without a word')
        self.find(steps, 'note', 'verdict', 'closes it at once')

    def test_login(self):
        file = os.path.join(self.directory(), 'secrets')
        with open(file, 'w') as f:
            f.write('ann:' + SECRET + '\n')
        os.chmod(file, 0o600)
        home = self.directory()
        netrc = os.path.join(home, '.netrc')
        with open(netrc, 'w') as f:
            f.write('default login ann password ' + SECRET)
        os.chmod(netrc, 0o600)
        target = ('127.0.0.1', str(self.origin()))
        proxy = self.own('--user', 'ann:' + SECRET)
        for env, options, source in (
                ({}, ('-u', 'ann:' + SECRET), '-u'),
                ({}, ('-x', 'http://ann:%s@%s' % (SECRET, proxy)), 'the URL'),
                ({}, ('--credentials-file', file), file),
                ({'TUNNEL_PROXY_USER': 'ann', 'TUNNEL_PROXY_PASSWORD': SECRET},
                 (), 'TUNNEL_PROXY_PASSWORD'),
                ({'NETRC': netrc}, (), netrc),
                ({'NETRC': '', 'HOME': home}, (), '~/.netrc')):
            if '-x' not in options:
                options += ('-x', proxy)
            for auth in ('digest', 'basic'):
                steps = self.tell(*options, '--auth', auth, target=target,
                                  env=env)
                self.find(steps, 'ok', 'login', "user 'ann'",
                          'password is from ' + source)
                self.find(steps, 'ok', 'login', "accepted: %s as 'ann'"
                          % auth)
                self.assertEqual(('note', 'login') in [s[:2] for s in steps],
                                 auth == 'digest')
        self.find(self.tell('-x', proxy, '-u', 'ann:' + SECRET, '--auth',
                            'digest', target=target), 'note', 'login', '407',
                  'it offers: Digest')

    def test_login_over_a_new_connection(self):
        replies = [wants_login(b'Basic', more=b'Connection: close\r\n'),
                   OK + BANNER]

        def handler(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(replies.pop(0))
        port = self.serve(handler).port
        steps = self.tell('-x', '127.0.0.1:%d' % port, '-u', 'ann:' + SECRET,
                          '--auth', 'digest,basic', same=False)
        self.assertEqual(self.labels(steps)[3:-1], [
            'TCP', 'login', 'login', 'TCP', 'tunnel', 'login', 'target'])
        self.find(steps, 'ok', 'login', 'over a new connection')

    def test_no_input_is_needed(self):
        proxy = self.proxy(OK + BANNER)
        done = subprocess.run('exec %s --doctor -x %s target.test:22 <&-'
                              % (shlex.quote(CONNECT), proxy), shell=True,
                              env=clean_env(), stdout=subprocess.PIPE,
                              timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'speaks SSH', done.stdout)

    def test_quiet_and_verbose(self):
        p = self.start([CONNECT, '-q', '--doctor', '-x', self.proxy(FORBIDDEN),
                        'target.test:22'])
        self.assertEqual((p.stdout.read(), p.wait(), p.said()), (b'', 4, ''))
        p = self.start([CONNECT, '-v', '--doctor', '-x', self.proxy(FORBIDDEN),
                        '-u', 'ann:' + SECRET, 'target.test:22'])
        self.assertEqual((p.stdout.read().count(b'FAIL'), p.wait()), (2, 4))
        self.assertIn('> Proxy-Authorization: ***', p.said())
        self.assertNotIn(SECRET, p.said())

    def test_mistakes(self):
        p = self.start([CONNECT, '--doctor', '-L', '0:h:1'])
        self.assertEqual((p.stdout.read(), p.wait()), (b'', 2))
        self.assertIn('--doctor', p.said())
        p = self.start([CONNECT, '--doctor'])
        self.assertEqual((p.stdout.read(), p.wait()), (b'', 2))


class Broken(Doctor):
    def test_unknown_name(self):
        steps = self.tell('-x', 'http://u:%s@no.such.invalid:3128' % SECRET,
                          status=3)
        self.find(steps, 'FAIL', 'name', 'no.such.invalid')
        self.find(steps, 'FAIL', 'verdict', 'check the name')
        steps = self.tell(target=('no.such.invalid', '22'), status=3)
        self.find(steps, 'FAIL', 'verdict', 'name it with -x')
        steps = self.tell(target=('no.such.invalid', '22'), status=3,
                          env={'no_proxy': 'invalid', 'https_proxy': 'p.test'})
        self.find(steps, 'FAIL', 'verdict', 'out of no_proxy')

    def test_refused_port(self):
        port = self.free_port()
        steps = self.tell('-x', 'http://u:%s@localhost:%d' % (SECRET, port),
                          '-4', status=3)
        self.find(steps, 'ok', 'name', 'localhost is 127.0.0.1')
        self.find(steps, 'FAIL', 'TCP', '127.0.0.1:%d' % port, 'refused')

    def test_wrong_family(self):
        steps = self.tell('-6', '-x', self.proxy(), status=3)
        self.find(steps, 'FAIL', 'TCP')

    def test_silent_proxy(self):
        began = time.monotonic()
        steps = self.tell('-x', '127.0.0.1:%d' % self.quiet(), '-t', '0.5',
                          status=7)
        # Twice, and not for the five seconds that others are given.
        self.assertLess(time.monotonic() - began, 10)
        self.find(steps, 'FAIL', 'reply', 'timed out')
        self.find(steps, 'FAIL', 'verdict', '-t')

    def test_logins(self):
        user = ('-u', 'ann:' + SECRET)
        for schemes, options, *words in (
                ((b'Digest realm=x, nonce=y', b'Basic'), (), '-u USER'),
                ((b'Basic',), user, 'check user and password'),
                ((b'Negotiate',), user + ('--auth', 'digest'),
                 '--auth negotiate'),
                ((b'Basic',), ('-H', 'Proxy-Authorization: x ' + SECRET),
                 'that -H gave')):
            with self.subTest(schemes=schemes, options=options):
                proxy = self.proxy(wants_login(*schemes))
                steps = self.tell('-x', proxy, *options, status=5)
                names = ', '.join(s.split()[0].decode() for s in schemes)
                self.find(steps, 'FAIL', 'login', proxy, '407 Log in',
                          'it offers: ' + names)
                self.find(steps, 'FAIL', 'verdict', *words)

    def test_no_ticket(self):
        """Whether or not there is a library that could have one."""
        env = {'KRB5CCNAME': 'FILE:/nonexistent', 'KRB5_CONFIG': os.devnull}
        for proxy, auth, word in (
                (self.proxy(wants_login(b'Negotiate')), 'negotiate,basic',
                 'no answer with Negotiate'),
                # Sent unasked, if there were one.
                ('127.0.0.1:%d' % self.quiet(), 'negotiate', 'was not asked')):
            steps = self.tell('-x', proxy, '--auth', auth, env=env, status=5)
            self.find(steps, 'ok', 'login', 'Kerberos ticket for HTTP')
            self.find(steps, 'FAIL', 'login', word)
            self.find(steps, 'FAIL', 'verdict', 'no login by Negotiate')

    def test_wrong_password(self):
        proxy = self.own('--user', 'ann:right')
        for auth in ('digest', 'basic'):
            steps = self.tell('-x', proxy, '-u', 'ann:' + SECRET, '--auth',
                              auth, status=5)
            self.find(steps, 'FAIL', 'login', 'it offers: ',
                      "login was %s as 'ann'" % auth)
            self.find(steps, 'FAIL', 'verdict', "credentials of 'ann'")

    def test_refusal(self):
        steps = self.tell('-x', self.proxy(FORBIDDEN), status=4)
        self.find(steps, 'FAIL', 'tunnel', '403 Forbidden')
        self.find(steps, 'FAIL', 'verdict', 'administrator')

    def test_portal(self):
        steps = self.tell('-x', self.proxy(
            b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>'
            b'Hotel</title>'), status=4)
        self.find(steps, 'FAIL', 'tunnel', '200', 'web page')
        self.find(steps, 'FAIL', 'verdict', 'login page', 'Hotel')

    def test_no_proxy_there(self):
        steps = self.tell('-x', '127.0.0.1:%d' % self.origin(BANNER * 4),
                          status=6)
        self.find(steps, 'FAIL', 'reply', 'not HTTP', 'SSH-2.0')
        self.find(steps, 'FAIL', 'verdict', 'speaks SSH')

    def test_words_that_steer_a_terminal(self):
        steps = self.tell('-x', self.proxy(OK + b'\x1b[31mred'), same=False)
        self.find(steps, 'ok', 'target', 'it sent ')
        steps = self.tell('-x', self.proxy(
            b'HTTP/1.1 403 \xc2\x9bred\r\nContent-Length: 0\r\n\r\n'),
            status=4)
        self.find(steps, 'FAIL', 'tunnel', '403 ??red')

    def test_reset_by_the_target(self):
        def handler(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(OK)
            time.sleep(0.3)
            reset(conn)
        steps = self.tell('-x', '127.0.0.1:%d' % self.serve(handler).port,
                          status=1)
        self.find(steps, 'FAIL', 'target', 'reset')
        self.find(steps, 'FAIL', 'verdict', 'broke')
