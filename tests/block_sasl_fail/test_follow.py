"""block-sasl-fail follow: blocks within seconds, whatever happens to the log, and ends when it is asked to."""
import contextlib
import json
import os
import signal
import stat
import sys
import time

import pytest

from rig import parts, waiting
from rig.guessed import Guessed

GUESSER, OTHER = '198.51.100.7', '203.0.113.9'

# A stand-in for journalctl: entries are the lines of the file `entries`, a cursor is the number of a line.
JOURNALCTL = '''#!{} -IS
import json, sys, time
args = sys.argv[1:]
assert '--output=json' in args and '_COMM=smtpd' in args, args
after = [one.split('=')[1] for one in args if one.startswith('--after-cursor=')]
number, at = int(after[0][1:]) if after else 0, 0
with open({!r}) as file:
    while True:
        line = file.readline()
        if not line and '--follow' not in args:
            break
        if not line:
            time.sleep(0.02)
            continue
        at += 1
        if at > number:
            print(json.dumps(dict(json.loads(line), __CURSOR='c' + str(at))), flush=True)
'''

pytestmark = pytest.mark.slow


@pytest.fixture
def host(tmp_path):
    if parts.find('postconf') is None:
        pytest.skip('postfix is not installed')
    return Guessed(tmp_path / 'mx1')


@contextlib.contextmanager
def following(host, *args):
    """`follow` while the block runs; it must end well."""
    with open(str(host.folder / 'said'), 'wb') as said:
        process = host.start('follow', '-v', *args, stderr=said)
    try:
        waiting.until(lambda: os.path.exists(host.state + '.follow'), what='the daemon to begin')
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (host.folder / 'said').read_text()


def until_blocked(host, *clients):
    """Wait until these, and no others, are in the map."""
    waiting.until(lambda: host.blocked() == set(clients), what='the map, which has {}'.format(host.blocked()))


def test_a_guesser_is_blocked_within_seconds_through_rotations(host):
    with following(host):
        host.write(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        host.write(*[OTHER] * 4)
        host.rotate()
        host.write(*[OTHER] * 4)
        until_blocked(host, GUESSER, OTHER)
        host.rotate(way='copytruncate')
        host.write(*['192.0.2.77'] * 9)
        until_blocked(host, GUESSER, OTHER, '192.0.2.77')
    host.expect()


def test_the_settings_are_read_again_and_wrong_ones_are_not_taken(host):
    with following(host) as process:
        host.write(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        host.configure(never_block='nonsense')
        process.send_signal(signal.SIGHUP)
        waiting.until(lambda: 'settings-refused' in (host.folder / 'said').read_text())
        host.configure(never_block=GUESSER)
        process.send_signal(signal.SIGHUP)
        until_blocked(host)


def test_troubles_are_told_once_and_nothing_is_lost(host):
    with following(host):
        host.write(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        os.rename(host.log, host.log + '.away')
        waiting.until(lambda: 'trouble why=' in (host.folder / 'said').read_text())
        os.rename(host.log + '.away', host.log)
        host.write(*[OTHER] * 10)
        until_blocked(host, GUESSER, OTHER)
        waiting.until(lambda: 'trouble-over' in (host.folder / 'said').read_text())
    assert (host.folder / 'said').read_text().count('trouble why=') == 1
    host.expect()


def test_people_and_cron_get_their_turn_and_a_second_daemon_does_not(host):
    with following(host) as process:
        host.write(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        waiting.until(lambda: host.run('scan').status == 0)
        ran = host.run('follow')
        assert ran.status == 75 and 'another run (process {})'.format(process.pid) in ran.err
    host.expect()


def test_what_cannot_be_done_at_all_ends_it(host):
    os.unlink(host.log)
    ran = host.run('follow')
    assert ran.status == 1 and 'cannot read the log' in ran.err
    ran = host.run('follow', '--detach')
    assert ran.status == 1 and 'cannot read the log' in ran.err


def test_in_the_background_though_a_killed_daemon_left_its_pid_file(host):
    (host.folder / 'pid').write_text('1\n')
    assert host.run('follow', '--detach').status == 0
    pid = int((host.folder / 'pid').read_text())
    try:
        assert pid != 1
        host.write(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        assert host.run('follow', '--detach').status == 75
    finally:
        os.kill(pid, signal.SIGTERM)
        waiting.until(lambda: not (host.folder / 'pid').exists())


@pytest.fixture
def journal(host):
    """The host with a journal instead of a log; journal(client...) adds failures to it."""
    path = host.folder / 'entries'
    path.touch()
    program = host.folder / 'journalctl'
    program.write_text(JOURNALCTL.format(sys.executable, str(path)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    host.configure(log='journal')

    def add(*clients):
        with open(str(path), 'a') as file:
            for client in clients:
                host.failures[client] = host.failures.get(client, 0) + 1
                file.write(json.dumps({
                    '__REALTIME_TIMESTAMP': str(int(time.time() * 1e6)), 'SYSLOG_IDENTIFIER': 'postfix/smtpd',
                    '_COMM': 'smtpd', 'MESSAGE':
                        'warning: unknown[{}]: SASL LOGIN authentication failed: x'.format(client)}) + '\n')
    return add


def test_the_journal_is_scanned_by_its_cursor(host, journal):
    for count in 4, 3, 2:
        journal(*[GUESSER] * count)
        host.scan()
    host.scan()
    host.expect()
    assert host.blocked() == {GUESSER}


def test_the_journal_is_followed(host, journal):
    with following(host):
        journal(*[GUESSER] * 10)
        until_blocked(host, GUESSER)
        journal(*[OTHER] * 10)
        until_blocked(host, GUESSER, OTHER)
    journal(OTHER)
    host.scan()
    host.expect()


def test_a_journalctl_that_fails_or_is_missing_is_told(host, journal):
    (host.folder / 'journalctl').write_text('#!/bin/sh\necho "no journal files" >&2\nexit 3\n')
    ran = host.run('scan')
    assert ran.status == 69 and 'journalctl ended with status 3: no journal files' in ran.err
    (host.folder / 'journalctl').unlink()
    ran = host.run('scan')
    assert ran.status == 69 and 'cannot start' in ran.err
