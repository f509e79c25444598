"""Addresses: out of header fields, into keys, and as one argument for sendmail.  Pure.

RFC 5321 4.1.2 (Reverse-path, Quoted-string, address literals), RFC 5322 3.4 and 4.4 (comments,
source routes), RFC 6531 (UTF-8).  One walk over the bytes, no recursion: comments may be
nested 5,000 deep.
"""
from mailtools.autoreply.values import Address

LONGEST = 512               # bytes; RFC 5321 allows 64 + 1 + 255, SRS makes it longer
SPECIALS = '()<>[]:;@\\,". \t'
LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-_'
HEX = '0123456789abcdef'
# What local(8) leaves as it is in its environment (command_expansion_filter); the rest becomes _.
UNFILTERED = '1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'


def sender_of(value):
    """The Address in a Return-Path; None for the null sender.

    value: bytes of the field.  Raises ValueError for one that cannot be answered, the
    message saying why.
    """
    if len(value) > 4 * LONGEST:
        raise ValueError('too long')
    text = value.decode('utf-8')        # UnicodeDecodeError is a ValueError
    bare, found = paths_of(text)
    bare = bare.strip()
    if found and (bare or len(found) > 1):
        raise ValueError('more than one address')
    path = found[0] if found else bare
    return split(path) if path else None


def paths_of(text):
    """(what stands outside of <>, [what stands inside, ...]), without comments.

    Blanks beside a special are gone; one between two words stays, for no address has that.
    """
    outside: list = []
    paths: list = []
    start = -1                          # of the open path in `outside`, -1: none is open
    blank = False
    for token in tokens(text):
        if token.isspace():
            blank = True
            continue
        if token == '<' and start < 0:
            start = len(outside)
        elif token == '>' and start >= 0:
            paths.append(''.join(outside[start:]))
            del outside[start:]
            start = -1
        else:
            if blank and len(outside) > max(start, 0) and outside[-1] not in SPECIALS and token not in SPECIALS:
                outside.append(' ')
            outside.append(token)
        blank = False
    if start >= 0:
        raise ValueError('no closing >')
    return ''.join(outside), paths


def tokens(text):
    """The text as quoted strings, single specials, and runs of other characters; comments are left out."""
    place, size = 0, len(text)
    while place < size:
        start, one = place, text[place]
        if one == '(':
            place = after_comment(text, place)
            continue
        if one == '"':
            place = after_quoted(text, place)
        elif one in SPECIALS or one in '\r\n':
            place += 1
        else:
            while place < size and text[place] not in SPECIALS:
                place += 1
        yield text[start:place]


def after_comment(text, place):
    """The place behind the comment that begins at `place`, or the end of the text."""
    depth, size = 0, len(text)
    while place < size:
        one = text[place]
        if one == '\\':
            place += 1
        elif one == '(':
            depth += 1
        elif one == ')':
            depth -= 1
            if depth == 0:
                return place + 1
        place += 1
    return size


def after_quoted(text, place):
    """The place behind the quoted string that begins at `place`, or the end of the text."""
    size = len(text)
    place += 1
    while place < size and text[place] != '"':
        place += 2 if text[place] == '\\' else 1
    return min(size, place + 1)


def split(path):
    """The Address of `local@domain` or `@route:local@domain`; ValueError if it is none."""
    if path.startswith('@'):            # a source route, RFC 5321 appendix C
        path = path.partition(':')[2]
    at = path.rfind('@')
    if at < 1:
        raise ValueError('no local@domain')
    if len(path.encode('utf-8')) > LONGEST:
        raise ValueError('too long')
    local, domain = unquoted(path[:at]), path[at + 1:].lower()
    check_domain(domain)
    if not local or local.startswith('-'):      # Postfix refuses -x (allow_min_user)
        raise ValueError('begins with -' if local else 'no local part')
    if not local.isprintable():
        raise ValueError('control characters')
    return Address(local, domain[:-1] if domain.endswith('.') else domain)


