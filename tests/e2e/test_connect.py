"""tunnel-connect against proxies that behave, misbehave and vanish."""

import os
import pty
import signal
import socket
import struct
import subprocess
import time

import harness
from harness import await_true, clean_env, recv_all, recv_until

OK = b'HTTP/1.1 200 Connection established\r\n\r\n'
SECRET = 'open sesame'


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    conn.close()


class Scripted(harness.Case):
    def proxy(self, script):
        """A proxy that reads the request's head and then does as it likes;
        the heads are kept in self.heads."""
        self.heads = []

        def handler(conn):
            self.heads.append(recv_until(conn, b'\r\n\r\n'))
            script(conn)
        return self.serve(handler)

    def connect(self, proxy, *options, target=('target.test', '22'), **kwargs):
        return self.start([harness.CONNECT, '-x', 'http://127.0.0.1:%d'
                           % proxy.port] + list(options) + list(target),
                          **kwargs)

    def outcome(self, script, *options, stdin=b'', **kwargs):
        """Run it to its end: exit status, output, messages."""
        p = self.connect(self.proxy(script), *options,
                         stdin=subprocess.PIPE, **kwargs)
        out, _ = p.popen.communicate(stdin, timeout=harness.PATIENCE)
        return p.popen.returncode, out, p.said()


class Replies(Scripted):
    def opens(self, *pieces):
        def script(conn):
            for piece in pieces:
                conn.sendall(piece)
                if len(pieces) > 1:
                    time.sleep(0.001)
        status, out, said = self.outcome(script)
        self.assertEqual((status, said), (0, ''))
        return out

    def test_greeting_glued(self):
        self.assertEqual(self.opens(OK + b'SSH-2.0-x\r\n'), b'SSH-2.0-x\r\n')

    def test_dribbled(self):
        reply = OK + b'hi'
        self.assertEqual(self.opens(*[reply[i:i + 1]
                                      for i in range(len(reply))]), b'hi')

    def test_interim(self):
        self.assertEqual(self.opens(
            b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n'
            b'Link: </x>\r\n\r\n' + OK + b'hi'), b'hi')

    def test_204(self):
        self.assertEqual(self.opens(
            b'HTTP/1.1 204 No Content\r\n\r\nhi'), b'hi')

    def test_lengths_mean_nothing(self):
        self.assertEqual(self.opens(b'HTTP/1.1 200 OK\r\nContent-Length: 5'
                                    b'\r\n\r\n0123456789'), b'0123456789')
        self.assertEqual(self.opens(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: '
                                    b'chunked\r\n\r\n5\r\nhello'),
                         b'5\r\nhello')

    def test_old_ones(self):
        self.assertEqual(self.opens(b'HTTP/1.0 200 OK\r\n\r\nhi'), b'hi')
        self.assertEqual(self.opens(b'HTTP/1.0 200\n\nhi'), b'hi')

    def test_request(self):
        def script(conn):
            conn.sendall(OK)
        self.outcome(script, '-H', 'X-One:  two ', '-H', 'User-Agent: me')
        head = self.heads[0].decode()
        self.assertTrue(head.startswith('CONNECT target.test:22 HTTP/1.1\r\n'
                                        'Host: target.test:22\r\n'), head)
        self.assertIn('\r\nX-One: two\r\n', head)
        self.assertIn('\r\nUser-Agent: me\r\n', head)
        self.assertEqual(head.count('User-Agent'), 1)

    def test_nothing_is_sent_before_the_200(self):
        seen = []

        def script(conn):
            conn.settimeout(0.3)
            try:
                seen.append(conn.recv(1))
            except TimeoutError:
                pass
            conn.settimeout(harness.PATIENCE)
            conn.sendall(OK)
            seen.append(recv_all(conn))
        status, _, _ = self.outcome(script, stdin=b'eager')
        self.assertEqual((status, seen), (0, [b'eager']))


