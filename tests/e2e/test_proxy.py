"""tunnel-proxy's tunnels: their ends, what they cost, and what they may not."""

import hashlib
import os
import select
import socket
import time

import harness
from harness import await_true, recv_all, recv_exactly, recv_until
from scripted import (MIB, Flood, Proxied, answer_pairs, echo, head,
                      in_background, least_delay, reset, wait_for_fin)

# What one tunnel may hold, and what the process may grow by besides.
# ThreadSanitizer keeps a shadow of several times what is used.
MEMORY = (2 * 65536 + MIB) * (
    10 if harness.BUILD.endswith('san-thread') else 1)


def fill(conn):
    """Send until nothing more is taken."""
    conn.settimeout(0.3)
    try:
        while True:
            conn.sendall(bytes(1 << 16))
    except socket.timeout:
        conn.settimeout(harness.PATIENCE)


class Urgent(Proxied):
    def test_urgent_data_stops_nothing(self):
        """A read ends before such a byte, and what is behind it comes, too."""
        proxy = self.proxy()
        for _ in range(20):
            client, origin = self.pair(proxy)
            client.sendall(b'before')
            client.send(b'!', socket.MSG_OOB)
            client.sendall(b'behind')
            self.assertEqual(recv_exactly(origin, 12), b'beforebehind')


class Ends(Proxied):
    def test_client_ends_first(self):
        page = os.urandom(MIB)
        client, origin = self.pair(self.proxy())
        client.sendall(b'question')
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(origin), b'question')
        time.sleep(0.2)         # longer than any hurry
        finish = in_background(origin.sendall, page)
        self.assertTrue(recv_exactly(client, MIB) == page)
        finish()
        origin.close()
        self.assertEqual(recv_all(client), b'')

    def test_origin_ends_first(self):
        data = os.urandom(MIB)
        client, origin = self.pair(self.proxy())
        origin.sendall(b'bye')
        origin.shutdown(socket.SHUT_WR)
        # The end comes at once, though the client has not ended.
        self.assertEqual(recv_all(client), b'bye')
        time.sleep(0.2)
        finish = in_background(client.sendall, data)
        self.assertTrue(recv_exactly(origin, MIB) == data)
        finish()
        client.close()
        self.assertEqual(recv_all(origin), b'')

    def resets(self, one, other):
        """one is reset: so is other, who has got all that came before."""
        one.sendall(b'half')
        self.assertEqual(recv_exactly(other, 4), b'half')
        reset(one)
        with self.assertRaises(ConnectionResetError):
            recv_all(other)

    def test_reset_by_origin(self):
        client, origin = self.pair(self.proxy())
        self.resets(origin, client)

    def test_reset_by_client(self):
        client, origin = self.pair(self.proxy())
        self.resets(client, origin)

    def test_reset_in_half_a_tunnel(self):
        proxy = self.proxy()
        for first in (0, 1):
            pair = self.pair(proxy)
            pair[first].shutdown(socket.SHUT_WR)
            self.assertEqual(recv_all(pair[1 - first]), b'')
            # The way from the reset side is ended, or about to be used.
            reset(pair[1 - first])
            with self.assertRaises(ConnectionResetError):
                recv_all(pair[first])

    def test_reset_of_a_side_that_has_ended(self):
        """The proxy waits for nothing from there, nor has anything for it."""
        proxy = self.proxy()
        for first in (0, 1):
            before = self.descriptors(proxy)
            pair = self.pair(proxy)
            pair[first].shutdown(socket.SHUT_WR)
            other = pair[1 - first]
            self.assertEqual(recv_all(other), b'')
            reset(pair[first])
            await_true(lambda: self.descriptors(proxy) == before)
            # Behind an end, a reset shows in no read.
            hang_up = select.poll()
            hang_up.register(other, 0)
            self.assertTrue(hang_up.poll(1000 * harness.PATIENCE))
            with self.assertRaises(ConnectionError):
                other.sendall(b'x')

    def test_reset_of_a_stalled_reader(self):
        """The proxy holds bytes for the side that goes away."""
        proxy = self.proxy()
        for reader in (0, 1):
            pair = self.pair(proxy)
            fill(pair[1 - reader])
            reset(pair[reader])
            with self.assertRaises(ConnectionError):
                recv_all(pair[1 - reader])

    def test_reset_behind_a_stalled_reader(self):
        """The proxy wants nothing of the side that goes away."""
        proxy = self.proxy()
        for reader in (0, 1):
            pair = self.pair(proxy)
            fill(pair[1 - reader])
            reset(pair[1 - reader])
            time.sleep(0.1)
            with self.assertRaises(ConnectionResetError):
                recv_all(pair[reader])

    def test_idle_timeout(self):
        client, origin = self.pair(self.proxy('--idle-timeout', '0.5'))
        for s in (client, origin):
            with self.assertRaises(ConnectionResetError):
                recv_all(s)

    def test_linger_timeout(self):
        client, origin = self.pair(self.proxy('--linger-timeout', '0.5'))
        began = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(client), b'')
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_linger_is_of_the_source(self):
        """What waits for a reader is delivered, however late it reads."""
        proxy = self.proxy('--linger-timeout', '1')
        data = os.urandom(16 * MIB)
        for reader in (0, 1):
            pair = self.pair(proxy)
            late, sender = pair[reader], pair[1 - reader]
            # Not silent from the beginning, which would end it as well.
            finish = in_background(sender.sendall, data)
            await_true(lambda: not select.select([], [sender], [], 0)[1])
            late.shutdown(socket.SHUT_WR)
            self.assertEqual(recv_all(sender), b'')
            # Another tunnel, whose source is silent, has that time after it.
            client, origin = self.pair(proxy)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(recv_all(client), b'')
            self.assertTrue(recv_exactly(late, len(data)) == data)
            finish()
            sender.close()
            self.assertEqual(recv_all(late), b'')


