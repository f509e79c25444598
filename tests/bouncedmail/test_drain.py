"""The drainer: each mail is one row, whatever it is, and leaves the spool only then."""
import concurrent.futures
import os
import time

import pytest
from draining import LIMITS, NOW, Log, Refusing, ids, quiet, read_nothing, spooled

from mailtools.base.failure import EX_OK
from mailtools.bouncedmail import drain, reader
from mailtools.bouncedmail import spool as spools
from mailtools.bouncedmail.report import Event, Report
from mailtools.bouncedmail.store import open_store
from rig.mailhost import bounce


def test_what_lies_in_the_spool_becomes_rows(host):
    for number in range(3):
        assert host.ingest(bounce(number)).status == 0
    spooled(host, range(3, 6))
    seen = host.spool / 'cur' / '1795382377.R1.mx1:2,S'
    os.rename(str(host.spool / 'new' / host.names('new')[0]), str(seen))
    assert quiet(host.run('drain'))
    assert host.stored() == ids(range(6))
    assert host.recipients() == ['user{}@example.org'.format(number) for number in range(6)]
    assert host.waiting() == []


def test_a_mail_that_comes_again_is_one_row(host):
    for delivery in 0, 1, 1:
        assert host.ingest(bounce(1, delivery=delivery)).status == 0
    assert quiet(host.run('drain'))
    assert host.ingest(bounce(1)).status == 0
    assert quiet(host.run('drain'))
    assert host.stored() == ids([1])
    assert host.recipients() == ['user1@example.org']
    assert host.waiting() == []


def test_the_time_of_a_mail_is_that_of_its_delivery(host):
    host.deliver(bounce(1), '1795382377.V1.mx1')
    assert quiet(host.run('drain'))
    assert host.rows('SELECT received_at FROM mail') == [('2026-11-22T21:19:37Z',)]


def test_an_empty_spool_is_well(host):
    assert quiet(host.run('drain'))


def test_a_mail_that_says_nothing_is_a_row_all_the_same(host):
    odd = (b'', b'\n', b'\0' * 5000, bytes(range(256)) * 20, b'From x\n', bounce(7)[:1200],
           b"Subject: '; DROP TABLE mail; --\n\n\xff\xfe\0 \\x00 %s {} \xed\xa0\x80", b'a' * 70000)
    for raw in odd:
        assert host.ingest(raw).status == 0
    assert quiet(host.run('drain'))
    mails = {spools.without_from_line(raw) for raw in odd}      # the first and `From x` are one
    assert sorted(host.rows('SELECT size FROM mail')) == sorted((len(raw),) for raw in mails)
    assert host.waiting() == host.names('failed') == []


@pytest.mark.slow
@pytest.mark.parametrize('make', [
    lambda: bounce(1, 100 << 20),
    lambda: b'Content-Type: multipart/mixed; boundary=b\n\n' + b'--b\n\npart\n' * 10000 + b'--b--\n',
], ids=['100 MB', '10000 parts'])
def test_a_huge_mail_goes_the_whole_way(host, make):
    raw = make()
    assert host.ingest(raw).status == 0
    assert quiet(host.run('drain', timeout=120))
    assert host.rows('SELECT size FROM mail') == [(len(spools.without_from_line(raw)),)]
    assert host.waiting() == []


def test_one_reader_error_is_one_odd_row(host):
    def read(raw):
        if b'user1@' in raw:
            raise RecursionError('too deep')
        return Report((Event(recipient='a@example.org'),))
    spooled(host, range(3))
    store = open_store(host.database)
    drained = drain.drain_once(spools.Spool(host.spool), store, read, 'mx1', LIMITS, Log())
    assert drained == drain.Drained(seen=3, new=3)
    assert host.rows('SELECT error FROM mail WHERE error IS NOT NULL') == [('RecursionError: too deep',)]
    assert host.rows("SELECT count(*) FROM event WHERE kind = 'other' AND recipient IS NULL") == [(1,)]


def test_what_the_database_refuses_is_set_aside_with_the_reason(host):
    spooled(host, range(5))
    log, store = Log(), Refusing(b'user3@')
    drained = drain.drain_once(spools.Spool(host.spool), store, read_nothing, 'mx1', LIMITS, log)
    assert drained == drain.Drained(seen=5, new=4, failed=1)
    name = '{}.V3.mx1'.format(int(NOW) - 997)
    assert host.names('failed') == [name, name + '.why']
    assert (host.spool / 'failed' / name).read_bytes() == bounce(3)
    assert (host.spool / 'failed' / (name + '.why')).read_text() == 'refused by the database: value too odd\n'
    assert host.waiting() == []
    assert [fields for event, fields in log.lines if event == 'failed'] == [
        {'file': 'new/' + name, 'why': 'refused by the database: value too odd'}]


def test_the_log_has_a_line_for_each_recipient(host):
    spooled(host, [1])
    store, log = Refusing(b'\0'), Log()
    drain.drain_once(spools.Spool(host.spool), store, reader.read, 'mx1', LIMITS, log)
    assert log.lines == [('bounce', {
        'id': store.taken[0].id[:16], 'to': 'user1@example.org', 'status': '5.1.1', 'severity': 'hard',
        'reason': 'userunknown', 'error': None})]


