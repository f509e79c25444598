"""The bytes of the logs that a command names: files, compressed files, standard input.

What a file is, its first bytes say and not its name: logrotate(8) with `dateext` gives names that
end in a date.  Memory stays small whatever the lengths of lines.
"""
import contextlib
import os

from mailtools.base.failure import Failure, one_line, reason_of
from mailtools.base.packed import unpacked

STDIN = '-'


class InputFailure(Failure):
    """A log that cannot be read, or not to its end."""


@contextlib.contextmanager
def opened(path):
    """A file object that gives the log's text, and its modification time (None for standard input).

    Raises InputFailure, also for what goes wrong while it is read.
    """
    try:
        with contextlib.ExitStack() as stack:
            if path == STDIN:
                file = stack.enter_context(open(0, 'rb', closefd=False))
                status = None
            else:
                file = stack.enter_context(open(path, 'rb'))
                status = os.fstat(file.fileno()).st_mtime
            yield lines_of(stack.enter_context(unpacked(file)), path), status
    except OSError as error:
        raise InputFailure('cannot read {}: {}'.format(name_of(path), reason_of(error)))
    except EOFError as error:           # cut off
        raise InputFailure('cannot read {}: {}'.format(name_of(path), one_line(error)))


def name_of(path):
    """How a log is called in a message."""
    return 'standard input' if path == STDIN else path


def lines_of(file, path):
    """The file as lines, one for each message; raises InputFailure for a form of the journal that has none."""
    from mailtools.block_sasl_fail import exported
    first = file.peek(exported.FIRST)[:exported.FIRST]
    form = exported.unreadable(first)
    if form:
        raise InputFailure('cannot read {}: it is `journalctl -o {}`; use -o json, export or short-iso'.format(
            name_of(path), form))
    return exported.Lines(file) if exported.EXPORT.match(first) else file
