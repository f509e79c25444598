"""mailqueues on the MX shows the queues of all hosts, and says of a host that is cut off that it is."""
import json

import pytest

from rig import waiting
from rig.system import queues

OUTPUT = '/var/www/html/mailqueues/'
HOSTS = ['mx1', 'mail1', 'mail2']


def export(world):
    """Run it as cron does; (Ran, status.json by host, the predecessor's JSON)."""
    ran = queues.export(world.mx)
    status = json.loads(world.mx.read(OUTPUT + 'status.json'))
    return ran, {host['name']: host for host in status['hosts']}, json.loads(world.mx.read(OUTPUT + 'index.html'))


@pytest.fixture
def cut_off(world):
    """Without mail2."""
    world.wire.cut(world.mail2, world.mx)
    yield
    world.wire.mend(world.mail2)
    waiting.until(lambda: export(world)[1]['mail2']['state'] == 'ok', what='mail2 in status.json')


def test_all_hosts_are_shown(world):
    ran, status, short = export(world)
    assert (ran.status, ran.out, ran.err) == (0, '', '')
    assert {name: host['state'] for name, host in status.items()} == dict.fromkeys(HOSTS, 'ok')
    assert list(short['mailqueues']) == HOSTS


def test_mail_that_waits_is_counted(world):
    before = export(world)[1]['mail1']['queues']['deferred']
    # Nobody listens there.
    world.mail1.call('sendmail', '-i', '-f', 'news@example.com', 'joe@spam.example', stdin=b'Subject: later\n\nx\n')
    try:
        world.mail1.logged('to=<joe@spam.example>', 'status=deferred')
        assert export(world)[1]['mail1']['queues']['deferred'] == before + 1
    finally:
        world.mail1.call('postsuper', '-d', 'ALL')


def test_a_host_that_is_cut_off_is_reported_as_such_and_never_0(world, cut_off):
    ran, status, short = export(world)
    assert ran.status == 0          # cron need not mail each minute what the page and `check` say
    assert status['mail2']['state'] == 'failed' and status['mail2']['error']
    assert list(short['mailqueues']) == ['mx1', 'mail1']
    assert world.mx.run('mailqueues', 'check', '-H', 'mail2').status == 3
    assert 'failed' in world.mx.log()
