"""The drainer: each mail is one row, whatever happens, and leaves the spool only then."""
import concurrent.futures
import os
import signal
import sqlite3
import time

import pytest

from mailtools.base.failure import EX_CONFIG, EX_IOERR, EX_OK, EX_TEMPFAIL, EX_UNAVAILABLE
from mailtools.bouncedmail import drain, reader
from mailtools.bouncedmail import spool as spools
from mailtools.bouncedmail.report import Event, Report
from mailtools.bouncedmail.store import open_store
from mailtools.bouncedmail.store.saving import Saved
from rig import mounts, program, waiting
from rig.mailhost import MailHost, bounce, message_id

LIMITS = drain.Limits(200, 32 << 20)
NOW = 1795382377.0      # 2026-11-22T21:19:37Z


@pytest.fixture
def host(tmp_path):
    made = MailHost(tmp_path / 'mx1')
    yield made
    made.end()


class Log:
    """A log that can be read."""

    def __init__(self):
        self.lines = []

    def info(self, event, **fields):
        self.lines.append((event, fields))

    warning = error = info


def ids(numbers):
    return sorted(message_id(number) for number in numbers)


def spooled(host, numbers, size=0):
    """Fill the spool as local(8) itself does."""
    for number in numbers:
        host.deliver(bounce(number, size), '{}.V{}.mx1'.format(int(NOW) - 1000 + number, number))


def quiet(ran):
    """Cron has nothing to say."""
    return ran == (EX_OK, '', '')


# -- once --

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


@pytest.mark.parametrize('raw', [
    b'', b'\n', b'\0' * 5000, bytes(range(256)) * 20, b'From x\n', bounce(7)[:1200],
    b"Subject: '; DROP TABLE mail; --\n\n\xff\xfe\0 \\x00 %s {} \xed\xa0\x80", b'a' * 70000], ids=range(8))
def test_a_mail_that_says_nothing_is_a_row_all_the_same(host, raw):
    assert host.ingest(raw).status == 0
    assert quiet(host.run('drain'))
    assert host.rows('SELECT count(*) FROM mail') == [(1,)]
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


class Refusing:
    """A store that takes all but one recipient's mail."""

    def __init__(self, refused):
        self.refused = refused
        self.taken = []

    def save(self, mails):
        refused = [(mail, 'value too odd') for mail in mails if self.refused in mail.raw]
        self.taken += [mail for mail in mails if self.refused not in mail.raw]
        return Saved(len(mails) - len(refused), 0, tuple(refused))


def read_nothing(_raw):
    return Report((Event(),))


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


# -- trouble --

def one_line(ran, status):
    """True when a person reads one sentence, and a script the status."""
    return ((ran.status, ran.out, ran.err.count('\n')) == (status, '', 1)
            and ran.err.startswith('bouncedmail: '))


def test_a_missing_spool_is_one_line(host):
    assert one_line(host.run('drain', '--spool', '/nonexistent'), EX_CONFIG)
    assert one_line(host.run('drain', '--follow', '--spool', '/nonexistent'), EX_CONFIG)
    assert one_line(host.run('drain', '--detach', '--spool', '/nonexistent'), EX_CONFIG)


def test_a_database_that_is_away_leaves_the_mail(host):
    spooled(host, range(3))
    host.database = 'postgresql://mailtools@/x?host=/nonexistent'
    host.configure()
    pytest.importorskip('psycopg2')
    ran = host.run('drain')
    assert one_line(ran, EX_UNAVAILABLE)
    assert len(host.waiting()) == 3


def test_a_newer_schema_leaves_the_mail(host):
    spooled(host, [1])
    assert quiet(host.run('drain'))
    connection = sqlite3.connect(str(host.folder / 'bounces.db'))
    connection.execute('UPDATE schema_version SET version = version + 1')
    connection.commit()
    connection.close()
    spooled(host, [2])
    assert one_line(host.run('drain'), EX_CONFIG)
    assert len(host.waiting()) == 1


def test_a_read_only_spool_loses_and_doubles_nothing(host):
    spooled(host, range(3))
    (host.spool / '.drain.lock').write_text('')
    with mounts.read_only(host.spool):
        assert one_line(host.run('drain'), EX_IOERR)
        assert len(host.waiting()) == 3
        drainer = drain.Drainer(spools.Spool(host.spool), lambda: open_store(host.database), reader.read,
                                'mx1', LIMITS, Log())
        with pytest.raises(spools.SpoolTrouble):
            drainer.batch()
    assert quiet(host.run('drain'))
    assert host.stored() == ids(range(3))
    assert host.waiting() == []


