"""What is to go wrong, and servers in which it does: for the tests of faults."""

import os
import queue
import re
import threading
import traceback

import faults
from faults import Origins, Shim, attempt, descriptors, sockets
from harness import Case, Process, await_true
from peers import TunnelProxy

ALL = os.environ.get('TUNNEL_FAULTS') == 'all'
WORKERS = 3
EVERY = (2, 3, 5) if ALL else (3,)
PIPES = 16              # descriptors of those that a proxy keeps for later

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


def some(first=0):
    """Of what is tried in another way as well: every fourth from there on."""
    return (HARMLESS + HARMFUL)[slice(None) if ALL else slice(first, None, 4)]


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
        if calls == 0:
            return ()
        if ALL:
            return range(1, calls + 4)
        step = calls // 3 + 1
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
    """A server with a shim.  start gives its process and its port, and spare
    is the number of descriptors that it may keep."""

    def __init__(self, case, start, spare=PIPES):
        self.case = case
        self.origins = Origins(case)
        self.shim = Shim(case.library)
        self.process, self.port = start(self)
        self.pid = self.process.pid
        self.spare = spare
        self.base = sockets(self.pid)
        self.descriptors = descriptors(self.pid)
        assert self.shim.loaded()

    def listening(self, argv, pattern=r'listening on .*:(\d+)\n'):
        """A program with the shim that says where it listens."""
        p = self.case.start(argv, env=self.shim.env())
        line = p.stdout.readline().decode()
        found = re.fullmatch(pattern, line)
        assert found, line + p.said()
        return p, int(found.group(1))

    def more(self):
        return descriptors(self.pid) - self.descriptors

    def clean(self):
        """Everything of an exchange has been closed."""
        await_true(lambda: sockets(self.pid) <= self.base and
                   self.more() <= self.spare, step=0.001)
        await_true(lambda: self.origins.active == 0, step=0.001)

    def run(self, exchange, kind, **which):
        """(how it went, the number of calls, how many of them failed)"""
        self.shim.arm(kind, **which)
        cpu = self.process.cpu()
        how = attempt(self.port, exchange, self.origins)
        try:
            self.clean()
        except AssertionError:
            how += ', and %d sockets of %d descriptors are left, %d peers' % (
                sockets(self.pid) - self.base, self.more(),
                self.origins.active)
            self.base = sockets(self.pid)
            self.descriptors = descriptors(self.pid)
        calls, hits = self.shim.disarm()[3:5]
        if self.process.cpu() - cpu > 0.5:
            how += ', and took all the processor'
        how = ', '.join([how] + self.origins.cut)
        self.origins.cut.clear()
        return how, calls, hits


class InServer(Faults):
    """What goes wrong in a server, seen by its client and by those beyond."""

    def one(self, faulty, exchange, kind, harmless, **which):
        how, calls, hits = faulty.run(exchange, kind, **which)
        good = ('whole',) if harmless or hits == 0 else ('whole', 'error')
        if how not in good:
            self.wrong.append('%s %s %s: %s' % (exchange.__name__, kind, which,
                                                how))
        return calls

    def all_of(self, start, exchange, kinds, harmless=HARMLESS, **kwargs):
        def worker(todo):
            faulty = Faulty(self, start, **kwargs)
            while True:
                kind = todo.get_nowait()
                job = exchange, kind, kind in harmless
                calls = self.one(faulty, *job)
                for n in self.places(calls, kind):
                    self.one(faulty, *job, at=n)
                for k in EVERY if calls > 1 and kind in harmless else ():
                    self.one(faulty, *job, every=k)
        self.run_jobs(worker, kinds)


def proxy(*options, port=None):
    """A tunnel-proxy; port: which of its others is meant."""
    def start(faulty):
        p = TunnelProxy('--forward', '--threads', '1', '-q', *options,
                        env=faulty.shim.env())
        faulty.case.addCleanup(p.stop)
        return p.process, p.port if port is None else p.read_port(port)
    return start
