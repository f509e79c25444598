"""Who guesses is blocked, who mistypes is not: the policy alone, with times as arguments."""
import ipaddress
import json
import time

import pytest
from judged import DAY, GUESSER, HOUR, NOW, Host, attempt, guesses, policy

from mailtools.block_sasl_fail import logline, records, stamps
from mailtools.block_sasl_fail.values import ABORTED, FAILURE, LOGIN, OUTAGE, UNSUPPORTED
from rig import genlog
from rig.full import in_full

# -- a single client --

def test_more_failures_than_are_forgiven_block():
    assert Host(max_failures=5).blocked(guesses(5)) == {}
    assert Host(max_failures=5).blocked(guesses(6)) == {GUESSER: 'guessing'}


def test_failures_count_whatever_runs_they_came_in():
    host = Host()
    for number, one in enumerate(guesses(6)):
        assert (GUESSER in host.blocked([one])) == (number == 5)


def test_failures_outside_of_find_time_are_forgiven():
    assert Host(find_time=600, slow_failures=0).blocked(guesses(50, every=130, start=NOW - DAY)) == {}
    assert Host(find_time=600, slow_failures=0).blocked(guesses(50, every=90, start=NOW - DAY)) != {}


def test_a_repeated_message_counts_as_often_as_it_was_repeated():
    assert Host().blocked([attempt(NOW, times=6)]) == {GUESSER: 'guessing'}
    assert Host().blocked([attempt(NOW, times=10 ** 9)]) == {GUESSER: 'guessing'}


@pytest.mark.parametrize('kind', [ABORTED, UNSUPPORTED, OUTAGE, LOGIN])
def test_what_is_no_guess_does_not_count(kind):
    assert Host().blocked([attempt(NOW, kind=kind) for _ in range(100)]) == {}


def test_a_slow_guesser_is_blocked():
    found = Host().blocked(guesses(30, every=HOUR, start=NOW - 2 * DAY))
    assert found == {GUESSER: 'slow'}
    assert Host(slow_failures=0).blocked(guesses(30, every=HOUR, start=NOW - 2 * DAY)) == {}


def test_one_failure_a_day_is_nobodys_guessing():
    assert Host().blocked(guesses(100, every=DAY, start=NOW - 101 * DAY)) == {}


def test_many_names_weigh_more_than_one():
    assert Host().blocked(guesses(7, user='anna@example.net')) == {}
    assert Host().blocked(guesses(7, user='user{}@example.net')) == {GUESSER: 'guessing'}
    assert Host().blocked(guesses(12, user='anna@example.net')) == {GUESSER: 'guessing'}


# -- how long --

def test_a_block_ends_and_is_longer_when_the_client_comes_back():
    host = Host(block_time=1000, block_growth=2, block_most=5000)
    lengths, now = [], NOW
    for _ in range(5):
        block, = host.run(guesses(6, start=now - 100), now).blocks
        lengths.append(block.until - now)
        now = block.until + 1
        assert host.plan(now).blocks == ()
    assert lengths == [1000, 2000, 4000, 5000, 5000]
    now += 6000
    block, = host.run(guesses(6, start=now - 100), now).blocks
    assert block.until - now == 1000


def test_what_led_to_a_block_does_not_lead_to_the_next():
    host = Host(block_time=60)
    host.run(guesses(6))
    assert host.blocked([attempt(NOW + 100)], NOW + 100) == {}


def test_a_log_read_late_still_blocks_from_now_on():
    block, = Host(block_time=600).run(guesses(6, start=NOW - 30 * DAY)).blocks
    assert block.until == NOW + 600


def test_release_starts_anew():
    host = Host()
    host.run(guesses(6))
    record = records.unpacked(GUESSER, host.kept[GUESSER])
    record.forget(NOW)
    host.kept[GUESSER] = records.packed(record)
    assert host.plan().blocks == ()
    assert host.blocked(guesses(6, start=NOW - 300), NOW + 1) == {}      # written before the release, read after it
    assert host.blocked(guesses(6, start=NOW + 1), NOW + 99) == {GUESSER: 'guessing'}


# -- forgiveness --

def test_a_login_forgives_what_was_mistyped_before():
    mistyped = guesses(5) + [attempt(NOW - 1, kind=LOGIN, user='anna')]
    host = Host()
    assert host.blocked(mistyped + guesses(5, start=NOW)) == {}