@pytest.mark.slow
def test_a_full_disk_of_the_database_leaves_the_mail(tmp_path, host):
    (tmp_path / 'db').mkdir()
    spooled(host, range(60), size=40000)
    host.configure(database='sqlite:{}'.format(tmp_path / 'db' / 'bounces.db'), batch=5)
    with mounts.small_disk(tmp_path / 'db', 1 << 20):
        for row in range(20):       # what does not compress
            host.deliver(os.urandom(90000), '{}.random'.format(row))
        ran = host.run('drain')
        assert one_line(ran, EX_UNAVAILABLE)
        assert 'No space left' in ran.err
        kept = len(host.waiting())
        host.database = 'sqlite:{}'.format(tmp_path / 'db' / 'bounces.db')
        assert host.rows('SELECT count(*) FROM mail') == [(80 - kept,)]
        assert kept > 0


def test_a_full_spool_is_drained_all_the_same(host):
    with mounts.small_disk(host.spool, 1 << 20):
        spooled(host, range(10))
        mounts.fill(host.spool)
        spool = spools.Spool(host.spool)
        drained = drain.drain_once(spool, Refusing(b'user3@'), read_nothing, 'mx1', LIMITS, Log())
        assert drained == drain.Drained(seen=10, new=9, failed=1)
        assert [name for name in host.names('failed') if not name.endswith('.why')] != []
        assert host.waiting() == []
        spooled(host, [11])
        mounts.fill(host.spool)
        assert quiet(host.run('drain'))
        assert host.stored() == ids([11])


def test_what_root_does_once_does_not_stop_the_daemon_that_is_no_root(shared_folder):
    host = MailHost(shared_folder)
    for folder in host.folder, host.spool:
        os.chown(str(folder), 65534, 65534)
    spooled(host, range(3))
    assert quiet(host.run('drain'))
    spooled(host, [3])
    drain.drain_once(spools.Spool(host.spool), Refusing(b'user3@'), read_nothing, 'mx1', LIMITS, Log())
    made = [host.folder / 'bounces.db', host.spool / '.drain.lock', host.spool / 'failed']
    made += [host.spool / 'failed' / name for name in host.names('failed') if name.endswith('.why')]
    assert len(made) == 4 and {path.stat().st_uid for path in made} == {65534}


# -- several at once --

def test_a_second_drainer_gives_way(host):
    first = followed(host)
    try:
        ran = host.run('drain')
        assert one_line(ran, EX_TEMPFAIL)
        assert '(process {})'.format(first.pid) in ran.err
        assert one_line(host.run('drain', '--follow'), EX_TEMPFAIL)
    finally:
        stopped(first)


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


# -- for ever --

def followed(host, *args):
    """A drainer that follows, and holds its lock."""
    process = host.start('drain', '--follow', *args, stdout=-3, stderr=-1)
    lock = host.spool / '.drain.lock'
    waiting.until(lambda: lock.exists() and lock.read_text().strip() == str(process.pid), what='the drainer')
    return process


def stopped(process, number=signal.SIGTERM):
    """How it ends when asked to; what it said."""
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == EX_OK, said
    return said.decode()


def test_new_mail_is_in_the_database_within_a_second(host):
    process = followed(host)
    try:
        host.ingest(bounce(0))
        waiting.until(host.stored, what='the first mail')
        for number in range(1, 6):
            assert host.ingest(bounce(number)).status == 0
            until_stored(host, range(number + 1), limit_s=1)
    finally:
        stopped(process)
    assert host.waiting() == []


def until_stored(host, numbers, limit_s):
    """Wait until just these mails are in the database."""
    waiting.until(lambda: host.stored() == ids(numbers), limit_s, what='mails in the database')


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_ends_well_when_asked(host, number):
    process = followed(host)
    spooled(host, range(50))
    waiting.until(host.stored, what='the first mail')
    stopped(process, number)
    assert len(host.stored()) + len(host.waiting()) == 50


@pytest.mark.slow
def test_an_idle_daemon_costs_next_to_nothing(host):
    process = followed(host)
    spooled(host, [1])
    waiting.until(host.stored, what='the first mail')
    before, started = cpu_of(process.pid), time.monotonic()
    waiting.until(lambda: time.monotonic() > started + 2, what='two seconds of nothing')
    used = cpu_of(process.pid) - before
    stopped(process)
    assert used <= 0.02 * 2


