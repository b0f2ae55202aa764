#!/usr/bin/env python3
"""libtunnel for asyncio, by ctypes alone: stdin and stdout joined to a tunnel
(with TLS inside it, if there is a file of certificates to trust), or a proxy.

    tunnel.py connect http://user:password@proxy:3128 host port [cafile]
    tunnel.py serve user password"""

import asyncio
import ctypes.util
import os
import socket
import ssl
import sys
import time
from ctypes import byref, c_char, c_char_p, c_int, c_uint64, c_void_p
from ctypes import c_size_t as N    # a plain int is passed as one of C
from urllib.parse import unquote, urlsplit

lib = ctypes.CDLL(os.environ.get('TUNNEL_LIBRARY') or
                  ctypes.util.find_library('tunnel') or 'libtunnel.so.0')
POINTER = type('Pointer', (c_void_p,), {})      # stays one, and no int
for result, names in (
        (POINTER, 'client_new server_new users_new guard_new pump_new '
         'client_peek server_peek pump_peek pump_room'),
        (c_char_p, 'error_name strerror server_host client_reason')):
    for name in names.split():
        getattr(lib, 'tunnel_' + name).restype = result
# As the headers number them; tunnel_constant() says so, too.
IN, OUT, ASK, OPEN, REFUSED, FIN, NOW, DONE, RESET, RETRY, RECONNECT = (
    1 << i for i in range(11))
ECONNECT, BUFFER = -22, 65536


class TunnelError(ConnectionError):
    """code is the library's; status what the proxy replied with, or 0."""

    def __init__(self, code, status=0, reason=b''):
        self.code, self.status = code, status
        super().__init__('%s: %s (%d %s)' % (
            lib.tunnel_error_name(code).decode(), lib.tunnel_strerror(
                code).decode(), status, reason.decode('latin-1')))


class Object:
    """One of the library's: client.feed() is tunnel_client_feed()."""

    def __init__(self, kind, *more):
        self.kind = 'tunnel_%s_' % kind
        self.it = getattr(lib, self.kind + 'new')(None, *more)
        if not self.it:
            raise MemoryError(kind)

    def __getattr__(self, verb):
        def call(*more):
            value = getattr(lib, self.kind + verb)(self.it, *more)
            if isinstance(value, int) and value < 0:
                raise TunnelError(value)
            return value
        return call

    def lent(self, verb, *way):
        """The memory that peek or room lends."""
        n = N()
        address = getattr(self, verb)(*way, byref(n)).value
        return (c_char * n.value).from_address(address) if n.value else b''

    def __del__(self):
        getattr(lib, self.kind + 'free')(self.it)


async def handshake(engine, sock, flags):
    """Run a client or a server until it asks, opens or ends: flags, surplus."""
    loop, rest = asyncio.get_running_loop(), b''
    while not flags & (ASK | OPEN | RECONNECT):
        if flags & RETRY:       # now it knows how to log in
            flags = engine.start()
        elif flags & OUT:
            data = bytes(engine.lent('peek'))
            await loop.sock_sendall(sock, data)
            flags = engine.skip(N(len(data)))
        elif flags & DONE:
            break
        elif rest := rest or await loop.sock_recv(sock, BUFFER):
            used = N()
            flags = engine.feed(rest, N(len(rest)), byref(used))
            rest = rest[used.value:]
        else:
            flags = engine.eof()
    return flags, rest


async def open_tunnel(proxy, host, port):
    """As asyncio.open_connection(): a reader and a writer."""
    url, client, flags = urlsplit(proxy), Object('client'), RECONNECT
    client.target(host.encode(), port)
    client.random(lib.tunnel_random, None)
    if url.username is not None:
        client.credentials(unquote(url.username).encode(),
                           unquote(url.password or '').encode())
    while flags & RECONNECT:
        sock = await asyncio.to_thread(socket.create_connection, (
            url.hostname, url.port or 80))
        sock.setblocking(False)
        flags, rest = await handshake(client, sock, client.start())
    if not flags & OPEN:
        raise TunnelError(lib.tunnel_client_fault(client.it), client.status(),
                          client.reason())
    reader, writer = await asyncio.open_connection(sock=sock)
    reader.feed_data(rest)      # the target may have spoken already
    return reader, writer


