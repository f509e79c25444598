"""PostgreSQL 10 and later, through psycopg2 2.7 and later.

One database for all mail servers.  Rows are locked in the order of their keys
by every transaction, so that drainers wait for each other and never in a
circle; what the server breaks off all the same is done again (Conflict).
"""
import contextlib
import io
import itertools
import re
from typing import Any, Set

import psycopg2
import psycopg2.extensions

from mailtools.base.failure import SettingsFailure, Unavailable, one_line
from mailtools.bouncedmail.store.engine import Conflict, Duplicate, NoTable, Refused
from mailtools.bouncedmail.store.tables import TYPES

ESCAPES = {'\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r'}
SPECIAL = re.compile(r'[\\\t\n\r]')
STREAMED = 2000         # rows fetched at once
STATEMENT = 8 << 20     # octets of rows in one INSERT, about; the server takes 1 GB

# A dead server or network is noticed within a minute, a lock is not waited for for ever.
CONNECTION = {
    'connect_timeout': '10',
    'fallback_application_name': 'bouncedmail',
    'client_encoding': 'UTF8',
    'keepalives_idle': '30',
    'keepalives_interval': '10',
    'keepalives_count': '3',
}
# The drainer removes a mail once it is committed: a server that promises a commit before it
# is on the disk would lose the mails of its last moments in a crash.
SESSION = (
    "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET lock_timeout = '60s';"
    " SELECT set_config('synchronous_commit', 'local', false)"
    " WHERE current_setting('synchronous_commit', true) = 'off'")

# SQLSTATE (PostgreSQL's documentation, appendix A), or its class: what it means to us.
# Serialization, deadlock, a table or type of this name is there, no partition for the row (another dropped it).
CONFLICTS = ('40001', '40P01', '42P07', '42710', '23514')
DUPLICATE = '23505'
NO_TABLE = '42P01'
REFUSALS = ('22', '23', '54')   # data exception, constraint, program limit

SAID = {
    '42501': 'the role may not; `bouncedmail initdb` run as the owner of the database makes the tables',
    '25006': 'it may only be read (a standby?)',
    '53100': 'No space left on device of the server',
    '55P03': 'another process has held a lock for 60 s',
}


