"""Who is not to be mailed again: pure values."""
import random
from types import SimpleNamespace

import pytest

from mailtools.base.failure import SettingsFailure
from mailtools.bouncedmail.policy import (
    SOFT_DAYS_KEPT,
    Facts,
    Policy,
    Verdict,
    add,
    forgiven,
    from_settings,
    judge,
)
from mailtools.bouncedmail.report import Event

HARD = Event(kind='bounce', recipient='Jane@example.org', severity='hard', reason='userunknown')
SOFT = HARD._replace(severity='soft', reason='mailboxfull')
COMPLAINT = Event(kind='complaint', recipient='jane@example.org', feedback_type='abuse')
START = Facts('jane@example.org', 'jane@example.org')


def at(day, hour=10):
    """A time in November 2026, or later: day 31 is the first of December."""
    return '2026-{}-{:02d}T{:02d}:00:00Z'.format(11 + (day - 1) // 30, (day - 1) % 30 + 1, hour)


def facts_of(*happened):
    """Facts with (event, time) pairs added."""
    facts = START
    for event, when in happened:
        facts = add(facts, event, when)
    return facts


@pytest.mark.parametrize('event, why', [
    (HARD, 'hard'),
    (COMPLAINT, 'complaint'),
    (COMPLAINT._replace(feedback_type=None), 'complaint'),
    (COMPLAINT._replace(feedback_type='fraud'), 'complaint'),
    (COMPLAINT._replace(feedback_type='not-spam'), None),
    (COMPLAINT._replace(feedback_type='auth-failure'), None),
    (SOFT, None),
    (HARD._replace(kind='delay'), None),
    (HARD._replace(kind='autoreply'), None),
    (HARD._replace(kind='other'), None),
    (HARD._replace(severity=None), None),
])
def test_one_event(event, why):
    assert judge(facts_of((event, at(3))), Policy()) == (Verdict(at(3), why) if why else Verdict())


@pytest.mark.parametrize('days, policy, since', [
    ([1, 2, 3, 4], Policy(soft_days=5), None),
    ([1, 2, 3, 4, 5], Policy(soft_days=5), 5),
    ([1, 2, 3, 4, 5, 6, 7], Policy(soft_days=5), 5),
    ([1, 1, 1, 1, 1, 1, 1], Policy(soft_days=2), None),
    ([1, 4], Policy(soft_days=2, window_days=3), None),
    ([1, 3], Policy(soft_days=2, window_days=3), 3),
    ([1, 10, 20, 21, 22], Policy(soft_days=3, window_days=3), 22),
    ([1, 31], Policy(soft_days=2, window_days=31), 31),
    ([1], Policy(soft_days=1), 1),
    ([1, 2, 3], Policy(soft_days=0), None),
])
def test_soft_bounces_count_one_a_day(days, policy, since):
    found = judge(facts_of(*[(SOFT, at(day, hour)) for hour, day in enumerate(days)]), policy)
    assert found == (Verdict(at(since)[:10] + 'T00:00:00Z', 'soft') if since else Verdict())


def test_the_counts_of_the_policy_and_zero_for_never():
    facts = facts_of((HARD, at(3)), (COMPLAINT, at(5)))
    assert judge(facts, Policy(hard_count=2)) == Verdict(at(5), 'complaint')
    assert judge(facts, Policy(hard_count=2, complaint_count=0)) == Verdict()
    assert judge(add(facts, HARD, at(7)), Policy(hard_count=2, complaint_count=0)) == Verdict(at(3), 'hard')
    assert judge(facts, Policy(hard_count=0, complaint_count=0)) == Verdict()


def test_the_earliest_cause_is_named():
    assert judge(facts_of((COMPLAINT, at(2)), (HARD, at(1))), Policy()) == Verdict(at(1), 'hard')


def test_the_order_of_events_does_not_matter():
    happened = [(event, at(day)) for day in range(1, 25) for event in (HARD, SOFT, COMPLAINT)]
    expected = facts_of(*happened)
    for seed in range(20):
        random.Random(seed).shuffle(happened)
        assert facts_of(*happened)._replace(recipient='') == expected._replace(recipient='')
    assert (expected.hard, expected.hard_at) == (24, at(1))
    assert (expected.first_at, expected.last_at) == (at(1), at(24))


def test_what_is_forgiven_counts_no_more_but_what_comes_later_does():
    facts = forgiven(facts_of((HARD, at(1)), (SOFT, at(2))), at(10))
    assert judge(facts, Policy()) == Verdict()
    assert add(facts, HARD, at(9)) == facts             # an old mail that was imported late
    assert add(facts, HARD, at(10)) == facts
    assert judge(add(facts, HARD, at(11)), Policy()) == Verdict(at(11), 'hard')
    assert (facts.hard, facts.soft, facts.soft_days) == (0, 0, '')


def test_days_are_kept_up_to_a_bound():
    facts = START
    for year in range(2020, 2030):
        for month in range(1, 13):
            facts = add(facts, SOFT, '{}-{:02d}-01T00:00:00Z'.format(year, month))
    assert len(facts.soft_days.split()) == SOFT_DAYS_KEPT
    assert facts.soft == 120
    assert facts.soft_days.endswith('20291201')


def test_the_policy_of_the_settings():
    def settings(**given):
        return SimpleNamespace(**dict({'hard_count': 1, 'complaint_count': 0, 'soft_days': 4,
                                       'soft_within': 30 * 86400}, **given))
    assert from_settings(settings()) == Policy(1, 0, 4, 30)
    assert from_settings(settings(soft_within=3600)).window_days == 1
    assert from_settings(settings(soft_within=86401)).window_days == 2
    with pytest.raises(SettingsFailure, match='soft_days = 101: must be at most 100'):
        from_settings(settings(soft_days=101))
