"""Much through tunnel-proxy --forward, in little memory; and who stalls."""

import os
import socket
import threading
import time

import harness
from forwarding import Ended, Forwarded, chunked, reply
from harness import await_true
from scripted import MIB, Flood, in_background, reset

GIB = 1 << 30
PIECE = bytes(4 * MIB)

# What the process may grow by, whatever is carried and however much of it.
# Sanitizers keep more than the program does.
MEMORY = 2 * MIB * (10 if 'san' in os.path.basename(harness.BUILD) else 1)
LENGTH, CHUNKS, CLOSE = 'length', 'chunks', 'close'


def head_of(framing, n):
    fields = {LENGTH: ['Content-Length: %d' % n],
              CHUNKS: ['Transfer-Encoding: chunked'], CLOSE: []}[framing]
    return reply(b'', *fields, length=False)


class Framed:
    """A socket for Flood.send: what is sent becomes chunks."""

    def __init__(self, conn, framing):
        self.conn, self.framing = conn, framing

    def sendall(self, data):
        if self.framing == CHUNKS:
            data = chunked(data, end=b'')
        self.conn.sendall(data)

    def end(self):
        if self.framing == CHUNKS:
            self.conn.sendall(b'0\r\n\r\n')


class Content:
    """A socket for Flood.is_whole: content without its framing."""

    def __init__(self, message):
        self.message = message
        self.left = 0

    def recv(self, n):
        stream = self.message.stream
        if self.message.framing == CHUNKS and self.left == 0:
            self.left = int(stream.line(), 16) + 2
            if self.left == 2:
                return b''
        if not stream.held and not stream.more():
            return b''
        most = self.left - 2 if self.message.framing == CHUNKS else n
        if most == 0:
            stream.exactly(2)
            self.left = 0
            return self.recv(n)
        data = stream.exactly(min(n, most, len(stream.held)))
        self.left -= len(data)
        return data


class Measured(Forwarded):
    def peak(self, proxy):
        """Bytes that the process has had at most."""
        with open('/proc/%d/status' % proxy.process.pid) as f:
            for line in f:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1]) * 1024
        raise AssertionError('no VmHWM')

    def started(self, *options):
        """A proxy that has carried something, and its peak so far."""
        there = self.origin(lambda conn, request: conn.sendall(
            reply(bytes(MIB))))
        proxy = self.forward('--threads', '1', *options)
        for _ in range(2):
            self.curl(proxy, '-T', self.file('some', bytes(MIB)), there.url,
                      '-o', os.devnull)
        return proxy, self.peak(proxy)


