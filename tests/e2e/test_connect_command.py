"""tunnel-connect --proxy-command: a program is the connection to the proxy."""

import os
import shlex
import signal
import subprocess
import sys

import harness
import peers
import ways
from harness import (CONNECT, await_true, clean_env, need, recv_all,
                     recv_until)
from scripted import MIB, OK, Scripted, echo, in_background

# A connection that half-closes as sockets do.
PROGRAM = r"""
import os, socket, sys, threading
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
def up():
    while True:
        data = os.read(0, 65536)
        if not data:
            s.shutdown(socket.SHUT_WR)
            return
        s.sendall(data)
threading.Thread(target=up, daemon=True).start()
while True:
    data = s.recv(65536)
    if not data:
        break
    while data:
        data = data[os.write(1, data):]
"""


class Programs(Scripted):
    def program(self, port, text=PROGRAM):
        return 'exec %s -c %s %d' % (shlex.quote(sys.executable),
                                     shlex.quote(text), port)

    def by(self, command, *options, target=('target.test', '22'), **kwargs):
        kwargs.setdefault('stdin', subprocess.PIPE)
        return self.start([CONNECT, '--proxy-command', command] +
                          list(options) + list(target), **kwargs)

    def ends(self, p, status, *words, stdin=b''):
        """It comes to this end, and says so in one line of ours."""
        out, _ = p.popen.communicate(stdin, timeout=harness.PATIENCE)
        said = p.said()
        self.assertEqual(p.popen.returncode, status, said)
        ours = [line for line in said.splitlines()
                if line.startswith('tunnel-connect: ')]
        self.assertEqual(len(ours), 1 if words else 0, said)
        for word in words:
            self.assertIn(word, ours[0])
        return out


