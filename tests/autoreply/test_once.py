"""One answer a sender and interval: parallel, come again, killed; tests/soak/autoreply_once.py does ten thousand."""
import os
import posix
import re
import signal
import time

import headers
import pytest
import storm
from answers import faults
from scene import ANSWER, step

from mailtools.autoreply import state as state_module
from mailtools.autoreply.state import State
from rig.responder import SENDMAIL, TEMPLATE, Responder

YEAR_S = 365 * 86400
GENEROUS = {'max_per_hour': '100000', 'max_per_day': '1000000', 'max_per_domain_per_hour': '100000'}
SLOW = SENDMAIL.replace('\n', '\nsleep 0.2\n', 1)


def mails(senders, each):
    """`each` mails of each of so many senders, mixed."""
    return [step(ANSWER, sender='u{}@d{}.example'.format(number, number % 7),
                 message_id='<{}.{}@sender.example>'.format(number, turn))
            for turn in range(each) for number in range(senders)]


@pytest.fixture
def host(tmp_path):
    """A responder without narrow caps."""
    return Responder(tmp_path, **GENEROUS)


def expect_sound(host, steps):
    """Every answer is whole and right, also those of processes that were killed."""
    by_sender = {one.sender: one for one in steps}
    answers = host.sent()
    for sent in answers:
        assert faults(sent, by_sender[sent.recipients()[0]], TEMPLATE) == []
    assert len({re.search(rb'(?m)^Message-ID: (.*)', sent.raw).group(1) for sent in answers}) == len(answers)


def test_twenty_deliveries_of_one_mail_at_once(host):
    host.stand_in(SLOW.format(outbox=host.outbox))
    steps = mails(1, 20)
    made = storm.run(host, steps, workers=20)
    assert storm.verdict(host, steps, made) == [] and host.count() == 1
    assert set(made.statuses) == {0}, made.said[:3]


@pytest.mark.slow
def test_many_senders_at_once_and_again(host):
    steps = mails(25, 8)
    made = storm.run(host, steps)
    assert storm.verdict(host, steps, made) == []
    assert host.count() == 25 and set(made.statuses) == {0}, made.said[:3]
    expect_sound(host, steps)


@pytest.mark.slow
def test_one_answer_whatever_is_killed(host):
    steps = mails(25, 8)
    made = storm.run(host, steps, kills=0.4)
    assert len(made.killed) > 20
    assert storm.verdict(host, steps, made) == []
    expect_sound(host, steps)


def test_the_sender_of_the_batv_tag_is_one_also_in_parallel(host):
    host.stand_in(SLOW.format(outbox=host.outbox))
    steps = [step(ANSWER, sender='prvs={:010d}=ann@sender.example'.format(number)) for number in range(12)]
    made = storm.run(host, steps, workers=12)
    assert set(made.statuses) == {0} and host.count() == 1


def test_caps_hold_also_in_parallel(tmp_path):
    host = Responder(tmp_path, max_per_hour='5', max_per_domain_per_hour='2')
    host.stand_in(SLOW.format(outbox=host.outbox))
    steps = [step(ANSWER, sender='u{}@d{}.example'.format(number, number % 8)) for number in range(24)]
    made = storm.run(host, steps, workers=12)
    assert set(made.statuses) == {0} and host.count() == 5


def test_a_slow_sendmail_for_one_sender_does_not_stop_another(host):
    """Locks are a sender's, or else one hung sendmail holds up all."""
    gate = host.folder / 'gate'
    host.stand_in('#!/bin/sh\nfor last; do :; done\n'
                  'case $last in slow*) while [ ! -e {} ]; do sleep 0.05; done;; esac\n'.format(gate)
                  + SENDMAIL.format(outbox=host.outbox).split('\n', 1)[1])
    slow = step(ANSWER, sender='slow@one.example')
    process = host.start(slow.env)
    process.stdin.write(slow.raw())
    process.stdin.close()
    quick = step(ANSWER, sender='quick@two.example')
    ran = host.deliver(quick.raw(), quick.env)
    assert ran.status == 0 and host.count() == 1 and process.poll() is None
    gate.touch()
    process.wait(30)
    process.stdout.close()
    assert host.count() == 2


def test_a_failing_sendmail_in_the_storm_loses_no_answer(host):
    host.stand_in(SENDMAIL.format(outbox=host.outbox).replace(
        '\n', '\ncase $$ in *[0-4]) cat >/dev/null; exit 75;; esac\n', 1))
    steps = mails(10, 4)
    made = storm.run(host, steps)
    assert storm.verdict(host, steps, made) == [] and host.count() == 10
    assert made.statuses[75] > 0


