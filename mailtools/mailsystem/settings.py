"""What an administrator can set for mailsystem: the table, that of a sender, and the Site that they make.

conf.d/mailsystem.conf shows each row with its default; a test holds the two together.
"""
from typing import NamedTuple

from mailtools.base.failure import SettingsFailure
from mailtools.base.settings import Part, Setting, boolean, one_of, positive, seconds
from mailtools.mailsystem import readers
from mailtools.mailsystem.values import Sender, Site

PROGRAM = 'mailsystem'


class System(NamedTuple):
    """Where a distribution keeps what settings leave empty."""

    certificate: str
    certificate_key: str
    ca_file: str
    policyd_spf: str


SYSTEMS = {
    'el': System('/etc/pki/tls/certs/mailsystem.pem', '/etc/pki/tls/private/mailsystem.key',
                 '/etc/pki/tls/certs/ca-bundle.crt', '/usr/libexec/postfix/policyd-spf'),
    'debian': System('/etc/ssl/certs/mailsystem.pem', '/etc/ssl/private/mailsystem.key',
                     '/etc/ssl/certs/ca-certificates.crt', '/usr/bin/policyd-spf'),
}
NO_BERKELEY_DB = (3, 8)                 # Postfix of EL10; Fedora and EL dropped it there

SETTINGS = (
    Setting('domain', readers.optional_full_name, '',
            'The domain that mail is for and from. Must be set.'),
    Setting('alias_domains', readers.full_names, '',
            'More domains: NAME at one of them is NAME at the domain.'),
    Setting('mx', readers.host, 'mx1',
            'The host that takes mail for the domain, and that of the clients; without a dot: below the domain.'),
    Setting('mx_addresses', readers.addresses, '',
            'Its public addresses. dns needs them.'),
    Setting('bulk_name', readers.host, 'bulk',
            'The name of all senders together, which the application sends to: round robin.'),
    Setting('internal_networks', readers.networks, '',
            'Networks whose hosts are believed: they may send to anybody without logging in, and the world sees '
            'neither their names nor their addresses.'),
    Setting('internal_domains', readers.full_names, '',
            'Domains of internal hosts, such as corp.example.com: mail to the world loses Received lines that name '
            'them.'),
    Setting('provider', readers.optional_destination, '',
            "Where the domain's mailboxes are: [NAME]:PORT is that host, NAME:PORT the MX hosts of that name. Must be "
            'set.'),
    Setting('admin', readers.mailbox, 'postmaster',
            'Who reads the mail of root; without an @: at the domain.'),
    Setting('bounces', readers.local_part, 'bounces',
            'The local part at the domain that bulk mail is sent from, and whose mail is for bouncedmail.'),
    Setting('donotreply', readers.local_part, 'donotreply',
            'The local part at the domain that nobody reads: its mail is for autoreply.'),
    Setting('postfix', readers.version, '2.10',
            'The oldest Postfix among the hosts; nothing of later versions is used. EL7: 2.10, EL8 and EL9: 3.5, '
            'EL10: 3.8.'),
    Setting('map_type', one_of('', 'hash', 'lmdb'), '',
            'The type of maps; empty: hash, and lmdb from 3.8 on, as postconf -h default_database_type says on EL.'),
    Setting('system', one_of(*SYSTEMS), 'el',
            'Whose packages: el or debian; the defaults of paths follow it.'),
    Setting('certificate', readers.optional_plain_path, '',
            "The host's certificate with its chain, PEM; empty: /etc/pki/tls/certs/mailsystem.pem, or on Debian "
            '/etc/ssl/certs/mailsystem.pem.'),
    Setting('certificate_key', readers.optional_plain_path, '',
            'Its key, which only root can read; empty: /etc/pki/tls/private/mailsystem.key, or on Debian '
            '/etc/ssl/private/mailsystem.key.'),
    Setting('ca_file', readers.optional_plain_path, '',
            "Whom a host believes when it checks another's certificate; empty: the system's bundle."),
    Setting('dkim_selector', readers.selector, 'mail',
            'The selector of the DKIM key.'),
    Setting('dkim_key', readers.plain_path, '/etc/opendkim/keys/mail.private',
            'The private key, the same on every host that signs; see opendkim-genkey(8).'),
    Setting('opendkim', readers.endpoint, '127.0.0.1:8891',
            'Where OpenDKIM listens.'),
    Setting('helo_exempt', readers.full_names, '',
            'Names below the domain that others may have at HELO, such as those of a newsletter service; all else that '
            'is called as we are is refused.'),
    Setting('rbls', readers.rbls, 'zen.spamhaus.org=127.0.0.[2..11]',
            'Block lists whose clients are refused: a zone, or ZONE=ANSWERS to count only those (an answer in '
            '127.255.255.0/24 says that you ask too much, not that the client is bad). Read their terms first.'),
    Setting('pause', seconds, '20s',
            'How long a stranger waits for the greeting; many programs that send spam do not. 0: not.'),
    Setting('greylist_delay', seconds, '5m',
            'How long a stranger must try again.'),
    Setting('greylist_clients', positive, '5',
            'A client that got so many mails through is no stranger any more.'),
    Setting('postgrey', readers.endpoint, '127.0.0.1:10023',
            'Where postgrey listens.'),
    Setting('policyd_spf', readers.optional_plain_path, '',
            'The program that checks SPF; empty: /usr/libexec/postfix/policyd-spf, or on Debian '
            '/usr/bin/policyd-spf.'),
    Setting('verify_recipients', boolean, 'yes',
            'Ask the provider whether a recipient exists, and refuse who does not; otherwise the MX returns such mail '
            'to senders that are mostly forged.'),
    Setting('sasl_path', readers.socket_name, 'private/auth',
            'Where dovecot answers Postfix, below the queue directory; it does nothing else here.'),
    Setting('sasl_users', readers.plain_path, '/etc/dovecot/users',
            "dovecot's file of users and their hashed passwords, see doveadm-pw(1). You write it."),
    Setting('submission_port', readers.port, '587',
            'Where clients send to the MX, with a password, over TLS.'),
    Setting('client_user', readers.login, '',
            'The user that a client logs in as.'),
    Setting('client_password_file', readers.optional_plain_path, '',
            'The file with the password, of mode 0600; render puts it into sasl_passwd, which only root can read. '
            'Empty: you write it there.'),
    Setting('database', readers.database, 'sqlite:/var/lib/mailtools/bounces.db',
            'Where bounces are kept, by every host: postgresql://USER@HOST/NAME is one for all.'),
    Setting('login_user', readers.login, '',
            'Who logs in to the senders, by ssh, for mailqueues; empty: the user of that name on both sides.'),
    Setting('spf_includes', readers.zones, '',
            "Others that send in the domain's name, such as the provider: spf.protection.example.net."),
    Setting('spf_all', one_of('softfail', 'fail'), 'softfail',
            'What SPF says of all others; fail once nothing is forgotten.'),
    Setting('dmarc_policy', one_of('none', 'quarantine', 'reject'), 'none',
            'What others shall do with mail that is not ours; begin with none, and read the reports.'),
    Setting('dmarc_addresses', readers.mailboxes, 'postmaster',
            'Who gets the reports of DMARC; without an @: at the domain.'),
    Setting('resolver', readers.resolver, '',
            'The name server that check and dns ask: ADDRESS or ADDRESS:PORT; empty: as /etc/resolv.conf says.'),
    Setting('daily_volume', positive, '300000',
            'Mails that a sender sends a day when it is warm.'),
    Setting('warmup_first', positive, '500',
            'Mails of a new sender on its first day.'),
    Setting('warmup_growth', readers.growth, '1.3',
            'Each day so many times as many as on the day before.'),
)

