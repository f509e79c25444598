"""The monitor's line: what is measured, when it alarms, and that it changes nothing."""
import os
import re
import time

import pytest

from mailtools.bouncedmail import checking
from mailtools.bouncedmail.checking import CRITICAL, OK, UNKNOWN, WARNING, Level
from mailtools.bouncedmail.spool import State
from rig.mailhost import MailHost, bounce

NOW = 1795382377.0


class Thresholds:
    check_spool_warn, check_spool_crit = 10, 20
    check_age_warn, check_age_crit = 60, 120


@pytest.mark.parametrize('state, drained_s, away, status', [
    (State(0, None, 0), 0, None, OK),
    (State(9, NOW - 59, 0), 59, None, OK),
    (State(10, NOW, 0), 0, None, WARNING),
    (State(20, NOW, 0), 0, None, CRITICAL),
    (State(1, NOW - 60, 0), 0, None, WARNING),
    (State(1, NOW - 120, 0), 0, None, CRITICAL),
    (State(0, None, 1), 0, None, WARNING),
    (State(0, None, 0), 1e6, None, OK),         # nothing to drain
    (State(1, NOW, 0), 120, None, CRITICAL),
    (State(1, NOW, 0), None, None, OK),         # never drained: the age of the mail tells in time
    (State(1, NOW + 500, 0), 0, None, OK),      # a clock that was wrong
    (State(0, None, 0), None, 'cannot reach the database', CRITICAL),
])
def test_when_it_alarms(state, drained_s, away, status):
    figures = checking.figures_of(state, drained_s, Thresholds, NOW)
    assert checking.line_of(figures, away)[0] == status


def test_the_line_has_the_form_that_monitors_read():
    figures = checking.figures_of(State(12, NOW - 61.2, 1), 5.0, Thresholds, NOW)
    assert checking.line_of(figures, None) == (
        WARNING, 'BOUNCEDMAIL WARNING - 12 waiting; the oldest 61 s; 1 in failed/'
        '|waiting=12;10;20;0 oldest=61s;60;120;0 failed=1;1;;0 drained=5s;60;120;0')
    assert checking.status_of(checking.Figure('x', None, '', Level(0, 0), '')) == OK


def test_a_reason_cannot_forge_performance_data():
    line = checking.line_of([], 'no\n|waiting=0')[1]
    assert '\n' not in line and line.count('|') == 1


@pytest.fixture
def host(tmp_path):
    return MailHost(tmp_path / 'mx1')


def check(host):
    """(status, word, line) of a real run."""
    ran = host.run('check')
    assert re.match(r'BOUNCEDMAIL [A-Z]+ - [^\n]+\n\Z', ran.out) and ran.err == ''
    return ran.status, ran.out.split()[1], ran.out


def test_before_and_after_the_first_mail(host):
    assert check(host)[:2] == (OK, 'OK')
    assert not os.path.exists(str(host.folder / 'bounces.db')), 'a monitor must make no database'
    assert host.ingest(bounce(1)).status == 0
    assert '1 waiting' in check(host)[2]
    assert host.run('drain').status == 0
    status, _, line = check(host)
    assert status == OK and ' waiting=0' in line.replace('|', ' ') and 'drained=' in line


def test_old_mail_is_critical(host):
    host.deliver(bounce(1), '{}.a'.format(int(time.time()) - 3 * 3600))
    assert check(host)[:2] == (CRITICAL, 'CRITICAL')


def test_a_database_that_is_away_is_critical(host):
    pytest.importorskip('psycopg2')
    host.configure(database='postgresql://mailtools@/x?host=/nonexistent')
    assert check(host)[:2] == (CRITICAL, 'CRITICAL')


def test_what_cannot_be_known_is_unknown(host):
    assert host.run('check', '--spool', '/nonexistent').status == UNKNOWN
    host.configure(batch='many')
    assert check(host)[:2] == (UNKNOWN, 'UNKNOWN')