class Failures(Scripted):
    def fails(self, script, status, *words, options=()):
        got, out, said = self.outcome(script, *options)
        self.assertEqual(got, status, said)
        self.assertEqual(out, b'')
        self.assertEqual(said.count('\n'), 1, said)
        self.assertTrue(said.startswith('tunnel-connect: '))
        for word in words:
            self.assertIn(word, said)
        self.assertIsNone(next((c for c in said[:-1] if ord(c) < 32), None))

    def replies(self, reply, *args, **kwargs):
        self.fails(lambda conn: conn.sendall(reply), *args, **kwargs)

    def test_407_chunked(self):
        def script(conn):
            conn.sendall(b'HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: '
                         b'Basic realm="x"\r\nTransfer-Encoding: chunked\r\n'
                         b'\r\n5\r\nhello\r\n0\r\n\r\n')
            recv_all(conn)      # it keeps the connection open
        self.fails(script, 5, '407', '-u')
        self.fails(script, 5, '407', 'rejected',
                   options=('-u', 'user:password'))

    def test_407_other_scheme(self):
        self.replies(b'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n'
                     b'Content-Length: 0\r\n\r\n', 5, 'NTLM')

    def test_403_page(self):
        self.replies(b'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n'
                     b'Content-Length: 52\r\n\r\n<html><TITLE> Not \x1b[31m '
                     b'here</TITLE>....................', 4, '403', 'Forbidden',
                     'Not ?[31m here', 'administrator')

    def test_302(self):
        self.replies(b'HTTP/1.1 302 Found\r\nLocation: /login\r\n'
                     b'Content-Length: 0\r\n\r\n', 4, '302', 'login')

    def test_page_without_end(self):
        def script(conn):
            conn.sendall(b'HTTP/1.1 403 F\r\nContent-Length: 99\r\n\r\nx')
            recv_all(conn)
        self.fails(script, 4, '403', options=('-t', '1'))

    def test_not_http(self):
        self.replies(b'SSH-2.0-OpenSSH_9.2\r\n', 6, 'SSH')
        self.replies(b'\x15\x03\x01\x00\x02\x02\x28', 6, 'TLS')
        self.replies(b'hello\r\n', 6, 'HTTP')

    def test_malformed(self):
        self.replies(b'HTTP/1.1 200 OK\r\nBad Field: x\r\n\r\n', 6)
        self.replies(b'HTTP/1.1 abc\r\n\r\n', 6)
        self.replies(b'HTTP/2 200\r\n\r\n', 6)

    def test_closed(self):
        self.replies(b'', 6, 'closed')
        self.replies(b'HTTP/1.1 200 OK\r\nA: b', 6, 'closed')

    def test_silent(self):
        began = time.monotonic()
        self.fails(lambda conn: recv_all(conn), 7, '-t', options=('-t', '0.5'))
        self.assertLess(time.monotonic() - began, 5)

    def test_refused(self):
        port = harness.free_port()
        p = self.start([harness.CONNECT, '-x', '127.0.0.1:%d' % port, 'h',
                        '22'])
        self.assertEqual(p.wait(), 3)
        self.assertIn('127.0.0.1:%d' % port, p.said())

    def test_usage(self):
        for args in ([], ['h'], ['h', '0'], ['h', '65536'], ['h', 'ssh'],
                     ['h', '22', 'x'], ['h:22:22'], ['127.1', '22'],
                     ['--nonsense', 'h', '22'], ['-x'],
                     ['-x', 'https://p', 'h', '22'],
                     ['-x', 'http://p:x', 'h', '22'],
                     ['-t', 'soon', 'h', '22'], ['-H', 'none', 'h', '22'],
                     ['-x', 'p', '-H', 'a b: c', 'h', '22'],
                     ['-x', 'p', '-H', 'Host: c', 'h', '22'],
                     ['--verbose=1', 'h', '22']):
            p = self.start([harness.CONNECT] + args)
            self.assertEqual(p.wait(), 2, args)
            self.assertEqual(p.said().count('\n'), 1, p.said())
        p = self.start([harness.CONNECT, '--help'])
        self.assertIn(b'ProxyCommand', p.stdout.read())
        self.assertEqual(p.wait(), 0)

    def test_quiet(self):
        status, out, said = self.outcome(
            lambda conn: conn.sendall(b'HTTP/1.1 403 F\r\n\r\n'), '-q')
        self.assertEqual((status, out, said), (4, b'', ''))

    def test_reset_is_no_clean_end(self):
        def script(conn):
            conn.sendall(OK + b'half of it')
            recv_until(conn, b'go')
            reset(conn)
        p = self.connect(self.proxy(script), stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(10), b'half of it')
        p.stdin.write(b'go')
        p.stdin.flush()
        self.assertEqual(p.wait(), 1)
        self.assertIn('reset', p.said())