class Command(Programs):
    def test_both_ways_and_half_closed(self):
        data = os.urandom(8 * MIB)

        def script(conn):
            conn.sendall(OK + b'hi ')
            echo(conn)
        proxy = self.proxy(script)
        for command in (self.program(proxy.port),
                        '%s 127.0.0.1 %d' % (need('ncat', 'ncat'),
                                             proxy.port)):
            p = self.by(command)
            self.assertEqual(self.ends(p, 0, stdin=data), b'hi ' + data)
        self.assertEqual(self.heads[0].split(b'\r\n')[0],
                         b'CONNECT target.test:22 HTTP/1.1')

    def test_question_and_answer(self):
        """The end of the input is passed on, and what comes then arrives."""
        def script(conn):
            conn.sendall(OK)
            question = recv_all(conn)
            conn.sendall(b'you said ' + question)
        p = self.by(self.program(self.proxy(script).port))
        self.assertEqual(self.ends(p, 0, stdin=b'hello'), b'you said hello')

    def test_program_has_time_for_what_it_holds(self):
        """The far end has closed its way; what was sent must still arrive."""
        came = []

        def script(conn):
            conn.sendall(OK)
            came.append(recv_all(conn))
        # It says the end at once, and sends on slowly.
        slow = PROGRAM.replace(
            "s.sendall(data)", "time.sleep(0.2); s.sendall(data)").replace(
            "import os", "import time, os").replace(
            "threading.Thread(target=up, daemon=True).start()",
            "t = threading.Thread(target=up); t.start()").replace(
            "    if not data:\n        break",
            "    if not data or data.endswith(b'\\r\\n\\r\\n'):\n"
            "        os.write(1, data); data = b''\n"
            "        socket.socket(fileno=os.dup(1)).shutdown(1); break")
        p = self.by(self.program(self.proxy(script).port, slow))
        self.assertEqual(self.ends(p, 0, stdin=b'x' * 1000), b'')
        await_true(lambda: came)
        self.assertEqual(came, [b'x' * 1000])

    def test_ssh_is_a_way(self):
        """To a proxy that only another machine can reach."""
        sshd = peers.Sshd()
        self.addCleanup(sshd.stop)
        proxy = peers.TunnelProxy('--user', 'u:p')
        self.addCleanup(proxy.stop)
        origin = self.serve(lambda conn: conn.sendall(recv_until(
            conn, b'.')))
        words = sshd.through()
        words = words[:words.index('-o', -2)] + [
            '-p', str(sshd.port), '127.0.0.1', '-W', '%h:%p']
        p = self.by('exec %s %s' % (need('ssh', 'openssh-client'),
                                    ' '.join(words)),
                    '-x', 'u:p@127.0.0.1:%d' % proxy.port,
                    target=('127.0.0.1', str(origin.port)))
        self.assertEqual(self.ends(p, 0, stdin=b'hello.'), b'hello.')

    def test_placeholders(self):
        for options, want in ((['-x', 'u:p@proxy.test:3128'],
                               b'proxy.test 3128 %'),
                              (['-x', 'http://[::1]'], b'::1 80 %')):
            p = self.by('echo %h %p %% >&2; exit 3', *options)
            self.ends(p, 3, 'status 3')
            self.assertIn(want.decode() + '\n', p.said())

    def test_named_proxy_and_its_credentials(self):
        proxy = self.proxy(lambda conn: conn.sendall(OK))
        p = self.by(self.program(proxy.port), '-x', 'http://u:p@proxy.test')
        self.ends(p, 0)
        self.assertIn(b'\r\nProxy-Authorization: Basic dTpw\r\n',
                      self.heads[0])

    def test_refusal_names_the_proxy(self):
        proxy = self.proxy(lambda conn: conn.sendall(
            b'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'))
        self.ends(self.by(self.program(proxy.port), '-x', 'proxy.test:99'), 4,
                  'proxy.test:99 refused', '403')
        self.ends(self.by(self.program(proxy.port)), 4, '--proxy-command',
                  '403')

    def test_program_that_fails(self):
        for command, status, *words in (
                ('exit 42', 3, 'status 42'),
                ('kill -9 $$', 3, 'signal 9'),
                ('/nonexistent/program', 3, 'status 127', 'messages'),
                ('true', 6, 'ended'),
                ('printf hello', 6, 'does not speak HTTP', '(hello)'),
                ('printf "SSH-2.0-x\r\n"', 6, 'SSH, not HTTP'),
                ("printf 'HTTP/1.1 200 OK\r\nX'", 6, 'ended')):
            with self.subTest(command=command):
                self.ends(self.by(command), status, *words)
        self.assertIn('nonexistent', self.said_by('/nonexistent/program'))

    def said_by(self, command):
        p = self.by(command)
        p.wait()
        return p.said()

    def test_program_that_fails_later(self):
        """A good end on our side, but it says that it was none."""
        p = self.by("printf 'HTTP/1.1 200 OK\\r\\n\\r\\nhalf'; exit 9",
                    stdin=subprocess.DEVNULL)
        self.assertEqual(self.ends(p, 1, 'status 9', 'missing'), b'half')

    def test_status_is_known_where_children_are_ignored(self):
        p = self.by('exit 42', preexec_fn=lambda: signal.signal(
            signal.SIGCHLD, signal.SIG_IGN))
        self.ends(p, 3, 'status 42')

    def test_silent_program(self):
        p = self.by('exec sleep 100', '-t', '0.3')
        self.ends(p, 7, 'no complete reply', '-t')

    def test_mistakes(self):
        for options in (['--proxy-command', ''], ['--proxy-command', ' '],
                        ['--proxy-command'],
                        ['--proxy-command', 'nc %h'],
                        ['--proxy-command', 'nc %'],
                        ['--proxy-command', 'nc %x', '-x', 'p'],
                        ['--proxy-command', 'nc %h', '-x', '-p.test'],
                        ['--proxy-command', 'x' * 9000],
                        ['--proxy-command', 'nc', '-x', 'https://p']):
            p = self.start([CONNECT] + options + ['h', '22'])
            self.assertEqual(p.wait(), 2, options)
            self.assertEqual(p.said().count('\n'), 1, p.said())

    def test_exempt_target_needs_no_program(self):
        there = self.serve(lambda conn: conn.sendall(b'direct'))
        p = self.by('exit 3', target=('127.0.0.1', str(there.port)),
                    env=clean_env(no_proxy='127.0.0.1'))
        self.assertEqual(self.ends(p, 0), b'direct')


