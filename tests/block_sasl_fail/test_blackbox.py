"""The program against lines that were made without it: blackbox.py knows what each of them says."""
import collections
import json
import os

import blackbox
import pytest
from blackbox_messages import VICTIM4

from rig import program
from rig.full import in_full

END_OF_LOG = 1772679782
COUNT = 250         # lines of each style; tests/soak/sasl_blackbox.py takes many more
STYLES = sorted(blackbox.STYLES)


def failures(log, zone, tmp_path, *options):
    """What `failures` prints of a log that ended at END_OF_LOG."""
    path = tmp_path / 'maillog'
    path.write_bytes(log)
    os.utime(str(path), (END_OF_LOG, END_OF_LOG))
    ran = program.run('block-sasl-fail', 'failures', '--json', *options, path, env={'TZ': zone})
    assert (ran.status, ran.err) == (0, '')
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize('style', STYLES)
@pytest.mark.parametrize('seed, zone, line_end', [(1, 'UTC', b'\n')] + in_full((2, 'Europe/Berlin', b'\r\n')))
def test_each_line_says_what_smtpd_meant(style, seed, zone, line_end, tmp_path):
    with blackbox.zone(zone):
        made = blackbox.make(seed, COUNT, style, end=END_OF_LOG, line_end=line_end)
    assert len(made.told) > COUNT // 5
    assert blackbox.compare(made, failures(made.log, zone, tmp_path)) == []


@pytest.mark.parametrize('style', ['json', 'traditional'] + in_full(
    *(style for style in STYLES if style not in ('json', 'traditional'))))
def test_the_count_is_the_sum_of_the_failures(style, tmp_path):
    log = blackbox.make(3, COUNT, style, end=END_OF_LOG).log
    summed = collections.Counter()
    for one in failures(log, 'UTC', tmp_path):
        summed[one['client']] += one['times']
    counted = failures(log, 'UTC', tmp_path, '--count')
    assert {one['client']: one['failures'] for one in counted} == dict(summed)


def test_the_comparison_sees_a_line_that_is_missed_and_one_that_blames():
    made = blackbox.make(1, 50, 'rfc3339')
    assert blackbox.compare(made, []) != []
    assert 'is blamed by line 1' in blackbox.compare(
        made._replace(told=[]), [{'line': 1, 'client': VICTIM4}])[0]