def unquoted(local):
    """The local part without quotes; ValueError when it is neither a dot-atom nor one quoted string."""
    if local.startswith('"'):
        if len(local) < 2 or after_quoted(local, 0) != len(local) or not local.endswith('"'):
            raise ValueError('quotes do not match')
        inner, plain, place = local[1:-1], [], 0
        while place < len(inner):
            place += inner[place] == '\\'
            plain.append(inner[place:place + 1])
            place += 1
        return ''.join(plain)
    if any(one in local for one in SPECIALS if one != '.'):
        raise ValueError('characters that need quotes')
    return local


def check_domain(domain):
    """Raise ValueError unless it is a domain name or an address literal."""
    if domain.startswith('['):
        if not (domain.endswith(']') and domain[1:-1] and not domain[1:-1].strip(LETTERS + ':.')):
            raise ValueError('not an address literal')
        return
    for label in (domain[:-1] if domain.endswith('.') else domain).split('.'):
        good = label and label[0] != '-' and all(
            one in LETTERS or (one > '\x7f' and one.isprintable() and not one.isspace()) for one in label)
        if not good:
            raise ValueError('not a domain')


def written(address):
    """The Address as text that sendmail and mail readers take for one address, whatever it holds.

    sendmail(1) reads an argument as a list of addresses: `"x, victim@example.net"@example.org`
    stays one only in its quotes.
    """
    local = address.local
    atoms = local.split('.')
    if not all(atoms) or any(one in local for one in SPECIALS if one != '.'):
        local = '"{}"'.format(local.replace('\\', '\\\\').replace('"', '\\"'))
    return '{}@{}'.format(local, address.domain)


def person(address):
    """The Address behind a sender that changes from mail to mail; most often the same one.

    BATV `prvs=1234abcdef=ann@example.org` and `btv1==TAG==ann@example.org` are ann@example.org;
    SRS `SRS0=HASH=TT=example.org=ann@forwarder`, `SRS1=HASH=other==HASH=TT=example.org=ann@forwarder` too.
    Otherwise each mail would begin a new interval.
    """
    local = address.local
    lower = local.lower()
    if lower.startswith('prvs='):
        tag, equals, rest = local[5:].partition('=')
        if equals and rest and tag:
            return Address(rest, address.domain)
    elif lower.startswith('btv1=='):
        _tag, equals, rest = local[6:].partition('==')
        if equals and rest:
            return Address(rest, address.domain)
    elif lower[:4] in ('srs0', 'srs1') and local[4:5] in ('=', '+', '-'):
        return behind_srs(local, address)
    return address


def behind_srs(local, address):
    """The Address that an SRS local part names, or the one given when it names none."""
    rest = local[5:]
    if local[:4].lower() == 'srs1':     # SRS1=HASH=forwarder==HASH=TT=domain=local
        rest = rest.partition('=')[2].partition('=')[2][1:]
    parts = rest.split('=', 3)
    if len(parts) == 4 and parts[2] and parts[3]:
        return Address(parts[3], parts[2].lower())
    return address


def key_of(address):
    """What two mails of one person share: text in lower case."""
    return written(person(address)).lower()


def filtered(text):
    """The text as local(8) puts it into the environment."""
    return ''.join(one if one in UNFILTERED else '_' * len(one.encode('utf-8', 'surrogateescape'))
                   for one in text)


def addresses_in(value):
    """The addresses of a To or Cc field, as text in lower case, quotes taken off where they are not needed.

    value: bytes.  What is no address is left out.
    """
    found = []
    for entry in entries(value.decode('utf-8', 'replace')):
        try:
            bare, paths = paths_of(entry)
            found.append(written(split(paths[-1] if paths else bare)).lower())
        except ValueError:
            pass
    return found


def entries(text):
    """The parts of an address list between commas, semicolons and the colons of groups."""
    part: list = []
    in_path = False
    for token in tokens(text):
        if token == '<':
            in_path = True
        elif token == '>':
            in_path = False
        if token in (',', ';', ':') and not in_path:
            yield ''.join(part)
            part = []
        else:
            part.append(token)
    yield ''.join(part)
