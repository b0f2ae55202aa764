#!/usr/bin/env python3
"""tunnel-proxy under mixed load for as long as is wanted.

    python3 tests/e2e/soak.py MINUTES [SEED]

Visitors come at random: tunnels whose bytes are compared by digest, readers
that stall, resets by either side, requests that are none, targets that are
forbidden or not there, plain HTTP messages, SOCKS, and tunnel-connect.  The
rules are read anew and the log is moved away meanwhile.  Now and then everybody
leaves: then the proxy has as many sockets as at the beginning, uses no
processor time, and its memory has not grown since the first such rest.

TUNNEL_BUILD is the directory of the programs.  Exit status 0: all is well."""

import hashlib
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import harness
from harness import await_true, recv_all, recv_exactly, recv_until
from peers import TunnelProxy
from scripted import head, reset

VISITORS = 12
SIZES = (0, 1, 100, 5000, 70000, 300000, 2000000)
# Bytes that an allocator may keep more, or less; a sanitizer's keeps all.
SLACK = 1 << (32 if 'san' in os.path.basename(harness.BUILD) else 20)
PIPES = 40              # ends that two threads may keep for the next tunnel
NAP = 0.2               # seconds: a reader's longest stall


def digest(data):
    return hashlib.sha256(data).digest()


def serve(conn):
    """The origin does what the first line says: "echo", "give N" bytes of noise
    behind their digest, "take" all and answer with its digest, "reset" after N
    bytes; or it answers a request of HTTP with as much as its path says."""
    word, *rest = recv_until(conn, b'\n').split()
    if word == b'echo':
        while data := conn.recv(1 << 16):
            conn.sendall(data)
    elif word == b'give':
        noise = os.urandom(int(rest[0]))
        conn.sendall(digest(noise) + noise)
    elif word == b'take':
        conn.sendall(digest(recv_all(conn)))
    elif word == b'reset':
        conn.sendall(bytes(int(rest[0])))
        conn.recv(1)
        reset(conn)
        return
    else:
        serve_http(conn, rest[0])
    conn.shutdown(socket.SHUT_WR)


def serve_http(conn, path):
    while True:
        fields = recv_until(conn, b'\r\n\r\n').lower()
        n = fields.partition(b'content-length:')[2].split(b'\r')[0] or b'0'
        body = recv_exactly(conn, int(n))
        reply = digest(body) + bytes(int(path[1:]))
        conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s'
                     % (len(reply), reply))
        try:
            path = recv_until(conn, b'\n').split()[1]
        except AssertionError:
            return      # there is no next one


