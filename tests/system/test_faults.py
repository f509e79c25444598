"""Faults, one at a time on the live hosts or in DNS: each is found by `check` or `diff`, with what mends it."""
import contextlib
import json
from typing import Callable, NamedTuple, Tuple

import pytest

from rig.system import company, faults

DKIM = 'mail._domainkey.example.com.'
DMARC = 'v=DMARC1; p=reject;'
ELEVEN = '" " '.join('include:s{}.example.com'.format(number) for number in range(10))
PARTNERS = ''.join('s{0}.example.com. TXT "v=spf1 ip4:203.0.113.{0} -all"\n'.format(number) for number in range(10))
# Without any `reject` Postfix does not even start.
EVERYBODY = 'smtpd_{}_restrictions=check_client_access static:OK, reject'
SUBMISSION = '/etc/postfix/master.cf'
MAIN = faults.MAIN


class Fault(NamedTuple):
    """What is wrong, and what must be said of it.

    name: of the finding, and of the fault before a slash.  host: attribute of World.  made(world): a context manager.
    text, fix: words that the finding and its fix must have.
    """

    name: str
    host: str
    made: Callable
    level: str
    text: Tuple[str, ...]
    fix: str


def on(name, function, *args, **kwargs):
    """A fault of one host: function(host, *args)."""
    return lambda world: function(getattr(world, name), *args, **kwargs)


def in_dns(*changes):
    """A fault of the zone."""
    return lambda world: faults.zone(world, *changes)


def other_key(bits):
    """Another private key for DKIM than the published one."""
    return lambda world: faults.content(world.mail1, company.DKIM_KEY, lambda _: world.authority.signing_key(bits)[0])


@contextlib.contextmanager
def short_key(world):
    """A key of 1024 bits, published as it should be."""
    private, public = world.authority.signing_key(1024)
    was = world.names.parts['company'].split(DKIM)[1].split('\n')[0]
    with faults.zone(world, (was, ' TXT "v=DKIM1; k=rsa; p={}"'.format(public))), \
            faults.content(world.mail1, company.DKIM_KEY, lambda _: private):
        yield


def split_wrong(world):
    """A long key that was pasted as two records."""
    return faults.zone(world, ('" "', '"\n{} TXT "'.format(DKIM)))


