"""FTP servers: vsftpd, and one that says what it is told to."""

import os
import re
import shutil
import socket
import subprocess
import threading

import harness
import peers
from gateways import HOST, Gateway
from harness import need, recv_until
from scripted import MIB, reset

CONTENT = bytes(range(256)) * 300


class Files:
    """The directory of a server in one of its own."""

    def make(self):
        self.root = os.path.join(self.dir, 'root')
        os.makedirs(self.root, exist_ok=True)
        os.chmod(self.root, 0o777)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def mkdir(self, *names):
        for i in range(len(names)):
            d = self.path(*names[:i + 1])
            os.makedirs(d, exist_ok=True)
            os.chmod(d, 0o777)

    def put(self, *names, content=b''):
        self.mkdir(*names[:-1])
        with open(self.path(*names), 'wb') as f:
            f.write(content)
        os.chmod(f.name, 0o666)
        return f.name


class Pyftpdlib(Files, peers.Daemon):
    """A server that knows MLSD, for one user."""

    PYTHON = '/usr/bin/python3'         # of the system, whose package it is

    def __init__(self, user, password):
        self.account = user, password
        if not os.path.exists(self.PYTHON) or subprocess.run(
                [self.PYTHON, '-c', 'import pyftpdlib'],
                capture_output=True).returncode:
            need('pyftpdlib', 'python3-pyftpdlib')
        super().__init__()

    def command(self):
        self.make()
        return [self.PYTHON, '-m', 'pyftpdlib', '-i', HOST, '-p',
                str(self.port), '-d', self.root, '-w', '-u', self.account[0],
                '-P', self.account[1]]


class Vsftpd(Files, peers.Daemon):
    """Anonymous FTP over a directory, where everything may be changed."""

    def __init__(self, password=None):
        """password: the only one with which anybody comes in."""
        self.password = password
        super().__init__()

    def command(self):
        vsftpd = need('vsftpd', 'vsftpd')
        self.make()
        empty = os.path.join(self.dir, 'empty')
        os.makedirs(empty, exist_ok=True)
        lines = [
            'listen=YES', 'listen_address=' + HOST,
            'listen_port=%d' % self.port, 'background=NO',
            'run_as_launching_user=YES', 'session_support=NO',
            'isolate=NO', 'isolate_network=NO', 'seccomp_sandbox=NO',
            'ascii_download_enable=YES',
            'secure_chroot_dir=' + empty, 'xferlog_enable=NO',
            'anonymous_enable=YES', 'local_enable=NO',
            'anon_root=' + self.root, 'allow_writeable_chroot=YES',
            'write_enable=YES', 'anon_upload_enable=YES',
            'anon_mkdir_write_enable=YES', 'anon_other_write_enable=YES',
            'anon_umask=022', 'anon_world_readable_only=NO']
        if self.password is not None:
            lines += ['secure_email_list_enable=YES', 'email_password_file=' +
                      self.write('passwords', self.password + '\n')]
        conf = self.write('vsftpd.conf', '\n'.join(lines) + '\n')
        if os.geteuid() != 0:
            return [vsftpd, conf]
        # It is not shut in there, and must not be root.
        shutil.chown(conf, 'nobody')
        return ['setpriv', '--reuid=nobody', '--regid=nogroup',
                '--clear-groups', vsftpd, conf]


class Ftp:
    """One session.  What it says to a command is in replies, by the command's
    name: text, or a function of (session, argument) that gives text or says
    all by itself."""

    def __init__(self, server, conn):
        self.server, self.conn = server, conn
        self.data = self.listener = None
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, text):
        raw = text if isinstance(text, bytes) else text.encode() + b'\r\n'
        if self.server.bytewise:
            for i in range(len(raw)):
                self.conn.sendall(raw[i:i + 1])
        else:
            self.conn.sendall(raw)

    def hear(self):
        line = b''
        while not line.endswith(b'\r\n'):
            part = self.conn.recv(1)
            if not part:
                return None
            line += part
        return line[:-2]

    def answer(self, name, argument):
        reply = self.server.replies.get(name, '502 what?')
        if callable(reply):
            reply = reply(self, argument)
        if reply is not None:
            self.say(reply)

    def run(self):
        self.answer('greeting', b'')
        while True:
            line = self.hear()
            if line is None:
                return
            self.server.heard.append(line)
            name, _, argument = line.partition(b' ')
            self.answer(name.decode(), argument)
            if name == b'QUIT':
                return

    def listen(self):
        self.listener = socket.socket(self.conn.family)
        self.server.case.addCleanup(self.listener.close)
        # Where it is asked; a server has no other address.
        self.listener.bind((self.conn.getsockname()[0], 0))
        self.listener.listen(1)
        self.listener.settimeout(harness.PATIENCE)
        return self.listener.getsockname()[1]

    def accept(self):
        self.data, _ = self.listener.accept()
        self.data.settimeout(harness.PATIENCE)
        self.server.case.addCleanup(self.data.close)
        return self.data

    # Of these, replies are made.

    def epsv(self, _):
        return '229 here (|||%d|)' % self.listen()

    def send(self, content, end='226 done', cut=False, late=False):
        """cut: it ends by a reset; late: and not before the test's client has
        a reply."""
        self.say('150 here it comes')
        data = self.accept()
        try:
            data.sendall(content)
            if late:
                self.server.case.begun.wait(harness.PATIENCE)
        finally:
            if cut:
                reset(data)
            data.close()
        return end

    def receive(self, end='226 done'):
        self.say('150 go on')
        self.server.received = harness.recv_all(self.accept())
        self.data.close()
        return end


