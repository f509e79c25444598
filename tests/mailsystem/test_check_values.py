"""Judges of `check` on values: sessions, files, room, the clock, other programs, what postconf prints."""
import ipaddress

import checked
import pytest

from mailtools.base.failure import Failure
from mailtools.mailsystem.checks import (
    TOPICS,
    certificates,
    clock,
    instance,
    known_names,
    maps,
    modes,
    networks,
    programs,
    relay,
    relayhost,
    running,
    said,
    services,
    submission,
)
from mailtools.mailsystem.checks.host import Seen
from mailtools.mailsystem.checks.postfix import Configuration, Map, listens_at, parameters_of, services_of
from mailtools.mailsystem.checks.probes import Ran
from mailtools.mailsystem.checks.smtp import Heard, Reply

MASTER = '''smtp       inet  n       -       y       -       -       smtpd
submission inet  n -  y - -       smtpd -o syslog_name=postfix/submission -o {mua = a, b} -o x=$mua
[2001:db8::1]:smtps inet n - y - - smtpd -o smtpd_tls_wrappermode=yes
smtpd      pass  -       -       y       -       -       smtpd
192.0.2.1:2525 inet n - y - 1 postscreen
policyd-spf unix -       n       n       -       0       spawn user=nobody argv=/usr/bin/policyd-spf'''.splitlines()


def heard(greeting=220, replies=(), features=(), tls=(), error=''):
    """What was heard in a session."""
    return Heard(Reply(greeting, 'said'), dict.fromkeys(features, ''), dict.fromkeys(tls, ''), tuple(replies), error)


# -- what postconf prints --

def test_services_of_master_cf():
    found = services_of(MASTER)
    assert [one.label for one in found] == ['smtp/inet', 'submission/inet', '[2001:db8::1]:smtps/inet', 'smtpd/pass',
                                            '192.0.2.1:2525/inet', 'policyd-spf/unix']
    assert found[1].options == {'syslog_name': 'postfix/submission', 'mua': 'a, b', 'x': '$mua'}
    assert [listens_at(one) for one in found[:3]] == [('', 25), ('', 587), ('2001:db8::1', 465)]


def test_a_service_sees_its_own_options_with_names_in_them_expanded():
    configuration = Configuration(parameters_of(['mua = main', 'y = $mua']), services_of(MASTER))
    submission_service = configuration.services[1]
    assert configuration.value('x', submission_service) == 'a, b'
    assert configuration.value('mua') == 'main'
    assert [entrance[1:] for entrance in configuration.entrances()] == [
        ('', 25), ('', 587), ('2001:db8::1', 465), ('192.0.2.1', 2525)]


def test_a_name_that_names_itself_ends():
    configuration = Configuration({}, services_of(['smtp inet n - y - - smtpd -o a=$b -o b=$a']))
    assert '$' in configuration.value('a', configuration.services[0])


def test_tables_are_found_in_all_values():
    configuration = Configuration(parameters_of([
        'a = hash:/etc/a, proxy:btree:/etc/b', 'c = regexp:/etc/c', 'd = mysql:/etc/d', 'e = unix:/run/e']), [])
    assert sorted(configuration.maps()) == [Map('btree', '/etc/b'), Map('hash', '/etc/a'), Map('regexp', '/etc/c')]


# -- relaying --

@pytest.mark.parametrize('words, stops', [
    ('permit_mynetworks, reject_unauth_destination', True),
    ('permit_mynetworks reject', True),
    ('permit_mynetworks defer_if_permit', True),
    ('defer_unauth_destination', True),
    ('permit_mynetworks, permit', False),
    ('permit, reject_unauth_destination', False),
    ('warn_if_reject reject_unauth_destination', None),
    ('permit_mynetworks', None),
    ('check_recipient_access hash:/a, inner', True),
    ('check_sender_access static:OK, reject_unauth_destination', False),
    ('check_sender_access hash:/ok, reject_unauth_destination', False),
    ('check_helo_access hash:/no, reject_unauth_destination', True),
    ('check_client_access hash:/ok, reject_unauth_destination', True),
    ('check_client_access static:OK, reject_unauth_destination', False),
    ('check_client_access static:REJECT, permit', False),
    ('', None),
])
def test_a_list_stops_strangers_or_not(words, stops):
    configuration = Configuration({'smtpd_restriction_classes': 'inner', 'inner': 'reject_unauth_destination'}, [])
    tables = {'/ok': '# ours\na.example OK\n', '/no': 'a.example REJECT no OK here\n'}
    assert relay.guarded(words, configuration, None, tables.get) is stops


