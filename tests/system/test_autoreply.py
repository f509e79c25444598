"""Who writes to donotreply@ is answered once."""
import pytest

from rig import waiting
from rig.system.letters import letter


@pytest.fixture(scope='module')
def answer(world):
    """Ann answers a newsletter, and again; what she gets."""
    for number in 1, 2:
        world.good.send('ann@good.example', 'donotreply@example.com',
                        letter('donotreply@example.com', 'question{}'.format(number), subject='Re: News'))
    for number in 1, 2:
        world.mx.logged('autoreply', 'question{}@good.example'.format(number))
    return waiting.until(lambda: world.good.mail('Auto-Submitted: auto-replied'), 50, 0.2)


def test_she_gets_one_answer(world, answer):
    waiting.until(world.mx.has_no_mail, 50, 0.2, what='an empty queue of the MX')
    assert len(world.good.mails('Auto-Submitted: auto-replied')) == 1


def test_it_is_from_the_address_that_she_wrote_to(answer):
    assert answer['From'].endswith('donotreply@example.com') or '<donotreply@example.com>' in answer['From']
    assert answer['In-Reply-To'] in ('<question1@good.example>', '<question2@good.example>')


def test_it_can_not_be_answered_by_a_machine(answer):
    assert answer['Return-Path'] == '<>'


def test_it_is_signed_and_spf_holds(answer):
    assert any('dkim=pass' in field and 'example.com' in field for field in answer.get_all('Authentication-Results'))


def test_it_says_what_the_template_says(world, answer):
    template = world.mx.read('/etc/mailtools/donotreply.txt').strip().splitlines()[-1]
    assert template in answer.get_content()


def test_the_second_letter_is_logged_as_answered_already(world, answer):
    assert 'rule=answered-before' in world.mx.logged('autoreply', 'silent')
