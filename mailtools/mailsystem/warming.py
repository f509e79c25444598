"""How a new sender comes to its share of the mail: day by day, so that receivers learn to know its address.  Pure.

A round robin gives each of its n addresses the same share as long as it is in it.  So the new one is in it for a
part of the time, spread over the day: receivers look at the pace as much as at the number.
"""
import datetime
from typing import List, NamedTuple

HOURS, MINUTES = 24, 60
MOST_DAYS = 400


class Day(NamedTuple):
    """One day of a new sender."""

    day: int            # 1 is the first
    date: str           # YYYY-MM-DD
    volume: int         # mails that it sends
    share: float        # of the mail of all senders, in percent
    hours: int          # in so many hours of the day its address is in the round robin
    minutes: int        # for so many minutes of each of them


def days(since, senders, daily_volume, first, growth):
    """The Days from `since` (a date) to the first one at full volume.

    senders: how many there are, the new one among them.  daily_volume: mails of each when it is warm.
    """
    found: List[Day] = []
    volume = float(first)
    while len(found) < MOST_DAYS:
        sent = min(daily_volume, int(volume))
        date = (since + datetime.timedelta(days=len(found))).isoformat()
        share = round(100.0 * sent / (daily_volume * senders), 3)
        found.append(Day(len(found) + 1, date, sent, share, *presence(sent / daily_volume)))
        if sent >= daily_volume:
            break
        volume *= growth
    return found


def presence(part):
    """(hours, minutes) of a day for a part of it, 0 to 1: a minute of some hours, or some minutes of each hour."""
    minutes = part * HOURS * MINUTES
    if minutes < HOURS:
        return max(1, round(minutes)), 1
    return HOURS, min(MINUTES, round(minutes / HOURS))


def records(plan, bulk_name, addresses, ttl_s=60):
    """The lines of the zone, a day each: when the address is in the round robin."""
    lines = ['; The TTL of {} must be {} s on these days: the record is there for a part of the time.'.format(
        bulk_name, ttl_s)]
    for day in plan:
        lines.append('; {} (day {}): {} mails, {:g} % of all; in {} hours of the day, {} minutes of each'.format(
            day.date, day.day, day.volume, day.share, day.hours, day.minutes))
        for address in addresses:
            lines.append('{}.  {}  IN  {}  {}'.format(bulk_name, ttl_s, 'AAAA' if ':' in address else 'A', address))
    return '\n'.join(lines) + '\n'
