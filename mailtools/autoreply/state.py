"""Who was answered, when, and how many in all: plain files, durable, and locks of the kernel.

    answered/TEMPLATE/5f/ann@example.org    empty; its time is that of the answer
    sent                                    a line `TIME DOMAIN PID.N` for each answer of the last day
    damaged/                                what could not be used, moved out of the way

To look, to send and to record are one step under the lock of the sender's folder (flock on
xx/, one of 256), so that of mails that come at the same time one is answered.  The answer is counted
before it is sent, since two at once could both see room for one more, and taken back if it is not
sent.  It is recorded after it was sent: a crash between the two repeats an answer and loses none.

The state folder itself is never made: a disk that is not mounted would have everybody answered
again.  Anything that cannot be written raises Trouble before anything is sent.
"""
import posix
import time

from mailtools.autoreply.folder import (
    DIRECTORY,
    FILE,
    NAME_LIMIT,
    NOT_USABLE,
    Folder,
    kind,
    sync_folder,
    trouble,
    wait_for,
)
from mailtools.autoreply.values import Decision, Trouble

FAR_FUTURE_S = 86400        # a record from later than that is damaged
SAFE = 'abcdefghijklmnopqrstuvwxyz0123456789@.-_+='

SOURCE = 'RFC 3834 s2, RFC 5230 s4.1'


