"""How fast a database of millions of events answers, and takes more mail, on both engines.

    python tests/bench/bench_database.py 5000000

Without a number it is a tenth of that, in minutes instead of an hour.  The events
are of 180 days, of half as many addresses in 20,000 domains, one of which (a large
provider) has a third of them; five million need 10 GB of disk an engine.  Each question
is asked as people ask it, by a process; its time is that of the whole process.
"""
import hashlib
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'bench')]

import measure

from mailtools.bouncedmail import policy, when
from mailtools.bouncedmail.report import Event, Mail, Report
from mailtools.bouncedmail.store import open_store, rows, tables
from rig import parts, program
from rig.postgres import Postgres

EVENTS = 500000
PORTION = 20000
DAYS, DOMAINS = 180, 20000
START = 1780272000          # 2026-06-01
REASONS = ('userunknown', 'mailboxfull', 'blocked', 'spamdetected', 'expired')
GOAL_S = 1.0                # of a process that answers a question, its start of 0.1 s included
BATCH, BATCHES = 200, 50    # mails saved into the full database
SUPPRESSIONS_KB = 20000     # memory beyond that of `list`, whatever the size

SAMPLE = b''.join(b'%d: a line of a bounce that differs a little, %x\n' % (n, n * 7919) for n in range(110))
PACKED = rows.compressed(SAMPLE)


