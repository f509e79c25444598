"""Mail of a good sender: greylisted, accepted, marked, relayed to the mailbox."""
import re

from rig import waiting
from rig.system import faults
from rig.system.dialogue import Dialogue
from rig.system.letters import letter

MX = '192.0.2.10'


def test_the_first_try_is_told_to_come_again(world, inbound):
    line = world.mx.logged('reject: RCPT from mail.good.example', 'to=<boss@example.com>')
    assert ': 450 4.2.0 ' in line and 'reylist' in line
    assert 'status=deferred' in world.good.logged('to=<boss@example.com>', 'said: 450 4.2.0')


def test_the_second_try_is_accepted_after_the_delay(inbound):
    delayed = re.match(r'delayed (\d+) seconds', inbound['X-Greylist'])
    assert int(delayed.group(1)) >= 3


def test_its_spf_has_passed(inbound):
    assert inbound['Received-SPF'].startswith('Pass ')
    assert 'envelope-from=ann@good.example' in inbound['Received-SPF']


def test_its_signature_is_verified(inbound):
    results = [field for field in inbound.get_all('Authentication-Results') if field.startswith('mx1.example.com;')]
    assert len(results) == 1
    assert 'dkim=pass' in results[0] and 'header.d=good.example' in results[0]


def test_a_result_that_the_sender_has_forged_is_taken_out(world):
    forged = 'Authentication-Results: mx1.example.com; dkim=pass header.d=bank.example\n'
    world.good.send('ann@good.example', 'boss@example.com', letter('boss@example.com', 'forged', more=forged))
    mail = waiting.until(lambda: world.hosted.mail('<forged@good.example>'), 50, 0.1)
    assert 'bank.example' not in ''.join(mail.get_all('Authentication-Results'))


def test_it_came_in_and_went_on_over_tls(inbound):
    to_mailbox, to_mx = inbound.get_all('Received')[:2]
    assert 'from mx1.example.com' in to_mailbox and 'TLSv1' in to_mailbox
    assert 'from mail.good.example' in to_mx and 'TLSv1' in to_mx


def test_its_subject_is_in_the_log(world, inbound):
    assert 'info: header Subject: Lunch from mail.good.example[198.51.100.10]' in world.mx.logged('Subject: Lunch')


def test_it_is_relayed_to_the_provider(world, inbound):
    line = world.mx.logged('to=<boss@example.com>', 'status=sent')
    assert 'relay=mx.hosted.example[198.51.100.30]:25' in line


def test_the_postmaster_is_reached_without_delay(world):
    for name in 'postmaster', 'abuse':
        with Dialogue(world.spammer, '198.51.100.140', MX) as client:
            said = client.all('EHLO mail.spam.example', 'MAIL FROM:<joe@spam.example>',
                              'RCPT TO:<{}@example.com>'.format(name))
            assert said.code == 250, (name, said)


def test_an_address_that_the_provider_does_not_know_is_refused(world):
    with Dialogue(world.good, '198.51.100.10', MX) as client:
        client.all('EHLO mail.good.example', 'MAIL FROM:<ann@good.example>')
        said = waiting.until(lambda: not_yet(client.say('RCPT TO:<nobody-here@example.com>')), 50, 0.5)
    assert (said.code, said.status) == (550, '5.1.1')
    assert 'No such address' in said.text


def test_while_the_provider_is_away_mail_for_who_is_known_waits_here(world, inbound):
    with faults.without_postfix(world.hosted):
        world.good.send('ann@good.example', 'boss@example.com', letter('boss@example.com', 'waits'))
        world.mx.logged('to=<boss@example.com>', 'status=deferred', 'Connection refused')
    world.mx.call('postqueue', '-f')
    world.hosted.wait_for('<waits@good.example>')


def not_yet(said):
    """The answer, once it is no `try again`."""
    return said if said.code >= 500 or said.code < 400 else None
