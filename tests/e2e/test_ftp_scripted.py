"""ftp-gateway and servers that are unlike vsftpd; and who may be reached through
it at all."""

import os
import socket
import unittest

import ftp
import harness
from ftp import CONTENT, file_of
from gateways import HOST
from harness import await_true


class Replies(ftp.Scripted):
    def test_bytewise(self):
        """Each byte of each reply by itself, and replies of many lines."""
        s = self.ftp({**file_of(CONTENT),
                      'greeting': '220-hello\r\n221 not yet\r\n 220 nor '
                      'here\r\n220 now', 'PASS': '230-in\r\n\r\n230 yes'},
                     bytewise=True)
        self.proxy(s)
        self.assertEqual(self.get('/d/f'), CONTENT)
        await_true(lambda: s.names()[-1] == 'QUIT')
        self.assertEqual(s.names(), ['USER', 'PASS', 'TYPE', 'CWD', 'SIZE',
                                     'MDTM', 'EPSV', 'RETR', 'QUIT'])
        self.assertEqual(s.heard[:3], [b'USER anonymous', b'PASS anonymous@',
                                       b'TYPE I'])

    def test_old_server(self):
        """One that knows what RFC 959 has, and no more."""
        def pasv(s, _):
            port = s.listen()
            return '227 =10,1,2,3,%d,%d' % divmod(port, 256)
        old = {'SIZE': '500 ?', 'MDTM': '500 ?', 'EPSV': '500 ?',
               'CWD': lambda s, name: '250 ok' if name == b'd' else '550 no',
               'REST': '502 ?', 'PASV': pasv,
               'LIST': lambda s, _: s.send(b'total 2\r\n-rw-r--r-- 1 a b 5 '
                                           b'Jan  2  2020 x y\r\nrubbish\r\n'),
               'RETR': lambda s, _: s.send(CONTENT)}
        self.proxy(self.ftp(old))
        status, fields, content = self.fields('/d/f', '-r', '5-')
        self.assertEqual((status, fields.get('transfer-encoding')),
                         (200, 'chunked'))
        self.assertEqual(content, CONTENT.decode('latin-1'))
        self.assertEqual(self.status('/d/f', '-I'), 200)
        page = self.get('/d/').decode()
        self.assertIn("<a href='x%20y'>", page)
        self.assertIn('1 lines', page)

    def test_facts(self):
        """MLSD, which vsftpd has not; its last line does not end."""
        lines = (b'type=cdir; .\r\ntype=pdir; ..\r\ntype=dir; d d\r\n'
                 b'type=file;size=1500;modify=20260203040506; \xff<\r\n'
                 b'type=file; ../../x\r\ntype=file; last')
        self.proxy(self.ftp({'MLSD': lambda s, _: s.send(lines)}))
        page = self.get('/', '-o', '-').decode()
        rows = page[page.index('Modified'):].split('\n')[1:4]
        self.assertEqual(rows, [
            "<tr><td><a href='d%20d/'><bdi>d d</bdi>/</a><td><td>",
            "<tr><td><a href='%FF%3C'><bdi>\ufffd&#60;</bdi></a><td>"
            "<span title='1500'>1.5 kB</span><td>2026-02-03 04:05",
            "<tr><td><a href='last'><bdi>last</bdi></a><td><td>"])

    def test_ipv6(self):
        try:
            s = self.ftp(file_of(CONTENT), family=socket.AF_INET6)
        except OSError:
            self.skipTest('no IPv6 here')
        g = self.gateway('--allow', '[::1]:%d' % s.port)
        self.assertEqual(self.curl('-x', 'http://%s:%d' % (HOST, g.port),
                                   'ftp://[::1]:%d/f' % s.port), CONTENT)

    def test_range_without_rest(self):
        self.proxy(self.ftp({**file_of(CONTENT), 'REST': '502 ?'}))
        status, fields, content = self.fields('/f', '-r', '5-')
        self.assertEqual((status, content),
                         (200, CONTENT.decode('latin-1')))

    def test_statuses(self):
        for name, reply, want in (
                ('greeting', '421 full', 503), ('USER', '530 no', 401),
                ('PASS', '530 no', 401), ('USER', '534 use TLS', 502),
                ('CWD', '550 no', 404), ('EPSV', '425 no', 502),
                ('RETR', '451 broken', 502), ('RETR', '450 busy', 503),
                ('RETR', '550 no', 403), ('SIZE', '421 bye', 503)):
            with self.subTest(name=name, reply=reply):
                replies = {**file_of(CONTENT), name: reply}
                if name == 'RETR' and reply.startswith('550'):
                    replies['CWD'] = lambda s, arg: (
                        '550 no' if arg == b'f' else '250 ok')
                self.proxy(self.ftp(replies))
                self.assertEqual(self.status('/d/f'), want)

    def test_text_of_the_server(self):
        """It is text, and steers nothing."""
        self.proxy(self.ftp({'USER': b'530 <b>\x1b[2J\xff no\r\n'}))
        status, fields, content = self.fields('/f')
        self.assertEqual((status, fields['content-type'],
                          fields['x-content-type-options'], content),
                         (401, 'text/plain; charset=utf-8', 'nosniff',
                          'The FTP server says: 530 <b>?[2J? no\n'))

    def test_no_ftp(self):
        for greeting in (b'SSH-2.0-x\r\n', b'HTTP/1.1 200 OK\r\n\r\n',
                         b'\0' * 100 + b'\n', b'220-' + b'x' * 100000):
            self.proxy(self.ftp({'greeting': greeting}))
            self.assertEqual(self.status('/f'), 502)
        self.proxy(self.serve(lambda conn: None))
        self.assertEqual(self.status('/f'), 502)


