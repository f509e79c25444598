"""Mail of an internal host, by way of the MX: with a password, over TLS, signed, and without a word of the inside."""
import json

import pytest

from rig import waiting
from rig.system.company import PASSWORD, USER
from rig.system.dialogue import Dialogue
from rig.system.world import VERIFY

INSIDE = (b'app.example.com', b'10.20.0.', b'corp.example.com', b'worker7')
LETTER = '''Received: from worker7.corp.example.com (worker7.corp.example.com [10.20.0.77])
\tby app.example.com; Sun, 29 Nov 2026 12:00:00 +0000
From: Shop <shop@example.com>
To: {to}
Subject: Your order 4711
Date: Sun, 29 Nov 2026 12:00:00 +0000
Message-ID: <{id}@example.com>

It is on its way.
'''


@pytest.fixture(scope='module')
def order(world):
    """The application writes to a customer: the mail as it came to him, in bytes."""
    world.app.call('sendmail', '-i', '-f', 'shop@example.com', '--', 'user0@big.example',
                   stdin=LETTER.format(to='user0@big.example', id='order').encode())
    return waiting.until(lambda: world.big.mails('<order@example.com>'), 50, 0.1)[0]


def test_it_goes_to_the_mx_over_tls_that_is_verified(world, order):
    line = world.app.logged('TLS connection established to mx1.example.com')
    assert 'Verified TLS connection' in line or 'Trusted TLS connection' in line
    assert ':587: TLSv1.' in line


def test_it_logs_in_with_the_password(world, order):
    assert 'sasl_username=app' in world.mx.logged('postfix/submission/smtpd', 'sasl_method=')


def test_it_is_signed_and_opendkim_holds_it_for_good(order):
    head = order.split(b'\n\n')[0].replace(b'\n\t', b' ')
    assert b'dkim=pass' in head and b'header.d=example.com' in head


def test_it_is_signed_and_dkimpy_holds_it_for_good(world, order):
    world.big.folder('/var/mail/order')
    world.big.write('/var/mail/order/one', order)
    assert json.loads(world.big.call('/usr/bin/python3', VERIFY, '/var/mail/order')) == {'one': 'example.com'}


def test_dkimpy_does_not_hold_a_changed_mail_for_good(world, order):
    world.big.folder('/var/mail/changed')
    world.big.write('/var/mail/changed/one', order.replace(b'on its way', b'not on its way'))
    assert json.loads(world.big.call('/usr/bin/python3', VERIFY, '/var/mail/changed')) == {'one': None}


def test_no_word_of_the_inside_is_left_in_it(order):
    assert [word for word in INSIDE if word in order] == []
    assert b'from userid' not in order


def test_it_left_over_tls_and_with_our_name(order):
    assert b'from mx1.example.com (mx1.example.com [192.0.2.10])' in order
    assert b'(using TLSv1' in order


def test_its_subject_is_in_the_log(world, order):
    assert 'Your order 4711' in world.mx.logged('header Subject:', 'Your order')


def test_mail_for_the_company_goes_to_its_mailbox(world):
    world.app.call('sendmail', '-i', '-f', 'shop@example.com', '--', 'boss@example.com',
                   stdin=LETTER.format(to='boss@example.com', id='report').encode())
    waiting.until(lambda: world.hosted.mail('<report@example.com>'), 50, 0.1)


@pytest.mark.parametrize('recipient, code, status, words', [
    ('joe@spammer', 504, '5.5.2', 'fully-qualified address'),
    ('joe@nowhere.example', 550, '5.1.2', 'Domain not found'),
    ('joe@big.example', 250, '2.1.5', 'Ok')])
def test_it_is_told_at_once_of_a_recipient_that_cannot_be(world, recipient, code, status, words):
    with Dialogue(world.app, '10.20.0.50', '192.0.2.10', 587) as client:
        assert client.login(USER, PASSWORD).code == 235
        said = client.all('MAIL FROM:<shop@example.com>', 'RCPT TO:<{}>'.format(recipient))
    assert (said.code, said.status) == (code, status)
    assert words in said.text


def test_a_wrong_password_relays_nothing(world):
    mark = len(world.app.log())
    try:
        world.app.call('sh', '-c', 'cd /etc/postfix && sed -i "s/:[^:]*$/:wrong/" sasl_passwd && postmap sasl_passwd')
        world.app.call('sendmail', '-i', '-f', 'shop@example.com', '--', 'user1@big.example',
                       stdin=LETTER.format(to='user1@big.example', id='unsent').encode())
        world.app.logged('SASL authentication failed; server mx1.example.com[192.0.2.10] said: 535', since=mark)
        world.app.logged('to=<user1@big.example>', 'status=deferred', since=mark)
        assert not world.big.mails('<unsent@example.com>')
    finally:
        world.app.call('sh', '/var/lib/new/install.sh')
        world.app.call('postsuper', '-d', 'ALL')
