"""Is what OpenDKIM signs with the key that is published, and does it sign our domain?

The public half is made of the private key by openssl(1) and compared with the record SELECTOR._domainkey.DOMAIN (RFC
6376 section 3.6.1).  Of the private key nothing is printed or kept.
"""
import base64
import re
from typing import List, NamedTuple

from mailtools.base.failure import Failure
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.lookup import FAILED
from mailtools.mailsystem.checks.opendkim import Signing, judge_signing, signer_of, signing_of
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning
from mailtools.mailsystem.checks.tags import tags_of
from mailtools.mailsystem.values import Finding

NAMES = ('dkim-key', 'dkim-record', 'dkim-bits', 'dkim-testing', 'dkim-key-mode', 'dkim-signing')
GOOD_BITS, LEAST_BITS = 2048, 1024      # RFC 8301 section 3.2
ED25519_BYTES = 32


class Key(NamedTuple):
    """The public half of a private key."""

    text: str                   # base64, as in p=
    kind: str                   # rsa or ed25519
    bits: int


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
    found = judge_mode(path, seen, user, not signings[0].name) + [judge_bits(key, path)]
    for domain, selector in sorted({(one.domain, one.selector) for one in signings}):
        name = '{}._domainkey.{}'.format(selector, domain)
        found += judge_record(name, host.ask(name, 'TXT'), key, path)
    return found


# -- the key --

def judge_mode(path, seen, user, by_root):
    """Is the private key private, and can OpenDKIM read it?

    user: as whom it runs; a group of that name is its own.  by_root: whether the key is read before it becomes that
    user: that of KeyFile is, those of KeyTable are not.
    """
    fix = 'chown {0} {1} && chmod 600 {1}'.format(user, path)
    if seen.mode & 0o007:
        return [critical('dkim-key-mode', 'everybody on this host can read {} (mode {:o})'.format(
            path, seen.mode), fix)]
    if seen.mode & 0o020:
        return [critical('dkim-key-mode', 'a group can write {} (mode {:o}): OpenDKIM refuses it'.format(
            path, seen.mode), fix)]
    by_group = seen.group == user and seen.mode & 0o040
    if seen.owner != user and not (seen.owner == 'root' and (by_root or by_group)):
        return [critical('dkim-key-mode', '{} belongs to {} (mode {:o}): OpenDKIM, which runs as {}, cannot use it, '
                         'and puts off all mail'.format(path, seen.owner, seen.mode, user), fix)]
    return [good('dkim-key-mode', 'only {} can read {}'.format(user, path))]


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
