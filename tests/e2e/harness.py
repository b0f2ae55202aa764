"""Processes, sockets and waiting, for all end-to-end tests.

Everything is on loopback, every wait is bounded, and every process that was
started is ended by its pid."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BUILD = os.path.abspath(os.environ.get('TUNNEL_BUILD', 'build'))
CONNECT = os.path.join(BUILD, 'tunnel-connect')
PROXY = os.path.join(BUILD, 'tunnel-proxy')
REQUIRE = os.environ.get('TUNNEL_REQUIRE') == '1'
PATIENCE = 180          # seconds after which anything counts as hung

# A report of a sanitizer, or of an assertion, in any program of ours.
REPORTS = ('Sanitizer', 'runtime error:', 'Assertion ', 'stack smashing')

PROXY_VARIABLES = ('http_proxy', 'https_proxy', 'all_proxy', 'no_proxy')


def clean_env(**more):
    """The environment without proxy settings and anybody's passwords, and with
    some of ours.  Basic credentials are sent unasked, as most tests look at the
    first request for them."""
    env = {k: v for k, v in os.environ.items()
           if k.lower() not in PROXY_VARIABLES
           and not k.startswith('TUNNEL_PROXY_')}
    env['NETRC'] = os.devnull
    env['TUNNEL_PROXY_AUTH'] = 'basic'
    env.update(more)
    return env


def need(program, package):
    """The path of a peer program: else a skip, or a failure where required."""
    path = shutil.which(program, path=os.environ.get('PATH', '') +
                        ':/usr/sbin:/sbin:/usr/local/sbin')
    if path is None:
        if REQUIRE:
            raise AssertionError('%s is missing: install %s'
                                 % (program, package))
        raise unittest.SkipTest('no %s (package %s)' % (program, package))
    return path


def await_true(what, seconds=PATIENCE, step=0.02):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError('waited %s s in vain' % seconds)
        time.sleep(step)


def lines_of(path):
    """What a log has so far; nothing where there is none yet."""
    try:
        with open(path) as f:
            return f.readlines()
    except FileNotFoundError:
        return []


class Port:
    """A port of 127.0.0.1 that is ours until close(): nobody is given it who
    asks for any, nor is it a connection's, which could come to lead to itself.
    Who comes there is refused, unless a program listens that was told to; as it
    sets SO_REUSEADDR, Linux lets it."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(('127.0.0.1', 0))
        self.number = self.socket.getsockname()[1]
        if sys.platform != 'linux':
            self.close()

    def close(self):
        self.socket.close()


def recv_all(sock):
    """Everything up to the end of the stream."""
    parts = []
    while True:
        part = sock.recv(1 << 16)
        if not part:
            return b''.join(parts)
        parts.append(part)


def recv_until(sock, end):
    """Bytes up to and with the given ones, one at a time: nothing beyond."""
    data = b''
    while not data.endswith(end):
        part = sock.recv(1)
        if not part:
            raise AssertionError('ended after %r' % data)
        data += part
    return data


def recv_exactly(sock, n):
    data = bytearray()
    while len(data) < n:
        part = sock.recv(min(n - len(data), 1 << 16))
        if not part:
            raise AssertionError('ended after %d of %d' % (len(data), n))
        data += part
    return bytes(data)


def check(said):
    """Fail when what a program said holds a report."""
    for word in REPORTS:
        if word in said:
            raise AssertionError(said)


def run(argv, silent=True, **kwargs):
    """Run a program to its good end, in which it has no complaint: its output.
    What it started says its complaints in the same place."""
    kwargs.setdefault('env', clean_env())
    kwargs.setdefault('stdout', subprocess.PIPE)
    with tempfile.TemporaryFile() as messages:
        done = subprocess.run(argv, timeout=PATIENCE, stderr=messages,
                              **kwargs)
        messages.seek(0)
        said = messages.read().decode('latin-1')
    check(said)
    if done.returncode != 0 or (silent and said):
        raise AssertionError('%s: status %d, and said: %s'
                             % (argv[0], done.returncode, said))
    return done.stdout