@pytest.mark.parametrize('session, level, part', [
    (heard(replies=[('a@b', Reply(554, 'Relay access denied'))]), 'ok', '554'),
    (heard(replies=[('a@b', Reply(554, 'no')), ('c%d@e', Reply(250, 'Ok'))]), 'critical', 'c%d@e'),
    (heard(554), 'ok', 'does not talk'),
    (heard(0, error='Connection refused'), 'ok', 'nobody listens'),
    (heard(0, error='timed out'), 'unknown', 'timed out'),
])
def test_a_dialogue_of_a_stranger_is_judged(session, level, part):
    found = relay.judge_dialogue('192.0.2.10:25', '192.0.2.10', session)
    assert (found.name, found.level) == ('open-relay', level)
    assert part in found.text


@pytest.mark.parametrize('trusts, views', [
    ('127.0.0.0/8', [('192.0.2.10', '192.0.2.10')]), ('192.0.2.10/32', [('127.0.0.1', '127.0.0.78')]),
    ('127.0.0.0/8 192.0.2.0/24', [])])
def test_who_is_a_stranger_to_the_host(trusts, views):
    nets, _ = networks.networks_of(trusts, {}.get)
    assert relay.strangers([('192.0.2.10', '192.0.2.10')], [('127.0.0.1', '127.0.0.78')], nets) == views


def test_attempts_are_foreign_and_hidden_behind_ours():
    tried = relay.attempts('example.com', '192.0.2.10')
    assert len(set(tried)) == 6 and sum('example.com' in one.rpartition('@')[2] for one in tried) == 3


@pytest.mark.parametrize('words, trusted, unread', [
    ('127.0.0.0/8, 10.0.0.1', ['127.0.0.0/8', '10.0.0.1/32'], []),
    ('[::1]/128 [::ffff:127.0.0.0]/104', ['::1/128', '127.0.0.0/8'], []),
    ('!10.0.0.1 10.0.0.0/24', ['10.0.0.0/24'], []),
    ('/etc/nets', ['192.0.2.0/24'], []),
    ('cidr:/etc/nets', ['192.0.2.0/24'], []),
    ('/etc/none host.example', [], ['/etc/none', 'host.example']),
])
def test_mynetworks_is_read(words, trusted, unread):
    files = {'/etc/nets': '# ours\n192.0.2.0/24 OK\n'}
    found = networks.networks_of(words, files.get)
    assert ([str(one) for one in found[0]], found[1]) == (trusted, unread)


@pytest.mark.parametrize('net, level', [
    ('10.20.0.7/32', 'ok'), ('127.0.0.0/8', 'ok'), ('10.0.0.0/8', 'warning'), ('203.0.113.0/24', 'warning'),
    ('203.0.112.0/23', 'critical'), ('0.0.0.0/0', 'critical'), ('2001:db8::/32', 'critical'), ('::/0', 'critical'),
])
def test_networks_beyond_those_of_the_site_are_told(net, level):
    expected = [ipaddress.ip_network('10.20.0.0/24')]
    assert relay.judge_trust([ipaddress.ip_network(net)], [], expected)[0].level == level


# -- sessions --

DOOR = submission.Door(('192.0.2.10', 587), False, True, True, ())