class Database:
    """One PostgreSQL database, as engine.py describes."""

    engine = 'postgresql'

    def __init__(self, conninfo):
        """conninfo: what libpq takes, a URL or key=value pairs; raises SettingsFailure."""
        try:
            self._parameters = psycopg2.extensions.parse_dsn(conninfo)
        except psycopg2.Error:      # what it says may quote the password
            raise SettingsFailure('database: libpq cannot understand this connection string') from None
        self.name = name_of(self._parameters)
        self._connection: Any = None
        self._within = False

    def exists(self):
        """Whether there is anything to read; only the server knows."""
        return True

    def close(self):
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        self._within = False
        if connection is not None:
            connection.close()

    def rows(self, sql, parameters=()):
        """All rows that a statement gives."""
        with self._statement('read', sql, parameters) as cursor:
            return cursor.fetchall()

    def stream(self, sql, parameters=()):
        """The rows one by one, from a cursor on the server."""
        with self.transaction('read'):
            with self._connection.cursor('streamed') as cursor:
                cursor.itersize = STREAMED
                cursor.execute(sql.replace('?', '%s'), parameters)
                for row in cursor:
                    yield row

    def run(self, sql, parameters=()):
        """Execute a statement; how many rows it changed."""
        with self._statement('write', sql, parameters) as cursor:
            return cursor.rowcount

    @contextlib.contextmanager
    def transaction(self, act='write'):
        """All or nothing; rows that others changed are waited for."""
        with self._told(act):
            self._connect()
            self._within = True
            try:
                yield
                self._connection.commit()
            except BaseException:
                self._undo()
                raise
            finally:
                self._within = False

    def insert(self, table, rows):
        """Write rows whose keys are new, by COPY: a third of the time of INSERT."""
        if not rows:
            return
        with self._told('write'), self._values_told(), self._connection.cursor() as cursor:
            cursor.copy_expert('COPY {} ({}) FROM STDIN'.format(table.name, ', '.join(table.names)),
                               io.BytesIO(copied(rows)))

    def insert_new(self, table, rows):
        """Write the rows whose first column is not there yet; the set of those.

        In as few statements as is sane."""
        returned: Set[Any] = set()
        for some in _portions(rows):
            sql = 'INSERT INTO {} ({}) VALUES {} ON CONFLICT DO NOTHING RETURNING {}'.format(
                table.name, ', '.join(table.names), _places(some), table.names[0])
            with self._statement('write', sql, list(itertools.chain.from_iterable(some))) as cursor:
                returned.update(key for key, in cursor)
        return returned

    def having(self, table, keys):
        """The rows with these first columns, locked in the order of the keys until the transaction ends."""
        if not keys:
            return []
        return self.rows('SELECT {} FROM {} WHERE {key} = ANY(?) ORDER BY {key} FOR UPDATE'.format(
            ', '.join(table.names), table.name, key=table.names[0]), (list(keys),))

    def update(self, table, rows):
        """Replace rows that are there, found by their first column."""
        if not rows:
            return
        sets = ', '.join('{0} = v.{0}::{1}'.format(name, TYPES[kind.rstrip('!')][1])
                         for name, kind in zip(table.names[1:], table.kinds[1:]))
        self.run('UPDATE {table} SET {} FROM (VALUES {}) AS v ({}) WHERE {table}.{key} = v.{key}'.format(
            sets, _places(rows), ', '.join(table.names), table=table.name, key=table.names[0]),
            list(itertools.chain.from_iterable(rows)))

    def delete(self, table, column, keys):
        """Delete the rows in which the column has one of these values."""
        self.run('DELETE FROM {} WHERE {} = ANY(?)'.format(table.name, column), (list(keys),))

    def relations(self, names):
        """Which of the names are tables or views of the schema that new ones go to."""
        return {name for name, in self.rows(
            'SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace'
            ' WHERE n.nspname = current_schema() AND c.relname = ANY(?)', (list(names),))}

    @contextlib.contextmanager
    def _statement(self, act, sql, parameters):
        """A cursor that has executed a statement, which is committed unless a transaction goes on."""
        with contextlib.ExitStack() as stack:
            if not self._within:
                stack.enter_context(self.transaction(act))
            stack.enter_context(self._told(act))
            cursor = stack.enter_context(self._connection.cursor())
            with self._values_told():
                cursor.execute(sql.replace('?', '%s'), parameters)
            yield cursor

    def _connect(self):
        if self._connection is None:
            connection = psycopg2.connect(**dict(CONNECTION, **self._parameters))
            connection.set_session(isolation_level='READ COMMITTED')
            psycopg2.extensions.register_type(STAMP, connection)
            with connection, connection.cursor() as cursor:
                cursor.execute(SESSION)
            self._connection = connection

    def _undo(self):
        """Roll back, where there is still a connection to do it on."""
        try:
            if self._connection is not None:
                self._connection.rollback()
        except psycopg2.Error:
            self.close()

    @staticmethod
    @contextlib.contextmanager
    def _values_told():
        """Refused for a value that can't be sent: NUL in a text, half a surrogate pair."""
        try:
            yield
        except (ValueError, OverflowError) as error:
            raise Refused(one_line(error)) from error

    @contextlib.contextmanager
    def _told(self, act):
        """Turn what the driver raises into what engine.py promises."""
        try:
            yield
        except psycopg2.Error as error:
            self._raise(act, error)

    def _raise(self, act, error):
        code = error.pgcode or ''
        said = self._harmless(one_line(error))
        if code in CONFLICTS:
            raise Conflict('{}: {}'.format(self.name, said)) from None
        if code == DUPLICATE:
            raise Duplicate('{}: {}'.format(self.name, said)) from None
        if code[:2] in REFUSALS or isinstance(error, psycopg2.DataError):
            raise Refused(said) from None
        if code == NO_TABLE:
            raise NoTable('{} holds no tables of bouncedmail'.format(self.name)) from None
        self.close()
        raise Unavailable('cannot {} {}: {}'.format(act, self.name, SAID.get(code, said))) from None

    def _harmless(self, said):
        password = self._parameters.get('password')
        return said.replace(password, '***') if password else said


def name_of(parameters):
    """The database for people: `postgresql:service=mail` or `postgresql://host:port/dbname`, no password."""
    if 'service' in parameters:
        return 'postgresql:service=' + parameters['service']
    port = ':' + parameters['port'] if 'port' in parameters else ''
    return 'postgresql://{}{}/{}'.format(parameters.get('host', ''), port, parameters.get('dbname', ''))


def _portions(rows):
    """The rows in lists of about STATEMENT octets."""
    portion, octets = [], 0
    for row in rows:
        portion.append(row)
        octets += sum(2 * len(value) for value in row if isinstance(value, (str, bytes)))
        if octets > STATEMENT:
            yield portion
            portion, octets = [], 0
    if portion:
        yield portion


def copied(rows):
    """Rows in the text format of COPY (PostgreSQL's documentation, COPY, File Formats)."""
    return ''.join('\t'.join(map(_copied, row)) + '\n' for row in rows).encode('utf-8')


def _copied(value):
    if value is None:
        return '\\N'
    if isinstance(value, bytes):
        return '\\\\x' + value.hex()
    return SPECIAL.sub(lambda found: ESCAPES[found.group()], str(value))


def _places(rows):
    """The VALUES of as many rows: (?, ?), (?, ?)."""
    return ', '.join(['({})'.format(', '.join('?' * len(rows[0])))] * len(rows))


def _stamp(text, _cursor):
    """2026-11-22 21:19:37+00, as the server writes it, in the form of the program."""
    return None if text is None else '{}T{}Z'.format(text[:10], text[11:19])


STAMP = psycopg2.extensions.new_type((1184,), 'STAMP', _stamp)      # timestamptz
