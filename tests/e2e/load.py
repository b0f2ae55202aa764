"""Many connections at once, without a thread for each: an origin in a process
of its own that gives everything back, and clients that check what comes."""

import errno
import hashlib
import multiprocessing
import os
import random
import resource
import selectors
import signal
import socket
import time

import harness

BLOCK = 1 << 16


def raise_files():
    """As many open files as may be; how many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Echo:
    """One connection of the origin: what has come and is to go back."""

    def __init__(self, conn):
        self.conn = conn
        self.held = b''
        self.ended = False

    def step(self):
        """0 when it is over, else what to wait for."""
        try:
            if not self.held and not self.ended:
                self.held = self.conn.recv(BLOCK)
                self.ended = not self.held
            if self.held:
                self.held = self.held[self.conn.send(self.held):]
        except BlockingIOError:
            pass
        except OSError:
            return 0
        if self.ended and not self.held:
            return 0
        return selectors.EVENT_WRITE if self.held else selectors.EVENT_READ


def serve(listener):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise_files()
    sel = selectors.DefaultSelector()
    listener.setblocking(False)
    sel.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in sel.select():
            if key.fileobj is listener:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    continue
                conn.setblocking(False)
                sel.register(conn, selectors.EVENT_READ, Echo(conn))
                continue
            wants = key.data.step()
            if wants == 0:
                sel.unregister(key.fileobj)
                key.fileobj.close()
            elif wants != key.events:
                sel.modify(key.fileobj, wants, key.data)


class EchoOrigin:
    """The origin, in a process that ends with the test."""

    def __init__(self):
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(4096)
        self.port = listener.getsockname()[1]
        self.process = multiprocessing.get_context('fork').Process(
            target=serve, args=(listener,), daemon=True)
        self.process.start()
        listener.close()

    def stop(self):
        self.process.terminate()
        self.process.join()


NOISE = os.urandom(BLOCK) * 2


class Load:
    """One client: asks for a tunnel, sends its own bytes, wants them back."""

    def __init__(self, proxy, request, total):
        self.request = request
        self.total = total
        self.at = random.randrange(BLOCK)
        self.sent = self.got = 0
        self.reply = b''
        self.failure = None
        self.went, self.came = hashlib.sha256(), hashlib.sha256()
        self.sock = socket.socket()
        self.sock.setblocking(False)
        rv = self.sock.connect_ex(('127.0.0.1', proxy))
        if rv not in (0, errno.EINPROGRESS):
            raise OSError(rv, os.strerror(rv))

    def part(self):
        """The next bytes to send, which differ from client to client."""
        n = min(self.total - self.sent, BLOCK - 1)
        return NOISE[self.at:self.at + n]

    def send(self):
        if self.request:
            self.request = self.request[self.sock.send(self.request):]
        elif self.sent < self.total:
            n = self.sock.send(self.part())
            self.went.update(NOISE[self.at:self.at + n])
            self.sent += n
            self.at = (self.at + n) % BLOCK
            if self.sent == self.total:
                self.sock.shutdown(socket.SHUT_WR)

    def receive(self):
        data = self.sock.recv(BLOCK)
        if not data:
            return False
        if b'\r\n\r\n' not in self.reply:
            self.reply += data
            head, found, data = self.reply.partition(b'\r\n\r\n')
            if not found:
                return True
            self.reply = head + found
        self.came.update(data)
        self.got += len(data)
        return True

    def whole(self):
        return (self.reply.startswith(b'HTTP/1.1 200 ') and
                self.got == self.total and
                self.went.digest() == self.came.digest())

    def open(self):
        return b'\r\n\r\n' in self.reply

    def step(self, events):
        """0 when it has ended, else what to wait for."""
        try:
            if events & selectors.EVENT_WRITE:
                self.send()
            if events & selectors.EVENT_READ and not self.receive():
                return 0
        except BlockingIOError:
            pass
        except OSError as e:
            self.failure = e
            return 0
        wants = selectors.EVENT_READ
        if self.request or (self.open() and self.sent < self.total):
            wants |= selectors.EVENT_WRITE
        return wants


def run(loads, hold=0, during=None, times=1):
    """Carry all to their end, while any moves.  None sends its bytes before
    `hold` of them are open; `during` is called so many times, each when
    another part of all bytes has come back."""
    sel = selectors.DefaultSelector()
    for load in loads:
        sel.register(load.sock, selectors.EVENT_WRITE, load)
    left, waiting, moved, called = len(loads), [], 0, 0
    part = sum(load.total for load in loads) / (times + 1)
    end = time.monotonic() + harness.PATIENCE
    while left and time.monotonic() < end:
        for key, events in sel.select(1):
            end = time.monotonic() + harness.PATIENCE
            load = key.data
            moved -= load.got
            wants = load.step(events)
            moved += load.got
            if during and called < times and moved > (called + 1) * part:
                called += 1
                during()
            if wants == 0:
                sel.unregister(key.fileobj)
                left -= 1
                continue
            if hold and load.open() and load.sent == 0:
                waiting.append(load)
                sel.unregister(key.fileobj)
                continue
            if wants != key.events:
                sel.modify(key.fileobj, wants, load)
        if hold and len(waiting) >= hold:
            hold = 0
            for load in waiting:
                sel.register(load.sock, selectors.EVENT_WRITE |
                             selectors.EVENT_READ, load)
    for load in loads:
        load.sock.close()
    return left
