"""The settings of mailsystem: what they make, and what they refuse, since every value is written into other files."""
import pytest
from sites import EXAMPLES, site, text, written

from mailtools.base.failure import SettingsFailure
from mailtools.mailsystem.settings import SENDER, SETTINGS
from mailtools.mailsystem.values import Destination, Endpoint
from rig import program

# What would begin something else in main.cf, a table, a script, a zone, a pattern or an INI file.
HOSTILE = ('$myhostname', '${x}', '$(id)', '`id`', '"', "'", '\\', '\n[other]', '\nmynetworks=0.0.0.0/0', '\r', '\t|x',
           '\0', '{', '}', ';x', '|x', '<x', '>x', '#x', '\x7f', '\u2028', '\xa0', '\xe9')
READERS = {setting.name: setting.read for setting in SETTINGS}


def test_every_setting_has_an_example_here():
    assert set(EXAMPLES) == set(READERS)


def refused_or_left_out(read, example, hostile):
    """Whether a reader refuses what is beside its value, or takes it for the blank between two values."""
    for value in (example + hostile, hostile + example, example + ' ' + hostile):
        try:
            if read(value) != read(example):
                return False
        except ValueError:
            pass
    return True


@pytest.mark.parametrize('name', sorted(EXAMPLES))
def test_a_value_that_could_break_out_of_its_place_is_refused(name):
    taken = [one for one in HOSTILE if not refused_or_left_out(READERS[name], EXAMPLES[name], one)]
    assert taken == []


def test_an_address_of_a_sender_is_an_address():
    read = SENDER.table[0].read
    assert [one for one in HOSTILE if not refused_or_left_out(read, '192.0.2.1', one)] == []
    assert read('192.0.2.1, 2001:DB8::1') == ('192.0.2.1', '2001:db8::1')


@pytest.mark.parametrize('name, value', [
    ('domain', 'localhost'), ('domain', '192.0.2.1'), ('domain', 'a..b'), ('domain', '-a.example'),
    ('domain', 'a_b.example'), ('domain', 'x' * 64 + '.example'), ('domain', '.'.join(['abcdefgh'] * 29)),
    ('mx', 'mx1 mx2'),
    ('mx_addresses', '192.0.2'), ('mx_addresses', '192.0.2.0/24'), ('mx_addresses', 'mx1'),
    ('internal_networks', '10.0.0.1/8'), ('internal_networks', '0.0.0.0/0'), ('internal_networks', '::/0'),
    ('provider', 'mx.hosted.example:0'), ('provider', 'mx.hosted.example:70000'), ('provider', '[mx'),
    ('provider', 'smtp:[mx.hosted.example]'), ('provider', 'localhost'), ('admin', '-f@example.com'),
    ('admin', 'a@b'), ('admin', '|/bin/sh'), ('admin', ':include:/etc/passwd'), ('bounces', 'Bounces'),
    ('bounces', 'a@example.com'), ('bounces', 'a+b'), ('postfix', '2.9'), ('postfix', '2'), ('postfix', '3.x'),
    ('map_type', 'pcre'), ('certificate', 'cert.pem'), ('certificate', '/etc/../etc/shadow'), ('dkim_selector', '-s'),
    ('opendkim', '8891'), ('opendkim', 'local:/run/x'), ('rbls', 'zen.spamhaus.org=1.2.3.4'), ('rbls', 'zen'),
    ('rbls', 'zen.spamhaus.org=127.0.0.[2..11'), ('sasl_path', '/etc/x'), ('sasl_path', '../x'),
    ('submission_port', '0'),
    ('client_user', 'a:b'), ('client_user', 'a b'), ('database', 'mysql://x/y'), ('warmup_growth', '1'),
    ('warmup_growth', '11'), ('warmup_growth', 'nan'), ('resolver', 'ns.example'), ('spf_all', '+all'),
])
def test_a_value_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError):
        READERS[name](value)


