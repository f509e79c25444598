"""The command `failures`: what the parser sees in logs, without state, settings of the policy, or blocks."""
import contextlib
import json
import sys
import time

import click

from mailtools.base import blocks, failure, terminal
from mailtools.base.commandline import FILE
from mailtools.base.text import visible
from mailtools.block_sasl_fail import inputs
from mailtools.block_sasl_fail.settings import JOURNAL

COLUMNS = ('time', 'client', 'mechanism', 'service', 'username', 'line', 'times')
COUNT_COLUMNS = ('client', 'failures')


@click.command('failures', short_help='Print the failures that a log tells of.')
@click.argument('logs', metavar='[LOG...|-]', nargs=-1, type=FILE)
@click.option('--count', is_flag=True, help='Print one line a client: how often it failed.')
@click.option('--table', 'form', flag_value=terminal.TABLE, help='Print columns, as on a terminal.')
@terminal.output_options
@click.pass_obj
def failures(session, logs, count, form):
    """Print the failures to authenticate that logs tell of; block nobody, remember nothing.

    LOG is a file, also one packed by gzip, bzip2, xz or zstd; `-` is standard
    input, for `journalctl -o json`, export or short-iso too; without LOG it is the log
    of the settings, or the whole journal.  Outside a terminal JSON Lines are printed.

    \b
    Examples:
      block-sasl-fail failures --count /var/log/maillog | head
      block-sasl-fail failures --csv /var/log/maillog*
      journalctl -o json -t postfix/smtpd | block-sasl-fail failures -
    """
    form = form or (terminal.TABLE if sys.stdout.isatty() else terminal.JSON)
    reading = Reading(logs) if logs else usual(session.settings)
    if count:
        terminal.show(COUNT_COLUMNS, counted(reading), form)
    elif form == terminal.JSON:
        print_objects(reading.attempts())
    else:
        terminal.show(COLUMNS, map(row_of, reading.attempts()), form)
    return reading.status


def usual(settings):
    """The Reading of the log of the settings."""
    from mailtools.block_sasl_fail.logs import log_of
    log = log_of(settings)
    return JournalReading(settings.journalctl) if log == JOURNAL else Reading((log,))


class Reading:
    """Some logs, one after the other; one that cannot be read is told, and the rest is read."""

    def __init__(self, paths):
        self.paths = paths
        self.status = failure.EX_OK

    def blocks(self):
        """Yield (log, its time of the last change, block, start, end); the log as its number."""
        for number, path in enumerate(self.paths):
            try:
                with inputs.opened(path) as (file, changed):
                    for block, start, end in blocks.whole_lines(file):
                        yield number, changed, block, start, end
            except inputs.InputFailure as failed:
                failure.complain('block-sasl-fail', visible(str(failed)))
                self.status = failure.EX_ATTENTION

    def attempts(self):
        """Yield the Attempts that count; `line` is counted from the begin of each log."""
        from mailtools.block_sasl_fail.logline import scan
        from mailtools.block_sasl_fail.stamps import Clock
        from mailtools.block_sasl_fail.values import FAILURE
        current = None
        for number, changed, block, start, end in self.blocks():
            if number != current:
                current, line = number, 1
                clock = Clock(time.time() if changed is None else changed)
            block = block[start:end]
            for attempt in scan(block, clock, line):
                if attempt.kind == FAILURE:
                    yield attempt
            line += block.count(b'\n')


class JournalReading(Reading):
    """All that the journal has of smtpd; raises JournalFailure."""

    def __init__(self, program):
        super().__init__(())
        self.program = program

    def blocks(self):
        """Yield as Reading does; `line` is the number of the entry."""
        from mailtools.block_sasl_fail.journal import Journal
        with contextlib.closing(Journal(self.program, None, first='--since=@0')) as journal:
            for entries in journal.chunks():
                yield 0, None, entries.data, 0, len(entries.data)


def counted(reading):
    """(client, failures) pairs of all logs together."""
    from mailtools.block_sasl_fail.counting import Tally
    tally = Tally()
    for _, _, block, start, end in reading.blocks():
        tally.add(block, start, end)
    return tally.failures()


def row_of(attempt):
    """An Attempt in the order of COLUMNS."""
    return (time_text(attempt.time), attempt.client, attempt.mechanism, attempt.service, attempt.username,
            attempt.line, attempt.times)


def time_text(seconds):
    """ISO 8601 in UTC: 2026-11-22T22:51:33Z, with microseconds where the log has them."""
    micros = round(seconds * 1000000)
    text = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(micros // 1000000))
    return '{}.{:06}Z'.format(text, micros % 1000000) if micros % 1000000 else text + 'Z'


def print_objects(attempts):
    """JSON Lines: ASCII, so that every reader of every locale takes it."""
    encode, write = json.JSONEncoder(check_circular=False).encode, sys.stdout.write
    for attempt in attempts:
        write(encode(dict(zip(COLUMNS, row_of(attempt)))) + '\n')
