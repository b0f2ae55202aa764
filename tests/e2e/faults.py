"""Programs whose system calls fail when told to, by tests/fault_shim.c, and
exchanges of which every byte is known."""

import glob
import hashlib
import mmap
import os
import select
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import harness
from harness import CONNECT, clean_env, recv_all

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = struct.Struct('5I20s')           # struct fault of the shim
DEADLINE = 120                          # seconds; then it hangs

UP = bytes(i * 7 % 251 for i in range(5000))
DOWN = bytes(i * 11 % 253 for i in range(3000))
EARLY = b'what the target says before it is asked. ' * 20
BULK = bytes(i * 13 % 255 for i in range(4096)) * 160


def takes_shim():
    """A sanitizer wants to be before everybody else, as we do."""
    with open(CONNECT, 'rb') as f:
        program = f.read()
    return b'libc.so.6' in program and not any(
        word in program for word in (b'__asan_init', b'__msan_init',
                                     b'__tsan_init'))


def shim_built(directory):
    """The path of the shared object."""
    path = os.path.join(directory, 'fault_shim.so')
    subprocess.run(shlex.split(os.environ.get('CC', 'cc')) +
                   ['-std=gnu99', '-O1', '-shared', '-fPIC', '-o', path] +
                   sorted(glob.glob(os.path.join(HERE, '..', 'fault_*.c'))) +
                   ['-ldl'], check=True, timeout=harness.PATIENCE)
    return path


class Shim:
    """What goes wrong in one process: memory that is shared with it."""

    def __init__(self, library):
        self.file = tempfile.NamedTemporaryFile(prefix='tunnel-fault-')
        self.file.truncate(HEAD.size)
        self.memory = mmap.mmap(self.file.fileno(), HEAD.size)
        self.library = library

    def env(self):
        return clean_env(LD_PRELOAD=self.library, FAULT_FILE=self.file.name)

    def arm(self, kind, at=0, every=0):
        """The one numbered at of these calls, or each so many; or none, and
        they are counted."""
        loaded = HEAD.unpack(self.memory[:])[0]
        self.memory[:] = HEAD.pack(loaded, at, every, 0, 0, b'')
        self.memory[HEAD.size - 20:] = kind.encode().ljust(20, b'\0')

    def disarm(self):
        self.memory[HEAD.size - 20:] = bytes(20)
        return HEAD.unpack(self.memory[:])

    def loaded(self):
        return HEAD.unpack(self.memory[:])[0] == 1


class Writer:
    """A thread that writes, beside one who reads.  A reset is told to one of
    them alone: it counts for both."""

    def __init__(self, conn, data, ends):
        self.error = None
        self.conn, self.data, self.ends = conn, data, ends
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            self.conn.sendall(self.data)
            if self.ends:
                self.conn.shutdown(socket.SHUT_WR)
        except OSError as e:
            self.error = e

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.thread.join()
        if self.error is not None:
            raise self.error


def digest(data):
    return hashlib.sha256(data).hexdigest().encode()


class Origins:
    """Who is at the other end.  What ended cleanly before it was whole is
    taken down: nobody had said that bytes were lost.  One to whom nothing was
    sent at all has not heard of a tunnel yet."""

    def __init__(self, case):
        self.cut = []
        self.active = 0
        self.lock = threading.Lock()
        self.tunnel = case.serve(self.counted(self.talk)).port
        self.bulk = case.serve(self.counted(self.pour)).port
        self.message = case.serve(self.counted(self.answer)).port
        self.proxy = case.serve(self.counted(self.open)).port

    def counted(self, handler):
        def handle(conn):
            self.count(1)
            try:
                handler(conn)
            finally:
                self.count(-1)
        return handle

    def count(self, n):
        with self.lock:
            self.active += n

    def judge(self, got, want):
        if got and got != want:
            self.cut.append('%d of %d bytes and a clean end at the target'
                            % (len(got), len(want)))
        return digest(got)

    def open(self, conn):
        """A proxy, of which the target speaks with the reply's head."""
        if read_head(conn, 1)[0]:
            self.talk(conn, b'HTTP/1.1 200 OK\r\n\r\n')

    def talk(self, conn, before=b''):
        conn.sendall(before + EARLY)
        conn.sendall(self.judge(recv_all(conn), UP) + DOWN)

    def pour(self, conn):
        with Writer(conn, BULK, False):
            got = recv_all(conn)
        conn.sendall(self.judge(got, BULK))

    def answer(self, conn):
        data = b''
        while len(data.partition(b'\r\n\r\n')[2]) < len(UP):
            part = conn.recv(1 << 16)
            if not part:
                return          # a message says itself that it is not whole
            data += part
        body = data.partition(b'\r\n\r\n')[2]
        reply = self.judge(body, UP) + DOWN
        conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
                     % len(reply) + reply)


