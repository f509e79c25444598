"""A hundred thousand forged senders within a few days: never more answers than the caps, in any hour or day.

In this process, through the functions that the program decides and records with; the clock is an argument.
usage: python3 tests/soak/autoreply_caps.py [SENDERS [DAYS]]
"""
import collections
import io
import pathlib
import random
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'autoreply')]

import headers
from scene import ANSWER, step

from mailtools.autoreply.address import key_of
from mailtools.autoreply.envelope import mail_of
from mailtools.autoreply.head import read_head
from mailtools.autoreply.rules import decide
from mailtools.autoreply.state import State

HOUR_S, DAY_S = 3600, 86400


def most_within(times, window_s):
    """The most of these times, sorted, that lie within a window."""
    found, first = 0, 0
    for at, when in enumerate(times):
        while times[first] <= when - window_s:
            first += 1
        found = max(found, at - first + 1)
    return found


def main(senders=100000, days=3):
    rng = random.Random(4)
    settings = headers.settings()
    sent, rules = [], collections.Counter()
    with tempfile.TemporaryDirectory(prefix='mt-caps-') as folder:
        settings.state = folder
        began = time.monotonic()
        start = time.time() - days * DAY_S     # records are files, whose times are those of the answers
        times = sorted(start + rng.random() * days * DAY_S for _ in range(senders))
        for number, now in enumerate(times):
            domain = 'd{}.example'.format(int(rng.paretovariate(0.4)) % 5000)
            one = step(ANSWER, sender='forged{}@{}'.format(number, domain))
            mail = mail_of(read_head(io.BytesIO(one.raw()).read), one.env, settings)
            assert decide(mail).answer
            found = State(settings, '/answer.txt', print).answer_once(
                key_of(mail.sender), mail.sender.domain, now, lambda: None)
            rules[found.rule if found else 'answered'] += 1
            if not found:
                sent.append((now, domain))
        files = sum(1 for path in pathlib.Path(folder).rglob('*') if path.is_file())
        took = time.monotonic() - began
    by_domain = collections.defaultdict(list)
    for now, domain in sent:
        by_domain[domain].append(now)
    hour, day = (most_within([now for now, _ in sent], window) for window in (HOUR_S, DAY_S))
    there = max(most_within(one, HOUR_S) for one in by_domain.values())
    print('{} senders in {} days: {}; at most {} an hour, {} a day, {} an hour and domain; '
          '{} files of state; {:.0f} s'.format(
        senders, days, dict(rules), hour, day, there, files, took))
    wrong = (hour > settings.max_per_hour or day > settings.max_per_day or there > settings.max_per_domain_per_hour
             or sum(rules.values()) != senders or files > rules['answered'] + 600)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