def cpu_of(pid):
    """Seconds of CPU that a process has used."""
    with open('/proc/{}/stat'.format(pid)) as file:
        words = file.read().rpartition(')')[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


def test_hangup_reads_the_settings_again(host, tmp_path):
    process = followed(host)
    spooled(host, [1])
    waiting.until(host.stored, what='the first mail')
    host.configure(database='sqlite:{}'.format(tmp_path / 'other.db'))
    process.send_signal(signal.SIGHUP)
    waiting.until(lambda: host_said(process, 'settings-read'))
    host.database = 'sqlite:{}'.format(tmp_path / 'other.db')
    spooled(host, [2])
    waiting.until(host.stored, what='a mail in the other database')
    host.config.write_text('[bouncedmail]\nspol = x\n')
    process.send_signal(signal.SIGHUP)
    waiting.until(lambda: host_said(process, 'settings-refused'))
    spooled(host, [3])
    waiting.until(lambda: host.stored() == ids([2, 3]), what='a mail by the old settings')
    stopped(process)


def host_said(process, word):
    """True when a line on stderr has that word."""
    return word.encode() in process.stderr.readline()


def test_a_daemon_waits_for_its_database(host, tmp_path):
    folder = tmp_path / 'later'
    host.configure(database='sqlite:{}'.format(folder / 'bounces.db'))
    process = followed(host)
    spooled(host, range(3))
    waiting.until(lambda: host_said(process, 'database-away'))
    assert len(host.waiting()) == 3
    folder.mkdir()
    waiting.until(lambda: host_said(process, 'database-back'))
    host.database = 'sqlite:{}'.format(folder / 'bounces.db')
    waiting.until(lambda: host.stored() == ids(range(3)), what='the mails that waited')
    said = stopped(process)
    assert 'database-' not in said


def test_a_daemon_that_waits_for_its_database_ends_when_asked(host):
    host.configure(database='sqlite:/nonexistent/bounces.db', retry_first='1h', retry_most='1h')
    process = followed(host)
    waiting.until(lambda: host_said(process, 'database-away'))
    stopped(process)


# -- detached --

def test_detached_the_caller_learns_whether_it_runs(host, tmp_path):
    pid_file = tmp_path / 'pid'
    pid_file.write_text('999999\n')                 # of a daemon that was killed
    assert quiet(host.run('drain', '--detach', '--pid-file', pid_file))
    pid = int(pid_file.read_text())
    try:
        spooled(host, [1])
        waiting.until(host.stored, what='a mail by the daemon')
        second = host.run('drain', '--detach', '--pid-file', pid_file)
        assert one_line(second, EX_TEMPFAIL)
        assert str(pid) in second.err
        assert int(pid_file.read_text()) == pid
    finally:
        os.kill(pid, signal.SIGTERM)
    waiting.until(lambda: not pid_file.exists(), what='the pid file to go')
    assert quiet(host.run('drain'))


def test_detached_paths_are_those_of_where_it_was_called(host):
    assert quiet(program.run('bouncedmail', 'drain', '--detach', '--config', 'bouncedmail.conf',
                             '--spool', 'spool', '--pid-file', 'pid', cwd=str(host.folder)))
    pid = int((host.folder / 'pid').read_text())
    try:
        os.kill(pid, signal.SIGHUP)
        spooled(host, [1])
        until_stored(host, [1], limit_s=20)
    finally:
        os.kill(pid, signal.SIGTERM)
    waiting.until(lambda: not (host.folder / 'pid').exists(), what='the pid file to go')


def test_detached_with_broken_settings_is_one_line(host, tmp_path):
    host.configure(batch='many')
    assert one_line(host.run('drain', '--detach', '--pid-file', tmp_path / 'pid'), EX_CONFIG)
    assert not (tmp_path / 'pid').exists()


def test_a_pid_file_that_cannot_be_written_is_one_line(host):
    assert one_line(host.run('drain', '--detach', '--pid-file', '/nonexistent/pid'), EX_IOERR)


def test_commands_for_people_know_their_options():
    with open(os.devnull, 'rb') as nothing:
        for command in 'drain', 'parse', 'import', 'check', 'ingest':
            ran = program.run('bouncedmail', command, '--help', stdin=nothing)
            assert ran.status == EX_OK and 'sage: bouncedmail' in ran.out
