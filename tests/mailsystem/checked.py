"""Hosts to be checked: a folder with all that `mailsystem render` gives, and DNS as a table.

The folder is what `check --root` takes; postconf and postmap of this machine read it.  Owners cannot be given away
without root, so who owns what is tested on values.
"""
import copy
import os
import pathlib
import subprocess

from mailtools.base import settings
from mailtools.mailsystem.checks.host import Host
from mailtools.mailsystem.checks.lookup import FAILED, FOUND, NONE, Answer
from mailtools.mailsystem.render import render
from mailtools.mailsystem.settings import PROGRAM, SENDER, SETTINGS, site_of
from rig import parts

TEXT = '''[mailsystem]
domain = example.com
mx_addresses = 192.0.2.10
provider = [mx.hosted.example]:25
internal_networks = 10.20.0.0/24
system = debian
postfix = {postfix}
dkim_key = /etc/opendkim/keys/mail.private
rbls = rbl.example
client_user = app
{more}
[sender mail1]
addresses = 192.0.2.21
[sender mail2]
addresses = 192.0.2.22 2001:db8::22
'''
KEYS = {}                       # made once: 2048 bits take a second


def site(tmp_path, more='', postfix='3.5'):
    """The Site of example.com; more: lines of settings."""
    path = pathlib.Path(str(tmp_path)) / 'mailsystem.conf'
    path.write_text(TEXT.format(more=more, postfix=postfix))
    return site_of(settings.load(PROGRAM, SETTINGS, str(path), SENDER))


def dns(zone, dead=()):
    """What asks a table {(name, type): values}; names in `dead` do not answer, '*' means none does."""
    def ask(name, kind):
        key = (name.rstrip('.').lower(), kind)
        if '*' in dead or key[0] in dead:
            return Answer(FAILED, (), 'timed out')
        values = zone.get(key, ())
        values = (values,) if isinstance(values, str) else tuple(values)
        return Answer(FOUND if values else NONE, values)
    return ask


class Below:
    """A host whose files are in a folder."""

    def __init__(self, tmp_path, role='mx', more=''):
        self.top = pathlib.Path(str(tmp_path)) / 'host'
        self.role = role
        self.site = site(tmp_path, more)
        for file in render(self.site, role, {'mx': '', 'sender': 'mail1', 'client': 'app.example.com'}[role]):
            self.write(file.path, file.text, file.mode)
            if file.command:
                program, table = file.command.split()
                self.compile(program, table)

    def copied(self, tmp_path):
        """Another one with the same files, owners and times."""
        other = copy.copy(self)
        other.top = pathlib.Path(str(tmp_path)) / 'host'
        parts.call(['cp', '-a', self.top, other.top])
        return other

    def at(self, path):
        """Where a file of the host is here."""
        return self.top / path.lstrip('/')

    def write(self, path, text, mode=0o644):
        """Write a file of the host."""
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text)
        self.at(path).chmod(mode)

    def compile(self, program, table):
        """Run postmap or postalias on a table of the host."""
        kind, path = table.split(':')
        parts.call([program, '-c', self.at('/etc/postfix'), '{}:{}'.format(kind, self.at(path))])

    def main(self, *settings_):
        """Set parameters: `name = value`."""
        parts.call(['postconf', '-c', self.at('/etc/postfix'), '-e'] + list(settings_))

    def change(self, path, old, new):
        """Change a text in a file, where it must be."""
        text = self.at(path).read_text()
        assert old in text, '{} is not in {}'.format(old, path)
        self.at(path).write_text(text.replace(old, new))

    def host(self, zone=None):
        """The Host, with this DNS."""
        if os.geteuid() == 0:
            os.utime(str(self.at('/etc/postfix/main.cf')), (0, 0))      # else postconf waits a second
        host = Host(self.site, self.role, str(self.top))
        host.ask = dns(zone or {})
        return host


def named(found, name):
    """The findings of one name that are not well."""
    return [one for one in found if one.name == name and one.level != 'ok']


def problems(found):
    """The names of what is not well, sorted."""
    return sorted({one.name for one in found if one.level != 'ok'})


def key_of(path, bits=2048, kind='rsa'):
    """Write a private key; its public half as p= has it."""
    if (bits, kind) not in KEYS:
        command = ['openssl', 'genpkey', '-algorithm', 'ed25519'] if kind == 'ed25519' else [
            'openssl', 'genrsa', str(bits)]
        private = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout
        public = subprocess.run(['openssl', 'pkey', '-pubout'], input=private, stdout=subprocess.PIPE,
                                timeout=60).stdout
        KEYS[bits, kind] = private, ''.join(
            line for line in public.decode().splitlines() if not line.startswith('-'))
    private, public = KEYS[bits, kind]
    pathlib.Path(str(path)).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(str(path)).write_bytes(private)
    pathlib.Path(str(path)).chmod(0o600)
    return public
