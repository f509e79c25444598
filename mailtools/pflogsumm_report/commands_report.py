"""The command report: options, and where the answer goes; the work is in reading.py."""
import datetime
import time

import click

from mailtools.base import failure


class Day(click.ParamType):
    """yesterday, today or 2026-11-22; a datetime.date."""

    name = 'DAY'

    def convert(self, value, param, ctx):
        """The day, by the clock and the zone of this host."""
        if isinstance(value, datetime.date):
            return value
        today = datetime.date.fromtimestamp(time.time())
        if value in ('today', 'yesterday'):
            return today - datetime.timedelta(days=value == 'yesterday')
        try:
            return datetime.datetime.strptime(value, '%Y-%m-%d').date()
        except ValueError:
            return self.fail('{!r} is neither yesterday nor a day like 2026-11-22'.format(value), param, ctx)


@click.command('report', short_help="The report of a day; what is done without a command's name.")
@click.argument('logs', metavar='[LOG]...', nargs=-1, type=click.Path())
@click.option('--date', 'day', type=Day(), default='yesterday', show_default=True, help='The day: 2026-11-22, or today.')
@click.option('--mail-to', metavar='ADDRESS', help='Mail the report to ADDRESS, instead of to mail_to of the settings.')
@click.option('--text', 'form', flag_value='text', help='Print the report as text.')
@click.option('--html', 'page', metavar='FILE', type=click.Path(), help='Write the report as an HTML page.')
@click.option('--json', 'form', flag_value='json', help='Print the figures as one JSON object.')
@click.option('--totals', is_flag=True, help='With --json: only totals and hours, no detail, which is faster.')
@click.pass_obj
def report(session, logs, day, mail_to, form, page, totals):
    """Mail the report of a day: pflogsumm's, and what it lacks.

    Without LOG the files that hold the day are found by the setting `logs`, or the journal is read.

    \b
    Examples:
      pflogsumm-report                             from cron
      pflogsumm-report --date 2026-11-22 --text
      pflogsumm-report --json maillog maillog.1.gz
    """
    if totals and form != 'json':
        raise click.UsageError('--totals goes with --json')
    if sum(map(bool, (form, page, mail_to))) > 1:
        raise click.UsageError('--mail-to, --text, --html and --json exclude each other')
    raise failure.Failure('not done yet')
