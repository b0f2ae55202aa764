"""What the tests of tunnel-connect --doctor share: a report, and what holds of
every one."""

import re

import peers
from harness import CONNECT, clean_env, recv_until
from scripted import Case

BANNER = b'SSH-2.0-OpenSSH_9.2p1\r\n'
SECRET = 'sesame'
# What Basic and a careless print would make of it.
HIDDEN = (SECRET, 'c2VzYW1l', 'zZXNhbW', 'Nlc2FtZ', 'Authorization: ')
LINE = re.compile(r'(ok|note|FAIL) +([a-zA-Z]+) +(\S.*)$')
TIMED = re.compile(r' \d+ ms$')
FORBIDDEN = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'


def wants_login(*schemes, more=b''):
    return b''.join([b'HTTP/1.1 407 Log in\r\n'] +
                    [b'Proxy-Authenticate: %s\r\n' % s for s in schemes] +
                    [more, b'Content-Length: 0\r\n\r\n'])


class Doctor(Case):
    def tell(self, *options, target=('target.test', '22'), same=True, env=None,
             status=0):
        """The lines of an examination, as (mark, label, text).  same: without
        --doctor the program comes to the same status."""
        argv = [CONNECT, '-t', '5'] + list(options) + list(target)
        env = clean_env(**(env or {}))
        p = self.start(argv + ['--doctor'], env=env)
        out = p.stdout.read().decode()
        self.assertEqual(p.wait(), status, out + p.said())
        self.assertEqual(p.said(), '')
        for word in HIDDEN:
            self.assertNotIn(word, out)
        steps = []
        for line in out.splitlines():
            match = LINE.match(line)
            self.assertTrue(match, line)
            self.assertFalse([c for c in line if not ' ' <= c <= '~'], line)
            steps.append(match.groups())
        self.check(steps, status)
        if same:
            p = self.start(argv, env=env)
            p.stdout.read()
            self.assertEqual(p.wait(), status, p.said())
            # The verdict is what is said there.
            said = p.said().replace('tunnel-connect: ', '').strip()
            self.assertIn(said.split(' (')[0][:60], steps[-1][2])
        return steps

    def check(self, steps, status):
        """What holds of every report."""
        self.assertEqual(steps[0][1], 'target')
        self.assertEqual([s[1] for s in steps].count('verdict'), 1)
        mark, label, text = steps[-1]
        self.assertEqual(label, 'verdict')
        self.assertRegex(text, r'\(exit status %d, \d+ ms in all\)$' % status)
        self.assertEqual(mark == 'FAIL', status != 0)
        failed = [s for s in steps[:-1] if s[0] == 'FAIL']
        self.assertEqual(len(failed), 1 if status else 0, steps)
        for step in failed:
            self.assertRegex(step[2], TIMED)

    def find(self, steps, mark, label, *words):
        """The step that has all this."""
        for step in steps:
            if step[:2] == (mark, label) and all(w in step[2] for w in words):
                return step
        raise AssertionError('no %s %s %s in %s' % (mark, label, words, steps))

    def labels(self, steps):
        return [s[1] for s in steps]

    def proxy(self, *replies, after=b'', end=False):
        """One that says these in its turns, and then this."""
        def handler(conn):
            for reply in replies:
                recv_until(conn, b'\r\n\r\n')
                conn.sendall(reply)
            conn.sendall(after)
            if not end:
                self.hold()
        return '127.0.0.1:%d' % self.serve(handler).port

    def origin(self, said=BANNER):
        def handler(conn):
            conn.sendall(said)
        return self.serve(handler).port

    def quiet(self):
        return self.serve(lambda conn: self.hold()).port

    def own(self, *options):
        proxy = peers.TunnelProxy(*options)
        self.addCleanup(proxy.stop)
        return '127.0.0.1:%d' % proxy.port
