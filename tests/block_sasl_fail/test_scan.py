"""block-sasl-fail scan: each line once, one clear line of what is wrong, and nothing lost then."""
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import time

import pytest
from bench.measure import peak_kb
from soak import sasl_scan

from mailtools.base import disk
from mailtools.base.failure import EX_CONFIG
from mailtools.block_sasl_fail import state
from mailtools.block_sasl_fail.source import siblings
from rig import parts, program
from rig.guessed import Guessed

GUESSER, MISTYPER = '198.51.100.7', '198.51.100.9'


@pytest.fixture
def folder(quick_folder):
    """A folder in memory where there is one."""
    if parts.find('postconf') is None:
        pytest.skip('postfix is not installed')
    return quick_folder


@pytest.fixture
def host(folder):
    return Guessed(folder / 'mx1')


def trouble(ran, status, *saying):
    """Assert one line on standard error, nothing else."""
    assert (ran.status, ran.out) == (status, ''), ran
    assert ran.err.startswith('block-sasl-fail: ') and ran.err.count('\n') == 1, ran.err
    for one in saying:
        assert one in ran.err
    return ran.err


# -- what it does --

def test_who_guesses_is_blocked_and_who_mistypes_is_not(host):
    host.write(None, *[GUESSER] * 10 + [MISTYPER] * 2)
    host.scan()
    host.expect()
    assert host.blocked() == {GUESSER}


def test_a_scan_with_nothing_new_writes_nothing(host):
    host.write(*[GUESSER] * 10)
    host.scan()
    before = {path: path.stat().st_mtime_ns for path in host.folder.glob('*') if path.suffix != '.lock'}
    host.scan()
    assert {path: path.stat().st_mtime_ns for path in host.folder.glob('*') if path.suffix != '.lock'} == before


LOADED = '''
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from mailtools.block_sasl_fail import quick_scan
assert quick_scan.main(['scan', '-c', sys.argv[2]]) == 0
print(' '.join(set(sys.modules) - before))
'''


def test_a_scan_loads_nothing_that_takes_longer_than_it_does(host):
    def loaded():
        return set(subprocess.check_output(
            [sys.executable, '-IS', '-c', LOADED, str(program.CHECKOUT), str(host.conf)]).decode().split())
    unwanted = {'configparser', 'tempfile', 'shutil', 'random', 'datetime', 'click', 'site', 'email'}
    for_more = {'json', 'subprocess', 'mailtools.block_sasl_fail.score', 'mailtools.block_sasl_fail.accessmap'}
    host.write(*[GUESSER] * 10)
    first, second = loaded(), loaded()
    assert for_more <= first and not first & unwanted
    assert 'mailtools.block_sasl_fail.scan' in second and not second & (unwanted | for_more)
    host.expect()


@pytest.mark.slow
@pytest.mark.parametrize('seed', range(4))
def test_pieces_of_a_log_count_like_the_whole(host, seed):
    chance, day = random.Random(seed), [1]
    host.scan()
    for _ in range(25):
        sasl_scan.feed(host, chance, day)
        if chance.random() < 0.5:
            assert sasl_scan.forked(host) is not None
    host.scan()
    host.expect()


@pytest.mark.slow
def test_pieces_of_a_numbered_log_count_like_the_whole(host):
    host.scan()
    for number in range(12):
        host.write(GUESSER, None, MISTYPER)
        host.rotate('.1', 'rename' if number % 2 else 'copytruncate', ['', '.gz', '.xz', '.bz2'][number % 4])
        host.write(GUESSER)
        if number % 3 == 0:
            host.scan()
    host.scan()
    host.expect()


@pytest.mark.slow
def test_scans_that_are_killed(folder):
    sasl_scan.kill_scans(folder / 'mx1', 25)


def test_the_map_is_written_by_the_next_scan_when_one_is_killed_before(host):
    host.write(*[GUESSER] * 10)
    steps = sasl_scan.forked(Guessed(host.folder / 'other'))
    publish = next(step for step in steps if step.endswith(' publish') and step.startswith('accessmap'))
    assert sasl_scan.forked(host, publish) is None
    assert host.blocked() == set() and host.due() == {GUESSER}
    host.scan()
    assert host.blocked() == {GUESSER}


def test_a_map_that_somebody_changed_or_removed_is_mended(host):
    host.write(*[GUESSER] * 10)
    host.scan()
    host.map.unlink()
    host.scan()
    assert host.blocked() == {GUESSER}
    host.map.write_text('192.0.2.1 REJECT\n')
    host.scan()
    assert host.blocked() == {GUESSER}


def test_settings_that_change_change_the_map(host):
    host.write(*[GUESSER] * 10)
    host.scan()
    host.configure(never_block='198.51.100.0/29')
    host.scan()
    assert host.blocked() == set()