@pytest.mark.parametrize('door, session, wrong', [
    (DOOR, heard(features=['starttls'], tls=['auth']), []),
    (DOOR, heard(features=['starttls', 'auth'], tls=['auth']), ['auth-clear']),
    (DOOR, heard(features=['starttls'], tls=['size']), ['auth-offered']),
    (DOOR, heard(features=['size']), ['starttls']),
    (DOOR, heard(features=['starttls'], error='wrong version number'), ['starttls']),
    (DOOR, heard(0, error='Connection refused'), ['port-answers']),
    (DOOR, heard(421), ['port-answers']),
    (DOOR._replace(wrapped=True, with_tls=False), heard(features=['auth']), []),
    (DOOR._replace(wrapped=True, with_tls=False), heard(features=['size']), ['auth-offered']),
    (DOOR._replace(with_auth=False, with_tls=False), heard(features=['size']), []),
])
def test_a_session_is_judged(door, session, wrong):
    assert checked.problems(submission.judge_session(door, session, 'fix')) == wrong


@pytest.mark.parametrize('code, text, level', [
    (250, 'Ok', 'ok'), (450, '4.2.0 Greylisted, see ...', 'ok'), (450, 'Greylisting in action', 'ok'),
    (450, '4.1.1 unverified address: timed out', 'warning'),
    (451, '4.3.5 Server configuration error', 'critical'), (550, 'no such user', 'critical')])
def test_mail_for_us_is_taken_or_put_off(code, text, level):
    found = submission.judge_inbound('192.0.2.10:25', 'postmaster@example.com', Reply(code, text))
    assert (found.name, found.level) == ('relay-inbound', level)


# -- certificates --

@pytest.mark.parametrize('key', ['', '-----BEGIN PRIVATE KEY-----\nMII=\n'])
def test_a_key_that_is_none_is_not_taken_for_that_of_another(tmp_path, key):
    (tmp_path / 'key').write_text(key)
    found = certificates.judge_pair(str(tmp_path / 'key'), str(tmp_path / 'key'))
    assert found.level == 'critical' and 'is not the key of' not in found.text


@pytest.mark.parametrize('begins_d, ends_d, level', [
    (-10, 80, 'ok'), (-10, 20, 'warning'), (-10, 6, 'critical'), (-10, -1, 'critical'), (1, 80, 'critical')])
def test_a_certificate_is_good_for_the_day(begins_d, ends_d, level):
    now = 10 ** 9
    one = certificates.Certificate(now + begins_d * 86400, now + ends_d * 86400, True)
    assert certificates.judge(one, 'mx1.example.com', '/c.pem', now)[0].level == level


# -- services --

@pytest.mark.parametrize('endpoint, place', [
    ('inet:127.0.0.1:8891', ('127.0.0.1', 8891)), ('inet:8891@localhost', ('localhost', 8891)),
    ('inet:[::1]:8891', ('::1', 8891)), ('unix:private/x', '/var/spool/postfix/private/x'), ('unix:/run/x', '/run/x'),
    ('local:/run/x', '/run/x'), ('{ inet:127.0.0.1:1, connect_timeout=3s }', ('127.0.0.1', 1)), ('inet:x', None)])
def test_where_an_endpoint_is(endpoint, place):
    assert services.place_of(endpoint, '/var/spool/postfix') == place


@pytest.mark.parametrize('action, level', [('tempfail', 'ok'), ('accept', 'warning'), ('reject', 'critical'),
                                           ('quarantine', 'critical'), ('shutdown', 'critical')])
def test_what_happens_while_a_milter_is_away(action, level):
    assert services.judge_action(action)[0].level == level


# -- files --

def seen(mode=0o644, owner='root', changed=100.0):
    """A file."""
    return Seen(mode, owner, 0, False, changed)


@pytest.mark.parametrize('text, index, name', [
    (seen(), seen(), None), (seen(changed=100.5), seen(), None), (seen(changed=102), seen(), 'map-stale'),
    (None, seen(), None), (seen(), None, 'map-missing'), (None, None, 'map-missing'),
    (seen(), seen(mode=0o664), 'map-missing')])
def test_a_table_is_there_and_as_new_as_its_text(text, index, name):
    found = maps.judge_table(Map('hash', '/etc/x'), 'x_maps', {'hash'}, text, index)
    assert checked.problems(found) == ([name] if name else [])


def test_a_type_that_this_postfix_lacks_is_named():
    found = maps.judge_table(Map('hash', '/etc/x'), 'x_maps', {'lmdb', 'cidr'}, seen(), seen())
    assert 'lmdb:/etc/x' in checked.named(found, 'map-type')[0].fix


