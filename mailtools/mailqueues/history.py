"""How the queues did over the last 13 months: one SQLite file, thinned as it ages.

A row holds what one host had within one span of time: how often its figures were got, how often
not, and of each queue the mean and the most.  The most is never thinned away: a peak of
one minute last winter is still as high today.  A host that could not be asked has a row without
figures, so that a gap is known to be one.
"""
import functools
import time
from typing import Dict, NamedTuple, Optional, Tuple

from mailtools.base.sqlitefile import Damaged, SqliteFile
from mailtools.base.text import shortened, visible
from mailtools.mailqueues import steps
from mailtools.mailqueues.sums import mean
from mailtools.mailqueues.values import COUNTED

MINUTE, HOUR, DAY = 60, 3600, 86400


class Level(NamedTuple):
    """How fine rows are up to an age."""

    span_s: int         # a row stands for so long; 0: for one run of `export`
    until_s: int        # older rows go to the next level, those of the last are deleted


LEVELS = (
    Level(0, 2 * DAY),
    Level(10 * MINUTE, 14 * DAY),
    Level(HOUR, 92 * DAY),
    Level(6 * HOUR, 397 * DAY),         # 13 months
)
MODE = 0o644            # monitors read it, and nothing in it is secret
VERSION = 1


class Row(NamedTuple):
    """What one host had within [at, at + span_s), seconds since the epoch."""

    host: str
    at: int
    span_s: int
    seen: int                       # so many times its figures were got
    failed: int                     # so many times not
    mean: Optional[Dict[str, float]]        # by queue; None: never seen
    most: Optional[Dict[str, int]]
    oldest_s: Optional[int]         # the greatest age of a message


class Step(NamedTuple):
    """One step of a chart: what there was of one host, None where it was never seen."""

    seen: int
    deferred_most: Optional[int]
    deferred_mean: Optional[float]
    active_most: Optional[int]
    active_mean: Optional[float]


FIGURES = tuple('{}_{}'.format(queue, kind) for queue in COUNTED for kind in ('mean', 'most')) + ('oldest_s',)
SCHEMA = (
    'CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
    'CREATE TABLE sample (level INTEGER NOT NULL, at INTEGER NOT NULL, host INTEGER NOT NULL REFERENCES host,'
    ' seen INTEGER NOT NULL, failed INTEGER NOT NULL, {}, PRIMARY KEY (level, at, host))'.format(
        ', '.join('{} {}'.format(name, 'REAL' if name.endswith('_mean') else 'INTEGER') for name in FIGURES)),
)
INSERT = 'INSERT OR REPLACE INTO sample VALUES ({})'.format(', '.join('?' * (5 + len(FIGURES))))


def merged():
    """The columns of a coarser row: a peak stays."""
    yield from ('sum(seen)', 'sum(failed)')
    for name in FIGURES:
        yield mean(name) if name.endswith('_mean') else 'max({})'.format(name)


COARSEN = ('INSERT OR IGNORE INTO sample SELECT ?, at / ? * ?, host, {} FROM sample'
           ' WHERE level = ? AND at < ? GROUP BY at / ?, host'.format(', '.join(merged())))
FORGET = 'DELETE FROM sample WHERE level = ? AND at < ?'
READ = ('SELECT name, at, level, seen, failed, {} FROM sample JOIN host ON host.id = sample.host'
        ' WHERE level = ? AND at >= ? AND at <= ? ORDER BY at, host'.format(', '.join(FIGURES)))
NUMBER_MOST = 1e15


