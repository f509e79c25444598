"""From a mail to a user that does not exist, through Postfix's own bounce, to a row.

All parts are real: Postfix, the alias that the package ships, the pipe as user mailtools,
the drainer, SQLite and PostgreSQL.
"""
import json
import os
import signal
import stat
import subprocess

import pytest

from rig import program, waiting

MAIL = '''From: News <news@mx.test.invalid>
To: {to}
Subject: Number {number}
Message-ID: <news-{number}@mx.test.invalid>

Here are the news.
'''


def sent(postfix, count, name):
    """Send mail to `count` users that do not exist, which Postfix will return; their addresses."""
    recipients = ['{}{}@mx.test.invalid'.format(name, number) for number in range(count)]
    postfix.send(('bounces+{}@mx.test.invalid'.format(recipient.replace('@', '=')), recipient,
                  MAIL.format(to=recipient, number=recipient.split('@')[0])) for recipient in recipients)
    return recipients


def returned(postfix, count, name):
    """As sent(), and wait until so many more bounces are in the spool."""
    waiting_before = len(postfix.spooled())
    recipients = sent(postfix, count, name)
    try:
        waiting.until(lambda: len(postfix.spooled()) >= waiting_before + count, 60, what='bounces')
    except AssertionError as error:
        raise AssertionError('{}\n{}'.format(error, postfix.log()[-4000:]))
    return recipients


@pytest.fixture
def settings(postfix, tmp_path):
    """A function: database address -> settings file for this spool."""
    for file in postfix.spooled():
        file.unlink()

    def write(database, **more):
        file = tmp_path / 'bouncedmail.conf'
        lines = ['[bouncedmail]', 'database = ' + database, 'spool = {}'.format(postfix.spool)]
        file.write_text('\n'.join(lines + ['{} = {}'.format(*one) for one in more.items()]) + '\n')
        return file
    return write


@pytest.fixture(params=['sqlite', 'postgresql'])
def database(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == 'sqlite':
        return 'sqlite:{}/bounces.db'.format(tmp_path)
    return request.getfixturevalue('postgres').new_database()


def listed(config):
    """The rows of `list --json`."""
    ran = program.run('bouncedmail', 'list', '--json', '--limit', '1000', '--config', config)
    assert ran.status == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def drained(config):
    """Drain once."""
    return program.run('bouncedmail', 'drain', '--config', config)


def test_a_bounce_of_postfix_becomes_a_row(postfix, settings, database):
    recipient, = returned(postfix, 1, 'ghost')
    file, = postfix.spooled()
    raw = file.read_bytes()
    assert b'Return-Path: <>' in raw and b'Delivered-To: bounces' in raw
    info = file.stat()
    assert (info.st_uid, stat.S_IMODE(info.st_mode)) == (postfix.owner.pw_uid, 0o600)
    config = settings(database)
    assert drained(config).status == 0
    row, = listed(config)
    wanted = {'recipient': recipient, 'kind': 'bounce', 'severity': 'hard', 'reason': 'userunknown',
              'status': '5.1.1'}
    assert {name: row[name] for name in wanted} == wanted
    shown = json.loads(program.run('bouncedmail', 'show', row['mail'], '--json', '--config', config).out)
    events = shown.get('events', [shown])
    assert events[0]['original_message_id'] == 'news-ghost0@mx.test.invalid'
    assert postfix.spooled() == []
    assert drained(config).status == 0 and len(listed(config)) == 1


@pytest.mark.slow
def test_mail_waits_while_postgresql_is_away(postfix, postgres, settings):
    config = settings(postgres.new_database())
    assert program.run('bouncedmail', 'initdb', '--config', config).status == 0
    recipients = returned(postfix, 5, 'early')
    postgres.stop()
    ran = drained(config)
    assert ran.status == 69 and ran.err.count('\n') <= 2 and len(postfix.spooled()) == 5
    returned(postfix, 8, 'late')
    postgres.start()
    assert drained(config).status == 0
    rows = [row['recipient'] for row in listed(config)]
    assert len(rows) == len(set(rows)) == 13 and set(recipients) < set(rows)


@pytest.mark.slow
def test_postgresql_restarted_in_the_middle_of_the_work(postfix, postgres, settings):
    config = settings(postgres.new_database(), batch=3, retry_first='0.1s', retry_most='0.5s')
    assert program.run('bouncedmail', 'initdb', '--config', config).status == 0
    daemon = program.start('bouncedmail', 'drain', '--follow', '--config', config, stderr=subprocess.DEVNULL)
    try:
        first = sent(postfix, 20, 'before')
        waiting.until(lambda: listed(config), what='the first rows')
        second = sent(postfix, 20, 'amid')
        postgres.restart()
        third = sent(postfix, 20, 'after')
        waiting.until(lambda: len(listed(config)) >= 60, 60, what='sixty rows')
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
    rows = [row['recipient'] for row in listed(config)]
    assert sorted(rows) == sorted(first + second + third)
    assert os.listdir(str(postfix.spool / 'new')) == []
