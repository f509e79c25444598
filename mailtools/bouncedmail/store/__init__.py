"""What is known of returned mail, in a database.

open_store(url) gives a Store.  `url` is the setting `database`:

    sqlite:/var/lib/mailtools/bounces.db    a file, made when the first mail is saved
    postgresql://user@host:5432/dbname      any URL that libpq takes, postgres:// too
    postgresql:service=mail                 any key=value string that libpq takes, after the colon
    host=db dbname=mail user=drain          the same without it

The driver of PostgreSQL is imported only for the last three.  A password is
best kept in ~/.pgpass or the service file; no message shows it.
"""
import re

from mailtools.base.failure import SettingsFailure, one_line
from mailtools.base.text import as_system_has_it
from mailtools.bouncedmail.policy import Policy
from mailtools.bouncedmail.store import purge, questions, schema
from mailtools.bouncedmail.store.saving import Saved, Writer

__all__ = ['Saved', 'Store', 'open_store']

DEFAULT = Policy()
CONNINFO = re.compile(r'[a-z_]+ *=')        # libpq's manual, 34.1.1


def open_store(url, policy=DEFAULT):
    """The store that `url` names; nothing is connected yet.  Raises SettingsFailure."""
    return Store(database_of(url), policy)


def database_of(url):
    """The shell of the engine that `url` names; raises SettingsFailure."""
    scheme, _, rest = url.partition(':')
    if scheme == 'sqlite' and rest:
        from mailtools.bouncedmail.store import sqlite
        return sqlite.Database(as_system_has_it(re.sub(r'^//(?=/)', '', rest)))
    if scheme in ('postgresql', 'postgres') or CONNINFO.match(url):
        conninfo = rest if scheme in ('postgresql', 'postgres') and not rest.startswith('//') else url
        try:
            from mailtools.bouncedmail.store import postgresql
        except ImportError as error:
            raise SettingsFailure('database: PostgreSQL needs psycopg2: {}'.format(one_line(error)))
        return postgresql.Database(conninfo)
    raise SettingsFailure('database: neither sqlite:PATH nor postgresql:...: {!r}'.format(scheme[:40]))


class Store:
    """The tables of one database; every method raises Unavailable when it is away.

    policy: by which the rows of `address` are marked as suppressed when they are written.
    """

    def __init__(self, database, policy):
        self.database = database
        self.policy = policy
        self._writer = Writer(database, policy)

    @property
    def name(self):
        """The database, for messages."""
        return self.database.name

    def close(self):
        """Let the connection go; the next method opens it again."""
        self.database.close()

    def save(self, mails):
        """Write a batch of mails, all or nothing but for those refused; Saved.

        Mails and events that are there already change nothing.  Sets up an
        empty database.
        """
        return self._writer.save(mails)

    def note_drain(self, host, at):
        """Remember that `host` emptied its spool at `at`."""
        self._writer.note_drain(host, at)

    def last_drains(self):
        """{host: when it last emptied its spool}; raises NoTable, an Unavailable, if nothing is set up."""
        return dict(self._read().rows('SELECT host, at FROM drain'))

    def search(self, wanted):
        """The rows of `event` that a questions.Filter wants, newest first, one by one."""
        return questions.search(self._read(), wanted)

    def tally(self, by, wanted):
        """[(value, events, hard, soft)] of the events wanted, most first; see questions.tally()."""
        return questions.tally(self._read(), by, wanted)

    def find(self, text):
        """The ids of the mails that an id, its beginning or a Message-ID names; see questions.find()."""
        return questions.find(self._read(), text)

    def mail(self, id):
        """One mail as {column: value}, and its rows of `event`; None where there is no such mail."""
        return questions.mail(self._read(), id)

    def suppressed(self):
        """The policy.Facts of the addresses not to be mailed again, by address, one by one."""
        return questions.suppressed(self._read(), self.policy)

    def forgive(self, address, now):
        """Start the count of an address anew; the Facts it had, None if nothing is known of it."""
        self._read()
        return self._writer.forgive(address, now)

    def initialise(self, now, partition=None):
        """Create or migrate the tables; what was done, as a sentence for people."""
        done = schema.install(self.database, now, partition)
        return '{}: {}; {} addresses judged anew'.format(self.name, done, self._writer.judge_all())

    def purge(self, before, address_before, keep_events=False):
        """A purge.Purge: what there is to forget, and the means to do it."""
        return purge.Purge(self._read(), before, address_before, keep_events)

    def _read(self):
        """The database, set up and of a version that we know."""
        schema.require(self.database)
        return self.database
