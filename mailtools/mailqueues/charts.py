"""The lines of the charts: numbers in, SVG paths and the places of labels out.

A path is its data: x is the number of a step of time and y the number of mails, both whole, so that nothing is
rounded, little is written, and the script of the page reads the figures back from it.  The picture is stretched
to its place by the browser (preserveAspectRatio="none"); labels are HTML beside it.
"""
import time
from typing import List, NamedTuple, Tuple

MINUTE, HOUR, DAY = 60, 3600, 86400


class Span(NamedTuple):
    """A span of time that the charts can show."""

    key: str
    title: str
    says: str           # for a sentence
    step_s: int         # at least what the rows of the history stand for at that age
    steps: int
    means: bool         # a step is so long that its mean is not its peak

    def window(self, now):
        """(first, behind the last) second: whole steps, so that the charts stand still from run to run."""
        end = (int(now) // self.step_s + 1) * self.step_s
        return end - self.step_s * self.steps, end


SPANS = (
    Span('day', '24 h', 'the last 24 hours', 5 * MINUTE, 288, False),
    Span('week', '7 days', 'the last 7 days', 30 * MINUTE, 336, False),
    Span('month', '30 days', 'the last 30 days', 3 * HOUR, 240, True),
    Span('year', '13 months', 'the last 13 months', 2 * DAY, 198, True),
)


def line(values):
    """The path of a line: `M3 0V12l1 4h2V0`; None is a gap.

    Each piece rises from the base line and returns to it, so that it can be filled.
    """
    parts: List[str] = []
    last, flat = None, 0            # flat: steps for which the line has been level, not yet written
    for x, value in enumerate(list(values) + [None]):
        if value is not None and value == last:
            flat += 1
            continue
        if flat:
            parts.append('h{}'.format(flat))
            flat = 0
        if value is None and last is not None:
            parts.append('V0')
        elif value is not None and last is None:
            parts.append('M{} 0V{}'.format(x, value))
        elif value is not None:
            parts.append('l1 {}'.format(value - last))
        last = value
    return ''.join(parts)


def gaps(seen, top):
    """The path of the bands where a host was not seen though it was asked.

    seen: for each step how often it was, None where nobody asked.
    """
    parts, start = [], None
    for x, times in enumerate(list(seen) + [None]):
        gone = times == 0
        if gone and start is None:
            start = x
        elif not gone and start is not None:
            parts.append('M{} 0h{}v{}h-{}z'.format(start, x - start, top, x - start))
            start = None
    return ''.join(parts)


def top_of(values):
    """The end of an axis: 1, 2 or 5 times a power of ten, twice a whole number, not below the greatest value."""
    most = max([value for value in values if value is not None], default=0)
    power = 1
    while power * 10 <= most:
        power *= 10
    return max(4, next(power * factor for factor in (1, 2, 4, 6, 10) if power * factor >= most))


def short(number):
    """A number of an axis: 950, 1.5k, 20k, 3M."""
    for size, unit in ((1000000, 'M'), (1000, 'k')):
        if number >= size:
            return '{:.1f}'.format(number / size).rstrip('0').rstrip('.') + unit
    return str(number)


def ticks(span, now) -> Tuple[Tuple[float, str], ...]:
    """(share of the width, label) of the labels of the time axis, in local time."""
    since, end = span.window(now)
    return tuple(((at - since) / (end - since), label) for at, label in TICKS[span.key](since, end))


def hours(since, end):
    """Every six hours, midnight by its day."""
    for at in beginnings(since, end, 'hour'):
        clock = time.localtime(at)
        if clock.tm_hour % 6 == 0:
            yield at, '{:02d}:00'.format(clock.tm_hour) if clock.tm_hour else day_of(clock)


def days(since, end):
    """Every midnight."""
    for at in beginnings(since, end, 'day'):
        yield at, day_of(time.localtime(at))


def weeks(since, end):
    """Every Monday."""
    for at in beginnings(since, end, 'day'):
        clock = time.localtime(at)
        if clock.tm_wday == 0:
            yield at, '{} {}'.format(clock.tm_mday, MONTHS[clock.tm_mon - 1])


def quarters(since, end):
    """The first of every third month, January by its year."""
    for at in beginnings(since, end, 'day'):
        clock = time.localtime(at)
        if clock.tm_mday == 1 and clock.tm_mon % 3 == 1:
            yield at, MONTHS[clock.tm_mon - 1] if clock.tm_mon > 1 else str(clock.tm_year)


TICKS = {'day': hours, 'week': days, 'month': weeks, 'year': quarters}
DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')   # untranslated


def day_of(clock):
    """`Mon 23`"""
    return '{} {}'.format(DAYS[clock.tm_wday], clock.tm_mday)


def beginnings(since, end, unit):
    """The beginnings of hours or days, by the local clock: a day may have 23 hours, or 25."""
    year, month, day, hour = time.localtime(since)[:4]
    count = 0
    while True:
        given = (year, month, day, hour + count) if unit == 'hour' else (year, month, day + count, 0)
        at = time.mktime(given + (0, 0, 0, 0, -1))
        if at >= end:
            return
        if at >= since:
            yield at
        count += 1
