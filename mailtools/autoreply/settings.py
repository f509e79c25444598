"""What an administrator can set for autoreply: the table, and a reader that is quick.

conf.d/autoreply.conf shows each row with its default; a test holds the two together.

base.settings loads configparser and re, which take twice as long as the interpreter.  So a
file of nothing but `[autoreply]`, comments and `key = value` lines is read here; all
else, and every mistake, is left to base.settings, which says what is wrong.
"""
import posix
import sys

PROGRAM = 'autoreply'
FILE = '/etc/mailtools/autoreply.conf'
LARGEST = 65536         # bytes of a settings file that is read here
UNITS_S = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
TRUTHS = {'yes': True, 'true': True, 'on': True, '1': True,
          'no': False, 'false': False, 'off': False, '0': False}
METHODS = ('spf', 'dkim', 'dmarc')


def path(value):
    """An absolute path: local(8) starts us in its queue directory."""
    if not value.startswith('/') or '\0' in value:
        raise ValueError('not an absolute path')
    # 3.6 under the C locale takes names for ASCII; the file is UTF-8 whatever the locale.
    return value.encode('utf-8').decode(sys.getfilesystemencoding(), 'surrogateescape')


def seconds(value):
    """A time like 90, 90s, 2h or 7d, at least one second."""
    unit = value[-1:].lower()
    number = value[:-1].strip() if unit in UNITS_S else value
    if not number.isdigit():
        raise ValueError('not a time like 30s, 10m, 12h or 7d')
    if len(number) > 9 or int(number) < 1:
        raise ValueError('must be at least one second')
    return int(number) * UNITS_S.get(unit, 1)


def send_time(value):
    """A time of 1 s to 120 s: after 1000 s Postfix would bounce the mail."""
    if seconds(value) > 120:
        raise ValueError('must be at most 120s')
    return seconds(value)


def positive(value):
    """A whole number, 1 or more."""
    if not value.isdigit() or len(value) > 9 or int(value) < 1:
        raise ValueError('not a whole number of at least 1')
    return int(value)


def boolean(value):
    """yes or no."""
    if value.lower() not in TRUTHS:
        raise ValueError('neither yes nor no')
    return TRUTHS[value.lower()]


def words(value):
    """Words between blanks or commas."""
    return tuple(value.replace(',', ' ').split())


def addresses(value):
    """Addresses, in lower case."""
    found = words(value.lower())
    for one in found:
        local, at, domain = one.rpartition('@')
        if not (local and at and domain) or not one.isprintable():
            raise ValueError('{} is no address'.format(one))
    return found


def methods(value):
    """Some of spf, dkim and dmarc."""
    found = words(value.lower().replace('|', ' '))
    for one in found:
        if one not in METHODS:
            raise ValueError('must be some of: {}'.format(', '.join(METHODS)))
    return found


def one_line(value):
    """Text that can stand in a header field."""
    if not value.isprintable():
        raise ValueError('holds characters that are not printable')
    return value


def domain(value):
    """A domain name, or nothing."""
    if value and (not value.isprintable() or set(value) & set(' \t@<>()[],;:\\"') or value.strip('.') != value):
        raise ValueError('not a domain')
    return value.lower()


ROWS = (                # name, reader, default, about
    ('sendmail', path, '/usr/sbin/sendmail',
     'The program that takes the answer, called with -i -f <> -N never -- RECIPIENT.'),
    ('sendmail_time', send_time, '60s',
     'How long it may take; then it is killed, and the mail is tried again later. At most 120s.'),
    ('state', path, '/var/spool/mailtools/autoreply/',
     'The folder that remembers who was answered. It is never made: while it is missing, mail waits.'),
    ('interval', seconds, '7d',
     'A sender gets one answer in this time.'),
    ('max_per_hour', positive, '100',
     'Answers within any hour, whoever asks; beyond it there is silence.'),
    ('max_per_day', positive, '1000',
     'Answers within any 24 hours.'),
    ('max_per_domain_per_hour', positive, '20',
     'Answers within any hour to senders of one domain.'),
    ('addresses', addresses, '',
     'Our addresses beside the one that a mail is for: never answered, and in To or Cc as good as that '
     'one. Name the virtual aliases that lead here.'),
    ('require_addressed', boolean, 'yes',
     'Answer only mail that has one of our addresses in To, Cc, Bcc or Resent-*: no blind copies.'),
    ('never_answer', words, 'root',
     'More senders that get no answer: a local part (root), a pattern (*-robot), an address '
     '(ann@example.org) or a domain (@example.net).'),
    ('authserv_id', one_line, '',
     'The name that our own server puts into Authentication-Results. Only the topmost field is '
     'believed, and only with this name; where it is empty, any topmost dmarc=fail or spf=fail means silence.'),
    ('require_auth', methods, '',
     'Answer only senders that passed one of these: spf, dkim, dmarc. Needs authserv_id; without it nobody '
     'is answered. The only real cure for answers to forged senders.'),
    ('from_name', one_line, '',
     'The name in front of the address in From; From of the template goes first.'),
    ('message_id_domain', domain, '',
     'The domain of Message-IDs; empty: that of the address in From.'),
)


class Quick:
    """The values in force, an attribute each."""

    def __init__(self, values):
        self.__dict__.update(values)


def table():
    """The rows as base.settings wants them."""
    from mailtools.base.settings import Setting

    return tuple(Setting(*row) for row in ROWS)


def load(where=None):
    """The settings in force, from the file `where` or else from FILE.

    Raises base.failure.SettingsFailure.
    """
    try:
        written = quick_read(where or FILE)
        return Quick({name: read(written.get(name, default)) for name, read, default, _ in ROWS})
    except FileNotFoundError:
        if where is None:
            return Quick({name: read(default) for name, read, default, _ in ROWS})
        return slow_load(where)
    except (OSError, ValueError):
        return slow_load(where)


def slow_load(where=None):
    """The same with base.settings, whose mistakes have sentences."""
    from mailtools.base import settings

    return settings.load(PROGRAM, table(), where)


def quick_read(where):
    """{key: text} of a plain file; OSError, or ValueError where a closer look is needed."""
    descriptor = posix.open(where, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        data = posix.read(descriptor, LARGEST)
    finally:
        posix.close(descriptor)
    if len(data) == LARGEST:
        raise ValueError('large')
    written, inside = {}, False
    for line in data.decode('utf-8').split('\n'):
        bare = line.strip()
        if not bare or bare[0] in '#;':
            continue
        if bare == '[autoreply]' and not inside and bare == line.rstrip():
            inside = True
            continue
        key, equals, value = line.partition('=')
        key = key.rstrip()
        if not inside or not equals or key not in KEYS or key in written:
            raise ValueError('not plain')
        written[key] = value.strip()
    return written


KEYS = frozenset(row[0] for row in ROWS)
