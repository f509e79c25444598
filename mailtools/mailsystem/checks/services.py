"""Do the programs that Postfix asks answer: milters, policy services, SASL?

A milter that is dead delays all mail (milter_default_action = tempfail) or lets it go unsigned (accept); a policy
service that is missing in master.cf makes smtpd answer 451 to everybody.  Sockets are only connected to.
"""
import os
import re
from typing import Dict, List

from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.postfix import words
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning

NAMES = ('milter', 'milter-default-action', 'policy-master', 'policy-service', 'greylisting', 'spf-policy',
         'sasl-backend')
ACTIONS = {'tempfail': 'all mail is deferred', 'accept': 'mail goes out unsigned', 'reject': 'all mail is refused',
           'quarantine': 'all mail is held', 'shutdown': 'all sessions are ended'}
MILTERS = {'smtpd_milters': 'mail by SMTP', 'non_smtpd_milters': 'mail of programs on this host'}


def find(host):
    """Findings on all of them."""
    return of_each(host, ('milter', judge_milters), ('policy-service', judge_policies), ('sasl-backend', judge_sasl))


def place_of(endpoint, queue_directory):
    """Where an endpoint is: (host, port), or a path; None for none.

    inet:127.0.0.1:8891, inet:[::1]:8891, inet:8891@localhost (opendkim's spelling), unix:private/policy,
    unix:/run/x, local:/run/x.
    """
    kind, _, rest = endpoint.strip('{} ').split(',')[0].partition(':')
    if kind in ('unix', 'local'):
        return rest if rest.startswith('/') else os.path.join(queue_directory, rest)
    if kind in ('inet', 'inet6'):
        port, at, host = rest.partition('@')
        if not at:
            host, _, port = rest.rpartition(':')
        return (host.strip('[]') or '127.0.0.1', int(port)) if port.isdigit() else None
    return None


def silent(host, endpoint):
    """Why an endpoint does not answer, None when it does."""
    place = place_of(endpoint, host.postfix.value('queue_directory'))
    if place is None:
        return 'no such form of address'
    if not host.live:
        return None
    return probes.answers(place)


def answers(host):
    """How it is said that nothing is wrong with an endpoint."""
    return 'answers' if host.live else 'is set (not asked)'


# -- milters --

def judge_milters(host):
    """Findings on smtpd_milters and non_smtpd_milters."""
    if host.role == 'client':
        return []
    configuration, found = host.postfix, []
    action = configuration.value('milter_default_action')
    listed = []
    for name, mail in MILTERS.items():
        milters = words(configuration.value(name))
        listed += [one for one in milters if one not in listed]
        if not milters:
            found.append(critical('milter', '{} is empty: {} is not signed'.format(name, mail),
                                  "postconf -e '{} = inet:127.0.0.1:8891' && postfix reload".format(name)))
    states = {one: silent(host, one) for one in listed}
    for milter, why in states.items():
        if why:
            found.append(critical('milter', '{} does not answer ({}): milter_default_action = {}: {}'.format(
                milter, why, action, ACTIONS.get(action, 'unknown')), 'systemctl restart opendkim'))
        else:
            found.append(good('milter', '{} {}'.format(milter, answers(host))))
    return found + judge_action(action)


def judge_action(action):
    """The Finding on milter_default_action: what happens to mail while a milter is away."""
    fix = "postconf -e 'milter_default_action = tempfail' && postfix reload"
    if action == 'tempfail':
        return [good('milter-default-action', 'while a milter is away, mail waits (tempfail)')]
    if action == 'accept':
        return [warning('milter-default-action', 'milter_default_action = accept: while OpenDKIM is away, mail goes '
                        'out unsigned, and fails DMARC where SPF does not pass', fix)]
    return [critical('milter-default-action', 'milter_default_action = {}: when OpenDKIM restarts, {}'.format(
        action, ACTIONS.get(action, 'mail is lost')), fix)]


# -- policy services --