class Processes(Programs):
    """What others see of them, and that none is left."""

    def ready(self, *options, **kwargs):
        def script(conn):
            conn.sendall(OK + b'ready')
            try:
                recv_all(conn)
            finally:
                self.gone.append(1)
        self.gone = []
        proxy = self.proxy(script)
        p = self.by(self.program(proxy.port), *options, **kwargs)
        self.assertEqual(p.stdout.read(5), b'ready')
        self.all = ways.children(p.pid)
        self.assertTrue(self.all)
        return p

    def nobody_is_left(self):
        await_true(lambda: not any(ways.exists(pid) for pid in self.all))
        await_true(lambda: self.gone)

    def test_no_secret_is_seen(self):
        p = self.ready(
            '-x', 'http://user:sesame1@p.test', '-H', 'X: sesame2', '-u',
            'user:sesame3', env=clean_env(
                TUNNEL_PROXY_PASSWORD='sesame4', TUNNEL_PROXY_USER='sesame5',
                https_proxy='http://u:sesame6@q.test', HOME='/nonexistent',
                ALL_PROXY='http://u:sesame7@q.test', KEPT='kept'))
        for pid in self.all:
            self.assertNotIn(b'sesame', ways.shown(pid))
            self.assertIn(b'KEPT=kept', ways.shown(pid))
            # No descriptor of ours but the three.
            with_us = set(os.listdir('/proc/%d/fd' % p.pid))
            self.assertTrue(with_us)
            self.assertLessEqual(
                {int(fd) for fd in os.listdir('/proc/%d/fd' % pid)},
                {0, 1, 2, 3})
        self.assertNotIn(b'sesame1', ways.shown(p.pid))
        self.assertNotIn(b'sesame3', ways.shown(p.pid))
        self.assertNotIn(b'sesame4', ways.shown(p.pid))

    def test_end_of_the_input(self):
        p = self.ready()
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.nobody_is_left()

    def test_caller_goes_away(self):
        p = self.ready()
        p.stdin.close()
        p.stdout.close()
        p.wait()
        self.assertEqual(p.said(), '')
        self.nobody_is_left()

    def test_signals(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            p = self.ready()
            p.popen.send_signal(sig)
            self.assertEqual(p.wait(), -sig)
            self.nobody_is_left()

    def test_program_that_does_not_want_to_end(self):
        """It ignores signals and the end of everything."""
        p = self.by("trap '' TERM HUP INT; printf 'HTTP/1.1 200 OK\\r\\n"
                    "\\r\\nx'; sleep 100 & sleep 100; sleep 100", '-i', '3')
        self.assertEqual(p.stdout.read(1), b'x')
        await_true(lambda: len(ways.children(p.pid)) == 3)
        self.all = ways.children(p.pid)
        shell = self.all[0]
        self.assertEqual(p.wait(), 7)
        await_true(lambda: not ways.exists(shell))
        for pid in self.all[1:]:
            os.kill(pid, signal.SIGKILL)

    def test_program_that_does_not_end_by_itself(self):
        """It has said the end of its stream, and stays."""
        stays = PROGRAM.replace(
            "    if not data:\n        break",
            "    if not data:\n        socket.socket(fileno=os.dup(1))."
            "shutdown(2); import time; time.sleep(100)")
        proxy = self.proxy(lambda conn: conn.sendall(OK + b'x'))
        p = self.by(self.program(proxy.port, stays))
        self.assertEqual(p.stdout.read(1), b'x')
        self.all = ways.children(p.pid)
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.assertFalse(any(ways.exists(pid) for pid in self.all))

    def test_much_for_one_who_is_slow(self):
        """Many bytes up, through a program that takes its time."""
        data, came = os.urandom(4 * MIB), []

        def script(conn):
            conn.sendall(OK)
            came.append(recv_all(conn))
        p = self.by(self.program(self.proxy(script).port))
        finish = in_background(p.popen.communicate, data)
        finish()
        self.assertEqual(p.wait(), 0)
        await_true(lambda: came)
        self.assertTrue(came == [data])
