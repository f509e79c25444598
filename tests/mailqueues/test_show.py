"""show: the table on a terminal and its forms for programs."""
import csv
import io
import json
import os
import pty
import select
import signal
import subprocess
import time

import pytest
import scenes

from mailtools.mailqueues import snapshot
from rig.program import command, run


@pytest.fixture
def config(tmp_path):
    """Settings, and what an export of five hosts left behind a moment ago."""
    shift = time.time() - scenes.NOW
    made = scenes.five()
    text = snapshot.status(made._replace(generated_at=made.generated_at + shift, hosts=tuple(
        one._replace(at=one.at and one.at + shift, since=one.since and one.since + shift, detail=None)
        for one in made.hosts)))
    (tmp_path / 'status.json').write_text(text)
    path = tmp_path / 'c.conf'
    path.write_text('[mailqueues]\noutput = {0}\nhistory = {0}/h.db\n'.format(tmp_path) + ''.join(
        '[host {}]\n'.format(one.name) for one in made.hosts))
    return path


def on_a_terminal(args, until, limit_s=20, env=None):
    """What a program writes to a terminal until that is in it, when it is interrupted: (text, status)."""
    master, slave = pty.openpty()
    process = subprocess.Popen(args, stdin=slave, stdout=slave, stderr=slave, close_fds=True, start_new_session=True,
                               env=dict({'PATH': os.environ['PATH'], 'COLUMNS': '140', 'TERM': 'xterm'}, **(env or {})))
    os.close(slave)
    said, end = '', time.monotonic() + limit_s
    while not until(said) and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                said += os.read(master, 65536).decode('utf-8', 'replace')
            except OSError:                     # the program has ended
                break
    process.send_signal(signal.SIGINT)
    status = process.wait(20)
    os.close(master)
    assert until(said), said
    return said, status


def test_the_worst_host_is_the_last_line_with_its_reason(config):
    ran = run('mailqueues', '--config', config, 'show')
    lines = ran.out.splitlines()
    assert ran.status == 0
    assert [line.split()[0] for line in lines] == ['host', 'mx1', 'mail1', 'mail2', 'mail4', 'mail3']
    assert '  1 h 16 min  ssh: connect to host mail3' in lines[-1] and ' 980 ' in lines[-1]
    assert 'active 11,250 (limit 10,000)' in lines[3] and 'well' in lines[1]
    assert '\x1b' not in ran.out


def test_only_the_hosts_that_are_named(config):
    lines = run('mailqueues', '--config', config, 'show', 'mail1', 'mx1').out.splitlines()
    assert [line.split()[0] for line in lines] == ['host', 'mx1', 'mail1']


def test_json_and_csv_have_numbers_and_nothing_for_what_is_not_known(config):
    rows = {row['host']: row for row in map(json.loads, run(
        'mailqueues', '--config', config, 'show', '--json').out.splitlines())}
    assert rows['mail1']['active'] == 34 and rows['mail1']['why'] is None and rows['mail1']['state'] == 'well'
    assert rows['mail4']['deferred'] is None and rows['mail4']['age_s'] is None
    assert rows['mail3']['state'] == 'failing' and 4560 <= rows['mail3']['age_s'] < 4700
    table = list(csv.DictReader(io.StringIO(run('mailqueues', '--config', config, 'show', '--csv').out)))
    assert [row['host'] for row in table] == list(rows) and table[-2]['deferred'] == ''


def test_on_a_terminal_states_are_coloured_unless_NO_COLOR(config):
    args = command('mailqueues', '--config', config, 'show')
    said, _ = on_a_terminal(args, lambda said: 'mail3' in said and said.endswith('\n'))
    assert '\x1b[31mfailing\x1b[0m' in said and '\x1b[32mwell\x1b[0m' in said
    said, _ = on_a_terminal(args, lambda said: 'mail3' in said and said.endswith('\n'), env={'NO_COLOR': '1'})
    assert '\x1b[3' not in said


def test_watch_shows_it_again_until_interrupted(config):
    said, status = on_a_terminal(command('mailqueues', '--config', config, 'show', '--watch', '--every', '1'),
                                 lambda said: said.count('\nmail3') == 2)
    assert said.count('\x1b[H\x1b[2J') == 2 and status == 130 and 'Traceback' not in said


@pytest.mark.parametrize('break_it, args, status, says', [
    (lambda folder: (folder / 'status.json').unlink(), [], 69, '`mailqueues export` has not run'),
    (lambda folder: (folder / 'status.json').write_text('{'), [], 74, 'cannot read'),
    (lambda folder: None, ['nobody'], 64, 'unknown host nobody; there are mail1, mail2, mail3, mail4, mx1'),
    (lambda folder: None, ['--every', '0'], 64, '--every')])
def test_what_cannot_be_shown_is_one_line(config, break_it, args, status, says):
    break_it(config.parent)
    ran = run('mailqueues', '--config', config, 'show', *args)
    assert (ran.status, ran.out) == (status, '') and says in ran.err and ran.err.count('\n') == 1