def test_a_login_forgives_the_failures_of_its_own_name_only():
    host = Host()
    others = [attempt(NOW - 100 + number, user='user{}'.format(number)) for number in range(5)]
    assert host.blocked(others + [attempt(NOW - 5, kind=LOGIN, user='anna')]) == {}
    assert host.blocked([attempt(NOW, user='somebody')]) == {GUESSER: 'guessing'}


def test_who_guessed_right_at_last_is_not_forgiven_but_told_of():
    host = Host()
    assert host.blocked(guesses(40) + [attempt(NOW, kind=LOGIN, user='anna')]) == {GUESSER: 'guessing'}
    (event, fields), = host.said
    assert (event, fields['client'], fields['username']) == ('login-after-guessing', GUESSER, 'anna')


def test_a_block_that_nobody_has_seen_yet_is_undone_by_a_login():
    assert Host().blocked(guesses(7) + [attempt(NOW - 1, kind=LOGIN, user='anna')]) == {}


@pytest.mark.parametrize('user', [None, 'anna'])
def test_a_telephone_with_an_old_password_is_not_blocked(user):
    host = Host()
    host.run([attempt(NOW - DAY, kind=LOGIN, user='anna')])
    assert host.blocked(guesses(800, every=60, start=NOW - DAY + 60, user=user)) == {}


def test_a_known_address_may_not_guess_other_names():
    host = Host()
    host.run([attempt(NOW - DAY, kind=LOGIN, user='anna')])
    assert host.blocked(guesses(6, user='user{}')) == {GUESSER: 'guessing'}


# -- networks --

def crowd(network, count, start=NOW - HOUR, first=1, kind=FAILURE):
    """One failure each of so many addresses of a network."""
    network = ipaddress.ip_network(network)
    return [attempt(start + number, str(network[first + number]), kind) for number in range(count)]


def test_a_slash_24_that_guesses_once_per_address_is_blocked():
    found = Host().blocked(crowd('198.51.100.0/24', 60))
    assert found.pop('198.51.100.0/24') == 'network'
    assert set(found.values()) == {'neighbours'} and len(found) == 50       # the others are in the network


def test_few_neighbours_are_blocked_one_by_one_and_not_their_network():
    found = Host().blocked(crowd('198.51.100.0/24', 12))
    assert len(found) == 12 and '198.51.100.0/24' not in found
    assert Host().blocked(crowd('198.51.100.0/24', 9)) == {}
    assert Host(neighbours=0).blocked(crowd('198.51.100.0/24', 12)) == {}


def test_a_slash_64_that_guesses_once_per_address_is_blocked():
    assert Host().blocked(crowd('2001:db8:1:2::/64', 5)) == {'2001:db8:1:2::/64': 'network'}
    assert Host().blocked(crowd('2001:db8:1:2::/64', 4)) == {}
    assert Host(net6_addresses=0).blocked(crowd('2001:db8:1:2::/64', 50)) == {}


def test_one_address_is_no_crowd():
    assert set(Host().blocked(guesses(500, '2001:db8:1:2::5'))) == {'2001:db8:1:2::5'}


@pytest.mark.parametrize('network', ['198.51.100.0/24', '2001:db8:1:2::/64'])
def test_a_network_where_somebody_logs_in_is_never_blocked_as_a_whole(network):
    host = Host()
    host.run(crowd(network, 1, first=200, kind=LOGIN, start=NOW - 2 * DAY))
    assert host.blocked(crowd(network, 100)) == {}


def test_a_crowd_spread_over_weeks_is_none():
    assert Host().blocked([one._replace(time=NOW - 60 * DAY + number * DAY) for number, one in
                           enumerate(crowd('198.51.100.0/24', 60))]) == {}


# -- never --

@pytest.mark.parametrize('client', [
    '127.0.0.1', '127.9.9.9', '::1', 'fe80::1', '0.0.0.0', '169.254.1.1', '255.255.255.255', '::ffff:192.0.2.1',
    '192.0.2.9', '2001:db8:9::1', '', 'unknown', '192.0.2', '999.1.2.3', '192.0.2.0/24', '0.0.0.0/0', '::/0'])
