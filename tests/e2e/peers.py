"""The real programs that tests talk to and through."""

import hashlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile

import harness
from harness import (PROXY, Port, Process, await_true, clean_env, lines_of,
                     need)


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port),
                                 timeout=harness.PATIENCE).close()
        return True
    except OSError:
        return False


class Daemon:
    """A program with a directory and a port of its own."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='tunnel-peer-')
        os.chmod(self.dir, 0o755)
        self.place = Port()
        self.port = self.place.number
        self.process = Process(self.command(), env=clean_env(), cwd=self.dir,
                               stdout=subprocess.DEVNULL)
        await_true(lambda: not self.process.running() or answers(self.port))
        if self.process.running():
            return
        said = self.process.said() + ''.join(lines_of(
            os.path.join(self.dir, 'cache.log')))
        self.stop()
        raise AssertionError('%s does not start: %s' % (
            self.process.popen.args, said))

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, 'w') as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def stop(self):
        self.process.stop()
        self.place.close()
        shutil.rmtree(self.dir, True)


def crypted(password):
    """As htpasswd(1) has it."""
    return subprocess.run([need('openssl', 'openssl'), 'passwd', '-apr1',
                           '-stdin'], check=True,
                          input=password.encode() + b'\n',
                          stdout=subprocess.PIPE).stdout.decode().strip()


class Squid(Daemon):
    def __init__(self, account=None):
        """account: 'user:password' that it wants, as Basic."""
        self.account = account
        super().__init__()

    def rules(self):
        """Of its configuration, who may come in."""
        if self.account is None:
            return ['http_access allow all']
        user, password = self.account.split(':', 1)
        file = self.write('passwd', '%s:%s\n' % (user, crypted(password)))
        return ['auth_param basic program /usr/lib/squid/basic_ncsa_auth %s'
                % file, 'auth_param basic realm squid',
                'acl known proxy_auth REQUIRED', 'http_access allow known',
                'http_access deny all']

    def command(self):
        squid = need('squid', 'squid')
        os.chmod(self.dir, 0o777)       # squid gives up root
        conf = self.write('squid.conf', '\n'.join([
            'http_port 127.0.0.1:%d' % self.port,
            'cache deny all',
            'access_log none',
            'cache_log %s/cache.log' % self.dir,
            'cache_store_log none',
            'pid_filename none',
            'coredump_dir %s' % self.dir,
            'visible_hostname squid.test',
            'shutdown_lifetime 0 seconds',
            'max_filedescriptors 1024',
            'pinger_enable off',
            'netdb_filename none',
            'icon_directory %s' % self.dir,
            'memory_cache_shared off',
        ] + self.rules()) + '\n')
        # A name of its own, or two at a time would share their memory.
        return [squid, '-N', '-n', 'port%d' % self.port, '-f', conf]


class Apache(Daemon):
    """apache2 with mod_proxy_connect, and users of one scheme or of none."""

    MODULES = '/usr/lib/apache2/modules'
    REALM = 'apache'

    def __init__(self, account=None, scheme='Basic'):
        """account: 'user:password' that it wants, by this scheme."""
        self.account, self.scheme = account, scheme
        super().__init__()

    def users(self):
        """Who may come in, as the module for it has them."""
        user, password = self.account.split(':', 1)
        if self.scheme == 'Basic':
            return '%s:%s\n' % (user, crypted(password))
        return '%s:%s:%s\n' % (user, self.REALM, hashlib.md5(':'.join(
            (user, self.REALM, password)).encode()).hexdigest())

    def rules(self):
        if self.account is None:
            return ['Require all granted']
        return ['AuthType %s' % self.scheme, 'AuthName %s' % self.REALM,
                'Auth%sProvider file' % self.scheme,
                'AuthUserFile %s' % self.write('users', self.users()),
                'Require valid-user']

    def command(self):
        apache = need('apache2', 'apache2-bin')
        modules = ['mpm_event', 'authn_core', 'authn_file', 'authz_core',
                   'authz_user', 'auth_basic', 'auth_digest', 'proxy',
                   'proxy_connect']
        conf = self.write('apache.conf', '\n'.join([
            'LoadModule %s_module %s/mod_%s.so' % (m, self.MODULES, m)
            for m in modules] + [
            'ServerRoot %s' % self.dir, 'ServerName apache.test',
            'DefaultRuntimeDir %s' % self.dir, 'PidFile %s/pid' % self.dir,
            'Mutex posixsem', 'CoreDumpDirectory %s' % self.dir,
            'ErrorLog %s/cache.log' % self.dir, 'LogLevel warn',
            'Listen 127.0.0.1:%d' % self.port,
            # It gives up root; who is not root has nothing to give up.
            'User nobody', 'Group nogroup',
            'StartServers 1', 'MinSpareThreads 1', 'MaxSpareThreads 25',
            'ThreadsPerChild 25', 'MaxRequestWorkers 25',
            'ProxyRequests On', 'AllowCONNECT 1-65535',
            '<Proxy "*">'] + self.rules() + ['</Proxy>']) + '\n')
        return [apache, '-f', conf, '-DFOREGROUND']


class Tinyproxy(Daemon):
    def __init__(self, account=None):
        self.account = account
        super().__init__()

    def command(self):
        tinyproxy = need('tinyproxy', 'tinyproxy')
        conf = self.write('tinyproxy.conf', '\n'.join([
            'Port %d' % self.port, 'Listen 127.0.0.1', 'Allow 127.0.0.1',
            'Timeout 600', 'MaxClients 100', 'LogLevel Critical',
        ] + (['BasicAuth ' + self.account.replace(':', ' ', 1)]
             if self.account else [])) + '\n')
        return [tinyproxy, '-d', '-c', conf]


class TunnelProxy:
    """Our own; it says itself where it listens."""

    def __init__(self, *options, rules=True, **kwargs):
        """Loopback is allowed when no option is a rule; without rules, it is
        the proxy's own default that counts."""
        if rules and not any(o in ('--allow', '--deny') for o in options):
            options = ('--allow', '127.0.0.0/8', '--allow', '::1') + options
        if '-l' not in options:
            options = ('-l', '127.0.0.1:0') + options
        self.process = Process([PROXY] + list(options), **kwargs)
        self.status = 0
        self.port = self.read_port('listening')
        if '--status' in options:
            self.status = self.read_port('status')
        self.may_end = False

    def read_port(self, what):
        line = self.process.stdout.readline().decode()
        match = re.match(what + r' on (\S+):(\d+)\n$', line)
        if match is None:
            raise AssertionError(line + self.process.stop())
        return int(match.group(2))

    def stop(self):
        self.process.stop(serving=not self.may_end)


