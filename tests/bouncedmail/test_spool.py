"""The spool folder: oldest first, in little memory, and nothing but mails."""
import os

import pytest

from mailtools.bouncedmail import spool as spools
from mailtools.bouncedmail.spool import Spool
from rig.mailhost import MailHost


@pytest.fixture
def host(tmp_path):
    return MailHost(tmp_path / 'mx1')


def fill(host, numbers):
    for number in numbers:
        host.deliver(b'%d' % number, '{}.a'.format(1762000000 + number))


def numbers_of(names):
    return [int(name[4:14]) - 1762000000 for name in names]


@pytest.mark.parametrize('window', [3, 10, 35, 1000])
def test_names_come_oldest_first_each_once_however_few_are_held(host, monkeypatch, window):
    monkeypatch.setattr(spools, 'WINDOW', window)
    fill(host, reversed(range(35)))
    spool, names = Spool(host.spool), []
    while True:
        some = []
        for name in spool.waiting():
            some.append(name)
            if len(some) == 4:
                break
        if not some:
            break
        for name in some:
            spool.remove(name)
        names += some
    assert numbers_of(names) == list(range(35))


def test_what_was_handed_out_and_is_still_there_comes_again(host):
    fill(host, range(3))
    spool = Spool(host.spool)
    assert numbers_of(spool.waiting()) == [0, 1, 2]
    assert numbers_of(spool.waiting()) == [0, 1, 2]
    assert next(spool.waiting()).endswith('000.a')
    assert numbers_of(spool.waiting()) == [1, 2]
    assert next(spool.waiting()).endswith('000.a')
    spool.rewind()
    assert numbers_of(spool.waiting()) == [0, 1, 2]


def test_only_mails_are_handed_out(host):
    fill(host, [1])
    new = host.spool / 'new'
    (new / '.hidden').write_text('x')
    (new / '1762000000.x.why').write_text('x')
    (new / 'folder').mkdir()
    os.symlink('/etc/passwd', str(new / 'link'))
    assert numbers_of(Spool(host.spool).waiting()) == [1]


@pytest.mark.parametrize('raw, mail', [
    (b'From a@b Thu\nSubject: x\n', b'Subject: x\n'),
    (b'>From a@b Thu\r\nSubject: x\r\n', b'Subject: x\r\n'),
    (b'From a@b Thu\rSubject: x\r', b'Subject: x\r'),
    (b'From: a@b\n', b'From: a@b\n'),
    (b'From a@b', b'From a@b'),
    (b'', b''),
])
@pytest.mark.parametrize('large', [False, True])
def test_the_line_of_an_mbox_is_no_part_of_a_mail(host, monkeypatch, raw, mail, large):
    if large:
        monkeypatch.setattr(spools, 'LARGE', 0)
    host.deliver(raw, '1762000000.a')
    assert Spool(host.spool).read('new/1762000000.a') == (mail, 1762000000.0)


def test_a_name_without_a_time_has_that_of_its_file(host):
    host.deliver(b'x', 'odd')
    os.utime(str(host.spool / 'new' / 'odd'), (5, 5))
    assert Spool(host.spool).read('new/odd').received == 5.0
    assert Spool(host.spool).state() == spools.State(1, 5.0, 0)


def test_the_state_counts_mails_and_not_reasons(host):
    fill(host, [5, 3])
    spool = Spool(host.spool)
    assert spool.state() == spools.State(2, 1762000003.0, 0)
    spool.set_aside('new/1762000003.a', 'why')
    assert spool.state() == spools.State(1, 1762000005.0, 1)
    spool.remove('new/1762000005.a')
    assert spool.state() == spools.State(0, None, 1)


def test_setting_aside_what_is_gone_leaves_no_reason(host):
    spool = Spool(host.spool)
    spool.set_aside('new/1762000003.a', 'why')
    assert host.names('failed') == []
