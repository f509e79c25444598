"""Take one mail on standard input into the spool, a Maildir; what an alias pipes to.

    bounced mail -> local(8) -> `bouncedmail ingest` -> tmp/ -> fsync -> new/ -> fsync of new/

Ends with 0 once the mail is safe on disk, and with 75 (EX_TEMPFAIL) and one
line on stderr for everything else, so that Postfix keeps the mail and tries
again: a mail taken twice is one row later.  A mail of no bytes at all is taken
too (refusing it would only keep it in the queue); a closed stdin is not.

A spool folder that is missing is never made: it may be a disk that is not
mounted.  The Maildir's three folders inside it are.

This runs a million times a day in a fresh interpreter (`python3 -IS`), where
`os`, `signal` or `configparser` would cost as much as the interpreter itself
(3 to 20 ms).  So it imports only what is compiled into it: `posix`, which is
`os` without its Python half, and `_signal`, likewise.
"""
import _signal
import posix
import sys
import time

EX_OK = 0
EX_TEMPFAIL = 75

SETTINGS_FILE = '/etc/mailtools/bouncedmail.conf'
SPOOL = '/var/spool/mailtools/bounces'      # where the settings say nothing
CHUNK = 65536           # bytes; the memory that a mail of any size takes
TOP = 16384             # bytes of the mail in which its envelope lines are looked for
DEADLINE_S = 300        # well below command_time_limit (1000 s), at which Postfix bounces

# What a delivery agent adds above the newest Received: line, and the variable
# of local(8) that says the same; pipe(8) and other servers may lack either.
ENVELOPE = (
    (b'Return-Path', b'SENDER', b'<%s>'),
    (b'X-Original-To', b'ORIGINAL_RECIPIENT', b'%s'),
    (b'Delivered-To', b'RECIPIENT', b'%s'),
)
CONTROLS = bytes(range(32)) + b'\x7f'       # with these a header could be forged

USAGE = 'usage: bouncedmail ingest [--spool DIR] [--config FILE]'
HELP = """Take one mail on standard input into the spool.

Postfix calls this from aliases(5); it ends with 0 when the mail is safe on
disk, and with 75 ("try again later") for everything else.

\b
  --spool DIR    another Maildir than the one of the settings
  --config FILE  settings from FILE

\b
Example, in aliases(5):
  bounces: "|/usr/bin/bouncedmail ingest"
"""


class Trouble(Exception):
    """Why this mail is not taken, as a sentence."""


def main(argv):
    """Take the mail on file descriptor 0 in; the exit status.

    argv: the words after `ingest`.
    """
    try:
        if '--help' in argv and not mail_may_wait():
            posix.write(1, (USAGE + '\n\n' + HELP.replace('\b\n', '')).encode('ascii'))
        else:
            take(spool_folder(argv))
    except Trouble as trouble:
        return refuse(str(trouble))
    except BaseException as error:      # whatever it is: it must delay mail, never bounce it
        return refuse('cannot take the mail: {}'.format(getattr(error, 'strerror', None) or repr(error)))
    return EX_OK


def mail_may_wait():
    """False where stdin is a terminal or /dev/null: a person's question would otherwise cost a mail."""
    return posix.fstat(0).st_mode & 0o170000 != 0o020000        # S_IFMT, S_IFCHR


def refuse(sentence):
    """Say why, in the form that Postfix reads (RFC 3463 status first); EX_TEMPFAIL."""
    if sys.stderr is not None:          # None: closed, and descriptor 2 may be any file
        try:
            said = '4.3.0 {}\n'.format(' '.join(sentence.split()))
            posix.write(2, said.encode('ascii', 'backslashreplace'))
        except OSError:
            pass                        # nobody listens; the status says it as well
    return EX_TEMPFAIL


# -- where to --

def spool_folder(argv):
    """The folder that options, or else the settings file, name."""
    options = {'--spool': None, '--config': None}
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition('=')
        name = '--config' if word == '-c' else name     # as the other commands say it
        if name not in options:
            raise Trouble('unknown option {}; {}'.format(word, USAGE))
        options[name] = value if equals else next(words, None)
        if not options[name]:
            raise Trouble('{} needs a value; {}'.format(name, USAGE))
    return options['--spool'] or configured_spool(options['--config'])


def configured_spool(path=None):
    """The setting `spool` of a settings file, or the default where it says none.

    The file is read by hand: only this one key matters, and configparser
    takes longer to load than all the rest.  What could mean two things is
    refused, since mail in a folder that no drainer reads is as good as lost.
    """
    where = path or SETTINGS_FILE
    try:
        lines = file_bytes(where).splitlines()
    except OSError as error:
        if path is None and isinstance(error, FileNotFoundError):
            return SPOOL
        raise Trouble('cannot read {}: {}'.format(where, error.strerror))
    found = list(values_of(b'spool', lines))
    if not found:
        return SPOOL
    if len(found) > 1 or not found[0].startswith(b'/'):
        raise Trouble('{}: spool must be one absolute path'.format(where))
    return found[0].decode(sys.getfilesystemencoding(), 'surrogateescape')


def file_bytes(path):
    """What a small file holds."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, CHUNK)
    finally:
        posix.close(descriptor)


def values_of(key, lines):
    """What an INI file's lines give a key of section [bouncedmail]."""
    section = b''
    for line in lines:
        if line.startswith((b'[', b'\xef\xbb\xbf[')):      # behind a byte order mark, too
            section = line[line.index(b'['):].strip()
        elif section == b'[bouncedmail]':
            name, equals, value = line.partition(b'=')
            if equals and name.strip() == key:
                yield value.strip()


# -- taking it in --

