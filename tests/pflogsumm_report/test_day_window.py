"""Which lines are of the day: years that no stamp tells, leap days, both changes of the clocks, zones."""
import datetime
import os
import time

import pytest
from maillog import DAY, RFC3339, Log, at, busy
from reports import of_files, of_text, same

from mailtools.pflogsumm_report.reading import NoLog

LAST_YEAR = datetime.date(2025, 11, 22)


@pytest.fixture(autouse=True)
def zone():
    """Sets the zone of this process; UTC until it is called."""
    before = os.environ.get('TZ')

    def put(name):
        os.environ['TZ'] = name
        time.tzset()
    put('UTC')
    yield put
    if before is None:
        del os.environ['TZ']
    else:
        os.environ['TZ'] = before
    time.tzset()


def write(path, text, changed):
    """A log that was changed last at the end of a date."""
    path.write_bytes(text)
    moment = time.mktime((changed + datetime.timedelta(days=1)).timetuple()) - 1
    os.utime(str(path), (moment, moment))


def day_of(day, mails=20, seed=1):
    """A Log of one day."""
    return busy(seed=seed, mails=mails, day=day)


def test_a_file_of_a_year_ago_is_not_yesterday(tmp_path):
    write(tmp_path / 'maillog.1', day_of(LAST_YEAR).text(), LAST_YEAR)
    write(tmp_path / 'maillog', day_of(DAY, seed=2).text(), DAY)
    same(of_files(tmp_path).figures, day_of(DAY, seed=2).figures())
    same(of_files(tmp_path, LAST_YEAR).figures, day_of(LAST_YEAR).figures())
    (tmp_path / 'maillog').unlink()
    with pytest.raises(NoLog):
        of_files(tmp_path)
    with pytest.raises(NoLog):
        of_files(tmp_path, logs=[tmp_path / 'maillog.1'])


@pytest.mark.parametrize('between', [(), (datetime.date(2025, 11, 25),), (datetime.date(2026, 5, 1),),
                                     (datetime.date(2025, 12, 31), datetime.date(2026, 1, 1))])
@pytest.mark.parametrize('after', [(), (datetime.date(2026, 11, 25),)])
def test_a_log_with_two_years_in_it(tmp_path, between, after):
    days = (LAST_YEAR,) + between + (DAY,) + after
    text = b''.join(day_of(day, seed=day.toordinal()).text() for day in days)
    write(tmp_path / 'maillog', text, days[-1])
    for day in (LAST_YEAR, DAY):
        same(of_files(tmp_path, day).figures, day_of(day, seed=day.toordinal()).figures())


def test_a_log_with_three_years_in_it_whose_first_is_wanted(tmp_path):
    days = [datetime.date(year, 11, 22) for year in (2024, 2025, 2026)]
    write(tmp_path / 'maillog', b''.join(day_of(day, seed=day.year).text() for day in days), days[-1])
    for day in days:
        same(of_files(tmp_path, day).figures, day_of(day, seed=day.year).figures())


@pytest.mark.parametrize('day', [datetime.date(2026, 12, 31), datetime.date(2027, 1, 1), datetime.date(2028, 2, 29),
                                 datetime.date(2028, 2, 28), datetime.date(2028, 3, 1)])
def test_the_ends_of_years_and_of_februaries(tmp_path, day):
    days = [day + datetime.timedelta(days=number) for number in (-1, 0, 1)]
    write(tmp_path / 'maillog', b''.join(day_of(one, seed=one.toordinal()).text() for one in days), days[-1])
    for one in days:
        same(of_files(tmp_path, one).figures, day_of(one, seed=one.toordinal()).figures())


def test_a_log_that_is_named_may_be_older_by_its_date_than_by_its_lines(tmp_path):
    days = [datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)]
    path = tmp_path / 'new-year.log'
    write(path, b''.join(day_of(one, seed=one.toordinal()).text() for one in days), DAY)
    for day in days:
        same(of_files(tmp_path, day, [path]).figures, day_of(day, seed=day.toordinal()).figures())


