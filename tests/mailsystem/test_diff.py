"""What diff finds: differences of meaning, each with why it matters and what mends it; and nothing else."""
import json
import os
import pathlib
import subprocess

import pytest
from sites import files, written

from mailtools.mailsystem import reading
from mailtools.mailsystem.differing import differences
from mailtools.mailsystem.installed import Seen, seen
from rig import parts, program

MAIN, MASTER = '/etc/postfix/main.cf', '/etc/postfix/master.cf'
RELAY = '/etc/postfix/relay'
# Of postconf -d: what a host need not say.
DEFAULTS = {'smtpd_delay_reject': 'yes', 'in_flow_delay': '1s', 'milter_default_action': 'tempfail',
            'smtpd_sasl_security_options': 'noanonymous', 'inet_interfaces': 'all'}


@pytest.fixture
def made(tmp_path):
    """The files of the MX."""
    return files(tmp_path, 'mx')


def host(made):
    """{path: Seen} of a host as it shall be."""
    return {path: Seen(file.text, '', file.mode, file.owner, file.group, '') for path, file in made.items()}


def found(made, defaults=DEFAULTS, **changes):
    """The Findings where MAIN, MASTER or RELAY have another text: main=, master=, relay=."""
    there = host(made)
    for name, path in (('main', MAIN), ('master', MASTER), ('relay', RELAY)):
        if name in changes:
            there[path] = there[path]._replace(text=changes[name])
    return differences(made.values(), there, defaults)


def test_a_host_as_it_shall_be(made):
    assert found(made) == []


def test_looks_make_no_difference(made):
    main = made[MAIN].text
    parameters = reading.parameters(main)
    plain = ['{}={}'.format(name, value) for name, value in sorted(parameters.items(), reverse=True)]
    assert found(made, main='\n'.join(plain)) == []
    folded = '\n# comment\n'.join('{} =\n\t{}'.format(name, value.replace(' ', ',\n    ')) for name, value in
                                  parameters.items() if name not in reading.UNORDERED and 'reason' not in name
                                  and name != 'smtpd_banner')
    rest = '\n'.join(line for line in plain if line.partition('=')[0] in reading.UNORDERED or 'reason' in line
                     or line.startswith('smtpd_banner'))
    assert found(made, main=folded + '\n' + rest) == []
    networks = parameters['mynetworks'].split(', ')
    assert found(made, main=main.replace(parameters['mynetworks'], '  '.join(reversed(networks)))) == []
    braced = main.replace('$smtpd_milters', '${smtpd_milters}').replace('$myhostname', '$(myhostname)')
    assert found(made, main=braced) == []
    assert found(made, main='smtpd_delay_reject = yes\n' + main) == []      # the last of two counts


def test_what_is_a_default_need_not_be_said(made):
    main = made[MAIN].text.replace('\nmilter_default_action = tempfail', '').replace('\ninet_interfaces = all', '')
    assert found(made, main=main) == []
    assert [one.text.split()[0] for one in found(made, {}, main=main)] == ['inet_interfaces', 'milter_default_action']
    assert found(made, main=main + 'in_flow_delay = 1s\nqueue_directory = /var/spool/postfix\n') == []


@pytest.mark.parametrize('old, new, level, fix', [
    ('smtpd_delay_reject = no', '', 'critical', "postconf -e 'smtpd_delay_reject = no'"),
    ('smtpd_delay_reject = no', 'smtpd_delay_reject = yes', 'critical', "postconf -e 'smtpd_delay_reject = no'"),
    ('\n    reject_unauth_destination\n\n', '\n    reject_non_fqdn_recipient\n\n', 'critical',
     "postconf -e 'smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated reject_unauth_destination'"),
    ('disable_vrfy_command = yes', 'disable_vrfy_command = no', 'warning', "postconf -e 'disable_vrfy_command = yes'"),
    ('smtpd_banner = $myhostname ESMTP', 'smtpd_banner = $myhostname, ESMTP', 'warning',
     "postconf -e 'smtpd_banner = $myhostname ESMTP'"),
    ('recipient_delimiter = +', 'recipient_delimiter = +\nsoft_bounce = yes', 'warning', 'postconf -X soft_bounce')])
def test_one_parameter_that_differs(made, old, new, level, fix):
    assert old in made[MAIN].text
    one, = found(made, main=made[MAIN].text.replace(old, new, 1))
    assert (one.name, one.level, one.fix) == ('main-cf', level, fix)


