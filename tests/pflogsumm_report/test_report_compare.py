"""What is unusual is a rule that can be said in a sentence, and a rule that one strange week does not bend."""
import datetime
import time

import days
import pytest

from mailtools.pflogsumm_report import clock, compare, report, report_html, report_text


def past_of(*figures, key='delivered'):
    """Some days of one figure."""
    return compare.Past(tuple((date, {key: figure}) for date, figure in zip(
        compare.same_weekdays(days.DATE), figures)))


def test_the_same_weekdays_are_seven_days_apart_over_month_year_and_leap_day():
    assert compare.same_weekdays('2024-03-07', 3) == ['2024-02-29', '2024-02-22', '2024-02-15']
    assert compare.same_weekdays('2027-01-03', 2) == ['2026-12-27', '2026-12-20']
    assert {compare.weekday(date) for date in compare.same_weekdays(days.DATE)} == {'Sunday'}
    assert len(compare.same_weekdays(days.DATE)) == compare.WEEKS


@pytest.mark.parametrize('date', ['2026-2-03', '2026-02-30', 'yesterday', '2026-11-22x', ''])
def test_what_is_no_date_is_none(date):
    with pytest.raises(ValueError):
        compare.day_of(date)


@pytest.mark.parametrize('figures, least, most', [
    ([1000] * 8, 750, 1250),                            # a quarter
    ([1000, 1100, 900, 1050, 950], 750, 1250),          # deviation 50 x 4.5 = 225: a quarter is more
    ([1000, 1200, 800, 1100, 900], 550, 1450),          # deviation 100 x 4.5
    ([100] * 3, 70, 130),                               # 3 x the root
    ([2, 3, 2], 0, 12),                                 # 10
    ([0, 0, 0, 0], 0, 10),
    ([123456] * 4, 92500, 155000),                      # three digits, outwards
])
def test_the_usual_range_is_what_the_rule_says(figures, least, most):
    usual = compare.usual(figures)
    assert (usual.least, usual.most, usual.days) == (least, most, len(figures))


def test_one_newsletter_or_one_outage_does_not_move_what_is_usual():
    calm, wild = compare.usual([1000] * 8), compare.usual([1000] * 6 + [90000, 0])
    assert (calm.least, calm.most, calm.median) == (wild.least, wild.most, wild.median)


@pytest.mark.parametrize('value, flagged', [(749, True), (750, False), (1250, False), (1251, True)])
def test_outside_the_range_is_unusual_and_on_its_edge_is_not(value, flagged):
    assert bool(compare.unusual({'delivered': value}, past_of(*[1000] * 8))) == flagged


def test_with_two_weeks_nothing_is_unusual_and_with_three_it_is():
    assert compare.unusual({'delivered': 9}, past_of(1000, 1000)) == []
    found, = compare.unusual({'delivered': 9}, past_of(1000, 1000, 1000))
    assert (found.key, found.value, found.high) == ('delivered', 9, False)
    assert not compare.judged({'delivered': 9}, past_of(1000, 1000))
    assert compare.judged({'delivered': 9}, past_of(1000, 1000, 1000))


def test_few_bounces_are_good_news_and_few_deliveries_are_not():
    past = compare.Past(tuple((date, {'delivered': 5000, 'bounced': 5000}) for date in
                              compare.same_weekdays(days.DATE)))
    assert [one.key for one in compare.unusual({'delivered': 1, 'bounced': 1}, past)] == ['delivered']
    assert [one.key for one in compare.unusual({'delivered': 1, 'bounced': 9999}, past)] == ['delivered', 'bounced']


@pytest.mark.parametrize('value, before, said', [
    (110, 100, '+10 %'), (97, 100, '-3 %'), (100, 100, '\u00b10 %'), (1001, 1000, '\u00b10 %'), (5, 0, 'new'),
    (0, 0, ''), (5, None, ''), (1200, 100, '\u00d7 12'), (0, 7, '-100 %')])
def test_a_change_is_said_in_percent_and_a_great_one_as_a_factor(value, before, said):
    assert compare.change(value, before) == said


def test_the_week_before_is_that_week_and_no_other():
    past = compare.Past(((compare.same_weekdays(days.DATE)[1], {'delivered': 7}),))
    assert compare.last_week('delivered', days.DATE, past) is None
    assert compare.last_week('delivered', days.DATE, past_of(3, 7)) == 3


