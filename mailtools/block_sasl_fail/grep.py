"""The lines of a log that are about SASL, as grep(1) finds them.

Python's own search takes twice as long as grep's, and waits for each block to be read; grep works while Python
starts.  It is not trusted with more than that: which lines count is decided here.  Where there is no
grep, or a line is too long for the memory that it gets, it is done without: see Gone.
"""
import fcntl
import os
import resource

from mailtools.base.blocks import whole_lines

PROGRAMS = ('/usr/bin/grep', '/bin/grep')
# In each line that counts; grep looks for its last byte first, and L is rare: with ` failed:` it takes twice as long.
WORD = ': SASL'
AT_ONCE = 1 << 20       # bytes that grep may be ahead of us, in a pipe
F_SETPIPE_SZ = 1031     # of fcntl.h; its module has it since Python 3.10
MEMORY = 24 << 20       # bytes of a grep; it keeps a whole line


class Gone(Exception):
    """grep can't be started, or has given up; what it found until then is right."""


def lines(file, *options):
    """Yield (block, start, end) as blocks.whole_lines() does, of those lines of `file` that have WORD in them.

    file: a plain file, open without a buffer; it is read from its begin, and closed by the caller.
    options: of grep, such as -n.  Raises Gone, perhaps after the last lines, and then file is as it was before.
    """
    file.seek(0)
    child, answer = started(file, ['grep', '-aF'] + list(options) + ['-e', WORD])
    try:
        with open(answer, 'rb', buffering=0) as found:
            yield from whole_lines(found)
    finally:
        _, status = os.waitpid(child, 0)
    if status not in (0, 1 << 8):       # 1: there are no such lines
        file.seek(0)
        raise Gone()


def started(file, arguments):
    """(process id, descriptor to read its output from) of a grep that reads `file`; raises Gone."""
    program = next(filter(os.path.exists, PROGRAMS), None)
    if program is None:
        raise Gone()
    answer, tell = os.pipe()
    try:
        fcntl.fcntl(tell, F_SETPIPE_SZ, AT_ONCE)
    except OSError:
        pass                            # an old kernel, or a user who has many large ones
    child = os.fork()
    if child == 0:
        try:
            for number, descriptor in enumerate((file.fileno(), tell, os.open(os.devnull, os.O_WRONLY))):
                os.dup2(descriptor, number)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.execve(program, arguments, {'LC_ALL': 'C'})
        finally:
            os._exit(127)
    os.close(tell)
    return child, answer
