"""Clients and origins of a proxy that passes messages on, told by the test what
to say; and servers that are real."""

import os
import shlex
import socket
import threading

import harness
import peers
from harness import need
from scripted import Proxied


class Ended(Exception):
    """The stream ended within a message."""


class Stream:
    """A socket that is read by lines and by counts; the rest stays."""

    def __init__(self, sock):
        self.sock = sock
        self.held = b''

    def more(self):
        part = self.sock.recv(1 << 16)
        self.held += part
        return len(part) > 0

    def exactly(self, n):
        while len(self.held) < n:
            if not self.more():
                raise Ended('%d of %d bytes' % (len(self.held), n))
        part, self.held = self.held[:n], self.held[n:]
        return part

    def line(self):
        while b'\r\n' not in self.held:
            if not self.more():
                raise Ended('within a line: %r' % self.held)
        line, _, self.held = self.held.partition(b'\r\n')
        return line.decode('latin-1')

    def rest(self):
        while self.more():
            pass
        part, self.held = self.held, b''
        return part


class Message:
    """A request, or the reply to a method.  Its framing is one of 'none',
    'length', 'chunks', 'close'."""

    def __init__(self, stream, to=None, content=True):
        self.stream = stream
        self.first = stream.line()
        self.fields = self.read_fields()
        self.trailers = []
        self.chunks = 0
        self.body = b''
        words = self.first.split(' ', 2)
        if to is None:
            self.method, self.target = words[:2]
        else:
            self.status = int(words[1])
        self.framing = self.find_framing(to)
        if content:
            self.read_content()

    def read_content(self):
        if self.framing == 'length':
            self.body = self.stream.exactly(int(self.get('content-length')))
        elif self.framing == 'chunks':
            self.read_chunks()
        elif self.framing == 'close':
            self.body = self.stream.rest()

    def read_fields(self):
        fields = []
        while True:
            line = self.stream.line()
            if not line:
                return fields
            name, _, value = line.partition(':')
            fields.append((name.lower(), value.strip()))

    def find_framing(self, to):
        if to is not None and (self.status in (204, 304) or to == 'HEAD' or
                               self.status < 200):
            return 'none'
        if self.get('transfer-encoding'):
            assert self.get('transfer-encoding') == 'chunked', self.fields
            assert self.get('content-length') is None, self.fields
            return 'chunks'
        if self.get('content-length'):
            return 'length'
        return 'none' if to is None else 'close'

    def read_chunks(self):
        while True:
            size = int(self.stream.line().split(';')[0], 16)
            if size == 0:
                self.trailers = self.read_fields()
                return
            self.chunks += 1
            self.body += self.stream.exactly(size)
            assert self.stream.line() == ''

    def get(self, name):
        """All its values, as one; None: there is no such field."""
        values = [v for n, v in self.fields if n == name]
        return ', '.join(values) if values else None


def reply(body=b'', *fields, status='200 OK', length=True):
    """The bytes of a reply."""
    lines = ['HTTP/1.1 ' + status] + list(fields)
    if length:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines + ['', '']).encode() + body


def chunked(*parts, end=b'0\r\n\r\n'):
    return b''.join(b'%x\r\n%s\r\n' % (len(p), p) for p in parts) + end


