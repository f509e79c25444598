"""What is rendered for each role: that Postfix takes it, and that it hangs together.

Real postconf, postmap and postfix read it; that the whole runs is the matter of tests/system/.
"""
import os
import pwd
import re

import pytest
from sites import MAIN, MASTER, files, put, run, tool

from mailtools.mailsystem import parameters, reading
from mailtools.mailsystem.values import ROLES
from rig import parts
from rig.program import CHECKOUT

VERSIONS = ('2.10', '3.5', '3.7', '3.9')


def restrictions(made, name):
    """A list of restrictions as words."""
    return reading.parameters(made[MAIN].text)[name].replace(',', ' ').split()


@pytest.mark.parametrize('version', VERSIONS)
@pytest.mark.parametrize('role', ROLES)
def test_postfix_knows_every_parameter_and_warns_of_none(tmp_path, role, version):
    made = files(tmp_path, role, postfix=version)
    config = put(tmp_path, made, MAIN, MASTER)
    status, out, err = run([tool('postconf'), '-c', config, '-n'])
    assert (status, err) == (0, '') or version == '3.9'     # which is newer than many a machine's Postfix
    assert run([tool('postconf'), '-c', config, '-M'])[::2] == (0, '')
    known = set(reading.parameters(run([tool('postconf'), '-d'])[1]))
    names = parameters.used(made[MAIN].text, made[MASTER].text)
    names -= parameters.own(made[MAIN].text, made[MASTER].text) | {'policyd-spf_time_limit'}
    assert {name for name in names if name not in parameters.VERSION_OF} - known == set()
    assert parameters.too_new(made[MAIN].text, made[MASTER].text, tuple(map(int, version.split('.')))) == []
    assert len(reading.parameters(out)) >= 20


@pytest.mark.parametrize('role', ROLES)
def test_a_newer_postfix_is_given_what_it_offers(tmp_path, role):
    old, new = (parameters.used(made[MAIN].text, made[MASTER].text)
                for made in (files(tmp_path, role, postfix=version) for version in ('2.10', '3.9')))
    assert 'compatibility_level' in new - old
    assert ('smtpd_forbid_bare_newline' in new - old) == (role == 'mx')


def test_the_table_of_versions_is_that_of_the_manual():
    page = run(['man', '-P', 'cat', '5', 'postconf'])[1] if parts.find('man') else ''
    page = re.sub('.\b', '', page)
    newer = {}
    for section in re.split(r'\n(?=[a-z]\w+ \(default: )', page)[1:]:
        came = [(int(major), int(minor)) for major, minor in re.findall(
            r'This feature is available (?:in|with) Postfix ([0-9]+)\.([0-9]+)', ' '.join(section.split()))]
        if came and min(came) > (2, 10):
            newer[section.split()[0]] = min(came)
    if len(newer) < 50:
        pytest.skip('by design: many an image has no manual pages, postconf(5) among them')
    # What is newer there are some of the restrictions that these lists may have.
    for name in 'client', 'helo', 'sender', 'recipient':
        newer.pop('smtpd_{}_restrictions'.format(name), None)
    assert {name for name in newer if name not in parameters.VERSION_OF} == set()
    assert {name for name, version in newer.items() if parameters.VERSION_OF[name] > version} == set()


@pytest.mark.slow
@pytest.mark.parametrize('role', ROLES)
def test_postfix_check_has_nothing_to_say(shared_folder, role):
    made = files(shared_folder, role)
    config = put(shared_folder, made)
    for name in 'spool', 'data':
        (shared_folder / name).mkdir()
    os.chown(str(shared_folder / 'data'), pwd.getpwnam('postfix').pw_uid, -1)
    with open(str(config / 'main.cf'), 'a') as main:
        main.write('queue_directory = {0}/spool\ndata_directory = {0}/data\n'.format(shared_folder))
    os.utime(str(config / 'main.cf'), (1e9, 1e9))
    assert run([tool('postfix'), '-c', config, 'check']) == (0, '', '')


