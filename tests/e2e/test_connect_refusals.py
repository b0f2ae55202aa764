"""What tunnel-connect says of proxies that refuse, and of what is no proxy."""

import socket
import subprocess
import time

import harness
from harness import CONNECT, await_true, recv_until
from scripted import OK, Scripted


def reply(status, *fields, body=b''):
    return b''.join([b'HTTP/1.1 %s\r\n' % status.encode()] +
                    [f.encode('latin-1') + b'\r\n' for f in fields] +
                    [b'Content-Length: %d\r\n\r\n' % len(body), body])


class Refusals(Scripted):
    def says(self, said, status, *words, without=(), options=()):
        """What is said, in one line, when the proxy says this."""
        pieces = said if isinstance(said, list) else [said]

        def script(conn):
            for piece in pieces:
                conn.sendall(piece)
                time.sleep(0.05 if len(pieces) > 1 else 0)
            self.hold()
        p = self.connect(self.proxy(script), *options)
        out = p.stdout.read()
        self.assertEqual(p.wait(), status, p.said())
        self.assertEqual(out, b'')
        line = p.said()
        self.assertEqual(line.count('\n'), 1, line)
        self.assertTrue(line.startswith('tunnel-connect: '), line)
        self.assertLess(len(line), 500)
        self.assertIn('127.0.0.1:', line)
        self.assertFalse([c for c in line[:-1] if not ' ' <= c <= '~'], line)
        for word in words:
            self.assertIn(word, line)
        for word in without:
            self.assertNotIn(word, line)

    def test_redirections(self):
        for location, want, without in (
                ('https://portal.test:8443/login?token=sesame',
                 'points to portal.test:8443;', 'sesame'),
                ('http://user:sesame@portal.test', 'points to portal.test;',
                 'sesame'),
                ('http://a@b@portal.test/', 'points to portal.test;', 'a@'),
                ('//portal.test/x', 'points to portal.test;', '/x'),
                ('HTTP://[2001:db8::1]:80/', 'points to [2001:db8::1]:80;',
                 ' /'),
                ('http://' + 'x' * 3000 + '/', 'x' * 100 + ';', 'x' * 101),
                ('http://a\xc2\x9bb.test/', 'points to a?', '\x9b'),
                ('/login', '302 Found;', 'points'),
                ('http:///x', '302 Found;', 'points'),
                ('a/b//c', '302 Found;', 'points'),
                ('', '302 Found;', 'points')):
            with self.subTest(location=location):
                self.says(reply('302 Found', 'Location: ' + location), 4, want,
                          'login page', without=(without,))
        self.says(reply('307 Temporary Redirect'), 4, '307', 'login page')

    def test_location_that_goes_nowhere(self):
        self.says(reply('403 No', 'Location: http://portal.test/'), 4, '403',
                  without=('portal',))

    def test_portals(self):
        page = (b'<!DOCTYPE html><html><head><title>Welcome to the\n'
                b'\thotel</title></head></html>')
        html = ('Content-Type: text/html; charset=utf-8',)
        self.says(reply('511 Network Authentication Required', *html,
                        body=page), 4, '511', '(Welcome to the hotel)',
                  'login page')
        whole = reply('200 OK', *html, body=page)
        # In one piece, and in several.
        head = whole.index(b'<!')
        for pieces in ([whole], [whole[:head], page],
                       [whole[:head], page[:20], page[20:]]):
            self.says(pieces, 4, '200', 'web page', 'login page',
                      'target.test port 22')
        self.says(reply('200 OK', 'Content-Type: Text/HTML',
                        body=b'\r\n <html>'), 4, 'web page')
        self.says(reply('200 OK', 'Content-Type: application/xhtml+xml',
                        body=b'<?xml version="1.0"?>'), 4, 'web page')

    def test_no_portal(self):
        """Not every one who says so sends a page."""
        for field, first in (('text/html', b'SSH-2.0-x'),
                             ('text/html', b'<3'), ('text/html', b''),
                             ('text/plain', b'<html>'), ('', b'<html>'),
                             ('text/html', b'5\r\n<html'),
                             ('text/html\r\nTransfer-Encoding: chunked',
                              b'5\r\nSSH-2'),
                             ('text/html\r\nTransfer-Encoding: chunked',
                              b'5'),
                             ('text/html\r\nTransfer-Encoding: chunked',
                              b'a' * 90)):
            status, out, said = self.outcome(lambda conn: conn.sendall(
                b'HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n'
                % field.encode() + first))
            self.assertEqual((status, out, said), (0, first, ''))

    def test_tls_is_wanted(self):
        for text in ('400 The plain HTTP request was sent to HTTPS port',
                     "Reason: You're speaking plain HTTP to an SSL-enabled "
                     'server port.', 'Client sent an HTTP request to an HTTPS '
                     'server.'):
            self.says(reply('400 Bad Request', 'Content-Type: text/html',
                            body=text.encode()), 4, '400', 'https://')

    def test_advice(self):
        for status, word in (('400 Bad', '-v'), ('403 No', 'administrator'),
                             ('401 No', 'web server'), ('401 No', '--auth'),
                             ('403 No', 'other ports'), ('429 Slow', 'wait'),
                             ('405 No', 'web server'), ('404 x', 'web server'),
                             ('500 Unable to connect', 'port of the target'),
                             ('502 Bad', 'port of the target'),
                             ('418 Tea', '-v'), ('451 No', 'administrator'),
                             ('504 Late', 'port of the target')):
            self.says(reply(status), 4, status, word)

    def test_causes(self):
        """What a page or a field tells besides the first line, once."""
        html = 'Content-Type: text/html'
        stock = (b'<title>ERROR: The requested URL could not be retrieved'
                 b'</title>')
        for fields, body, words, without in (
                ((html,), b'<title>403 Forbidden</title>',
                 ('403 Forbidden;',), 'Forbidden ('),
                ((html,), b'<TITLE>forbidden</TITLE>', ('403 Forbidden;',),
                 'Forbidden ('),
                (('Content-Type: text/plain',), b'not you\n',
                 ('(not you)',), '403 Forbidden;'),
                ((html, 'X-Squid-Error: ERR_ACCESS_DENIED 0'), stock,
                 ('(ERR_ACCESS_DENIED)',), 'retrieved'),
                ((html, 'X-Squid-Error: ERR_ACCESS_DENIED 0'), b'',
                 ('(ERR_ACCESS_DENIED)',), 'retrieved'),
                ((html, 'X-Squid-Error: ERR_X 0'), b'<title>No SSH</title>',
                 ('(No SSH)',), 'ERR_X'),
                (('Proxy-Status: p; error=dns_error; rcode=NXDOMAIN',), b'',
                 ('(dns_error)',), 'NXDOMAIN'),
                (('Proxy-Status: p; error=dns_error',), b'<title>x</title>',
                 ('(x)',), 'dns'),
                (('Proxy-Status: p', 'X-Squid-Error: '), b'',
                 ('403 Forbidden;',), 'Forbidden (')):
            with self.subTest(fields=fields, body=body):
                self.says(reply('403 Forbidden', *fields, body=body), 4,
                          *words, without=(without,))

    def test_logins(self):
        """What a 407 offers, and what is to be done."""
        none = ('--auth', 'ntlm')
        for offers, options, *words in (
                (('Basic realm="a, NTLM", charset=x',), (), 'offers: Basic)',
                 '-u USER'),
                (('Negotiate, NTLM', 'Digest realm="x\\", y", nonce = z'), (),
                 'offers: Negotiate, NTLM, Digest)', '-u USER',
                 'or a Kerberos ticket'),
                ((' ,, Kerberos a=b , c = "d", Bearer e=f',), (),
                 'offers: Kerberos, Bearer)', 'not supported',
                 'administrator'),
                (('Negotiate realm="Basic"',), ('-u', 'u:p'),
                 'offers: Negotiate)', '--auth negotiate'),
                (('Digest realm=x, nonce=y', 'Basic'), none + ('-u', 'u:p'),
                 'offers: Digest, Basic)', 'not in --auth'),
                (('Negotiate',), none + ('-u', 'u:p'), '--auth negotiate'),
                ((), (), 'does not say of which kind', '--auth basic'),
                ((), none + ('-u', 'u:p'), "credentials of 'u'"),
                (('Basic',), ('-H', 'Proxy-Authorization: x sesame'),
                 'that -H gave', 'offers: Basic)')):
            with self.subTest(offers=offers, options=options):
                self.says(reply('407 Who', *('Proxy-Authenticate: ' + o
                                             for o in offers)), 5, '407 Who',
                          *words, options=options, without=('sesame',))
        self.says(reply('401 Who', 'WWW-Authenticate: Basic'), 5, '401 Who',
                  "rejected the credentials of 'u'",
                  options=('-u', 'u:p', '--auth', 'basic'))

    def test_others(self):
        for first, *words in (
                (b'SSH-2.0-OpenSSH_9.2\r\n', 'speaks SSH, not HTTP'),
                (b'220 mail.test ESMTP\r\n', 'speaks SMTP, not HTTP'),
                (b'220-mail.test ESMTP\r\n220 x\r\n', 'SMTP'),
                (b'220 (vsFTPd 3.0.3)\r\n', 'speaks FTP, not HTTP'),
                (b'220 hello\r\n', 'SMTP or FTP'),
                (b'+OK ready\r\n', 'POP3'), (b'* OK ready\r\n', 'IMAP'),
                (b"-ERR unknown command 'CONNECT'\r\n", 'Redis'),
                (b'RFB 003.008\n', 'VNC'), (b'\xff\xfb\x01', 'Telnet'),
                (b'\x05\xff', 'SOCKS'), (b'\x00\x5b\0\0\0\0\0\0', 'SOCKS'),
                (b'\x15\x03\x01\x00\x02\x02\x28', 'speaks TLS', 'https://'),
                (b'\x16\x03\x03\x00\x30', 'speaks TLS', 'https://'),
                (b'\0\0\x12\x04\0\0\0\0\0', 'speaks HTTP/2', 'https://'),
                (b'who are you?\r\n', 'does not speak HTTP (who are you?)'),
                (b'HTT who\r\n', 'does not speak HTTP (HTT who)'),
                (b'\x01\x02\x03\x04', 'does not speak HTTP:'),
                (b'x' * 5000, '(' + 'x' * 40 + ')'),
                (b'\x1b[31mred\r\n', 'does not speak HTTP:')):
            with self.subTest(first=first):
                self.says(first, 6, *words)


