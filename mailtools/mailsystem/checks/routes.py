"""Does mail take the ways that it should: the company's to its provider, a client's through the MX, headers cleaned?

Tables are asked as Postfix asks them, by postmap -q, so that what counts is their effect and not their looks.
"""
from mailtools.mailsystem.checks.postfix import maps_in, words
from mailtools.mailsystem.checks.said import critical, good, of_each, warning

NAMES = ('relay-provider', 'relay-domain', 'relayhost', 'header-checks-subject', 'header-checks-received',
         'tls-inbound', 'tls-outbound')
RECEIVED = 'Received: from pc7.{domain} (pc7.{domain} [{address}])\tby {mx} (Postfix) with ESMTPSA id 4Xyz'
TLS_USED = ('may', 'encrypt', 'dane', 'dane-only', 'fingerprint', 'verify', 'secure')
TLS_FORCED = TLS_USED[1:]


def find(host):
    """Findings by the role of the host."""
    parts = [('tls-outbound', judge_tls)]
    if host.role != 'client':
        parts.insert(0, ('header-checks-subject', judge_headers))
    if host.role == 'mx':
        parts.append(('relay-provider', judge_provider))
    if host.role == 'client':
        parts.append(('relayhost', lambda one: judge_relayhost(one.postfix.value('relayhost'), one.site.mx)))
    return of_each(host, *parts)


# -- the company's mail --

def judge_provider(host):
    """Is mail for the domain accepted, and taken to the provider?"""
    site, configuration = host.site, host.postfix
    found = []
    for domain in (site.domain,) + tuple(site.alias_domains):
        if holds(host, 'mydestination', domain):
            found.append(critical('relay-domain', '{} is in mydestination: its mail is delivered here and does not '
                                  'reach the provider'.format(domain),
                                  'take {} out of mydestination; it belongs into relay_domains'.format(domain)))
        elif not any(holds(host, name, domain)
                     for name in ('relay_domains', 'virtual_alias_domains', 'virtual_mailbox_domains')):
            found.append(critical('relay-domain', 'mail for {} is refused: it is not in relay_domains'.format(domain),
                                  "postconf -e 'relay_domains = {}' && postfix reload   (or a line in its table)"
                                  .format(domain)))
    taken = next((says for says in (host.queried('postmap', table, site.domain)
                                    for table in maps_in(configuration.value('transport_maps'))) if says), None)
    return (found or [good('relay-domain', 'mail for {} is accepted'.format(site.domain))]) + judge_transport(
        site.domain, taken, site.provider)


def holds(host, parameter, domain):
    """Whether a list of domains names one, itself or in a table."""
    value = host.postfix.value(parameter)
    if domain in [one.lower() for one in words(value)]:
        return True
    return any(host.queried('postmap', table, domain) is not None for table in maps_in(value))


def judge_transport(domain, taken, provider):
    """Findings on the way to the provider.

    taken: what transport_maps says for the domain, None for nothing.  provider: a Destination.
    """
    wanted = provider.nexthop()
    line = '{} relay:{}   (in the transport table; then: postmap)'.format(domain, wanted)
    if taken is None:
        return [critical('relay-provider', 'transport_maps has nothing for {}: its mail comes back to this host by its '
                         'MX record, and loops'.format(domain), line)]
    _, _, nexthop = taken.partition(':')
    bare = {wanted, wanted[:-3] if wanted.endswith(':25') else wanted}
    if nexthop.lower() not in {one.lower() for one in bare}:
        return [critical('relay-provider', 'mail for {} goes to {}, not to the provider {}'.format(
            domain, nexthop or 'its MX', wanted), line)]
    return [good('relay-provider', 'mail for {} goes to {}'.format(domain, wanted))]


