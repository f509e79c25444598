"""The spool: a Maildir of mails that wait to be stored, between `ingest` and `drain`.

    tmp/     being written; what a crash left here is swept after 36 hours
    new/     safe, and waiting; filled by ingest, or by local(8) itself
    cur/     the same, for a mail reader may have looked
    failed/  refused by the database, each with its reason beside it in NAME.why

Names begin with the second of delivery, so that their order is the order of
the mails.  A mail may vanish at any time, taken by another drainer: that is no error.
"""
import contextlib
import heapq
import os
import re
import time
from typing import NamedTuple, Optional

from mailtools.base import disk
from mailtools.base.failure import EX_CONFIG, EX_IOERR, Failure, reason_of

WINDOW = 50000              # names that are held at a time: a spool may have a million
SWEEP_AGE_S = 36 * 3600     # of tmp/, as the Maildir specification says
LARGE = 1 << 20             # bytes from which a second copy of a mail is worth avoiding
TOP = 1024                  # bytes in which the `From ` line ends
UNFINISHED, WAITING, ASIDE, REASON = 'tmp', ('new', 'cur'), 'failed', '.why'

# `From MAILER-DAEMON  Thu Apr 29 23:34:45 2015`, before the headers; a mail that was in
# an mbox has it as `>From `, and Macs end it with CR.
FROM_LINE = re.compile(rb'>?From [^\r\n]*(?:\r\n|\r|\n)')


class SpoolTrouble(Failure):
    """The spool cannot be used as it should; mail waits until somebody mends it."""

    status = EX_IOERR


class Spooled(NamedTuple):
    """One mail of the spool."""

    raw: bytes              # without an mbox `From ` line
    received: float         # when it came, seconds since the epoch


class State(NamedTuple):
    """How full the spool is."""

    waiting: int
    oldest: Optional[float]     # when the oldest came, seconds since the epoch; None: empty
    failed: int


