"""Forget old mail: in small pieces, so that drainers hardly wait, or whole months of a partitioned table.

What stays: an address that is suppressed, and its counts, for a dead address
stays dead when the mail that said so is gone.  What is not suppressed and not
heard of since is forgotten with the mail.
"""
from mailtools.bouncedmail.store import partition as partitions
from mailtools.bouncedmail.store import schema
from mailtools.bouncedmail.store.tables import EVENT, MAIL

CHUNK = 500             # mails forgotten in one transaction
BEGINNING = '0001-01-01T00:00:00Z'

OLD_MAILS = 'FROM mail WHERE received_at < ?'
OLD_RAW = OLD_MAILS + ' AND raw IS NOT NULL'
OLD_ADDRESSES = ('FROM address WHERE last_at < ? AND hard_at IS NULL AND complaint_at IS NULL'
                 ' AND suppressed_since IS NULL AND (forgiven_at IS NULL OR forgiven_at < ?)')


class Purge:
    """What there is to forget.

    before: mail that came earlier is old.  address_before: an address of which nothing is heard
    since is forgotten; not later than `before`, and early enough for the policy.
    keep_events: only the raw mail is forgotten.
    """

    def __init__(self, database, before, address_before, keep_events=False):
        self.database = database
        self.before = before
        self.address_before = address_before
        self.keep_events = keep_events
        self._partitioned = schema.require(database).partition == 'month'

    def counted(self):
        """(mails, addresses) that are to be forgotten."""
        if self.keep_events:
            return self._count(OLD_RAW, [self.before]), 0
        return self._count(OLD_MAILS, [self._bound()]), self._count(OLD_ADDRESSES, [self.address_before] * 2)

    def run(self):
        """Forget, in short transactions; yields how many mails each of them forgot."""
        if self.keep_events:
            yield from self._in_pieces(OLD_RAW, self._forget_raw)
            return
        if self._partitioned:
            yield from self._drop_months()
        else:
            yield from self._in_pieces(OLD_MAILS, self._forget_mails)
        self._forget_addresses()

    def _bound(self):
        """Mail before this is forgotten: with partitions, only when its whole month is old."""
        return partitions.bounds(partitions.month_of(self.before))[0] if self._partitioned else self.before

    def _count(self, what, parameters):
        (count,), = self.database.rows('SELECT count(*) ' + what, parameters)
        return count

    def _in_pieces(self, what, forget):
        """The oldest first; none is looked at again in the next piece, for raw mail leaves its row behind."""
        last = BEGINNING
        sql = 'SELECT id, received_at {} AND received_at >= ? ORDER BY received_at LIMIT {}'.format(what, CHUNK)
        while True:
            with self.database.transaction():
                found = self.database.rows(sql, [self.before, last])
                forget([id for id, _ in found])
            if not found:
                return
            last = found[-1][1]
            yield len(found)

    def _forget_mails(self, ids):
        self.database.delete(EVENT, 'mail_id', ids)
        self.database.delete(MAIL, 'id', ids)

    def _forget_raw(self, ids):
        if ids:
            self.database.run('UPDATE mail SET raw = NULL WHERE id IN ({})'.format(', '.join('?' * len(ids))), ids)

    def _drop_months(self):
        for month in partitions.present(self.database):
            if month < partitions.month_of(self.before):
                mails = self._count('FROM mail WHERE received_at >= ? AND received_at < ?',
                                    partitions.bounds(month))
                partitions.drop(self.database, month)
                yield mails

    def _forget_addresses(self):
        last = ''
        while True:
            keys = [key for key, in self.database.rows(
                'SELECT address {} AND address > ? ORDER BY address LIMIT {}'.format(OLD_ADDRESSES, CHUNK),
                [self.address_before, self.address_before, last])]
            if not keys:
                return
            # The condition once more: a drainer may have heard of one of them since.
            self.database.run('DELETE {} AND address > ? AND address <= ?'.format(OLD_ADDRESSES),
                              [self.address_before, self.address_before, last, keys[-1]])
            last = keys[-1]
