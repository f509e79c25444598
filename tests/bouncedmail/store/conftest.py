"""Every test that asks for `url` or `store` runs on SQLite, on PostgreSQL, and on PostgreSQL with partitions."""
import itertools
import os
import tempfile

import made
import pytest

from mailtools.bouncedmail.store import database_of, open_store, tables
from rig.postgres import where

_numbers = itertools.count(1)


@pytest.fixture(scope='session')
def memory():
    """A folder in memory, if there is room: SQLite waits for the disk at each commit."""
    with tempfile.TemporaryDirectory(prefix='mt-sqlite-', dir=where()) as folder:
        yield folder


@pytest.fixture
def schema_url(postgres):
    """An empty schema of PostgreSQL, which is made in a hundredth of the time of a database."""
    name = 'schema{}'.format(next(_numbers))
    database = database_of(postgres.url())
    database.run('CREATE SCHEMA ' + name)
    database.close()
    return '{}&options=-csearch_path%3D{}'.format(postgres.url(), name)


@pytest.fixture(scope='session')
def used():
    """{name of an engine: the address of a schema of it that is set up}"""
    return {}


@pytest.fixture(params=['sqlite', 'postgresql', 'partitioned'])
def engine(request):
    """The engines; PostgreSQL is two, without partitions and with."""
    return request.param


@pytest.fixture
def empty_url(engine, request, memory):
    """A new database; with partitions it is set up."""
    if engine == 'sqlite':
        return 'sqlite:{}'.format(os.path.join(memory, '{}.db'.format(next(_numbers))))
    address = request.getfixturevalue('schema_url')
    if engine == 'partitioned':
        set_up(address, 'month')
    return address


@pytest.fixture
def url(engine, request, used):
    """A database without a row: of PostgreSQL an emptied one, in a tenth of the time of a new one."""
    if engine == 'sqlite':
        return request.getfixturevalue('empty_url')
    request.getfixturevalue('postgres')
    if engine in used:
        empty(used[engine])
    else:
        used[engine] = request.getfixturevalue('empty_url')
        set_up(used[engine], None)
    return used[engine]


def set_up(address, partition):
    """Make the tables."""
    store = open_store(address)
    store.initialise(made.NOW, partition)
    store.close()


def empty(address):
    """Delete all rows."""
    database = database_of(address)
    for name in sorted(database.relations([table.name for table in tables.TABLES + (tables.CLAIM,)])):
        database.run('DELETE FROM ' + name)
    database.close()


@pytest.fixture
def store(url):
    """A store in it."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def postgres_url(postgres):
    """An empty PostgreSQL database."""
    return postgres.new_database()
