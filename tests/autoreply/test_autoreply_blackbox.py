"""Every case of cases_*.py: the program as local(8) starts it, a sendmail that records, a judge who reads.

What the cases are about, the rules and the answer, is judged for each case through the program's own functions too;
that costs a thousandth of a second, where a process costs forty.  So a third of the processes is enough for the
fast part, and a full run starts them all.
"""
import os
from collections import Counter

import cases_answer
import cases_settings
import cases_silence
import headers
import pytest
from answers import faults
from scene import ANSWER, DELAY, EITHER, NEVER_BOUNCED, SILENCE, step

from mailtools.autoreply.values import Trouble
from rig.responder import D_S_N, Responder, Sent

CASES = cases_silence.CASES + cases_answer.CASES + cases_settings.CASES
STATUSES = {ANSWER: (0,), SILENCE: (0,), DELAY: (75,), EITHER: (0,), NEVER_BOUNCED: (0, 75)}
COUNTS = {ANSWER: (1,), SILENCE: (0,), DELAY: (0,), EITHER: (0, 1), NEVER_BOUNCED: (0, 1)}
LONGEST_S = 10
MANY = 5            # deliveries
SYSLOG = os.path.exists('/dev/log')


def judge(delivered, answers, step, template):
    """What is wrong with one delivery, as sentences."""
    wrong = []
    if delivered.status not in STATUSES[step.expect]:
        wrong.append('status {}'.format(delivered.status))
    if delivered.status and D_S_N.match(delivered.output):
        wrong.append('what it prints turns the status into a bounce')
    if b'Traceback' in delivered.output:
        wrong.append('a traceback')
    if delivered.took_s > LONGEST_S:
        wrong.append('took {:.1f} s'.format(delivered.took_s))
    if not SYSLOG and delivered.status == 0 and delivered.output.count(b'\n') != 1:
        wrong.append('not one log line')    # syslog is not there: then it is on stderr
    if len(answers) not in COUNTS[step.expect]:
        wrong.append('{} answers, to be {}'.format(len(answers), step.expect))
    for sent in answers:
        wrong += faults(sent, step, template)
    return wrong


def in_fast_part(number, case):
    """Every third case, and of those with many deliveries none."""
    return number % 3 == 0 and len(case.steps) < MANY


@pytest.mark.parametrize('case', [
    pytest.param(case, id='{0.group}-{0.name}'.format(case), marks=[pytest.mark.slow][in_fast_part(number, case):])
    for number, case in enumerate(CASES)])
def test_case(case, tmp_path):
    host = Responder(tmp_path, template=case.template, **case.settings)
    wrong, before = [], set()
    for number, one_step in enumerate(case.steps, 1):
        delivered = host.deliver(one_step.raw(), one_step.env)
        fresh = [sent for sent in host.sent() if (tuple(sent.args), sent.raw) not in before]
        before |= {(tuple(sent.args), sent.raw) for sent in fresh}
        wrong += ['delivery {}: {}'.format(number, fault) for fault in judge(delivered, fresh, one_step, case.template)]
        if wrong:
            wrong.append('it said: {!r}'.format(delivered.output[-800:]))
            break
    assert not wrong, '\n'.join(wrong)


def test_the_functions_decide_and_answer_as_the_cases_say():
    wrong = []
    for case in CASES:
        first = case.steps[0]
        try:
            answer = headers.sent_by_functions(first, case)
        except Trouble as trouble:
            found = [str(trouble)] * (first.expect not in (DELAY, NEVER_BOUNCED))
        else:
            found = [] if (answer is not None) in COUNTS[first.expect] else ['to be {}'.format(first.expect)]
            found += faults(answer, first, case.template) if answer else []
        wrong += ['{0.group}-{0.name}: {1}'.format(case, fault) for fault in found]
    assert not wrong, '\n'.join(wrong[:20])


def test_the_fast_part_has_a_process_for_every_group():
    groups = Counter(case.group for number, case in enumerate(CASES) if in_fast_part(number, case))
    assert set(groups) == {case.group for case in CASES}
    assert 180 <= sum(groups.values()) <= 220


@pytest.mark.parametrize('options', [['--explain'], ['--dry-run'], ['--explain', '--dry-run']], ids=' '.join)
@pytest.mark.parametrize('what', [ANSWER, SILENCE])
def test_a_look_at_the_decision_sends_and_remembers_nothing(tmp_path, options, what):
    host = Responder(tmp_path)
    mail = step(what, *(['Auto-Submitted: auto-replied'] if what == SILENCE else []))
    for _ in range(2):
        ran = host.deliver(mail.raw(), {b'PATH': b'/usr/bin:/bin', b'ORIGINAL_RECIPIENT': mail.original}, options)
        assert ran.status == 0, ran
    assert host.count() == 0 and not [path for path in host.state.rglob('*') if path.is_file()]
    if '--explain' in options:
        first = ran.output.splitlines()[:3]     # decision, rule, source
        assert (b'auto-submitted' in first[1]) == (what == SILENCE) and b'3834' in first[2]
    elif what == ANSWER:
        assert b'Auto-Submitted: auto-replied' in ran.output
    assert host.deliver(mail.raw(), mail.env).status == 0
    assert host.count() == (1 if what == ANSWER else 0)
    if what == ANSWER and '--explain' in options:
        assert b'answered-before' in host.deliver(mail.raw(), mail.env, ['--explain']).output


