"""The reader of log lines: every shape, forged and damaged ones, the quick count against it."""
import json
import os
import pathlib
import re

import pytest
import sasllines

from mailtools.block_sasl_fail import counting, counts, grep, logline, patterns, plain
from mailtools.block_sasl_fail.stamps import Clock
from rig.full import in_full

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
        assert quick(line + b'\n') == expected, line


@pytest.mark.parametrize('seed', [0, 1] + in_full(2, 3))
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


@pytest.mark.parametrize('seed', [0, 1] + in_full(2, 3))
def test_the_quick_count_never_differs_from_the_reader(seed):
    block = ''.join(line + '\n' for line in sasllines.lines(seed, 4000)).encode()
    assert quick(block) == slow(scanned(block))


PLAIN = b'Mar  5 04:03:02 mx1 postfix/smtpd[10000]: warning: x[198.51.100.1]: SASL LOGIN authentication failed: x\n'


def found_by_grep(block, path):
    """What grep prints of a block."""
    path.write_bytes(block)
    with open(str(path), 'rb', buffering=0) as file:
        try:
            return b''.join(some[start:end] for some, start, end in grep.found(file))
        except grep.Gone:
            pytest.skip('grep(1) with -P is not installed')


def quick_by_grep(block, path):
    """quick() of a file."""
    found = found_by_grep(block, path)
    tally = counting.Tally()
    tally.add_found(found, 0, len(found))
    return dict(tally.failures())


def taken_by_re(line):
    """What grep should print of a line without its end."""
    match = re.match(plain.EACH_LINE, line + b'\n', re.MULTILINE)
    return match.group(1) or line


@pytest.mark.parametrize('seed', [0] + in_full(1, 2, 3))
def test_grep_takes_of_each_line_what_our_own_pattern_takes(seed, tmp_path):
    ends = (b'', b'\r', b'\0', b'\xff', b' \r')
    lines = [line.encode() + end for line in sasllines.lines(seed, 4000) for end in ends]
    lines += [line for name in NAMES for line, _ in sample(name)]
    lines = [line for line in lines if b': SASL' in line]
    found = found_by_grep(b''.join(line + b'\n' for line in lines), tmp_path / 'log').split(b'\n')[:-1]
    expected = [taken_by_re(line) for line in lines]
    assert [pair for pair in zip(found, expected) if pair[0] != pair[1]][:3] == []
    assert len(found) == len(expected)
    assert 2000 < sum(b' ' not in one for one in found) < 18000


@pytest.mark.parametrize('seed', [0] + in_full(1, 2))
def test_an_attack_is_counted_right_whatever_stands_between(seed, tmp_path):
    odd = ''.join(line + '\n' for line in sasllines.lines(seed, 4000)).encode()
    odd += b''.join(line + b'\n' for name in NAMES for line, _ in sample(name))
    block = b''.join(line + b'\n' + PLAIN for line in odd.split(b'\n'))
    expected = slow(scanned(block))
    assert quick_by_grep(block, tmp_path / 'log') == quick(block) == expected


@pytest.mark.parametrize('forged', [
    b'Mar  5 04:03:02 mx1 webmail[1]: Mar  5 04:03:02 mx1 postfix/smtpd[10000]: warning: x[192.0.2.66]: SASL LOGIN '
    b'authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x\ny[192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: SASL authentication failure: x[192.0.2.66]: SASL LOGIN '
    b'authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.66]: SASL LOGIN authentication failed: '
    b'generic failure\n',
    b'Mar  5 24:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'Feb 30 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'2026-02-29T04:03:02Z mx1 postfix/smtpd[1]: warning: x[192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: 192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: [192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[1][192.0.2.66]: SASL LOGIN authentication failed: x\n',
    b'192.0.2.66: SASL\n192.0.2.66\n'], ids=range(11))
def test_what_is_forged_counts_in_no_attack_either(forged, tmp_path):
    block = PLAIN * 3000 + forged + PLAIN * 3000
    assert quick_by_grep(block, tmp_path / 'log') == quick(block) == {'198.51.100.1': 6000}


@pytest.mark.parametrize('clients', [100, counts.LIMIT - 1, counts.LIMIT * 2 + 5])
def test_clients_of_any_number_are_added_up_and_sorted(clients):
    summed = counts.Counts()
    expected = {}
    for number in list(range(clients)) + list(range(0, clients, 3)):
        client = '10.{}.{}.{}'.format(number >> 16, number >> 8 & 255, number & 255)
        summed.add(client, number % 5 + 1)
        expected[client] = expected.get(client, 0) + number % 5 + 1
    assert list(summed.pairs()) == sorted(expected.items(), key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize('begin, text, times, end', [
    (b'', b'A', 3000000, b''), (b'', b': SASL', 500000, b''), (b'', b'warning: x[1.2.3.4]: SASL ', 120000, b''),
    (b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: ', b'x[', 400000, b': SASL PLAIN authentication failed:'),
    (b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.1]: SASL ', b' authentication failed:', 40000, b''),
    (b'Mar  5 04:03:02 mx1 postfix/', b'a/', 400000, b'smtpd[1]: warning: x: SASL authentication failed:'),
    (b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: A: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=',
     b', sasl_sender', 60000, b''),
    (b'', b'{', 900000, b': SASL'),
    (b'', b'{"a": ', 100000, b': SASL authentication failed:'),
], ids=range(9))
def test_no_line_takes_more_than_linear_time(begin, text, times, end, tmp_path):
    text = begin + text * times + end
    began = os.times()
    for block in (text + b'\n', text):
        scanned(block)
        quick(block + b'\n')
    assert quick_by_grep(PLAIN + text + b'\n' + PLAIN, tmp_path / 'log') == {'198.51.100.1': 2}
    assert sum(os.times()[:4]) - sum(began[:4]) < 5     # seconds; quadratic ones take minutes


def test_every_reason_that_does_not_count_is_a_whole_reason():
    head = b'Mar  5 04:03:02 mx1 postfix/smtpd[1]: warning: x[192.0.2.1]: SASL PLAIN authentication failed: '
    for reason in patterns.OUTAGES + patterns.NO_MECHANISMS:
        assert quick(head + reason.encode() + b'\n') == {}
        for longer in (reason + ' ', reason + 'x', 'x' + reason, reason + ', user=x'):
            assert quick(head + longer.encode() + b'\n') == {'192.0.2.1': 1}, longer
            assert slow(scanned(head + longer.encode())) == {'192.0.2.1': 1}, longer
