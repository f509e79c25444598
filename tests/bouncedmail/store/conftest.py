"""Every test that asks for `url` or `store` runs on SQLite, on PostgreSQL, and on PostgreSQL with partitions."""
import made
import pytest

from mailtools.bouncedmail.store import open_store


@pytest.fixture(params=['sqlite', 'postgresql', 'partitioned'])
def url(request, tmp_path):
    """An empty database; with partitions it is set up."""
    if request.param == 'sqlite':
        return 'sqlite:{}'.format(tmp_path / 'bounces.db')
    address = request.getfixturevalue('postgres').new_database()
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
