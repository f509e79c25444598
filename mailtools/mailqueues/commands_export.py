"""The commands export and count: options, and what is told; the work is in exporting.py and counting.py."""
import json
import socket
import time

import click

from mailtools.base import disk, failure


@click.command('export', short_help='Ask all hosts, and write the page.')
@click.option('--dry-run', is_flag=True, help='Ask, print what index.html would be, and write nothing.')
@click.pass_obj
def export(session, dry_run):
    """Ask all hosts at once, and write index.html, status.json, metrics.prom, dashboard.html and the history.

    A host that cannot be asked is no failure of the run: it is named in status.json, in syslog when it begins, and on
    the page.  When no host at all could be asked, the status is 69.

    \b
    Examples:
      mailqueues export               from cron, every minute; prints nothing when all is well
      mailqueues export --dry-run     are the hosts, keys and rights as they should be?
    """
    if dry_run:
        return rehearse(session)
    from mailtools.mailqueues.exporting import Export
    from mailtools.mailqueues.settings import hosts_of
    hosts_of(session.settings)
    with disk.locked(session.settings.history + '.lock'):
        run = Export(session.settings, session.log)
        made = run.run()
    for sentence in run.troubles:
        failure.complain(session.program, sentence)
    if all(host.error for host in made.hosts):
        failure.complain(session.program, 'no host could be asked; {}: {}'.format(
            made.hosts[0].name, made.hosts[0].error))
        return failure.EX_UNAVAILABLE
    return failure.EX_CANTCREAT if run.troubles else failure.EX_OK


def rehearse(session):
    """export --dry-run; status 69 when a host could not be asked."""
    from mailtools.mailqueues import snapshot
    from mailtools.mailqueues.collecting import collect
    from mailtools.mailqueues.settings import hosts_of
    hosts = hosts_of(session.settings)
    answers = collect(hosts, session.settings, {host.name for host in hosts})
    made = snapshot.after(None, answers, [host.name for host in hosts], time.time())
    click.echo(snapshot.index(made), nl=False)
    failed = [host for host in made.hosts if host.error]
    for host in made.hosts:
        said = host.error or host.detail_error
        if said:
            failure.complain(session.program, '{}: {}{}'.format(
                host.name, '' if host.error else 'only numbers: ', said))
    return failure.EX_UNAVAILABLE if failed else failure.EX_OK


@click.command('count', short_help='The queues of this host, as JSON.')
@click.option('--queue-directory', metavar='DIR', default='/var/spool/postfix', show_default=True,
              help='queue_directory of Postfix.')
@click.pass_obj
def count(session, queue_directory):
    """Count the files in the queues of this host, and print them as JSON.

    It needs to read the queue: as root, or as user postfix.

    \b
    Examples:
      mailqueues count
      mailqueues count --queue-directory /var/spool/postfix-out | jq .deferred
    """
    from mailtools.mailqueues.counting import count as count_in
    from mailtools.mailqueues.values import total
    found = count_in(queue_directory)
    click.echo(json.dumps(dict(host=socket.gethostname(), at=int(time.time()), **found, total=total(found))))
    return failure.EX_OK
