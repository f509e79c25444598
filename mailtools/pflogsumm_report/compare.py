"""Is this day like other days of its weekday?  Values in, values out.

A mail server's Monday resembles its Mondays, not its Sundays.  So a day is compared with the same weekday of the
weeks before: with the last one, and with the median of up to WEEKS of them, which one newsletter or one holiday
does not move.

What is unusual is told by one rule, which the mail states with its figures: the usual range is the median, more or
less the greatest of

    4.5 x the median deviation from it  (three standard deviations, were the days normally distributed),
    a quarter of the median             (days that are nearly alike would else leave no room at all),
    3 x the root of the median          (chance, where figures are small),
    10.

Below FEWEST days nothing is called unusual.
"""
import datetime
import math
from typing import Any, Dict, NamedTuple, Optional, Tuple

WEEKS = 8
FEWEST = 3
WEEKDAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')    # untranslated
MONTHS = ('January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
          'November', 'December')

# What is watched, and whether less than usual is a sign of trouble too.
WATCHED = (('delivered', True), ('received', True), ('deferred', False), ('bounced', False), ('rejected', False),
           ('held', False), ('discarded', False))
RULE = ('Red: outside the usual range, that is the median \u00b1 4.5 \u00d7 the median deviation, at least \u00b1 a '
        'quarter.')
DEVIATIONS, SHARE, CHANCE, FLOOR = 4.5, 0.25, 3, 10


class Past(NamedTuple):
    """The same weekday in the weeks before."""

    days: Tuple[Tuple[str, Dict[str, Any]], ...] = ()   # (date, {key: number}), the newest first
    error: Optional[str] = None                         # why there is none


NOTHING = Past()


class Usual(NamedTuple):
    """What a figure was on those days."""

    median: float
    least: int
    most: int
    days: int


class Unusual(NamedTuple):
    """A figure outside its usual range."""

    key: str
    value: int
    usual: Usual

    @property
    def high(self):
        """True for too much, False for too little."""
        return self.value > self.usual.most


def day_of(date):
    """datetime.date of YYYY-MM-DD; raises ValueError."""
    year, month, day = date.split('-')
    if len(date) != 10:
        raise ValueError('not a date like 2026-11-22')
    return datetime.date(int(year), int(month), int(day))


def weekday(date):
    """The name of the weekday of YYYY-MM-DD."""
    return WEEKDAYS[day_of(date).weekday()]


def long_date(date):
    """`Sunday 22 November 2026`"""
    day = day_of(date)
    return '{} {} {} {}'.format(WEEKDAYS[day.weekday()], day.day, MONTHS[day.month - 1], day.year)


def short_date(date):
    """`Sun 22 Nov`"""
    day = day_of(date)
    return '{} {} {}'.format(WEEKDAYS[day.weekday()][:3], day.day, MONTHS[day.month - 1][:3])


def same_weekdays(date, weeks=WEEKS):
    """The dates of that weekday in the weeks before, the newest first."""
    day = day_of(date)
    return [(day - datetime.timedelta(7 * back)).isoformat() for back in range(1, weeks + 1)
            if day.toordinal() > 7 * back]


def median(values):
    """The median of numbers, at least one."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def usual(values):
    """The Usual of the numbers of some days, None when there are none."""
    if not values:
        return None
    middle = median(values)
    room = max(DEVIATIONS * median([abs(value - middle) for value in values]),
               SHARE * middle, CHANCE * middle ** 0.5, FLOOR)
    return Usual(middle, rounded(max(0, middle - room), math.floor), rounded(middle + room, math.ceil), len(values))


def rounded(value, towards):
    """A number with three digits, as it is said: it is also what is judged by."""
    unit = 10 ** max(0, len(str(int(value))) - 3)
    return towards(value / unit) * unit


def usual_of(key, past):
    """The Usual of one figure; days that lack it don't count."""
    return usual([totals[key] for _, totals in past.days if totals.get(key) is not None])


def unusual(figures, past):
    """What is unusual of {key: number}, in the order of WATCHED."""
    found = []
    for key, both_ways in WATCHED:
        normal = usual_of(key, past)
        value = figures.get(key)
        if normal is None or value is None or normal.days < FEWEST:
            continue
        if value > normal.most or (both_ways and value < normal.least):
            found.append(Unusual(key, value, normal))
    return found


def judged(figures, past):
    """True when there were days enough to say what is usual."""
    return any(key in figures and normal is not None and normal.days >= FEWEST
               for key, normal in ((key, usual_of(key, past)) for key, _ in WATCHED))


def last_week(key, date, past):
    """The figure of a week before, None when it is not known."""
    return dict(past.days).get(same_weekdays(date, 1)[0], {}).get(key)


def change(value, before):
    """`+12 %`, `-3 %`, `x 12`; `new` after zero, '' where there is nothing to compare with."""
    if before is None or value is None:
        return ''
    if not before:
        return 'new' if value else ''
    percent = 100.0 * (value - before) / before
    if abs(percent) >= 1000:
        return '\u00d7 {:,.0f}'.format(value / before)
    return '{:+.0f} %'.format(percent) if abs(percent) >= 0.5 else '\u00b10 %'
