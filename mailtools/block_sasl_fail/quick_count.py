"""`failures --count LOG...` without click, whose import takes as long as 40 MB of log.

Only what needs no explanation is done here: plain files that can be read, and an output that takes
all.  For anything else run() gives None, and the command in commands_log.py does the work, or says
what is wrong.
"""
import itertools
import os
import stat

ROWS = 1000     # that are written at once
# How what journalctl(1) prints may begin, other than a log: exported.py knows more.
JOURNAL, CURSOR = (b'{', b'__', b'[', b'\x1e', b'data: '), b' [s='


def run(argv):
    """Do `failures --count LOG...`, if argv is that; the exit status, or None."""
    paths = [one for one in argv if one not in ('--count', '--json')]
    if '--count' not in argv or not paths or any(one.startswith('-') for one in paths) or os.isatty(1):
        return None
    from mailtools.block_sasl_fail.grep import Gone
    try:
        return counted(paths)
    except (OSError, Gone):
        return None


def counted(paths):
    """Print the counts; the exit status, None for what isn't done here.  Raises OSError, Gone."""
    tally = None
    for path in paths:
        with open(path, 'rb', buffering=0) as file:
            if not plain(file):
                return None
            from mailtools.block_sasl_fail import grep
            found = grep.found(file)
            part = next(found, None)        # grep works while the rest of us is loaded
            from mailtools.block_sasl_fail.counting import Tally
            tally = tally or Tally()
            while part:
                tally.add_found(*part)
                part = next(found, None)
    write(tally.failures() if tally else ())
    return 0


def plain(file):
    """Whether an open file is a log of plain text, and no journal's."""
    from mailtools.base.blocks import kind_of
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return False
    first = file.read(80)
    return kind_of(first) is None and not first.startswith(JOURNAL) and CURSOR not in first


def write(pairs):
    """Write the counts to standard output.  Raises OSError."""
    pairs = iter(pairs)
    while True:
        some = itertools.islice(pairs, ROWS)
        data = ''.join('{{"client": "{}", "failures": {}}}\n'.format(*pair) for pair in some).encode('ascii')
        if not data:
            return
        while data:
            data = data[os.write(1, data):]