FORGED = 'x" rule=none\n answered to=bob@people.example'


@pytest.mark.parametrize('fields', [
    ['Message-ID: <{}>'.format(FORGED)], ['Auto-Submitted: {}'.format(FORGED)],
    ['X-Loop: info@example.org {}'.format(FORGED)],
    [b'List-Id: \r answered to=bob\x00\x1b[2J'], [b'Precedence: bulk \xff\xfe\x85answered']], ids=ascii)
def test_nobody_forges_a_line_of_the_log(tmp_path, fields):
    if SYSLOG:
        pytest.skip('by design: the log goes to syslog here')
    mail = step(SILENCE, *fields)
    ran = Responder(tmp_path).deliver(mail.raw(), mail.env)
    assert ran.status == 0 and ran.output.count(b'\n') == 1 and ran.output.endswith(b'\n')
    assert ran.output[:-1].decode('utf-8').isprintable()


def test_the_tables_are_large_and_no_name_is_there_twice():
    names = Counter((case.group, case.name) for case in CASES)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) >= 300 and len({group for group, _ in names}) >= 20


GOOD_ARGS = [b'-i', b'-f', b'<>', b'-N', b'never', b'--', b'alice@sender.example']
GOOD = b'''From: Info <info@example.org>
To: alice@sender.example
Subject: Auto: A question
Date: {date}
Message-ID: <1@example.org>
In-Reply-To: <20261122.1@sender.example>
References: <20261122.1@sender.example>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Loop: info@example.org
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hello.
'''


def good():
    """An answer as it should be."""
    import email.utils
    return GOOD.replace(b'{date}', email.utils.formatdate().encode())


def test_the_judge_finds_nothing_in_a_good_answer():
    assert faults(Sent(GOOD_ARGS, good()), step(ANSWER, subject='Auto: A question'), 'Hello.\n') == []


@pytest.mark.parametrize('old, new', [
    (b'Auto-Submitted: auto-replied\n', b''), (b'auto-replied', b'auto-generated'),
    (b'Suppress: All', b'Suppress: OOF'),
    (b'Info <info@', b'Info <infos@'), (b'To: alice@', b'To: bob@'), (b'To: alice', b'Cc: v@example.net\nTo: alice'),
    (b'To: alice', b'Bcc: v@example.net\nTo: alice'), (b'X-Loop: info', b'X-Loop: x'), (b'Date: ', b'Date: x'),
    (b'<1@example.org>', b'<1@localhost>'), (b'<1@example.org>', b'1'), (b'In-Reply-To: <', b'In-Reply-To: x <'),
    (b'References: <', b'References: <<'), (b'charset=utf-8', b'charset=latin-1'), (b'quoted-printable', b'8bit'),
    (b'Hello.', b'Hullo.'), (b'Hello.', b'Hello.\nSECRET-OF-THE-ORIGINAL-BODY'),
    (b'Subject: Auto', b'Subject: \xfcAuto'),
    (b'A question', b'=?utf-8?q?a=0Ab?='), (b'A question', b'x' * 300), (b'text/plain', b'text/html'),
    (b'A question', b'=?utf-8?q?' + b'a' * 100 + b'?='), (b'Subject: Auto: A question', b'Subject:'),
    (b'To: alice', b'To: alice@sender.example\nTo: alice'), (b'Subject: Auto', b'Subject: b\rAuto'),
], ids=repr)
def test_the_judge_sees_what_is_wrong_with_an_answer(old, new):
    assert old in good()
    assert faults(Sent(GOOD_ARGS, good().replace(old, new)), step(ANSWER), 'Hello.\n')


@pytest.mark.parametrize('args', [
    [b'-t'] + GOOD_ARGS, GOOD_ARGS[1:], GOOD_ARGS + [b'victim@example.net'], GOOD_ARGS[:-1] + [b'victim@example.net'],
    [one for one in GOOD_ARGS if one != b'--'], [b'-i', b'-f', b'info@example.org'] + GOOD_ARGS[3:],
    GOOD_ARGS[:3] + GOOD_ARGS[5:], GOOD_ARGS[:-1]], ids=repr)
def test_the_judge_sees_a_wrong_call_of_sendmail(args):
    assert faults(Sent(args, good()), step(ANSWER), 'Hello.\n')


def test_the_judge_sees_a_recipient_that_sendmail_reads_as_two():
    sender = '"x, victim@example.net"@example.org'
    sent = Sent(GOOD_ARGS[:-1] + [b'x, victim@example.net@example.org'], good())
    assert any('read as a list' in one for one in faults(sent, step(ANSWER, sender=sender), 'Hello.\n'))
