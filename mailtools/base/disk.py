"""Files that another program reads, and the lock of a program that must run once.

A file is replaced whole or not at all; a crash of the machine leaves the old one
or the new one.
"""
import contextlib
import fcntl
import os

from mailtools.base.failure import EX_IOERR, Busy, Failure, reason_of

URI_PLAIN = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~')     # RFC 3986 2.3


def replace(path, data, mode=0o644):
    """Put `data` (bytes) in place of the file at `path`, durably.

    The file that is there until then, if any, is what readers see up to the
    rename; when anything fails it stays as it was.  Raises OSError.
    """
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, '.{}.{}'.format(name, os.urandom(8).hex()))
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, 'wb') as file:
            file.write(data)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        os.rename(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
    sync_folder(folder or '.')


def sync_folder(path):
    """Make the names in a folder durable; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_owner(path):
    """What root makes, give to the owner of its folder; otherwise nothing.

    A daemon that is no root must not fail for what a person did as root.
    """
    if os.geteuid() == 0:
        folder = os.stat(os.path.dirname(path) or '.')
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)


def make_file(path, mode):
    """Make an empty file with its mode, as give_to_owner() says, where there is none.  Raises OSError."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
    give_to_owner(path)


@contextlib.contextmanager
def locked(path, mode=0o600):
    """Hold the lock file at `path` while the block runs.

    The lock is the kernel's (fcntl), so that a run that is killed leaves none
    behind; the file stays, and says the process id of the last holder.
    Raises Busy when another run holds it, Failure when the file cannot be used.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
            give_to_owner(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        raise Failure('cannot open the lock {}: {}'.format(path, reason_of(error)), EX_IOERR)
    try:
        lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def sqlite_uri(path, mode):
    """A file for sqlite3.connect(uri=True), https://www.sqlite.org/uri.html.

    mode: `rwc`, `rw` or `ro`.  As a plain name Python 3.6 takes no path beyond ASCII under the C locale.
    """
    return 'file:{}?mode={}'.format(''.join(
        chr(byte) if chr(byte) in URI_PLAIN else '%{:02x}'.format(byte) for byte in os.fsencode(path)), mode)


def lock(descriptor, path):
    """Lock an open file and write our process id into it."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):          # POSIX allows both for "taken"
        raise Busy('another run{} holds {}'.format(holder(descriptor), path))
    except OSError as error:
        raise Failure('cannot lock {}: {}'.format(path, reason_of(error)), EX_IOERR)
    with contextlib.suppress(OSError):                  # a full disk: who holds it is only told
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, '{}\n'.format(os.getpid()).encode(), 0)


def holder(descriptor):
    """` (process 4711)` of a lock file, or nothing when it does not say."""
    said = os.pread(descriptor, 32, 0).strip()
    return ' (process {})'.format(int(said)) if said.isdigit() else ''
