"""What an administrator sees of the database: the commands as processes, under an empty environment."""
import csv
import io
import json
import re

import pytest

from mailtools.base.failure import EX_ATTENTION, EX_CONFIG, EX_UNAVAILABLE, EX_USAGE
from mailtools.bouncedmail.report import Event, Mail, Report
from mailtools.bouncedmail.store import open_store
from rig import program
from rig.full import in_full
from rig.program import Ran

HARD = Event(kind='bounce', recipient='Jane@example.org', status='5.1.1', severity='hard', reason='userunknown',
             format='rfc3464', original_message_id='n1@example.com', headers={'X-Campaign': 'spring'},
             diagnostic='550 \u202eno \u2764')
SOFT = HARD._replace(recipient='joe@example.net', status='4.2.2', severity='soft', reason='mailboxfull')
ODD = HARD._replace(recipient='"a b"@example.org')
LOGGED = re.compile(r'bouncedmail: (forgiven|purged) \w+=')
RAW = b'Subject: caf\xe9\r\n\r\n\0\xff\r\n'
MAILS = (
    Mail('aa' * 32, '2026-11-18T08:00:00Z', 'mail1', RAW, Report(
        (HARD, SOFT), 'b1@mail1.example.com', 'Returned', {'original_to': 'bounces'}, 'Tut mir leid\x1b[2J\n')),
    Mail('ab' * 32, '2026-11-19T08:00:00Z', 'mail2', b'b', Report((ODD,), 'b2@mail1.example.com')),
    Mail('bb' * 32, '2026-11-20T08:00:00Z', 'mail2', b'c', Report((SOFT,), 'b3@mail1.example.com')),
)


# That both engines answer alike is what store/ tests, without a process a question: so the one that needs a server
# is for the full run; test_initdb_with_partitions and test_postfix.py show that commands reach it.
@pytest.fixture(params=['sqlite'] + in_full('postgresql'))
def config(request, tmp_path):
    """A settings file with a database in which three mails are."""
    url = ('sqlite:{}'.format(tmp_path / 'bounces.db') if request.param == 'sqlite'
           else request.getfixturevalue('postgres').new_database())
    store = open_store(url)
    store.save(MAILS)
    store.close()
    return settings(tmp_path, 'database = {}\nheaders = X-Campaign\nsoft_days = 2\n'.format(url))


def settings(folder, text):
    """A settings file."""
    path = folder / 'bouncedmail.conf'
    path.write_text('[bouncedmail]\n' + text)
    return path


@pytest.fixture
def sqlite_config(tmp_path):
    """A settings file whose database isn't there yet."""
    return settings(tmp_path, 'database = sqlite:{}\n'.format(tmp_path / 'bounces.db'))


def run(config, *args):
    """A command; what it logs for want of a syslog is not of interest here."""
    ran = program.run('bouncedmail', *args, '--config', config)
    lines = [line for line in ran.err.splitlines() if not LOGGED.match(line)]
    return Ran(ran.status, ran.out, '\n'.join(lines))


def objects(ran):
    """The objects of JSON Lines."""
    assert (ran.status, ran.err) == (0, '')
    return [json.loads(line) for line in ran.out.splitlines()]


def test_list_as_a_table(config):
    ran = run(config, 'list', '--since', '2026-11-19')
    assert ran.out.splitlines() == [
        'received at           kind    recipient          status  severity  reason       mail',
        '2026-11-20T08:00:00Z  bounce  joe@example.net    4.2.2   soft      mailboxfull  bbbbbbbbbbbb',
        '2026-11-19T08:00:00Z  bounce  "a b"@example.org  5.1.1   hard      userunknown  abababababab']
    assert (ran.status, ran.err) == (0, '')


def test_list_as_json_has_the_fields_of_parse(config):
    (one,) = objects(run(config, 'list', '--json', '--recipient', 'JANE@example.org'))
    assert list(one) == ['mail', 'number', 'received_at'] + list(Event._fields)
    assert Event(**{name: one[name] for name in Event._fields}) == HARD
    assert (one['mail'], one['number'], one['received_at']) == ('aa' * 32, 0, '2026-11-18T08:00:00Z')


def test_list_as_csv(config):
    ran = run(config, 'list', '--csv', '--message-id', '<b1@mail1.example.com>')
    found = list(csv.DictReader(io.StringIO(ran.out)))
    assert sorted(row['recipient'] for row in found) == ['Jane@example.org', 'joe@example.net']
    assert found[0]['diagnostic'] == '550 \\u202eno \u2764'


