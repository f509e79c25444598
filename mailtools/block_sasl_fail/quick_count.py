"""`failures --count LOG...` without click, whose import takes as long as 40 MB of log.

Only what needs no explanation is done here: plain files that can be read, and an output that takes
all.  For anything else run() gives None, and the command in commands_log.py does the work, or says
what is wrong.
"""
import os
import stat


def run(argv):
    """Do `failures --count LOG...`, if argv is that; the exit status, or None."""
    paths = [one for one in argv if one != '--count']
    if len(paths) == len(argv) or not paths or any(one.startswith('-') for one in paths) or os.isatty(1):
        return None
    from mailtools.block_sasl_fail.counting import Tally
    tally = Tally()
    try:
        if not all(count(path, tally) for path in paths):
            return None
        write(''.join('{{"client": "{}", "failures": {}}}\n'.format(*pair) for pair in tally.failures()))
    except OSError:
        return None
    return 0


def count(path, tally):
    """Add the failures of one log; False for what is no plain file.  Raises OSError."""
    from mailtools.block_sasl_fail.inputs import FORMS, kind_of, whole_lines
    with open(path, 'rb', buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return False
        first = file.read(80)
        if kind_of(first) or FORMS.match(first):
            return False
        file.seek(0)
        for block, start, end in whole_lines(file):
            tally.add(block, start, end)
    return True


def write(text):
    """Write all to standard output.  Raises OSError."""
    data = text.encode('ascii')
    while data:
        data = data[os.write(1, data):]
