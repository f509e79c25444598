"""Write mails: each once, its events, and what they say of their addresses.

A batch is one transaction.  In it everybody writes in the same order (mails by
id, then addresses by address), so that several drainers wait for each other
but never in a circle.  When the database refuses a batch for what it holds,
its halves are tried, until the mail that is to blame stands alone.
"""
import collections
import functools
import time
from typing import Any, FrozenSet, List, NamedTuple, Tuple

from mailtools.bouncedmail import policy as policies
from mailtools.bouncedmail import when
from mailtools.bouncedmail.report import Event, Mail
from mailtools.bouncedmail.store import partition as partitions
from mailtools.bouncedmail.store import rows, schema
from mailtools.bouncedmail.store.engine import Conflict, Duplicate, NoTable, Refused
from mailtools.bouncedmail.store.tables import ADDRESS, CLAIM, DRAIN, EVENT, MAIL

SIZE_LIMIT = 256 << 20      # octets of a mail; both engines hold 1 GB, but it doubles on its way there
CHUNK = 2000                # addresses judged in one transaction
NEXT_ADDRESSES = 'SELECT address FROM address WHERE address > ? ORDER BY address LIMIT {}'.format(CHUNK)

ADDRESS_COLUMN, TIME_COLUMN = map(EVENT.names.index, ('address', 'received_at'))


class Saved(NamedTuple):
    """What became of a batch: mails written, mails that were there already, and mails that can't be."""

    new: int
    repeated: int
    refused: Tuple[Tuple[Mail, str], ...]       # each with the reason


class Writable(NamedTuple):
    """A mail, its row, and each of its events with its row."""

    mail: Mail
    row: tuple
    events: List[Tuple[Event, tuple]]


class Writer:
    """Writes to one database; sets it up when it is empty."""

    def __init__(self, database, policy):
        self.database = database
        self.policy = policy
        self.clock = time.time
        self._schema: Any = None
        self._months: FrozenSet[str] = frozenset()      # that are known to have a partition

    def save(self, mails):
        """Write a batch; Saved.  After Unavailable any of its mails may be written, each wholly or not."""
        unique = {mail.id: mail for mail in mails}
        refused = [(mail, 'larger than {} MB'.format(SIZE_LIMIT >> 20))
                   for mail in unique.values() if len(mail.raw) > SIZE_LIMIT]
        batch = [Writable(mail, rows.mail_row(mail), rows.event_rows(mail))
                 for _, mail in sorted(unique.items()) if len(mail.raw) <= SIZE_LIMIT]
        new, unwritable = self._save(batch) if batch else (0, [])
        refused += unwritable
        return Saved(new, len(mails) - new - len(refused), tuple(refused))

    def note_drain(self, host, at):
        """Remember that `host` emptied its spool at `at`."""
        self._patiently(lambda: self._replace(DRAIN, (rows.storable(host), at)))

    def forgive(self, address, now):
        """Start the count of an address anew; the Facts it had, None if nothing is known of it."""
        return self._patiently(lambda: self._forgive(policies.key_of(rows.storable(address)), now))

    def judge_all(self):
        """Mark every address by the policy in force; how many marks were changed."""
        changed, last = 0, ''
        while last is not None:
            more, last = self._patiently(functools.partial(self._judge_some, last))
            changed += more
        return changed

    def _save(self, batch):
        """(how many were new, [(refused mail, why)])"""
        try:
            return self._patiently(lambda: self._write(batch)), []
        except (Refused, Duplicate) as refusal:
            if len(batch) == 1:
                return 0, [(batch[0].mail, str(refusal))]
        half = len(batch) // 2
        first, second = self._save(batch[:half]), self._save(batch[half:])
        return first[0] + second[0], first[1] + second[1]

    def _patiently(self, act):
        """What `act` returns, in a database that is set up."""
        if self._schema is None:
            self._schema = schema.ensure(self.database, when.stamp(self.clock()))
        try:
            return schema.patiently(act, self._forget_months)
        except NoTable:
            self._schema = None
            raise

    def _forget_months(self):
        self._months = frozenset()

    def _write(self, batch):
        """How many of the mails were new."""
        if self._schema.partition == 'month':
            self._make_months(batch)
        with self.database.transaction():
            new = self._write_mails(batch)
            events = [pair for one in batch if one.mail.id in new for pair in one.events]
            self.database.insert(EVENT, [row for _, row in events])
            self._count(events)
        return len(new)

    def _make_months(self, batch):
        """The partitions of the batch, and those of the coming months while nobody is in need of them."""
        months = {partitions.month_of(one.mail.received_at) for one in batch}
        months.update(partitions.ahead(when.stamp(self.clock())))
        if not months <= self._months:
            self._months = frozenset(partitions.ensure(self.database, months))

    def _write_mails(self, batch):
        """The ids of those that are new."""
        if self._schema.partition != 'month':
            return self.database.insert_new(MAIL, [one.row for one in batch])
        new = self.database.insert_new(CLAIM, [(one.mail.id, one.mail.received_at) for one in batch])
        self.database.insert(MAIL, [one.row for one in batch if one.mail.id in new])
        return new

    def _count(self, events):
        """Add new events to what is known of their addresses."""
        happened = collections.defaultdict(list)
        for event, row in events:
            address = row[ADDRESS_COLUMN]
            if address is not None and policies.counted_as(event):
                happened[address].append((row[TIME_COLUMN], event))
        known = {row[0]: policies.Facts(*row) for row in self.database.having(ADDRESS, sorted(happened))}
        counted = [self._added(known.get(address), address, which)
                   for address, which in sorted(happened.items())]
        self.database.update(ADDRESS, [facts for facts in counted if facts.address in known])
        unknown = [facts for facts in counted if facts.address not in known]
        if len(self.database.insert_new(ADDRESS, unknown)) < len(unknown):
            raise Conflict('another drainer wrote the same address')

    def _added(self, facts, address, happened):
        """The facts of an address, judged, with what happened added."""
        facts = facts or policies.Facts(address, happened[0][1].recipient)
        for at, event in happened:
            facts = policies.add(facts, event, at)
        return policies.judged(facts, self.policy)

    def _forgive(self, address, now):
        with self.database.transaction():
            known = [policies.Facts(*row) for row in self.database.having(ADDRESS, [address])]
            self.database.update(ADDRESS, [policies.forgiven(facts, now) for facts in known])
        return known[0] if known else None

    def _judge_some(self, after):
        """(how many marks were changed, the last address looked at or None) of the next CHUNK addresses."""
        with self.database.transaction():
            keys = [key for key, in self.database.rows(NEXT_ADDRESSES, (after,))]
            known = [policies.Facts(*row) for row in self.database.having(ADDRESS, keys)]
            judged = [policies.judged(facts, self.policy) for facts in known]
            changed = [facts for facts, before in zip(judged, known) if facts != before]
            self.database.update(ADDRESS, changed)
        return len(changed), keys[-1] if keys else None

    def _replace(self, table, row):
        with self.database.transaction():
            if not self.database.insert_new(table, [row]):
                self.database.update(table, [row])
