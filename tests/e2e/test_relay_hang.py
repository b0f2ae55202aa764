"""The relay's hang (RFC 9112, appendix C.2.2): two ends that keep connections
alive, with something between them that does not know of it.

A client has two questions.  It asks the second on the same connection when the
reply to the first lets it, and else on a new one.  That goes well without a
proxy, hangs through examples/blind-relay, and must go well through tunnel-proxy
--forward."""

import os
import queue
import re
import socket
import subprocess

import harness
from harness import BUILD, PROXY, await_true, recv_exactly, recv_until
from scripted import Proxied
from ways import unread

# A while in which whoever is awake would have moved; the rest of what is shown
# does not depend on it.
MOMENT = 0.5

# How clients have asked for a connection to be kept: HTTP/1.0's own way, the
# one for proxies, which a proxy behind the relay understands, and HTTP/1.1,
# where not to close is the default.
MANNERS = {'connection': ('1.0', 'Connection'),
           'proxy_connection': ('1.0', 'Proxy-Connection'),
           'http_1_1': ('1.1', None)}


def forwards():
    """Whether this tunnel-proxy has the option that the cure needs."""
    said = subprocess.run([PROXY, '--help'], stdout=subprocess.PIPE,
                          timeout=harness.PATIENCE).stdout.decode()
    return re.search(r'--forward(?![-\w])', said) is not None


def head_of(conn):
    """The first line of a message, and its fields."""
    top = recv_until(conn, b'\r\n\r\n').decode()
    first, *lines = top[:-4].split('\r\n')
    fields = [line.split(':', 1) for line in lines]
    return first, {k.strip().lower(): v.strip().lower() for k, v in fields}


def keeps(first, fields):
    """Whether a message lets its connection be used again: by either field,
    as an end does that honours both."""
    said = [fields[k] for k in ('connection', 'proxy-connection')
            if k in fields]
    if 'close' in said:
        return False
    return 'keep-alive' in said or 'HTTP/1.1' in first


class Origin:
    """Answers with what was asked, and keeps the connection when it was asked
    to; what it is asked is put into a queue."""

    def __init__(self, manner):
        self.version, self.field = MANNERS[manner]
        self.asked = queue.Queue()

    def __call__(self, conn):
        while True:
            if not conn.recv(1, socket.MSG_PEEK):
                return
            first, fields = head_of(conn)
            self.asked.put((first, fields))
            kept = keeps(first, fields)
            body = first.split()[1].rsplit('/', 1)[1].encode()
            said = ['HTTP/%s 200 OK' % self.version,
                    'Content-Length: %d' % len(body)]
            if not kept:
                said.append('Connection: close')
            elif self.field is not None:
                said.append('%s: keep-alive' % self.field)
            conn.sendall('\r\n'.join(said + ['', '']).encode() + body)
            if not kept:
                return


class Conversation(Proxied):
    def origin(self, manner):
        self.manner = manner
        self.there = Origin(manner)
        self.server = self.serve(self.there)
        return self.server.port

    def ask(self, s, what, keep=True):
        """Send a question for the origin."""
        version, field = MANNERS[self.manner]
        lines = ['GET http://127.0.0.1:%d/%s HTTP/%s'
                 % (self.server.port, what, version),
                 'Host: 127.0.0.1:%d' % self.server.port]
        if not keep:
            lines.append('Connection: close')
        elif field is not None:
            lines.append('%s: keep-alive' % field)
        request = '\r\n'.join(lines + ['', '']).encode()
        s.sendall(request)
        return len(request)

    def answer(self, s):
        """The content of a reply, and whether its connection is kept."""
        first, fields = head_of(s)
        self.assertIn(' 200 ', first)
        body = recv_exactly(s, int(fields['content-length']))
        return body, keeps(first, fields)

    def goes_well(self, port):
        """Both questions, on as many connections as it takes: whether it was
        one."""
        s = self.connected(port)
        self.ask(s, 'first')
        body, kept = self.answer(s)
        self.assertEqual(body, b'first')
        if not kept:
            self.assertEqual(harness.recv_all(s), b'')
            s = self.connected(port)
        self.ask(s, 'second')
        self.assertEqual(self.answer(s)[0], b'second')
        return kept


class BlindRelay(Conversation):
    def relay(self):
        p = self.start([os.path.join(BUILD, 'blind-relay'), '0'])
        line = p.stdout.readline().decode()
        return int(re.match(r'listening on 127\.0\.0\.1:(\d+)\n$',
                            line).group(1))

    def hangs(self, manner):
        self.origin(manner)
        s = self.connected(self.relay())
        self.ask(s, 'first')
        # Both ends are of one mind: this connection is kept.
        self.assertEqual(self.answer(s), (b'first', True))
        first, fields = self.there.asked.get(timeout=harness.PATIENCE)
        self.assertTrue(keeps(first, fields))
        # So the next question is asked on it, and lies there.
        n = self.ask(s, 'second')
        if os.path.exists('/proc/net/tcp'):
            await_true(lambda: unread(s) == n)
        s.settimeout(MOMENT)
        with self.assertRaises(socket.timeout):
            s.recv(1)
        if os.path.exists('/proc/net/tcp'):
            self.assertEqual(unread(s), n)
        # The origin loses its patience, and only that wakes the relay: it ends
        # a connection on which somebody waits for an answer.
        self.server.conns[0].shutdown(socket.SHUT_RDWR)
        s.settimeout(harness.PATIENCE)
        try:
            self.assertEqual(s.recv(1), b'')
        except ConnectionResetError:
            pass        # it closed with the question unread
        self.assertTrue(self.there.asked.empty())

    def test_connection(self):
        self.hangs('connection')

    def test_proxy_connection(self):
        self.hangs('proxy_connection')

    def test_http_1_1(self):
        self.hangs('http_1_1')

    def test_closing(self):
        """It is no worse than that: it serves who wants nothing kept."""
        self.origin('connection')
        port = self.relay()
        for what in ('one', 'two'):
            s = self.connected(port)
            self.ask(s, what, keep=False)
            self.assertEqual(self.answer(s), (what.encode(), False))
            self.assertEqual(harness.recv_all(s), b'')


class Direct(Conversation):
    """The two ends by themselves keep their connection and do not hang."""

    def test_all(self):
        for manner in MANNERS:
            with self.subTest(manner):
                self.assertTrue(self.goes_well(self.origin(manner)))


class Forwarder(Conversation):
    """The same conversation, through what knows whose affair Connection is."""

    def setUp(self):
        super().setUp()
        if not forwards():
            self.skipTest('this tunnel-proxy has no --forward')
        self.forwarder = self.proxy('--forward')

    def through(self, manner):
        self.origin(manner)
        self.goes_well(self.forwarder.port)
        for what in ('first', 'second'):
            first, fields = self.there.asked.get(timeout=harness.PATIENCE)
            self.assertEqual(first.split()[1], '/' + what)
            self.assertNotIn('proxy-connection', fields)
        self.assertTrue(self.there.asked.empty())

    def test_connection(self):
        self.through('connection')

    def test_proxy_connection(self):
        self.through('proxy_connection')

    def test_http_1_1(self):
        self.through('http_1_1')