def test_it_says_what_is_there_what_should_be_and_why(made):
    one, = found(made, main=made[MAIN].text.replace('_action = tempfail', '_action = accept'))
    assert one.text.startswith('milter_default_action is accept, not tempfail. While OpenDKIM is down mail waits')
    one, = found(made, main=made[MAIN].text.replace('\nsmtpd_sasl_type = dovecot', ''))
    assert one.text == 'smtpd_sasl_type is not set, and should be dovecot.'
    one, = found(made, main=made[MAIN].text.replace('\nsmtpd_delay_reject = no', ''))
    assert 'is yes by default, not no. Each list is asked at its own stage' in one.text


def test_the_order_of_restrictions_matters(made):
    lists = '    permit_mynetworks\n    permit_sasl_authenticated\n    reject_unauth_pipelining\n'
    swapped = '    reject_unauth_pipelining\n    permit_mynetworks\n    permit_sasl_authenticated\n'
    one, = found(made, main=made[MAIN].text.replace(lists, swapped))
    assert one.level == 'critical' and one.text.startswith('smtpd_recipient_restrictions is reject_unauth_pipelining ')


def test_the_order_and_the_looks_of_master_cf_do_not(made):
    services = reading.logical_lines(made[MASTER].text)
    assert found(made, master='\n'.join(reversed(services))) == []
    named = made[MASTER].text.replace('587       inet', 'submission inet').replace('smtp      inet', '25 inet')
    braced = named.replace('  -o smtpd_sasl_auth_enable=yes', '  -o { smtpd_sasl_auth_enable = yes }')
    assert found(made, master=braced) == []
    assert found(made, master=named.replace('unix  -       n       n       -       -       local',
                                            'unix  y  n n 0 100 local')) == []
    assert found(made, master=named + 'uucp unix - n n - - pipe\n  flags=Fqhu user=uucp argv=uux -r\n') == []


@pytest.mark.parametrize('old, new, level, said', [
    ('  -o smtpd_relay_restrictions=$mua_relay_restrictions\n', '', 'critical', '-o smtpd_relay_restrictions='),
    ('  -o smtpd_tls_security_level=encrypt', '  -o smtpd_tls_security_level=may', 'critical', 'is may, not encrypt'),
    ('  user=nobody argv=/usr/bin/policyd-spf', '  user=root argv=/usr/bin/policyd-spf', 'critical',
     'it runs spawn user=root'),
    ('qmgr      unix  n       -       n', 'qmgr      unix  n       -       y', 'warning', 'chroot is y, not n'),
    ('  -o smtp_header_checks=\n', '', 'warning', '-o smtp_header_checks= is missing'),
    ('\npickup ', '\n10025 inet n - n - - smtpd\npickup ', 'warning', 'a door more to guard')])
def test_one_service_that_differs(made, old, new, level, said):
    assert old in made[MASTER].text
    one, = found(made, master=made[MASTER].text.replace(old, new, 1))
    assert (one.name, one.level) == ('master-cf', level) and said in one.text and MASTER in one.fix


def test_a_service_that_is_missing_is_given_as_a_line_that_postfix_takes(made, tmp_path):
    whole = made[MASTER].text
    start, end = whole.index('\n587'), whole.index('\n# To the provider')
    one, = found(made, master=whole[:start] + whole[end:])
    assert one.level == 'critical' and one.text == 'the service 587/inet is missing'
    line = one.fix.partition(': ')[2]
    assert found(made, master=whole[:start] + '\n' + line + whole[end:]) == []


def test_tables_are_compared_by_their_entries(made):
    text = made[RELAY].text
    assert found(made, relay='# other\nEXAMPLE.com \t OK\n') == []
    extra, = found(made, relay=text + 'other.example OK\n')
    assert extra.text == '/etc/postfix/relay has other.example OK, which would not be there'
    assert extra.fix == 'remove it from /etc/postfix/relay; then postmap hash:/etc/postfix/relay'
    lost, = found(made, relay='')
    assert lost.text.startswith('/etc/postfix/relay lacks example.com OK (Domains that mail is taken for')


def test_rules_whose_first_fit_counts_are_compared_in_their_order(made):
    path = '/etc/postfix/smtp_header_checks'
    there = host(made)
    rules = [line for line in made[path].text.split('\n') if line.startswith('/')]
    there[path] = there[path]._replace(text='\n'.join(reversed(rules)))
    one, = differences(made.values(), there, DEFAULTS)
    assert one.name == 'entry' and 'another order' in one.text


def test_what_you_write_yourself_is_not_compared(made):
    there = host(made)
    for path in '/etc/postfix/access', '/etc/postfix/sender_access', '/etc/postfix/access_dynamic':
        there[path] = there[path]._replace(text='203.0.113.1 REJECT\n')
    assert differences(made.values(), there, DEFAULTS) == []


