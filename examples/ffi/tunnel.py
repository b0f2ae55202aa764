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
from ctypes import byref, c_char, c_char_p, c_int, c_uint64, c_void_p
from ctypes import c_size_t as N    # a plain int is passed as one of C
from urllib.parse import unquote, urlsplit

lib = ctypes.CDLL(os.environ.get('TUNNEL_LIBRARY') or
                  ctypes.util.find_library('tunnel') or 'libtunnel.so.0')
lib.tunnel_strerror.restype = lib.tunnel_error_name.restype = c_char_p
POINTER = type('Pointer', (c_void_p,), {})      # stays one, and no int
RESULTS = {'new': POINTER, 'room': POINTER, 'free': None, 'fault': c_int,
           'host': c_char_p, 'reason': c_char_p}    # flags or error elsewhere
IN, OUT, ASK, OPEN, REFUSED, FIN, NOW, DONE, RESET, RETRY, RECONNECT = (
    1 << i for i in range(11))
ECONNECT, BUFFER, scratch = -22, 65536, (c_char * 65536)()


class TunnelError(ConnectionError):
    def __init__(self, code, status=0, reason=b''):
        self.code, self.status = code, status   # ours, and the proxy's or 0
        super().__init__((b'%s: %s (%d %s)' % (
            lib.tunnel_error_name(code), lib.tunnel_strerror(code), status,
            reason)).decode('latin-1'))


def checked(value):
    if value < 0:
        raise TunnelError(value)
    return value


class Object:       # client.feed() is tunnel_client_feed()
    def __init__(self, kind, *more):
        self.kind, self.it = kind, None     # whose place new begins with
        self.it = self.new(*more)
        if not self.it:
            raise MemoryError(kind)

    def __getattr__(self, verb):
        function = getattr(lib, 'tunnel_%s_%s' % (self.kind, verb))
        function.restype = RESULTS.get(verb, checked)
        return lambda *more: function(self.it, *more)

    def __del__(self):
        self.free()


async def handshake(engine, sock, flags):
    """Run an engine until it asks, opens or ends: its flags, the surplus."""
    loop, rest, n = asyncio.get_running_loop(), b'', N()
    while flags & (IN | OUT | RETRY):
        if flags & RETRY:       # now it knows how to log in
            flags = engine.start()
        elif flags & OUT:
            flags = engine.drain(scratch, N(BUFFER), byref(n))
            await loop.sock_sendall(sock, scratch[:n.value])
        elif rest := rest or await loop.sock_recv(sock, BUFFER):
            flags = engine.feed(rest, N(len(rest)), byref(n))
            rest = rest[n.value:]
        else:
            flags = engine.eof()
    return flags, rest


async def open_tunnel(proxy, host, port):   # a reader and a writer
    url, client, flags = urlsplit(proxy), Object('client'), RECONNECT
    client.target(host.encode(), port)
    client.random(lib.tunnel_random, None)
    if url.username:
        client.credentials(*(unquote(part or '').encode()
                             for part in (url.username, url.password)))
    while flags & RECONNECT:
        sock = await asyncio.to_thread(socket.create_connection, (
            url.hostname, url.port or 80))
        sock.setblocking(False)
        flags, rest = await handshake(client, sock, client.start())
    if not flags & OPEN:
        raise TunnelError(client.fault(), client.status(), client.reason())
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
        while data := await asyncio.to_thread(os.read, 0, BUFFER):
            writer.write((tls.write(data), goes.read())[1] if tls else data)
            await writer.drain()
        tls or writer.write_eof()
    if cafile:
        tls = ssl.create_default_context(cafile=cafile).wrap_bio(
            came, goes, server_hostname=host)
        await receive(tls.do_handshake)
    sending = asyncio.create_task(send())
    while data := await receive(tls and tls.read):
        os.write(1, data)
    await sending


class Side(asyncio.BufferedProtocol):   # reads into the memory of a pump
    def __init__(self, pump, sides, way):
        self.pump, self.sides, self.way = pump, sides, way

    def connection_made(self, transport):
        transport.set_write_buffer_limits(0)    # the pump is the buffer
        self.transport, self.sides[self.way] = transport, self
        self.resume_writing()

    def get_buffer(self, _):
        n = N()
        address = self.pump.room(self.way, byref(n)).value
        return (c_char * n.value).from_address(address)

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
            flags, n = self.pump.flags(way), N()
            sink = self.sides[1 - way].transport
            while flags & OUT and not sink.get_write_buffer_size():
                flags = self.pump.take(way, scratch, N(BUFFER), byref(n))
                sink.write(scratch[:n.value])
            if flags & (FIN | RESET):
                sink.write_eof() if flags & FIN else sink.abort()
                flags = self.pump.shut(way)
            (source.transport.resume_reading if flags & IN else
             source.transport.pause_reading)()


async def carry(guard, sock):
    server, pump = Object('server'), Object('pump', N(BUFFER), N(BUFFER))
    loop, name, sides = asyncio.get_running_loop(), (c_char * 256)(), [0, 0]
    try:
        flags, early = await handshake(server, sock, server.flags())
        try:
            guard.check(server.it, b'', N(0), c_uint64(0), name, N(256))
            await loop.create_connection(lambda: Side(pump, sides, 1),
                                         server.host().decode(), server.port())
            flags = server.accept()
        except OSError as e:
            flags = server.fail(getattr(e, 'code', ECONNECT))
        if (await handshake(server, sock, flags))[0] & OPEN:
            pump.put(0, early, N(len(early)), byref(N()))
            await loop.create_connection(lambda: Side(pump, sides, 0),
                                         sock=sock)
            while pump.tick(c_uint64(int(loop.time() * 1000))) != DONE:
                await asyncio.sleep(1)
    except OSError:
        pass        # the client has left, or has heard why not
    for side in filter(None, sides):
        side.transport.close()
    sides[0] or sock.close()


async def serve(user, password):
    users, guard = Object('users', b'proxy'), Object('guard', b'proxy')
    users.add(user.encode(), password.encode())
    guard.users(users.it), guard.basic(1)
    listener = socket.create_server(('127.0.0.1', 0))
    listener.setblocking(False)
    print('listening on %s:%d' % listener.getsockname(), flush=True)
    while True:
        sock, _ = await asyncio.get_running_loop().sock_accept(listener)
        asyncio.create_task(carry(guard, sock))


if __name__ == '__main__':
    asyncio.run(globals()[sys.argv[1]](*sys.argv[2:]))
