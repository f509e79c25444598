"""Nobody outside can send mail to others through any of our hosts, however it is written."""
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from rig.system.dialogue import Dialogue
from rig.system.world import SPAMMER6

SERVERS = {'mx1': '192.0.2.10', 'mail1': '192.0.2.21', 'mail2': '192.0.2.22'}
SERVERS6 = {'mx1': '2001:db8:10::10', 'mail1': '2001:db8:10::21'}
SENDERS = ('joe@spam.example', '', 'boss@example.com', 'root@mx1.example.com', 'boss@[192.0.2.10]', 'boss')
MOST = 8        # mistakes in a connection: Postfix slows down who makes ten
RECIPIENTS = (
    'joe@big.example',
    'joe%big.example@example.com',
    'joe%big.example@mx1.example.com',
    'joe%big.example@[192.0.2.10]',
    '"joe@big.example"@example.com',
    '"joe@big.example"',
    '"joe%big.example"',
    '@example.com:joe@big.example',
    '@mx1.example.com,@example.com:joe@big.example',
    'big.example!joe@example.com',
    'big.example!joe',
    'joe@big.example@example.com',
    'joe@[198.51.100.40]',
    'joe@sub.example.com',
)


def taken(client, sender, recipient):
    """None, or the dialogue of a mail that would be sent to others."""
    client.say('RSET')
    if client.say('MAIL FROM:<{}>'.format(sender)).code != 250:
        return None
    said = client.say('RCPT TO:<{}>'.format(recipient))
    return (sender, recipient, said) if said.code < 400 else None


def attempts(host, address, server):
    """What a server takes of all there is from an address, by several connections at once."""
    tries = list(itertools.product(SENDERS, RECIPIENTS))
    shares = [tries[first:first + MOST] for first in range(0, len(tries), MOST)]
    with ThreadPoolExecutor(len(shares)) as pool:
        return [one for found in pool.map(lambda share: attempt(host, address, server, share), shares) for one in found]


def attempt(host, address, server, tries):
    """Those of some tries that a server takes from an address, over one connection."""
    with Dialogue(host, address, server) as client:
        assert client.say('EHLO mail.spam.example').code in (0, 250, 503)
        return [one for one in (taken(client, *each) for each in tries) if one]


@pytest.mark.parametrize('name', sorted(SERVERS))
def test_no_host_is_an_open_relay(world, name):
    address = '198.51.100.{}'.format(143 + sorted(SERVERS).index(name))
    assert attempts(world.spammer, address, SERVERS[name]) == []


@pytest.mark.parametrize('name', sorted(SERVERS6))
def test_nor_over_ipv6(world, name):
    assert attempts(world.spammer, SPAMMER6, SERVERS6[name]) == []


def test_neither_the_good_nor_the_provider_relays_through_us(world):
    for host in world.good, world.hosted, world.big:
        for server in SERVERS.values():
            with Dialogue(host, host.address, server) as client:
                said = client.all('EHLO ' + host.name, 'MAIL FROM:<boss@example.com>', 'RCPT TO:<joe@big.example>')
                assert said.code in (0, 503, 550, 554), (host.name, server, said)


def test_nothing_but_mail_is_offered_to_the_outside(world):
    for name, server in SERVERS.items():
        ports = {25, 587} if name == 'mx1' else {25, 22}
        host = getattr(world, 'mx' if name == 'mx1' else name)
        listening = host.listening()
        assert {port for address, port in listening if address in ('0.0.0.0', server)} <= ports, listening


def test_submission_relays_nothing_without_a_password_even_from_inside(world):
    for host, address in ((world.spammer, '198.51.100.146'), (world.app, '10.20.0.50')):
        with Dialogue(host, address, '192.0.2.10', 587) as client:
            client.say('EHLO client.example')
            said = client.say('MAIL FROM:<boss@example.com>')
            assert (said.code, said.status) == (530, '5.7.0'), said
            client.starttls()
            said = client.all('MAIL FROM:<boss@example.com>', 'RCPT TO:<joe@big.example>')
            assert said.code == 554, said


def test_a_password_is_taken_over_tls_only(world):
    with Dialogue(world.guesser, '198.51.100.77', '192.0.2.10', 587) as client:
        assert 'AUTH' not in client.say('EHLO client.example').text
        assert client.say('AUTH PLAIN AGFwcABhcHA=').code in (503, 530, 538)
        assert 'AUTH PLAIN' in client.starttls().text