@pytest.mark.parametrize('day, hours', [(datetime.date(2026, 3, 29), 23), (datetime.date(2026, 10, 25), 25)])
def test_days_of_23_and_of_25_hours(tmp_path, zone, day, hours):
    zone('Europe/Berlin')
    begin = time.mktime(day.timetuple())
    log, form = Log(day), '{}: to=<b@example.net>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)'
    for hour in range(-1, hours + 1):
        clock = time.localtime(begin + 3600 * hour + 60)
        log.lines.append((clock, hour, 'mx1', 'postfix/local[1]', form.format('AA{}'.format(hour + 1))))
    delivered = [1 if hours == 25 else hour != 2 for hour in range(24)]
    delivered[2] += hours == 25
    traditional = b''.join('{} mx1 {}: {}\n'.format(time.strftime('%b %e %H:%M:%S', line[0]), *line[3:]).encode()
                           for line in log.lines)
    dated = b''.join('{}{}:{} mx1 {}: {}\n'.format(
        time.strftime('%Y-%m-%dT%H:%M:%S.000001', line[0]), time.strftime('%z', line[0])[:3], '00', *line[3:]).encode()
        for line in log.lines)
    for text in (traditional, dated):
        write(tmp_path / 'maillog', text, day)
        figures = of_files(tmp_path, day).figures
        assert figures['per_hour']['delivered'] == [int(number) for number in delivered]
        assert figures['delivered'] == hours


@pytest.mark.parametrize('name, ahead', [('Europe/Berlin', 1), ('America/New_York', -5), ('Asia/Kolkata', 5.5)])
def test_a_log_in_another_zone_gives_the_day_of_this_host(tmp_path, zone, name, ahead):
    zone(name)
    log = Log()
    for minute in range(0, 3 * 1440, 10):
        log.mail(at(0, day=DAY - datetime.timedelta(days=1)) + datetime.timedelta(minutes=minute), 'a@example.org',
                 ['b@example.net'])
    shift = datetime.timedelta(hours=ahead)
    log.lines = [(line[0] - shift,) + line[1:] for line in log.lines]       # written in UTC
    for offset in ('+00:00', 'Z', '+0000'):
        same(of_text(tmp_path, log.text(RFC3339, offset)), {'received': 144, 'per_hour': dict(
            log.per_hour, received=[6] * 24, delivered=[6] * 24)})


def test_hosts_that_write_at_once_are_no_change_of_the_year(tmp_path):
    one, other = day_of(DAY), busy(seed=2, mails=20, host='mx2')
    behind = [(line[0] - datetime.timedelta(hours=6),) + line[1:] for line in other.lines if line[0].hour >= 6]
    one.lines += [line[:1] + (10 ** 6 + line[1],) + line[2:] for line in behind]
    order = sorted((line[0] + datetime.timedelta(hours=6 * (line[2] == 'mx2')), line) for line in one.lines)
    text = b''.join(one.line(line) for _, line in order)
    write(tmp_path / 'maillog', text, DAY)
    received = sum(b'client=' in line or b'uid=' in line for line in text.splitlines())
    assert of_files(tmp_path).figures['received'] == received


def test_lines_out_of_order_by_a_little_and_lines_without_a_stamp_do_no_harm(tmp_path):
    log = day_of(DAY)
    lines = log.text().splitlines(True)
    lines[3:3] = [b'  a line that goes on\n', b'\n',
                  b'Nov 31 00:00:00 mx1 postfix/smtpd[1]: AAAA: client=x[192.0.2.1]\n',
                  b'Nov 21 23:59:59 mx1 postfix/anvil[1]: late\n',
                  b'Xyz 22 00:00:00 mx1 postfix/smtpd[1]: A: client=x\n']
    same(of_text(tmp_path, b''.join(lines)), log.figures())
