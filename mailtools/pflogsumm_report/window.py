"""Which hours of a log belong to the day, and in which year a stamp without one was written: values in, values out.

A traditional stamp names no year, so a log that is older than a year, or goes on for more than one, has the day
twice.  The years of a log follow from its order and from its end: nothing in it is younger than `latest`.  The first
line gets the newest year that this allows; when the log then goes on past `latest`, that was wrong (WrongYear), and
the log is read again from a year earlier.
"""
import datetime
from typing import Dict, NamedTuple

BEFORE, DAY, OTHER = 'before', 'day', 'other'

# Hours. Clocks are set back by one in autumn, and by a little more when they were wrong; a year is longer.
BACK_H = 3
STRAY_H = 48                # of a host that was not seen yet: its zone may be another
STRAYS = 2                  # single lines, one after the other, that are out of order by more than that
YEAR_H = 366 * 24
AHEAD = datetime.timedelta(days=2)          # a clock that is wrong: of the log, or of its file system
HALF_YEAR = datetime.timedelta(days=183)
MOST_YEARS = 12             # that a log goes on for


class WrongYear(Exception):
    """The log cannot have been written in the years that were thought; it may be as `guess` says."""

    def __init__(self, guess):
        super().__init__(guess)
        self.guess = guess


class Guess(NamedTuple):
    """What is thought of a log until it shows otherwise."""

    back: int = 0           # years by which the first line is older than it could be
    strays: bool = True     # single lines that are far out of order are only that, and no new year


class Window(NamedTuple):
    """What is read of the logs."""

    day: datetime.date
    carry_h: int            # hours before it that are looked at for mail in the queue

    def place(self, date, hour):
        """BEFORE, DAY or OTHER for an hour of a date."""
        if date == self.day:
            return DAY
        ahead_h = (self.day - date).days * 24 - hour
        return BEFORE if 0 < ahead_h <= self.carry_h else OTHER

    def begin(self):
        """The first date of which anything is read."""
        return self.day - datetime.timedelta(days=-(-self.carry_h // 24))


def latest_of(changed, day, named):
    """The last date that a log can tell of.

    changed: the date of its last change, as the file system says.
    named: the administrator says that this log has the day: then a change before that day (a file that was
        copied from a host with another clock) decides only which year is nearest.
    """
    return changed + (HALF_YEAR if named and changed + AHEAD < day else AHEAD)


class Years:
    """The dates of the stretches of one log, in the order of the log.

    latest: the last date that it can tell of.
    """

    def __init__(self, latest, guess=None):
        self.latest = latest
        self.guess = guess or Guess()
        self._year = 0                      # not known yet
        self._place = 0                     # hours since the begin of the year
        self._strays = 0
        self._hosts: Dict[bytes, int] = {}  # the same of each host, in this year

    def date_of(self, hour, alone=False):
        """The date of an Hour; raises WrongYear.

        alone: it is of one line only.
        """
        if hour.year is not None:
            return datetime.date(hour.year, hour.month, hour.day)
        place = place_of(hour)
        year = self._year_of(place, hour.host, alone) if self._year else self._first_year(hour)
        try:
            date = datetime.date(year, hour.month, hour.day)
        except ValueError:                  # 29 February
            date = None
        if date is None or date > self.latest:
            raise WrongYear(self.guess._replace(back=self.guess.back + 1))
        return date

    def _first_year(self, hour):
        self._year = first_year(hour, self.latest) - self.guess.back
        self._place = self._hosts[hour.host] = place_of(hour)
        return self._year

    def _year_of(self, place, host, alone):
        if place - self._place > YEAR_H - STRAY_H:
            return self._year - 1           # the last lines of the year among the first ones
        back_h = self._place - place
        if back_h > BACK_H and self._begins_a_year(place, host, back_h):
            if self.guess.strays and alone and back_h <= STRAY_H and self._strays < STRAYS:
                self._strays += 1
                return self._year
            if self._strays:                # then these were of the new year
                raise WrongYear(self.guess._replace(strays=False))
            self._year += 1
            self._hosts.clear()
        self._strays = 0
        self._place = self._hosts[host] = place
        return self._year

    def _begins_a_year(self, place, host, back_h):
        """Whether a host has not written so late before."""
        last = self._hosts.get(host)
        return last - place > BACK_H if last is not None else back_h > STRAY_H


def place_of(hour):
    """Hours from the begin of a leap year to an Hour."""
    return (datetime.date(2000, hour.month, hour.day).timetuple().tm_yday - 1) * 24 + hour.hour


def first_year(hour, latest):
    """The newest year in which an Hour is not after the date `latest`."""
    return latest.year if (hour.month, hour.day) <= (latest.month, latest.day) else latest.year - 1
