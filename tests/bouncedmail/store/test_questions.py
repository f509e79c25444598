"""What is asked of the tables, and that each question has its index."""
import re

import made
import pytest
from made import COMPLAINT, HARD, NOW, SOFT, mail, suppressed

from mailtools.bouncedmail.policy import Facts, add
from mailtools.bouncedmail.store import open_store, questions, rows, tables
from mailtools.bouncedmail.store.questions import Filter
from mailtools.bouncedmail.store.rows import event_of

MANY = 20000
OTHER = HARD._replace(recipient='Joe.Doe@Example.NET', reason='hostunknown', original_message_id='n2@example.com',
                      headers={'X-Campaign': 'autumn "sale", "X-Campaign": "spring"', 'X-Other': 'spring'})

# What SQLite has learned since 3.7.17, of 2013 (its release notes).
TOO_NEW = re.compile(
    r'ON CONFLICT|\bRETURNING\b|\bWITH\b(?! )|^\s*WITH\b|\bOVER\s*\(|WITHOUT\s+ROWID|CREATE INDEX .* WHERE |\bjson'
    r'|\bprintf\s*\(|\biif\s*\(|FILTER\s*\(|NULLS (FIRST|LAST)|\b(TRUE|FALSE)\b|DROP COLUMN|RENAME COLUMN'
    r'|UPDATE .* FROM |\)\s*(=|IN)\s*\(\s*SELECT|\((\w+, )+\w+\)\s*(=|<|>|IN)|GENERATED ALWAYS|\bSTRICT\b'
    r'|CREATE INDEX \w+ ON \w+ \([^)]*\(', re.IGNORECASE)


@pytest.fixture
def filled(store):
    """Four events in three mails."""
    store.save([mail(HARD, SOFT._replace(recipient='Joe.Doe@Example.NET'), at='2026-11-18T00:00:00Z'),
                mail(OTHER, at='2026-11-19T23:59:59Z', message_id='b2@mail1.example.com'),
                mail(COMPLAINT, at='2026-11-20T00:00:00Z', message_id='b3@mail1.example.com')])
    return store


def found(store, **wanted):
    """received_at and kind or severity of what a Filter finds."""
    return [(row[2][8:10], event_of(row)[3].severity or event_of(row)[3].kind)
            for row in store.search(Filter(**wanted))]


@pytest.mark.parametrize('wanted, expected', [
    ({}, '20 complaint, 19 hard, 18 hard, 18 soft'),
    ({'limit': 2}, '20 complaint, 19 hard'),
    ({'limit': 0}, ''),
    ({'recipient': 'JANE@example.ORG'}, '20 complaint, 18 hard'),
    ({'recipient': "jane@example.org' OR '1'='1"}, ''),
    ({'domain': 'Example.Net'}, '19 hard, 18 soft'),
    ({'domain': 'example.net', 'severity': 'hard'}, '19 hard'),
    ({'since': '2026-11-19T00:00:00Z'}, '20 complaint, 19 hard'),
    ({'until': '2026-11-19T00:00:00Z'}, '18 hard, 18 soft'),
    ({'since': '2026-11-19T00:00:00Z', 'until': '2026-11-20T00:00:00Z'}, '19 hard'),
    ({'reason': 'hostunknown'}, '19 hard'),
    ({'kind': 'complaint'}, '20 complaint'),
    ({'message_id': 'n1@example.com'}, '18 hard, 18 soft'),
    ({'message_id': 'b2@mail1.example.com'}, '19 hard'),
    ({'message_id': 'nobody'}, ''),
    ({'header': ('X-Campaign', 'spring')}, '18 hard, 18 soft'),
    ({'header': ('X-Campaign', 'autumn "sale", "X-Campaign": "spring"')}, '19 hard'),
    ({'header': ('X-Campaign', 'spri')}, ''),
    ({'header': ('X-Campaign', '%')}, ''),
])
def test_a_filter(filled, wanted, expected):
    assert sorted(found(filled, **wanted), reverse=True) == sorted(
        [tuple(one.split()) for one in expected.split(', ') if one], reverse=True)
    days = [day for day, _ in found(filled, **wanted)]
    assert days == sorted(days, reverse=True)           # newest first