def take(spool):
    """Write the mail on stdin into the Maildir, whole or not at all."""
    if sys.stdin is None:               # closed: descriptor 0 may by now be another file
        raise Trouble('cannot read the mail: standard input is closed')
    posix.umask(0o077)
    work_as_owner(spool)
    name = unique_name()
    unfinished = '{}/tmp/{}'.format(spool, name)
    end_on_signals(unfinished)
    target = create(spool, unfinished)
    try:
        copy_mail(target, spool)
        posix.rename(unfinished, '{}/new/{}'.format(spool, name))
    except BaseException:
        remove(unfinished)
        raise
    sync_folder(spool + '/new')


def work_as_owner(spool):
    """Started by root, a person who tries it out, work as the owner of the spool."""
    if posix.geteuid() == 0:
        from mailtools.base.owner import become_owner
        try:
            become_owner(spool)
        except OSError as error:
            raise Trouble('cannot use the spool {}: {}'.format(spool, error.strerror))


def end_on_signals(unfinished):
    """From here on a signal, or the deadline, removes the unfinished file and ends us with 75.

    It ends the process on the spot: an exception could come up after the
    guard in main is left, and its traceback's status 1 would bounce the mail.
    """
    def end(number, _frame):
        remove(unfinished)
        refuse('ended by signal {}'.format(int(number)) if number != _signal.SIGALRM
               else 'gave up after {} seconds'.format(DEADLINE_S))
        posix._exit(EX_TEMPFAIL)

    for number in _signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM, _signal.SIGALRM:
        _signal.signal(number, end)
    _signal.alarm(DEADLINE_S)


def remove(unfinished):
    """Remove a file of tmp/, if we can; the drainer sweeps what stays."""
    try:
        posix.unlink(unfinished)
    except OSError:
        pass


def unique_name():
    """A Maildir name that no other delivery, now or later, has: time, pid, chance and host.

    It begins with the time, so that names in order are mails in order.
    """
    host = posix.uname().nodename.replace('/', '\\057').replace(':', '\\072')
    now = time.time()
    return '{:010d}.M{:06d}P{}R{}.{}'.format(
        int(now), int(now % 1 * 1000000), posix.getpid(), posix.urandom(8).hex(), host)


def create(spool, path):
    """Open a new file, and make the Maildir's folders when the spool is a bare folder."""
    flags = posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC
    try:
        return posix.open(path, flags, 0o600)
    except FileNotFoundError:
        make_maildir(spool)
    except OSError as error:
        raise Trouble('cannot write {}: {}'.format(path, error.strerror))
    return posix.open(path, flags, 0o600)


def make_maildir(spool):
    """Make tmp/, new/ and cur/ in a spool folder that is there; others may do so now, too."""
    for name in 'tmp', 'new', 'cur':
        try:
            posix.mkdir('{}/{}'.format(spool, name), 0o700)
        except FileExistsError:
            pass
        except OSError as error:
            raise Trouble('cannot use the spool {}: {}'.format(spool, error.strerror))
    sync_folder(spool)


def copy_mail(target, spool):
    """Write envelope lines that are missing, then stdin, to a descriptor; fsync and close it."""
    try:
        top = read_top()
        write_all(target, with_envelope(top, posix.environ))
        while top:
            top = read_mail(CHUNK)
            write_all(target, top)
        posix.fsync(target)
    except OSError as error:
        raise Trouble('cannot write to the spool {}: {}'.format(spool, error.strerror))
    finally:
        posix.close(target)


def read_mail(size):
    """At most so many bytes of the mail; none at its end."""
    try:
        return posix.read(0, size)
    except OSError as error:
        raise Trouble('cannot read the mail: {}'.format(error.strerror))


def read_top():
    """The mail's first bytes, at least TOP if it has so many: pipes give small pieces."""
    top = piece = read_mail(CHUNK)
    while piece and len(top) < TOP:
        piece = read_mail(CHUNK)
        top += piece
    return top


def write_all(target, data):
    """Write all of it, however little the system takes at a time."""
    while data:
        data = data[posix.write(target, data):]


def sync_folder(path):
    """Make the names in a folder durable."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        posix.fsync(descriptor)
    except OSError as error:
        raise Trouble('cannot write {}: {}'.format(path, error.strerror))
    finally:
        posix.close(descriptor)


# -- the envelope --

def with_envelope(top, environ):
    """The mail's first bytes, with header lines for what only the environment says.

    top: from the mail's start.  environ: bytes by bytes.  The lines go behind
    an mbox `From ` line, above all other headers, where local(8) writes them.
    """
    start = top.find(b'\n') + 1 if top.startswith(b'From ') else 0
    lines = missing_lines(delivery_headers(top[start:]), environ)
    newline = b'\r\n' if top[:top.find(b'\n')].endswith(b'\r') else b'\n'
    return top[:start] + b''.join(line + newline for line in lines) + top[start:]


def delivery_headers(top):
    """The headers above the newest Received: line, those that the last delivery added.

    Each with a line end in front of it.
    """
    headers = b'\n' + top
    for end in b'\nReceived:', b'\n\n', b'\n\r\n':
        headers = headers.partition(end)[0]
    return headers


def missing_lines(headers, environ):
    """The header lines, without line ends, that the environment adds to those headers."""
    names, known = headers.lower(), headers
    lines = []
    for name, variable, form in ENVELOPE:
        value = environ.get(variable, b'').translate(None, CONTROLS)
        if variable in environ and b'\n' + name.lower() + b':' not in names:
            lines.append(name + b': ' + form % value)
            known += value
    extension = environ.get(b'EXTENSION', b'').translate(None, CONTROLS)
    if extension not in known:          # most often it is a part of the recipient
        lines.append(b'X-Extension: ' + extension)
    return lines
