"""The history: nothing is lost within 13 months but fineness, peaks least of all; a damaged file stops nobody."""
import csv
import json
import os
import random
import sqlite3
import time

import pytest
import scenes

from mailtools.base.sqlitefile import FileFailure
from mailtools.mailqueues import charts, judging, steps
from mailtools.mailqueues.history import DAY, HOUR, LEVELS, MINUTE, History
from mailtools.mailqueues.past import past_of, with_run
from mailtools.mailqueues.values import Snapshot
from rig.program import run

NOW = int(scenes.NOW)


@pytest.fixture
def path(quick_folder):
    """Of a file that is not there yet."""
    return quick_folder / 'mailqueues.db'


def one(at, deferred=None, name='mail1', **figures):
    """A snapshot of one host; deferred None: it failed, and has last good figures."""
    if deferred is None:
        return Snapshot(at, (scenes.known(name, at - 600, scenes.counts(deferred=77), None, 'refused', at - 300),))
    return Snapshot(at, (scenes.known(name, at, scenes.counts(deferred=deferred, **figures)),))


def grow(file, start, end, step_s, deferred):
    """Runs of export from start to end."""
    for at in range(start, end, step_s):
        file.add(one(at, deferred(at)))


# -- what is kept --

def test_what_was_added_is_read_in_order_host_by_host(path):
    file = History(str(path))
    file.add(Snapshot(NOW - 60, (scenes.known('b', NOW - 60, scenes.counts(1, 2, 3, 4, 5, 6)),
                                 scenes.known('a', NOW - 60, scenes.counts(7, 8)))))
    file.add(one(NOW, 5, 'a'))
    rows = list(file.read(NOW - HOUR, NOW))
    assert [(row.host, row.at - NOW, row.span_s, row.seen, row.failed) for row in rows] == [
        ('b', -60, 0, 1, 0), ('a', -60, 0, 1, 0), ('a', 0, 0, 1, 0)]
    assert rows[0].most == {'maildrop': 5, 'incoming': 3, 'active': 1, 'deferred': 2, 'hold': 4, 'corrupt': 6}
    assert [row.host for row in file.read(NOW - HOUR, NOW, ['a'])] == ['a', 'a']
    assert list(file.read(NOW + 1, NOW + 2)) == [] and file.hosts() == ['a', 'b']


def test_last_good_figures_of_a_failing_host_are_none_of_now(path):
    file = History(str(path))
    file.add(one(NOW))
    row, = file.read(NOW, NOW)
    assert (row.seen, row.failed, row.most, row.mean, row.oldest_s) == (0, 1, None, None, None)


def test_the_oldest_mail_is_that_of_a_queue_that_holds_any_but_not_of_hold(path):
    detail = scenes.detail()._replace(oldest={'deferred': NOW - 900, 'active': NOW - 7200, 'hold': NOW - DAY})
    file = History(str(path))
    file.add(Snapshot(NOW, (scenes.known('a', NOW, scenes.counts(0, 5, hold=1), detail),)))
    assert next(file.read(NOW, NOW)).oldest_s == 900


