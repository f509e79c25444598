"""Folders named beyond ASCII, in settings and arguments, for every program.

They run as cron and local(8) start them, with no locale; there Python 3.6 takes file names for ASCII.
"""
import json
import os

import pytest

from rig import program

FOLDER = 'Gr\xf6\xdfe \u6771\u4eac'
LINE = '2026-03-05T04:03:02.000000+00:00 mx1 postfix/smtpd[1]: warning: unknown[203.0.113.9]: ' \
       'SASL LOGIN authentication failed: UGFzc3dvcmQ6\n'
BOUNCE = b'''Return-Path: <>
From: MAILER-DAEMON@example.net
To: bounces@example.com
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.net

Final-Recipient: rfc822; nobody@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
'''


@pytest.fixture
def folder(tmp_path):
    """A folder with such a name; bytes are its name whatever the locale of these tests."""
    made = os.fsencode(str(tmp_path)) + b'/' + FOLDER.encode()
    os.mkdir(made)
    return str(tmp_path) + '/' + FOLDER


def names(folder, *more):
    """What lies in a folder under `folder`, whatever the locale of these tests."""
    return sorted(os.fsdecode(one) for one in os.listdir(os.path.join(folder, *more).encode()))


def write(folder, name, text):
    """A file there; its path."""
    with open('{}/{}'.format(folder, name).encode(), 'wb') as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return '{}/{}'.format(folder, name).encode()


def ran(name, *words, status=0, **kwargs):
    """What a program printed that ended as it should."""
    done = program.run(name, *words, **kwargs)
    assert (done.status, done.err if status == 0 else '') == (status, ''), done
    return done.out if status == 0 else done.err


def test_bouncedmail(folder):
    os.mkdir((folder + '/spool').encode())
    config = write(folder, 'bouncedmail.conf', (
        '[bouncedmail]\nspool = {0}/spool\ndatabase = sqlite:{0}/b.db\n'.format(folder)))
    ran('bouncedmail', 'ingest', '--config', config, stdin=BOUNCE)
    assert len(names(folder, 'spool', 'new')) == 1
    ran('bouncedmail', 'drain', '--config', config)
    assert names(folder, 'spool', 'new') == [] and 'b.db' in names(folder)
    listed = ran('bouncedmail', 'list', '--json', '-c', config)
    assert [json.loads(line)['recipient'] for line in listed.splitlines()] == ['nobody@example.net']
    assert FOLDER in ran('bouncedmail', 'config', '-c', config)
    ran('bouncedmail', 'check', '-c', config)


def test_bouncedmail_takes_arguments(folder):
    mail = write(folder, 'mail.eml', BOUNCE)
    assert json.loads(ran('bouncedmail', 'parse', mail))['recipient'] == 'nobody@example.net'
    said = ran('bouncedmail', 'parse', folder.encode() + b'/missing', status=1)
    assert said.count('\n') == 1 and 'missing' in said and 'Error (' not in said
    said = ran('bouncedmail', 'list', '-c', folder.encode() + b'/missing', status=78)
    assert said.count('\n') == 1 and FOLDER + '/missing: No such file' in said


def test_block_sasl_fail(folder):
    log = write(folder, 'maillog', ''.join(LINE.replace('04:03:02', '04:03:{:02}'.format(at)) for at in range(30)))
    config = write(folder, 'block-sasl-fail.conf', (
        '[block-sasl-fail]\nlog = {0}/maillog\nstate = {0}/state.db\nmap = {0}/access\nmap_type = texthash\n'
        'block_time = 300d\nblock_most = 300d\nfind_time = 300d\n'.format(folder)))
    ran('block-sasl-fail', 'scan', '-c', config)
    ran('block-sasl-fail', 'scan', '--log', log, '-c', config, '--json')
    assert {'access', 'state.db'} <= set(names(folder))
    with open((folder + '/access').encode(), encoding='ascii') as file:
        assert '203.0.113.9' in file.read()
    assert '203.0.113.9' in ran('block-sasl-fail', 'list', '-c', config)
    assert FOLDER in ran('block-sasl-fail', 'explain', '203.0.113.9', '-c', config)
    assert FOLDER in ran('block-sasl-fail', 'config', '-c', config)


