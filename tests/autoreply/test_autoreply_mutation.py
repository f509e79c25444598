"""Damaged headers: 0 or 75, no foreign field, no other recipient; tests/soak/autoreply_mutation.py does a million."""
import headers
import pytest
from scene import ANSWER, step

from rig.full import in_full
from rig.responder import D_S_N, Responder

COUNT, PORTIONS = 10000, 4


@pytest.fixture(scope='module')
def mails():
    return headers.seeds()


@pytest.mark.slow
@pytest.mark.parametrize('portion', range(PORTIONS))
def test_no_damage_makes_an_answer_wrong(mails, portion):
    wrong, answered = [], 0
    for seed in range(portion, COUNT, PORTIONS):
        answers, _, faults = headers.tried(mails, seed)
        answered += answers
        wrong += faults
    assert not wrong, '{}\n{}'.format(len(wrong), '\n'.join(wrong[:20]))
    assert answered > COUNT / PORTIONS / 10     # or else nothing was tried


@pytest.mark.parametrize('count', [25] + in_full(100))
def test_the_program_decides_as_its_functions_do(mails, tmp_path, count):
    host = Responder(tmp_path, max_per_hour='100000', max_per_domain_per_hour='100000', interval='1s')
    wrong = []
    for seed in range(1000000, 1000000 + count):
        raw = headers.mutant(mails, seed)
        before = host.count()
        for path in host.state.glob('answered/*/*/*'):
            path.unlink()
        ran = host.deliver(raw, headers.ENV)
        if ran.status not in (0, 75) or ran.status and D_S_N.match(ran.output):
            wrong.append('seed {}: {}'.format(seed, ran))
        elif host.count() - before != bool(headers.outcome(raw)[2]):
            wrong.append('seed {}: {} answers, {}'.format(seed, host.count() - before, ran))
    assert not wrong, '\n'.join(wrong[:10])
    assert count / 10 < host.count() < count


def test_a_mutant_can_be_made_again(mails):
    assert [headers.mutant(mails, seed) for seed in range(50)] == [headers.mutant(mails, seed) for seed in range(50)]


def test_an_ordinary_mail_is_answered_by_the_functions_too():
    assert b'auto-replied' in headers.outcome(step(ANSWER).raw())[2]
