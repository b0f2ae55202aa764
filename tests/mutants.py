"""Small mistakes, made on purpose in the text of a C file.

A mutant is a place in the text and what stands there instead.  The text is
taken apart into tokens, and a function's body into statements, as far as it
takes to know a declaration from an expression; what no compiler takes is left
to the compiler.  Let alone are comments, strings, lines of the preprocessor, asserts
(which say what always holds, so no input sees them), and how long an array is.
Of each line of a table one number is changed.
"""

import collections
import re

TOKEN = re.compile(r'''
    (?P<blank>   \s+ | /\*.*?\*/ )
  | (?P<line>    \#(?:\\\n|[^\n])* )
  | (?P<string>  "(?:\\.|[^"\\])*" )
  | (?P<char>    '(?:\\.|[^'\\])+' )
  | (?P<number>  0[xX][0-9a-fA-F]+[uUlL]* | [0-9]+[uUlL]* )
  | (?P<name>    [A-Za-z_]\w* )
  | (?P<sign>    <<= | >>= | \.\.\. | -> | \+\+ | -- | << | >> | && | \|\|
               | [-+*/%&|^<>=!]= | . )''', re.X | re.S)

# What an operator becomes.
SWAPS = {
    '<': ('<=', '>='), '<=': ('<', '>'), '>': ('>=', '<='), '>=': ('>', '<'),
    '==': ('!=',), '!=': ('==',), '&&': ('||',), '||': ('&&',),
    '+': ('-',), '-': ('+',), '*': ('/',), '/': ('*',), '%': ('*',),
    '<<': ('>>',), '>>': ('<<',), '&': ('|',), '|': ('&',), '^': ('|',),
    '+=': ('-=', '='), '-=': ('+=', '='), '*=': ('/=',), '/=': ('*=',),
    '%=': ('*=',), '|=': ('&=', '='), '&=': ('|=', '='), '^=': ('|=',),
    '<<=': ('>>=',), '>>=': ('<<=',), '++': ('--',), '--': ('++',),
    '!': ('',), '~': ('',)}
MAY_BE_UNARY = {'+', '-', '*', '&'}

TYPES = {'auto', 'char', 'const', 'enum', 'int', 'long', 'register', 'short',
         'signed', 'static', 'struct', 'union', 'unsigned', 'void', 'volatile'}
OPENS = {'(': ')', '[': ']', '{': '}'}
ENDS = {',', ';', ')', ']', '}'}

Token = collections.namedtuple('Token', 'kind text start end')


class Mutant:
    """text[start:end] becomes new."""

    def __init__(self, name, text, start, end, new, inside):
        self.name, self.start, self.end, self.new = name, start, end, new
        self.inside = inside                    # of a function
        self.number = text.count('\n', 0, start) + 1
        first = text.rfind('\n', 0, start) + 1
        last = text.find('\n', end)
        self.old_line = ' '.join(text[first:last].split())
        self.new_line = ' '.join((text[first:start] + new +
                                  text[end:last]).split())

    def key(self):
        """What it is, wherever its line may be moved to."""
        return self.name, self.old_line, self.new_line

    def applied(self, text):
        """The whole file with it, every line where it was."""
        gone = text.count('\n', self.start, self.end) - self.new.count('\n')
        return text[:self.start] + self.new + '\n' * gone + text[self.end:]


def closing(tokens, i):
    """Where the bracket that opens at i closes."""
    depth = 0
    for j in range(i, len(tokens)):
        depth += tokens[j].text in OPENS
        depth -= tokens[j].text in (')', ']', '}')
        if depth == 0:
            return j
    raise ValueError('not closed: ' + tokens[i].text)


def ahead(tokens, i, ends):
    """The first of these from i on that is in no brackets."""
    while tokens[i].text not in ends:
        i = closing(tokens, i) + 1 if tokens[i].text in OPENS else i + 1
    return i


