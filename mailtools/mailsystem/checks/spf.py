"""Does SPF cover the addresses that mail comes from, within the limits that receivers keep?"""
from typing import List

from mailtools.mailsystem.checks.lookup import FAILED
from mailtools.mailsystem.checks.said import critical, good, unknown, warning
from mailtools.mailsystem.checks.spfwalk import LIMIT, VOID_LIMIT, records_of, walk
from mailtools.mailsystem.values import Finding

NAMES = ('spf', 'spf-several', 'spf-sender', 'spf-lookups', 'spf-all', 'spf-syntax', 'spf-helo')
LONG = 450                          # bytes of a TXT record; with the rest of the answer it must fit into 512


def find(host):
    """Findings on the domain's record and the addresses of this host."""
    addresses = host.addresses() or tuple(host.site.mx_addresses)
    found: List[Finding] = []
    for domain in host.domains:
        found += judge(domain, addresses, host.ask, 'publish what `mailsystem dns` prints for {} TXT'.format(domain))
    if host.role != 'client' and host.live:
        found += judge_helo(host.helo(), host.addresses(), host.ask)
    return found


def judge(domain, addresses, ask, fix):
    """Findings on the SPF record of a domain for some addresses."""
    answer = ask(domain, 'TXT')
    if answer.status == FAILED:
        return [unknown('spf', 'the TXT records of {} could not be looked up: {}'.format(domain, answer.why))]
    records, _ = records_of(domain, ask)
    if not records:
        return [critical('spf', '{} has no SPF record: receivers distrust its mail'.format(domain), fix)]
    if len(records) > 1:
        return [critical('spf-several', '{} has {} SPF records, so that none counts (RFC 7208 section 4.5): {}'.format(
            domain, len(records), ' | '.join(one[:60] for one in records)), 'leave one of them; ' + fix)]
    walks = [(address, walk(domain, address, ask)) for address in addresses]
    found = [judge_address(domain, address, one, fix) for address, one in walks]
    if walks:
        found += judge_walk(domain, max((one for _, one in walks), key=lambda one: one.lookups), fix)
    if len(records[0]) > LONG:
        found.append(warning('spf-syntax', 'the SPF record of {} has {} bytes; over {} some resolvers must '
                             'ask again by TCP'.format(domain, len(records[0]), LONG),
                             'leave out what is not needed any more'))
    return found


def judge_address(domain, address, walked, fix):
    """Is an address of ours covered?"""
    if walked.result == 'pass':
        return good('spf-sender', 'SPF of {} covers {} ({})'.format(domain, address, walked.matched))
    if walked.result == 'temperror':
        return unknown('spf-sender', 'SPF of {} for {}: DNS does not answer'.format(domain, address))
    return critical('spf-sender', 'SPF of {} does not cover {}, from which this host sends: {}{}'.format(
        domain, address, walked.result, ' by ' + walked.matched if walked.matched else ''),
        'add ip{}:{} to the SPF record of {} (before its all); {}'.format(
            6 if ':' in address else 4, address, domain, fix))


def judge_walk(domain, walked, fix):
    """Findings on the record as a whole."""
    found = []
    if walked.lookups > LIMIT:
        found.append(critical('spf-lookups', 'SPF of {} needs {} look-ups, {} are allowed: receivers that count call '
                              'it broken (permerror)'.format(domain, walked.lookups, LIMIT),
                              'replace includes and a/mx terms by ip4: and ip6: until it needs ten; ' + fix))
    elif walked.voids > VOID_LIMIT:
        found.append(warning('spf-lookups', 'SPF of {} makes {} look-ups that find nothing, {} are allowed'.format(
            domain, walked.voids, VOID_LIMIT), 'take out terms that name nothing any more; ' + fix))
    else:
        found.append(good('spf-lookups', 'SPF of {} needs {} of {} look-ups'.format(domain, walked.lookups, LIMIT)))
    found += [(critical if 'no term' in one or 'broken' in one or 'no SPF' in one else warning)(
        'spf-syntax', one, fix) for one in walked.problems]
    if walked.final == 'pass':
        found.append(critical('spf-all', 'SPF of {} ends in +all: it lets everybody send in our name'.format(domain),
                              'end it with ~all or -all; ' + fix))
    elif walked.final == 'neutral':
        found.append(warning('spf-all', 'SPF of {} ends in ?all, or in no all: it keeps nobody from using our name'
                             .format(domain), 'end it with ~all or -all; ' + fix))
    elif walked.final in ('fail', 'softfail'):
        found.append(good('spf-all', 'SPF of {} ends in {}'.format(domain, walked.final)))
    return found


def judge_helo(helo, addresses, ask):
    """Bounces have no sender: receivers check the HELO name instead (RFC 7208 section 2.3)."""
    records, failed = records_of(helo, ask)
    if failed or not records:
        return []
    bad = [address for address in addresses if walk(helo, address, ask).result != 'pass']
    return [critical('spf-helo', 'SPF of {}, our HELO name, does not cover {}: our bounces are refused'.format(
        helo, ', '.join(bad)), '{} TXT "v=spf1 a -all"'.format(helo))] if bad else [
        good('spf-helo', 'SPF of our HELO name {} covers this host'.format(helo))]
