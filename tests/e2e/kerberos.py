"""A realm of our own on loopback, and a squid in it.

    realm = kerberos.Realm()            a KDC, and user@TEST with a password
    realm.service('HTTP/localhost')     a principal more: its keytab
    env = realm.login()                 an environment with a ticket in it

Nothing of it is the system's: configuration, database, keytabs and caches are in
the realm's directory.  Names are taken as they are, for what 127.0.0.1 and
localhost are called differs from machine to machine."""

import os
import struct
import subprocess
import time

import harness
import peers
from harness import clean_env, need

NAME = 'TUNNEL.TEST'
PASSWORD = 'Pass word'


class Realm(peers.Daemon):
    def __init__(self):
        self.caches = 0
        super().__init__()

    def path(self, name):
        return os.path.join(self.dir, name)

    def environment(self, **more):
        """That of a user of the realm, who has not logged in."""
        return clean_env(KRB5_CONFIG=self.path('krb5.conf'),
                         KRB5_KDC_PROFILE=self.path('kdc.conf'),
                         KRB5CCNAME='FILE:' + self.path('none'),
                         KRB5_CLIENT_KTNAME='FILE:' + self.path('none'),
                         GSS_MECH_CONFIG=os.devnull,
                         LC_ALL='C', **more)

    def configure(self):
        self.write('krb5.conf', '\n'.join([
            '[libdefaults]', 'default_realm = ' + NAME,
            'dns_lookup_kdc = false', 'dns_lookup_realm = false',
            'dns_canonicalize_hostname = false', 'rdns = false',
            'qualify_shortname = ""',
            '[realms]', NAME + ' = {', 'kdc = 127.0.0.1:%d' % self.port, '}',
            '[domain_realm]', 'localhost = ' + NAME,
            '127.0.0.1 = ' + NAME]) + '\n')
        self.write('kdc.conf', '\n'.join([
            '[realms]', NAME + ' = {',
            'database_name = ' + self.path('principal'),
            'key_stash_file = ' + self.path('stash'),
            'acl_file = ' + self.path('acl'),
            'kdc_listen = 127.0.0.1:%d' % self.port,
            'kdc_tcp_listen = 127.0.0.1:%d' % self.port, '}',
            '[logging]', 'kdc = FILE:' + self.path('kdc.log')]) + '\n')

    def command(self):
        kdc = need('krb5kdc', 'krb5-kdc')
        need('kinit', 'krb5-user')
        need('kadmin.local', 'krb5-admin-server')
        self.configure()
        self.do('kdb5_util', 'create', '-s', '-W', '-P', 'master')
        self.admin('addprinc -pw "%s" user' % PASSWORD)
        # The program is started with the environment of all tests.
        return [need('env', 'coreutils')] + [
            '%s=%s' % (name, value)
            for name, value in self.environment().items()
            if name.startswith('KRB5')] + [
            kdc, '-n', '-P', self.path('pid')]

    def do(self, program, *words, **kwargs):
        done = subprocess.run([need(program, 'krb5')] + list(words),
                              env=self.environment(), timeout=harness.PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              **kwargs)
        if done.returncode != 0:
            raise AssertionError('%s: %r' % (program, done.stdout))
        return done.stdout

    def admin(self, query):
        self.do('kadmin.local', '-r', NAME, '-q', query)

    def service(self, principal, name='keytab'):
        """A keytab for it, which a proxy that has given up root can read."""
        self.admin('addprinc -randkey ' + principal)
        self.admin('ktadd -k %s %s' % (self.path(name), principal))
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def login(self, *options):
        """kinit with these options: an environment with its ticket."""
        self.caches += 1
        cache = 'FILE:' + self.path('cache%d' % self.caches)
        self.do('kinit', '-c', cache, *options, 'user',
                input=PASSWORD.encode() + b'\n')
        env = self.environment()
        env['KRB5CCNAME'] = cache
        return env

    def expired(self):
        """The same as if that had been yesterday.  In a cache, a ticket has
        the times of the login, of its beginning and of its end in a row."""
        env = self.login('-l', '10h')
        path = env['KRB5CCNAME'].partition(':')[2]
        with open(path, 'rb') as f:
            data = f.read()
        for now in range(int(time.time()) - 2 * harness.PATIENCE,
                         int(time.time()) + 1):
            times = struct.pack('>III', now, now, now + 36000)
            if times in data:
                break
        then = now - 86400
        with open(path, 'wb') as f:
            f.write(data.replace(times, struct.pack('>III', then, then,
                                                    then + 36000)))
        return env


class Squid(peers.Squid):
    """It wants a ticket for a principal of its keytab.  offers: 'Basic', for
    user:Password, as well."""

    def __init__(self, realm, keytab, offers=()):
        self.realm, self.keytab, self.offers = realm, keytab, offers
        super().__init__('user:Password' if 'Basic' in offers else None)

    def rules(self):
        helper = '/usr/lib/squid/negotiate_kerberos_auth'
        need(helper, 'squid')
        # No replay cache, which would be a file of the machine's.
        script = self.write('helper', '\n'.join([
            '#!/bin/sh', 'KRB5_CONFIG=%s' % self.realm.path('krb5.conf'),
            'KRB5RCACHENAME=none:', 'export KRB5_CONFIG KRB5RCACHENAME',
            'exec %s -k %s -s GSS_C_NO_NAME -t none'
            % (helper, self.keytab)]) + '\n', 0o755)
        return ['auth_param negotiate program %s' % script,
                'auth_param negotiate children 2',
                'auth_param negotiate keep_alive on'] + (
                super().rules() if self.offers else [
                    'acl known proxy_auth REQUIRED',
                    'http_access allow known', 'http_access deny all'])
