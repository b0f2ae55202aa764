#!/usr/bin/env python3
"""Mutation testing of lib/core: would the tests notice a small mistake?

    make mutate [SAMPLE=400|all] [SEED=1] [JOBS=2] [FILES='head url']

mutants.py makes the mistakes.  One whose object is, at -O2, that of the file
itself, or that of another mistake, is none (equivalent), nor is what does not
compile.  The others meet the unit tests that need nothing of lib/net and reach
the line, by gcov; one test program after the other, nearest first, until one
fails.  What survives meets them once more with hostile constants (tiny, see
check.sh).  Who is still alive survives: the line is said, and what it may
become without a test that fails.

Linking is most of the work, so all test programs are one, of many names.

mutate.survivors lists those that cannot be told from what is right, and why.
They are run as well, but not counted when they survive.  Fails below LEAST
percent, or when that list names what no longer is there.

A program has so much time of the processor, memory and disk; what is started
is a process group of its own, in a directory of its own.
"""

import concurrent.futures
import glob
import hashlib
import json
import math
import os
import queue
import random
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time

import mutants

LEAST = 90.0
ROOT = os.getcwd()
BUILD = os.environ.get('BUILD', 'build/mutate')
LISTED = 'tests/mutate.survivors'
CORE = os.environ['CORE'].split()
JOBS = int(os.environ.get('JOBS') or os.cpu_count())
WAIT = 600              # seconds, for what waits and does not compute
MEMORY = 1 << 20        # KiB
DISK = 1 << 14          # blocks of 512 bytes

# What a build is called, and how it is made.
BUILDS = {'plain': '',
          'tiny': '-DTNL_BUF_FIRST=1 -DTNL_CHUNK=7 -DTNL_BUDGET=1'}
ENV = {'plain': {}, 'tiny': {'TUNNEL_TINY': '1'}}

COMPILE = ['gcc', '-w', '-pipe', '-Ilib'] + shlex.split(os.environ['BASE'])
FAST = ['-O2', '-g0']
COUNTED = ['-O0', '-g0', '--coverage']


def call(argv, **more):
    return subprocess.run(argv, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)


def must(argv, **more):
    done = call(argv, **more)
    if done.returncode != 0:
        sys.exit('%s\n%s' % (' '.join(argv), done.stdout.decode()))
    return done.stdout


def compiled(text, name, out, flags):
    """Whether it compiles; the object does not say from where it was read."""
    return call(COMPILE + flags + ['-c', '-x', 'c', '-o', out, '-'],
                input=('# 1 "%s"\n' % name + text).encode()).returncode == 0


def read(name):
    with open(name, encoding='utf-8') as f:
        return f.read()


def newer(made, sources):
    return os.path.exists(made) and all(
        os.path.getmtime(made) > os.path.getmtime(s) for s in sources)


def built(where, flags, names, tune=''):
    """Objects, as the Makefile makes them."""
    objects = ['%s/%s.o' % (where, name) for name in names]
    must([os.environ.get('MAKE', 'make'), '-s', '-j%d' % JOBS, 'CC=gcc',
          'BUILD=' + where, 'CFLAGS=' + ' '.join(flags), 'TUNE=' + tune] +
         objects)
    return objects


def archived(archive, objects):
    if not newer(archive, objects):
        if os.path.exists(archive):
            os.unlink(archive)
        must(['ar', 'rcs', archive] + objects)
    return archive


def library(build, flags, tune=''):
    """The core as an archive."""
    where = '%s/%s' % (BUILD, build)
    return archived(where + '/core.a', built(
        where, flags, ['obj/core/' + room for room in CORE], tune))


def linked(out, objects, archive, *more):
    return call(['gcc', '-pthread', '-o', out] + objects +
                [BUILD + '/helpers.a', archive, '-lcmocka', *more])


def joined(programs):
    """The objects of one program that is all of these, by its argument."""
    out = BUILD + '/names'
    with open(out + '.c', 'w', encoding='utf-8') as f:
        f.write('#include <string.h>\n')
        for p in programs:
            f.write('int %s_main(void);\n' % p.name)
        f.write('int main(int argc, char **argv)\n{\n')
        for p in programs:
            f.write('\tif (argc > 1 && strcmp(argv[1], "%s") == 0)\n'
                    '\t\treturn %s_main();\n' % (p.name, p.name))
        f.write('\treturn 127;\n}\n')
    must(COMPILE + ['-c', '-o', out + '.o', out + '.c'])
    for p in programs:
        must(['objcopy', '--redefine-sym', 'main=%s_main' % p.name,
              p.object, p.object + 'ne'])
    must(['ld', '-r', '-o', BUILD + '/all.o', out + '.o'] +
         [p.object + 'ne' for p in programs])
    return [BUILD + '/all.o']