CHECKED = (
    # What lets strangers in.
    Fault('open-relay', 'mx', on('mx', faults.parameters, EVERYBODY.format('relay'), EVERYBODY.format('recipient'),
                                 reload=True),
          'critical', ('192.0.2.10:25', 'relay'), 'reject_unauth_destination'),
    Fault('mynetworks', 'mx', on('mx', faults.parameters, 'mynetworks=0.0.0.0/0'),
          'critical', ('0.0.0.0/0',), 'mynetworks = '),
    Fault('auth-clear', 'mx', lambda world: faults.reload(world.mx, faults.text(
        world.mx, SUBMISSION, '=encrypt\n', '=may\n  -o smtpd_tls_auth_only=no\n')),
          'critical', ('192.0.2.10:587',), 'smtpd_tls_auth_only'),
    Fault('smtpd-delay-reject', 'mx', on('mx', faults.text, SUBMISSION, 'delay_reject=no', 'delay_reject=yes'),
          'critical', ('587/inet', 'smtpd_delay_reject = yes'), 'smtpd_delay_reject=no'),
    Fault('access-map-type', 'mx', on('mx', faults.text, MAIN, 'hash:/etc/postfix/access_dynamic',
                                      'cidr:/etc/postfix/access_dynamic'),
          'critical', ('cidr:/etc/postfix/access_dynamic',), 'hash:/etc/postfix/access_dynamic'),
    Fault('access-map', 'mx', on('mx', faults.text, MAIN, 'access_dynamic', 'access_other'),
          'critical', ('587/inet',), 'check_client_access hash:/etc/postfix/access_dynamic'),
    Fault('policy-master', 'mx', on('mx', faults.text, SUBMISSION, 'policyd-spf unix', 'policyd-old unix'),
          'critical', ('policyd-spf',), 'policyd-spf unix'),
    Fault('policy-service', 'mx', on('mx', faults.stopped, 'postgrey'),
          'critical', ('127.0.0.1:10023',), 'systemctl restart postgrey'),
    Fault('rbl-dead', 'mx', lambda world: faults.zone(world, ('2.0.0.127.rbl', '3.0.0.127.rbl'), part='outside'),
          'warning', ('rbl.example',), 'rbls'),
    # What nobody signs, or verifies.
    Fault('milter', 'mail1', on('mail1', faults.stopped, 'opendkim'),
          'critical', ('127.0.0.1:8891', 'tempfail'), 'systemctl restart opendkim'),
    Fault('milter-default-action', 'mail1', on('mail1', faults.parameters, 'milter_default_action=accept'),
          'warning', ('accept',), 'milter_default_action = tempfail'),
    Fault('dkim-key', 'mail1', other_key(2048),
          'critical', (DKIM[:-1], company.DKIM_KEY), DKIM[:-1] + ' TXT "v=DKIM1;'),
    Fault('dkim-key/unpublished', 'mail1', in_dns((DKIM, 'old' + DKIM)), 'critical', (DKIM[:-1],), DKIM[:-1] + ' TXT'),
    Fault('dkim-record', 'mail1', split_wrong, 'critical', (DKIM[:-1], '2 TXT records'), DKIM[:-1] + ' TXT'),
    Fault('dkim-bits', 'mail1', short_key, 'warning', ('1024',), 'opendkim-genkey -b 2048'),
    Fault('dkim-key-mode', 'mail1', on('mail1', faults.rights, company.DKIM_KEY, 0o644),
          'critical', (company.DKIM_KEY, '644'), 'chmod 600 ' + company.DKIM_KEY),
    Fault('dkim-signing', 'mail1', on('mail1', faults.text, '/etc/opendkim/SigningTable', 'example.com', 'example.net'),
          'critical', ('example.com',), '*@example.com'),
    # What receivers look at.
    Fault('spf-sender', 'mail2', in_dns((' ip4:192.0.2.22 include', ' include')),
          'critical', ('192.0.2.22',), 'ip4:192.0.2.22'),
    Fault('spf-lookups', 'mail2', in_dns(('include:hosted.example', 'include:hosted.example ' + ELEVEN),
                                         ('_dmarc', PARTNERS + '_dmarc')),
          'critical', ('11',), 'ip4'),
    Fault('spf-several', 'mail2', in_dns(('_dmarc', 'example.com. TXT "v=spf1 mx -all"\n_dmarc')),
          'critical', ('2',), 'one'),
    Fault('spf', 'mail2', in_dns(('\nexample.com. 3600 IN TXT "v=spf1', '\nexample.com. TXT "nothing')),
          'critical', ('example.com',), 'mailsystem dns'),
    Fault('spf-all', 'mail2', in_dns(('hosted.example ~all', 'hosted.example +all')), 'critical', ('all',), '~all'),
    Fault('dmarc', 'mail2', in_dns((DMARC, 'nothing')), 'critical', ('_dmarc.example.com',), 'mailsystem dns'),
    Fault('dmarc-policy', 'mail2', in_dns((DMARC, 'v=DMARC1; p=none;')),
          'warning', ('p=none', 'p=reject'), '_dmarc.example.com'),
    Fault('dmarc-alignment', 'mail2', on('mail2', faults.text, '/etc/opendkim/KeyTable', 'example.com:mail:',
                                         'other.example:mail:'),
          'critical', ('other.example',), 'example.com'),
    Fault('ptr', 'mail2', in_dns(('22.2.0.192.in-addr.arpa.', '23.2.0.192.in-addr.arpa.')),
          'critical', ('192.0.2.22',), 'mail2.example.com'),
    Fault('ptr-helo', 'mail2', in_dns(
        ('PTR mail2.example.com.', 'PTR www.example.com.\nwww.example.com. A 192.0.2.22')),
          'warning', ('www.example.com', 'HELO mail2.example.com'), 'PTR mail2.example.com.'),
    Fault('helo-address', 'mail2', in_dns(('mail2.example.com. 3600 IN A ', 'mail3.example.com. A ')),
          'critical', ('mail2.example.com',), '192.0.2.22'),
    Fault('rbl-listing', 'mail2', in_dns(('_dmarc', '22.2.0.192.rbl.example. A 127.0.0.2\n_dmarc')),
          'critical', ('rbl.example', '192.0.2.22'), 'rbl.example'),
    Fault('mx-cname', 'mx', in_dns(
        ('MX 10 mx1.example.com.', 'MX 10 mail.example.com.\nmail.example.com. CNAME mx1.example.com.')),
          'critical', ('mail.example.com', 'CNAME'), 'example.com. MX 10 mx1.example.com.'),
    Fault('mx', 'mx', in_dns(('MX 10 mx1.example.com.', 'MX 10 mx.hosted.example.')),
          'critical', ('mx1.example.com',), 'MX'),
    Fault('round-robin', 'mail2', in_dns(('bulk.example.com. 300 IN A 192.0.2.22', '')),
          'warning', ('bulk.example.com', 'mail2.example.com'), 'bulk.example.com'),
    Fault('myhostname', 'mail2', on('mail2', faults.parameters, 'myhostname=mail2'),
          'critical', ('mail2 is not fully qualified',), 'myhostname = mail2.example.com'),
    Fault('dns-resolver', 'mail2', on('mail2', faults.text, '/etc/resolv.conf', '192.0.2.53', '192.0.2.54'),
          'critical', ('DNS',), '/etc/resolv.conf'),
    # Certificates.
    Fault('certificate-expiry', 'mx', lambda world: faults.certificate(world, world.mx, days=-1),
          'critical', (company.CERTIFICATE, 'expired'), 'renew ' + company.CERTIFICATE),
    Fault('certificate-name', 'mx', lambda world: faults.certificate(world, world.mx, names=('www.example.com',)),
          'critical', ('mx1.example.com',), 'mx1.example.com'),
    Fault('certificate-pair', 'mx', lambda world: faults.certificate(world, world.mx, key=False),
          'critical', (company.CERTIFICATE_KEY, company.CERTIFICATE),
          'put the key of this certificate into ' + company.CERTIFICATE_KEY),
    # Files.
    Fault('map-stale', 'mx', on('mx', faults.touched, '/etc/postfix/aliases'),
          'critical', ('/etc/postfix/aliases',), 'postalias hash:/etc/postfix/aliases'),
    Fault('map-missing', 'mx', on('mx', faults.missing, '/etc/postfix/sender_access.db'),
          'critical', ('/etc/postfix/sender_access',), 'postmap hash:/etc/postfix/sender_access'),
    Fault('alias-owner', 'mx', on('mx', faults.rights, '/etc/mailtools/aliases.d/bounces.db', owner='root'),
          'critical', ('/etc/mailtools/aliases.d/bounces',), 'chown mailtools'),
    Fault('sasl-password-mode', 'app', on('app', faults.rights, '/etc/postfix/sasl_passwd', 0o644),
          'critical', ('/etc/postfix/sasl_passwd',), 'chmod 600 /etc/postfix/sasl_passwd'),
    Fault('tls-key-mode', 'mx', on('mx', faults.rights, company.CERTIFICATE_KEY, 0o644),
          'critical', (company.CERTIFICATE_KEY,), 'chmod 600 ' + company.CERTIFICATE_KEY),
    Fault('spool-owner', 'mx', on('mx', faults.rights, '/var/spool/mailtools/bounces', owner='root'),
          'critical', ('/var/spool/mailtools/bounces',), 'chown'),
    # Ways that mail takes.
    Fault('relay-provider', 'mx', on('mx', faults.parameters, 'transport_maps='),
          'critical', ('example.com',), 'relay:[mx.hosted.example]:25'),
    Fault('relay-domain', 'mx', on('mx', faults.parameters, 'relay_domains='),
          'critical', ('example.com',), 'relay_domains = example.com'),
    Fault('header-checks-subject', 'mx', on('mx', faults.parameters, 'header_checks='),
          'warning', ('subjects',), 'header_checks'),
    Fault('relayhost', 'app', on('app', faults.parameters, 'relayhost=[mx.hosted.example]'),
          'critical', ('mx.hosted.example',), '[mx1.example.com]:587'),
    Fault('sasl-backend', 'mx', on('mx', faults.stopped, 'dovecot'),
          'critical', ('private/auth',), 'systemctl restart dovecot'),
    Fault('database', 'mail1', on('mx', faults.stopped, 'postgresql'),
          'critical', ('10.20.0.10:5432',), 'systemctl start postgresql'),
    Fault('queue-room', 'mail1', on('mail1', faults.full, '/var/spool/postfix', '1m'),
          'critical', ('/var/spool/postfix',), ''),
    Fault('postfix-running', 'mail1', on('mail1', faults.without_postfix),
          'critical', ('Postfix',), 'start'),
    Fault('clock', 'mail1', lambda world: faults.clock(world, 3600), 'critical', ('3600', '192.0.2.53'), 'chrony'),
)
DIFFERENT = (
    Fault('main-cf', 'mx', on('mx', faults.parameters, 'smtpd_tls_auth_only=no'),
          'critical', ('smtpd_tls_auth_only is no, not yes',), "postconf -e 'smtpd_tls_auth_only = yes'"),
    Fault('master-cf', 'mx', on('mx', faults.text, SUBMISSION, '  -o smtpd_delay_reject=no\n', ''),
          'critical', ('587/inet', 'smtpd_delay_reject'), 'smtpd_delay_reject=no'),
    Fault('file-missing', 'mx', on('mx', faults.missing, '/etc/postfix/helo_reject_domains'),
          'critical', ('/etc/postfix/helo_reject_domains',), 'install.sh'),
    Fault('file-mode', 'app', on('app', faults.rights, '/etc/postfix/sasl_passwd', 0o644),
          'critical', ('0644', '0600'), 'chmod 0600 /etc/postfix/sasl_passwd'),
    Fault('file-owner', 'mx', on('mx', faults.rights, '/etc/mailtools/aliases.d/bounces', owner='root'),
          'critical', ('mailtools',), 'chown mailtools:mailtools /etc/mailtools/aliases.d/bounces'),
    Fault('map-stale', 'mx', on('mx', faults.touched, '/etc/postfix/transport'),
          'critical', ('/etc/postfix/transport',), 'postmap hash:/etc/postfix/transport'),
)


