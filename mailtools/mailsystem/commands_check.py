"""The command check: proves a host; a plug-in for Nagios and its kin."""
import os

import click

from mailtools.base import terminal
from mailtools.base.commandline import FILE, where_raised
from mailtools.base.failure import Failure
from mailtools.base.text import visible
from mailtools.mailsystem import readers
from mailtools.mailsystem.checks import catalogue, known_names, said
from mailtools.mailsystem.checks.host import Host
from mailtools.mailsystem.checks.running import LIMIT_S, examined
from mailtools.mailsystem.settings import site_of
from mailtools.mailsystem.values import OK, ROLES, UNKNOWN, Finding

COLOURS = {'critical': 'red', 'warning': 'yellow', 'unknown': 'magenta', 'ok': 'green'}


class Resolver(click.ParamType):
    """A name server: ADDRESS or ADDRESS:PORT."""

    name = 'server'

    def convert(self, value, param, ctx):
        """An Endpoint."""
        try:
            return readers.resolver(value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


def print_names(ctx, _param, value):
    """What --names does."""
    if value and not ctx.resilient_parsing:
        for asks, names in catalogue():
            click.echo('{}\n    {}'.format(asks, ' '.join(names)))
        ctx.exit()


@click.command('check', short_help='Prove this host. For a monitor.')
@click.option('--role', type=click.Choice(ROLES), help='What the host is; else found out by its name and addresses.')
@click.option('--root', type=FILE, default='/', metavar='DIR',
              help='The host has its files below DIR; programs, ports and the clock are not asked then.')
@click.option('--only', multiple=True, metavar='NAME', type=click.Choice(sorted(known_names())),
              help='Only what has to do with this finding, such as open-relay; may be given several times.')
@click.option('--resolver', type=Resolver(), metavar='SERVER', help='The name server to ask, ADDRESS[:PORT].')
@click.option('--names', is_flag=True, expose_value=False, is_eager=True, callback=print_names,
              help='Print the names of all findings that there may be, and check nothing.')
@click.option('--problems', is_flag=True, help='Leave out what is well.')
@click.option('--time-limit', type=click.IntRange(1, 3600), default=LIMIT_S, metavar='SECONDS', show_default=True,
              help='For all together.')
@terminal.output_options
@click.pass_obj
def check(session, role, root, only, resolver, problems, time_limit, form):
    """Prove this host: what a mail system can have wrong, one line a finding, with what mends it.

    Is it no open relay (it is tried), are milters, policy services and the database there, are maps as new as their
    text, do certificates, DKIM, SPF, DMARC, PTR and HELO agree with what is published, is an address on a block list,
    is the clock right, may others read secrets, and what do the other programs say of themselves.

    It changes nothing, and no mail gets in by it: every dialogue ends before DATA. Some things only root can see; they
    are unknown otherwise. The status is that of the Monitoring Plugins: 0, 1 warning, 2 critical, 3 unknown.

    \b
    Examples:
      mailsystem check
      mailsystem check --role mx --problems
      mailsystem check --only open-relay --only mynetworks
      mailsystem check --json | jq -r 'select(.level == "critical").fix'
    """
    try:
        host = Host(site_of(session.settings), role, os.path.abspath(root), resolver)
        found = examined(host, only, time_limit)
        who = '{} ({})'.format(host.name or 'this host', host.role)
    except Failure as failed:
        found, who = [Finding('settings', UNKNOWN, str(failed), 'mailsystem config')], 'this host'
    except Exception as bug:            # a monitor knows four statuses, and reads standard output
        found, who = [Finding('settings', UNKNOWN, 'internal error: {}'.format(where_raised(bug)), '')], 'this host'
    shown = [one for one in found if one.level != OK] if problems else found
    if form:
        terminal.show(Finding._fields, shown, form)
    else:
        click.echo(lines_of(who, found, shown))
    return said.STATUS[said.worst(one.level for one in found)]


def lines_of(who, found, shown):
    """The first line for a monitor, below it a line a finding, each with its fix."""
    worst = said.worst(one.level for one in found)
    counted = {level: sum(one.level == level for one in found) for level in said.WORST_FIRST}
    names = ', '.join(sorted({one.name for one in found if one.level == worst}))
    lines = ['MAILSYSTEM {} - {}: {}|{}'.format(
        worst.upper(), who, '{} {}'.format(worst, names) if worst != OK else 'all {} are well'.format(len(found)),
        ' '.join('{}={};;;0'.format(level, counted[level]) for level in said.WORST_FIRST))]
    for level in said.WORST_FIRST:
        for one in shown:
            if one.level == level:
                lines.append('{} {}: {}'.format(coloured(level), one.name, visible(one.text).replace('|', '/')))
                lines += ['  fix: {}'.format(visible(one.fix).replace('|', '/'))] if one.fix else []
    return '\n'.join(lines)


def coloured(level):
    """A level, in its colour on a terminal."""
    return click.style(level, fg=COLOURS[level]) if terminal.coloured() else level
