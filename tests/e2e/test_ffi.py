"""The bindings of examples/ffi: each joins stdin and stdout to a tunnel, and
each is a proxy whose slow readers hold back who sends to them."""

import base64
import ctypes
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import unittest

import harness
import peers
from harness import BUILD, recv_all, recv_exactly
from scripted import MIB, Flood, Proxied, echo, head, in_background, reset

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FFI = os.path.join(ROOT, 'examples', 'ffi')
SIZE = 4                # MiB there, and the same back
USER, PASSWORD = 'user', 'pass word'
ACCOUNT = '%s:%s' % (USER, PASSWORD)
KOFFI = '2.14.1'        # of npm, for Node


def library():
    """The shared one, unless only what is built as it is can load it."""
    path = os.path.join(BUILD, 'libtunnel.so')
    symbols = subprocess.run(['nm', '-D', path], check=True,
                             stdout=subprocess.PIPE).stdout
    for word in (b'__asan_init', b'__tsan_init', b'__ubsan'):
        if word in symbols:
            raise unittest.SkipTest('the library is instrumented')
    return path


def build(*argv, **env):
    """Longer than other things may last, for compilers have much to do."""
    done = subprocess.run(argv, env=harness.clean_env(**env), timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise AssertionError(done.stdout.decode(errors='replace'))


class Reader:
    """A pipe that is read as a socket is."""

    def __init__(self, pipe):
        self.recv = pipe.read1


class Binding:
    """What is true of each; a class of tests for each comes from here."""

    environment = {}

    @classmethod
    def command(cls):
        """argv of the program, which is built or found."""
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        library()
        os.makedirs(os.path.join(BUILD, 'ffi'), exist_ok=True)
        cls.argv = cls.command()

    def begin(self, *arguments, **kwargs):
        return self.start(
            self.argv + list(arguments), env=harness.clean_env(
                TUNNEL_LIBRARY=library(),
                TUNNEL_CDEF=os.path.join(BUILD, 'tunnel.cdef'),
                LD_LIBRARY_PATH=BUILD, **self.environment), **kwargs)

    def url(self, port, password=PASSWORD):
        return 'http://%s:%s@127.0.0.1:%d' % (
            USER, password.replace(' ', '%20'), port)

    def exchange(self, proxy_port, half_close=True):
        """Some MiB through the tunnel and back, then the end both ways."""
        flood = Flood(SIZE)
        p = self.begin('connect', self.url(proxy_port), '127.0.0.1',
                       str(self.serve(echo).port), stdin=-1)

        def send():
            for i in range(flood.mib):
                for part in flood.parts(i):
                    p.stdin.write(part)
            p.stdin.flush()
            if half_close:
                p.stdin.close()
        end = in_background(send)
        self.assertTrue(flood.is_whole(Reader(p.stdout)))
        end()
        p.stdin.close()
        self.assertEqual(p.stdout.read(), b'')
        self.assertEqual((p.wait(), p.said()), (0, ''))

    def test_tunnel_proxy(self):
        self.exchange(self.proxy('--user', ACCOUNT).port)

    def test_squid(self):
        squid = peers.Squid(ACCOUNT)
        self.addCleanup(squid.stop)
        # It drops what is under way when one side has ended.
        self.exchange(squid.port, half_close=False)

    def test_wrong_password(self):
        """An error of the language's, with the reply's status."""
        for port in (self.proxy('--user', ACCOUNT).port,):
            p = self.begin('connect', self.url(port, 'wrong'), '127.0.0.1',
                           '1', stdin=-1)
            self.assertEqual(p.stdout.read(), b'')
            self.assertEqual(p.wait(), 1)
            self.assertRegex(p.said(), r'TUNNEL_EAUTH.*407')

    def held_back(self, flood, process):
        """It has stopped sending, for the process does not hold what nobody
        takes; the kernel has buffers, at as many as six sockets."""
        sent = -1
        while sent < flood.sent:
            sent = flood.sent
            time.sleep(0.5)
        self.assertLess(sent, 48 * MIB)
        return process.resident()

    def test_slow_output(self):
        """A program that reads slowly from the tunnel holds its target back."""
        flood = Flood(64)
        p = self.begin('connect', self.url(self.proxy('--user', ACCOUNT).port),
                       '127.0.0.1', str(self.serve(flood.send).port), stdin=-1)
        p.stdout.peek()     # it is open
        before = p.resident()
        self.assertLess(self.held_back(flood, p) - before, 16 * MIB)
        self.assertTrue(flood.is_whole(Reader(p.stdout)))
        p.stdin.close()
        self.assertEqual(p.stdout.read(), b'')
        self.assertEqual((p.wait(), p.said()), (0, ''))

    def serving(self):
        """A proxy of the binding's, and its port."""
        p = self.begin('serve', USER, PASSWORD)
        line = p.stdout.readline().decode()
        return p, int(re.fullmatch(r'listening on 127\.0\.0\.1:(\d+)\n', line)
                      .group(1))

    def ask(self, port, target, account=ACCOUNT):
        s = self.connected(port)
        login = '' if account is None else (
            'Proxy-Authorization: Basic %s\r\n'
            % base64.b64encode(account.encode()).decode())
        s.sendall(b'%s%s\r\n' % (head(target)[:-2], login.encode()))
        reply = harness.recv_until(s, b'\r\n\r\n')
        return s, int(reply.split()[1])

    def test_serve(self):
        """Its own client, and its own proxy."""
        _, port = self.serving()
        self.exchange(port)

    def test_serve_refuses(self):
        """Who may not come in, and what is not there."""
        _, port = self.serving()
        target = self.serve(echo).port
        self.assertEqual(self.ask(port, target, 'user:wrong')[1], 407)
        self.assertEqual(self.ask(port, target, None)[1], 407)
        self.assertEqual(self.ask(port, self.free_port())[1], 502)
        self.assertEqual(self.ask(port, target)[1], 200)

    def test_serve_goes_on(self):
        """Clients that leave, before they have asked and at any time later, and
        such as speak otherwise, are no matter to the others."""
        p, port = self.serving()
        target = self.serve(echo).port
        for said in (b'', b'CONNECT 127.0.0.1', head(target), b'\0\1\2\3',
                     b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'):
            s = self.connected(port)
            s.sendall(said)
            reset(s)
        for _ in range(3):
            s, _ = self.ask(port, target)
            s.sendall(b'x' * MIB)
            reset(s)
        s = self.connected(port)
        s.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        self.assertIn(b' 405 ', recv_all(s))
        s, status = self.ask(port, target)
        self.assertEqual(status, 200)
        s.sendall(b'hello')
        self.assertEqual(recv_exactly(s, 5), b'hello')
        self.assertTrue(p.running())

    def test_slow_reader(self):
        """Who sends is held back, memory does not grow, nothing is lost."""
        flood = Flood(64)
        p, port = self.serving()
        # One tunnel before, so that what is loaded and warm is not counted.
        s, _ = self.ask(port, self.serve(echo).port)
        s.sendall(b'x' * MIB)
        s.shutdown(1)
        recv_all(s)
        before = p.resident()
        s, status = self.ask(port, self.serve(flood.send).port)
        self.assertEqual(status, 200)
        self.assertLess(self.held_back(flood, p) - before, 16 * MIB)
        self.assertTrue(flood.is_whole(s))
        self.assertEqual(s.recv(1), b'')


class Python(Binding, Proxied):
    @classmethod
    def command(cls):
        return [sys.executable, os.path.join(FFI, 'tunnel.py')]

    def test_tls(self):
        """TLS inside the tunnel, by memory alone."""
        pem = peers.certificate(self.directory())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)

        def answer(conn):
            with context.wrap_socket(conn, server_side=True) as tls:
                tls.sendall(recv_exactly(tls, MIB)[::-1])
                tls.unwrap()
        p = self.begin('connect', self.url(self.proxy('--user', ACCOUNT).port),
                       '127.0.0.1', str(self.serve(answer).port), pem, stdin=-1)
        page = os.urandom(MIB)
        p.stdin.write(page)
        p.stdin.close()
        self.assertTrue(p.stdout.read() == page[::-1])
        self.assertEqual((p.wait(), p.said()), (0, ''))


class Cxx(Binding, Proxied):
    @classmethod
    def command(cls):
        program = os.path.join(BUILD, 'ffi', 'tunnel-c++')
        build(harness.need('g++', 'g++'), '-std=c++17', '-O1', '-Wall',
              '-Wextra', '-Wshadow', '-Wconversion', '-Werror', '-pedantic',
              '-I', os.path.join(ROOT, 'include'), '-o', program, '-x', 'c++',
              os.path.join(FFI, 'tunnel.hpp'), '-L', BUILD, '-ltunnel',
              '-pthread')
        return [program]


class Rust(Binding, Proxied):
    @classmethod
    def command(cls):
        program = os.path.join(BUILD, 'ffi', 'tunnel-rust')
        build(harness.need('rustc', 'rustc'), '--edition', '2021', '-D',
              'warnings', '-O', '-L', BUILD, '-o', program,
              os.path.join(FFI, 'tunnel.rs'))
        return [program]


class Go(Binding, Proxied):
    @classmethod
    def command(cls):
        go = shutil.which('go')
        if go is None:
            raise unittest.SkipTest('no go (package golang-go)')
        program = os.path.join(BUILD, 'ffi', 'tunnel-go')
        build(go, 'build', '-o', program, os.path.join(FFI, 'tunnel.go'),
              CGO_ENABLED='1', CGO_CFLAGS='-O2 -I%s/include' % ROOT,
              CGO_LDFLAGS='-L%s' % BUILD, GOFLAGS='-mod=mod',
              GOCACHE=os.path.join(BUILD, 'ffi', 'go-cache'))
        return [program]


class LuaJit(Binding, Proxied):
    @classmethod
    def command(cls):
        return [harness.need('luajit', 'luajit'),
                os.path.join(FFI, 'tunnel.lua')]


class Node(Binding, Proxied):
    @classmethod
    def command(cls):
        node, modules = harness.need('node', 'nodejs'), os.path.join(
            BUILD, 'ffi', 'node_modules')
        done = os.path.join(modules, 'koffi', 'is-' + KOFFI)
        if not os.path.exists(done):
            npm = harness.need('npm', 'npm')
            try:
                build(npm, 'install', '--silent', '--no-audit', '--no-fund',
                      '--no-save', '--prefix', os.path.join(BUILD, 'ffi'),
                      'koffi@' + KOFFI)
            except AssertionError as e:
                if harness.REQUIRE:
                    raise
                raise unittest.SkipTest('no koffi: %s' % e)
            with open(done, 'w'):
                pass
        cls.environment = {'NODE_PATH': modules}
        return [node, os.path.join(FFI, 'tunnel.js')]

    def test_agent(self):
        """A page by http, from an agent that makes tunnels."""
        page = os.urandom(MIB)

        def answer(conn):
            harness.recv_until(conn, b'\r\n\r\n')
            conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
                         % len(page) + page)
        p = self.begin('get', self.url(self.proxy('--user', ACCOUNT).port),
                       'http://127.0.0.1:%d/' % self.serve(answer).port)
        self.assertTrue(p.stdout.read() == page)
        self.assertEqual((p.wait(), p.said()), (0, ''))


class Constants(unittest.TestCase):
    def test_literals(self):
        """Those that a binding has copied are the library's."""
        lib = ctypes.CDLL(library())
        number = ctypes.c_int()
        copies = []
        for name in ('tunnel.py', 'tunnel.js', 'tunnel.rs'):
            with open(os.path.join(FFI, name)) as f:
                text = f.read()
            copies += re.findall(r'const ([A-Z]+): c_int = (-?\d+);', text)
            copies += re.findall(r'\b(E[A-Z]+) = (-\d+)', text)
            copies += re.findall(r'(ECONNECT), BUFFER, scratch = (-\d+)', text)
            listed = re.search(r'(IN, OUT, [A-Z, ]*)\]? =\s', text)
            if listed:
                copies += [(word.strip(), 1 << i) for i, word in
                           enumerate(listed.group(1).split(','))]
        copies = [(name, int(value)) for name, value in copies if name]
        self.assertGreater(len(copies), 25)
        for name, value in copies:
            self.assertEqual(lib.tunnel_constant(
                ('TUNNEL_' + name).encode(), ctypes.byref(number)), 0, name)
            self.assertEqual(number.value, value, name)


if __name__ == '__main__':
    unittest.main()
