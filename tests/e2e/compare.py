#!/usr/bin/env python3
"""What programs that lead through an HTTP proxy do, as it is seen here and now.

    python3 tests/e2e/compare.py [NAME...]      the table of README, measured

yes     it was seen to
no      it was seen not to
-       there is no option for it
*       a library leaves it to the program that calls it

Peers are scripts, and what is expected is waited for; only what does not come
takes its time."""

import base64
import concurrent.futures
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
import compare_tools                                            # noqa: E402
import harness                                                  # noqa: E402
import ntlm                                                     # noqa: E402
import peers                                                    # noqa: E402
from harness import await_true, recv_until                      # noqa: E402
from compare_run import (HOST, LONG, SECRET, SHORT, Run,        # noqa: E402
                         echo, open_echo)
from scripted import OK                                         # noqa: E402

PAGE = b'<html>A page of the proxy</html>'


# ---- the rows of the table: a question, and how it is put --------------------

def surplus(run):
    def script(conn):
        conn.sendall(OK + b'first ')
        time.sleep(0.5)         # or it might be one piece with the next
        conn.sendall(b'second')
        run.hold()
    return run.says(run.go(run.proxy(script)), b'first ')


def long_reply(run):
    def script(conn):
        for piece in (b'HTTP/1.1 2', b'00 OK\r\n',
                      b'X: %s\r\n' % (b'y' * 600) * 9, b'\r\nfirst'):
            conn.sendall(piece)
            time.sleep(0.1)
        run.hold()
    return run.says(run.go(run.proxy(script)), b'first')


def end_of_ours(run):
    """The answer comes when the end of the question has come."""
    if run.tool.by_caller:
        return '*'

    def script(conn):
        conn.sendall(OK)
        if harness.recv_all(conn) == b'question':
            time.sleep(1)
            conn.sendall(b'answer')
    p = run.go(run.proxy(script))
    p.stdin.write(b'question')
    p.stdin.close()
    return run.says(p, b'answer')


def end_of_theirs(run):
    """What is still to be said is, though the other has said all."""
    if run.tool.by_caller:
        return '*'
    got = []

    def script(conn):
        conn.sendall(OK + b'\n')
        conn.recv(1)
        conn.sendall(b'that is all')
        conn.shutdown(socket.SHUT_WR)
        got.append(harness.recv_all(conn))
    p = run.go(run.proxy(script))
    p.stdin.write(b'x')
    # Some have lost what was behind the reply.
    run.output(p, len(b'that is all'))
    time.sleep(0.5)
    try:
        p.stdin.write(b'more')
        p.stdin.close()
    except BrokenPipeError:
        return False
    await_true(lambda: got, LONG)
    return got == [b'more']


def idle_after_end(run):
    """No processor time once one side is at its end, or it has ended."""
    if run.tool.by_caller:
        return '*'
    for ours in True, False:
        ready = threading.Event()

        def script(conn):
            conn.sendall(OK)
            if not ours:
                conn.shutdown(socket.SHUT_WR)
            ready.set()
            run.hold()
        p = run.go(run.proxy(script))
        ready.wait(LONG)
        if ours:
            p.stdin.close()
        time.sleep(0.3)
        if p.running():
            before = p.cpu()
            time.sleep(1.2)
            if p.running() and p.cpu() - before > 0.1:
                return False
        p.stop()
    return True


def refusal(run):
    def script(conn):
        conn.sendall(b'HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s'
                     % (len(PAGE), PAGE))
    p = run.go(run.proxy(script))
    try:
        return run.output(p, seconds=LONG) == b'' and p.wait(LONG) != 0
    except subprocess.TimeoutExpired:
        return False


def asking(run):
    """A proxy that asks for a login, with a page, and knows one."""
    want = base64.b64encode(b'user:' + SECRET.encode())
    no = b'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="x"\r\n' \
        b'Content-Length: %d\r\n\r\n%s' % (len(PAGE), PAGE)

    def script(conn):
        while b'Basic ' + want not in run.heads[-1]:
            conn.sendall(no)
            run.heads.append(recv_until(conn, b'\r\n\r\n'))
        open_echo(conn)
    return run.proxy(script)


def basic(run):
    return run.greeting(asking(run), login=run.login())


def digest(run):
    if 'digest' not in run.tool.schemes:
        return None
    users = os.path.join(run.directory(), 'users')
    with open(users, 'w') as f:
        f.write('user:tunnel-proxy:%s\n' % hashlib.md5(
            b'user:tunnel-proxy:' + SECRET.encode()).hexdigest())
    there = peers.TunnelProxy('--auth-file', users)
    run.addCleanup(there.stop)
    origin = run.serve(echo)
    return run.greeting((HOST, there.port), target=(HOST, origin.port),
                        login=run.login(), scheme='digest')


def by_ntlm(run):
    if 'ntlm' not in run.tool.schemes:
        return None
    handler = ntlm.Proxy('user', SECRET, strict=False)
    return run.greeting((HOST, run.serve(handler).port), login=run.login(),
                        scheme='ntlm')


def unseen(run):
    """The password, in what everybody may see of a process."""
    p = run.go(asking(run), login=run.login())
    p.stdin.write(b'hello')
    if not run.says(p, b'hello'):
        return None
    with open('/proc/%d/cmdline' % p.pid, 'rb') as f:
        return SECRET.encode() not in f.read()


