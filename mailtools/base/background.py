"""Daemons: what signals ask of one, and one without systemd, of which who starts it learns whether it runs.

The pid file is locked by the kernel, so one that a killed daemon left behind is
simply taken over, and one that is in use is never broken.
"""
import os
import select
import signal

from mailtools.base import disk
from mailtools.base.failure import EX_OK, EX_SOFTWARE, Failure, complain, one_line

RUNNING = b'running'


class Asked:
    """What signals have asked of a daemon; a waiting daemon wakes up at once."""

    def __init__(self):
        self.stop = False
        self.reload = False
        self._wake_up, written = os.pipe()
        os.set_blocking(self._wake_up, False)
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def _stop(self, _number, _frame):
        self.stop = True

    def _reload(self, _number, _frame):
        self.reload = True

    def anything(self):
        """True when there is something to do other than to go on."""
        return self.stop or self.reload

    def wait(self, seconds, also=()):
        """Wait so long, or until a signal comes, or one of the files in `also` can be read."""
        if self._wake_up in select.select([self._wake_up] + list(also), [], [], seconds)[0]:
            os.read(self._wake_up, 512)


def in_background(pid_file, work, log, program):
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
    import daemon

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
        return EX_SOFTWARE, '{}: {}'.format(type(error).__name__, one_line(error))
