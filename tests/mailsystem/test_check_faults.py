"""Each fault on a host is found by its name, with what mends it; and a host without faults has none.

The host is what `mailsystem render` gives, with a certificate, a key and the spool, in a folder; its DNS is what
`mailsystem dns` prints.
"""
import json
import os
import pwd
import re
import subprocess

import checked
import pytest

from mailtools.mailsystem.checks.running import examined
from mailtools.mailsystem.dns import records
from mailtools.mailsystem.values import Finding
from rig.postfix import user_mailtools

MAP = '/etc/postfix/transport'
KEY = '/etc/opendkim/keys/mail.private'


def zone_of(site, public):
    """The DNS of example.com: what `mailsystem dns` prints, and a block list that works."""
    zone = {('2.0.0.127.rbl.example', 'A'): ('127.0.0.2',)}
    for record in records(site, public):
        value = ''.join(re.findall('"([^"]*)"', record.value)) if record.type == 'TXT' else record.value.rstrip('.')
        key = record.name.rstrip('.'), record.type
        zone[key] = zone.get(key, ()) + (value,)
    return zone


def certify(below, name, days=90, key='/etc/ssl/private/mailsystem.key'):
    """A certificate of its own."""
    certificate = below.at('/etc/ssl/certs/mailsystem.pem')
    for path in (certificate, below.at(key)):
        path.parent.mkdir(parents=True, exist_ok=True)
    conf = below.top / 'req.cnf'
    conf.write_text('[req]\ndistinguished_name=n\nx509_extensions=e\n[n]\n[e]\nsubjectAltName=DNS:{}\n'.format(name))
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-subj', '/CN=' + name, '-config', str(conf), '-days', str(days), '-keyout', str(below.at(key)),
                    '-out', str(certificate)], stderr=subprocess.DEVNULL, check=True, timeout=60)
    below.at(key).chmod(0o600)
    below.at('/etc/ssl/certs/ca-certificates.crt').write_bytes(certificate.read_bytes())


def give(path, user):
    """Give a file away."""
    owner = pwd.getpwnam(user)
    os.chown(str(path), owner.pw_uid, owner.pw_gid)


def made(tmp_path, role):
    """A host without faults, and its DNS."""
    below = checked.Below(tmp_path, role, 'alias_domains = example.org')
    public = checked.key_of(below.at(KEY))
    give(below.at(KEY), 'opendkim')
    certify(below, {'mx': 'mx1', 'sender': 'mail1', 'client': 'app'}[role] + '.example.com')
    below.write('/usr/bin/policyd-spf', '#!/bin/sh\n', 0o755)
    spool = below.at('/var/spool/mailtools/bounces')
    for name in ('tmp', 'new', 'cur'):
        (spool / name).mkdir(parents=True, mode=0o700)
    spool.chmod(0o700)
    for path in [spool] + list(spool.iterdir()) + list(below.at('/etc/mailtools/aliases.d').glob('*')):
        give(path, 'mailtools')
    return below, zone_of(below.site, public)


@pytest.fixture(scope='session')
def without_faults(tmp_path_factory):
    """made(), once for each role."""
    hosts = {}

    def of_role(role):
        if role not in hosts:
            hosts[role] = made(tmp_path_factory.mktemp(role), role)
        return hosts[role]
    return of_role


@pytest.fixture
def make(tmp_path, without_faults):
    """A host of a role that a test can spoil, and its DNS."""
    if os.getuid() != 0:
        pytest.skip('giving files to another user needs root')
    user_mailtools()
    for user, package in (('opendkim', 'opendkim'), ('postfix', 'postfix')):
        try:
            pwd.getpwnam(user)
        except KeyError:
            pytest.skip('{} is not installed'.format(package))

    def copied(role):
        below, zone = without_faults(role)
        return below.copied(tmp_path), dict(zone)
    return copied


def older(below, path):
    """Make the index older than its text, and that no new one: then Postfix warns of it as well."""
    os.utime(str(below.at(path)), (1, 1))
    os.utime(str(below.at(path[:-len('.db')])), (1000, 1000))


def main(*lines):
    """A fault in main.cf."""
    return lambda below, zone: below.main(*lines)


def record(name, kind, *values):
    """A fault in DNS."""
    return lambda below, zone: zone.update({(name, kind): values})


def mode(path, bits):
    """A fault of permissions."""
    return lambda below, zone: below.at(path).chmod(bits)


def owner(path, user='root'):
    """A fault of owners."""
    return lambda below, zone: give(below.at(path), user)


def text(path, old, new):
    """A fault in a text; its table is made anew where it has an index."""
    def change(below, zone):
        below.change(path, old, new)
        if os.path.exists(str(below.at(path)) + '.db'):
            below.compile('postmap', 'hash:' + path)
    return change


