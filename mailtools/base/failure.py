"""How a program ends: one sentence and a status of sysexits(3), never a traceback.

Imports nothing but sys, since the programs that Postfix pipes mail to load it
a million times a day.
"""
import sys

EX_OK = 0
EX_ATTENTION = 1        # the program worked; what it found needs a person
EX_USAGE = 64
EX_UNAVAILABLE = 69     # a host, server or database cannot be reached
EX_SOFTWARE = 70        # a mistake of ours
EX_CANTCREAT = 73       # an output file cannot be made
EX_IOERR = 74
EX_TEMPFAIL = 75        # try again later; Postfix keeps the mail in its queue
EX_CONFIG = 78


class Failure(Exception):
    """What went wrong, as a sentence for the operator: the act, the object, the cause.

    status: the exit status that the program ends with.
    """

    status = EX_ATTENTION

    def __init__(self, sentence, status=None):
        super().__init__(sentence)
        if status is not None:
            self.status = status


class SettingsFailure(Failure):
    """A settings file says something that cannot be meant."""

    status = EX_CONFIG


class Unavailable(Failure):
    """A host, server or database does not answer; later it may."""

    status = EX_UNAVAILABLE


class Busy(Failure):
    """Another run holds the lock."""

    status = EX_TEMPFAIL


def one_line(error):
    """The text of an exception on one line, never empty, at most 500 characters."""
    said = ' '.join(str(error).split()) or type(error).__name__
    return said[:500]


def reason_of(error):
    """What an OSError says, without its number and path: `No space left on device`."""
    return getattr(error, 'strerror', None) or one_line(error)


def complain(program, sentence, stream=None):
    """Print `program: sentence` on stderr; a closed stderr is no further trouble."""
    try:
        print('{}: {}'.format(program, sentence), file=stream or sys.stderr)
    except (OSError, ValueError, AttributeError):
        pass
