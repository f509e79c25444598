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
import errno
import fcntl
import posix
import time

from mailtools.autoreply.values import Decision, Trouble

HOUR_S, DAY_S = 3600, 86400
LOCK_WAIT_S = 50            # the next try comes from Postfix
NAME_LIMIT = 180            # bytes of a file's name before it is shortened; systems allow 255
FAR_FUTURE_S = DAY_S        # a record from later than that is damaged
DAMAGED_LIMIT = 100         # things that are kept in damaged/
SAFE = 'abcdefghijklmnopqrstuvwxyz0123456789@.-_+='
NOT_USABLE = (errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES, errno.ENXIO, errno.EEXIST)

SOURCE = 'RFC 3834 s2, RFC 5230 s4.1'
CAP_SOURCE = 'RFC 3834 s2, settings max_...'


class State:
    """The state folder.  report: called with (event, path) for what an operator must see."""

    def __init__(self, settings, template, report):
        self.settings = settings
        self.folder = settings.state.rstrip('/') or '/'
        self.answered = '{}/answered/{}'.format(self.folder, file_name(template))
        self.report = report

    def check(self):
        """Raise Trouble unless the folder is there."""
        try:
            posix.stat(self.folder + '/.')
        except OSError as error:
            raise self.trouble('use', self.folder, error)

    def path_of(self, key):
        """(folder of its lock, path of its record) of a sender's key."""
        shard = '{}/{:02x}'.format(self.answered, shard_of(key))
        return shard, '{}/{}'.format(shard, file_name(key))

    # -- asking, without a lock: for --explain --

    def look(self, key, domain, now):
        """The Decision for a sender's key and domain, as things stand; None for go on."""
        self.check()
        found = self.earlier(self.path_of(key)[1], now)
        if found:
            return found
        try:
            with open(self.folder + '/sent', 'rb') as file:
                return self.capped(lines_of(file.read())[0], domain, now)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.trouble('read', self.folder + '/sent', error)

    def earlier(self, path, now):
        """The Decision against answering again within the interval, None when there is no such record."""
        try:
            facts = posix.stat(path, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.trouble('read', path, error)
        if facts.st_mode & 0o170000 != 0o100000 or facts.st_mtime > now + FAR_FUTURE_S:
            return None                 # damaged; record() moves it
        if facts.st_mtime + self.settings.interval > now:
            return Decision(False, 'answered-before', SOURCE,
                            time.strftime('answered at %Y-%m-%dT%H:%M:%SZ', time.gmtime(facts.st_mtime)))
        return None

    def capped(self, lines, domain, now):
        """The Decision against one more answer, None where there is room.

        lines: (time, domain) of the last day's answers.
        """
        day = [one for one in lines if one[0] > now - DAY_S]
        hour = [one for one in day if one[0] > now - HOUR_S]
        there = sum(1 for one in hour if one[1] == domain)
        for rule, count, limit in (
                ('cap-hour', len(hour), self.settings.max_per_hour),
                ('cap-day', len(day), self.settings.max_per_day),
                ('cap-domain', there, self.settings.max_per_domain_per_hour)):
            if count >= limit:
                return Decision(False, rule, CAP_SOURCE, '{} of {} sent'.format(count, limit))
        return None

    # -- answering --

    def answer_once(self, key, domain, now, send):
        """Call send() and record it, unless there is a reason against; that Decision, or None when sent.

        All that can fail is tried before: send() is called when nothing but a crash can keep the
        record from being made.  Raises Trouble, also what send() raises; then nothing is recorded.
        """
        self.check()
        shard, record = self.path_of(key)
        lock = self.locked(shard)
        try:
            found = self.earlier(record, now)
            if found:
                return found
            line, found = self.counted(domain, now)
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
                self.taken_back(line)
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
                    raise self.trouble('use', shard, error)
                self.clear_way(shard)
        raise Trouble('cannot use {}'.format(shard))

    def make_folders(self, shard):
        """Make the folders of a shard, from the top; those that are there stay."""
        try:
            posix.stat(shard + '/.')
            return
        except FileNotFoundError:
            pass
        for path in (self.folder + '/answered', self.answered, shard):
            try:
                posix.mkdir(path, 0o700)
            except FileExistsError:
                pass

    def clear_way(self, shard):
        """Move aside what stands where folders of the shard should be."""
        for path in (self.folder + '/answered', self.answered, shard):
            try:
                mode = posix.stat(path, follow_symlinks=False).st_mode & 0o170000
            except OSError:
                return
            if mode != 0o040000 or not posix.access(path, posix.R_OK | posix.W_OK | posix.X_OK):
                self.set_aside(path)
                return

    def set_aside(self, path):
        """Move something unusable to damaged/, and tell; Trouble when it cannot be moved."""
        target = '{}/damaged'.format(self.folder)
        name = '{}.{:.0f}.{}'.format(path.rpartition('/')[2][:NAME_LIMIT], time.time(), posix.urandom(4).hex())
        try:
            try:
                posix.mkdir(target, 0o700)
            except FileExistsError:
                pass
            posix.rename(path, '{}/{}'.format(target, name))
        except FileNotFoundError:
            return                      # another was quicker
        except OSError as error:
            raise self.trouble('move aside', path, error)
        self.report('state-damaged', '{}/{}'.format(target, name))
        for old in sorted(posix.listdir(target), key=lambda one: one.split('.')[-2:])[:-DAMAGED_LIMIT]:
            try:
                posix.unlink('{}/{}'.format(target, old))
            except OSError:
                pass

    def prepared(self, record, now):
        """The record, opened for writing; one that is not there is made with the time 0, `not yet`."""
        for attempt in range(2):
            try:
                facts = None
                try:
                    facts = posix.stat(record, follow_symlinks=False)
                except FileNotFoundError:
                    pass
                if facts and (facts.st_mode & 0o170000 != 0o100000 or facts.st_mtime > now + FAR_FUTURE_S
                              or posix.geteuid() not in (0, facts.st_uid)):     # we could not set its time
                    self.set_aside(record)
                    facts = None
                if facts:
                    return posix.open(record, posix.O_WRONLY | posix.O_CLOEXEC | posix.O_NOFOLLOW)
                descriptor = posix.open(
                    record, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC, 0o600)
                posix.utime(descriptor, (0, 0))
                return descriptor
            except OSError as error:
                if attempt or error.errno not in NOT_USABLE:
                    raise self.trouble('write', record, error)
                self.set_aside(record)
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

    # -- counting --

    def counted(self, domain, now):
        """(the line that counts one more answer, None), or (b'', Decision) when there were enough."""
        path = self.folder + '/sent'
        lock = self.locked_counter(path)
        try:
            data = read_all(lock)
            lines, good = lines_of(data)
            if not good:
                posix.close(lock)
                lock = -1
                self.set_aside(path)
                lock = self.locked_counter(path)
            found = self.capped(lines, domain, now)
            if found:
                return b'', found
            line = '{} {} {}.{}\n'.format(int(now), domain, posix.getpid(), posix.urandom(4).hex()).encode('utf-8')
            old = [one for one in lines if one[0] <= now - DAY_S]
            if not good or len(old) * 2 > len(lines):
                kept = b''.join(one[2] for one in lines if one[0] > now - DAY_S)
                posix.ftruncate(lock, 0)
                write_all(lock, kept + line, 0)
            else:
                append(lock, line, len(data))
            return line, None
        except OSError as error:
            raise self.trouble('write', path, error)
        finally:
            if lock >= 0:
                posix.close(lock)

    def locked_counter(self, path):
        """The file of the count, open and locked."""
        flags = posix.O_RDWR | posix.O_CREAT | posix.O_CLOEXEC | posix.O_NOFOLLOW | posix.O_NONBLOCK
        for attempt in range(3):
            try:
                descriptor = posix.open(path, flags, 0o600)
                facts = posix.fstat(descriptor)
                if facts.st_mode & 0o170000 != 0o100000:
                    posix.close(descriptor)
                    self.set_aside(path)
                    continue
                wait_for(descriptor, path)
                if posix.fstat(descriptor).st_nlink and posix.stat(path).st_ino == facts.st_ino:
                    return descriptor
                posix.close(descriptor)         # moved aside meanwhile
            except OSError as error:
                if attempt == 2 or error.errno not in NOT_USABLE:
                    raise self.trouble('write', path, error)
                self.set_aside(path)
        raise Trouble('cannot use {}'.format(path))

    def taken_back(self, line):
        """Let a line that was counted count no more: its answer was not sent."""
        try:
            lock = self.locked_counter(self.folder + '/sent')
            try:
                place = read_all(lock).rfind(line)
                if place >= 0:
                    write_all(lock, b'-', place)
            finally:
                posix.close(lock)
        except (OSError, Trouble):
            pass                        # it counts for a day though nothing was sent

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

    def trouble(self, act, path, error):
        """The failure of one act on something of the state."""
        return Trouble('cannot {} {}: {}'.format(act, path, error.strerror or error))


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


def record_is_unused(record):
    """True for a record with the time 0: prepared, but nothing was sent."""
    try:
        return posix.stat(record, follow_symlinks=False).st_mtime == 0
    except OSError:
        return False


def lines_of(data):
    """([(time, domain, line), ...], True when all of it is as it should be) of the file `sent`.

    Lines that begin with - were taken back.
    """
    found, good = [], not data or data.endswith(b'\n')
    for line in data.split(b'\n')[:-1]:
        if line[:1] == b'-':
            continue
        parts = line.split(b' ')
        if len(parts) == 3 and parts[0].isdigit() and len(parts[0]) < 12:
            found.append((int(parts[0]), parts[1].decode('utf-8', 'replace'), line + b'\n'))
        else:
            good = False
    return found, good


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
