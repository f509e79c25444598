"""How one host does: its figures and the limits in, a status and sentences out.

The statuses are those of the Monitoring Plugins.  A host that could not be asked, or whose figures are old, is
UNKNOWN whatever they were: an empty queue and a dead server must never look alike.

Some destination is always down, so that an alarm at ten messages is useless: the limits are by queue, by the age of
the oldest message and by growth.  `active` is limited by qmgr_message_active_limit (20000, qmgr(8)): near it one
destination blocks all others.  `incoming` above 0 for long is trouble with cleanup(8) or the disk (QSHAPE_README).
"""
from typing import Dict, List, NamedTuple, Optional, Tuple

from mailtools.base.settings import integer, seconds
from mailtools.mailqueues.history import HOUR, oldest_s
from mailtools.mailqueues.values import COUNTED, Known, total

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')
WORST_FIRST = (CRITICAL, UNKNOWN, WARNING, OK)

ALL, OLDEST, GROWTH = 'all', 'oldest', 'growth'
LIMITED = (ALL,) + COUNTED + (OLDEST, GROWTH)
NEAR_AN_HOUR_S = (40 * 60, 80 * 60)     # growth is measured over so much


class Figures(NamedTuple):
    """What is judged of one host."""

    counts: Dict[str, int]
    oldest_s: Optional[int]             # age of the oldest message; None: none waits, or not known
    growth: Optional[int]               # messages an hour; None: not known yet

    def value(self, name):
        """The figure that a limit is for; None: not known."""
        if name == ALL:
            return total(self.counts)
        if name == OLDEST:
            return self.oldest_s
        return self.growth if name == GROWTH else self.counts.get(name)


class Exceeded(NamedTuple):
    """One figure beyond its limit."""

    status: int
    name: str
    value: int
    limit: int

    @property
    def says(self):
        """`deferred 61,234 (limit 50,000)`"""
        if self.name == OLDEST:
            return 'oldest message {} (limit {})'.format(span(self.value), span(self.limit))
        if self.name == GROWTH:
            return 'grows by {:,} an hour (limit {:,})'.format(self.value, self.limit)
        return '{} {:,} (limit {:,})'.format('waiting' if self.name == ALL else self.name, self.value, self.limit)


def limits(text):
    """{name: number} of `active=10000 oldest=2d growth=5000`; a bare number is one for all that waits.

    ValueError says what is wrong.
    """
    found: Dict[str, int] = {}
    for word in text.replace(',', ' ').split():
        name, equals, value = word.partition('=')
        if not equals:
            name, value = ALL, word
        if name not in LIMITED:
            raise ValueError('{!r} is none of {}'.format(name, ', '.join(LIMITED)))
        if name in found:
            raise ValueError('{} is set twice'.format(name))
        try:
            found[name] = int(seconds(value)) if name == OLDEST else integer(value)
        except ValueError as error:
            raise ValueError('{}: {}'.format(word, error if equals else 'neither a number nor NAME=LIMIT'))
    return found


def exceeded(figures, warning, critical):
    """[Exceeded], the worst first; a figure at its limit is beyond it.

    warning, critical: as limits() gives them.
    """
    found: List[Exceeded] = []
    for name in LIMITED:
        value = figures.value(name)
        for status, limit in ((CRITICAL, critical.get(name)), (WARNING, warning.get(name))):
            if value is not None and limit is not None and value >= limit:
                found.append(Exceeded(status, name, value, limit))
                break
    return sorted(found, key=lambda one: -one.status)


def worst(statuses):
    """The worst of some statuses, as a monitor ranks them; OK of none."""
    return min(statuses, key=WORST_FIRST.index, default=OK)


def growth(now, counts, rows):
    """By how many messages an hour the queues have grown; None where the past is not known.

    rows: history.Row of this host, in any order; the one nearest to an hour ago is compared.
    """
    least, most = NEAR_AN_HOUR_S
    then = [row for row in rows if row.most is not None and least <= now - row.at <= most]
    if not then or counts is None:
        return None
    row = min(then, key=lambda one: abs(now - HOUR - one.at))
    return round((total(counts) - total(row.most)) * HOUR / (now - row.at))


FAILING, DOWN, STALE = 'failing', 'down', 'stale'


class Outlook(NamedTuple):
    """How one host does."""

    known: Known
    status: int
    state: str                  # FAILING, DOWN, STALE, or one of STATES
    says: Tuple[str, ...]       # what is wrong, the worst first
    figures: Optional[Figures]  # the last good ones; None: there never were any
    beyond: Tuple[str, ...] = ()    # the names of the figures that are beyond their limits

    @property
    def name(self):
        """Its name."""
        return self.known.name

    @property
    def blind(self):
        """True when its figures are not of now, or there are none."""
        return self.state in (FAILING, STALE)

    @property
    def mood(self):
        """bad, warning or well."""
        return 'well' if self.status == OK else 'warning' if self.status == WARNING else 'bad'


STATES = {OK: 'well', WARNING: 'warning', CRITICAL: 'critical'}


def outlook(known, rows, settings, now):
    """The Outlook of a Known.

    rows: history.Row of the last hours of this host.  settings: stale, warning, critical.
    """
    figures = None
    if known.counts is not None:
        grown = None if known.error else growth(known.at, known.counts, rows)
        figures = Figures(known.counts, oldest_s(known), grown)
    if known.error or figures is None:
        return Outlook(known, UNKNOWN, FAILING, (known.error or 'it never answered',), figures)
    if known.mail_down:
        return Outlook(known, UNKNOWN, DOWN, ('the mail system is down',), figures)
    age_s = now - known.at
    if abs(age_s) > settings.stale:         # a time that has not come yet: a clock was wrong, then or now
        says = 'figures are {} old' if age_s > 0 else 'figures are of a time that comes in {}: see the clock'
        return Outlook(known, UNKNOWN, STALE, (says.format(span(abs(age_s))),), figures)
    found = exceeded(figures, settings.warning, settings.critical)
    status = max([one.status for one in found], default=OK)
    return Outlook(known, status, STATES[status], tuple(one.says for one in found), figures,
                   tuple(one.name for one in found))


def outlooks(snapshot, rows, settings, now):
    """The Outlook of each host, in the order of the settings; rows: history.Row of the last hours of all."""
    by_host: Dict[str, List] = {}
    for row in rows:
        by_host.setdefault(row.host, []).append(row)
    return [outlook(known, by_host.get(known.name, ()), settings, now) for known in snapshot.hosts]


def worst_first(found):
    """Outlooks, the worst first, a host of which nothing is known before all; else in their order."""
    return sorted(found, key=lambda one: (one.status != UNKNOWN, WORST_FIRST.index(one.status)))


UNITS = ((86400, 'd'), (3600, 'h'), (60, 'min'), (1, 's'))


def span(time_s):
    """A span of time for people, in its two greatest units: `3 d 4 h`, `12 min`, `8 s`."""
    time_s = max(0, int(time_s))
    for at, (unit_s, unit) in enumerate(UNITS):
        if time_s >= unit_s:
            whole, rest = divmod(time_s, unit_s)
            said = '{} {}'.format(whole, unit)
            if at + 1 < len(UNITS) and unit != 'min':
                finer = rest // UNITS[at + 1][0]
                said += ' {} {}'.format(finer, UNITS[at + 1][1]) if finer else ''
            return said
    return '0 s'
