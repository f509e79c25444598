"""The daemon: the same run as scan, whenever the log has grown or a block ends.

A file is looked at every `poll` seconds with one system call; the journal wakes us up.  The lock of the
state is held only while a run lasts, so that people's commands get their turn.
"""
import contextlib
import os
import time
from typing import Optional

from mailtools.base import disk
from mailtools.base.background import Asked
from mailtools.base.failure import EX_OK, Busy, Failure, SettingsFailure
from mailtools.block_sasl_fail import state
from mailtools.block_sasl_fail.logs import log_of, open_source
from mailtools.block_sasl_fail.scan import SHARE_S, Scanner
from mailtools.block_sasl_fail.settings import JOURNAL

AT_LEAST_S = 30         # a run comes so often whatever happens: other hosts, a map that somebody removed
LONGEST_WAIT_S = 60     # after runs that failed
LOCK_S = 5


def follow_settings(session, log, started=lambda: None):
    """follow: all over again whenever the settings are to be read again; the exit status.

    log: that of the command line, None for that of the settings.
    started: called after the first run.  What that run can't do ends the daemon.
    """
    asked = Asked()
    with disk.locked(session.settings.state + '.follow'):
        while not asked.stop:
            asked.reload = False
            with contextlib.closing(Follower(session.settings, log, session.log)) as follower:
                follower.first()
                started()
                follower.go_on(asked)
            if asked.reload and not asked.stop:
                reload(session)
    return EX_OK


def reload(session):
    """Read the settings again; those that cannot be read leave the old ones in force."""
    try:
        session.reload()
        session.log.info('settings-read', file=session.settings.path)
    except SettingsFailure as refused:
        session.log.error('settings-refused', why=str(refused))


class Follower:
    """One log that is followed with one set of settings."""

    def __init__(self, settings, log, events):
        self.settings = settings
        self.log = log or log_of(settings)
        self.events = events
        self._journal = None
        self._seen = None
        self._next: Optional[float] = None
        self._failed = 0
        self._said = ''

    def first(self):
        """The first run; raises Failure, but for a lock that somebody holds for a moment."""
        with contextlib.suppress(Busy):
            self.run()

    def go_on(self, asked):
        """Run whenever there is something to do, until `asked` for something."""
        while not asked.anything():
            files = [self._journal] if self._journal and not self._failed else []
            asked.wait(self.wait_s(), files)
            if not asked.anything() and (files or self._failed or self.something()):
                self.try_run()

    def wait_s(self):
        """How long to sleep."""
        if self._failed:
            return min(LONGEST_WAIT_S, self.settings.poll * 2 ** min(self._failed, 10))
        return AT_LEAST_S if self._journal else self.settings.poll

    def something(self):
        """Whether the log looks different from what it was before the last run, or it is time anyway."""
        return self._seen != looks(self.log) or not self._next or time.time() >= self._next

    def try_run(self):
        """A run whose failure is told once, and tried again."""
        try:
            self.run()
        except Busy:
            self._failed = max(1, self._failed)
        except Failure as failed:
            self.close()
            self._failed += 1
            if str(failed) != self._said:
                self._said = str(failed)
                self.events.error('trouble', why=self._said)
        else:
            if self._said:
                self.events.warning('trouble-over')
            self._failed, self._said = 0, ''

    def run(self):
        """One run with the state opened; raises Failure."""
        self._seen = looks(self.log)
        path, now = self.settings.state, time.time()
        with state.lock(path, LOCK_S):
            try:
                self.run_with(path, now)
            except state.Damaged as damaged:
                aside = state.set_aside(path, now)
                self.events.error('state-damaged', why='{}; it is now {}'.format(damaged, aside))
                self.run_with(path, now)

    def run_with(self, path, now):
        """One run on the state at a path."""
        with state.opened(path) as file:
            Scanner(file, self.settings, self.log, self.events, now).run(self.source(file), SHARE_S)
            self._next = min(now + AT_LEAST_S, file.next_end(now) or now + AT_LEAST_S)

    def source(self, file):
        """The log from where the state has it; a journalctl that is there already goes on."""
        place = file.place(self.log)
        if self.log != JOURNAL:
            return open_source(self.log, place, self.settings)
        if self._journal is None or self._journal.place != place:
            self.close()
            self._journal = open_source(self.log, place, self.settings, follow=True)
        return self._journal

    def close(self):
        """End journalctl."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def looks(log):
    """What is different when a log has grown or was rotated."""
    try:
        status = os.stat(log)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
