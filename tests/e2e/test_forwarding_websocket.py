"""WebSocket, and a browser, through tunnel-proxy --forward."""

import base64
import hashlib
import json
import os
import queue
import socket
import struct
import subprocess

import harness
from forwarding import Forwarded, Message, node, reply, tell
from harness import lines_of, need
from scripted import MIB, in_background, reset

MAGIC = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'


def accepted(key):
    """RFC 6455 section 4.2.2."""
    return base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()
                            ).decode()


def frame(opcode, data, mask=None):
    """One frame, that of a client if it has a mask."""
    n = len(data)
    head = bytes([0x80 | opcode])
    masked = 0x80 if mask else 0
    if n < 126:
        head += bytes([masked | n])
    elif n < 65536:
        head += struct.pack('!BH', masked | 126, n)
    else:
        head += struct.pack('!BQ', masked | 127, n)
    if mask:
        whole = (mask * (n // 4 + 1))[:n]
        data = (int.from_bytes(data, 'big') ^
                int.from_bytes(whole, 'big')).to_bytes(n, 'big')
        head += mask
    return head + data


def read_frame(stream):
    """Its opcode and what it holds."""
    first, second = stream.exactly(2)
    n = second & 0x7f
    if n > 125:
        n = int.from_bytes(stream.exactly(2 if n == 126 else 8), 'big')
    mask = stream.exactly(4) if second & 0x80 else None
    data = stream.exactly(n)
    if mask:
        data = frame(0, data, mask)[-n:] if n else b''
    return first & 15, data


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def serve(conn, request):
    """Greet in the same write as the 101, echo, and answer a close; or die."""
    if request.get('upgrade') is None:
        return tell(conn, request)
    conn.sendall(('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
                  'Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n'
                  % accepted(request.get('sec-websocket-key'))).encode() +
                 frame(TEXT, b'hello'))
    while True:
        opcode, data = read_frame(request.stream)
        if data == b'die':
            reset(conn)
            return True
        conn.sendall(frame(PONG if opcode == PING else opcode, data))
        if opcode == CLOSE:
            return True


class WebSocket(Forwarded):
    KEY = base64.b64encode(bytes(range(16))).decode()

    def upgrade(self, c, url, *fields):
        return c.request('GET', url, 'Connection: keep-alive, Upgrade',
                         'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
                         'Sec-WebSocket-Key: ' + self.KEY, *fields)

    def open(self, proxy, url, behind=b'', before=b''):
        c = self.client(proxy)
        c.send(before, self.upgrade(c, url), behind)
        if before:
            self.assertEqual(c.reply().status, 200)
        answer = Message(c.stream, 'GET', content=False)
        self.assertEqual(answer.status, 101)
        self.assertEqual(answer.get('sec-websocket-accept'),
                         accepted(self.KEY))
        self.assertEqual(answer.get('upgrade').lower(), 'websocket')
        self.assertIn('upgrade', answer.get('connection').lower())
        self.assertEqual(read_frame(c.stream), (TEXT, b'hello'))
        return c

    def converse(self, c):
        data = os.urandom(MIB)
        mask = os.urandom(4)
        finish = in_background(c.send, frame(BINARY, data, mask))
        self.assertTrue(read_frame(c.stream) == (BINARY, data))
        finish()
        c.send(frame(PING, b'p', mask))
        self.assertEqual(read_frame(c.stream), (PONG, b'p'))
        c.send(frame(CLOSE, b'\x03\xe8', mask))
        self.assertEqual(read_frame(c.stream), (CLOSE, b'\x03\xe8'))
        self.assertEqual(c.stream.rest(), b'')
        c.sock.close()

    def test_echo_and_close(self):
        there = self.origin(serve)
        log = os.path.join(self.directory(), 'log')
        proxy = self.forward('--access-log', log)
        self.converse(self.open(proxy, there.url + '/ws'))
        request = there.requests[0]
        self.assertEqual(request.get('upgrade'), 'websocket')
        self.assertEqual(request.get('connection').lower(), 'upgrade')
        harness.await_true(lambda: lines_of(log))
        line = lines_of(log)[0].split()
        self.assertEqual(line[3:7], ['127.0.0.1:%d' % there.port] * 2 +
                         ['101', 'ok'])
        self.assertGreater(int(line[8]), MIB)

    def test_on_a_kept_connection(self):
        """Behind another message, of the client and to the origin; and a frame
        in the same write as the request."""
        there = self.origin(serve)
        proxy = self.forward()
        c = self.client(proxy)
        c = self.open(proxy, there.url, before=c.request('GET', there.url),
                      behind=frame(PING, b'early', b'mask'))
        self.assertEqual(read_frame(c.stream), (PONG, b'early'))
        self.assertEqual(there.connections, 1)
        self.converse(c)

    def test_half_close_and_reset(self):
        there = self.origin(serve)
        proxy = self.forward()
        c = self.open(proxy, there.url)
        there.server.conns[0].shutdown(socket.SHUT_WR)
        self.assertEqual(c.stream.rest(), b'')
        c = self.open(proxy, there.url)
        c.send(frame(TEXT, b'die', b'mask'))
        with self.assertRaises(ConnectionResetError):
            c.stream.rest()

    def test_refused(self):
        """By an origin that knows no WebSocket: a reply as any other."""
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'what?', status='400 Bad Request')))
        c = self.client(self.forward())
        for _ in range(2):
            c.send(self.upgrade(c, there.url))
            answer = c.reply()
            self.assertEqual((answer.status, answer.body), (400, b'what?'))

    def test_other_protocols_are_not_asked_for(self):
        there = self.origin()
        c = self.client(self.forward())
        c.send(self.upgrade(c, there.url).replace(b': websocket', b': h2c'))
        self.assertEqual(c.reply().status, 200)
        self.assertIsNone(there.requests[0].get('upgrade'))

    def test_many_at_once(self):
        there = self.origin(serve)
        proxy = self.forward()
        ends = [in_background(self.converse, self.open(proxy, there.url))
                for _ in range(5)]
        for end in ends:
            end()

    def test_node(self):
        """A request with "upgrade" by its agent, and its server's answer."""
        out = node(self, NODE, self.forward().port)
        self.assertEqual(out, '101 websocket echo:ping\n')


