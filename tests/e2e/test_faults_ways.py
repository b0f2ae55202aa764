"""System calls that fail, or do less, on the other ways through us: SOCKS, plain
requests, and the gateways."""

import glob
import http.client
import os

import faults
import ftp
from faults import DOWN, UP, read_head
from faulty import ALL, InServer, proxy, some
from harness import BUILD, CONNECT
from peers import TunnelProxy
from test_socks import HELLO, request

LOCAL = '127.0.0.1'


def socks(conn, origins):
    """The beginning goes in one piece with the request."""
    conn.sendall(HELLO + request('localhost', origins.tunnel) + UP[:1000])
    said = b''
    while len(said) < 12:
        part = conn.recv(12 - len(said))
        if not part:
            return '', True
        said += part
    if said[3] != 0:
        return '5%02d' % said[3], True
    with faults.Writer(conn, UP[1000:], True):
        got = faults.recv_all(conn)
    return '200', got == faults.EARLY + faults.digest(UP) + DOWN


def ask(conn, method, url, body=None):
    """(status, content) of the reply; '' when it is none, or is not whole."""
    length = b'' if body is None else b'Content-Length: %d\r\n' % len(body)
    conn.sendall(b'%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n' % (
        method.encode(), url.encode(), length) + (body or b''))
    reply = http.client.HTTPResponse(conn, method=method)
    try:
        reply.begin()
        return str(reply.status), reply.read()
    except http.client.HTTPException:
        return '', b''
    finally:
        reply.close()


def all_of(steps):
    """The first that is no success, or the last: and whether it was whole."""
    status = ''
    for status, whole in steps:
        if status[:1] != '2':
            return status, True
        if not whole:
            return status, False
    return '200' if status else status, True


def web(conn):
    """An origin whose replies end in each way that there is."""
    while True:
        path = read_head(conn)[0]
        if path == '/length':
            conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
                         % len(DOWN) + DOWN)
        elif path == '/chunked':
            conn.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'
                         b'\r\n3e8\r\n%s\r\n7d0;x=y\r\n' % DOWN[:1000])
            conn.sendall(DOWN[1000:] + b'\r\n0\r\nA: b\r\n\r\n')
        elif path:
            conn.sendall(b'HTTP/1.1 200 OK\r\n\r\n' + DOWN)
        if path not in ('/length', '/chunked'):
            return


def fetch(conn, origins):
    base = 'http://localhost:%d/' % origins.web
    return all_of((status, got == DOWN) for status, got in (
        ask(conn, 'GET', base + path)
        for path in ('length', 'chunked', 'length', 'close')))


# What it has been told is all of it only when that has ended.
PROGRAM = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
cat > got.$$ && mv got.$$ all.$$
cat all.$$ down
"""


def run_program(conn, origins):
    try:
        status, got = ask(conn, 'POST', '/p', UP)
        return status, got == UP + DOWN or status != '200'
    finally:
        for name in glob.glob(os.path.join(origins.programs, 'all.*')):
            with open(name, 'rb') as f:
                origins.judge(f.read(), UP)
            os.remove(name)


def files(conn, _):
    return all_of((status, method == 'PUT' or got == DOWN)
                  for method, (status, got) in (
                      (m, ask(conn, m, '/f', content))
                      for m, content in (('GET', None), ('PUT', UP))))


class Session(ftp.Ftp):
    def run(self):
        try:
            super().run()
        finally:
            for s in (self.data, self.listener):
                if s is not None:
                    s.close()


class Ways(InServer):
    def test_socks(self):
        self.all_of(proxy('--socks', LOCAL + ':0', port='socks'), socks,
                    some(1))

    def test_dynamic(self):
        through = TunnelProxy('-q')
        self.addCleanup(through.stop)

        def start(faulty):
            return faulty.listening(
                [CONNECT, '-x', 'http://%s:%d' % (LOCAL, through.port), '-D',
                 '0'], r'socks on .*:(\d+)\n')
        self.all_of(start, socks, some(2))

    def test_plain(self):
        def start(faulty):
            origins = faulty.origins
            origins.web = self.serve(origins.counted(web)).port
            return proxy()(faulty)
        self.all_of(start, fetch, some(3))

    def test_cgi_gateway(self):
        def start(faulty):
            faulty.origins.programs = d = os.path.realpath(self.directory())
            with open(os.path.join(d, 'down'), 'wb') as f:
                f.write(DOWN)
            with open(os.path.join(d, 'p'), 'w') as f:
                f.write(PROGRAM)
            os.chmod(f.name, 0o755)
            return faulty.listening([os.path.join(BUILD, 'cgi-gateway'), '-q',
                                     '-l', LOCAL + ':0', d])
        self.all_of(start, run_program,
                    some() + ('fork-again', 'fork-nomem'), spare=0)

    def test_ftp_gateway(self):
        def start(faulty):
            def stored(session, _):
                end = session.receive()
                faulty.origins.judge(session.server.received, UP)
                return end
            s = ftp.Server(self, dict(ftp.file_of(DOWN), STOR=stored))
            self.addCleanup(s.stop)
            s.handler = faulty.origins.counted(
                lambda conn: Session(s, conn).run())
            return faulty.listening([os.path.join(BUILD, 'ftp-gateway'), '-q',
                                     '-l', LOCAL + ':0', '--server',
                                     '%s:%d' % (LOCAL, s.port)])
        self.all_of(start, files, some(1), spare=0)
