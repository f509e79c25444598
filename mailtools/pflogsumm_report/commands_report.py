"""The command report: options, and where the answer goes; the work is in reading.py."""
import datetime
import time

import click

from mailtools.base import failure
from mailtools.base.commandline import FILE
from mailtools.pflogsumm_report.options import Addresses


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
@click.argument('logs', metavar='[LOG]...', nargs=-1, type=FILE)
@click.option('--date', 'day', type=Day(), default='yesterday', show_default=True, help='The day: 2026-11-22, today.')
@click.option('--mail-to', metavar='ADDRESS', type=Addresses(),
              help='Mail the report to ADDRESS, instead of to mail_to of the settings.')
@click.option('--text', 'form', flag_value='text', help='Print the report as text.')
@click.option('--html', 'page', metavar='FILE', type=FILE, help='Write the report as an HTML page.')
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
    from mailtools.pflogsumm_report.reading import NoLog, read_day
    from mailtools.pflogsumm_report.sources import LogFailure
    try:
        reading = read_day(session.settings, day, logs, totals, text=form != 'json')
    except (NoLog, LogFailure) as error:
        if not form and not page:
            from mailtools.pflogsumm_report import delivery
            delivery.alarm(session, day, error, mail_to or session.settings.mail_to)
        raise
    if form == 'json':
        from mailtools.pflogsumm_report.report import refuse_empty
        from mailtools.pflogsumm_report.values import to_json
        refuse_empty(reading.figures)
        click.echo(to_json(reading.figures))
        return told(session, reading)
    from mailtools.pflogsumm_report import delivery
    status = failure.EX_OK
    if form == 'text':
        click.echo(delivery.text(session, reading), nl=False)
    elif page:
        status = delivery.write_page(session, reading, page)
    else:
        status = delivery.send(session, reading, mail_to or session.settings.mail_to)
    return told(session, reading) or status


def told(session, reading):
    """The exit status: 1 when something needs attention, which is said on standard error."""
    for sentence in reading.troubles:
        failure.complain(session.program, sentence)
    return failure.EX_ATTENTION if reading.troubles else failure.EX_OK
