"""Does a dialogue show what the settings promise: mail for us taken, TLS and passwords offered where they should be?

The host is asked on port 25 and on the port of submission, from its own address.  No password is sent, and no
transaction comes to DATA.
"""
from mailtools.mailsystem.checks import smtp
from mailtools.mailsystem.checks.postfix import listens_at
from mailtools.mailsystem.checks.said import critical, good, unknown

NAMES = ('port-25', 'auth-clear', 'auth-offered', 'starttls', 'relay-inbound')
STARTTLS_FIX = ("postconf -e 'smtpd_tls_security_level = may' 'smtpd_tls_cert_file = {}' 'smtpd_tls_key_file = {}' "
                '&& postfix reload')


def find(host):
    """Findings of the dialogues."""
    if not host.live or not host.postfix.doors():
        return []
    found, site = [], host.site
    for service in host.postfix.doors():
        address, port = listens_at(service)
        if service.kind != 'inet' or port not in (25, 465, 587, site.submission_port):
            continue
        wrapped = host.postfix.value('smtpd_tls_wrappermode', service) == 'yes'
        wanted = ('postmaster@' + site.domain,) if port == 25 and host.role == 'mx' else ()
        place = address or (host.own_addresses() or ['127.0.0.1'])[0]
        heard = smtp.converse(place, port, None, wanted, tls=not wrapped, wrapped=wrapped)
        found += judge_session(place, port, heard, wanted, wrapped,
                               host.postfix.value('smtpd_sasl_auth_enable', service) == 'yes',
                               STARTTLS_FIX.format(site.certificate, site.certificate_key), host.role)
    return found


def judge_session(place, port, heard, wanted, wrapped, with_auth, fix, role):
    """Findings of one session.

    heard: smtp.Heard.  wanted: recipients of ours that must be taken.  with_auth: what the settings say.
    """
    where = '{}:{}'.format(place, port)
    if heard.greeting.code == 0:
        return [critical('port-25' if port == 25 else 'auth-offered', '{} does not answer: {}'.format(
            where, heard.error), 'systemctl restart postfix   (and look into the log)')]
    if heard.greeting.code != 220:
        return [unknown('port-25', '{} refuses us: {} {}'.format(where, *heard.greeting))]
    found = [good('port-25', '{} answers'.format(where))] if port == 25 else []
    if 'auth' in heard.features and not wrapped:
        found.append(critical('auth-clear', '{} takes passwords in the clear: it offers AUTH before STARTTLS'.format(
            where), "postconf -e 'smtpd_tls_auth_only = yes' && postfix reload"))
    if not wrapped and (role == 'mx' or with_auth):
        found += judge_starttls(where, heard, fix)
    inside = heard.features if wrapped else heard.tls_features
    if with_auth and inside:
        found.append(good('auth-offered', '{} offers AUTH within TLS'.format(where)) if 'auth' in inside else
                     critical('auth-offered', '{} offers no AUTH within TLS, though smtpd_sasl_auth_enable = yes: '
                              'clients cannot log in'.format(where), 'systemctl restart dovecot'))
    for recipient, said in heard.replies:
        found.append(judge_inbound(where, recipient, said))
    if wanted and not heard.replies:
        found.append(unknown('relay-inbound', '{}: not tried: {}'.format(where, heard.error)))
    return found


def judge_starttls(where, heard, fix):
    """Is TLS offered, and does it work?"""
    if 'starttls' not in heard.features:
        return [critical('starttls', '{} offers no STARTTLS'.format(where), fix)]
    if not heard.tls_features:
        return [critical('starttls', '{} offers STARTTLS, but it fails: {}'.format(where, heard.error or 'no TLS'),
                         fix)]
    return [good('starttls', '{} speaks TLS'.format(where))]


def judge_inbound(where, recipient, said):
    """Is mail for us taken, or put off by greylisting?"""
    if said.code == 250 or (said.code == 450 and 'reylist' in said.text):
        return good('relay-inbound', '{} takes mail for {}: {} {}'.format(where, recipient, said.code, said.text[:60]))
    return critical('relay-inbound', '{} refuses mail for {}: {} {}'.format(where, recipient, *said),
                    'see the log of this session; usual: relay_domains, transport, a policy service, a blocklist')
