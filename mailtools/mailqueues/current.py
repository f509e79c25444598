"""How the hosts do now, for a terminal or a monitor: status.json and the history read again.  A shell."""
import os

from mailtools.base.failure import EX_IOERR, EX_UNAVAILABLE, EX_USAGE, Failure, reason_of
from mailtools.base.sqlitefile import FileFailure
from mailtools.base.text import visible
from mailtools.mailqueues import judging, statusfile
from mailtools.mailqueues.history import History
from mailtools.mailqueues.past import RECENT_S

STATUS = 'status.json'


def last_snapshot(path):
    """The Snapshot of a status.json; raises OSError and ValueError."""
    with open(path, encoding='utf-8') as file:
        return statusfile.read(file.read(statusfile.SIZE_MOST + 1))


def current_snapshot(settings):
    """The Snapshot of the last run of export; raises Failure."""
    path = os.path.join(settings.output, STATUS)
    try:
        return last_snapshot(path)
    except FileNotFoundError:
        raise Failure('there is no {}: `mailqueues export` has not run'.format(path), EX_UNAVAILABLE)
    except (OSError, ValueError) as error:
        raise Failure('cannot read {}: {}'.format(path, visible(reason_of(error))), EX_IOERR)


def current_outlooks(settings, now, names=()):
    """[judging.Outlook] of the hosts named, of all without a name, in the order of the settings; raises Failure.

    Without a history nothing is known of growth, and that is all.
    """
    made = current_snapshot(settings)
    known = [host.name for host in made.hosts]
    for name in names:
        if name not in known:
            raise Failure('unknown host {}; there are {}'.format(visible(name), ', '.join(known) or 'none'), EX_USAGE)
    try:
        rows = list(History(settings.history).read(made.generated_at - RECENT_S, made.generated_at))
    except FileFailure:
        rows = []
    return [one for one in judging.outlooks(made, rows, settings, now) if not names or one.name in names]