@pytest.mark.parametrize('value', [
    'postgresql://mailtools:secret@db/mailtools', 'postgresql:host=db password=secret', 'postgresql://db/x?PASSWORD=y',
    'postgresql://u:p%40ss@db/x'])
def test_a_password_in_the_database_is_refused(value):
    with pytest.raises(ValueError, match='pgpass'):
        READERS['database'](value)


def test_databases_that_hold_none_are_taken():
    for value in ('sqlite:/var/lib/mailtools/bounces.db', 'postgresql://mailtools@[2001:db8::1]:5432/mailtools',
                  'postgresql:host=db dbname=mailtools connect_timeout=5', 'postgresql:service=mail'):
        assert READERS['database'](value) == value


def test_names_are_completed_and_addresses_too(tmp_path):
    made = site(tmp_path, admin='operator', mx='MX1')
    assert made.mx == 'mx1.example.com' and made.bulk_name == 'bulk.example.com'
    assert [sender.name for sender in made.senders] == ['mail1.example.com', 'mail2.example.com']
    assert made.admin == 'operator@example.com'
    assert made.dmarc_addresses == ('dmarc@example.com', 'reports@collector.example')
    assert made.provider == Destination('mx.hosted.example', 25, True)
    assert made.provider.nexthop() == '[mx.hosted.example]:25'
    assert made.resolver == Endpoint('127.0.0.1', 5353)
    assert made.spf_all == '-all' and made.postfix == (2, 10) and made.cache_type == 'btree'


def test_paths_follow_the_system_and_the_map_type_the_version(tmp_path):
    empty = {name: None for name in ('certificate', 'certificate_key', 'ca_file', 'policyd_spf', 'map_type')}
    el, debian = (site(tmp_path, system=one, **empty) for one in ('el', 'debian'))
    assert el.policyd_spf == '/usr/libexec/postfix/policyd-spf' and debian.policyd_spf == '/usr/bin/policyd-spf'
    assert el.ca_file == '/etc/pki/tls/certs/ca-bundle.crt' and debian.certificate.startswith('/etc/ssl/')
    assert [site(tmp_path, postfix=one, **empty).map_type for one in ('2.10', '3.5', '3.8', '3.10')] == [
        'hash', 'hash', 'lmdb', 'lmdb']


@pytest.mark.parametrize('changes, said', [
    (dict(domain=None), 'domain: must be set'), (dict(provider=None), 'provider: must be set'),
    (dict(mx='mail1'), 'the same name'), (dict(mx='example.com'), 'two things at once'),
    (dict(alias_domains='example.com'), 'two things at once'), (dict(provider='[mx1.example.com]'), 'its own mail'),
    (dict(provider='example.com'), 'the MX host of example.com is ours'),
    (dict(admin='ann@mx1.example.com'), 'to itself for ever'), (dict(donotreply='abuse'), 'are for people'),
    (dict(client_user=''), 'client_user is not'),
    (dict(bounces='donotreply'), 'the same address'), (dict(bulk_name='mail2'), 'the name of one host')])
def test_what_cannot_all_be_true_is_refused(tmp_path, changes, said):
    with pytest.raises(SettingsFailure, match=said):
        site(tmp_path, **changes)


def test_the_program_says_file_section_key_and_value(tmp_path):
    config = written(tmp_path, rbls='zen.example"; drop')
    ran = program.run('mailsystem', 'render', '-c', config, '--role', 'mx', '--output', str(tmp_path / 'out'))
    assert ran.status == 78 and ran.err.count('\n') == 1
    for said in (config, '[mailsystem]', 'rbls', 'zen.example'):
        assert said in ran.err
    assert not (tmp_path / 'out').exists()


def test_settings_in_force_are_printed(tmp_path):
    ran = program.run('mailsystem', 'config', '-c', written(tmp_path))
    assert ran.status == 0 and '[sender mail2] addresses' in ran.out and text()