class Ends(Scripted):
    """Who stops first, and what happens then."""

    def test_input_ends_download_goes_on(self):
        page = os.urandom(3 << 20)

        def script(conn):
            conn.sendall(OK)
            self.assertEqual(recv_all(conn), b'question')
            time.sleep(0.3)     # longer than any hurry
            conn.sendall(page)
        status, out, said = self.outcome(script, stdin=b'question')
        self.assertEqual((status, said), (0, ''))
        self.assertEqual(out, page)

    def test_remote_ends_upload_goes_on(self):
        came = []

        def script(conn):
            conn.sendall(OK + b'bye')
            conn.shutdown(socket.SHUT_WR)
            came.append(recv_all(conn))
        p = self.connect(self.proxy(script), stdin=subprocess.PIPE)
        # Standard output ends at once, though we have not.
        self.assertEqual(p.stdout.read(), b'bye')
        data = os.urandom(1 << 20)
        for at in range(0, len(data), 1 << 18):
            p.stdin.write(data[at:at + (1 << 18)])
            p.stdin.flush()
            time.sleep(0.05)
        p.stdin.close()
        self.assertEqual(p.wait(), 0)
        await_true(lambda: came)
        self.assertEqual(came, [data])

    def test_nobody_has_to_press_a_key(self):
        p = self.connect(self.proxy(lambda conn: conn.sendall(OK + b'bye')),
                         stdin=subprocess.PIPE)
        began = time.monotonic()
        self.assertEqual(p.stdout.read(), b'bye')
        self.assertEqual(p.wait(), 0)
        self.assertLess(time.monotonic() - began, 5)

    def open_tunnel(self, **kwargs):
        def script(conn):
            conn.sendall(OK + b'ready')
            try:
                recv_all(conn)
            finally:
                self.gone.append(1)
        self.gone = []
        kwargs.setdefault('stdin', subprocess.PIPE)
        p = self.connect(self.proxy(script), **kwargs)
        return p

    def test_reader_goes_away_while_idle(self):
        p = self.open_tunnel()
        self.assertEqual(p.stdout.read(5), b'ready')
        began = time.monotonic()
        p.stdout.close()
        self.assertEqual(p.wait(), 1)
        self.assertLess(time.monotonic() - began, 2)
        await_true(lambda: self.gone)

    def test_caller_goes_away(self):
        p = self.open_tunnel()
        self.assertEqual(p.stdout.read(5), b'ready')
        p.stdin.close()
        p.stdout.close()
        p.wait(5)
        # As when ssh ends: nothing to say.
        self.assertEqual(p.said(), '')

    def test_sigterm(self):
        p = self.open_tunnel()
        self.assertEqual(p.stdout.read(5), b'ready')
        for sig in (signal.SIGTERM,):
            p.popen.send_signal(sig)
            self.assertEqual(p.wait(2), -sig)

    def test_idle_timeout(self):
        def script(conn):
            conn.sendall(OK + b'x')
            recv_all(conn)
        p = self.connect(self.proxy(script), '-i', '0.5',
                         stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(), b'x')
        self.assertEqual(p.wait(5), 7)
        self.assertIn('-i', p.said())

    def costs_nothing(self, p):
        time.sleep(0.2)
        before = p.cpu()
        time.sleep(1.2)
        self.assertTrue(p.running())
        self.assertLessEqual(p.cpu() - before, 0.02)

    def test_idle_costs_no_cpu(self):
        p = self.open_tunnel()
        self.assertEqual(p.stdout.read(5), b'ready')
        self.costs_nothing(p)

    def test_half_closed_costs_no_cpu(self):
        p = self.open_half(stdin=subprocess.DEVNULL)
        self.assertEqual(p.stdout.read(5), b'ready')
        self.costs_nothing(p)

    def open_half(self, **kwargs):
        """The input has ended, the remote side is silent and stays."""
        def script(conn):
            conn.sendall(OK + b'ready')
            recv_all(conn)
            time.sleep(3)
        return self.connect(self.proxy(script), **kwargs)

    def test_full_output_costs_no_cpu(self):
        def script(conn):
            conn.sendall(OK)
            conn.sendall(bytes(1 << 22))
        p = self.connect(self.proxy(script), stdin=subprocess.PIPE)
        # Everything has been sent and ended, and nobody reads.
        self.costs_nothing(p)
        self.assertEqual(len(p.stdout.read()), 1 << 22)


