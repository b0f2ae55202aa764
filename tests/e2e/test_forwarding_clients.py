"""Clients that people use, each through tunnel-proxy --forward."""

import http.client
import json
import os
import subprocess
import urllib.request

import harness
from forwarding import Forwarded, chunked, node, reply, tell
from harness import need
from scripted import MIB


class Curl(Forwarded):
    def setUp(self):
        super().setUp()
        self.there = self.origin()
        self.there_url = self.there.url + '/a?b=c'
        self.there_proxy = self.forward()

    def asked(self, *args, **kwargs):
        """What curl prints, and the request that came of it."""
        before = len(self.there.requests)
        out = self.curl(self.there_proxy, *args, **kwargs)
        self.assertEqual(len(self.there.requests), before + 1)
        return out, self.there.requests[-1]

    def test_get(self):
        out, request = self.asked(self.there_url)
        self.assertEqual(out, b'GET /a?b=c HTTP/1.1\n')
        self.assertEqual(request.get('host'), '127.0.0.1:%d' % self.there.port)
        self.assertIsNone(request.get('proxy-connection'))

    def test_head(self):
        out, request = self.asked('-I', self.there_url)
        self.assertIn(b'\r\nContent-Length: 21\r\n', out)
        self.assertEqual(request.first, 'HEAD /a?b=c HTTP/1.1')

    def test_methods(self):
        """Those that there are, and one that nobody knows."""
        for method in ('DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND',
                       'BREW'):
            out, request = self.asked('-X', method, self.there_url)
            self.assertEqual(out, b'%s /a?b=c HTTP/1.1\n' % method.encode())
        self.assertEqual(self.there.requests[-1].framing, 'none')

    def test_post(self):
        out, request = self.asked('-d', 'x=1&y=2', self.there_url)
        self.assertEqual((request.method, request.body, request.framing),
                         ('POST', b'x=1&y=2', 'length'))
        out, request = self.asked('-d', '', self.there_url)
        self.assertEqual((request.body, request.get('content-length')),
                         (b'', '0'))

    def test_patch_with_content(self):
        out, request = self.asked('-X', 'PATCH', '-d', 'much', self.there_url)
        self.assertEqual(out, b'PATCH /a?b=c HTTP/1.1\nmuch')

    def test_put(self):
        """-T says Expect: 100-continue for what is large, and waits."""
        data = os.urandom(3 * MIB)
        path = self.file('data', data)

        def invite(conn, request):
            self.assertEqual(request.get('expect'), '100-continue')
            conn.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            request.read_content()
            conn.sendall(reply(b'got it'))
        there = self.origin(invite, content=False)
        out = self.curl(self.forward(), '--expect100-timeout', '30', '-T',
                        path, there.url + '/up')
        self.assertEqual(out, b'got it')
        self.assertTrue(there.requests[0].body == data)
        self.assertEqual(there.requests[0].method, 'PUT')

    def test_put_is_not_wanted(self):
        """The answer comes instead of the 100: curl sends nothing."""
        path = self.file('data', bytes(3 * MIB))
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'no', status='417 Expectation Failed')) or True,
            content=False)
        out = self.curl(self.forward(), '--expect100-timeout', '30', '-T', path,
                        '-w', '%{http_code} %{size_upload}', '--retry', '0',
                        '-H', 'Expect: 100-continue', '-X', 'POST', there.url)
        self.assertIn(b'no417 0', out)

    def test_chunked_upload(self):
        """From a pipe, with no length that could be known."""
        for args in (('-H', 'Transfer-Encoding: chunked', '-d', '@-'),
                     ('-T', '-')):
            p = self.curl_begin(self.there_proxy, *args, self.there_url,
                                stdin=subprocess.PIPE)
            out, _ = p.popen.communicate(b'piece' * 40000,
                                         timeout=harness.PATIENCE)
            self.assertEqual((p.popen.returncode, p.said()), (0, ''))
            request = self.there.requests[-1]
            self.assertEqual(request.framing, 'chunks')
            self.assertTrue(request.body == b'piece' * 40000)

    def test_options_of_the_server(self):
        """RFC 9112 section 3.2.4: the last proxy makes it an asterisk."""
        out, request = self.asked('-X', 'OPTIONS', '--request-target',
                                  self.there.url, self.there.url)
        self.assertEqual(request.first, 'OPTIONS * HTTP/1.1')

    def test_max_forwards(self):
        """0 ends here: it is shown as it came, without what is secret."""
        before = len(self.there.requests)
        out = self.curl(self.there_proxy, '-X', 'TRACE', '-H', 'Cookie: x=y',
                        '-H', 'Authorization: Basic eDp5', '-i', '-H',
                        'Max-Forwards: 0', '-H', 'X-A: b', self.there_url)
        self.assertIn(b'\r\nContent-Type: message/http\r\n', out)
        self.assertIn(b'TRACE %s HTTP/1.1\r\n' % self.there_url.encode(), out)
        self.assertIn(b'X-A: b\r\n', out)
        self.assertNotIn(b'ookie', out)
        self.assertNotIn(b'eDp5', out)
        out = self.curl(self.there_proxy, '-i', '-X', 'OPTIONS', '-H',
                        'Max-Forwards: 0', self.there_url)
        self.assertIn(b'HTTP/1.1 200 ', out)
        self.assertEqual(len(self.there.requests), before)
        for method in ('TRACE', 'OPTIONS'):
            out, request = self.asked('-X', method, '-H', 'Max-Forwards: 7',
                                      self.there_url)
            self.assertEqual(request.get('max-forwards'), '6')

    def test_http_1_0(self):
        out, request = self.asked('--http1.0', '-i', self.there_url)
        self.assertIn(b'GET /a?b=c HTTP/1.1\n', out)
        self.assertIn('1.0', request.get('via'))

    def test_http_1_0_gets_no_chunks(self):
        """What came in chunks ends with the connection."""
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'', 'Transfer-Encoding: chunked', 'Trailer: X-T',
                  length=False) + chunked(b'one', b'two',
                                          end=b'0\r\nX-T: v\r\n\r\n')))
        out = self.curl(self.forward(), '--http1.0', '-i', there.url)
        self.assertTrue(out.endswith(b'\r\n\r\nonetwo'), out)
        self.assertNotIn(b'ransfer-', out)
        self.assertIn(b'\r\nConnection: close', out)

    def test_trailers(self):
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'', 'Transfer-Encoding: chunked', 'Trailer: X-Sum',
                  length=False) + chunked(b'data', end=b'0;a=b\r\nX-Sum: 7\r\n'
                                          b'\r\n')))
        # curl takes trailers for headers.
        out = self.curl(self.forward(), '-D', '-', there.url)
        self.assertTrue(out.endswith(b'\r\n\r\ndataX-Sum: 7\r\n'), out)

    def test_reuse(self):
        """Two URLs by one connection of curl, over one to the origin."""
        out = self.curl(self.there_proxy, '-w', '%{num_connects} ',
                        *([self.there_url] * 5))
        self.assertEqual(out.count(b'HTTP/1.1\n0 '), 4)
        self.assertEqual(out.count(b'HTTP/1.1\n1 '), 1)
        self.assertEqual(self.there.connections, 1)
        self.assertEqual(len(self.there.requests), 5)

    def test_reuse_between_origins(self):
        """One connection of the client's, by turns to two origins."""
        other = self.origin()
        out = self.curl(self.there_proxy, '-w', '%{num_connects} ',
                        self.there_url, other.url, self.there_url)
        self.assertEqual(out.count(b'HTTP/1.1\n0 '), 2)
        self.assertEqual(len(other.requests), 1)

    def test_redirect_and_cookies(self):
        there = self.origin(lambda conn, request: conn.sendall(
            reply(b'', 'Location: /b', 'Set-Cookie: one=1',
                  'Set-Cookie: two=2', status='302 Found')
            if request.target == '/a' else
            reply((request.get('cookie') or '').encode())))
        jar = os.path.join(self.directory(), 'jar')
        out = self.curl(self.forward(), '-L', '-c', jar, '-b', jar,
                        there.url + '/a')
        self.assertEqual(set(out.split(b'; ')), {b'one=1', b'two=2'})

    def test_tunnel_on_the_same_port(self):
        out = self.curl(self.there_proxy, '-p', self.there_url)
        self.assertEqual(out, b'GET /a?b=c HTTP/1.1\n')
        self.assertIsNone(self.there.requests[-1].get('via'))


