"""From the text of a setting to its value: each refuses what could break out of the place that it is written to.

What they let through has no blank, `$`, quote, backslash, brace or control character, so that it is the same
word in main.cf, a table, a zone, a settings file and a script.
"""
import ipaddress
import re

from mailtools.base.settings import path, words
from mailtools.mailsystem.values import Destination, Endpoint

LABEL = r'[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
HOST = re.compile(r'{0}(\.{0})*\Z'.format(LABEL))
ZONE = re.compile(r'([a-z0-9_][a-z0-9_-]{0,62}\.)+[a-z0-9-]{1,63}\Z')      # _spf.example.net is no host
LOCAL_PART = re.compile(r'[A-Za-z0-9][A-Za-z0-9_=+~-]*(\.[A-Za-z0-9_=+~-]+)*\Z')
# zen.spamhaus.org, or zen.spamhaus.org=127.0.0.[2..11]: reject_rbl_client of postconf(5)
RBL = re.compile(r'(?P<zone>[^=]+)(=(127\.)(?:[0-9]{1,3}|\[[0-9]+(?:(?:\.\.|;)[0-9]+)*\])'
                 r'(\.([0-9]{1,3}|\[[0-9]+(?:(?:\.\.|;)[0-9]+)*\])){2})?\Z')


def host(value):
    """The name of a host or domain, in lower case; one label is meant to be below the domain."""
    name = value.lower()
    if len(name) > 253 or not HOST.match(name) or re.match(r'[0-9.]+\Z', name):
        raise ValueError('not the name of a host or domain (beyond ASCII: in its xn-- form)')
    return name


def zone(value):
    """A name in DNS that need not be a host."""
    name = value.lower()
    if len(name) > 253 or not ZONE.match(name):
        raise ValueError('not a name in DNS: {}'.format(value))
    return name


def zones(value):
    """Several, between blanks or commas."""
    return tuple(zone(one) for one in words(value))


def address(value):
    """An IPv4 or IPv6 address, as it is usually written."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError('not an IP address: {}'.format(value))


def addresses(value):
    """Several, between blanks or commas."""
    return tuple(address(one) for one in words(value))


def networks(value):
    """Networks like 10.0.0.0/8 and 2001:db8::/32, between blanks or commas."""
    found = []
    for one in words(value):
        try:
            found.append(ipaddress.ip_network(one))
        except ValueError:
            raise ValueError('not a network (an address has bits beyond its prefix?): {}'.format(one))
        if found[-1].prefixlen < 8:
            raise ValueError('half of the world is no internal network: {}'.format(one))
    return tuple(str(one) for one in found)


def port(value):
    """A TCP port."""
    if not re.match(r'[0-9]{1,5}\Z', value) or not 0 < int(value) < 65536:
        raise ValueError('not a port')
    return int(value)


def endpoint(value):
    """ADDRESS:PORT or [ADDRESS]:PORT."""
    found = re.match(r'\[?([0-9A-Fa-f:.]+?)\]?:([0-9]+)\Z', value)
    if not found:
        raise ValueError('not ADDRESS:PORT')
    return Endpoint(address(found.group(1)), port(found.group(2)))


def resolver(value):
    """ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT of a name server; None where empty."""
    if not value:
        return None
    try:
        return Endpoint(str(ipaddress.ip_address(value)), 53)
    except ValueError:
        return endpoint(value)


def optional_destination(value):
    """A server that mail is relayed to, [NAME]:PORT or NAME:PORT; None where empty."""
    if not value:
        return None
    found = re.match(r'(?:\[(?P<direct>[^\]]+)\]|(?P<name>[^\]\[:]+))(?::(?P<port>[0-9]+))?\Z', value)
    if not found:
        raise ValueError('neither [NAME]:PORT (that host) nor NAME:PORT (the MX hosts of that name)')
    name = found.group('direct') or found.group('name')
    return Destination(address_or_host(name) if found.group('direct') else full_name(name),
                       port(found.group('port') or '25'), bool(found.group('direct')))


def address_or_host(value):
    """An address, or a fully qualified name."""
    try:
        return address(value)
    except ValueError:
        return full_name(value)


def full_name(value):
    """The name of a host with its domain."""
    if '.' not in host(value):
        raise ValueError('not a fully qualified name: {}'.format(value))
    return host(value)


def optional_full_name(value):
    """The same, or nothing."""
    return full_name(value) if value else ''


def full_names(value):
    """Several, between blanks or commas."""
    return tuple(full_name(one) for one in words(value))


def local_part(value):
    """What stands before the @: no address."""
    if not re.match(r'[a-z0-9]([a-z0-9._-]*[a-z0-9])?\Z', value):
        raise ValueError('not a local part of lower case letters, digits and . _ -')
    return value


def mailbox(value):
    """An address, or a local part, that is meant to be at the domain."""
    name, at, its_domain = value.rpartition('@')
    if not LOCAL_PART.match(name if at else value) or (at and not full_name(its_domain)):
        raise ValueError('not a mail address')
    return value


def mailboxes(value):
    """Several, between blanks or commas."""
    return tuple(mailbox(one) for one in words(value))


def login(value):
    """A name that a person or host logs in with; nothing where it does not."""
    if value and not re.match(r'[A-Za-z0-9][A-Za-z0-9@._+-]{0,127}\Z', value):
        raise ValueError('not a user name of letters, digits and @ . _ + -')
    return value


def plain_path(value):
    """An absolute path of letters, digits and . _ + - /: it is written into files of many forms."""
    if not re.match(r'/[A-Za-z0-9._+/-]*\Z', path(value)) or '..' in value.split('/') or value.endswith('/'):
        raise ValueError('not an absolute path of letters, digits and . _ + - /')
    return value


def optional_plain_path(value):
    """The same, or nothing."""
    return plain_path(value) if value else ''


def socket_name(value):
    """The path of a socket below Postfix's queue directory."""
    if not re.match(r'[A-Za-z0-9_-]+/[A-Za-z0-9_-]+\Z', value):
        raise ValueError("not a path below Postfix's queue directory, such as private/auth")
    return value


def rbls(value):
    """Domains of block lists, each with the answers that count, if not all do."""
    for one in words(value):
        found = RBL.match(one)
        if not found or not zone(found.group('zone')):
            raise ValueError('neither ZONE nor ZONE=127.0.0.[2..11]: {}'.format(one))
    return words(value)


def selector(value):
    """The selector of a DKIM key."""
    return host(value)


def version(value):
    """A version of Postfix, as (3, 7)."""
    found = re.match(r'([23])\.([0-9]{1,2})(\.[0-9]{1,2})?\Z', value)
    if not found or (int(found.group(1)), int(found.group(2))) < (2, 10):
        raise ValueError('not a version of Postfix, 2.10 or later, such as 3.5')
    return int(found.group(1)), int(found.group(2))


def database(value):
    """A database as bouncedmail has it; a password in it is refused, since the file is read by many."""
    if not re.match(r'(sqlite|postgresql):[A-Za-z0-9 ._:/@+=,?&%\[\]-]+\Z', value):
        raise ValueError('neither sqlite:PATH nor postgresql:... (quotes, $ and the like cannot be written)')
    if re.search(r'//[^/@]*:[^/@]*@|password', value, re.IGNORECASE):
        raise ValueError('a password belongs into ~mailtools/.pgpass, mode 0600')
    return value


def growth(value):
    """How many times as much: above 1, at most 10."""
    if not re.match(r'[0-9]{1,2}(\.[0-9]{1,3})?\Z', value) or not 1 < float(value) <= 10:
        raise ValueError('not a number above 1, such as 1.3')
    return float(value)
