"""The mail log where it is in the journal of systemd only: what journalctl(1) prints of some days.

`-o short` prints the lines of syslog, in local time, as old as systemd itself.  Entries are found by the facility
that Postfix logs with, and not by a unit: that is postfix.service here, and postfix@-.service there.
"""
import contextlib
import os
import shutil
import subprocess
import time
from typing import Any

from mailtools.base.failure import EX_UNAVAILABLE, one_line, reason_of
from mailtools.base.text import visible
from mailtools.pflogsumm_report.sources import LogFailure

NAME = 'journal'
PLACES = '/usr/bin:/bin'
FACILITY = 'SYSLOG_FACILITY=2'      # mail, syslog(3)
OPTIONS = ('--output=short', '--all', '--quiet', '--no-pager')
WAIT_S = 20


class JournalFailure(LogFailure):
    """journalctl cannot be started, or refuses."""

    status = EX_UNAVAILABLE


def find():
    """The path of journalctl; None where there is no systemd."""
    return shutil.which('journalctl', path=os.environ.get('PATH', '') + os.pathsep + PLACES)


def command(program, begin, end):
    """The argument list that prints the mail log from one date until another one begins."""
    return [program] + list(OPTIONS) + ['--since=@{}'.format(epoch(begin)), '--until=@{}'.format(epoch(end)), FACILITY]


def epoch(date):
    """Seconds since the epoch when a date begins here."""
    return int(time.mktime(date.timetuple()))


@contextlib.contextmanager
def opened(program, begin, end):
    """A file object that gives the lines; raises JournalFailure, at the end for what journalctl says then."""
    try:
        process: Any = subprocess.Popen(command(program, begin, end), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL='C'))
    except OSError as error:
        raise JournalFailure('cannot start {}: {}'.format(program, reason_of(error)))
    try:
        yield process.stdout
        said = process.stderr.read().decode('utf-8', 'replace').strip().split('\n')[0]
        status = process.wait(WAIT_S)
        if status:
            raise JournalFailure('{} ended with status {}{}'.format(
                program, status, ': ' + visible(one_line(said)) if said else ''))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
