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


def in_background(pid_file, work, program='bouncedmail'):
    """Run work(started) as a daemon; the exit status of the process that was called.

    work calls started() when it has begun; what fails before that is told on
    our stderr, with its status.
    """
    answer, tell = os.pipe()
    if os.fork() == 0:
        os.close(answer)
        os._exit(as_daemon(pid_file, work, tell))
    os.close(tell)
    with open(answer, 'rb') as pipe:
        said = pipe.read()
    if said == RUNNING:
        return EX_OK
    status, _, sentence = said.decode('utf-8', 'replace').partition(' ')
    complain(program, sentence or 'the daemon died before it began')
    return int(status) if status.isdigit() else EX_SOFTWARE


def as_daemon(pid_file, work, tell):
    """What the forked process does; its exit status."""
    def started():
        os.write(tell, RUNNING)
        os.close(tell)
    try:
        with daemon.DaemonContext(files_preserve=[tell], umask=0o077, signal_map={}):
            return hold(pid_file, work, started, tell)
    except SystemExit as ended:         # the two forks of python-daemon
        return ended.code or EX_OK


def hold(pid_file, work, started, tell):
    """Work while the pid file is ours; the exit status."""
    try:
        with disk.locked(pid_file, 0o644):
            status = work(started)
            os.unlink(pid_file)
            return status
    except Failure as failed:
        said, status = str(failed), failed.status
    except Exception as error:
        said, status = said_by(error), EX_SOFTWARE
    try:
        os.write(tell, '{} {}'.format(status, said).encode('utf-8', 'replace'))
    except OSError:
        pass                            # it had begun
    return status