@pytest.mark.parametrize('role', ROLES)
def test_every_table_that_postfix_is_to_ask_is_rendered_and_compiled(tmp_path, role):
    made = files(tmp_path, role, password='secret')
    config = put(tmp_path, made)
    values = ' '.join(reading.parameters(made[MAIN].text).values()) + '\n' + made[MASTER].text
    named = set(re.findall(r'\b(hash|lmdb|cidr|regexp|pcre|texthash):(/\S+?),?(?=\s|$)', values))
    assert named
    for kind, path in named:
        assert path in made
        assert bool(made[path].command) == (kind == 'hash'), path
    for path, file in made.items():
        if file.command:
            program, table = file.command.split()
            assert table == 'hash:' + path and ('hash', path) in named
            assert run([tool(program), '-c', config, 'hash:{}{}'.format(tmp_path, path)]) == (0, '', '')
        assert '{{' not in file.text and file.text.endswith('\n')


def test_the_order_of_what_a_stranger_meets(tmp_path):
    made = files(tmp_path, 'mx')
    assert restrictions(made, 'smtpd_client_restrictions') == [
        'check_client_access', 'hash:/etc/postfix/access_dynamic',
        'check_client_access', 'cidr:/etc/postfix/access_dynamic.cidr',
        'check_client_access', 'hash:/etc/postfix/access',
        'permit_mynetworks', 'permit_sasl_authenticated', 'sleep', '20', 'reject_unauth_pipelining']
    recipient = restrictions(made, 'smtpd_recipient_restrictions')
    in_order = ['permit_mynetworks', 'permit_sasl_authenticated',
                'reject_unauth_pipelining', 'reject_unauth_destination',
                'reject_non_fqdn_recipient', 'reject_unknown_recipient_domain', 'hash:/etc/postfix/exempt_recipients',
                'rbl.example=127.0.0.[2..11]', 'other.example', 'hash:/etc/postfix/sender_access',
                'unix:private/policyd-spf', 'inet:127.0.0.1:10023', 'hash:/etc/postfix/own_recipients',
                'reject_unverified_recipient']
    assert [word for word in recipient if word in in_order] == in_order
    # What exempts somebody comes after what makes us no relay, and relaying has a list of its own.
    assert restrictions(made, 'smtpd_relay_restrictions')[-1] == 'reject_unauth_destination'
    assert reading.parameters(made[MAIN].text)['smtpd_delay_reject'] == 'no'


def test_who_logs_in_meets_the_map_first_and_waits_for_nothing(tmp_path):
    made = files(tmp_path, 'mx')
    services = reading.services(made[MASTER].text)
    submission, port25 = services['587/inet'].options, services['25/inet'].options
    assert submission['smtpd_delay_reject'] == 'no' and submission['smtpd_tls_security_level'] == 'encrypt'
    assert submission['smtpd_client_restrictions'] == '$mua_client_restrictions'
    lists = restrictions(made, 'mua_client_restrictions')
    assert lists[:2] == ['check_client_access', 'hash:/etc/postfix/access_dynamic'] and 'sleep' not in lists
    assert restrictions(made, 'mua_relay_restrictions') == ['permit_sasl_authenticated', 'reject']
    assert 'smtpd_sasl_auth_enable' not in port25
    assert 'smtpd_sasl_auth_enable' not in reading.parameters(made[MAIN].text)
    assert 'policyd-spf/unix' in services


def test_settings_that_leave_a_part_out(tmp_path):
    made = files(tmp_path, 'mx', pause='0', rbls='', verify_recipients='no')
    text = made[MAIN].text
    assert 'sleep' not in restrictions(made, 'smtpd_client_restrictions')
    assert 'reject_rbl_client' not in text and 'unverified' not in text and 'address_verify_map' not in text
    lmdb = files(tmp_path, 'mx', map_type='lmdb')
    assert 'hash:' not in lmdb[MAIN].text and 'btree:' not in lmdb[MAIN].text
    assert lmdb['/etc/postfix/relay'].command == 'postmap lmdb:/etc/postfix/relay'
    assert 'map_type = lmdb' in lmdb['/etc/mailtools/block-sasl-fail.conf'].text


