"""Whoever merely talks about bounces, receipts or vacations is not blamed for one."""
import nonbounces
import pytest

from mailtools.bouncedmail.reader import read
from mailtools.bouncedmail.report import Wanted

SAMPLES = 14 * len(nonbounces.FAMILIES)  # more than 1,000; tests/soak/nonbounces.py takes more
VERP = Wanted(verp_domains=nonbounces.OUR_DOMAINS)


@pytest.mark.parametrize('family', [name for name, function, kinds in nonbounces.FAMILIES])
@pytest.mark.parametrize('wanted', (Wanted(), VERP), ids=('plain', 'verp'))
def test_a_mail_that_is_no_bounce_blames_nobody(family, wanted):
    wrong = []
    for seed in range(SAMPLES // len(nonbounces.FAMILIES)):
        wrong += nonbounces.blamed(nonbounces.make(family, seed), read, wanted)
    assert not wrong, '\n'.join(wrong)


def test_the_generated_mails_are_many_and_all_different():
    made = [sample.raw for sample in nonbounces.generate(SAMPLES)]
    assert len(made) >= 700
    assert len(nonbounces.FAMILIES) >= 35
    assert len(set(made)) == len(made)


def test_a_seed_makes_the_same_mail_again():
    assert list(nonbounces.generate(SAMPLES)) == list(nonbounces.generate(SAMPLES))


@pytest.mark.parametrize('portion', range(5))
def test_real_bounces_of_the_same_making_are_seen(portion):
    sample = nonbounces.make('forward_as_message', 1)
    for seed in range(portion, 200, 5):
        failed, raw = nonbounces.genuine_bounce(seed)
        assert {event.recipient for event in read(raw, Wanted()).events} == {failed}, seed
        assert nonbounces.blamed(sample._replace(raw=raw), read, Wanted()), seed