SPLIT = 'v=DKIM1; k=rsa; p={}" "{}'
# (finding, role, the fault, level, what the fix has)
FAULTS = [
    ('postfix-settings', 'mx', main('no_such_thing = 1'), 'warning', 'main.cf'),
    ('open-relay', 'mx', main('smtpd_relay_restrictions =', 'smtpd_recipient_restrictions = permit_mynetworks'),
     'critical', 'reject_unauth_destination'),
    ('open-relay', 'mx', main('smtpd_relay_restrictions = permit, reject', 'smtpd_recipient_restrictions = '
                              'warn_if_reject reject_unauth_destination, permit'), 'critical', 'postfix reload'),
    ('open-relay', 'mx', lambda below, zone: (
        below.main('smtpd_relay_restrictions = check_sender_access hash:/etc/postfix/sender_access, reject',
                   'smtpd_recipient_restrictions ='), below.write('/etc/postfix/sender_access', 'example.com OK\n'),
        below.compile('postmap', 'hash:/etc/postfix/sender_access')), 'critical', 'reject_unauth_destination'),
    # No fault: the other list still stops strangers.
    ('open-relay', 'mx', text('/etc/postfix/master.cf', '$mua_relay_restrictions', 'permit'), None, ''),
    ('mynetworks', 'mx', main('mynetworks = 0.0.0.0/0'), 'critical', 'mynetworks = 10.20.0.0/24'),
    ('mynetworks', 'mx', main('mynetworks = 127.0.0.0/8, 198.51.0.0/16'), 'critical', 'mynetworks = 10.20.0.0/24'),
    ('mynetworks', 'sender', main('mynetworks = 127.0.0.0/8, 10.0.0.0/8'), 'warning', 'internal_networks'),
    ('relay-domain', 'mx', main('relay_domains ='), 'critical', 'relay_domains'),
    ('relay-domain', 'mx', main('mydestination = $myhostname, example.com'), 'critical', 'mydestination'),
    ('relay-provider', 'mx', text(MAP, 'mx.hosted.example', 'other.example'), 'critical', '[mx.hosted.example]:25'),
    ('relay-provider', 'mx', main('transport_maps ='), 'critical', 'example.com relay:'),
    ('relayhost', 'client', main('relayhost ='), 'critical', '[mx1.example.com]:587'),
    ('header-checks-subject', 'mx', main('header_checks ='), 'warning', '/^Subject:/ INFO'),
    ('header-checks-received', 'sender', main('smtp_header_checks ='), 'warning', 'IGNORE'),
    ('tls-outbound', 'sender', main('smtp_tls_security_level = none'), 'critical', 'may'),
    ('tls-outbound', 'client', main('smtp_tls_security_level = may'), 'critical', 'secure'),
    ('tls-inbound', 'mx', main('smtpd_tls_security_level ='), 'critical', 'smtpd_tls_security_level = may'),
    ('smtpd-delay-reject', 'mx', text('/etc/postfix/master.cf', 'smtpd_delay_reject=no', 'smtpd_delay_reject=yes'),
     'critical', 'smtpd_delay_reject = no'),
    ('access-map', 'mx', main('mua_client_restrictions ='), 'critical', 'access_dynamic'),
    ('access-map-type', 'mx', main('mua_client_restrictions = check_client_access '
                                   'texthash:/etc/postfix/access_dynamic'), 'critical',
     'hash:/etc/postfix/access_dynamic'),
    ('access-map-order', 'mx', main('mua_client_restrictions = permit_sasl_authenticated, check_client_access '
                                    'hash:/etc/postfix/access_dynamic'), 'critical', 'check_client_access'),
    ('access-map-order', 'mx', main('mua_client_restrictions = warn_if_reject check_client_access '
                                    'hash:/etc/postfix/access_dynamic'), 'warning', 'check_client_access'),
    ('milter', 'sender', main('non_smtpd_milters ='), 'critical', 'non_smtpd_milters'),
    ('milter-default-action', 'mx', main('milter_default_action = reject'), 'critical', 'tempfail'),
    ('milter-default-action', 'mx', main('milter_default_action = accept'), 'warning', 'tempfail'),
    ('policy-master', 'mx', text('/etc/postfix/master.cf', 'policyd-spf unix', 'other unix'), 'critical',
     'policyd-spf unix - n n - 0 spawn'),
    ('policy-master', 'mx', lambda below, zone: below.at('/usr/bin/policyd-spf').unlink(), 'critical',
     '/usr/bin/policyd-spf'),
    ('greylisting', 'mx', text('/etc/postfix/main.cf', 'check_policy_service inet:127.0.0.1:10023', ''), 'warning',
     '10023'),
    ('spf-policy', 'mx', text('/etc/postfix/main.cf', 'check_policy_service unix:private/policyd-spf', ''), 'warning',
     'policyd-spf'),
    ('map-stale', 'mx', lambda below, zone: older(below, '/etc/postfix/aliases.db'), 'critical',
     'postalias hash:/etc/postfix/aliases'),
    ('map-stale', 'mx', lambda below, zone: older(below, '/etc/postfix/transport.db'), 'critical', 'postmap'),
    ('map-missing', 'mx', lambda below, zone: below.at('/etc/postfix/access.db').unlink(), 'critical', 'postmap'),
    ('map-missing', 'mx', lambda below, zone: below.at('/etc/postfix/access_dynamic.cidr').unlink(), 'critical',
     'access_dynamic.cidr'),
    ('map-type', 'mx', main('sender_canonical_maps = sdbm:/etc/postfix/access'), 'critical', 'sdbm'),
    ('map-missing', 'mx', mode('/etc/postfix/access.db', 0o666), 'critical', 'chmod go-w'),
    ('alias-owner', 'mx', owner('/etc/mailtools/aliases.d/bounces.db'), 'critical', 'chown mailtools'),
    ('alias-owner', 'mx', owner('/etc/mailtools/aliases.d/donotreply.db'), 'critical', 'chown mailtools'),
    ('alias-bounces', 'sender', main('alias_maps = hash:/etc/postfix/aliases'), 'critical', 'mailsystem render'),
    ('sasl-password-mode', 'client', mode('/etc/postfix/sasl_passwd', 0o644), 'critical', 'chmod 600'),
    ('sasl-password-mode', 'client', mode('/etc/postfix/sasl_passwd.db', 0o644), 'critical', 'sasl_passwd.db'),
    ('sasl-password-mode', 'mx', mode('/etc/dovecot/users', 0o644), 'critical', 'chmod 640'),
    ('sasl-password-file', 'client', main('smtp_sasl_password_maps ='), 'critical', '[mx1.example.com]:587'),
    ('tls-key-mode', 'mx', mode('/etc/ssl/private/mailsystem.key', 0o644), 'critical', 'chmod 600'),
    ('settings-mode', 'sender', lambda below, zone: below.write(
        '/etc/mailtools/bouncedmail.conf', '[bouncedmail]\ndatabase = postgresql://u:secret@db/m\n'), 'critical',
     'chmod 640'),
    ('settings-mode', 'sender', mode('/etc/mailtools/bouncedmail.conf', 0o666), 'critical', 'chmod o-w'),
    ('postfix-mode', 'mx', mode('/etc/postfix/main.cf', 0o664), 'critical', 'chmod go-w'),
    ('postfix-mode', 'mx', owner('/etc/postfix/master.cf', 'postfix'), 'critical', 'chown root'),
    ('spool-owner', 'sender', owner('/var/spool/mailtools/bounces/new'), 'critical', 'chown -R mailtools'),
    ('spool-owner', 'mx', mode('/var/spool/mailtools/bounces', 0o755), 'critical', 'chmod 700'),
    ('spool-owner', 'mx', lambda below, zone: below.at('/var/spool/mailtools/bounces/tmp').rmdir(), 'critical',
     'install -d'),
    ('certificate-name', 'mx', lambda below, zone: certify(below, 'www.example.com'), 'critical', 'mx1.example.com'),
    ('certificate-expiry', 'mx', lambda below, zone: certify(below, 'mx1.example.com', 3), 'critical', 'renew'),
    ('certificate-expiry', 'mx', lambda below, zone: certify(below, 'mx1.example.com', 15), 'warning', 'renew'),
    ('certificate-pair', 'mx', lambda below, zone: checked.key_of(below.at('/etc/ssl/private/mailsystem.key')),
     'critical', '/etc/ssl/private/mailsystem.key'),
    ('certificate-file', 'mx', lambda below, zone: below.at('/etc/ssl/certs/mailsystem.pem').unlink(), 'critical',
     '/etc/ssl/certs/mailsystem.pem'),
    ('certificate-file', 'mx', lambda below, zone: below.write('/etc/ssl/certs/mailsystem.pem', 'none'), 'critical',
     'renew'),
    ('certificate-bundle', 'client', main('smtp_tls_CAfile ='), 'critical', 'ca-certificates.crt'),
    ('certificate-chain', 'mx', lambda below, zone: below.at('/etc/ssl/certs/ca-certificates.crt').write_text(''),
     'warning', 'append'),
    ('dkim-signing', 'mx', text('/etc/opendkim/SigningTable', 'example.com', 'other.example'), 'critical', '*@'),
    ('dkim-signing', 'mx', text('/etc/opendkim.conf', 'sv', 'v'), 'critical', 'Mode sv'),
    ('dkim-key-mode', 'sender', mode(KEY, 0o644), 'critical', 'chmod 600'),
    ('dkim-key-mode', 'sender', owner(KEY, 'postfix'), 'critical', 'chown opendkim'),
    ('dkim-key', 'sender', lambda below, zone: below.at(KEY).unlink(), 'critical', 'opendkim-genkey'),
    ('dkim-bits', 'mx', lambda below, zone: record('mail._domainkey.example.com', 'TXT', 'v=DKIM1; p={}'.format(
        checked.key_of(below.at(KEY), 1024)))(below, zone), 'warning', '2048'),
    ('dkim-key', 'mx', record('mail._domainkey.example.com', 'TXT'), 'critical', 'mail._domainkey.example.com TXT'),
    ('dkim-key', 'mx', record('mail._domainkey.example.com', 'TXT', 'v=DKIM1; k=rsa; p=MIIB'), 'critical', 'p='),
    ('dkim-record', 'mx', record('mail._domainkey.example.com', 'TXT', SPLIT.format('MIIB', 'Qt')), 'critical', 'p='),
    ('dkim-record', 'mx', record('mail._domainkey.example.com', 'TXT', 'v=DKIM1; p=MII', 'BQt'), 'critical', 'p='),
    ('dkim-record', 'mx', record('mail._domainkey.example.com', 'TXT', 'v=DKIM1; p='), 'critical', 'p='),
    ('dkim-testing', 'mx', lambda below, zone: zone.update({
        ('mail._domainkey.example.com', 'TXT'): (zone['mail._domainkey.example.com', 'TXT'][0] + '; t=y',)}), 'warning',
     't=y'),
    ('dmarc-alignment', 'mx', text('/etc/opendkim/KeyTable', 'example.com:', 'other.example:'), 'critical',
     'KeyTable'),
    ('spf-sender', 'sender', record('example.com', 'TXT', 'v=spf1 ip4:192.0.2.10 -all'), 'critical',
     'ip4:192.0.2.21'),
    ('rbl-listing', 'mx', record('10.2.0.192.rbl.example', 'A', '127.0.0.3'), 'critical', 'rbl.example'),
    ('ptr', 'sender', record('21.2.0.192.in-addr.arpa', 'PTR'), 'critical', 'PTR mail1.example.com.'),
    ('helo-address', 'mx', record('mx1.example.com', 'A'), 'critical', 'mx1.example.com. A 192.0.2.10'),
    ('myhostname', 'mx', main('myhostname = mx1', 'mydomain = example.com'), 'critical',
     'myhostname = mx1.example.com'),
]


