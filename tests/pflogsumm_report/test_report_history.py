"""The history: a day is kept once, whole, or not at all; what is damaged is moved aside and said."""
import csv
import json
import os
import sqlite3
import threading

import days
import pytest

from mailtools.base.sqlitefile import FileFailure
from mailtools.pflogsumm_report import compare, history, values
from mailtools.pflogsumm_report.history import History
from rig.program import run

NOW = int(days.NOW)
SUNDAYS = compare.same_weekdays(days.DATE, 30)


@pytest.fixture
def path(quick_folder):
    """Of a file that is not there yet."""
    return quick_folder / 'report.db'


def asking(path):
    """asking(path)(ARGUMENT...) runs `pflogsumm-report history` on that file."""
    settings = path.parent / 'report.conf'
    settings.write_text('[pflogsumm-report]\nhistory = {}\n'.format(path))
    return lambda *args: run('pflogsumm-report', '--config', settings, 'history', *args)


# -- what is kept --

def test_a_day_comes_back_as_it_was(path):
    file = History(str(path))
    assert file.add(days.day(), NOW)
    assert file.figures(days.DATE, days.HOST) == days.day()
    (date, host, totals), = file.days()
    assert (date, host) == (days.DATE, days.HOST) and totals == {name: days.day()[name] for name in values.TOTALS}


def test_a_day_that_is_reported_again_is_one_row_with_the_new_figures(path):
    file = History(str(path))
    for delivered in (1, 2, 3):
        file.add(days.day(delivered=delivered), NOW)
    file.add(days.day(host='mx1', delivered=9), NOW)
    assert [(host, totals['delivered']) for _, host, totals in file.days()] == [('mail1.example.org', 3), ('mx1', 9)]


def test_figures_from_less_of_the_log_replace_none_from_more(path):
    file = History(str(path))
    file.add(days.day(), NOW)
    part = dict(days.day(delivered=5), lines=days.day()['lines'] - 1)
    assert not file.add(part, NOW)
    assert file.days()[0][2]['delivered'] == days.day()['delivered']
    assert file.add(dict(part, lines=part['lines'] + 1), NOW)
    assert file.days()[0][2]['delivered'] == 5


def test_days_are_asked_for_by_range_and_host(path):
    file = History(str(path))
    for one in days.weeks(5):
        file.add(one, NOW)
        file.add(dict(one, host='mx1'), NOW)
    found = file.days(SUNDAYS[3], SUNDAYS[1], ['mx1'])
    assert [(date, host) for date, host, _ in found] == [(date, 'mx1') for date in reversed(SUNDAYS[1:4])]


def test_the_past_of_a_day_is_its_weekdays_of_eight_weeks_and_not_the_day_itself(path):
    file = History(str(path))
    for one in days.weeks(12):
        file.add(one, NOW)
    file.add(days.day(), NOW)
    file.add(days.day(compare.day_of(days.DATE).replace(day=10).isoformat()), NOW)
    assert [date for date, _ in file.past(days.DATE, days.HOST).days] == SUNDAYS[:8]
    assert file.past(days.DATE, 'other').days == ()


def test_details_go_after_two_months_and_totals_and_hours_stay_until_keep_is_over(path):
    file = History(str(path), keep_s=95 * history.DAY_S)
    for back in (15, 14, 9, 8, 1):
        file.add(days.day(SUNDAYS[back - 1]), NOW)
    assert [date for date, _, _ in file.days()] == [SUNDAYS[13], SUNDAYS[8], SUNDAYS[7], SUNDAYS[0]]
    old, young = (file.figures(SUNDAYS[back - 1], days.HOST) for back in (14, 8))
    assert set(old) == set(history.KEPT) and old['per_hour'] == days.day()['per_hour']
    assert set(values.DETAIL) <= set(young)


@pytest.mark.slow
def test_a_year_of_days_is_small(path):
    file = History(str(path))
    first = compare.day_of('2025-11-22').toordinal()
    for back in range(400):
        file.add(days.day(compare.datetime.date.fromordinal(first + back).isoformat()), NOW)
    assert path.stat().st_size < 2 << 20


# -- faults --

@pytest.mark.parametrize('content', [b'no database' * 1000, b'SQLite format 3\0' + b'\xff' * 5000])
def test_a_damaged_file_is_moved_aside_and_said_and_a_new_one_begun(path, content):
    path.write_bytes(content)
    said = []
    file = History(str(path), say=said.append)
    assert file.past(days.DATE, days.HOST).error and not said           # who only reads moves nothing
    file.add(days.day(), NOW)
    aside, = path.parent.glob('report.db.damaged-*')
    assert aside.read_bytes() == content
    assert str(aside) in said[0] and 'damaged' in said[0] and len(file.days()) == 1


@pytest.mark.parametrize('begin', [100, 4096])      # the schema; the pages of the days
def test_a_file_of_which_a_part_was_overwritten_is_moved_aside_too(path, begin):
    said = []
    file = History(str(path), say=said.append)
    for one in days.weeks(8):
        file.add(one, NOW)
    data = path.read_bytes()
    path.write_bytes(data[:begin] + b'\xa5' * (len(data) - begin))
    file.add(days.day(), NOW)
    assert len(said) == 1 and [date for date, _, _ in file.days()] == [days.DATE]
    assert len(list(path.parent.glob('report.db.damaged-*'))) == 1