def judge_relayhost(relayhost, mx):
    """A client sends everything through the MX."""
    if mx.lower() in relayhost.lower():
        return [good('relayhost', 'everything goes through {}'.format(relayhost))]
    return [critical('relayhost', 'relayhost = {}: mail does not go through {}: it leaves from an address that SPF '
                     'does not cover'.format(relayhost or "''", mx),
                     "postconf -e 'relayhost = [{}]:587' && postfix reload".format(mx))]


# -- headers --

def judge_headers(host):
    """Are subjects logged, and internal hosts kept from the world?  Header tables are asked with such lines."""
    asked = maps_in(' '.join(host.postfix.value(name) for name in ('header_checks', 'smtp_header_checks')))
    for service in host.postfix.named('cleanup'):
        asked += maps_in(host.postfix.value('header_checks', service))
    site = host.site
    inside = [str(one) for one in site.internal_networks]
    line = RECEIVED.format(domain=next(iter(site.internal_domains), 'lan.' + site.domain), mx=site.mx,
                           address=first_address(inside[0]) if inside else '10.0.0.7')

    def says(text):
        return [one for one in (host.queried('postmap', table, text) for table in asked) if one]
    return judge_subject(says('Subject: a test')) + judge_received(says(line), line)


def first_address(network):
    """An address of a network."""
    import ipaddress

    net = ipaddress.ip_network(network, strict=False)
    return str(net.network_address + (7 if net.num_addresses > 8 else 0))


def judge_subject(actions):
    """actions: what the header tables say to a Subject line."""
    if any(one.split()[0].upper() in ('INFO', 'WARN') for one in actions):
        return [good('header-checks-subject', 'subjects are logged')]
    return [warning('header-checks-subject', 'no table of header_checks logs subjects: a mail cannot be found by what '
                    'its user remembers', "/^Subject:/ INFO   (in header_checks; postconf -e 'header_checks = "
                    "regexp:/etc/postfix/header_checks')")]


def judge_received(actions, line):
    """actions: what the header tables say to a Received line of an internal host."""
    if any(one.split()[0].upper() in ('IGNORE', 'REPLACE', 'STRIP') for one in actions):
        return [good('header-checks-received', 'Received lines of internal hosts are taken out')]
    return [warning('header-checks-received', 'names and addresses of internal hosts go out with each mail: no header '
                    'table takes out "{}"'.format(' '.join(line.split())[:60]),
                    '/^Received: .*YOUR-NETWORK/ IGNORE   (in the table of smtp_header_checks)')]


# -- TLS --

def judge_tls(host):
    """Is TLS used where mail leaves, and by a client always?"""
    level = host.postfix.value('smtp_tls_security_level') or (
        'may' if host.postfix.value('smtp_use_tls') == 'yes' else '')
    if host.role == 'client':
        forced = level in TLS_FORCED or host.postfix.value('smtp_enforce_tls') == 'yes'
        return [good('tls-outbound', 'passwords leave only within TLS ({})'.format(level)) if forced else
                critical('tls-outbound', 'smtp_tls_security_level = {}: the password goes out in the clear when '
                         'anybody strips STARTTLS'.format(level or "''"),
                         "postconf -e 'smtp_tls_security_level = secure' && postfix reload")]
    found = [good('tls-outbound', 'TLS is used where the other side has it ({})'.format(level))]
    if level not in TLS_USED:
        found = [critical('tls-outbound', 'mail goes out in the clear: smtp_tls_security_level = {}'.format(
            level or "''"), "postconf -e 'smtp_tls_security_level = may' && postfix reload")]
    if host.role == 'mx':
        offered = host.postfix.value('smtpd_tls_security_level') or host.postfix.value('smtpd_use_tls')
        found.append(good('tls-inbound', 'TLS is offered to who brings mail') if offered in TLS_USED + ('yes',) else
                     critical('tls-inbound', 'TLS is not offered to who brings mail: smtpd_tls_security_level is empty',
                              "postconf -e 'smtpd_tls_security_level = may' && postfix reload"))
    return found