class Wget(Forwarded):
    def wget(self, proxy, *args):
        env = harness.clean_env(http_proxy='http://127.0.0.1:%d' % proxy.port)
        out = harness.run([need('wget', 'wget'), '-q', '-O', '-', '--no-config',
                           '--tries=1'] + list(args), env=env)
        return out

    def test_get_and_post(self):
        there = self.origin()
        proxy = self.forward()
        self.assertEqual(self.wget(proxy, there.url + '/x', there.url + '/y'),
                         b'GET /x HTTP/1.1\nGET /y HTTP/1.1\n')
        self.assertEqual(there.connections, 1)
        self.assertEqual(self.wget(proxy, '--post-data', 'p=1', there.url),
                         b'POST / HTTP/1.1\np=1')
        self.assertEqual(self.wget(proxy, '--method=DELETE', there.url),
                         b'DELETE / HTTP/1.1\n')

    def test_broken_off_and_resumed(self):
        """The second try asks for the rest."""
        data = os.urandom(MIB)

        def answer(conn, request):
            begin = request.get('range')
            if begin is None:
                conn.sendall(reply(data, 'Accept-Ranges: bytes')[:MIB // 2])
                return True
            at = int(begin.split('=')[1].strip('-'))
            conn.sendall(reply(data[at:], 'Content-Range: bytes %d-%d/%d' % (
                at, MIB - 1, MIB), status='206 Partial Content'))
        there = self.origin(answer)
        proxy = self.forward()
        path = os.path.join(self.directory(), 'out')
        env = harness.clean_env(http_proxy='http://127.0.0.1:%d' % proxy.port)
        harness.run([need('wget', 'wget'), '-q', '-O', path, '--no-config',
                     '--tries=3', '--waitretry=0', there.url + '/f'], env=env)
        with open(path, 'rb') as f:
            self.assertTrue(f.read() == data)
        self.assertEqual(len(there.requests), 2)


NODE = '''
const http = require('http');
const [proxy, origin] = process.argv.slice(1).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const url = 'http://127.0.0.1:' + origin;
function ask(method, path, body, chunks) {
  return new Promise((good, bad) => {
    const r = http.request({ agent, host: '127.0.0.1', port: proxy, method,
      path: url + path, headers: { Host: '127.0.0.1:' + origin } }, a => {
        let text = '';
        a.setEncoding('utf8');
        a.on('data', d => text += d);
        a.on('error', bad);
        a.on('end', () => good({ status: a.statusCode, text,
          trailers: a.trailers, reused: r.reusedSocket }));
    });
    r.on('error', bad);
    if (chunks) for (const c of chunks) r.write(c);
    r.end(body);
  });
}
(async () => {
  const all = [];
  all.push(await ask('GET', '/one'));
  all.push(await ask('POST', '/two', 'end', ['first', 'second']));
  all.push(await ask('PUT', '/three', 'plain'));
  all.push(await ask('HEAD', '/four'));
  all.push(await ask('GET', '/trailers'));
  all.push(await ask('DELETE', '/last'));
  console.log(JSON.stringify(all));
  agent.destroy();
})();
'''


class Node(Forwarded):
    def test_agent(self):
        def answer(conn, request):
            if request.target == '/trailers':
                conn.sendall(reply(b'', 'Transfer-Encoding: chunked',
                                   length=False) +
                             chunked(b'x' * 9, end=b'0\r\nT: v\r\n\r\n'))
            else:
                tell(conn, request)
        there = self.origin(answer)
        all = json.loads(node(self, NODE, self.forward().port, there.port))
        self.assertEqual([a['status'] for a in all], [200] * 6)
        self.assertEqual([a['text'] for a in all], [
            'GET /one HTTP/1.1\n', 'POST /two HTTP/1.1\nfirstsecondend',
            'PUT /three HTTP/1.1\nplain', '', 'x' * 9,
            'DELETE /last HTTP/1.1\n'])
        self.assertEqual(all[4]['trailers'], {'t': 'v'})
        self.assertEqual([a['reused'] for a in all], [False] + [True] * 5)
        self.assertEqual(there.connections, 1)
        self.assertEqual(there.requests[1].framing, 'chunks')


class Python(Forwarded):
    def test_http_client(self):
        there = self.origin()
        c = http.client.HTTPConnection('127.0.0.1', self.forward().port,
                                       timeout=harness.PATIENCE)
        self.addCleanup(c.close)
        for method, body in (('GET', None), ('POST', b'abc'), ('HEAD', None),
                             ('PUT', iter([b'in ', b'parts']))):
            c.request(method, there.url + '/p', body=body,
                      headers={'Host': '127.0.0.1:%d' % there.port})
            sock = c.sock
            answer = c.getresponse()
            self.assertEqual(answer.status, 200)
            answer.read()
            self.assertIs(c.sock, sock)         # it was kept
        self.assertEqual(there.connections, 1)
        self.assertEqual([r.body for r in there.requests],
                         [b'', b'abc', b'', b'in parts'])

    def test_urllib(self):
        there = self.origin()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler(
            {'http': 'http://127.0.0.1:%d' % self.forward().port}))
        with opener.open(there.url + '/q', timeout=harness.PATIENCE) as answer:
            self.assertEqual(answer.read(), b'GET /q HTTP/1.1\n')
