"""What parts a mail has: bytes in, header fields and spans of parts out.

A splitter of our own, since reading bounces is what this program does all day:
it looks at each byte once, copies nothing but what is asked for, and takes what
the standard library's parser rejects or repairs differently (CR-only mails,
missing boundaries, pieces of an mbox).  Mail that breaks the rules is the normal
case here; nothing in this file raises on any input.

Sources: RFC 5322 2.2 (fields, folding), RFC 2045 5 and 6, RFC 2046 5.1 (multipart).
"""
import binascii
import re
from itertools import islice
from typing import Dict, Iterator, List, NamedTuple, Tuple

MAX_DEPTH = 24              # multiparts within multiparts; deeper ones are read as text
MAX_PARTS = 200             # parts that are kept; a report has three
HEADER_BYTES = 256 * 1024   # of a header that are read
TEXT_BYTES = 256 * 1024     # of a text part that are decoded

Fields = Dict[str, str]     # name in lower case -> first value, unfolded

# Types that carry (a part of) the mail that came back: RFC 3462, 6522, 6533.
RETURNED_TYPES = frozenset((
    'message/rfc822', 'message/rfc822-headers', 'text/rfc822-headers', 'text/rfc822-header',
    'message/global', 'message/global-headers', 'message/partial', 'text/rfc822',
    'application/rfc822', 'message/rfc-headers', 'message/rfc822-header',
))

FIRST_FIELD = re.compile(rb'[!-9;-~]{1,76}[ \t]{0,8}:')
MBOX_LINE = re.compile(rb'(?:[ \t\n]*\n)?>?From [^\n]{1,998}\n')


class Part(NamedTuple):
    """A part that is no multipart: its type, its own fields, and where its body stands in `Message.raw`."""

    type: str       # 'text/plain', lower case, no parameters
    fields: Fields
    start: int
    end: int


class Message(NamedTuple):
    """A mail: line ends are LF, whatever they were."""

    raw: bytes
    fields: Fields          # of the whole mail
    type: str
    parts: Tuple[Part, ...]


def split(raw: bytes) -> Message:
    """Read a mail.  An mbox `From ` line at its start is skipped; no header at all is an empty one."""
    if b'\r' in raw:
        raw = raw.replace(b'\r\n', b'\n').replace(b'\r', b'\n')
    start = 0
    mbox = MBOX_LINE.match(raw)
    if mbox:
        start = mbox.end()
    else:
        while raw[start:start + 1] == b'\n':
            start += 1
    fields, body = read_fields(raw, start, len(raw))
    media, parameters = content_type(fields)
    parts: List[Part] = []
    _collect(raw, fields, media, parameters, body, len(raw), 0, parts)
    return Message(raw, fields, media, tuple(parts))


def read_fields(raw: bytes, start: int, end: int) -> Tuple[Fields, int]:
    """The fields of the header at `start`, and where the body begins.

    What stands before the first empty line counts as a header only if it begins
    like one; so a text that was stored without its header is all body.
    """
    if raw[start:start + 1] == b'\n':
        return {}, start + 1
    if not FIRST_FIELD.match(raw, start, min(end, start + 90)):
        return {}, start
    stop = raw.find(b'\n\n', start, end)
    body = end if stop < 0 else stop + 2
    stop = end if stop < 0 else stop
    return fields_of(text_of(raw[start:min(stop, start + HEADER_BYTES)])), body


FIELD = re.compile(r'^([!-9;-~]+)[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)', re.M)


def fields_of(block: str) -> Fields:
    """The fields of a header; the first of each name counts, `Name :` with a blank is allowed for."""
    fields: Fields = {}
    for name, value in FIELD.findall(block):
        name = name.lower()
        if name not in fields:
            if '\n' in value:
                value = ' '.join([line.strip() for line in value.split('\n')])
            fields[name] = value.strip()
    return fields


def text_of(raw: bytes) -> str:
    """Bytes that should be ASCII or UTF-8, as text; never raises, loses nothing of Latin-1."""
    try:
        return raw.decode('utf-8')
    except UnicodeDecodeError:
        return raw.decode('latin-1')


PARAMETER = re.compile(r';\s*([!#-:<-~]{1,60}?)\*?\s*=\s*(?:"((?:[^"\\]|\\.){0,400})"|([^\s;"]{1,400}))')


def content_type(fields: Fields) -> Tuple[str, Dict[str, str]]:
    """`Content-Type` as (type, parameters), RFC 2045 5.1; text/plain where there is none that can be read."""
    value = fields.get('content-type')
    if not value:
        return 'text/plain', {}
    media, semicolon, _ = value.partition(';')
    media = media.strip().lower()
    if '/' not in media or ' ' in media:
        media = 'text/plain'
    if not semicolon:
        return media, {}
    return media, {name.lower(): quoted or plain for name, quoted, plain in PARAMETER.findall(value[:4000])}


