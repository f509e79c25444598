"""What an administrator can set for bouncedmail: the table, and its own readers.

conf.d/bouncedmail.conf shows each row with its default; a test holds the two together.
"""
import re

from mailtools.base.settings import Setting, integer, path, positive, seconds, size, some_text, text, words

PROGRAM = 'bouncedmail'


def header_names(value):
    """Names of header fields, RFC 5322 2.2."""
    names = words(value)
    for name in names:
        if not re.match(r'[!-9;-~]+\Z', name):
            raise ValueError('{} is no name of a header'.format(name))
    return names


def domains(value):
    """Domain names, in lower case."""
    names = words(value.lower())
    for name in names:
        if not re.match(r'[^\s@<>".]+(\.[^\s@<>".]+)*\Z', name):
            raise ValueError('{} is no domain'.format(name))
    return names


def delimiters(value):
    """Characters such as Postfix takes for verp_delimiter_filter."""
    if not re.match(r'[!-/:-@\[-`{-~]+\Z', value):
        raise ValueError('not characters like -=+')
    return value


def map_action(value):
    """What an access(5) map answers, on one line."""
    if not value or not value.isprintable():
        raise ValueError('not an action of access(5)')
    return value


SETTINGS = (
    Setting('database', some_text, 'sqlite:/var/lib/mailtools/bounces.db',
            'Where bounces are kept: sqlite:PATH, or postgresql://USER@HOST/NAME, or any other '
            'connection string of libpq after postgresql: (such as service=NAME).'),
    Setting('spool', path, '/var/spool/mailtools/bounces',
            'The Maildir between ingest and drain.'),
    Setting('host', text, '',
            'The name of this mail server in the database; empty: as hostname(1) says.'),
    Setting('batch', positive, '200',
            'Mails that drain writes in one transaction.'),
    Setting('batch_size', size, '32M',
            'Size at which a batch is full, however few its mails.'),
    Setting('retry_first', seconds, '1s',
            'How long drain waits for a database that is away before it tries again; doubled each time.'),
    Setting('retry_most', seconds, '1m',
            'The longest such wait.'),
    Setting('pid_file', path, '/var/lib/mailtools/bouncedmail.pid',
            'The process id of drain --detach.'),
    Setting('headers', header_names, '',
            'Header fields of the returned mail to keep, such as X-Campaign-Id X-Subscriber.'),
    Setting('verp_domains', domains, '',
            'Domains of our envelope senders: a bounce to bounces+name=example.org@ one of them is about '
            'name@example.org, whatever its text says; empty: any domain is taken for ours.'),
    Setting('verp_delimiters', delimiters, '+-',
            'Characters that may stand between our sender and that address, see verp_delimiter_filter in '
            'postconf(5).'),
    Setting('text_limit', size, '64k',
            "Characters of a bounce's text that are kept for people to read."),
    Setting('hard_count', integer, '1',
            'Hard bounces after which an address is not to be mailed again; 0: never for this.'),
    Setting('complaint_count', integer, '1',
            'Complaints after which it is not; 0: never for this.'),
    Setting('soft_days', integer, '5',
            'Different days with soft bounces after which it is not; 0: never for this.'),
    Setting('soft_within', seconds, '30d',
            'Time in which these days count.'),
    Setting('map_action', map_action, 'REJECT address returned our mail',
            'What suppressions --map writes beside each address, see access(5).'),
    Setting('check_spool_warn', integer, '1000',
            'Mails in the spool at which check warns.'),
    Setting('check_spool_crit', integer, '10000',
            'Mails in the spool at which check is critical.'),
    Setting('check_age_warn', seconds, '15m',
            'Age of the oldest mail in the spool, or of the last drain while mail waits, '
            'at which check warns.'),
    Setting('check_age_crit', seconds, '2h',
            'The same for critical.'),
)
