"""A block of log text -> its stretches: lines one after the other that were written in the same hour.

A day has some dozens of stretches, so that days, years, zones and hours are decided that often, and not for each line.
The stamps that are read:

    Nov 22 04:03:02                         RFC 3164 (syslog, Postfix's maillog_file, journalctl -o short); local time
    2026-11-22T04:03:02.123456+01:00        RFC 3339 (rsyslog, journalctl -o short-iso, without the colon there)

Lines of a stretch have stamps of the same length and offset, so that what comes after is found by its place.
Lines without a stamp belong to nothing.
"""
import datetime
import re
import time
from typing import Any, Dict, NamedTuple, Optional

MONTHS = {name: number for number, name in enumerate(
    (b'Jan', b'Feb', b'Mar', b'Apr', b'May', b'Jun', b'Jul', b'Aug', b'Sep', b'Oct', b'Nov', b'Dec'), 1)}
YEARLESS = re.compile(rb'((%s) ([ 0-3]\d) ([0-2]\d):)\d\d:\d\d(?:\.\d+)?( )(\S+) ' % b'|'.join(MONTHS))
DATED = re.compile(rb'((\d{4})-(\d\d)-(\d\d)[T ]([0-2]\d):)(\d\d):\d\d(?:[.,]\d+)?((?:Z|[+-]\d\d:?\d\d)? )(\S+) ')
STAMPED = re.compile(rb'\n(?=(?:%s) [ 0-3]\d [0-2]\d:|\d{4}-\d\d-\d\d[T ][0-2]\d:)' % b'|'.join(MONTHS))
FEW = 32                # lines that are looked at one by one before a pattern is made
HOUR_S = 3600
CACHED = 100            # patterns
EPOCH = datetime.date(1970, 1, 1).toordinal()


class Hour(NamedTuple):
    """What the stamps of a stretch have in common."""

    year: Optional[int]         # None: the stamp has none
    month: int
    day: int
    hour: int
    host: bytes                 # of the first line
    width: int                  # bytes of the stamp, with the blank after it
    colonless: bool             # an offset like +0100, which pflogsumm does not know


class Stretch(NamedTuple):
    """Lines block[start:end]."""

    hour: Hour
    start: int
    end: int


_patterns: Dict[tuple, Any] = {}     # text of a stamp -> pattern of a line end with another hour after it


def stretches(block, start, end):
    """Yield the stretches of whole lines block[start:end]."""
    while start < end:
        found = YEARLESS.match(block, start, end) or DATED.match(block, start, end)
        hour = found and read(found)
        if hour is None:
            start = after(STAMPED.search(block, start, end), end)
            continue
        stop = end_of(block, start, end, found, hour)
        yield Stretch(hour, start, stop)
        start = stop


def read(found):
    """The Hour of a match of YEARLESS or DATED; None for a day or an hour that does not exist."""
    begin = found.start()
    host, width = found.group(found.lastindex), found.end(found.lastindex - 1) - begin
    try:
        if found.re is YEARLESS:
            _, name, day, hour = found.group(1, 2, 3, 4)
            month, day, hour = MONTHS[name], int(day), int(hour)
            datetime.datetime(2000, month, day, hour)           # a leap year
            return Hour(None, month, day, hour, host, width, False)
        year, month, day, hour = (int(text) for text in found.group(2, 3, 4, 5))
        offset = found.group(7).strip()
        moment = local(datetime.datetime(year, month, day, hour), int(found.group(6)), offset)
        return Hour(moment.year, moment.month, moment.day, moment.hour, host, width, len(offset) == 5)
    except (ValueError, OverflowError, OSError):
        return None


def local(moment, minute, offset):
    """The begin of the hour (datetime) in the time of this host; what it says itself where it has our offset."""
    if not offset:
        return moment
    ahead_s = offset_s(offset)
    epoch = (moment.toordinal() - EPOCH) * 86400 + moment.hour * HOUR_S + minute * 60 - ahead_s
    ours = time.localtime(epoch)
    return moment if ours.tm_gmtoff == ahead_s else datetime.datetime(*ours[:4])


def offset_s(offset):
    """Seconds east of Greenwich of Z, +01:00 or +0100."""
    if offset == b'Z':
        return 0
    seconds = int(offset[1:3]) * HOUR_S + int(offset[-2:]) * 60
    return -seconds if offset[:1] == b'-' else seconds


def end_of(block, start, end, found, hour):
    """Where the stretch that begins at `start` ends."""
    head, tail = found.group(1), found.group(found.lastindex - 1)
    if tail.strip() and not whole_hours(found):
        head = block[start:start + len(head) + 2]               # a stretch is a minute then
    first, last = len(head), hour.width - len(tail)
    place = start
    for _ in range(FEW):
        place = block.find(b'\n', place, end) + 1
        if not place or place == end:
            return end
        if not (block.startswith(head, place) and block.startswith(tail, place + last)):
            return place
    return after(other_than(head, last - first, tail).search(block, place - 1, end), end)


def whole_hours(found):
    """Whether the offset of a stamp differs from ours by whole hours, so that its hour lies in one of ours."""
    year, month, day, hour = (int(text) for text in found.group(2, 3, 4, 5))
    ahead_s = offset_s(found.group(7).strip())
    epoch = (datetime.date(year, month, day).toordinal() - EPOCH) * 86400 + hour * HOUR_S - ahead_s
    return (time.localtime(epoch).tm_gmtoff - ahead_s) % HOUR_S == 0


def other_than(head, between, tail):
    """A pattern that finds the end of a line whose next one has no such stamp."""
    key = head, between, tail
    if key not in _patterns:
        if len(_patterns) >= CACHED:
            _patterns.clear()
        _patterns[key] = re.compile(rb'\n(?!%s.{%d}%s)' % (re.escape(head), between, re.escape(tail)))
    return _patterns[key]


def after(found, end):
    """The place after a match, or `end` when there is none."""
    return found.end() if found else end
