"""How a drainer goes on: until the spool is empty, or for ever, patient with a database that is away.

Only what may come back by itself is waited for: a server that does not answer
(Unavailable), a disk that is full or read-only (SpoolTrouble).  Mail waits in the
spool meanwhile.
"""
import time
from typing import NamedTuple

import tenacity

from mailtools.base.failure import Unavailable, one_line
from mailtools.bouncedmail.drain import Drained
from mailtools.bouncedmail.spool import SpoolTrouble

POLL_S = 0.3                # how often an empty spool is looked at: two system calls
TRIES_ONCE = 2              # of a run from cron, which comes again anyway
PASSING = (Unavailable, SpoolTrouble)


class Retry(NamedTuple):
    """How long to wait for a database that is away, in seconds: doubled from first to most."""

    first_s: float
    most_s: float


class Leave(Exception):
    """There is something else to do than to wait for the database."""


def retrying(asked):
    """A sleep for tenacity that ends as soon as a signal comes, or came: raises Leave."""
    def wait(seconds):
        asked.wait(seconds)
        if asked.anything():
            raise Leave()
    return wait


class Outage:
    """One line in the log when something goes away, one when it is back."""

    def __init__(self, log, clock=time.monotonic):
        self._log = log
        self._clock = clock
        self._since = None
        self._what = ''

    def begins(self, retry_state):
        """Called by tenacity before each wait."""
        error = retry_state.outcome.exception()
        if self._since is None:
            self._since = self._clock()
            self._what = 'database' if isinstance(error, Unavailable) else 'spool'
            self._log.error(self._what + '-away', why=one_line(error))

    def ends(self):
        """Called after every success."""
        if self._since is not None:
            self._log.warning(self._what + '-back', after_s=round(self._clock() - self._since))
            self._since = None


def back_off(retry):
    """How long to wait before the next try: longer each time, and not for all hosts alike."""
    return (tenacity.wait_exponential(multiplier=retry.first_s, max=retry.most_s)
            + tenacity.wait_random(0, retry.first_s))


def until_empty(batch, retry, progress, sleep=time.sleep):
    """Call batch() until it finds the spool empty; the sum of all Drained.

    progress: called with the number of mails of each batch.
    """
    patiently = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Unavailable), wait=back_off(retry), sleep=sleep,
        stop=tenacity.stop_after_attempt(TRIES_ONCE), reraise=True)
    total = Drained()
    while True:
        drained = patiently(batch)
        total = Drained(*map(sum, zip(total, drained)))
        progress(drained.seen)
        if not drained.seen:
            return total


def follow(batch, retry, asked, log):
    """Call batch() for ever, until `asked` for something; a failed try is logged and repeated."""
    outage = Outage(log)
    patiently = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(PASSING), wait=back_off(retry), sleep=retrying(asked),
        before_sleep=outage.begins)
    while not asked.anything():
        try:
            drained = patiently(batch)
        except Leave:
            return
        outage.ends()
        if not drained.seen:
            asked.wait(POLL_S)
