"""How fast a database of millions of events answers, and takes more mail, on both engines.

    python tests/bench/bench_database.py 5000000
    python tests/bench/bench_database.py 5000000 URL FOLDER     one that was filled before; its files are in FOLDER

Without a number it is a tenth of that.  What it is filled with, filling.py says; five
million need up to 15 GB of disk, one engine after the other.  Each question is asked as
people ask it, by a process; its time is that of the whole process, first with nothing
of the database in memory (`cold`), then again.
"""
import contextlib
import hashlib
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'bench')]

import filling
import measure
from filling import DAYS, SAMPLE, START, at, event

from mailtools.bouncedmail import when
from mailtools.bouncedmail.store import open_store
from rig import parts, program
from rig.postgres import Postgres

EVENTS = 500000
GOAL_S = 1.0                # of a process that answers a question, its start of 0.1 s included
BATCH, BATCHES = 200, 50    # mails saved into the full database
SUPPRESSIONS_KB = 80000     # memory beyond that of `show`, whatever the size: 64 MB are the cache of SQLite
AGAIN = 5                   # times that a question is asked once more


def questions(events):
    """(what, arguments) of the commands that are timed."""
    middle = events // 12 * 6 + 2       # of no large provider
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


def ask(table, config, events, folder):
    """Time every question; folder: of the database."""
    for what, args in questions(events):
        process = program.command('bouncedmail', *args, '--config', config)
        forget(folder)
        table.limit(what + ', cold', measure.cost_of(process).wall_s, GOAL_S)
        costs = [measure.cost_of(process) for _ in range(AGAIN)]
        table.limit(what, measure.median(costs), GOAL_S)
    base_kb = measure.peak_kb(process)
    for args in STATISTICS:
        cost = measure.cost_of(program.command('bouncedmail', 'stats', '--config', config, *args))
        table.note('stats ' + ' '.join(args), measure.shown(cost.wall_s))
    process = program.command('bouncedmail', 'suppressions', '--map', '--config', config)
    started = time.perf_counter()
    beyond_kb = measure.peak_kb(process) - base_kb
    table.note('suppressions --map', measure.shown(time.perf_counter() - started))
    table.limit('its memory beyond that of show', beyond_kb, SUPPRESSIONS_KB, 'kB')


def forget(folder):
    """Have the kernel forget what it has read of these files, and of no others."""
    for name in (os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names):
        with contextlib.suppress(OSError):          # a socket, or removed since
            descriptor = os.open(name, os.O_RDONLY)
            os.fsync(descriptor)                    # only what is written can be forgotten
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


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
    return filling.mail(number, one, raw)._replace(
        id=hashlib.sha256(raw).hexdigest(), received_at=when.stamp(START + DAYS * 86400))


def bench(title, url, folder, database, events):
    """All figures of one engine, whose files are in the folder `database`; the exit status."""
    table = measure.Table('{}, {} events'.format(title, events))
    store = open_store(url)
    save_more(table, store, events, events, 'empty')
    store.database.run('DELETE FROM address')
    started = time.perf_counter()
    filling.fill(store, events)
    table.note('filled in', measure.shown(time.perf_counter() - started))
    ask(table, configured(url, folder), events, database)
    save_more(table, store, events, 2 * events, 'full')
    store.close()
    return table.end()


def configured(url, folder):
    """The path of settings for a database."""
    path = os.path.join(folder, url.partition(':')[0] + '.conf')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('[bouncedmail]\ndatabase = {}\nheaders = X-Campaign\n'.format(url))
    return path


def main():
    """Both engines, one after the other; or one that is there."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            table = measure.Table('{}, {} events'.format(sys.argv[2].partition(':')[0], events))
            ask(table, configured(sys.argv[2], folder), events, sys.argv[3])
            return table.end()
        with tempfile.TemporaryDirectory() as database:
            status = bench('SQLite', 'sqlite:{}/bounces.db'.format(database), folder, database, events)
        if parts.postgresql_folder() is None:
            print('PostgreSQL is not installed')
            return status
        postgres = Postgres(on_disk=True)
        try:
            return bench('PostgreSQL', postgres.new_database(), folder, postgres.data, events) or status
        finally:
            postgres.remove()


if __name__ == '__main__':
    sys.exit(main())