@pytest.mark.parametrize('mode', ['score', 'daily'])
def test_what_is_never_blocked(client, mode):
    host = Host(never_block=('192.0.2.0/24', '2001:db8:9::/48'), mode=mode)
    assert host.blocked(guesses(1000, client)) == {}


def test_a_network_that_holds_an_exempt_address_is_not_blocked_as_a_whole():
    found = Host(never_block=('198.51.100.200',)).blocked(crowd('198.51.100.0/24', 60))
    assert '198.51.100.0/24' not in found and len(found) == 60


def test_never_block_takes_effect_on_what_is_blocked_already():
    host = Host()
    assert host.blocked(guesses(6)) != {}
    host.policy = policy(never_block=('198.51.100.0/24',))
    assert host.blocked() == {}


# -- outages --

def users(count, kind, start, every=5):
    """One attempt each of so many users at different places."""
    return [attempt(start + every * number, '100.{}.9.9'.format(64 + number), kind, 'user{}'.format(number))
            for number in range(count)]


def test_when_everybody_fails_nobody_is_blocked_and_it_is_said():
    host = Host()
    host.run(users(40, LOGIN, NOW - 2 * HOUR))
    down = sorted(sum((users(40, FAILURE, NOW - HOUR + 60 * wave) for wave in range(20)), []))
    plan = host.run([one._replace(username=None) for one in down] + crowd('198.51.100.0/24', 200, start=NOW - 600))
    assert plan.blocks == () and plan.outage
    assert [event for event, _ in host.said] == ['outage']
    host.run(users(1, LOGIN, NOW))
    assert [event for event, _ in host.said] == ['outage', 'outage-over'] and not host.plan().outage


def test_who_was_blocked_before_an_outage_stays_blocked_and_who_was_guessing_is():
    host = Host()
    host.run(users(40, LOGIN, NOW - 3 * HOUR) + guesses(6, start=NOW - 2 * HOUR) +
             guesses(3, '203.0.113.5', start=NOW - 2 * HOUR))
    down = users(40, FAILURE, NOW - HOUR) + guesses(9, '203.0.113.5') + guesses(9, '203.0.113.6')
    assert set(host.blocked(sorted(down))) == {GUESSER, '203.0.113.5'}


def test_a_block_that_came_before_the_outage_was_plain_is_taken_back():
    host = Host()
    host.run(users(40, LOGIN, NOW - 2 * HOUR))
    first = users(2, FAILURE, NOW - 900) + guesses(6, '203.0.113.5', start=NOW - 890)
    assert set(host.blocked(sorted(first), NOW - 600)) == {'203.0.113.5'}
    assert host.blocked(users(10, FAILURE, NOW - 590)[2:]) == {}
    assert host.blocked(users(1, LOGIN, NOW) + guesses(6, '203.0.113.5', start=NOW + 1), NOW + 9) == {
        '203.0.113.5': 'guessing'}


@pytest.mark.parametrize('named', [True, False], ids=['3.9', '2.10'])
@pytest.mark.parametrize('clients', [6, 40])
def test_an_outage_before_anybody_was_known_is_seen_when_it_ends(clients, named):
    host = Host()
    down = sum((users(clients, FAILURE, NOW - HOUR + 60 * wave) for wave in range(50)), [])
    down = [one._replace(username=one.username if named else None) for one in down]
    back = users(clients, LOGIN, NOW - 500)
    assert host.blocked(sorted(down + guesses(9, '203.0.113.5', start=NOW - 3 * HOUR))
                        + back + guesses(6, start=NOW - 60)) == {'203.0.113.5': 'guessing', GUESSER: 'guessing'}
    assert 'outage-over' in [event for event, _ in host.said]
    assert host.blocked(users(clients, FAILURE, NOW + 9), NOW + 99) == host.blocked(now=NOW + 99)


def test_users_who_come_back_in_the_morning_after_a_night_of_guessing_are_no_outage():
    host = Host()
    host.run(users(30, LOGIN, NOW - 9 * HOUR))
    night = [attempt(NOW - 8 * HOUR + 30 * number, '198.18.{}.1'.format(number % 10)) for number in range(400)]
    assert len(host.blocked(night + users(30, LOGIN, NOW - 900))) == 10


