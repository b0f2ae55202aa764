"""A proxy that asks for NTLM, and looks at the answers itself.

    p = self.serve(ntlm.Proxy('User', 'Password', domain='DOMAIN'))
    ... p.handler.refusals, p.handler.seen

What it checks is written from MS-NLMP alone, and shares nothing with what it
checks.  Like real proxies it binds all to the connection: a challenge is good
for the connection that it came on, and so is the login.  What is wrong with an
answer is in refusals, for a client that is refused cannot know why."""

import base64
import hashlib
import hmac
import os
import socket
import struct
import threading
import time

import peers
from harness import PATIENCE, need, recv_until
from scripted import OK, echo

UNICODE, OEM, TARGET = 1, 2, 4
SIGN, SEAL, NTLM, ALWAYS_SIGN = 0x10, 0x20, 0x200, 0x8000
DOMAIN_THERE, WORKSTATION_THERE = 0x1000, 0x2000
EXTENDED, TARGET_INFO, VERSION = 0x80000, 0x800000, 0x2000000
KEY_EXCHANGE = 0x40000000

MASK = 0xffffffff


def md4(data):
    """RFC 1320; OpenSSL has put it away."""
    def rotate(v, n):
        v &= MASK
        return v << n | v >> (32 - n)
    rounds = (
        (0, range(16), (3, 7, 11, 19),
         lambda x, y, z: x & y | ~x & z),
        (0x5a827999, [i % 4 * 4 + i // 4 for i in range(16)], (3, 5, 9, 13),
         lambda x, y, z: x & y | x & z | y & z),
        (0x6ed9eba1, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
         (3, 9, 11, 15), lambda x, y, z: x ^ y ^ z))
    text = data + b'\x80' + bytes((55 - len(data)) % 64)
    text += struct.pack('<Q', 8 * len(data))
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    for at in range(0, len(text), 64):
        words = struct.unpack_from('<16I', text, at)
        a, b, c, d = state
        for constant, order, shifts, mix in rounds:
            for i, word in enumerate(order):
                a = rotate(a + mix(b, c, d) + words[word] + constant,
                           shifts[i % 4])
                a, b, c, d = d, a, b, c
        state = [(s + v) & MASK for s, v in zip(state, (a, b, c, d))]
    return struct.pack('<4I', *state)


def mac(key, *parts):
    return hmac.new(key, b''.join(parts), hashlib.md5).digest()


def utf16(text):
    return text.encode('utf-16-le')


def pair(kind, value):
    return struct.pack('<HH', kind, len(value)) + value


def pairs(data):
    """A list as a dictionary, which must be whole and end as it should."""
    found = {}
    while True:
        kind, n = struct.unpack_from('<HH', data)
        if kind == 0:
            assert n == 0, 'the end of the list has a length'
            return found, data[4:]
        assert kind not in found, 'two pairs %d' % kind
        assert len(data) >= 4 + n, 'a pair goes over the end'
        found[kind], data = data[4:4 + n], data[4 + n:]


def filetime(seconds):
    return struct.pack('<Q', int((seconds + 11644473600) * 10000000))


class Exchange:
    """One challenge, on one connection.  shape is that of the challenge:
    'full' has a time, as of any Windows since Vista; 'flagged' has flags as
    well; 'old' has none of them; 'bare' has no list; 'short' ends where the
    list would be told; 'oem' knows no Unicode."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.nonce = os.urandom(8)
        self.time = filetime(time.time())
        self.type1 = self.type2 = b''

    def challenge(self, type1):
        assert type1[:12] == b'NTLMSSP\0\1\0\0\0', 'no type 1'
        flags = struct.unpack_from('<I', type1, 12)[0]
        assert flags & NTLM and flags & (UNICODE | OEM), 'flags %x' % flags
        if self.proxy.strict:
            assert len(type1) == 32 and flags & UNICODE, 'type 1'
            assert not flags & (SIGN | SEAL | KEY_EXCHANGE | VERSION |
                                DOMAIN_THERE | WORKSTATION_THERE), 'flags'
        self.type1 = type1
        shape = self.proxy.shape
        text = OEM if shape == 'oem' else UNICODE
        flags = flags & (ALWAYS_SIGN | EXTENDED | TARGET) | NTLM | text
        name = b'DOMAIN' if shape == 'oem' else utf16('DOMAIN')
        self.listed = b''
        if shape in ('full', 'flagged', 'old', 'oem'):
            self.listed = pair(2, utf16('DOMAIN')) + pair(1, utf16('PROXY'))
            if shape in ('full', 'flagged'):
                self.listed += pair(7, self.time)
            if shape == 'flagged':
                self.listed += pair(6, b'\1\0\0\0')
            self.listed += pair(0, b'')
            flags |= TARGET_INFO
        header = 32 if shape == 'short' else 48
        self.type2 = b'NTLMSSP\0' + struct.pack(
            '<IHHII8s', 2, len(name), len(name), header, flags, self.nonce)
        if shape != 'short':
            self.type2 += struct.pack('<QHHI', 0, len(self.listed),
                                      len(self.listed), header + len(name))
        self.type2 += name + self.listed
        return self.type2

    def verify(self, type3):
        """An assertion fails for an answer that is not to be accepted."""
        assert self.type2, 'an answer, and there was no challenge'
        assert type3[:12] == b'NTLMSSP\0\3\0\0\0', 'no type 3'
        lm, nt, domain, user, workstation, key = (
            self.field(type3, 12 + 8 * i) for i in range(6))
        flags = struct.unpack_from('<I', type3, 60)[0]
        oem = self.proxy.shape == 'oem'
        domain, user, workstation = (
            s.decode('ascii' if oem else 'utf-16-le')
            for s in (domain, user, workstation))
        self.proxy.names.append((domain, user, workstation))
        assert user.upper() == self.proxy.user.upper(), 'user ' + user
        assert domain.upper() == self.proxy.domain.upper(), 'domain ' + domain
        owf = mac(md4(utf16(self.proxy.password)),
                  utf16(user.upper() + domain))
        session = self.proof(owf, nt)
        if self.proxy.strict:
            assert flags & (UNICODE | OEM) == (OEM if oem else UNICODE), 'text'
            assert not flags & (SIGN | SEAL | KEY_EXCHANGE | VERSION), 'flags'
            assert key == b'', 'a key that was not asked for'
            assert type3[64:72] == bytes(8), 'a version'
            assert workstation == 'WORKSTATION', 'workstation'
            self.extras(owf, session, lm, nt, type3)

    def field(self, message, at):
        n, most, offset = struct.unpack_from('<HHI', message, at)
        assert n <= most and (n == 0 or
                              64 <= offset <= len(message) - n), 'a field'
        return message[offset:offset + n]

    def proof(self, owf, nt):
        assert len(nt) >= 48, 'no NTLMv2 response'
        assert hmac.compare_digest(nt[:16], mac(owf, self.nonce, nt[16:])), \
            'wrong password'
        assert nt[16:24] == b'\1\1\0\0\0\0\0\0', 'versions'
        self.sent, rest = pairs(nt[44:])
        # Some leave the last four bytes off when there is no list.
        assert rest == bytes(4) or not (self.proxy.strict or rest), 'rest'
        assert nt[40:44] == bytes(4), 'reserved'
        return mac(owf, nt[:16])

    def extras(self, owf, session, lm, nt, type3):
        """The rules of MS-NLMP 3.1.5.1.2."""
        ours = pairs(self.listed)[0] if self.listed else {}
        flags = struct.unpack('<I', self.sent.pop(6, bytes(4)))[0]
        own = struct.unpack('<I', ours.pop(6, bytes(4)))[0]
        assert self.sent == ours, 'another list'
        if 7 in ours:
            assert nt[24:32] == self.time, 'not our time'
            assert flags == own | 2, 'no MIC'
            assert lm == bytes(24), 'an LM response beside a time'
            blank = type3[:72] + bytes(16) + type3[88:]
            assert hmac.compare_digest(type3[72:88], mac(
                session, self.type1, self.type2, blank)), 'wrong MIC'
            return
        then = struct.unpack('<Q', nt[24:32])[0] / 1e7 - 11644473600
        assert abs(then - time.time()) < PATIENCE, 'a wrong time'
        assert flags == own and type3[72:88] == bytes(16), 'a MIC'
        assert lm[16:] == nt[32:40], 'two client challenges'
        assert lm[:16] == mac(owf, self.nonce, lm[16:]), 'wrong LMv2'


class Proxy:
    """A handler for harness.Server.

    offers    Proxy-Authenticate of a 407 that begins nothing
    closes    after which 407 it closes: 'offer', 'challenge', 'rejection'
    version   of its replies; 1.0 keeps a connection open if it says so
    framing   'length' or 'chunked', of the bodies of its 407s
    remembers another connection needs no login any more
    strict    what MS-NLMP leaves to a client must be done as ours does it
    behind    what is done with a tunnel (connection, authority)"""

    def __init__(self, user, password, domain='', shape='full',
                 offers=('NTLM',), closes=(), version='1.1', framing='length',
                 remembers=False, strict=True, behind=None):
        self.user, self.password, self.domain = user, password, domain
        self.shape, self.offers, self.closes = shape, offers, closes
        self.version, self.framing = version, framing
        self.remembers, self.strict = remembers, strict
        self.behind = behind or (lambda conn, authority: echo(conn))
        self.known = False
        self.heads = []         # of all requests
        self.seen = []          # what each asked with: 0 nothing, 1, 3, Basic
        self.names = []         # (domain, user, workstation) of answers
        self.refusals = []      # what was wrong with each of the refused

    def __call__(self, conn):
        exchange = Exchange(self)
        user = False
        while True:
            head = self.read(conn)
            if head is None:
                return
            authority = head.split(b' ')[1].decode('latin-1')
            phase, token = self.judge(exchange, head)
            user = user or phase == 'accepted' or (
                self.remembers and self.known)
            if user:
                self.known = True
                conn.sendall(OK.replace(b'1.1', self.version.encode()))
                self.behind(conn, authority)
                return
            conn.sendall(self.refuse(phase, token))
            if phase in self.closes:
                return
            if phase != 'challenge':
                exchange = Exchange(self)

    def read(self, conn):
        first = conn.recv(1)
        if not first:
            return None
        head = first + recv_until(conn, b'\r\n\r\n')
        self.heads.append(head)
        return head

    def judge(self, exchange, head):
        """What a request is answered with, and the token in it."""
        scheme, word = self.credentials(head)
        if scheme == 'basic' and any(o.startswith('Basic')
                                     for o in self.offers):
            self.seen.append('Basic')
            both = (self.user + ':' + self.password).encode()
            if base64.b64decode(word) == both:
                return 'accepted', b''
            self.refusals.append('wrong Basic')
            return 'rejection', b''
        if scheme != 'ntlm':
            self.seen.append(0)
            return 'offer', b''
        try:
            message = base64.b64decode(word, validate=True)
            self.seen.append(message[8])
            if message[8] == 1:
                return 'challenge', exchange.challenge(message)
            exchange.verify(message)
            return 'accepted', b''
        except (AssertionError, IndexError, ValueError, struct.error) as e:
            self.refusals.append(str(e))
            return 'rejection', b''

    def credentials(self, head):
        for line in head.decode('latin-1').split('\r\n'):
            name, _, value = line.partition(':')
            if name.lower() == 'proxy-authorization':
                scheme, _, word = value.strip().partition(' ')
                return scheme.lower(), word.strip()
        return '', ''

    def refuse(self, phase, token):
        body = b'<title>Access denied</title>\n'
        lines = ['HTTP/%s 407 Proxy Authentication Required' % self.version]
        if phase == 'challenge':
            lines.append('Proxy-Authenticate: NTLM ' +
                         base64.b64encode(token).decode())
        else:
            lines += ['Proxy-Authenticate: ' + o for o in self.offers]
        if self.framing == 'chunked':
            lines.append('Transfer-Encoding: chunked')
            body = b'%x\r\n%s\r\n0\r\n\r\n' % (len(body), body)
        else:
            lines.append('Content-Length: %d' % len(body))
        if phase in self.closes:
            lines.append('Connection: close')
        elif self.version == '1.0':
            lines.append('Proxy-Connection: Keep-Alive')
        return '\r\n'.join(lines + ['', '']).encode() + body


def onward(conn, authority):
    """Carry a tunnel to where it is meant to go: Proxy(behind=onward)."""
    host, _, port = authority.rpartition(':')

    def pour(source, sink):
        try:
            while True:
                data = source.recv(1 << 16)
                if not data:
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass    # the other way notices as well
    with socket.create_connection((host.strip('[]'), int(port)),
                                  timeout=PATIENCE) as there:
        back = threading.Thread(target=pour, args=(there, conn), daemon=True)
        back.start()
        pour(conn, there)
        back.join(PATIENCE)


class NtlmSquid(peers.Squid):
    """squid with Samba's ntlm_auth, which is told the password and asks nobody:
    so it needs no winbindd, no domain and no smb.conf, and takes any user who
    knows it."""

    user, password, domain = 'User', 'Pass word', 'DOMAIN'

    def rules(self):
        helper = need('ntlm_auth', 'winbind')
        script = self.write('helper', '\n'.join([
            '#!/bin/sh',
            'exec %s --configfile=/dev/null --domain=%s --username=%s '
            "--password='%s' --helper-protocol=squid-2.5-ntlmssp"
            % (helper, self.domain, self.user, self.password)]) + '\n', 0o755)
        return ['auth_param ntlm program %s' % script,
                'auth_param ntlm children 2',
                'auth_param ntlm keep_alive on',
                'acl known proxy_auth REQUIRED',
                'http_access allow known',
                'http_access deny all']