class Down(Measured):
    def test_gib(self):
        for framing in (LENGTH, CHUNKS):
            def answer(conn, request):
                conn.sendall(head_of(framing, GIB))
                to = Framed(conn, framing)
                for _ in range(GIB // len(PIECE)):
                    to.sendall(PIECE)
                to.end()
            proxy, before = self.started()
            out = self.curl(proxy, '-o', os.devnull, '-w', '%{size_download}',
                            self.origin(answer).url)
            self.assertEqual(int(out), GIB)
            self.assertLess(self.peak(proxy) - before, MEMORY)


class Up(Measured):
    def test_gib(self):
        got = []

        def count(conn, request):
            n = len(request.stream.held)
            conn.settimeout(harness.PATIENCE)
            scratch = bytearray(MIB)
            while n < GIB:
                part = conn.recv_into(scratch)
                if not part:
                    raise Ended(n)
                n += part
            request.stream.held = b''
            got.append(n)
            conn.sendall(reply(b'thanks'))
        there = self.origin(count, content=False)
        proxy, before = self.started()
        path = self.file('sparse', b'')
        os.truncate(path, GIB)
        out = self.curl(proxy, '-T', path, '-H', 'Expect:', there.url)
        self.assertEqual((out, got), (b'thanks', [GIB]))
        self.assertLess(self.peak(proxy) - before, MEMORY)


class Whole(Measured):
    def test_both_ways(self):
        """Not a byte is lost, doubled, or out of place."""
        flood = Flood(24)
        for framing in (LENGTH, CHUNKS, CLOSE):
            def answer(conn, request):
                conn.sendall(head_of(framing, flood.mib * MIB))
                to = Framed(conn, framing)
                flood.send(to)
                to.end()
                return framing == CLOSE
            c = self.client(self.forward())
            c.send(c.request('GET', self.origin(answer).url))
            self.assertTrue(flood.is_whole(Content(c.reply(content=False))))
        for framing in (LENGTH, CHUNKS):
            whole = []

            def take(conn, request):
                whole.append(flood.is_whole(Content(request)))
                if framing == CHUNKS:
                    request.stream.line()
                    request.stream.line()
                    request.stream.line()
                conn.sendall(reply(b''))
            there = self.origin(take, content=False)
            c = self.client(self.forward())
            c.send(c.request('PUT', there.url, head_of(
                framing, flood.mib * MIB).decode().split('\r\n')[1]))
            to = Framed(c.sock, framing)
            flood.send(to)
            to.end()
            self.assertEqual(c.reply('PUT').status, 200)
            self.assertEqual(whole, [True])


class Stalls(Measured):
    def others_go_on(self, proxy):
        there = self.origin()
        for _ in range(10):
            self.assertEqual(self.client(proxy).ask('GET', there.url).status,
                             200)

    def test_reader(self):
        """Clients that ask for much and do not read it, yet."""
        flood = Flood(96)

        def answer(conn, request):
            conn.sendall(reply(b'', 'Content-Length: %d' % (96 * MIB),
                               length=False))
            flood.send(conn)
        there = self.origin(answer)
        proxy, before = self.started()
        c = self.client(proxy)
        c.send(c.request('GET', there.url))
        await_true(lambda: flood.sent > 0)
        self.await_still(lambda: flood.sent)
        self.assertLess(flood.sent, 32 * MIB)   # the kernel's, that is
        self.others_go_on(proxy)
        self.assert_idle(proxy.process)
        self.assertLess(self.peak(proxy) - before, MEMORY)
        self.assertTrue(flood.is_whole(Content(c.reply(content=False))))
        self.assertLess(self.peak(proxy) - before, MEMORY)

    def await_still(self, what):
        """Until it has not changed for a while."""
        seen = [what(), time.monotonic()]

        def still():
            if what() != seen[0]:
                seen[:] = [what(), time.monotonic()]
            return time.monotonic() - seen[1] > 0.4
        await_true(still)

    def test_origin(self):
        """One that takes nothing of a large request."""
        flood = Flood(96)
        whole = []

        def answer(conn, request):
            self.hold_until.wait(harness.PATIENCE)
            whole.append(flood.is_whole(Content(request)))
            conn.sendall(reply(b'late'))
        self.hold_until = threading.Event()
        there = self.origin(answer, content=False)
        proxy, before = self.started()
        c = self.client(proxy)
        c.send(c.request('PUT', there.url, 'Content-Length: %d' % (96 * MIB)))
        finish = in_background(flood.send, c.sock)
        await_true(lambda: flood.sent > 0)
        self.await_still(lambda: flood.sent)
        self.assertLess(flood.sent, 32 * MIB)
        self.others_go_on(proxy)
        self.assert_idle(proxy.process)
        self.assertLess(self.peak(proxy) - before, MEMORY)
        self.hold_until.set()
        self.assertEqual(c.reply('PUT').body, b'late')
        finish()
        self.assertEqual(whole, [True])
        self.assertLess(self.peak(proxy) - before, MEMORY)

    def test_no_reply(self):
        """504, and the client's connection serves on."""
        silent = self.origin(lambda conn, request: self.hold())
        there = self.origin()
        c = self.client(self.forward('--reply-timeout', '3'))
        for _ in range(2):
            began = time.monotonic()
            self.assertEqual(c.ask('GET', silent.url).status, 504)
            self.assertGreater(time.monotonic() - began, 2.9)
            self.assertEqual(c.ask('GET', there.url).status, 200)

    def test_reply_stops(self):
        """In the middle: no good end of what was begun."""
        proxy = self.forward('--reply-timeout', '3')
        under_way = []
        for part in (reply(b'x' * 9)[:-1],
                     head_of(CHUNKS, 0) + b'5\r\nab', head_of(CLOSE, 0) + b'x'):
            there = self.origin(lambda conn, request, part=part: (
                conn.sendall(part), self.hold()))
            under_way += [(self.curl_begin(proxy, '-o', os.devnull, *args,
                                           there.url), part, args)
                          for args in ((), ('-0',))]
        for p, part, args in under_way:
            self.assertIn(self.curl_end(p)[0], (18, 56), (part, args))

    def test_slow_is_not_silent(self):
        """Each byte begins the time anew."""
        def answer(conn, request):
            for byte in reply(b'slow'):
                time.sleep(0.06)
                conn.sendall(bytes([byte]))
        c = self.client(self.forward('--reply-timeout', '2'))
        self.assertEqual(c.ask('GET', self.origin(answer).url).body, b'slow')

    def test_client_leaves(self):
        """In the middle of an answer, or before it: nothing stays behind."""
        def answer(conn, request):
            if request.target == '/much':
                conn.sendall(reply(b'', 'Content-Length: %d' % GIB,
                                   length=False))
                for _ in range(GIB // len(PIECE)):
                    conn.sendall(PIECE)
            else:
                conn.recv(1)            # its end
                gone.append(1)
            return True
        gone = []
        there = self.origin(answer)
        proxy = self.forward()
        before = self.descriptors(proxy)
        for leave in (socket.socket.close, reset):
            c = self.client(proxy)
            c.send(c.request('GET', there.url + '/much'))
            self.assertEqual(c.reply(content=False).status, 200)
            leave(c.sock)
        await_true(lambda: self.descriptors(proxy) == before)
        c = self.client(proxy)
        c.send(c.request('GET', there.url + '/wait'))
        await_true(lambda: len(there.requests) == 3)
        reset(c.sock)
        await_true(lambda: gone)
        await_true(lambda: self.descriptors(proxy) == before)
