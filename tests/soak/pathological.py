"""The giants, and a megabyte of everything that the package's patterns repeat, everywhere: 1 s a megabyte.

usage: python3 tests/soak/pathological.py [BYTES]
"""
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests' / 'bouncedmail')]

import pathological

from mailtools.bouncedmail.reader import read


def seconds_of(raw):
    started = time.process_time()
    report = read(raw)
    assert report.error is None and report.events, report.error
    return time.process_time() - started


def main(size=pathological.MB):
    slow, worst = 0, (0.0, '')
    for name, raw in every(size):
        rate = seconds_of(raw) / max(1, len(raw) / pathological.MB)
        worst = max(worst, (rate, name))
        if rate > 1:
            slow += 1
            print('{}: {:.2f} s a megabyte'.format(name, rate))
    print('{} of the mails took more than 1 s a megabyte; worst {:.3f}: {}'.format(slow, *worst))
    return 1 if slow else 0


def every(size):
    """(name, raw) of all, one at a time: some are 100 MB."""
    for table in (pathological.CASES, pathological.GIANTS):
        for name, make in table.items():
            yield name, make()
    yield from pathological.aimed(size)


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
