"""The whole mail system, run once for all tests here.

`make system-test` runs them, one after the other; `make test` leaves them out, for they take minutes, and need the
machine for themselves.
"""
import collections
import json
import os
import random
import sys
from typing import Dict, NamedTuple

import pytest

from rig import program, waiting
from rig.system import queues
from rig.system import world as worlds
from rig.system.letters import BULK, ODD, letter

collect_ignore_glob = [] if os.environ.get('SYSTEM_TEST') else ['test_*']

SHARE = 250             # mails that are fed within one time limit
FEED = program.CHECKOUT / 'tests' / 'rig' / 'system' / 'application.py'


@pytest.fixture(scope='session')
def world():
    """Every host and everybody outside, up and running."""
    if os.getuid() != 0:
        pytest.skip('namespaces need root')
    missing = worlds.missing()
    if missing:
        pytest.skip(missing)
    made = worlds.World()
    yield made
    made.remove()


@pytest.fixture(scope='session')
def inbound(world):
    """Ann of good.example writes to boss@example.com; the mail as it came to the mailbox."""
    world.good.send('ann@good.example', 'boss@example.com', letter('boss@example.com', 'lunch'))
    return waiting.until(lambda: world.hosted.mail('<lunch@good.example>'), 50, 0.1, what='the mail to the boss')


@pytest.fixture(scope='session')
def cron(world, inbound):
    """What cron runs has run, on the MX."""
    world.mx.call('block-sasl-fail', 'scan')
    queues.export(world.mx)


class Bulk(NamedTuple):
    """How the bulk mails went.  before, after: what pflogsumm-report says, {host: {figure: number}}."""

    taken: Dict[str, int]       # how many each address took
    before: Dict[str, dict]
    after: Dict[str, dict]


@pytest.fixture(scope='session')
def bulk(world):
    """The application mails a thousand people by the round-robin name.

    Ready when the senders have nothing left, and every bounce is in the database.
    """
    before = world.reports()
    odd = [kind + str(number) for kind, many in ODD.items() for number in range(many)]
    names = odd + ['user{}'.format(number) for number in range(BULK - len(odd))]
    random.Random(8).shuffle(names)
    taken = collections.Counter()
    for first in range(0, BULK, SHARE):
        taken.update(json.loads(world.app.call(sys.executable, FEED, 'bulk.example.com', str(first), stdin='\n'.join(
            name + '@big.example' for name in names[first:first + SHARE]).encode())))
    for host in world.mail1, world.mail2:
        waiting.until(host.has_no_mail, 55, 0.3, what='an empty queue of ' + host.name)
    waiting.until(lambda: len(world.events()) >= sum(ODD.values()), 55, 0.5, what='all bounces')
    return Bulk(dict(taken), before, world.reports())