class Spool:
    """One spool folder.  Names are relative to it: `new/1762000000.M5P7R9.mx1`."""

    def __init__(self, folder):
        self.folder = str(folder)
        self._window = []           # names to be handed out, the oldest last
        self.check()

    def check(self):
        """Raise Failure unless the folder is there.  It is not made: a disk may not be mounted."""
        try:
            os.stat(self.path('.'))     # which a file has not
        except OSError as error:
            raise Failure('cannot use the spool {}: {}'.format(self.folder, reason_of(error)), EX_CONFIG)

    def path(self, *names):
        """The path of something in the spool."""
        return os.path.join(self.folder, *names)

    def lock(self):
        """A context in which no other drainer works on this spool; raises Busy."""
        return disk.locked(self.path('.drain.lock'))

    # -- reading --

    def waiting(self):
        """Hand out the names of mails that wait, each once, the oldest first.

        Goes on where the last call stopped; the folders are read again when
        all that a reading found is handed out.  Ends with the names in hand, not
        with the mails: only a call that gives nothing means an empty spool.
        """
        if not self._window:
            self._window = heapq.nsmallest(WINDOW, self.names(), key=basename)
            self._window.reverse()
        while self._window:
            yield self._window.pop()

    def rewind(self):
        """Hand out again what was handed out and is still there."""
        self._window = []

    def names(self):
        """The names of all mails that wait, in no order."""
        for folder in WAITING:
            for name in self.mails_of(folder):
                yield folder + '/' + name

    def mails_of(self, folder):
        """The names of the mails of a folder, without the reasons that are beside them in failed/."""
        return (name for name in self.files_of(folder) if not name.endswith(REASON))

    def files_of(self, folder):
        """The names of the regular files of a folder; of none when the folder is missing."""
        try:
            with os.scandir(self.path(folder)) as entries:
                for entry in entries:
                    if entry.name[0] != '.' and entry.is_file(follow_symlinks=False):
                        yield entry.name
        except FileNotFoundError:
            return
        except OSError as error:
            raise self.trouble('read', folder, error)

    def read(self, name):
        """The mail of that name, or None when it is gone.  Raises OSError."""
        try:
            descriptor = os.open(self.path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            facts = os.fstat(descriptor)
            raw = read_mail(descriptor, facts.st_size)
        finally:
            os.close(descriptor)
        return Spooled(raw, received_of(name, facts.st_mtime))

    # -- taking out --

    def remove(self, name):
        """Remove a mail that is safe elsewhere; another may have done so."""
        try:
            os.unlink(self.path(name))
        except FileNotFoundError:
            pass
        except OSError as error:    # it would be drained for ever
            raise self.trouble('remove', name, error)

    def set_aside(self, name, why):
        """Move a mail to failed/, and write the reason beside it.

        Where the disk is too full for the reason the mail is moved all the same.
        """
        target = os.path.join(ASIDE, os.path.basename(name))
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self.path(ASIDE), 0o700)
                disk.give_to_owner(self.path(ASIDE))
            reason = (why + '\n').encode('utf-8', 'backslashreplace')
            with contextlib.suppress(OSError):
                disk.replace(self.path(target + REASON), reason, 0o600)
                disk.give_to_owner(self.path(target + REASON))
            os.rename(self.path(name), self.path(target))
            disk.sync_folder(self.path(ASIDE))
        except FileNotFoundError:
            with contextlib.suppress(OSError):
                os.unlink(self.path(target + REASON))
        except OSError as error:
            raise self.trouble('set aside', name, error)

    def retry_failed(self):
        """Move what is in failed/ back to new/; how many mails."""
        count = 0
        for name in list(self.mails_of(ASIDE)):
            try:
                os.rename(self.path(ASIDE, name), self.path(WAITING[0], name))
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path(ASIDE, name + REASON))
            except OSError as error:
                raise self.trouble('move back', os.path.join(ASIDE, name), error)
            count += 1
        return count

    def sweep(self, now):
        """Remove what killed deliveries left in tmp/ long ago.  now: seconds since the epoch."""
        for name in self.files_of(UNFINISHED):
            with contextlib.suppress(OSError):
                path = self.path(UNFINISHED, name)
                if os.lstat(path).st_mtime < now - SWEEP_AGE_S:
                    os.unlink(path)

    # -- looking --

    def state(self):
        """How full it is; a State."""
        waiting, oldest = 0, None
        for name in self.names():
            received = time_in(name) or self.time_of_file(name)
            if received is not None:
                waiting += 1
                oldest = received if oldest is None else min(oldest, received)
        return State(waiting, oldest, sum(1 for _ in self.mails_of(ASIDE)))

    def time_of_file(self, name):
        """When a mail came, by its file; None when it is gone."""
        try:
            return os.lstat(self.path(name)).st_mtime
        except OSError:
            return None

    def trouble(self, act, name, error):
        """The failure of one act on something in the spool."""
        return SpoolTrouble('cannot {} {}: {}'.format(act, self.path(name), reason_of(error)))


def basename(name):
    """The part of a name that has the time in front."""
    return name[4:]                 # behind new/ or cur/


def read_mail(descriptor, size):
    """The bytes of an open file without its `From ` line; of a large one no second copy is made."""
    if size < LARGE:
        return without_from_line(read_all(descriptor, size))
    found = FROM_LINE.match(os.pread(descriptor, TOP, 0))
    start = found.end() if found else 0
    os.lseek(descriptor, start, os.SEEK_SET)
    return read_all(descriptor, size - start)


def read_all(descriptor, size):
    """The rest of an open file; size: how many bytes that is."""
    raw = os.read(descriptor, size)
    if len(raw) < size:             # one read gives 2 GB at most
        with open(descriptor, 'rb', closefd=False) as file:
            raw += file.read()
    return raw


def without_from_line(raw):
    """A mail without an mbox `From ` line at its start."""
    if raw[:5] != b'From ' and raw[:6] != b'>From ':
        return raw
    found = FROM_LINE.match(raw)
    return raw[found.end():] if found else raw


def time_in(name):
    """The time at the start of a Maildir name, seconds since the epoch; None if there is none.

    `new/1762000000.M5P7R9.mx1:2,S` -> 1762000000.0
    """
    digits = os.path.basename(name).partition('.')[0]
    return float(digits) if len(digits) == 10 and digits.isdigit() else None


def received_of(name, modified):
    """When a mail of a Maildir came: its name says so even when the file was copied."""
    return time_in(name) or modified


def as_text(when):
    """A time in seconds since the epoch as `2026-11-22T21:19:37Z`."""
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(when))
