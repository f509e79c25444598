"""Does a dialogue show what the settings promise: mail for us taken, TLS and passwords offered where they should be?

Each port where mail comes in is asked from the own address of the host.  No password is sent, and no
transaction comes to DATA.
"""
from typing import NamedTuple, Tuple

from mailtools.mailsystem.checks import probes, smtp
from mailtools.mailsystem.checks.said import critical, good, unknown, warning

NAMES = ('port-answers', 'auth-clear', 'auth-offered', 'starttls', 'relay-inbound')
STARTTLS_FIX = ("postconf -e 'smtpd_tls_security_level = may' 'smtpd_tls_cert_file = {}' 'smtpd_tls_key_file = {}' "
                '&& postfix reload')


def find(host):
    """Findings of the dialogues."""
    if not host.live:
        return []
    doors = [door_of(host, *one) for one in host.postfix.entrances()]
    fix = STARTTLS_FIX.format(host.site.certificate, host.site.certificate_key)
    sessions = probes.side_by_side(heard_at, [(one,) for one in doors])
    return [finding for door, heard in zip(doors, sessions) for finding in judge_session(door, heard, fix)]


class Door(NamedTuple):
    """Where a session is held, and what is expected of it."""

    where: Tuple[str, int]          # address, port
    wrapped: bool                   # TLS from the start
    with_auth: bool                 # what the settings say
    with_tls: bool                  # whether STARTTLS must be offered
    wanted: Tuple[str, ...]         # recipients of ours that must be taken
    pause_s: int = 0                # that a stranger waits; in some eyes we are one


def door_of(host, service, address, port):
    """The Door of an entrance."""
    wrapped = host.postfix.value('smtpd_tls_wrappermode', service) == 'yes'
    with_auth = host.postfix.value('smtpd_sasl_auth_enable', service) == 'yes'
    for_all = port != host.site.submission_port
    return Door((address or host.listens_on()[0], port), wrapped, with_auth,
                not wrapped and (host.role == 'mx' or with_auth),
                ('postmaster@' + host.site.domain,) if host.role == 'mx' and for_all and not wrapped else (),
                host.site.pause_s)


def heard_at(door):
    """The smtp.Heard of one session."""
    return smtp.converse(door.where[0], door.where[1], None, door.wanted, door.pause_s, not door.wrapped, door.wrapped)


def judge_session(door, heard, fix):
    """Findings of one session at a Door.  heard: smtp.Heard.  fix: what gives it TLS."""
    where = '{}:{}'.format(*door.where)
    if heard.greeting.code == 0 and not heard.features:
        return [critical('port-answers', '{} does not answer: {}'.format(where, heard.error),
                         'systemctl restart postfix   (and look into the log)')]
    if heard.greeting.code != 220:
        return [unknown('port-answers', '{} refuses us: {} {}'.format(where, *heard.greeting))]
    found = [good('port-answers', '{} answers'.format(where))]
    if 'auth' in heard.features and not door.wrapped:
        found.append(critical('auth-clear', '{} takes passwords in the clear: it offers AUTH before STARTTLS'.format(
            where), "postconf -e 'smtpd_tls_auth_only = yes' && postfix reload"))
    if door.with_tls:
        found += judge_starttls(where, heard, fix)
    inside = heard.features if door.wrapped else heard.tls_features
    if door.with_auth and inside:
        found.append(good('auth-offered', '{} offers AUTH within TLS'.format(where)) if 'auth' in inside else
                     critical('auth-offered', '{} offers no AUTH within TLS, though smtpd_sasl_auth_enable = yes: '
                              'clients cannot log in'.format(where), 'systemctl restart dovecot'))
    for recipient, said in heard.replies:
        found.append(judge_inbound(where, recipient, said))
    if door.wanted and not heard.replies:
        found.append(unknown('relay-inbound', '{}: not tried: {}'.format(where, heard.error)))
    return found


def judge_starttls(where, heard, fix):
    """Is TLS offered, and does it work?"""
    if 'starttls' not in heard.features:
        return [critical('starttls', '{} offers no STARTTLS'.format(where), fix)]
    if not heard.tls_features:
        return [critical('starttls', '{} offers STARTTLS, but it fails: {}'.format(where, heard.error or 'no TLS'),
                         fix)]
    return [good('starttls', '{} speaks TLS'.format(where))]


def judge_inbound(where, recipient, said):
    """Is mail for us taken, or put off by greylisting?"""
    if said.code == 250 or (said.code == 450 and 'reylist' in said.text):
        return good('relay-inbound', '{} takes mail for {}: {} {}'.format(where, recipient, said.code, said.text[:60]))
    if 400 <= said.code < 500 and said.code != 451:         # 451: our own trouble
        return warning('relay-inbound', '{} puts off mail for {}: {} {}'.format(where, recipient, *said),
                       'see the log of this session; usual: the provider does not answer (reject_unverified_recipient)')
    return critical('relay-inbound', '{} refuses mail for {}: {} {}'.format(where, recipient, *said),
                    'see the log of this session; usual: relay_domains, transport, a policy service, a blocklist')
