"""How many files a queue directory of this host holds.  A shell: it reads directories, and opens no file.

Files, as `find DIR -type f | wc -l` counts them, in the hash directories too.  What vanishes while it is counted is
normal, for mail moves from queue to queue; what may not be read is a Failure, and never a smaller number.
"""
import os

from mailtools.base.failure import EX_UNAVAILABLE, Failure, reason_of
from mailtools.mailqueues.values import COUNTED

NEEDED = ('incoming', 'active', 'deferred')     # the others are made with their first mail


def files_in(path):
    """Files below a directory; 0 where there is none.  Raises OSError for what may not be read."""
    number, folders = 0, [path]
    while folders:
        try:
            entries = os.scandir(folders.pop())
        except (FileNotFoundError, NotADirectoryError):
            continue
        with entries:
            for entry in entries:
                # What the directory itself tells of an entry; a stat() only where the file system tells nothing.
                if entry.is_file(follow_symlinks=False):
                    number += 1
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return number


def count(queue_directory):
    """{queue: files} of all queues; raises Failure."""
    for queue in NEEDED:
        if not os.path.isdir(os.path.join(queue_directory, queue)):
            raise Failure('no directory {}/{}: is this the queue_directory of Postfix?'.format(
                queue_directory, queue), EX_UNAVAILABLE)
    try:
        return {queue: files_in(os.path.join(queue_directory, queue)) for queue in COUNTED}
    except OSError as error:
        raise Failure('cannot count {}: {}'.format(error.filename, reason_of(error)), EX_UNAVAILABLE)
