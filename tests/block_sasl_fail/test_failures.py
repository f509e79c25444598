"""The command `failures` as a process: logs with their truth, packed and broken ones, its output."""
import bz2
import gzip
import itertools
import json
import lzma
import os
import shutil
import subprocess
import sys

import pytest

from mailtools.block_sasl_fail import grep, quick_count
from rig import genlog, parts
from rig.full import in_full
from rig.program import command, run

HEAD = 'Mar  5 04:03:02 mx1 postfix/smtpd[4711]: '
LINE = HEAD + 'warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=a, "b" [c]\n'
OTHER = HEAD + 'connect from unknown[192.0.2.1]\n'


def objects(text):
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def counts(ran):
    """{client: failures} of `failures --count`."""
    assert (ran.status, ran.err) == (0, '')
    found = objects(ran.out)
    assert [sorted(one) for one in found] == [['client', 'failures']] * len(found)
    return {one['client']: one['failures'] for one in found}


def by_client(found):
    """The same from the objects of failures."""
    total = {}
    for one in found:
        total[one['client']] = total.get(one['client'], 0) + one['times']
    return total


@pytest.fixture
def log(tmp_path):
    """A small log; os.utime makes it one of March 2026."""
    path = tmp_path / 'maillog'
    path.write_text(OTHER + LINE + OTHER, encoding='utf-8')
    os.utime(str(path), (1774000000, 1774000000))
    return path


@pytest.mark.parametrize('seed, options', [
    (11, []), (15, ['--postfix', '3.9', '--iso', '--long-queue-ids']),
    (19, ['--hostname', 'mx1.example.net', '--ipv6-share', 1])] + in_full(
        (12, ['--iso']), (13, ['--postfix', '3.5']), (14, ['--postfix', '3.9']),
        (16, ['--sasl-fraction', '.3', '--attackers', 900]), (18, ['--outage', '20:60', '--mails-per-day', 9e5]),
        (17, ['--sasl-fraction', '.25', '--postfix', '3.9', '--iso']),
        (20, ['--start', '2026-12-31T23:59:00', '--decoy-fraction', .4, '--postfix', '3.9'])))
def test_failures_are_those_of_the_truth(seed, options, tmp_path):
    made = genlog.generate('--lines', 40000, '--seed', seed, '--decoy-fraction', .03, *options)
    path = tmp_path / 'maillog'
    path.write_bytes(made.log)
    truth = made.truth['failures']
    assert counts(run('block-sasl-fail', 'failures', '--count', path)) == truth
    ran = run('block-sasl-fail', 'failures', '--json', path)
    assert (ran.status, ran.err) == (0, '')
    found = objects(ran.out)
    assert by_client(found) == truth
    lines = made.log.decode('ascii').split('\n')
    for one in found:
        line = lines[one['line'] - 1]
        assert '[{}]: SASL '.format(one['client']) in line and '/{}['.format(one['service']) in line
        assert ' SASL {} authentication failed:'.format(one['mechanism']) in line.replace('login', 'LOGIN')
        assert one['username'] in (None, line.partition('sasl_username=')[2])


def test_an_object_has_the_agreed_keys(log):
    ran = run('block-sasl-fail', 'failures', '--json', log, env={'TZ': 'UTC'})
    assert objects(ran.out) == [{
        'time': '2026-03-05T04:03:02Z', 'client': '192.0.2.1', 'mechanism': 'LOGIN', 'service': 'smtpd',
        'username': 'a, "b" [c]', 'line': 2, 'times': 1}]


def test_lines_are_numbered_by_file_and_read_in_the_order_given(log, tmp_path):
    second = tmp_path / 'second'
    second.write_text(LINE.replace('192.0.2.1', '192.0.2.9') + OTHER + LINE)
    found = objects(run('block-sasl-fail', 'failures', second, log).out)
    assert [(one['client'], one['line']) for one in found] == [('192.0.2.9', 1), ('192.0.2.1', 3), ('192.0.2.1', 2)]
    assert counts(run('block-sasl-fail', 'failures', '--count', second, log)) == {'192.0.2.1': 2, '192.0.2.9': 1}


