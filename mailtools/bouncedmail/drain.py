"""From the spool to the database: nothing lost, nothing doubled.

    read -> parse -> store.save() commits -> unlink

A mail leaves the spool only when the database has it for good; whoever dies in
between leaves a mail that is stored again and, its id being made of its content,
adds no row.  So two drainers at once, or on two hosts, do no harm either; the
lock of the spool only saves their work.
"""
import hashlib
import time
from typing import NamedTuple

from mailtools.base.failure import Failure, Unavailable, reason_of
from mailtools.bouncedmail.reading import report_of, said_by
from mailtools.bouncedmail.report import Mail
from mailtools.bouncedmail.spool import as_text
from mailtools.bouncedmail.store import Saved

NOTE_EVERY_S = 60           # how often the database is told that this host drains
SWEEP_EVERY_S = 3600


class Limits(NamedTuple):
    """When a batch is full."""

    mails: int
    size: int               # bytes; one mail may go beyond


class Drained(NamedTuple):
    """What became of one batch."""

    seen: int = 0           # names handed out by the spool; 0: it is empty
    new: int = 0
    repeated: int = 0
    failed: int = 0         # refused by the database or unreadable, now in failed/


def mail_of(raw, received, host, read):
    """The Mail of some bytes.

    received: seconds since the epoch.  read: bytes -> Report.
    """
    return Mail(hashlib.sha256(raw).hexdigest(), as_text(received), host, raw, report_of(raw, read))


def drain_once(spool, store, read, host, limits, log):
    """Move one batch of mails from the spool to the store; Drained.

    Raises Unavailable and Failure of the store, SpoolTrouble; then every mail
    is still in the spool, or stored, or both.
    """
    batch, seen, failed = take(spool, read, host, limits, log)
    if not batch:
        return Drained(seen=seen, failed=failed)
    saved = save(store, [mail for _, mail in batch])
    refused = {mail.id: why for mail, why in saved.refused}
    for name, mail in batch:
        if mail.id in refused:
            set_aside(spool, name, refused[mail.id], log)
            failed += 1
        else:
            spool.remove(name)
    for _, mail in batch:
        if mail.id not in refused:
            log_mail(mail, log)
    return Drained(seen, saved.new, saved.repeated, failed)


def save(store, mails):
    """What the store made of the mails; Saved, its reasons as sentences.

    A fault of ours that one mail brings out must not stop the others: then
    each is stored on its own, and that one set aside as if it were refused.
    Raises Failure, and whatever befalls every one of several mails.
    """
    try:
        return one_save(store, mails)
    except Failure:
        raise
    except Exception:
        saved = [save_alone(store, mail) for mail in mails]
        if len(mails) > 1 and all(one.refused for one in saved):
            raise                       # no mail's fault: they wait in the spool until it is mended
    return Saved(sum(one.new for one in saved), sum(one.repeated for one in saved),
                 tuple(refused for one in saved for refused in one.refused))


def one_save(store, mails):
    """The same of one transaction."""
    saved = store.save(mails)
    return saved._replace(refused=tuple(
        (mail, 'refused by the database: {}'.format(why)) for mail, why in saved.refused))


def save_alone(store, mail):
    """The same of one mail, whatever goes wrong; raises Failure."""
    try:
        return one_save(store, [mail])
    except Failure:
        raise
    except Exception as error:
        return Saved(0, 0, ((mail, 'cannot be stored: {}'.format(said_by(error))),))


def take(spool, read, host, limits, log):
    """([(name, Mail)] of the oldest mails, how many names were seen, how many set aside)."""
    batch, seen, failed, size = [], 0, 0, 0
    for name in spool.waiting():
        seen += 1
        try:
            spooled = spool.read(name)
        except (OSError, MemoryError) as error:     # this one mail; the rest goes on
            set_aside(spool, name, 'cannot be read: {}'.format(reason_of(error)), log)
            failed += 1
            continue
        if spooled is not None:
            batch.append((name, mail_of(spooled.raw, spooled.received, host, read)))
            size += len(spooled.raw)
        if seen >= limits.mails or size >= limits.size:
            break
    return batch, seen, failed


def set_aside(spool, name, why, log):
    """Move a mail to failed/, and say so."""
    spool.set_aside(name, why)
    log.error('failed', file=name, why=why)


def log_mail(mail, log):
    """One line for each recipient that the mail speaks of."""
    for event in mail.report.events:
        log.info(event.kind, id=mail.id[:16], to=event.recipient, status=event.status,
                 severity=event.severity, reason=event.reason, error=mail.report.error)


class Drainer:
    """One run of drain: the spool, and the store as long as it answers.

    open_store: () -> Store, called when there is none.
    clock: () -> seconds since the epoch.
    """

    def __init__(self, spool, open_store, read, host, limits, log, clock=time.time):
        self.spool = spool
        self._work = (read, host, limits, log)
        self._host = host
        self._open_store = open_store
        self._store = None
        self._clock = clock
        self._noted = self._swept = 0.0

    def batch(self):
        """Drain one batch; Drained.  Raises Unavailable, Failure."""
        opened_before = self._store is not None
        try:
            return self._batch()
        except Unavailable:
            if not opened_before:
                raise
        return self._batch()            # only the connection was old: the server was restarted

    def _batch(self):
        try:
            if self._store is None:
                self._store = self._open_store()
            drained = drain_once(self.spool, self._store, *self._work)
            self._housekeeping(self._store, self._clock())
            return drained
        except BaseException:
            self.close()
            raise

    def _housekeeping(self, store, now):
        if not 0 <= now - self._noted < NOTE_EVERY_S:
            store.note_drain(self._host, as_text(now))
            self._noted = now
        if not 0 <= now - self._swept < SWEEP_EVERY_S:
            self.spool.sweep(now)
            self._swept = now

    def close(self):
        """Let the database go, and look at the whole spool again next time."""
        self.spool.rewind()
        store, self._store = self._store, None
        if store is not None:
            store.close()
