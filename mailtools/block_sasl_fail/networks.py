"""Which network an address is counted with, and which networks are never blocked.  Pure.

Addresses are text in the form of inet_ntop(3); what is no address has no network.
"""
import _socket  # socket, made of it, takes as long to load as half of a scan with nothing new
import ipaddress

# Smallest prefix lengths that a map may hold: a mistake must not shut out a continent.
WIDEST = {4: 16, 6: 32}
COUNTED = {4: 24, 6: 64}        # what attackers rent; an IPv6 customer has at least a /64 (RFC 6177)
# RFC 1122 3.2.1.3, RFC 4291 2.5: this host, this link, nobody, everybody; RFC 5735 for 0/8.
ALWAYS_EXEMPT = tuple(ipaddress.ip_network(one) for one in (
    '127.0.0.0/8', '0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3',
    '::1/128', '::/128', 'fe80::/10', 'ff00::/8', '::ffff:0:0/96'))


def parsed(text):
    """The ip_network of an address or network, None for what is neither or has bits beside its prefix."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def counted_with(address):
    """The key of the /24 or /64 of an address: '198.51.100.0/24'; None for what is no address."""
    packed = packed_form(address)
    if packed is None:
        return None
    if len(packed) == 4:
        return address.rpartition('.')[0] + '.0/24'
    return _socket.inet_ntop(_socket.AF_INET6, packed[:8] + bytes(8)) + '/64'


def packed_form(address):
    """The bytes of an address, None for what is none; in a tenth of the time of ipaddress."""
    try:
        return _socket.inet_pton(_socket.AF_INET6 if ':' in address else _socket.AF_INET, address)
    except (OSError, ValueError):
        return None


def key_of(network):
    """How a network is written: an address without its prefix length."""
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if single else str(network)


def too_wide(network):
    """Whether a network is wider than what may be blocked."""
    return network.prefixlen < WIDEST[network.version]


def bounds(network):
    """(version, first, last) of a network, as numbers: comparing them takes a tenth of the time of overlaps()."""
    return network.version, int(network.network_address), int(network.broadcast_address)


class Exempt:
    """Which addresses and networks, as text, are never blocked.

    never_block: networks as text.  Loopback and the like are always among them.
    """

    def __init__(self, never_block):
        never = ALWAYS_EXEMPT + tuple(ipaddress.ip_network(one) for one in never_block)
        self._never = [bounds(one) + (str(one),) for one in never]

    def __contains__(self, key):
        packed = packed_form(key)
        if packed is None:
            return bool(self.why(parsed(key)))
        version, number = 4 if len(packed) == 4 else 6, int.from_bytes(packed, 'big')
        return any(version == other and begin <= number <= end for other, begin, end, _ in self._never)

    def why(self, network):
        """Why a network may be in no map, '' if it may; None is what is no network."""
        if network is None:
            return 'no address or network'
        if too_wide(network):
            return 'too wide'
        version, first, last = bounds(network)
        for other, begin, end, text in self._never:
            if version == other and first <= end and last >= begin:
                return 'never blocked: {}'.format(text)
        return ''
