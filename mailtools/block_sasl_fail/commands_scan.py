"""The commands that read the log and act: scan, follow.

Options, the order of work, and what is told; the work is in scanning.py, follow.py and so on.  bin/ calls a scan
without options by quick_scan.py, which loads no click.
"""
import contextlib
import os
import time

import click

from mailtools.base import failure, terminal
from mailtools.base.commandline import FILE

COLUMNS = ('act', 'client', 'why', 'since', 'until')
COLOURS = {'block': 'red', 'release': 'green'}

log_option = click.option('--log', type=FILE, metavar='FILE',
                          help='Another log than that of the settings; journal for journald.')


def moment(_ctx, _param, value):
    """`2026-03-05`, `2026-03-05 04:03[:02]` in local time, `2h`: seconds since the epoch."""
    if value is None:
        return None
    from mailtools.base.settings import seconds
    with contextlib.suppress(ValueError):
        return time.time() - seconds(value)
    for form in '%Y-%m-%d', '%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M:%S':
        with contextlib.suppress(ValueError):
            return time.mktime(time.strptime(value.replace('T', ' '), form))
    raise click.BadParameter('neither a time like 2026-03-05 04:03 nor one ago like 2h')


@click.command('scan', short_help='Read what is new in the log, and bring the map up to date.')
@click.option('--dry-run', is_flag=True, help='Show what it would do; change nothing.')
@click.option('--since', metavar='TIME', callback=moment,
              help='Replay: show whom the log since TIME gives reason to block, as if nothing were known before; '
                   'change nothing.  TIME is 2026-03-05, "2026-03-05 04:03" or 2h.')
@log_option
@terminal.output_options
@click.pass_obj
def scan(session, dry_run, since, log, form):
    """Read what is new in the log, and bring the map up to date.

    Each line counts once, however the log is rotated and whenever this runs.
    Prints nothing when all is well.

    \b
    Examples:
      block-sasl-fail scan                                from cron
      block-sasl-fail scan --dry-run                      what it would do
      block-sasl-fail scan --since 7d -c stricter.conf    what other settings would have done
      block-sasl-fail scan --since 2026-01-01 --log old/maillog.1.gz
    """
    if since is not None:
        return replay(session, log, since, form)
    if dry_run:
        return rehearse(session, log, form)
    from mailtools.block_sasl_fail.scanning import scan_and_tell
    return scan_and_tell(session, log)


# -- what would be --

def rehearse(session, log, form):
    """scan --dry-run: the same work, taken back; status 0."""
    from mailtools.block_sasl_fail import accessmap, state
    from mailtools.block_sasl_fail.logs import log_of, open_source
    from mailtools.block_sasl_fail.scan import Scanner
    from mailtools.block_sasl_fail.scanning import closing
    settings, now = session.settings, time.time()
    there = os.path.exists(settings.state)
    with state.lock(settings.state, state.WAIT_S) if there else contextlib.ExitStack():
        with state.opened(settings.state if there else state.IN_MEMORY) as file, file.transaction(keep=False):
            log = log or log_of(settings)
            scanner = Scanner(file, settings, log, session.log, now, dry=True)
            source = open_source(log, file.place(log), settings)
            with closing(source):
                scanner.read(source)
            plan = scanner.plan()
            plan = plan._replace(blocks=tuple(plan.blocks))
    for sentence in scanner.said:
        failure.complain(session.program, sentence)
    new, gone = accessmap.compare(plan, settings)
    known = {one.key: one for one in plan.blocks}
    terminal.show(COLUMNS, [row_of('block', key, known[key]) for key in new]
                  + [row_of('release', key, None) for key in gone], form, COLOURS)
    return failure.EX_OK


def replay(session, log, since, form):
    """scan --since: as if nothing were known before; nothing is changed."""
    from mailtools.block_sasl_fail import state
    from mailtools.block_sasl_fail.logs import log_of
    from mailtools.block_sasl_fail.replaying import blocks_since
    log = log or log_of(session.settings)
    with state.opened(state.IN_MEMORY) as file:
        blocks = blocks_since(file, session.settings, log, since)
    terminal.show(COLUMNS, [row_of('block', one.key, one) for one in blocks], form, COLOURS)
    return failure.EX_OK


def row_of(act, key, block):
    """One row of what would be done."""
    from mailtools.block_sasl_fail.scan import time_text
    times = (time_text(block.since), time_text(block.until)) if block else (None, None)
    return (act, key, block.why if block else None) + times


# -- follow --

@click.command('follow', short_help='Do the same within seconds, for ever.')
@click.option('--detach', is_flag=True, help='In the background.')
@click.option('--pid-file', metavar='FILE', help='Where --detach writes its process id.')
@log_option
@click.pass_obj
def follow(session, detach, pid_file, log):
    """Do what scan does within seconds, for ever.

    SIGTERM ends it, SIGHUP reads the settings again.

    \b
    Examples:
      block-sasl-fail follow               from systemd
      block-sasl-fail follow --detach      without systemd
    """
    from mailtools.block_sasl_fail.follow import follow_settings
    if detach:
        from mailtools.base.background import in_background
        return in_background(pid_file or session.settings.pid_file,
                             lambda started: follow_settings(session, log, started),
                             session.log, session.program)
    return follow_settings(session, log)

