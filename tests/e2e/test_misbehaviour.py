"""Proxies as they are: what tunnel-connect makes of replies that no standard
has, or that one has and few have seen.

Whatever a page holds, it looks like the beginning of a tunnel here: so a byte of
it that got into the stream, or was taken for a reply, would be seen.

What such a proxy does, and where it is done to us; L is Logins here, O Openings
and F Failures in test_misbehaviour_ends, R Refusals in test_connect_refusals:

    replies by HTTP/1.0                        O.test_replies, L.test_every_form
    2xx with Content-Length or chunked         O.test_replies
    any reason phrase, or none                 O.test_replies
    lines that end in LF                       O.test_replies,
                                               L.test_lines_that_end_in_lf
    1xx before the reply                       O.test_replies,
                                               L.test_interim_replies
    407 with a page by Content-Length, chunked,
      to the end of the connection, of a wrong
      length or none, where [Proxy-]Connection
      says close, keep-alive, both or nothing  L.test_every_form,
                                               L.test_rejected_in_every_form
    407 with a page without end                L.test_page_that_never_ends
    407 with less than a page                  L.test_page_that_does_not_end
    407, and it closes though it said not to   L.test_closed_though...
    407, and it does not though it said so     L.test_kept_though...
    407 in pieces                              L.test_bytewise
    407, and silence once it has the password  L.test_no_reply_to_the_login
    407 without a word of what it wants        R.test_logins
    needs User-Agent, or Proxy-Connection      L.test_what_a_proxy_may_need
    403 and the like, with a page              F.test_refusals_in_every_form,
                                               R.test_causes, R.test_advice
    the same without end                       F.test_refusals_without_end
    30x                                        R.test_redirections
    a login page of the network                F.test_portal, R.test_portals
    SSH, TLS or another protocol               F.test_no_http, R.test_others
    what is no HTTP, or too much of it         F.test_malformed
    a reply that is cut short                  F.test_cut_short
    silence, and drops                         F.test_never_whole
    cuts off who is idle                       Idle in test_misbehaviour_ends,
                                               Keepalive beside R, -i in test_connect
"""

import itertools
import subprocess
import time

import harness
from harness import CONNECT, clean_env, recv_all, recv_until
from scripted import OK, Scripted, reset

PAGE = OK + b'WRONG' + OK
END = b'\r\n\r\n'


def chunked(body, trailers=b'', extension=b''):
    half = len(body) // 2
    return b''.join(b'%x%s\r\n%s\r\n' % (len(part), extension, part)
                    for part in (body[:half], body[half:])) + \
        b'0\r\n' + trailers + b'\r\n'


# Fields and the page that they frame; does either tell where it ends?
FRAMINGS = {
    'length': (b'Content-Length: %d' % len(PAGE), PAGE, True),
    'empty': (b'Content-Length: 0', b'', True),
    'chunked': (b'Transfer-Encoding: chunked', chunked(PAGE), True),
    'trailers': (b'Transfer-Encoding: Chunked', chunked(
        PAGE, b'Proxy-Authenticate: NTLM\r\nX: y\r\n'), True),
    'extensions': (b'Transfer-Encoding: chunked', chunked(
        PAGE, extension=b' ; a="b;"'), True),
    'close': (b'X: y', PAGE, False),
    'two lengths': (b'Content-Length: 0\r\nContent-Length: %d' % len(PAGE),
                    PAGE, False),
    'both': (b'Content-Length: 0\r\nTransfer-Encoding: chunked',
             chunked(PAGE), False),
    'no length': (b'Content-Length: many', PAGE, False),
    'other coding': (b'Transfer-Encoding: gzip', PAGE, False),
    'too long': (b'Content-Length: 999999', PAGE, False),
    'no chunk': (b'Transfer-Encoding: chunked', PAGE, False)}

# Fields; do they keep a connection of HTTP/1.0, and of HTTP/1.1?
PERSISTENCE = {
    b'': (False, True),
    b'Connection: close': (False, False),
    b'Proxy-Connection: close': (False, False),
    b'Connection: Keep-Alive': (True, True),
    b'Proxy-Connection: Keep-Alive': (True, True),
    b'Connection: x, keep-alive': (True, True),
    b'Connection: close\r\nProxy-Connection: keep-alive': (False, False),
    b'Connection: keep-alive\r\nProxy-Connection: close': (False, False)}


