"""What one mail reports, whatever it is: the reader behind a guard, and within a time."""
import signal

from mailtools.base.failure import one_line
from mailtools.bouncedmail.report import Event, Report

LONGEST_S = 30      # of this process's CPU; a mail of 100 MB needs 2


class TooLong(BaseException):
    """The reader's time is over; not an Exception, so that nothing on the way takes it for its own."""


def report_of(raw, read, longest=LONGEST_S):
    """The Report of a mail's bytes.

    read: bytes -> Report.  It should neither raise nor run on; should it, then
    that becomes the error of an empty report, for one mail must not stop the
    others.  longest: CPU seconds; only the main thread can be stopped so.
    """
    try:
        before = signal.signal(signal.SIGVTALRM, _stop)
    except ValueError:                  # not the main thread
        return _guarded(raw, read)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, longest)
        try:
            return _guarded(raw, read)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooLong:
        return Report((Event(),), error='took longer than {} s to read'.format(longest))
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _guarded(raw, read):
    try:
        return read(raw)
    except Exception as error:
        return Report((Event(),), error=said_by(error))


def _stop(number, frame):
    raise TooLong


def said_by(error):
    """An exception that nobody foresaw, on one line: `KeyError: 'x'`."""
    return '{}: {}'.format(type(error).__name__, one_line(error))
