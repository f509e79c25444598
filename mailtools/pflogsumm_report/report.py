"""What a report is made of, and how its figures are written: values in, text out."""
from typing import Any, Dict, NamedTuple, Optional, Tuple

from mailtools.base.failure import Failure
from mailtools.base.text import visible
from mailtools.pflogsumm_report import compare
from mailtools.pflogsumm_report.values import TOTALS

# The rows of the table of totals: key, name, whether it is shown when it was 0 all the time, whether more is worse.
ROWS = (
    ('received', 'received', True, False),
    ('delivered', 'delivered', True, False),
    ('forwarded', 'forwarded', False, False),
    ('deferred', 'deferred', True, True),
    ('deferrals', 'deferrals', True, True),
    ('bounced', 'bounced', True, True),
    ('rejected', 'rejected', True, True),
    ('reject_warnings', 'reject warnings', False, True),
    ('held', 'held', False, True),
    ('discarded', 'discarded', False, True),
    ('bytes_received', 'bytes received', True, False),
    ('bytes_delivered', 'bytes delivered', True, False),
    ('senders', 'senders', True, False),
    ('sending_domains', 'sending domains', True, False),
    ('recipients', 'recipients', True, False),
    ('recipient_domains', 'recipient domains', True, False),
)
ADDRESSES = ('senders', 'sending_domains', 'recipients', 'recipient_domains')   # distinct ones: no sum is exact
UNITS = ((1e12, 'TB'), (1e9, 'GB'), (1e6, 'MB'), (1e3, 'kB'))


class Report(NamedTuple):
    """One day, ready to be shown."""

    figures: Dict[str, Any]             # values.py
    past: compare.Past = compare.NOTHING
    text: Optional[str] = None          # pflogsumm's own report
    troubles: Tuple[str, ...] = ()      # what did not work while it was made
    made_at: float = 0.0                # seconds since the epoch
    clock: str = ''                     # what the clock did on that day, for the tables per hour

    @property
    def date(self):
        """YYYY-MM-DD"""
        return self.figures['date']

    @property
    def host(self):
        """The name of the host, or of all hosts."""
        return self.figures['host']

    @property
    def title(self):
        """`mail1`, or `5 hosts`."""
        parts = self.figures.get('parts') or ()
        return '{} hosts'.format(len(parts)) if len(parts) > 1 else visible(self.host)

    @property
    def unusual(self):
        """What is unusual about the day: [compare.Unusual]."""
        return compare.unusual(self.figures, self.past)

    @property
    def alarming(self):
        """Sentences on what Postfix itself calls a failure of its own."""
        counts = [(name, self.figures.get(name, {}).get('count', 0)) for name in ('panics', 'fatals')]
        return ['{} {} in the log'.format(count, name if count > 1 else name[:-1]) for name, count in counts if count]


class Row(NamedTuple):
    """A row of the table of totals."""

    key: str
    name: str
    value: int
    last_week: Optional[int]
    usual: Optional[compare.Usual]
    change: str                         # against the median
    flag: Optional[compare.Unusual]
    more_is_worse: bool
    at_most: bool                       # a sum of several hosts, who may have counted the same address


def rows(report):
    """The rows of the table of totals; what was 0 on all these days is left out, where it is seldom anything else."""
    flags = {one.key: one for one in report.unusual}
    made = []
    for key, name, always, worse in ROWS:
        value = report.figures[key]
        usual = compare.usual_of(key, report.past)
        if not (always or value or (usual and usual.median)):
            continue
        made.append(Row(key, name, value, compare.last_week(key, report.date, report.past), usual,
                        compare.change(value, usual.median if usual else None), flags.get(key), worse,
                        key in ADDRESSES and len(report.figures.get('parts') or ()) > 1))
    return made


def sentence(one, date):
    """`Deferred 61,204, usually 9,800 to 15,300 on a Sunday`"""
    return '{} {:,}, usually {:,} to {:,} on a {}'.format(
        one.key.capitalize(), one.value, one.usual.least, one.usual.most, compare.weekday(date))


def said(report):
    """What stands first: what did not work, what is unusual, or that nothing is; sentences."""
    found = list(report.troubles) + report.alarming + [sentence(one, report.date) for one in report.unusual]
    day = compare.weekday(report.date)
    if not found and compare.judged(report.figures, report.past):
        found = ['All as usual for a {}'.format(day)]
    elif not compare.judged(report.figures, report.past) and not report.past.error:
        found.append('What is usual is known after {} {}s'.format(compare.FEWEST, day))
    if report.past.error:
        found.append('No comparison: ' + report.past.error)
    return [one[:1].upper() + one[1:] for one in found]


def amount(key, value):
    """A figure for people: 1,234, or 12.3 GB where it is bytes; None is nothing known."""
    if value is None:
        return ''
    if key.startswith('bytes'):
        return size(value)
    half = value < 100 and value != int(value)          # the median of 1 and 2
    return '{:,.1f}'.format(value) if half else '{:,.0f}'.format(value)


def size(value):
    """Bytes: 950 B, 12.3 MB (1 MB = 1,000,000 bytes)."""
    for factor, unit in UNITS:
        if value >= factor:
            return '{:.1f} {}'.format(value / factor, unit)
    return '{:.0f} B'.format(value)


def percent(part):
    """A share of 0 to 1: 0 %, 0.3 %, 12 %."""
    if 0 < part < 0.0005:
        return '< 0.1 %'
    return '{:.1f} %'.format(100 * part) if 0 < part < 0.0995 else '{:.0f} %'.format(100 * part)


def seconds(value):
    """A time of delivery: 0.05 s, 1.2 s, 47 s, 3 min, 5 h, 2 d; None is nothing known."""
    if value is None:
        return ''
    for at_least, unit_s, form in ((172800, 86400, '{:.0f} d'), (7200, 3600, '{:.0f} h'), (120, 60, '{:.0f} min'),
                                   (10, 1, '{:.0f} s'), (1, 1, '{:.1f} s'), (0.095, 1, '{:.1f} s')):
        if value >= at_least:
            return form.format(value / unit_s)
    return '{:.2f} s'.format(value).replace('0.00 s', '0 s')


def busiest(hours):
    """(the most in an hour, which hour)."""
    most = max(hours)
    return most, hours.index(most)


class EmptyDay(Failure):
    """There is a log of the day, and no mail in it: something is wrong, and no report of zeros is made."""


def refuse_empty(figures):
    """Raise EmptyDay for figures of a day on which nothing was received, delivered or refused."""
    if not any(figures[name] for name in TOTALS):
        raise EmptyDay('no mail at all on {}: the log of that day has {:,} lines, but nothing was received, delivered '
                       'or refused'.format(figures['date'], figures.get('lines', 0)))
