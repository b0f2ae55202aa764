"""tunnel-proxy under load: thousands of tunnels, hostile clients, too few
descriptors, and requests that are none."""

import errno
import os
import random
import re
import resource
import select
import socket
import threading
import time

import harness
import load
from harness import await_true, recv_all, recv_exactly
from operated import get
from scripted import MIB, Proxied, head, in_background

SANITIZED = 'san' in os.path.basename(harness.BUILD)
MUTATIONS = int(os.environ.get('TUNNEL_MUTATIONS', '2000'))


class Loaded(Proxied):
    def setUp(self):
        super().setUp()
        load.raise_files()
        self.origin = load.EchoOrigin()
        self.addCleanup(self.origin.stop)

    def works(self, proxy):
        """A good client gets its tunnel, and its bytes."""
        s = self.tunnel(proxy, self.origin.port)
        s.sendall(b'hello')
        self.assertEqual(recv_exactly(s, 5), b'hello')
        s.close()


class Tunnels(Loaded):
    def test_two_thousand_at_once(self):
        """Open at the same time on two threads; every byte comes back."""
        proxy = self.proxy('--threads', '2')
        total = 8192 if SANITIZED else 65536
        loads = [load.Load(proxy.port, head(self.origin.port), total)
                 for _ in range(2000)]
        self.assertEqual(load.run(loads, hold=2000), 0)
        self.assertEqual([v.failure for v in loads if not v.whole()], [])
        await_true(lambda: self.descriptors(proxy) < 60)

    def test_twenty_thousand_in_turn(self):
        """Nothing is left of any of them: descriptors, memory."""
        proxy = self.proxy('--threads', '2', '--status', '127.0.0.1:0')
        count = 4000 if SANITIZED else 20000
        request = head(self.origin.port) + b'x'

        def some(n):
            for _ in range(n):
                s = socket.create_connection(('127.0.0.1', proxy.port),
                                             timeout=harness.PATIENCE)
                with s:
                    s.sendall(request)
                    got = s.recv(4096)
                    while got and not got.endswith(b'\r\n\r\nx'):
                        more = s.recv(4096)
                        if not more:
                            break
                        got += more
                    self.assertTrue(got.startswith(b'HTTP/1.1 200 ') and
                                    got.endswith(b'\r\n\r\nx'), got)

        some(500)
        await_true(lambda: self.descriptors(proxy) < 60)
        before, fds = proxy.process.resident(), self.descriptors(proxy)
        ends = [in_background(some, count // 4) for _ in range(4)]
        for end in ends:
            end()
        await_true(lambda: '\ntunnel_opened_total %d\n' % (500 + count) in
                   get(proxy.status, '/metrics')[2])
        await_true(lambda: self.descriptors(proxy) <= fds)
        if not SANITIZED:   # which keep freed memory for a while
            self.assertLess(proxy.process.resident() - before, 2 * MIB)


class Hostile(Loaded):
    def test_half_open_handshakes(self):
        """Two thousand who never finish keep nobody out, and go in time."""
        proxy = self.proxy('--handshake-timeout', '3', '--threads', '2')
        began = time.monotonic()
        idle = []
        for i in range(2000):
            s = socket.socket()
            s.connect(('127.0.0.1', proxy.port))
            s.sendall(b'CONNECT a' if i % 2 else b'C')
            idle.append(s)
        opened = time.monotonic()
        self.works(proxy)
        for s in idle[::100] + idle[-1:]:
            s.settimeout(harness.PATIENCE)
            self.assertIn(b' 408 ', recv_all(s)[:20])
        self.assertGreater(time.monotonic() - began, 2.5)
        # Three seconds, and two for who does not close: not half a minute, as
        # it is without the option.
        await_true(lambda: self.descriptors(proxy) < 60)
        self.assertLess(time.monotonic() - opened, 29)
        self.works(proxy)
        for s in idle:
            s.close()

    def test_one_client_cannot_take_all(self):
        proxy = self.proxy('--max-handshakes', '50')
        idle = [self.connected(proxy.port) for _ in range(200)]
        self.works(proxy)
        self.assertLess(self.descriptors(proxy), 80)
        del idle

    def test_flood_does_not_starve(self):
        """One tunnel carries all it can; another's small talk goes on."""
        proxy = self.proxy('--threads', '1')
        flood = self.tunnel(proxy, self.origin.port)
        stop = threading.Event()

        def pour():
            block = bytes(1 << 16)
            flood.setblocking(False)
            while not stop.is_set():
                ready = select.select([flood], [flood], [], 1)
                if ready[0]:
                    flood.recv(1 << 17)
                if ready[1]:
                    try:
                        flood.send(block)
                    except BlockingIOError:
                        pass
        end = in_background(pour)
        quiet = self.tunnel(proxy, self.origin.port)
        worst = 0
        for _ in range(50):
            began = time.monotonic()
            quiet.sendall(b'x')
            recv_exactly(quiet, 1)
            worst = max(worst, time.monotonic() - began)
        stop.set()
        end()
        # Whoever starved would wait for an end that does not come.
        self.assertLess(worst, 20)


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


class Starved(Loaded):
    def test_descriptors_run_out(self):
        """No spinning, nothing lost, and it goes on by itself."""
        proxy = self.proxy('--threads', '1', preexec_fn=few_files)
        good = self.tunnel(proxy, self.origin.port)
        held = []
        for _ in range(40):
            s = self.connected(proxy.port)
            s.sendall(head(self.origin.port))
            held.append(s)
        waiting = [self.connected(proxy.port) for _ in range(100)]
        await_true(lambda: self.descriptors(proxy) >= 60)
        before = proxy.process.cpu()
        time.sleep(2)
        self.assertLess(proxy.process.cpu() - before, 0.1)
        good.sendall(b'still')
        self.assertEqual(recv_exactly(good, 5), b'still')
        for s in held + waiting:
            s.close()
        await_true(lambda: self.descriptors(proxy) < 30)
        self.works(proxy)
        good.sendall(b'there')
        self.assertEqual(recv_exactly(good, 5), b'there')


SEEDS = [
    b'CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n',
    b'CONNECT [::1]:%d HTTP/1.0\r\n\r\n',
    b'CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n'
    b'Proxy-Authorization: Basic dTpw\r\nVia: 1.1 a, 1.0 b (c)\r\n\r\n',
    b'GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n'
    b'Content-Length: 5\r\n\r\nhello',
    b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    b'5\r\nhello\r\n0\r\n\r\n',
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', b'SSH-2.0-x\r\n',
    b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
]
PIECES = [b'\r\n', b'\n', b'\r', b'\0', b' ', b'\t', b':', b'[', b']', b'%',
          b'\xff', b'A' * 9000, b'CONNECT ', b'HTTP/1.1', b'Host: ',
          b'Content-Length: 99999999999999999999\r\n', b'\r\n\r\n']


def mutate(rng, port):
    seed = rng.choice(SEEDS)
    data = bytearray(seed.replace(b'%d', b'%d' % port))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at:at] = rng.choice(PIECES)
        elif kind == 2:
            del data[at:at + rng.randrange(1, 20)]
        else:
            data[at:at] = data[rng.randrange(len(data) + 1):][:30]
    return bytes(data)


class Mutated(Loaded):
    def test_mutated_requests(self):
        """A clear reply or a close: no crash, no hang, no growth."""
        proxy = self.proxy('--threads', '2', '--handshake-timeout', '5',
                           '--status', '127.0.0.1:0')
        failures = []

        def some(seed, n):
            rng = random.Random(seed)
            for i in range(n):
                data = mutate(rng, self.origin.port)
                try:
                    with socket.create_connection(
                            ('127.0.0.1', proxy.port),
                            timeout=harness.PATIENCE) as s:
                        s.sendall(data)
                        s.shutdown(socket.SHUT_WR)
                        got = s.recv(65536)
                        while True:
                            more = s.recv(65536)
                            if not more:
                                break
                            got += more
                except socket.timeout:
                    failures.append(('hang', seed, i, data))
                    continue
                except OSError as e:
                    # A reset, by recv(2), send(2) or shutdown(2).
                    if e.errno not in (errno.ECONNRESET, errno.EPIPE,
                                       errno.ENOTCONN):
                        raise
                    continue
                if got and not got.startswith(b'HTTP/1.1 '):
                    failures.append(('reply', seed, i, data, got[:80]))

        some(0, 500)
        before, fds = proxy.process.resident(), self.descriptors(proxy)
        ends = [in_background(some, seed, MUTATIONS // 4)
                for seed in range(1, 5)]
        for end in ends:
            end(600)
        self.assertEqual(failures, [])
        accepted = re.search(r'^tunnel_accepted_total (\d+)$', get(
            proxy.status, '/metrics')[2], re.M)
        self.assertEqual(int(accepted.group(1)), 500 + MUTATIONS // 4 * 4)
        await_true(lambda: self.descriptors(proxy) <= fds + 4)
        # What the sanitizers keep of freed memory is bounded, too.
        self.assertLess(proxy.process.resident() - before,
                        (400 if SANITIZED else 4) * MIB)
        self.works(proxy)
