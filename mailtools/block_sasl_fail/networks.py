"""Which network an address is counted with, and which networks are never blocked.  Pure.

Addresses are text in the form of inet_ntop(3); what is no address has no network.
"""
import _socket  # socket, made of it, takes as long to load as half of a scan with nothing new
from typing import NamedTuple

from mailtools.block_sasl_fail.address import written

# Smallest prefix lengths that a map may hold: a mistake must not shut out a continent.
WIDEST = {4: 16, 6: 32}
COUNTED = {4: 24, 6: 64}        # what attackers rent; an IPv6 customer has at least a /64 (RFC 6177)
BITS = {4: 32, 6: 128}
LENGTHS = {str(one): one for one in range(BITS[6] + 1)}         # of a prefix, as text
# RFC 1122 3.2.1.3, RFC 4291 2.5: this host, this link, nobody, everybody; RFC 5735 for 0/8.
ALWAYS_EXEMPT = (
    '127.0.0.0/8', '0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3',
    '::1/128', '::/128', 'fe80::/10', 'ff00::/8', '::ffff:0:0/96')


class Network(NamedTuple):
    """An address, or all with a prefix; as tuples they sort by version and number."""

    version: int    # 4 or 6
    first: int      # its first address, as a number
    length: int     # of the prefix

    @property
    def last(self):
        """Its last address, as a number."""
        return self.first | (1 << BITS[self.version] - self.length) - 1

    @property
    def single(self):
        """Whether it is one address."""
        return self.length == BITS[self.version]


def parsed(text):
    """The Network of an address or a network, None for what is neither or has bits beside its prefix.

    In a tenth of the time that ipaddress takes, and without its import.
    """
    address, slash, length = text.partition('/')
    packed = packed_form(address)
    if packed is None:
        return None
    version = 4 if len(packed) == 4 else 6
    found = Network(version, int.from_bytes(packed, 'big'), LENGTHS.get(length, -1) if slash else BITS[version])
    if not 0 <= found.length <= BITS[version] or found.first & (1 << BITS[version] - found.length) - 1:
        return None
    return found


def counted_with(address):
    """The key of the /24 or /64 of an address: '198.51.100.0/24'; None for what is no address."""
    packed = packed_form(address)
    if packed is None:
        return None
    if len(packed) == 4:
        return address.rpartition('.')[0] + '.0/24'
    return _socket.inet_ntop(_socket.AF_INET6, packed[:8] + bytes(8)) + '/64'


def packed_form(address):
    """The bytes of an address, None for what is none."""
    try:
        return _socket.inet_pton(_socket.AF_INET6 if ':' in address else _socket.AF_INET, address)
    except (OSError, ValueError):
        return None


def key_of(network):
    """How a network is written: an address without its prefix length."""
    return address_in(network) if network.single else text_of(network)


def text_of(network):
    """A network with its prefix length, whatever that is."""
    return '{}/{}'.format(address_in(network), network.length)


def address_in(network):
    """The first address of a network, as text."""
    return written(network.first.to_bytes(BITS[network.version] // 8, 'big'))


def too_wide(network):
    """Whether a network is wider than what may be blocked."""
    return network.length < WIDEST[network.version]


class Exempt:
    """Which addresses and networks, as text, are never blocked.

    never_block: networks as text.  Loopback and the like are always among them.
    """

    def __init__(self, never_block):
        never = [(parsed(one), one) for one in ALWAYS_EXEMPT + tuple(never_block)]
        self._never = [(one.version, one.first, one.last, text) for one, text in never]

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
        version, first, last = network.version, network.first, network.last
        for other, begin, end, text in self._never:
            if version == other and first <= end and last >= begin:
                return 'never blocked: {}'.format(text)
        return ''
