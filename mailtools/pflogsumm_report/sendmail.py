"""A mail to sendmail(1): an argument list, no shell, and a time limit.

sendmail gets a session of its own, so that all that it starts can be ended with it.
"""
import os
import signal
import subprocess
import tempfile

from mailtools.base.failure import EX_IOERR, EX_TEMPFAIL, EX_UNAVAILABLE, Failure, one_line, reason_of
from mailtools.base.text import visible

LIMIT_S = 60


def send(sendmail, sender, recipients, mail, limit_s=LIMIT_S):
    """Let sendmail take a mail, or raise Failure; then it has not been sent, as far as we know.

    sender: the envelope sender, '' for that of the user.  mail: bytes.
    """
    args = [sendmail, '-i'] + (['-f', sender] if sender else []) + ['--'] + list(recipients)
    try:
        # A file and no pipe: a pipe that breaks off would let it send half of a mail.
        with tempfile.TemporaryFile() as source:
            source.write(mail)
            source.seek(0)
            status, said = run(args, source, limit_s)
    except OSError as error:
        raise Failure('cannot write to {}: {}'.format(tempfile.gettempdir(), reason_of(error)), EX_IOERR)
    if status < 0:
        raise Failure('{} was ended by signal {}{}'.format(sendmail, -status, said), EX_UNAVAILABLE)
    if status:
        raise Failure('{} refused the mail, status {}{}'.format(sendmail, status, said),
                      EX_TEMPFAIL if status == EX_TEMPFAIL else EX_UNAVAILABLE)


def run(args, source, limit_s):
    """(status, ` (what it said)`) of a program; raises Failure when it cannot be run, or takes too long."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(args, stdin=source, stdout=output, stderr=subprocess.STDOUT,
                                       start_new_session=True)
        except OSError as error:
            raise Failure('{} cannot be run: {}'.format(args[0], reason_of(error)), EX_UNAVAILABLE)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            end(process)
            raise Failure('{} took more than {} seconds'.format(args[0], limit_s), EX_TEMPFAIL)
        except BaseException:
            end(process)
            raise
        output.seek(0)
        said = output.read(2000).decode('utf-8', 'replace').strip()
    return status, ' ({})'.format(visible(one_line(said))) if said else ''


def end(process):
    """Kill it with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    process.wait()
