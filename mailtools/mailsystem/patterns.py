"""Regular expressions for what Postfix writes into Received lines: names, and the addresses of a network.  Pure.

POSIX, as regexp_table(5) has them.  An address is written as inet_ntop(3) does it, IPv6 after `IPv6:`, without
leading zeros, and with `::` for its longest run of two or more zero groups (RFC 5952).
"""
import ipaddress
import re
import socket

from mailtools.mailsystem.template import Written

GROUPS = 8              # of an IPv6 address, 16 bits each
DIGITS = '0123456789abcdef'
ANY = '[0-9a-f]'


def literal(text):
    """A pattern for just this text; brackets, since a backslash means different things to different readers."""
    return Written(re.sub(r'[.+*?$(){}|/]', lambda found: '[{}]'.format(found.group()), text))


def any_of(networks):
    """A pattern for the addresses of all these networks, as they stand between [ and ] of a Received line."""
    return Written('|'.join(pattern for network in networks for pattern in of_network(ipaddress.ip_network(network))))


def of_network(network):
    """The patterns for one network; several where an address can be written in several ways."""
    if network.version == 4:
        return ['[.]'.join(octets(network))]
    return ['IPv6:' + pattern for pattern in written(network)]


def octets(network):
    """The patterns of the four octets of an IPv4 network."""
    for low, high in zip(network.network_address.packed, network.broadcast_address.packed):
        if low == high:
            yield str(low)
        elif (low, high) == (0, 255):
            yield '[0-9]+'
        else:
            yield '({})'.format('|'.join(str(number) for number in range(low, high + 1)))


def written(network):
    """The ways in which addresses of an IPv6 network are written, by where their `::` is."""
    if network.prefixlen == network.max_prefixlen:
        return [socket.inet_ntop(socket.AF_INET6, network.network_address.packed)]
    whole, bits = divmod(network.prefixlen, 16)
    values = [int(part, 16) for part in network.network_address.exploded.split(':')]
    given = [format(value, 'x') for value in values[:whole]] + ([within(values[whole], bits)] if bits else [])
    zero = [value == 0 for value in values[:len(given)]]
    last = len(given) == GROUPS
    found = [':'.join(given) + ('' if last else ':[0-9a-f:]*')]
    for start, end in runs(zero, bool(bits)):
        head = ':'.join(given[:start])
        if end < len(given):                # `::` among the given groups
            found.append('{}::{}(:{}+){{{}}}'.format(head, ':'.join(given[end:]), ANY, GROUPS - len(given)))
        else:                               # it begins there, and may go on beyond them
            found.append('{}::{}'.format(head, at_most(GROUPS - end)))
    return found


def within(low, bits):
    """A pattern for a group of which only the first `bits` are given, 1 to 15; the others are 0 in `low`."""
    digits, rest = divmod(16 - bits, 4)     # free hexadecimal digits, and free bits of the one before them
    if low:
        text = format(low, 'x')
        place = len(text) - digits - bool(rest)
        return text[:place] + (one_of(text[place], rest) if rest else '') + ANY * digits
    shorter = ['{}{{1,{}}}'.format(ANY, digits)] if digits else ['0']
    return '({})'.format('|'.join(shorter + ([one_of('0', rest) + ANY * digits] if rest else [])))


def one_of(first, bits):
    """A pattern for the hexadecimal digits that differ from the first in so many last bits."""
    start = int(first, 16)
    return '[{}]'.format(DIGITS[start:start + (1 << bits)])


def at_most(count):
    """A pattern for no group up to so many."""
    if not count:
        return ''
    return '({}+(:{}+){{0,{}}})?'.format(ANY, ANY, count - 1) if count > 1 else '({}+)?'.format(ANY)


def runs(zero, partial):
    """(start, end) of the runs of groups that may all be zero, for which `::` may stand.

    One group alone can be the first of such a run only at the end of those that are given.  A group that is only
    partly given, the last one, may be zero and in it, or not and after it.
    """
    start = 0
    for at in range(len(zero) + 1):
        if at < len(zero) and zero[at]:
            continue
        end = at == len(zero)
        if at - start >= 2 or (end and at - start == 1):
            yield start, at
        if end and partial and at - start >= 3:
            yield start, at - 1
        start = at + 1
