"""The tables: one description, from which the SQL of both engines is made.

Pure: names and strings, no database.  Decisions that a reader would ask about:

- Keys are made of content alone (the digest of the mail, the number of the
  recipient within it, the address), so that a mail that comes twice is one
  row, and no sequence, trigger or extension is needed.
- `event` repeats received_at, address and domain beside the fields of the
  report: every question that must be fast is one index of one table.
- No foreign keys: a mail and its events are written in one transaction and
  purged in one, and partitioned tables of PostgreSQL 10 can't be referred to.
- What is compared (keys) has an index and so a limit: KEY_LIMIT characters of
  four bytes each fit into the 2704 bytes that a B-tree of PostgreSQL takes.
"""
from typing import NamedTuple, Tuple

VERSION = 1
KEY_LIMIT = 600         # characters
WORD_LIMIT = 100        # of a word of our own, such as a reason; several are in one index

ENGINES = ('sqlite', 'postgresql')
TYPES = {               # ours: (SQLite's, PostgreSQL's)
    'text': ('TEXT', 'text'),
    'number': ('INTEGER', 'integer'),
    'yesno': ('INTEGER', 'boolean'),
    'bytes': ('BLOB', 'bytea'),
    'time': ('TEXT', 'timestamptz'),    # in SQLite as the program writes it: 2026-11-22T21:19:37Z
    'json': ('TEXT', 'jsonb'),
}


class Table(NamedTuple):
    """A table.

    kinds: of the columns, of TYPES, with an `!` where NULL is refused.
    indices: the columns of each index beside the key.
    by_time: whether `initdb --partition month` makes it a partitioned table, by received_at.
    """

    name: str
    names: Tuple[str, ...]
    kinds: Tuple[str, ...]
    key: Tuple[str, ...]
    indices: Tuple[Tuple[str, ...], ...]
    by_time: bool


def table(name, columns, key, indices=(), by_time=False):
    """The Table of columns that are written as (name, kind)."""
    names, kinds = zip(*columns)
    return Table(name, names, kinds, key, indices, by_time)


MAIL = table('mail', (
    ('id', 'text!'),                # SHA-256, hex, of the mail as it came
    ('received_at', 'time!'),       # when it came into the spool
    ('host', 'text'),               # the mail server that took it
    ('return_path', 'text'),        # the envelope, as local(8) wrote it
    ('original_to', 'text'),
    ('delivered_to', 'text'),
    ('message_id', 'text'),         # the bounce's own
    ('subject', 'text'),
    ('size', 'number!'),            # octets of the mail
    ('error', 'text'),              # why it could not be read, else NULL
    ('body', 'text'),               # its text for people
    ('raw', 'bytes'),               # the mail, zlib (RFC 1950); NULL after `purge --keep-events`
), key=('id',), indices=(('received_at',), ('message_id',)), by_time=True)

EVENT = table('event', (
    ('mail_id', 'text!'),
    ('number', 'number!'),          # of the event within its mail, from 0
    ('received_at', 'time!'),       # that of the mail
    ('address', 'text'),            # recipient as it is compared: all in lower case
    ('domain', 'text'),             # of the recipient
    ('kind', 'text!'),              # from here on the fields of report.Event
    ('recipient', 'text'),
    ('original_recipient', 'text'),
    ('action', 'text'),
    ('status', 'text'),
    ('status_explicit', 'yesno!'),
    ('severity', 'text'),
    ('reason', 'text'),
    ('rule', 'text'),
    ('format', 'text'),
    ('diagnostic', 'text'),
    ('smtp_reply', 'text'),
    ('smtp_command', 'text'),
    ('reporting_mta', 'text'),
    ('remote_mta', 'text'),
    ('bounced_at', 'time'),
    ('message_id', 'text'),
    ('original_message_id', 'text'),
    ('original_sender', 'text'),
    ('original_subject', 'text'),
    ('original_date', 'time'),
    ('list_id', 'text'),
    ('feedback_id', 'text'),
    ('feedback_type', 'text'),
    ('source_ip', 'text'),
    ('user_agent', 'text'),
    ('headers', 'json!'),
), key=('mail_id', 'number'), indices=(
    ('address', 'received_at'),
    ('original_message_id',),
    ('domain', 'received_at', 'severity'),      # what stats counts is in the index
    ('reason', 'received_at', 'severity'),
    ('received_at', 'severity', 'format'),
), by_time=True)