def test_verbose_shows_the_log_and_a_stranger_cannot_forge_a_line_of_it(host):
    host.ingest(bounce(1).replace(b'user1@example.org', b'"a\\r\\n b=c"@example.org'))
    ran = host.run('drain', '-v')
    assert ran.status == EX_OK and ran.err.startswith('bouncedmail: bounce id=')
    assert ran.err.count('\n') == 1 and ' b=c' not in ran.err.partition(' to="')[0]


class Stumbling(Refusing):
    """A store with a fault of ours that one mail brings out."""

    def save(self, mails):
        if any(self.refused in mail.raw for mail in mails):
            raise KeyError('oops')
        return super().save(mails)


def test_a_fault_of_ours_stops_one_mail_and_not_the_others(host):
    spooled(host, range(7))
    store = Stumbling(b'user3@')
    drained = drain.drain_once(spools.Spool(host.spool), store, read_nothing, 'mx1', LIMITS, Log())
    assert drained == drain.Drained(seen=7, new=6, failed=1)
    assert len(store.taken) == 6
    name, = [name for name in host.names('failed') if name.endswith('.why')]
    assert (host.spool / 'failed' / name).read_text() == "cannot be stored: KeyError: 'oops'\n"


def test_a_fault_of_ours_in_every_mail_sets_none_aside(host):
    spooled(host, range(3))
    with pytest.raises(KeyError):
        drain.drain_once(spools.Spool(host.spool), Stumbling(b'user'), read_nothing, 'mx1', LIMITS, Log())
    assert len(host.waiting()) == 3 and host.names('failed') == []


def test_what_was_set_aside_can_be_tried_again(host):
    spooled(host, range(3))
    drain.drain_once(spools.Spool(host.spool), Refusing(b'user1@'), read_nothing, 'mx1', LIMITS, Log())
    assert quiet(host.run('drain'))
    assert host.stored() == []
    assert quiet(host.run('drain', '--retry-failed'))
    assert host.stored() == ids([1])
    assert host.names('failed') == []


def test_a_mail_that_cannot_be_read_is_set_aside(host):
    spooled(host, range(2))
    class Damaged(spools.Spool):
        def read(self, name):
            if 'V1' in name:
                raise OSError(5, 'Input/output error')
            return super().read(name)
    drained = drain.drain_once(Damaged(host.spool), Refusing(b'\0'), read_nothing, 'mx1', LIMITS, Log())
    assert drained == drain.Drained(seen=2, new=1, failed=1)
    assert [name.partition('.V')[2] for name in host.names('failed')] == ['1.mx1', '1.mx1.why']


def test_a_batch_is_bounded_by_number_and_by_bytes(host):
    spooled(host, range(10), size=10000)
    sizes = []

    class Counting(Refusing):
        def save(self, mails):
            sizes.append(len(mails))
            return super().save(mails)
    spool = spools.Spool(host.spool)
    for limits in (drain.Limits(4, 1 << 20), drain.Limits(4, 1), drain.Limits(100, 25000)):
        drain.drain_once(spool, Counting(b'\0'), read_nothing, 'mx1', limits, Log())
    assert sizes == [4, 1, 3]


def test_a_mail_that_another_takes_meanwhile_is_no_error(host):
    spooled(host, range(3))

    class Racing(spools.Spool):
        def read(self, name):
            if 'V1' in name:
                os.unlink(self.path(name))
            return super().read(name)

        def remove(self, name):
            os.unlink(self.path(name))
            super().remove(name)
    store = Refusing(b'\0')
    assert drain.drain_once(Racing(host.spool), store, read_nothing, 'mx1', LIMITS, Log()).new == 2
    assert len(store.taken) == 2


def test_a_link_in_the_spool_is_not_followed(host, tmp_path):
    (tmp_path / 'secret').write_text('secret')
    host.deliver(b'x', '1.a')
    os.symlink(str(tmp_path / 'secret'), str(host.spool / 'new' / '2.b'))
    os.mkfifo(str(host.spool / 'new' / '3.c'))
    assert quiet(host.run('drain', timeout=20))
    assert host.rows('SELECT size FROM mail') == [(1,)]


def test_old_remains_in_tmp_are_swept(host):
    host.deliver(b'x', '1.a')
    for name, age_s in ('old', 37 * 3600), ('young', 35 * 3600):
        (host.spool / 'tmp' / name).write_bytes(b'half')
        os.utime(str(host.spool / 'tmp' / name), (time.time() - age_s,) * 2)
    assert quiet(host.run('drain'))
    assert host.names('tmp') == ['young']


def test_two_drainers_without_the_lock_neither_lose_nor_double(host):
    spooled(host, range(300))

    def work():
        store = open_store(host.database)
        spool = spools.Spool(host.spool)
        limits = drain.Limits(7, 1 << 20)
        while drain.drain_once(spool, store, reader.read, 'mx1', limits, Log()).seen:
            pass
        store.close()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(work) for _ in range(2)]:
            future.result()
    assert host.stored() == ids(range(300))
    assert len(host.recipients()) == 300
    assert host.waiting() == []
