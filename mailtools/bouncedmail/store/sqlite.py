"""SQLite: one file, no set-up; several processes may use it at once.

It must be on a disk of this host.  Write-ahead log with synchronous=FULL: a commit is on the disk before save()
returns, and who reads a long list doesn't keep the drainer waiting.  The SQL
stays within SQLite 3.7.17 (that of EL7).
"""
import contextlib
import os
import sqlite3
from typing import Any, Set

from mailtools.base import disk
from mailtools.base.failure import Unavailable, one_line, reason_of
from mailtools.bouncedmail.store.engine import Conflict, NoTable, Refused

BUSY_S = 30             # how long to wait for another writer
PARAMETERS = 500        # SQLite takes 999 in a statement
MODE = 0o640

PRAGMAS = (
    'PRAGMA page_size=4096',            # of a new file; 1024 in old versions
    'PRAGMA journal_mode=WAL',
    'PRAGMA synchronous=FULL',
    'PRAGMA cache_size=-65536',         # KiB: the keys of new mail come in random order
    'PRAGMA wal_autocheckpoint=4000',   # pages
)

# What SQLite says -> what the operator is told.
SAID = (
    ('database is locked', 'another process has held the lock for {} s'.format(BUSY_S)),
    ('disk is full', 'No space left on device'),
    ('attempt to write a readonly database', 'this user may not write it'),
    ('unable to open database file', 'this user may not open it, or make files beside it'),
    ('not a database', 'it is no SQLite database'),
    ('malformed', 'the file is damaged; see `sqlite3 FILE .recover`'),
)


class Database:
    """One file, as engine.py describes."""

    engine = 'sqlite'

    def __init__(self, path):
        self.path = path
        self.name = 'sqlite:' + path
        self._connection: Any = None

    def exists(self):
        """Whether there is anything to read; the first to write makes the file."""
        return os.path.exists(self.path)

    def close(self):
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def rows(self, sql, parameters=()):
        """All rows that a statement gives."""
        return list(self.stream(sql, parameters))

    def stream(self, sql, parameters=()):
        """The rows one by one."""
        with self._told('read'):
            for row in self._execute(sql, parameters):
                yield row

    def run(self, sql, parameters=()):
        """Execute a statement; how many rows it changed."""
        with self._told('write'):
            return self._execute(sql, parameters).rowcount

    @contextlib.contextmanager
    def transaction(self):
        """All or nothing, alone among the writers."""
        with self._told('write'):
            connection = self._connected()
            connection.execute('BEGIN IMMEDIATE')
            try:
                yield
                connection.execute('COMMIT')
            except BaseException:
                # a full disk has ended it already, an error within has closed the connection
                if connection is self._connection and connection.in_transaction:
                    connection.execute('ROLLBACK')
                raise

    def insert(self, table, rows):
        """Write rows whose keys are new."""
        self._execute_many('INSERT INTO {} ({}) VALUES ({})'.format(
            table.name, ', '.join(table.names), ', '.join('?' * len(table.names))), rows)

    def insert_new(self, table, rows):
        """Write the rows whose first column is not there yet; the set of those.

        Nobody else writes while a transaction lasts, so that looking first is enough."""
        there: Set[Any] = set()
        for some in _portions([row[0] for row in rows]):
            there.update(row[0] for row in self._in(table.names[0], table, table.names[0], some))
        self.insert(table, [row for row in rows if row[0] not in there])
        return {row[0] for row in rows} - there

    def having(self, table, keys):
        """The rows with these first columns; nobody else writes while a transaction lasts."""
        return [row for some in _portions(keys) for row in
                self._in(', '.join(table.names), table, table.names[0], some)]

    def update(self, table, rows):
        """Replace rows that are there, found by their first column."""
        self._execute_many('UPDATE {} SET {} WHERE {} = ?'.format(
            table.name, ', '.join('{} = ?'.format(name) for name in table.names[1:]), table.names[0]),
            [row[1:] + row[:1] for row in rows])

    def delete(self, table, column, keys):
        """Delete the rows in which the column has one of these values."""
        for some in _portions(keys):
            self.run('DELETE FROM {} WHERE {} IN ({})'.format(
                table.name, column, ', '.join('?' * len(some))), some)

    def relations(self, names):
        """Which of the names are tables or views already."""
        there = self.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return {name for name, in there} & set(names)

    def _in(self, what, table, column, keys):
        return self._execute('SELECT {} FROM {} WHERE {} IN ({})'.format(
            what, table.name, column, ', '.join('?' * len(keys))), keys)

    def _connected(self):
        if self._connection is None:
            with self._told('open'):
                disk.make_file(self.path, MODE)
                connection = sqlite3.connect(disk.sqlite_uri(self.path, 'rw'), timeout=BUSY_S, isolation_level=None,
                                             uri=True)
                self._connection = connection
                for pragma in PRAGMAS:
                    connection.execute(pragma).fetchall()
        return self._connection

    def _execute(self, sql, parameters):
        with self._values_told():
            return self._connected().execute(sql, parameters)

    def _execute_many(self, sql, rows):
        with self._values_told():
            self._connected().executemany(sql, rows)

    @contextlib.contextmanager
    def _values_told(self):
        """Refused for a value that can't be written: too large, no character, a broken constraint."""
        try:
            yield
        except (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
                OverflowError, ValueError) as error:
            raise Refused(one_line(error)) from error

    @contextlib.contextmanager
    def _told(self, act):
        """Turn what else the driver raises into what engine.py promises."""
        try:
            yield
        except OSError as error:
            raise Unavailable('cannot {} {}: {}'.format(act, self.path, reason_of(error))) from error
        except sqlite3.Error as error:
            self.close()
            said = one_line(error)
            if said.startswith('no such table'):
                raise NoTable('{} holds no tables of bouncedmail'.format(self.path)) from error
            if said.endswith('already exists') or (act == 'open' and 'is locked' in said):
                raise Conflict('another process sets up {} at this moment'.format(self.path)) from error
            told = [sentence for phrase, sentence in SAID if phrase in said] + [said]
            raise Unavailable('cannot {} {}: {}'.format(act, self.path, told[0])) from error


def _portions(keys):
    keys = list(keys)
    return [keys[start:start + PARAMETERS] for start in range(0, len(keys), PARAMETERS)]
