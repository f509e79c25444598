"""Mails in files, mboxes, Maildirs and folders, one after the other, as `parse` and `import` take them.

A file is an mbox when it begins with a `From ` line that has a time in it
(mbox(5), RFC 4155), and neither its name (.eml) nor its folder (a Maildir's) says
that it is one mail.  A new mail begins there at each such line behind a blank one;
`>From ` is turned back, as mboxrd has it.  Of an mbox one mail is in memory at a time.
"""
import io
import os
import re
import stat
import sys
import time
from typing import NamedTuple

from mailtools.base.failure import reason_of
from mailtools.bouncedmail.spool import (
    ASIDE,
    REASON,
    TOP,
    UNFINISHED,
    WAITING,
    read_mail,
    time_in,
    without_from_line,
)

STDIN = '-'
BLANK = (b'\n', b'\r\n')
# From a@b Thu Apr 29 23:34:45 2015; some put a zone before or behind the year.
SEPARATOR = re.compile(
    rb'From [^\r\n]{0,330}?(?: ([A-Z][a-z][a-z]) {1,2}(\d\d?))? (\d\d:\d\d(?::\d\d)?)'
    rb'[^\r\n]{0,20}?(\d{4})(?![\d:])[^\r\n]{0,20}\r?\n')       # bounded: a line of a body may be a megabyte
QUOTED_FROM = re.compile(rb'>+From ')
NO_MAIL = ('.json', '.jsonl', REASON)   # what lies beside mails in folders


class Found(NamedTuple):
    """One mail."""

    source: str             # the path as given, `#2` behind it for the second of several in an mbox
    received: float         # when it came, as far as the file tells; seconds since the epoch
    raw: bytes              # without the `From ` line


def mails(paths, trouble):
    """All mails of files, folders and `-` (stdin), in the order given; yields Found.

    trouble: called with a path and the reason when something cannot be read;
        the rest goes on.
    """
    for path in paths:
        for file in files(path, trouble):
            try:
                yield from mails_of(file)
            except OSError as error:
                trouble(file, reason_of(error))


def files(path, trouble):
    """The files that a path stands for: itself, or what a folder has, sorted by name."""
    if path == STDIN or not os.path.isdir(path):
        yield path
        return
    def untold(error):
        trouble(error.filename, reason_of(error))

    for folder, folders, names in os.walk(path, onerror=untold):
        folders[:] = sorted(folders_of_mail(folders))
        for name in sorted(names):
            file = os.path.join(folder, name)
            if not name.startswith('.') and not name.endswith(NO_MAIL) and os.path.isfile(file):
                yield file


def folders_of_mail(names):
    """The subfolders to look into; of a Maildir not its unfinished mail, but its .Subfolders."""
    is_maildir = set(WAITING) <= set(names)
    return [name for name in names
            if not (name in (UNFINISHED, ASIDE) and is_maildir) and (is_maildir or not name.startswith('.'))]


def mails_of(path):
    """The mails of one file; yields Found, raises OSError."""
    if path == STDIN:
        yield from mails_of_stream(opened_stdin(), path, 0.0)
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        received = time_in(path) or facts.st_mtime
        if not stat.S_ISREG(facts.st_mode) or (
                may_be_mbox(path) and SEPARATOR.match(os.pread(descriptor, TOP, 0))):
            with open(descriptor, 'rb', closefd=False) as file:
                yield from mails_of_stream(file, path, received)
        else:
            yield Found(path, received, read_mail(descriptor, facts.st_size))
    finally:
        os.close(descriptor)


def opened_stdin():
    """Standard input as bytes; raises OSError when it is closed."""
    if sys.stdin is None:
        raise OSError('standard input is closed')
    return sys.stdin.buffer


def may_be_mbox(path):
    """False where name or folder say that a file is one mail."""
    folder, name = os.path.split(path)
    return not name.lower().endswith('.eml') and os.path.basename(folder) not in WAITING


def mails_of_stream(file, source, received):
    """The mails of an open mbox, or the one mail of a pipe; yields Found."""
    first = file.readline(TOP)
    separator = SEPARATOR.match(first)
    if separator is None:
        yield Found(source, received, without_from_line(first + file.read()))
        return
    for number, (found, raw, is_only) in enumerate(split_mbox(separator, file), 1):
        yield Found(source if is_only else '{}#{}'.format(source, number), time_of(found) or received, raw)


def split_mbox(separator, file):
    """The mails of a file, of which the first `From ` line was read.

    Yields (the match of SEPARATOR, the mail, True where it is the only one).
    """
    mail, after_blank, is_only = io.BytesIO(), False, True
    for line in file:
        found = SEPARATOR.match(line) if after_blank and line[:5] == b'From ' else None
        if found:
            yield separator, finished(mail), False
            separator, mail, is_only, after_blank = found, io.BytesIO(), False, False
        else:
            after_blank = line in BLANK
            mail.write(line[1:] if line[:1] == b'>' and QUOTED_FROM.match(line) else line)
    yield separator, finished(mail), is_only


def time_of(separator):
    """The time in a `From ` line, which has no zone: ours; None where it makes no sense."""
    month, day, clock, year = separator.groups(b'')
    try:
        return time.mktime(time.strptime(b' '.join((month, day, clock[:5], year)).decode(), '%b %d %H:%M %Y'))
    except (ValueError, OverflowError):
        return None


def finished(mail):
    """The bytes of a mail, without the blank line that an mbox has behind it."""
    raw = mail.getvalue()
    for blank in b'\r\n\r\n', b'\n\n':
        if raw.endswith(blank):
            return raw[:-len(blank) // 2]
    return raw
