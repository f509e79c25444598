"""The commands between a mail that comes back and the database: drain, import, parse, check.

Options, the order of work, and what is told; the work is in drain.py, sources.py,
and so on, which are imported by the command that needs them.
"""
import functools
import json
import os
import sys
import time

import click

from mailtools.base import failure, terminal
from mailtools.base.commandline import FILE
from mailtools.base.text import visible
from mailtools.bouncedmail import ingest as pipe

COLUMNS = ('source', 'kind', 'recipient', 'status', 'severity', 'reason', 'diagnostic')
COLOURS = {'hard': 'red', 'complaint': 'red', 'soft': 'yellow', 'delay': 'yellow'}

spool_option = click.option('--spool', type=FILE, metavar='DIR', help='Another spool than the one of the settings.')


# -- what the commands share --

def wanted_of(settings):
    """What the settings ask of the reader."""
    from mailtools.bouncedmail.report import Wanted
    return Wanted(settings.headers, settings.verp_delimiters, settings.verp_domains, settings.text_limit)


def reader_of(settings, with_text=True):
    """bytes -> Report, as the settings have it; with_text: with the text for people, which costs."""
    from mailtools.bouncedmail import reader
    wanted = wanted_of(settings)
    return functools.partial(reader.read, wanted=wanted if with_text else wanted._replace(text_limit=0))


def host_of(settings):
    """The name of this mail server."""
    return settings.host or os.uname().nodename


def open_store_of(settings):
    """The database of the settings."""
    from mailtools.bouncedmail import policy, store
    return store.open_store(settings.database, policy.from_settings(settings))


class Troubles:
    """What could not be read or stored: told at once, a line each, and remembered for the exit status."""

    def __init__(self, program='bouncedmail'):
        self.count = 0
        self._program = program

    def __call__(self, what, why, act='read'):
        self.count += 1
        failure.complain(self._program, 'cannot {} {}: {}'.format(act, visible(what), visible(why)))

    def status(self):
        """The exit status that they make."""
        return failure.EX_ATTENTION if self.count else failure.EX_OK


# -- ingest --

