"""The defence of those who look like guessers and are none, by what the log says of them; and beside each
of them somebody who does the same and is one."""
import pytest
from judged import DAY, HOUR, NOW, Host, attempt, guesses, users_of

from mailtools.block_sasl_fail.values import FAILURE, LOGIN
from rig.full import in_full

OFFICE, WEBMAIL, HOME, GUESSER = '100.64.0.9', '100.64.1.9', '100.64.2.9', '203.0.113.5'
MINUTE = 60


def logins(client, users, start, every=MINUTE):
    """Each of the users logs in once."""
    return [attempt(start + every * number, client, LOGIN, user) for number, user in enumerate(users)]


def retries(client, users, start, end, every, named):
    """Each user's telephone fails again and again."""
    return sorted(attempt(at + number, client, FAILURE, user if named else None)
                  for number, user in enumerate(users) for at in range(int(start), int(end), every))


def run(host, attempts, step=300):
    """Feed a log as cron would; {key: why} of all that was ever blocked."""
    ever, batch, now = {}, [], None
    for one in sorted(attempts, key=lambda one: one.time) + [None]:
        if batch and (one is None or one.time >= now):
            ever.update(host.blocked(batch, now))
            batch = []
        if one is not None:
            now = now if batch else one.time + step
            batch.append(one)
    return ever


# -- an office behind one address, the day after all had to change their passwords --

@pytest.mark.parametrize('named', [True, False], ids=['3.9', '2.10'])
@pytest.mark.parametrize('people, every', [(20, 15 * MINUTE)] + in_full((20, 5 * MINUTE), (100, HOUR)))
def test_an_office_whose_telephones_have_old_passwords(named, people, every):
    users, host = users_of(people), Host()
    log = logins(OFFICE, users, NOW - DAY) + retries(OFFICE, users, NOW, NOW + 8 * HOUR, every, named)
    log += logins(OFFICE, users[::2], NOW + HOUR, 10 * MINUTE) + guesses(10, GUESSER, NOW + HOUR, user='user{}')
    assert run(host, log) == {GUESSER: 'guessing'}


def test_an_office_where_people_mistype_names_too():
    host, users = Host(), users_of(20)
    log = logins(OFFICE, users, NOW - DAY) + guesses(20, OFFICE, NOW, 2 * MINUTE, user='mistyped{}')
    assert run(host, log) == {}


def test_one_account_at_an_address_is_no_licence_to_guess_others():
    log = logins(OFFICE, users_of(2), NOW - DAY) + guesses(6, OFFICE, NOW, user='other{}')
    assert run(Host(), log) == {OFFICE: 'guessing'}


def test_an_office_from_which_somebody_guesses_in_earnest_is_blocked():
    log = logins(OFFICE, users_of(20), NOW - DAY) + guesses(600, OFFICE, NOW, 2, user='other{}')
    assert run(Host(), log) == {OFFICE: 'guessing'}
    log = logins(OFFICE, users_of(20), NOW - DAY) + guesses(600, OFFICE, NOW, 2)
    assert run(Host(), log) == {OFFICE: 'guessing'}


# -- a telephone --

@pytest.mark.parametrize('named', [True, False], ids=['3.9', '2.10'])
@pytest.mark.parametrize('every, days', [(15 * MINUTE, 7)] + in_full((2 * MINUTE, 1)))
def test_a_telephone_with_an_old_password(named, every, days):
    log = logins(HOME, ['anna'], NOW - DAY) + retries(HOME, ['anna'], NOW, NOW + days * DAY, every, named)
    assert run(Host(), log + guesses(10, GUESSER, NOW + HOUR)) == {GUESSER: 'guessing'}


@pytest.mark.parametrize('named', [True, False], ids=['3.9', '2.10'])
def test_a_telephone_whose_address_of_ipv6_changes_every_day(named):
    host, log = Host(), []
    for day in range(3):
        client = '2001:db8:1:2::{:x}'.format(0x1000 + day)
        log += retries(client, ['anna'], NOW + day * DAY, NOW + (day + 1) * DAY, 15 * MINUTE, named)
        log += logins('2001:db8:1:2::2', ['anna'], NOW + day * DAY - HOUR)     # the computer beside it
    log += guesses(40, '2001:db8:1:3::1', NOW + DAY, 15 * MINUTE)
    assert run(host, log) == {'2001:db8:1:3::1': 'slow'}


def test_who_tries_others_names_from_a_known_network_of_ipv6_is_blocked():
    log = logins('2001:db8:1:2::2', ['anna'], NOW - HOUR) + guesses(6, '2001:db8:1:2::7', NOW, user='other{}')
    assert run(Host(), log) == {'2001:db8:1:2::7': 'guessing'}


# -- a webmail server: hundreds log in through it, and dozens mistype --

@pytest.mark.parametrize('named', [True, False], ids=['3.9', '2.10'])
def test_a_webmail_server(named):
    users, host, log = users_of(250), Host(), []
    for hour in range(12):
        log += logins(WEBMAIL, users, NOW + hour * HOUR, 14)
        log += guesses(60, WEBMAIL, NOW + hour * HOUR, 55, user='typo{}' if named else None)
    assert run(host, log + guesses(10, GUESSER, NOW + HOUR)) == {GUESSER: 'guessing'}


# -- customers behind the address of their provider --

@pytest.mark.slow
def test_a_customer_behind_a_shared_address_where_some_guess_once():
    """Each of its addresses has a stranger who guesses; customers log in from some of the network."""
    log = [attempt(NOW + number * 600, '100.64.9.{}'.format(number % 100), FAILURE, 'x{}'.format(number))
           for number in range(300)]
    log += [one for day in range(-2, 3) for one in logins('100.64.9.7', ['anna'], NOW + day * DAY)]
    assert run(Host(), log) == {}
    stranger = [one._replace(client=one.client.replace('100.64.9', '100.64.8')) for one in log if one.kind == FAILURE]
    assert '100.64.8.0/24' in run(Host(), stranger)


def test_a_customer_who_mistypes_and_gets_in_at_every_address_that_he_is_given():
    log = []
    for day in range(30):
        client = '100.64.3.{}'.format(day)
        log += guesses(4, client, NOW + day * DAY, user='anna') + logins(client, ['anna'], NOW + day * DAY + 60)
    assert run(Host(), log) == {}
