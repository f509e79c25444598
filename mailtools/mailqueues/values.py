"""What the parts of mailqueues hand to each other.

All times are seconds since the epoch by the clock of the host that asks: what another host says by its own
clock is shifted when it arrives (framing.py), so that an age is never wrong for a clock that is.
"""
from typing import Dict, NamedTuple, Optional, Tuple

# The queues that hold mail on its way, in the order in which mail passes them: showq(8).
QUEUES = ('maildrop', 'incoming', 'active', 'deferred', 'hold')
CORRUPT = 'corrupt'             # files that Postfix could not read: never part of a sum
COUNTED = QUEUES + (CORRUPT,)

# qshape(1): mail younger than so many minutes; the last bucket is what is older than that.
BUCKETS_MIN = (5, 10, 20, 40, 80, 160, 320, 640, 1280)


class Host(NamedTuple):
    """A host of the settings."""

    name: str
    ssh: Tuple[str, ...]        # the command, with its options, but without what the host is to do
    local: bool                 # this host: no ssh
    queue_directory: str
    detail: str                 # none, postqueue or qshape
    postfix_config: str         # the folder of its main.cf; '' as Postfix was built


class Message(NamedTuple):
    """One mail of a queue listing."""

    queue: str
    id: str
    arrival: float
    size: int                   # bytes
    sender: str                 # '' for the null sender
    recipients: Tuple[Tuple[str, str], ...]     # (address, why it is delayed or '')


class Domain(NamedTuple):
    """A row of qshape: how old the mail for one domain is."""

    domain: str
    total: int                  # recipients
    buckets: Tuple[int, ...]    # ten: see BUCKETS_MIN


class Reason(NamedTuple):
    """Why mail is deferred, with what differs from mail to mail folded away."""

    text: str
    recipients: int
    reputation: bool            # 4.7.x: the other side refuses us, not this mail


class Detail(NamedTuple):
    """What a listing of the queues tells beyond their sizes."""

    at: float                   # when it was asked for
    seen: int                   # distinct mails that were listed
    share: float                # of all there were, 0 to 1; below 1 it is a sample
    oldest: Dict[str, float]    # {queue: arrival of its oldest mail}, only queues that hold any
    total: Domain               # the ages of all, under the name TOTAL
    domains: Tuple[Domain, ...]     # the largest first, as many as are kept
    reasons: Tuple[Reason, ...]     # the most frequent first, as many as are kept


class Asked(NamedTuple):
    """What came of asking one host once."""

    host: str
    at: float                   # when it answered, or when it was given up
    took_s: float
    counts: Optional[Dict[str, int]] = None     # {queue: files} of COUNTED; None: not known
    detail: Optional[Detail] = None             # None: not asked for, or not to be had
    error: Optional[str] = None                 # why there are no counts
    detail_error: Optional[str] = None          # why there is no detail though it was asked for
    skew_s: float = 0.0                         # how far its clock is ahead of ours
    mail_down: bool = False                     # its files can be counted, but Postfix does not run


class Known(NamedTuple):
    """What is known of one host now: the last good figures, and whether they are of now."""

    name: str
    at: Optional[float]         # when the counts were true; None: the host never answered
    counts: Optional[Dict[str, int]]
    detail: Optional[Detail]    # the last one; it may be older than the counts
    error: Optional[str]        # why the host could not be asked now; None: all is well
    since: Optional[float]      # since when it could not
    took_s: float = 0.0
    detail_error: Optional[str] = None
    skew_s: float = 0.0
    mail_down: bool = False     # Postfix does not run there, says postqueue


class Snapshot(NamedTuple):
    """All hosts, in the order of the settings."""

    generated_at: float
    hosts: Tuple[Known, ...]


def total(counts):
    """All mail of {queue: files}."""
    return sum(counts.get(queue, 0) for queue in QUEUES)
