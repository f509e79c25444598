"""Is what OpenDKIM signs with the key that is published, and does it sign our domain?

The public half is made of the private key by openssl(1) and compared with the record SELECTOR._domainkey.DOMAIN (RFC
6376 section 3.6.1).  Of the private key nothing is printed or kept.
"""
import base64
import re
from typing import List, NamedTuple, Tuple

from mailtools.base.failure import Failure
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.lookup import FAILED
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning
from mailtools.mailsystem.checks.tags import tags_of
from mailtools.mailsystem.values import Finding

NAMES = ('dkim-key', 'dkim-record', 'dkim-bits', 'dkim-testing', 'dkim-key-mode', 'dkim-signing')
CONF = '/etc/opendkim.conf'
GOOD_BITS, LEAST_BITS = 2048, 1024      # RFC 8301 section 3.2
ED25519_BYTES = 32


class Key(NamedTuple):
    """The public half of a private key."""

    text: str                   # base64, as in p=
    kind: str                   # rsa or ed25519
    bits: int


class Signing(NamedTuple):
    """A line of KeyTable: what OpenDKIM signs with."""

    name: str
    domain: str
    selector: str
    path: str


def find(host):
    """Findings on the key of this host and its record."""
    if host.role == 'client':
        return []
    tables = signing_of(host)
    found: List[Finding] = []
    keys = []
    for domain in host.domains:
        found += judge_signing(domain, tables)
        keys.append(signer_of(domain, tables) or Signing('', domain, host.site.dkim_selector, host.site.dkim_key))
    for path in sorted({one.path for one in keys}):
        found += of_each(host, ('dkim-key', lambda one, path=path: of_key(one, path, tables.user, [
            signing for signing in keys if signing.path == path])))
    return found


def of_key(host, path, user, signings):
    """Findings on one private key, and on the records of the domains that it signs for."""
    seen = host.seen(path)
    if seen is None:
        return [critical('dkim-key', '{} is not there: mail goes out unsigned'.format(path),
                         'opendkim-genkey -b 2048 -d {} -s {}, and put the key there'.format(
                             signings[0].domain, signings[0].selector))]
    key = public_half(host.at(path))
    found = judge_mode(path, seen, user) + [judge_bits(key, path)]
    for domain, selector in sorted({(one.domain, one.selector) for one in signings}):
        name = '{}._domainkey.{}'.format(selector, domain)
        found += judge_record(name, host.ask(name, 'TXT'), key, path)
    return found


