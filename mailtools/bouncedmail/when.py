"""Times as people write them and as the database has them: 2026-11-22T21:19:37Z, UTC.

Pure: `now` is given, in seconds since the epoch.
"""
import datetime
import re
import time

from mailtools.base.settings import seconds

FORM = '%Y-%m-%dT%H:%M:%SZ'
DAY_S = 86400
FORMS = ('%Y-%m-%d', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M', '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S')
TOO_OLD = 50 * 365 * DAY_S      # an age beyond this is a mistake


def stamp(now):
    """The time in the form of the database."""
    return time.strftime(FORM, time.gmtime(now))


def time_of(text, now):
    """The time that a person means: today, yesterday, 2026-11-22, 2026-11-22T21:19[:37][Z], or 7d ago.

    ValueError for anything else.
    """
    words = {'today': 0, 'yesterday': 1}
    if text in words:
        return stamp(now - words[text] * DAY_S)[:10] + 'T00:00:00Z'
    if re.match(r'[0-9.]+ ?[smhd]\Z', text):
        ago_s = seconds(text)
        if ago_s > TOO_OLD:
            raise ValueError('too long ago')
        return stamp(now - ago_s)
    for form in FORMS:
        try:
            return datetime.datetime.strptime(text.rstrip('Z'), form).strftime(FORM).rjust(20, '0')
        except ValueError:
            continue
    raise ValueError('neither a date like 2026-11-22 or 2026-11-22T21:19 (UTC) nor an age like 7d')


def day_of(text, now):
    """(since, until) of the day that a person means; ValueError."""
    first = datetime.datetime.strptime(time_of(text, now), FORM).replace(hour=0, minute=0, second=0)
    try:
        return first.strftime(FORM).rjust(20, '0'), (first + datetime.timedelta(1)).strftime(FORM)
    except OverflowError:
        raise ValueError('the calendar ends there')
