"""A scan as cron starts it: lock, state, source, one run, and what is told to whoever watches.

session: has settings, log (the EventLog), verbose and program.  Loads no click, since quick_scan.py doesn't.
"""
import contextlib
import os
import time

from mailtools.base import failure
from mailtools.block_sasl_fail import state
from mailtools.block_sasl_fail.logs import log_of, open_source
from mailtools.block_sasl_fail.scan import Done, Scanner


def scan_and_tell(session, log=None):
    """scan: one run, troubles on standard error; the exit status.  Raises Failure."""
    done = scan_once(session, log)
    for sentence in done.said:
        failure.complain(session.program, sentence)
    return failure.EX_ATTENTION if done.said else failure.EX_OK


def scan_once(session, log):
    """One run under the lock; scan.Done."""
    path = session.settings.state
    with state.lock(path):
        try:
            return with_state(session, log)
        except state.Damaged as damaged:
            said = set_aside(session, path, damaged)
        done = with_state(session, log)
        return Done(done.size, done.attempts, (said,) + done.said)


def set_aside(session, path, damaged):
    """Move a damaged state out of the way; the sentence that says so."""
    try:
        aside = state.set_aside(path, time.time())
    except OSError as error:
        raise state.StateFailure('{}; cannot move it aside: {}'.format(damaged, failure.reason_of(error)))
    said = '{}; it is now {}, and a new one is begun'.format(damaged, aside)
    Events(session).error('state-damaged', why=said)
    return said


def with_state(session, log):
    """One run with the state opened; scan.Done."""
    settings = session.settings
    log = log or log_of(settings)
    with state.opened(settings.state) as file:
        source = open_source(log, file.place(log), settings)
        with closing(source):
            return Scanner(file, settings, log, Events(session), time.time()).run(source)


def closing(source):
    """A context that ends journalctl; a file needs none."""
    return contextlib.closing(source) if hasattr(source, 'close') else contextlib.ExitStack()


class Events:
    """The log of a run from cron, opened when there is something to tell.

    Without a syslog cron would mail each line; what is a trouble is told on standard error anyway.
    """

    def __init__(self, session):
        self._session = session

    def info(self, event, **fields):
        """What happened."""
        log = self._log()
        if log:
            log.info(event, **fields)

    def warning(self, event, **fields):
        """What an operator may look at."""
        log = self._log()
        if log:
            log.warning(event, **fields)

    def error(self, event, **fields):
        """What an operator must look at."""
        log = self._log()
        if log:
            log.error(event, **fields)

    def _log(self):
        log = self._session.log
        return log if self._session.verbose or os.path.exists(log.path) else None