def policies(configuration):
    """{endpoint: services that ask it}, in order."""
    found: Dict[str, List[str]] = {}
    for service in configuration.doors():
        for stage in ('client', 'helo', 'sender', 'relay', 'recipient', 'data', 'end_of_data'):
            listed = words(configuration.value('smtpd_{}_restrictions'.format(stage), service))
            for at, word in enumerate(listed):
                if word == 'check_policy_service' and at + 1 < len(listed):
                    found.setdefault(listed[at + 1].strip('{} ').split(',')[0], []).append(service.label)
    return found


def judge_policies(host):
    """Findings on each policy service, and on the two that an MX has."""
    configuration = host.postfix
    asked, found = policies(configuration), []
    spawned = {one.name: one for one in configuration.named('spawn')}
    for endpoint in asked:
        name = endpoint.partition(':')[2]
        if endpoint.startswith('unix:private/'):
            found += judge_spawn(host, endpoint, spawned, name.partition('/')[2])
            continue
        why = silent(host, endpoint)
        found.append(critical('policy-service', '{} does not answer ({}): smtpd says 451 to every stranger'.format(
            endpoint, why), 'systemctl restart postgrey   (or whatever listens at {})'.format(endpoint)) if why else
            good('policy-service', '{} {}'.format(endpoint, answers(host))))
    if host.role == 'mx':
        found += judge_wanted(asked, spawned)
    return found


def judge_spawn(host, endpoint, spawned, name):
    """Findings on a policy service that master(8) starts."""
    listed = [one.name for one in host.postfix.services]
    if name not in listed:
        return [critical('policy-master', '{} is asked, but master.cf has no service {}: smtpd says 451 to every '
                         'stranger'.format(endpoint, name), '{} unix - n n - 0 spawn user=nobody argv=PROGRAM   '
                         '(in master.cf; then: postfix reload)'.format(name))]
    if name not in spawned:
        return []
    program = re.search(r'argv=(\S+)', spawned[name].arguments)
    if program and host.seen(program.group(1)) is None:
        return [critical('policy-master', '{}: {} in master.cf is not there'.format(name, program.group(1)),
                         'install what has {}'.format(program.group(1)))]
    return [good('policy-master', '{} is in master.cf'.format(name))]


def judge_wanted(asked, spawned):
    """What an MX asks of policy services: greylisting, and SPF."""
    spf = [one for one in asked if 'spf' in one or 'spf' in getattr(
        spawned.get(one.rpartition('/')[2]), 'arguments', '')]
    found = []
    if not spf:
        found.append(warning('spf-policy', 'no policy service checks SPF of what comes in',
                             'check_policy_service unix:private/policyd-spf   (in smtpd_recipient_restrictions, '
                             'after reject_unauth_destination)'))
    if not [one for one in asked if one not in spf]:
        found.append(warning('greylisting', 'no policy service greylists', 'check_policy_service '
                             'inet:127.0.0.1:10023   (last in smtpd_recipient_restrictions)'))
    return found


# -- SASL --

def judge_sasl(host):
    """Does the server that knows the passwords answer, where AUTH is offered?"""
    configuration = host.postfix
    offering = [one for one in configuration.doors() if configuration.value('smtpd_sasl_auth_enable', one) == 'yes']
    if not offering or configuration.value('smtpd_sasl_type', offering[0]) != 'dovecot':
        return []
    path = configuration.value('smtpd_sasl_path', offering[0])
    endpoint = path if path.startswith(('inet:', 'unix:')) else 'unix:' + path
    why = silent(host, endpoint)
    if why and not host.is_root and 'Permission' in why:
        return [unknown('sasl-backend', '{}: {}'.format(path, why), 'run it as root')]
    if why:
        return [critical('sasl-backend', 'Dovecot does not answer at {} ({}): nobody can log in'.format(path, why),
                         'systemctl restart dovecot')]
    return [good('sasl-backend', 'Dovecot at {} {}'.format(path, answers(host)))]