@pytest.mark.parametrize('says, owner, name', [
    ('"|/usr/bin/bouncedmail ingest"', 'mailtools', None), ('"|/usr/bin/bouncedmail ingest"', 'root', 'alias-owner'),
    ('"|/usr/bin/bouncedmail ingest"', 'ann', 'alias-owner'), ('root', 'mailtools', 'alias-bounces')])
def test_an_alias_runs_its_program_as_mailtools(says, owner, name):
    found = maps.judge_alias('bounces', 'bounces', 'bouncedmail', (Map('hash', '/a'), says), owner)
    assert checked.problems(found) == ([name] if name else [])


@pytest.mark.parametrize('owner, mode, level', [('mailtools', 0o700, 'ok'), ('mailtools', 0o750, 'ok'),
                                                ('root', 0o700, 'critical'), ('mailtools', 0o755, 'critical')])
def test_the_spool_belongs_to_mailtools(owner, mode, level):
    assert modes.judge_spool('/s', [('/s', seen(mode, owner))])[0].level == level


@pytest.mark.parametrize('free, total, inodes, level', [
    (10 ** 11, 10 ** 12, (10 ** 6, 10 ** 7), 'ok'), (10 ** 7, 10 ** 12, (10 ** 6, 10 ** 7), 'critical'),
    (2 * 10 ** 8, 10 ** 9, (9, 10), 'warning'), (10 ** 10, 10 ** 12, (9, 10), 'warning'),
    (10 ** 11, 10 ** 12, (10, 10 ** 7), 'critical'), (10 ** 11, 10 ** 12, (0, 0), 'ok')])
def test_there_is_room_for_the_queue(free, total, inodes, level):
    assert instance.judge_room('/q', free, total, inodes, 50 * 10 ** 6).level == level


# -- the clock --

@pytest.mark.parametrize('offset_s, level', [(0.1, 'ok'), (-1.9, 'ok'), (5, 'warning'), (-5, 'warning'),
                                             (-3600, 'critical')])
def test_the_clock_agrees_with_its_server(offset_s, level):
    assert clock.judge(offset_s, 'ntp.example').level == level


def test_time_servers_are_read_from_the_files_of_every_kind():
    assert clock.servers_in('# server no.example\npool 2.pool.example iburst\nserver 192.0.2.1\n') == [
        '2.pool.example', '192.0.2.1']
    assert clock.servers_in('[Time]\nNTP=a.example b.example\n#FallbackNTP=c.example\n') == ['a.example', 'b.example']


@pytest.mark.parametrize('kept, level', [(True, 'ok'), (False, 'warning'), (None, 'unknown')])
def test_a_host_without_time_servers_is_judged_by_its_kernel(kept, level):
    assert clock.judge_kernel(kept).level == level
    assert clock.kept() in (True, False, None)


# -- other programs --

@pytest.mark.parametrize('ran, level, fix', [
    (Ran(0, 'X OK - fine|a=1\n', ''), 'ok', ''),
    (Ran(1, 'X WARNING - so|a=1\n', ''), 'warning', 'bouncedmail check'),
    (Ran(2, 'X CRITICAL - so\ncritical: so\n  fix: do it\n  fix: then that\n', ''), 'critical', 'do it; then that'),
    (Ran(3, 'X UNKNOWN - so\n', ''), 'unknown', 'bouncedmail check'),
    (Ran(78, '', 'bouncedmail: settings\n'), 'critical', 'bouncedmail check'),
    (Ran(126, '', 'Permission denied'), 'critical', 'install mailtools-bouncedmail anew'),
    (Ran(None, '', 'bouncedmail has not ended within 40 s'), 'unknown', 'bouncedmail check'),
])
def test_what_a_program_says_of_itself_is_passed_on(ran, level, fix):
    found = programs.judge('bouncedmail', ran)
    assert (found.name, found.level, found.fix) == ('program-bouncedmail', level, fix)
    assert '|' not in found.text and (ran.status != 0 or found.text == 'X OK - fine')


