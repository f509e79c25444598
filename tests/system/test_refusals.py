"""What strangers are refused for: one row a reason, each from an address of its own, all at the same time."""
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Tuple

import pytest

from rig.system.dialogue import Dialogue
from rig.system.world import LISTED, SPAMMER6

MX = '192.0.2.10'
GOOD_HELO, GOOD_SENDER, BOSS = 'EHLO mail.spam.example', 'MAIL FROM:<joe@spam.example>', 'RCPT TO:<boss@example.com>'


class Refusal(NamedTuple):
    """What is said, and how it ends."""

    name: str
    says: Tuple[str, ...]
    code: int
    status: str
    words: str
    client: str = ''


REFUSALS = (
    Refusal('no HELO', (GOOD_SENDER,), 503, '5.5.1', 'HELO'),
    Refusal('a HELO without a dot', ('EHLO spammer', GOOD_SENDER, BOSS), 504, '5.5.2', 'fully-qualified hostname'),
    Refusal('a HELO that is no name', ('EHLO -spam-.example', GOOD_SENDER, BOSS), 501, '5.5.2', 'Invalid name'),
    Refusal('our domain as HELO', ('EHLO example.com', GOOD_SENDER, BOSS), 554, '5.7.1', 'Helo command rejected'),
    Refusal('our name as HELO', ('EHLO mx1.example.com', GOOD_SENDER, BOSS), 554, '5.7.1', 'Helo command rejected'),
    Refusal('our address as HELO', ('EHLO [192.0.2.10]', GOOD_SENDER, BOSS), 554, '5.7.1', 'Helo command rejected'),
    Refusal('our IPv6 address as HELO', ('EHLO [IPv6:2001:db8:10::10]', GOOD_SENDER, BOSS), 554, '5.7.1',
            'Helo command rejected'),
    Refusal('a sender without a domain', (GOOD_HELO, 'MAIL FROM:<joe@spammer>', BOSS), 504, '5.5.2',
            'fully-qualified address'),
    Refusal('a sender of no domain', (GOOD_HELO, 'MAIL FROM:<joe@nowhere.example>', BOSS), 550, '5.1.8',
            'Domain not found'),
    Refusal('a destination that is not ours', (GOOD_HELO, GOOD_SENDER, 'RCPT TO:<joe@big.example>'), 554, '5.7.1',
            'Relay access denied'),
    Refusal('a recipient without a domain', (GOOD_HELO, GOOD_SENDER, 'RCPT TO:<joe@spammer>'), 554, '5.7.1',
            'Relay access denied'),
    Refusal('a listed client', (GOOD_HELO, GOOD_SENDER, BOSS), 554, '5.7.1', 'blocked using rbl.example', LISTED),
    Refusal('a sender on the manual list', (GOOD_HELO, 'MAIL FROM:<pest@spam.example>', BOSS), 554, '5.7.1',
            'Sender address rejected'),
    Refusal('SPF of the sender', (GOOD_HELO, 'MAIL FROM:<joe@evil.example>', BOSS), 550, '5.7.23', 'SPF fail'),
    Refusal('SPF of the HELO', ('EHLO mail.evil.example', 'MAIL FROM:<>', BOSS), 550, '5.7.23', 'SPF'),
    Refusal('nothing but being new', (GOOD_HELO, GOOD_SENDER, BOSS), 450, '4.2.0', 'reylist'),
)


@pytest.fixture(scope='module')
def answers(world):
    """{name of a refusal: what the last line was answered}."""
    world.mx.call('sh', '-c', 'echo "pest@spam.example REJECT no thanks" >> /etc/postfix/sender_access'
                              ' && postmap /etc/postfix/sender_access')

    def ask(numbered):
        number, refusal = numbered
        address = refusal.client or '198.51.100.{}'.format(100 + number)
        with Dialogue(world.spammer, address, MX) as client:
            assert client.greeting.code == 220, client.greeting
            return client.all(*refusal.says)
    with ThreadPoolExecutor(len(REFUSALS)) as pool:
        return dict(zip((refusal.name for refusal in REFUSALS), pool.map(ask, enumerate(REFUSALS))))


@pytest.mark.parametrize('refusal', REFUSALS, ids=lambda refusal: refusal.name)
def test_a_stranger_is_refused_for(answers, refusal):
    said = answers[refusal.name]
    assert (said.code, said.status) == (refusal.code, refusal.status), said
    assert refusal.words in said.text


def test_a_stranger_who_does_not_wait_for_the_greeting_is_refused(world):
    greetings = []
    for _ in range(3):              # on a busy machine we may be held up between connecting and talking
        with Dialogue(world.spammer, '198.51.100.141', MX, early=(GOOD_HELO, GOOD_SENDER, BOSS)) as client:
            greetings.append(client.greeting)
        if client.greeting.code == 503:
            break
    assert (greetings[-1].code, greetings[-1].status) == (503, '5.5.0'), greetings
    assert 'pipelining' in greetings[-1].text


def test_a_client_on_the_manual_list_is_refused_when_it_connects(world):
    world.mx.call('sh', '-c', 'echo "198.51.100.142 REJECT you know why" >> /etc/postfix/access'
                              ' && postmap /etc/postfix/access')
    with Dialogue(world.spammer, '198.51.100.142', MX) as client:
        assert (client.greeting.code, client.greeting.status) == (554, '5.7.1')
        assert 'you know why' in client.greeting.text


def test_over_ipv6_a_stranger_is_greylisted_too(world):
    with Dialogue(world.spammer, SPAMMER6, '2001:db8:10::10') as client:
        said = client.all(GOOD_HELO, GOOD_SENDER, BOSS)
    assert (said.code, said.status) == (450, '4.2.0'), said
    assert SPAMMER6 in world.mx.logged('reylisted', 'unknown[' + SPAMMER6 + ']')
