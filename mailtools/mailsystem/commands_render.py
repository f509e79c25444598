"""`render` and `diff`: what a host shall be, as files, and how what it is differs."""
import socket

import click

from mailtools.base import terminal
from mailtools.base.commandline import FILE
from mailtools.base.failure import EX_ATTENTION, EX_USAGE, Failure
from mailtools.base.text import visible
from mailtools.mailsystem import differing, hosts, installed, installing, readers, roles, writing
from mailtools.mailsystem.render import render as rendered
from mailtools.mailsystem.settings import site_of
from mailtools.mailsystem.values import CLIENT, MX, ROLES, Finding

COLOURS = {'critical': 'red', 'warning': 'yellow', 'unknown': 'magenta'}


class Version(click.ParamType):
    """A version of Postfix."""

    name = 'version'

    def convert(self, value, param, ctx):
        """(3, 7)"""
        try:
            return readers.version(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def host_options(command):
    """Give a command --role, --host, --postfix and --templates."""
    for option in (
            click.option('--templates', type=FILE, metavar='DIR', help='Templates of your own.'),
            click.option('--postfix', type=Version(), metavar='VERSION',
                         help='The version of Postfix, in place of that of the settings.'),
            click.option('--host', default='', metavar='NAME', help='Which host of that role, if there are several.'),
            click.option('--role', required=True, type=click.Choice(ROLES), help='What the host does.')):
        command = option(command)
    return command


def site_for(session, postfix):
    """The Site of the settings, for that version of Postfix."""
    if postfix:
        session.settings.postfix = postfix
    return site_of(session.settings)


def files_of(site, role, host, templates):
    """(the files, the name) of a host."""
    if host:
        try:
            readers.host(host)
        except ValueError as error:
            raise Failure('--host {}: {}'.format(host, error), EX_USAGE)
    name = hosts.host_of(site, role, host.lower() or own_name(site, role))
    secret = ''
    if role == CLIENT and site.client_password_file:
        secret = writing.secret_of(site.client_password_file)
    return rendered(site, role, name, secret, templates), name


def own_name(site, role):
    """The name of this host, where the site has it in that role; else ''."""
    name = socket.gethostname().lower()
    return next((one for one in hosts.names_of(site, role) if name in (one, hosts.short(one, site))), '')


@click.command('render', short_help='Write the configuration of a host into a folder.')
@host_options
@click.option('--output', required=True, type=FILE, metavar='DIR', help='Where to; made if it is not there.')
@click.pass_obj
def render(session, role, host, postfix, templates, output):
    """Write all files of a host below DIR, as DIR/etc/..., and DIR/install.sh, which puts them in place.

    Nothing is written into /etc: read what was rendered, compare it (mailsystem diff), then run install.sh as
    root. The default is a file that Postfix 2.10 takes; --postfix 3.5 may use more.

    \b
    Examples:
      mailsystem render --role mx --output new
      mailsystem render --role sender --host mail1 --output new-mail1
      mailsystem render --role client --output new --postfix 3.5
    """
    site = site_for(session, postfix)
    files, name = files_of(site, role, host, templates)
    what = 'the {} {}'.format(role if role != MX else 'MX', name).strip()
    writing.write(output, files, installing.script_of(files, roles.folders_of(role, site.dkim_key), what))
    click.echo('{} files for {} in {}; sh {}/{} puts them in place'.format(
        len(files), what, output, output, writing.INSTALL))


@click.command('diff', short_help='What this host has that differs, and why it matters.')
@host_options
@click.option('--root', default='/', type=FILE, metavar='DIR', help='The folder that its etc is in.')
@terminal.output_options
@click.pass_obj
def diff(session, role, host, postfix, templates, root, form):
    """Compare the files of this host with what would be rendered: parameters by what they mean, tables by their
    entries, files by mode and owner.

    Order, blanks, comments and values that are Postfix's defaults make no difference. Ends with status 1 where
    something differs.
    """
    site = site_for(session, postfix)
    files, _ = files_of(site, role, host, templates)
    found = differing.differences(files, installed.seen(root, files), installed.defaults(root))
    if form:
        terminal.show(Finding._fields, found, form)
    else:
        click.echo(''.join(lines_of(finding) for finding in found), nl=False)
    return EX_ATTENTION if found else None


def lines_of(finding):
    """A finding for people."""
    level = finding.level
    if terminal.coloured():
        level = click.style(level, fg=COLOURS[level])
    return '{} {}: {}\n  fix: {}\n'.format(level, finding.name, visible(finding.text), visible(finding.fix))
