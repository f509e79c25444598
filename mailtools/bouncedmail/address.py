"""Which mail addresses stand in a text: strings in, addresses out.

Sources: RFC 5321 4.1.2 (Path, Mailbox), RFC 6531 (addresses beyond ASCII),
RFC 3464 2.3.1 with RFC 6533 3 (address types and their encodings),
RFC 5598 for the words.
"""
import re
from typing import List, NamedTuple, Optional, Tuple

# Characters of a local part without quotes; those that servers wrap addresses in are left out.
ATOM = r"[^\s<>()\[\]{},;:\"'`@\\|\x00-\x1f\x7f-\xa0\u3000-\u303f\uff00-\uffef\u00ab\u00bb\u2018-\u201f\ufffd]"
LOCAL_END = re.compile(r'(?:' + ATOM + r"|['`{|}])+$")
# qtextSMTP, RFC 5321 4.1.2: no control characters
QUOTED_END = re.compile(r'"(?:[^"\\\x00-\x1f\x7f-\x9f\ufffd]|\\[^\x00-\x1f\x7f-\x9f\ufffd])*"$')
DOMAIN = re.compile(r'(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?|\[[0-9A-Fa-f:.IPv]{3,50}\]')
LABEL = re.compile(r'(?:recipient|rcpt|orig_to|to|from|sender|e?-?mail|address|smtp)=(?=.)', re.I)     # in logs: to=a@b
LOCAL_MAX, DOMAIN_MAX = 256, 255    # RFC 5321 says 64; VERP and X.400 gateways go beyond


class Found(NamedTuple):
    """An address and where it stands."""

    address: str
    start: int
    end: int


def find_addresses(text: str, most: int = 500) -> List[Found]:
    """All addresses in a text, in their order; every `@` is looked at once and at bounded cost."""
    found: List[Found] = []
    at = text.find('@')
    while at >= 0 and len(found) < most:
        one = address_around(text, at)
        if one:
            found.append(one)
        at = text.find('@', max(at + 1, one.end if one else 0))
    return found


def address_around(text: str, at: int) -> Optional[Found]:
    """The address whose `@` stands at `at`."""
    domain = DOMAIN.match(text, at + 1, at + 1 + DOMAIN_MAX)
    if not domain:
        return None
    before = text[max(0, at - LOCAL_MAX):at]
    local = QUOTED_END.search(before) if before.endswith('"') else LOCAL_END.search(before)
    if not local:
        return None
    name = local.group()
    if not name.startswith('"'):
        name = name.lstrip("'`.{|*-")
        label = LABEL.match(name) if '=' in name else None
        name = name[label.end():] if label else name
        if not name or name[0] == '&' or _is_rest(text[at - len(name) - 1:at - len(name)], name):
            return None
    host = domain.group()
    if '.' not in host and len(host) != len(host.encode('utf-8', 'surrogatepass')):
        return None                     # a single label beyond ASCII is a text in a wrong charset
    return Found(name + '@' + host.lower(), at - len(name), domain.end())


def _is_rest(before: str, name: str) -> bool:
    """Whether a local part is only a piece: cut at the limit, elided (`ann...@`), behind a damaged character."""
    return len(name) >= LOCAL_MAX or name.endswith('...') or '\x7f' <= before <= '\xa0' or before == '\ufffd'


SIMPLE = re.compile(r'<?([A-Za-z0-9_.+=-]{1,256})(?<!\.\.\.)@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,20})>?$')


def clean_address(value: str) -> Optional[str]:
    """The one address in a field's value, its domain in lower case; None if there is none."""
    value = value.strip()
    simple = SIMPLE.match(value)
    if simple:
        return simple.group(1) + '@' + simple.group(2).lower()
    bracket = value.rfind('<')
    if bracket >= 0:
        inside = find_addresses(value[bracket:], 1)
        if inside:
            return inside[0].address
    found = find_addresses(value, 1)
    return found[0].address if found else None


def all_addresses(value: Optional[str]) -> Tuple[str, ...]:
    """The addresses of an address list (To, Cc, From ...), each once, in their order."""
    if not value or '@' not in value:
        return ()
    if ',' not in value and '"' not in value and value.count('@') == 1:
        one = clean_address(value)
        return (one,) if one else ()
    return tuple(dict.fromkeys(one.address for one in find_addresses(value)))


UNITEXT = re.compile(r'\\x\{([0-9A-Fa-f]{1,6})\}')
XTEXT = re.compile(r'\+([0-9A-F]{2})')

# user@#example.org: no address by RFC 5321, but one that mail was sent to, as a report's own field says
ILL_FORMED = re.compile(r'<?([!-;=?A-~]{1,256}(?<!\.\.\.)@[!-;=?A-~]{1,255})>?$')


def typed_address(value: str) -> Optional[str]:
    """The address in `rfc822; user@example.org`, whatever its address type (RFC 3464 2.1.2).

    `utf-8; \\x{5bae}@example.org` is decoded as RFC 6533 3 says; an X.400
    address, a host name or a bare local part gives None.
    """
    kind, semicolon, address = value.partition(';')
    if not semicolon:
        kind, address = '', value
    if kind.strip().lower() == 'utf-8':
        address = UNITEXT.sub(lambda code: _character(code.group(1)), address)
    address = address.strip()
    found = clean_address(address)
    if found is None and kind.strip().lower() not in ('x400', 'unknown', 'dns'):
        # Sendmail writes xtext where the address came so, RFC 3461 4
        found = clean_address(XTEXT.sub(lambda code: chr(int(code.group(1), 16)), address))
        whole = ILL_FORMED.match(address) if found is None else None
        found = whole.group(1) if whole else found
    return found


def _character(code: str) -> str:
    point = int(code, 16)
    return chr(point) if 32 < point < 0x110000 and not 0xd800 <= point < 0xe000 else '?'


def key(address: Optional[str]) -> str:
    """What two spellings of an address share: it is compared without regard to case."""
    return (address or '').lower()


# Local parts that mail systems speak with, RFC 2142 and habit: never a failed recipient by guess.
SYSTEM_LOCALS = frozenset((
    'mailer-daemon', 'postmaster', 'mail-daemon', 'mailerdaemon', 'mdaemon', 'daemon', 'mailsystem',
    'mail-system', 'abuse', 'hostmaster', 'noreply', 'no-reply', 'donotreply', 'do-not-reply',
    'microsoftexchange', 'complaints', 'support', 'helpdesk',
))


def site(address: str) -> str:
    """The domain that somebody registered, of an address or a host name; '' of an address literal.

    a@mx.example.org -> example.org, mx.example.co.jp -> example.co.jp
    """
    labels = address.rpartition('@')[2].strip('. ').lower().split('.')
    if len(labels) < 2 or labels[-1].strip(']').isdigit():
        return ''
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return '.'.join(labels[-3:] if second_level else labels[-2:])


def is_system(address: Optional[str]) -> bool:
    """Whether a mail system speaks with this address."""
    local = key(address).partition('@')[0]
    return (local in SYSTEM_LOCALS or local.startswith(('mailer-daemon', 'microsoftexchange', 'postmaster+'))
            or local.endswith('-daemon'))