@pytest.mark.parametrize('pack', [gzip.compress, bz2.compress, lzma.compress], ids=['gz', 'bz2', 'xz'])
def test_a_packed_log_is_read_whatever_its_name(pack, log, tmp_path):
    packed = tmp_path / 'maillog-20260305'
    packed.write_bytes(pack(log.read_bytes()))
    assert counts(run('block-sasl-fail', 'failures', '--count', packed)) == {'192.0.2.1': 1}
    assert counts(run('block-sasl-fail', 'failures', '--count', '-', stdin=packed.read_bytes())) == {'192.0.2.1': 1}


def test_a_log_of_zstd_is_read_where_zstd_is(log, tmp_path):
    packed = tmp_path / 'maillog.zst'
    if parts.find('zstd') is None:
        packed.write_bytes(b'\x28\xb5\x2f\xfd' + b'x' * 100)
        ran = run('block-sasl-fail', 'failures', '--count', packed)
        assert (ran.status, ran.out) == (1, '')
        assert ran.err == 'block-sasl-fail: cannot read {}: zstd is not installed\n'.format(packed)
        return
    subprocess.check_call(['zstd', '-q', str(log), '-o', str(packed)])
    assert counts(run('block-sasl-fail', 'failures', '--count', packed)) == {'192.0.2.1': 1}
    assert counts(run('block-sasl-fail', 'failures', '--count', '-', stdin=packed.read_bytes())) == {'192.0.2.1': 1}
    packed.write_bytes(packed.read_bytes()[:-9])
    assert run('block-sasl-fail', 'failures', '--count', packed).status == 1


@pytest.mark.parametrize('pack', [gzip.compress, bz2.compress, lzma.compress], ids=['gz', 'bz2', 'xz'])
def test_a_packed_log_that_is_cut_off_is_told_and_the_others_are_read(pack, log, tmp_path):
    packed = tmp_path / 'cut'
    packed.write_bytes(pack(log.read_bytes())[:-9])
    ran = run('block-sasl-fail', 'failures', '--count', packed, log)
    assert ran.status == 1
    assert ran.err.startswith('block-sasl-fail: cannot read {}: '.format(packed)) and ran.err.count('\n') == 1
    assert objects(ran.out)[0]['client'] == '192.0.2.1'


@pytest.mark.parametrize('form', ['--count', '--json'])
def test_a_log_that_cannot_be_read_is_told_in_one_line(form, log, tmp_path):
    for bad, why in ((tmp_path / 'none', 'No such file or directory'), (tmp_path, 'Is a directory')):
        ran = run('block-sasl-fail', 'failures', form, bad, log)
        assert ran.status == 1
        assert ran.err == 'block-sasl-fail: cannot read {}: {}\n'.format(bad, why)
        assert len(objects(ran.out)) == 1


def test_standard_input_is_read(log):
    assert counts(run('block-sasl-fail', 'failures', '--count', '-', stdin=log.read_bytes())) == {'192.0.2.1': 1}
    assert len(objects(run('block-sasl-fail', 'failures', '-', stdin=log.read_bytes() * 3).out)) == 3


@pytest.mark.parametrize('options', [['--count'], ['--json'], ['--csv'], ['--count', '--csv'], ['--table']])
def test_an_output_that_takes_no_more_is_told(options, log):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run(command('block-sasl-fail', 'failures', *(options + [str(log)])), stdout=full,
                              stderr=subprocess.PIPE, env={'PATH': '/usr/bin:/bin'})
    assert done.returncode == 74
    assert done.stderr == b'block-sasl-fail: cannot write the output: No space left on device\n'


def test_csv_and_table(log):
    ran = run('block-sasl-fail', 'failures', '--csv', log, env={'TZ': 'UTC'})
    assert ran.out.splitlines() == [
        'time,client,mechanism,service,username,line,times',
        '2026-03-05T04:03:02Z,192.0.2.1,LOGIN,smtpd,"a, ""b"" [c]",2,1']
    assert run('block-sasl-fail', 'failures', '--count', '--csv', log).out == 'client,failures\n192.0.2.1,1\n'
    assert run('block-sasl-fail', 'failures', '--table', log).out.startswith('time  ')


def test_a_terminal_gets_a_table(log):
    if shutil.which('script') is None:
        pytest.skip('script(1) is not installed')
    line = ' '.join("'{}'".format(one) for one in command('block-sasl-fail', 'failures', '--count', log))
    out = subprocess.check_output(['script', '-qec', line, '/dev/null'], stdin=subprocess.DEVNULL,
                                  env={'PATH': '/usr/bin:/bin', 'TERM': 'dumb', 'COLUMNS': '80'})
    assert out.split() == [b'client', b'failures', b'192.0.2.1', b'1']