class Reach(ftp.Scripted):
    """Who may be reached, and where a server can lead."""

    def test_other_address(self):
        """A PASV that names another host: its port is taken, and no more."""
        ours, victim = self.twins()
        port = ours.getsockname()[1]

        def pasv(s, _):
            s.listener = ours
            return '227 ok (127,0,0,2,%d,%d)' % divmod(port, 256)
        self.proxy(self.ftp({**file_of(CONTENT), 'EPSV': '500 ?',
                             'PASV': pasv}))
        self.assertEqual(self.get('/f'), CONTENT)
        with self.assertRaises(BlockingIOError):
            victim.accept()

    def twins(self):
        """Listeners on one port of two addresses."""
        for _ in range(20):
            pair = [socket.socket(), socket.socket()]
            for s in pair:
                self.addCleanup(s.close)
            pair[0].bind((HOST, 0))
            pair[0].settimeout(harness.PATIENCE)
            pair[1].setblocking(False)
            try:
                pair[1].bind(('127.0.0.2', pair[0].getsockname()[1]))
            except OSError:
                continue        # it is somebody else's
            for s in pair:
                s.listen(1)
            return pair
        raise AssertionError('no port is free twice')

    def test_other_ports(self):
        for replies in ({'EPSV': '229 (|||22|)'}, {'EPSV': '229 (|||1023|)'},
                        {'EPSV': '500 ?', 'PASV': '227 (127,0,0,1,0,25)'},
                        {'EPSV': '229 (|||0|)'}, {'EPSV': '229 hello'}):
            self.proxy(self.ftp({**file_of(CONTENT), **replies}))
            self.assertEqual(self.status('/f'), 502, replies)

    def test_policy(self):
        """Private addresses and other ports need a rule."""
        s = self.ftp(file_of(CONTENT))
        g = self.gateway()
        x = ['-x', 'http://%s:%d' % (HOST, g.port)]
        for where in ('127.0.0.1:%d' % s.port, 'localhost:%d' % s.port,
                      '127.0.0.1', 'localhost', '[::1]', '10.0.0.1',
                      'ftp.example:22', '169.254.169.254'):
            self.assertEqual(self.code(*x, 'ftp://%s/f' % where), 403, where)
        self.assertEqual(s.heard, [])
        # A name that leads to such an address is none the better.
        g = self.gateway('--allow', '*:*')
        self.assertEqual(self.code('-x', 'http://%s:%d' % (HOST, g.port),
                                   'ftp://localhost:%d/f' % s.port), 403)
        self.assertEqual(s.conns, [])

    def test_other_requests(self):
        s = self.ftp({**file_of(CONTENT), 'MLSD': lambda s, _: s.send(b'')})
        self.proxy(s)
        at = b'%s:%d' % (HOST.encode(), s.port)
        for line, want in ((b'GET http://%s/f', 400), (b'GET /f', 400),
                           (b'GET http://%s/ftp://%s/' , 400),
                           (b'POST ftp://%s/f', 405), (b'OPTIONS *', 405),
                           (b'CONNECT %s', 405), (b'GET ftp://%s', 200),
                           (b'HEAD ftp://%s/f', 200)):
            line = line.replace(b'%s', at)
            reply = self.raw(self.g, line + b' HTTP/1.1\r\nHost: ' + at +
                             b'\r\nConnection: close\r\n\r\n')
            self.assertTrue(reply.startswith(b'HTTP/1.1 %d ' % want),
                            (line, reply))

    def test_no_commands(self):
        s = self.ftp(file_of(CONTENT))
        self.proxy(s)
        for path in (b'a%0d%0aDELE%20b', b'a%0A', b'a%00', b'%zz'):
            reply = self.raw(self.g, b'GET %s/%s HTTP/1.0\r\n\r\n'
                             % (self.base.encode(), path))
            self.assertIn(b' 400 ', reply)
        for userinfo in (b'a%0d%0aDELE%20b:c', b'a:%0ac'):
            reply = self.raw(self.g, b'GET ftp://%s@%s:%d/f HTTP/1.0\r\n\r\n'
                             % (userinfo, HOST.encode(), s.port))
            self.assertIn(b' 400 ', reply)
        self.assertEqual(s.conns, [])

    def test_telnet_bytes(self):
        s = self.ftp(file_of(CONTENT))
        self.proxy(s)
        self.get('/%ff%f4')
        self.assertIn(b'RETR \xff\xff\xf4', s.heard)

    def test_not_to_another_host(self):
        """A directory whose path looks like a host."""
        s = self.ftp()
        g = self.gateway('--server', '%s:%d' % (HOST, s.port))
        for path in (b'//evil.test', b'/%2Fevil.test', b'//evil.test/x:y'):
            reply = self.raw(g, b'GET %s HTTP/1.0\r\nHost: x\r\n\r\n' % path)
            self.assertIn(b' 301 ', reply)
            self.assertRegex(reply, rb'\r\nLocation: [%\w.]+/\r\n')


class Options(ftp.Scripted):
    def test_misuse(self):
        for args in (['x'], ['--server', ''], ['--server', 'a:b'],
                     ['--server', 'a', '--allow', 'b'], ['--allow', '!'],
                     ['--ftp-timeout', 'x'], ['--nope']):
            p = self.start([os.path.join(harness.BUILD, self.NAME), *args])
            self.assertEqual(p.wait(), 2, args)
            self.assertIn('see ftp-gateway --help', p.said())


if __name__ == '__main__':
    unittest.main()