class Soak:
    def __init__(self, seed):
        self.seed, self.lock = seed, threading.Lock()
        self.failures, self.counts, self.bytes = [], {}, 0
        self.over = threading.Event()
        self.gate = threading.Condition()
        self.resting, self.inside = False, 0
        self.dir = tempfile.TemporaryDirectory(prefix='tunnel-soak-')
        self.rules, self.log = (os.path.join(self.dir.name, name)
                                for name in ('proxy.conf', 'access.log'))
        self.write_rules(0)
        self.origin = harness.Server(serve)
        self.proxy = TunnelProxy(
            '--config', self.rules, '--forward', '--socks', '127.0.0.1:0',
            '--threads', '2', '--access-log', self.log, '--log-format', 'json',
            rules=False)
        self.socks = self.proxy.read_port('socks')

    def write_rules(self, i):
        with open(self.rules, 'w') as f:
            f.write('deny forbidden%d.test\nallow 127.0.0.0/8\n' % i)

    # ---- visitors ---------------------------------------------------------

    def connected(self):
        return socket.create_connection(('127.0.0.1', self.proxy.port),
                                        timeout=harness.PATIENCE)

    def tunnel(self, early=b''):
        s = self.connected()
        s.sendall(head(self.origin.port) + early)
        reply = recv_until(s, b'\r\n\r\n')
        assert reply.startswith(b'HTTP/1.1 200 '), reply
        return s

    def size(self, rng):
        n = rng.choice(SIZES)
        return rng.randint(n // 2, n)

    def echo(self, rng, conn=None):
        data = rng.randbytes(self.size(rng))
        with conn or self.tunnel(b'echo\n') as s:
            def send():
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            t = threading.Thread(target=send)
            t.start()
            back = recv_all(s)
            t.join()
        assert digest(back) == digest(data), (len(back), len(data))
        return 2 * len(data)

    def stalled_echo(self, rng):
        s = self.tunnel(b'echo\n')
        data = rng.randbytes(self.size(rng))
        t = threading.Thread(target=lambda: s.sendall(data))
        t.start()
        time.sleep(rng.random() * NAP)
        back = recv_exactly(s, len(data))
        t.join()
        s.close()
        assert back == data
        return 2 * len(data)

    def give(self, rng):
        n = self.size(rng)
        with self.tunnel(b'give %d\n' % n) as s:
            data = recv_all(s)
        assert len(data) == 32 + n and digest(data[32:]) == data[:32], n
        return n

    def take(self, rng):
        data = rng.randbytes(self.size(rng))
        with self.tunnel() as s:
            s.sendall(b'take\n' + data)
            s.shutdown(socket.SHUT_WR)
            assert recv_all(s) == digest(data), len(data)
        return len(data)

    def reset_by_origin(self, rng):
        n = self.size(rng)
        with self.tunnel(b'reset %d\n' % n) as s:
            assert recv_exactly(s, n) == bytes(n)
            s.sendall(b'x')
            try:
                assert s.recv(1) == b'', 'bytes of nobody'
                raise AssertionError('a reset came as an end')
            except ConnectionResetError:
                return n

    def reset_by_client(self, rng):
        s = self.tunnel(b'echo\n' + rng.randbytes(100))
        if rng.random() < 0.5:
            recv_exactly(s, 50)
        reset(s)
        return 100

    def garbage(self, rng):
        with self.connected() as s:
            s.sendall(rng.choice((b'', b'\r\n', b'GET / HTTP/1.1\r\n',
                                  b'CONNECT x HTTP/1.1\r\nHost: y\r\n\r\n',
                                  rng.randbytes(300) + b'\r\n\r\n')))
            if rng.random() < 0.5:
                s.shutdown(socket.SHUT_WR)
                try:
                    recv_all(s)
                except ConnectionResetError:
                    pass        # it had sent more than was read
        return 0

    def refused(self, rng):
        with self.connected() as s:
            s.sendall(rng.choice((head(22, 'forbidden0.test'),
                                  head(1), head(22, '192.0.2.1'))))
            reply = recv_all(s)
        assert reply.startswith((b'HTTP/1.1 403 ', b'HTTP/1.1 502 ')), reply
        return 0

    def messages(self, rng):
        total = 0
        with self.connected() as s:
            for _ in range(rng.randint(1, 4)):
                body, n = rng.randbytes(self.size(rng)), self.size(rng)
                s.sendall(b'POST http://127.0.0.1:%d/%d HTTP/1.1\r\nHost: a'
                          b'\r\nContent-Length: %d\r\n\r\n%s'
                          % (self.origin.port, n, len(body), body))
                top = recv_until(s, b'\r\n\r\n')
                assert top.startswith(b'HTTP/1.1 200 '), top
                assert recv_exactly(s, 32 + n)[:32] == digest(body)
                total += len(body) + n
        return total

    def by_socks(self, rng):
        s = socket.create_connection(('127.0.0.1', self.socks),
                                     timeout=harness.PATIENCE)
        s.sendall(b'\5\1\0')
        assert recv_exactly(s, 2) == b'\5\0'
        s.sendall(b'\5\1\0\1\x7f\0\0\1' + struct.pack('>H', self.origin.port))
        assert recv_exactly(s, 10)[:2] == b'\5\0'
        s.sendall(b'echo\n')
        return self.echo(rng, s)

    def by_program(self, rng):
        data = rng.randbytes(self.size(rng))
        done = subprocess.run(
            [harness.CONNECT, '-x', 'http://127.0.0.1:%d' % self.proxy.port,
             '127.0.0.1', str(self.origin.port)], input=b'echo\n' + data,
            env=harness.clean_env(), capture_output=True,
            timeout=harness.PATIENCE)
        assert done.returncode == 0 and done.stdout == data, done.stderr
        return 2 * len(data)

    KINDS = (echo, stalled_echo, give, take, reset_by_origin, reset_by_client,
             garbage, refused, messages, by_socks, by_program)

    def visit(self, rng):
        kind = rng.choice(self.KINDS)
        try:
            n = kind(self, rng)
        except Exception as e:
            with self.lock:
                self.failures.append('%s: %s %s' % (kind.__name__,
                                                    type(e).__name__, e))
            return
        with self.lock:
            self.counts[kind.__name__] = self.counts.get(kind.__name__, 0) + 1
            self.bytes += n

    def keep_visiting(self, i):
        rng = random.Random('%s %d' % (self.seed, i))
        while not self.over.is_set():
            with self.gate:
                self.gate.wait_for(lambda: not self.resting)
                self.inside += 1
            self.visit(rng)
            with self.gate:
                self.inside -= 1
                self.gate.notify_all()

    # ---- what is looked at --------------------------------------------------

    def descriptors(self, kind):
        """How many of a kind the proxy has open."""
        place = '/proc/%d/fd/' % self.proxy.process.pid
        n = 0
        for name in os.listdir(place):
            try:
                n += os.readlink(place + name).startswith(kind)
            except FileNotFoundError:
                pass
        return n

    def rest(self, base):
        """Everybody leaves, and what is left is looked at: bytes of memory."""
        with self.gate:
            self.resting = True
            self.gate.wait_for(lambda: self.inside == 0)
        self.origin.conns.clear()       # they are over, each of them
        await_true(lambda: self.descriptors('socket:') <= base)
        assert self.descriptors('pipe:') <= PIPES
        time.sleep(0.3)                 # it has read the last rules anew
        before = self.proxy.process.cpu()
        time.sleep(1)
        used = self.proxy.process.cpu() - before
        assert used <= 0.02, 'uses %.2f s a second for nothing' % used
        memory = self.proxy.process.resident()
        with self.gate:
            self.resting = False
            self.gate.notify_all()
        return memory

    def operate(self, i):
        """New rules, that say the same; and the log begins anew."""
        self.write_rules(i % 2)
        if i % 5 == 0 and os.path.exists(self.log):
            os.replace(self.log, self.log + '.old')
        self.proxy.process.popen.send_signal(signal.SIGHUP)

    def run(self, seconds):
        base, began = self.descriptors('socket:'), time.monotonic()
        pause = min(60, max(2, seconds / 4))
        first, i = None, 0
        threads = [threading.Thread(target=self.keep_visiting, args=(n,),
                                    daemon=True) for n in range(VISITORS)]
        for t in threads:
            t.start()
        while time.monotonic() - began < seconds and not self.failures:
            end = time.monotonic() + pause
            while time.monotonic() < end and not self.failures:
                time.sleep(0.5)
                i += 1
                self.operate(i)
            memory = self.rest(base)
            print('%6.0f s  %7d visits  %8.1f MB  %6d KiB resident' % (
                time.monotonic() - began, sum(self.counts.values()),
                self.bytes / 1e6, memory >> 10), flush=True)
            first = first or memory
            assert memory <= first + SLACK, '%d bytes more than at first' % (
                memory - first)
        self.over.set()
        for t in threads:
            t.join(harness.PATIENCE)

    def stop(self):
        self.over.set()
        self.proxy.stop()
        self.origin.stop()
        self.dir.cleanup()


def main():
    try:
        seconds = float(sys.argv[1]) * 60
    except (IndexError, ValueError):
        sys.exit('soak: how many minutes?  soak.py MINUTES [SEED]')
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.getrandbits(32))
    print('seed %s' % seed, flush=True)
    soak = Soak(seed)
    try:
        soak.run(seconds)
    finally:
        soak.stop()
    for kind, n in sorted(soak.counts.items()):
        print('%8d %s' % (n, kind))
    for failure in soak.failures:
        print('FAILED  ' + failure)
    return 1 if soak.failures else 0


if __name__ == '__main__':
    sys.exit(main())
