"""Who guesses passwords is blocked by the next scan, and refused when he connects; nobody else is."""
import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from rig import waiting
from rig.system.company import PASSWORD, USER
from rig.system.dialogue import Dialogue

MX, GUESSER, OTHER = '192.0.2.10', '198.51.100.77', '198.51.100.147'
GUESSES = 8


def login(host, address, user, password):
    """The answer to a login at the submission port."""
    with Dialogue(host, address, MX, 587) as client:
        return client.login(user, password)


@pytest.fixture(scope='module')
def guessed(world):
    """He guesses, all at once, and block-sasl-fail looks at the log once; what the guesses were answered."""
    with ThreadPoolExecutor(GUESSES) as pool:
        answers = list(pool.map(lambda number: login(world.guesser, GUESSER, 'user{}'.format(number), 'secret'),
                                range(GUESSES)))
    failed = '[{}]: SASL PLAIN authentication failed'.format(GUESSER)
    waiting.until(lambda: world.mx.log().count(failed) >= GUESSES, what='all failures in the log')
    ran = world.mx.run('block-sasl-fail', 'scan')
    assert (ran.status, ran.out, ran.err) == (0, '', '')
    yield answers
    with contextlib.suppress(AssertionError):
        world.mx.call('block-sasl-fail', 'release', GUESSER)


def test_every_guess_is_refused(guessed):
    assert {(said.code, said.status) for said in guessed} == {(535, '5.7.8')}


def test_one_scan_puts_him_into_the_map(world, guessed):
    assert GUESSER in world.mx.call('block-sasl-fail', 'list')
    assert world.mx.call('postmap', '-q', GUESSER, 'hash:/etc/postfix/access_dynamic').startswith('REJECT')


@pytest.mark.parametrize('port', [25, 587])
def test_he_is_refused_when_he_connects(world, guessed, port):
    with Dialogue(world.guesser, GUESSER, MX, port) as client:
        assert (client.greeting.code, client.greeting.status) == (554, '5.7.1')
        assert 'authentication abuse' in client.greeting.text
        assert client.say('EHLO client.example').code in (0, 503)


def test_the_log_says_so_and_no_password_was_looked_at(world, guessed):
    line = world.mx.logged('NOQUEUE: reject: CONNECT from', GUESSER)
    assert 'authentication abuse' in line


def test_others_get_in(world, guessed):
    assert login(world.spammer, OTHER, USER, PASSWORD).code == 235


def test_whoever_is_released_gets_in_again(world, guessed):
    world.mx.call('block-sasl-fail', 'release', GUESSER)
    with Dialogue(world.guesser, GUESSER, MX, 587) as client:
        assert client.greeting.code == 220
