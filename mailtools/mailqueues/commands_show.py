"""The command show: how the hosts do, as a table on a terminal."""
import sys
import time

import click

from mailtools.base import terminal
from mailtools.mailqueues.current import current_outlooks
from mailtools.mailqueues.judging import span, worst_first
from mailtools.mailqueues.values import COUNTED

TABLE = ('host', 'state', 'incoming', 'active', 'deferred', 'hold', 'oldest', 'in_an_hour', 'age', 'why')
COLUMNS = ('host', 'state') + COUNTED + ('oldest_s', 'growth', 'age_s', 'why')
COLOURS = {'failing': 'red', 'down': 'red', 'stale': 'red', 'critical': 'red', 'warning': 'yellow', 'well': 'green'}
CLEAR = '\033[H\033[2J'


@click.command('show', short_help='How the hosts do, as a table.')
@click.argument('names', metavar='[HOST]...', nargs=-1)
@click.option('--watch', is_flag=True, help='Show it again and again, until interrupted.')
@click.option('--every', type=click.IntRange(1, 86400), default=5, show_default=True, metavar='SECONDS',
              help='How often.')
@terminal.output_options
@click.pass_obj
def show(session, names, watch, every, form):
    """Print the queues of each HOST, of all without one, as the last run of export found them.

    The worst host is the last one, where a terminal shows it. `age` is that of the figures: those of a host that
    fails are of before.

    \b
    Examples:
      mailqueues show
      mailqueues show --watch --every 10
      mailqueues show --json | jq 'select(.state != "well")'
    """
    while True:
        text_of = rows_for_people if form in (None, terminal.TABLE) else rows_for_programs
        columns = TABLE if text_of is rows_for_people else COLUMNS
        now = time.time()
        rows = list(text_of(current_outlooks(session.settings, now, names), now))
        if watch and sys.stdout.isatty():
            click.echo(CLEAR + time.strftime('%H:%M:%S', time.localtime(now)) + '\n', nl=True)
        terminal.show(columns, rows, form, COLOURS)
        sys.stdout.flush()
        if not watch:
            return
        time.sleep(every)


def rows_for_people(found, now):
    """The rows of the table, the worst last."""
    for one in reversed(worst_first(found)):
        counts = one.figures.counts if one.figures else {}
        growth = one.figures.growth if one.figures else None
        oldest_s = one.figures.oldest_s if one.figures else None
        yield (one.name, one.state) + tuple(counts.get(queue) for queue in TABLE[2:6]) + (
            None if oldest_s is None else span(oldest_s), None if growth is None else '{:+d}'.format(growth),
            None if one.known.at is None else span(now - one.known.at), '; '.join(one.says))


def rows_for_programs(found, now):
    """The rows for --json and --csv."""
    for one in reversed(worst_first(found)):
        counts = one.figures.counts if one.figures else {}
        yield (one.name, one.state) + tuple(counts.get(queue) for queue in COUNTED) + (
            one.figures.oldest_s if one.figures else None, one.figures.growth if one.figures else None,
            None if one.known.at is None else max(0, int(now - one.known.at)), '; '.join(one.says) or None)
