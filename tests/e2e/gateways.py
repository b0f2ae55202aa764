"""Gateways with programs of the test's own, asked by curl."""

import os
import re
import subprocess

import harness
from harness import BUILD, clean_env, need

HOST = '127.0.0.1'


class Gateway(harness.Case):
    """A test with a gateway, NAME, and with what it serves."""

    NAME = None

    def gateway(self, *args, env=None):
        """Start it: its process, with the port beside it."""
        p = self.start([os.path.join(BUILD, self.NAME), '-l', HOST + ':0',
                        *args], env=env)
        line = p.stdout.readline().decode()
        found = re.match(r'listening on .*:(\d+)$', line.strip())
        if not found:
            raise AssertionError('%r, %s' % (line, p.said()))
        p.port = int(found.group(1))
        return p

    def url(self, g, path):
        return 'http://%s:%d%s' % (HOST, g.port, path)

    def curl(self, *args, status=0):
        """What curl prints, with its exit status looked at."""
        curl = need('curl', 'curl')
        done = subprocess.run([curl, '-sS', '--path-as-is', *args],
                              capture_output=True,
                              env=clean_env(), timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, status,
                         (args, done.stdout[-300:], done.stderr))
        return done.stdout

    def code(self, *args):
        """The status of a reply whose content is not looked at."""
        return int(self.curl('-o', os.devnull, '-w', '%{http_code}', *args))

    def raw(self, g, text):
        """Send it, and read up to the end."""
        s = self.connected(g.port, HOST)
        s.sendall(text)
        return harness.recv_all(s)


class Cgi(Gateway):
    NAME = 'cgi-gateway'

    def setUp(self):
        super().setUp()
        self.top = os.path.realpath(self.directory())
        self.dir = os.path.join(self.top, 'cgi')
        os.mkdir(self.dir)

    def program(self, name, text, shell='/bin/sh', mode=0o755):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write('#!%s\n%s' % (shell, text))
        os.chmod(path, mode)
        return path

    def cgi(self, *args, env=None):
        return self.gateway(*args, self.dir, env=env)

    def note(self, name):
        """A file that programs may write: its name."""
        return os.path.join(self.top, name)

    def noted(self, name):
        return ''.join(harness.lines_of(self.note(name)))


def alive(pid):
    """A process, and no zombie."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False