class Keepalive(Scripted):
    def timer(self, p, port):
        """The timer of its connection to the proxy: what it is for, and the
        seconds until then."""
        with open('/proc/%d/net/tcp' % p.pid) as f:
            for line in f:
                fields = line.split()
                if fields[2].endswith(':%04X' % port) and fields[3] == '01':
                    kind, when = fields[5].split(':')
                    return int(kind), int(when, 16) / 100
        return None

    def test_times(self):
        for options, least, most in (
                (['--keepalive', '70'], 1, 70.1),
                (['--keepalive=1.5'], 0, 2.1),
                (['--keepalive', '0'], None, None)):
            proxy = self.opened(b'x')
            p = self.connect(proxy, *options)
            self.assertEqual(p.stdout.read(1), b'x')
            # What was sent last has been acknowledged.
            await_true(lambda: self.timer(p, proxy.port)[0] in (0, 2))
            kind, seconds = self.timer(p, proxy.port)
            if least is None:
                self.assertEqual(kind, 0)
            else:
                self.assertEqual(kind, 2)
                self.assertTrue(least <= seconds <= most, seconds)

    def test_mistakes(self):
        for value in ('soon', '-1', '40000', '', '1x'):
            p = self.start([CONNECT, '--keepalive', value, '-x', 'p', 'h:1'])
            self.assertEqual(p.wait(), 2)
            self.assertIn('--keepalive', p.said())
            self.assertEqual(p.said().count('\n'), 1)
