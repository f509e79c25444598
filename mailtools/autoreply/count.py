"""How many answers went out, for the caps: the file `sent`, a line `TIME DOMAIN PID.N` for each of the last day.

A line is written before its answer is sent, since two at once could both see room for one more;
where it is not sent, its first character becomes `-`.  Lines that cannot be read, or are from later than
now (the clock was wrong), go to damaged/ with a copy of the file; the good ones go on counting.
"""
import posix

from mailtools.autoreply.folder import FILE, NOT_USABLE, append, kind, read_all, replace, trouble, wait_for, write_all
from mailtools.autoreply.values import Decision, Trouble

HOUR_S, DAY_S = 3600, 86400
SOURCE = 'RFC 3834 s2, settings max_...'


class Count:
    """The file in a Folder, and the caps of the settings."""

    def __init__(self, folder, settings):
        self.folder = folder
        self.settings = settings
        self.path = folder.path + '/sent'

    def look(self, domain, now):
        """The Decision against one more answer, None where there is room; nothing is locked or written."""
        try:
            with open(self.path, 'rb') as file:
                return self.capped(lines_of(file.read(), now)[0], domain, now)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble('read', self.path, error)

    def capped(self, lines, domain, now):
        """The Decision against one more answer, None where there is room.

        lines: (time, domain, ...) of the last day's answers.
        """
        hour = [one for one in lines if one[0] > now - HOUR_S]
        there = sum(1 for one in hour if one[1] == domain)
        for rule, count, limit in (
                ('cap-hour', len(hour), self.settings.max_per_hour),
                ('cap-day', len(lines), self.settings.max_per_day),
                ('cap-domain', there, self.settings.max_per_domain_per_hour)):
            if count >= limit:
                return Decision(False, rule, SOURCE, '{} of {} sent'.format(count, limit))
        return None

    def add(self, domain, now):
        """(the line that counts one more answer, None), or (b'', Decision) when there were enough."""
        try:
            lock = self.locked()
            try:
                data = read_all(lock)
                lines, good = lines_of(data, now)
                found = self.capped(lines, domain, now)
                if found and good:
                    return b'', found
                line = b'' if found else line_for(domain, now)
                if good and len(lines) * 2 >= data.count(b'\n'):
                    append(lock, line, len(data))
                else:
                    self.rewrite(lines, line, good)
                return line, found
            finally:
                posix.close(lock)
        except OSError as error:
            raise trouble('write', self.path, error)

    def rewrite(self, lines, line, good):
        """Replace the file by its lines that count, and one more; the lock on the old one is then nobody's."""
        if not good:
            self.folder.set_aside(self.path, stays=True)
        replace(self.path, b''.join(one[2] for one in lines) + line)

    def take_back(self, line):
        """Let a line count no more: its answer was not sent."""
        try:
            lock = self.locked()
            try:
                place = read_all(lock).rfind(line)
                if place >= 0:
                    write_all(lock, b'-', place)
            finally:
                posix.close(lock)
        except (OSError, Trouble):
            pass                        # it counts for a day though nothing was sent

    def locked(self):
        """The file, open and locked; made if need be."""
        flags = posix.O_RDWR | posix.O_CREAT | posix.O_CLOEXEC | posix.O_NOFOLLOW | posix.O_NONBLOCK
        for attempt in range(9):
            descriptor = -1
            try:
                descriptor = posix.open(self.path, flags, 0o600)
                facts = posix.fstat(descriptor)
                if kind(facts) == FILE:
                    wait_for(descriptor, self.path)
                    if posix.stat(self.path, follow_symlinks=False).st_ino == facts.st_ino:
                        return descriptor
                    posix.close(descriptor)         # replaced meanwhile
                    continue
                posix.close(descriptor)
            except FileNotFoundError as error:
                if descriptor < 0:
                    raise trouble('write', self.path, error)
                posix.close(descriptor)             # moved aside meanwhile
                continue
            except OSError as error:
                if attempt > 1 or error.errno not in NOT_USABLE:
                    raise trouble('write', self.path, error)
            self.folder.set_aside(self.path)
        raise Trouble('cannot use {}'.format(self.path))


def line_for(domain, now):
    """One line, unlike any other; its second is the next whole one, so that it counts no shorter than it should."""
    return '{} {} {}.{}\n'.format(int(-(-now // 1)), domain, posix.getpid(), posix.urandom(4).hex()).encode('utf-8')


def lines_of(data, now):
    """([(time, domain, line), ...] of the last day, True when the whole file is as it should be).

    Lines that begin with - were taken back.
    """
    found, good = [], not data or data.endswith(b'\n')
    for line in data.split(b'\n')[:-1]:
        if line[:1] == b'-':
            continue
        parts = line.split(b' ')
        if len(parts) == 3 and parts[0].isdigit() and len(parts[0]) < 12 and int(parts[0]) <= now + HOUR_S:
            if int(parts[0]) > now - DAY_S:
                found.append((int(parts[0]), parts[1].decode('utf-8', 'replace'), line + b'\n'))
        else:
            good = False
    return found, good
