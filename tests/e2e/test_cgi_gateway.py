"""cgi-gateway: programs, what they are told and what becomes of what they say;
curl is the client."""

import os
import unittest

import harness
from gateways import Cgi

ENVIRONMENT = 'printf "Content-Type: text/plain\\n\\n"; env; echo ==; cat'
HEAD = 'printf "Content-Type: text/plain\\n\\n"\n'


class Told(Cgi):
    def setUp(self):
        super().setUp()
        self.program('env', ENVIRONMENT)
        self.program('sub/dir/env', ENVIRONMENT)

    def ask(self, g, path, *args):
        env, content = self.curl(self.url(g, path), *args).decode().split(
            '==\n', 1)
        pairs = dict(line.split('=', 1) for line in env.splitlines())
        pairs['content'] = content
        return pairs

    def test_get(self):
        g = self.cgi(env=harness.clean_env(PATH='/bin:/usr/bin', SECRET='x'))
        e = self.ask(g, '/env?a=b+c%20d')
        e.pop('PWD')
        port = e.pop('REMOTE_PORT')
        agent = e.pop('HTTP_USER_AGENT')
        self.assertTrue(port.isdigit() and agent.startswith('curl/'))
        version = e.pop('SERVER_SOFTWARE')
        self.assertRegex(version, r'^libtunnel/\d+\.\d+\.\d+$')
        for name in ('_', 'SHLVL', 'OLDPWD'):       # the shell's own
            e.pop(name, None)
        self.assertEqual(e, {
            'content': '', 'GATEWAY_INTERFACE': 'CGI/1.1',
            'HTTP_ACCEPT': '*/*', 'HTTP_HOST': '127.0.0.1:%d' % g.port,
            'PATH': '/bin:/usr/bin', 'QUERY_STRING': 'a=b+c%20d',
            'REMOTE_ADDR': '127.0.0.1', 'REMOTE_HOST': '127.0.0.1',
            'REQUEST_METHOD': 'GET', 'REQUEST_URI': '/env?a=b+c%20d',
            'SCRIPT_FILENAME': self.dir + '/env', 'SCRIPT_NAME': '/env',
            'SERVER_NAME': '127.0.0.1', 'SERVER_PORT': str(g.port),
            'SERVER_PROTOCOL': 'HTTP/1.1'})

    def test_post(self):
        e = self.ask(self.cgi(), '/env', '-d', 'x=1', '-H',
                     'Content-Type: a/b')
        self.assertEqual((e['REQUEST_METHOD'], e['CONTENT_LENGTH'],
                          e['CONTENT_TYPE'], e['content'],
                          e['QUERY_STRING']),
                         ('POST', '3', 'a/b', 'x=1', ''))
        self.assertNotIn('HTTP_CONTENT_LENGTH', e)

    def test_path_info(self):
        g = self.cgi('--root', '/srv')
        e = self.ask(g, '/sub/dir/env/a%20b//c?')
        self.assertEqual((e['SCRIPT_NAME'], e['PATH_INFO'],
                          e['PATH_TRANSLATED'], e['PWD']),
                         ('/sub/dir/env', '/a b//c', '/srv/a b//c',
                          self.dir + '/sub/dir'))
        e = self.ask(self.cgi(), '/env/')
        self.assertEqual((e['PATH_INFO'], e['PATH_TRANSLATED']),
                         ('/', self.dir + '/'))

    def test_fields(self):
        """Neither what is not to be told, nor what could be mistaken."""
        secret = ['-H', 'Proxy: http://evil', '-H', 'X_A: 1', '-H', 'X-A: 2',
                  '-H', 'X-A: 3', '-H', 'X.B: 1', '-H', 'Cookie: a=1',
                  '-H', 'Cookie: b=2', '-H', 'Proxy-Authorization: Basic x',
                  '-H', 'Connection: keep-alive', '-H', 'Keep-Alive: 1',
                  '-H', 'Upgrade: h2c', '-u', 'user:pass']
        e = self.ask(self.cgi(), '/env', *secret)
        said = {k: v for k, v in e.items() if k.startswith('HTTP_')
                and k not in ('HTTP_HOST', 'HTTP_USER_AGENT', 'HTTP_ACCEPT')}
        self.assertEqual(said, {'HTTP_X_A': '2, 3',
                                'HTTP_COOKIE': 'a=1; b=2'})
        self.assertFalse({'AUTH_TYPE', 'REMOTE_USER'} & set(e))
        e = self.ask(self.cgi('--pass-authorization'), '/env', *secret)
        self.assertEqual(e['HTTP_AUTHORIZATION'], 'Basic dXNlcjpwYXNz')

    def test_own_variables(self):
        g = self.cgi('--env', 'A=b=c', '--env', 'HERE', '--env', 'PATH=/bin',
                     env=harness.clean_env(HERE='y'))
        e = self.ask(g, '/env')
        self.assertEqual((e['A'], e['HERE'], e['PATH']),
                         ('b=c', 'y', '/bin'))

    def test_http10_and_absolute(self):
        g = self.cgi()
        e = self.ask(g, '/env', '--http1.0')
        self.assertEqual(e['SERVER_PROTOCOL'], 'HTTP/1.0')
        reply = self.raw(g, b'GET http://a.example:99/env HTTP/1.1\r\n'
                         b'Host: a.example:99\r\nConnection: close\r\n\r\n')
        self.assertIn(b'\nSERVER_NAME=a.example\n', reply)
        self.assertIn(b'\nSCRIPT_NAME=/env\n', reply)

    def test_unknown_length(self):
        """Chunked content is read to its end, or refused."""
        send = ['-H', 'Transfer-Encoding: chunked', '-d', 'abc']
        e = self.ask(self.cgi(), '/env', *send)
        self.assertNotIn('CONTENT_LENGTH', e)
        self.assertEqual(e['content'], 'abc')
        g = self.cgi('--need-length')
        self.assertEqual(self.code(self.url(g, '/env'), *send), 411)
        self.assertEqual(self.ask(g, '/env', '-d', 'abc')['content'], 'abc')