class Process:
    """A program whose messages go to a file, and that is gone when it ends."""

    def __init__(self, argv, env=None, cwd=None, **kwargs):
        self.messages = tempfile.TemporaryFile()
        kwargs.setdefault('stdin', subprocess.DEVNULL)
        kwargs.setdefault('stdout', subprocess.PIPE)
        self.popen = subprocess.Popen(argv, stderr=self.messages, cwd=cwd,
                                      env=env or clean_env(), **kwargs)
        self.pid = self.popen.pid
        self.stdin = self.popen.stdin
        self.stdout = self.popen.stdout

    def said(self):
        self.messages.flush()
        size = os.fstat(self.messages.fileno()).st_size
        return os.pread(self.messages.fileno(), size, 0).decode('latin-1')

    def wait(self, seconds=PATIENCE):
        return self.popen.wait(seconds)

    def running(self):
        return self.popen.poll() is None

    def stop(self, serving=False):
        """End it, look at what it said.  serving: it must not have ended."""
        if self.messages.closed:
            return      # it has been stopped before
        if serving and not self.running():
            raise AssertionError('it has ended: status %d, %s' % (
                self.popen.returncode, self.said()))
        if self.running():
            self.popen.terminate()
            try:
                self.popen.wait(0.3)
            except subprocess.TimeoutExpired:
                # What drains first takes a second signal for "at once".
                self.popen.terminate()
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait(10)
        for f in (self.stdin, self.stdout):
            if f is not None and not f.closed:
                try:
                    f.close()
                except BrokenPipeError:
                    pass
        said = self.said()
        self.messages.close()
        check(said)
        return said

    def cpu(self):
        """Seconds of processor time so far."""
        with open('/proc/%d/stat' % self.pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def resident(self):
        """Bytes of resident memory."""
        with open('/proc/%d/status' % self.pid) as f:
            for line in f:
                if line.startswith('VmRSS:'):
                    return int(line.split()[1]) * 1024
        raise AssertionError('no VmRSS')


class Server:
    """A listening socket whose connections run a function, each in a thread."""

    def __init__(self, handler, family=socket.AF_INET, backlog=256):
        self.handler = handler
        self.errors = []
        self.conns = []
        self.listener = socket.socket(family)
        self.listener.bind(('127.0.0.1' if family == socket.AF_INET
                            else '::1', 0))
        self.listener.listen(backlog)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            conn.settimeout(PATIENCE)
            self.conns.append(conn)
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def serve(self, conn):
        try:
            with conn:
                self.handler(conn)
        except OSError:
            pass        # the peer's affair; the test looks at the peer
        except Exception as e:
            self.errors.append(e)

    def stop(self):
        # shutdown wakes the accept; close alone does not on Linux.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for conn in self.conns:
            try:
                conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if self.errors:
            raise self.errors[0]


class Case(unittest.TestCase):
    """A test that ends what it started, also when it fails."""

    def setUp(self):
        self.over = threading.Event()
        self.addCleanup(self.over.set)

    def hold(self):
        """For a handler that keeps its connection open to the end."""
        self.over.wait(PATIENCE)

    def start(self, argv, **kwargs):
        p = Process(argv, **kwargs)
        self.addCleanup(p.stop)
        return p

    def serve(self, handler, **kwargs):
        s = Server(handler, **kwargs)
        self.addCleanup(s.stop)
        return s

    def free_port(self):
        """For a program that is to listen there, or for nobody."""
        port = Port()
        self.addCleanup(port.close)
        return port.number

    def connected(self, port, host='127.0.0.1'):
        s = socket.create_connection((host, port), timeout=PATIENCE)
        self.addCleanup(s.close)
        return s

    def directory(self):
        d = tempfile.mkdtemp(prefix='tunnel-e2e-')
        self.addCleanup(shutil.rmtree, d, True)
        return d
