"""The command history: what the file of the past holds."""
import calendar
import os
import re
import time

import click

from mailtools.base import terminal
from mailtools.base.failure import EX_UNAVAILABLE, EX_USAGE, Failure
from mailtools.base.settings import seconds
from mailtools.mailqueues.history import History
from mailtools.mailqueues.judging import span
from mailtools.mailqueues.values import COUNTED

TABLE = ('time', 'host', 'incoming', 'active', 'deferred', 'hold', 'oldest', 'seen', 'failed')
COLUMNS = ('time', 'host', 'span_s', 'seen', 'failed') + COUNTED + tuple(
    queue + '_mean' for queue in COUNTED) + ('oldest_s',)


class Moment(click.ParamType):
    """7d, that is so long ago, or 2026-11-22, or 2026-11-22T14:05 in local time; seconds since the epoch."""

    name = 'TIME'

    def convert(self, value, param, ctx):
        """A number of seconds since the epoch."""
        if isinstance(value, (int, float)):
            return value
        if re.match(r'[0-9]{4}-', value):
            for form in ('%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S'):
                try:
                    return time.mktime(time.strptime(value, form)[:8] + (-1,))
                except (ValueError, OverflowError):
                    pass
            try:
                return calendar.timegm(time.strptime(value, '%Y-%m-%dT%H:%M:%SZ'))
            except ValueError:
                return self.fail('{!r} is no time like 2026-11-22 or 2026-11-22T14:05'.format(value), param, ctx)
        try:
            return time.time() - seconds(value)
        except ValueError as error:
            return self.fail('{!r} is {}, nor a day like 2026-11-22'.format(value, error), param, ctx)


@click.command('history', short_help='How it was.')
@click.argument('names', metavar='[HOST]...', nargs=-1)
@click.option('--since', type=Moment(), default='1d', show_default=True, help='From when on: 7d, or 2026-11-22.')
@click.option('--until', type=Moment(), help='To when; now by default.')
@terminal.output_options
@click.pass_obj
def history(session, names, since, until, form):
    """Print what the queues of each HOST held, of all without one: the most of each time, by time.

    The last two days have a row for each run of export, two weeks one for ten minutes, three months one for an hour,
    thirteen months one for six. `seen` and `failed` are how often figures were got then, and how often not. --json and
    --csv have the means as well.

    \b
    Examples:
      mailqueues history mail1 --since 6h
      mailqueues history --since 30d --csv > queues.csv
      mailqueues history --json | jq 'select(.failed > 0)'
    """
    path = session.settings.history
    try:
        os.stat(path)           # that it may not be looked at is another failure
    except FileNotFoundError:
        raise Failure('there is no history {} yet: `mailqueues export` has not run'.format(path), EX_UNAVAILABLE)
    past = History(path)
    refuse_unknown(names, past, session.settings)
    rows = past.read(since, until, set(names) or None)
    if form in (None, terminal.TABLE):
        terminal.show(TABLE, (for_people(row) for row in rows), form)
    else:
        terminal.show(COLUMNS, (for_programs(row) for row in rows), form)


def refuse_unknown(names, past, settings):
    """Raise Failure for a host that neither the settings know nor the past."""
    known = list(settings.host) + past.hosts()
    for name in names:
        if name not in known:
            raise Failure('unknown host {}; there are {}'.format(
                name, ', '.join(sorted(set(known))) or 'none'), EX_USAGE)


def for_people(row):
    """A row of the table, in local time."""
    most = row.most or {}
    return (time.strftime('%Y-%m-%d %H:%M', time.localtime(row.at)), row.host) + tuple(
        most.get(queue) for queue in TABLE[2:6]) + (
            None if row.oldest_s is None else span(row.oldest_s), row.seen, row.failed)


def for_programs(row):
    """A row for --json and --csv, in UTC."""
    most, mean = row.most or {}, row.mean or {}
    means = (mean.get(queue) for queue in COUNTED)
    return (time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(row.at)), row.host, row.span_s, row.seen, row.failed,
            *(most.get(queue) for queue in COUNTED), *(None if one is None else round(one, 1) for one in means),
            row.oldest_s)
