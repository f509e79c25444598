"""Mails made to exhaust the reader are read in bounded time and memory.

The limits are some five to fifty times what is needed, for busy machines; tests/bench/
bench_parse.py measures.  What fails here takes minutes or gigabytes, not a bit
too long.
"""
import pathlib
import subprocess
import sys
import time

import pathological
import pytest
import soundness

from mailtools.bouncedmail.reader import read
from mailtools.bouncedmail.report import Wanted

ROOT = pathlib.Path(__file__).resolve().parents[2]
AIM_SIZE = 20000
PLACES = len(list(pathological.places(b'')))


def timed(raw):
    """(report, CPU seconds)."""
    started = time.process_time()
    report = read(raw, Wanted())
    return report, time.process_time() - started


@pytest.mark.slow
@pytest.mark.parametrize('name', sorted(pathological.CASES))
def test_a_mail_made_to_exhaust_is_read_in_seconds(name):
    report, seconds = timed(pathological.CASES[name]())
    assert report.error is None and report.events
    assert len(report.text) <= Wanted().text_limit
    shown = [value for event in report.events[:100] for value in event if isinstance(value, str)]
    assert all(map(soundness.harmless, shown))
    assert seconds < 20


@pytest.mark.slow
@pytest.mark.parametrize('place', range(PLACES))
def test_no_pattern_of_the_package_can_be_made_to_run_on(place):
    slow = []
    for number, (name, raw) in enumerate(pathological.aimed(AIM_SIZE)):
        if number % PLACES == place:
            seconds = timed(raw)[1]
            if seconds > 1:     # 20 ms are enough; what begins anew at each place takes many seconds
                slow.append('{}: {:.2f} s'.format(name, seconds))
    assert not slow, '\n'.join(slow)


def test_the_package_has_patterns_to_aim_at():
    assert len(pathological.patterns()) > 10
    assert pathological.attacks(r'x(?:[a-z]\d)*y') == {('x', 'a5')}


def test_in_a_large_report_the_recipient_and_the_returned_mail_are_found():
    report = timed(pathological.large_report())[0]
    assert [
        (event.kind, event.recipient, event.status, event.severity, event.original_message_id)
        for event in report.events
    ] == [('bounce', 'user@example.org', '5.1.1', 'hard', '42@mail1.example.com')]


def test_of_many_recipients_each_is_reported():
    report = timed(pathological.many_recipients(5000))[0]
    assert len({event.recipient for event in report.events}) == 5000


@pytest.mark.slow
@pytest.mark.parametrize(
    'make, megabytes',
    ((pathological.large_report, 21), (pathological.large_report, 100), (pathological.large_attachment, 100)),
    ids=('21 MB', '100 MB', '100 MB attachment'),
)
def test_parse_needs_forty_megabytes_and_twice_the_mail(tmp_path, make, megabytes):
    path = tmp_path / 'large.eml'
    path.write_bytes(make(megabytes))
    size = path.stat().st_size
    status, peak, output = ran(
        [sys.executable, str(ROOT / 'bin' / 'bouncedmail'), 'parse', str(path)], tmp_path
    )
    assert status == 0
    assert output.count(b'\n') == 1 and b'"user@example.org"' in output
    assert peak <= 40 * pathological.MB + 2 * size


# Started by a small process of its own: a child's peak counts the memory of whoever forked it.
MEASURED = """
import os, sys
child = os.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
sys.stderr.write('%d %d' % (status, usage.ru_maxrss * 1024))
"""


def ran(command, folder):
    """(status, peak memory in bytes, output) of a program."""
    with open(str(folder / 'out'), 'wb') as out:
        measured = subprocess.run(
            [sys.executable, '-IS', '-c', MEASURED] + command, stdout=out, stderr=subprocess.PIPE, timeout=120
        )
    status, peak = map(int, measured.stderr.split()[-2:])
    return status, peak, (folder / 'out').read_bytes()