def test_autoreply_is_given_a_mail_and_only_has_to_run():
    assert programs.judge('autoreply', Ran(0, 'decision:  silent\n', '')).text == 'autoreply runs'
    found = programs.judge('autoreply', Ran(75, '', 'autoreply: cannot read the template /x\n'))
    assert found.level == 'critical' and '--explain' in found.fix and 'template' in found.text


@pytest.mark.parametrize('database, places', [
    ('postgresql://u@db.example/mail', [('db.example', 5432)]),
    ('postgresql://db1:5433,db2/mail', [('db1', 5433), ('db2', 5432)]),
    ('postgresql://u@[2001:db8::1]:5433/m', [('2001:db8::1', 5433)]),
    ('postgresql://[2001:db8::1]/m', [('2001:db8::1', 5432)]),
    ('postgresql://%2Frun%2Fpg:5433/m', ['/run/pg/.s.PGSQL.5433']),
    ('postgresql://u@/m?host=/run/pg&port=5433', ['/run/pg/.s.PGSQL.5433']), ('postgresql:///mail', []),
    ('sqlite:/var/lib/x.db', []), ('service=mail', [])])
def test_where_a_database_is(database, places):
    assert programs.places_of(database) == places


def test_an_absent_program_is_told_where_it_is_needed():
    assert programs.absent('bouncedmail', True).level == 'critical'
    assert programs.absent('mailqueues', False).level == 'warning'


@pytest.mark.parametrize('value, place', [
    ('[mx1.example.com]:587', ('mx1.example.com', 587)), ('[192.0.2.1]', ('192.0.2.1', 25)), ('example.com', None),
    ('', None)])
def test_where_a_client_relays_to(value, place):
    assert relayhost.place_of(value) == place


# -- all together --

class Topic:
    """A topic that does what a test wants."""

    NAMES = ('one', 'two')

    def __init__(self, find):
        self.find = find


def raising(error):
    """A find() that raises."""
    def find(host):
        raise error
    return find


class NoHost:
    """What running.examined() needs to know of a host."""

    is_root = False


def test_what_cannot_be_seen_is_unknown_and_the_rest_goes_on(monkeypatch):
    topics = (Topic(raising(Failure('only root'))), Topic(raising(KeyError('x'))),
              Topic(lambda host: [said.good('two', 'well')]))
    monkeypatch.setattr(running, 'TOPICS', topics)
    found = running.examined(NoHost())
    assert [(one.name, one.level) for one in found] == [('one', 'unknown'), ('one', 'unknown'), ('two', 'ok')]
    assert found[0].fix == 'run it as root' and 'KeyError' in found[1].text


def test_a_topic_that_takes_too_long_is_unknown(monkeypatch):
    import threading
    never = threading.Event()
    topics = (Topic(lambda host: never.wait(60)), Topic(lambda host: [said.good('two', 'well')]))
    monkeypatch.setattr(running, 'TOPICS', topics)
    found = running.examined(NoHost(), limit_s=0.2)
    never.set()
    assert [(one.name, one.level) for one in found] == [('one', 'unknown'), ('two', 'ok')]


def test_only_what_is_asked_for_and_what_is_wrong_beside_it(monkeypatch):
    wrong, well = said.critical('two', 'bad', 'mend'), said.good('two', 'well')
    topics = (Topic(lambda host: [said.good('one', 'well'), wrong, well]),)
    monkeypatch.setattr(running, 'TOPICS', topics)
    assert running.examined(NoHost(), ('one',)) == [said.good('one', 'well'), wrong]
    assert running.examined(NoHost(), ('three',)) == []


def test_names_are_unique_and_each_topic_has_some():
    names = known_names()
    assert len(names) == len(set(names)) and len(names) >= 60
    assert all(topic.NAMES for topic in TOPICS)


@pytest.mark.parametrize('levels, worst', [
    ((), 'ok'), (('ok', 'unknown'), 'unknown'), (('unknown', 'warning'), 'warning'),
    (('warning', 'unknown', 'critical'), 'critical')])
def test_the_worst_level(levels, worst):
    assert said.worst(levels) == worst
