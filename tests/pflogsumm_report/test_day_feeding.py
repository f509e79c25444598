"""pflogsumm(1), fed: the real one gets what it should, and whatever it does our own figures are there."""
import os
import subprocess
import time

import pytest
from maillog import DAY, RELAY, RFC3339, TRADITIONAL, Log, at, busy
from reports import of_files, same

from mailtools.pflogsumm_report import feeding
from mailtools.pflogsumm_report.hours import stretches
from rig import parts
from rig.program import run

SUBJECT = b'warning: header Subject:'


@pytest.fixture
def program():
    """The real one."""
    found = parts.find('pflogsumm')
    if found is None:
        pytest.skip('pflogsumm is not installed')
    return found


def script(folder, *lines):
    """A small program in its place; it tells its version as that does."""
    path = folder / 'pflogsumm'
    path.write_text('\n'.join(('#!/bin/sh', '[ "$1" != --version ] || { echo pflogsumm 1.1.5; exit; }') + lines) + '\n')
    path.chmod(0o755)
    return str(path)


def by_hand(program, text):
    """What the predecessor of this program printed: grep before, pflogsumm behind."""
    kept = b''.join(line for line in text.splitlines(True) if SUBJECT not in line)
    said = subprocess.run([program, '--verbose_msg_detail', '--detail', '20', '--bounce_detail', '20',
                           '--deferral_detail', '20', '--reject_detail', '20', '--smtpd_warning_detail', '20',
                           '--no_no_msg_size'], input=kept, stdout=subprocess.PIPE, check=True,
                          env=dict(os.environ, PERL_HASH_SEED='0', PERL_PERTURB_KEYS='0')).stdout
    return b'Postfix log summaries for Nov 22\n' + said


@pytest.mark.parametrize('form', [TRADITIONAL, RFC3339])
def test_its_report_is_the_one_of_the_predecessor(tmp_path, program, form):
    log = busy(seed=11, mails=200)
    log.say(at(), 'smtpd', 'warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: no')
    log.say(at(), 'smtp', 'connect to mx.example.net[198.51.100.7]:25: Connection refused')
    log.say(at(), 'master', 'terminating on signal 15')
    log.write(at(), 'postfix[1]', 'fatal: the Postfix mail system is not running')
    log.write(at(), 'postfix-script[1]', 'fatal: mail system startup failed')
    log.write(at(), 'policyd-spf[1]', 'prepend Received-SPF: Pass')
    (tmp_path / 'maillog').write_bytes(log.text(form))
    assert of_files(tmp_path, text=True).text == by_hand(program, log.text(form))


def test_subjects_never_reach_it_but_a_delivery_that_quotes_one_does(tmp_path):
    log = Log()
    log.mail(at(), 'a@example.org', ['b@example.net'], subject='hello')
    log.mail(at(), 'a@example.org', ['b@example.net'], service='submission/smtpd', subject='warning: header Subject: x')
    log.attempt(at(), 'AAAA', 'c@example.net', 0, 'bounced', said='550 AAAA: warning: header Subject: no')
    log.say(at(), 'smtp', 'AAAA: to=<d@example.net>, relay={}, delay=1, status=deferred (x y/cleanup[1]: '
                          'A: warning: header Subject: z)'.format(RELAY))
    log.instance = 'postfix-out'
    log.mail(at(), 'a@example.org', ['b@example.net'], subject='hello')
    (tmp_path / 'maillog').write_bytes(log.text())
    took = tmp_path / 'took'
    of_files(tmp_path, text=True, pflogsumm=script(tmp_path, 'exec cat > {}'.format(took)))
    lines = took.read_bytes().splitlines()
    assert [line.split()[4].split(b'[')[0] for line in lines if SUBJECT in line] == [b'postfix/smtp'] * 2
    assert sum(b'status=' in line for line in lines) == log.text().count(b'status=')


