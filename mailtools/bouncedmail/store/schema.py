"""Is the database set up, and how: create, migrate, refuse what is newer.

Two that set up the same database at once: one of them waits, fails and looks
again, without a lock that only PostgreSQL itself has.
"""
import random
import time
from typing import Dict, NamedTuple, Sequence

from mailtools.base.failure import SettingsFailure
from mailtools.bouncedmail.store import partition as partitions
from mailtools.bouncedmail.store import tables
from mailtools.bouncedmail.store.engine import Conflict, NoTable, Refused

TRIES = 20
SCHEMA = 'SELECT version, partition FROM schema_version ORDER BY version DESC LIMIT 1'
NAMES = tuple(table.name for table in tables.TABLES) + ('claim', 'bounces')

# From the version before to this one: {version: {engine: statements}}.
MIGRATIONS: Dict[int, Dict[str, Sequence[str]]] = {}


class Schema(NamedTuple):
    """What is installed.  partition: none or month."""

    version: int
    partition: str


def installed(database):
    """The Schema of the database, None where there is none; raises SettingsFailure if it is newer than we."""
    try:
        rows = patiently(lambda: database.rows(SCHEMA))     # SQLite is not to be opened while another makes it
    except NoTable:
        return None
    if not rows:
        return None
    found = Schema(*rows[0])
    if found.version > tables.VERSION:
        raise SettingsFailure('{} has schema {}, this program knows up to {}: upgrade bouncedmail'.format(
            database.name, found.version, tables.VERSION))
    return found


def require(database):
    """The Schema of a database that can be read; raises NoTable, SettingsFailure, Unavailable."""
    if not database.exists():
        raise NoTable('{} is not there yet: the first `bouncedmail drain` makes it'.format(database.name))
    found = installed(database)
    if found is None:
        raise NoTable('{} is not set up: run `bouncedmail initdb`'.format(database.name))
    if found.version < tables.VERSION:
        raise SettingsFailure('{} has schema {}: run `bouncedmail initdb`'.format(
            database.name, found.version))
    return found


def ensure(database, now):
    """The Schema of a database that can be written; makes the tables if there are none."""
    if database.exists() and installed(database) is not None:
        return require(database)
    install(database, now)
    return require(database)


def install(database, now, partition=None):
    """Create or migrate the tables; what was done, as words.  Harmless when repeated, or done twice at once.

    partition: none or month; None keeps what is there, or is none.
    """
    if partition == 'month' and database.engine == 'sqlite':
        raise SettingsFailure('only PostgreSQL has partitions, and {} is SQLite'.format(database.name))
    return patiently(lambda: _install(database, now, partition))


def patiently(act, before_again=lambda: None):
    """What `act` returns, done again as long as others are in its way; raises Conflict in the end."""
    for tried in range(1, TRIES):
        try:
            return act()
        except Conflict:
            time.sleep(random.uniform(0.005, 0.02) * tried)
            before_again()
    return act()


def _install(database, now, partition):
    found = installed(database)
    if found is None:
        refuse_strangers(database)
        return _create(database, now, partition or 'none')
    if partition not in (None, found.partition):
        raise SettingsFailure('{} was made with partition {}; that cannot be changed'.format(
            database.name, found.partition))
    if found.partition == 'month':
        partitions.ensure(database, partitions.ahead(now))
    if found.version == tables.VERSION:
        return 'schema {}, nothing to do'.format(found.version)
    return _migrate(database, now, found)


def refuse_strangers(database):
    """Raise SettingsFailure if tables of ours, or of others, have the names that we need."""
    there = sorted(database.relations(NAMES))
    if there and installed(database) is not None:
        raise Conflict('{} was set up by another process just now'.format(database.name))
    if there:
        raise SettingsFailure(
            '{} has {} already, not made by this program: rename it, or use another database or schema'.format(
                database.name, ' and '.join(there)))


def _create(database, now, partition):
    refuse_encoding(database)
    monthly = partition == 'month'
    with database.transaction():
        for statement in tables.schema(database.engine, monthly):
            database.run(statement)
        database.insert(tables.SCHEMA_VERSION, [(tables.VERSION, now, partition)])
    if monthly:
        partitions.ensure(database, partitions.ahead(now))
    return 'schema {} created{}'.format(tables.VERSION, ', partitioned by month' if monthly else '')


def refuse_encoding(database):
    """Raise SettingsFailure if the database can't hold every character: mail has them all."""
    if database.engine == 'postgresql':
        (encoding,), = database.rows("SELECT current_setting('server_encoding')")
        if encoding != 'UTF8':
            raise SettingsFailure('{} has the encoding {}, it must be UTF8'.format(database.name, encoding))


def _migrate(database, now, found):
    with database.transaction():
        for version in range(found.version + 1, tables.VERSION + 1):
            for statement in MIGRATIONS[version][database.engine]:
                database.run(statement)
            try:
                database.insert(tables.SCHEMA_VERSION, [(version, now, found.partition)])
            except Refused as error:        # SQLite's word for: another did it since we looked
                raise Conflict(str(error)) from error
    return 'schema {} migrated to {}'.format(found.version, tables.VERSION)
