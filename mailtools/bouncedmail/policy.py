"""Which addresses are not to be mailed again, and why: values in, values out.

The policy: hard bounces or complaints, one by default; soft bounces on
different days within some time (one bad day at a large provider must not empty
a list).  Delays, autoreplies and mail of kind `other` never count.
An address stays suppressed until it is forgiven: since nobody mails it, no
news of it can come.

What is kept of an address (Facts) does not depend on the policy, and is the
same in whatever order its events come.  So a changed setting acts on
everything that was ever counted, without a look at the events, which may be
purged by then.
"""
import datetime
from typing import NamedTuple, Optional

from mailtools.base.failure import SettingsFailure
from mailtools.bouncedmail.report import HARD, SOFT

# Days remembered of an address.  A run of soft days that is older than the
# hundred latest of them is forgotten; so no policy may ask for more.
SOFT_DAYS_KEPT = 100

# RFC 5965 7.3 and RFC 6591: reports that are no recipient's complaint.
NOT_COMPLAINTS = frozenset(('not-spam', 'auth-failure'))


class Policy(NamedTuple):
    """After how much an address is suppressed; 0 is never, for that cause."""

    hard_count: int = 1         # hard bounces
    complaint_count: int = 1
    soft_days: int = 5          # different days with a soft bounce, at most SOFT_DAYS_KEPT,
    window_days: int = 30       # within so many days


def from_settings(settings):
    """The policy that the settings state; raises SettingsFailure."""
    if settings.soft_days > SOFT_DAYS_KEPT:
        raise SettingsFailure('soft_days = {}: must be at most {}'.format(settings.soft_days, SOFT_DAYS_KEPT))
    return Policy(settings.hard_count, settings.complaint_count, settings.soft_days,
                  max(1, -(-int(settings.soft_within) // 86400)))


class Facts(NamedTuple):
    """What is known of one address: a row of the table `address`, its columns in order.

    Times are text in UTC, 2026-11-22T21:19:37Z, and compare as text.
    """

    address: str
    recipient: str
    hard: int = 0
    soft: int = 0
    complaint: int = 0
    delay: int = 0
    first_at: str = ''
    last_at: str = ''
    hard_at: Optional[str] = None
    hard_reason: Optional[str] = None
    complaint_at: Optional[str] = None
    complaint_type: Optional[str] = None
    soft_days: str = ''
    forgiven_at: Optional[str] = None
    suppressed_since: Optional[str] = None
    suppressed_why: Optional[str] = None


class Verdict(NamedTuple):
    """since: of when the first hard bounce or complaint was, or the day on which the soft ones
    became too many; None where the address may be mailed.  why: hard, complaint or soft.
    """

    since: Optional[str] = None
    why: Optional[str] = None


def counted_as(event):
    """Which count of Facts an event adds to, None where it adds to none."""
    if event.kind == 'bounce':
        return event.severity if event.severity in (HARD, SOFT) else None
    if event.kind == 'complaint':
        return None if event.feedback_type in NOT_COMPLAINTS else 'complaint'
    return 'delay' if event.kind == 'delay' else None


def add(facts, event, at):
    """The facts with one more event of that address, which came at `at`.

    Unchanged where the event doesn't count, or came before the address was forgiven.
    """
    count = counted_as(event)
    if count is None or (facts.forgiven_at and at <= facts.forgiven_at):
        return facts
    changed = {
        count: getattr(facts, count) + 1,
        'first_at': min(facts.first_at or at, at),
        'last_at': max(facts.last_at, at),
    }
    if at >= facts.last_at:
        changed['recipient'] = event.recipient
    if count == HARD and (facts.hard_at is None or at < facts.hard_at):
        changed.update(hard_at=at, hard_reason=event.reason)
    elif count == 'complaint' and (facts.complaint_at is None or at < facts.complaint_at):
        changed.update(complaint_at=at, complaint_type=event.feedback_type)
    elif count == SOFT:
        changed['soft_days'] = _with_day(facts.soft_days, at[:10].replace('-', ''))
    return facts._replace(**changed)


def _with_day(days, day):
    if day in days:             # eight digits between blanks: no other day can hold them
        return days
    return ' '.join(sorted(days.split() + [day])[-SOFT_DAYS_KEPT:])


def judge(facts, policy):
    """The verdict on an address; the earliest cause is the one that is named."""
    causes = []
    if 0 < policy.hard_count <= facts.hard:
        causes.append(Verdict(facts.hard_at, 'hard'))
    if 0 < policy.complaint_count <= facts.complaint:
        causes.append(Verdict(facts.complaint_at, 'complaint'))
    day = _too_many_days(facts.soft_days, policy)
    if day:
        causes.append(Verdict('{}T00:00:00Z'.format(day.isoformat()), 'soft'))
    return min(causes, default=Verdict())


def _too_many_days(days, policy):
    """The day on which soft bounces became too many, None where they never did."""
    if not policy.soft_days or len(days) < 9 * policy.soft_days - 1:
        return None
    dates = [datetime.date(int(day[:4]), int(day[4:6]), int(day[6:])) for day in days.split()]
    for first, last in zip(dates, dates[policy.soft_days - 1:]):
        if (last - first).days < policy.window_days:
            return last
    return None


def judged(facts, policy):
    """The facts with the verdict of the policy in them."""
    verdict = judge(facts, policy)
    if verdict == (facts.suppressed_since, facts.suppressed_why):
        return facts
    return facts._replace(suppressed_since=verdict.since, suppressed_why=verdict.why)


def forgiven(facts, now):
    """The facts after `forgive`: every count starts anew."""
    return Facts(facts.address, facts.recipient, first_at=facts.first_at, last_at=facts.last_at,
                 forgiven_at=now)


def key_of(address):
    """An address as it is compared: in lower case, as providers do, though RFC 5321 2.4 lets them not."""
    return address.lower()
