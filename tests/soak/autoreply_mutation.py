"""A million damaged headers on all cores: no exception, no field that is not ours, no other recipient.

usage: python3 tests/soak/autoreply_mutation.py [COUNT [FIRST_SEED]]
"""
import multiprocessing
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'autoreply')]

import headers

MAILS = headers.seeds()


def tried(seed):
    """(answered, seconds, faults)"""
    return headers.tried(MAILS, seed)


def main(count=1000000, first=1000000):
    answered, slowest, wrong = 0, 0.0, 0
    with multiprocessing.Pool() as pool:
        for answers, seconds, faults in pool.imap_unordered(tried, range(first, first + count), 200):
            answered += answers
            slowest = max(slowest, seconds)
            wrong += bool(faults)
            for one in faults:
                print(one, flush=True)
    print('{} mutants of {} mails: {} answered, {} with faults, slowest {:.3f} s'.format(
        count, len(MAILS), answered, wrong, slowest))
    return 1 if wrong or not answered else 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