# Made when they are needed: the process that starts all others is to stay small.
MEGABYTES = {
    'line': lambda: 'x' * (10 << 20) + '\n', 'lines': lambda: ('x' * (10 << 20) + '\n') * 3,
    'nulls': lambda: '\0' * (30 << 20), 'words': lambda: 'SASL ' * (2 << 20), 'edge': lambda: 'a' * (1 << 20),
    'long': lambda: ('x' * 120000 + ' authentication failed:\n') * 400}


@pytest.mark.parametrize('name, form', [('line', '--json'), ('words', '--count')] + in_full(
    *(pair for pair in itertools.product(MEGABYTES, ('--count', '--json'))
      if pair not in (('line', '--json'), ('words', '--count')))))
def test_lines_of_megabytes_harm_nothing(name, form, tmp_path):
    path, text = tmp_path / 'maillog', MEGABYTES[name]()
    path.write_text(LINE + text + '\n' + LINE)
    done = subprocess.run(measured(command('block-sasl-fail', 'failures', form, path)), stdout=subprocess.PIPE)
    *lines, peak_kb = done.stdout.decode().splitlines()
    if form == '--json':
        assert [json.loads(line)['line'] for line in lines] == [1, text.count('\n') + 3]
    else:
        assert lines == ['{"client": "192.0.2.1", "failures": 2}']
    bare = subprocess.check_output(measured(command('block-sasl-fail', 'failures', form, os.devnull)))
    assert int(peak_kb) < int(bare.split()[-1]) + 8000


HEAVY = {
    'clients': lambda: (LINE.replace('192.0.2.1', '10.{}.{}.{}'.format(one >> 16, one >> 8 & 255, one & 255))
                        for one in range(60000)),
    'long': lambda: (LINE.replace('a, ', 'x' * 900000) for _ in range(40)),
}


@pytest.mark.slow
@pytest.mark.parametrize('made', sorted(HEAVY))
@pytest.mark.parametrize('options', [['--count'], ['--count', '--csv'], ['--json'], ['--csv']], ids=' '.join)
def test_memory_has_a_bound_whatever_the_log(made, options, tmp_path):
    path = tmp_path / 'maillog'
    with open(str(path), 'w') as file:
        file.writelines(HEAVY[made]())
    ran = subprocess.run(measured(command('block-sasl-fail', 'failures', *(options + [path]))), stdout=subprocess.PIPE)
    assert int(ran.stdout.split()[-1]) < 30 * 1024, 'kB'
    assert ran.stdout.count(b'\n') > 1


def test_lines_too_long_for_grep_are_counted_the_same(tmp_path):
    path = tmp_path / 'maillog'
    path.write_text(LINE * 3 + 'x' * (40 << 20) + '\n' + LINE)
    with open(str(path), 'rb', buffering=0) as file, pytest.raises(grep.Gone):
        list(grep.found(file))
    assert counts(run('block-sasl-fail', 'failures', '--count', path)) == {'192.0.2.1': 4}


@pytest.mark.parametrize('script', [
    None, 'exit 2', '[ $1 = -aF ] || exit 2; exec grep "$@"', '[ $1 = -aoP ] || exit 2; exec grep "$@"',
    'grep "$@"; kill -9 $$'], ids=['none', 'bad', 'no -P', 'no -F', 'killed'])
def test_without_a_grep_that_works_the_quick_way_gives_up(script, log, tmp_path, monkeypatch, capfd):
    programs = (str(tmp_path / 'grep'),)
    if script:
        (tmp_path / 'grep').write_text('#!/bin/sh\nPATH=/usr/bin:/bin\n{}\n'.format(script))
        (tmp_path / 'grep').chmod(0o755)
    monkeypatch.setattr(grep, 'PROGRAMS', programs)
    with monkeypatch.context() as patched:
        patched.setattr(grep, 'MEMORY', 1 << 30)        # for sh and what it starts
        assert quick_count.run(['--count', str(log)]) is None
    assert capfd.readouterr() == ('', '')


def measured(arguments):
    """The argument list that runs a program and prints its peak of memory in kB as the last line."""
    return [sys.executable, '-c', 'import resource, subprocess, sys; subprocess.call(sys.argv[1:]); '
            'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'] + arguments
