"""`mailsystem check` against a Postfix that runs: what it tries, and that nothing gets in by it."""
import json
import os
import pathlib
import tempfile

import checked
import pytest

from rig import parts, program
from rig.instance import LOOPBACK, Instance, free_port

pytestmark = pytest.mark.slow
# All addresses of this host but one are strangers: loopback is not all trusted here.
MAIN = LOOPBACK + '''default_transport = smtp:[127.0.0.1]:9
relay_transport = smtp:[127.0.0.1]:9
mydestination = $myhostname
relay_domains = example.com
mynetworks = 127.0.0.1/32
alias_maps =
alias_database =
local_recipient_maps =
smtpd_error_sleep_time = 0
smtpd_tls_cert_file = {top}/etc/cert
smtpd_tls_key_file = {top}/etc/key
'''


MASTER = '''127.0.0.1:{} inet n - n - - smtpd
127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
'''


def certify(folder):
    """A certificate that nobody believes."""
    parts.call(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                '/CN=mx.test.invalid', '-days', '9', '-keyout', folder / 'key', '-out', folder / 'cert'])


class Site(Instance):
    """A Postfix, and settings of mailsystem for it."""

    def __init__(self):
        super().__init__('mt-check-')
        self.port = free_port()
        self.secure = [free_port(), free_port()]        # STARTTLS is a must; TLS from the start
        self.write(MAIN, MASTER.format(self.port, *self.secure))
        certify(self.config)
        self.settings = self.top / 'mailsystem.conf'
        self.settings.write_text(checked.TEXT.format(more='', postfix='2.10'))
        self.start()

    def check(self, *args):
        """Run `mailsystem check` on it."""
        return program.run('mailsystem', 'check', '-c', self.settings, '--resolver', '127.0.0.1:9', *args,
                           env={'MAIL_CONFIG': str(self.config)})

    def findings(self, *args):
        """What it finds: {name: [finding]}."""
        found = {}
        for line in self.check('--json', *args).out.splitlines():
            one = json.loads(line)
            found.setdefault(one['name'], []).append(one)
        return found


@pytest.fixture(scope='module')
def site():
    """One for all tests here."""
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    if parts.find('postfix') is None:
        pytest.skip('postfix is not installed')
    server = Site()
    yield server
    server.remove()


def of(site, *settings):
    """Set parameters of its Postfix, and let it know them."""
    parts.call(['postconf', '-c', site.config, '-e'] + list(settings))
    os.utime(str(site.config / 'main.cf'), (1, 1))
    site.postfix('reload')


def test_a_host_that_refuses_strangers_is_no_open_relay(site):
    of(site, 'smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination')
    found = site.findings('--role', 'mx', '--only', 'open-relay')['open-relay']
    assert [one['level'] for one in found] == ['ok'] * 4
    for one, port in zip(found[1:], [site.port] + site.secure):
        assert ': 127.0.0.1:{} refuses 6 ways to relay: 554 5.7.1'.format(port) in one['text']
        assert 'Relay access denied' in one['text'] and 'tried from 127.0.0.1:' not in one['text']


def test_an_open_relay_is_tried_and_no_mail_gets_in(site):
    of(site, 'smtpd_relay_restrictions = check_sender_access static:OK, reject_unauth_destination')
    ran = site.check('--role', 'mx', '--only', 'open-relay')
    assert ran.status == 2
    assert 'critical open-relay: tried from ' in ran.out
    assert ': 127.0.0.1:{} takes mail from strangers'.format(site.port) in ran.out
    assert "  fix: postconf -e 'smtpd_relay_restrictions" in ran.out
    assert ran.out.startswith('MAILSYSTEM CRITICAL - mx.test.invalid (mx): critical open-relay|')
    assert parts.call(['postqueue', '-c', site.config, '-p']).strip() == 'Mail queue is empty'
    assert 'message-id=' not in site.log()


def test_mail_for_the_domain_is_tried(site):
    of(site, 'smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination',
       'smtpd_recipient_restrictions =')
    assert site.findings('--role', 'mx', '--only', 'relay-inbound')['relay-inbound'][0]['level'] == 'ok'
    of(site, 'smtpd_recipient_restrictions = reject')
    found = site.findings('--role', 'mx', '--only', 'relay-inbound')['relay-inbound'][0]
    assert found['level'] == 'critical' and 'postmaster@example.com' in found['text']


def test_tls_that_is_not_there_is_found(site):
    of(site, 'smtpd_tls_security_level =')
    assert site.findings('--role', 'mx', '--only', 'starttls')['starttls'][0]['level'] == 'critical'


def test_a_dead_milter_and_policy_service_are_found(site):
    port = free_port()
    of(site, 'smtpd_milters = inet:127.0.0.1:{}'.format(port), 'non_smtpd_milters = $smtpd_milters',
       'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{}'.format(port))
    found = site.findings('--role', 'mx', '--only', 'milter')
    assert found['milter'][0]['level'] == 'critical' and 'all mail is deferred' in found['milter'][0]['text']
    assert found['policy-service'][0]['level'] == 'critical'
    of(site, 'smtpd_milters =', 'non_smtpd_milters =', 'smtpd_recipient_restrictions =')


def test_a_postfix_that_runs_and_one_that_does_not(site):
    assert site.findings('--role', 'mx', '--only', 'postfix-running')['postfix-running'][0]['level'] == 'ok'
    with tempfile.TemporaryDirectory() as folder:
        etc = pathlib.Path(folder)
        for name in ('main.cf', 'master.cf'):
            (etc / name).write_text((site.config / name).read_text().replace(str(site.top / 'spool'), folder))
        os.utime(str(etc / 'main.cf'), (1, 1))
        ran = program.run('mailsystem', 'check', '-c', site.settings, '--role', 'mx', '--only', 'postfix-running',
                          env={'MAIL_CONFIG': folder})
    assert ran.status == 2 and 'critical postfix-running: Postfix does not run' in ran.out


def test_without_settings_or_postfix_it_says_so_as_a_plug_in(site, tmp_path):
    ran = program.run('mailsystem', 'check', '-c', tmp_path / 'none')
    assert ran.status == 3 and ran.out.startswith('MAILSYSTEM UNKNOWN - this host: unknown settings|')
    ran = program.run('mailsystem', 'check', '-c', site.settings, '--only', 'open-relay',
                      env={'MAIL_CONFIG': str(tmp_path)})
    assert ran.status == 3 and 'Postfix could not be asked' in ran.out


def test_an_option_that_cannot_be_meant_is_refused(site):
    assert site.check('--only', 'no-such-thing').status == 64
    assert program.run('mailsystem', 'check', '--resolver', 'x y').status == 64


def test_names_of_findings_are_listed():
    ran = program.run('mailsystem', 'check', '--names')
    asks, names = ran.out.splitlines()[::2], ' '.join(ran.out.splitlines()[1::2]).split()
    assert ran.status == 0 and {'open-relay', 'dkim-key', 'clock'} <= set(names)
    assert len(asks) == len(set(asks)) > 10 and all('?' in one for one in asks)


def test_problems_leaves_out_what_is_well(site):
    ran = site.check('--role', 'mx', '--only', 'open-relay', '--problems')
    assert ran.status == 0 and len(ran.out.splitlines()) == 1