def test_killed_after_sendmail_took_it_and_before_it_is_recorded_one_answer_is_repeated(host):
    """The one window: an answer may be there twice, and is never lost."""
    host.stand_in(SENDMAIL.format(outbox=host.outbox) + 'kill -9 $PPID\n')
    one = step(ANSWER)
    ran = host.deliver(one.raw(), one.env)
    assert ran.status == -signal.SIGKILL and host.count() == 1
    host.mend_sendmail()
    for _ in range(3):
        assert host.deliver(one.raw(), one.env).status == 0
    assert host.count() == 2
    expect_sound(host, [one])


def test_killed_before_sendmail_took_it_the_answer_is_given_when_the_mail_comes_again(host):
    host.stand_in('#!/bin/sh\nkill -9 $PPID\n')
    one = step(ANSWER)
    assert host.deliver(one.raw(), one.env).status == -signal.SIGKILL and host.count() == 0
    host.mend_sendmail()
    for _ in range(3):
        assert host.deliver(one.raw(), one.env).status == 0
    assert host.count() == 1


def test_killed_while_sendmail_reads_it_never_sends_half_an_answer(host):
    """What sendmail reads to its end is whole, even when the one who wrote it is dead."""
    host.write_template('A line of text.\n' * 1900)
    host.stand_in(SENDMAIL.format(outbox=host.outbox).replace('\n', '\nkill -9 $PPID\n', 1))
    one = step(ANSWER, body_is='A line of text.\n' * 1900)
    host.deliver(one.raw(), one.env)
    for sent in storm.settled(host):
        assert faults(sent, one, TEMPLATE) == []


@pytest.mark.slow
def test_forged_senders_get_no_more_than_the_caps_let_out(tmp_path):
    host = Responder(tmp_path)      # the defaults: 100 an hour, 20 an hour and domain
    steps = [step(ANSWER, sender='u{}@d{}.example'.format(number, number % 40 if number % 2 else 1000))
             for number in range(240)]
    made = storm.run(host, steps)
    sent = [one.recipients()[0] for one in host.sent()]
    assert set(made.statuses) == {0}
    assert len(sent) == len(set(sent)) == 100
    assert sum(one.endswith(b'@d1000.example') for one in sent) == 20


def test_what_a_wrong_clock_counted_does_not_silence_for_years(tmp_path):
    settings = headers.settings()
    settings.state = str(tmp_path)
    state, now = State(settings, '/answer.txt', lambda event, what: None), time.time()
    for number in range(settings.max_per_hour):
        domain = 'd{}.example'.format(number)
        assert state.answer_once('u@' + domain, domain, now + 10 * YEAR_S, lambda: None) is None
    assert state.answer_once('u@later.example', 'later.example', now + 10 * YEAR_S, lambda: None).rule == 'cap-hour'
    assert state.answer_once('ann@sender.example', 'sender.example', now, lambda: None) is None


class Dying:
    """The module posix, with a death before or after its nth call."""

    def __init__(self, real, last, after):
        self.real, self.last, self.after, self.calls = real, last, after, 0

    def __getattr__(self, name):
        thing = getattr(self.real, name)
        if not callable(thing) or isinstance(thing, type):
            return thing

        def call(*args, **kwargs):
            self.calls += 1
            if self.calls == self.last and not self.after:
                os._exit(DEAD)
            try:
                return thing(*args, **kwargs)
            finally:
                if self.calls == self.last:
                    os._exit(DEAD)
        return call


DEAD = 99


def answered_once(settings, sent):
    """One mail through a state as a new process has it."""
    State(settings, '/answer.txt', lambda event, what: None).answer_once(
        'ann@sender.example', 'sender.example', time.time(), lambda: sent.open('a').write('x'))


def in_a_child(settings, sent, posix):
    """How a child ended that answered one mail: DEAD, 0, or 1 for whatever was raised."""
    child = os.fork()
    if child:
        return os.WEXITSTATUS(os.waitpid(child, 0)[1])
    try:
        state_module.posix = posix
        answered_once(settings, sent)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.parametrize('earlier', ['nobody before', 'answered long ago', 'damaged'])
@pytest.mark.parametrize('after', [False, True], ids=['before', 'after'])
def test_death_at_every_call_of_the_state_loses_no_answer(tmp_path, after, earlier):
    wrong, died = [], 0
    for last in range(1, 200):
        folder = tmp_path / str(last)
        folder.mkdir()
        settings, sent = headers.settings(), folder / 'sent-so-far'
        settings.state = str(folder)
        if earlier != 'nobody before':
            answered_once(settings, sent)
            for path in folder.glob('answered/*/*/*'):
                os.utime(str(path), (1, 1) if earlier == 'answered long ago' else (2 ** 33, 2 ** 33))
            sent.unlink()
        sent.write_text('')
        if in_a_child(settings, sent, Dying(posix, last, after)) != DEAD:
            break
        died += 1
        before = len(sent.read_text())
        for _ in range(3):
            answered_once(settings, sent)
        total = len(sent.read_text())
        if not 1 <= total <= 1 + before:
            wrong.append('call {}: {} answers, {} by the one that died'.format(last, total, before))
    assert not wrong, '\n'.join(wrong)
    assert died > 10
