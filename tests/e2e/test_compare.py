"""README compares tunnel-connect with others: it says what is seen here.

Of a program that is here in another version, nothing is known: its column is
left out, and said.  compare.py prints the table anew."""

import os
import sys

import compare
import compare_tools
import harness

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                      'README')


class Table(harness.Case):
    def setUp(self):
        super().setUp()
        with open(README) as f:
            lines = f.read().split('\n')
        names = '    %-28s' % '' + ''.join(
            '%6s' % t.short for t in compare_tools.ALL)
        self.assertIn(names, lines)
        at = lines.index(names)
        self.said = lines[at:at + 1 + len(compare.ROWS)]
        self.lines = lines

    def comparable(self, tool):
        if not tool.package or tool.version() in self.versions(tool):
            return True
        if harness.REQUIRE and not tool.version():
            harness.need(tool.name, tool.package)
        sys.stdout.write('skipped  compare: %s is %s here\n' % (
            tool.name, tool.version() or 'of no known version'))
        return False

    def versions(self, tool):
        start = '    %-5s %s ' % (tool.short, tool.name)
        return [line[len(start):] for line in self.lines
                if line.startswith(start)]

    def test_readme(self):
        tools = [t for t in compare_tools.ALL if self.comparable(t)]
        for tool, answers in zip(tools, compare.measure(tools)):
            at = compare_tools.ALL.index(tool) - len(compare_tools.ALL)
            for (question, how), answer, line in zip(compare.ROWS, answers,
                                                     self.said[1:]):
                self.assertIn(question, line)
                if answer not in ('?', line.split()[at]):
                    # What came too late on a busy machine comes now.
                    answer = compare.ask(tool, how)
                if answer != '?':
                    self.assertEqual(answer, line.split()[at],
                                     tool.name + ': ' + question)
