"""What one mail reports, whatever it is: the reader behind a guard."""
from mailtools.base.failure import one_line
from mailtools.bouncedmail.report import Event, Report


def report_of(raw, read):
    """The Report of a mail's bytes.

    read: bytes -> Report.  It should not raise; should it, then that becomes
    the error of an empty report, for one mail must not stop the others.
    """
    try:
        return read(raw)
    except Exception as error:
        return Report((Event(),), error=said_by(error))


def said_by(error):
    """An exception that nobody foresaw, on one line: `KeyError: 'x'`."""
    return '{}: {}'.format(type(error).__name__, one_line(error))
