"""What happened, for the administrator: one event -> one line for syslog.

A line is a name and then `key=value` in the order given, facility mail, tagged
with the program.  Values come from strangers: what holds a blank, a quote or a
character that is not printable is quoted and escaped, so that nobody forges a line
or a field.

The socket is written here and not through the `syslog` module, which never tells
that nobody listens: then the line goes to stderr (local(8) and systemd keep
that), and the next one tries the socket again.

Programs that Postfix starts for every mail log too: so nothing is imported that is
not compiled (`socket` and `re` would cost each of them as much as the interpreter).
"""
import _socket
import posix
import sys
import time

from mailtools.base.text import escape, recoded, shortened

LOG_MAIL = 2 << 3                   # syslog(3)
INFO, WARNING, ERROR = 6, 4, 3
SOCKET = '/dev/log'
WAIT_S = 2                          # a syslog that stands still must not stop us
VALUE_LIMIT = 400                   # characters; a line in Postfix's log holds 2000
LINE_LIMIT = 1900                   # bytes, for old syslogs cut at 2048
PLAIN = ''.join(chr(code) for code in range(33, 127) if chr(code) not in '"\\')    # visible ASCII
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')   # untranslated


def quoted(value):
    """One value as it stands in a line: bare, or in quotes with escapes."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, float):
        return '{:.3f}'.format(value)
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'surrogateescape')
    said = shortened(recoded(str(value)), VALUE_LIMIT)
    if said and not said.strip(PLAIN):
        return said
    return '"{}"'.format(''.join(
        '\\' + one if one in '"\\' else one if one.isprintable() else escape(one) for one in said))


def line_of(event, fields):
    """The line of one event; a field that is None is left out."""
    line = ' '.join([event] + ['{}={}'.format(key, quoted(value))
                               for key, value in fields.items() if value is not None])
    kept = line.encode('utf-8')[:LINE_LIMIT]
    return kept.decode('utf-8', 'ignore')


class EventLog:
    """Where one program's events go.

    verbose: show each also on stderr.
    path: the socket of syslog.
    """

    def __init__(self, program, verbose=False, path=SOCKET):
        self.program = program
        self.verbose = verbose
        self.path = path
        self._socket = None

    def info(self, event, **fields):
        """What happened to a mail."""
        self.write(INFO, event, fields)

    def warning(self, event, **fields):
        """What an operator may look at."""
        self.write(WARNING, event, fields)

    def error(self, event, **fields):
        """What an operator must look at."""
        self.write(ERROR, event, fields)

    def write(self, severity, event, fields):
        """Send one event; never raises for want of a place to write to."""
        line = line_of(event, fields)
        if not self.send(severity, line) or self.verbose:
            self.show(line)

    def send(self, severity, line):
        """True when syslog took the line; a syslog that was restarted is tried once more."""
        clock = time.localtime()
        stamp = '{} {:2d} {:02d}:{:02d}:{:02d}'.format(MONTHS[clock.tm_mon - 1], clock.tm_mday, *clock[3:6])
        message = '<{}>{} {}[{}]: {}'.format(LOG_MAIL | severity, stamp, self.program, posix.getpid(), line)
        for attempt in (self._socket, None):
            try:
                self._socket = attempt or connect(self.path)
                self._socket.send(message.encode('utf-8'))
                return True
            except OSError:
                self.close()
                if attempt is None:
                    break
        return False

    def show(self, line):
        """The line on stderr, which may be closed."""
        try:
            print('{}: {}'.format(self.program, line), file=sys.stderr, flush=True)
        except UnicodeEncodeError:  # 3.6 under the C locale, before terminal.py mends it
            print(ascii(line)[1:-1], file=sys.stderr)
        except (OSError, ValueError, AttributeError):
            pass

    def close(self):
        """Let the socket go; the next event opens it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def connect(path):
    """A datagram socket to syslog; raises OSError."""
    made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
    try:
        made.settimeout(WAIT_S)
        made.connect(path)
    except OSError:
        made.close()
        raise
    return made
