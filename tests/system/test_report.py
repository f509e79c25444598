"""pflogsumm-report of each host, and merged, adds up to what was sent."""
import json

import pytest

from rig.system.letters import BULK, REFUSED, RETURNED

SENDERS = {'mail1.example.com': '192.0.2.21', 'mail2.example.com': '192.0.2.22'}
LATE = sum(RETURNED.values())
AT_ONCE = sum(REFUSED.values())         # refused while the sender is connected, and returned by the sender itself


@pytest.fixture(scope='module')
def more(bulk):
    """{host: {figure: by how much it is more than before the bulk mails}}."""
    return {host: {name: figure - bulk.before[host].get(name, 0) for name, figure in figures.items()}
            for host, figures in bulk.after.items()}


@pytest.mark.parametrize('host', sorted(SENDERS))
def test_a_sender_reports_each_mail_that_it_took(more, bulk, host):
    assert more[host]['received'] == bulk.taken[SENDERS[host]]


def test_the_senders_report_each_mail_that_went_out_or_came_back(more):
    # What went out, and one bounce for each that was refused, to our own alias.
    assert sum(more[host]['delivered'] for host in SENDERS) == BULK - AT_ONCE + AT_ONCE
    assert sum(more[host]['bounced'] for host in SENDERS) == AT_ONCE
    assert sum(more[host]['deferred'] + more[host]['rejected'] for host in SENDERS) == 0


def test_the_mx_reports_what_the_receiver_returned_later(more):
    assert (more['mx1.example.com']['received'], more['mx1.example.com']['delivered']) == (LATE, LATE)


def test_merged_they_are_the_sum_of_all(world, bulk):
    received = 0
    for date in world.days():
        merged = merge(world, date)
        assert sorted(part['host'] for part in merged['parts']) == sorted(
            host.name for host in (world.mx, world.mail1, world.mail2))
        for name in 'received', 'delivered', 'bounced', 'deferred', 'rejected', 'bytes_delivered':
            assert merged[name] == sum(part[name] for part in merged['parts'])
        received += merged['received']
    assert received >= BULK + LATE


def merge(world, date):
    """One report of all mail servers."""
    folder = '/var/lib/reports-' + date
    world.mx.folder(folder)
    for host in world.mx, world.mail1, world.mail2:
        world.mx.write('{}/{}'.format(folder, host.name), world.report(host, date))
    return json.loads(world.mx.call('sh', '-c', 'pflogsumm-report merge --json {}/*'.format(folder)))


def test_the_letter_of_the_morning_reaches_the_administrator(world, bulk):
    world.mx.call('pflogsumm-report', '--date', world.days()[-1])
    mail = world.hosted.wait_for('To: boss@example.com', 'Subject: ', 'delivered')
    assert 'mx1' in mail['Subject']
