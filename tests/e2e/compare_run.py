"""A program that is compared with others, started and listened to.

    with Run(tool) as run:
        p = run.go(run.proxy(script), login=run.login())
        run.says(p, b'what comes out of it first')"""

import fcntl
import os
import socket
import subprocess
import termios
import threading

import compare_tools
import harness
from harness import recv_until
from scripted import OK

HOST = '127.0.0.1'
TARGET = ('target.test', 22)
SECRET = 'opensesame1234567890'
LONG = 30               # seconds for what should come
SHORT = 8               # and for what should not


class Run(harness.Case):
    """One measurement: what it has started ends with it."""

    def runTest(self):
        """It is no test, but cleans up like one."""

    def __init__(self, tool):
        super().__init__()
        self.tool = tool
        self.setUp()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.doCleanups()

    def proxy(self, script, family=socket.AF_INET):
        """Where a proxy is that reads a head, and then follows the script."""
        self.heads = []

        def handler(conn):
            conn.settimeout(LONG)
            self.heads.append(recv_until(conn, b'\r\n\r\n'))
            script(conn)
        return ('::1' if family == socket.AF_INET6 else HOST,
                self.serve(handler, family=family).port)

    def login(self, user='user'):
        return compare_tools.write(os.path.join(self.directory(), 'login'),
                                   '%s:%s\n' % (user, SECRET))

    def go(self, proxy, target=TARGET, **how):
        """Start it: the process, or None where it has no such option."""
        told = self.tool.command(proxy, target, **how)
        if told is None:
            return None
        argv, env = told
        kwargs = {'stdin': subprocess.PIPE, 'bufsize': 0}
        if self.tool.prompts and 'login' in how:
            kwargs['preexec_fn'] = self.terminal()
        return self.start(argv, env=env, **kwargs)

    def terminal(self):
        """One for itself, on which every question is answered."""
        ours, theirs = os.openpty()
        self.addCleanup(os.close, theirs)

        def answer():
            try:
                while b':' in os.read(ours, 1000):
                    os.write(ours, SECRET.encode() + b'\n')
            except OSError:
                pass
        threading.Thread(target=answer, daemon=True).start()

        def take():
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        return take

    def says(self, process, word, seconds=LONG):
        """Whether that comes out of it, before anything else."""
        return self.output(process, len(word), seconds) == word

    def output(self, process, n=1 << 20, seconds=LONG):
        """What comes out of it, until that is so much, or its end."""
        got = []

        def read():
            while len(b''.join(got)) < n:
                data = process.stdout.read(n)
                if not data:
                    return
                got.append(data)
        t = threading.Thread(target=read, daemon=True)
        t.start()
        t.join(seconds)
        return b''.join(got)

    def greeting(self, proxy, **how):
        """Whether bytes come through, both ways.  proxy echoes."""
        p = self.go(proxy, **how)
        if p is None:
            return None
        try:
            p.stdin.write(b'hello')
        except BrokenPipeError:
            return False
        return self.says(p, b'hello')


def open_echo(conn):
    conn.sendall(OK)
    echo(conn)


def echo(conn):
    while True:
        data = conn.recv(1 << 14)
        if not data:
            return
        conn.sendall(data)
