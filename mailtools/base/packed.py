"""The plain text of a file that may be packed: gzip, bzip2, xz and zstd.

How it is packed, its first bytes say and not its name: logrotate(8) with `dateext` gives names that
end in a date.  Memory stays small whatever the size.
"""
import contextlib
import os

from mailtools.base.blocks import kind_of
from mailtools.base.failure import one_line


@contextlib.contextmanager
def unpacked(file):
    """A file object with the plain text of `file`, whatever packed it."""
    kind = kind_of(file.peek(8)[:8])
    if kind == 'gz':
        import gzip
        import zlib
        try:
            yield gzip.GzipFile(fileobj=file)
        except zlib.error as error:
            raise OSError(0, one_line(error))
    elif kind == 'bz2':
        import bz2
        yield bz2.BZ2File(file)
    elif kind == 'xz':
        import lzma
        try:
            with lzma.LZMAFile(file) as text:
                yield text
        except lzma.LZMAError as error:
            raise OSError(0, one_line(error))
    elif kind == 'zst':
        with piped(file, ['zstd', '-dcq']) as text:
            yield text
    else:
        yield file


@contextlib.contextmanager
def piped(file, command):
    """The output of a program that gets the rest of `file`, which nobody has read from, as its input."""
    import subprocess
    seekable = file.seekable()
    try:
        if seekable:
            file.seek(0)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        with subprocess.Popen(command, stdin=file if seekable else subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            feeder = None if seekable else start_feeder(file, process.stdin)
            ended = False
            try:
                yield process.stdout
                ended = not process.stdout.read(1)
            finally:
                process.stdout.close()
                if feeder:
                    feeder.join()
            if process.wait() and ended:
                raise OSError(0, '{} failed: status {}'.format(command[0], process.returncode))
    except FileNotFoundError:
        raise OSError(0, '{} is not installed'.format(command[0]))


def start_feeder(file, pipe):
    """A thread that copies `file` to `pipe`, for input that cannot be handed on as it is."""
    import shutil
    import threading

    def feed():
        with contextlib.suppress(BrokenPipeError), pipe:
            shutil.copyfileobj(file, pipe)
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    return thread