@pytest.mark.parametrize('args, count', [
    (['--limit', '2'], 2), (['--day', '2026-11-18'], 2), (['--severity', 'hard', '--reason', 'userunknown'], 2),
    (['--header', 'x-campaign=spring'], 4), (['--recipient', "' OR 1=1 --"], 0)] + in_full(
    ([], 4), (['--until', '2026-11-19'], 2), (['--domain', 'EXAMPLE.net'], 2),
    (['--header', 'X-Campaign=autumn'], 0), (['--kind', 'delay'], 0),
    (['--message-id', 'n1@example.com', '--recipient', 'joe@example.net'], 2)))
def test_list_with_every_filter(config, args, count):
    assert len(objects(run(config, 'list', '--json', *args))) == count


@pytest.mark.parametrize('args', [
    ['list', '--day', 'today', '--since', '7d'], ['list', '--header', 'X-Campaign'], ['show'], ['purge'],
    ['stats', '--by', 'colour'], ['initdb', '--partition', 'year'], ['suppressions', '--map', '--action', 'a\nb'],
] + in_full(
    ['list', '--day', 'someday'], ['list', 'what'], ['list', '--severity', 'medium'], ['list', '--limit', 'many'],
    ['forgive'], ['purge', '--older-than', 'soon'], ['suppressions', '--xml']))
def test_misuse_is_one_line(sqlite_config, args):
    ran = run(sqlite_config, *args)
    assert (ran.status, ran.out) == (EX_USAGE, '')
    assert re.match(r'bouncedmail: [^\n]+ Try \'bouncedmail \w+ --help\'\.\Z', ran.err)


@pytest.mark.parametrize('args', [['list'], ['show', 'aaaa'], ['stats'], ['suppressions'],
                                  ['purge', '--older-than', '1d'], ['forgive', 'jane@example.org']])
def test_a_question_before_there_is_a_database(sqlite_config, args):
    ran = run(sqlite_config, *args)
    assert (ran.status, ran.out) == (EX_UNAVAILABLE, '')
    assert re.match(r'bouncedmail: sqlite:\S+ is not there yet: [^\n]+drain` makes it\Z', ran.err)
    assert not (sqlite_config.parent / 'bounces.db').exists()


@pytest.mark.parametrize('args', [['list'], ['initdb'], ['forgive', 'jane@example.org']])
def test_a_database_that_is_away_is_one_line(tmp_path, args):
    pytest.importorskip('psycopg2')
    ran = run(settings(tmp_path, 'database = postgresql://u:secret@/d?host={}\n'.format(tmp_path)), *args)
    assert (ran.status, ran.out) == (EX_UNAVAILABLE, '')
    assert len(ran.err.splitlines()) == 1 and 'secret' not in ran.err


def test_a_newer_database_is_one_line(sqlite_config):
    assert run(sqlite_config, 'initdb').status == 0
    store = open_store('sqlite:{}'.format(sqlite_config.parent / 'bounces.db'))
    store.database.run("INSERT INTO schema_version VALUES (7, '2026-11-22T00:00:00Z', 'none')")
    store.close()
    ran = run(sqlite_config, 'list')
    assert (ran.status, ran.out) == (EX_CONFIG, '')
    assert 'has schema 7, this program knows up to 1: upgrade bouncedmail' in ran.err


def test_show_all_of_a_mail(config):
    ran = run(config, 'show', 'aaaa')
    assert (ran.status, ran.err) == (0, '')
    assert re.search(r'^received at +2026-11-18T08:00:00Z$', ran.out, re.M)
    assert re.search(r'^original to +bounces$', ran.out, re.M)
    assert re.findall(r'^recipient +(\S+)$', ran.out, re.M) == ['Jane@example.org', 'joe@example.net']
    assert '  Tut mir leid\\x1b[2J\n' in ran.out


def test_show_as_json(config):
    (one,) = objects(run(config, 'show', '--json', 'AAAAAAAA'))
    assert [event['recipient'] for event in one['events']] == ['Jane@example.org', 'joe@example.net']
    assert 'raw' not in one and one['body'] == 'Tut mir leid\x1b[2J\n'


def test_show_the_mail_itself_to_the_octet(config, tmp_path):
    with open(str(tmp_path / 'out'), 'wb') as out:
        process = program.start('bouncedmail', 'show', '--raw', 'b1@mail1.example.com', '--config', config,
                                stdout=out)
        assert process.wait(60) == 0
    assert (tmp_path / 'out').read_bytes() == RAW


@pytest.mark.parametrize('name, said', [
    ('cccc', 'no mail is called cccc'),
    ('aa', 'no mail is called aa'),                     # too short for an id
    ('nobody@example.org', 'no mail is called nobody@example.org'),
    ('n1@example.com', 'n1@example.com is the name of several mails: aaaaaaaaaaaa abababababab bbbbbbbbbbbb'),
    ('\x1b[2J', 'no mail is called \\x1b[2J'),
])
def test_show_nobody_or_several(config, name, said):
    ran = run(config, 'show', name)
    assert (ran.status, ran.out, ran.err) == (EX_ATTENTION, '', 'bouncedmail: ' + said)


