"""What a receiver makes of our SPF record: RFC 7208 section 4 to 6, for one address.  Pure: DNS is asked by `ask`.

Other than a receiver, which stops at the first match, all terms are followed, since the limit of ten look-ups (section
4.6.4) must hold for those too that match last, or not at all.
"""
import ipaddress
import re
from typing import List, NamedTuple, Tuple

from mailtools.mailsystem.checks.lookup import FAILED, NONE

LIMIT, VOID_LIMIT, MX_LIMIT = 10, 2, 10
STOP = 40                           # look-ups after which nobody needs to know how many more there are
RESULTS = {'+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral'}
TERM = re.compile(r'(?P<qualifier>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)'
                  r'(?::(?P<target>[^/]*))?(?P<prefix>/[0-9]{1,3})?(?://(?P<prefix6>[0-9]{1,3}))?\Z', re.I)
MODIFIER = re.compile(r'([A-Za-z][\w.-]*)=(.*)\Z')


class Walk(NamedTuple):
    """What came of it."""

    result: str                     # pass, fail, softfail, neutral, none, permerror, temperror: DNS did not answer
    matched: str                    # the term that decided, '' for none
    lookups: int
    voids: int                      # look-ups that found nothing
    problems: Tuple[str, ...]       # sentences
    final: str                      # the result for everybody else: of `all`, or 'neutral'


class Walker:
    """One evaluation."""

    def __init__(self, address, ask):
        self.address = ipaddress.ip_address(address)
        self.ask = ask
        self.lookups = 0
        self.voids = 0
        self.failed = False
        self.problems: List[str] = []

    def walk(self, domain):
        """The Walk for a domain."""
        result, matched, final = self.record(domain, 0)
        if self.failed and result != 'pass':
            result = 'temperror'
        return Walk(result, matched, self.lookups, self.voids, tuple(self.problems), final)

    def record(self, domain, depth):
        """(result, matched term, result of the rest) of one domain's record."""
        records, failed = records_of(domain, self.ask)
        if failed:
            self.failed = True
            return 'temperror', '', 'temperror'
        if len(records) != 1:
            return ('permerror' if records else 'none'), '', 'none'
        result, matched, redirect = '', '', ''
        for term in records[0].split()[1:]:
            modifier = MODIFIER.match(term)
            if modifier and ':' not in modifier.group(1):
                redirect = modifier.group(2) if modifier.group(1).lower() == 'redirect' else redirect
                continue
            found = TERM.match(term)
            if not found:
                self.problems.append('{}: "{}" is no term of SPF'.format(domain, term))
                return 'permerror', term, 'permerror'
            qualifier, name = RESULTS[found.group('qualifier') or '+'], found.group('name').lower()
            if name == 'all':
                return result or qualifier, matched or term, qualifier
            if self.matches(name, found, domain, depth) and not result:
                result, matched = qualifier, term
            if self.lookups > STOP:
                break
        if redirect:
            self.lookups += 1
            inner, term, final = 'permerror', '', ''
            if depth < LIMIT:
                inner, term, final = self.record(self.target(redirect, domain), depth + 1)
            return result or ('permerror' if inner == 'none' else inner), matched or term, final
        return result or 'neutral', matched, 'neutral'

    def matches(self, name, found, domain, depth):
        """Whether one mechanism matches; its look-ups are counted."""
        target = self.target(found.group('target') or domain, domain)
        if name in ('ip4', 'ip6'):
            return self.in_network(found, domain)
        self.lookups += 1
        if '%' in target:
            self.problems.append('{}: the macro in {} is not followed'.format(domain, target))
            return False
        if name == 'include':
            return depth < LIMIT and self.included(target, domain, depth)
        if name == 'ptr':
            self.problems.append('{}: ptr is slow, and receivers leave it out (RFC 7208 section 5.5)'.format(domain))
            return False
        if name == 'exists':
            return bool(self.values(target, 'A'))
        return self.has_address(name, target, found)

    def included(self, target, domain, depth):
        """Whether an include matches: only its pass does."""
        inner = self.record(target, depth + 1)[0]
        if inner in ('none', 'permerror'):
            self.problems.append('{}: include:{} has {}'.format(
                domain, target, 'no SPF record' if inner == 'none' else 'a broken SPF record'))
        return inner == 'pass'

    def has_address(self, name, target, found):
        """Whether `a` or `mx` matches."""
        kind = 'AAAA' if self.address.version == 6 else 'A'
        hosts = [target]
        if name == 'mx':
            hosts = [one.split()[-1] for one in self.values(target, 'MX')]
            if len(hosts) > MX_LIMIT:
                self.problems.append('{} has more than {} MX records'.format(target, MX_LIMIT))
        values = [one for host in hosts for one in (self.values(host, kind) if name == 'a' else
                                                    self.ask(host, kind).values)]
        prefix = (found.group('prefix') or '')[1:] if self.address.version == 4 else found.group('prefix6')
        return any(self.address in ipaddress.ip_network('{}/{}'.format(
            one, prefix or self.address.max_prefixlen), strict=False) for one in values)

    def in_network(self, found, domain):
        """Whether ip4 or ip6 matches."""
        try:
            net = ipaddress.ip_network('{}{}'.format(found.group('target'), found.group('prefix') or ''), strict=False)
        except ValueError:
            self.problems.append('{}: {} is no network'.format(domain, found.group(0)))
            return False
        return net.version == self.address.version and self.address in net

    def target(self, text, domain):
        """A domain-spec with the macros that need no mail expanded."""
        return text.replace('%{d}', domain).replace('%{D}', domain).replace('%{i}', str(self.address)).rstrip('.')

    def values(self, name, kind):
        """The values of a look-up; one that finds nothing is counted as void."""
        answer = self.ask(name, kind)
        self.voids += answer.status == NONE
        self.failed = self.failed or answer.status == FAILED
        return answer.values


def records_of(domain, ask):
    """(the SPF records of a domain, whether DNS failed)."""
    answer = ask(domain, 'TXT')
    return [one for one in answer.values if one.lower().split(' ')[0] == 'v=spf1'], answer.status == FAILED


def walk(domain, address, ask):
    """The Walk of an address through the record of a domain."""
    return Walker(address, ask).walk(domain)
