"""Whom the settings would have blocked: an old log read as if the program had run all the while."""
import os
import time
from typing import List

from mailtools.block_sasl_fail import due, score
from mailtools.block_sasl_fail.journal import Journal
from mailtools.block_sasl_fail.logline import scan
from mailtools.block_sasl_fail.place import begin_of
from mailtools.block_sasl_fail.policy import policy_of
from mailtools.block_sasl_fail.settings import JOURNAL
from mailtools.block_sasl_fail.source import LogFailure, Part, last_change, read_part, siblings
from mailtools.block_sasl_fail.stamps import Clock
from mailtools.block_sasl_fail.values import Attempt

EVERY_S = 300       # as cron would have run it


def blocks_since(state, settings, log, since):
    """The Blocks that would have begun since a time, in their order.

    state: an empty one.  Raises LogFailure.
    """
    policy, end = policy_of(settings), 0.0
    found: List[due.Block] = []
    batch: List[Attempt] = []
    for attempt in attempts_since(settings, log, since):
        if batch and attempt.time >= end:
            found.extend(run(state, batch, end, policy))
            batch = []
        if not batch:
            end = attempt.time + EVERY_S
        batch.append(attempt)
    return found + run(state, batch, end, policy)


def run(state, batch, now, policy):
    """The Blocks that one run at `now` would have begun."""
    changes = score.update(state.records(score.keys(batch)), batch, now, policy)
    state.save(changes.records)
    new = [one for one in changes.records.values() if getattr(one, 'since', 0) == now and one.until > now]
    return sorted(due.due(new, now, policy).blocks)


def attempts_since(settings, log, since):
    """Yield the Attempts of a log, and of what it was rotated into, since a time."""
    if log == JOURNAL:
        yield from of_journal(settings, since)
        return
    try:
        files = siblings(os.path.realpath(log)) + [(log, os.stat(log))]
        for path, status in files:
            if last_change(status) / 1e9 < since:
                continue
            clock = Clock(status.st_mtime)
            for chunk in read_part(Part(path, status, begin_of(status)), final=True):
                yield from (one for one in scan(chunk.data, clock) if one.time >= since)
    except (OSError, EOFError) as error:
        raise LogFailure('cannot read the log {}: {}'.format(
            getattr(error, 'filename', None) or log, getattr(error, 'strerror', None) or error))


def of_journal(settings, since):
    """The Attempts of the journal."""
    journal = Journal(settings.journalctl, None, first='--since=@{:d}'.format(int(since)))
    try:
        for entries in journal.chunks():
            yield from scan(entries.data, Clock(time.time()))
    finally:
        journal.close()