class Origin:
    """Keeps every request, and has a function answer it: which gets the socket
    and the request, and returns true to be called no more.  A request that ends
    before its end is no request, and counted as broken."""

    def __init__(self, case, answer, content=True):
        self.answer = answer
        self.content = content
        self.requests = []
        self.broken = 0
        self.lock = threading.Lock()
        self.server = case.serve(self.handle)
        self.port = self.server.port
        self.url = 'http://127.0.0.1:%d' % self.port

    @property
    def connections(self):
        return len(self.server.conns)

    def handle(self, conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = Stream(conn)
        try:
            while stream.held or stream.more():
                request = Message(stream, content=self.content)
                with self.lock:
                    self.requests.append(request)
                if self.answer(conn, request):
                    return
        except Ended:
            self.broken += 1


def tell(conn, request):
    """Answer with what was asked."""
    text = request.first.encode() + b'\n' + request.body
    said = reply(text)
    if request.method == 'HEAD':
        said = said[:-len(text)]
    conn.sendall(said)


class Client:
    """A raw client, on one connection."""

    def __init__(self, case, proxy):
        self.sock = case.connected(proxy.port)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = Stream(self.sock)

    def send(self, *parts):
        self.sock.sendall(b''.join(parts))

    def request(self, method, url, *fields, body=None, version='1.1'):
        host = url.split('/')[2]
        lines = ['%s %s HTTP/%s' % (method, url, version), 'Host: ' + host]
        lines += fields
        if body is not None:
            lines.append('Content-Length: %d' % len(body))
        return '\r\n'.join(lines + ['', '']).encode() + (body or b'')

    def reply(self, to='GET', content=True):
        return Message(self.stream, to, content)

    def ask(self, method, url, *fields, **more):
        self.send(self.request(method, url, *fields, **more))
        return self.reply(method)


class Forwarded(Proxied):
    def forward(self, *options, **kwargs):
        return self.proxy('--forward', *options, **kwargs)

    def origin(self, answer=tell, **kwargs):
        return Origin(self, answer, **kwargs)

    def client(self, proxy):
        return Client(self, proxy)

    def curl_begin(self, proxy, *args, **kwargs):
        return self.start([need('curl', 'curl'), '-q', '-sS', '--noproxy', '',
                           '-x', 'http://127.0.0.1:%d' % proxy.port] +
                          list(args), **kwargs)

    def curl_end(self, p):
        """Exit status and output."""
        out, _ = p.popen.communicate(timeout=harness.PATIENCE)
        return p.popen.returncode, out

    def curl(self, proxy, *args, status=0, **kwargs):
        """The output of a run that ends with this status."""
        p = self.curl_begin(proxy, *args, **kwargs)
        code, out = self.curl_end(p)
        self.assertEqual(code, status, p.said() + repr(out[:300]))
        return out

    def file(self, name, data):
        path = os.path.join(self.directory(), name)
        with open(path, 'wb') as f:
            f.write(data)
        return path


# ---- real servers ------------------------------------------------------------

class Nginx(peers.Daemon):
    """With files in www, and a log of connections and their requests."""

    def command(self):
        nginx = need('nginx', 'nginx-light')
        os.makedirs(self.dir + '/www', exist_ok=True)
        temporary = ['%s_temp_path %s/%s;' % (name, self.dir, name)
                     for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi',
                                  'scgi')]
        conf = self.write('nginx.conf', '\n'.join([
            'daemon off; master_process off; worker_processes 1;',
            'pid %s/pid; error_log %s/cache.log;' % (self.dir, self.dir),
            'events { worker_connections 256; }', 'http {',
            "log_format conns '$connection $request_uri $status';",
            'access_log %s/log conns;' % self.dir] + temporary + [
            'types { text/plain txt; }', 'gzip_types text/plain;',
            'gzip_min_length 1;', 'client_max_body_size 64m;',
            'server { listen 127.0.0.1:%d; root %s/www;' % (
                self.port, self.dir),
            'location /zip/ { alias %s/www/; gzip on; gzip_proxied any; }'
            % self.dir,
            'location /put/ { dav_methods PUT DELETE;'
            ' create_full_put_path on; } } }']) + '\n')
        return [nginx, '-e', self.dir + '/cache.log', '-c', conf]


class ApacheFiles(peers.Daemon):
    """The same with apache2; its default charset and the like are left out."""

    MODULES = peers.Apache.MODULES

    def command(self):
        apache = need('apache2', 'apache2-bin')
        os.makedirs(self.dir + '/www', exist_ok=True)
        os.makedirs(self.dir + '/cgi', exist_ok=True)
        modules = ['mpm_event', 'authz_core', 'filter', 'deflate', 'alias',
                   'cgid', 'log_config', 'env']
        conf = self.write('apache.conf', '\n'.join([
            'LoadModule %s_module %s/mod_%s.so' % (m, self.MODULES, m)
            for m in modules if os.path.exists(
                '%s/mod_%s.so' % (self.MODULES, m))] + [
            'ServerRoot %s' % self.dir, 'ServerName apache.test',
            'DefaultRuntimeDir %s' % self.dir, 'PidFile %s/pid' % self.dir,
            'Mutex posixsem', 'CoreDumpDirectory %s' % self.dir,
            'ErrorLog %s/cache.log' % self.dir, 'LogLevel error',
            'Listen 127.0.0.1:%d' % self.port, 'TraceEnable On',
            'User nobody', 'Group nogroup', 'ScriptSock %s/cgid' % self.dir,
            'LogFormat "%{c}L %U%q %>s" conns',
            'CustomLog %s/log conns' % self.dir,
            'StartServers 1', 'MinSpareThreads 1', 'MaxSpareThreads 25',
            'ThreadsPerChild 25', 'MaxRequestWorkers 25', 'KeepAlive On',
            'DocumentRoot %s/www' % self.dir,
            'Alias /zip/ %s/www/' % self.dir,
            'ScriptAlias /cgi/ %s/cgi/' % self.dir,
            '<Location /zip/>', 'SetOutputFilter DEFLATE', '</Location>',
            '<Directory %s>' % self.dir, 'Require all granted',
            '</Directory>']) + '\n')
        return [apache, '-f', conf, '-DFOREGROUND']


def script(daemon, name, text):
    """A program that a server runs."""
    path = daemon.write(name, '#!/bin/sh\n' + text)
    os.chmod(path, 0o755)
    return path


def node(case, program, *args):
    """What a program for Node prints."""
    p = case.start([need('node', 'nodejs'), '-e', program, '--'] +
                   [str(a) for a in args])
    out, _ = p.popen.communicate(timeout=harness.PATIENCE)
    case.assertEqual((p.popen.returncode, p.said()), (0, ''),
                     shlex.join(p.popen.args[:1]))
    return out.decode()
