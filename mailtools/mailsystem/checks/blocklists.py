"""Are own addresses on the block lists, and do the lists still work (RFC 5782 section 5)?

A list that has died may answer yes to everything, and Postfix then refuses everybody; a list that refuses to answer
this resolver (127.255.255.0/24) keeps nobody out.
"""
import ipaddress
import re
from typing import List

from mailtools.mailsystem.checks.lookup import FAILED, FOUND
from mailtools.mailsystem.checks.said import critical, good, warning
from mailtools.mailsystem.values import Finding

NAMES = ('rbl-listing', 'rbl-dead')
NEVER_LISTED, ALWAYS_LISTED = '127.0.0.1', '127.0.0.2'


def find(host):
    """Findings on each list."""
    own = host.addresses()
    found: List[Finding] = []
    for rbl in host.site.rbls:
        zone = rbl.partition('=')[0]
        found += judge_list(zone, host.ask) if host.role == 'mx' else []
        found += judge_listing(zone, own, host.ask)
    return found


def reversed_name(address, zone):
    """The name to ask for: 2.0.0.127.ZONE."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    return re.sub(r'(in-addr|ip6)\.arpa\Z', zone, pointer)


def refused(answer):
    """Whether a list says that it does not answer us."""
    return any(one.startswith('127.255.255.') for one in answer.values)


def listed(answer):
    """Whether an address is on a list, by its answer."""
    return answer.status == FOUND and any(one.startswith('127.') for one in answer.values) and not refused(answer)


def judge_list(zone, ask):
    """Does a list work?"""
    fix = 'take {} out of rbls in mailsystem.conf and out of smtpd_*_restrictions'.format(zone)
    if listed(ask(reversed_name(NEVER_LISTED, zone), 'A')):
        return [critical('rbl-dead', '{} lists {}, which no list that works does: it refuses everybody'.format(
            zone, NEVER_LISTED), fix)]
    answer = ask(reversed_name(ALWAYS_LISTED, zone), 'A')
    if refused(answer):
        return [warning('rbl-dead', '{} does not answer this resolver ({}): it keeps nobody out'.format(
            zone, ', '.join(answer.values)), 'ask it by a resolver of your own, or get a key of theirs')]
    if answer.status == FAILED:
        return [warning('rbl-dead', '{} does not answer ({}): it keeps nobody out, and mail of strangers waits for it'
                        .format(zone, answer.why), fix)]
    if not listed(answer):
        return [warning('rbl-dead', '{} does not list its test entry {}: it keeps nobody out'.format(
            zone, ALWAYS_LISTED), fix)]
    return [good('rbl-dead', '{} works'.format(zone))]


def judge_listing(zone, own, ask):
    """Are own addresses listed?"""
    found = []
    for address in own:
        name = reversed_name(address, zone)
        answer = ask(name, 'A')
        if listed(answer):
            why = ask(name, 'TXT').values
            found.append(critical('rbl-listing', '{} is listed by {} ({}){}: who asks it refuses our mail'.format(
                address, zone, ', '.join(answer.values), ': ' + why[0][:120] if why else ''),
                'find out what was sent (bouncedmail stats, the log), mend it, then ask {} to take {} out'.format(
                    zone, address)))
        elif answer.status == FAILED or refused(answer):
            found.append(warning('rbl-listing', '{} does not say whether it lists {}'.format(zone, address),
                                 'ask it by a resolver of your own'))
        else:
            found.append(good('rbl-listing', '{} does not list {}'.format(zone, address)))
    return found
