"""SQLite: one file, no set-up; several processes may use it at once.

Write-ahead log with synchronous=FULL: a commit is on the disk before save()
returns, and who reads a long list doesn't keep the drainer waiting.  The SQL
stays within SQLite 3.7.17 (that of EL7).
"""
import contextlib
import os
import sqlite3

from mailtools.base.failure import Failure, Unavailable, one_line, reason_of

ENGINE = 'sqlite'
BUSY_S = 30             # how long to wait for another writer
PARAMETERS = 500        # SQLite takes 999 in a statement
MODE = 0o640

# What SQLite says -> what the operator is told.
SAID = (
    ('database is locked', 'another process has held the lock for {} s'.format(BUSY_S)),
    ('database or disk is full', 'No space left on device'),
    ('attempt to write a readonly database', 'it may not be written by this user'),
    ('unable to open database file', 'it, or a file beside it, cannot be opened by this user'),
    ('file is not a database', 'it is no SQLite database'),
    ('file is encrypted or is not a database', 'it is no SQLite database'),
    ('malformed', 'the file is damaged; see `sqlite3 FILE .recover`'),
)


class Refused(Exception):
    """The database took none of the batch for what one row holds."""


class Database:
    """A connection, opened when it is first used, and again after it failed."""

    engine = ENGINE

    def __init__(self, path):
        self.path = path
        self.name = 'sqlite:' + path
        self._connection = None

    def connect(self):
        """The connection; raises Unavailable."""
        if self._connection is None:
            with self._told('open'):
                make_file(self.path)
                connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
                self._connection = connection
                connection.execute('PRAGMA synchronous=FULL')
                connection.execute('PRAGMA journal_mode=WAL').fetchall()
                connection.execute('PRAGMA cache_size=-65536')      # KiB; keys come in random order
        return self._connection

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
            for row in self.connect().execute(sql, parameters):
                yield row

    def run(self, sql, parameters=()):
        """Execute a statement; how many rows it changed."""
        with self._told('write'):
            return self.connect().execute(sql, parameters).rowcount

    @contextlib.contextmanager
    def transaction(self):
        """All or nothing, alone among the writers."""
        connection = self.connect()
        with self._told('write'):
            connection.execute('BEGIN IMMEDIATE')
            try:
                yield
                connection.execute('COMMIT')
            except BaseException:
                if connection.in_transaction:       # a full disk has ended it already
                    connection.execute('ROLLBACK')
                raise

    def insert(self, table, rows):
        """Write rows whose keys are known to be new."""
        sql = 'INSERT INTO {} ({}) VALUES ({})'.format(
            table.name, ', '.join(table.names), ', '.join('?' * len(table.names)))
        self.connect().executemany(sql, rows)

    def insert_new(self, table, rows):
        """Write the rows whose first column is not in the table yet; the set of those.

        Within a transaction, in which nobody else writes."""
        there = {row[0] for row in self.having(table, [row[0] for row in rows], table.names[:1])}
        self.insert(table, [row for row in rows if row[0] not in there])
        return {row[0] for row in rows} - there

    def having(self, table, keys, names=None, lock=False):
        """The rows with these values in the first column; in a transaction nobody else changes them."""
        found = []
        for start in range(0, len(keys), PARAMETERS):
            some = keys[start:start + PARAMETERS]
            found.extend(self.connect().execute('SELECT {} FROM {} WHERE {} IN ({})'.format(
                ', '.join(names or table.names), table.name, table.names[0], ', '.join('?' * len(some))), some))
        return found

    def update(self, table, rows):
        """Replace rows that are there, found by their first column."""
        sql = 'UPDATE {} SET {} WHERE {} = ?'.format(
            table.name, ', '.join('{} = ?'.format(name) for name in table.names[1:]), table.names[0])
        self.connect().executemany(sql, [row[1:] + row[:1] for row in rows])

    @contextlib.contextmanager
    def _told(self, act):
        """Turn what the driver raises into Refused, or into Unavailable with a sentence."""
        try:
            yield
        except (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
                OverflowError, UnicodeError, ValueError) as error:
            raise Refused(one_line(error)) from error
        except OSError as error:
            raise Unavailable('cannot {} {}: {}'.format(act, self.path, reason_of(error))) from error
        except sqlite3.Error as error:
            self.close()
            raise Unavailable('cannot {} {}: {}'.format(act, self.path, explained(error))) from error


def explained(error):
    """The sentence for what SQLite says."""
    said = one_line(error)
    for phrase, sentence in SAID:
        if phrase in said:
            return sentence
    return said


def make_file(path):
    """Make the file with its mode, of the folder's owner when root makes it: the drainer must write it."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE)
    except FileExistsError:
        return
    try:
        if os.geteuid() == 0:
            folder = os.stat(os.path.dirname(os.path.abspath(path)))
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
    finally:
        os.close(descriptor)