# -- what OpenDKIM is set to --

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
        return [critical('dkim-signing', 'OpenDKIM only verifies (Mode {}): nothing is signed'.format('v'),
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


def signer_of(domain, tables):
    """The Signing of mail from a domain: the first line of SigningTable that fits counts; None for none."""
    names = {one.name: one for one in tables.keys}
    return next((names.get(key) for pattern, key in tables.patterns if fits(pattern, domain)), None)


def fits(pattern, domain):
    """Whether a pattern of SigningTable is for the mail of a domain: *, *@example.com, example.com, .example.com."""
    pattern = pattern.lower()
    return pattern in ('*', '*@*', domain, '*@' + domain) or (
        pattern.endswith('@' + domain) and not pattern.startswith('@')) or (
        '*' in pattern and bool(re.match(re.escape(pattern).replace(r'\*', '.*') + r'\Z', 'anybody@' + domain)))


def aligned(domain, signer):
    """Whether a signature of one domain counts for another one: the same, or one below the other."""
    one, other = domain.lower(), signer.lower()
    return one == other or one.endswith('.' + other) or other.endswith('.' + one)


# -- the key --

def judge_mode(path, seen, user):
    """Is the private key private, and can OpenDKIM read it?"""
    fix = 'chown {0} {1} && chmod 600 {1}'.format(user, path)
    if seen.mode & 0o007:
        return [critical('dkim-key-mode', 'everybody on this host can read {} (mode {:o})'.format(
            path, seen.mode), fix)]
    if seen.mode & 0o020:
        return [critical('dkim-key-mode', 'a group can write {} (mode {:o}): OpenDKIM refuses it'.format(
            path, seen.mode), fix)]
    if seen.owner not in ('root', user):
        return [critical('dkim-key-mode', '{} belongs to {}, OpenDKIM runs as {}'.format(path, seen.owner, user), fix)]
    return [good('dkim-key-mode', 'only {} can read {}'.format(seen.owner, path))]


def public_half(path):
    """The Key of a private key in a file; raises Failure."""
    ran = probes.run(['openssl', 'pkey', '-in', path, '-pubout'])
    if ran.status is None:
        raise Failure(ran.err)
    if ran.status != 0:
        if 'ermission denied' in ran.err:
            raise Failure('{} can only be read by root'.format(path))
        raise Failure('{} holds no private key that openssl can read'.format(path))
    about = probes.output(['openssl', 'pkey', '-pubin', '-noout', '-text'], ran.out.encode('ascii')).splitlines()[0]
    body = ''.join(line for line in ran.out.splitlines() if not line.startswith('-'))
    if 'ED25519' in about.upper():
        return Key(base64.b64encode(base64.b64decode(body)[-ED25519_BYTES:]).decode('ascii'), 'ed25519', 256)
    bits = re.search(r'\((\d+) bit', about)
    return Key(body, 'rsa', int(bits.group(1)) if bits else 0)


def judge_record(name, answer, key, path):
    """Findings on the published record.

    answer: lookup.Answer of its TXT records.  key: the Key that signs.
    """
    line = '{} TXT "v=DKIM1; k={}; p={}"   (see `mailsystem dns`)'.format(name, key.kind, shown(key.text))
    if answer.status == FAILED:
        return [unknown('dkim-key', '{} could not be looked up: {}'.format(name, answer.why))]
    if not answer.values:
        return [critical('dkim-key', '{} has no record: no signature of ours can be verified'.format(name), line)]
    if len(answer.values) > 1:
        return [critical('dkim-record', '{} has {} TXT records; verifiers take any of them. A long key is one record '
                         'of several strings'.format(name, len(answer.values)), line)]
    tags = tags_of(answer.values[0])
    wrong = broken(answer.values[0], tags, key)
    if wrong:
        return [critical('dkim-record', '{}: {}'.format(name, wrong), line)]
    if ''.join(tags['p'].split()) != key.text:
        return [critical('dkim-key', '{} publishes another key than the one in {}: every signature fails'.format(
            name, path), line)]
    found = [good('dkim-key', '{} publishes the key in {}'.format(name, path))]
    if 'y' in tags.get('t', '').split(':'):
        found.append(warning('dkim-testing', '{} says t=y, testing: receivers treat signed mail as unsigned'.format(
            name), 'take t=y out of the record'))
    return found


def broken(record, tags, key):
    """What is wrong with the form of a record, '' when nothing is."""
    if tags.get('v', 'DKIM1') != 'DKIM1':
        return 'v={} instead of v=DKIM1'.format(tags['v'])
    if 'p' not in tags:
        return 'it has no p= tag: {}'.format(record[:60])
    if not tags['p']:
        return 'p= is empty: the key is revoked'
    if tags.get('k', 'rsa').lower() != key.kind:
        return 'k={}, but the key is {}'.format(tags.get('k', 'rsa'), key.kind)
    try:
        base64.b64decode(''.join(tags['p'].split()).encode('utf-8'), validate=True)
    except ValueError:
        return 'p= is no base64; the strings of the record were split or quoted wrongly: ...{}'.format(
            re.sub(r'[A-Za-z0-9+/=]{12,}', '..', tags['p'])[:40])
    return ''


def judge_bits(key, path):
    """Is the key long enough?"""
    fix = 'opendkim-genkey -b 2048 with a new selector; publish it before you sign with it'
    if key.kind == 'rsa' and key.bits < LEAST_BITS:
        return critical('dkim-bits', '{} has {} bits: verifiers refuse fewer than {}'.format(
            path, key.bits, LEAST_BITS), fix)
    if key.kind == 'rsa' and key.bits < GOOD_BITS:
        return warning('dkim-bits', '{} has {} bits; {} is what is asked for today (RFC 8301)'.format(
            path, key.bits, GOOD_BITS), fix)
    return good('dkim-bits', '{} has {} bits'.format(path, key.bits))


def shown(text):
    """A public key in short."""
    return text if len(text) < 60 else '{}...{}'.format(text[:40], text[-12:])
