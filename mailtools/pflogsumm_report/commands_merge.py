"""The command merge: one report of several hosts' figures."""
from typing import Any, Dict, NamedTuple, Optional, Tuple

import click

from mailtools.base import failure
from mailtools.base.commandline import FILE
from mailtools.pflogsumm_report.options import Addresses


class Merged(NamedTuple):
    """What delivery.py takes; each host has pflogsumm's text of its own."""

    figures: Dict[str, Any]
    text: Optional[bytes] = None
    troubles: Tuple[str, ...] = ()


@click.command('merge', short_help="One report of several hosts' figures.")
@click.argument('files', metavar='FILE...', nargs=-1, required=True, type=FILE)
@click.option('--mail-to', metavar='ADDRESS', type=Addresses(), help='Mail the report to ADDRESS.')
@click.option('--text', 'form', flag_value='text', help='Print the report as text; that is what is done without this.')
@click.option('--html', 'page', metavar='FILE', type=FILE, help='Write the report as an HTML page.')
@click.option('--json', 'form', flag_value='json', help='Print the figures as one JSON object.')
@click.option('--totals', is_flag=True, help='With --json: only totals and hours, no detail.')
@click.pass_obj
def merge(session, files, mail_to, form, page, totals):
    """Make one report of the --json of several hosts, for the same day.

    Counts are added, and each host's part is shown. An address that several hosts saw is counted by each of them, so
    senders, recipients and their domains are no more than what is told. `-` is standard input; a file may hold one
    object a line.

    \b
    Examples:
      pflogsumm-report merge mx1.json mail?.json
      for host in mx1 mail1 mail2; do ssh $host pflogsumm-report --json; done | pflogsumm-report merge -
      pflogsumm-report merge *.json --mail-to postmaster@example.org
    """
    from mailtools.pflogsumm_report import delivery, merging, values
    if totals and form != 'json':
        raise click.UsageError('--totals goes with --json')
    if sum(map(bool, (form, page, mail_to))) > 1:
        raise click.UsageError('--mail-to, --text, --html and --json exclude each other')
    whole = merging.merge([figures for path in files for figures in merging.read(path)])
    if mail_to:
        return delivery.send(session, Merged(whole), mail_to)
    if page:
        return delivery.write_page(session, Merged(whole), page)
    if form == 'json':
        click.echo(values.to_json({name: whole[name] for name in whole if name not in values.DETAIL or not totals}))
    else:
        click.echo(delivery.text(session, Merged(whole)), nl=False)
    return failure.EX_OK
