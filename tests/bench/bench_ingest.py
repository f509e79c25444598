"""What the pipe costs beside the bare interpreter, which Postfix would start anyway."""
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'bench')]

import measure

from rig.mailhost import bounce

ROUNDS = 101            # a start takes 10 ms and varies by as much
TMPFS = '/dev/shm'


def program():
    """The installed program beside this Python (make venv), or else the one in bin/."""
    installed = pathlib.Path(sys.executable).with_name('bouncedmail')
    return installed if installed.exists() else ROOT / 'bin' / 'bouncedmail'


def ingest(spool):
    """The argument list of the pipe, as its #! line has it."""
    return [sys.executable, '-IS', str(program()), 'ingest', '--spool', spool]


def two_fsyncs(folder):
    """A function that writes a file and makes it durable, as any safe pipe must."""
    def write():
        path = os.path.join(folder, 'file')
        with open(path, 'wb', buffering=0) as file:
            file.write(bounce(1, 5000))
            os.fsync(file.fileno())
        os.rename(path, path + '.new')
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return write


def main():
    table = measure.Table('ingest')
    bare = [sys.executable, '-I', '-S', '-c', 'pass']
    with tempfile.TemporaryDirectory() as folder:
        mails = {}
        for name, size in ('6 kB', 6 << 10), ('100 MB', 100 << 20):
            mails[name] = os.path.join(folder, name)
            with open(mails[name], 'wb') as file:
                file.write(bounce(1))
                file.truncate(size)
        with tempfile.TemporaryDirectory(dir=TMPFS if os.path.isdir(TMPFS) else None) as spool:
            table.compare('ingest 6 kB, tmpfs : python -I -S -c pass, wall', ingest(spool), bare, 1.3,
                          rounds=ROUNDS, stdin=mails['6 kB'])
            table.compare('the same, CPU', ingest(spool), bare, 1.3, 'cpu',
                          rounds=ROUNDS, stdin=mails['6 kB'])
            small, large = [measure.peak_kb(ingest(spool), stdin=mails[name])
                            for name in ('6 kB', '100 MB')]
            table.limit('memory that 100 MB take beyond 6 kB', max(0, large - small), 512, 'kB')
        with tempfile.TemporaryDirectory(dir=folder) as spool:
            table.compare('ingest 6 kB, disk : the same bare Python, wall', ingest(spool), bare,
                          rounds=ROUNDS, stdin=mails['6 kB'])
            table.note('of that the two fsyncs of this disk', measure.shown(measure.median(
                [measure.cost_of(two_fsyncs(spool)) for _ in range(51)])))
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
