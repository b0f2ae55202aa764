"""cgi-gateway: content and output on their way, both sides' pace, time, and how
much there may be of anything."""

import hashlib
import os
import signal
import socket
import unittest

import harness
from gateways import Cgi, alive
from harness import await_true, recv_all, recv_until

HEAD = 'printf "Content-Type: text/plain\\n\\n"\n'
ECHO = HEAD + 'exec cat'
MIB = 1 << 20
SIZE = 64 * MIB

# Content of that size that is not the same anywhere, and its hash.
FLOOD = '''
import hashlib, sys
out, digest = sys.stdout.buffer, hashlib.sha256()
out.write(b'Content-Type: a/b\\n' + %r + b'\\n')
for i in range(%d):
    if i:
        out.write(block)
    block = hashlib.sha512(b'%%d' %% i).digest() * 1024
    digest.update(block)
# Before its last byte, as somebody who knows its length is content with that.
with open(%r, 'w') as f:
    f.write(digest.hexdigest())
out.write(block)
'''

REQUEST = b'GET /%s HTTP/1.1\r\nHost: a\r\n\r\n'
LAST = b'GET /%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'


class Streams(Cgi):
    def flood(self, name, fields=b''):
        self.program(name, FLOOD % (fields, SIZE // 65536,
                                    self.note(name)), '/usr/bin/env python3')

    def modest(self, g):
        """It has never held more than a part of what has passed; what a
        sanitizer holds says nothing."""
        if 'san' in os.path.basename(harness.BUILD):
            return
        with open('/proc/%d/status' % g.pid) as f:
            peak = [line for line in f if line.startswith('VmHWM')][0]
        self.assertLess(int(peak.split()[1]) * 1024, 24 * MIB)

    def test_download(self):
        self.flood('chunked')
        self.flood('sized', b'Content-Length: %d\n' % SIZE)
        g = self.cgi()
        for name, args in (('chunked', ()), ('sized', ()),
                           ('chunked', ('--http1.0',))):
            out = self.curl(self.url(g, '/' + name), *args)
            self.assertEqual(len(out), SIZE)
            self.assertEqual(hashlib.sha256(out).hexdigest(),
                             self.noted(name))
        self.modest(g)

    def test_upload(self):
        """To a program that says what it has got, and to one that says it all
        again meanwhile."""
        self.program('sum', HEAD + 'exec sha256sum')
        self.program('echo', ECHO)
        g = self.cgi()
        data = os.urandom(MIB) * (SIZE // MIB)
        want = hashlib.sha256(data).hexdigest()
        with open(self.note('data'), 'wb') as f:
            f.write(data)
        chunked = ['-H', 'Transfer-Encoding: chunked']
        for more in [], chunked:
            got = self.curl('-T', self.note('data'), *more,
                            self.url(g, '/sum'))
            self.assertEqual(got.decode().split()[0], want)
            got = self.curl('-T', self.note('data'), *more,
                            self.url(g, '/echo'))
            self.assertEqual(hashlib.sha256(got).hexdigest(), want)
        self.modest(g)

    def test_unread(self):
        """A program that wants no content, or not all of it, and answers."""
        self.program('none', HEAD + 'echo none')
        self.program('some', HEAD + 'head -c 10')
        g = self.cgi()
        with open(self.note('data'), 'wb') as f:
            f.write(b'0123456789' * 100000)
        for path, want in (('/none', b'none\n'), ('/some', b'0123456789')):
            out = self.curl('-T', self.note('data'), self.url(g, path))
            self.assertEqual(out, want)
        # Nor does a reply of the gateway's get lost.
        for more in [], ['-H', 'Expect:']:
            self.assertEqual(self.code('-T', self.note('data'), *more,
                                       self.url(g, '/nothing')), 404)

    def test_slow_reader(self):
        """A client that reads nothing holds its own program back, and nobody
        else."""
        self.flood('flood')
        self.program('ok', HEAD + 'echo ok')
        g = self.cgi()
        s = self.connected(g.port)
        s.sendall(LAST % b'flood')
        head = recv_until(s, b'\r\n\r\n')
        self.assertIn(b' 200 ', head)
        for _ in range(3):
            self.assertEqual(self.curl(self.url(g, '/ok')), b'ok\n')
        self.assertEqual(self.noted('flood'), '')
        self.modest(g)
        self.assertTrue(recv_all(s).endswith(b'\r\n0\r\n\r\n'))
        self.assertEqual(len(self.noted('flood')), 64)

    def test_pipelined(self):
        """Answered in order, content and all, also in single bytes."""
        self.program('slow', 'sleep 0.2\n' + HEAD + 'echo one')
        self.program('fast', HEAD + 'echo two')
        self.program('echo', ECHO)
        g = self.cgi()
        text = (REQUEST % b'slow' + REQUEST % b'none' +
                b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n'
                b'three\n' + b'POST /none HTTP/1.1\r\nHost: a\r\n'
                b'Content-Length: 3\r\nConnection: close\r\n\r\nabc')
        for step in 1, len(text):
            s = self.connected(g.port)
            for i in range(0, len(text), step):
                s.sendall(text[i:i + step])
            got = recv_all(s)
            parts = [b'one\n', b' 404 ', b'three\n', b' 404 ']
            at = [got.index(b) for b in parts[:3]]
            self.assertEqual(at, sorted(at))
            self.assertEqual(got.count(b'HTTP/1.1 '), 4)
        s = self.connected(g.port)
        s.sendall(REQUEST % b'slow' * 3 + LAST % b'fast')
        got = recv_all(s)
        self.assertEqual([got.count(b) for b in (b'one\n', b'two\n')],
                         [3, 1])
        self.assertLess(got.rindex(b'one'), got.index(b'two'))

    def test_expect(self):
        self.program('echo', ECHO)
        g = self.cgi()
        s = self.connected(g.port)
        s.sendall(b'PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n'
                  b'Expect: 100-continue\r\nConnection: close\r\n\r\n')
        self.assertEqual(recv_until(s, b'\r\n\r\n'),
                         b'HTTP/1.1 100 Continue\r\n\r\n')
        s.sendall(b'hi')
        self.assertIn(b'\r\nhi\r\n', recv_all(s))
        s = self.connected(g.port)
        s.sendall(b'PUT /none HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n'
                  b'Expect: 100-continue\r\n\r\n')
        self.assertTrue(recv_all(s).startswith(b'HTTP/1.1 404 '))


class Ends(Cgi):
    """Programs that are ended, with all that they have started."""

    STUCK = ('sleep 300 &\necho $! $$ > %s\n', 'wait\n')

    def stuck(self, before='', trap=''):
        self.program('stuck', trap + self.STUCK[0] % self.note('pids') +
                     before + self.STUCK[1])

    def pids(self):
        await_true(lambda: len(self.noted('pids').split()) == 2)
        return [int(p) for p in self.noted('pids').split()]

    def ended(self, pids):
        await_true(lambda: not any(map(alive, pids)))

    def leaves(self, how, before='', trap='', text=REQUEST % b'stuck'):
        if os.path.exists(self.note('pids')):
            os.unlink(self.note('pids'))
        self.stuck(before, trap)
        g = self.cgi('-v')
        s = self.connected(g.port)
        s.sendall(text)
        pids = self.pids()
        self.assertTrue(all(map(alive, pids)))
        how(s)
        self.ended(pids)
        await_true(lambda: '/stuck\n' in g.said())
        return g.said()

    def test_client_leaves(self):
        def closes(s):
            s.close()

        def resets(s):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         b'\1\0\0\0\0\0\0\0')
            s.close()
        for how in closes, resets:
            self.assertIn(' TUNNEL_ERESET GET', self.leaves(how))
        self.leaves(resets, HEAD + 'echo begun\n')
        # In the middle of what it had to say, of which the end never comes.
        post = (b'POST /stuck HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'
                b'half')
        self.assertIn(' TUNNEL_EEOF POST', self.leaves(closes, text=post))
        self.leaves(closes, trap='trap "" TERM\n')

    def test_cut_content(self):
        """A program does not take half of an upload for a whole one."""
        self.program('save', 'trap "" TERM\necho $$ > %s\ncat > %s && '
                     'echo whole > %s\n' % (
                         self.note('pid'), self.note('part'),
                         self.note('whole')))
        g = self.cgi()
        chunked = b'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'
        for text, more in ((b'Content-Length: 9\r\n\r\nhalf', b''),
                           (chunked, b''), (chunked, b'x')):
            s = self.connected(g.port)
            s.sendall(b'PUT /save HTTP/1.1\r\nHost: a\r\n' + text)
            await_true(lambda: self.noted('part') == 'half')
            pid = int(self.noted('pid'))
            s.sendall(more)
            if more:
                self.assertIn(b'HTTP/1.1 400 ', recv_all(s))
            s.close()
            self.ended([pid])
            self.assertEqual(self.noted('whole'), '')
            os.unlink(self.note('part'))

    def test_half_closed(self):
        """Who only stops sending is not taken for one that has gone."""
        self.program('slow', 'until [ -e %s ]; do sleep 0.05; done\n' %
                     self.note('go') + HEAD + 'echo late')
        g = self.cgi()
        s = self.connected(g.port)
        s.sendall(REQUEST % b'slow')
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(recv_until(s, b'\r\n\r\n'),
                         b'HTTP/1.1 102 Processing\r\n\r\n')
        with open(self.note('go'), 'w'):
            pass
        got = recv_all(s)
        self.assertTrue(got.startswith(b'HTTP/1.1 200 '), got)
        self.assertTrue(got.endswith(b'late\n\r\n0\r\n\r\n'))

    def test_timeout(self):
        # So long that a busy machine has it begin.
        g = self.cgi('--timeout', '3', '-v')
        self.stuck()
        self.assertEqual(self.code(self.url(g, '/stuck')), 504)
        self.ended(self.pids())
        os.unlink(self.note('pids'))
        self.stuck(HEAD + 'echo begun\n')
        self.assertEqual(self.curl(self.url(g, '/stuck'), status=56),
                         b'begun\n')
        self.ended(self.pids())
        self.assertIn('/stuck: it has taken too long', g.said())

    def test_lifetime(self):
        self.program('talks', HEAD + 'while echo x; do sleep 0.05; done')
        g = self.cgi('--timeout', '50', '--lifetime', '3')
        self.curl(self.url(g, '/talks'), status=56)

    def test_slow_client(self):
        """Who sends a head, or content, too slowly."""
        self.program('echo', 'cat >&2')
        g = self.cgi('--handshake-timeout', '2', '--idle-timeout', '2')
        self.assertIn(b' 408 ', self.raw(g, b'GET / HTTP/1.1\r\nA: '))
        self.assertIn(b' 408 ', self.raw(
            g, b'PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'
            b'ab'))
        self.assertEqual(self.raw(g, b''), b'')

    def test_concurrency(self):
        self.program('wait', 'echo up >> %s\nuntil [ -e %s ]; do sleep 0.05\n'
                     'done\n' % (self.note('up'), self.note('go')) + HEAD +
                     'echo done')
        g = self.cgi('--max', '2')
        waiting = [self.connected(g.port) for _ in range(2)]
        for s in waiting:
            s.sendall(LAST % b'wait')
        await_true(lambda: self.noted('up') == 'up\n' * 2)
        self.assertEqual(self.code(self.url(g, '/wait'), '-I'), 503)
        reply = self.curl('-i', self.url(g, '/wait'))
        self.assertIn(b'\r\nRetry-After: 1\r\n', reply)
        self.assertEqual(reply.count(b'Retry-After'), 1)
        with open(self.note('go'), 'w'):
            pass
        for s in waiting:
            self.assertIn(b'done\n', recv_all(s))
        await_true(lambda: self.code(self.url(g, '/wait')) == 200)

    def test_many(self):
        """Many at a time, each with its own reply, and no zombie stays."""
        self.program('echo', ECHO)
        g = self.cgi('--max', '8', '--max-connections', '8')
        script = '\n'.join('url=%s\ndata=n%dn' % (self.url(g, '/echo'), i)
                           for i in range(60))
        config = self.note('config')
        with open(config, 'w') as f:
            f.write(script.replace('\nurl', '\nnext\nurl'))
        out = self.curl('--parallel', '--parallel-max', '6', '-K', config)
        self.assertEqual(sorted(out.split(b'n')[1::2]),
                         sorted(b'%d' % i for i in range(60)))
        idle = [self.connected(g.port) for _ in range(20)]
        self.assertEqual(self.curl(self.url(g, '/echo'), '-d', 'x'), b'x')
        del idle
        children = '/proc/%d/task/%d/children' % (g.pid, g.pid)
        await_true(lambda: harness.lines_of(children) in ([], ['']))

    def test_drain(self):
        self.program('wait', 'echo up > %s\nuntil [ -e %s ]; do sleep 0.05\n'
                     'done\n' % (self.note('up'), self.note('go')) + HEAD +
                     'echo done')
        g = self.cgi()
        idle = self.connected(g.port)
        s = self.connected(g.port)
        s.sendall(REQUEST % b'wait')
        await_true(lambda: self.noted('up'))
        g.popen.send_signal(signal.SIGTERM)
        self.assertEqual(recv_all(idle), b'')
        with self.assertRaises(OSError):
            socket.create_connection(('127.0.0.1', g.port), 5).close()
        with open(self.note('go'), 'w'):
            pass
        got = recv_all(s)
        self.assertIn(b'\r\nConnection: close\r\n', got)
        self.assertIn(b'done\n', got)
        s.close()
        self.assertEqual(g.wait(), 0)
        # A second signal waits for nobody.
        self.stuck()
        g = self.cgi()
        s = self.connected(g.port)
        s.sendall(REQUEST % b'stuck')
        pids = self.pids()
        g.popen.send_signal(signal.SIGINT)
        await_true(lambda: 'draining: 1' in g.said())
        g.popen.send_signal(signal.SIGINT)
        self.assertEqual(g.wait(), 0)
        self.ended(pids)


