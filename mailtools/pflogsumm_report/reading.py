"""The report of one day, read: files or journal -> counter and pflogsumm, side by side, each line once.

What starts other programs is imported when one is started: figures alone need none.
"""
import contextlib
import datetime
import gc
import os
import zlib
from typing import Any, Dict, NamedTuple, Optional, Tuple

from mailtools.base.blocks import BLOCK, whole_lines
from mailtools.base.failure import EX_ATTENTION, Failure
from mailtools.base.packed import unpacked
from mailtools.base.text import visible
from mailtools.pflogsumm_report import sources
from mailtools.pflogsumm_report.counter import Counter
from mailtools.pflogsumm_report.detail import Detail
from mailtools.pflogsumm_report.hours import stretches
from mailtools.pflogsumm_report.values import Figures, empty
from mailtools.pflogsumm_report.window import BEFORE, DAY, MOST_YEARS, OTHER, Guess, Window, WrongYear, Years


class NoLog(Failure):
    """There is no line of that day."""

    status = EX_ATTENTION


class Reading(NamedTuple):
    """What came of reading a day."""

    figures: Figures            # see values.py
    text: Optional[bytes]       # what pflogsumm printed; None: not asked for, not there, or failed
    troubles: Tuple[str, ...]   # sentences
    sources: Tuple[str, ...]    # what was read: paths, or `journal`


def read_day(settings, day, logs=(), totals=False, text=True):
    """The Reading of a day (datetime.date); raises NoLog, and LogFailure when something of it cannot be read.

    logs: paths, `-` for standard input; empty: as the settings say.
    totals: no detail.  text: run pflogsumm as well.
    """
    window = Window(day, int(-(-settings.carry // 3600)))
    guesses: Dict[str, Guess] = {}
    with without_collector():
        while True:
            run = Run(settings, window, totals, text, guesses)
            try:
                return run.read(logs)
            except Again as again:
                guesses[again.path] = again.guess
            finally:
                run.stop()


@contextlib.contextmanager
def without_collector():
    """Nothing here refers to itself; that would be looked for again and again among millions of parts of lines."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Again(Exception):
    """A log was written in other years than was thought."""

    def __init__(self, path, guess):
        super().__init__(path)
        self.path = path
        self.guess = guess


class Run:
    """One attempt to read a day.

    guesses: {path: Guess}.
    """

    def __init__(self, settings, window, totals, text, guesses):
        self.settings = settings
        self.window = window
        self.guesses = guesses
        self.counter = Counter(None if totals else Detail(), encoded(settings.filters),
                               [name + b'/smtpd' for name in encoded(settings.reinjection)])
        self.troubles = []
        self.pflogsumm: Any = None
        if text:
            from mailtools.pflogsumm_report import feeding
            program = feeding.find(settings.pflogsumm)
            if program:
                self.pflogsumm = feeding.Pflogsumm(program, settings.pflogsumm_detail)
            else:
                self.troubles.append('pflogsumm is not installed')

    def read(self, logs):
        """The Reading; raises Again."""
        read = self._logs(logs)
        if not self.counter.lines:
            raise NoLog('no line of {} in {}'.format(self.window.day, ', '.join(
                visible(name) for name in read or logs or self.settings.logs)))
        figures = empty(self.window.day, self.settings.host or os.uname().nodename)
        self.counter.figures(figures, self.settings.top)
        text = None
        if self.pflogsumm:
            self.pflogsumm.close(self.window.day)
            text = self.pflogsumm.text
            if self.pflogsumm.trouble:
                self.troubles.append(self.pflogsumm.trouble)
        return Reading(figures, text, tuple(self.troubles), read)

    def stop(self):
        """End what was started."""
        if self.pflogsumm:
            self.pflogsumm.stop()

    def _logs(self, logs):
        """Read all; the names of what was read."""
        if logs:
            found = sources.named(logs, self.window)
        elif self._is_in_journal():
            return self._journal()
        else:
            found = sources.find(self.settings.logs, self.window, self.troubles)
        for source in found:
            self._source(source)
        return tuple(source.path for source in found)

    def _is_in_journal(self):
        """Whether the journal is to be read, for want of files."""
        if self.settings.journal != 'auto':
            return self.settings.journal == 'yes'
        from mailtools.pflogsumm_report import journal
        return not sources.matching(self.settings.logs) and journal.find() is not None

    def _source(self, source):
        years = Years(source.latest, self.guesses.get(source.path, Guess()))
        try:
            with source.file, unpacked(source.file) as text:
                self._text(text, years)
        except WrongYear as wrong:
            if source.path == sources.STDIN or wrong.guess.back > MOST_YEARS:
                raise sources.LogFailure('cannot tell in which years {} was written'.format(source.path))
            raise Again(source.path, wrong.guess)
        except (OSError, EOFError, zlib.error) as error:
            raise sources.LogFailure('cannot read {} to its end: {}'.format(source.path, sources.why(error)))

    def _journal(self):
        from mailtools.pflogsumm_report import journal
        program = journal.find()
        if not program:
            raise journal.JournalFailure('cannot read the journal: journalctl is not installed')
        after = self.window.day + datetime.timedelta(days=1)
        with journal.opened(program, self.window.begin(), after) as text:
            self._text(text, Years(after))
        return (journal.NAME,)

    def _text(self, file, years):
        """Count the lines of one log."""
        for block, start, end in whole_lines(Clean(file)):
            for stretch in stretches(block, start, end):
                alone = block.find(b'\n', stretch.start) == stretch.end - 1
                place = self.window.place(years.date_of(stretch.hour, alone), stretch.hour.hour)
                if place != OTHER:
                    self._stretch(place, stretch.hour, b'\n' + block[stretch.start:stretch.end])

    def _stretch(self, place, hour, text):
        if place == BEFORE:
            self.counter.before(text, hour.width)
        elif place == DAY:
            if self.pflogsumm:          # which works on while we count
                self.pflogsumm.add(text, hour)
            self.counter.add(text, hour.width, hour.hour)


class Clean:
    """A file without NULs, which copytruncate leaves where a log was."""

    def __init__(self, file):
        self._file = file

    def read(self, size=BLOCK):
        """The next bytes; empty at the end only."""
        while True:
            block = self._file.read(size)
            if b'\0' not in block:
                return block
            block = block.replace(b'\0', b'')
            if block:
                return block


def encoded(names):
    """Names of the settings as they stand in a log."""
    return [name.encode('utf-8', 'surrogateescape') for name in names]
