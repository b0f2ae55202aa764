"""System calls that fail, or do less, at every place where they can: each byte
arrives all the same, or an error is told.

As it comes only some of the places are tried; TUNNEL_FAULTS=all tries each."""

import os
import select
import signal
import threading

import faults
from faulty import ALL, EVERY, HARMFUL, HARMLESS, Faults, Faulty, InServer, \
    proxy, some
from faults import DOWN, EARLY, UP, Origins, Shim, attempt
from harness import PROXY, Process, await_true
from peers import TunnelProxy

SPLICE = ('splice-short', 'splice-intr', 'splice-again')
SPLICE_HARMFUL = ('splice-inval', 'splice-nomem', 'splice-reset',
                  'splice-pipe')
SHORT = ('--handshake-timeout', '1', '--dial-timeout', '1', '--idle-timeout',
         '1', '--linger-timeout', '1', '--reply-timeout', '1')
FAILED = range(1, 8)    # what tunnel-connect may end with


class InProxy(InServer):
    def test_talk(self):
        self.all_of(proxy(), faults.talk, HARMLESS + HARMFUL)

    def test_message(self):
        self.all_of(proxy(), faults.message, HARMLESS + HARMFUL)

    def test_bulk(self):
        self.all_of(proxy(), faults.bulk, SPLICE + SPLICE_HARMFUL + (
            'option-nobufs', 'wait-late', 'wait-spurious', 'alloc-nomem'),
                    harmless=HARMLESS + SPLICE)

    def test_lost(self):
        """An edge that never comes: a time is up instead.  Who listens has
        none, and hears of the next client."""
        def worker(todo):
            faulty = Faulty(self, proxy(*SHORT))
            while True:
                exchange, n = todo.get_nowait()
                poke = threading.Timer(3, self.poke, (faulty.port,))
                poke.start()
                how = faulty.run(exchange, 'wait-lost', at=n)[0]
                poke.cancel()
                if how not in ('whole', 'error'):
                    self.wrong.append('%s %d: %s' % (exchange.__name__, n,
                                                     how))
        self.run_jobs(worker, [(exchange, n)
                               for n in range(1, 13, 1 if ALL else 3)
                               for exchange in (faults.talk, faults.message)])

    def poke(self, port):
        self.connected(port).close()

    def test_first(self):
        """What is asked of the system but once."""
        def worker(todo):
            while True:
                job = todo.get_nowait()
                for n in (1, 2):
                    self.one(Faulty(self, proxy()), *job, at=n)
        self.run_jobs(worker, [(faults.bulk, 'pipe-mfile', True),
                               (faults.talk, 'thread-again', False)])


START = ('alloc-nomem', 'open-mfile', 'socket-mfile', 'pipe-mfile',
         'ctl-nomem', 'resolve-again', 'option-nobufs', 'thread-again')


class AtStart(Faults):
    """A proxy that cannot begin says so; one that has begun serves."""

    def process(self, shim):
        d = self.directory()
        with open(os.path.join(d, 'config'), 'w') as f:
            f.write('allow *:1\nuser b:c\n')
        return Process([PROXY, '-l', '127.0.0.1:0', '--threads', '2',
                        '--allow', '127.0.0.0/8', '--forward', '--access-log',
                        os.path.join(d, 'log'), '--user', 'a:b',
                        '--allow-client', '*', '--status', '0', '--config',
                        os.path.join(d, 'config')], env=shim.env())

    def start_it(self, shim):
        p = self.process(shim)
        try:
            ready = select.select([p.stdout], [], [], faults.DEADLINE)[0]
            line = p.stdout.readline().decode() if ready else 'nothing'
            if line.startswith('listening on 127.0.0.1:'):
                return attempt(int(line.rsplit(':', 1)[1]), faults.knock, None)
            if line:
                return line
            status = p.wait(faults.DEADLINE)
            return 'told' if status in (1, 2) and \
                p.said().startswith('tunnel-proxy: ') else \
                '%d: %s' % (status, p.said())
        finally:
            p.stop()

    def test_start(self):
        def worker(todo):
            shim = Shim(self.library)
            while True:
                kind = todo.get_nowait()
                shim.arm(kind)
                self.assertEqual(self.start_it(shim), 'whole')
                calls = shim.disarm()[3]
                for n in self.places(calls, kind):
                    shim.arm(kind, at=n)
                    how = self.start_it(shim)
                    if how not in ('whole', 'told', 'error'):
                        self.wrong.append('%s %d of %d: %s' % (kind, n, calls,
                                                               how))
        self.run_jobs(worker, START if ALL else START[:4])

    def test_reload(self):
        """Whatever is read anew, or not: it goes on serving."""
        shim = Shim(self.library)
        p = self.process(shim)
        self.addCleanup(p.stop)
        port = int(p.stdout.readline().decode().rsplit(':', 1)[1])
        for kind in ('alloc-nomem', 'open-mfile', 'read-intr'):
            calls = self.reload(shim, p, port, kind, 0)
            for n in self.places(calls, kind):
                self.reload(shim, p, port, kind, n)

    def reload(self, shim, p, port, kind, n):
        before = p.said().count('\n')
        shim.arm(kind, at=n)
        p.popen.send_signal(signal.SIGHUP)
        await_true(lambda: p.said().count('\n') > before or
                   not p.running(), step=0.001)
        calls = shim.disarm()[3]
        self.assertTrue(p.running(), '%s %d: %s' % (kind, n, p.said()))
        self.assertEqual(attempt(port, faults.knock, None), 'whole',
                         '%s %d: %s' % (kind, n, p.said()))
        return calls


class InConnect(Faults):
    def one(self, shim, origins, proxy, target, kind, **which):
        shim.arm(kind, **which)
        # Without memory for names, glibc itself ends in getaddrinfo(3): by an
        # assertion, or by a NULL that it follows (nss_database.c of 2.36).
        host = '127.0.0.1' if kind == 'alloc-nomem' else 'localhost'
        status, got, said, cpu = faults.connect(host, proxy, target,
                                                shim.env())
        calls, hits = shim.disarm()[3:5]
        want = EARLY + faults.digest(UP) + DOWN
        told = said.startswith('tunnel-connect: ') and said.count('\n') == 1
        good = status == 0 and got == want and not said
        if hits > 0 and kind not in HARMLESS:
            good = good or (told and want.startswith(got) and
                            (got == want if status == 0 else status in FAILED))
        await_true(lambda: origins.active == 0, step=0.001)
        if not good or cpu > 0.5 or origins.cut:
            self.wrong.append('%s %s: %d of %d hit, status %s, %d of %d bytes,'
                              ' %.2f s of processor time, %s, %s' % (
                                  kind, which, hits, calls, status, len(got),
                                  len(want), cpu, said, origins.cut))
        origins.cut.clear()
        assert shim.loaded()
        return calls

    def all_of(self, through, kinds):
        def worker(todo):
            origins = Origins(self)
            shim = Shim(self.library)
            proxy = through(origins)
            while True:
                kind = todo.get_nowait()
                job = shim, origins, proxy, origins.tunnel, kind
                calls = self.one(*job)
                for n in self.places(calls, kind):
                    self.one(*job, at=n)
                for k in EVERY if calls > 1 and kind in HARMLESS else ():
                    self.one(*job, every=k)
        self.run_jobs(worker, kinds)

    def test_proxy(self):
        through = TunnelProxy('-q')
        self.addCleanup(through.stop)
        self.all_of(lambda origins: through.port, some())

    def test_surplus(self):
        """A target that has spoken when the reply comes."""
        self.all_of(lambda origins: origins.proxy, HARMLESS + HARMFUL)