class State:
    """The state folder.  report: called with (event, path) for what an operator must see."""

    def __init__(self, settings, template, report):
        self.settings = settings
        self.folder = Folder(settings.state, report)
        self.top = self.folder.path + '/answered'
        self.answered = '{}/{}'.format(self.top, file_name(template))
        self.report = report

    def count(self):
        """The Count of all answers; loaded here, for most mails stop before it."""
        from mailtools.autoreply.count import Count

        return Count(self.folder, self.settings)

    def path_of(self, key):
        """(folder of its lock, path of its record) of a sender's key."""
        shard = '{}/{:02x}'.format(self.answered, shard_of(key))
        return shard, '{}/{}'.format(shard, file_name(key))

    # -- asking, without a lock: for --explain --

    def look(self, key, domain, now):
        """The Decision for a sender's key and domain, as things stand; None for go on."""
        self.folder.check()
        return self.earlier(self.path_of(key)[1], now) or self.count().look(domain, now)

    def earlier(self, path, now):
        """The Decision against answering again within the interval, None when there is no such record."""
        try:
            facts = posix.stat(path, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble('read', path, error)
        if kind(facts) != FILE or facts.st_mtime > now + FAR_FUTURE_S:
            return None                 # damaged; record() moves it
        if facts.st_mtime + self.settings.interval > now:
            return Decision(False, 'answered-before', SOURCE,
                            time.strftime('answered at %Y-%m-%dT%H:%M:%SZ', time.gmtime(facts.st_mtime)))
        return None

    # -- answering --

    def answer_once(self, key, domain, now, send):
        """Call send() and record it, unless there is a reason against; that Decision, or None when sent.

        All that can fail is tried before: send() is called when nothing but a crash can keep the
        record from being made.  Raises Trouble, also what send() raises; then nothing is recorded.
        """
        self.folder.check()
        shard, record = self.path_of(key)
        lock = self.locked(shard)
        try:
            found = self.earlier(record, now)
            if found:
                return found
            line, found = self.count().add(domain, now)
            if not found:
                self.send_and_record(send, line, record, now)
                self.sweep(shard, now)
            return found
        finally:
            posix.close(lock)

    def send_and_record(self, send, line, record, now):
        """Call send() and record it, or take back the line that counts it."""
        sent = False
        try:
            fresh = self.prepared(record, now)
            try:
                send()
                sent = True
                self.recorded(fresh, record, now)
            finally:
                posix.close(fresh)
                if record_is_unused(record):
                    posix.unlink(record)
        except BaseException:
            if not sent:
                self.count().take_back(line)
            raise

    def locked(self, shard):
        """An open folder, made if need be, that no other process holds the lock of."""
        for attempt in range(2):
            try:
                self.make_folders(shard)
                descriptor = posix.open(shard, posix.O_RDONLY | posix.O_DIRECTORY | posix.O_CLOEXEC)
                wait_for(descriptor, shard)
                return descriptor
            except OSError as error:
                if attempt or error.errno not in NOT_USABLE:
                    raise trouble('use', shard, error)
                self.clear_way(shard)
        raise Trouble('cannot use {}'.format(shard))

    def make_folders(self, shard):
        """Make the folders of a shard, from the top; those that are there stay."""
        try:
            posix.stat(shard + '/.')
            return
        except FileNotFoundError:
            pass
        for path in (self.top, self.answered, shard):
            try:
                posix.mkdir(path, 0o700)
            except FileExistsError:
                pass

    def clear_way(self, shard):
        """Move aside what stands where folders of the shard should be."""
        for path in (self.top, self.answered, shard):
            try:
                facts = posix.stat(path, follow_symlinks=False)
            except OSError:
                return
            if kind(facts) != DIRECTORY or not posix.access(path, posix.R_OK | posix.W_OK | posix.X_OK):
                self.folder.set_aside(path)
                return

    def prepared(self, record, now):
        """The record, opened for writing; one that is not there is made with the time 0, `not yet`."""
        for attempt in range(2):
            try:
                facts = None
                try:
                    facts = posix.stat(record, follow_symlinks=False)
                except FileNotFoundError:
                    pass
                if facts and (kind(facts) != FILE or facts.st_mtime > now + FAR_FUTURE_S
                              or posix.geteuid() not in (0, facts.st_uid)):     # we could not set its time
                    self.folder.set_aside(record)
                    facts = None
                if facts:
                    return posix.open(record, posix.O_WRONLY | posix.O_CLOEXEC | posix.O_NOFOLLOW)
                return made_anew(record)
            except OSError as error:
                if attempt or error.errno not in NOT_USABLE:
                    raise trouble('write', record, error)
                self.folder.set_aside(record)
        raise Trouble('cannot write {}'.format(record))

    def recorded(self, fresh, record, now):
        """Give the record its time, durably."""
        try:
            posix.utime(fresh, (now, now))
            posix.fsync(fresh)
            sync_folder(record.rpartition('/')[0])
        except OSError as error:
            # It was sent: to say 75 now would send it again.
            self.report('record-not-durable', '{}: {}'.format(record, error.strerror))

    # -- tidying up --

    def sweep(self, shard, now):
        """Drop the records of this shard that are older than the interval, the time having run out for them."""
        try:
            for name in posix.listdir(shard):
                path = '{}/{}'.format(shard, name)
                if posix.stat(path, follow_symlinks=False).st_mtime + self.settings.interval <= now:
                    posix.unlink(path)
        except OSError:
            pass                        # the next answer tries again

def shard_of(key):
    """0 to 255; quicker than to load a module that knows hashes."""
    number = 0
    for octet in key.encode('utf-8'):
        number = (number * 31 + octet) & 0xffff
    return number >> 4 & 255


def file_name(text):
    """The text as the name of a file that people can read; shortened with a hash where it is too long."""
    octets = text.lower().encode('utf-8', 'surrogateescape')
    name = ''.join(chr(one) if chr(one) in SAFE and not (one == 46 and place == 0) else '%{:02X}'.format(one)
                   for place, one in enumerate(octets))
    if len(name) <= NAME_LIMIT:
        return name
    import hashlib  # rare, and dear

    return '{}~{}'.format(name[:NAME_LIMIT - 65], hashlib.sha256(octets).hexdigest())


def made_anew(record):
    """A record with the time 0, open for writing.

    It has its time before it has its name: a crash in between would make it an answer of now.
    """
    unfinished = '{}/.{}.{}'.format(record.rpartition('/')[0], posix.getpid(), posix.urandom(4).hex())
    descriptor = posix.open(unfinished, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC, 0o600)
    try:
        posix.utime(descriptor, (0, 0))
        posix.rename(unfinished, record)
    except BaseException:
        posix.close(descriptor)
        posix.unlink(unfinished)
        raise
    return descriptor


def record_is_unused(record):
    """True for a record with the time 0: prepared, but nothing was sent."""
    try:
        return posix.stat(record, follow_symlinks=False).st_mtime == 0
    except OSError:
        return False
