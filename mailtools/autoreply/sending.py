"""The answer to sendmail(1): an argument list, no shell, and a time limit.

sendmail gets a session of its own, so that all that it starts can be killed with it, the message as
a file (a pipe that breaks off would let it send half of one), and nowhere to write: what it
printed, Postfix would read as ours (`5.1.1 ...` bounces the mail, whatever our status is).
"""
import _signal
import posix

from mailtools.autoreply.values import Trouble

CANNOT_RUN = 127


class TooLong(Exception):
    """The time is over."""


def arguments(sendmail, recipient):
    """The argument list: the null sender, no reports, and one recipient that is no option."""
    return [sendmail, '-i', '-f', '<>', '-N', 'never', '--', recipient]


def send(sendmail, recipient, message, folder, limit_s):
    """Let sendmail take the message, or raise Trouble; then it has not been sent, as far as we know.

    recipient: text of one address, quoted.  message: bytes.  folder: where a file may be
    written.  limit_s: after so many seconds sendmail is killed, with all that it started.
    """
    source = nameless_file(folder, message)
    try:
        status, why_not = run(arguments(sendmail, recipient), source, limit_s)
    finally:
        posix.close(source)
    if why_not:
        raise Trouble('{} cannot be run: {}'.format(sendmail, why_not))
    if status is None:
        raise Trouble('{} took more than {} seconds'.format(sendmail, limit_s))
    if posix.WIFSIGNALED(status):
        raise Trouble('{} was ended by signal {}'.format(sendmail, posix.WTERMSIG(status)))
    if status:
        raise Trouble('{} refused, status {}'.format(sendmail, posix.WEXITSTATUS(status)))


def nameless_file(folder, data):
    """An open file that holds `data`, is at its start, and has no name any more."""
    path = '{}/.message.{}.{}'.format(folder, posix.getpid(), posix.urandom(4).hex())
    flags = posix.O_RDWR | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC
    try:
        descriptor = posix.open(path, flags, 0o600)
        try:
            while data:
                data = data[posix.write(descriptor, data):]
            posix.lseek(descriptor, 0, 0)
        except BaseException:
            posix.close(descriptor)
            raise
        finally:
            posix.unlink(path)
    except OSError as error:
        raise Trouble('cannot write {}: {}'.format(path, error.strerror))
    return descriptor


def run(args, stdin, limit_s):
    """Run a program to its end: (wait status, None when it took too long; why it could not begin, or '')."""
    def late(_number, _frame):
        raise TooLong

    before = _signal.signal(_signal.SIGALRM, late)
    waiting = _signal.alarm(0)          # the time limit of the whole program, kept for afterwards
    told, tell = posix.pipe()           # closed when the program begins
    child = posix.fork()
    if child == 0:
        become(args, stdin, tell)
    posix.close(tell)
    status = None
    try:
        _signal.alarm(limit_s)
        status = posix.waitpid(child, 0)[1]
    except TooLong:
        pass
    finally:
        _signal.alarm(0)
        if status is None:
            kill(child)
        _signal.signal(_signal.SIGALRM, before)
        _signal.alarm(waiting)
        why_not = posix.read(told, 500)
        posix.close(told)
    return status, why_not.decode('utf-8', 'replace')


def become(args, stdin, tell):
    """In the child: be that program, or tell why not.  Does not return."""
    try:
        posix.setsid()
        for number in _signal.SIGPIPE, _signal.SIGXFSZ:     # which Python ignores
            _signal.signal(number, _signal.SIG_DFL)
        null = posix.open('/dev/null', posix.O_WRONLY)
        posix.dup2(stdin, 0)
        posix.dup2(null, 1)
        posix.dup2(null, 2)
        octets = [one.encode('utf-8', 'surrogateescape') for one in args]   # 3.6 under the C locale would not
        posix.execv(octets[0], octets)
    except BaseException as error:
        posix.write(tell, str(getattr(error, 'strerror', None) or error).encode('utf-8', 'replace')[:500])
    finally:
        posix._exit(CANNOT_RUN)


def kill(child):
    """End the child with all that it started, and wait for it."""
    for end in posix.killpg, posix.kill:        # it may not have got as far as setsid
        try:
            end(child, _signal.SIGKILL)
        except OSError:
            pass
    try:
        posix.waitpid(child, 0)
    except OSError:
        pass
