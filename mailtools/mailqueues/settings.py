"""What an administrator can set for mailqueues: the table, the table of a host, and their own readers.

conf.d/mailqueues.conf shows each row with its default; a test holds the two together.
"""
import re
import shlex

from mailtools.base.failure import SettingsFailure
from mailtools.base.settings import (
    Part,
    Setting,
    boolean,
    integer,
    one_of,
    optional_path,
    path,
    positive,
    seconds,
    size,
)
from mailtools.mailqueues.judging import limits
from mailtools.mailqueues.values import Host

PROGRAM = 'mailqueues'

# ssh(1) takes the first value that it is given for an option: these are left out where the command of the
# settings sets them itself.
SSH_OPTIONS = (
    ('BatchMode', 'yes'),               # never ask for a password: cron would wait for ever
    ('StrictHostKeyChecking', 'yes'),   # whom we give a command with sudo must be who we think
    ('LogLevel', 'ERROR'),              # neither banners nor "permanently added"
    ('ClearAllForwardings', 'yes'),
    ('ServerAliveInterval', '5'),
)


def plain_path(value):
    """An absolute path without blanks and quotes: it is sent to a shell on another host."""
    if not re.match(r'/[A-Za-z0-9._/-]*\Z', value) or '..' in value.split('/'):
        raise ValueError('not an absolute path of letters, digits, and . _ - /')
    return value.rstrip('/') or '/'


def optional_plain_path(value):
    """The same, or nothing."""
    return plain_path(value) if value else ''


def domain(value):
    """A domain, or nothing."""
    if value and not re.match(r'[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z', value):
        raise ValueError('not a domain')
    return value


def lasting(value):
    """A time that is not zero."""
    found = seconds(value)
    if not found:
        raise ValueError('must be more than 0')
    return found


def command(value):
    """A command as words, quoted as for a shell."""
    words = shlex.split(value)
    if not words:
        raise ValueError('must not be empty')
    return tuple(words)


SETTINGS = (
    Setting('output', path, '/var/www/html/mailqueues/',
            'The folder of index.html, status.json, dashboard.html and metrics.prom.'),
    Setting('metrics', optional_path, '',
            "Another place for metrics.prom, such as a file in the folder of node_exporter's textfile collector."),
    Setting('history', path, '/var/lib/mailtools/mailqueues.db',
            'Where the history is kept; the lock is beside it.'),
    Setting('domain', domain, '',
            '$domain in the command of a host.'),
    Setting('timeout', lasting, '20s',
            'Time that all hosts together have to answer.'),
    Setting('max_logins', positive, '8',
            'Hosts that are logged in to at the same moment; sshd begins to turn away at ten (MaxStartups), which '
            'matters where all go by way of one host.'),
    Setting('stale', lasting, '5m',
            'Figures older than that are called stale.'),
    Setting('warning', limits, 'active=10000 deferred=50000 incoming=2000 corrupt=1 growth=10000',
            'From where on a host needs attention, on the page and for check: a number of all mail, or of maildrop, '
            'incoming, active, deferred, hold, corrupt; oldest, a time; growth, mails an hour.'),
    Setting('critical', limits, 'active=18000 incoming=20000',
            'The same for what is urgent; Postfix takes at most 20000 into active (qmgr_message_active_limit).'),
    Setting('detail_interval', seconds, '10m',
            'How often ages, domains and reasons are asked for: they cost far more than counting.'),
    Setting('detail_time', lasting, '8s',
            'Time that a host has to list its queues; what it has listed until then is the sample.'),
    Setting('detail_size', size, '16M',
            'The most of a listing that is read; the same.'),
    Setting('top', integer, '20',
            'Domains and reasons that are kept of each host.'),
)

HOST = Part('host', 'NAME', 'A section for each host, in the order in which they are shown.', (
    Setting('ssh', command, 'ssh $host.$domain',
            'The command that logs in; BatchMode, StrictHostKeyChecking and the like are added unless it sets them '
            'itself. Without a domain: ssh $host.'),
    Setting('local', boolean, 'no',
            'yes: it is the host that asks; no ssh.'),
    Setting('queue_directory', plain_path, '/var/spool/postfix',
            'queue_directory of its Postfix.'),
    Setting('detail', one_of('none', 'postqueue', 'qshape'), 'postqueue',
            'Where ages, domains and reasons come from. postqueue: of each mail, needs no rights; qshape: only ages by '
            'domain, needs to read the queue; none: only numbers.'),
    Setting('postfix_config', optional_plain_path, '',
            'The folder of its main.cf, for a second instance; empty: as Postfix was built.'),
))


def hosts_of(settings):
    """The hosts of the settings, as a tuple of Host; raises SettingsFailure when there is none."""
    if not settings.host:
        raise SettingsFailure('{}: no section [host NAME]: there is nothing to ask'.format(
            settings.path or '/etc/mailtools/{}.conf'.format(PROGRAM)))
    return tuple(Host(name, expanded(keys['ssh'], name, settings.domain), keys['local'], keys['queue_directory'],
                      keys['detail'], keys['postfix_config']) for name, keys in settings.host.items())


def expanded(words, host, its_domain):
    """The command of a host with $host and $domain filled in, and the options of SSH_OPTIONS that it lacks."""
    words = [word.replace('.$domain', '.' + its_domain if its_domain else '').replace('$domain', its_domain)
             .replace('$host', host) for word in words]
    at = next((number for number, word in enumerate(words) if word.rsplit('/', 1)[-1] == 'ssh'), None)
    if at is None:                  # a program of the administrator's own
        return tuple(words)
    lower = [word.lower() for word in words]
    more = ['-o{}={}'.format(name, value) for name, value in SSH_OPTIONS
            if not any(re.match('(-o)?{}[ =]'.format(name.lower()), word) for word in lower)]
    return tuple(words[:at + 1] + more + words[at + 1:])
