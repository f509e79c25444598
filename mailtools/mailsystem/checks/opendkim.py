"""What OpenDKIM is set to, and whose mail it signs with which key: opendkim.conf and the tables that it names.

SigningTable says by the address in From which line of KeyTable signs; the first that fits counts (opendkim.conf(5)).
"""
import re
from typing import NamedTuple, Optional, Tuple

from mailtools.mailsystem.checks.said import critical, good

CONF = '/etc/opendkim.conf'


class Signing(NamedTuple):
    """A line of KeyTable: what OpenDKIM signs with."""

    name: str
    domain: str
    selector: str
    path: str


class Tables(NamedTuple):
    """Of opendkim.conf and its tables."""

    keys: Tuple[Signing, ...]
    patterns: Tuple[Tuple[str, str], ...]       # (pattern of SigningTable, name of a key)
    user: str                                   # as whom it runs
    verifies_only: bool


def signing_of(host):
    """The Tables of a host."""
    options = {}
    for line in (host.read(CONF) or '').splitlines():
        fields = line.split(None, 1)
        if len(fields) == 2 and not line.startswith('#'):
            options[fields[0].lower()] = fields[1].strip()
    keys = [Signing('', options['domain'].split(',')[0], options.get('selector', ''), options['keyfile'])] \
        if 'keyfile' in options and 'domain' in options else []
    for name, value in lines_of(host, options.get('keytable', '')):
        parts = value.split(':', 2)
        if len(parts) == 3:
            keys.append(Signing(name, *(one.strip() for one in parts)))
    patterns = lines_of(host, options.get('signingtable', ''))
    if keys and 'signingtable' not in options:      # KeyFile alone: all of Domain
        patterns = [('*', '')]
    return Tables(tuple(keys), tuple(patterns), options.get('userid', 'opendkim').partition(':')[0],
                  's' not in options.get('mode', 'sv').lower())


def lines_of(host, table):
    """[(first word, the rest)] of a table: /etc/opendkim/KeyTable, refile:/etc/opendkim/SigningTable."""
    path = table[table.index('/'):] if '/' in table else ''
    lines = [line.split(None, 1) for line in (host.read(path) or '').splitlines() if path and line[:1] != '#']
    return [(one[0], one[1].strip()) for one in lines if len(one) == 2]


def judge_signing(domain, tables):
    """Is mail from our domain signed, in a name that is aligned with it (RFC 7489 section 3.1.1)?"""
    line = '*@{0} KEY   (in SigningTable) and KEY {0}:SELECTOR:/PATH   (in KeyTable)'.format(domain)
    if tables.verifies_only:
        return [critical('dkim-signing', 'OpenDKIM only verifies (Mode in {}): nothing is signed'.format(CONF),
                         'Mode sv   (in {})'.format(CONF))]
    if not tables.keys:
        return [critical('dkim-signing', 'OpenDKIM has no key: neither KeyTable nor KeyFile in {}'.format(CONF), line)]
    if not any(fits(pattern, domain) for pattern, _ in tables.patterns):
        return [critical('dkim-signing', 'SigningTable has no line for {}: its mail goes out unsigned'.format(domain),
                         line)]
    used = signer_of(domain, tables)
    if used is None:
        return [critical('dkim-signing', 'SigningTable names a key for {} that KeyTable does not have'.format(domain),
                         line)]
    return [good('dkim-signing', 'mail from {} is signed as {}'.format(domain, used.domain))]


def signer_of(domain, tables) -> Optional[Signing]:
    """The Signing of mail from a domain: the first line of SigningTable that fits counts; None for none."""
    names = {one.name: one for one in tables.keys}
    return next((names.get(key) for pattern, key in tables.patterns if fits(pattern, domain)), None)


def fits(pattern, domain):
    """Whether a pattern of SigningTable is for all mail of a domain: *, *@example.com, example.com, *@*."""
    pattern = pattern.lower()
    if pattern == domain:
        return True
    parts = [re.escape(one) for one in pattern.split('*')]      # what re.escape() makes of * differs
    return '*' in pattern and bool(re.match('.*'.join(parts) + r'\Z', 'any-body@' + domain))


def aligned(domain, signer):
    """Whether a signature of one domain counts for another one: the same, or one below the other."""
    one, other = domain.lower(), signer.lower()
    return one == other or one.endswith('.' + other) or other.endswith('.' + one)
