"""What an administrator can set for block-sasl-fail: the table, and its own readers.

conf.d/block-sasl-fail.conf shows each row with its default; a test holds the two together.
"""
import re

from mailtools.base.settings import Setting, integer, one_of, optional_path, path, seconds, text, words

PROGRAM = 'block-sasl-fail'
REFUSES = re.compile(r'(REJECT|DEFER|[45][0-9][0-9])( |\Z)', re.IGNORECASE)       # access(5)
LOG_FILES = ('/var/log/maillog', '/var/log/mail.log')   # EL, Debian
JOURNAL = 'journal'


def log_place(value):
    """`journal`, the path of a file, or nothing for the usual places."""
    return value if value in ('', JOURNAL) else path(value)


def networks(value):
    """Networks as text in their shortest form; an address is a network of one."""
    if not value.strip():
        return ()
    import ipaddress  # only who sets any pays for it

    found = []
    for word in words(value):
        try:
            found.append(str(ipaddress.ip_network(word, strict=True)))
        except ValueError as error:
            raise ValueError(str(error))        # it names the word
    return tuple(found)


def map_action(value):
    """What an access(5) map answers, on one line; only an action that turns away already before AUTH."""
    if not value.isprintable() or not REFUSES.match(value):
        raise ValueError('not an action of access(5) that refuses a client: REJECT, DEFER, 4NN or 5NN, and a text')
    return value


def lasting(value):
    """A time that is not zero: with none of it nobody would ever be blocked."""
    found = seconds(value)
    if not found:
        raise ValueError('must be more than 0')
    return found


def map_type(value):
    """A type of postmap(1), or nothing for Postfix's own default."""
    if not re.match(r'[a-z]*\Z', value):
        raise ValueError('not a type such as hash, lmdb, cidr, texthash')
    return value


def factor(value):
    """A number from 1 to 100."""
    if not re.match(r'[0-9]{1,3}(\.[0-9]{1,3})?\Z', value) or not 1 <= float(value) <= 100:
        raise ValueError('not a number from 1 to 100')
    return float(value)


def database(value):
    """postgresql:..., or nothing."""
    if value and not value.startswith('postgresql:'):
        raise ValueError('not postgresql://USER@HOST/NAME')
    return value


SETTINGS = (
    # -- what is read --
    Setting('log', log_place, '',
            'The log of Postfix: a file, or journal for journald; empty: the first of {} that '
            'exists.'.format(' '.join(LOG_FILES))),
    Setting('state', path, '/var/lib/mailtools/block-sasl-fail.db',
            'Where scores, blocks and the place in the log are kept.'),
    Setting('journalctl', path, '/usr/bin/journalctl',
            'The program that reads the journal.'),
    Setting('poll', lasting, '1s',
            'How often follow looks at the log.'),
    Setting('pid_file', path, '/var/lib/mailtools/block-sasl-fail.pid',
            'The process id of follow --detach.'),
    # -- who is blocked --
    Setting('mode', one_of('score', 'daily'), 'score',
            'score: as the settings below say. daily: whoever failed once today, until the log is rotated.'),
    Setting('max_failures', integer, '5',
            'Failures within find_time that are still forgiven.'),
    Setting('find_time', lasting, '1h',
            'Time in which failures are counted.'),
    Setting('block_time', lasting, '1d',
            'How long the first block of an address lasts.'),
    Setting('block_growth', factor, '2',
            'Each further block lasts so many times as long as the one before.'),
    Setting('block_most', lasting, '30d',
            'The longest block; after so long a quiet the growth begins anew.'),
    Setting('slow_failures', integer, '20',
            'Failures over days that are still forgiven: one an hour is a guesser too; 0: never for this.'),
    Setting('slow_time', lasting, '3d',
            'Time in which a failure loses half of its weight for slow_failures.'),
    Setting('repeat_weight', factor, '1.5',
            'So many failures of one user name weigh as much as one of another name; 1: all weigh the '
            'same. Only Postfix 3.9 and later log the name.'),
    Setting('forgive_time', seconds, '1d',
            'A good login clears the failures of its address and user that are not older than this, unless '
            'there were more than twice max_failures.'),
    Setting('known_time', seconds, '30d',
            'An address that logged in within this time is known.'),
    Setting('known_weight', factor, '20',
            'So many failures of a known address weigh as much as one of a stranger, when the user name is one '
            'that logged in there, or is not logged: a telephone may hold an old password. More where several users '
            'log in: an office, a webmail.'),
    Setting('neighbours', integer, '10',
            'When so many strangers of one IPv4 /24 have failed, within slow_time and with no login from it '
            'in known_time, each of them is blocked; 0: never.'),
    Setting('net4_addresses', integer, '50',
            'When so many have, the whole /24 is blocked; 0: never.'),
    Setting('net6_addresses', integer, '5',
            'The same for an IPv6 /64, which is one customer; 0: never.'),
    Setting('never_block', networks, '',
            'Networks that are never blocked, whatever the log says; $mynetworks, loopback and our own '
            'addresses never are anyway.'),
    Setting('outage_clients', integer, '5',
            'When so many known addresses begin to fail within outage_time and nobody logs in between, the '
            'password database is taken to be away, and nobody is blocked for it; 0: never.'),
    Setting('outage_time', lasting, '10m',
            'Time in which that is looked for.'),
    # -- how --
    Setting('map', path, '/etc/postfix/access_dynamic',
            'The access(5) map that Postfix asks.'),
    Setting('map_type', map_type, '',
            'Its type: hash, lmdb, btree, cidr or texthash; empty: as postconf -h default_database_type says.'),
    Setting('cidr_map', optional_path, '',
            'The map of networks, of type cidr; empty: the name of the map and .cidr.'),
    Setting('action', map_action, 'REJECT authentication abuse',
            'What the map answers, see access(5).'),
    Setting('postfix_config', optional_path, '',
            "The folder of Postfix's main.cf; empty: as Postfix was built."),
    Setting('evidence', integer, '20',
            'Lines of the log that are kept for each address, for explain.'),
    Setting('share', database, '',
            'A PostgreSQL in which several hosts tell each other whom they block: '
            'postgresql://USER@HOST/NAME; empty: none.'),
    Setting('host', text, '',
            'The name of this host there; empty: as hostname(1) says.'),
)