NODE = '''
const http = require('http');
const proxy = Number(process.argv[1]);
const server = http.createServer();
server.on('upgrade', (q, s) => {
  s.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n' +
    'Connection: Upgrade\\r\\n\\r\\n');
  s.on('data', d => s.end('echo:' + d));
});
server.listen(0, '127.0.0.1', () => {
  const origin = '127.0.0.1:' + server.address().port;
  const r = http.request({ host: '127.0.0.1', port: proxy,
    path: 'http://' + origin + '/', headers: { Host: origin,
      Connection: 'Upgrade', Upgrade: 'websocket' } });
  r.on('upgrade', (a, s) => {
    let text = '';
    s.on('data', d => text += d);
    s.on('end', () => {
      console.log(a.statusCode, a.headers.upgrade, text);
      s.end();
      server.close();
    });
    s.write('ping');
  });
  r.end();
});
'''


PAGE = b'''<!doctype html><title>local</title><link rel=stylesheet href=a.css>
<img src=a.svg onload="document.body.append(' picture ')"><p id=p></p>
<script src=a.js></script>'''
SCRIPT = b'''
const say = text => document.body.append(' ' + text + ' ');
const ws = new WebSocket('ws://' + location.host + '/ws');
const done = [
  new Promise(end => addEventListener('load', end)),
  fetch('/put', { method: 'PUT', body: 'x'.repeat(100000) }).then(
    a => a.text()).then(t => say(t.split('\\n')[0] + t.length)),
  fetch('/missing').then(a => say('status' + a.status)),
  ...[...Array(20).keys()].map(i => fetch('/many' + i).then(a => a.text())),
  new Promise(end => {
    const got = [];
    ws.onmessage = m => {
      got.push(m.data);
      if (got.length == 1) ws.send('from the page');
      if (got.length == 2) ws.close(1000);
    };
    ws.onclose = e => { say(got.join('+') + e.code + e.wasClean); end(); };
    ws.onerror = () => { say('broken'); end(); };
  })];
Promise.all(done).then(() => say('all'), e => say('failed' + e)).then(
  () => fetch('/report', { method: 'POST', body: document.body.textContent }));
'''
KINDS = {'/': ('text/html', PAGE), '/a.js': ('text/javascript', SCRIPT),
         '/a.css': ('text/css', b'body { color: green }'),
         '/a.svg': ('image/svg+xml', b'<svg xmlns="http://www.w3.org/2000/svg" '
                    b'width="9" height="9"/>')}


class Browser(Forwarded):
    def test_chromium(self):
        """A page with what belongs to it, fetch and WebSocket.  It tunnels the
        last of them: a proxy of messages alone would not do for it."""
        def answer(conn, request):
            kind, body = KINDS.get(request.target, (None, None))
            if kind:
                conn.sendall(reply(body, 'Content-Type: ' + kind))
            elif request.target == '/missing':
                conn.sendall(reply(b'', status='404 Not Found'))
            elif request.target == '/report':
                report.put(request.body.decode())
                conn.sendall(reply(b''))
            else:
                return serve(conn, request)
        report = queue.Queue()
        there = self.origin(answer)
        log = os.path.join(self.directory(), 'log')
        proxy = self.forward('--access-log', log, '--log-format', 'json')
        self.start(
            [need('chromium', 'chromium'), '--headless', '--no-sandbox',
             '--disable-gpu', '--disable-background-networking',
             '--user-data-dir=' + self.directory(),
             '--proxy-server=http://127.0.0.1:%d' % proxy.port,
             # Else loopback is never asked of a proxy.
             '--proxy-bypass-list=<-loopback>', there.url + '/'],
            stdout=subprocess.DEVNULL)
        said = report.get(timeout=harness.PATIENCE)
        for word in ('picture', 'PUT /put HTTP/1.1100018', 'status404',
                     'hello+from the page1000true', 'all'):
            self.assertIn(' %s ' % word, said)
        harness.await_true(lambda: '"POST"' in ''.join(lines_of(log)))
        rows = [json.loads(line) for line in lines_of(log)]
        here = [r for r in rows if r['target'] == '127.0.0.1:%d' % there.port]
        methods = [r.get('method') for r in here]
        self.assertGreaterEqual(methods.count('GET'), 24)
        self.assertEqual(methods.count('PUT'), 1)
        # Connections to the origin are kept.
        self.assertLess(there.connections, 14)
