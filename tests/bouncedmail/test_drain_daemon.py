"""The drainer as a daemon: it follows the spool, gives way to another, ends and begins as it is told."""
import os
import signal
import time

import pytest
from draining import ids, one_line, quiet, spooled

from mailtools.base.failure import EX_CONFIG, EX_IOERR, EX_OK, EX_TEMPFAIL
from rig import program, waiting
from rig.mailhost import bounce


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


def test_a_second_drainer_gives_way(host):
    first = followed(host)
    try:
        ran = host.run('drain')
        assert one_line(ran, EX_TEMPFAIL)
        assert '(process {})'.format(first.pid) in ran.err
        assert one_line(host.run('drain', '--follow'), EX_TEMPFAIL)
    finally:
        stopped(first)


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