def test_a_block_ends(host):
    host.configure(block_time='1s')
    host.write(*[GUESSER] * 10)
    host.scan()
    assert host.blocked() == {GUESSER}
    with state.opened(host.state) as file, file.transaction():
        records = file.load([GUESSER])
        records[GUESSER].until = time.time() - 1
        file.save(records)
    host.scan()
    assert host.blocked() == set()


def test_daily_begins_anew_when_the_log_is_rotated(host):
    host.configure(mode='daily')
    host.write(GUESSER)
    host.scan()
    assert host.blocked() == {GUESSER}
    host.write(MISTYPER)
    host.rotate()
    host.write('203.0.113.4')
    host.scan()
    assert host.blocked() == {'203.0.113.4'}


def test_the_last_lines_of_each_address_are_kept(host):
    host.configure(evidence='3')
    host.write(None, *[GUESSER] * 10)
    host.scan()
    kept = host.evidence(GUESSER)
    log = pathlib.Path(host.log).read_bytes()
    assert len(kept) == 3 and log.endswith('\n'.join(one.line for one in kept).encode() + b'\n')
    for one in kept:
        assert one.path == host.log and log[one.offset:].startswith(one.line.encode())


# -- what would be --

def test_a_dry_run_shows_it_and_changes_nothing(host):
    host.write(*[GUESSER] * 10)
    for _ in range(2):
        ran = host.run('scan', '--dry-run', '--json')
        assert (ran.status, ran.err) == (0, '')
        assert [(row['act'], row['client']) for row in map(json.loads, ran.out.splitlines())] == [('block', GUESSER)]
        assert not os.path.exists(host.state) and not host.map.exists()
    host.scan()
    assert host.run('scan', '--dry-run').out == ''
    host.expect()
    with state.opened(host.state) as file, file.transaction():
        records = file.load([GUESSER])
        records[GUESSER].free()
        file.save(records)
    assert 'release  ' + GUESSER in host.run('scan', '--dry-run').out
    assert host.blocked() == {GUESSER}


@pytest.mark.slow
def test_a_replay_shows_what_other_settings_would_have_done(host):
    host.write(*[GUESSER] * 10 + [MISTYPER] * 2)
    host.rotate()
    host.write(MISTYPER)
    host.scan()
    ran = host.run('scan', '--since', '1d', '--json')
    assert [json.loads(line)['client'] for line in ran.out.splitlines()] == [GUESSER]
    host.configure(max_failures='2')
    ran = host.run('scan', '--since', '1d', '--json')
    assert sorted(json.loads(line)['client'] for line in ran.out.splitlines()) == [GUESSER, MISTYPER]
    assert host.run('scan', '--since', '2999-01-01').out == ''
    assert host.run('scan', '--since', 'never').status == 64
    assert len(host.run('scan', '--since', '1d', '--log', host.log + '.1', '--csv').out.splitlines()) == 2


@pytest.mark.slow
def test_another_log(host):
    other = str(host.folder / 'other')
    host.write(*[GUESSER] * 10, path=other)
    for _ in range(2):
        ran = host.run('scan', '--log', other)
        assert (ran.status, ran.out, ran.err) == (0, '', '')
    host.expect()


# -- what is wrong --

def test_a_log_that_is_missing(host):
    os.unlink(host.log)
    trouble(host.run('scan'), 1, 'cannot read the log', host.log, 'No such file')


def test_a_log_that_is_a_folder(host):
    os.unlink(host.log)
    os.mkdir(host.log)
    trouble(host.run('scan'), 1, 'cannot read the log', host.log, 'it is a folder')


def test_a_log_without_a_line_of_smtpd_is_told_once(host):
    with open(host.log, 'a') as file:
        file.write('Mar  5 04:03:02 mx systemd[1]: Started Session 1.\n' * 5)
    trouble(host.run('scan'), 1, host.log, 'no line of smtpd')
    host.scan()
    host.write(*[GUESSER] * 10)
    host.scan()
    host.expect()


def test_a_blocked_client_is_let_go_in_time_though_the_log_is_gone(host):
    host.write(*[GUESSER] * 10)
    host.scan()
    with state.opened(host.state) as file, file.transaction():
        records = file.load([GUESSER])
        records[GUESSER].until = time.time() - 1
        file.save(records)
    os.unlink(host.log)
    assert host.run('scan').status == 1
    assert host.blocked() == set()


@pytest.mark.slow
@pytest.mark.parametrize('damage', ['text', 'zeros', 'half', 'table', 'json'])
def test_a_damaged_state_is_moved_aside_and_begun_anew(host, damage):
    host.write(*[GUESSER] * 10)
    host.scan()
    if damage == 'text':
        pathlib.Path(host.state).write_text('what is this?\n' * 400)
    elif damage == 'zeros':
        with open(host.state, 'r+b') as file:
            file.write(b'\0' * 100)
    elif damage == 'half':
        with open(host.state, 'r+b') as file:
            file.seek(4096)
            file.write(b'\xff' * 20000)
    else:
        connection = sqlite3.connect(host.state)
        connection.execute('DROP TABLE evidence' if damage == 'table' else "UPDATE record SET data = '{'")
        connection.commit()
        connection.close()
    host.write(GUESSER)
    trouble(host.run('scan'), 1, 'is damaged', 'a new one is begun')
    assert len([name for name in os.listdir(str(host.folder)) if '.damaged-' in name]) == 1
    host.scan()
    host.expect()
    assert host.blocked() == {GUESSER}


