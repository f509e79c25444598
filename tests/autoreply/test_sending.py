"""autoreply/sending.py: sendmail as a real process: its arguments, its time, its end."""
import os
import signal
import time

import pytest

from mailtools.autoreply.sending import arguments, nameless_file, send
from mailtools.autoreply.values import Trouble
from rig import waiting

MESSAGE = b'To: ann@example.org\n\nHello\n.\nFrom here\n'


@pytest.fixture
def sendmail(tmp_path):
    """Make a shell script of it; its folder is $0.d."""
    def make(script):
        path = tmp_path / 'sendmail'
        path.write_text('#!/bin/sh\ncd {}\n{}\n'.format(tmp_path, script))
        path.chmod(0o755)
        return str(path)
    return make


def sent(program, tmp_path, recipient='ann@example.org', limit_s=20):
    return send(program, recipient, MESSAGE, str(tmp_path), limit_s)


@pytest.mark.parametrize('recipient', ['ann@example.org',
                                       '"x, victim@example.net"@example.org',
                                       "o'b rien;$(id)@example.org", 'grün@bücher.example'])
def test_facts_5_sendmail_gets_one_recipient_behind_two_dashes_and_no_shell(sendmail, tmp_path, recipient):
    sent(sendmail('printf "%s\\n" "$@" > args; cat > mail'), tmp_path, recipient)
    args = (tmp_path / 'args').read_text(encoding='utf-8').splitlines()
    assert args == ['-i', '-f', '<>', '-N', 'never', '--', recipient]
    assert (tmp_path / 'mail').read_bytes() == MESSAGE
    assert '-t' not in arguments('sendmail', recipient)


@pytest.mark.parametrize('script, why', [
    ('exit 75', 'status 75'), ('exit 1', 'status 1'), ('kill -9 $$', 'signal 9'), ('exit 127', 'status 127')])
def test_facts_4_a_sendmail_that_fails_is_trouble(sendmail, tmp_path, script, why):
    with pytest.raises(Trouble, match=why):
        sent(sendmail(script), tmp_path)


@pytest.mark.parametrize('program, why', [('/nowhere/sendmail', 'No such file'), ('/', 'Permission denied'),
                                         ('/etc/passwd', 'Permission denied')])
def test_facts_4_a_sendmail_that_is_missing_is_trouble(tmp_path, program, why):
    with pytest.raises(Trouble, match='cannot be run: ' + why):
        sent(program, tmp_path)


def test_facts_4_a_sendmail_that_hangs_is_killed_with_what_it_started(sendmail, tmp_path):
    program = sendmail('trap "" TERM; sleep 60 & echo $! > child; wait; sleep 60')
    began = time.monotonic()
    with pytest.raises(Trouble, match='more than 1 seconds'):
        sent(program, tmp_path, limit_s=1)
    assert time.monotonic() - began < 10
    child = int((tmp_path / 'child').read_text())
    waiting.until(lambda: gone(child), 5, what='the end of the grandchild')


def gone(pid):
    """True when a process is dead, though perhaps not buried."""
    try:
        with open('/proc/{}/stat'.format(pid)) as file:
            return file.read().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return True


def test_facts_5_what_sendmail_prints_is_not_ours(sendmail, tmp_path, capfd):
    sent(sendmail('echo 5.1.1 no; echo 5.1.1 no >&2'), tmp_path)
    assert capfd.readouterr() == ('', '')


def test_sendmail_reads_nothing_of_the_mail_that_is_no_trouble(sendmail, tmp_path):
    send(sendmail('exit 0'), 'ann@example.org', b'x' * 5000000, str(tmp_path), 20)


def test_the_message_has_no_name_and_no_folder_is_trouble(tmp_path):
    descriptor = nameless_file(str(tmp_path), MESSAGE)
    assert os.read(descriptor, 1000) == MESSAGE and list(tmp_path.iterdir()) == []
    os.close(descriptor)
    with pytest.raises(Trouble, match='cannot write'):
        nameless_file(str(tmp_path / 'none'), MESSAGE)


def test_the_alarm_of_the_whole_program_goes_on_afterwards(sendmail, tmp_path):
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.alarm(100)
    try:
        sent(sendmail('exit 0'), tmp_path)
        assert 90 <= signal.alarm(0) <= 100 and signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGALRM, before)