ADDRESS = table('address', (        # the fields of policy.Facts; counts are since forgiven_at
    ('address', 'text!'),           # all in lower case
    ('recipient', 'text!'),         # as it was last written
    ('hard', 'number!'),            # how many bounces, complaints, delay notices
    ('soft', 'number!'),
    ('complaint', 'number!'),
    ('delay', 'number!'),
    ('first_at', 'time!'),          # the first and the last of them
    ('last_at', 'time!'),
    ('hard_at', 'time'),            # the first that was hard, and its reason
    ('hard_reason', 'text'),
    ('complaint_at', 'time'),       # the first complaint, and its type
    ('complaint_type', 'text'),
    ('soft_days', 'text!'),         # days with a soft bounce: 20261120 20261122
    ('forgiven_at', 'time'),        # what came until then doesn't count
    ('suppressed_since', 'time'),   # NULL: may be mailed (by the policy in force when the row was written)
    ('suppressed_why', 'text'),     # hard, complaint or soft
), key=('address',))

DRAIN = table('drain', (            # when each mail server last emptied its spool
    ('host', 'text!'),
    ('at', 'time!'),
), key=('host',))

SCHEMA_VERSION = table('schema_version', (
    ('version', 'number!'),
    ('installed_at', 'time!'),
    ('partition', 'text!'),         # none or month
), key=('version',))

CLAIM = table('claim', (            # with partitions only: makes a mail one row among all of them
    ('id', 'text!'),
    ('received_at', 'time!'),
), key=('id',), indices=(('received_at',),))

TABLES = (MAIL, EVENT, ADDRESS, DRAIN)

# What the predecessor's table held, one row a mail: whoever asks for
# message_id and body goes on getting them.
VIEW = ('CREATE VIEW bounces AS SELECT message_id, body, id, received_at, host, return_path,'
        ' original_to, delivered_to, subject, size FROM mail')


STORAGE = {
    'sqlite': [],
    # It is compressed already; the server need not try (a quarter of the time to write a mail).
    'postgresql': ['ALTER TABLE mail ALTER COLUMN raw SET STORAGE EXTERNAL'],
}


def create_table(wanted, engine, partitioned=False):
    """The CREATE TABLE of one engine; a partitioned parent has no key (PostgreSQL 10 allows none)."""
    which = ENGINES.index(engine)
    lines = ['{} {}{}'.format(name, TYPES[kind.rstrip('!')][which], ' NOT NULL' if kind.endswith('!') else '')
             for name, kind in zip(wanted.names, wanted.kinds)]
    if partitioned:
        return 'CREATE TABLE {} ({}) PARTITION BY RANGE (received_at)'.format(wanted.name, ', '.join(lines))
    lines.append('PRIMARY KEY ({})'.format(', '.join(wanted.key)))
    return 'CREATE TABLE {} ({})'.format(wanted.name, ', '.join(lines))


def create_indices(wanted, name=None):
    """The CREATE INDEX statements of a table, or of its partition `name`, each named after its columns."""
    name = name or wanted.name
    return ['CREATE INDEX {0}_{1} ON {0} ({2})'.format(name, '_'.join(columns), ', '.join(columns))
            for columns in wanted.indices]


def schema(engine, partitioned=False):
    """Every statement that makes an empty database, in order; partitions are made apart."""
    statements = []
    for one in TABLES + ((CLAIM,) if partitioned else ()) + (SCHEMA_VERSION,):
        parent = partitioned and one.by_time
        statements.append(create_table(one, engine, parent))
        statements.extend([] if parent else create_indices(one))
    return statements + STORAGE[engine] + [VIEW]
