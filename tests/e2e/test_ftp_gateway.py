"""ftp-gateway in front of vsftpd, asked by curl and by a browser."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import unittest
import urllib.parse

import ftp
import harness
from gateways import HOST
from scripted import MIB

NAMES = ['plain.txt', 'with spaces.txt', '"quotes" & \'more\'.txt',
         '<b>bold</b>'.replace('/', '_'), 'gr\u00fc\u00dfe.txt', '100%.txt',
         'a;type=a', 'q?x=1#f', 'java:script', ' leading', '\u202egnp.exe']


class Served(ftp.Case):
    """vsftpd, and a gateway that is a proxy for it."""

    PASSWORD = None

    def setUp(self):
        super().setUp()
        self.server = ftp.Vsftpd(self.PASSWORD)
        self.addCleanup(self.server.stop)
        self.proxy(self.server)

    def write(self, *names, content=b''):
        return self.server.put(*names, content=content)

    def read(self, *names):
        with open(self.server.path(*names), 'rb') as f:
            return f.read()


class Files(Served):
    def test_get_and_head(self):
        path = self.write('pub', 'a.txt', content=b'hello\n')
        os.utime(path, (784111777, 784111777))
        for args in ([], ['--http1.0'], ['-I']):
            status, fields, content = self.fields('/pub/a.txt', *args)
            self.assertEqual(status, 200)
            self.assertEqual(fields['content-length'], '6')
            self.assertEqual(fields['content-type'], 'text/plain')
            self.assertEqual(fields['accept-ranges'], 'bytes')
            self.assertEqual(fields['last-modified'],
                             'Sun, 06 Nov 1994 08:49:37 GMT')
            self.assertIn('date', fields)
            self.assertEqual(content, '' if args == ['-I'] else 'hello\n')
        self.assertEqual(self.get('/pub/a.txt;type=i'), b'hello\n')
        # As text, whose lines end with CR LF on their way.
        self.assertEqual(self.get('/pub/a.txt;type=a'), b'hello\r\n')

    def test_questions_change_nothing(self):
        """vsftpd would set a time by MDTM."""
        path = self.write('a', content=b'hello')
        if os.geteuid() == 0:
            shutil.chown(path, 'nobody')
        before = os.stat(path).st_mtime
        self.assertEqual(self.status('/20000101000000%20a'), 404)
        self.assertEqual(os.stat(path).st_mtime, before)

    def test_empty(self):
        self.write('empty')
        self.assertEqual(self.fields('/empty')[2], '')

    def test_what_is_not_there(self):
        self.write('a')
        for path in ('/b', '/b/', '/b/c', '/a/b'):
            self.assertEqual(self.status(path), 404, path)
            self.assertEqual(self.status(path, '-I'), 404, path)
        self.assertIn(b'550', self.get('/b'))

    def test_conditions(self):
        path = self.write('a', content=b'hello')
        os.utime(path, (784111777, 784111777))
        same, later, before = ('Sun, 06 Nov 1994 08:49:3%d GMT' % i
                               for i in (7, 8, 6))
        for field, want in (('If-Modified-Since: ' + same, 304),
                            ('If-Modified-Since: ' + later, 304),
                            ('If-Modified-Since: ' + before, 200),
                            ('If-Modified-Since: some day', 200),
                            ('If-None-Match: *', 304),
                            ('If-None-Match: "x"', 200),
                            ('If-Match: *', 200), ('If-Match: "x"', 412),
                            ('If-Unmodified-Since: ' + before, 412),
                            ('If-Unmodified-Since: ' + same, 200)):
            self.assertEqual(self.status('/a', '-H', field), want, field)

    def test_ranges(self):
        content = bytes(range(256)) * 1000
        path = self.write('a', content=content)
        os.utime(path, (784111777, 784111777))
        n = len(content)
        for text, first, last in (('0-0', 0, 0), ('5-99', 5, 99),
                                  ('1000-', 1000, n - 1),
                                  ('-1', n - 1, n - 1),
                                  ('0-', 0, n - 1), ('200-999999', 200,
                                                     n - 1)):
            status, fields, _ = self.fields('/a', '-r', text)
            self.assertEqual(status, 206, text)
            self.assertEqual(fields['content-range'],
                             'bytes %d-%d/%d' % (first, last, n))
            self.assertEqual(self.get('/a', '-r', text),
                             content[first:last + 1], text)
        status, fields, _ = self.fields('/a', '-r', '%d-' % n)
        self.assertEqual((status, fields['content-range']),
                         (416, 'bytes */%d' % n))
        # Several: the whole; so it is when it has changed.
        self.assertEqual(self.get('/a', '-r', '0-1,5-6'), content)
        for date, want in (('7', 206), ('8', 200)):
            self.assertEqual(self.status(
                '/a', '-r', '0-1', '-H', 'If-Range: Sun, 06 Nov 1994 '
                '08:49:3%s GMT' % date), want)

    def test_put_and_delete(self):
        source = self.write('source', content=b'content\r\n\0' * 1000)
        self.write('sub', 'x')
        for path in ('new', 'sub/new'):
            self.assertEqual(self.status('/' + path, '-T', source), 201)
            self.assertEqual(self.read(path), self.read('source'))
            self.assertEqual(self.status('/' + path, '-T', source, '-H',
                                         'If-None-Match: *'), 412)
            # In chunks, as nobody tells how much it is.
            self.assertEqual(self.status('/' + path, '-T', source, '-H',
                                         'Transfer-Encoding: chunked'), 204)
            self.assertEqual(self.read(path), self.read('source'))
            self.assertEqual(self.status('/' + path, '-T', os.devnull), 204)
            self.assertEqual(self.read(path), b'')
            self.assertEqual(self.status('/' + path, '-X', 'DELETE'), 204)
            self.assertFalse(os.path.exists(self.server.path(path)))
            self.assertEqual(self.status('/' + path, '-X', 'DELETE'), 404)
            self.assertEqual(self.status('/' + path, '-T', source, '-H',
                                         'If-Match: *'), 412)

    def test_conditional_delete(self):
        """What is another file by now stays."""
        path = self.write('a', content=b'x')
        os.utime(path, (784111777, 784111777))
        self.server.mkdir('d')
        date = 'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:3%d GMT'
        for where, field, want in (
                ('/a', 'If-Match: "x"', 412), ('/a', date % 6, 412),
                ('/a', 'If-None-Match: *', 412), ('/d/', 'If-Match: "x"', 412),
                ('/b', 'If-Match: *', 412), ('/b', date % 7, 404),
                ('/a', date % 7, 204), ('/d/', 'If-Match: *', 204)):
            self.assertEqual(self.status(where, '-X', 'DELETE', '-H', field),
                             want, (where, field))
        self.assertEqual(os.listdir(self.server.root), [])

    def test_put_nowhere(self):
        source = self.write('source', content=b'x')
        self.server.mkdir('dir')
        self.assertEqual(self.status('/none/new', '-T', source), 409)
        self.assertEqual(self.status('/dir/', '-X', 'PUT', '-d', 'x'), 405)
        self.assertEqual(self.status('/new', '-T', source, '-H',
                                     'Content-Range: bytes 0-0/1'), 400)
        self.assertEqual(self.status('/dir', '-T', source), 403)
        self.assertEqual(sorted(os.listdir(self.server.root)),
                         ['dir', 'source'])

    def test_directories_deleted(self):
        self.write('full', 'x')
        self.server.mkdir('empty')
        self.assertEqual(self.status('/empty/', '-X', 'DELETE'), 204)
        self.assertEqual(self.status('/empty/', '-X', 'DELETE'), 404)
        self.assertEqual(self.status('/full/', '-X', 'DELETE'), 403)
        self.assertEqual(self.status('/', '-X', 'DELETE'), 403)
        self.assertEqual(os.listdir(self.server.root), ['full'])

    def test_one_connection(self):
        """Several requests after each other, on a connection that is kept."""
        self.write('a', content=b'1')
        self.write('b', content=b'2')
        url = self.base
        out = self.curl(*self.x, '-w', '%{num_connects}', url + '/a',
                        url + '/nope', url + '/b', url + '/')
        self.assertRegex(out.decode(), r'(?s)^11The.*\n020<!doctype.*\n0$')


class Large(Served):
    SIZE = 64

    def bounded(self):
        self.assertLess(self.g.resident(), 16 * MIB)

    def test_both_ways(self):
        digest = hashlib.sha256()
        with open(self.server.path('big'), 'wb') as f:
            for _ in range(self.SIZE):
                part = os.urandom(MIB)
                digest.update(part)
                f.write(part)
        got = os.path.join(self.server.dir, 'got')
        self.get('/big', '-o', got)
        self.assertEqual(self.digest(got), digest.hexdigest())
        self.bounded()
        self.assertEqual(self.status('/copy', '-T', got), 201)
        self.assertEqual(self.digest(self.server.path('copy')),
                         digest.hexdigest())
        self.bounded()

    def digest(self, path):
        with open(path, 'rb') as f:
            digest = hashlib.sha256()
            for part in iter(lambda: f.read(MIB), b''):
                digest.update(part)
            return digest.hexdigest()


class Pages(Served):
    def links(self, page):
        return re.findall(r"<a href='([^']*)'", page)

    def test_directory(self):
        for i, name in enumerate(NAMES):
            self.write('d', name, content=b'x' * i)
        self.server.mkdir('d', 'sub dir')
        status, fields, page = self.fields('/d/')
        self.assertEqual((status, fields['content-type']),
                         (200, 'text/html; charset=utf-8'))
        self.assertIn("default-src 'none'", fields['content-security-policy'])
        self.assertNotIn('<b>', page)
        links = self.links(page)
        self.assertEqual(sorted(links), sorted(
            ['../', 'sub%20dir/'] + [urllib.parse.quote(n, safe='')
                                     for n in NAMES]))
        # Each leads to what it says.
        for i, name in enumerate(NAMES):
            link = urllib.parse.quote(name, safe='')
            self.assertEqual(self.get('/d/' + link), b'x' * i, name)
        self.assertEqual(self.fields('/d/', '-I')[2], '')
        self.assertNotIn("'../'", self.get('/').decode())

    def test_redirect(self):
        self.server.mkdir('a', 'b c', 'd')
        for path, where in (('/a', 'a/'), ('/a/b%20c', 'b%20c/'),
                            ('/%61', 'a/'), ('/a;type=d', 'a/')):
            status, fields, _ = self.fields(path)
            self.assertEqual((status, fields['location']), (301, where))
        page = self.get('/a/b%20c', '-L').decode()
        self.assertEqual(self.links(page), ['../', 'd/'])
        self.assertIn('<title>ftp://%s:%d/a/b c/</title>'
                      % (HOST, self.server.port), page)
        self.assertEqual(self.links(self.get('/a/;type=d').decode()),
                         ['../', 'b%20c/'])

    def test_many(self):
        for i in range(5000):
            self.write('d', '%04d %s' % (i, 'n' * 100))
        page = self.get('/d/').decode()
        self.assertEqual(len(self.links(page)), 5001)
        self.assertTrue(page.endswith('</table>\n'))
        self.assertLess(self.g.resident(), 16 * MIB)

    def test_in_a_browser(self):
        chromium = harness.need('chromium', 'chromium')
        for name in NAMES:
            self.write('d', name)
        g = self.gateway('--server', '%s:%d' % (HOST, self.server.port))
        dom = subprocess.run(
            [chromium, '--headless', '--no-sandbox', '--disable-gpu',
             '--user-data-dir=' + self.directory(), '--dump-dom',
             self.url(g, '/d')], timeout=harness.PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        shown = re.findall(r'<bdi>(.*?)</bdi></a>', dom)
        self.assertEqual(sorted(shown), sorted(
            n.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
            for n in NAMES))


class Facts(ftp.Case):
    """A server with a user, and with MLSD."""

    def test_everything(self):
        server = ftp.Pyftpdlib('me', 'p:w@rd')
        self.addCleanup(server.stop)
        self.proxy(server)
        content = os.urandom(100000)
        for name in NAMES:
            os.utime(server.put('d', name, content=content),
                     (784111777, 784111777))
        self.assertEqual(self.status('/d/'), 401)
        me = ['-u', 'me:p:w@rd']
        page = self.get('/d', '-L', *me).decode()
        self.assertEqual(page.count("<span title='100000'>100.0 kB</span>"
                                    '<td>1994-11-06 08:49\n'), len(NAMES))
        for name in NAMES:
            path = '/d/' + urllib.parse.quote(name, safe='')
            self.assertEqual(self.get(path, *me), content, name)
            self.assertEqual(self.get(path, '-r', '-500', *me),
                             content[-500:], name)
            self.assertEqual(self.status(path, *me, '-X', 'DELETE'), 204)
            self.assertEqual(self.status(path, *me), 404)
            self.assertEqual(self.status(path, *me, '-T',
                                         server.put('x', content=content)),
                             201)
            with open(server.path('d', name), 'rb') as f:
                self.assertEqual(f.read(), content)


class Credentials(Served):
    PASSWORD = 'p@ss:w\u00f6rd'

    def test_login(self):
        self.write('a', content=b'hello')
        status, fields, _ = self.fields('/a')
        self.assertEqual((status, fields['www-authenticate']),
                         (401, 'Basic realm="FTP 127.0.0.1", '
                          'charset="UTF-8"'))
        ask = ['-u', 'anonymous:' + self.PASSWORD]
        self.assertEqual(self.status('/a', '-u', 'anonymous:no'), 401)
        # To a proxy curl sends what stands in an ftp:// URL, as it does -u.
        raw = b'GET ftp://%s@%s:%d/a HTTP/1.0\r\n%s\r\n'
        info = b'ftp:' + urllib.parse.quote(self.PASSWORD, safe='').encode()
        for userinfo, more, want in (
                (info, b'', b' 200 '), (b'ftp:no', b'', b' 401 '),
                (b'ftp:no', b'Authorization: Basic ' + self.basic() + b'\r\n',
                 b' 200 ')):
            reply = self.raw(self.g, raw % (userinfo, HOST.encode(),
                                            self.server.port, more))
            self.assertIn(want, reply.split(b'\r\n')[0])
        self.assertEqual(self.get('/a', *ask), b'hello')

    def basic(self):
        import base64
        return base64.b64encode(('ftp:' + self.PASSWORD).encode())


class Paths(Served):
    """With a server of its own it is an origin, and no proxy."""

    def test_paths(self):
        self.write('d', 'a.txt', content=b'hello')
        g = self.gateway('--server', '%s:%d' % (HOST, self.server.port))
        self.assertEqual(self.curl(self.url(g, '/d/a.txt?x')), b'hello')
        self.assertEqual(self.curl('-x', self.url(g, ''), 'http://any.test'
                                   '/d/a.txt'), b'hello')
        self.assertEqual(self.code('-x', self.url(g, ''), self.base + '/d/'),
                         400)
        page = self.curl('-L', self.url(g, '/d')).decode()
        self.assertIn('<title>/d/</title>', page)

    def test_commands(self):
        """Paths that would be commands, or climb."""
        s = socket.create_connection((HOST, self.g.port))
        s.close()
        for path in ('/a%0d%0aDELE%20b', '/a%0a', '/a%00', '/%', '/%zz',
                     '/a/../b', '/%2e%2e/b', '/..%2f'):
            self.assertEqual(self.status(path), 400, path)


if __name__ == '__main__':
    unittest.main()
