"""What a failure weighs, and how much the failures of one client weigh together.  Pure."""
from mailtools.block_sasl_fail.due import excused

SLOW_LEAST = 0.25       # lighter failures have no place in a count over days
USERS_OF_ONE = 2        # names that one household logs in with; more share an address
SHARED_MOST, SHARED_NAMELESS = 10, 3    # so much less, at most, counts a failure where many log in


def weight(record, known, name, policy):
    """What one more failure of a client counts.

    known: the record of those who log in from there, None for a stranger.  name: of the user, or ''.
    Who wants it to count less must have the passwords of many: a single account that was broken into,
    or one's own, buys nothing for guesses at other names.
    """
    repeated = policy.repeat_weight if name and any(one[2] == name for one in record.failures) else 1
    if not known:
        return 1 / repeated
    shared = max(1, len(known.users) / USERS_OF_ONE)
    if name in known.users:
        return 1 / policy.known_weight / min(shared, SHARED_MOST)
    if not name:            # it may be anybody's
        return 1 / policy.known_weight / min(shared, SHARED_NAMELESS)
    return 1 / max(repeated, min(shared, policy.known_weight))


def trusted(record, time, policy):
    """Whether somebody logged in from there not long ago."""
    return bool(record.login) and record.login >= time - policy.known_time


def scores(record, outages, time, policy):
    """(weight of the failures within find_time, that of those over days) of a client at a time."""
    counted = [one for one in record.failures if one[0] > record.crossed and not excused(record, one[0], outages)]
    return (sum(one[1] for one in counted if one[0] > time - policy.find_time),
            sum(weight * 0.5 ** ((time - at) / policy.slow_time) for at, weight, _ in counted
                if weight >= SLOW_LEAST))