def silence(run):
    p = run.go(run.proxy(lambda conn: run.hold()), seconds=1)
    if p is None:
        return None
    try:
        await_true(lambda: run.heads, LONG)
        p.wait(SHORT)
        return True
    except subprocess.TimeoutExpired:
        return False


def slow_reader(run):
    """Many bytes, and nobody takes them from it: its memory stays small."""
    if run.tool.by_caller:
        return '*'
    full = threading.Event()

    def script(conn):
        conn.sendall(OK)
        conn.settimeout(0.5)
        try:
            for _ in range(64):
                conn.sendall(bytes(1 << 20))
        except OSError:
            pass
        full.set()
        run.hold()
    p = run.go(run.proxy(script))
    full.wait(3 * LONG)
    return p.resident() < 16 << 20


def to_ipv6(run):
    p = run.go(run.proxy(open_echo), target=('::1', 22))
    p.stdin.write(b'x')
    try:
        await_true(lambda: run.heads or not p.running(), LONG)
    except AssertionError:
        return False
    return bool(run.heads) and run.heads[0].startswith(b'CONNECT [::1]:22 ')


def over_ipv6(run):
    return run.greeting(run.proxy(open_echo, socket.AF_INET6))


def chain(run):
    """The first is asked for the second, and that for the target."""
    def script(conn):
        if not run.heads[0].startswith(b'CONNECT second.test:3128 '):
            return
        conn.sendall(OK)
        if recv_until(conn, b'\r\n\r\n').startswith(b'CONNECT target.test:22 '):
            open_echo(conn)
    return run.greeting(run.proxy(script), behind=('second.test', 3128))


def tls(run):
    """To the proxy; one whose certificate nobody knows is not trusted."""
    pem, other = (peers.certificate(run.directory()) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def handler(conn):
        with context.wrap_socket(conn, server_side=True) as secured:
            recv_until(secured, b'\r\n\r\n')
            open_echo(secured)
    place = (HOST, run.serve(handler).port)
    result = run.greeting(place, cacert=pem)
    return result and not run.greeting(place, cacert=other)


def listening(port):
    """Whether anybody is there; who asks by a connection takes a place."""
    with open('/proc/net/tcp') as f:
        return any(line.split()[1].endswith(':%04X' % port) and
                   line.split()[3] == '0A' for line in f)


def listens(run):
    """For two clients at a time."""
    port = run.free_port()
    if run.go(run.proxy(open_echo), port=port) is None:
        return None
    await_true(lambda: listening(port), LONG)
    served = 0
    try:
        clients = [run.connected(port) for _ in range(2)]
        for c in clients:
            c.settimeout(SHORT)
            c.sendall(b'hello')
            served += c.recv(5) == b'hello'
    except OSError:
        pass        # it was not served
    return (False, 'one', True)[served]


def socks(run):
    port = run.free_port()
    if run.go(run.proxy(open_echo), socks=port) is None:
        return None
    await_true(lambda: listening(port), LONG)
    s = run.connected(port)
    s.sendall(b'\5\1\0')
    s.sendall(b'\5\1\0\3\013target.test\0\026')
    return harness.recv_exactly(s, 12)[:4] == b'\5\0\5\0'


ROWS = [
    ('bytes behind the 200 kept', surplus),
    ('a long reply, in pieces', long_reply),
    ("answer after its input's end", end_of_ours),
    ("input after the server's end", end_of_theirs),
    ('idle when a side has ended', idle_after_end),
    ('memory bounded, nobody reads', slow_reader),
    ('refused: fails, page unseen', refusal),
    ('login: Basic', basic),
    ('login: Digest', digest),
    ('login: NTLM (version 2)', by_ntlm),
    ('password not seen by ps', unseen),
    ('gives up a silent proxy', silence),
    ('target is an IPv6 address', to_ipv6),
    ('proxy at an IPv6 address', over_ipv6),
    ('two proxies in a row', chain),
    ('TLS to the proxy, verified', tls),
    ('listens, for many clients', listens),
    ('listens as a SOCKS5 proxy', socks)]
WORDS = {True: 'yes', False: 'no', None: '-'}


def ask(tool, how):
    """One answer; '?' where the program is not here."""
    try:
        tool.path()
    except unittest.SkipTest:
        return '?'
    try:
        with Run(tool) as run:
            answer = how(run)
    except (AssertionError, OSError) as e:
        raise AssertionError('%s: %s: %s' % (tool.name, how.__name__, e))
    return WORDS.get(answer, answer)


def measure(tools):
    """Columns.  Most of it is waiting, so much is done at a time."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        jobs = [[pool.submit(ask, tool, how) for tool in tools]
                for _, how in ROWS]
        return list(zip(*([job.result() for job in row] for row in jobs)))


def table(tools, columns):
    """Lines as README has them."""
    rows = [('', [t.short for t in tools])]
    rows += [(question, [column[i] for column in columns])
             for i, (question, _) in enumerate(ROWS)]
    return ['    %-28s' % word + ''.join('%6s' % c for c in cells)
            for word, cells in rows]


def versions(tools):
    return ['    %-5s %s %s' % (t.short, t.name, t.version())
            for t in tools if t.package]


def main():
    tools = [t for t in compare_tools.ALL
             if not sys.argv[1:] or t.name in sys.argv[1:]]
    print('\n'.join(table(tools, measure(tools)) + [''] + versions(tools)))


if __name__ == '__main__':
    main()
