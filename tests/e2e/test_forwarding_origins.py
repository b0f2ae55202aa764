"""Servers that people run, behind tunnel-proxy --forward."""

import functools
import gzip
import http.server
import os
import re
import threading

import harness
from forwarding import ApacheFiles, Forwarded, Nginx, script
from harness import lines_of
from scripted import MIB

TEXT = os.urandom(MIB // 2).hex().encode()     # it shrinks, but not to nothing


class Files:
    """What servers of files have in common; curl asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.SERVER()
        cls.addClassCleanup(cls.there.stop)
        cls.url = 'http://127.0.0.1:%d/' % cls.there.port
        cls.data = os.urandom(3 * MIB + 7)
        www = os.path.join(cls.there.dir, 'www')
        for name, data in (('data', cls.data), ('text.txt', TEXT),
                           ('empty', b'')):
            with open(os.path.join(www, name), 'wb') as f:
                f.write(data)

    def setUp(self):
        super().setUp()
        self.through = self.forward()

    def get(self, name, *args, **kwargs):
        return self.curl(self.through, *args, self.url + name, **kwargs)

    def code(self, name, *args):
        return self.get(name, '-o', os.devnull, '-w', '%{http_code}', *args)

    def test_whole(self):
        self.assertTrue(self.get('data') == self.data)
        self.assertTrue(self.get('data', '--http1.0') == self.data)
        self.assertEqual(self.get('empty'), b'')
        self.assertEqual(self.code('nothing'), b'404')

    def test_head(self):
        head = self.get('data', '-I')
        self.assertIn(b'\r\nContent-Length: %d\r\n' % len(self.data), head)
        self.assertIn(b'HTTP/1.1 200 OK\r\n', head)

    def test_ranges(self):
        self.assertTrue(self.get('data', '-r', '5-99999') ==
                        self.data[5:100000])
        self.assertTrue(self.get('data', '-r', '-10') == self.data[-10:])
        self.assertEqual(self.code('data', '-r', '9999999-'), b'416')
        several = self.get('data', '-r', '0-0,5-6')
        self.assertEqual(several.count(b'Content-Range:') +
                         several.count(b'Content-range:'), 2)

    def test_not_modified(self):
        head = self.get('data', '-I').decode()
        tag = re.search('ETag: (.*)\r', head).group(1)
        date = re.search('Last-Modified: (.*)\r', head).group(1)
        for field in ('If-None-Match: ' + tag, 'If-Modified-Since: ' + date):
            self.assertEqual(self.code('data', '-H', field), b'304')
            # Nothing behind its head is taken for the next one.
            c = self.client(self.through)
            for f, status in ((field, 304), ('X: y', 200), (field, 304)):
                self.assertEqual(c.ask('GET', self.url + 'data', f).status,
                                 status)
        self.assertEqual(self.code('data', '-H', 'If-Match: "x"'), b'412')

    def test_chunks(self):
        """What is compressed as it goes has no length."""
        head = self.get('zip/text.txt', '-H', 'Accept-Encoding: gzip', '-D',
                        '-', '-o', os.devnull)
        self.assertIn(b'\r\nContent-Encoding: gzip\r\n', head)
        self.assertIn(b'\r\nTransfer-Encoding: chunked\r\n', head)
        self.assertTrue(self.get('zip/text.txt', '--compressed') == TEXT)
        raw = self.get('zip/text.txt', '-H', 'Accept-Encoding: gzip')
        self.assertTrue(gzip.decompress(raw) == TEXT)

    def test_one_connection(self):
        """As the server counts it: one for all of a client's requests."""
        log = os.path.join(self.there.dir, 'log')
        # Told apart from earlier ones, whose lines may come now.
        names = [name + '?ours' for name in (
            'data', 'empty', 'nothing', 'zip/text.txt', 'text.txt')] * 2
        out = self.get(names[0], '-w', '%{num_connects}', '-o', os.devnull, *[
            word for n in names[1:] for word in (
                '-o', os.devnull, self.url + n)])
        self.assertEqual(out, b'1' + b'0' * 9)

        def ours():
            return [line.split()[0] for line in lines_of(log)
                    if '?ours' in line]
        harness.await_true(lambda: len(ours()) == 10)
        self.assertEqual(len(set(ours())), 1)

    def test_many_at_once(self):
        urls = [self.url + 'text.txt'] * 40
        out = self.get('text.txt', '--parallel', '--parallel-max', '10',
                       '--no-progress-meter', '-w', '%{http_code} ', *[
                           w for u in urls for w in ('-o', os.devnull, u)],
                       '-o', os.devnull)
        self.assertEqual(out.split(), [b'200'] * 41)


class BehindNginx(Files, Forwarded):
    SERVER = Nginx

    def test_put_and_delete(self):
        path = self.file('up', self.data)
        self.assertEqual(self.code('put/new', '-T', path), b'201')
        self.assertTrue(self.get('put/new') == self.data)
        self.assertEqual(self.code('put/new', '-X', 'DELETE'), b'204')
        self.assertEqual(self.code('put/new'), b'404')


class BehindApache(Files, Forwarded):
    SERVER = ApacheFiles

    def test_program(self):
        """Its output has no length; its input comes in chunks as well.  apache2
        gives it all of that before it reads any."""
        name = script(self.there, 'cgi/back', 'all=$(cat); printf "Content-'
                      'Type: text/plain\\r\\n\\r\\n%s" "$all"\n')
        path = self.file('up', TEXT)
        for args in (('--data-binary', '@' + path),
                     ('--data-binary', '@' + path, '-H',
                      'Transfer-Encoding: chunked'), ('-T', path)):
            self.assertTrue(self.get('cgi/back', '-X', 'POST', *args) == TEXT,
                            name)

    def test_options_and_trace(self):
        self.assertIn(b'HTTP/1.1 200 ', self.get(
            '', '-X', 'OPTIONS', '-i', '--request-target', self.url[:-1]))
        out = self.get('data', '-X', 'OPTIONS', '-i')
        self.assertRegex(out, b'\r\nAllow: [A-Z,]*GET')
        out = self.get('some', '-X', 'TRACE', '-H', 'Max-Forwards: 1')
        self.assertTrue(out.startswith(b'TRACE /some HTTP/1.1\r\n'), out)
        self.assertIn(b'\r\nMax-Forwards: 0\r\n', out)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length']))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


class BehindPython(Forwarded):
    """HTTP/1.0: each reply ends with its connection."""

    def setUp(self):
        super().setUp()
        self.dir = self.directory()
        with open(os.path.join(self.dir, 'text'), 'wb') as f:
            f.write(TEXT)
        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), functools.partial(Quiet, directory=self.dir))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = 'http://127.0.0.1:%d/' % server.server_address[1]

    def test_client_is_kept(self):
        """Where the length is known, or chunks can say the end."""
        out = self.curl(self.forward(), '-w', '%{num_connects}%{http_version}|',
                        *[self.url + 'text'] * 3)
        self.assertEqual(out, TEXT + b'11.1|' + TEXT + b'01.1|' +
                         TEXT + b'01.1|')
        path = self.file('up', TEXT)
        c = self.client(self.forward())
        for _ in range(2):
            answer = c.ask('POST', self.url, body=TEXT)
            self.assertEqual(answer.framing, 'chunks')
            self.assertTrue(answer.body == TEXT, path)
        self.assertIn('1.0 ', answer.get('via'))

    def test_http_1_0_on_both_sides(self):
        proxy = self.forward()
        self.assertTrue(self.curl(proxy, '-0', self.url + 'text') == TEXT)
        out = self.curl(proxy, '-0', '-d', 'abc', '-i', self.url)
        self.assertTrue(out.endswith(b'\r\n\r\nabc'))
        self.assertIn(b'\r\nConnection: close\r\n', out)