async def connect(proxy, host, port, cafile=None):
    reader, writer = await open_tunnel(proxy, host, int(port))
    came, goes, tls = ssl.MemoryBIO(), ssl.MemoryBIO(), None

    async def receive(call):
        while True:
            try:
                return call() if tls else await reader.read(BUFFER)
            except ssl.SSLWantReadError:
                writer.write(goes.read())
                data = await reader.read(BUFFER)
                came.write(data) if data else came.write_eof()

    async def send():
        source = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(source), sys.stdin)
        while data := await source.read(BUFFER):
            writer.write((tls.write(data), goes.read())[1] if tls else data)
            await writer.drain()
        tls or writer.write_eof()
    if cafile:
        tls = ssl.create_default_context(cafile=cafile).wrap_bio(
            came, goes, server_hostname=host)
        await receive(tls.do_handshake)
    sending = asyncio.create_task(send())
    while data := await receive(tls and tls.read):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    await sending


class Side(asyncio.BufferedProtocol):
    """One side of a pump, whose memory the transport reads into."""

    def __init__(self, pump, sides, way):
        self.pump, self.sides, self.way = pump, sides, way

    def connection_made(self, transport):
        transport.set_write_buffer_limits(0)    # the pump is the buffer
        self.transport, self.sides[self.way] = transport, self
        self.resume_writing()

    def get_buffer(self, _):
        return self.pump.lent('room', self.way)

    def buffer_updated(self, n):
        self.resume_writing(self.pump.commit(self.way, N(n)))

    def eof_received(self):
        self.resume_writing(self.pump.eof(self.way))
        return True     # the other way lives on

    def connection_lost(self, _):
        self.resume_writing(self.pump.reset(self.way))

    def resume_writing(self, _=0):
        """Deliver, and have each side read only as long as there is room."""
        for way, source in enumerate(self.sides) if all(self.sides) else ():
            flags, sink = self.pump.flags(way), self.sides[1 - way].transport
            while flags & OUT and not sink.get_write_buffer_size():
                data = bytes(self.pump.lent('peek', way))
                flags = self.pump.skip(way, N(len(data)))
                sink.write(data)
            if flags & (FIN | RESET):
                sink.write_eof() if flags & FIN else sink.abort()
                flags = self.pump.shut(way)
            (source.transport.resume_reading if flags & IN else
             source.transport.pause_reading)()


async def carry(guard, sock):
    loop, name = asyncio.get_running_loop(), ctypes.create_string_buffer(256)
    server, pump = Object('server'), Object('pump', N(BUFFER), N(BUFFER))
    sides = [None, None]
    flags, early = await handshake(server, sock, server.flags())
    try:
        guard.check(server.it, b'', N(0), c_uint64(0), name, N(256))
        await loop.create_connection(lambda: Side(pump, sides, 1),
                                     server.host().decode(), server.port())
        flags = server.accept()
    except OSError as error:
        flags = server.fail(getattr(error, 'code', ECONNECT))
    flags, _ = await handshake(server, sock, flags)
    if not flags & OPEN:
        return sock.close()
    pump.put(0, early, N(len(early)), byref(N()))
    await loop.create_connection(lambda: Side(pump, sides, 0), sock=sock)
    while pump.tick(c_uint64(time.monotonic_ns() // 10**6)) != DONE:
        await asyncio.sleep(1)
    for side in sides:
        side.transport.close()


async def serve(user, password):
    users, guard = Object('users', b'proxy'), Object('guard', b'proxy')
    users.add(user.encode(), password.encode())
    guard.users(users.it), guard.basic(1)
    loop, listener = asyncio.get_running_loop(), socket.create_server(
        ('127.0.0.1', 0))
    listener.setblocking(False)
    print('listening', listener.getsockname()[1], flush=True)
    while True:
        sock, _ = await loop.sock_accept(listener)
        asyncio.create_task(carry(guard, sock))


if __name__ == '__main__':
    try:
        asyncio.run({'connect': connect, 'serve': serve}[sys.argv[1]](
            *sys.argv[2:]))
    except TunnelError as error:
        sys.exit('tunnel.py: %s' % error)