@pytest.mark.parametrize('by, wanted, expected', [
    ('reason', {}, [('userunknown', 1, 1, 0), ('feedback', 1, 0, 0), ('hostunknown', 1, 1, 0),
                    ('mailboxfull', 1, 0, 1)]),
    ('domain', {}, [('example.net', 2, 1, 1), ('example.org', 2, 1, 0)]),
    ('domain', {'severity': 'soft'}, [('example.net', 1, 0, 1)]),
    ('day', {}, [('2026-11-18', 2, 1, 1), ('2026-11-19', 1, 1, 0), ('2026-11-20', 1, 0, 0)]),
    ('day', {'since': '2026-11-19T00:00:00Z'}, [('2026-11-19', 1, 1, 0), ('2026-11-20', 1, 0, 0)]),
    ('format', {'kind': 'bounce'}, [('rfc3464', 3, 2, 1)]),
    (('header', 'X-Other'), {}, [('spring', 1, 1, 0)]),
    (('header', 'X-None'), {}, []),
])
def test_a_tally(filled, by, wanted, expected):
    assert sorted(filled.tally(by, Filter(**wanted))) == sorted(expected)


def test_the_most_come_first(filled):
    assert [row[0] for row in filled.tally(('header', 'X-Campaign'), Filter())][0] == 'spring'
    filled.save([mail(OTHER), mail(OTHER)])
    assert filled.tally('reason', Filter())[0] == ('hostunknown', 3, 3, 0)


def test_a_mail_is_found_by_its_id_its_beginning_and_message_ids(filled):
    ids = sorted(id for id, in filled.database.rows('SELECT id FROM mail'))
    for id in ids:
        assert filled.find(id) == filled.find(id[:16].upper()) == [id]
    assert filled.find('f' * 64) == filled.find('0' * 65) == filled.find('none@example.org') == []
    assert len(filled.find('<n1@example.com>')) == 1
    assert filled.mail('f' * 64) is None


def test_who_is_suppressed_by_the_policy_in_force_whatever_the_rows_are_marked_with(filled, url):
    filled.save(made.soft_on(1, 2, 3, recipient='full@example.org'))
    assert suppressed(filled) == {'jane@example.org': 'hard', 'joe.doe@example.net': 'hard'}
    other = open_store(url, filled.policy._replace(soft_days=3, hard_count=0))
    assert suppressed(other) == {'full@example.org': 'soft', 'jane@example.org': 'complaint'}
    other.close()


def test_forgiven_is_forgiven_until_the_next_time(filled):
    was = filled.forgive('JOE.doe@example.net', NOW)
    assert (was.hard, was.soft, was.suppressed_why) == (1, 1, 'hard')
    assert suppressed(filled) == {'jane@example.org': 'hard'}
    filled.save([mail(OTHER, at='2026-11-21T00:00:00Z')])               # came before, was drained after
    assert 'joe.doe@example.net' not in suppressed(filled)
    filled.save([mail(OTHER, at='2026-11-23T00:00:00Z')])
    assert suppressed(filled)['joe.doe@example.net'] == 'hard'
    assert filled.forgive('nobody@example.org', NOW) is None
    assert len(found(filled, recipient='joe.doe@example.net')) == 4     # the events stay


# -- how they are answered --

QUESTIONS = {
    'by recipient': Filter(recipient='u77@d77.example'),
    'by recipient and time': Filter(recipient='u77@d77.example', since='2026-11-05', until='2026-11-09'),
    'by Message-ID': Filter(message_id='n77@example.com'),
    'by own Message-ID': Filter(message_id='b77@mail1.example.com'),
    'by domain': Filter(domain='d7.example', limit=100),
    'by domain and day': Filter(domain='d7.example', since='2026-11-08', until='2026-11-09'),
    'by day': Filter(since='2026-11-05', until='2026-11-06', limit=100),
    'by reason': Filter(reason='userunknown', limit=100),
    'newest': Filter(limit=100),
}


def plans(store, monkeypatch, act, *args):
    """How the engine means to answer each statement of `act`, as one text."""
    database, asked = store.database, []
    stream, rows = type(database).stream, type(database).rows
    monkeypatch.setattr(type(database), 'stream', lambda self, sql, values=(): asked.append(
        (sql, values)) or stream(self, sql, values))
    monkeypatch.setattr(type(database), 'rows', lambda self, sql, values=(): asked.append(
        (sql, values)) or rows(self, sql, values))
    list(act(*args))
    monkeypatch.undo()
    explain = {'sqlite': 'EXPLAIN QUERY PLAN ', 'postgresql': 'EXPLAIN '}[database.engine]
    return '\n'.join(str(row[-1]) for sql, values in asked for row in database.rows(explain + sql, values))


