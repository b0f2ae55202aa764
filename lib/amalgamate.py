#!/usr/bin/env python3
"""amalgamate.py - the library as one source file and one header

    amalgamate.py VERSION DIR ROOM...       (rooms as core/head, net/loop)

writes DIR/tunnel.c and DIR/tunnel.h.  Rooms are joined in the order given.
What a room keeps to itself (functions, variables, constants, tags and macros
without prefix) gets the room's name behind it, as all of them share one file
now; the public and the shared names stay as they are.  Rooms that only one
system has are guarded, so that one file serves all of them.
"""
import os
import re
import sys

TOKEN = re.compile(r'''
    (?P<comment>/\*.*?\*/)
  | (?P<include>^[ \t]*\#[ \t]*include[^\n]*)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<space>\s+)
  | (?P<other>->|\#\#|.)
''', re.X | re.S | re.M)

KEYWORDS = set('''auto break case char const continue default do double else enum
extern float for goto if inline int long register return short signed sizeof
static struct switch typedef union unsigned void volatile while'''.split())

# A room of one system, and the systems that have it.
LINUX = 'defined(__linux__)'
KQUEUE = ('defined(__FreeBSD__) || defined(__OpenBSD__) || '
          'defined(__NetBSD__) || defined(__DragonFly__) || '
          'defined(__APPLE__)')
GUARDS = {
    'net/loop_epoll': LINUX, 'net/io_splice': LINUX,
    'net/cores_linux': LINUX, 'net/socket_linux': LINUX,
    'net/loop_kqueue': KQUEUE, 'net/io_nosplice': '!' + LINUX,
    'net/cores_posix': '!' + LINUX, 'net/socket_posix': '!' + LINUX,
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">].*\n',
                     re.M)


def read(path):
    with open(path, encoding='ascii') as f:
        return f.read()


def tokens(text):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(text)]


def solid(toks):
    """Those that mean something, each with its place among all."""
    return [(i, kind, word) for i, (kind, word) in enumerate(toks)
            if kind not in ('comment', 'space')]


def macros(text):
    """The macros of a room that are its own."""
    return [name for name in
            re.findall(r'^#[ \t]*define[ \t]+(\w+)', text, re.M)
            if not name.startswith(('TNL_', '_', 'MSG_', 'PIPE_', 'TCP_'))]


def without_directives(text):
    """The same length, with blanks in place of the preprocessor's lines."""
    return re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*',
                  lambda m: re.sub(r'[^\n]', ' ', m.group()), text,
                  flags=re.M | re.S)


def declared(statement):
    """The names that one declaration at file scope makes the room's own."""
    words = [w for _, _, w in statement]
    names = set()
    for i, word in enumerate(words):
        if word in ('struct', 'union', 'enum') and '{' in words[i:i + 3]:
            if words[i + 1] != '{':
                names.add(words[i + 1])
            if word == 'enum':
                body = words[words.index('{', i) + 1:words.index('}', i)]
                names.update(w for j, w in enumerate(body)
                             if re.match(r'[A-Za-z_]', w) and
                             (j == 0 or body[j - 1] == ','))
    if not words or words[0] not in ('static', 'typedef', 'extern'):
        return names
    flat, depth = [], 0
    for word in words:
        depth -= word == '}'
        if depth == 0:
            flat.append(word)
        depth += word == '{'
    pointer = re.search(r'\( \* (?:const )?(\w+)', ' '.join(flat))
    if pointer and '=' not in flat[:flat.index('(')]:
        names.add(pointer.group(1))
    elif words[0] == 'typedef':
        before = [w for w in flat if re.match(r'[A-Za-z_]\w*$', w)]
        names.add(before[-1] if '(' not in flat else
                  flat[flat.index('(') - 1])
    else:
        for i, word in enumerate(flat[1:], 1):
            if word in ('(', '=', ';', '[', ','):
                names.add(flat[i - 1])
                if word == '(':
                    break
            if word in ('=', ';'):
                break
    return {n for n in names if re.match(r'[A-Za-z_]\w*$', n) and
            n not in KEYWORDS}


def statements(text):
    """Each declaration and definition at file scope; bodies are left out."""
    statement, depth, function = [], 0, False
    for item in solid(tokens(without_directives(text))):
        word = item[2]
        if word == '{':
            function = depth == 0 and statement and \
                statement[-1][2] == ')' or function
            depth += 1
        if not (function and depth > 0):
            statement.append(item)
        if word == '}':
            depth -= 1
        if depth == 0 and (word == ';' or (word == '}' and function)):
            yield statement
            statement, function = [], False


def members(toks):
    """Where struct members are declared: their names are not the room's."""
    found, stack, last = set(), [], []
    items = solid(toks)
    for at, (i, kind, word) in enumerate(items):
        if word == '{':
            before = [w for _, _, w in items[max(0, at - 2):at]]
            stack.append('struct' in before or 'union' in before)
        elif word == '}' and stack:
            stack.pop()
        elif stack and stack[-1] and kind == 'name':
            after = items[at + 1][2] if at + 1 < len(items) else ''
            ahead = last[-1] if last else ''
            if after in (';', ',', '[', ':') and (ahead in ('*', ',', '}') or
                                                  re.match(r'\w', ahead)):
                if ahead not in ('struct', 'enum', 'union'):
                    found.add(i)
            elif after == ')' and ahead == '*':
                found.add(i)
        last.append(word)
    return found