def examine(world, fault, command):
    """Break it, look, mend it."""
    host, name = getattr(world, fault.host), fault.name.partition('/')[0]
    only = ('--only', name) if command == 'check' else ()
    with fault.made(world):
        ran = host.run('mailsystem', command, '--role', host.role, '--json', *only)
    assert ran.status in (1, 2), ran
    findings = [one for one in map(json.loads, ran.out.splitlines()) if one['name'] == name and one['level'] != 'ok']
    assert findings, ran.out
    right = [one for one in findings if all(word in one['text'] for word in fault.text)]
    assert right, findings
    assert right[0]['level'] == fault.level and right[0]['fix'] and fault.fix in right[0]['fix'], right


@pytest.mark.parametrize('fault', CHECKED, ids=lambda fault: fault.name)
def test_check_finds(world, fault):
    examine(world, fault, 'check')


@pytest.mark.parametrize('fault', DIFFERENT, ids=lambda fault: fault.name)
def test_diff_finds(world, fault):
    examine(world, fault, 'diff')


@pytest.mark.parametrize('name', ['mx', 'mail1', 'mail2', 'app'])
def test_nothing_is_found_where_all_was_mended(world, cron, name):
    host = getattr(world, name)
    assert host.check('--problems').status == 0
    assert host.run('mailsystem', 'diff', '--role', host.role).out == ''
