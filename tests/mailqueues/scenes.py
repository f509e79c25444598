"""Hosts as they might be, and histories of months: what the page, the monitor and the table are shown in the tests."""
import math
import sqlite3

import pytest

from mailtools.mailqueues import history, judging
from mailtools.mailqueues.history import DAY, HOUR, LEVELS, History
from mailtools.mailqueues.values import Detail, Domain, Known, Reason, Snapshot

NOW = 1795404405.0          # 2026-11-23 03:26:45 UTC


def fast_first(number, cases):
    """Cases for parametrize, each a tuple, of which all but the first few are for the full run alone."""
    return [pytest.param(*case, marks=() if at < number else pytest.mark.slow) for at, case in enumerate(cases)]


class Settings:
    """Those that are used."""

    stale = 300
    warning = judging.limits('active=10000 deferred=50000 incoming=2000 corrupt=1 growth=10000')
    critical = judging.limits('active=18000 incoming=20000')


def counts(active=34, deferred=1548, incoming=0, hold=0, maildrop=0, corrupt=0):
    """The numbers of one host."""
    return {'maildrop': maildrop, 'incoming': incoming, 'active': active, 'deferred': deferred, 'hold': hold,
            'corrupt': corrupt}


def known(name, at=NOW, figures=None, detail=None, error=None, since=None, detail_error=None):
    """One host."""
    return Known(name, at, figures, detail, error, since, 0.3, detail_error)


DOMAINS = ('gmail.com', 'outlook.com', 'yahoo.com', 'web.de', 'gmx.net', 't-online.de', 'hotmail.com', 'icloud.com',
           'orange.fr', 'freenet.de', 'libero.it', 'wanadoo.fr', 'mail.ru', 'a-very-long-name-of-a-domain.example.org',
           'bücher.example', 'corp.example', 'uni.example')
REASONS = (
    ('421-4.7.0 This message does not have authentication information or our system has detected an unusual rate of '
     'unsolicited mail originating from your IP address [IP]', 612, True),
    ('connect to HOST[IP]:25: Connection timed out', 431, False),
    ('451 4.7.650 The mail server [IP] has been temporarily rate limited due to IP reputation', 220, True),
    ('452 4.2.2 The email account that you tried to reach is over quota', 118, False),
    ('Host or domain name not found. Name service error for name=HOST type=MX: Host not found, try again', 97, False),
    ('450 4.7.1 <ADDRESS>: Recipient address rejected: Greylisted, see http://postgrey.example/help/N', 41, False),
    ('lost connection with HOST[IP] while receiving the initial server greeting', 12, False),
)


def detail(at=NOW - 300, scale=1.0, share=1.0, oldest_s=3 * DAY + 4 * HOUR):
    """What a listing might tell."""
    rows = []
    for place, name in enumerate(DOMAINS):
        total = max(1, int(scale * 700 / (place + 1) ** 1.2))
        weights = [1 + math.cos(place + number) for number in range(10)]
        buckets = tuple(int(total * weight / sum(weights)) for weight in weights)
        rows.append(Domain(name, sum(buckets), buckets))
    rows.sort(key=lambda row: -row.total)
    sums = tuple(map(sum, zip(*(row.buckets for row in rows))))
    return Detail(at, int(1500 * scale), share, {'active': at - 40, 'deferred': at - oldest_s},
                  Domain('TOTAL', sum(sums), sums), tuple(rows),
                  tuple(Reason(text, int(1 + number * scale), bad) for text, number, bad in REASONS))


def deferred_at(place, at):
    """How many mails a host had deferred at a time: days, weeks, and a bad week in summer."""
    day, week = math.sin(2 * math.pi * at / DAY), math.sin(2 * math.pi * at / (7 * DAY))
    noise = abs(math.sin(at / 997.0 + place) * math.sin(at / 263.0 * (place + 1)))
    bad = 9000 * math.exp(-((NOW - at - (40 + 23 * place) * DAY) / (3 * DAY)) ** 2)
    spike = 2500 * math.exp(-((NOW - at - (5 + 2 * place) * HOUR) / (0.7 * HOUR)) ** 2)
    return int((place % 4 * 400 + 150) * (1.6 + day + 0.4 * week + 0.5 * noise) + bad + spike)


def fill(path, hosts, since_s=397 * DAY, now=NOW, gone=lambda host, at: False, step_s=60):
    """A history as it would be by now, thinned; its rows are written straight into the file."""
    History(str(path)).add(Snapshot(now - since_s - DAY, tuple(known(name, figures=counts()) for name in hosts)))
    connection = sqlite3.connect(str(path), isolation_level=None)
    connection.execute('PRAGMA synchronous = OFF')
    connection.execute('BEGIN')
    connection.execute('DELETE FROM sample')
    ids = dict(connection.execute('SELECT name, id FROM host'))
    newest = now
    for level, (span_s, until_s) in enumerate(LEVELS):
        step = span_s or step_s
        oldest = max(now - until_s, now - since_s) // step * step
        rows = []
        for at in range(int(oldest), int(newest), step):
            for place, name in enumerate(hosts):
                rows.append((level, at, ids[name]) + sample(place, at, gone(name, at), step // 60 or 1))
        connection.executemany(history.INSERT, rows)
        newest = oldest
    connection.execute('COMMIT')
    connection.close()
    return History(str(path))


def sample(place, at, gone, seen):
    """What a row holds after its host."""
    if gone:
        return (0, seen) + (None,) * len(history.FIGURES)
    deferred = deferred_at(place, at)
    active = int(20 + deferred / 60 + 15 * abs(math.sin(at / 307.0)))
    numbers = []
    for queue in history.COUNTED:
        number = {'deferred': deferred, 'active': active}.get(queue, 0)
        numbers += [number * 0.8 if seen > 10 else number, number]
    return (seen, 0) + tuple(numbers) + (3 * DAY,)


def five(now=NOW):
    """A snapshot of five hosts: one fails and had figures, one never answered, one grows, two are well."""
    return Snapshot(now, (
        known('mail1', now, counts(34, deferred_at(0, now)), detail(now - 300)),
        known('mail2', now, counts(11250, deferred_at(1, now), incoming=3), detail(now - 300, 2.5, share=0.34)),
        known('mail3', now - 76 * 60, counts(12, 980), detail(now - 80 * 60, 0.5),
              'ssh: connect to host mail3.example.org port 22: Connection refused', now - 75 * 60),
        known('mail4', None, None, None, 'the host key of mail4.example.org has changed',
              now - 9 * DAY),
        known('mx1', now, counts(0, 99), detail(now - 300, 0.1)),
    ))


def gone_like_five(host, at):
    """When those were not to be seen."""
    return (host == 'mail3' and NOW - at < 76 * 60) or (host == 'mail4') or (
        host == 'mx1' and 30 * HOUR < NOW - at < 33 * HOUR)
