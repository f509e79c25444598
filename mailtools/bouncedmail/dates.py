"""When, as mails write it (RFC 5322 3.3), in UTC as databases sort it; pure."""
import datetime
import re
from typing import Optional

MONTHS = {name: number for number, name in enumerate(
    ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'), 1)}
ZONES = {'ut': 0, 'utc': 0, 'gmt': 0, 'z': 0, 'est': -300, 'edt': -240, 'cst': -360, 'cdt': -300, 'mst': -420,
         'mdt': -360, 'pst': -480, 'pdt': -420, 'jst': 540, 'cet': 60, 'cest': 120, 'bst': 60, 'msk': 180}
DAY_FIRST = re.compile(r'(\d{1,2})[ -]{1,3}([A-Za-z]{3})[a-z]{0,6}[ -]{1,3}(\d{4}|\d\d)[, ]{1,3}'
                       r'(\d{1,2}):(\d\d)(?::(\d\d))?[ ]{0,3}(AM|PM)?[ ]{0,3}([+-]\d{4}|[A-Za-z]{1,5})?')
MONTH_FIRST = re.compile(
    r'([A-Za-z]{3})[a-z]{0,6}[ ]{1,3}(\d{1,2}),?[ ]{1,3}(?:(\d{4})[, ]{1,3})?'
    r'(\d{1,2}):(\d\d)(?::(\d\d))?[ ]{0,3}(AM|PM)?[ ]{0,3}([+-]\d{4}|[A-Za-z]{1,5})?[ ]{0,3}(\d{4})?')
ISO = re.compile(r'(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d{1,9})?[ ]?(Z|[+-]\d\d:?\d\d)?')


def utc(value: Optional[str]) -> Optional[str]:
    """`Thu, 29 Apr 2010 23:34:45 +0900` -> `2010-04-29T14:34:45Z`; None where there is no date that can be."""
    if not value:
        return None
    value = value[:200]
    found = DAY_FIRST.search(value)
    if found:
        day, month, year, hour, minute, second, half, zone = found.groups()
        return _utc(year, MONTHS.get(month.lower()), day, hour, minute, second, half, zone)
    found = ISO.search(value)
    if found:
        year, number, day, hour, minute, second, zone = found.groups()
        return _utc(year, int(number), day, hour, minute, second, None, (zone or '').replace(':', ''))
    found = MONTH_FIRST.search(value)
    if found:
        month, day, year, hour, minute, second, half, zone, late = found.groups()
        if year or late:
            return _utc(year or late, MONTHS.get(month.lower()), day, hour, minute, second, half, zone)
    return None


def _utc(year: str, month: Optional[int], day: str, hour: str, minute: str, second: Optional[str],
         half: Optional[str], zone: Optional[str]) -> Optional[str]:
    if not month:
        return None
    years = int(year) + (2000 if int(year) < 70 else 1900 if int(year) < 100 else 0)
    hours = int(hour) % 12 + (12 if half == 'PM' else 0) if half else int(hour)
    try:
        moment = datetime.datetime(years, month, int(day), hours, int(minute), min(int(second or 0), 59))
        moment -= datetime.timedelta(minutes=_offset_m(zone))
    except (ValueError, OverflowError):
        return None
    return moment.isoformat() + 'Z' if 1970 <= moment.year <= 2200 else None


def _offset_m(zone: Optional[str]) -> int:
    """Minutes east of Greenwich."""
    if not zone:
        return 0
    if zone[0] in '+-' and len(zone) == 5:
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        return (-minutes if zone[0] == '-' else minutes) if minutes <= 15 * 60 else 0
    return ZONES.get(zone.lower(), 0)
