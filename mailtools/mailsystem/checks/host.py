"""The host that is checked: what the judges need of it, asked once and kept.

A shell: files are read below `root`, Postfix is asked by postconf and postmap.  Topics run side by side, so what many
need is asked before they start (see `prepared`).
"""
import contextlib
import grp
import os
import pwd
import stat
import time
from typing import Dict, NamedTuple, Optional, Tuple

from mailtools.base.failure import Failure
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.lookup import Lookup
from mailtools.mailsystem.checks.networks import network, networks_of
from mailtools.mailsystem.checks.postfix import Configuration, parameters_of, services_of, words
from mailtools.mailsystem.values import CLIENT, MX, SENDER

READ_MOST = 1 << 20             # of a settings file; larger ones are none


class Seen(NamedTuple):
    """What stat(2) says of a file."""

    mode: int                   # of permissions, as 0o640
    owner: str                  # a name, or the number where there is none
    uid: int
    is_folder: bool
    changed: float              # seconds since the epoch
    group: str = 'root'         # a name, or the number


class Host:
    """One host."""

    def __init__(self, site, role='', root='/', resolver=None):
        self.site = site
        self.root = root
        self.live = os.path.realpath(root) == '/'
        self.folder = os.environ.get('MAIL_CONFIG', '') if self.live else self.at('/etc/postfix')   # '': the usual
        self.ask = Lookup(resolver or site.resolver)
        self.now = time.time()
        self.is_root = os.geteuid() == 0
        self.trouble = ''                       # why Postfix could not be asked
        self.warned: Tuple[str, ...] = ()       # what postconf complains of
        self._postfix: Optional[Configuration] = None
        self._queried: Dict[Tuple[str, str], Optional[str]] = {}
        self.prepare()
        self.role = role or self.likely_role()

    def prepare(self):
        """Ask Postfix what it is set to."""
        try:
            shown = probes.run(self.postfix_command('postconf', '-x'))
            if shown.status != 0:
                raise Failure((shown.err.strip().splitlines() or ['postconf fails'])[-1])
            services = services_of(probes.output(self.postfix_command('postconf', '-M')).splitlines())
            self._postfix = Configuration(parameters_of(shown.out.splitlines()), services)
            warned = probes.run(self.postfix_command('postconf', '-n')).err + \
                probes.run(self.postfix_command('postconf', '-Mf')).err
            self.warned = tuple(sorted(set(filter(None, warned.splitlines()))))
        except Failure as failed:
            self.trouble = str(failed)

    @property
    def postfix(self) -> Configuration:
        """What Postfix is set to; raises Failure where it could not be asked."""
        if self._postfix is None:
            raise Failure('Postfix could not be asked: {}'.format(self.trouble))
        return self._postfix

    def postfix_command(self, program, *args):
        """The argument list of a program of Postfix for this host's settings."""
        return [program] + (['-c', self.folder] if self.folder else []) + list(args)

    def at(self, path):
        """Where a path of the host is here."""
        return path if self.live else os.path.join(self.root, path.lstrip('/'))

    def read(self, path):
        """The text of a file, None where there is none; raises Failure where only root may read it."""
        try:
            with open(self.at(path), encoding='utf-8', errors='replace') as file:
                return file.read(READ_MOST)
        except PermissionError:
            raise Failure('{} can only be read by root'.format(path))
        except OSError:
            return None

    def seen(self, path):
        """The Seen of a path, None where there is nothing; raises Failure where only root can look."""
        try:
            found = os.stat(self.at(path))
        except PermissionError:
            raise Failure('{} can only be seen by root'.format(path))
        except OSError:
            return None
        owner = group = ''
        with contextlib.suppress(KeyError):
            owner = pwd.getpwuid(found.st_uid).pw_name
        with contextlib.suppress(KeyError):
            group = grp.getgrgid(found.st_gid).gr_name
        return Seen(stat.S_IMODE(found.st_mode), owner or str(found.st_uid), found.st_uid,
                    stat.S_ISDIR(found.st_mode), found.st_mtime, group or str(found.st_gid))

    def queried(self, program, table, key) -> Optional[str]:
        """What Postfix finds for a key (postmap -q, postalias -q), None for nothing; raises Failure."""
        asked = (str(table), key)
        if asked not in self._queried:
            shown = self.at(table.path) if hasattr(table, 'path') else table
            kind = table.kind + ':' if hasattr(table, 'kind') else ''
            ran = probes.run(self.postfix_command(program, '-q', key, kind + shown))
            # Status 1 is "not there" as well; a table that is older than its text is a warning only.
            wrong = [line for line in ran.err.splitlines() if line.strip() and ' warning: ' not in line]
            if ran.status != 0 and wrong:
                raise Failure('{} -q {} {}: {}'.format(program, key, table, wrong[-1]))
            self._queried[asked] = ran.out.strip() if ran.status == 0 else None
        return self._queried[asked]

    # -- who this is --

    @property
    def name(self):
        """$myhostname; '' where Postfix could not be asked."""
        return self._postfix.value('myhostname') if self._postfix else ''

    def likely_role(self):
        """mx or sender by the name or the addresses of the host, else client."""
        if self.name.lower() == self.site.mx.lower():
            return MX
        if self.name.lower() in [one.name.lower() for one in self.site.senders]:
            return SENDER
        if any(map(probes.is_ours, self.site.mx_addresses)):
            return MX
        return SENDER if any(probes.is_ours(one) for sender in self.site.senders
                               for one in sender.addresses) else CLIENT

    def addresses(self):
        """The public addresses that mail of this host comes from, by the settings of the site.

        Of a sender: those with its name, else those that this host has.
        """
        if self.role == MX:
            return tuple(self.site.mx_addresses)
        if self.role == CLIENT:
            return ()
        named = [one for one in self.site.senders if one.name.lower() == self.name.lower()]
        return tuple(named[0].addresses) if named else tuple(
            one for sender in self.site.senders for one in sender.addresses if self.live and probes.is_ours(one))

    def rightful_name(self):
        """What the host should be called; HOST.DOMAIN where that is not known."""
        if self.role == MX:
            return self.site.mx
        own = [one.name for one in self.site.senders if self.role == SENDER and self.live
               and any(map(probes.is_ours, one.addresses))]
        return own[0] if own else 'HOST.' + self.site.domain

    def helo(self):
        """The name that Postfix gives when it sends."""
        return self.postfix.value('smtp_helo_name') or self.name

    @property
    def domains(self):
        """The domains of the site."""
        return (self.site.domain,) + tuple(self.site.alias_domains)

    def mynetworks(self):
        """(networks, words that could not be read) that Postfix trusts."""
        return networks_of(self.postfix.value('mynetworks'), self.read)

    def listens_on(self):
        """The addresses of this host where Postfix listens, public ones first."""
        said = words(self.postfix.value('inet_interfaces'))
        if said == ['loopback-only']:
            return ['127.0.0.1']
        named = [one.strip('[]') for one in said if network(one) and probes.is_ours(one.strip('[]'))]
        return named or self.own_addresses() or ['127.0.0.1']

    def own_addresses(self):
        """The addresses of this host that can be tried, public ones first."""
        public = [one for one in self.addresses() if probes.is_ours(one)]
        return public or [one for one in [probes.outgoing_address()] if one]    # behind NAT: that inside
