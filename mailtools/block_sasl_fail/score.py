"""Who guesses passwords, and until when that keeps him out: values in, values out, no clock.

    records = state.load(score.keys(attempts))          # {key: Record} of those that are known
    changes = score.update(records, attempts, now, policy)
    state.save(changes.records)                         # in the transaction that moves the position
    plan = due.due(state.blocked(now), now, policy)     # records with until > now, and the record '*'
    accessmap.publish(plan, ...)

Attempts come in the order of the log.  `now` is the time of the run and begins a block, so that a log
that is read late still has an effect; whether an attempt counts is for the attempts' own times to say.

What counts how much:
  - a failure counts 1; `repeat_weight` repetitions of one user name count 1: many names are guessing;
  - of a client that logged in within `known_time`, a failure of the same user, or without a name
    (Postfix before 3.9), counts 1 / `known_weight`: a phone with an old password.  The more users log in from there
    (an office behind one address, a webmail), the less it counts, and other names as well: see weights.py;
  - a client of IPv6 that is not known itself is known by its /64: its address changes from day to day;
  - a login forgives the failures before it that bear its user name, or none, unless there were more than
    a person mistypes: then somebody guessed right, and it is said, and nothing is forgiven;
  - failures during an outage count for nobody, save for clients that were guessing before.
More than `max_failures` within `find_time` block a client for `block_time`, longer each time that it comes back;
or more than `slow_failures`, where each counts half after `slow_time`.  Networks: see neighbours().

With mode = daily, as the predecessor of this program did, each failure blocks, and nothing is forgiven: when the
log was rotated the state frees every record with why = DAILY, before the attempts of the new log.
"""

from typing import Any, Dict, NamedTuple, Tuple

from mailtools.block_sasl_fail import outage
from mailtools.block_sasl_fail.due import excused, mistaken
from mailtools.block_sasl_fail.networks import Exempt, counted_with
from mailtools.block_sasl_fail.outage import Outages
from mailtools.block_sasl_fail.records import DAILY, GUESSING, LASTING, NEIGHBOURS, NETWORK, SLOW, Record, whole
from mailtools.block_sasl_fail.values import FAILURE, LOGIN, OUTAGE
from mailtools.block_sasl_fail.weights import SLOW_LEAST, scores, trusted, weight

TOGETHER_S = 300        # light failures within it are kept as one
NAME_LIMIT = 100        # characters of a user name that are remembered


class Changes(NamedTuple):
    """What update() found."""

    records: Dict[str, Any]         # {key: Record or Outages} of those that changed
    said: Tuple[Tuple[str, Dict[str, Any]], ...]    # events for the log: name, fields


def keys(attempts):
    """The keys of the records that these attempts are about, in a set."""
    found = {outage.KEY}
    for attempt in attempts:
        found.add(attempt.client)
    found.discard('')
    return found | {counted_with(client) for client in found} - {None}


def update(records, attempts, now, policy):
    """Changes of the records by these attempts.

    records: a mapping whose get(key) gives the record or None, perhaps only then from the disk: a
    network's members may be asked for as well as what keys() says.  The records are changed in place.
    """
    work = Work(records, now, policy)
    for attempt in attempts:
        work.take(attempt)
    return Changes(work.changed, tuple(work.said))


def worthless(record, now, policy):
    """Whether the state may forget a record: nothing in it can matter any more."""
    if record.key == outage.KEY:
        return False
    kept = max(policy.block_most, policy.known_time, 5 * policy.slow_time, policy.find_time)
    return record.until <= now and max(record.last, record.login, record.released, record.until) < now - kept