class Stalls(Proxied):
    def stall(self, sender_is_client):
        """256 MiB at a side that does not read for seconds."""
        flood, pings = Flood(256), []
        proxy = self.proxy()
        # Before there has been any tunnel, whose memory could be used again.
        self.ask(proxy, b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        before = proxy.process.resident()
        pair = self.pair(proxy)
        sender, reader = pair if sender_is_client else pair[::-1]

        def listen():
            while True:
                data = sender.recv(4)
                if not data:
                    return
                pings.append(data)

        def send():
            flood.send(sender)
            sender.shutdown(socket.SHUT_WR)
        finish = in_background(send), in_background(listen)
        for i in range(20):
            # It cannot move while the reader does not: but the other can.
            reader.sendall(b'ping')
            await_true(lambda: sum(map(len, pings)) == 4 * (i + 1))
            time.sleep(0.1)
        # The kernel takes some; a proxy without a bound would take all.
        self.assertLess(flood.sent, 64 * MIB)
        self.assertLess(proxy.process.resident() - before, MEMORY)
        self.assertTrue(flood.is_whole(reader))
        self.assertEqual(reader.recv(1), b'')
        self.assertLess(proxy.process.resident() - before, MEMORY)
        reader.shutdown(socket.SHUT_WR)
        for f in finish:
            f()
        self.assertEqual(b''.join(pings), b'ping' * 20)

    def test_client_does_not_read(self):
        self.stall(False)

    def test_origin_does_not_read(self):
        self.stall(True)


class Load(Proxied):
    def test_write_write_read(self):
        """Two small writes and an answer, without a delayed ACK in between."""
        there = self.serve(answer_pairs)
        s = self.tunnel(self.proxy(), there.port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.assertLess(least_delay(s.sendall, lambda: recv_exactly(s, 1)),
                        0.020)

    def test_200_tunnels(self):
        there = self.serve(echo)
        proxy = self.proxy()
        tunnels = {self.tunnel(proxy, there.port): i for i in range(200)}
        data = [os.urandom(100000 + i) for i in range(200)]
        sent, got = [0] * 200, [hashlib.sha256() for _ in range(200)]
        left = [len(d) for d in data]
        for s in tunnels:
            s.setblocking(False)
        end = time.monotonic() + harness.PATIENCE
        while any(left):
            self.assertLess(time.monotonic(), end)
            waiting = [s for s, i in tunnels.items() if left[i]]
            writing = [s for s in waiting
                       if sent[tunnels[s]] < len(data[tunnels[s]])]
            readable, writable, _ = select.select(waiting, writing, [], 5)
            for s in writable:
                i = tunnels[s]
                sent[i] += s.send(data[i][sent[i]:sent[i] + 5000])
            for s in readable:
                i = tunnels[s]
                part = s.recv(1 << 16)
                self.assertTrue(part)
                got[i].update(part)
                left[i] -= len(part)
        for d, g in zip(data, got):
            self.assertEqual(g.digest(), hashlib.sha256(d).digest())

    def test_descriptors_come_back(self):
        there = self.serve(echo)
        proxy = self.proxy()
        before = self.descriptors(proxy)
        for i in range(50):
            s = self.tunnel(proxy, there.port)
            s.close() if i % 2 else reset(s)
            self.ask(proxy, b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
            s = self.connected(proxy.port)
            s.sendall(head(there.port)[:i])
            s.close()
        await_true(lambda: self.descriptors(proxy) == before)

    def test_idle_costs_no_cpu(self):
        """Every state in which a tunnel, or what was to be one, can wait."""
        proxy = self.proxy()
        pairs = [self.pair(proxy) for _ in range(8)]
        pairs[0][0].shutdown(socket.SHUT_WR)
        pairs[1][1].shutdown(socket.SHUT_WR)
        fill(pairs[2][0])
        fill(pairs[3][1])
        for client, origin in (pairs[4], pairs[5][::-1]):
            fill(client)
            reset(client)       # what was sent is still to be delivered
        for client, origin in (pairs[6], pairs[7][::-1]):
            fill(client)
            origin.shutdown(socket.SHUT_WR)
            wait_for_fin(client, origin)        # both ways have ended
        half = self.connected(proxy.port)
        half.sendall(head(443)[:20])
        self.connected(proxy.port)
        refused = self.connected(proxy.port)
        refused.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        recv_until(refused, b'\r\n\r\n')
        self.assert_idle(proxy.process)


class Starved(Proxied):
    def test_no_descriptors_left(self):
        """Accepting pauses without spinning, and goes on by itself."""
        there = self.serve(echo)
        proxy = self.start(
            ['/bin/sh', '-c', 'ulimit -n 24; exec "$0" "$@"', harness.PROXY,
             '-l', '127.0.0.1:0', '--allow', '127.0.0.0/8'])
        port = int(proxy.stdout.readline().split(b':')[1])
        table = '/proc/%d/fd' % proxy.pid
        unused = len(os.listdir(table))
        waiting = [self.connected(port) for _ in range(60)]

        def sits():
            before = proxy.cpu()
            time.sleep(1)
            return proxy.cpu() - before <= 0.05
        await_true(sits)
        for s in waiting[:-1]:
            s.close()
        # It may have come with others that have left and are still to be closed:
        # asking then finds none for its target, and that is said.
        await_true(lambda: len(os.listdir(table)) <= unused + 1)
        s = waiting[-1]
        s.sendall(head(there.port) + b'hi')
        self.assertTrue(recv_until(s, b'\r\n\r\n').startswith(
            b'HTTP/1.1 200 '))
        self.assertEqual(recv_exactly(s, 2), b'hi')
