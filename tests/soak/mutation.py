"""A hundred thousand damaged mails on all cores, or as many as are asked for; faults with their seeds.

usage: python3 tests/soak/mutation.py [COUNT [FIRST_SEED [FOLDER]]]; mutants with faults are kept in FOLDER
"""
import multiprocessing
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests' / 'bouncedmail')]

import mutation
import soundness

from mailtools.bouncedmail import reader
from mailtools.bouncedmail.report import Wanted

WANTED = Wanted(headers=('X-Campaign-Id', 'Received'), verp_domains=('mail1.example.com', 'example.jp'))
MAILS = mutation.sources()


def tried(seed):
    """(seconds, the faults) of one mutant."""
    name, raw = mutation.mutant(MAILS, seed)
    started = time.process_time()
    report = reader.read(raw, WANTED)
    seconds = time.process_time() - started
    return seconds, [
        '{} of {} ({} bytes): {}'.format(seed, name, len(raw), fault)
        for fault in soundness.faults(raw, report, seconds)
    ]


def main(count=100000, first=1000000, folder=None):
    slowest, wrong = 0.0, 0
    with multiprocessing.Pool() as pool:
        for seconds, faults in pool.imap_unordered(tried, range(first, first + count), 50):
            slowest = max(slowest, seconds)
            wrong += bool(faults)
            if faults and folder:
                seed = faults[0].split()[0]
                (pathlib.Path(folder) / seed).write_bytes(mutation.mutant(MAILS, int(seed))[1])
            for fault in faults:
                print(fault)
    print(
        '{} mutants of {} mails: {} with faults, slowest {:.3f} s'.format(count, len(MAILS), wrong, slowest)
    )
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:3]), *sys.argv[3:]))
