"""tunnel-connect logs in to proxies of other makes, as a user has it who says
nothing of schemes: apache2 by Digest and Basic, tinyproxy by Basic."""

import hashlib
import os
import socket
import subprocess

import harness
import peers
from harness import CONNECT, clean_env, recv_all
from scripted import MIB, Case, in_background


class Peer(Case):
    ACCOUNT = 'User:Pass word:'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = cls.made()
        cls.addClassCleanup(cls.proxy.stop)

    def begin(self, port, *options, user=None, **kwargs):
        env = clean_env()
        del env['TUNNEL_PROXY_AUTH']
        kwargs.setdefault('stdin', subprocess.PIPE)
        return self.start([CONNECT, '-x', '127.0.0.1:%d' % self.proxy.port,
                           '-u', user or self.ACCOUNT] + list(options) +
                          ['127.0.0.1', str(port)], env=env, **kwargs)


class Carries:
    """What is done through each of them."""

    def test_bytes(self):
        up, down = os.urandom(4 * MIB), os.urandom(4 * MIB)
        came = []

        def origin(conn):
            conn.sendall(b'hi')
            came.append(harness.recv_exactly(conn, len(up)))
            conn.sendall(down)
        p = self.begin(self.serve(origin).port)
        self.assertEqual(p.stdout.read(2), b'hi', p.said())
        finish = in_background(p.stdin.write, up)
        # It stays open until all has come: not all of them know half-close.
        self.assertTrue(p.stdout.read(len(down)) == down, p.said())
        finish()
        self.assertEqual(p.stdout.read(), b'')
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.assertTrue(came == [up])

    def test_what_it_asks_and_gets(self):
        """The first request has no credentials; the second has, and goes over
        the same connection."""
        p = self.begin(self.serve(lambda conn: conn.sendall(b'x')).port, '-v')
        self.assertEqual(p.stdout.read(1), b'x', p.said())
        p.stdin.close()
        p.wait()
        said = p.said()
        self.assertEqual(said.count('> CONNECT '), 2, said)
        self.assertEqual(said.count('> Proxy-Authorization: ***'), 1, said)
        self.assertIn('< Proxy-Authenticate: ' + self.scheme, said)
        self.assertEqual(said.count(': connected'), self.connections, said)

    def test_kept_out(self):
        """The origin sees nobody."""
        seen = []
        port = self.serve(seen.append).port
        name, password = self.ACCOUNT.split(':', 1)
        for user in (name + ':' + password[:-1], name + ':',
                     'user:' + password, self.ACCOUNT + ':'):
            for options in ((), ('--auth', self.scheme.lower())):
                with self.subTest(user=user, options=options):
                    p = self.begin(port, *options, user=user)
                    self.assertEqual(p.stdout.read(), b'')
                    self.assertEqual(p.wait(), 5, p.said())
                    self.assertIn("rejected the credentials of '%s'"
                                  % user.split(':')[0], p.said())
                    self.assertEqual(p.said().count('\n'), 1, p.said())
        self.assertEqual(seen, [])

    def test_scheme_that_it_does_not_know(self):
        p = self.begin(1, '--auth', 'ntlm,' + (
            'digest' if self.scheme == 'Basic' else 'basic'))
        self.assertEqual(p.wait(), 5, p.said())
        self.assertIn('not in --auth', p.said())
        self.assertIn('it offers: ' + self.scheme, p.said())


class Causes(Case):
    """What is said of a target that is not there, by those who know."""

    def test_nobody_there(self):
        for name, *words in (
                ('squid', '503 Service Unavailable (ERR_CONNECT_FAIL)'),
                ('apache2', '503 Service Unavailable;'),
                ('tinyproxy', '500 Unable to connect;'),
                ('tunnel-proxy', '502 ', 'refused the connection')):
            proxy = peers.PROXIES[name]()
            self.addCleanup(proxy.stop)
            p = self.start([CONNECT, '-x', '127.0.0.1:%d' % proxy.port,
                            '127.0.0.1', '1'])
            self.assertEqual(p.wait(), 4, p.said())
            for word in words + ['check host and port of the target']:
                self.assertIn(word, p.said())


class HalfClose:
    """Not all of them pass an end on in one direction alone."""

    def test_end_of_input(self):
        answer = os.urandom(MIB)

        def origin(conn):
            digest = hashlib.sha256(recv_all(conn)).digest()
            conn.sendall(digest + answer)
        sent = os.urandom(MIB)
        p = self.begin(self.serve(origin).port)
        out, _ = p.popen.communicate(sent, timeout=harness.PATIENCE)
        self.assertEqual((p.popen.returncode, p.said()), (0, ''))
        self.assertTrue(out == hashlib.sha256(sent).digest() + answer)

    def test_end_of_the_origin(self):
        came = []

        def origin(conn):
            conn.sendall(b'bye')
            conn.shutdown(socket.SHUT_WR)
            came.append(recv_all(conn))
        p = self.begin(self.serve(origin).port, '--linger-timeout', '0')
        self.assertEqual(p.stdout.read(), b'bye', p.said())
        p.stdin.write(b'and you')
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        harness.await_true(lambda: came)
        self.assertEqual(came, [b'and you'])


class ApacheDigest(Carries, HalfClose, Peer):
    scheme, connections = 'Digest', 1

    @classmethod
    def made(cls):
        return peers.Apache(cls.ACCOUNT, 'Digest')


class ApacheBasic(Carries, HalfClose, Peer):
    scheme, connections = 'Basic', 1

    @classmethod
    def made(cls):
        return peers.Apache(cls.ACCOUNT, 'Basic')


class TinyproxyBasic(Carries, Peer):
    """It closes behind every reply, a 407 among them."""
    scheme, connections = 'Basic', 2
    ACCOUNT = 'User:Password'

    @classmethod
    def made(cls):
        return peers.Tinyproxy(cls.ACCOUNT)
