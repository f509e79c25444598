"""The policy alone, with times as arguments: a host whose records are kept as text between two runs."""
from mailtools.base import settings
from mailtools.block_sasl_fail import due, records, score
from mailtools.block_sasl_fail.policy import policy_of
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS
from mailtools.block_sasl_fail.values import FAILURE, Attempt

NOW = 1.8e9
HOUR, DAY = 3600, 86400
GUESSER = '198.51.100.7'


def policy(**changed):
    """The default policy, with changes."""
    return policy_of(settings.load(PROGRAM, SETTINGS, '/dev/null'))._replace(**changed)


def attempt(time, client=GUESSER, kind=FAILURE, user=None, times=1):
    """One line of a log."""
    return Attempt(time, client, 'PLAIN', 'submission/smtpd', user, times, '', kind, 0, -1)


class Host:
    """The records of one host, kept as text between two runs, as the state does."""

    def __init__(self, **changed):
        self.policy = policy(**changed)
        self.kept = {}
        self.said = []

    def run(self, attempts, now=NOW):
        """One run; the Plan."""
        known = {key: records.unpacked(key, text) for key, text in self.kept.items()}
        changes = score.update(known, attempts, now, self.policy)
        self.said.extend(changes.said)
        self.kept.update((key, records.packed(one)) for key, one in changes.records.items())
        return self.plan(now)

    def plan(self, now=NOW):
        """What is to be in the map."""
        return due.due((records.unpacked(*one) for one in sorted(self.kept.items())), now, self.policy)

    def blocked(self, attempts=(), now=NOW):
        """{key: why} after one run."""
        return {block.key: block.why for block in self.run(attempts, now).blocks}


def guesses(count, client=GUESSER, start=NOW - HOUR, every=10, user=None):
    """Failures in a row."""
    return [attempt(start + every * number, client, user=user and user.format(number)) for number in range(count)]


def users_of(count):
    """So many names."""
    return ['user{}@example.net'.format(number) for number in range(count)]
