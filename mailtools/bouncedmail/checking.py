"""Is all well with the spool and the database?  One line for a monitor.

The form is that of the Monitoring Plugins: a word, a sentence, `|`, then
performance data as label=value[unit];warn;crit;min.
"""
import calendar
import time
from typing import NamedTuple, Optional

from mailtools.base.failure import Failure
from mailtools.base.text import visible
from mailtools.bouncedmail.store.engine import NoTable

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')


class Level(NamedTuple):
    """Where a figure starts to be a warning, and critical; None: never."""

    warning: Optional[float]
    critical: Optional[float]


class Figure(NamedTuple):
    """One thing that was measured."""

    label: str
    value: Optional[float]      # None: not known, or nothing to measure
    unit: str                   # of performance data: s, or nothing
    level: Level
    says: str                   # for people


def status_of(figure):
    """The status that one figure asks for."""
    value, (warning, critical) = figure.value, figure.level
    if value is not None and critical is not None and value >= critical:
        return CRITICAL
    if value is not None and warning is not None and value >= warning:
        return WARNING
    return OK


def figures_of(state, drained_s, settings, now):
    """The figures of a spool.

    state: spool.State.  drained_s: how long ago this host drained, None if it
    never did; only bad when mail waits.  now: seconds since the epoch.
    """
    count = Level(settings.check_spool_warn, settings.check_spool_crit)
    age = Level(settings.check_age_warn, settings.check_age_crit)
    oldest_s = max(0, now - state.oldest) if state.waiting else 0
    waited_for = age if state.waiting else Level(None, None)
    return [
        Figure('waiting', state.waiting, '', count, '{} waiting'.format(state.waiting)),
        Figure('oldest', round(oldest_s), 's', age, 'the oldest {} s'.format(round(oldest_s))),
        Figure('failed', state.failed, '', Level(1, None), '{} in failed/'.format(state.failed)),
        Figure('drained', None if drained_s is None else round(drained_s), 's', waited_for,
               'never drained' if drained_s is None else 'last drained {} s ago'.format(round(drained_s))),
    ]


def performance(figure):
    """The performance data of one figure."""
    limits = ['' if limit is None else '{:g}'.format(limit) for limit in figure.level]
    return '{}={:d}{};{};{};0'.format(figure.label, figure.value, figure.unit, *limits)


def line_of(figures, away):
    """(status, line) for the figures; away: why the database cannot be reached, or None."""
    status = max([status_of(figure) for figure in figures] + [CRITICAL if away else OK])
    bad = [figure.says for figure in figures if status_of(figure)]
    says = [away] if away else []
    says += bad or ([] if away else [figure.says for figure in figures])
    return status, 'BOUNCEDMAIL {} - {}|{}'.format(
        WORDS[status], visible('; '.join(says)).replace('|', '/'),
        ' '.join(performance(figure) for figure in figures if figure.value is not None))


def unknown(why):
    """(status, line) where nothing can be said."""
    return UNKNOWN, 'BOUNCEDMAIL UNKNOWN - {}'.format(visible(str(why)).replace('|', '/'))


def seconds_since_drain(open_store, host, now):
    """How long ago this host drained, None if it never did; raises Failure."""
    store = open_store()
    try:
        at = store.last_drains().get(host)
    except NoTable:                     # the first mail sets the database up
        return None
    finally:
        store.close()
    return None if at is None else max(0, now - as_seconds(at))


def as_seconds(text):
    """`2026-11-22T21:19:37Z` as seconds since the epoch."""
    return calendar.timegm(time.strptime(text, '%Y-%m-%dT%H:%M:%SZ'))


def check(spool, open_store, host, settings, now):
    """(status, line) for this host."""
    state, drained_s, away = spool.state(), None, None
    try:
        drained_s = seconds_since_drain(open_store, host, now)
    except Failure as failed:
        away = str(failed)
    return line_of(figures_of(state, drained_s, settings, now), away)