@pytest.mark.parametrize('role', ['mx', 'sender', 'client'])
def test_a_host_without_faults_has_none(make, role):
    below, zone = make(role)
    found = examined(below.host(zone))
    assert checked.problems(found) == [], [one for one in found if one.level != 'ok']
    assert len(found) > 10


def as_nobody(function):
    """What a function gives, in a process of nobody's: Findings."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(pwd.getpwnam('nobody').pw_gid)
            os.setuid(pwd.getpwnam('nobody').pw_uid)
            os.write(writer, json.dumps(function()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        found = [Finding(*one) for one in json.load(file)]
    os.waitpid(child, 0)
    return found


def test_without_root_it_says_what_it_cannot_see(make, shared_folder):
    import _strptime  # noqa: F401      # what nobody may not read of this Python is read before

    below, zone = make('mx')
    below = below.copied(shared_folder)
    for path in ('/etc/opendkim', '/var/spool/mailtools'):
        below.at(path).chmod(0o750)
    below.host(zone)
    found = as_nobody(lambda: examined(below.host(zone)))
    unseen = [one for one in found if one.level == 'unknown']
    assert {one.level for one in found} == {'ok', 'unknown'}, checked.problems(found)
    assert {'dkim-key', 'spool-owner', 'certificate-pair'} <= {one.name for one in unseen}
    assert {one.fix for one in unseen} == {'run it as root'}
    assert {'open-relay', 'spf-sender', 'map-stale', 'certificate-name', 'postfix-mode'} <= {
        one.name for one in found if one.level == 'ok'}


@pytest.mark.slow
@pytest.mark.parametrize('name, role, fault, level, fix', FAULTS, ids=[
    '{}-{}-{}'.format(at, one[0], one[1]) for at, one in enumerate(FAULTS)])
def test_a_fault_is_found_by_its_name(make, name, role, fault, level, fix):
    below, zone = make(role)
    fault(below, zone)
    every = examined(below.host(zone), [name])
    assert 'unknown' not in [one.level for one in every], every
    found = checked.named(every, name)
    if level is None:
        assert found == []
        return
    assert found and found[0].level == level, found
    assert fix in found[0].fix
