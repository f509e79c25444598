"""From SMTP to an answer in a mailbox: Postfix, an alias of mailtools, the program, sendmail; all real."""
import os

import pytest
from answers import faults
from scene import ANSWER, Step

from rig import waiting
from rig.answering import PERSON, ROLE, Answering
from rig.responder import TEMPLATE, Sent

MAIL = '''From: Ann <ann@mx.test.invalid>
To: Info <info@mx.test.invalid>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <{number}@people.example>
References: <before@people.example>
Date: Sun, 22 Nov 2026 21:19:30 +0000

Who reads this?
'''
ADDED = b'return-path:', b'x-original-to:', b'delivered-to:', b'received:', b'from '


@pytest.fixture(scope='module')
def server():
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    if Answering.missing():
        pytest.skip(Answering.missing())
    made = Answering()
    yield made
    made.remove()


@pytest.fixture
def fresh(server):
    """The server, with nobody answered so far and an empty mailbox."""
    server.until_quiet()
    for path in sorted((server.top / 'state').rglob('*'), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    mail = server.top / 'mail' / 'ann'
    if mail.exists():
        mail.unlink()
    return server


def answered(server, count):
    """The mailbox, once it has so many letters."""
    try:
        return waiting.until(lambda: len(server.letters()) >= count and server.letters(), 20, what='the answer')
    except AssertionError as error:
        raise AssertionError('{}\n{}\n{}'.format(error, server.queue(), server.log()[-3000:]))


def settle(server):
    """Wait until all is delivered, the answers too."""
    server.until_quiet()
    server.until_quiet()


def as_it_was_sent(letter):
    """The answer without what Postfix put on it."""
    fields = [(name, value) for name, value in letter.raw_items() if (name.lower() + ':').encode() not in ADDED]
    head = ''.join('{}: {}\n'.format(*field) for field in fields)
    return (head + '\n' + letter.get_payload()).encode()


def test_a_mail_gets_one_answer_and_a_second_none(fresh):
    fresh.send([(PERSON, ROLE, MAIL.format(number=1))])
    letter, = answered(fresh, 1)
    assert letter['Return-Path'] == '<>'
    assert letter.get_from().split()[0] == 'MAILER-DAEMON'
    raw = as_it_was_sent(letter)
    args = [b'-i', b'-f', b'<>', b'-N', b'never', b'--', PERSON.encode()]     # what the envelope shows is above
    step = Step(None, {}, PERSON.encode(), ROLE.encode(), ANSWER, {
        'subject': 'Auto: Grüße', 'in_reply_to': '<1@people.example>',
        'references': '<before@people.example> <1@people.example>'})
    assert faults(Sent(args, raw), step, TEMPLATE) == []
    fresh.send([(PERSON, ROLE, MAIL.format(number=2))])
    settle(fresh)
    assert len(fresh.letters()) == 1


def test_a_bounce_gets_no_answer(fresh):
    fresh.send([('', ROLE, MAIL.format(number=3))])
    settle(fresh)
    assert fresh.letters() == [] and 'behind@mx.test.invalid' in fresh.log()


@pytest.mark.slow
def test_mail_waits_while_the_state_is_missing_and_is_then_answered_once(fresh):
    away = fresh.top / 'away'
    (fresh.top / 'state').rename(away)
    fresh.send([(PERSON, ROLE, MAIL.format(number=4))])
    waiting.until(lambda: 'status=deferred' in fresh.log(), 20, what='the delay')
    assert ROLE in fresh.queue() or 'behind' in fresh.queue()
    assert fresh.letters() == [] and 'status=bounced' not in fresh.log()
    away.rename(fresh.top / 'state')
    answered(fresh, 1)
    settle(fresh)
    assert len(fresh.letters()) == 1


@pytest.mark.slow
def test_many_mails_of_one_sender_at_once_get_one_answer(fresh):
    fresh.send([(PERSON, ROLE, MAIL.format(number=number)) for number in range(10, 20)])
    answered(fresh, 1)
    settle(fresh)
    assert len(fresh.letters()) == 1


def test_the_state_belongs_to_the_owner_of_the_alias(fresh):
    fresh.send([(PERSON, ROLE, MAIL.format(number=5))])
    answered(fresh, 1)
    made = list((fresh.top / 'state').rglob('*'))
    assert made and {path.stat().st_uid for path in made} == {fresh.owner.pw_uid}


def test_nothing_of_ours_was_bounced(server):
    settle(server)
    assert 'status=bounced' not in server.log()
    assert 'Traceback' not in server.log()
