"""The state folder: files that are locked, written, made durable, and moved aside when they are damaged.

Locks are the kernel's (flock), so that a run that is killed leaves none behind.
"""
import errno
import fcntl
import posix
import time

from mailtools.autoreply.values import Trouble

LOCK_WAIT_S = 50            # the next try comes from Postfix
DAMAGED_LIMIT = 100         # things that are kept in damaged/
NAME_LIMIT = 180            # bytes of the name that something moved keeps
FILE, DIRECTORY = 0o100000, 0o040000
NOT_USABLE = (errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES, errno.ENXIO, errno.EEXIST)


class Folder:
    """The state folder.  report: called with (event, path) for what an operator must see."""

    def __init__(self, path, report):
        self.path = path.rstrip('/') or '/'
        self.report = report

    def check(self):
        """Raise Trouble unless the folder is there.  It is not made: a disk may not be mounted."""
        try:
            posix.stat(self.path + '/.')
        except OSError as error:
            raise trouble('use', self.path, error)

    def set_aside(self, path, stays=False):
        """Move something unusable to damaged/, and tell; Trouble when it cannot be moved.

        stays: it is about to be replaced, so only give it a second name there.
        """
        target = '{}/damaged'.format(self.path)
        name = '{}.{:.0f}.{}'.format(path.rpartition('/')[2][:NAME_LIMIT], time.time(), posix.urandom(4).hex())
        try:
            try:
                posix.mkdir(target, 0o700)
            except FileExistsError:
                pass
            (posix.link if stays else posix.rename)(path, '{}/{}'.format(target, name))
        except FileNotFoundError:
            return                      # another was quicker
        except OSError as error:
            raise trouble('move aside', path, error)
        self.report('state-damaged', '{}/{}'.format(target, name))
        for old in sorted(posix.listdir(target), key=lambda one: one.split('.')[-2:])[:-DAMAGED_LIMIT]:
            try:
                posix.unlink('{}/{}'.format(target, old))
            except OSError:
                pass


def trouble(act, path, error):
    """The failure of one act on something of the state."""
    return Trouble('cannot {} {}: {}'.format(act, path, error.strerror or error))


def kind(facts):
    """FILE, DIRECTORY or another number, of what stat gives."""
    return facts.st_mode & 0o170000


def wait_for(descriptor, path):
    """Lock an open file or folder, when it is free within LOCK_WAIT_S; else Trouble."""
    end, pause = time.monotonic() + LOCK_WAIT_S, 0.002
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise Trouble('{} is locked for more than {} seconds'.format(path, LOCK_WAIT_S))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def read_all(descriptor, most=1 << 30):
    """All bytes of an open file, or its first `most` and some."""
    pieces: list = []
    place = 0
    while True:
        piece = posix.pread(descriptor, 1 << 20, place)
        if not piece or place > most:
            return b''.join(pieces)
        pieces.append(piece)
        place += len(piece)


def write_all(descriptor, data, place):
    """Write bytes at a place of an open file."""
    while data:
        written = posix.pwrite(descriptor, data, place)
        data, place = data[written:], place + written


def replace(path, data):
    """Put bytes in place of a file, whole or not at all."""
    unfinished = '{}.{}.{}'.format(path, posix.getpid(), posix.urandom(4).hex())
    descriptor = posix.open(unfinished, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC, 0o600)
    try:
        try:
            write_all(descriptor, data, 0)
        finally:
            posix.close(descriptor)
        posix.rename(unfinished, path)
    except BaseException:
        posix.unlink(unfinished)
        raise


def append(descriptor, data, place):
    """Write bytes at the end of an open file, which is at `place`; none of them where the disk is full."""
    try:
        write_all(descriptor, data, place)
    except OSError:
        posix.ftruncate(descriptor, place)
        raise


def sync_folder(path):
    """Make the names in a folder durable."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        posix.fsync(descriptor)
    finally:
        posix.close(descriptor)
