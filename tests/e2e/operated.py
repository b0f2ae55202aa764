"""What the tests of an operator's tunnel-proxy share."""

import os
import socket

from harness import PATIENCE, recv_all
from scripted import Proxied, head

RULES = ['--allow', '127.0.0.0/8']


def get(port, path, method='GET'):
    with socket.create_connection(('127.0.0.1', port), timeout=PATIENCE) as s:
        s.sendall(('%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
                   % (method, path)).encode())
        top, _, body = recv_all(s).partition(b'\r\n\r\n')
    return int(top.split()[1]), top.decode(), body.decode()


class Operated(Proxied):
    def signal(self, proxy, number):
        proxy.process.popen.send_signal(number)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w') as f:
            f.write(text)
        return path

    def setUp(self):
        super().setUp()
        self.dir = self.directory()

    def refusal(self, proxy, port, *fields, host='127.0.0.1'):
        request = head(port, host)[:-2] + b''.join(
            f + b'\r\n' for f in fields) + b'\r\n'
        return self.status(self.ask(proxy, request))
