"""The files that a day's lines are in: found by the stamps in them, not by their names.

A log is rotated at any hour, by number or by date, packed now or a day later, and may be rotated while we look.  So
all files are open before their names are looked up again, and a file that is there twice, packed and not yet
removed, is read once.  That a file has changed last before the day is a hint, believed only where the stamps of the
next file say the same.
"""
import datetime
import glob
import os
import stat
import zlib
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from mailtools.base.blocks import kind_of
from mailtools.base.failure import Failure, one_line, reason_of
from mailtools.base.packed import unpacked
from mailtools.pflogsumm_report.hours import stretches
from mailtools.pflogsumm_report.window import Guess, WrongYear, Years, latest_of

HEAD = 1 << 16              # bytes of text at the begin of a log that are looked at, and at its end
SAME = 1 << 12              # bytes that two files have in common only if one is a copy
ATTEMPTS = 5                # when names change while we look
STDIN = '-'
ANY_TIME = datetime.date.min, b''           # of what cannot be looked at twice

Moment = Tuple[datetime.date, bytes]        # a date, and the stamp as it stands: they are in order within a log


class LogFailure(Failure):
    """A log that cannot be read, or not to its end."""


class Source(NamedTuple):
    """An open log."""

    path: str
    file: Any
    latest: datetime.date           # nothing in it is younger
    changed: datetime.date
    head: bytes                     # the begin of its text
    first: Optional[Moment]         # None: there is no stamp in it
    last: Optional[Moment]          # None: not known, since it is packed
    size: int
    packed: bool


def find(patterns, window, troubles):
    """The Sources that hold the day of a Window or what comes before it, in order of time.

    patterns: of the setting `logs`.
    troubles: a list that gets a sentence for each file that is damaged.
    """
    for _ in range(ATTEMPTS):
        names = matching(patterns)
        opened = []
        for path in names:
            try:
                opened.append((path, open(path, 'rb')))     # noqa: SIM115
            except FileNotFoundError:
                break
            except OSError as error:
                raise LogFailure('cannot read {}: {}'.format(path, why(error)))
        if len(opened) == len(names) and all(map(is_still, opened)) and matching(patterns) == names:
            return select(opened, window, False, troubles)
        for _, file in opened:
            file.close()
    raise LogFailure('the logs are rotated all the time: {}'.format(' '.join(patterns)))


def named(paths, window):
    """The same of the logs that are named on the command line; each must be readable."""
    opened, seen = [], set()
    for path in paths:
        try:
            file = open(0 if path == STDIN else path, 'rb', closefd=path != STDIN)     # noqa: SIM115
            status = os.fstat(file.fileno())
        except OSError as error:
            raise LogFailure('cannot read {}: {}'.format(path, why(error)))
        if (status.st_dev, status.st_ino) not in seen:
            opened.append((path, file))
        seen.add((status.st_dev, status.st_ino))
    return select(opened, window, True, None)


def matching(patterns):
    """The regular files that the patterns of a shell name, each once."""
    found: Dict[Tuple[int, int], str] = {}
    for path in sorted(path for pattern in patterns for path in glob.glob(pattern)):
        try:
            status = os.stat(path)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            found.setdefault((status.st_dev, status.st_ino), path)
    return sorted(found.values())


def is_still(opened):
    """Whether (path, file) are still one."""
    path, file = opened
    try:
        there, ours = os.stat(path), os.fstat(file.fileno())
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def select(opened, window, is_named, troubles):
    """The Sources of (path, file) that are to be read, in order of time; the others are closed."""
    looked_at = []
    for path, file in opened:
        try:
            looked_at.append(look_at(path, file, window, is_named))
        except (OSError, EOFError, zlib.error) as error:
            if troubles is None:
                raise LogFailure('cannot read {}: {}'.format(path, why(error)))
            troubles.append('cannot read {}: {}'.format(path, why(error)))
            file.close()
    wanted = needed(without_copies(sorted(
        (source for source in looked_at if source.first), key=lambda one: (one.first, one.last or one.first))), window)
    for source in looked_at:
        if source not in wanted:
            source.file.close()
    return wanted


def look_at(path, file, window, is_named):
    """The Source of an open log; raises what reading raises."""
    status = os.fstat(file.fileno())
    changed = datetime.date.fromtimestamp(status.st_mtime)
    latest = latest_of(changed, window.day, is_named)
    packed = kind_of(file.peek(8)[:8]) is not None
    if not file.seekable():
        return Source(path, file, latest, changed, b'', ANY_TIME, None, 0, packed)
    head, whole = head_of(file)
    tail = head if whole else b'' if packed else tail_of(file, status.st_size)
    return Source(path, file, latest, changed, head, first_of(head, latest), last_of(tail, latest), status.st_size,
                  packed)


def head_of(file):
    """(the begin of the text, whether that is all of it); the file is where it was."""
    with unpacked(file) as text:
        head = b''
        while len(head) < HEAD:
            more = text.read(HEAD - len(head))
            if not more:
                break
            head = (head + more).replace(b'\0', b'')
        whole = len(head) < HEAD or not text.read(1)
    file.seek(0)
    return head, whole


def tail_of(file, size):
    """The last whole lines of a plain file."""
    file.seek(max(0, size - HEAD))
    text = file.read(HEAD)
    file.seek(0)
    return text[text.find(b'\n') + 1:]


def first_of(head, latest):
    """The Moment of the first line that has a stamp; None when there is none."""
    for stretch in stretches(head, 0, len(head)):
        return moment_of(head, stretch.start, stretch.hour, latest)
    return None


def last_of(tail, latest):
    """The Moment of the last line that has a stamp."""
    several = list(stretches(tail, 0, len(tail)))
    if not several:
        return None
    last = several[-1]
    line = tail.rfind(b'\n', last.start, last.end - 1) + 1
    return moment_of(tail, max(line, last.start), last.hour, latest)


def moment_of(text, start, hour, latest):
    """The Moment of the line at `start`; the newest that it can be."""
    for back in range(9):               # up to eight years without 29 February
        try:
            return Years(latest, Guess(back)).date_of(hour), text[start:start + hour.width]
        except WrongYear:
            continue
    return None


def without_copies(sources):
    """Sources without those that are copies of others: one that was packed, or copied to be truncated."""
    kept: List[Source] = []
    for source in sorted(sources, key=lambda one: (one.packed, -one.size)):
        if not any(same_log(source.head, other.head) for other in kept):
            kept.append(source)
    return [source for source in sources if source in kept]


def same_log(head, other):
    """Whether two logs begin alike."""
    length = min(len(head), len(other), SAME)
    return length > 0 and head[:length] == other[:length]


def needed(sources, window):
    """Those of Sources, which are in order of time, that can hold something of the Window."""
    begin = window.begin()
    kept: List[Source] = []
    for number, source in enumerate(sources):
        following = sources[number + 1].first if number + 1 < len(sources) else None
        if source.first[0] > window.day and len(sources) > 1:       # alone it may be of several years
            continue
        if source.last and source.last[0] < begin and source.first <= source.last:
            continue
        if not source.last and source.changed < begin and following and following[0] < window.day:
            continue
        kept.append(source)
    return kept


def why(error):
    """What is wrong with a file, for a sentence."""
    return reason_of(error) if isinstance(error, OSError) and error.strerror else one_line(error)
