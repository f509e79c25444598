"""One SQLite file that a program keeps its past in: made when missing, moved aside when damaged, atomic.

The SQL stays within SQLite 3.7.17 (that of EL7).  The journal is a rollback journal and not a write-ahead log,
since others may read the file who may not write beside it.
"""
import contextlib
import os
import sqlite3
import time

from mailtools.base import disk
from mailtools.base.failure import EX_IOERR, Failure, one_line, reason_of
from mailtools.base.text import visible

BUSY_S = 10             # how long to wait for another process
# What SQLite says of a file that is none, or whose tables are not those of the program.
DAMAGE = ('not a database', 'malformed', 'unsupported file format', 'no such table', 'no such column', 'columns but',
          'because it is a view', 'datatype mismatch', 'constraint failed', 'Could not decode')


class FileFailure(Failure):
    """The file cannot be used."""

    status = EX_IOERR


class Damaged(FileFailure):
    """It is no database, or a broken one."""


class SqliteFile:
    """One file.

    what: what an operator is told that it is, `the history`.  schema: the statements that make its tables.
    version: of the schema, kept as user_version.  say: called with a sentence when the file was found damaged
    and moved aside.
    """

    def __init__(self, path, what, schema, version, mode=0o640, say=lambda sentence: None):
        self.path = path
        self.what = what
        self.schema = schema
        self.version = version
        self.mode = mode
        self.say = say

    def write(self, work, now):
        """Call work(connection) within one transaction; what it returns.

        A damaged file is moved aside, and a new one begun.  now: seconds since the epoch, for its new name.
        Raises FileFailure; then nothing has changed.
        """
        try:
            return self._written(work)
        except Damaged as damage:
            self.set_aside(damage, now)
            return self._written(work)

    def _written(self, work):
        with self._opened(write=True) as connection:
            connection.execute('BEGIN IMMEDIATE')
            self.set_up(connection)
            done = work(connection)
            connection.execute('COMMIT')
            return done

    @contextlib.contextmanager
    def reading(self):
        """A connection that reads; None where there is nothing yet.  Raises FileFailure."""
        if not os.path.exists(self.path):
            yield None
            return
        with self._opened(write=False) as connection:
            made = self.version_of(connection)
            yield connection if made else None      # made a moment ago, and still empty

    def version_of(self, connection):
        """The version of the schema in the file, 0 when it is empty; raises FileFailure when it is of the future."""
        version = connection.execute('PRAGMA user_version').fetchone()[0]
        if version > self.version:
            raise FileFailure('{} {} is of a newer version of this program ({})'.format(
                self.what, self.path, version))
        return version

    def set_up(self, connection):
        """Make the tables of a new file; called within a transaction."""
        if self.version_of(connection) == 0:
            for statement in self.schema:
                connection.execute(statement)
            connection.execute('PRAGMA user_version = {}'.format(self.version))

    def set_aside(self, damage, now):
        """Move the damaged file aside where that can be done, and say so; the sentence."""
        try:
            sentence = '{}; moved to {}, and a new one begun'.format(damage, self.move_aside(now))
        except FileFailure as failed:
            sentence = str(failed)
        self.say(sentence)
        return sentence

    def move_aside(self, now):
        """Rename the damaged file; its new path."""
        aside = '{}.damaged-{}'.format(self.path, time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now)))
        try:
            os.rename(self.path, aside)
            with contextlib.suppress(FileNotFoundError):
                os.rename(self.path + '-journal', aside + '-journal')
        except OSError as error:
            raise FileFailure('cannot move {} aside: {}'.format(self.path, reason_of(error)))
        return aside

    @contextlib.contextmanager
    def _opened(self, write):
        """A connection; whatever the driver raises becomes a FileFailure."""
        connection = None
        try:
            if write:
                disk.make_file(self.path, self.mode)
            connection = sqlite3.connect(disk.sqlite_uri(self.path, 'rw' if write else 'ro'), timeout=BUSY_S,
                                         isolation_level=None, uri=True)
            yield connection
        except OSError as error:
            raise FileFailure('cannot open {} {}: {}'.format(self.what, self.path, reason_of(error)))
        except sqlite3.Error as error:
            raise self.told(error)
        finally:
            if connection is not None:
                connection.close()              # what was not committed is undone

    def told(self, error):
        """What an error of SQLite means to an operator, as a failure to raise."""
        said = one_line(error)
        if any(sign in said for sign in DAMAGE):
            return Damaged('{} {} is damaged ({})'.format(self.what, self.path, visible(said)))
        if 'locked' in said:
            said = 'another process has held it for {} s'.format(BUSY_S)
        if 'unable to open' in said:
            said = 'this user may not open it, or make files beside it'
        return FileFailure('cannot use {} {}: {}'.format(self.what, self.path, visible(said)))
