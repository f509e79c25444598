"""The command history: how the days before were."""
import datetime
import os
import re
import time

import click

from mailtools.base import terminal
from mailtools.base.failure import EX_UNAVAILABLE, EX_USAGE, Failure
from mailtools.base.settings import seconds
from mailtools.pflogsumm_report import compare, values
from mailtools.pflogsumm_report.history import DAY_S, History
from mailtools.pflogsumm_report.report import size

SHOWN = ('delivered', 'deferred', 'bounced', 'rejected')
TABLE = ('date', 'day', 'host', 'received', 'delivered', 'change') + SHOWN[1:] + ('size', 'unusual')
COLUMNS = ('date', 'host') + values.TOTALS + tuple('usual_' + key for key in SHOWN) + ('unusual',)
LOOK_BACK = datetime.timedelta(7 * compare.WEEKS)


class Date(click.ParamType):
    """2026-11-22, or 30d, that is so long ago; as YYYY-MM-DD."""

    name = 'DAY'

    def convert(self, value, param, ctx):
        """The date, by the clock of this host."""
        if re.match(r'[0-9]{4}-[0-9]{2}-[0-9]{2}\Z', value):
            try:
                return compare.day_of(value).isoformat()
            except ValueError as error:
                return self.fail('{!r}: {}'.format(value, error), param, ctx)
        try:
            days = seconds(value) // DAY_S
            return (datetime.date.fromtimestamp(time.time()) - datetime.timedelta(days)).isoformat()
        except (ValueError, OverflowError) as error:
            return self.fail('{!r} is {}, nor a day like 2026-11-22'.format(value, error), param, ctx)


@click.command('history', short_help='How the days before were.')
@click.argument('names', metavar='[HOST]...', nargs=-1)
@click.option('--since', type=Date(), default='30d', show_default=True, help='The first day: 2026-11-22, or 30d ago.')
@click.option('--until', type=Date(), help='The last day.')
@click.option('--figures', metavar='DAY', type=Date(),
              help='Print all that is kept of one day, as `pflogsumm-report --json` did; merge takes it.')
@terminal.output_options
@click.pass_obj
def history(session, names, since, until, figures, form):
    """Print the totals of the days that were reported, of each HOST, of all without one.

    `change` is that of what was delivered, against the median of the same weekday in the eight weeks before; `unusual`
    names what was outside its usual range then, once there are three such days. --json and --csv have these medians
    as usual_delivered and so on. Per hour and in detail a day is in --figures.

    \b
    Examples:
      pflogsumm-report history --since 90d
      pflogsumm-report history --csv > days.csv
      pflogsumm-report history --json | jq 'select(.unusual != null)'
      pflogsumm-report history --figures 2026-11-22 | pflogsumm-report merge - --html day.html
    """
    path = session.settings.history
    if not os.path.exists(path):
        raise Failure('there is no history {} yet: no report was mailed'.format(path), EX_UNAVAILABLE)
    past = History(path)
    if figures:
        show_figures(past, figures, names)
        return
    first = (compare.day_of(since) - LOOK_BACK).isoformat() if compare.day_of(since).year > 1 else since
    days = past.days(first, until or '9999-99-99')
    refuse_unknown(names, past, days)
    rows = list(judged([day for day in days if not names or day[1] in names], since))
    if form in (None, terminal.TABLE):
        terminal.show(TABLE, map(for_people, rows), form)
    else:
        terminal.show(COLUMNS, map(for_programs, rows), form)


def refuse_unknown(names, past, days):
    """Raise Failure for a host of which nothing is kept."""
    known = {host for _, host, _ in days}
    if set(names) - known:
        known = {host for _, host, _ in past.days()}
    for name in names:
        if name not in known:
            raise Failure('unknown host {}; there are {}'.format(name, ', '.join(sorted(known)) or 'none'), EX_USAGE)


def show_figures(past, date, names):
    """All that is kept of a day: an object a host."""
    for _, host, _ in past.days(date, date, names or None):
        click.echo(values.to_json(past.figures(date, host)))


def judged(days, since):
    """(date, host, totals, compare.Past) of the days from `since` on; those before are what is usual."""
    known = {(date, host): totals for date, host, totals in days}
    for date, host, totals in days:
        if date >= since:
            past = compare.Past(tuple((one, known[one, host]) for one in compare.same_weekdays(date)
                                      if (one, host) in known))
            yield date, host, totals, past


def for_people(row):
    """A row of the table."""
    date, host, totals, past = row
    usual, found = compare.usual_of('delivered', past), compare.unusual(totals, past)
    unusual = ', '.join('{} {} ({:,}-{:,})'.format(
        'high' if one.high else 'low', one.key, one.usual.least, one.usual.most) for one in found)
    return (date, compare.weekday(date)[:3], host, totals['received'], totals['delivered'],
            compare.change(totals['delivered'], usual.median if usual else None),
            *(totals[key] for key in SHOWN[1:]), size(totals['bytes_delivered']), unusual)


def for_programs(row):
    """A row for --json and --csv."""
    date, host, totals, past = row
    usual = [compare.usual_of(key, past) for key in SHOWN]
    return (date, host, *(totals[key] for key in values.TOTALS), *(one.median if one else None for one in usual),
            ' '.join(one.key for one in compare.unusual(totals, past)) or None)
