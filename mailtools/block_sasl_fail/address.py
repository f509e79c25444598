"""The address of a client, in the one form that it is known by here."""
# Not ipaddress: its import takes as long as a million lines, and each address ten times as long.
from _socket import AF_INET, AF_INET6, inet_ntop, inet_pton

CACHED = 5000
MAPPED = bytes(10) + b'\xff\xff'        # ::ffff:192.0.2.1, RFC 4291 2.5.5.2
FOUND: dict = {}        # those met last: attackers come again and again


def address_of(raw):
    """An address (bytes) as text in the form that Postfix looks up; None if it is none.

    IPv6 in lower case, compressed; an IPv4-mapped one is IPv4.
    """
    try:
        return FOUND[raw]
    except KeyError:
        if len(FOUND) >= CACHED:
            FOUND.clear()
        found = FOUND[raw] = parsed(raw)
        return found


def parsed(raw):
    """address_of() without its memory."""
    text = raw.decode('ascii', 'replace')
    try:
        if ':' not in text:
            inet_pton(AF_INET, text)        # four numbers without a leading zero, which is not the same to everybody
            return text
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return None
    return '.'.join(map(str, packed[12:])) if packed.startswith(MAPPED) else written(packed)


def written(packed):
    """The bytes of an address as text.

    What was IPv4-compatible IPv6 (RFC 4291 2.5.5.1) has no dots in it, with which libc writes it.
    """
    if len(packed) == 4:
        return inet_ntop(AF_INET, packed)
    text = inet_ntop(AF_INET6, packed)
    return text if '.' not in text or packed.startswith(MAPPED) else '::{:x}:{:x}'.format(
        int.from_bytes(packed[12:14], 'big'), int.from_bytes(packed[14:], 'big'))
