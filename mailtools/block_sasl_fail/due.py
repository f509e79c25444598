"""Who is to be kept out now, of what is remembered; an outage that is known by now excuses its victims.  Pure."""
import itertools
from typing import Iterable, NamedTuple

from mailtools.block_sasl_fail import outage
from mailtools.block_sasl_fail.networks import Exempt
from mailtools.block_sasl_fail.outage import Outages
from mailtools.block_sasl_fail.records import GUESSING, NEIGHBOURS, NETWORK, SLOW

SUSPECT = 2             # failures before an outage that make a stranger's during it count


class Block(NamedTuple):
    """One line of the map."""

    key: str        # an address, or a network with its prefix length
    until: float    # seconds since the epoch
    why: str        # a word of records.py
    since: float = 0


class Plan(NamedTuple):
    """What the map is to hold."""

    blocks: Iterable[Block]         # sorted by key; due() gives a tuple
    outage: bool                    # an outage goes on


def due(records, now, policy):
    """The Plan for these records, any iterable by key, so that `*` is the first; those without a block don't matter."""
    records = iter(records)
    first = next(records, None)
    outages = first if first is not None and first.key == outage.KEY else Outages()
    found = blocks_of(itertools.chain([first] if first else [], records), outages, now, policy)
    return Plan(tuple(sorted(found)), bool(outages.since))


def blocks_of(records, outages, now, policy):
    """Yield the Blocks that are due of these records, in their order."""
    exempt = Exempt(policy.never_block)
    for one in records:
        if one.until > now and not mistaken(one, outages) and one.key not in exempt:
            yield Block(one.key, one.until, one.why, one.since)


class Stored:
    """The Blocks that are due now, sorted by key, as they are in a state: never all in memory."""

    def __init__(self, state, now, policy, outages):
        self._state = state
        self._now = now
        self._policy = policy
        self._outages = outages or Outages()

    def __iter__(self):
        return blocks_of(self._state.blocked(self._now), self._outages, self._now, self._policy)


def mistaken(record, outages):
    """Whether the block came from what was an outage, as became clear later."""
    return record.why in (GUESSING, SLOW, NEIGHBOURS, NETWORK) and outages.covers(record.crossed) and not (
        suspect(record, outages.begin_of(record.crossed)))


def suspect(record, begin):
    """Whether a client was guessing before an outage began, so that it isn't a victim."""
    before = sum(weight for time, weight, _ in record.failures if time <= begin)
    return not record.login and before >= SUSPECT


def excused(record, time, outages):
    """Whether a failure came in an outage, and of one who may be its victim."""
    return outages.covers(time) and not suspect(record, outages.begin_of(time))