class Sshd(Daemon):
    """A throwaway sshd, with keys that nobody else has."""

    def keygen(self, name):
        path = os.path.join(self.dir, name)
        if not os.path.exists(path):
            subprocess.run([need('ssh-keygen', 'openssh-client'), '-q', '-t',
                            'ed25519', '-N', '', '-f', path], check=True,
                           timeout=harness.PATIENCE)
        return path

    def command(self):
        sshd = need('sshd', 'openssh-server')
        if os.getuid() == 0:
            os.makedirs('/run/sshd', mode=0o755, exist_ok=True)
        host, user = self.keygen('host'), self.keygen('user')
        shutil.copy(user + '.pub', os.path.join(self.dir, 'authorized'))
        conf = self.write('sshd_config', '\n'.join([
            'Port %d' % self.port, 'ListenAddress 127.0.0.1',
            'HostKey %s' % host, 'PidFile none', 'UsePAM no',
            'StrictModes no', 'PermitRootLogin yes',
            'AuthorizedKeysFile %s/authorized' % self.dir,
            'PasswordAuthentication no', 'MaxStartups 100',
            'Subsystem sftp internal-sftp', 'LogLevel ERROR',
        ]) + '\n')
        with open(os.path.join(self.dir, 'known'), 'w') as f, \
                open(host + '.pub') as pub:
            f.write('[127.0.0.1]:%d %s' % (self.port, pub.read()))
        return [sshd, '-D', '-e', '-f', conf]

    def client(self, proxy_port):
        """Options of ssh and scp that lead to us through a proxy."""
        return self.through('-x', 'http://127.0.0.1:%d' % proxy_port)

    def through(self, *options):
        """The same with these options of tunnel-connect."""
        command = ' '.join(shlex.quote(word).replace('%', '%%')
                           for word in (harness.CONNECT,) + options)
        return self.login() + ['-o', 'ProxyCommand=%s %%h %%p' % command]

    def login(self):
        """Options for who one is, and who we are."""
        return ['-F', 'none', '-i', os.path.join(self.dir, 'user'),
                '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes',
                '-o', 'UserKnownHostsFile=%s/known' % self.dir,
                '-o', 'GlobalKnownHostsFile=none',
                '-o', 'StrictHostKeyChecking=yes', '-o', 'LogLevel=ERROR']


class GitDaemon(Daemon):
    """git daemon, with one empty repository that anybody may push to."""

    def command(self):
        git = need('git', 'git')
        path = subprocess.run([git, '--exec-path'], check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()
        self.repository = os.path.join(self.dir, 'shared.git')
        subprocess.run([git, 'init', '-q', '--bare', '-b', 'main',
                        self.repository], check=True)
        return [os.path.join(path, 'git-daemon'), '--listen=127.0.0.1',
                '--port=%d' % self.port, '--base-path=' + self.dir,
                '--export-all', '--enable=receive-pack', '--reuseaddr']

    def url(self):
        return 'git://127.0.0.1:%d/shared.git' % self.port


def certificate(directory):
    """A throwaway key and certificate for 127.0.0.1: its path."""
    path = os.path.join(directory, 'tls.pem')
    subprocess.run([need('openssl', 'openssl'), 'req', '-x509', '-newkey',
                    'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                    '-nodes', '-keyout', path + '.key', '-out', path,
                    '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
                    'subjectAltName=IP:127.0.0.1'], check=True,
                   stderr=subprocess.DEVNULL, timeout=harness.PATIENCE)
    with open(path, 'a') as out, open(path + '.key') as key:
        out.write(key.read())
    return path


PROXIES = {'squid': Squid, 'apache2': Apache, 'tinyproxy': Tinyproxy,
           'tunnel-proxy': TunnelProxy}