class Server(harness.Server):
    def __init__(self, case, replies, bytewise=False, **kwargs):
        self.case, self.bytewise = case, bytewise
        self.heard = []         # of all sessions
        self.received = None
        self.replies = {
            'greeting': '220 hello', 'USER': '331 and?', 'PASS': '230 in',
            'TYPE': '200 ok', 'CWD': '250 there', 'SIZE': '550 no',
            'MDTM': '213 20260203040506', 'EPSV': Ftp.epsv, 'QUIT': '221 bye',
            'REST': '350 ok', 'STOR': lambda s, _: s.receive()}
        self.replies.update(replies)
        super().__init__(lambda conn: Ftp(self, conn).run(), **kwargs)

    def names(self):
        """The commands so far, without what stood behind them."""
        return [line.split(b' ')[0].decode() for line in self.heard]


def file_of(content, size=None, **how):
    """Replies for a server with one file, that says this of its size."""
    return {'SIZE': '213 %d' % (len(content) if size is None else size),
            'RETR': lambda s, _: s.send(content, **how)}


class Case(Gateway):
    NAME = 'ftp-gateway'

    def ftp(self, replies=None, **kwargs):
        s = Server(self, replies or {}, **kwargs)
        self.addCleanup(s.stop)
        return s

    def proxy(self, server, *args):
        """A gateway that is a proxy for this server, in self.g."""
        self.g = self.gateway('--allow', '%s:%d' % (HOST, server.port), *args)
        self.base = 'ftp://%s:%d' % (HOST, server.port)
        self.x = ['-x', 'http://%s:%d' % (HOST, self.g.port)]
        return self.g

    def get(self, path, *args, status=0):
        return self.curl(*self.x, *args, self.base + path, status=status)

    def status(self, path, *args):
        return self.code(*self.x, *args, self.base + path)

    def fields(self, path, *args):
        """Status, fields in lower case, content."""
        raw = self.get(path, '-i', *args).decode('latin-1')
        while raw.startswith('HTTP/1.1 100'):
            raw = raw.split('\r\n\r\n', 1)[1]
        top, _, content = raw.partition('\r\n\r\n')
        lines = top.split('\r\n')
        return int(lines[0].split()[1]), dict(
            (k.lower(), v) for k, v in
            (line.split(': ', 1) for line in lines[1:])), content


class Scripted(Case):
    """A test that sees how a reply is cut off."""

    def setUp(self):
        super().setUp()
        self.begun = threading.Event()      # the client has the reply's head
        self.addCleanup(self.begun.set)

    def cut_off(self, replies, *gateway, version='1.1', path='/f', more=''):
        """The reply begins well, and cannot be taken for a whole one: its
        content so far, as it is framed."""
        self.begun.clear()
        self.proxy(self.ftp(replies), *gateway)
        c = self.connected(self.g.port)
        c.sendall(('GET %s%s HTTP/%s\r\nHost: x\r\n%s\r\n' % (
            self.base, path, version, more)).encode())
        head = recv_until(c, b'\r\n\r\n')
        self.assertRegex(head, rb'^HTTP/1.1 20[06] ')
        self.begun.set()
        rest, died = b'', False
        try:
            for part in iter(lambda: c.recv(MIB), b''):
                rest += part
        except ConnectionResetError:
            died = True
        length = re.search(rb'\r\nContent-Length: (\d+)', head)
        if length:
            self.assertLess(len(rest), int(length.group(1)))
        elif b'chunked' in head:
            self.assertFalse(rest.endswith(b'0\r\n\r\n'))
        else:
            self.assertTrue(died)
        return rest