class Program:
    """A test program, and what of the core it reaches."""

    def __init__(self, name):
        self.name = name
        self.object = '%s/tests/%s.o' % (BUILD, name)
        self.seconds = 60.0             # of the processor; not known yet
        self.lines = {}                 # file: lines that were run

    def run(self, path, where, build='plain'):
        """None when it passed, or how it ended."""
        # One at a time: some shells take but one of a line.
        limits = ('ulimit -t %d; ulimit -v %d; ulimit -f %d; ulimit -c 0; '
                  'exec "$0" "$1"' % (2 + math.ceil(4 * self.seconds), MEMORY,
                                      DISK))
        # Of its own session, and so of its own group.
        p = subprocess.Popen(['sh', '-c', limits, path, self.name], cwd=where,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL,
                             env=dict(os.environ, **ENV[build]),
                             start_new_session=True)
        try:
            status = p.wait(WAIT)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            return 'hangs'
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return 'hangs'
        return None if status == 0 else 'fails'

    def share(self, name):
        """How much of what it runs is in this file."""
        return len(self.lines[name]) / sum(map(len, self.lines.values()))

    def explore(self, archive, where):
        """Run it with its lines counted, unless that is known from before.
        Lines of the core that may be run, by file, or None if it is no test of
        the core alone."""
        known = '%s/tests/%s.json' % (BUILD, self.name)
        if not newer(known, [self.object, archive, BUILD + '/helpers.a']):
            may = self.count(archive, where)
            with open(known, 'w', encoding='utf-8') as f:
                json.dump((may, self.lines, self.seconds), f)
        with open(known, encoding='utf-8') as f:
            may, self.lines, self.seconds = json.load(f)
        return may

    def count(self, archive, where):
        path = where + '/counted'
        objects = os.path.dirname(archive) + '/obj/core/'
        for left in glob.glob(objects + '*.gcda'):
            os.unlink(left)
        if linked(path, [self.object], archive, '--coverage').returncode:
            return None
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self.run(path, where) is not None:
            sys.exit(self.name + ' fails without any mistake')
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = ended.ru_utime + ended.ru_stime - \
            began.ru_utime - began.ru_stime
        counts = glob.glob(objects + '*.gcda')
        may = {}
        for text in must(['gcov', '--json-format', '--stdout'] +
                         counts).splitlines():
            for entry in json.loads(text)['files']:
                lines = entry['lines']
                may[entry['file']] = [x['line_number'] for x in lines]
                self.lines[entry['file']] = [
                    x['line_number'] for x in lines if x['count'] > 0]
        return may


class Suite:
    """The core as it is, and the tests that can be linked to it."""

    def __init__(self, where):
        helpers, tests = ([name[:-2] for name in sorted(glob.glob(
            'tests/%s_*.c' % kind))] for kind in ('helper', 'test'))
        made = built(BUILD, ['-O0', '-g0'], helpers + tests)
        archived(BUILD + '/helpers.a', made[:len(helpers)])
        self.archives = {b: library(b, FAST, BUILDS[b]) for b in BUILDS}
        counted = library('counted', COUNTED)
        self.programs, self.may = [], {}
        for name in tests:
            program = Program(os.path.basename(name))
            may = program.explore(counted, where)
            if may is not None:
                self.programs.append(program)
                for file, lines in may.items():
                    self.may.setdefault(file, set()).update(lines)
        self.objects = joined(self.programs)

    def reaching(self, mutant):
        """Programs that run its line, those of its room first."""
        may = self.may.get(mutant.name, set())
        lines = {mutant.number}
        # A line without a count belongs to what is above or below it.
        if mutant.number not in may:
            above = [n for n in may if n < mutant.number]
            below = [n for n in may if n > mutant.number]
            lines = set(above and [max(above)]) | set(below and [min(below)])
        if not mutant.inside:
            lines = may
        room = 'test_' + os.path.basename(mutant.name)[:-2]
        return sorted(
            (p for p in self.programs
             if not lines.isdisjoint(p.lines.get(mutant.name, ()))),
            key=lambda p: (p.name != room, not p.name.startswith(room + '_'),
                           p.seconds - p.share(mutant.name)))


class Runner:
    """Whether mutants are noticed."""

    def __init__(self, suite, where):
        self.suite, self.texts, self.seen = suite, {}, {}
        self.places = queue.SimpleQueue()
        for i in range(JOBS):
            self.places.put(directory(where, 'job%d' % i))

    def prepare(self, name, where):
        """What the object is without any mistake."""
        self.texts[name] = read(name)
        out = where + '/plain.o'
        if not compiled(self.texts[name], name, out, FAST):
            sys.exit(name + ': does not compile')
        self.seen[name] = {digest(out)}

    def judge(self, mutant):
        where = self.places.get()
        try:
            return self.judge_in(where, mutant)
        finally:
            self.places.put(where)

    def judge_in(self, where, mutant):
        for build, tune in BUILDS.items():
            out = '%s/%s.o' % (where, build)
            if not compiled(mutant.applied(self.texts[mutant.name]),
                            mutant.name, out, FAST + shlex.split(tune)):
                return 'invalid'
            if build == 'plain':
                seen, mine = self.seen[mutant.name], digest(out)
                if mine in seen:
                    return 'equivalent'
                seen.add(mine)
            path = where + '/program'
            if linked(path, self.suite.objects + [out],
                      self.suite.archives[build]).returncode:
                return 'invalid'
            for program in self.suite.reaching(mutant):
                if program.run(path, where, build) is not None:
                    return 'killed'
        return 'survived'


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).digest()