def test_only_the_senders_of_bulk_mail_and_internal_hosts_are_trusted(tmp_path):
    mx, sender = (reading.parameters(files(tmp_path, role)[MAIN].text) for role in ('mx', 'sender'))
    own = ['127.0.0.0/8', '[::1]/128', '10.20.0.0/22', '[fd12:3456::]/48']
    assert mx['mynetworks'].split(', ') == own + ['192.0.2.21', '192.0.2.22', '[2001:db8::22]']
    assert sender['mynetworks'].split(', ') == own
    assert mx['inet_protocols'] == sender['inet_protocols'] == 'ipv4'
    assert reading.parameters(files(tmp_path, 'mx', mx_addresses='192.0.2.10 2001:db8::10')[MAIN].text)[
        'inet_protocols'] == 'all'


def test_secrets_are_in_files_that_only_root_reads(tmp_path):
    password = 'p$ss "w\xf6rd" \\ {x}'
    for role in ROLES:
        made = files(tmp_path, role, password)
        holding = [path for path, file in made.items() if password in file.text]
        assert holding == (['/etc/postfix/sasl_passwd'] if role == 'client' else [])
        assert all(made[path].mode == 0o600 and made[path].owner == 'root' for path in holding)
        for path, file in made.items():
            assert not file.mode & 0o022, path
            assert not file.mode & 0o007 or 'postgresql:' not in file.text, path
            assert (file.owner == 'mailtools') == ('aliases.d' in path), path


def test_a_password_is_looked_up_as_it_was_given(tmp_path):
    password = 'p$ss "w\xf6rd" \\ #{x}'
    made = files(tmp_path, 'client', password)
    put(tmp_path, made)
    table = 'hash:{}/etc/postfix/sasl_passwd'.format(tmp_path)
    assert run([tool('postmap'), '-c', tmp_path / 'etc/postfix', table]) == (0, '', '')
    asked = run([tool('postmap'), '-c', tmp_path / 'etc/postfix', '-q', '[mx1.example.com]:587', table])
    assert asked[1] == 'app@example.com:{}\n'.format(password)
    relayhost = reading.parameters(made[MAIN].text)['relayhost']
    assert relayhost == '[mx1.example.com]:587'


def test_the_programs_take_their_settings(tmp_path, run_program):
    made = files(tmp_path, 'mx')
    put(tmp_path, made)
    for name in 'autoreply', 'block-sasl-fail', 'bouncedmail', 'mailqueues', 'pflogsumm-report':
        ran = run_program(name, 'config', '-c', '{}/etc/mailtools/{}.conf'.format(tmp_path, name))
        assert (ran.status, ran.err) == (0, ''), name
    assert 'ssh mailqueues@$host.$domain' in made['/etc/mailtools/mailqueues.conf'].text


@pytest.mark.parametrize('system, paths', [
    ('el', ('/etc/sysconfig/postgrey', '/etc/python-policyd-spf/policyd-spf.conf')),
    ('debian', ('/etc/default/postgrey', '/etc/postfix-policyd-spf-python/policyd-spf.conf'))])
def test_services_read_their_settings_where_the_system_has_them(tmp_path, system, paths):
    made = files(tmp_path, 'mx', system=system, greylist_delay='4m', greylist_clients='7')
    postgrey, spf = (made[path].text for path in paths)
    for option in '--delay=240', '--auto-whitelist-clients=7', '--inet=127.0.0.1:10023':
        assert option in postgrey
    assert 'HELO_reject = Fail\nMail_From_reject = Fail\n' in spf and '10.20.0.0/22' in spf
    # It is a file of assignments for a shell.
    printed = run(['sh', '-uec', postgrey + 'echo "${POSTGREY_TYPE-} ${POSTGREY_DELAY-} $POSTGREY_OPTS"'])[1]
    assert printed.count('--') == 3


def test_each_template_belongs_to_a_role():
    from mailtools.mailsystem.roles import ROWS

    folder = CHECKOUT / 'mailsystem'
    there = {str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()}
    assert there == {row.template for row in ROWS}


@pytest.mark.parametrize('role', ROLES)
def test_every_parameter_says_why(tmp_path, role):
    text = files(tmp_path, role)[MAIN].text
    names = set(reading.parameters(text))
    assert len(reading.reasons(text)) >= len(names) / 3
    assert [path for path, file in files(tmp_path, role).items() if not reading.heading(file.text)] == (
        ['/etc/mailtools/donotreply.txt'] if role == 'mx' else [])