class Descriptors(Scripted):
    """Standard input and output of every kind."""

    def echo(self):
        def script(conn):
            conn.sendall(OK)
            while True:
                data = conn.recv(1 << 16)
                if not data:
                    return
                conn.sendall(data)
        return self.proxy(script)

    def test_files(self):
        data = os.urandom(1 << 20)
        d = self.directory()
        with open(os.path.join(d, 'in'), 'wb') as f:
            f.write(data)
        with open(os.path.join(d, 'in'), 'rb') as i, \
                open(os.path.join(d, 'out'), 'wb') as o:
            p = self.connect(self.echo(), stdin=i, stdout=o)
            self.assertEqual(p.wait(), 0)
        with open(os.path.join(d, 'out'), 'rb') as f:
            self.assertEqual(f.read(), data)

    def test_one_socket(self):
        ours, theirs = socket.socketpair()
        p = self.connect(self.echo(), stdin=theirs, stdout=theirs)
        theirs.close()
        ours.settimeout(harness.PATIENCE)
        data = os.urandom(100000)
        ours.sendall(data)
        self.assertEqual(harness.recv_exactly(ours, len(data)), data)
        ours.sendall(b'last')
        ours.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_all(ours), b'last')
        self.assertEqual(p.wait(), 0)
        ours.close()

    def test_one_socket_closed(self):
        ours, theirs = socket.socketpair()
        p = self.connect(self.echo(), stdin=theirs, stdout=theirs)
        theirs.close()
        ours.sendall(b'x')
        ours.settimeout(harness.PATIENCE)
        self.assertEqual(ours.recv(1), b'x')
        ours.close()
        p.wait(5)

    def with_flags(self, nonblock):
        """The shared flag is not ours: it works with it, and leaves it."""
        r, w = os.pipe()
        r2, w2 = os.pipe()
        for fd in (r, w2):
            os.set_blocking(fd, not nonblock)
        p = self.connect(self.echo(), stdin=r, stdout=w2)
        data = os.urandom(200000)
        got = b''
        for at in range(0, len(data), 20000):
            os.write(w, data[at:at + 20000])
            while len(got) < at + 20000:
                got += os.read(r2, 1 << 16)
        self.assertEqual(got, data)
        self.assertEqual(os.get_blocking(r), not nonblock)
        self.assertEqual(os.get_blocking(w2), not nonblock)
        os.close(w)
        self.assertEqual(p.wait(), 0)
        self.assertEqual(os.get_blocking(r), not nonblock)
        self.assertEqual(os.get_blocking(w2), not nonblock)
        for fd in (r, r2, w2):
            os.close(fd)

    def test_blocking_left_as_found(self):
        self.with_flags(False)

    def test_nonblocking_left_as_found(self):
        self.with_flags(True)

    def test_slow_reader_of_a_blocking_pipe(self):
        """The other direction moves while standard output is full."""
        came = []

        def script(conn):
            conn.sendall(OK)
            conn.settimeout(0.2)
            sent = 0
            try:
                while True:
                    sent += conn.send(bytes(1 << 16))
            except TimeoutError:
                pass
            conn.settimeout(harness.PATIENCE)
            came.append(harness.recv_exactly(conn, 1 << 20))
            conn.shutdown(socket.SHUT_WR)
            came.append(sent)
        p = self.connect(self.proxy(script), stdin=subprocess.PIPE)
        data = os.urandom(1 << 20)
        p.stdin.write(data)
        p.stdin.flush()
        await_true(lambda: came)
        self.assertEqual(came[0], data)
        self.assertEqual(len(p.stdout.read()), came[1])


