"""tunnel_io over a TLS stack of another language: link and relay are run by
ctypes over Python's ssl, through a proxy that is reached by TLS alone."""

import ctypes
import select
import shutil
import socket
import ssl
import time
from ctypes import CFUNCTYPE, POINTER, byref, c_int, c_size_t, c_void_p

import harness
import ways
from harness import need
from scripted import Flood, Proxied, in_background
from test_ffi import library

IN, OUT, OPEN, DONE = 1, 2, 8, 128
ERESET = -5
CALL = CFUNCTYPE(c_int, c_void_p)
MOVE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))


class Table(ctypes.Structure):
    _fields_ = [('size', c_size_t), ('read', MOVE), ('write', MOVE),
                ('shut', CALL), ('abort', CALL), ('errnum', CALL)]


class Stream:
    """A TLS socket that does not block, as the table wants it."""

    def __init__(self, tls):
        self.tls, self.ended = tls, False
        self.table = Table(ctypes.sizeof(Table), MOVE(self.read),
                           MOVE(self.write), CALL(self.shut))

    @staticmethod
    def attempt(move):
        """What a call came to: a count, or what is to be waited for."""
        try:
            return move(), 0
        except ssl.SSLWantReadError:
            return 0, IN
        except ssl.SSLWantWriteError:
            return 0, OUT
        except ssl.SSLZeroReturnError:
            return 0, DONE
        except OSError:
            return 0, ERESET

    def read(self, ud, buf, cap, got):
        room = (ctypes.c_char * cap).from_address(buf)
        got[0], wait = self.attempt(lambda: self.tls.recv_into(room))
        return DONE if got[0] == wait == 0 else wait

    def write(self, ud, buf, n, put):
        data = ctypes.string_at(buf, n)
        put[0], wait = self.attempt(lambda: self.tls.send(data))
        return wait

    def shut(self, ud):
        """TLS says the end of one way by ending both: it comes last."""
        self.ended = True
        return 0


def now():
    return ctypes.c_uint64(int(time.monotonic() * 1000))


def await_one(sides):
    """Wait for what is wanted of (a socket, flags)."""
    reads = [s for s, wants in sides if wants & IN]
    writes = [s for s, wants in sides if wants & OUT]
    # What TLS has decrypted already shows on no socket.
    pending = any(isinstance(s, ssl.SSLSocket) and s.pending() for s in reads)
    select.select(reads, writes, [], 0 if pending else harness.PATIENCE)


class OverTls(Proxied):
    def setUp(self):
        super().setUp()
        need('openssl', 'openssl')
        self.lib = ctypes.CDLL(library())
        for name in ('client_new', 'link_client', 'pump_new', 'relay_new',
                     'link_surplus'):
            getattr(self.lib, 'tunnel_' + name).restype = c_void_p
        self.dir = harness.tempfile.mkdtemp(prefix='tunnel-io-')
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.authority = ways.Authority(self.dir)

    def connect(self, port):
        context = ssl.create_default_context(cafile=self.authority.file)
        tls = context.wrap_socket(socket.create_connection(
            ('127.0.0.1', port)), server_hostname='localhost')
        self.addCleanup(tls.close)
        tls.setblocking(False)
        return tls

    def ask(self, tls, stream, target):
        """A tunnel, by a link: what came behind the reply."""
        lib = self.lib
        client = c_void_p(lib.tunnel_client_new(None))
        self.addCleanup(lib.tunnel_client_free, client)
        self.assertEqual(lib.tunnel_client_target(client, b'127.0.0.1',
                                                  target), 0)
        link = c_void_p(lib.tunnel_link_client(None, client, c_size_t(0)))
        self.addCleanup(lib.tunnel_link_free, link)
        self.assertEqual(lib.tunnel_link_io(link, byref(stream.table), None),
                         0)
        flags = lib.tunnel_client_start(client)
        while flags >= 0 and not flags & (OPEN | DONE):
            flags = lib.tunnel_link_step(link, now())
            if flags & (IN | OUT):
                await_one([(tls, lib.tunnel_link_wants(link))])
        self.assertEqual(flags, OPEN)
        n = c_size_t()
        p = lib.tunnel_link_surplus(link, byref(n))
        return ctypes.string_at(p, n.value) if n.value else b''

    def carry(self, tls, stream, local, early):
        """Until it is over, by a relay; the last answer."""
        lib = self.lib
        pump = c_void_p(lib.tunnel_pump_new(None, c_size_t(65536),
                                            c_size_t(65536)))
        relay = c_void_p(lib.tunnel_relay_new(None, pump))
        used = c_size_t()
        self.assertEqual(lib.tunnel_relay_fd(relay, 0, local.fileno()), 0)
        self.assertEqual(lib.tunnel_relay_io(relay, 1, byref(stream.table),
                                             None), 0)
        lib.tunnel_pump_put(pump, 1, early, c_size_t(len(early)), byref(used))
        flags = 0
        while flags >= 0 and not flags & DONE:
            flags = lib.tunnel_relay_step(relay, now())
            if flags == 0:
                await_one([(local, lib.tunnel_relay_wants(relay, 0)),
                           (tls, lib.tunnel_relay_wants(relay, 1))])
        lib.tunnel_relay_free(relay)
        lib.tunnel_pump_free(pump)
        return flags

    def test_both_ways_at_once(self):
        """Some MiB through TLS and the proxy, each way, and the ends."""
        up, down = Flood(6), Flood(6)
        whole = []

        def origin(conn):
            conn.sendall(b'early')
            sending = in_background(down.send, conn)
            whole.append(up.is_whole(conn))
            sending()
        target = self.serve(origin).port
        front = self.serve(ways.in_tls(
            self.authority.sign('DNS:localhost'),
            ways.passed_on(self.proxy().port)))
        tls = self.connect(front.port)
        stream = Stream(tls)
        early = self.ask(tls, stream, target)
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)

        def user():
            with theirs:
                sending = in_background(up.send, theirs)
                whole.append(harness.recv_exactly(theirs, 5) == b'early' and
                             down.is_whole(theirs))
                sending()
                theirs.shutdown(socket.SHUT_WR)
                whole.append(theirs.recv(1) == b'')
        using = in_background(user)
        ours.setblocking(False)
        self.assertEqual(self.carry(tls, stream, ours, early), DONE)
        using()
        self.assertEqual(whole, [True] * 3)
        self.assertTrue(stream.ended)
