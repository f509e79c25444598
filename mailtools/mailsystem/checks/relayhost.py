"""Does the MX take a client's mail: does it answer, speak TLS with a certificate that is believed, offer AUTH?"""
import re
import smtplib
import ssl

from mailtools.base.failure import one_line, reason_of
from mailtools.mailsystem.checks.said import critical, good, unknown

NAMES = ('relayhost-answers', 'relayhost-certificate', 'relayhost-auth')
LIMIT_S = 30


def find(host):
    """Findings of a dialogue with the relayhost, for a client."""
    if host.role != 'client' or not host.live:
        return []
    place = place_of(host.postfix.value('relayhost'))
    if place is None:
        return []
    bundle = host.postfix.value('smtp_tls_CAfile') or host.site.ca_file
    return talked(place, bundle, host.helo(), host.site.mx)


def place_of(relayhost):
    """(host, port) of `[mx1.example.com]:587`; None for nothing, or for a domain whose MX would be asked."""
    found = re.match(r'\[([^\]]+)\](?::(\d+))?\Z', relayhost)
    return (found.group(1), int(found.group(2) or 25)) if found else None


def talked(place, bundle, helo, mx):
    """Findings of one session; no password is sent."""
    where = '{}:{}'.format(*place)
    try:
        context = ssl.create_default_context(cafile=bundle or None)
    except (OSError, ValueError) as error:
        return [critical('relayhost-certificate', '{} cannot be read: {}'.format(bundle, reason_of(error)),
                         'put the certificates of your CA into {}'.format(bundle))]
    try:
        with smtplib.SMTP(place[0], place[1], helo, LIMIT_S) as client:
            client.ehlo()
            if not client.has_extn('starttls'):
                return [critical('relayhost-answers', '{} offers no STARTTLS'.format(where), "on {}: postconf -e "
                                 "'smtpd_tls_security_level = may' && postfix reload".format(mx))]
            client.starttls(context=context)
            client.ehlo()
            return [good('relayhost-answers', '{} answers'.format(where)),
                    good('relayhost-certificate', 'its certificate is believed'), judge_auth(where, client)]
    except ssl.SSLError as error:       # CertificateError is one since 3.7, and a ValueError before
        return [bad_certificate(where, error, mx)]
    except (OSError, smtplib.SMTPException) as error:
        said = one_line(error) if isinstance(error, smtplib.SMTPException) else reason_of(error)
        return [critical('relayhost-answers', '{} does not answer: {}'.format(where, said),
                         'mend it there, or the way to it (firewall, relayhost)')]
    except ValueError as error:
        return [bad_certificate(where, error, mx)]


def judge_auth(where, client):
    """client: smtplib.SMTP within TLS."""
    if client.has_extn('auth'):
        return good('relayhost-auth', '{} offers AUTH'.format(where))
    return unknown('relayhost-auth', '{} offers no AUTH within TLS: are the passwords asked at another port?'.format(
        where), 'mailsystem check there')


def bad_certificate(where, error, mx):
    """The Finding on a certificate that is not believed."""
    return critical('relayhost-certificate', '{}: the certificate is not believed: {}'.format(where, one_line(error)),
                    'a certificate for {} there, of a CA that smtp_tls_CAfile holds'.format(mx))
