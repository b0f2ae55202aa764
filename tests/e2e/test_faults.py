"""System calls that fail, or do less, at every place where they can: each byte
arrives all the same, or an error is told.

As it comes only some of the places are tried; TUNNEL_FAULTS=all tries each."""

import os
import queue
import threading
import traceback

import faults
from faults import DOWN, EARLY, UP, Origins, Shim, attempt, sockets
from harness import Case, await_true
from peers import TunnelProxy

ALL = os.environ.get('TUNNEL_FAULTS') == 'all'
WORKERS = 3

# After these all goes well; after the others it may be an error.
HARMLESS = ('read-short', 'read-intr', 'read-again', 'write-short',
            'write-intr', 'write-again', 'accept-intr', 'accept-again',
            'accept-mfile', 'accept-nobufs', 'connect-intr', 'wait-intr',
            'wait-spurious', 'wait-late', 'option-nobufs', 'close-intr',
            'open-intr')
HARMFUL = ('read-reset', 'read-timedout', 'read-nobufs', 'write-reset',
           'write-pipe', 'write-timedout', 'write-nobufs', 'accept-aborted',
           'connect-timedout', 'connect-refused', 'connect-nobufs',
           'socket-mfile', 'socket-nobufs', 'ctl-nomem', 'ctl-nospc',
           'pipe-mfile', 'resolve-again', 'resolve-memory', 'open-mfile',
           'shut-notconn', 'thread-again', 'alloc-nomem')
SPLICE = ('splice-short', 'splice-intr', 'splice-again')
SPLICE_HARMFUL = ('splice-inval', 'splice-nomem', 'splice-reset', 'splice-pipe')


SHORT = ('--handshake-timeout', '1', '--dial-timeout', '1', '--idle-timeout',
         '1', '--linger-timeout', '1', '--reply-timeout', '1')
FAILED = range(1, 8)    # what tunnel-connect may end with