SENDER = Part('sender', 'NAME', 'A section for each bulk sender; the name without a dot is below the domain.', (
    Setting('addresses', readers.addresses, '',
            'The public addresses that it sends from. dns needs them.'),
))


def site_of(settings):
    """The Site that the settings describe; raises SettingsFailure for what is not set, or set against itself."""
    where = settings.path or '/etc/mailtools/{}.conf'.format(PROGRAM)
    for name in 'domain', 'provider':
        if not getattr(settings, name):
            raise SettingsFailure('{}: [{}] {}: must be set'.format(where, PROGRAM, name))
    domain, system = settings.domain, SYSTEMS[settings.system]
    map_type = settings.map_type or ('lmdb' if settings.postfix >= NO_BERKELEY_DB else 'hash')
    values = {name: getattr(settings, name) for name in Site._fields if hasattr(settings, name)}
    values.update({name: getattr(settings, name) or getattr(system, name) for name in System._fields})
    site = Site(**dict(
        values,
        mx=below(settings.mx, domain),
        bulk_name=below(settings.bulk_name, domain),
        senders=tuple(Sender(below(readers.host(name), domain), keys['addresses'])
                      for name, keys in settings.sender.items()),
        admin=at(settings.admin, domain),
        dmarc_addresses=tuple(at(one, domain) for one in settings.dmarc_addresses),
        map_type=map_type,
        cache_type='lmdb' if map_type == 'lmdb' else 'btree',
        pause_s=int(settings.pause),
        greylist_delay_s=int(settings.greylist_delay),
        spf_all='-all' if settings.spf_all == 'fail' else '~all',
    ))
    for wrong in contradictions(site):
        raise SettingsFailure('{}: {}'.format(where, wrong))
    return site


def below(name, domain):
    """The fully qualified name."""
    return name if '.' in name else '{}.{}'.format(name, domain)


def at(mailbox, domain):
    """The whole address."""
    return mailbox if '@' in mailbox else '{}@{}'.format(mailbox, domain)


def contradictions(site):
    """What cannot all be true, as sentences."""
    names = [site.mx] + [sender.name for sender in site.senders]
    if len(set(names)) < len(names):
        yield 'two hosts have the same name'
    if site.mx == site.domain or site.domain in site.alias_domains:
        yield '{} cannot be two things at once'.format(site.domain)
    if site.provider.host in names:
        yield 'provider: {} would be sent its own mail'.format(site.provider.host)
    if not site.provider.direct and site.provider.host in (site.domain,) + site.alias_domains:
        yield 'provider: the MX host of {} is ours; put the name of a host into [ ]'.format(site.provider.host)
    if site.bounces == site.donotreply:
        yield 'bounces and donotreply are the same address'
    if {site.bounces, site.donotreply} & {'root', 'postmaster', 'abuse'}:
        yield 'bounces, donotreply: root, postmaster and abuse are for people'
    if site.admin.rpartition('@')[2] in names:
        yield 'admin: {} would be sent to itself for ever'.format(site.admin)
    if site.client_password_file and not site.client_user:
        yield 'client_password_file is set, but client_user is not'
    if site.bulk_name in names:
        yield 'bulk_name: {} is the name of one host'.format(site.bulk_name)
