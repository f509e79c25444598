"""The reader of log lines: every shape, forged and damaged ones, the quick count against it."""
import json
import pathlib
import time

import pytest
import sasllines

from mailtools.block_sasl_fail import counting, logline, patterns
from mailtools.block_sasl_fail.stamps import Clock

SAMPLES = pathlib.Path(__file__).parent / 'samples'
NAMES = sorted(path.stem for path in SAMPLES.glob('*.log'))
FIELDS = ('client', 'mechanism', 'service', 'username', 'times', 'reason', 'kind')
NOW = 1774000000        # 2026-03-20


def sample(name):
    """(line, what it says) pairs; NAME.json has one value for each line of NAME.log."""
    lines = (SAMPLES / (name + '.log')).read_bytes().split(b'\n')[:-1]
    answers = json.loads((SAMPLES / (name + '.json')).read_text(encoding='utf-8'))
    assert len(lines) == len(answers)
    return list(zip(lines, answers))


def said(attempt):
    """An Attempt as the samples have it."""
    return {name: getattr(attempt, name) for name in FIELDS} if attempt else None


def scanned(block):
    """All Attempts of a block."""
    return list(logline.scan(block, Clock(NOW), 1, 0))


def quick(block):
    """Failures by client, as `failures --count` counts."""
    tally = counting.Tally()
    tally.add(block)
    return dict(tally.failures())


def slow(attempts):
    """The same from Attempts."""
    counts = {}
    for one in attempts:
        if one.kind == 'failure':
            counts[one.client] = counts.get(one.client, 0) + one.times
    return counts


@pytest.mark.parametrize('name', NAMES)
def test_a_line_says_what_its_sample_says(name):
    for line, answer in sample(name):
        assert [said(one) for one in scanned(line + b'\n')] == ([answer] if answer else []), line


@pytest.mark.parametrize('name', NAMES)
def test_a_line_without_its_end_or_with_that_of_windows_says_the_same(name):
    for line, answer in sample(name):
        assert [said(one) for one in scanned(line)] == ([answer] if answer else []), line
        assert [said(one) for one in scanned(line + b'\r\n')] == ([answer] if answer else []), line


@pytest.mark.parametrize('name', [name for name in NAMES if name != 'journal'])
def test_a_priority_before_the_line_changes_nothing(name):
    for line, answer in sample(name):
        assert said(logline.read(b'<22>' + line, Clock(NOW))) == answer, line


def test_all_samples_in_one_block_keep_their_lines_and_offsets():
    rows = [row for name in NAMES for row in sample(name)]
    block = b''.join(line + b'\n' for line, _ in rows)
    found = list(logline.scan(block, Clock(NOW), 101, 5000))
    assert [(one.line, said(one)) for one in found] == [
        (number, answer) for number, (_, answer) in enumerate(rows, 101) if answer]
    for one in found:
        assert block[one.offset - 5000:].startswith(rows[one.line - 101][0] + b'\n')


@pytest.mark.parametrize('name', NAMES)
def test_the_quick_count_counts_the_samples(name):
    for line, answer in sample(name):
        expected = {answer['client']: answer['times']} if answer and answer['kind'] == 'failure' else {}
        if b'Feb 30' not in line:           # the quick count looks at the form of a stamp only
            assert quick(line + b'\n') == expected, line


@pytest.mark.parametrize('seed', range(4))
def test_generated_and_damaged_lines_are_read_as_the_slow_reference_reads_them(seed):
    found = 0
    for line in sasllines.lines(seed, 4000):
        attempt = logline.read(line.encode(), lambda stamp: 0.0)
        got = None
        if attempt is not None and attempt.kind == 'failure':
            got = (attempt.client, attempt.mechanism, attempt.service, attempt.username)
        assert got == sasllines.reference(line), line
        found += got is not None
    assert 500 < found < 3500


@pytest.mark.parametrize('seed', range(4))
def test_the_quick_count_never_differs_from_the_reader(seed):
    lines = sasllines.lines(seed, 4000)
    expected = {}
    for line in lines:
        answer = sasllines.reference(line)
        if answer:
            expected[answer[0]] = expected.get(answer[0], 0) + 1
    block = ''.join(line + '\n' for line in lines).encode()
    assert quick(block) == expected


@pytest.mark.parametrize('seed', range(3))
def test_an_attack_is_counted_right_whatever_stands_between(seed):
    """Long runs of one kind of head, so that the pattern for attacks is learned, with odd lines in them."""
    plain = ('Mar  5 04:03:02 mx1 postfix/smtpd[{}]: warning: unknown[198.51.100.{}]: '
             'SASL LOGIN authentication failed: x')
    odd = sasllines.lines(seed, 20)
    lines = []
    for number in range(30000):
        lines.append(plain.format(10000 + number, number % 250))
        if number % 1500 == 0:
            lines.append(odd[number // 1500])
    block = ''.join(line + '\n' for line in lines).encode()
    tally = counting.Tally()
    taken = []
    original = tally._attack.take

    def take(*args):
        found = original(*args)
        taken.append(found is not None)
        return found
    tally._attack.take = take
    for place in range(0, len(lines), 2500):
        tally.add(''.join(line + '\n' for line in lines[place:place + 2500]).encode())
    assert dict(tally.failures()) == slow(logline.scan(block, lambda stamp: 0.0))
    assert any(taken) and not all(taken)


def test_a_forged_head_is_no_head_in_an_attack_either():
    plain = b'Mar  5 04:03:02 mx1 postfix/smtpd[10000]: warning: x[198.51.100.1]: SASL LOGIN authentication failed: x\n'
    forged = b'Mar  5 04:03:02 mx1 webmail[1]: ' + plain.replace(b'198.51.100.1', b'192.0.2.66')
    tally = counting.Tally()
    tally.add(plain * 3000)
    tally.add(plain * 3000 + forged + plain * 3000)
    assert dict(tally.failures()) == {'198.51.100.1': 9000}


@pytest.mark.parametrize('text', [
    b'A' * 3000000, b': SASL' * 500000, b'warning: x[1.2.3.4]: SASL ' * 120000,
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: ' + b'x[' * 400000 + b': SASL PLAIN authentication failed:',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.1]: SASL ' + b' authentication failed:' * 40000,
    b'Mar  5 04:03:02 mx1 postfix/' + b'a/' * 400000 + b'smtpd[1]: warning: x: SASL authentication failed:',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: A: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=' +
    b', sasl_sender' * 60000,
    b'{' * 900000 + b': SASL',
    b'{"a": ' * 100000 + b': SASL authentication failed:',
], ids=range(9))
def test_no_line_takes_more_than_linear_time(text):
    began = time.process_time()
    for block in (text + b'\n', text):
        scanned(block)
        quick(block + b'\n')
    assert time.process_time() - began < 5      # seconds; quadratic ones take minutes


def test_every_reason_that_does_not_count_is_a_whole_reason():
    head = b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.1]: SASL PLAIN authentication failed: '
    for reason in patterns.OUTAGES + patterns.NO_MECHANISMS:
        assert quick(head + reason.encode() + b'\n') == {}
        for longer in (reason + ' ', reason + 'x', 'x' + reason, reason + ', user=x'):
            assert quick(head + longer.encode() + b'\n') == {'192.0.2.1': 1}, longer
            assert slow(scanned(head + longer.encode())) == {'192.0.2.1': 1}, longer