def directory(where, name):
    """One to run programs in, where they find what they read."""
    path = os.path.join(where, name)
    os.mkdir(path)
    os.symlink(ROOT + '/tests', path + '/tests')
    return path


def listed():
    """{key: why} of those that are explained.

    A paragraph is the file's name, a colon and the reason, as many lines as it
    takes; then the lines it is about, each "-" as it is and "+" as it may
    become."""
    found, name, why, old = {}, None, '', None
    for line in read(LISTED).split('\n') if os.path.exists(LISTED) else []:
        if line.startswith('lib/'):
            name, why = line.split(': ', 1)
        elif line.startswith('-'):
            old = ' '.join(line[1:].split())
        elif line.startswith('+'):
            found[name, old, ' '.join(line[1:].split())] = why
        elif name is not None and not line.startswith('#'):
            why += ' ' + line.strip()
    return found


class Report:
    """What became of them, file by file."""

    KINDS = 'made', 'invalid', 'equivalent', 'explained', 'killed', 'survived'

    def __init__(self, explained):
        self.explained = explained
        self.total = dict.fromkeys(self.KINDS, 0)
        print('%-31s%s  killed' % ('', ''.join('%11s' % k
                                               for k in self.KINDS)))

    def line(self, name, counts):
        print('%-31s%s %6s' % (name, ''.join(
            '%11d' % counts[k] for k in self.KINDS), share(counts)),
            flush=True)

    def file(self, name, judged):
        counts = dict.fromkeys(self.KINDS, 0)
        lines = []
        for mutant, fate in judged:
            known = mutant.key() in self.explained
            if fate == 'survived' and known:
                fate = 'explained'
            elif fate == 'survived':
                lines.append('%s:%d\n\t-%s\n\t+%s' % (
                    name, mutant.number, mutant.old_line, mutant.new_line))
            elif fate == 'killed' and known:
                lines.append('%s:%d is listed, but killed\n\t+%s' % (
                    name, mutant.number, mutant.new_line))
            counts[fate] += 1
            counts['made'] += 1
        self.line(name, counts)
        if lines:
            print('\n'.join(lines), flush=True)
        for kind in self.KINDS:
            self.total[kind] += counts[kind]


def percent(counts):
    both = counts['killed'] + counts['survived']
    return 100.0 * counts['killed'] / both if both else 100.0


def share(counts):
    return '%.1f %%' % percent(counts)


def number(name, default, least):
    """What make was told, or the end with a line that says how to tell it."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or int(value) < least:
        sys.exit('mutate: %s=%s is no whole number from %d on%s' % (
            name, value, least, ', or all' if name == 'SAMPLE' else ''))
    return int(value)


def chosen(every):
    """Of all, those that are to be tried; in the order of the text."""
    wanted = {os.path.basename(f).split('.')[0]
              for f in os.environ.get('FILES', '').split()}
    unknown = wanted - {os.path.basename(room) for room in CORE}
    if unknown:
        sys.exit('mutate: lib/core has no %s: FILES takes the names of its '
                 'rooms' % ', '.join(sorted(unknown)))
    some = [i for i, m in enumerate(every) if not wanted or
            os.path.basename(m.name)[:-2] in wanted]
    if os.environ.get('SAMPLE') != 'all':
        sample = number('SAMPLE', 400, 1)
        seed = random.Random(number('SEED', 1, 0))
        if sample < len(some):
            some = sorted(seed.sample(some, sample))
    if not some:
        sys.exit('mutate: there is nothing in these files to be mistaken about')
    return [every[i] for i in some]


def main():
    every = []
    for room in sorted(CORE):
        name = 'lib/core/%s.c' % room
        every += mutants.mutants(name, read(name))
    sample = chosen(every)
    explained = listed()
    stale = explained.keys() - {m.key() for m in every}
    for name, old, new in sorted(stale):
        print('%s has what is not there: %s\n\t-%s\n\t+%s' %
              (LISTED, name, old, new))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix='tunnel-mutate-') as where:
        suite = Suite(directory(where, 'explore'))
        print('%d test programs of the core alone, %d mutants; %.0f s' % (
            len(suite.programs), len(every), time.monotonic() - began))
        runner = Runner(suite, where)
        for name in sorted({m.name for m in sample}):
            runner.prepare(name, where)
        report, judged = Report(explained), []
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            fates = pool.map(runner.judge, sample)
            for mutant, fate in zip(sample, fates):
                if judged and judged[0][0].name != mutant.name:
                    report.file(judged[0][0].name, judged)
                    judged = []
                judged.append((mutant, fate))
        if judged:
            report.file(judged[0][0].name, judged)
    report.line('all', report.total)
    print('%s %.1f %% killed, at least %g %%; %.0f s' % (
        'ok' if percent(report.total) >= LEAST else 'FAILED',
        percent(report.total), LEAST, time.monotonic() - began))
    return 1 if stale or percent(report.total) < LEAST else 0


if __name__ == '__main__':
    sys.exit(main())