def test_telephones_with_old_passwords_are_no_outage():
    host = Host()
    host.run(users(8, LOGIN, NOW - 9 * HOUR) + users(8, FAILURE, NOW - 8 * HOUR) +
             users(9, LOGIN, NOW - 7 * HOUR)[8:])
    night = sorted(sum((users(8, FAILURE, NOW - 6 * HOUR + 300 * wave) for wave in range(50)), []))
    assert not host.run(night).outage


def test_strangers_make_no_outage():
    host = Host()
    host.run(users(3, LOGIN, NOW - 2 * HOUR))
    assert not host.run([attempt(NOW + number, '198.18.{}.1'.format(number)) for number in range(200)]).outage


# -- daily --

def test_daily_blocks_whoever_failed_once_until_rotation():
    host = Host(mode='daily')
    failed = [attempt(NOW, '198.51.100.1'), attempt(NOW, '2001:db8::1'), attempt(NOW, '198.51.100.1', LOGIN)]
    assert host.blocked(failed) == {'198.51.100.1': 'daily', '2001:db8::1': 'daily'}
    assert host.blocked(now=NOW + 40 * DAY) != {}


# -- generated logs --

def replayed(made, runs=1, **changed):
    """(host, set of addresses blocked, directly or with their network) after a log in so many runs."""
    attempts = list(logline.scan(made.log, stamps.Clock(NOW)))
    host, size = Host(**changed), len(attempts) // runs + 1
    for at in range(0, len(attempts), size):
        host.run(attempts[at:at + size], NOW + at / len(attempts) * 600)
    keys = [block.key for block in host.plan(NOW + 600).blocks]
    nets = [ipaddress.ip_network(key) for key in keys if '/' in key]
    known = set(made.truth['failures']) | set(made.truth['must_not_block']) | set(made.truth['either_way'])
    return host, {one for one in known if one in keys or any(
        ipaddress.ip_address(one) in net for net in nets if net.version == ipaddress.ip_address(one).version)}


def assert_no_innocent(made, blocked):
    for group in 'must_not_block', 'mistyped_then_ok', 'outage_failures', 'either_way':
        assert blocked & set(made.truth[group]) == set(), group


@pytest.mark.parametrize('seed, dialect, runs', [(1, '2.10', 1), (3, '3.9', 25)] + in_full(
    (1, '2.10', 25), (2, '3.5', 1), (2, '3.5', 25), (3, '3.9', 1)))
def test_a_generated_log_attackers_and_nobody_else(seed, dialect, runs):
    made = genlog.generate('--lines', 60000, '--seed', seed, '--postfix', dialect, '--attackers', 150)
    _, blocked = replayed(made, runs)
    assert_no_innocent(made, blocked)
    busy = {one for one, times in made.attackers().items() if times >= 10}
    assert len(busy) > 30 and busy - blocked == set()


@pytest.mark.parametrize('seed, dialect, outage', [(4, '2.10', '100:250')] + in_full(
    (4, '2.10', '40:400'), (4, '2.10', '300:900'), (5, '3.9', '100:250'), (5, '3.9', '40:400'), (5, '3.9', '300:900')))
def test_a_generated_outage_harms_no_user_and_saves_few_attackers(seed, dialect, outage):
    made = genlog.generate('--lines', 80000, '--seed', seed, '--postfix', dialect, '--attackers', 150,
                           '--outage', outage)
    host, blocked = replayed(made, 10)
    assert len(made.truth['outage_failures']) > 20
    assert_no_innocent(made, blocked)
    assert 'outage' in [event for event, _ in host.said]
    busy = {one for one, times in made.attackers().items() if times >= 15}
    assert len(busy & blocked) >= 0.9 * len(busy)


def test_a_generated_log_in_daily_mode_is_the_predecessors_list():
    made = genlog.generate('--lines', 30000, '--seed', 6)
    _, blocked = replayed(made, 5, mode='daily')
    assert blocked == set(made.truth['failures'])


@pytest.mark.slow
def test_full_networks_take_linear_time_and_their_members_have_a_bound():
    host = Host()
    began = time.process_time()
    host.blocked(crowd('10.0.0.0/18', 16000) + crowd('2001:db8:1:2::/64', 4000))
    assert time.process_time() - began < 10     # seconds; it was a minute
    assert max(len(json.loads(text)[1]) for key, text in host.kept.items() if '/' in key) <= 50
