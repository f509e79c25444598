"""The records that the zones take, from the site and the DKIM key.  Pure: values in, Records out.

MX and addresses; SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489); PTR.
"""
import base64
import binascii
import ipaddress
import re

from mailtools.base.failure import EX_CONFIG, Failure
from mailtools.mailsystem.values import Record

STRING = 255                # bytes of one string of a TXT record, RFC 1035 3.3
SPF_LOOKUPS = 10            # RFC 7208 4.6.4
TTL_S = 3600
BULK_TTL_S = 300            # a sender that is ill must leave the round robin soon
KEY = re.compile(r'\A[A-Za-z0-9+/]{100,2000}={0,2}\Z')
RSA = b'\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01'         # 1.2.840.113549.1.1.1 within SubjectPublicKeyInfo, RFC 3279


def records(site, key_text):
    """All records, in the order in which a zone is read; key_text is the public key, as public_key() gives it.

    Raises Failure where SPF would need more look-ups than receivers do, or would leave out a host.
    """
    for name, addresses in hosts(site):
        if not addresses:
            raise Failure('{} has no addresses in the settings: SPF would say that its mail is not ours'.format(name),
                          EX_CONFIG)
    found = []
    for domain in (site.domain,) + site.alias_domains:
        found += of_domain(site, domain, key_text)
    found += of_host(site.mx, site.mx_addresses)
    for sender in site.senders:
        found += of_host(sender.name, sender.addresses)
    found += [address_record(site.bulk_name, address) for sender in site.senders for address in sender.addresses]
    found += [pointer(address, name) for name, addresses in hosts(site) for address in addresses]
    return found + permissions(site)


def of_domain(site, domain, key_text):
    """What makes mail from and for one domain possible."""
    return [
        Record(domain + '.', 'MX', '10 {}.'.format(site.mx)),
        Record(domain + '.', 'TXT', strings(spf(site))),
        Record('{}._domainkey.{}.'.format(site.dkim_selector, domain), 'TXT',
               strings('v=DKIM1; k=rsa; p=' + key_text)),
        Record('_dmarc.{}.'.format(domain), 'TXT', strings(dmarc(site))),
    ]


def of_host(name, addresses):
    """A host's addresses, and SPF of its name: HELO is judged by it, which is all that a bounce has."""
    return [address_record(name, address) for address in addresses] + [
        Record(name + '.', 'TXT', strings('v=spf1 {} -all'.format(mechanisms(addresses))))]


def hosts(site):
    """(name, addresses) of the hosts that the world sees."""
    return [(site.mx, site.mx_addresses)] + [(sender.name, sender.addresses) for sender in site.senders]


def spf(site):
    """The policy of a domain: our addresses as they are, which takes no look-up, then others by their name."""
    if len(site.spf_includes) > SPF_LOOKUPS:
        raise Failure('spf_includes: SPF would need {} look-ups, and receivers give up after {}'.format(
            len(site.spf_includes), SPF_LOOKUPS), EX_CONFIG)
    own = mechanisms(address for _, addresses in hosts(site) for address in addresses)
    return ' '.join(['v=spf1', own] + ['include:' + one for one in site.spf_includes] + [site.spf_all])


def mechanisms(addresses):
    """ip4: and ip6: of addresses, each once."""
    return ' '.join('ip{}:{}'.format(ipaddress.ip_address(one).version, one) for one in dict.fromkeys(addresses))


def dmarc(site):
    """What receivers shall do with mail that passes neither SPF nor DKIM for the domain in From."""
    addresses = ','.join('mailto:' + quoted(one) for one in site.dmarc_addresses)
    return 'v=DMARC1; p={}{}; adkim=r; aspf=r'.format(site.dmarc_policy, '; rua=' + addresses if addresses else '')


def quoted(address):
    """An address within a URI of RFC 7489 6.2: `,` and `!` have a meaning there."""
    return re.sub('[^A-Za-z0-9@._~+=-]', lambda found: '%{:02X}'.format(ord(found.group())), address)


def permissions(site):
    """That another domain takes reports about ours, RFC 7489 7.1: for the zone of that domain."""
    ours = (site.domain,) + site.alias_domains
    others = dict.fromkeys(one.rpartition('@')[2].lower() for one in site.dmarc_addresses)
    return [Record('{}._report._dmarc.{}.'.format(domain, other), 'TXT', strings('v=DMARC1'))
            for other in others for domain in ours
            if not ('.' + other).endswith('.' + domain)]


def address_record(name, address):
    """A or AAAA."""
    return Record(name + '.', 'AAAA' if ':' in address else 'A', address)


def pointer(address, name):
    """PTR, for who has the reverse zone: mostly the one who rents you the address."""
    return Record(ipaddress.ip_address(address).reverse_pointer + '.', 'PTR', name + '.')


def strings(text):
    """Text as the strings of a TXT record, each of at most 255 bytes; receivers join them without a blank."""
    return ' '.join('"{}"'.format(text[at:at + STRING].replace('\\', '\\\\').replace('"', '\\"'))
                    for at in range(0, len(text), STRING))


def zone(found, bulk_name, note=''):
    """Records as the text of a zone file, names whole, so that it can be pasted anywhere."""
    width = max([len(record.name) for record in found] or [0])
    lines = ['; ' + line for line in note.split('\n') if line]
    for record in found:
        ttl = BULK_TTL_S if record.name == bulk_name + '.' else TTL_S
        lines.append('{:<{}}  {:>5}  IN  {:<4}  {}'.format(record.name, width, ttl, record.type, record.value))
    return '\n'.join(lines) + '\n'


def public_key(text):
    """The public key as a DKIM record has it, from PEM (openssl pkey -pubout) or the .txt of opendkim-genkey(8).

    Raises Failure for what is neither, or no RSA key.
    """
    pem = re.search(r'-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----', text)
    if pem:
        found = ''.join(pem.group(1).split())
    else:
        joined = re.sub(r'"\s*"', '', text)             # the strings of one record
        record = re.search(r'\bp=([A-Za-z0-9+/=\s]+)', joined)
        found = ''.join(record.group(1).split()) if record else ''
    try:
        if not KEY.match(found) or RSA not in base64.b64decode(found):
            raise ValueError
    except (ValueError, binascii.Error):
        raise Failure('not the public key of DKIM: neither PEM of an RSA key nor a record with p=', EX_CONFIG)
    return found