@click.command('ingest', help=pipe.HELP, context_settings={'ignore_unknown_options': True})
@click.argument('words', nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def ingest(session, words):
    """What `bouncedmail --config FILE ingest` does; bin/ calls ingest.py itself where it can."""
    return pipe.main((['--config', session.config] if session.config else []) + list(words))


# -- drain --

@click.command('drain', short_help='Move mail from the spool to the database.')
@click.option('--once', 'mode', flag_value='once', help='Until the spool is empty (the default).')
@click.option('--follow', 'mode', flag_value='follow',
              help='For ever; SIGTERM ends it, SIGHUP reads the settings again.')
@click.option('--detach', 'mode', flag_value='detach', help='As --follow, in the background.')
@click.option('--pid-file', metavar='FILE', help='Where --detach writes its process id.')
@click.option('--retry-failed', is_flag=True, help='First move what was set aside back into the spool.')
@spool_option
@click.pass_obj
def drain(session, mode, pid_file, retry_failed, spool):
    """Move mail from the spool to the database.

    A mail is removed from the spool when the database has it.  When the database
    is away mail waits; what it refuses is set aside in failed/ of the spool,
    with the reason beside it.

    \b
    Examples:
      bouncedmail drain               once, from cron
      bouncedmail drain --follow      a daemon, from systemd
      bouncedmail drain --detach      a daemon without systemd
    """
    if mode == 'detach':
        from mailtools.base.background import in_background
        opened_spool(session.settings, spool)       # told here rather than to nobody
        pid_file, spool, session.config = [         # for a daemon works in /
            path and os.path.abspath(path) for path in (
                pid_file or session.settings.pid_file, spool, session.config)]
        return in_background(
            pid_file, lambda started: follow_settings(session, spool, retry_failed, started), session.log,
            session.program)
    if mode == 'follow':
        return follow_settings(session, spool, retry_failed)
    return drain_all(session, spool, retry_failed)


def opened_spool(settings, folder):
    """The Spool that the command is about."""
    from mailtools.bouncedmail.spool import Spool
    return Spool(folder or settings.spool)


def limits_of(settings):
    """When a batch is full."""
    from mailtools.bouncedmail.drain import Limits
    return Limits(settings.batch, settings.batch_size)


def drainer_of(settings, spool, log):
    """A Drainer for a spool."""
    from mailtools.bouncedmail.drain import Drainer
    return Drainer(spool, functools.partial(open_store_of, settings), reader_of(settings),
                   host_of(settings), limits_of(settings), log)


def retry_of(settings):
    """How long to wait for a database that is away."""
    from mailtools.bouncedmail.follow import Retry
    return Retry(settings.retry_first, settings.retry_most)


def drain_all(session, folder, retry_failed):
    """drain --once."""
    from mailtools.bouncedmail.follow import until_empty
    spool = opened_spool(session.settings, folder)
    with spool.lock():
        if retry_failed:
            spool.retry_failed()
        drainer = drainer_of(session.settings, spool, log_of(session))
        count = spool.state().waiting if sys.stderr.isatty() else 0
        try:
            with terminal.progress(count, 'draining') as bar:
                drained = until_empty(drainer.batch, retry_of(session.settings), bar.update)
        finally:
            drainer.close()
    tell('drained', drained.new, drained.repeated, drained.failed)
    return failure.EX_ATTENTION if drained.failed else failure.EX_OK


class Silent:
    """A log that keeps what is not trouble to itself."""

    def __init__(self, log):
        self.error = log.error
        self.warning = log.warning

    def info(self, event, **fields):
        """Said to nobody."""


def log_of(session):
    """The log of a run from cron: without a syslog cron would mail each line that is no trouble."""
    log = session.log
    return log if session.verbose or os.path.exists(log.path) else Silent(log)


def tell(act, new, repeated, failed):
    """A line for a person who watches; cron wants none."""
    if sys.stdout.isatty():
        print('{} {}: {} new, {} known before, {} failed'.format(
            act, new + repeated + failed, new, repeated, failed))


def follow_settings(session, folder, retry_failed, started=lambda: None):
    """drain --follow: all over again whenever the settings are to be read again.

    started: called each time that the lock is held and work begins.
    """
    from mailtools.base.background import Asked
    from mailtools.bouncedmail.follow import follow
    asked = Asked()
    while not asked.stop:
        asked.reload = False
        spool = opened_spool(session.settings, folder)
        with spool.lock():
            if retry_failed:
                spool.retry_failed()
                retry_failed = False
            started()
            drainer = drainer_of(session.settings, spool, session.log)
            try:
                follow(drainer.batch, retry_of(session.settings), asked, session.log)
            finally:
                drainer.close()
        if asked.reload:
            reload(session)
    return failure.EX_OK


def reload(session):
    """Read the settings again; those that cannot be read leave the old ones in force."""
    try:
        session.reload()
        session.log.info('settings-read', file=session.settings.path)
    except failure.Failure as refused:
        session.log.error('settings-refused', why=str(refused))


# -- parse --

@click.command('parse', short_help='Print what mails report; store nothing.')
@click.argument('paths', metavar='PATH...|-', nargs=-1, required=True, type=FILE)
@click.option('--table', is_flag=True, help='Columns to read instead of JSON Lines.')
@click.pass_obj
def parse(session, paths, table):
    """Print what mails report, one JSON object a recipient; store nothing.

    PATH is a file with one mail, an mbox, a Maildir, or a folder with any of
    these; `-` is standard input.  The mails of an mbox are PATH#1, PATH#2, ...

    \b
    Examples:
      bouncedmail parse bounce.eml
      bouncedmail parse ~/Maildir | jq -r 'select(.severity == "hard") | .recipient'
      bouncedmail parse --table /var/mail/bounces
    """
    from mailtools.bouncedmail.reading import report_of
    from mailtools.bouncedmail.sources import mails
    troubles = Troubles()
    read = reader_of(session.settings, with_text=False)
    found = ((mail.source, report_of(mail.raw, read).events) for mail in mails(paths, troubles))
    if table:
        rows = ((source,) + tuple(getattr(event, name) for name in COLUMNS[1:])
                for source, events in found for event in events)
        terminal.show(COLUMNS, rows, colours=COLOURS)
    else:
        print_objects(found)
    return troubles.status()


def print_objects(found):
    """(source, events) pairs as JSON Lines: ASCII, so that every reader of every locale takes it."""
    from mailtools.bouncedmail.report import as_object
    encode, write = json.JSONEncoder(check_circular=False).encode, sys.stdout.write
    for source, events in found:
        for event in events:
            write(encode(as_object(event, source)) + '\n')


# -- import --

@click.command('import', short_help='Store the mails of old Maildirs and mboxes.')
@click.argument('paths', metavar='PATH...|-', nargs=-1, required=True, type=FILE)
@click.pass_obj
def import_(session, paths):
    """Store the mails of old Maildirs, mboxes and files; they stay where they are.

    A mail that is known already is not stored again, so this may be
    interrupted and repeated.

    \b
    Example:
      bouncedmail import /home/bounces/Maildir /var/mail/bounces
    """
    from mailtools.bouncedmail import importing
    settings, troubles, done = session.settings, Troubles(), importing.Done()
    size = importing.size_of(paths) if sys.stderr.isatty() else 0
    store = open_store_of(settings)
    try:
        with terminal.progress(size, 'importing') as bar:
            importing.store_all(paths, store, reader_of(settings), host_of(settings), limits_of(settings),
                                done, bar.update, troubles)
    finally:
        store.close()
        print('imported {} mails: {} new, {} known before, {} refused'.format(
            done.all, done.new, done.repeated, done.refused))
    return troubles.status()


# -- check --

@click.command('check', short_help='Is all well?  For Nagios and the like.')
@spool_option
@click.pass_obj
def check(session, spool):
    """Say in one line whether bounces are taken and stored, as monitors expect it.

    Exit status: 0 well, 1 warning, 2 critical, 3 unknown.
    """
    from mailtools.bouncedmail import checking
    try:
        settings = session.settings
        status, line = checking.check(
            opened_spool(settings, spool), functools.partial(open_store_of, settings),
            host_of(settings), settings, time.time())
    except failure.Failure as failed:
        status, line = checking.unknown(failed)
    print(line)
    return status
