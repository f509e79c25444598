"""What tests of the drainer share: limits, a log and stores that can be looked at, and how a run ended."""
from mailtools.base.failure import EX_OK
from mailtools.bouncedmail import drain
from mailtools.bouncedmail.report import Event, Report
from mailtools.bouncedmail.store.saving import Saved
from rig.mailhost import bounce, message_id

LIMITS = drain.Limits(200, 32 << 20)
NOW = 1795382377.0      # 2026-11-22T21:19:37Z


class Log:
    """A log that can be read."""

    def __init__(self):
        self.lines = []

    def info(self, event, **fields):
        self.lines.append((event, fields))

    warning = error = info


def ids(numbers):
    return sorted(message_id(number) for number in numbers)


def spooled(host, numbers, size=0):
    """Fill the spool as local(8) itself does."""
    for number in numbers:
        host.deliver(bounce(number, size), '{}.V{}.mx1'.format(int(NOW) - 1000 + number, number))


def quiet(ran):
    """Cron has nothing to say."""
    return ran == (EX_OK, '', '')


class Refusing:
    """A store that takes all but one recipient's mail."""

    def __init__(self, refused):
        self.refused = refused
        self.taken = []

    def save(self, mails):
        refused = [(mail, 'value too odd') for mail in mails if self.refused in mail.raw]
        self.taken += [mail for mail in mails if self.refused not in mail.raw]
        return Saved(len(mails) - len(refused), 0, tuple(refused))


def read_nothing(_raw):
    return Report((Event(),))


def one_line(ran, status):
    """True when a person reads one sentence, and a script the status."""
    return ((ran.status, ran.out, ran.err.count('\n')) == (status, '', 1)
            and ran.err.startswith('bouncedmail: '))
