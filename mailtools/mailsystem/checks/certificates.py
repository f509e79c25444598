"""Do the certificate and its key fit: to each other, to the name of the host, to the day?

openssl(1) reads the certificate (1.0.2 and later), Python's ssl tells whether the key is that of the certificate.
"""
import ssl
from typing import NamedTuple, Optional

from mailtools.base.failure import Failure, reason_of
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning

NAMES = ('certificate-file', 'certificate-expiry', 'certificate-name', 'certificate-pair', 'certificate-chain',
         'certificate-bundle')
DAY_S = 86400
SOON_D, VERY_SOON_D = 21, 7     # who renews by itself does so 30 days before


class Certificate(NamedTuple):
    """What is known of one."""

    begins: float               # seconds since the epoch
    ends: float
    fits: bool                  # whether it is for the name that was asked


def find(host):
    """Findings on the certificate that Postfix shows, or on the bundle of a client."""
    if host.role == 'client':
        return judge_bundle(host)
    path = host.postfix.value('smtpd_tls_cert_file')
    key = host.postfix.value('smtpd_tls_key_file') or path
    if not path:
        return [] if host.role != 'mx' else [critical(
            'certificate-file', 'smtpd_tls_cert_file is empty: no TLS for who brings mail',
            "postconf -e 'smtpd_tls_cert_file = {}' 'smtpd_tls_key_file = {}' && postfix reload".format(
                host.site.certificate, host.site.certificate_key))]
    return of_each(host, ('certificate-file', lambda one: judge_file(one, path)),
                   ('certificate-pair', lambda one: judge_key(one, path, key)))


def judge_file(host, path):
    """Findings on the certificate, which everybody may read."""
    if host.seen(path) is None:
        return [absent(path)]
    return judge(read(host.at(path), host.name), host.name, path, host.now) + judge_chain(host, path)


def judge_key(host, path, key):
    """Findings on the key, which only root may."""
    if host.seen(key) is None:
        return [absent(key)]
    return [judge_pair(host.at(path), host.at(key))] if host.seen(path) is not None else []


def absent(path):
    """A file that is named and not there."""
    return critical('certificate-file', '{} is not there: TLS does not work'.format(path),
                    'put the certificate, with its chain, or the key into {}'.format(path))


def read(path, name) -> Optional[Certificate]:
    """The Certificate at a path, None where there is none in it; raises Failure where openssl cannot be asked."""
    ran = probes.run(['openssl', 'x509', '-in', path, '-noout', '-startdate', '-enddate', '-checkhost', name])
    if ran.status is None:
        raise Failure(ran.err)
    dates = dict(line.split('=', 1) for line in ran.out.splitlines() if '=' in line)
    try:
        return Certificate(ssl.cert_time_to_seconds(dates['notBefore']), ssl.cert_time_to_seconds(dates['notAfter']),
                           'does match' in ran.out)
    except (KeyError, ValueError):
        return None


def judge(certificate, name, path, now):
    """Findings on a Certificate; now: seconds since the epoch."""
    renew = 'renew {} for {}, then: postfix reload'.format(path, name)
    if certificate is None:
        return [critical('certificate-file', '{} holds no certificate'.format(path), renew)]
    left_d = (certificate.ends - now) / DAY_S
    if left_d < 0:
        found = [critical('certificate-expiry', '{} expired {:.0f} days ago'.format(path, -left_d), renew)]
    elif certificate.begins > now:
        found = [critical('certificate-expiry', '{} is not valid yet'.format(path), renew + ' (or mend the clock)')]
    elif left_d < SOON_D:
        say = critical if left_d < VERY_SOON_D else warning
        found = [say('certificate-expiry', '{} expires in {:.0f} days'.format(path, left_d), renew)]
    else:
        found = [good('certificate-expiry', '{} is good for {:.0f} days'.format(path, left_d))]
    found.append(good('certificate-name', '{} is for {}'.format(path, name)) if certificate.fits else critical(
        'certificate-name', '{} is not for {}: who checks names does not send here'.format(path, name), renew))
    return found


def judge_pair(path, key):
    """Is the key that of the certificate?"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(path, key, password='')
    except ssl.SSLError as error:
        fix = 'put the key of this certificate into {}, or ask for a new certificate with that key'.format(key)
        if 'MISMATCH' in str(error):
            return critical('certificate-pair', '{} is not the key of {}: TLS does not work'.format(key, path), fix)
        return critical('certificate-pair', '{} and {}: {}'.format(path, key, reason_of(error)), fix)
    except PermissionError:
        return unknown('certificate-pair', '{} can only be read by root'.format(key), 'run it as root')
    except (OSError, ValueError) as error:
        return critical('certificate-pair', '{} and {} cannot be used: {}'.format(path, key, reason_of(error)),
                        'write the certificate and its key anew, as PEM, the key without a password')
    return good('certificate-pair', '{} is the key of {}'.format(key, path))


def judge_chain(host, path):
    """Do those who believe ca_file believe the certificate?"""
    bundle = host.site.ca_file
    if not bundle or host.seen(bundle) is None:
        return []
    # Without -partial_chain, and with the file itself for what stands between: as a client checks it.
    ran = probes.run(['openssl', 'verify', '-CAfile', host.at(bundle), '-untrusted', host.at(path), host.at(path)])
    said = (ran.out + ran.err).strip().splitlines()
    if ran.status == 0 or any('expired' in one for one in said):        # which has its own finding
        return [good('certificate-chain', '{} leads to a root in {}'.format(path, bundle))]
    why = next((one for one in said if 'error' in one), said[-1] if said else '')
    return [warning('certificate-chain', '{} does not lead to a root in {}: {}'.format(path, bundle, why),
                    'append the certificates of the issuer to {} (not the root)'.format(path))]


def judge_bundle(host):
    """Has a client what it checks the server's certificate with?"""
    postfix = host.postfix
    path = postfix.value('smtp_tls_CAfile')
    if not path and postfix.value('smtp_tls_CApath'):
        return [good('certificate-bundle', 'servers are checked with {}'.format(postfix.value('smtp_tls_CApath')))]
    if path and host.seen(path) is not None:
        return [good('certificate-bundle', 'servers are checked with {}'.format(path))]
    return [critical('certificate-bundle', 'smtp_tls_CAfile = {}: there is nothing to check the server with, so that '
                     'no mail leaves'.format(path or "''"),
                     "postconf -e 'smtp_tls_CAfile = {}' && postfix reload".format(host.site.ca_file))]
