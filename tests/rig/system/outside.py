"""The mail servers of other people: Postfix as it comes, with the least of settings, and a Maildir for everybody."""
import email
import email.policy

from rig import waiting
from rig.instance import MASTER
from rig.system import services
from rig.system.host import Host

MAIN = '''compatibility_level = 3.6
myhostname = {name}
myorigin = {domain}
mydestination =
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = yes
virtual_mailbox_domains = {domains}
virtual_alias_maps = regexp:/etc/postfix/aliases
virtual_mailbox_base = /var/mail
virtual_mailbox_maps = regexp:/etc/postfix/boxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_recipient_restrictions = check_recipient_access regexp:/etc/postfix/refused,
    permit_mynetworks, reject_unauth_destination
smtp_tls_security_level = may
smtp_tls_CAfile = /etc/ssl/small-world.pem
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_cert_file = /etc/postfix/tls.pem
smtpd_tls_key_file = /etc/postfix/tls.key
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 1s
transport_maps = regexp:/etc/postfix/transport
header_checks = regexp:/etc/postfix/header_checks
smtpd_milters = {milter}
non_smtpd_milters = {milter}
'''
SERVICES = '''smtp inet n - n - - smtpd
gone unix - n n - - pipe user=nobody argv=/usr/local/bin/gone
'''
GONE = '#!/bin/sh\nexit 67\n'              # EX_NOUSER
OPENDKIM = '''UserID opendkim
Syslog yes
Mode sv
Domain {domain}
Selector s1
KeyFile /etc/opendkim.key
Socket inet:8891@127.0.0.1
Canonicalization relaxed/relaxed
AuthservID {name}
'''
DOMAIN = '''{domain}. MX 10 {name}.
{domain}. TXT "v=spf1 ip4:{address} -all"
_dmarc.{domain}. TXT "v=DMARC1; p=reject"
{name}. A {address}
{name}. TXT "v=spf1 a -all"
{pointer}. PTR {name}.
'''


def pointer(address):
    """10.100.51.198.in-addr.arpa of 198.51.100.10."""
    return '.'.join(reversed(address.split('.'))) + '.in-addr.arpa'


class MailServer(Host):
    """A mail server of somebody else; `zone` is what it has in DNS.

    refused, aliases, transport: lines of regexp_table(5): who is not taken, who is whom, and who goes where; `gone:`
        has no mailboxes.
    signs: whether it signs what it sends, and looks at the signatures of what it gets.
    domains: more domains that it has mailboxes of.
    """

    def __init__(self, wire, authority, name, address, domain, *, refused='', aliases='', transport='',
                 signs=False, domains=()):
        super().__init__(name)
        self.authority = authority
        self.address = address
        self.domains = (domain,) + domains
        self.refused = refused
        self.aliases = aliases
        self.transport = transport
        self.signs = signs
        self.zone = DOMAIN.format(domain=domain, name=name, address=address, pointer=pointer(address))
        wire.connect(self, [address + '/24'])

    def set_up(self):
        """Its files, and what runs."""
        uid, gid = self.user('nobody')
        self.folder('/var/mail/box', 0o700, 'nobody')
        key, certificate = self.authority.certificate(self.name)
        main = MAIN.format(name=self.name, domain=self.domains[0], domains=' '.join(self.domains), uid=uid, gid=gid,
                           milter='inet:127.0.0.1:8891' if self.signs else '')
        for path, text in (('postfix/main.cf', main), ('postfix/master.cf', SERVICES + MASTER),
                           ('postfix/boxes', '/./ box/\n'), ('postfix/refused', self.refused),
                           ('postfix/aliases', self.aliases), ('postfix/transport', self.transport),
                           ('postfix/header_checks', ''),
                           ('postfix/tls.pem', certificate), ('postfix/tls.key', key),
                           ('ssl/small-world.pem', self.authority.ca)):
            self.write('/etc/' + path, text)
        self.write('/usr/local/bin/gone', GONE, 0o755)
        services.syslog(self)
        if self.signs:
            self.sign()
        services.postfix(self)

    def sign(self):
        """With a key of its own."""
        private, public = self.authority.signing_key(1024)
        self.write('/etc/opendkim.key', private, 0o600, 'opendkim')
        self.write('/etc/opendkim.conf', OPENDKIM.format(domain=self.domains[0], name=self.name))
        self.zone += 's1._domainkey.{}. TXT "v=DKIM1; k=rsa; p={}"\n'.format(self.domains[0], public)
        services.opendkim(self)

    def send(self, sender, recipient, text):
        """Hand a mail to its own sendmail(1)."""
        self.call('sendmail', '-i', '-f', sender, '--', recipient, stdin=text.encode('utf-8'))

    def mails(self, *words):
        """The mails in its box that have all these words, as bytes."""
        return [raw for raw in (path.read_bytes() for path in self.path('/var/mail/box/new').glob('*'))
                if all(word.encode() in raw for word in words)]

    def mail(self, *words):
        """The one mail that has them, read; None while there is none."""
        found = self.mails(*words)
        assert len(found) < 2, '{} mails have {}'.format(len(found), words)
        return email.message_from_bytes(found[0], policy=email.policy.default) if found else None

    def wait_for(self, *words):
        """The one mail that has them, once it is there."""
        return waiting.until(lambda: self.mail(*words), 50, 0.1, what='a mail with {}'.format(words))
