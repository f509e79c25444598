"""The company's hosts: what `mailsystem render` gives, and beside it only what it cannot know: keys and passwords."""
import pathlib
import sys
from typing import NamedTuple

from rig import parts
from rig.system import services
from rig.system.host import Host
from rig.system.wire import NAMESERVER

PROGRAMS = ('autoreply', 'block-sasl-fail', 'bouncedmail', 'mailqueues', 'mailsystem', 'pflogsumm-report')
INSTALLED = pathlib.Path(sys.prefix) / 'bin'
OWNER = 'mailtools'
DATABASE = 'postgresql://mailtools@10.20.0.10/mail'
USER, PASSWORD = 'app', 'open sesame, 7 times'
DATABASE_PASSWORD = 'quite another one'
PGPASS = '10.20.0.10:*:*:mailtools:{}\n'
HBA = 'local all admin trust\nhost mail mailtools 10.20.0.0/24 scram-sha-256\n'
UTF8 = {'LC_ALL': 'C.UTF-8'}
LOGIN = 'mailqueues'
DKIM_KEY = '/etc/opendkim/keys/mail.private'
CERTIFICATE, CERTIFICATE_KEY = '/etc/ssl/certs/mailsystem.pem', '/etc/ssl/private/mailsystem.key'
CA = '/etc/ssl/small-world.pem'
PASSWORD_FILE = '/etc/mailtools/relay.password'

SETTINGS = '''[mailsystem]
domain = example.com
system = debian
mx_addresses = 192.0.2.10 2001:db8:10::10
internal_networks = 10.20.0.0/24
internal_domains = corp.example.com
provider = [mx.hosted.example]:25
admin = boss
ca_file = {ca}
rbls = rbl.example
pause = 1s
greylist_delay = 3s
database = {database}
login_user = {login}
client_user = {user}
client_password_file = {password_file}
spf_includes = hosted.example
dmarc_policy = reject

[sender mail1]
addresses = 192.0.2.21 2001:db8:10::21

[sender mail2]
addresses = 192.0.2.22
'''.format(ca=CA, database=DATABASE, login=LOGIN, user=USER, password_file=PASSWORD_FILE)


class Keys(NamedTuple):
    """The keys of the company, one for all its hosts."""

    dkim: str           # private, PEM
    ssh: str            # private, of mailtools at the MX
    ssh_public: str


class CompanyHost(Host):
    """One host of the company, made of its role."""

    def __init__(self, wire, authority, keys, name, role, addresses):
        super().__init__(name)
        self.role = role
        self.authority = authority
        self.keys = keys
        wire.connect(self, addresses)

    def set_up(self):
        """All of it, but for what runs."""
        services.syslog(self)
        self.programs()
        self.secrets()
        self.write('/etc/mailtools/mailsystem.conf', SETTINGS)
        self.install()

    def programs(self):
        """The programs, their user and their folders, as a package leaves them."""
        for name in PROGRAMS:
            self.path('/usr/bin/' + name).symlink_to(INSTALLED / name)
        for user, home in ((OWNER, '/var/lib/mailtools'), (LOGIN, '/var/lib/mailqueues')):
            if self.run('id', user).status:
                self.call('useradd', '-r', '-U', '-d', home, '-s', '/bin/sh', user)
            self.folder(home, 0o750, user)
        for path in '', '/bounces', '/bounces/tmp', '/bounces/new', '/bounces/cur', '/autoreply':
            self.folder('/var/spool/mailtools' + path, 0o700 if path else 0o755, OWNER)

    def secrets(self):
        """Certificates, keys and passwords."""
        key, certificate = self.authority.certificate(self.name)
        self.write(CERTIFICATE, certificate)
        self.write(CERTIFICATE_KEY, key, 0o600)
        self.write(CA, self.authority.ca)
        self.write('/etc/chrony.conf', 'server {}\n'.format(NAMESERVER))
        self.folder('/etc/opendkim/keys', 0o700, 'opendkim')
        self.write(DKIM_KEY, self.keys.dkim, 0o600, 'opendkim')
        self.write('/var/lib/mailtools/.pgpass', PGPASS.format(DATABASE_PASSWORD), 0o600, OWNER)
        if self.role == 'mx':
            hashed = self.authority.openssl('passwd', '-6', PASSWORD).strip()
            self.write('/etc/dovecot/users', '{}:{{SHA512-CRYPT}}{}\n'.format(USER, hashed), 0o640, 'root', 'dovecot')
        if self.role == 'client':
            self.write(PASSWORD_FILE, PASSWORD + '\n', 0o600)

    def install(self):
        """Render, and put it in place as the administrator does."""
        self.call('mailsystem', 'render', '--role', self.role, '--host', self.name, '--output', '/var/lib/new')
        self.call('sh', '/var/lib/new/install.sh')

    def daemons_up(self):
        """Everything that runs on it, Postfix last."""
        if self.role != 'client':
            services.opendkim(self)
        if self.role == 'mx':
            services.postgrey(self)
            services.dovecot(self)
        services.postfix(self)
        if self.role != 'client':
            self.start('bouncedmail', '/usr/bin/bouncedmail', 'drain', '--follow', user=OWNER, env=UTF8)

    def check(self, *args):
        """mailsystem check; Ran."""
        return self.run('mailsystem', 'check', '--role', self.role, *args)


def make_postgresql(host):
    """A PostgreSQL at its internal address, with a user and a database for mailtools."""
    host.folder(services.DATA, 0o700, services.postgres_user())
    host.call(parts.postgresql_folder() + '/initdb', '-D', services.DATA, '-U', 'admin', '-A', 'trust', '--no-sync',
              '-E', 'UTF8', '--locale=C', user=services.postgres_user())
    host.write(services.DATA + '/pg_hba.conf', HBA, 0o600, services.postgres_user())
    services.postgresql(host)
    query(host, "CREATE ROLE mailtools LOGIN PASSWORD '{}'".format(DATABASE_PASSWORD), 'postgres')
    query(host, 'CREATE DATABASE mail OWNER mailtools', 'postgres')


def query(host, sql, database='mail'):
    """What psql(1) prints for a statement, as its administrator."""
    return host.call(parts.postgresql_folder() + '/psql', '-h', services.DATA, '-U', 'admin', '-d', database,
                     '-qAtc', sql, user=services.postgres_user())