class Places(Cgi):
    def test_table(self):
        """Only programs, only below the directory, by one way of writing."""
        self.program('ok', HEAD + 'echo ok')
        self.program('sub/ok', HEAD + 'echo ok')
        self.program('no', HEAD, mode=0o644)
        self.program('nph-ok', 'printf "HTTP/1.0 200 OK\\r\\n\\r\\n"')
        self.program('.hidden', HEAD)
        self.program('sub/.git/ok', HEAD)
        self.program('../outside', HEAD + 'echo outside')
        self.program('a b', HEAD)
        os.symlink('../outside', self.dir + '/link')
        os.symlink('..', self.dir + '/up')
        os.symlink('sub/ok', self.dir + '/inside')
        os.symlink('nowhere', self.dir + '/dangling')
        os.mkfifo(self.dir + '/fifo')
        g = self.cgi()
        table = (
            ('/ok', 200), ('/sub/ok', 200), ('/ok/x', 200), ('/inside', 200),
            ('/a%20b', 200), ('/%6fk', 200), ('/ok/...', 200),
            ('/ok/.x', 200), ('/ok?/../x', 200), ('/ok?%00', 200),
            ('/', 404), ('/sub', 404), ('/sub/', 404), ('/none', 404),
            ('//ok', 404), ('/sub//ok', 404), ('/dangling', 404),
            ('/.hidden', 404), ('/sub/.git/ok', 404), ('/OK', 404),
            ('/sub%2fok', 404), ('/sub%2Fok', 404), ('/ok/a%2fb', 404),
            ('/no', 403), ('/nph-ok', 403), ('/link', 403),
            ('/up/outside', 403), ('/up/cgi/../outside', 400),
            ('/fifo', 403),
            ('/..', 400), ('/../outside', 400), ('/sub/../ok', 400),
            ('/./ok', 400), ('/sub/.', 400), ('/ok/..', 400),
            ('/ok/../../outside', 400), ('/%2e%2e/outside', 400),
            ('/.%2e/outside', 400), ('/%2E/ok', 400), ('/sub/%2e%2e/ok', 400),
            ('/%2e%2e%2foutside', 404), ('/..%2foutside', 404),
            ('/%252e%252e/outside', 404), ('/ok%00', 400), ('/%00', 400),
            ('/ok/%00/x', 400), ('/ok%0a', 400), ('/ok%7f', 400),
            ('/ok%', 400), ('/ok%2', 400), ('/ok%zz', 400), ('/%', 400),
            ('/..\\outside', 404), ('/' + 'a' * 300, 414))
        where = [a for path, _ in table
                 for a in ('-o', os.devnull, self.url(g, path))]
        codes = self.curl('-w', '%{http_code} %{num_connects}\n', *where)
        codes = codes.decode().splitlines()
        self.assertEqual(
            dict(zip((path for path, _ in table),
                     (int(c.split()[0]) for c in codes))), dict(table))
        # None of them has ended the connection.
        self.assertEqual(sum(int(c.split()[1]) for c in codes), 1)

    def test_methods(self):
        self.program('ok', HEAD + 'echo $REQUEST_METHOD')
        g = self.cgi()
        for method in ('DELETE', 'PUT', 'PATCH', 'OPTIONS', 'REPORT'):
            self.assertEqual(self.curl(self.url(g, '/ok'), '-X', method),
                             method.encode() + b'\n')
        self.assertEqual(self.code(self.url(g, '/ok'), '-X', 'TRACE'), 405)
        self.assertEqual(self.code(self.url(g, '/'), '-X', 'OPTIONS',
                                   '--request-target', '*'), 204)
        self.assertEqual(self.raw(g, b'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n'
                                  b'\r\n').split()[1], b'405')
        self.assertEqual(self.raw(g, b'GET https://a/ok HTTP/1.1\r\nHost: a'
                                  b'\r\nConnection: close\r\n\r\n')
                         .split()[1], b'421')
        fields = [a for i in range(300) for a in ('-H', 'A%d: b' % i)]
        self.assertEqual(self.code(self.url(g, '/ok'), *fields), 431)