def test_block_sasl_fail_takes_arguments(folder):
    log = write(folder, 'maillog', LINE)
    assert '203.0.113.9' in ran('block-sasl-fail', 'failures', log)
    config = write(folder, 'c.conf', '[block-sasl-fail]\nstate = {0}/state.db\nmap = {0}/access\n'.format(folder))
    for words in ('failures', folder + '/missing'), ('scan', '--log', folder + '/missing'):
        said = program.run('block-sasl-fail', *[one.encode() for one in words], b'-c', config)
        assert said.status in (1, 66) and FOLDER + '/missing' in said.err and said.err.count('\n') == 1


def test_mailqueues(folder, tmp_path):
    queue = tmp_path / 'queue'
    for name in ('maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt'):
        (queue / name).mkdir(parents=True)
    config = write(folder, 'mailqueues.conf', (
        '[mailqueues]\noutput = {0}/html\nhistory = {0}/history.db\nmetrics = {0}/more.prom\ntimeout = 5s\n'
        '[host mx1]\nlocal = yes\ndetail = none\nqueue_directory = {1}\n'.format(folder, queue)))
    os.mkdir((folder + '/html').encode())
    done = program.run('mailqueues', 'export', '--config', config)
    assert done.status in (0, 1), done
    assert {'index.html', 'status.json', 'dashboard.html'} <= set(names(folder, 'html'))
    assert {'more.prom', 'history.db'} <= set(names(folder))
    for command in 'show', 'history', 'config':
        ran('mailqueues', command, '--config', config)
    assert program.run('mailqueues', 'check', '--config', config).status != 70


def test_autoreply(folder, tmp_path):
    os.mkdir((folder + '/state').encode())
    sendmail = write(folder, 'sendmail', '#!/bin/sh\ncat > "$(dirname "$0")/sent"\n')
    os.chmod(sendmail, 0o755)
    template = write(folder, 'template', 'Nobody reads this.\n')
    config = write(folder, 'autoreply.conf', (
        '[autoreply]\nstate = {0}/state\nsendmail = {0}/sendmail\n'.format(folder)))
    env = dict(SENDER='person@example.net', RECIPIENT='donotreply@example.com',
               ORIGINAL_RECIPIENT='donotreply@example.com', USER='mailtools', DOMAIN='example.com')
    program.run('autoreply', '--config', config, template, env=env, stdin=(
        b'Return-Path: <person@example.net>\nFrom: person@example.net\nTo: donotreply@example.com\n'
        b'Subject: hello\nMessage-ID: <1@example.net>\n\nhi\n'))
    assert 'sent' in names(folder)
    assert FOLDER in ran('autoreply', 'config', '--config', config)


def test_pflogsumm_report(folder):
    log = write(folder, 'maillog', (
        '2026-03-05T04:03:01+00:00 mx1 postfix/qmgr[1]: 4C1234: from=<a@example.org>, size=900, nrcpt=1 (queue active)'
        '\n2026-03-05T04:03:02+00:00 mx1 postfix/smtp[2]: 4C1234: to=<b@example.net>, '
        'relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 OK)\n'))
    config = write(folder, 'pflogsumm-report.conf', (
        '[pflogsumm-report]\nlogs = {1}/maillog*\nhistory = {0}/history.db\npflogsumm = {0}/missing\n'.format(
            folder, folder.replace(' ', '?'))))     # paths between blanks
    for words in (), (log,):
        found = json.loads(ran('pflogsumm-report', '--config', config, '--date', '2026-03-05', '--json', *words))
        assert found['delivered'] == 1
    program.run('pflogsumm-report', '--config', config, '--date', '2026-03-05', '--html',
                folder.encode() + b'/page.html')
    assert {'page.html', 'history.db'} <= set(names(folder))
    assert '2026-03-05' in ran('pflogsumm-report', 'history', '--config', config, '--since', '2026-03-01')
    figures = write(folder, 'mx1.json', json.dumps(found))
    ran('pflogsumm-report', 'merge', '--config', config, figures, '--html', folder.encode() + b'/merged.html')
    assert 'merged.html' in names(folder)