@pytest.mark.parametrize('level', [1, 2, 3])
def test_thinned_rows_keep_the_peak_and_weigh_means(path, level):
    span_s, age_s = LEVELS[level].span_s, LEVELS[level - 1].until_s
    begin = (NOW - age_s - 3 * DAY) // span_s * span_s
    step_s = max(MINUTE, span_s // 20)
    file = History(str(path))
    grow(file, begin, begin + 2 * span_s, step_s, lambda at: None if at - begin < span_s // 4 else at % 1009)
    file.add(one(begin + 2 * span_s + age_s + 2 * span_s, 1))
    kept = [at % 1009 for at in range(begin, begin + span_s, step_s) if at - begin >= span_s // 4]
    row = next(file.read(begin, begin + span_s - 1))
    times = len(range(begin, begin + span_s, step_s))
    assert (row.at, row.span_s, row.seen, row.failed) == (begin, span_s, len(kept), times - len(kept))
    assert row.most['deferred'] == max(kept)
    assert row.mean['deferred'] == pytest.approx(sum(kept) / len(kept))


@pytest.mark.slow
def test_a_peak_of_one_minute_is_still_there_after_a_year(path):
    file = History(str(path))
    peak_at = NOW - 380 * DAY
    file.add(one(peak_at, 91234))
    for days in range(379, -1, -3):
        file.add(one(NOW - days * DAY, 10))
    row = next(row for row in file.read(0, NOW) if row.most['deferred'] > 10)
    assert (row.most['deferred'], row.span_s) == (91234, 6 * HOUR) and row.at <= peak_at < row.at + row.span_s
    assert max(step.deferred_most for step in past_of(file, NOW).steps['year']['mail1'].values()) == 91234


def test_after_thirteen_months_it_is_gone(path):
    file = History(str(path))
    file.add(one(NOW - 397 * DAY - 6 * HOUR - 1, 5))
    file.add(one(NOW - 396 * DAY, 6))
    file.add(one(NOW, 7))
    assert [row.most['deferred'] for row in file.read(0, NOW)] == [6, 7]


@pytest.mark.slow
def test_every_run_is_in_exactly_one_row_whatever_was_thinned_when(path):
    file = History(str(path))
    begin, times = NOW - 20 * DAY, []
    for days, step_s in ((0, 2 * MINUTE), (2, 7 * MINUTE), (14, 7 * MINUTE)):      # later runs thin those of before
        times += range(begin + days * DAY, begin + days * DAY + 3 * HOUR, step_s)
    for at in times:
        file.add(one(at, 1) if at % 9 else one(at))
    rows = list(file.read(0, NOW))
    assert sum(row.seen + row.failed for row in rows) == len(times)
    assert sum(row.failed for row in rows) == sum(not at % 9 for at in times)
    assert {row.span_s for row in rows} == {0, 600, 3600}
    assert [row.at for row in rows] == sorted(row.at for row in rows)


@pytest.mark.slow
def test_a_clock_that_goes_back_and_comes_again_loses_nothing_but_its_own_row(path):
    file = History(str(path))
    grow(file, NOW - 3 * DAY, NOW, 2400, lambda at: 50)
    file.add(one(NOW - 3 * DAY + 5, 9))
    file.add(one(NOW, 50))
    rows = list(file.read(0, NOW))
    assert sum(row.seen for row in rows) == 3 * DAY // 2400 + 1
    assert {row.most['deferred'] for row in rows} == {50}


@pytest.mark.slow
def test_the_file_stays_small_and_a_run_is_quick(path):
    names = ['mail{}'.format(number) for number in range(10)]
    file = scenes.fill(path, names)
    assert path.stat().st_size < 8 << 20
    begin = time.process_time()
    file.add(Snapshot(NOW + 60, tuple(scenes.known(name, NOW + 60, scenes.counts()) for name in names)))
    past = past_of(file, NOW + 60)
    assert time.process_time() - begin < 3
    assert set(past.steps['year']) == set(names) and len(past.steps['year']['mail0']) == 198


@pytest.mark.parametrize('span', charts.SPANS, ids=lambda span: span.key)
def test_the_steps_of_a_chart_are_never_finer_than_the_rows(span):
    since = span.window(NOW)[0]
    finest = next(level.span_s for level in LEVELS if since > NOW - level.until_s - 6 * HOUR)
    assert span.step_s >= finest and span.step_s % (finest or 1) == 0


@pytest.mark.parametrize('took_s', [3, 4000])
def test_what_was_read_before_a_run_and_the_run_are_what_is_read_after_it(path, took_s):
    """`export` reads the past while it asks the hosts."""
    file = scenes.fill(path, ('mail1', 'mail2', 'gone'), DAY, step_s=300)      # nothing of it is thinned
    read_at = NOW
    before = past_of(file, read_at)
    made = Snapshot(read_at + took_s, (
        scenes.known('mail1', NOW, scenes.counts(5, 90000)), scenes.known('mail2', NOW, scenes.counts(6, 1)),
        scenes.known('bad', NOW, scenes.counts(7, 7), None, 'refused', NOW), scenes.known('new', NOW, scenes.counts())))
    file.add(made)
    joined, wanted = with_run(before, read_at, made), past_of(file, made.generated_at)
    for span in charts.SPANS:
        for host in 'mail1', 'mail2', 'gone', 'bad', 'new':
            got, want = joined.steps[span.key][host], wanted.steps[span.key][host]
            assert {at: pytest.approx(step) for at, step in want.items()} == got, (span.key, host)


# -- the steps that are kept ready --

def drawn(file, at):
    """What the charts draw."""
    return {span.key: file.steps(span.window(at)[0], span.step_s, span.steps) for span in charts.SPANS}


def expect_steps_of_samples(file, at, monkeypatch):
    """What is kept ready is what the samples sum up to."""
    with file.reading() as connection:
        assert steps.are_of_now(connection)
    ready = drawn(file, at)
    with monkeypatch.context() as patched:
        patched.setattr(steps, 'are_of_now', lambda _connection: False)
        summed = drawn(file, at)
    assert {key: set(its) for key, its in ready.items()} == {key: set(its) for key, its in summed.items()}
    for key, its in summed.items():
        for host, wanted in its.items():
            assert ready[key][host] == {number: pytest.approx(step) for number, step in wanted.items()}, (key, host)


BACK = (-5, -400, -5 * HOUR, -11 * HOUR, -13 * HOUR, -3 * DAY)


@pytest.mark.parametrize('seed, clock', scenes.fast_first(2, [
    (1, ()), (2, BACK), (3, BACK + (2 * DAY, 40 * DAY)), (4, BACK + (2 * DAY,)), (5, (-11 * HOUR,))]))
def test_steps_kept_ready_are_those_of_the_samples_whatever_the_clock_does(path, seed, clock, monkeypatch):
    chosen, file, at = random.Random(seed), History(str(path)), NOW - 3 * DAY
    for number in range(120):
        at += chosen.choice(clock) if clock and chosen.random() < 0.1 else chosen.choice((1, 60, 60, 700, 4000, 20000))
        file.add(Snapshot(at, tuple(
            scenes.known(name, at, scenes.counts(chosen.randrange(50), chosen.randrange(5000)),
                         error=chosen.choice((None, None, 'refused'))) for name in chosen.sample(('a', 'b', 'c'), 2))))
        if number % 10 == 9:
            expect_steps_of_samples(file, at, monkeypatch)


def test_a_history_without_steps_is_drawn_from_its_samples_and_gets_them_with_the_next_run(path, monkeypatch):
    file = scenes.fill(path, ('a', 'b'), 20 * DAY, step_s=600)
    before = drawn(file, NOW)
    connection = sqlite3.connect(str(path))
    connection.executescript('DROP TABLE step; DROP TABLE made')        # as the version before had it
    connection.close()
    assert drawn(file, NOW) == before and len(before['month']['a']) > 150
    file.add(one(NOW, 5))
    expect_steps_of_samples(file, NOW, monkeypatch)
    assert drawn(file, NOW)['month']['a'] == {at: pytest.approx(step) for at, step in before['month']['a'].items()}


def test_every_step_of_the_charts_is_kept_ready():
    lengths = list(steps.KEPT_S)
    assert {span.step_s: span.step_s * span.steps for span in charts.SPANS} == steps.KEPT_S
    assert all(longer % length == 0 for length, longer in zip(lengths, lengths[1:]))
    assert all(steps.KEPT_S[length] >= longer for length, longer in zip(lengths, lengths[1:]))


# -- when it cannot be used --

@pytest.mark.parametrize('damage', [
    lambda data: b'this is no database' * 400,
    lambda data: data[:100] + b'\xff' * 3000 + data[3100:],
    lambda data: data[:5000]])
def test_a_damaged_file_is_moved_aside_and_said_and_a_new_one_begun(path, damage):
    said = []
    file = History(str(path), said.append)
    grow(file, NOW - 600, NOW, 60, lambda at: 5)
    path.write_bytes(damage(path.read_bytes()))
    file.add(one(NOW, 6))
    aside, = path.parent.glob('mailqueues.db.damaged-*')
    assert len(said) == 1 and str(aside) in said[0]
    assert [row.most['deferred'] for row in file.read(0, NOW)] == [6]


@pytest.mark.parametrize('statement', [
    "UPDATE sample SET deferred_most = 'many'", 'UPDATE sample SET active_mean = 9e999', 'DROP TABLE host',
    'DROP TABLE sample', 'ALTER TABLE sample ADD COLUMN more', "UPDATE sample SET oldest_s = x'00'",
    'DROP TABLE sample; CREATE VIEW sample AS SELECT 1 AS level'])
def test_tables_and_rows_that_are_not_ours_are_set_aside_too(path, statement):
    said = []
    file = History(str(path), said.append)
    grow(file, NOW - 600, NOW, 60, lambda at: 5)
    connection = sqlite3.connect(str(path))
    connection.executescript(statement)
    connection.close()
    if 'COLUMN' not in statement:
        with pytest.raises(FileFailure, match='is damaged'):
            list(file.read(0, NOW))
        assert past_of(file, NOW).error == said[0]
    file.add(one(NOW, 6))
    assert len(list(path.parent.glob('mailqueues.db.damaged-*'))) == len(said) == 1
    assert [row.most['deferred'] for row in file.read(0, NOW)] == [6]


def test_a_row_of_a_host_that_it_does_not_know_troubles_nobody(path):
    file = History(str(path))
    grow(file, NOW - 600, NOW, 60, lambda at: 5)
    connection = sqlite3.connect(str(path))
    connection.execute('UPDATE sample SET host = 77 WHERE at < ?', (NOW - 300,))
    connection.commit()
    connection.close()
    assert len(past_of(file, NOW).recent) == 5 and 'mail1' in past_of(file, NOW).steps['day']


def test_an_empty_file_is_a_new_one(path):
    path.write_bytes(b'')
    History(str(path)).add(one(NOW, 6))
    assert len(list(History(str(path)).read(0, NOW))) == 1


def test_a_newer_version_is_left_alone(path):
    History(str(path)).add(one(NOW, 6))
    connection = sqlite3.connect(str(path))
    connection.execute('PRAGMA user_version = 99')
    connection.close()
    with pytest.raises(FileFailure, match='is of a newer version'):
        History(str(path)).add(one(NOW, 6))
    assert not list(path.parent.glob('*.damaged*'))


def test_no_folder_for_it_is_one_clear_sentence(tmp_path):
    with pytest.raises(FileFailure, match='cannot open the history .*No such file or directory'):
        History(str(tmp_path / 'none' / 'h.db')).add(one(NOW, 6))
    assert past_of(History(str(tmp_path)), NOW).error


def test_who_may_only_read_it_reads_it_while_it_is_written(path):
    file = History(str(path))
    grow(file, NOW - 600, NOW, 60, lambda at: 5)
    assert path.stat().st_mode & 0o777 == 0o644
    rows = file.read(0, NOW)
    next(rows)
    path.parent.chmod(0o555)
    try:
        assert len(list(History(str(path)).read(0, NOW))) == 10
    finally:
        path.parent.chmod(0o755)
    assert os.listdir(str(path.parent)) == ['mailqueues.db']


def test_growth_is_measured_over_about_an_hour_or_not_at_all(path):
    file = History(str(path))
    grow(file, NOW - 2 * HOUR, NOW - 30 * MINUTE, 60, lambda at: 1000 + (at - NOW + 2 * HOUR) // 6)
    rows = list(file.read(0, NOW))
    now = scenes.counts(34, 2000)
    assert judging.growth(NOW, now, rows) == 400            # 1600 an hour ago
    assert judging.growth(NOW, now, [row for row in rows if row.at > NOW - 40 * MINUTE]) is None
    assert judging.growth(NOW, now, []) is None


# -- the command --

@pytest.fixture
def config(path, tmp_path):
    """Settings whose history has ten minutes, ending now."""
    file, now = History(str(path)), int(time.time())
    grow(file, now - 600, now, 60, lambda at: 5 + (now - at) // 60 if at > now - 570 else None)
    settings = tmp_path / 'c.conf'
    settings.write_text('[mailqueues]\noutput = {}\nhistory = {}\n[host mail1]\n[host silent]\n'.format(
        tmp_path, path))
    return settings


def test_history_gives_the_same_as_a_table_json_and_csv(config):
    table = run('mailqueues', '--config', config, 'history', 'mail1')
    lines = [json.loads(line) for line in run('mailqueues', '--config', config, 'history', '--json').out.splitlines()]
    rows = list(csv.DictReader(run('mailqueues', '--config', config, 'history', '--csv').out.splitlines()))
    assert table.status == 0 and len(table.out.splitlines()) == 11 and len(lines) == len(rows) == 10
    assert lines[0]['failed'] == 1 and lines[0]['deferred'] is None and rows[0]['deferred'] == ''
    assert [line['deferred'] for line in lines[1:]] == [14 - number for number in range(9)]
    assert [row['deferred'] for row in rows[1:]] == [str(line['deferred']) for line in lines[1:]]
    assert lines[1]['deferred_mean'] == 14.0 and lines[1]['time'].endswith('Z')


@pytest.mark.slow
def test_history_knows_since_and_until(config):
    def count(*args):
        return len(run('mailqueues', '--config', config, 'history', '--json', *args).out.splitlines())
    assert (count('--since', '330'), count('--since', '1d', '--until', '330')) in ((5, 5), (6, 4), (5, 4))
    assert count('--since', time.strftime('%Y-%m-%dT%H:%M', time.gmtime(time.time() - 3600))) == 10
    assert count('--since', '2001-01-01', '--until', '2001-01-02') == 0
    assert count('silent') == 0


@pytest.mark.parametrize('args, status, says', scenes.fast_first(1, [
    (['nobody'], 64, 'unknown host nobody; there are mail1, silent'),
    (['--since', 'yesterday'], 64, 'not a time like 30s'),
    (['--since', '2026-13-99'], 64, 'is no time like 2026-11-22')]))
def test_history_refuses_what_cannot_be_meant(config, args, status, says):
    ran = run('mailqueues', '--config', config, 'history', *args)
    assert (ran.status, ran.out) == (status, '') and says in ran.err and ran.err.count('\n') == 1


def test_history_that_is_not_there_or_damaged_is_one_line(config, path):
    path.write_bytes(b'x' * 5000)
    ran = run('mailqueues', '--config', config, 'history')
    assert ran.status == 74 and 'is damaged' in ran.err and ran.err.count('\n') == 1
    path.unlink()
    ran = run('mailqueues', '--config', config, 'history')
    assert ran.status == 69 and 'has not run' in ran.err


def test_a_history_that_cannot_be_looked_at_is_not_called_missing(tmp_path):
    (tmp_path / 'file').write_text('')
    settings = tmp_path / 'c.conf'
    settings.write_text('[mailqueues]\nhistory = {}/file/h.db\n[host mail1]\n'.format(tmp_path))
    ran = run('mailqueues', '--config', settings, 'history')
    assert ran.status == 74 and 'Not a directory' in ran.err and ran.err.count('\n') == 1
