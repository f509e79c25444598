"""sendmail fails, hangs, dies or is not there: the mail is delayed, and answered once it works again."""
import pathlib
import signal

import pytest
from broken import OTHER, delivered, expect_answers_once_mended

from rig import waiting
from rig.full import in_full
from rig.responder import SENDMAIL, TEMPLATE


@pytest.mark.parametrize('script', in_full(
    'exit 75', 'exit 1', 'exit 67', 'exit 127', 'kill -11 $$', 'cat >/dev/null; kill -15 $$',
    'echo "5.7.1 refused" >&2; exit 77', 'cat >/dev/null; echo "2.0.0 fine"; exit 75',
    'cat >/dev/null; head -c 300000 /dev/zero >&2; exit 1') + [
    'exit 78', 'cat >/dev/null; exit 75', 'kill -9 $$', 'echo "5.1.1 no such user"; exit 67',
    'head -c 1000000 /dev/zero | tr "\\0" x; exit 75', 'exec <&-; exit 75'], ids=str)
def test_a_sendmail_that_fails_delays_the_mail_and_leaves_no_record(host, script):
    host.stand_in('#!/bin/sh\n{}\n'.format(script))
    for _ in range(2):
        ran = delivered(host)
        assert ran.status == 75 and host.count() == 0
        assert len(ran.output) < 4096
    host.mend_sendmail()
    expect_answers_once_mended(host)


def test_answers_that_sendmail_did_not_take_do_not_use_up_the_caps(host):
    host.configure(max_per_hour='2', max_per_domain_per_hour='1')
    host.stand_in('#!/bin/sh\nexit 75\n')
    for _ in range(4):
        assert delivered(host).status == 75
    host.mend_sendmail()
    assert delivered(host).status == 0 and delivered(host, OTHER).status == 0
    assert host.count() == 2


def test_a_chatty_sendmail_that_takes_the_mail_is_believed(host):
    host.stand_in(SENDMAIL.format(outbox=host.outbox) + 'echo "5.1.1 never mind"; echo x >&2\n')
    ran = delivered(host)
    assert ran.status == 0 and b'5.1.1 never mind' not in ran.output
    assert host.count() == 1


def missing(host):
    host.sendmail.unlink()


def not_executable(host):
    host.sendmail.chmod(0o644)


def without_interpreter(host):
    host.stand_in('#!/nonexistent/interpreter\n')


def a_folder(host):
    host.sendmail.unlink()
    host.sendmail.mkdir()


def not_a_program(host):
    host.stand_in('\x7fELF nonsense\n')


@pytest.mark.parametrize('breaks', [missing, without_interpreter] + in_full(not_executable, a_folder, not_a_program))
def test_a_sendmail_that_cannot_be_started_delays_the_mail(host, breaks):
    breaks(host)
    assert delivered(host).status == 75
    if host.sendmail.is_dir():
        host.sendmail.rmdir()
    host.mend_sendmail()
    expect_answers_once_mended(host)


def alive(pid):
    """Whether a process still runs (a zombie does not)."""
    try:
        return '\nState:\tZ' not in pathlib.Path('/proc/{}/status'.format(pid)).read_text()
    except OSError:
        return False


@pytest.mark.parametrize('script', [
    'echo $$ > {pid}; exec sleep 100', 'cat > /dev/null; echo $$ > {pid}; exec sleep 100',
    'trap "" TERM INT HUP; echo $$ > {pid}; while :; do sleep 0.1; done',
    'sleep 100 & echo $! > {pid}; wait'], ids=['at once', 'after the mail', 'deaf to SIGTERM', 'in a grandchild'])
@pytest.mark.parametrize('size', [20] + in_full(30000), ids=['short', 'long'])
def test_a_sendmail_that_hangs_is_killed_and_the_mail_delayed(host, script, size):
    host.configure(sendmail_time='1s')
    host.write_template('x' * size + '\n')
    pid = host.folder / 'pid'
    host.stand_in('#!/bin/sh\n{}\n'.format(script.format(pid=pid)))
    ran = delivered(host)
    assert ran.status == 75 and ran.took_s < 12
    waiting.until(lambda: not alive(int(pid.read_text())), 5, what='the end of sendmail')
    host.configure()
    host.mend_sendmail()
    host.write_template(TEMPLATE)
    expect_answers_once_mended(host)


def test_a_sendmail_that_leaves_a_child_behind_is_not_waited_for(host):
    host.stand_in(SENDMAIL.format(outbox=host.outbox) + '(exec sleep 5) &\n')
    ran = delivered(host)
    assert ran.status == 0 and ran.took_s < 4 and host.count() == 1


def test_sendmail_gets_no_descriptor_of_ours_and_a_plain_signal_mask(host):
    told = host.folder / 'told'
    host.stand_in('#!/bin/sh\n{{ ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status; '
                  'grep SigBlk /proc/self/status; }} > {}\ncat >/dev/null\n'.format(told))
    assert delivered(host).status == 0
    count, ignored, blocked = told.read_text().splitlines()
    assert int(count) <= 5, 'descriptors'       # 0, 1, 2, that of ls itself, and what sh keeps
    assert int(blocked.split()[1], 16) == 0 and not int(ignored.split()[1], 16) & 1 << (signal.SIGPIPE - 1)
