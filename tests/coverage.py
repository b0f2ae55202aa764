#!/usr/bin/env python3
"""Say what the tests have run of the library, and fail below the thresholds.

    python3 tests/coverage.py DIR

DIR is a build directory whose objects were made with --coverage, and whose
programs have run.  An assert is no branch, since one side of it is never taken;
nor is a value outside of its enumeration; nor are lines what leads to an assert(0), and the value behind it for compilers
that want one.
"""

import json
import os
import subprocess
import sys

#         what       counted     at least, in percent
LIMITS = (('lib/core', 'lines', 100.0),
          ('lib/core', 'branches', 98.0),
          ('lib/net', 'lines', 95.0))


def measure(where):
    """What gcovr has counted: {file: {line: (count, [count of each branch])}}"""
    report = os.path.join(where, 'coverage.json')
    objects = [d for d in (os.path.join(where, 'obj'),
                           os.path.join(where, 'tiny', 'obj'))
               if os.path.isdir(d)]
    subprocess.run(
        ['gcovr', '--root', '.', '--filter', 'lib/',
         '--exclude-branches-by-pattern', r'.*\bassert\(',
         '--json', report] + objects, check=True)
    files = {}
    with open(report, encoding='utf-8') as f:
        for entry in json.load(f)['files']:
            lines = files.setdefault(entry['file'], {})
            for line in entry['lines']:
                if not line['gcovr/noncode']:
                    lines[line['line_number']] = (
                        line['count'], [b['count'] for b in line['branches']])
    for name, lines in files.items():
        with open(name, encoding='utf-8') as f:
            text = f.read().split('\n')
        for n in range(1, len(text)):
            if text[n - 1].strip() == 'assert(0);':
                for k in range(impossible(text, n), n + 2):
                    lines.pop(k, None)
            # Over an enumeration there is no other value (and no default).
            if text[n - 1].lstrip().startswith('switch ((enum ') and n in lines:
                lines[n][1].pop()
    return files


def impossible(text, n):
    """From where on there is nothing but the way to the assert(0) in line n:
    the last cases of a switch, which the others are told apart from."""
    while text[n - 2].strip() in ('}', 'break;') or \
            text[n - 2].lstrip().startswith('case '):
        n -= 1
    return n


def numbers(found):
    """Sorted numbers as ranges: 3-5 8"""
    out = []
    for n in sorted(found):
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ' '.join('%d' % a if a == b else '%d-%d' % (a, b) for a, b in out)


def main():
    files = measure(sys.argv[1])
    failed = 0
    for room, what, least in LIMITS:
        mine = {name: lines for name, lines in sorted(files.items())
                if name.startswith(room + '/')}
        hit = total = 0
        missing = []
        for name, lines in mine.items():
            counts = {n: [count] if what == 'lines' else branches
                      for n, (count, branches) in lines.items()}
            hit += sum(c > 0 for b in counts.values() for c in b)
            total += sum(map(len, counts.values()))
            missed = [n for n, b in counts.items() if 0 in b]
            if missed:
                missing.append('        %s: %s' % (name, numbers(missed)))
        share = 100.0 * hit / total if total else 0.0
        enough = share >= least
        failed += not enough
        print('%-7s %s: %.2f %% of %d %s, at least %g %%' % (
            'ok' if enough else 'FAILED', room, share, total, what, least))
        print('\n'.join(missing) if missing else '        none left out')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
