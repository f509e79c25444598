"""Whoever merely talks about bounces, receipts or vacations is not blamed for one."""
import nonbounces
import pytest

from mailtools.bouncedmail.reader import read
from mailtools.bouncedmail.report import Wanted

SAMPLES = 14 * len(nonbounces.FAMILIES)  # more than 1,000; tests/soak/nonbounces.py takes more
VERP = Wanted(verp_domains=nonbounces.OUR_DOMAINS)


@pytest.fixture(scope='module')
def samples():
    """{family: its samples}"""
    made = {name: [] for name, function, kinds in nonbounces.FAMILIES}
    for sample in nonbounces.generate(SAMPLES):
        made[sample.family].append(sample)
    return made


@pytest.mark.parametrize('family', [name for name, function, kinds in nonbounces.FAMILIES])
def test_a_mail_that_is_no_bounce_blames_nobody(samples, family):
    wrong = [fault for sample in samples[family] for wanted in (Wanted(), VERP)
             for fault in nonbounces.blamed(sample, read, wanted)]
    assert not wrong, '\n'.join(wrong)


def test_the_generated_mails_are_many_and_all_different(samples):
    made = [sample.raw for family in samples.values() for sample in family]
    assert len(made) >= 700
    assert len(nonbounces.FAMILIES) >= 35
    assert all(len(family) == SAMPLES // len(nonbounces.FAMILIES) for family in samples.values())
    assert len(set(made)) == len(made)


def test_a_seed_makes_the_same_mail_again(samples):
    for family, before in samples.items():
        assert [nonbounces.make(family, sample.seed) for sample in before] == before


@pytest.mark.parametrize('portion', range(5))
def test_real_bounces_of_the_same_making_are_seen(portion):
    sample = nonbounces.make('forward_as_message', 1)
    for seed in range(portion, 200, 5):
        failed, raw = nonbounces.genuine_bounce(seed)
        assert {event.recipient for event in read(raw, Wanted()).events} == {failed}, seed
        assert nonbounces.blamed(sample._replace(raw=raw), read, Wanted()), seed
