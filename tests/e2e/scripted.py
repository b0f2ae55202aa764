"""Proxies, origins and clients of which every move is told, and the two kinds
of test that use them."""

import hashlib
import os
import queue
import socket
import struct
import subprocess
import threading
import time

import harness
import peers
from harness import recv_until

OK = b'HTTP/1.1 200 Connection established\r\n\r\n'
MIB = 1 << 20


def echo(conn):
    """Give everything back, and then the end."""
    while True:
        data = conn.recv(1 << 16)
        if not data:
            conn.shutdown(socket.SHUT_WR)
            return
        conn.sendall(data)


def reset(conn):
    """Close it in such a way that the peer gets a reset."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    conn.close()


def delay_acks(conn):
    """Make the kernel hold acknowledgements back, as it does by itself only
    when a connection is some packets old.  Else Nagle's wait goes unseen."""
    if hasattr(socket, 'TCP_QUICKACK'):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)


class Flood:
    """Many bytes, of which no two parts are the same: what is lost, doubled or
    out of order changes the digest."""

    def __init__(self, mib):
        self.mib = mib
        self.noise = os.urandom(MIB - 8)
        self.sent = 0
        digest = hashlib.sha256()
        for i in range(mib):
            for part in self.parts(i):
                digest.update(part)
        self.digest = digest.digest()

    def parts(self, i):
        return i.to_bytes(8, 'big'), self.noise

    def send(self, conn):
        for i in range(self.mib):
            for part in self.parts(i):
                conn.sendall(part)
                self.sent += len(part)

    def is_whole(self, conn):
        """Receive so many bytes: are they these?"""
        digest, left = hashlib.sha256(), self.mib * MIB
        while left:
            data = conn.recv(min(left, MIB))
            if not data:
                return False
            digest.update(data)
            left -= len(data)
        return digest.digest() == self.digest


def least_delay(send, receive):
    """Two small writes and an answer, often: the seconds it takes at least.
    Who waits for an ACK does so every time; a busy machine does not."""
    spent = []
    for _ in range(21):
        began = time.monotonic()
        send(b'a')
        # Apart, or the proxy takes both at once and has nothing to wait for.
        time.sleep(0.002)
        send(b'b')
        receive()
        spent.append(time.monotonic() - began)
    return min(spent)


def answer_pairs(conn):
    """The other end of least_delay."""
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        for _ in range(2):
            delay_acks(conn)
            if not conn.recv(1):
                return
        conn.sendall(b'r')


def wait_for_fin(sender, reader):
    """Close one way of a full tunnel, and read no more of it than it takes for
    the end to have reached the proxy."""
    unacknowledged = (4, 9, 11)     # FIN_WAIT1, LAST_ACK, CLOSING
    sender.shutdown(socket.SHUT_WR)
    while sender.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO,
                            8)[0] in unacknowledged:
        reader.recv(1 << 14)
        time.sleep(0.0005)


class Case(harness.Case):
    def assert_idle(self, *processes):
        """They run, and come to use no processor time: what had to be done may
        take a while on a busy machine."""
        def idle():
            before = [p.cpu() for p in processes]
            time.sleep(1.2)
            for p in processes:
                self.assertTrue(p.running(), p.popen.args)
            # One tick is what reading the clock may cost.
            return all(p.cpu() - used <= 0.02
                       for p, used in zip(processes, before))
        harness.await_true(idle)


class Scripted(Case):
    """tunnel-connect, through a proxy that does as it is told."""

    def proxy(self, script):
        """A proxy that reads the request's head and then follows the script;
        the heads are kept in self.heads."""
        self.heads = []

        def handler(conn):
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.heads.append(recv_until(conn, b'\r\n\r\n'))
            script(conn)
        return self.serve(handler)

    def drip(self, conn, piece, pause):
        """Until nobody wants it any more, which raises OSError."""
        while not self.over.wait(pause):
            conn.sendall(piece)

    def opened(self, *said):
        """A proxy that opens the tunnel, says so much, and holds on."""
        def script(conn):
            conn.sendall(OK + b''.join(said))
            self.hold()
        return self.proxy(script)

    def connect(self, proxy, *options, target=('target.test', '22'), **kwargs):
        kwargs.setdefault('stdin', subprocess.PIPE)
        return self.start([harness.CONNECT, '-x', 'http://127.0.0.1:%d'
                           % proxy.port] + list(options) + list(target),
                          **kwargs)

    def outcome(self, script, *options, stdin=b'', **kwargs):
        """Run it to its end: exit status, output, messages."""
        p = self.connect(self.proxy(script), *options, **kwargs)
        out, _ = p.popen.communicate(stdin, timeout=harness.PATIENCE)
        return p.popen.returncode, out, p.said()


def head(port, host='127.0.0.1'):
    return b'CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n' % (
        host.encode(), port, host.encode(), port)


class Proxied(Case):
    """tunnel-proxy, between a client and an origin that are the test itself."""

    def proxy(self, *options, **kwargs):
        p = peers.TunnelProxy(*options, **kwargs)
        self.addCleanup(p.stop)
        return p

    def descriptors(self, proxy):
        """How many it has open."""
        return len(os.listdir('/proc/%d/fd' % proxy.process.pid))

    def tunnel(self, proxy, port):
        """A connected socket with an open tunnel."""
        s = self.connected(proxy.port)
        s.sendall(head(port))
        reply = recv_until(s, b'\r\n\r\n')
        self.assertTrue(reply.startswith(b'HTTP/1.1 200 '), reply)
        return s

    def pair(self, proxy):
        """Both ends of an open tunnel: the client's and the origin's."""
        accepted = queue.Queue()

        def origin(conn):
            accepted.put(conn)
            self.hold()
        s = self.tunnel(proxy, self.serve(origin).port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s, accepted.get(timeout=harness.PATIENCE)

    def ask(self, proxy, request):
        """The whole answer to a request."""
        with self.connected(proxy.port) as s:
            s.sendall(request)
            return harness.recv_all(s)

    def status(self, answer):
        """The status of what must be exactly one complete, closing reply."""
        top, _, body = answer.partition(b'\r\n\r\n')
        self.assertEqual(answer.count(b'HTTP/1.1 '), 1, answer)
        self.assertTrue(answer.startswith(b'HTTP/1.1 '), answer)
        length = [int(line.split(b':')[1]) for line in top.split(b'\r\n')
                  if line.lower().startswith(b'content-length:')]
        self.assertEqual(length, [len(body)], answer)
        self.assertIn(b'\r\nConnection: close', top)
        return int(top.split()[1])


def in_background(work, *args):
    """A thread whose end is awaited by the function returned, which raises
    what the work has raised."""
    failures = []

    def watched():
        try:
            work(*args)
        except BaseException as e:
            failures.append(e)
    t = threading.Thread(target=watched, daemon=True)
    t.start()

    def finish(patience=harness.PATIENCE):
        t.join(patience)
        if t.is_alive():
            raise AssertionError('%s has not come to its end' % work)
        if failures:
            raise failures[0]
    return finish