class Logins(Scripted):
    """A 407 of every form, and an answer to it."""

    OFFERS = (b'Basic realm="x"', b'Digest realm="x", nonce="y", qop="auth"')

    def asks(self, reply, then='stays', scheme=b'Basic', interim=b''):
        """A proxy that replies so, until somebody logs in by this scheme; then
        is what it does after a page: 'stays', 'closes', and 'closes late' or
        'resets late', which is when the next request has come; or a piece of
        the page, bytes, and a pause, after which it comes again and again."""
        self.heads, self.connections = [], 0

        def handler(conn):
            self.connections += 1
            late = False
            while True:
                first = conn.recv(1)
                if not first:
                    return
                head = first + recv_until(conn, END)
                self.heads.append(head)
                if late:
                    if then == 'resets late':
                        reset(conn)
                    return
                if b'\r\nProxy-Authorization: %s ' % scheme in head:
                    conn.sendall(interim + OK + b'inside')
                    recv_all(conn)
                    return
                conn.sendall(interim + reply)
                if then == 'closes':
                    return
                if isinstance(then, tuple):
                    self.drip(conn, *then)
                late = then.endswith('late')
        return self.serve(handler)

    def login(self, proxy, *options, user='User:Password'):
        """Its exit status, output and messages."""
        env = clean_env()
        del env['TUNNEL_PROXY_AUTH']
        p = self.start([CONNECT, '-x', '127.0.0.1:%d' % proxy.port, '-u',
                        user] + list(options) + ['target.test', '22'],
                       env=env, stdin=subprocess.PIPE)
        out, _ = p.popen.communicate(b'', timeout=harness.PATIENCE)
        return p.popen.returncode, out, p.said()

    def reply(self, framing, persistence=b'', version=11, offer=OFFERS[0]):
        fields, page, _ = FRAMINGS[framing]
        lines = [b'HTTP/1.%d 407 Proxy Authentication Required'
                 % (version % 10), b'Proxy-Authenticate: ' + offer, fields]
        if persistence:
            lines.append(persistence)
        return b'\r\n'.join(lines) + END + page

    def kept(self, framing, persistence, version):
        """Can the connection that this came on be used again?"""
        return FRAMINGS[framing][2] and \
            PERSISTENCE[persistence][version % 10] and \
            (version == 11 or b'Transfer' not in FRAMINGS[framing][0])

    def let_in(self, proxy, connections, *options):
        self.assertEqual(self.login(proxy, *options), (0, b'inside', ''))
        if connections is not None:
            self.assertEqual(self.connections, connections)

    def test_every_form(self):
        for framing, persistence, version in itertools.product(
                FRAMINGS, PERSISTENCE, (10, 11)):
            with self.subTest(framing=framing, persistence=persistence,
                              version=version):
                kept = self.kept(framing, persistence, version)
                self.let_in(self.asks(self.reply(framing, persistence,
                                                 version),
                                      'stays' if kept else 'closes'),
                            1 if kept else 2)

    def test_closed_though_it_was_to_be_kept(self):
        for framing, offer, then in itertools.product(
                ('length', 'empty', 'chunked', 'trailers'), self.OFFERS,
                ('closes', 'closes late', 'resets late')):
            with self.subTest(framing=framing, offer=offer, then=then):
                self.let_in(self.asks(self.reply(framing, offer=offer), then,
                                      offer.split()[0]), 2)

    def test_kept_though_it_was_to_be_closed(self):
        """Where the end of a page is that of the connection, and neither ever
        comes; and where a proxy forgets what it has said."""
        for framing, persistence in (('close', b''), ('both', b''),
                                     ('two lengths', b''),
                                     ('length', b'Connection: close')):
            with self.subTest(framing=framing):
                began = time.monotonic()
                self.let_in(self.asks(self.reply(framing, persistence)), 2)
                # Not for as long as -t lets it.
                self.assertLess(time.monotonic() - began, 25)

    def test_page_that_does_not_end(self):
        """Much of it is missing; some time passes, and another is asked."""
        began = time.monotonic()
        self.let_in(self.asks(self.reply('too long')), 2)
        self.assertLess(time.monotonic() - began, 25)

    def test_page_that_never_ends(self):
        """As fast as it is taken, or by drops; where the next request needs a
        connection of its own anyway, that makes no difference."""
        whole = OK + b'WRONG' * 1000
        for framing, field, piece in (
                ('close', b'', whole), ('two lengths', b'', whole),
                ('too long', b'Connection: close', whole),
                ('too long', b'', whole), ('chunked', b'', b'%x\r\n%s\r\n' % (
                    len(whole), whole))):
            top = self.reply(framing, field).partition(END)[0] + END
            if framing == 'too long':
                top = top.replace(b'999999', b'9' * 18)
            for pause in (0, 0.05):
                with self.subTest(framing=framing, field=field, pause=pause):
                    began = time.monotonic()
                    self.let_in(self.asks(top, (piece, pause)), 2)
                    self.assertLess(time.monotonic() - began, 25)

    def test_no_reply_to_the_login(self):
        """It has spoken HTTP before: so it is not for that."""
        for field in (b'', b'Connection: close'):
            for how, status, *words in (
                    ('closes', 6, 'closed the connection', '--auth'),
                    ('resets', 6, 'reset the connection', '--auth'),
                    ('begins', 6, 'closed the connection', '--auth'),
                    ('is silent', 7, 'within 3 seconds:', '-t')):
                self.heads = []

                def script(conn):
                    while b'Proxy-Authorization: Basic' not in self.heads[-1]:
                        conn.sendall(self.reply('empty', field))
                        if field:
                            return
                        self.heads.append(recv_until(conn, END))
                    if how == 'resets':
                        reset(conn)
                    elif how == 'begins':
                        conn.sendall(OK[:-3])
                    elif how == 'is silent':
                        self.hold()
                with self.subTest(field=field, how=how):
                    got, out, said = self.login(
                        self.proxy(script), '-t',
                        '3' if how == 'is silent' else '30')
                    self.assertEqual((got, out), (status, b''), said)
                    self.assertEqual(said.count('\n'), 1, said)
                    for word in ['asked for a login', 'by Basic'] + words:
                        self.assertIn(word, said)
                    for word in ('https://', 'no HTTP proxy', 'Password'):
                        self.assertNotIn(word, said)

    def test_lines_that_end_in_lf(self):
        for framing in ('length', 'empty', 'close'):
            top, _, page = self.reply(framing).partition(END)
            self.let_in(self.asks(top.replace(b'\r', b'') + b'\n\n' + page,
                                  'closes' if framing == 'close' else
                                  'stays'), 2 if framing == 'close' else 1)

    def test_bytewise(self):
        """Piece by piece, with the page at any distance from the head."""
        for framing in ('length', 'trailers'):
            reply = self.reply(framing)
            for cut in (1, 9, 40, reply.index(END) + 2, reply.index(END) + 4,
                        len(reply) - 1):
                self.heads = []

                def script(conn, cut=cut):
                    conn.sendall(reply[:cut])
                    time.sleep(0.02)
                    conn.sendall(reply[cut:])
                    recv_until(conn, END)
                    conn.sendall(OK + b'inside')
                    recv_all(conn)
                self.let_in(self.proxy(script), None)

    def test_interim_replies(self):
        """Before each final one."""
        interim = (b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n'
                   b'\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n'
                   b'Content-Length: 9\r\n\r\n')
        for framing in ('length', 'chunked'):
            self.let_in(self.asks(self.reply(framing), interim=interim), 1)

    def test_rejected_in_every_form(self):
        """The password is wrong: twice is enough, and it says so."""
        for framing, persistence in itertools.product(
                FRAMINGS, (b'', b'Connection: close')):
            with self.subTest(framing=framing, persistence=persistence):
                kept = self.kept(framing, persistence, 11)
                proxy = self.asks(self.reply(framing, persistence),
                                  'stays' if kept else 'closes', b'Never')
                status, out, said = self.login(proxy)
                self.assertEqual((status, out), (5, b''))
                self.assertIn('rejected', said)
                self.assertNotIn('WRONG', said)
                self.assertEqual(said.count('\n'), 1)
                self.assertEqual(len(self.heads), 2)

    def test_what_a_proxy_may_need(self):
        """Some turn away who has no User-Agent, some close unless they are told
        not to by a field that no standard has."""
        proxy = self.asks(self.reply('length'))
        self.let_in(proxy, 1)
        for head in self.heads:
            self.assertIn(b'\r\nUser-Agent: tunnel-connect/', head)
            self.assertIn(b'\r\nProxy-Connection: keep-alive\r\n', head)
            self.assertIn(b'\r\nHost: target.test:22\r\n', head)
