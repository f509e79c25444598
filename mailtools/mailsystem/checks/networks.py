"""Which addresses Postfix trusts: the words of mynetworks in, networks out.  Pure; files are read by `read`."""
import ipaddress
from typing import Any, List

from mailtools.mailsystem.checks.postfix import words

PRIVATE = [ipaddress.ip_network(one) for one in (
    '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16',
    '::1/128', 'fc00::/7', 'fe80::/10')]


def network(word):
    """A word of mynetworks as a network: 10.0.0.0/8, [2001:db8::]/32, 192.0.2.1; None for no network."""
    try:
        found = ipaddress.ip_network(word.replace('[', '').replace(']', ''), strict=False)
    except ValueError:
        return None
    mapped = getattr(found.network_address, 'ipv4_mapped', None)
    if mapped is not None and found.prefixlen >= 96:    # [::ffff:127.0.0.0]/104 of Debian's main.cf
        return ipaddress.ip_network((int(mapped), found.prefixlen - 96))
    return found


def networks_of(text, read):
    """(networks, words that could not be read) of mynetworks.

    read: path -> text of a file or None.  A word with `!` is an exception; leaving it out makes the trusted set
    larger, and a warning that is too early is better than one that does not come.
    """
    found: List[Any] = []
    unread: List[str] = []
    for word in words(text):
        if word.startswith('!'):
            continue
        kind, colon, path = word.partition(':/')
        if word.startswith('/') or (colon and kind.isalnum()):
            content = read(word if word.startswith('/') else '/' + path)
            if content is None:
                unread.append(word)
                continue
            first = [line.split()[0] for line in content.splitlines() if line[:1].strip() and line[0] != '#']
            found.extend(one for one in map(network, first) if one)
        elif network(word):
            found.append(network(word))
        else:
            unread.append(word)
    return found, unread


def within(inner, outer):
    """Whether one network is part of another one of the same version."""
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def trusted(address, networks):
    """Whether an address, text, is in one of the networks."""
    one = ipaddress.ip_address(address)
    return any(one.version == net.version and one in net for net in networks)


def is_private(net):
    """Whether a network can only be inside: RFC 1918, 6598, 4193, loopback, link-local."""
    return any(within(net, one) for one in PRIVATE)
