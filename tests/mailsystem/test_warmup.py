"""The first days of a new sender."""
import datetime
import json

import pytest
from sites import written

from mailtools.mailsystem.warming import Day, days, presence, records
from rig import program

FIRST = datetime.date(2026, 2, 27)


def test_it_begins_small_grows_steadily_and_ends_at_its_share():
    plan = days(FIRST, 4, 300000, 500, 1.3)
    assert plan[0] == Day(1, '2026-02-27', 500, 0.042, 2, 1)
    assert plan[-1][2:] == (300000, 25.0, 24, 60) and [day.day for day in plan] == list(range(1, len(plan) + 1))
    assert all(1 < after.volume / before.volume < 1.31 for before, after in zip(plan, plan[1:]))
    assert all(before.hours * before.minutes <= after.hours * after.minutes for before, after in zip(plan, plan[1:]))
    assert plan[2].date == '2026-03-01'


def test_a_sender_that_is_warm_on_the_first_day():
    assert days(FIRST, 1, 400, 500, 2.0) == [Day(1, '2026-02-27', 400, 100.0, 24, 60)]


def test_a_plan_always_ends():
    assert len(days(FIRST, 1, 10 ** 12, 1, 1.001)) == 400


@pytest.mark.parametrize('part, hours, minutes', [
    (0.0001, 1, 1), (1 / 1440, 1, 1), (10 / 1440, 10, 1), (24 / 1440, 24, 1), (0.5, 24, 30), (0.999, 24, 60),
    (1, 24, 60)])
def test_a_part_of_the_day_is_spread_over_it(part, hours, minutes):
    assert presence(part) == (hours, minutes)


def test_records_say_when_they_are_to_be_there():
    plan = days(FIRST, 2, 1000, 500, 2.0)
    assert records(plan, 'bulk.example.com', ('192.0.2.22', '2001:db8::22')).split('\n')[1:4] == [
        '; 2026-02-27 (day 1): 500 mails, 25 % of all; in 24 hours of the day, 30 minutes of each',
        'bulk.example.com.  60  IN  A  192.0.2.22', 'bulk.example.com.  60  IN  AAAA  2001:db8::22']


def test_the_program(tmp_path):
    config = written(tmp_path, daily_volume='1000', warmup_growth='2')
    words = ('mailsystem', 'warmup', '-c', config, '--since', '2026-12-01')
    ran = program.run(*words)
    assert (ran.status, ran.err) == (0, '') and ran.out.split('\n')[1].split() == [
        '1', '2026-12-01', '500', '25.0', '24', '30']
    assert json.loads(program.run(*words, '--json').out.split('\n')[1])['volume'] == 1000
    assert '\u2588' in program.run(*words, '--chart').out
    assert '192.0.2.21' in program.run(*words, '--records', '--host', 'mail1').out
    assert '192.0.2.22' in program.run(*words, '--records').out


@pytest.mark.parametrize('words', [
    ('--since', 'soon'), ('--since', '2026-02-30'), (), ('--since', '2026-12-01', '--host', 'mail9')])
def test_what_cannot_be_meant_is_a_usage_error(tmp_path, words):
    ran = program.run('mailsystem', 'warmup', '-c', written(tmp_path), *words)
    assert ran.status == 64 and ran.err.count('\n') == 1