def event(number):
    """Event `number`: half of them hard; every tenth address bounces often."""
    domain = 'provider.example' if number % 3 == 0 else 'd{}.example'.format(number % DOMAINS)
    return Event(
        kind='bounce', recipient='user{}@{}'.format(number // 2, domain), action='failed', status='5.1.1',
        status_explicit=True, severity='hard' if number % 2 else 'soft', reason=REASONS[number % len(REASONS)],
        rule='status', format='rfc3464', diagnostic='550 5.1.1 user{} unknown'.format(number), smtp_reply='550',
        smtp_command='RCPT', reporting_mta='mail1.example.com', remote_mta='mx.' + domain,
        bounced_at='2026-06-01T00:00:00Z', message_id='b{}@mail1.example.com'.format(number),
        original_message_id='n{}@example.com'.format(number), original_sender='news@example.com',
        original_subject='News', headers={'X-Campaign': 'c{}'.format(number % 50)})


def at(number, events):
    """When event `number` came: in the order of their numbers."""
    return when.stamp(START + number * DAYS * 86400 // events)


def fill(store, events):
    """Write the events as they would be after months of drains, but without the work of it."""
    store.note_drain('mail1', at(0, events))
    database = store.database
    indices = [(table, statement) for table in tables.TABLES for statement in tables.create_indices(table)]
    for _, statement in indices:
        database.run('DROP INDEX ' + statement.split()[2])
    for start in range(0, events, PORTION):
        fill_some(database, start, min(start + PORTION, events), events)
    for _, statement in indices:
        database.run(statement)
    if database.engine == 'postgresql':
        database.run('ANALYZE')


def fill_some(database, start, end, events):
    """Write the events of these numbers, one a mail."""
    mails, listed, addresses = [], [], {}
    for number in range(start, end):
        # The beginning grows with the number, as that of a digest does not: filling takes minutes, not hours.
        id = '{:08x}{}'.format(number, hashlib.sha256(str(number).encode()).hexdigest()[8:])
        received_at, one = at(number, events), event(number)
        mails.append((id, received_at, 'mail1', '', None, None, one.message_id, 'Returned mail', len(SAMPLE), None,
                      'Sorry.', PACKED))
        address, domain = rows.keys_of(one.recipient)
        listed.append((id, 0, received_at, address, domain) + one[:-1] + (rows.headers_text(one.headers),))
        addresses[address] = policy.judged(policy.add(addresses.get(address) or policy.Facts(
            address, one.recipient), one, received_at), policy.Policy())
    with database.transaction():
        database.insert(tables.MAIL, mails)
        database.insert(tables.EVENT, listed)
        database.insert(tables.ADDRESS, list(addresses.values()))


def questions(events):
    """(what, arguments) of the commands that are timed."""
    middle = events // 2 // 3 * 3 + 1
    one = event(middle)
    day = at(middle, events)[:10]
    return (
        ('list by recipient', ['list', '--recipient', one.recipient.upper()]),
        ('list by original Message-ID', ['list', '--message-id', one.original_message_id]),
        ("list by the bounce's Message-ID", ['list', '--message-id', one.message_id]),
        ('list by domain', ['list', '--domain', one.recipient.split('@')[1]]),
        ('list by domain and day', ['list', '--domain', one.recipient.split('@')[1], '--day', day]),
        ('list by large provider and day', ['list', '--domain', 'provider.example', '--day', day]),
        ('list by day', ['list', '--day', day]),
        ('list by reason', ['list', '--reason', 'expired']),
        ('list by nobody', ['list', '--recipient', 'nobody@example.org']),
        ('show by id', ['show', '{:08x}'.format(middle)]),
        ('show by original Message-ID', ['show', one.original_message_id]),
    )


STATISTICS = (['--by', 'reason'], ['--by', 'domain', '--top', '10'], ['--by', 'day'], ['--by', 'format'],
              ['--by', 'day', '--since', '2026-11-01'], ['--by', 'header:X-Campaign', '--since', '2026-11-21'])


def ask(table, config, events):
    """Time every question."""
    for what, args in questions(events):
        costs = [measure.cost_of(program.command('bouncedmail', *args, '--config', config)) for _ in range(5)]
        table.limit(what, measure.median(costs), GOAL_S)
    base_kb = costs[0].peak_kb
    for args in STATISTICS:
        cost = measure.cost_of(program.command('bouncedmail', 'stats', '--config', config, *args))
        table.note('stats ' + ' '.join(args), measure.shown(cost.wall_s))
    cost = measure.cost_of(program.command('bouncedmail', 'suppressions', '--map', '--config', config))
    table.note('suppressions --map', measure.shown(cost.wall_s))
    table.limit('its memory beyond that of show', max(0, cost.peak_kb - base_kb), SUPPRESSIONS_KB, 'kB')


def save_more(table, store, events, first, what):
    """How fast new mail is saved: ids and addresses all over the indices."""
    batches = [[fresh(first + BATCH * batch + number, events) for number in range(BATCH)]
               for batch in range(BATCHES)]
    wall = time.perf_counter()
    for batch in batches:
        assert store.save(batch).new == BATCH
    took = (time.perf_counter() - wall) / BATCH / BATCHES
    table.note('save a mail of 6 kB, {} database'.format(what), measure.shown(took))


def fresh(number, events):
    """A mail that is not there yet, of an address that is."""
    raw = SAMPLE + str(number).encode()
    one = event(number * 7919 % events)._replace(
        message_id='new{}@mail1.example.com'.format(number), original_message_id='new{}@example.com'.format(number))
    return Mail(hashlib.sha256(raw).hexdigest(), when.stamp(START + DAYS * 86400), 'mail1', raw,
                Report((one,), one.message_id, 'Returned mail', {}, SAMPLE.decode()[:3000]))


def bench(title, url, folder, events):
    """All figures of one engine; the exit status."""
    table = measure.Table('{}, {} events'.format(title, events))
    store = open_store(url)
    save_more(table, store, events, events, 'empty')
    store.database.run('DELETE FROM address')
    started = time.perf_counter()
    fill(store, events)
    table.note('filled in', measure.shown(time.perf_counter() - started))
    config = os.path.join(folder, title)
    with open(config, 'w', encoding='utf-8') as file:
        file.write('[bouncedmail]\ndatabase = {}\nheaders = X-Campaign\n'.format(url))
    ask(table, config, events)
    save_more(table, store, events, 2 * events, 'full')
    store.close()
    return table.end()


def main():
    """Both engines, one after the other."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'bounces.db')
        status = bench('SQLite', 'sqlite:' + path, folder, events)
        os.unlink(path)
        if parts.postgresql_folder() is None:
            print('PostgreSQL is not installed')
            return status
        postgres = Postgres(on_disk=True)
        try:
            return bench('PostgreSQL', postgres.new_database(), folder, events) or status
        finally:
            postgres.remove()


if __name__ == '__main__':
    sys.exit(main())
