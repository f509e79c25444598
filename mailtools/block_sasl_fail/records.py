"""What is remembered of a client or of a network between two runs: values, and their text in the state.

A record's key is an address, or a network as networks.counted_with() writes it; the record `*` is
outage.Outages.  packed() and unpacked() are the form in which the state file holds them.
"""
import json

from mailtools.block_sasl_fail import outage

USERS_KEPT = 300    # names that logged in from one address, those of late
LASTING = 1e11      # as `until`: for good (the year 5138)

# Why something is blocked, `Record.why`.
GUESSING, SLOW, NEIGHBOURS, NETWORK = 'guessing', 'slow', 'neighbours', 'network'
DAILY, MANUAL, SHARED = 'daily', 'manual', 'shared'


class Record:
    """One client or network.

    failures: [time, weight, name] of those that count, by time, without those that a login
        forgave; a network has members instead: {address: time of its last one}.
    count: all failures ever seen.  last: when the last one was.
    login: when somebody last logged in, 0 for never.  users: who did.
    blocks: how often it was blocked without a long quiet between.
    since, until: of the block, by the clock; until = 0: none.  why: one of the words above.
    crossed: when, by the log, it did too much; what was earlier counts no more.
    released: when a person let it go; what was earlier doesn't count.
    """

    __slots__ = ('key', 'failures', 'members', 'count', 'last', 'login', 'users',
                 'blocks', 'since', 'until', 'why', 'crossed', 'released')

    def __init__(self, key, **given):
        self.key = key
        self.count = self.last = self.login = self.blocks = 0
        self.since = self.until = self.crossed = self.released = 0
        self.why = ''
        self.failures, self.members, self.users = [], {}, []
        for name, value in given.items():
            setattr(self, name, value)

    def fields(self):
        """What packed() keeps: all but the key, in the order of __slots__."""
        return [getattr(self, name) for name in self.__slots__[1:]]

    def greet(self, user, time):
        """Somebody logged in from here."""
        self.login = max(self.login, time)
        if user and user in self.users[:-USERS_KEPT // 2]:
            self.users.remove(user)
        if user and user not in self.users:
            self.users = (self.users + [user])[-USERS_KEPT:]

    def free(self):
        """End the block, if there is one."""
        self.since = self.until = 0
        self.why = ''

    def forget(self, now):
        """Count anew from now on: what a person's release does."""
        self.free()
        self.failures, self.members = [], {}
        self.blocks, self.released = 0, now


def whole(number):
    """The number, as int where it is one: in the text of a record that takes a fifth of the time."""
    return int(number) if number == int(number) else number


def packed(record):
    """A record as one line of text."""
    return json.dumps(record.fields(), separators=(',', ':'))


def unpacked(key, text):
    """The record of a key; ValueError or TypeError when the text is not what packed() gave."""
    if key == outage.KEY:
        return outage.Outages(*json.loads(text))
    values = json.loads(text)
    if len(values) != len(Record.__slots__) - 1:
        raise ValueError('{} fields'.format(len(values)))
    return Record(key, **dict(zip(Record.__slots__[1:], values)))
