"""A hundred thousand lines of Postfix logs, or as many as are asked for; prints what `failures` gets wrong.

usage: python3 tests/soak/sasl_blackbox.py [SEEDS [FIRST_SEED]]

Beyond what the test does: five time zones with odd offsets, one change of the clocks after the other, and logs of
some size, packed or not, so that lines fall on the ends of blocks.
"""
import gzip
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'block_sasl_fail')]

import blackbox

from rig import program

ZONES = ('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Australia/Lord_Howe')
COUNT = 2500
FIRST_END, BETWEEN_S = 1772679782, 11 * 86400       # over a year with 34 seeds


def wrong(seed, style, folder):
    """What is wrong in one log, as sentences."""
    zone, end = ZONES[seed % len(ZONES)], FIRST_END + seed % 34 * BETWEEN_S
    with blackbox.zone(zone):
        made = blackbox.make(seed, COUNT, style, end=end, line_end=(b'\n', b'\n', b'\r\n')[seed % 3])
    path = os.path.join(folder, 'maillog')
    with open(path, 'wb') as file:
        file.write(gzip.compress(made.log) if seed % 4 == 3 else made.log)
    os.utime(path, (end, end))
    ran = program.run('block-sasl-fail', 'failures', '--json', path, env={'TZ': zone})
    if ran.status or ran.err:
        return ['status {}: {}'.format(ran.status, ran.err)]
    return blackbox.compare(made, [json.loads(line) for line in ran.out.splitlines()])


def main(seeds=5, first=100):
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + seeds):
            for style in sorted(blackbox.STYLES):
                found += ['seed {}, {}: {}'.format(seed, style, one) for one in wrong(seed, style, folder)]
    print('\n'.join(found + ['{} lines in {} styles: {} are read wrong'.format(
        seeds * len(blackbox.STYLES) * COUNT, len(blackbox.STYLES), len(found))]))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
