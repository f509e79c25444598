"""The failures of a log as two grep(1) find them, which work while Python starts and on whatever cores there are.

    grep -aF ': SASL' <LOG | grep -aoP PATTERN

Python's own search takes twice as long as the first one, and its patterns three times as long as the second.
They are not trusted with more: the pattern is that of plain.py, and a line that it doesn't know comes as it
is.  Where grep is missing or has no -P, or a line is too long for the memory that it gets, it is done
without: see Gone.
"""
import fcntl
import os
import resource

from mailtools.base.blocks import whole_lines
from mailtools.block_sasl_fail.plain import PRINTED

PROGRAMS = ('/usr/bin/grep', '/bin/grep')
# In each line that counts; grep looks for its last byte first, and L is rare: with ` failed:` it takes twice as long.
WORD = ': SASL'
AT_ONCE = 1 << 20       # bytes that a grep may be ahead of its reader, in a pipe
F_SETPIPE_SZ = 1031     # of fcntl.h; its module has it since Python 3.10
MEMORY = 24 << 20       # bytes of a grep; it keeps a whole line


class Gone(Exception):
    """A grep can't be started, or has given up; what was found until then is right."""


def found(file):
    """Yield (block, start, end) as blocks.whole_lines() does, of what grep found in `file`: see plain.PRINTED.

    file: a plain file, open without a buffer; it is read from its begin, and closed by the caller.
    Raises Gone, perhaps after the last lines.
    """
    program = next(filter(os.path.exists, PROGRAMS), None)
    if program is None:
        raise Gone()
    file.seek(0)
    first, lines = started(file.fileno(), [program, '-aF', '-e', WORD])
    try:
        second, names = started(lines, [program, '-aoP', '-e', PRINTED])
    finally:
        os.close(lines)
    try:
        with open(names, 'rb', buffering=0) as answer:
            yield from whole_lines(answer)
    finally:
        statuses = [os.waitpid(child, 0)[1] for child in (first, second)]
    if any(status not in (0, 1 << 8) for status in statuses):       # 1: there are no such lines
        raise Gone()


def started(given, arguments):
    """(process id, descriptor to read its output from) of a program that reads the descriptor `given`."""
    answer, tell = os.pipe()
    try:
        fcntl.fcntl(tell, F_SETPIPE_SZ, AT_ONCE)
    except OSError:
        pass                            # an old kernel, or a user who has many large ones
    child = os.fork()
    if child == 0:
        try:
            for number, descriptor in enumerate((given, tell, os.open(os.devnull, os.O_WRONLY))):
                os.dup2(descriptor, number)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.execve(arguments[0], arguments, {'LC_ALL': 'C'})
        finally:
            os._exit(127)
    os.close(tell)
    return child, answer