def test_a_damaged_row_is_told_and_does_not_keep_the_next_day_out(path):
    file = History(str(path))
    file.add(days.day(SUNDAYS[20]), NOW)
    with sqlite3.connect(str(path)) as connection:
        connection.execute("UPDATE day SET figures = x'00ff'")
    with pytest.raises(FileFailure, match='damaged'):
        file.figures(SUNDAYS[20], days.HOST)
    file.add(days.day(), NOW)                                           # which thins the damaged one
    assert [date for date, _, _ in file.days()] == [SUNDAYS[20], days.DATE]


def test_an_empty_file_is_a_new_one(path):
    path.write_bytes(b'')
    file = History(str(path))
    assert file.days() == [] and file.figures(days.DATE, days.HOST) is None
    file.add(days.day(), NOW)
    assert len(file.days()) == 1


def test_a_history_of_a_newer_version_is_left_as_it_is(path):
    with sqlite3.connect(str(path)) as connection:
        connection.execute('PRAGMA user_version = 99')
    before = path.read_bytes()
    with pytest.raises(FileFailure, match='newer version'):
        History(str(path)).add(days.day(), NOW)
    assert path.read_bytes() == before


def test_a_day_that_cannot_be_kept_changes_nothing(path):
    file = History(str(path))
    file.add(days.day(), NOW)
    broken = days.day(SUNDAYS[0])
    broken['delivered'] = object()                                      # SQLite refuses it after BEGIN
    with pytest.raises((FileFailure, TypeError)):
        file.add(broken, NOW)
    assert [date for date, _, _ in file.days()] == [days.DATE]


def test_two_at_once_lose_no_day(path):
    def fill(host):
        for one in days.weeks(6):
            History(str(path)).add(dict(one, host=host), NOW)
    threads = [threading.Thread(target=fill, args=('mail{}'.format(at),)) for at in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(History(str(path)).days()) == 18


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(FileFailure, match='cannot open the history .*No such file or directory'):
        History(str(tmp_path / 'none' / 'report.db')).add(days.day(), NOW)


# -- the command --

def test_without_a_history_the_command_says_so(path):
    ran = asking(path)()
    assert ran.status == 69 and str(path) in ran.err and ran.err.count('\n') == 1


@pytest.fixture(scope='module')
def ask(tmp_path_factory):
    """ask(ARGUMENT...) of a history of twelve usual Sundays and an unusual one, and another host; nobody writes it."""
    path = tmp_path_factory.mktemp('filled') / 'report.db'
    file = History(str(path))
    for one in reversed(list(days.weeks(12))):
        file.add(one, NOW)
    file.add(days.unusual().figures, NOW)
    file.add(days.day(host='mx1'), NOW)
    return asking(path)


def test_the_command_shows_days_and_what_was_unusual_then(ask):
    ran = ask('--since', SUNDAYS[2])
    lines = ran.out.splitlines()
    assert ran.status == 0 and len(lines) == 6
    last = next(line for line in lines if line.startswith(days.DATE) and 'mail1' in line)
    assert 'high deferred (3,850-6,430)' in last and 'low delivered' in last and ' -38 % ' in last
    assert all('high' not in line for line in lines if days.DATE not in line)


def test_json_and_csv_have_all_totals_and_a_range_has_its_ends(ask):
    rows = [json.loads(line) for line in ask('--json', '--since', SUNDAYS[4], '--until', SUNDAYS[2]).out.splitlines()]
    assert [row['date'] for row in rows] == SUNDAYS[4:1:-1] and set(values.TOTALS) <= set(rows[0])
    table = list(csv.DictReader(ask('--csv', '--since', days.DATE, days.HOST).out.splitlines()))
    assert [(row['host'], row['deferred'], row['unusual']) for row in table] == [
        (days.HOST, '61204', 'delivered deferred bounced held')]
    assert float(table[0]['usual_delivered']) == compare.median([day['delivered'] for day in days.weeks(8)])


def test_all_of_a_day_is_printed_as_json_printed_it(ask):
    lines = ask('--figures', days.DATE).out.splitlines()
    assert [json.loads(line)['host'] for line in lines] == [days.HOST, 'mx1']
    assert lines[1] == values.to_json(days.day(host='mx1'))


@pytest.mark.parametrize('args, status, said', [
    (['nobody'], 64, 'unknown host nobody; there are mail1.example.org, mx1'),
    (['--since', '2026-02-30'], 64, '2026-02-30'), (['--since', 'x'], 64, "'x' is not a time"),
    (['--since', '99999999d'], 64, '99999999d')])
def test_a_wrong_question_is_one_line(ask, args, status, said):
    ran = ask(*args)
    assert (ran.status, ran.out) == (status, '') and said in ran.err and ran.err.count('\n') == 1


def test_a_history_that_may_not_be_read_is_one_line(path):
    os.mkdir(str(path))
    ran = asking(path)()
    assert ran.status == 74 and 'cannot use the history' in ran.err and ran.err.count('\n') == 1
