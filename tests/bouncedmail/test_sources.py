"""Which mails a path holds: files, mboxes, Maildirs, folders, standard input."""
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mailtools.base.failure import EX_ATTENTION, EX_OK, EX_USAGE
from mailtools.bouncedmail import sources
from rig import program, waiting
from rig.mailhost import MailHost, bounce, message_id

ONE = b'From a@b Thu Apr 29 23:34:45 2015\n'
TWO = b'From MAILER-DAEMON  Sat Jun  9 14:15:30 2018 +0200\n'
MAIL = b'Subject: x\n\nbody\n'


def found(tmp_path, name, raw):
    """[(source without the folder, mail)] of a file with these bytes."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return [(mail.source[len(str(tmp_path)) + 1:], mail.raw) for mail in sources.mails([str(path)], fail)]


def fail(what, why):
    raise AssertionError('{}: {}'.format(what, why))


@pytest.mark.parametrize('raw, mails', [
    (MAIL, [('box', MAIL)]),
    (b'', [('box', b'')]),
    (ONE + MAIL, [('box', MAIL)]),
    (ONE + MAIL + b'\n' + TWO + MAIL + b'\n', [('box#1', MAIL), ('box#2', MAIL)]),
    (ONE + b'\n' + ONE + MAIL, [('box#1', b'\n'), ('box#2', MAIL)]),
    ((ONE + MAIL + b'\n' + TWO + MAIL).replace(b'\n', b'\r\n'),
     [('box#1', MAIL.replace(b'\n', b'\r\n')), ('box#2', MAIL.replace(b'\n', b'\r\n'))]),
    # mboxrd turns one `>` more for each that was there
    (ONE + b'Subject: x\n\n>From a\n>>From b\n> From c\n>Fromage\n',
     [('box', b'Subject: x\n\nFrom a\n>From b\n> From c\n>Fromage\n')]),
    # no new mail: no blank line in front, no time in it
    (ONE + MAIL + TWO + b'\nFrom here on\n', [('box', MAIL + TWO + b'\nFrom here on\n')]),
    # one mail of a pipe, as local(8) writes it without a time that we know
    (b'From a@b\nSubject: x\n\nFrom c Thu Apr 29 23:34:45 2015\n',
     [('box', b'Subject: x\n\nFrom c Thu Apr 29 23:34:45 2015\n')]),
    (b'From a@b Thu Apr 29 23:34:45 2015\rSubject: x\r\rbody\r', [('box', b'Subject: x\r\rbody\r')]),
], ids=range(10))
def test_the_mails_of_a_file(tmp_path, raw, mails):
    assert found(tmp_path, 'box', raw) == mails


@pytest.mark.parametrize('name', ['a.eml', 'A.EML', 'new/1.b', 'cur/1.b:2,S'])
def test_name_or_folder_say_that_a_file_is_one_mail(tmp_path, name):
    raw = b'Content-Type: message/rfc822\n\n' + ONE + MAIL
    assert found(tmp_path, name, TWO + raw) == [(name, raw)]


def test_a_line_that_looks_like_many_times_costs_no_time(tmp_path):
    raw = ONE + b'\nFrom ' + b' 00:00 201' * 1000000 + b'\n'
    started = time.process_time()
    assert len(found(tmp_path, 'box', raw)) == 1
    assert time.process_time() - started < 1


def test_the_time_of_a_mail(tmp_path):
    (tmp_path / 'box').write_bytes(ONE + MAIL + b'\n' + b'From x 00:00 nowhen 2015\n' + MAIL)
    (tmp_path / '1762000000.M1.mx').write_bytes(MAIL)
    for name in 'box', '1762000000.M1.mx':
        os.utime(str(tmp_path / name), (1700000000, 1700000000))
    when = [mail.received for name in ('box', '1762000000.M1.mx')
            for mail in sources.mails([str(tmp_path / name)], fail)]
    assert when == [time.mktime((2015, 4, 29, 23, 34, 0, 0, 0, -1)), 1700000000.0, 1762000000.0]


def test_folders_are_walked_and_what_is_no_mail_left_out(tmp_path):
    for name in ('b.eml', 'a/c.eml', 'box', 'answers.json', '.hidden', '.git/config', 'tmp/d.eml',
                 'Maildir/new/1.a', 'Maildir/cur/2.b', 'Maildir/tmp/3.c', 'Maildir/.Old/cur/4.d',
                 'Maildir/failed/5.e', 'Maildir/.Old/new/6.f'):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MAIL)
    os.mkfifo(str(tmp_path / 'fifo'))
    names = [os.path.relpath(mail.source, str(tmp_path)) for mail in sources.mails([str(tmp_path)], fail)]
    assert names == ['b.eml', 'box', 'Maildir/.Old/cur/4.d', 'Maildir/.Old/new/6.f', 'Maildir/cur/2.b',
                     'Maildir/new/1.a', 'a/c.eml', 'tmp/d.eml']


# -- parse --

def objects(ran):
    return [json.loads(line) for line in ran.out.splitlines()]


def test_parse_prints_an_object_a_recipient(tmp_path):
    (tmp_path / 'one.eml').write_bytes(bounce(1))
    ran = program.run('bouncedmail', 'parse', tmp_path / 'one.eml')
    assert (ran.status, ran.err) == (EX_OK, '')
    event, = objects(ran)
    assert list(event)[:4] == ['source', 'kind', 'recipient', 'original_recipient']
    assert event['source'] == str(tmp_path / 'one.eml')
    assert (event['kind'], event['recipient'], event['status'], event['severity'], event['reason']) == (
        'bounce', 'user1@example.org', '5.1.1', 'hard', 'userunknown')
    assert event['original_message_id'] == 'original1@example.com'
    assert event['message_id'] == message_id(1)


@pytest.mark.parametrize('given', [[b'-'], [b'/dev/stdin']])
def test_parse_takes_a_mail_or_an_mbox_from_a_pipe(given):
    box = bounce(1) + b'\n' + bounce(2)
    events = objects(program.run('bouncedmail', 'parse', *given, stdin=box))
    name = given[0].decode()
    assert [(event['source'], event['recipient']) for event in events] == [
        (name + '#1', 'user1@example.org'), (name + '#2', 'user2@example.org')]
    event, = objects(program.run('bouncedmail', 'parse', *given, stdin=b'Subject: x\n\n'))
    assert (event['source'], event['kind']) == (name, 'other')


def test_parse_tells_what_cannot_be_read_and_goes_on(tmp_path):
    (tmp_path / 'one.eml').write_bytes(bounce(1))
    ran = program.run('bouncedmail', 'parse', '/nonexistent', tmp_path / 'one.eml', '/proc/self/mem')
    assert ran.status == EX_ATTENTION
    assert [event['recipient'] for event in objects(ran)] == ['user1@example.org']
    assert ran.err.splitlines() == ['bouncedmail: cannot read /nonexistent: No such file or directory',
                                    'bouncedmail: cannot read /proc/self/mem: Input/output error']


def test_parse_of_a_closed_standard_input_is_one_line():
    ran = subprocess.run(['sh', '-c', 'exec "$@" <&-', 'sh'] + program.command('bouncedmail', 'parse', '-'),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
    assert (ran.returncode, ran.stdout) == (EX_ATTENTION, b'')
    assert ran.stderr.count(b'\n') == 1


def test_parse_wants_a_path():
    assert program.run('bouncedmail', 'parse').status == EX_USAGE


def test_parse_loads_neither_database_nor_daemon(tmp_path):
    script = ('import sys; sys.path.insert(0, sys.argv.pop(1)); from mailtools.bouncedmail.cli import main; '
              'main(sys.argv[1:]); print(" ".join(sys.modules), file=sys.stderr)')
    ran = subprocess.run([sys.executable, '-c', script, str(program.CHECKOUT), 'parse', '-'],
                         input=b'', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    loaded = set(ran.stderr.decode().split())
    assert 'mailtools.bouncedmail.reader' in loaded
    assert not loaded & {'sqlite3', 'psycopg2', 'tenacity', 'daemon', 'hashlib', 'email.parser', 'asyncio'}


def test_parse_shows_a_table_without_control_characters():
    raw = bounce(1).replace(b'user unknown', b'user \x1b[31munknown')
    ran = program.run('bouncedmail', 'parse', '--table', '-', stdin=raw)
    assert ran.status == EX_OK
    assert 'user1@example.org' in ran.out and '\x1b' not in ran.out


@pytest.mark.slow
def test_parse_of_an_mbox_takes_the_memory_of_one_mail(tmp_path):
    box = tmp_path / 'box'
    with box.open('wb') as file:
        for number in range(40):
            file.write(bounce(number, 5 << 20) + b'\n')
    script = ('import resource, subprocess, sys; '
              'status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL); '
              'print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)')
    ran = subprocess.run([sys.executable, '-c', script] + program.command('bouncedmail', 'parse', box),
                         stdout=subprocess.PIPE)
    status, kilobytes = map(int, ran.stdout.split())
    assert status == EX_OK
    assert kilobytes < (40 + 6 * 5) * 1024      # of 200 MB


# -- import --

def test_import_stores_each_mail_once_and_leaves_the_sources(tmp_path):
    host = MailHost(tmp_path / 'mx1', batch=2)
    (tmp_path / 'box').write_bytes(bounce(1) + b'\n' + bounce(2) + b'\n' + bounce(1, delivery=1))
    for number in 2, 3, 4:
        host.deliver(bounce(number), '{}.a'.format(number))
    for new, known in (4, 2), (0, 6):
        ran = host.run('import', tmp_path / 'box', host.spool)
        assert ran == (EX_OK, 'imported 6 mails: {} new, {} known before, 0 refused\n'.format(new, known), '')
    assert host.stored() == sorted(map(message_id, (1, 2, 3, 4)))
    assert len(host.waiting()) == 3 and (tmp_path / 'box').exists()
    when = host.rows("SELECT received_at FROM mail WHERE message_id = '{}'".format(message_id(2)))
    assert when[0][0].startswith('2026-11-2')


@pytest.mark.slow
def test_what_is_imported_is_the_mail_that_was_drained(tmp_path):
    host = MailHost(tmp_path / 'mx1')
    assert host.ingest(bounce(1)).status == 0
    assert host.run('drain').status == 0
    ran = host.run('import', '-', stdin=bounce(1, delivery=1))
    assert ran.out == 'imported 1 mails: 0 new, 1 known before, 0 refused\n'
    assert host.stored() == [message_id(1)]


@pytest.mark.slow
def test_an_import_that_is_interrupted_can_be_repeated(tmp_path):
    host = MailHost(tmp_path / 'mx1', batch=5)
    mails = [bounce(number, 20000) for number in range(100)]
    (tmp_path / 'box').write_bytes(b'\n'.join(mails))
    os.mkfifo(str(tmp_path / 'slow'))
    process = host.start('import', tmp_path / 'slow', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(str(tmp_path / 'slow'), 'wb') as box:         # and the rest never comes
        box.write(b'\n'.join(mails[:50]))
        box.flush()
        waiting.until(host.stored, what='the first mails')
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    kept = len(host.stored())
    assert (process.returncode, err) == (130, b'')
    assert out.startswith(b'imported ') and 0 < kept < 100
    ran = host.run('import', tmp_path / 'box')
    assert ran.out == 'imported 100 mails: {} new, {} known before, 0 refused\n'.format(100 - kept, kept)
    assert host.stored() == sorted(map(message_id, range(100)))


def test_import_tells_what_cannot_be_read(tmp_path):
    host = MailHost(tmp_path / 'mx1')
    ran = host.run('import', '/nonexistent')
    assert ran.status == EX_ATTENTION
    assert ran.err == 'bouncedmail: cannot read /nonexistent: No such file or directory\n'
