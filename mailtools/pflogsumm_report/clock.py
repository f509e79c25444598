"""What the clock of this host did on a day: summer time begins and ends, and tables per hour go by the local hour."""
import datetime
import time

from mailtools.pflogsumm_report import compare

HALF_HOUR_S = 1800      # some zones change by half an hour
CHANGES = {0: 'was left out', 1: 'was shorter', 3: 'was longer', 4: 'was there twice'}      # by half hours


def change_of(date):
    """What the clock of this host did on YYYY-MM-DD: `the hour from 2:00 was there twice`; '' on most days."""
    day = compare.day_of(date)
    halves = [0] * 24
    at, end = (time.mktime((day + datetime.timedelta(more)).timetuple()) for more in (0, 1))
    while at < end:
        halves[time.localtime(at).tm_hour] += 1
        at += HALF_HOUR_S
    return ', '.join('the hour from {}:00 {}'.format(hour, CHANGES[count])
                     for hour, count in enumerate(halves) if count in CHANGES)
