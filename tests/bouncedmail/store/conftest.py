"""Every test that asks for `url` or `store` runs on SQLite, on PostgreSQL, and on PostgreSQL with partitions."""
import itertools

import made
import pytest

from mailtools.bouncedmail.store import database_of, open_store

_schemas = itertools.count(1)


@pytest.fixture
def schema_url(postgres):
    """An empty schema of PostgreSQL, which is made in a hundredth of the time of a database."""
    name = 'schema{}'.format(next(_schemas))
    database = database_of(postgres.url())
    database.run('CREATE SCHEMA ' + name)
    database.close()
    return '{}&options=-csearch_path%3D{}'.format(postgres.url(), name)


@pytest.fixture(params=['sqlite', 'postgresql', 'partitioned'])
def url(request, tmp_path):
    """An empty database; with partitions it is set up."""
    if request.param == 'sqlite':
        return 'sqlite:{}'.format(tmp_path / 'bounces.db')
    address = request.getfixturevalue('schema_url')
    if request.param == 'partitioned':
        store = open_store(address)
        store.initialise(made.NOW, 'month')
        store.close()
    return address


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
