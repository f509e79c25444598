"""A database of millions of events, made in minutes.

The rows are those that the program writes: a few are made by its own code, and the others
differ from these in what differs from mail to mail.  The indices are the program's, made
afterwards.  It is as after 180 days: half as many addresses as events, in 20,000 domains,
one of which (a large provider) has a third of them; every address had a soft bounce and a
hard one after it.
"""
import functools
import hashlib

from mailtools.bouncedmail import policy, when
from mailtools.bouncedmail.report import Event, Mail, Report
from mailtools.bouncedmail.store import rows, tables

DAYS, DOMAINS = 180, 20000
START = 1780272000          # 2026-06-01
DRAINED_S = 600             # mails that came in these seconds have the same time
REASONS = ('userunknown', 'mailboxfull', 'blocked', 'spamdetected', 'expired')
KINDS = 50                  # two events with so many between them differ in names and numbers alone
CHUNK = 200                 # rows given to PostgreSQL at once
SAMPLE = b''.join(b'%d: a line of a bounce that differs a little, %x\n' % (n, n * 7919) for n in range(110))


def event(number):
    """Event `number`."""
    address, domain = recipient_of(number)
    return Event(
        kind='bounce', recipient=address, action='failed', status='5.1.1',
        status_explicit=True, severity='hard' if number % 2 else 'soft', reason=REASONS[number % len(REASONS)],
        rule='status', format='rfc3464', diagnostic='550 5.1.1 {} unknown'.format(address), smtp_reply='550',
        smtp_command='RCPT', reporting_mta='mail1.example.com', remote_mta='mx.' + domain,
        bounced_at='2026-06-01T00:00:00Z', message_id='b{}@mail1.example.com'.format(number),
        original_message_id='n{}@example.com'.format(number), original_sender='news@example.com',
        original_subject='News', headers={'X-Campaign': 'c{}'.format(number % KINDS)})


def recipient_of(number):
    """(address, domain) of event `number`; addresses come in the order of the alphabet."""
    who = number // 2
    domain = 'provider.example' if who % 3 == 0 else 'd{}.example'.format(who % DOMAINS)
    return 'user{:08d}@{}'.format(who, domain), domain


def id_of(number):
    """The id of its mail: its beginning grows, as that of a digest does not, for filling takes an hour then."""
    return '{:08x}{}'.format(number, hashlib.sha256(b'%d' % number).hexdigest()[8:])


def at(number, events):
    """When event `number` came: in the order of their numbers."""
    return stamp((START + number * DAYS * 86400 // events) // DRAINED_S * DRAINED_S)


stamp = functools.lru_cache(maxsize=100)(when.stamp)


def mail(number, one, raw=SAMPLE):
    """A mail with one event, as the drainer hands it to the store."""
    return Mail(id_of(number), stamp(START), 'mail1', raw,
                Report((one,), one.message_id, 'Returned mail', {}, SAMPLE.decode()[:300]))


def fill(store, events):
    """Write the events as they would be after months of drains, but without the work of it."""
    store.note_drain('mail1', stamp(START))
    database = store.database
    insert, written = {'sqlite': (insert_into_sqlite, list), 'postgresql': (copy, copied)}[database.engine]
    for table, made in ((tables.MAIL, mail_rows), (tables.EVENT, event_rows), (tables.ADDRESS, address_rows)):
        for statement in tables.create_indices(table):
            database.run('DROP INDEX ' + statement.split()[2])
        insert(database, table, made(events, written))
        for statement in tables.create_indices(table):
            database.run(statement)
    if database.engine == 'postgresql':
        database.run('ANALYZE')
    database.close()            # with what insert_into_sqlite() set


def mail_rows(events, written):
    """The rows of `mail`; `written` makes a row what the engine is given."""
    first = written(rows.mail_row(mail(0, event(0))))
    varying = [tables.MAIL.names.index(name) for name in ('id', 'received_at', 'message_id')]
    for number in range(events):
        yield varied(first, varying, (id_of(number), at(number, events), 'b{}@mail1.example.com'.format(number)))


def event_rows(events, written):
    """The rows of `event`, one a mail."""
    kinds = [written(rows.event_rows(mail(number, event(number)))[0][1]) for number in range(KINDS)]
    varying = [tables.EVENT.names.index(name) for name in (
        'mail_id', 'received_at', 'address', 'domain', 'recipient', 'diagnostic', 'remote_mta',
        'message_id', 'original_message_id')]
    for number in range(events):
        address, domain = recipient_of(number)
        yield varied(kinds[number % KINDS], varying, (
            id_of(number), at(number, events), address, domain, address, '550 5.1.1 {} unknown'.format(address),
            'mx.' + domain, 'b{}@mail1.example.com'.format(number), 'n{}@example.com'.format(number)))


def address_rows(events, written):
    """The rows of `address`, one for two events."""
    @functools.lru_cache(maxsize=100)
    def known(kind, *times):
        facts = policy.Facts('', '')
        for number, time in enumerate(times, kind):
            facts = policy.add(facts, event(number), time)
        return written(policy.judged(facts, policy.Policy()))
    for number in range(0, events - 1, 2):
        address, _ = recipient_of(number)
        yield varied(known(number % KINDS, at(number, events), at(number + 1, events)), (0, 1), (address, address))


def varied(row, columns, values):
    """A copy of the row with these values in these columns."""
    row = row[:]
    for column, value in zip(columns, values):
        row[column] = value
    return row


def insert_into_sqlite(database, table, made):
    """All rows in one transaction that nobody could undo."""
    for pragma in ('PRAGMA journal_mode=OFF', 'PRAGMA synchronous=OFF'):
        database.rows(pragma)
    with database.transaction():
        database.insert(table, made)


def copy(database, table, made):
    """All rows by one COPY: the server writes them while we make the next."""
    import psycopg2
    connection = psycopg2.connect(**database._parameters)
    with connection, connection.cursor() as cursor:
        cursor.copy_expert('COPY {} ({}) FROM STDIN'.format(table.name, ', '.join(table.names)), Lines(made))
    connection.close()


def copied(row):
    """The values of a row as COPY takes them."""
    from mailtools.bouncedmail.store import postgresql
    return postgresql.copied([row]).decode('utf-8').rstrip('\n').split('\t')


class Lines:
    """Rows as a file that COPY reads."""

    def __init__(self, made):
        self.made = made

    def read(self, _size):
        """Some rows more; psycopg2 minds not that they are longer than it asked for."""
        return ''.join('\t'.join(row) + '\n' for _, row in zip(range(CHUNK), self.made))
