"""What is remembered between two runs: one SQLite file with records, evidence and the place in the log.

    with state.lock(path), state.opened(path) as file:
        with file.transaction():        # all of it or nothing, whatever is killed
            records = file.records(score.keys(attempts))
            changes = score.update(records, attempts, now, policy)
            file.save(changes.records)
            file.set_place(log, place)

What was counted and how far it was read are written in one transaction, so that a line is counted
once.  Who writes holds the lock until the map is as the file says.  A file that SQLite can't make
sense of raises Damaged; scan moves it aside and begins anew.

Only what SQLite 3.7 (EL7) has: no upsert, no WITHOUT ROWID.
"""
import _sqlite3 as sqlite3  # all of it but datetime, whose import takes as long as a scan with nothing new
import contextlib
import os
import time
from typing import NamedTuple, Optional

from mailtools.base import disk
from mailtools.base.failure import EX_IOERR, Busy, Failure, one_line, reason_of
from mailtools.base.text import recoded
from mailtools.block_sasl_fail import outage

IN_MEMORY = ':memory:'
VERSION = 1             # of the tables, PRAGMA user_version
TABLES = (
    'CREATE TABLE record (key TEXT PRIMARY KEY, until REAL NOT NULL, last REAL NOT NULL, data TEXT NOT NULL)',
    'CREATE INDEX record_until ON record (until)',
    'CREATE TABLE place (log TEXT PRIMARY KEY, data BLOB NOT NULL)',
    'CREATE TABLE evidence (id INTEGER PRIMARY KEY, key TEXT NOT NULL, time REAL NOT NULL,'
    ' path TEXT NOT NULL, place INTEGER NOT NULL, line TEXT NOT NULL)',
    'CREATE INDEX evidence_key ON evidence (key, id)',
    'CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL)',
    'PRAGMA user_version = {}'.format(VERSION),
)
WAIT_S = 10             # for another process that is writing
AT_ONCE = 500           # keys in one question
MODE = 0o600            # user names are in it
MARKS = 'map-marks'     # the note that says how the map looked when it held what the records say


class StateFailure(Failure):
    """The state can't be read or written."""

    status = EX_IOERR


class Damaged(StateFailure):
    """The file is no state of ours; it must go out of the way."""


class Evidence(NamedTuple):
    """One line of the log that counted."""

    key: str            # the address
    time: float         # seconds since the epoch
    path: str           # of the file, as it was called then
    offset: int         # of the line in it, -1 for the journal
    line: str


@contextlib.contextmanager
def lock(path, wait_s=0):
    """Be the only one who writes the state at `path` and the map; raises Busy.

    wait_s: how long to wait for another run: people's commands do, cron's don't.
    """
    end = time.monotonic() + wait_s
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(disk.locked(path + '.lock'))
                break
            except Busy:
                if time.monotonic() >= end:
                    raise
            time.sleep(0.05)
        yield


@contextlib.contextmanager
def opened(path, write=True):
    """The State at `path` while the block runs.

    write: make it when it isn't there; else a missing one is an empty one, and nothing is written.
    Raises StateFailure, Damaged.
    """
    there = path != IN_MEMORY and (write or readable(path))
    if there and write:
        make(path)
    # A reader too undoes what a run that was killed left half done, where it may write.
    where = disk.sqlite_uri(path, 'rw' if write or os.access(path, os.W_OK) else 'ro') if there else IN_MEMORY
    with told(path):
        connection = sqlite3.connect(where, timeout=WAIT_S, isolation_level=None, uri=there)
    try:
        with told(path):
            yield State(connection, path, create=write or not there)
    finally:
        connection.close()


def make(path):
    """The file, if it isn't there: SQLite wouldn't say why it can't."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
    except OSError as error:
        raise StateFailure('cannot open the state {}: {}'.format(path, reason_of(error)))


def readable(path):
    """Whether there is a state; raises StateFailure for one that can't be opened."""
    try:
        with open(path, 'rb'):
            return True
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateFailure('cannot open the state {}: {}'.format(path, reason_of(error)))


@contextlib.contextmanager
def told(path):
    """Errors of SQLite as failures with a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = one_line(error)
        if 'locked' in said:
            raise Busy('another process is writing the state {}'.format(path))
        if said.startswith('no such'):
            raise Damaged('the state {} is damaged: {}'.format(path, said))
        raise StateFailure('cannot use the state {}: {}'.format(path, said))
    except sqlite3.DatabaseError as error:
        raise Damaged('the state {} is damaged: {}'.format(path, one_line(error)))


def set_aside(path, now):
    """Rename a damaged state; its new path.  Raises OSError."""
    aside = '{}.damaged-{}'.format(path, time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now)))
    for ending in '-journal', '-wal', '-shm', '':
        with contextlib.suppress(FileNotFoundError):
            os.rename(path + ending, aside + ending)
    return aside


def in_parts(keys):
    """Lists of at most AT_ONCE of the keys."""
    keys = list(keys)
    return [keys[start:start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]


class Records:
    """Records by key; those that weren't asked for together are fetched one by one."""

    def __init__(self, state, found):
        self._state = state
        self._found = found

    def get(self, key):
        """The record, None if there is none."""
        if key not in self._found:
            self._found.update(self._state.load([key]))
            self._found.setdefault(key)
        return self._found[key]


