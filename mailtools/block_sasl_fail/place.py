"""Where a log was left, and in which order its rotated files were written: values, nothing is opened.

A file is known again by what was read of it: the first bytes and the last ones before the
place, which are the same after a rename, in a copy, and in a compressed file.
"""
import re
from typing import NamedTuple

KEPT = 256              # bytes at either end: with stamps, process ids and queue ids in them, nobody writes them twice
COMPRESSED = ('.gz', '.xz', '.bz2')


class Place(NamedTuple):
    """How far a log was read; the state keeps it beside what was counted."""

    device: int
    inode: int
    offset: int             # bytes that were read, of the text and not of its compressed form
    inside: bool            # within a line that is too long to be read
    head: bytes             # the first KEPT bytes of the file, as far as they were read
    tail: bytes             # the last KEPT bytes before offset
    changed: int            # st_mtime_ns of the file when it was read

    def after(self, data, inside=False):
        """The place behind more bytes of the same file."""
        return self._replace(offset=self.offset + len(data), inside=inside,
                             head=(self.head + data[:KEPT])[:KEPT],
                             tail=(self.tail + data[-KEPT:])[-KEPT:])


    def packed(self):
        """The place as bytes, for the state."""
        return '{} {} {} {:d} {} {}\n'.format(
            self.device, self.inode, self.offset, self.inside, self.changed, len(self.head)
        ).encode() + self.head + self.tail


def unpacked(data):
    """The Place of what packed() gave, None for None; ValueError for anything else."""
    if data is None:
        return None
    numbers, _, ends = data.partition(b'\n')
    device, inode, offset, inside, changed, length = map(int, numbers.split())
    return Place(device, inode, offset, bool(inside), ends[:length], ends[length:], changed)


def begin_of(status):
    """The Place at the begin of a file, of its os.stat_result."""
    return Place(status.st_dev, status.st_ino, 0, False, b'', b'', status.st_mtime_ns)


def suffix_of(name, log):
    """What logrotate(8) put behind the name of the log, without .gz; None for a file that is none of it.

    maillog.1, maillog-20260305.gz, maillog.2026-03-05-14.xz, maillog-1772679782
    """
    if not name.startswith(log):
        return None
    suffix = name[len(log):]
    for ending in COMPRESSED:
        if suffix.endswith(ending):
            suffix = suffix[:-len(ending)]
    return suffix if re.match(r'[.-]\d+([-_.T]?\d+)*\Z', suffix) else None


def age_of(suffix):
    """A key by which the suffixes of one style sort from the oldest to the youngest."""
    numbers = tuple(int(one) for one in re.findall(r'\d+', suffix))
    if style_of(suffix) == 'count':
        return (-numbers[0],)       # .1 is younger than .2
    return numbers


def style_of(suffix):
    """`count` for .1, `date` for what has a day or seconds since the epoch in it."""
    return 'count' if re.match(r'[.-]\d{1,4}\Z', suffix) else 'date'


def by_age(rotated):
    """Rotated files, oldest first.

    rotated: (suffix, st_mtime_ns, anything) triples.  Where one log has suffixes of
    both styles, since somebody turned dateext on, only the time of the last change tells.
    """
    if len({style_of(one[0]) for one in rotated}) == 1:
        return sorted(rotated, key=lambda one: age_of(one[0]))
    return sorted(rotated, key=lambda one: one[1])
