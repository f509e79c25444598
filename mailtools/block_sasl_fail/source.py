"""What is new in a log: each line exactly once, whatever logrotate(8) did since.

    for chunk in Source('/var/log/maillog', place).chunks():
        ...         # chunk.data, then chunk.place is to be kept together with what was counted

Handled: appending, rename and create, copytruncate, .1 and dates, .gz .xz .bz2, runs that
were missed for days, a log that is rotated while it is read.  A line without its end
waits for it; in a file that nobody writes any more it is a line.  A line longer than
LONGEST is skipped, so that memory is bounded.

A writer goes on with the old file until it is told of the new one: so a file is left
only when the next one has something in it, seen before the end of the old one is read.
"""
import io
import os
import stat
from typing import List, NamedTuple, Optional

from mailtools.base.failure import Failure, one_line, reason_of
from mailtools.block_sasl_fail.place import COMPRESSED, KEPT, Place, begin_of, by_age, suffix_of

BLOCK = 256 << 10       # bytes that are read at once
LONGEST = 1 << 20       # bytes of a line
SECOND_NS = 10 ** 9
TRIES = 10              # of finding the files while they are being renamed


class Chunk(NamedTuple):
    """Some whole lines of a log."""

    path: str               # of the file at that time
    offset: int             # of the first byte
    data: bytes             # may be empty: only the place has moved
    place: Place            # behind them
    first: bool             # the first chunk of a file that is read from its begin


class LogFailure(Failure):
    """The log cannot be read."""


class Moved(Exception):
    """The files were renamed between looking and opening; look again."""


class Part(NamedTuple):
    """One file of the log, and where to begin in it."""

    path: str
    status: os.stat_result
    place: Place


class Source:
    """One log with the files that it was rotated into.

    path: absolute, or relative to where the program is.  place: where the last run ended, None for the
    first; while chunks() runs and after it, where this one is.
    lost: True when no file has what was read last; then all younger files are read.
    damaged: the compressed files that cannot be read, or not to their end; the others are read.
    """

    def __init__(self, path, place: Optional[Place]):
        self.path = path
        self.place = place
        self.lost = False
        self.damaged: List[str] = []

    def chunks(self):
        """Yield what is new; raises LogFailure."""
        for _ in range(TRIES):
            try:
                parts = self.parts()
                for number, part in enumerate(parts, 1):
                    yield from self.read(part, final=number < len(parts))
                return
            except Moved:
                continue
            except OSError as error:
                raise LogFailure('cannot read the log {}: {}'.format(
                    error.filename or self.path, reason_of(error)))
        raise LogFailure('cannot read the log {}: its files are renamed all the time'.format(self.path))

    def read(self, part, final):
        """Yield the chunks of one file."""
        try:
            for chunk in read_part(part, final):
                self.place = chunk.place
                yield chunk
        except Moved:
            raise
        except Exception as error:          # each way of compressing has its own
            if not part.path.endswith(COMPRESSED):
                raise
            self.damaged.append('{}: {}'.format(part.path, one_line(error)))

    def parts(self) -> List[Part]:
        """The files to read, oldest first, the one with our place foremost."""
        current = self.current()
        if self.place is None:
            if current is None:
                os.stat(self.path)          # says why
                raise Moved()
            self.place = begin_of(current)
            return fresh([(self.path, current)])
        if self.place.offset and current and goes_on(self.path, current, self.place):
            return [Part(self.path, current, self.place)]
        files = siblings(os.path.realpath(self.path)) + ([(self.path, current)] if current else [])
        if not files:
            os.stat(self.path)
        return self.rotated(files, self.place)

    def current(self):
        """The stat_result of the log itself, None when there is none just now."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            raise LogFailure('cannot read the log {}: {}'.format(
                self.path, 'it is a folder' if stat.S_ISDIR(status.st_mode) else 'it is no file'))
        return status

    def rotated(self, files, place):
        """The files to read, of all that there are, after the log was rotated."""
        for find in (begin_where_it_holds, begin_where_edited) if place.offset else ():
            for number, (path, status) in reversed(list(enumerate(files))):
                begin = find(path, status, place)
                if begin is not None:
                    return [Part(path, status, begin)] + fresh(files[number + 1:])
        if place.offset:
            self.lost = True
            self.place = begin_of(files[-1][1])
        return fresh([one for one in files if last_change(one[1]) > place.changed or one[0] == self.path])


def fresh(files):
    """Parts of those files that have anything in them, from their begin."""
    return [Part(path, status, begin_of(status)) for path, status in files if status.st_size]


def last_change(status):
    """st_mtime_ns, at the latest: bzip2(1) and old logrotates copy whole seconds only."""
    return status.st_mtime_ns + (0 if status.st_mtime_ns % SECOND_NS else SECOND_NS - 1)


def siblings(path):
    """(path, stat_result) of the files that the log was rotated into, oldest first."""
    folder, log = os.path.split(path)
    found = {}
    for name in os.listdir(folder or '.'):
        suffix = suffix_of(name, log)
        if suffix is None:
            continue
        full = os.path.join(folder, name)
        try:
            status = os.stat(full)
        except FileNotFoundError:
            raise Moved()
        # While gzip(1) works there are both, and the compressed one isn't whole.
        if os.path.isfile(full) and (suffix not in found or not name.endswith(COMPRESSED)):
            found[suffix] = (suffix, status.st_mtime_ns, (full, status))
    return [one[2] for one in by_age(list(found.values()))]


# -- is this the file? --

def goes_on(path, status, place):
    """Whether the log is the file that was read last, with all that was read still in it."""
    if (status.st_dev, status.st_ino) != (place.device, place.inode) or status.st_size < place.offset:
        return False
    with opened(path, status) as file:
        return same_ends(file, place)


def same_ends(file, place):
    """Whether an open file has the bytes at its begin and before the place that were read there."""
    if file.read(len(place.head)) != place.head:
        return False
    file.seek(place.offset - len(place.tail))
    return file.read(len(place.tail)) == place.tail


def begin_where_it_holds(path, status, place):
    """The place in a file, perhaps renamed, copied or compressed, that has what was read; None if it hasn't."""
    with opened(path, status) as file:
        try:
            if same_ends(file, place):
                return place._replace(device=status.st_dev, inode=status.st_ino)
        except Exception:                   # damaged, and so not what was read
            if not path.endswith(COMPRESSED):
                raise
        return None