class CommandLine(Cgi):
    def ends(self, *args):
        p = self.start([os.path.join(harness.BUILD, self.NAME), *args])
        status = p.wait()
        return status, p.stdout.read().decode(), p.said()

    def test_statuses(self):
        busy = self.cgi()
        for args, status, word in (
                (['--help'], 0, 'Usage: cgi-gateway'),
                (['--version'], 0, 'cgi-gateway 0.'),
                ([], 2, 'directory'), ([self.dir, self.dir], 2, 'directory'),
                (['/nonexistent'], 1, 'No such file'),
                (['/dev/null'], 2, 'no directory'),
                (['--nonsense', self.dir], 2, 'unknown option'),
                (['-l', '1', self.dir], 2, '--listen'),
                (['-l', 'localhost:0', self.dir], 2, '--listen'),
                (['-l', '127.0.0.1:99999', self.dir], 2, '--listen'),
                (['--max', '0', self.dir], 2, '--max'),
                (['--timeout', 'x', self.dir], 2, '--timeout'),
                (['--env', 'HTTP_X=1', self.dir], 2, 'HTTP_X'),
                (['--env', 'PATH_INFO=1', self.dir], 2, 'PATH_INFO'),
                (['--env', 'NOT_THERE', self.dir], 2, 'NOT_THERE'),
                (['-l', '127.0.0.1:%d' % busy.port, self.dir], 1,
                 'cannot listen')):
            with self.subTest(args):
                got, out, said = self.ends(*args)
                self.assertEqual(got, status)
                self.assertIn(word, out if status == 0 else said)

    def test_ipv6(self):
        self.program('env', HEAD + 'echo $SERVER_NAME $REMOTE_ADDR')
        p = self.start([os.path.join(harness.BUILD, self.NAME), '-l',
                        '[::1]:0', self.dir])
        line = p.stdout.readline().decode().strip()
        self.assertTrue(line.startswith('listening on [::1]:'), line)
        out = self.curl('-g', 'http://%s/env' % line.split()[-1])
        self.assertEqual(out, b'[::1] ::1\n')


if __name__ == '__main__':
    unittest.main()