@pytest.mark.parametrize('path, changes, name, level, fix', [
    ('/etc/mailtools/bouncedmail.conf', dict(mode=0o644), 'file-mode', 'critical', 'chmod 0640 '),
    ('/etc/postfix/relay', dict(mode=0o664), 'file-mode', 'critical', 'chmod 0644 '),
    ('/etc/postfix/relay', dict(mode=0o600), 'file-mode', 'warning', 'chmod 0644 '),
    ('/etc/mailtools/aliases.d/bounces', dict(owner='root', group='root'), 'file-owner', 'critical',
     'chown mailtools:mailtools '),
    ('/etc/postfix/relay', dict(owner='ann'), 'file-owner', 'warning', 'chown root:root '),
    ('/etc/postfix/relay', dict(compiled='stale'), 'map-stale', 'critical', 'postmap hash:/etc/postfix/relay'),
    ('/etc/postfix/relay', dict(compiled='missing'), 'map-missing', 'critical', 'postmap hash:/etc/postfix/relay'),
    ('/etc/postfix/relay', dict(text=None, trouble='Permission denied'), 'file-unreadable', 'unknown', 'run it as')])
def test_what_is_wrong_with_a_file(made, path, changes, name, level, fix):
    there = host(made)
    there[path] = there[path]._replace(**changes)
    one, = differences(made.values(), there, DEFAULTS)
    assert (one.name, one.level) == (name, level) and one.fix.startswith(fix) and path in one.text


def test_a_file_that_is_missing(made):
    there = host(made)
    del there['/etc/postfix/header_checks']
    one, = differences(made.values(), there, DEFAULTS)
    assert (one.name, one.level) == ('file-missing', 'critical') and 'A line in the log for each mail' in one.text


def test_the_files_of_a_host_are_looked_at(tmp_path):
    made = list(files(tmp_path, 'client', 'x').values())
    root = tmp_path / 'root'
    for file in made:
        target = pathlib.Path(str(root) + file.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text)
        target.chmod(file.mode)
    if os.geteuid() != 0:
        (root / 'etc/passwd').write_text('x:y\nroot:x:{}:0::/:/bin/sh\n'.format(os.geteuid()))
    there = seen(str(root), made)
    password = there['/etc/postfix/sasl_passwd']
    assert (password.mode, password.owner, password.compiled) == (0o600, 'root', 'missing')
    source = root / 'etc/postfix/sasl_passwd'
    compiled = root / 'etc/postfix/sasl_passwd.db'
    compiled.write_text('')
    os.utime(str(source), (1e9, 1e9))
    assert seen(str(root), made)['/etc/postfix/sasl_passwd'].compiled == ''
    os.utime(str(compiled), (9e8, 9e8))
    assert seen(str(root), made)['/etc/postfix/sasl_passwd'].compiled == 'stale'
    source.unlink()
    assert '/etc/postfix/sasl_passwd' not in seen(str(root), made)


def test_the_program(tmp_path):
    root = tmp_path / 'root'
    config = written(tmp_path, client_password_file=None)
    out = root / 'install'
    ran = program.run('mailsystem', 'render', '-c', config, '--role', 'client', '--host', 'app1', '--output', str(root))
    assert ran.status == 0 and not out.exists()
    words = ('diff', '-c', config, '--role', 'client', '--host', 'app1', '--root', str(root))
    ran = program.run('mailsystem', *words, '--json')
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 1 and {row['name'] for row in rows} - {'file-owner'} == {'map-missing'}
    assert set(rows[0]) == {'name', 'level', 'text', 'fix'}
    with open(str(root / 'etc/postfix/main.cf'), 'a') as main:
        main.write('smtp_tls_security_level = may\n')
    ran = program.run('mailsystem', *words)
    assert 'critical main-cf: smtp_tls_security_level is may, not secure. The password goes only to who' in ran.out
    assert "\n  fix: postconf -e 'smtp_tls_security_level = secure'\n" in ran.out


def test_the_fix_is_one(tmp_path):
    postconf = parts.find('postconf')
    if postconf is None:
        pytest.skip('Postfix (postconf) is not installed')
    made = files(tmp_path, 'mx')
    folder = tmp_path / 'postfix'
    folder.mkdir()
    main = folder / 'main.cf'
    text = made[MAIN].text.replace('\nsmtpd_delay_reject = no', '\nsoft_bounce = yes')
    main.write_text(text.replace('    permit_mynetworks\n', ''))
    os.utime(str(main), (1e9, 1e9))
    there = host(made)
    there[MAIN] = there[MAIN]._replace(text=main.read_text())
    wrong = differences(made.values(), there, DEFAULTS)
    assert len(wrong) == 7
    for one in wrong:
        subprocess.run(['sh', '-c', one.fix.replace('postconf ', '{} -c {} '.format(postconf, folder), 1)], check=True)
        os.utime(str(main), (1e9, 1e9))
    there[MAIN] = there[MAIN]._replace(text=main.read_text())
    assert differences(made.values(), there, DEFAULTS) == []