def begin_where_edited(path, status, place):
    """Where to go on in a file that begins alike but isn't the same further on; None if it doesn't.

    A copy that ends earlier, since copytruncate lost lines that we had read: at its end.  A file that
    somebody edited: behind the last lines that were read, wherever they are now.
    """
    if len(place.head) < KEPT or path.endswith(COMPRESSED):
        return None
    with opened(path, status) as file:
        found, before = begin_of(status), b''
        while True:
            block = file.read(BLOCK)
            window = before + block
            if not found.offset and not window.startswith(place.head):
                return None
            at = window.find(place.tail)
            if at >= 0:
                return found.after(block[:max(0, at + len(place.tail) - len(before))])
            if not block:
                return found if found.offset < place.offset else None
            found, before = found.after(block), window[-KEPT:]


# -- reading --

def opened(path, status):
    """A file for reading its text as bytes; raises Moved when it is another one by now."""
    try:
        raw = io.FileIO(path)
    except FileNotFoundError:
        raise Moved()
    found = os.fstat(raw.fileno())
    if (found.st_dev, found.st_ino) != (status.st_dev, status.st_ino):
        raw.close()
        raise Moved()
    if not path.endswith(COMPRESSED):
        return raw
    return decompressed(path, raw)


def decompressed(path, raw):
    """The text of an open compressed file; each module is loaded only where it is needed."""
    if path.endswith('.gz'):
        import gzip
        return gzip.GzipFile(fileobj=raw)
    if path.endswith('.xz'):
        import lzma
        return lzma.LZMAFile(raw)
    import bz2
    return bz2.BZ2File(raw)


def read_part(part, final):
    """Yield the Chunks of one file from its place on.

    final: nobody writes it any more, so that a last line without its end is a line.
    Raises Moved when what was read is no longer in the file: it was truncated meanwhile.
    """
    plain = not part.path.endswith(COMPRESSED)
    with opened(part.path, part.status) as file:
        file.seek(part.place.offset)
        for offset, data, place in whole_lines(file, part.place, final):
            if plain:
                if os.pread(file.fileno(), len(place.head), 0) != place.head:
                    raise Moved()
                place = place._replace(changed=os.fstat(file.fileno()).st_mtime_ns)
            yield Chunk(part.path, offset, data, place, not part.place.offset and not offset)


def whole_lines(file, place, final):
    """Yield (offset, lines, place behind them) from an open file."""
    rest, told = b'', place
    while True:
        block = file.read(BLOCK)
        if not block:
            break
        if place.inside:
            end = block.find(b'\n') + 1
            place = place.after(block[:end] if end else block, inside=not end)
            if not end:
                continue
            block = block[end:]
        rest += block
        end = rest.rfind(b'\n') + 1
        if end:
            lines, rest, before = rest[:end], rest[end:], place.offset
            told = place = place.after(lines)
            yield before, lines, place
        if len(rest) > LONGEST:
            place, rest = place.after(rest, inside=True), b''
    if rest and final:
        before, place = place.offset, place.after(rest)
        yield before, rest, place
    elif place != told:
        yield place.offset, b'', place