class Work:
    """One pass over attempts: the records at hand, those changed, and what is to be told."""

    def __init__(self, records, now, policy):
        self.records = records
        self.now = now
        self.policy = policy
        self.changed = {}
        self.said = []
        self.exempt = Exempt(policy.never_block)
        self.counted_with = {}
        self.outages = records.get(outage.KEY) or Outages()
        # For weights below 1; what is beyond it was reason enough for a block.
        self.kept = 64 + 4 * int(max(policy.max_failures, policy.slow_failures))

    def take(self, attempt):
        """One attempt."""
        client = attempt.client
        if attempt.kind == FAILURE:
            if client and client not in self.exempt:
                self.failure(self.record(client), attempt)
        elif self.policy.mode == 'daily':
            pass
        elif attempt.kind == LOGIN:
            self.login(attempt)
        elif attempt.kind == OUTAGE:
            self.sign(client or 'the server itself', attempt.time)

    def record(self, key):
        """The record of a key, a new one if there is none; it is about to be changed."""
        if key not in self.changed:
            self.changed[key] = self.records.get(key) or Record(key)
        return self.changed[key]

    def sign(self, client, time):
        """A sign of an outage."""
        self.changed[outage.KEY] = self.outages
        if self.outages.sign(client, time, self.policy):
            self.said.append(('outage', {'since': self.outages.since, 'clients': len(self.outages.fallen)}))

    # -- failures --

    def failure(self, record, attempt):
        """A failure of a client that is not exempt."""
        time = whole(attempt.time)
        record.count += attempt.times
        record.last = max(record.last, time)
        if time <= record.released:
            return
        if self.policy.mode == 'daily':
            self.block(record, time, DAILY)
            return
        self.outages.failed(record.key, time)
        self.changed[outage.KEY] = self.outages
        known = self.standing(record, time)
        if known and all(one[0] > self.outages.login for one in record.failures[:1]):
            self.sign(known.key, time)
        if self.stands(record):
            if record.since == self.now and len(record.failures) < self.kept:
                self.remember(record, attempt)      # for guessed()
            return
        self.remember(record, attempt)
        why = self.verdict(record, time)
        if why:
            self.block(record, time, why)
        if record.failures[-1][1] >= SLOW_LEAST and not self.outages.covers(time):
            self.neighbours(record, time)

    def remember(self, record, attempt):
        """Add a failure, once for each time that syslog repeats it, and let go what counts no more."""
        time = whole(attempt.time)
        oldest = time - max(self.policy.find_time, 5 * self.policy.slow_time)
        name = (attempt.username or '')[:NAME_LIMIT]
        failures = record.failures = [one for one in record.failures if one[0] > oldest]
        for _ in range(min(attempt.times, self.kept)):
            more, last = whole(weight(record, self.standing(record, time), name, self.policy)), failures[-1:]
            if last and last[0][2] == name and last[0][1] + more < SLOW_LEAST and 0 <= time - last[0][0] < TOGETHER_S:
                last[0][:2] = time, last[0][1] + more
            else:
                failures.append([time, more, name])
        del failures[:-self.kept]

    def standing(self, record, time):
        """The record by which a client is known to have users: its own, or that of its /64; None."""
        if trusted(record, time, self.policy):
            return record
        key = counted_with(record.key) if ':' in record.key else None
        network = key and (self.changed.get(key) or self.records.get(key))
        return network if network and trusted(network, time, self.policy) else None

    def verdict(self, record, time):
        """Why a client is to be blocked, '' if it isn't."""
        quick, slow = scores(record, self.outages, time, self.policy)
        if quick > self.policy.max_failures:
            return GUESSING
        return SLOW if 0 < self.policy.slow_failures < slow else ''

    def block(self, record, time, why):
        """Block a client or network from now on."""
        policy = self.policy
        again = record.blocks and record.until > self.now - policy.block_most
        if record.until <= self.now:
            record.blocks = record.blocks + 1 if again else 1
        record.since, record.why, record.crossed = self.now, why, time
        if why == DAILY:
            record.until = LASTING
            return
        growth = policy.block_growth ** min(record.blocks - 1, 60)
        record.until = self.now + min(policy.block_time * growth, policy.block_most)

    # -- networks --

    def neighbours(self, record, time):
        """What the failure of a stranger means for the /24 or /64 that he is in.

        Many clients that guess once each are one guesser.  A /64 belongs to one customer, and is blocked
        when a few of its addresses have failed.  A /24 may belong to many: at first those that failed are
        blocked, one by one, and the rest only when it is plain that all of it guesses.  Nothing is done
        where anybody logged in not long ago.
        """
        key = counted_with(record.key)
        network = self.record(key)
        network.count += 1
        network.last = max(network.last, time)
        if trusted(record, time, self.policy) or trusted(network, time, self.policy) or time <= network.released:
            return
        self.crowd(network, record.key, time)

    def crowd(self, network, client, time):
        """One more failure of a network; block what is plain now."""
        policy, six = self.policy, ':' in network.key
        whole, some = (policy.net6_addresses, 0) if six else (policy.net4_addresses, policy.neighbours)
        limits = [one for one in (whole, some) if one > 0]
        if self.stands(network) or not limits:
            return              # nobody gets in, or all may; and a /64 has members without end
        new = client not in network.members
        network.members[client] = time
        if new and len(network.members) >= min(limits):
            self.thin(network, time, max(limits))
        found = len(network.members)
        if 0 < whole <= found and network.key not in self.exempt:
            self.block(network, time, NETWORK)
        if 0 < some <= found:
            crossed = new and found == some
            for member in list(network.members) if crossed else [client]:
                self.join(self.record(member), time)

    def thin(self, network, time, most):
        """Let go the members of a network that count no more, and the oldest beyond what makes a difference."""
        members = {one: at for one, at in network.members.items()
                   if at > time - self.policy.slow_time and not self.outages.covers(at)}
        if len(members) > most:
            members = dict(sorted(members.items(), key=lambda member: member[1])[-most:])
        network.members = members

    def join(self, member, time):
        """Block one of many clients of a network that failed."""
        if not self.stands(member) and member.key not in self.exempt and not trusted(member, time, self.policy):
            self.block(member, time, NEIGHBOURS)

    def stands(self, record):
        """Whether there is a block already, and a rightful one."""
        return record.until > self.now and not mistaken(record, self.outages)

    # -- logins --

    def login(self, attempt):
        """Somebody logged in: forgiven is what a person mistypes before, and an outage is over."""
        time = whole(attempt.time)
        self.changed[outage.KEY] = self.outages
        if self.outages.success(time) | self.outages.returned(attempt.client, time, self.policy):
            self.said.append(('outage-over', {'since': self.outages.spans[-1][0], 'until': time}))
        if not attempt.client or attempt.client in self.exempt:
            return
        record = self.record(attempt.client)
        if self.guessed(record, time):
            self.said.append(('login-after-guessing', {
                'client': attempt.client, 'username': attempt.username, 'failures': len(record.failures)}))
            return
        if record.since == self.now and record.why in (GUESSING, SLOW, NEIGHBOURS):
            record.blocks -= 1          # nobody has seen this block yet
            record.free()
            record.crossed = 0
        name = (attempt.username or '')[:NAME_LIMIT]
        record.failures = [one for one in record.failures if one[2] and one[2] != name
                           or one[0] < time - self.policy.forgive_time]
        record.greet(name, time)
        network = self.record(counted_with(attempt.client))
        network.greet(name if ':' in network.key else '', time)
        network.members.pop(attempt.client, None)
        if network.since == self.now and network.why == NETWORK:
            network.free()

    def guessed(self, record, time):
        """Whether so much failed before this login that it is hardly the owner's."""
        counted = sum(weight for at, weight, _ in record.failures
                      if at > time - self.policy.find_time and not excused(record, at, self.outages))
        return counted > 2 * self.policy.max_failures or (
            self.stands(record) and record.since != self.now)