def _collect(raw: bytes, fields: Fields, media: str, parameters: Dict[str, str],
             start: int, end: int, depth: int, parts: List[Part]) -> None:
    """Append the leaves below one entity, in their order."""
    if media.startswith('multipart/') and depth < MAX_DEPTH:
        boundary = parameters.get('boundary', '').rstrip().encode('utf-8', 'surrogateescape')
        spans = list(islice(_spans(raw, boundary, start, end), MAX_PARTS)) if boundary else []
        if not spans:
            boundary = _guess_boundary(raw, start, end)
            spans = list(islice(_spans(raw, boundary, start, end), MAX_PARTS)) if boundary else []
        for first, last in spans:
            if len(parts) >= MAX_PARTS:
                return
            own, body = read_fields(raw, first, last)
            kind, of_kind = content_type(own)
            if 'received' in own or ('from' in own and 'date' in own):      # a mail where a part should be
                parts.append(Part('message/rfc822-headers', own, first, last))
                continue
            _collect(raw, own, kind, of_kind, min(body, last), last, depth + 1, parts)
        if spans:
            return
        media = 'text/plain'
    parts.append(Part(media, fields, start, end))


def _spans(raw: bytes, boundary: bytes, start: int, end: int) -> Iterator[Tuple[int, int]]:
    """Where the parts of a multipart stand: RFC 2046 5.1.1.  The closing line may be missing."""
    delimiter = b'\n--' + boundary
    width = len(delimiter)
    begun = -1
    at = start - 1 if raw.startswith(delimiter[1:], start) else raw.find(delimiter, start, end)
    while at >= 0:
        rest = raw[at + width:at + width + 2]
        if rest[:1] in (b'\n', b'', b' ', b'\t') or rest == b'--':
            if begun >= 0:
                yield begun, max(begun, at)
                begun = -1
            if rest == b'--':
                return
            line_end = raw.find(b'\n', at + width, end)
            begun = end if line_end < 0 else line_end + 1
            # the line end of a delimiter is also the start of the next one
            at = raw.find(delimiter, begun - 1, end)
        else:                               # another boundary that begins alike
            at = raw.find(delimiter, at + width, end)
    if 0 <= begun < end:
        yield begun, end


GUESS = re.compile(rb'(?:^|\n)--([^\s][^\n]{0,100}[^\s-]|[^\s-])[ \t]*\nContent-', re.I)


def _guess_boundary(raw: bytes, start: int, end: int) -> bytes:
    """The boundary by its looks, for a multipart that names none or one that never comes."""
    found = GUESS.search(raw, max(0, start - 1), min(end, start + TEXT_BYTES))
    return found.group(1) if found else b''


def is_encoded(part: Part) -> bool:
    """Whether the body must be decoded (base64, quoted-printable) before it can be searched."""
    return part.fields.get('content-transfer-encoding', '')[:1].lower() in ('b', 'q')


def body_text(message: Message, part: Part, limit: int = TEXT_BYTES) -> str:
    """The text of a part: transfer encoding and charset undone, at most `limit` bytes of it read."""
    return decode_text(message.raw[part.start:min(part.end, part.start + limit)], part.fields)


def body_bytes(message: Message, part: Part, limit: int = TEXT_BYTES) -> bytes:
    """The bytes of a part without its transfer encoding, at most `limit` of them read."""
    return _transfer_decoded(message.raw[part.start:min(part.end, part.start + limit)], part.fields)


def decode_text(data: bytes, fields: Fields) -> str:
    """Bytes of a body as text, by what its fields say, and by their looks where those lie."""
    if 'content-transfer-encoding' in fields:
        data = _transfer_decoded(data, fields)
    if b'\r' in data:
        data = data.replace(b'\r\n', b'\n').replace(b'\r', b'\n')
    if b'\x1b$' in data:                        # ISO-2022-JP says so itself; each line begins in ASCII, RFC 1468
        return '\n'.join(line.decode('iso2022_jp_2', 'replace') for line in data.split(b'\n'))
    charset = content_type(fields)[1].get('charset', '').lower() if 'content-type' in fields else ''
    if charset and charset not in ('us-ascii', 'utf-8', 'unknown-8bit', 'iso-2022-jp'):
        try:
            return data.decode(charset, 'replace')
        except (LookupError, UnicodeError, ValueError, TypeError):
            pass                                # an unknown or a non-text codec
    return text_of(data)


def _transfer_decoded(data: bytes, fields: Fields) -> bytes:
    """RFC 2045 6.7 and 6.8; what cannot be decoded stays as it is."""
    encoding = fields.get('content-transfer-encoding', '').lower()
    if 'base64' in encoding:
        return decode_base64(data)
    if 'quoted-printable' in encoding:
        return binascii.a2b_qp(data)
    return data


NOT_BASE64 = re.compile(rb'[^A-Za-z0-9+/=\n \t]')


def decode_base64(data: bytes) -> bytes:
    """Base64 with its mistakes: cut anywhere, followed by plain text; not base64 at all stays as it is."""
    foreign = NOT_BASE64.search(data)
    if foreign:
        whole = data.rfind(b'\n', 0, foreign.start()) + 1
        if not whole:
            return data
        data = data[:whole]
    data = b''.join(data.split())
    padding = data.find(b'=')
    if padding >= 0:
        data = data[:padding]
    data = data[:len(data) - 1] if len(data) % 4 == 1 else data
    try:
        return binascii.a2b_base64(data + b'=' * (-len(data) % 4))
    except binascii.Error:
        return data
