#!/usr/bin/env python3
"""windows_tunnel.py COMMAND... - run windows_tunnel.exe, by that command, through
tunnel-proxy: to an echo, which sends while it receives, and to one who answers
behind the client's end and not before.  What arrives here is compared by its
digest, and what comes back there, by the program, byte for byte."""

import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'e2e'))
import harness                                      # noqa: E402
from peers import TunnelProxy                       # noqa: E402
from scripted import echo                           # noqa: E402

SIZES = (0, 1, 1000, 3145729)
arrived = []


def pattern(n):
    """What windows_tunnel sends."""
    return bytes((i * 2654435761 & 0xffffffffffffffff) >> 13 & 0xff
                 for i in range(n))


def afterwards(conn):
    data = harness.recv_all(conn)
    arrived.append(hashlib.sha256(data).digest())
    conn.sendall(data)


def main():
    origins = [harness.Server(echo), harness.Server(afterwards)]
    proxy = TunnelProxy()
    try:
        for origin in origins:
            for size in SIZES:
                subprocess.run(sys.argv[1:] + [str(proxy.port), '127.0.0.1',
                                               str(origin.port), str(size)],
                               check=True, timeout=120)
    finally:
        proxy.stop()
        for origin in origins:
            origin.stop()
    sent = [hashlib.sha256(pattern(n)).digest() for n in SIZES]
    if arrived != sent:
        raise AssertionError('other bytes have arrived')


main()