@pytest.fixture(scope='module')
def many():
    """Many mails of November."""
    return [mail(HARD._replace(
        recipient='u{}@d{}.example'.format(number, number % 400), severity=('hard', 'soft')[number % 2],
        reason=('userunknown', 'mailboxfull', 'blocked')[number % 3],
        original_message_id='n{}@example.com'.format(number), message_id='b{}@mail1.example.com'.format(number)),
        at='2026-11-{:02d}T00:00:{:02d}Z'.format(1 + number % 28, number % 60),
        message_id='b{}@mail1.example.com'.format(number)) for number in range(MANY)]


@pytest.fixture
def full(empty_url, many):
    """A store with many mails."""
    store = open_store(empty_url)
    store.note_drain('mail1', NOW)
    pairs = [pair for one in many for pair in rows.event_rows(one)]
    with store.database.transaction():      # a save() of so many would take most of the time of all tests
        store.database.insert(tables.MAIL, [rows.mail_row(one) for one in many])
        store.database.insert(tables.EVENT, [row for _, row in pairs])
        store.database.insert(tables.ADDRESS, [add(Facts(row[3], row[3]), event, row[2]) for event, row in pairs])
    if store.database.engine == 'postgresql':
        store.database.run('ANALYZE')
    yield store
    store.close()


@pytest.mark.slow
def test_every_question_among_many_has_an_index(full, many, monkeypatch):
    scan = {'sqlite': r'SCAN (TABLE )?(mail|event|address)(?! USING)|TEMP B-TREE FOR ORDER BY',
            'postgresql': r'Seq Scan on (mail|event)(?!_2026_12|_2027)'}[full.database.engine]
    for name, wanted in QUESTIONS.items():
        plan = plans(full, monkeypatch, full.search, wanted)
        allowed = 'Message-ID' in name and full.database.engine == 'sqlite'      # a few rows may be sorted
        assert plan and not re.search(scan.split('|TEMP')[0] if allowed else scan, plan), (name, plan)
    for text in (many[5].id, many[5].id[:10], 'n77@example.com', 'b77@mail1.example.com'):
        plan = plans(full, monkeypatch, full.find, text)
        assert plan and not re.search(scan.split('|TEMP')[0], plan), (text, plan)
    plan = plans(full, monkeypatch, full.mail, many[5].id)
    assert plan and not re.search(scan, plan), plan
    sizes = {name: len(list(full.search(wanted))) for name, wanted in QUESTIONS.items()}
    assert sizes == {'by recipient': 1, 'by recipient and time': 0, 'by Message-ID': 1, 'by own Message-ID': 1,
                     'by domain': 50, 'by domain and day': 8, 'by day': 100, 'by reason': 100, 'newest': 100}
    assert sum(row[1] for row in full.tally('day', Filter())) == MANY
    assert len(list(full.suppressed())) == MANY // 2


def test_the_sql_stays_within_sqlite_3_7_17(tmp_path):
    store = open_store('sqlite:{}'.format(tmp_path / 'x.db'))
    said = []
    connect = type(store.database)._connected

    def keep(sql):          # Python 3.6 takes no method of a list
        said.append(sql)

    def traced(database):
        connection = connect(database)
        connection.set_trace_callback(keep)
        return connection
    store.database._connected = lambda: traced(store.database)
    store.save([mail(HARD, SOFT), mail(COMPLAINT)])
    store.save([mail(HARD)])
    store.note_drain('mail1', NOW)
    store.note_drain('mail1', NOW)
    for wanted in list(QUESTIONS.values()) + [Filter(header=('X-Campaign', 'spring'), severity='hard', kind='bounce')]:
        list(store.search(wanted))
    for by in questions.GROUPS + (('header', 'X-Campaign'),):
        store.tally(by, Filter())
    store.mail(store.find('n1@example.com')[0])
    list(store.suppressed())
    store.forgive('jane@example.org', NOW)
    store.initialise(NOW)
    list(store.purge(NOW, NOW, keep_events=True).run())
    list(store.purge(NOW, NOW).run())
    assert len(set(said)) > 40
    assert [sql for sql in said if TOO_NEW.search(sql)] == []


@pytest.mark.parametrize('sql', [
    'INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING', 'WITH x AS (SELECT 1) SELECT * FROM x',
    'SELECT row_number() OVER (ORDER BY a) FROM b', 'CREATE TABLE a (b) WITHOUT ROWID',
    'CREATE INDEX a ON b (c) WHERE d > 1', 'CREATE INDEX a ON b (lower(c))', 'SELECT a FROM b WHERE (c, d) > (1, 2)',
    'UPDATE a SET b = c FROM d', "SELECT json_extract(a, '$.b') FROM c", 'INSERT INTO a VALUES (1) RETURNING b'])
def test_what_is_too_new_would_be_seen(sql):
    assert TOO_NEW.search(sql)