def renamed(text, room):
    own = set(macros(text))
    for statement in statements(text):
        own |= declared(statement)
    # What a macro joins together keeps its end.
    pasted = tuple(re.findall(r'##[ \t]*(_\w+)', text)) or ('##',)
    own = {n for n in own if not n.endswith(pasted) and not
           n.startswith(('tnl_', 'tunnel_', 'TNL_', 'TUNNEL_'))}
    toks = tokens(text)
    skip = members(toks)
    out, before = [], ''
    for i, (kind, word) in enumerate(toks):
        if kind == 'name' and word in own and i not in skip and \
                before not in ('.', '->', '##'):
            word = f'{word}_of_{room}'
        out.append(word)
        if kind not in ('space', 'comment'):
            before = word
    return ''.join(out)


class Amalgam:
    def __init__(self):
        self.out, self.seen = [], set()

    def header(self, name):
        """A header of ours, after those that it needs, once."""
        if name in self.seen:
            return
        self.seen.add(name)
        text = read(os.path.join('lib', name))
        for how, other in INCLUDE.findall(text):
            if how == '"':
                self.header(other)
        self.out.append(f'/* ==== {name} ==== */\n')
        self.out.append(self.stripped(text))

    @staticmethod
    def stripped(text):
        """Without includes of ours, which are there already."""
        return INCLUDE.sub(
            lambda m: '' if m.group(1) == '"' or
            m.group(2).startswith('tunnel') else m.group(), text)

    def room(self, name):
        text = read(f'lib/{name}.c')
        for how, other in INCLUDE.findall(text):
            if how == '"':
                self.header(other)
        text = re.sub(r'^#define _(GNU|DEFAULT)_SOURCE.*\n', '', text,
                      flags=re.M)
        body = renamed(self.stripped(text), os.path.basename(name))
        ends = ''.join(f'#undef {m}_of_{os.path.basename(name)}\n'
                       for m in macros(text))
        guard = GUARDS.get(name)
        if guard:
            body = f'#if {guard}\n{body}#endif\n'
        self.out.append(f'/* ==== {name}.c ==== */\n{body}{ends}')


def public(rooms, version):
    """One header: of the core alone it has no more than the core's topics."""
    topics = re.findall(r'#include <(tunnel/\w+\.h)>', read('include/tunnel.h'))
    whole = any(r.startswith('net/') for r in rooms)
    made = {'base', 'error'} | {r.split('/')[1] for r in rooms}
    out, seen = [], set()

    def add(name):
        if name in seen:
            return
        seen.add(name)
        text = read('include/' + name)
        for how, other in INCLUDE.findall(text):
            if other.startswith('tunnel/'):
                add(other)
        out.append(Amalgam.stripped(text))

    for topic in topics:
        if whole or topic[7:-2] in made:
            add(topic)
    return (f'/* tunnel.h - libtunnel {version} as one header, for tunnel.c\n'
            ' *\n * ' + '\n * '.join(licence()) + '\n */\n' + ''.join(out))


def licence():
    return [line for line in read('LICENSE').strip().split('\n')]


def main():
    version, directory, rooms = sys.argv[1], sys.argv[2], sys.argv[3:]
    number = 0
    for part in version.split('.'):
        number = number * 256 + int(part)
    a = Amalgam()
    a.out.append(f'/* tunnel.c - libtunnel {version} as one file; see tunnel.h\n'
                 ' *\n * cc -c tunnel.c  (and -pthread, where it has more '
                 'than the core)\n *\n * ' + '\n * '.join(licence()) +
                 '\n */\n')
    a.out.append('#if defined(__linux__) && !defined(_GNU_SOURCE)\n'
                 '#define _GNU_SOURCE 1\n#endif\n'
                 '#ifndef _POSIX_C_SOURCE\n'
                 '#define _POSIX_C_SOURCE 200809L\n#endif\n'
                 '#ifndef _DEFAULT_SOURCE\n#define _DEFAULT_SOURCE 1\n#endif\n'
                 f'#define TNL_VERSION {number}u\n')
    if any(r.startswith('net/') for r in rooms):
        a.out.append(f'#if {LINUX}\n#define TNL_EPOLL\n'
                     f'#elif {KQUEUE}\n#define TNL_KQUEUE\n#endif\n')
    a.out.append('#include "tunnel.h"\n')
    for room in rooms:
        a.room(room)
    os.makedirs(directory, exist_ok=True)
    for name, text in (('tunnel.c', ''.join(a.out)),
                       ('tunnel.h', public(rooms, version))):
        with open(os.path.join(directory, name), 'w', encoding='ascii') as f:
            f.write(text)


if __name__ == '__main__':
    main()
