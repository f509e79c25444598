"""Every style of time stamp, in the zone of Berlin; the answers come from GNU date."""
import calendar
import os
import time

import pytest

from mailtools.block_sasl_fail.stamps import Clock, exists, utc


@pytest.fixture(autouse=True)
def berlin():
    """Local time is that of Berlin, by rule: the test needs no zone files."""
    before = os.environ.get('TZ')
    os.environ['TZ'] = 'CET-1CEST,M3.5.0,M10.5.0/3'
    time.tzset()
    yield
    if before is None:
        del os.environ['TZ']
    else:
        os.environ['TZ'] = before
    time.tzset()


def at(text):
    """Seconds since the epoch of `2026-03-05 03:03:02` UTC."""
    return calendar.timegm(time.strptime(text, '%Y-%m-%d %H:%M:%S'))


MARCH = '2026-03-20 00:00:00'


@pytest.mark.parametrize('stamp, expected', [
    ('Mar  5 04:03:02', '2026-03-05 03:03:02'),
    ('Mar 05 04:03:02', '2026-03-05 03:03:02'),
    ('Mar 15 04:03:02', '2026-03-15 03:03:02'),
    ('2026-03-05T04:03:02+01:00', '2026-03-05 03:03:02'),
    ('2026-03-05T04:03:02+0100', '2026-03-05 03:03:02'),
    ('2026-03-05T04:03:02-05:30', '2026-03-05 09:33:02'),
    ('2026-03-05T04:03:02Z', '2026-03-05 04:03:02'),
    ('2026-03-05T04:03:02', '2026-03-05 03:03:02'),
    ('2026-03-05 04:03:02', '2026-03-05 03:03:02'),
    ('1772679782.000000', '2026-03-05 03:03:02'),
    ('Thu 2026-03-05 04:03:02 CET', '2026-03-05 03:03:02'),
    ('Wed 2026-07-01 04:03:02 CEST', '2026-07-01 02:03:02'),
    ('Thu 2026-03-05 04:03:02 UTC', '2026-03-05 04:03:02'),
    ('Thu 2026-03-05 04:03:02 +03', '2026-03-05 01:03:02'),
    ('Sun 2026-10-25 02:30:00 CEST', '2026-10-25 00:30:00'),
    ('Sun 2026-10-25 02:30:00 CET', '2026-10-25 01:30:00'),
])
def test_a_stamp_of_each_style_is_read(stamp, expected):
    assert Clock(at(MARCH))(stamp.encode()) == at(expected)


@pytest.mark.parametrize('stamp', [
    'Mar  5 04:03:02.123456', '2026-03-05T04:03:02.123456+01:00', '2026-03-05T04:03:02,123456+0100',
    '1772679782.123456', 'Thu 2026-03-05 04:03:02.123456 CET'])
def test_fractions_of_a_second_are_kept(stamp):
    assert abs(Clock(at(MARCH))(stamp.encode()) - at('2026-03-05 03:03:02') - .123456) < 1e-6


@pytest.mark.parametrize('reference, stamp, expected', [
    ('2027-01-01 00:10:00', 'Dec 31 23:59:59', '2026-12-31 22:59:59'),
    ('2026-12-31 22:59:59', 'Jan  1 00:10:00', '2026-12-31 23:10:00'),
    ('2027-01-02 00:00:00', 'Jan  1 00:10:00', '2026-12-31 23:10:00'),
    ('2027-06-01 00:00:00', 'Jun  2 12:00:00', '2027-06-02 10:00:00'),
    ('2027-06-01 00:00:00', 'Jun 12 12:00:00', '2026-06-12 10:00:00'),
    ('2026-03-20 00:00:00', 'Feb 29 12:00:00', '2024-02-29 11:00:00'),
    ('2028-03-01 00:00:00', 'Feb 29 12:00:00', '2028-02-29 11:00:00'),
    ('2103-03-01 00:00:00', 'Feb 29 12:00:00', '2096-02-29 11:00:00'),
])
def test_the_year_is_the_one_nearest_before_the_reference(reference, stamp, expected):
    assert Clock(at(reference))(stamp.encode()) == at(expected)


@pytest.mark.parametrize('stamp', ['Feb 30 00:00:00', 'Xxx 10 00:00:00', 'Mar  0 00:00:00', 'Mar  5 24:00:00',
                                   '2026-13-01T00:00:00Z', '2026-02-29T00:00:00Z', '2026-01-01T00:61:00Z',
                                   '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59', '1969-12-31T23:59:59Z'])
def test_what_is_no_time_is_none(stamp):
    assert Clock(at(MARCH))(stamp.encode()) is None


def test_the_hour_that_autumn_has_twice_goes_forward():
    clock = Clock(at('2026-11-01 00:00:00'))
    stamps = ['Oct 25 01:59:59', 'Oct 25 02:00:01', 'Oct 25 02:59:59', 'Oct 25 02:00:02', 'Oct 25 02:30:00',
              'Oct 25 03:00:00']
    assert [clock(stamp.encode()) for stamp in stamps] == [at('2026-10-' + text) for text in (
        '24 23:59:59', '25 00:00:01', '25 00:59:59', '25 01:00:02', '25 01:30:00', '25 02:00:00')]


def test_days_agree_with_the_calendar_of_the_library():
    for day in range(-30000, 60000, 97):
        fields = time.gmtime(day * 86400 + 3661)[:6]
        assert utc(*fields) == day * 86400 + 3661
        assert exists(*fields)


def test_the_hour_that_autumn_has_twice_is_read_twice_however_dense_the_log(monkeypatch):
    monkeypatch.setenv('TZ', 'Europe/Berlin')
    time.tzset()
    try:
        clock = Clock(1793000000)           # 2026-10-26
        stamps = [b'Oct 25 02:%02d:00' % minute for minute in range(60)]
        first, second = [clock(stamp) for stamp in stamps], [clock(stamp) for stamp in stamps]
        assert [after - before for before, after in zip(first, second)] == [3600] * 60
    finally:
        monkeypatch.undo()
        time.tzset()
