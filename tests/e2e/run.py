#!/usr/bin/env python3
"""Run the end-to-end tests: classes side by side, a line for each test.

    python3 tests/e2e/run.py [WORD...]      only tests whose names hold a WORD
"""

import concurrent.futures
import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
WORKERS = 2


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.lines = []
        self.passed = 0
        self.began = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, word, test, more=''):
        spent = time.monotonic() - self.began if self.began else 0
        self.lines.append('%-7s %5.1f s  %s%s' % (word, spent, test.id(),
                                                  more))

    def addSuccess(self, test):
        self.passed += 1
        self.line('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line('skipped', test, ': ' + reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line('FAILED', test, '\n' + self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.line('FAILED', test, '\n' + self.errors[-1][1])


def names(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from names(item)
        else:
            yield item


def run_class(ids):
    suite = unittest.defaultTestLoader.loadTestsFromNames(ids)
    result = Result()
    suite.run(result)
    return (result.lines, result.passed,
            len(result.failures) + len(result.errors), len(result.skipped))


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
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(run_class, ids) for ids in groups.values()]
        for job in concurrent.futures.as_completed(jobs):
            lines, *counts = job.result()
            total = [a + b for a, b in zip(total, counts)]
            print('\n'.join(lines), flush=True)
    print('end to end: %.0f s' % (time.monotonic() - began))
    print('e2e: %d passed, %d failed, %d skipped' % tuple(total))
    return 1 if total[1] or not total[0] else 0


if __name__ == '__main__':
    sys.exit(main())
