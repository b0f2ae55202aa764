"""in_namespace.py PROXY: what a proxy with no rules does with public addresses.

To be run in a network namespace of its own, where 192.88.1.1 is ours."""

import fcntl
import socket
import struct
import subprocess
import sys
import threading
import time

import harness
from scripted import echo, head

SIOCSIFADDR, SIOCSIFFLAGS, UP = 0x8916, 0x8914, 1
PUBLIC = '192.88.1.1'


def give_addresses():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', UP))
        fcntl.ioctl(s, SIOCSIFADDR, struct.pack(
            '16sHH4s8x16x', b'lo:1', socket.AF_INET, 0,
            socket.inet_aton(PUBLIC)))


def listen(port):
    listener = socket.create_server((PUBLIC, port))

    def serve():
        while True:
            conn, _ = listener.accept()
            with conn:
                echo(conn)
    threading.Thread(target=serve, daemon=True).start()


def ask(port, host=PUBLIC):
    s = socket.create_connection(('127.0.0.1', 3128), timeout=harness.PATIENCE)
    s.sendall(head(port, host))
    return s, int(harness.recv_until(s, b'\r\n\r\n').split()[1])


def main():
    give_addresses()
    for port in (22, 443, 80):
        listen(port)
    proxy = subprocess.Popen([sys.argv[1]])
    try:
        end = time.monotonic() + harness.PATIENCE
        while time.monotonic() < end:
            try:
                socket.create_connection(('127.0.0.1', 3128)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        for port in (22, 443):
            s, status = ask(port)
            assert status == 200, status
            s.sendall(b'hello')
            assert harness.recv_exactly(s, 5) == b'hello'
        assert ask(80)[1] == 403
        assert ask(22, '127.0.0.1')[1] == 403
    finally:
        proxy.kill()
        proxy.wait()
    print('ok')


main()
