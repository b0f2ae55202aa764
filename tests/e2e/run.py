#!/usr/bin/env python3
"""Run the end-to-end tests: classes side by side, a line for each test.

    python3 tests/e2e/run.py [WORD...]      only tests whose names hold a WORD

TUNNEL_BUILD is the directory of the programs; with TUNNEL_REQUIRE=1 a peer
program that is missing is a failure, else its tests are skipped."""

import concurrent.futures
import multiprocessing
import os
import signal
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
WORKERS = 2
HUNG = 360              # seconds for one test, whatever it waits for


class Hung(Exception):
    pass


def on_alarm(*_):
    raise Hung('no end after %d s' % HUNG)


class Result(unittest.TestResult):
    """Says each outcome at once; what failed in a class's setUp, too."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = 0
        self.began = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        signal.alarm(HUNG)

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)

    def line(self, word, test, more=''):
        # In one write, so that two workers do not mix their lines.
        sys.stdout.write('%-7s %5.1f s  %s%s\n' % (
            word, time.monotonic() - self.began, test.id(), more))
        sys.stdout.flush()

    def wrong(self, test, err):
        self.failed += 1
        self.line('FAILED', test, '\n' + self._exc_info_to_string(err, test))

    def addSuccess(self, test):
        self.passed += 1
        self.line('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line('skipped', test, ': ' + reason)

    def addFailure(self, test, err):
        self.wrong(test, err)

    def addError(self, test, err):
        self.wrong(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.wrong(subtest, err)


def names(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from names(item)
        else:
            yield item


def run_class(ids):
    # Behind nohup or '&' some signals come ignored, and programs inherit that.
    for sig in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(sig, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, on_alarm)
    suite = unittest.defaultTestLoader.loadTestsFromNames(ids)
    result = Result()
    suite.run(result)
    return result.passed, result.failed, len(result.skipped)


def main():
    found = unittest.defaultTestLoader.discover(HERE, 'test_*.py')
    groups = {}
    for test in names(found):
        name = test.id()
        if len(sys.argv) > 1 and not any(w in name for w in sys.argv[1:]):
            continue
        groups.setdefault(name.rsplit('.', 1)[0], []).append(name)
    total = [0, 0, 0]
    began = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(
            WORKERS, multiprocessing.get_context('fork')) as pool:
        jobs = [pool.submit(run_class, ids) for ids in groups.values()]
        for job in concurrent.futures.as_completed(jobs):
            total = [a + b for a, b in zip(total, job.result())]
    print('end to end: %.0f s' % (time.monotonic() - began))
    print('e2e: %d passed, %d failed, %d skipped' % tuple(total))
    return 1 if total[1] or not total[0] else 0


if __name__ == '__main__':
    sys.exit(main())