class Secrets(Scripted):
    TOKEN = b'Proxy-Authorization: Basic dXNlcjpvcGVuIHNlc2FtZQ==\r\n'

    def sends(self, *options, **env):
        def script(conn):
            conn.sendall(OK + b'ready')
            recv_all(conn)
        p = self.connect(self.proxy(script), *options,
                         env=clean_env(**env), stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(5), b'ready')
        with open('/proc/%d/cmdline' % p.pid, 'rb') as f:
            self.assertNotIn(SECRET.encode(), f.read())
        with open('/proc/%d/environ' % p.pid, 'rb') as f:
            self.assertNotIn(SECRET.encode(), f.read())
        self.assertIn(self.TOKEN, self.heads[0])
        return p

    def test_argument(self):
        self.sends('-u', 'user:' + SECRET)
        self.sends('--user=user:' + SECRET)

    def test_environment(self):
        self.sends('-u', 'user', TUNNEL_PROXY_PASSWORD=SECRET)

    def test_url(self):
        proxy = self.proxy(lambda conn: (conn.sendall(OK + b'ready'),
                                         recv_all(conn)))
        p = self.start([harness.CONNECT, '-x', 'http://user:open%%20sesame@'
                        '127.0.0.1:%d' % proxy.port, 'h', '1'],
                       stdin=subprocess.PIPE)
        self.assertEqual(p.stdout.read(5), b'ready')
        self.assertIn(self.TOKEN, self.heads[0])
        with open('/proc/%d/cmdline' % p.pid, 'rb') as f:
            self.assertNotIn(b'sesame', f.read())

    def test_no_password_and_no_terminal(self):
        p = self.start([harness.CONNECT, '-x', 'p', '-u', 'user', 'h', '22'],
                       start_new_session=True)
        self.assertEqual(p.wait(), 2)
        self.assertIn('TUNNEL_PROXY_PASSWORD', p.said())

    def test_asked_on_the_terminal(self):
        """/dev/tty is asked, without echo; standard input is the tunnel's."""
        proxy = self.proxy(lambda conn: (conn.sendall(OK + b'ready'),
                                         recv_all(conn)))
        pid, tty = pty.fork()
        if pid == 0:
            null = os.open('/dev/null', os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os.execve(harness.CONNECT, [
                harness.CONNECT, '-x', '127.0.0.1:%d' % proxy.port, '-u',
                'user', 'h', '1'], clean_env())
        seen = b''
        while b'assword' not in seen or not seen.endswith(b': '):
            seen += os.read(tty, 1000)
        os.write(tty, SECRET.encode() + b'\n')
        await_true(lambda: self.heads)
        self.assertIn(self.TOKEN, self.heads[0])
        try:
            while True:
                seen += os.read(tty, 1000)
        except OSError:
            pass                # the terminal is gone with its program
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        os.close(tty)
        self.assertIn(b'user', seen)
        self.assertNotIn(b'sesame', seen)

    def test_verbose_shows_no_secret(self):
        status, _, said = self.outcome(
            lambda conn: conn.sendall(OK), '-v', '-u', 'user:' + SECRET,
            '-H', 'Cookie: ' + SECRET)
        self.assertEqual(status, 0)
        self.assertIn('> CONNECT target.test:22 HTTP/1.1\n', said)
        self.assertIn('> Proxy-Authorization: ***\n', said)
        self.assertIn('< HTTP/1.1 200 ', said)
        self.assertNotIn(SECRET, said)
        self.assertNotIn('dXNlc', said)


class Choice(Scripted):
    """Which proxy, and when none."""

    def choose(self, target, **env):
        """'proxy' or 'direct', by who is asked."""
        def origin(conn):
            conn.sendall(b'direct')
        proxy = self.proxy(lambda conn: conn.sendall(OK + b'proxy'))
        there = self.serve(origin)
        env = {k: v.replace('PROXY', '127.0.0.1:%d' % proxy.port)
               for k, v in env.items()}
        p = self.start([harness.CONNECT, target, str(there.port)],
                       env=clean_env(**env))
        return p.stdout.read().decode()

    def test_variables(self):
        self.assertEqual(self.choose('127.0.0.1'), 'direct')
        for name in ('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'):
            self.assertEqual(self.choose('127.0.0.1', **{
                name: 'http://PROXY/'}), 'proxy')
        self.assertEqual(self.choose('127.0.0.1', https_proxy='',
                                     all_proxy='PROXY'), 'proxy')
        self.assertEqual(self.choose('127.0.0.1', http_proxy='http://PROXY'),
                         'direct')

    def test_no_proxy(self):
        for exempt in ('*', '127.0.0.1', '10.0.0.0/8,127.0.0.0/8',
                       'a, 127.0.0.1 ,b', 'x 127.0.0.1'):
            for name in ('no_proxy', 'NO_PROXY'):
                self.assertEqual(self.choose('127.0.0.1', **{
                    'https_proxy': 'PROXY', name: exempt}), 'direct')
        for exempt in ('localhost', 'host', '.localhost', 'LOCALHOST'):
            want = 'direct' if exempt != 'host' else 'proxy'
            self.assertEqual(self.choose('localhost', https_proxy='PROXY',
                                         no_proxy=exempt), want)
        for exempt in ('127.0.0.2', '27.0.0.1', '127.0.0.0/31x', '1', ',,'):
            self.assertEqual(self.choose('127.0.0.1', https_proxy='PROXY',
                                         no_proxy=exempt), 'proxy')

    def test_forms_of_the_target(self):
        proxy = self.proxy(lambda conn: conn.sendall(OK))
        for words, want in ((['h:22'], 'h:22'), (['h', '22'], 'h:22'),
                            (['::1', '22'], '[::1]:22'),
                            (['[::1]', '22'], '[::1]:22'),
                            (['[::1]:22'], '[::1]:22')):
            p = self.connect(proxy, target=words)
            self.assertEqual(p.wait(), 0)
            self.assertIn(b'CONNECT %s HTTP' % want.encode(), self.heads[-1])