class Faults(Case):
    """Jobs that are done side by side, and what was wrong with them."""

    def setUp(self):
        super().setUp()
        if not faults.takes_shim():
            self.skipTest('the shim is for glibc, without sanitizers')
        self.library = faults.shim_built(self.directory())
        self.wrong = []

    def places(self, calls, kind):
        """Which of so many calls are to fail: with some to spare, as not every
        run has the same number."""
        if ALL:
            return range(1, calls + 4)
        step = calls // 4 + 1
        return range(1 + len(kind) % step, calls + 2, step)

    def run_jobs(self, worker, jobs):
        """Each worker takes the next job until there are no more."""
        todo = queue.Queue()
        for job in jobs:
            todo.put(job)
        threads = [threading.Thread(target=self.guarded, args=(worker, todo))
                   for _ in range(WORKERS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if self.wrong:
            self.fail('\n'.join(self.wrong))

    def guarded(self, worker, todo):
        try:
            worker(todo)
        except queue.Empty:
            pass
        except Exception:
            self.wrong.append(traceback.format_exc())


class Faulty:
    """A proxy with a shim."""

    def __init__(self, case, *options):
        self.origins = Origins(case)
        self.shim = Shim(case.library)
        self.proxy = TunnelProxy('--forward', '--threads', '1', '-q',
                                 *options, env=self.shim.env())
        case.addCleanup(self.proxy.stop)
        self.pid = self.proxy.process.pid
        self.base = sockets(self.pid)
        assert self.shim.loaded()

    def clean(self):
        """Everything of an exchange has been closed."""
        await_true(lambda: sockets(self.pid) <= self.base, 10, 0.001)
        await_true(lambda: self.origins.active == 0, 10, 0.001)

    def run(self, exchange, kind, **which):
        """(how it went, the number of calls, how many of them failed)"""
        self.shim.arm(kind, **which)
        cpu = self.proxy.process.cpu()
        how = attempt(self.proxy.port, exchange, self.origins)
        try:
            self.clean()
        except AssertionError:
            how += ', and %d sockets are left' % (
                sockets(self.pid) - self.base)
            self.base = sockets(self.pid)
        calls, hits = self.shim.disarm()[3:5]
        if self.proxy.process.cpu() - cpu > 0.5:
            how += ', and took all the processor'
        how = ', '.join([how] + self.origins.cut)
        self.origins.cut.clear()
        return how, calls, hits


class InProxy(Faults):
    def one(self, faulty, exchange, kind, harmless, **which):
        how, calls, hits = faulty.run(exchange, kind, **which)
        good = ('whole',) if harmless or hits == 0 else ('whole', 'error')
        if how not in good:
            self.wrong.append('%s %s %s: %s' % (exchange.__name__, kind, which,
                                                how))
        return calls

    def worker(self, todo, *options):
        faulty = Faulty(self, *options)
        while True:
            job = exchange, kind, harmless = todo.get_nowait()
            calls = self.one(faulty, *job)
            for n in self.places(calls, kind):
                self.one(faulty, *job, at=n)
            for k in (2, 3) if calls > 1 and harmless else ():
                self.one(faulty, *job, every=k)

    def all_of(self, exchange, harmless, harmful):
        self.run_jobs(self.worker, [
            (exchange, kind, kind in harmless) for kind in harmless + harmful])

    def test_talk(self):
        self.all_of(faults.talk, HARMLESS, HARMFUL)

    def test_message(self):
        self.all_of(faults.message, HARMLESS, HARMFUL)

    def test_bulk(self):
        self.all_of(faults.bulk, SPLICE + ('option-nobufs', 'wait-late',
                                           'wait-spurious'),
                    SPLICE_HARMFUL + ('alloc-nomem',))

    def test_lost(self):
        """An edge that never comes: a time is up instead.  Who listens has
        none, and hears of the next client."""
        def worker(todo):
            faulty = Faulty(self, *SHORT)
            while True:
                exchange, n = todo.get_nowait()
                poke = threading.Timer(3, self.poke, (faulty.proxy.port,))
                poke.start()
                self.one(faulty, exchange, 'wait-lost', False, at=n)
                poke.cancel()
        self.run_jobs(worker, [(exchange, n) for n in range(1, 13, 1 if ALL else 3)
                               for exchange in (faults.talk, faults.message)])

    def poke(self, port):
        self.connected(port).close()

    def test_first(self):
        """What is asked of the system but once."""
        def worker(todo):
            while True:
                job = todo.get_nowait()
                for n in (1, 2):
                    self.one(Faulty(self), *job, at=n)
        self.run_jobs(worker, [(faults.bulk, 'pipe-mfile', True),
                               (faults.talk, 'thread-again', False)])


class InConnect(Faults):
    def one(self, shim, origins, proxy, target, kind, **which):
        shim.arm(kind, **which)
        # Without memory for names, glibc fails by an assertion of its own.
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
        await_true(lambda: origins.active == 0, 10, 0.001)
        if not good or cpu > 0.5 or origins.cut:
            self.wrong.append('%s %s: %d of %d hit, status %s, %d of %d bytes,'
                              ' %.2f s of processor time, %s, %s' % (
                                  kind, which, hits, calls, status, len(got),
                                  len(want), cpu, said, origins.cut))
        origins.cut.clear()
        assert shim.loaded()
        return calls

    def all_of(self, through):
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
                for k in (2, 3) if calls > 1 and kind in HARMLESS else ():
                    self.one(*job, every=k)
        self.run_jobs(worker, HARMLESS + HARMFUL)

    def test_proxy(self):
        proxy = TunnelProxy('-q')
        self.addCleanup(proxy.stop)
        self.all_of(lambda origins: proxy.port)

    def test_surplus(self):
        """A target that has spoken when the reply comes."""
        self.all_of(lambda origins: origins.proxy)
