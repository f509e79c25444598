"""Ten thousand deliveries in parallel and come again, with kills at random: one answer a sender, each whole.

usage: python3 tests/soak/autoreply_once.py [DELIVERIES [SHARE_KILLED [SEED]]]
"""
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'autoreply')]

import storm
from answers import faults
from scene import ANSWER, step

from rig.responder import TEMPLATE, Responder

EACH = 20       # mails of one sender


def main(deliveries=10000, kills=0.25, seed=1):
    steps = [step(ANSWER, sender='u{}@d{}.example'.format(number, number % 97))
             for _ in range(EACH) for number in range(deliveries // EACH)]
    with tempfile.TemporaryDirectory(prefix='mt-once-') as folder:
        host = Responder(folder, max_per_hour='1000000', max_per_day='1000000', max_per_domain_per_hour='1000000')
        began = time.monotonic()
        made = storm.run(host, steps, kills=kills, seed=seed)
        took = time.monotonic() - began
        wrong = storm.verdict(host, steps, made)
        by_sender = {one.sender: one for one in steps}
        for sent in host.sent():
            wrong += faults(sent, by_sender[sent.recipients()[0]], TEMPLATE)
        print('{} mails of {} senders, {} processes killed, statuses {}, {} answers, {:.0f} s'.format(
            len(steps), len(by_sender), len(made.killed), dict(made.statuses), host.count(), took))
    for one in wrong[:50]:
        print(one)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*[float(one) if '.' in one else int(one) for one in sys.argv[1:]]))
