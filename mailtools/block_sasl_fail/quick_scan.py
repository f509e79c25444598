"""`scan` and nothing else: what cron starts every five minutes, without click and site-packages.

It knows `scan`, `-c FILE` and `-v`; anything else, and whatever goes wrong in an unforeseen way, is left to
cli.py.  To do a scan over again does no harm: a line counts once.
"""
import io
import os
import sys

from mailtools.base import failure
from mailtools.base.text import visible
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS


class Session:
    """What scanning.py wants to know of a run; commandline.Session is the same for the other commands."""

    program = PROGRAM

    def __init__(self, config, verbose):
        from mailtools.base.settings import load
        self.settings = load(PROGRAM, SETTINGS, config)
        self.verbose = verbose
        self._log = None

    @property
    def log(self):
        """Where events go."""
        if self._log is None:
            from mailtools.base.eventlog import EventLog
            self._log = EventLog(PROGRAM, self.verbose)
        return self._log


def main(argv):
    """The exit status of a scan, or None when cli.py has to do it."""
    given = options_of(argv)
    if given is None:
        return None
    for descriptor in 0, 1, 2:              # a closed one would become the state's
        os.fstat(descriptor)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, 'w', closefd=False), 'utf-8', 'backslashreplace', write_through=True)
    try:
        session = Session(*given)
        if session.settings.share:          # the driver of the database is a package of the site
            return None
        from mailtools.block_sasl_fail.scanning import scan_and_tell
        status = scan_and_tell(session)
        sys.stderr.flush()
        return status
    except failure.Failure as failed:
        failure.complain(PROGRAM, visible(' '.join(str(failed).split())))
        sys.stderr.flush()
        return failed.status


def options_of(argv):
    """(settings file or None, verbose) of `scan [-c FILE] [-v]`, None for any other command line."""
    words, config, verbose = list(argv), None, False
    if not words or words.pop(0) != 'scan':
        return None
    while words:
        word = words.pop(0)
        if word in ('-c', '--config') and words and not words[0].startswith('-'):
            config = words.pop(0)
        elif word in ('-v', '--verbose'):
            verbose = True
        else:
            return None
    return config, verbose


def attempt(argv):
    """main(), but None for whatever nobody foresaw."""
    try:
        return main(argv)
    except Exception:
        return None
