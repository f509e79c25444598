"""What follows from the site for one host: its name, its addresses, and all that its templates name.  Pure."""
from mailtools.base.failure import EX_USAGE, Failure
from mailtools.mailsystem import patterns
from mailtools.mailsystem.template import Written
from mailtools.mailsystem.values import CLIENT, MX, SENDER

LOOPBACK = ('127.0.0.0/8', '::1/128')
# Names of RFC 2142 and of system accounts.
TO_ROOT = ('postmaster', 'abuse', 'hostmaster', 'webmaster', 'security', 'mailer-daemon', 'nobody', 'daemon',
           'mailtools', 'postfix', 'opendkim')


def names_of(site, role):
    """The hosts that have a role; none is known of the clients."""
    return {MX: [site.mx], SENDER: [sender.name for sender in site.senders]}.get(role, [])


def host_of(site, role, wanted=''):
    """The name of the host; `wanted` may leave out the domain.  Raises Failure where it is not one of the role."""
    name = wanted if '.' in wanted or not wanted else '{}.{}'.format(wanted, site.domain)
    names = names_of(site, role)
    if role == CLIENT or name in names:
        return name
    if not name and len(names) == 1:
        return names[0]
    if not names:
        raise Failure('there is no section [sender NAME] in the settings', EX_USAGE)
    wrong = '{} is no'.format(name) if name else 'this host is no'
    raise Failure('{} {} of the settings; say --host {}'.format(wrong, role, ' or '.join(names)), EX_USAGE)


def addresses_of(site, host):
    """The public addresses of a host."""
    if host == site.mx:
        return site.mx_addresses
    return tuple(address for sender in site.senders if sender.name == host for address in sender.addresses)


def trusted_of(site, role):
    """Networks and addresses whose mail a host takes for anywhere, beside loopback."""
    senders = tuple(address for sender in site.senders for address in sender.addresses)
    return site.internal_networks + (senders if role == MX else ())


def as_network(text):
    """A network as main.cf has it: [2001:db8::]/32."""
    address, slash, length = text.partition('/')
    return '[{}]{}{}'.format(address, slash, length) if ':' in address else text


def as_endpoint(endpoint):
    """ADDRESS:PORT, or [ADDRESS]:PORT."""
    return '{}:{}'.format('[{}]'.format(endpoint.address) if ':' in endpoint.address else endpoint.address,
                          endpoint.port)


def short(name, site):
    """mail1 for mail1.example.com; the whole name of a host elsewhere."""
    ending = '.' + site.domain
    return name[:-len(ending)] if name.endswith(ending) else name


def compatibility(postfix):
    """The compatibility_level of a version of Postfix, '' for those that have none."""
    if postfix < (3, 0):
        return ''
    return '3.6' if postfix >= (3, 6) else '2'


def values_of(site, role, host, password=''):
    """{name: value} for the templates of a role."""
    domains = (site.domain,) + site.alias_domains
    names = (site.mx, site.bulk_name) + tuple(sender.name for sender in site.senders)
    trusted = trusted_of(site, role)
    addresses = addresses_of(site, host)
    own = {name: getattr(site, name) for name in (
        'domain', 'alias_domains', 'mx', 'admin', 'bounces', 'donotreply', 'sasl_path', 'sasl_users',
        'submission_port', 'client_user', 'database', 'certificate', 'certificate_key', 'ca_file', 'dkim_key', 'rbls',
        'helo_exempt', 'greylist_clients', 'policyd_spf', 'bulk_name')}
    return dict(
        own,
        host=host,
        domains=domains,
        postfix='{}.{}'.format(*site.postfix),
        compatibility=compatibility(site.postfix),
        bare_newline=site.postfix >= (3, 9),
        postlog=site.postfix >= (3, 4),
        protocols='all' if any(':' in address for address in addresses) else 'ipv4',
        map=site.map_type,
        cache=site.cache_type,
        mynetworks=tuple(as_network(one) for one in LOOPBACK + trusted),
        trusted=LOOPBACK + trusted,
        trusted_networks=' '.join(trusted),
        spf_skip=','.join(('127.0.0.0/8', '::ffff:127.0.0.0/104', '::1') + trusted),
        pause=site.pause_s,
        verify=site.verify_recipients,
        postgrey=as_endpoint(site.postgrey),
        greylist_delay=site.greylist_delay_s,
        opendkim=as_endpoint(site.opendkim),
        opendkim_address='[{}]'.format(site.opendkim.address) if ':' in site.opendkim.address
        else site.opendkim.address,
        opendkim_port=site.opendkim.port,
        selector=site.dkim_selector,
        sign_domains=domains,
        provider=site.provider.nexthop(),
        own_names=tuple(sorted(set(domains + tuple(
            name for name in names if not any(name.endswith('.' + domain) for domain in domains))))),
        own_literals=tuple('[{}{}]'.format('IPv6:' if ':' in one else '', one) for one in addresses),
        to_root=tuple(one for one in TO_ROOT if one not in (site.bounces, site.donotreply)),
        donotreply_addresses=tuple('{}@{}'.format(site.donotreply, domain) for domain in domains),
        short_host=short(host, site),
        queue_hosts=tuple(short(sender.name, site) for sender in site.senders),
        login_at=site.login_user + '@' if site.login_user else '',
        relayhost='[{}]:{}'.format(site.mx, site.submission_port),
        password=Written(password),
        host_pattern=patterns.literal(host),
        own_addresses=patterns.any_of(LOOPBACK + trusted),
        internal_patterns=tuple(patterns.literal(one) for one in site.internal_domains),
        bounces_pattern=patterns.literal('{}@{}'.format(site.bounces, site.domain)),
    )
