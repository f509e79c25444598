"""Are those who guess passwords stopped where they try?  The restrictions of each service that offers AUTH.

With `smtpd_delay_reject = yes`, the default, smtpd asks smtpd_client_restrictions at RCPT TO, which who guesses
passwords never sends: the map of block-sasl-fail has no effect then.
"""
import re
from typing import List

from mailtools.mailsystem.checks.postfix import MAP, words
from mailtools.mailsystem.checks.said import critical, good, warning
from mailtools.mailsystem.values import Finding

NAMES = ('smtpd-delay-reject', 'access-map', 'access-map-type', 'access-map-order')
SETTINGS = '/etc/mailtools/block-sasl-fail.conf'
MAP_TYPE = re.compile(r'^map_type\s*=\s*(\w+)', re.M)
DYNAMIC = '/etc/postfix/access_dynamic'
PERMITS = ('permit', 'permit_sasl_authenticated', 'permit_tls_all_clientcerts')
NATIVE = ('hash', 'btree', 'lmdb', 'cdb', 'dbm')


def find(host):
    """Findings on each service that offers AUTH."""
    configuration = host.postfix
    guarded = [one for one in configuration.doors()
               if configuration.value('smtpd_sasl_auth_enable', one) == 'yes']
    if not guarded and host.role != 'mx':
        return [good('access-map', 'no service offers AUTH: there is nothing to guess')]
    set_in = MAP_TYPE.search(host.read(SETTINGS) or '')
    kind = set_in.group(1) if set_in else configuration.value('default_database_type')
    found: List[Finding] = []
    for service in guarded or configuration.doors():
        found += judge_delay(service, configuration) if guarded else []
        found += judge_map(service, configuration, kind)
    return found


def judge_delay(service, configuration):
    """Is the client refused when it connects?"""
    if configuration.value('smtpd_delay_reject', service) == 'no':
        return [good('smtpd-delay-reject', '{}: clients are refused when they connect'.format(service.label))]
    return [critical('smtpd-delay-reject',
                     '{}: smtpd_delay_reject = yes: {} is asked only at RCPT TO, so that a blocked client can go on '
                     'guessing passwords'.format(service.label, DYNAMIC),
                     "postconf -e 'smtpd_delay_reject = no' && postfix reload   (or -o smtpd_delay_reject=no under {} "
                     "in master.cf)".format(service.name))]


def judge_map(service, configuration, kind):
    """Is the map asked, by its right type, before anybody is let through?

    kind: the type in which block-sasl-fail writes the map.
    """
    asked = words(configuration.value('smtpd_client_restrictions', service))
    found = [(at, MAP.match(word)) for at, word in enumerate(asked) if MAP.match(word)]
    ours = [(at, one.group(1)) for at, one in found if one and one.group(2) == DYNAMIC]
    wanted = 'check_client_access {}:{}'.format(kind, DYNAMIC)
    fix = 'smtpd_client_restrictions = {}, {}   (for {})'.format(
        wanted, ', '.join(one for one in without(asked, ours)) or 'permit_mynetworks', service.label)
    if not ours:
        return [critical('access-map', '{}: smtpd_client_restrictions does not ask {}'.format(service.label, DYNAMIC),
                         fix)]
    at, named = ours[0]
    if named != kind and not (named in NATIVE and kind not in NATIVE):
        return [critical('access-map-type', '{}: asks {}:{}, but block-sasl-fail writes {}: '
                         'that file is never made'.format(service.label, named, DYNAMIC, kind), fix)]
    before = [word for word in asked[:at] if word in PERMITS]
    if before:
        return [critical('access-map-order', '{}: {} stands before the map: who has guessed a password is let in '
                         'though blocked'.format(service.label, before[0]), fix)]
    if 'warn_if_reject' in asked[max(0, at - 2):at]:
        return [warning('access-map-order', '{}: warn_if_reject makes the map a trial: nobody is refused'.format(
            service.label), fix)]
    return [good('access-map', '{}: {}:{} is asked first'.format(service.label, named, DYNAMIC))]


def without(asked, ours):
    """The words of the list without the map and the check_client_access before it."""
    skipped = {at for at, _ in ours} | {at - 1 for at, _ in ours if at and asked[at - 1] == 'check_client_access'}
    return [word for at, word in enumerate(asked) if at not in skipped and word != 'warn_if_reject']