class State:
    """An open state; opened() makes it."""

    def __init__(self, connection, path, create):
        self.path = path
        self._connection = connection
        connection.execute('PRAGMA synchronous = FULL')
        version = connection.execute('PRAGMA user_version').fetchone()[0]
        if version > VERSION:
            raise StateFailure('the state {} is of a younger block-sasl-fail'.format(path))
        if not version and create:
            with self.transaction():
                if not connection.execute('PRAGMA user_version').fetchone()[0]:
                    for statement in TABLES:
                        connection.execute(statement)

    @contextlib.contextmanager
    def transaction(self, keep=True):
        """All that the block writes, or, when anything is raised, nothing.  keep=False: nothing anyway."""
        self._connection.execute('BEGIN IMMEDIATE')
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        if keep:
            self._connection.commit()
        else:
            self._connection.rollback()

    # -- records --

    def records(self, keys):
        """A mapping of records, as score.update() wants it; these keys are fetched together."""
        keys = list(keys)
        found = dict.fromkeys(keys)
        found.update(self.load(keys))
        return Records(self, found)

    def load(self, keys):
        """{key: record} of those that there are."""
        found = []
        for some in in_parts(keys):
            found.extend(self._connection.execute(
                'SELECT key, data FROM record WHERE key IN ({})'.format(','.join('?' * len(some))), some))
        return {one.key: one for one in self._unpacked(found)}

    def save(self, records):
        """Write records, given as {key: record}, and note when the map has to be another one now.

        The set of the keys whose blocks end at another time than before.
        """
        from mailtools.block_sasl_fail.records import packed
        changed = self._other_blocks(records)
        if changed or self._other_outages(records.get(outage.KEY)):
            self.set_note(MARKS, '')
        self._connection.executemany(
            'INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)',
            ((key, one.until, getattr(one, 'last', 0), packed(one)) for key, one in records.items()))
        return changed

    def _other_outages(self, outages):
        """Whether these outages may change any block."""
        if outages is None:
            return False
        before = self.load([outage.KEY]).get(outage.KEY)
        return bool(outages.since) or before is None or (before.since, before.spans) != (outages.since, outages.spans)

    def _other_blocks(self, records):
        """The keys of those records that have another block than what is stored."""
        stored = dict.fromkeys(records, 0.0)
        for some in in_parts(records):
            stored.update(self._connection.execute(
                'SELECT key, until FROM record WHERE key IN ({})'.format(','.join('?' * len(some))), some))
        return {key for key, one in records.items() if stored[key] != one.until}

    def blocked(self, now):
        """Yield the records with a block that is in force, by key, and before them that of outages."""
        return self._unpacked(self._connection.execute(
            'SELECT key, data FROM record WHERE until > ? OR key = ? ORDER BY key', (now, outage.KEY)))

    def all(self):
        """Yield every record, by key."""
        return self._unpacked(self._connection.execute('SELECT key, data FROM record ORDER BY key'))

    def next_end(self, now) -> Optional[float]:
        """When the next block ends, None for no block."""
        return self._connection.execute('SELECT min(until) FROM record WHERE until > ?', (now,)).fetchone()[0]

    def forget(self, worthless):
        """Remove the records for which worthless(record) is true, with their evidence."""
        for some in self.parts():
            for one in [one.key for one in some if worthless(one)]:
                self._connection.execute('DELETE FROM record WHERE key = ?', (one,))
                self._connection.execute('DELETE FROM evidence WHERE key = ?', (one,))

    def parts(self):
        """Yield lists of records, of all that there are, by key; what is changed meanwhile makes no difference."""
        rows = [('', '')]
        while rows:
            rows = self._connection.execute('SELECT key, data FROM record WHERE key > ? ORDER BY key LIMIT ?',
                                            (rows[-1][0], AT_ONCE)).fetchall()
            yield list(self._unpacked(rows))

    def _unpacked(self, rows):
        from mailtools.block_sasl_fail.records import unpacked  # with json, which a quiet run does without
        for key, data in rows:
            try:
                yield unpacked(key, data)
            except (ValueError, TypeError) as error:
                raise Damaged('the state {} is damaged: {}: {}'.format(self.path, key, one_line(error)))

    # -- evidence --

    def add_evidence(self, found, most):
        """Keep lines, given as Evidence in the order of the log; of each address the last `most`."""
        keys = sorted({one.key for one in found})
        self._connection.executemany(
            'INSERT INTO evidence (key, time, path, place, line) VALUES (?, ?, ?, ?, ?)', found)
        self._connection.executemany(
            'DELETE FROM evidence WHERE key = ? AND id <= (SELECT id FROM evidence WHERE key = ?'
            ' ORDER BY id DESC LIMIT 1 OFFSET ?)', [(key, key, most) for key in keys])

    def evidence(self, key):
        """The Evidence of an address, oldest first."""
        return [Evidence(*row) for row in self._connection.execute(
            'SELECT key, time, path, place, line FROM evidence WHERE key = ? ORDER BY id', (key,))]

    # -- the rest --

    def place(self, log) -> Optional[bytes]:
        """How far a log was read, as place.packed() or the journal has it; None: never."""
        row = self._connection.execute('SELECT data FROM place WHERE log = ?', (recoded(log),)).fetchone()
        return bytes(row[0]) if row else None

    def set_place(self, log, data):
        """Remember how far a log was read."""
        self._connection.execute('INSERT OR REPLACE INTO place VALUES (?, ?)', (recoded(log), memoryview(data)))

    def note(self, name) -> str:
        """What was noted under a name, '' for nothing."""
        row = self._connection.execute('SELECT value FROM note WHERE name = ?', (recoded(name),)).fetchone()
        return row[0] if row else ''

    def set_note(self, name, value):
        """Note something."""
        self._connection.execute('INSERT OR REPLACE INTO note VALUES (?, ?)', (recoded(name), recoded(value)))