def read_head(conn, most=1 << 16):
    """(a head's second word, what came behind it); '' when there is none."""
    data = b''
    while b'\r\n\r\n' not in data:
        part = conn.recv(most)
        if not part:
            return '', data
        data += part
    head, _, rest = data.partition(b'\r\n\r\n')
    return head.split()[1].decode(), rest


def tunnelled(conn, port, up, want):
    """The beginning goes in one piece with the request."""
    conn.sendall(b'CONNECT localhost:%d HTTP/1.1\r\nHost: localhost:%d\r\n\r\n'
                 % (port, port) + up[:1000])
    status, got = read_head(conn)
    if status != '200':
        return status, True
    with Writer(conn, up[1000:], True):
        got += recv_all(conn)
    return status, got == want


def talk(conn, origins):
    return tunnelled(conn, origins.tunnel, UP, EARLY + digest(UP) + DOWN)


def bulk(conn, origins):
    return tunnelled(conn, origins.bulk, BULK, BULK + digest(BULK))


def message(conn, origins):
    """What is shorter than it says is known not to be whole."""
    conn.sendall(b'POST http://localhost:%d/ HTTP/1.1\r\n'
                 b'Host: localhost:%d\r\nConnection: close\r\n'
                 b'Content-Length: %d\r\n\r\n'
                 % (origins.message, origins.message, len(UP)) + UP)
    status, got = read_head(conn)
    if status != '200':
        return status, True
    got += recv_all(conn)
    want = digest(UP) + DOWN
    return ('200' if got == want else ''), want.startswith(got)


def knock(conn, _):
    """Somebody is there: who has no login is told."""
    conn.sendall(b'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n')
    status = read_head(conn)[0]
    return '200' if status == '407' else status, True


def attempt(port, exchange, origins):
    """How it went: 'whole', 'refused', 'error', 'lost' or 'hung'."""
    try:
        with socket.create_connection(('127.0.0.1', port),
                                      timeout=DEADLINE) as conn:
            # Whoever has not got all is gone with a reset.
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack('ii', 1, 0))
            status, whole = exchange(conn, origins)
    except socket.timeout:
        return 'hung'
    except OSError:
        return 'error'
    if not whole:
        return 'lost'
    return 'whole' if status == '200' else 'error' if status[:1] in '5' else \
        'said ' + status


def await_end(pid, deadline):
    """(exit status, seconds of processor time) of a child; None: it hangs."""
    while time.monotonic() < deadline:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done != 0:
            return os.waitstatus_to_exitcode(status), \
                usage.ru_utime + usage.ru_stime
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None, 0.0


def read_until(f, deadline):
    """What a program says up to its end, or for so long."""
    data = b''
    while select.select([f], [], [], max(0, deadline - time.monotonic()))[0]:
        part = os.read(f.fileno(), 1 << 16)
        data += part
        if not part:
            break
    return data


def connect(host, proxy, target, env):
    """tunnel-connect from end to end, the proxy and the target at this host:
    (exit status, what it has brought, what it said, processor time)."""
    deadline = time.monotonic() + DEADLINE
    with tempfile.TemporaryFile() as messages:
        p = subprocess.Popen([CONNECT, '-x', 'http://%s:%d' % (host, proxy),
                              '-t', '100', '-i', '100', host, str(target)],
                             env=env, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=messages)
        with p.stdout:
            try:
                with p.stdin:
                    p.stdin.write(UP)
            except BrokenPipeError:
                pass
            got = read_until(p.stdout, deadline)
            status, cpu = await_end(p.pid, deadline)
        p.returncode = status
        messages.seek(0)
        return status, got, messages.read().decode('latin-1'), cpu


def sockets(pid):
    """How many a process has open."""
    n = 0
    for fd in os.listdir('/proc/%d/fd' % pid):
        try:
            n += os.readlink('/proc/%d/fd/%s' % (pid, fd)).startswith(
                'socket:')
        except FileNotFoundError:
            pass
    return n


def descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))
