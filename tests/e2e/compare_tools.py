"""Programs that reach a host through an HTTP proxy, each used as well as it can
be: of options that do the same, those that do it best are taken.

    tool.command(proxy, target)     argv, environment
        login       a file with 'user:password', which is not to be seen by ps
        seconds     give up after so many
        cacert      the proxy speaks TLS, and this one has signed for it
        behind      another proxy, behind the first
        port        listen there
        socks       the same, as a SOCKS proxy
    None where there is no way."""

import ctypes
import os
import shlex
import subprocess
import sys

import harness


def at(place):
    host, port = place
    return '%s:%d' % ('[%s]' % host if ':' in host else host, port)


def account(login):
    with open(login) as f:
        return tuple(f.read().strip().split(':', 1))


def write(path, text):
    """A file that nobody else can read."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
        f.write(text)
    return path


class Tool:
    name = package = None
    short = None            # at most five letters
    can = ()                # of the options above
    schemes = 'basic',
    by_caller = False       # what a library leaves to others is not its own
    prompts = False         # for the password, on its terminal

    def path(self):
        return harness.need(self.name, self.package)

    def version(self):
        """As the distribution has it, without what that adds."""
        said = subprocess.run(['dpkg-query', '-W', '-f', '${Version}',
                               self.package], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.decode()
        return said.split('-')[0].split('+')[0].split(':')[-1]

    def command(self, proxy, target, **how):
        if not all(word in self.can for word in how):
            return None
        env = {}
        argv = self.words(proxy, target, env, **how)
        return [self.path()] + argv, harness.clean_env(**env)


class Ours(Tool):
    name, short = 'tunnel-connect', 'ours'
    schemes = 'basic', 'digest', 'ntlm'
    can = 'login', 'seconds', 'cacert', 'behind', 'port', 'socks', 'scheme'

    def path(self):
        return harness.CONNECT

    def version(self):
        return ''

    def words(self, proxy, target, env, login=None, seconds=None, cacert=None,
              behind=None, port=None, socks=None, scheme=None):
        env['TUNNEL_PROXY_AUTH'] = scheme or 'digest,ntlm,basic'
        argv = ['-x', 'http%s://%s' % ('s' if cacert else '', at(proxy)),
                '--linger-timeout', '30']
        argv += ['--cacert', cacert] if cacert else []
        argv += ['--credentials-file', login] if login else []
        argv += ['-t', str(seconds)] if seconds else []
        argv += ['-x', 'http://' + at(behind)] if behind else []
        if socks:
            return argv + ['-D', str(socks)]
        if port:
            return argv + ['-L', '%d:%s' % (port, at(target))]
        return argv + [target[0], str(target[1])]


class Corkscrew(Tool):
    name = package = 'corkscrew'
    short = 'cork'
    can = 'login',

    def words(self, proxy, target, env, login=None):
        return [proxy[0], str(proxy[1]), target[0], str(target[1])] + (
            [login] if login else [])


class Proxytunnel(Tool):
    name = package = 'proxytunnel'
    short = 'ptun'
    schemes = 'basic', 'ntlm'
    can = 'login', 'cacert', 'behind', 'port', 'scheme'

    def words(self, proxy, target, env, login=None, cacert=None, behind=None,
              port=None, scheme=None):
        argv = ['-q', '-p', at(proxy), '-d', at(target)]
        if login:
            argv += ['-F', write(login + '.passfile', 'proxy_user=%s\n'
                                 'proxy_passwd=%s\n' % account(login))]
        argv += ['-N'] if scheme == 'ntlm' else []
        argv += ['-E', '-C', cacert] if cacert else []
        argv += ['-r', at(behind)] if behind else []
        return argv + (['-a', str(port)] if port else [])


class ConnectProxy(Tool):
    name = package = 'connect-proxy'
    short = 'conn'
    can = 'login', 'seconds', 'port'

    def words(self, proxy, target, env, login=None, seconds=None, port=None):
        if login:
            env['HTTP_PROXY_USER'], env['HTTP_PROXY_PASSWORD'] = account(login)
        return (['-w', str(seconds)] if seconds else []) + (
            ['-p', str(port)] if port else []) + [
            '-H', at(proxy), target[0], str(target[1])]


class Nc(Tool):
    name, package, short = 'nc.openbsd', 'netcat-openbsd', 'nc'
    can = 'login', 'seconds'
    prompts = True

    def words(self, proxy, target, env, login=None, seconds=None):
        return ['-N', '-X', 'connect', '-x', at(proxy)] + (
            ['-P', account(login)[0]] if login else []) + (
            ['-w', str(seconds)] if seconds else []) + [
            target[0], str(target[1])]


class Ncat(Tool):
    name = package = short = 'ncat'
    schemes = 'basic', 'digest'
    can = 'login', 'seconds', 'port', 'scheme'

    def words(self, proxy, target, env, login=None, seconds=None, port=None,
              scheme=None):
        if login:
            env['NCAT_PROXY_AUTH'] = ':'.join(account(login))
        argv = ['--proxy', at(proxy), '--proxy-type', 'http', target[0],
                str(target[1])]
        if port:
            return ['-l', '-k', '127.0.0.1', str(port), '--sh-exec',
                    shlex.join([self.path()] + argv)]
        return (['-w', str(seconds)] if seconds else []) + argv


class Socat(Tool):
    name = package = short = 'socat'
    can = 'login', 'seconds', 'port'

    def words(self, proxy, target, env, login=None, seconds=None, port=None):
        host = '[%s]' % target[0] if ':' in target[0] else target[0]
        there = 'PROXY:%s:%s:%d,proxyport=%d' % (
            at(proxy).rpartition(':')[0], host, target[1], proxy[1])
        if login:
            # It would send the end of the line, too.
            there += ',proxyauthfile=' + write(login + '.bare',
                                               ':'.join(account(login)))
        there += ',connect-timeout=%d' % seconds if seconds else ''
        return ['-t', '30', '-', there] if not port else [
            '-t', '30', 'TCP-LISTEN:%d,reuseaddr,fork,bind=127.0.0.1' % port,
            there]


class Libcurl(Tool):
    """The library alone, with CURLOPT_CONNECT_ONLY: what carries the bytes and
    decides on ends is ours (compare_libcurl.py), and nothing is told of it."""
    name, package, short = 'libcurl', 'libcurl4', 'curl'
    schemes = 'basic', 'digest', 'ntlm'
    can = 'login', 'seconds', 'cacert', 'behind', 'scheme'
    by_caller = True

    def path(self):
        try:
            ctypes.CDLL('libcurl.so.4')
        except OSError:
            harness.need('libcurl.so.4', self.package)
        return sys.executable

    def words(self, proxy, target, env, login='', seconds=0, cacert='',
              behind=None, scheme=''):
        here = os.path.dirname(os.path.abspath(__file__))
        return [os.path.join(here, 'compare_libcurl.py'), at(proxy),
                at(target), login, str(seconds), cacert,
                at(behind) if behind else '']


ALL = [Ours(), Corkscrew(), Proxytunnel(), ConnectProxy(), Nc(), Ncat(),
       Socat(), Libcurl()]