class Replies(Cgi):
    """What a program says, and what curl sees of it."""

    def said(self, text, *args, status=0):
        self.program('p', text)
        got = self.curl('-i', self.url(self.g, '/p'), *args, status=status)
        head, _, body = got.decode('latin-1').partition('\r\n\r\n')
        lines = head.split('\r\n')
        fields = dict(line.split(': ', 1) for line in lines[1:])
        return int(lines[0].split()[1]) if lines[0] else 0, fields, body

    def setUp(self):
        super().setUp()
        self.g = self.cgi()

    def test_documents(self):
        status, fields, body = self.said(
            'printf "content-type:a/b\\r\\nX-B:  c \\r\\n\\r\\nx\\ny"')
        self.assertRegex(fields.pop('Date'), r'^\w{3}, \d\d \w{3} \d{4} '
                         r'\d\d:\d\d:\d\d GMT$')
        self.assertEqual((status, fields, body), (200, {
            'content-type': 'a/b', 'X-B': 'c',
            'Transfer-Encoding': 'chunked'}, 'x\ny'))
        status, fields, body = self.said(
            'printf "Status: 404 Gone fishing\\nContent-Length: 2\\n'
            'X-CGI-X: y\\nConnection: close\\nContent-Type: a/b\\n\\nno'
            ' more"')
        self.assertEqual((status, fields['Content-Length'], body),
                         (404, '2', 'no'))
        self.assertFalse({'Status', 'X-CGI-X', 'Connection'} & set(fields))
        self.assertEqual(self.said('printf "Status: 204\\n\\nx"')[::2],
                         (204, ''))

    def test_slow_head(self):
        """In single bytes, and together with content that looks like one."""
        self.program('p', """
import os, time
for c in b'Status: 201\\r\\nA: b\\r\\n\\r\\nStatus: 202\\n\\n':
    os.write(1, bytes([c]))
    time.sleep(0.001)
""", '/usr/bin/env python3')
        got = self.curl('-i', self.url(self.g, '/p'))
        self.assertTrue(got.startswith(b'HTTP/1.1 201 Created\r\n'), got)
        self.assertTrue(got.endswith(b'\r\n\r\nStatus: 202\n\n'), got)

    def test_redirects(self):
        self.program('env', ENVIRONMENT)
        status, fields, body = self.said(
            'printf "Location: /env/a?b=c\\n\\n"', '-d', 'x=1')
        self.assertEqual(status, 200)
        self.assertNotIn('Location', fields)
        for line in ('PATH_INFO=/a', 'QUERY_STRING=b=c',
                     'REQUEST_METHOD=GET', 'SCRIPT_NAME=/env'):
            self.assertIn(line + '\n', body)
        self.assertNotIn('CONTENT_', body)
        self.assertTrue(body.endswith('==\n'))
        for said, status, where in (
                ('Location: http://a.example/x', 302, 'http://a.example/x'),
                ('Location: /p\\nStatus: 303 See Other', 303, '/p'),
                ('Location: //a.example/', 302, '//a.example/')):
            got = self.said('printf "%s\\n\\n"' % said)
            self.assertEqual((got[0], got[1]['Location']), (status, where))
        self.assertEqual(self.said('printf "Location: /none\\n\\n"')[0], 404)
        self.assertEqual(self.said('printf "Location: /../x\\n\\n"')[0], 400)
        # Round and round.
        self.assertEqual(self.said('printf "Location: /p\\n\\n"')[0], 502)

    def test_no_reply(self):
        for text in (
                'exit 0', 'kill -9 $$', 'echo hello', 'echo', 'printf "a: b"',
                'printf "X-A: b\\n\\n"', 'printf "Content-Type: a/b\\n"',
                'printf "HTTP/1.1 200 OK\\nContent-Type: a/b\\n\\n"',
                'printf "Status: 99\\n\\n"', 'printf "Status: 101\\n\\n"',
                'printf "Status: 200\\nStatus: 201\\n\\n"',
                'printf "Status: 2000\\n\\n"', 'printf "Status: ok\\n\\n"',
                'printf "Content-Type: a/b\\nContent-Type: a/c\\n\\n"',
                'printf "Content-Type: a/b\\nTransfer-Encoding: x\\n\\n"',
                'printf "Content-Type: a/b\\nContent-Length: -1\\n\\n"',
                'printf "Content-Type: a/b\\nContent-Length: 1, 1\\n\\n"',
                'printf "Content-Type: a/b\\nHost: x\\n\\n"',
                'printf "Content-Type: a/b\\nA\\tB: x\\n\\n"',
                'printf "Content-Type: a/b\\n c: d\\n\\n"',
                'printf "Content-Type: a/b\\nA: \\001\\n\\n"',
                'printf "Content-Type: a/b\\nA: \\000\\n\\n"',
                'printf "Content-Type: a/b\\n"; head -c 70000 /dev/zero',
                'printf "Content-Type: a/b\\n"; yes "A: b"'):
            with self.subTest(text):
                self.assertEqual(self.said(text)[0], 502)

    def test_half_a_reply(self):
        """A reply that is not whole never looks like one."""
        for text, status in (
                (HEAD + 'echo half; kill -9 $$', 56),
                (HEAD + 'echo half; exit 1', 56),
                ('printf "Content-Type: a/b\\nContent-Length: 9\\n\\nhalf"',
                 56)):
            with self.subTest(text):
                self.assertIn('half', self.said(text, status=status)[2])
        self.program('p', HEAD + 'echo half; kill -9 $$')
        self.assertEqual(self.curl('--http1.0', self.url(self.g, '/p'),
                                   status=56), b'half\n')
        # It is whole, though the program takes its time or does not like it.
        for text in ('printf "Content-Type: a/b\\nContent-Length: 5\\n\\n'
                     'whole"; kill -9 $$',
                     HEAD + 'printf whole; exec >&-; exec sleep 20'):
            with self.subTest(text):
                self.assertEqual(self.said(text)[2], 'whole')

    def test_head(self):
        self.program('p', HEAD + 'echo body')
        self.program('sized', 'printf "Content-Type: a/b\\n'
                     'Content-Length: 1000\\n\\n"')
        url = self.url(self.g, '/p')
        out = self.curl('-I', url, '-I', self.url(self.g, '/sized'), '-I',
                        url, '-w', '%{num_connects}')
        self.assertEqual(out.count(b'HTTP/1.1 200 OK'), 3)
        self.assertNotIn(b'body', out)
        self.assertIn(b'Content-Length: 1000', out)

    def test_not_run(self):
        with open(self.dir + '/x', 'w') as f:
            f.write('#!/nonexistent/interpreter\n')
        os.chmod(self.dir + '/x', 0o755)
        self.assertEqual(self.code(self.url(self.g, '/x')), 502)
        harness.await_true(lambda: '/x: it cannot be run' in self.g.said())

    def test_log(self):
        g = self.cgi('-v')
        self.program('p', 'printf "bad \\033[1m\\nmore" >&2\n' + HEAD)
        self.assertEqual(self.code(self.url(g, '/p?q')), 200)
        harness.await_true(lambda: 'GET /p?q\n' in g.said())
        self.assertIn('cgi-gateway: /p: bad ?[1m\n'
                      'cgi-gateway: /p: more\n', g.said())
        self.assertRegex(g.said(), r'127\.0\.0\.1 200 0 \d+ \d+\.\d{3} ok '
                         r'GET /p\?q\n')


if __name__ == '__main__':
    unittest.main()