def test_a_day_says_which_figure_and_what_is_usual():
    said = report.said(days.unusual())
    assert said[0] == 'Delivered 198,422, usually 239,000 to 400,000 on a Sunday'
    assert report.said(days.report()) == ['All as usual for a Sunday']
    assert report.said(days.report(past=days.past(2))) == ['What is usual is known after 3 Sundays']


def test_panics_and_troubles_are_said_before_what_is_unusual():
    made = days.unusual()
    made.figures['panics'] = {'count': 2, 'list': []}
    said = report.said(made._replace(troubles=('pflogsumm is not installed',)))
    assert said[:2] == ['Pflogsumm is not installed', '2 panics in the log'] and said[2].startswith('Delivered')


@pytest.mark.parametrize('zone, date, said', [
    ('CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29', 'the hour from 2:00 was left out'),
    ('CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25', 'the hour from 2:00 was there twice'),
    ('CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-24', ''), ('CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-26', ''),
    ('<-03>3<-02>,M3.5.0/-2,M10.5.0/-1', '2026-06-01', ''), ('UTC', '2026-03-29', ''),
    ('<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2026-04-05', 'the hour from 1:00 was longer'),
    ('<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2026-10-04', 'the hour from 2:00 was shorter'),
    ('EST5EDT,M3.2.0,M11.1.0', '2026-11-01', 'the hour from 1:00 was there twice')])
def test_the_day_of_a_clock_change_says_which_hour(monkeypatch, zone, date, said):
    monkeypatch.setenv('TZ', zone)
    time.tzset()
    try:
        found = clock.change_of(date)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == said


def test_a_changed_clock_is_told_beside_the_hours():
    made = days.report(clock='the hour from 2:00 was there twice')
    assert '  (The clock was changed: the hour from 2:00 was there twice.)\n' in report_text.render(made)
    assert 'The clock was changed: the hour from 2:00 was there twice.' in report_html.render(made)
    assert 'clock' not in report_text.render(days.report()) + report_html.render(days.report())


@pytest.mark.parametrize('value, said', [(0, '0 %'), (0.0001, '< 0.1 %'), (0.004, '0.4 %'), (0.0994, '9.9 %'),
                                         (0.0996, '10 %'), (0.9937, '99 %'), (1, '100 %')])
def test_shares_are_short(value, said):
    assert report.percent(value) == said


@pytest.mark.parametrize('value, said', [
    (None, ''), (0, '0 s'), (0.004, '0 s'), (0.05, '0.05 s'), (0.31, '0.3 s'), (1.26, '1.3 s'), (47.2, '47 s'),
    (180, '3 min'), (7300, '2 h'), (400000, '5 d')])
def test_times_are_short(value, said):
    assert report.seconds(value) == said


@pytest.mark.parametrize('key, value, said', [
    ('held', 1.5, '1.5'), ('held', 2.0, '2'), ('held', 2, '2'), ('sent', 1234567.5, '1,234,568'), ('held', None, ''),
    ('bytes_received', 1499, '1.5 kB'), ('bytes_received', 2.5e9, '2.5 GB'), ('bytes_delivered', 0, '0 B')])
def test_figures_are_whole_but_for_a_small_median(key, value, said):
    assert report.amount(key, value) == said


def test_rows_that_are_always_zero_are_left_out_but_not_one_that_was_not():
    quiet = {row.key for row in report.rows(days.report(days.day(held=0, discarded=0), past=compare.NOTHING))}
    assert 'held' not in quiet and {'received', 'bounced'} <= quiet
    before = {row.key for row in report.rows(days.report(days.day(held=0)))}       # two were held on those days
    assert 'held' in before


def test_a_year_of_ordinary_noise_is_not_alarming():
    first = datetime.date(2026, 1, 4)
    known = [days.day((first + datetime.timedelta(7 * week)).isoformat(), detail=False,
                      scale=1 + 0.08 * ((week * 7919) % 13 - 6) / 6) for week in range(52)]
    flagged = [one['date'] for at, one in enumerate(known[8:], 8) if compare.unusual(
        one, compare.Past(tuple((old['date'], old) for old in known[at - 8:at])))]
    assert flagged == []