def test_a_state_that_cannot_be_made(host):
    host.configure(state='/nonexistent/state.db')
    trouble(host.run('scan'), 74, '/nonexistent/state.db', 'No such file')
    host.configure(state=str(host.folder))
    trouble(host.run('scan'), 74, str(host.folder), 's a directory')


def test_a_map_that_cannot_be_written_is_written_later(host):
    host.configure(map=str(host.folder / 'none' / 'access'))
    host.write(*[GUESSER] * 10)
    for _ in range(2):
        trouble(host.run('scan'), 73, 'cannot write ' + str(host.folder / 'none' / 'access'))
    (host.folder / 'none').mkdir()
    host.map = host.folder / 'none' / 'access'
    host.scan()
    host.expect()


def test_a_wrong_network_in_the_settings(host):
    host.write(*[GUESSER] * 10)
    host.configure(never_block='10.0.0.1/8')
    trouble(host.run('scan'), 78, str(host.conf), '[block-sasl-fail] never_block = 10.0.0.1/8', 'host bits')
    host.configure(never_block='10.0.0.0/8')
    host.scan()
    host.expect()


def test_two_scans_at_once_give_way(host):
    host.write(*[GUESSER] * 10)
    with disk.locked(host.state + '.lock'):
        trouble(host.run('scan'), 75, 'another run (process {})'.format(os.getpid()))
    host.scan()
    host.expect()


def test_the_full_command_line_scans_as_well(host):
    host.write(*[GUESSER] * 10)
    ran = host.run('scan', '--debug', '--verbose')
    assert ran.status == 0 and 'block client={} why=guessing'.format(GUESSER) in ran.err
    host.expect()
    assert host.run('scan', '--nonsense').status == 64


@pytest.mark.parametrize('args', [('scan',), ('-c', '/dev/null', 'scan')])
def test_under_the_c_locale_with_names_that_are_not_ascii(host, args):
    host.configure(log=str(host.folder / 'übel'))
    trouble(host.run(*args, env={'LC_ALL': 'C'}), 1, 'übel')
    host.write(*[GUESSER] * 10, path=str(host.folder / 'übel'))
    assert host.run(*args, env={'LC_ALL': 'C'}) == (0, '', '')
    host.expect()
    assert host.evidence(GUESSER)[0].path.endswith('übel')


@pytest.mark.slow
@pytest.mark.parametrize('clients', [
    lambda: ['198.18.{}.{}'.format(number % 200, number % 7) for number in range(20000)],
    lambda: ['{}.{}.{}.1'.format(10 + one // 70000, one // 700 % 100, one // 7 % 100) for one in range(140000)],
], ids=['1,400 in full networks', '20,000 scattered'])
def test_memory_stays_small(host, clients):
    with open(host.log, 'wb') as file:
        for _ in range(60):
            file.write(b'x' * (1 << 20))
        file.write(b'\n')
    host.write(*clients())
    host.write(*[GUESSER] * 3)
    with open(host.log, 'ab') as file:
        for _ in range(100):
            file.write(host.line('192.0.2.9').rstrip('\n').encode() + b'x' * 800000 + b'\n')
    assert peak_kb(program.command('block-sasl-fail') + ['scan', '-c', str(host.conf)]) < 30 * 1024
    assert len(host.blocked()) > 1400
    host.expect()


@pytest.mark.parametrize('role', ['map', 'state', 'cidr_map'])
def test_no_file_has_two_roles(tmp_path, role):
    log = tmp_path / 'maillog'
    log.write_text('a line\n')
    written = {'log': log, 'state': tmp_path / 'state.db', 'map': tmp_path / 'map', 'cidr_map': tmp_path / 'cidr'}
    written[role] = log
    config = tmp_path / 'conf'
    config.write_text('[block-sasl-fail]\nmap_type = texthash\n'
                      + ''.join('{} = {}\n'.format(*one) for one in written.items()))
    ran = program.run('block-sasl-fail', 'scan', '--config', config)
    assert ran.status == EX_CONFIG
    assert 'are the same file' in ran.err
    assert log.read_text() == 'a line\n'


def test_a_log_behind_a_link_is_found_where_it_is_rotated(tmp_path):
    real, link = tmp_path / 'data' / 'log', tmp_path / 'maillog'
    real.parent.mkdir()
    link.symlink_to(real)
    real.write_text('one\n')
    real.rename(tmp_path / 'data' / 'log.1')
    real.write_text('two\n')
    assert [os.path.basename(path) for path, _ in siblings(os.path.realpath(str(link)))] == ['log.1']
