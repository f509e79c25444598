"""A daemon without systemd, by python-daemon; whoever starts it learns whether it runs.

The pid file is locked by the kernel, so one that a killed daemon left behind is
simply taken over, and one that is in use is never broken.
"""
import os

import daemon

from mailtools.base import disk
from mailtools.base.failure import EX_OK, EX_SOFTWARE, Failure, complain
from mailtools.bouncedmail.reading import said_by

RUNNING = b'running'


def in_background(pid_file, work, log, program='bouncedmail'):
    """Run work(started) as a daemon; the exit status of the process that was called.

    work calls started() when it has begun, and may again; what fails before
    that is told on our stderr, with its status, and what fails later in the log.
    """
    answer, tell = os.pipe()
    if os.fork() == 0:
        status = EX_SOFTWARE
        try:
            os.close(answer)
            with open(tell, 'wb', buffering=0) as pipe:
                status = as_daemon(pid_file, work, pipe, log)
        finally:
            os._exit(status)            # this copy of the program has nothing else to do
    os.close(tell)
    with open(answer, 'rb') as pipe:
        said = pipe.read()
    if said == RUNNING:
        return EX_OK
    number, _, sentence = said.decode('utf-8', 'replace').partition(' ')
    complain(program, sentence or 'the daemon died before it began')
    return int(number) if number.isdigit() else EX_SOFTWARE


def as_daemon(pid_file, work, tell, log):
    """What the forked process does; its exit status.  tell: the pipe to who waits, a raw file."""
    def started():
        if not tell.closed:             # its descriptor may be another file's by then
            tell.write(RUNNING)
            tell.close()
    try:
        with daemon.DaemonContext(files_preserve=[tell], umask=0o077, signal_map={}):
            status, said = hold(pid_file, work, started)
    except SystemExit as ended:         # the two forks of python-daemon
        return ended.code or EX_OK
    if said and tell.closed:            # nobody waits for one that had begun
        log.error('ended', status=status, why=said)
    elif said:
        tell.write('{} {}'.format(status, said).encode('utf-8', 'replace'))
    return status


def hold(pid_file, work, started):
    """Work while the pid file is ours; (exit status, why it failed or None)."""
    try:
        with disk.locked(pid_file, 0o644):
            status = work(started)
            os.unlink(pid_file)
            return status, None
    except Failure as failed:
        return failed.status, str(failed)
    except Exception as error:
        return EX_SOFTWARE, said_by(error)
