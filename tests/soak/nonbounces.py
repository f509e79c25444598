"""Twenty thousand mails that are no bounces, or as many as are asked for; prints whom the reader blames.

usage: python3 tests/soak/nonbounces.py [COUNT [FIRST_SEED]]
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests' / 'bouncedmail')]

import nonbounces

from mailtools.bouncedmail.reader import read
from mailtools.bouncedmail.report import Wanted

WAYS = (Wanted(), Wanted(verp_domains=nonbounces.OUR_DOMAINS))


def main(count=20000, first=1000):
    wrong = [
        line
        for sample in nonbounces.generate(count, first)
        for wanted in WAYS
        for line in nonbounces.blamed(sample, read, wanted)
    ]
    print(
        '\n'.join(
            wrong
            + [
                '{} mails of {} families: {} times somebody is blamed'.format(
                    count, len(nonbounces.FAMILIES), len(wrong)
                )
            ]
        )
    )
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