def test_stats(config):
    assert objects(run(config, 'stats', '--json')) == [
        {'reason': 'mailboxfull', 'events': 2, 'hard': 0, 'soft': 2},
        {'reason': 'userunknown', 'events': 2, 'hard': 2, 'soft': 0}]
    assert objects(run(config, 'stats', '--json', '--by', 'domain', '--top', '1', '--severity', 'soft')) == [
        {'domain': 'example.net', 'events': 2, 'hard': 0, 'soft': 2}]
    assert [row['day'] for row in objects(run(config, 'stats', '--json', '--by', 'day'))] == [
        '2026-11-18', '2026-11-19', '2026-11-20']
    assert objects(run(config, 'stats', '--json', '--by', 'header:X-Campaign')) == [
        {'X-Campaign': 'spring', 'events': 4, 'hard': 2, 'soft': 2}]
    by_format = run(config, 'stats', '--by', 'format').out.splitlines()
    assert by_format[1].split()[:4] == ['rfc3464', '4', '2', '2']


def test_suppressions_in_every_form(config):
    def lines(form):
        return run(config, 'suppressions', form).out.splitlines()
    (odd, jane, joe) = objects(run(config, 'suppressions', '--json'))
    assert (odd['address'], odd['why'], odd['reason']) == ('"a b"@example.org', 'hard', 'userunknown')
    assert (jane['address'], jane['since'], jane['hard']) == ('jane@example.org', '2026-11-18T08:00:00Z', 1)
    assert (joe['address'], joe['since'], joe['why']) == ('joe@example.net', '2026-11-20T00:00:00Z', 'soft')
    assert lines('--text') == ['"a b"@example.org', 'jane@example.org', 'joe@example.net']
    assert lines('--csv')[2].startswith('jane@example.org,2026-11-18T08:00:00Z,')
    assert len(run(config, 'suppressions').out.splitlines()) == 4


def test_the_map_leaves_out_what_could_break_it_and_says_so(config):
    ran = run(config, 'suppressions', '--map')
    assert ran.out.splitlines() == ['jane@example.org REJECT address returned our mail',
                                    'joe@example.net REJECT address returned our mail']
    assert (ran.status, ran.err) == (
        0, 'bouncedmail: 1 addresses left out that no access(5) map can safely hold')
    other = run(config, 'suppressions', '--map', '--action', '550 5.1.1 gone').out
    assert 'jane@example.org 550 5.1.1 gone\n' in other


def test_forgive(config):
    ran = run(config, 'forgive', 'JANE@Example.org', 'joe@example.net', 'nobody@example.org')
    assert ran.status == EX_ATTENTION
    assert ran.err == 'bouncedmail: nothing is known of nobody@example.org'
    assert ran.out.splitlines() == [
        'jane@example.org forgiven, was suppressed since 2026-11-18T08:00:00Z: hard',
        'joe@example.net forgiven, was suppressed since 2026-11-20T00:00:00Z: soft']
    assert run(config, 'suppressions', '--text').out == '"a b"@example.org\n'
    ran = run(config, 'forgive', 'joe@example.net')
    assert (ran.status, ran.out) == (0, 'joe@example.net forgiven, was not suppressed\n')


def test_purge(config):
    dry = run(config, 'purge', '--older-than', '2026-11-19', '--dry-run')
    assert dry.out == 'would forget 1 mails of before 2026-11-19T00:00:00Z, 0 addresses\n'
    assert run(config, 'purge', '--older-than', '2026-11-19', '--keep-events') == (0, '', '')
    assert run(config, 'show', '--raw', 'aaaa').err == (
        'bouncedmail: the mail itself was purged, its events are kept')
    assert len(objects(run(config, 'list', '--json'))) == 4
    assert run(config, 'purge', '--older-than', '2026-11-19') == (0, '', '')
    assert {one['mail'] for one in objects(run(config, 'list', '--json'))} == {'ab' * 32, 'bb' * 32}
    assert 'jane@example.org\n' in run(config, 'suppressions', '--text').out


def test_initdb_may_be_repeated(config, sqlite_config):
    for _ in range(2):
        ran = run(config, 'initdb')
        assert (ran.status, ran.err) == (0, '')
    assert run(sqlite_config, 'initdb', '--partition', 'month').status == EX_CONFIG


def test_initdb_with_partitions(postgres, tmp_path):
    config = settings(tmp_path, 'database = {}\n'.format(postgres.new_database()))
    assert 'partitioned by month' in run(config, 'initdb', '--partition', 'month').out
    assert 'nothing to do' in run(config, 'initdb').out
    assert run(config, 'initdb', '--partition', 'none').status == EX_CONFIG
