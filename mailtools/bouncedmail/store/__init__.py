"""What is known of returned mail, in a database.

open_store(url) gives a Store; `url` is the setting `database`:
    sqlite:/var/lib/mailtools/bounces.db
"""
from typing import NamedTuple, Tuple

from mailtools.base.failure import SettingsFailure
from mailtools.bouncedmail import policy as policies
from mailtools.bouncedmail.report import Event, Mail
from mailtools.bouncedmail.store import rows, tables


class Saved(NamedTuple):
    """What became of a batch."""

    new: int
    repeated: int
    refused: Tuple[Tuple[Mail, str], ...]


def open_store(url, policy=policies.Policy()):
    """The store that the setting `database` names; raises SettingsFailure, Unavailable."""
    scheme, _, rest = url.partition(':')
    if scheme == 'sqlite' and rest:
        from mailtools.bouncedmail.store import sqlite as engine
        return Store(engine.Database(rest), engine, policy)
    raise SettingsFailure('database: cannot understand {!r}'.format(scheme))


class Store:
    """The tables of one database."""

    def __init__(self, database, engine, policy):
        self.database = database
        self._engine = engine
        self.policy = policy
        self._ready = False

    def close(self):
        self.database.close()

    def prepare(self, now='1970-01-01T00:00:00Z'):
        if self._ready:
            return
        with self.database.transaction():
            if not self.database.rows("SELECT name FROM sqlite_master WHERE name = 'schema_version'"):
                for statement in tables.schema(self._engine.ENGINE):
                    self.database.run(statement)
                self.database.insert(tables.SCHEMA_VERSION, [(tables.VERSION, now, 'none')])
        self._ready = True

    def save(self, mails):
        """Write a batch of mails in one transaction; Saved."""
        self.prepare()
        by_id = {mail.id: mail for mail in mails}
        batch = [by_id[id] for id in sorted(by_id)]
        new, refused = self._save(batch)
        return Saved(new, len(mails) - new - len(refused), tuple(refused))

    def _save(self, batch):
        """(how many were new, [(refused mail, why)])"""
        try:
            with self.database.transaction():
                return self._write(batch), []
        except self._engine.Refused as refusal:
            if len(batch) == 1:
                return 0, [(batch[0], str(refusal))]
        half = len(batch) // 2
        first, second = self._save(batch[:half]), self._save(batch[half:])
        return first[0] + second[0], first[1] + second[1]

    def _write(self, batch):
        """How many of the mails were new."""
        new = self.database.insert_new(tables.MAIL, [rows.mail_row(mail) for mail in batch])
        events = [row for mail in batch if mail.id in new for row in rows.event_rows(mail)]
        self.database.insert(tables.EVENT, events)
        self._count(events)
        return len(new)

    def _count(self, events):
        """Add events to what is known of their addresses."""
        by_address = {}
        for row in events:
            if row[3] is not None:
                by_address.setdefault(row[3], []).append((row[2], Event(*row[5:])))
        known = {row[0]: policies.Facts(*row)
                 for row in self.database.having(tables.ADDRESS, sorted(by_address), lock=True)}
        counted = []
        for address, happened in sorted(by_address.items()):
            facts = known.get(address) or policies.Facts(address, happened[0][1].recipient)
            for at, event in happened:
                facts = policies.add(facts, event, at)
            if facts.last_at:
                counted.append(policies.judged(facts, self.policy))
        self.database.update(tables.ADDRESS, [facts for facts in counted if facts.address in known])
        self.database.insert(tables.ADDRESS, [facts for facts in counted if facts.address not in known])

    def note_drain(self, host, at):
        self.prepare()
        with self.database.transaction():
            row = (host, at)
            if not self.database.insert_new(tables.DRAIN, [row]):
                self.database.update(tables.DRAIN, [row])

    def last_drains(self):
        self.prepare()
        return dict(self.database.rows('SELECT host, at FROM drain'))
