"""A thousand bulk mails by the round-robin name: split over the senders, signed; what comes back is a row."""
import collections
import json

import pytest

from rig import waiting
from rig.system.dialogue import Dialogue
from rig.system.letters import BULK, ODD, RETURNED
from rig.system.world import VERIFY

ADDRESSES = {'192.0.2.21': 'mail1', '192.0.2.22': 'mail2'}
REASONS = {'ghost': 'userunknown', 'full': 'mailboxfull', 'angry': 'spamdetected', 'late': 'userunknown',
           'moved': 'userunknown'}
TAKEN = BULK - sum(ODD.values())


@pytest.fixture(scope='module')
def arrived(world, bulk):
    """The bulk mails in the boxes of big.example."""
    return world.big.mails('\nX-Campaign-Id: week-48\n', '\nSubject: News of the week')


@pytest.fixture(scope='module')
def rows(world, bulk):
    """The events of those that came back, by recipient."""
    return {row['recipient']: row for row in world.events()}


def test_each_sender_takes_its_share(bulk):
    assert set(bulk.taken) == set(ADDRESSES)
    assert sum(bulk.taken.values()) == BULK
    assert min(bulk.taken.values()) >= 0.3 * BULK


def test_all_arrive_but_those_that_are_refused(arrived):
    numbers = [mail.split(b'Message-ID: <bulk-')[1].split(b'@')[0] for mail in arrived]
    assert len(numbers) == len(set(numbers)) == TAKEN


def test_they_come_straight_from_the_senders(arrived, bulk):
    came = collections.Counter(
        name for mail in arrived for address, name in ADDRESSES.items()
        if 'from {0}.example.com ({0}.example.com [{1}])'.format(name, address).encode() in mail)
    assert sum(came.values()) == TAKEN
    assert all(came[name] <= bulk.taken[address] for address, name in ADDRESSES.items())


def test_every_signature_holds_for_dkimpy(world, bulk, arrived):
    signed = json.loads(world.big.call('/usr/bin/python3', VERIFY, '/var/mail/box/new'))
    of_bulk = [signed[path.name] for path in world.big.path('/var/mail/box/new').glob('*')
               if b'X-Campaign-Id: week-48' in path.read_bytes()]
    assert collections.Counter(of_bulk) == {'example.com': TAKEN}


def test_each_has_the_sender_that_names_its_recipient(arrived):
    for mail in arrived:
        head = mail.split(b'\n\n')[0].decode()
        recipient = head.split('X-Original-To: ')[1].split('\n')[0]
        assert head.startswith('Return-Path: <bounces+{}@example.com>\n'.format(recipient.replace('@', '=')))


def test_no_word_of_the_inside_is_left_in_them(arrived):
    inside = (b'app.example.com', b'10.20.0.', b'corp.example.com')
    assert [mail for mail in arrived if any(word in mail for word in inside)] == []


@pytest.mark.parametrize('kind', sorted(ODD))
def test_what_comes_back_is_a_row_with_the_reason(rows, kind):
    for number in range(ODD[kind]):
        row = rows['{}{}@big.example'.format(kind, number)]
        assert row['reason'] == REASONS[kind], row
        assert row['kind'] == 'bounce'


def test_nothing_else_is_a_row(rows):
    assert len(rows) == sum(ODD.values())


def test_the_bounces_of_all_hosts_are_in_one_database(rows):
    stored = {row['stored_by'] for row in rows.values()}
    assert {'mail1.example.com', 'mail2.example.com', 'mx1.example.com'} == stored


def test_what_the_receiver_returns_later_comes_by_the_mx(rows):
    assert {row['stored_by'] for name, row in rows.items() if name.startswith(tuple(RETURNED))} == {'mx1.example.com'}


def test_only_addresses_that_do_not_exist_are_not_mailed_again(world, rows):
    said = world.mail1.call('bouncedmail', 'suppressions', '--json', user='mailtools', env={'LC_ALL': 'C.UTF-8'})
    suppressed = {json.loads(line)['address'] for line in said.splitlines()}
    assert suppressed == {name for name in rows if name.startswith(('ghost', 'late', 'moved'))}


def test_an_application_that_knows_no_verp_gets_it_from_the_sender(world, bulk):
    with Dialogue(world.app, '10.20.0.50', '192.0.2.22') as client:
        client.all('EHLO app.example.com', 'MAIL FROM:<bounces@example.com>', 'RCPT TO:<user1@big.example>',
                   'RCPT TO:<user2@big.example>', 'DATA')
        said = client.say('From: news@example.com', 'Subject: without VERP', '', 'x', '.')
        assert said.code == 250, said
    for name in 'user1', 'user2':
        mail = world.big.wait_for('Subject: without VERP', 'Delivered-To: {}@big.example'.format(name))
        assert mail['Return-Path'] == '<bounces+{}=big.example@example.com>'.format(name)


def test_a_domain_that_is_not_there_is_a_row_too(world, bulk):
    sender, recipient = 'bounces+joe=nowhere.example@example.com', 'joe@nowhere.example'
    with Dialogue(world.app, '10.20.0.50', '192.0.2.21') as client:
        client.all('EHLO app.example.com', 'MAIL FROM:<{}>'.format(sender), 'RCPT TO:<{}>'.format(recipient), 'DATA')
        assert client.say('From: news@example.com', 'Subject: nowhere', '', 'x', '.').code == 250
    row = waiting.until(lambda: next((one for one in world.events() if one['recipient'] == recipient), None), 50, 0.3)
    assert (row['reason'], row['severity'], row['stored_by']) == ('hostunknown', 'hard', 'mail1.example.com')
