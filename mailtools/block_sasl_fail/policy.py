"""How many failures are too many: what the settings ask for, as a value."""
from typing import NamedTuple, Tuple


class Policy(NamedTuple):
    """How many failures are too many; each field is a setting of that name. Times in seconds."""

    mode: str               # 'score', or 'daily': each address that failed, until the log is rotated
    max_failures: float
    find_time: float
    block_time: float
    block_growth: float     # each further block is so many times longer
    block_most: float       # the longest block; after so long a quiet the growth begins anew
    slow_failures: float    # 0: never for this; likewise for the counts below
    slow_time: float
    repeat_weight: float    # so many of them weigh as much as one; likewise known_weight
    forgive_time: float
    known_time: float
    known_weight: float
    neighbours: int         # clients of a /24 that have failed, at which each of them is blocked
    net4_addresses: int     # ... at which the /24 is
    net6_addresses: int     # the same for a /64
    outage_clients: int
    outage_time: float
    never_block: Tuple[str, ...]    # networks; loopback and the like are always exempt


def policy_of(settings):
    """The Policy that the settings ask for."""
    return Policy(*(getattr(settings, name) for name in Policy._fields))