class Maker:
    """All mutants of one file."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.tokens = [Token(m.lastgroup, m.group(), m.start(), m.end())
                       for m in TOKEN.finditer(text)
                       if m.lastgroup not in ('blank', 'line')]
        self.bodies = set()             # tokens of functions
        self.spared = set()             # tokens that stay as they are
        self.found = {}

    def add(self, first, last, new):
        """The tokens from first to last are to be replaced."""
        start, end = self.tokens[first].start, self.tokens[last].end
        if self.spared.isdisjoint(range(first, last + 1)):
            place = (start, end, new)
            self.found[place] = Mutant(self.name, self.text, *place,
                                       first in self.bodies)

    def source(self, first, last):
        return self.text[self.tokens[first].start:self.tokens[last].end]

    def make(self):
        self.spare_asserts()
        i = 0
        while i < len(self.tokens):
            token = self.tokens[i]
            # A function's body opens in the first column.
            if token.text == '{' and self.text[token.start - 1] == '\n':
                end = closing(self.tokens, i)
                self.bodies.update(range(i, end))
                self.statements(i + 1, end)
                i = end
            i += 1
        for i in range(1, len(self.tokens)):
            self.change_token(i)
        return [self.found[place] for place in sorted(self.found)]

    def spare_asserts(self):
        for i, token in enumerate(self.tokens):
            if token.text == 'assert':
                self.spared.update(range(i, closing(self.tokens, i + 1) + 1))

    def statements(self, i, end):
        """The statements of a body, one after the other."""
        while i < end:
            word = self.tokens[i].text
            if word in ('if', 'while', 'switch', 'for'):
                i = self.condition(word, i + 1)
            elif word in ('case', 'default'):
                i = ahead(self.tokens, i, ':') + 1
            elif word in ('else', 'do', '{', '}', ';'):
                i += 1
            elif self.tokens[i].kind == 'name' and \
                    self.tokens[i + 1].text == ':':
                i += 2
            else:
                last = ahead(self.tokens, i, ';')
                self.statement(word, i, last)
                i = last + 1

    def condition(self, word, i):
        """What is in the brackets at i; where the statement goes on."""
        end = closing(self.tokens, i)
        first, last = i + 1, end - 1
        if word == 'for':
            first = ahead(self.tokens, first, ';') + 1
            last = ahead(self.tokens, first, ';') - 1
        if word == 'if':
            self.add(first, last, '!(%s)' % self.source(first, last))
        # Negated, a loop would most often be an endless one.
        elif word != 'switch' and last >= first and \
                self.tokens[end + 1].text != ';':
            self.add(first, last, '0')
        return end + 1

    def statement(self, word, i, last):
        """The tokens from i to the semicolon last."""
        if word == 'return' and last > i + 1:
            value = self.source(i + 1, last - 1)
            self.add(i + 1, last - 1, '1' if value == '0' else '0')
            # A truth that is 2 is as true.
            if value == '1':
                self.spared.add(i + 1)
        elif word == 'continue':
            self.add(i, last, 'break;')
        elif self.is_declaration(i):
            self.spare_sizes(i, last)
        else:
            self.add(i, last, ';')

    def is_declaration(self, i):
        a, b, c = self.tokens[i:i + 3]
        return a.text in TYPES or (a.kind == 'name' and (
            b.kind == 'name' or (b.text == '*' and c.kind == 'name')))

    def spare_sizes(self, i, last):
        while i < last and self.tokens[i].text != '=':
            if self.tokens[i].text == '[':
                self.spared.update(range(i, closing(self.tokens, i)))
            i += 1

    def change_token(self, i):
        token = self.tokens[i]
        if token.text == '?':
            self.swap_branches(i)
        elif token.kind == 'number':
            self.change_number(i)
        elif token.kind == 'char':
            self.add(i, i, '(%s + 1)' % token.text)
        elif re.match('TUNNEL_E[A-Z]+$', token.text):
            self.add(i, i, 'TUNNEL_EINVAL' if token.text != 'TUNNEL_EINVAL'
                     else 'TUNNEL_ESTATE')
        elif token.text in SWAPS and self.is_operator(i):
            for new in SWAPS[token.text]:
                self.add(i, i, new)

    def is_operator(self, i):
        """Neither a pointer's star, nor an address, nor a sign."""
        before, token = self.tokens[i - 1:i + 1]
        return i in self.bodies and (token.text not in MAY_BE_UNARY or (
            (before.kind in ('name', 'number', 'char') and
             before.text != 'return' or before.text in (')', ']')) and
            self.text[token.end].isspace()))

    def change_number(self, i):
        digits = re.match('0[xX][0-9a-fA-F]+|[0-9]+', self.tokens[i].text)
        value = int(digits.group(), 0)
        rest = self.tokens[i].text[digits.end():]
        self.add(i, i, '%d%s' % (value + 1, rest))
        if i in self.bodies and value > 0:
            self.add(i, i, '%d%s' % (value - 1, rest))
        if i not in self.bodies:
            line = self.text.find('\n', self.tokens[i].start)
            while i < len(self.tokens) and self.tokens[i].start < line:
                self.spared.add(i)
                i += 1

    def swap_branches(self, i):
        """c ? a : b becomes c ? b : a."""
        middle = i + 1
        while self.tokens[middle].text != ':':
            if self.tokens[middle].text == '?':
                middle = ahead(self.tokens, middle, ':') + 1
            else:
                middle = ahead(self.tokens, middle, {':', '?'})
        last, depth = middle + 1, 0
        while self.tokens[last].text not in ENDS and (
                self.tokens[last].text != ':' or depth > 0):
            depth += (self.tokens[last].text == '?') - \
                (self.tokens[last].text == ':')
            last = closing(self.tokens, last) + 1 \
                if self.tokens[last].text in OPENS else last + 1
        self.add(i + 1, last - 1, '(%s) : (%s)' % (
            self.source(middle + 1, last - 1), self.source(i + 1, middle - 1)))


def mutants(name, text):
    """All that is wrong with a file but for one character or two, in order."""
    return Maker(name, text).make()