def test_an_offset_without_a_colon_gets_one(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy(mails=20).text(RFC3339, '+0000'))
    took = tmp_path / 'took'
    of_files(tmp_path, text=True, pflogsumm=script(tmp_path, 'exec cat > {}'.format(took)))
    assert took.read_bytes() and all(line[26:33] == b'+00:00 ' for line in took.read_bytes().splitlines())


@pytest.mark.parametrize('lines, said', [
    (('exit 3',), 'status 3'),
    (('cat > /dev/null', 'echo cannot go on >&2', 'exit 1'), 'cannot go on'),
    (('head -c 100 > /dev/null', 'echo bad line >&2', 'exit 1'), 'bad line'),
    (('kill -9 $$',), 'status -9')])
def test_it_may_fail_and_our_figures_are_there(tmp_path, lines, said):
    log = busy(mails=1500)
    (tmp_path / 'maillog').write_bytes(log.text())
    reading = of_files(tmp_path, text=True, pflogsumm=script(tmp_path, *lines))
    same(reading.figures, log.figures())
    assert reading.text is None and len(reading.troubles) == 1 and said in reading.troubles[0]


def test_it_may_be_missing(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy(mails=20).text())
    reading = of_files(tmp_path, text=True, pflogsumm=tmp_path / 'none')
    assert reading.text is None and 'No such file' in reading.troubles[0] and reading.figures['received']


def test_neither_waits_for_the_other(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy(mails=3000).text())
    talker = script(tmp_path, 'head -c 3000000 /dev/zero | tr "\\0" "x" | tee /dev/stderr', 'exec cat')
    begin = time.monotonic()
    reading = of_files(tmp_path, text=True, pflogsumm=talker)
    assert len(reading.text) > 3500000 and not reading.troubles and time.monotonic() - begin < 60


@pytest.mark.parametrize('version, hyphens', [((1, 1, 1), False), ((1, 1, 5), True), ((1, 2, 0), True), ((), False)])
def test_its_options_are_spelled_as_its_version_wants(version, hyphens):
    made = feeding.options(version, 30)
    assert made.count('30') == 5 and ('--bounce-detail' in made) == hyphens != ('--bounce_detail' in made)


def test_what_it_does_not_look_at_is_left_out(tmp_path):
    log = Log()
    log.mail(at(), 'a@example.org', ['b@example.net'])
    log.write(at(), 'opendkim[1]', 'AAAA: DKIM verification successful')
    text = log.text()
    hour = next(stretches(text, 0, len(text))).hour
    unseen, _ = feeding.patterns(hour.width)
    left = unseen.sub(b'', b'\n' + text).splitlines()[1:]
    assert len(left) == 3 and all(any(word in line for word in (b'client=', b'size=', b'to=<')) for line in left)


def test_the_command_without_a_name_is_report(tmp_path):
    log = busy(mails=20)
    (tmp_path / 'maillog').write_bytes(log.text())
    for words in (['report', '--json', '--date', DAY.isoformat()], ['-v', '--json', '--date', DAY.isoformat()]):
        ran = run('pflogsumm-report', *words + [str(tmp_path / 'maillog')])
        assert ran.status == 0 and '"received":{}'.format(log.truth['received']) in ran.out


@pytest.mark.parametrize('words, status, said', [
    (['--date', 'soon'], 64, 'soon'), (['--json', '--html', '/tmp/x'], 64, '--html'), (['--totals'], 64, '--json'),
    (['--nonsense'], 64, '--nonsense'), (['--config', '/nowhere'], 78, '/nowhere'),
    (['--json', '/nowhere/log'], 1, '/nowhere/log'), (['--help'], 0, ''), (['report', '--help'], 0, '')])
def test_bad_words_get_one_line_and_the_right_status(words, status, said):
    ran = run('pflogsumm-report', *words)
    assert ran.status == status and said in ran.err and ran.err.count('\n') == (1 if status else 0), ran
    assert 'Traceback' not in ran.err
