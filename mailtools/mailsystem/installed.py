"""What is on a host: its files, whose they are, and the defaults of its Postfix.

A shell: it looks, and decides nothing.
"""
import grp
import os
import pwd
import stat
import subprocess
from typing import NamedTuple, Optional

from mailtools.base.failure import reason_of
from mailtools.mailsystem.reading import parameters

MOST = 16 << 20             # bytes of a file that are read
TIMEOUT_S = 20
ENDINGS = {'hash': '.db', 'btree': '.db', 'lmdb': '.lmdb'}


class Seen(NamedTuple):
    """One file of the host."""

    text: Optional[str]             # None: it could not be read
    trouble: str                    # why
    mode: int
    owner: str
    group: str
    compiled: str                   # of a table: '' none is needed or it is fresh; `missing`, `stale`


def seen(root, files):
    """{path: Seen} of the files that are there."""
    found = {}
    for file in files:
        try:
            status = os.stat(under(root, file.path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found[file.path] = Seen(None, reason_of(error), 0, '', '', '')
            continue
        text, trouble = content(under(root, file.path))
        found[file.path] = Seen(text, trouble, stat.S_IMODE(status.st_mode), name_of(root, 'passwd', status.st_uid),
                                name_of(root, 'group', status.st_gid), compiled(root, file, status))
    return found


def under(root, path):
    """The path within a root."""
    return os.path.join(root, path.lstrip('/'))


def content(path):
    """(text, '') or (None, why not)."""
    try:
        with open(path, encoding='utf-8', errors='surrogateescape') as file:
            return file.read(MOST), ''
    except OSError as error:
        return None, reason_of(error)


def name_of(root, table, number):
    """The name of a user (passwd) or group; its number where it has none."""
    if os.path.realpath(root) == '/':
        try:
            return pwd.getpwuid(number).pw_name if table == 'passwd' else grp.getgrgid(number).gr_name
        except KeyError:
            return str(number)
    if number == 0:
        return 'root'
    text, _ = content(under(root, '/etc/' + table))
    for line in (text or '').split('\n'):
        fields = line.split(':')
        if len(fields) > 2 and fields[2] == str(number):
            return fields[0]
    return str(number)


def compiled(root, file, source):
    """How the compiled form of a table is."""
    if not file.command:
        return ''
    kind = file.command.split()[1].partition(':')[0]
    try:
        made = os.stat(under(root, file.path + ENDINGS[kind]))
    except OSError:
        return 'missing'
    return 'stale' if made.st_mtime_ns < source.st_mtime_ns else ''


def defaults(root):
    """{parameter: default} of the Postfix of this machine, {} where there is none or it is not that of the root."""
    if os.path.realpath(root) != '/':
        return {}
    try:
        done = subprocess.run(['postconf', '-d'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=TIMEOUT_S,
                              env=dict(os.environ, PATH=os.environ.get('PATH', '') + ':/usr/sbin:/sbin'))
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parameters(done.stdout.decode('utf-8', 'replace'))
