"""Ways to a proxy that are not TCP alone: TLS with certificates of our own, and
programs; and what is looked at in the processes of tunnel-connect."""

import base64
import os
import select
import socket
import ssl
import subprocess

import harness
from harness import need

OPENSSL_QUIET = {'check': True, 'stderr': subprocess.DEVNULL,
                 'stdout': subprocess.DEVNULL, 'timeout': harness.PATIENCE}
KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']


class Authority:
    """Somebody who signs certificates, and whom nobody else trusts."""

    def __init__(self, directory):
        self.dir = directory
        self.file = os.path.join(directory, 'ca.pem')
        self.key = self.file + '.key'
        subprocess.run([need('openssl', 'openssl'), 'req', '-x509'] + KEY +
                       ['-keyout', self.key, '-out', self.file, '-days', '2',
                        '-subj', '/CN=Authority of a test'], **OPENSSL_QUIET)

    def sign(self, name, days=2):
        """A server's context for this subjectAltName."""
        base = os.path.join(self.dir, name.replace(':', '-') + str(days))
        with open(base + '.ext', 'w') as f:
            f.write('subjectAltName=%s\n' % name)
        subprocess.run(['openssl', 'req'] + KEY + [
            '-keyout', base + '.key', '-out', base + '.csr', '-subj',
            '/CN=a proxy'], **OPENSSL_QUIET)
        subprocess.run(['openssl', 'x509', '-req', '-in', base + '.csr', '-CA',
                        self.file, '-CAkey', self.key, '-CAcreateserial',
                        '-days', str(days), '-extfile', base + '.ext', '-out',
                        base + '.pem'], **OPENSSL_QUIET)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(base + '.pem', base + '.key')
        return context


def in_tls(context, handler):
    """The handler of a server, inside TLS, which ends as TLS should."""
    def serve(conn):
        with context.wrap_socket(conn, server_side=True) as tls:
            handler(tls)
            try:
                tls.unwrap()
            except (OSError, ValueError):
                pass        # the client was faster
    return serve


class Way:
    """One of the two between sockets that do not block."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.held, self.ended = b'', False

    def step(self):
        """Move what can be moved: is more to be read, to be written?"""
        try:
            if not self.held and not self.ended:
                self.held = self.source.recv(1 << 16)
                self.ended = not self.held
            if self.held:
                self.held = self.held[self.sink.send(self.held):]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            pass
        return not self.held and not self.ended, bool(self.held)


def carry(conn, there):
    """Both ways in one thread, as two of them must not use TLS at once, until
    the way back has ended."""
    ways = up, down = Way(conn, there), Way(there, conn)
    told = False
    while True:
        wants = [way.step() for way in ways]
        if down.ended and not down.held:
            return
        if up.ended and not up.held and not told:
            there.shutdown(socket.SHUT_WR)
            told = True
        # What TLS has decrypted already shows on no socket.
        pending = (wants[0][0] and isinstance(conn, ssl.SSLSocket) and
                   conn.pending())
        select.select([w.source for w, (r, _) in zip(ways, wants) if r],
                      [w.sink for w, (_, r) in zip(ways, wants) if r],
                      [], 0 if pending else harness.PATIENCE)


def passed_on(port):
    """A handler that passes all of it on to another port, and takes its end from
    there."""
    def handler(conn):
        with socket.create_connection(('127.0.0.1', port)) as there:
            for s in conn, there:
                s.setblocking(False)
            try:
                carry(conn, there)
            finally:
                conn.settimeout(harness.PATIENCE)
    return handler


def unread(s):
    """Bytes that whoever is at the other end of a connection of 127.0.0.1 has
    not read, by the kernel's table of connections."""
    mine, theirs = ('0100007F:%04X' % name[1]
                    for name in (s.getsockname(), s.getpeername()))
    for line in harness.lines_of('/proc/net/tcp'):
        words = line.split()
        if words[1:3] == [theirs, mine]:
            return int(words[4].split(':')[1], 16)
    return None


def children(pid):
    """Of a process, and theirs."""
    found = []
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/children' % (pid, task)) as f:
            for child in map(int, f.read().split()):
                found += [child] + children(child)
    return found


def shown(pid):
    """What everybody may see of a process."""
    said = b''
    for name in ('cmdline', 'environ'):
        with open('/proc/%d/%s' % (pid, name), 'rb') as f:
            said += f.read()
    return said


def exists(pid):
    """Also when it is dead and nobody has looked."""
    return os.path.exists('/proc/%d' % pid)


def need_own_memory(case, program):
    """Skip what looks at the memory of a program that is not alone in it."""
    with open(program, 'rb') as f:
        if b'__asan_init' in f.read():
            case.skipTest('a sanitizer has a copy of the environment')


def memory_holds(pid, word):
    """Where a word is in the memory that a process can write to."""
    found = []
    with open('/proc/%d/maps' % pid) as maps, \
            open('/proc/%d/mem' % pid, 'rb', 0) as memory:
        for line in maps:
            place, mode = line.split()[:2]
            if not mode.startswith('rw'):
                continue
            start, end = (int(at, 16) for at in place.split('-'))
            if end - start > 1 << 28:
                continue        # a sanitizer's own
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except (OSError, ValueError):
                continue        # [vvar] and the like
            at = data.find(word)
            while at >= 0:
                found.append((line.split()[-1], data[at - 8:at + 16]))
                at = data.find(word, at + 1)
    return found


def forms(secret):
    """How a password may stand in memory: as it is, in what Basic sends,
    whatever is before it, and as NTLM hashes it."""
    found = {'as it is': secret,
             'in UTF-16': secret.decode().encode('utf-16-le')}
    for i in range(3):
        # Of the first and the last of each four, others have a part.
        text = base64.b64encode(b'xyz'[:i] + secret)
        found['in base64, %d' % i] = text[4 if i else 0:
                                          (i + len(secret)) // 3 * 4]
    return found


def traces(pid, secret):
    """Where a password is in memory, by its form."""
    found = {name: memory_holds(pid, word)
             for name, word in forms(secret).items()}
    return {name: where for name, where in found.items() if where}
