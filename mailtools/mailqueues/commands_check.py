"""The command check: a plug-in for Nagios and its kin."""
import time

import click

from mailtools.base.commandline import FILE, where_raised
from mailtools.base.failure import Failure
from mailtools.mailqueues import checking, judging
from mailtools.mailqueues.current import current_outlooks

LIMITS = 'LIMITS'


class Limits:
    """The settings, with other limits where some are given."""

    def __init__(self, settings, warning, critical):
        self.output, self.history, self.stale = settings.output, settings.history, settings.stale
        given = warning is not None or critical is not None
        self.warning = parsed('-w', warning) if given else settings.warning
        self.critical = parsed('-c', critical) if given else settings.critical
        self.asked = set(self.warning) | set(self.critical) if given else ()


def parsed(option, text):
    """{name: number} of an option; raises Failure."""
    try:
        return judging.limits(text or '')
    except ValueError as error:
        raise Failure('{} {}: {}'.format(option, text, error))


@click.command('check', short_help='Is all well? For a monitor.')
@click.option('-H', '--host', 'names', metavar='HOST', multiple=True,
              help='The host to judge; may be given several times. Without it all hosts.')
@click.option('-w', '--warning', metavar=LIMITS, help='From where on it is a warning, instead of the settings.')
@click.option('-c', '--critical', metavar=LIMITS, help='From where on it is critical.')
@click.option('--config', type=FILE, metavar='FILE', expose_value=False, help='Read the settings from FILE.',
              callback=lambda ctx, _param, value: setattr(ctx.obj, 'config', value) if value else None)
@click.pass_obj
def check(session, names, warning, critical):
    """Judge hosts by what the last run of export found, for a monitor.

    LIMITS are words such as active=10000,oldest=2d,growth=5000: maildrop, incoming, active, deferred, hold and corrupt
    are files in that queue; all, or a bare number, is all mail; oldest is the age of the oldest message that is not
    held; growth is mails an hour. With -w or -c only these limits count.

    The status is that of the Monitoring Plugins: 0, 1 warning, 2 critical, 3 unknown. A host that cannot be asked, a
    mail system that is down and figures that are old are unknown, never 0.

    \b
    Examples:
      mailqueues check
      mailqueues check -H mail1 -w 1000 -c 5000
      mailqueues check -H mx1 -w incoming=500,oldest=1d -c growth=20000
    """
    try:
        limits = Limits(session.settings, warning, critical)
        found = current_outlooks(limits, time.time(), names)
        status, line = checking.line_of(found, limits.warning, limits.critical, limits.asked)
    except Failure as failure:
        status, line = checking.nothing_known(failure)
    except Exception as bug:        # a monitor knows four statuses, and reads standard output
        status, line = checking.nothing_known('internal error: {}'.format(where_raised(bug)))
    print(line)
    return status
