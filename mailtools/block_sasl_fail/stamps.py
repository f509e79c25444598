"""When a line of a log was written: every style of time stamp, as seconds since the epoch.

    Mar  5 04:03:02                         syslog, RFC 3164; also Postfix's own maillog_file; local time
    Mar 05 04:03:02.123456                  journalctl -o short, short-precise; local time
    Mar 5 04:03:02                          syslog behind a shipper that trims blanks
    2026-03-05T04:03:02.123456+01:00        RFC 3339: rsyslog, journalctl -o short-iso (without the colon)
    1772679782.123456                       journalctl -o short-unix
    Thu 2026-03-05 04:03:02 CET             journalctl -o short-full; local time

The first two have no year: it is the one that puts the line nearest before the
reference, which is the time of the last change of the log, or now.
"""
import time
from typing import Dict, Optional

from mailtools.block_sasl_fail.lazy import Lazy

YEARLESS = Lazy(rb'([A-Z][a-z][a-z]) ([ 0-3]?\d) (\d\d):(\d\d):(\d\d)(\.\d+)?\Z')
DATED = Lazy(rb'(?:[A-Z][a-z][a-z] )?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))? ?'
             rb'([A-Z+-][A-Z\d:]*)?\Z')
OFFSET = Lazy(r'([+-])(\d\d)(?::?(\d\d))?\Z')
MONTHS = {name: number for number, name in enumerate(
    (b'Jan', b'Feb', b'Mar', b'Apr', b'May', b'Jun', b'Jul', b'Aug', b'Sep', b'Oct', b'Nov', b'Dec'), 1)}
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

DAY = 86400
LATEST = 253402300800   # the year 10000, which ISO 8601 cannot write
AHEAD = 2 * DAY         # a log may be so much younger than the reference: a clock that is wrong
CACHED = 5000


def days_before(year, month, day):
    """Days from 1970-01-01 to a day of the Gregorian calendar (from 1 March, so that leap days come last)."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def exists(year, month, day, hour, minute, second):
    """Whether there is such a day and time; 60 is a leap second."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (1 <= month <= 12 and 1 <= day <= MONTH_DAYS[month - 1] and (leap or (month, day) != (2, 29))
            and hour < 24 and minute < 60 and second <= 60)


def utc(year, month, day, hour, minute, second):
    """Seconds since the epoch of a time in UTC."""
    return days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second


def local(fields, dst):
    """Seconds since the epoch of a local time; dst: 1 summer time, 0 not, -1 whatever it was."""
    return time.mktime(tuple(fields) + (0, 0, dst))


def plain_hour(fields, found):
    """Whether the hour of a local time begins and ends without a change of the clocks near it."""
    begin = found - 60 * fields[4] - fields[5]
    return all(time.localtime(begin + hours * 3600).tm_gmtoff == time.localtime(begin).tm_gmtoff
               for hours in (-2, -1, 1, 2))


class Clock:
    """Reads the stamps of one log, line after line, in the order of the log.

    reference: seconds since the epoch; no line is taken to be much later.
    """

    def __init__(self, reference):
        self.reference = reference
        self._before = float('-inf')        # the local time that was read last
        self._twice = False                 # whether that time comes twice, in autumn
        self._cache: Dict[bytes, float] = {}
        self._hours: Dict[tuple, float] = {}    # the begin of the hour that was read last: mktime(3) takes long

    def __call__(self, stamp: bytes) -> Optional[float]:
        """Seconds since the epoch; None for what is no time, such as `Feb 30`."""
        found = self._cache.get(stamp)
        if found is None:
            self._twice = False
            found = self._read(stamp)
            if found is None or not 0 <= found < LATEST:
                return None
            if self._twice:     # the same text will mean another time
                return found
            if len(self._cache) >= CACHED:
                self._cache.clear()
            self._cache[stamp] = found
        return found

    def _read(self, stamp):
        match = YEARLESS.match(stamp)
        if match:
            return self._yearless(*match.groups())
        match = DATED.match(stamp)
        if match:
            return self._dated(*match.groups())
        return float(stamp)

    def _yearless(self, name, *texts):
        month = MONTHS.get(name)
        day, hour, minute, second = (int(text) for text in texts[:4])
        fraction = float(texts[4] or 0)
        if month is None:
            return None
        last = time.localtime(self.reference + AHEAD).tm_year
        for year in range(last, last - 9, -1):      # 1900 and 2100 are no leap years: up to eight back
            if exists(year, month, day, hour, minute, second):
                found = self._local((year, month, day, hour, minute, second))
                if found <= self.reference + AHEAD:
                    return found + fraction
        return None

    def _local(self, fields):
        """A local time; of the hour that autumn has twice, the first one that does not go back."""
        begin = self._hours.get(fields[:4])
        if begin is not None:
            self._before = begin + 60 * fields[4] + fields[5]
            return self._before
        summer, winter = local(fields, 1), local(fields, 0)
        found = local(fields, -1)
        if summer < winter and time.localtime(summer)[:6] == time.localtime(winter)[:6] == tuple(fields):
            found = summer if summer >= self._before - 60 else winter
            self._twice = True
        elif plain_hour(fields, found):
            self._hours = {fields[:4]: found - 60 * fields[4] - fields[5]}
        self._before = found
        return found

    def _dated(self, *texts):
        fields = tuple(int(text) for text in texts[:6])
        fraction = float('0.' + texts[6].decode()) if texts[6] else 0.0
        zone = (texts[7] or b'').decode()
        if not exists(*fields):
            return None
        offset = OFFSET.match(zone)
        if offset:
            sign, hours, minutes = offset.groups()
            ahead = int(hours) * 3600 + int(minutes or 0) * 60
            return utc(*fields) - (ahead if sign == '+' else -ahead) + fraction
        if zone in ('Z', 'UTC', 'GMT'):
            return utc(*fields) + fraction
        if zone in time.tzname and time.tzname[0] != time.tzname[1]:
            return local(fields, time.tzname.index(zone)) + fraction
        return self._local(fields) + fraction
