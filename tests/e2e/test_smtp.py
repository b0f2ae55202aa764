"""Mail through a tunnel: a dialogue in which the server speaks first."""

import os
import smtplib
import socket

import harness
import peers
from harness import recv_all
from scripted import OK, Scripted

GREETING = b'220 mail.test ESMTP ready\r\n'

# Lines that begin with dots, an empty one, and enough to fill every buffer.
MAIL = (b'Subject: dots\r\n\r\n.one\r\n..two\r\n\r\n' +
        b'A line of the mail.\r\n' * 20000 + b'.\r\nlast\r\n')


class MailServer:
    """As much of SMTP as a mail needs; the mails are kept."""

    def __init__(self):
        self.mails = []

    def __call__(self, conn, before=b''):
        conn.sendall(before + GREETING)
        with conn.makefile('rb') as lines:
            for line in lines:
                word = line.split()[0].upper()
                if word == b'DATA':
                    conn.sendall(b'354 go on\r\n')
                    conn.sendall(b'250 took %d bytes\r\n' % self.take(lines))
                elif word == b'QUIT':
                    conn.sendall(b'221 bye\r\n')
                    return
                else:
                    conn.sendall(b'250 ok\r\n')

    def take(self, lines):
        body = []
        for line in lines:
            if line == b'.\r\n':
                break
            body.append(line[1:] if line.startswith(b'.') else line)
        self.mails.append(b''.join(body))
        return len(self.mails[-1])


class Smtp(Scripted):
    def mail_to(self, server, proxy, target):
        """Send a mail with tunnel-connect's standard input and output, one
        socket, in place of a connection."""
        ours, theirs = socket.socketpair()
        ours.settimeout(harness.PATIENCE)

        class Client(smtplib.SMTP):
            def _get_socket(self, *_):
                return ours
        p = self.connect(proxy, target=target, stdin=theirs, stdout=theirs)
        theirs.close()
        client = Client('mail.test', 25, 'me.test')
        refused = client.sendmail('a@me.test', ['b@mail.test'], MAIL)
        self.assertEqual(refused, {})
        self.assertEqual(client.docmd('QUIT')[0], 221)
        # The server has closed: so does our end, and it ends.
        self.assertEqual(recv_all(ours), b'')
        self.assertEqual((p.wait(), p.said()), (0, ''))
        client.close()
        ours.close()
        self.assertEqual(len(server.mails), 1)
        self.assertTrue(server.mails == [MAIL])

    def through(self, name):
        server = MailServer()
        proxy = peers.PROXIES[name]()
        self.addCleanup(proxy.stop)
        origin = self.serve(server)
        self.mail_to(server, proxy, ('127.0.0.1', str(origin.port)))

    def test_squid(self):
        self.through('squid')

    def test_tinyproxy(self):
        self.through('tinyproxy')

    def test_tunnel_proxy(self):
        self.through('tunnel-proxy')

    def test_greeting_glued_to_the_200(self):
        server = MailServer()
        proxy = self.proxy(lambda conn: server(conn, OK))
        self.mail_to(server, proxy, ('mail.test', '25'))
        self.assertTrue(self.heads[0].startswith(b'CONNECT mail.test:25 '))

    def test_server_that_gives_up(self):
        """What the server says last arrives, though nobody has spoken."""
        origin = self.serve(lambda conn: conn.sendall(
            b'421 too busy\r\n' + os.urandom(100000)))
        proxy = peers.TunnelProxy()
        self.addCleanup(proxy.stop)
        p = self.connect(proxy, target=('127.0.0.1', str(origin.port)))
        self.assertEqual(p.stdout.readline(), b'421 too busy\r\n')
        self.assertEqual(len(p.stdout.read()), 100000)
        self.assertEqual(p.wait(), 0)