class History(SqliteFile):
    """The file of the history.

    say: called with a sentence when the file was found damaged and moved aside.
    """

    def __init__(self, path, say=lambda sentence: None):
        super().__init__(path, 'the history', SCHEMA, VERSION, MODE, say)

    def add(self, snapshot):
        """Keep the figures of one run, and thin what has grown old.

        A damaged file is moved aside, and a new one begun.  Raises sqlitefile.FileFailure.
        """
        at = int(snapshot.generated_at)
        self.write(functools.partial(add, at=at, hosts=snapshot.hosts), at)

    def read(self, since, until=None, hosts=None):
        """The Rows that reach into [since, until], by time, as fine as they are kept.

        hosts: names, None for all.  No file: no rows.  Raises sqlitefile.FileFailure.
        """
        until = int(time.time()) if until is None else until
        with self.reading() as connection:
            if connection is None:
                return
            for level in reversed(range(len(LEVELS))):
                span_s = LEVELS[level].span_s
                for found in connection.execute(READ, (level, since - span_s + 1 if span_s else since, until)):
                    if hosts is None or found[0] in hosts:
                        sound(found[1:], self.path)
                        yield row_of(found)

    def hosts(self):
        """The names of the hosts that it knows; raises sqlitefile.FileFailure."""
        with self.reading() as connection:
            if connection is None:
                return []
            return [name for name, in connection.execute('SELECT name FROM host ORDER BY name')]

    def steps(self, since, step_s, count):
        """What charts draw: {host: {number of the step: Step}}, `count` steps of `step_s` seconds from `since` on.

        No file: {}.  Raises sqlitefile.FileFailure.
        """
        found: Dict[str, Dict[int, Step]] = {}
        with self.reading() as connection:
            if connection is not None:
                connection.execute('BEGIN')         # what is read is of one time
                names = dict(connection.execute('SELECT id, name FROM host'))
                for host, number, *rest in steps.read(connection, since, step_s, count):
                    found.setdefault(names.get(host, ''), {})[number] = Step(*sound(rest, self.path))
        return found


def add(connection, at, hosts):
    """Keep what is known of hosts at a time, and thin; within a transaction."""
    ids = known_hosts(connection, [known.name for known in hosts])
    since = steps.before_run(connection)
    connection.executemany(INSERT, [(0, at, ids[known.name]) + numbers(known) for known in hosts])
    thin(connection, at)
    steps.after_run(connection, at, since)


def known_hosts(connection, names):
    """{name: number}, numbers given to those that are new."""
    connection.executemany('INSERT OR IGNORE INTO host (name) VALUES (?)', [(name,) for name in names])
    return dict(connection.execute('SELECT name, id FROM host'))


def numbers(known) -> Tuple:
    """What a row of level 0 holds after its host; the last good figures of another time are none of now."""
    if known.error or known.counts is None:
        return (0, 1) + (None,) * len(FIGURES)
    pairs = ((known.counts.get(queue),) * 2 for queue in COUNTED)
    return (1, 0) + tuple(number for pair in pairs for number in pair) + (oldest_s(known),)


def oldest_s(known):
    """The age in seconds of the oldest mail that is on its way, None: none is, or not known.

    What is held waits for a person. The listing may be older than the counts: a queue that is empty
    now has no oldest mail.
    """
    if known.detail is None or known.counts is None:
        return None
    arrivals = [arrival for queue, arrival in known.detail.oldest.items()
                if queue != 'hold' and known.counts.get(queue)]
    return max(0, int(known.at - min(arrivals))) if arrivals else None


def thin(connection, now):
    """Move what is older than its level allows to the next, and forget what none keeps.

    Only whole spans are moved. A stray row of a clock that went back finds its span taken, and is dropped.
    """
    for level, coarser in enumerate(LEVELS[1:]):
        before = (now - LEVELS[level].until_s) // coarser.span_s * coarser.span_s
        connection.execute(COARSEN, (level + 1, coarser.span_s, coarser.span_s, level, before, coarser.span_s))
        connection.execute(FORGET, (level, before))
    connection.execute(FORGET, (len(LEVELS) - 1, now - LEVELS[-1].until_s))


def sound(values, path):
    """Values as they are, each of which is a number or not known; raises Damaged.

    SQLite keeps whatever it is given, a text in a column of numbers too.
    """
    for value in values:
        if value is not None and not (isinstance(value, (int, float)) and -NUMBER_MOST < value < NUMBER_MOST):
            raise Damaged('the history {} is damaged (a row holds {})'.format(
                path, shortened(visible(repr(value)), 40)))
    return values


def row_of(found):
    """A Row of a row of READ."""
    host, at, level, seen, failed = found[:5]
    means, mosts = found[5:-1:2], found[6:-1:2]
    if not seen:
        return Row(host, at, LEVELS[level].span_s, 0, failed, None, None, None)
    return Row(host, at, LEVELS[level].span_s, seen, failed,
               {queue: mean for queue, mean in zip(COUNTED, means) if mean is not None},
               {queue: most for queue, most in zip(COUNTED, mosts) if most is not None}, found[-1])
