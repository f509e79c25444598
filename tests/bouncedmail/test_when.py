"""Times that people write."""
import pytest

from mailtools.bouncedmail.when import day_of, stamp, time_of

NOW = 1795382399            # 2026-11-22T21:19:59Z


def test_now():
    assert stamp(NOW) == '2026-11-22T21:19:59Z'


@pytest.mark.parametrize('text, time', [
    ('2026-11-20', '2026-11-20T00:00:00Z'),
    ('2026-11-20T09:30', '2026-11-20T09:30:00Z'),
    ('2026-11-20 09:30:07', '2026-11-20T09:30:07Z'),
    ('2026-11-20T09:30:07Z', '2026-11-20T09:30:07Z'),
    ('0987-01-02', '0987-01-02T00:00:00Z'),
    ('today', '2026-11-22T00:00:00Z'),
    ('yesterday', '2026-11-21T00:00:00Z'),
    ('7d', '2026-11-15T21:19:59Z'),
    ('90s', '2026-11-22T21:18:29Z'),
    ('1.5h', '2026-11-22T19:49:59Z'),
])
def test_a_time(text, time):
    assert time_of(text, NOW) == time


@pytest.mark.parametrize('text', ['', 'now', '7', '7w', '-1d', '2026-02-30', '22.11.2026', '99999d',
                                  '2026-11-20T25:00', "2026-11-20' OR 1=1"])
def test_what_is_no_time(text):
    with pytest.raises(ValueError):
        time_of(text, NOW)


def test_a_day():
    assert day_of('2026-12-31', NOW) == ('2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z')
    assert day_of('yesterday', NOW) == ('2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z')
    assert day_of('1d', NOW) == ('2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z')
    with pytest.raises(ValueError):
        day_of('9999-12-31', NOW)
