"""When everybody fails at once, it is the server: nobody is blocked for it.  Pure.

Dovecot's temporary failure (LDAP or SQL away) reaches the log as a wrong
password (xsasl_dovecot_server.c knows no `temp`), so an outage is seen by who
fails: clients that logged in before, several of them in a row, one after the
other and none succeeding.  A client that failed already while others got in (a phone with
an old password) is no sign.  The first good login ends it.

Where nobody was known yet (the program is new on this host) it is seen when it is over: several of those who failed
while nobody got in log in at once, which no guessers do.

All times are those of the log.
"""
KEY = '*'           # among the records of the state
KEPT = 20           # past outages that are remembered
FAILING_KEPT = 200  # clients that failed since the last login


class Outages:
    """What is known of outages; kept in the state beside the records of clients.

    login: when anybody last logged in, 0 for never.  fallen: {client: time} of those whose failing
    is a sign.  since: the begin of the outage that goes on, 0 for none.  spans: [begin, end] of past ones.
    failing: {client: time} of all that failed since the last login.  quiet: [its end, what failing was then, those of
    them that got in since] of the last time without a login that may have been an outage.
    """

    __slots__ = ('login', 'fallen', 'since', 'spans', 'failing', 'quiet')
    key = KEY
    until = 0

    def __init__(self, login=0, fallen=(), since=0, spans=(), failing=(), quiet=()):
        self.login = login
        self.fallen = dict(fallen)
        self.since = since
        self.spans = [list(span) for span in spans]
        self.failing = dict(failing)
        self.quiet = list(quiet)

    def fields(self):
        """What packed() keeps, in the order of __init__."""
        return [self.login, self.fallen, self.since, self.spans, self.failing, self.quiet]

    def sign(self, client, time, policy):
        """A client that should have got in did not; True when that begins an outage."""
        if self.since or not policy.outage_clients:
            return False
        self.fallen[client] = time
        self.fallen = {one: at for one, at in self.fallen.items() if at > time - policy.outage_time}
        if len(self.fallen) < policy.outage_clients:
            return False
        # Whoever failed since the last login may be a victim as well.
        self.since = max(self.login, min(self.fallen.values()) - policy.outage_time)
        return True

    def success(self, time):
        """Somebody logged in; True when that ends an outage."""
        ended = bool(self.since)
        if ended:
            self.spans = (self.spans + [[self.since, max(time, self.since)]])[-KEPT:]
            self.since = 0
        self.login = max(time, self.login)
        if self.fallen:
            self.fallen = {}
        return ended

    def failed(self, client, time):
        """Anybody failed."""
        if client not in self.failing and len(self.failing) < FAILING_KEPT:
            self.failing[client] = time

    def returned(self, client, time, policy):
        """A client logged in; True when that shows that there was an outage, which was not seen."""
        if self.failing:
            if len(self.failing) >= policy.outage_clients > 0 and not (
                    self.quiet and time <= self.quiet[0] + policy.outage_time):
                self.quiet = [time, self.failing, []]
            self.failing = {}
        if not self.quiet or client not in self.quiet[1] or time > self.quiet[0] + policy.outage_time:
            return False
        end, failing, back = self.quiet
        if client not in back:
            back.append(client)
        if len(back) < policy.outage_clients:
            return False
        self.quiet = []
        if self.covers(end):
            return False
        begin = min(failing[one] for one in back)       # others may have failed a little earlier
        self.spans = (self.spans + [[begin - policy.outage_time, end]])[-KEPT:]
        return True

    def covers(self, time):
        """Whether a failure at this time says nothing."""
        if self.since and time > self.since:
            return True
        return any(begin < time <= end for begin, end in self.spans)

    def begin_of(self, time):
        """The begin of the outage that covers a time."""
        return next((begin for begin, end in self.spans if begin < time <= end), self.since)
