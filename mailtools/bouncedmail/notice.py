"""What people are told in a returned mail: its readable text, cut from the mail that came back.

Bounces without (or beside) the fields of RFC 3464 speak in prose, then quote the
returned mail.  Both are needed, and kept apart: an address or a phrase in the
returned mail accuses nobody.  Pure.
"""
import html
import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from mailtools.bouncedmail.finding import ANSWERED
from mailtools.bouncedmail.message import RETURNED_TYPES, Message, Part, body_bytes, body_text, fields_of, read_fields

NOTICE_CHARS = 65536        # of prose that are read
HTML_CHARS = 262144


class Notice:
    """The prose of a mail, and the mail that it returns, each worked out when it is first asked for.

    prose: all that is written for people, what it quotes included.
    text: the prose without the mail that it quotes; quoted: that mail.
    returned: the fields of the returned mail, wherever they stood.
    """

    def __init__(self, message: Message, returned: Optional[Dict[str, str]] = None) -> None:
        self.message = message
        self._returned = returned
        self._prose: Optional[str] = None
        self._cut: Optional[Tuple[str, str, str]] = None

    @property
    def prose(self) -> str:
        if self._prose is None:
            self._prose = prose(self.message)
        return self._prose

    def _pieces(self) -> Tuple[str, str, str]:
        if self._cut is None:
            self._cut = cut(self.prose)
        return self._cut

    @property
    def text(self) -> str:
        return self._pieces()[0]

    @property
    def quoted(self) -> str:
        return self._pieces()[2]

    @property
    def returned(self) -> Dict[str, str]:
        if self._returned is None:
            self._returned = self._find_returned()
        return self._returned

    @returned.setter
    def returned(self, fields: Dict[str, str]) -> None:
        self._returned = fields

    def _find_returned(self) -> Dict[str, str]:
        for part in self.message.parts:
            if part.type in RETURNED_TYPES:
                found = returned_fields(self.message, part)
                if found:
                    return found
        block = self._pieces()[1]
        return fields_of(block) if block else _attached_header(self.message)


def returned_fields(message: Message, part: Part) -> Dict[str, str]:
    """The fields of a returned mail in a part of its own; empty lines before them are skipped."""
    if 'received' in part.fields or 'from' in part.fields:
        return part.fields              # a mail where a part should be
    raw = body_bytes(message, part, 65536).lstrip(b'\n \t')
    fields, _ = read_fields(raw, 0, len(raw))
    if len(fields) == 1 and 'content-type' in fields or not fields:
        block = HEADER_START.search(raw.decode('utf-8', 'replace'))
        if block:
            return fields_of(_unindented(raw.decode('utf-8', 'replace'), block.start()))
    return fields


def prose(message: Message) -> str:
    """The text parts before and after which no returned mail comes, HTML only where there is no plain text."""
    plain: List[str] = []
    rich: List[str] = []
    for part in message.parts:
        if part.type == 'text/html':
            rich.append(body_text(message, part, HTML_CHARS))
        elif part.type == 'text/plain' or (part.type.startswith('text/') and part.type not in RETURNED_TYPES):
            plain.append(body_text(message, part, NOTICE_CHARS))
        if sum(map(len, plain)) > NOTICE_CHARS:
            break
    text = '\n\n'.join(plain)[:NOTICE_CHARS]
    if rich and len(text.strip()) < 40:
        text += '\n' + html_text('\n'.join(rich))[:NOTICE_CHARS]
    elif text[:400].lstrip().lower().startswith(('<html', '<!doctype', '<head', '<body')):
        text = html_text(text)
    return text


BREAKING = frozenset(('br', 'p', 'div', 'tr', 'td', 'th', 'li', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4',
                      'pre', 'hr', 'title', 'blockquote', 'dt', 'dd'))
HIDDEN = frozenset(('style', 'script', 'head'))


def html_text(source: str) -> str:
    """The text of an HTML page, in time linear to its length: good enough to read a notice."""
    out: List[str] = []
    hidden = ''
    for number, piece in enumerate(source.split('<')):
        tag, closed, text = piece.partition('>')
        if not closed:                  # no tag, then: what stood before it is another word
            tag, text = '', '<' + piece if number else piece
        name = re.match(r'/?[A-Za-z0-9]{0,12}', tag).group().lower()    # type: ignore[union-attr]
        if hidden:
            if name == '/' + hidden:
                hidden = ''
            else:
                continue
        elif name in HIDDEN:
            hidden = name
            continue
        if name.lstrip('/') in BREAKING:
            out.append('\n')
        elif '@' in tag and not name.startswith('a') and ' ' not in tag:     # <user@example.org>, unescaped
            out.append('<' + tag + '>')
        out.append(text)
    return html.unescape(''.join(out)).replace('\xa0', ' ')


# Fields that the header of a returned mail begins with, or holds early.
HEADER_START = re.compile(
    r'^[ \t>|]{0,12}(?:Return-Path|Received|Delivered-To|X-Original-To|Message-ID|DKIM-Signature|DomainKey-Signature'
    r'|Authentication-Results|ARC-[A-Za-z-]{4,24}|MIME-Version|X-[A-Za-z][\w-]{1,40}|From|To|Date|Subject|Sender|Reply-To'
    r'|Content-Type|Envelope-to|User-Agent|Errors-To|Feedback-ID|List-[A-Za-z-]{2,20}|References|In-Reply-To|Organization'
    r'|Precedence|Importance|Mime-Version|Comments?|Cc)[ \t]{0,4}:', re.I | re.M)
FIELD_LINE = re.compile(r'[!-9;-~]{1,76}[ \t]{0,4}:')
PROOF = frozenset(('received', 'message-id', 'return-path', 'dkim-signature'))
FROM_PROOF = frozenset(('from', 'date'))
TO_PROOF = frozenset(('from', 'to', 'subject'))
ABOUT_FAILURE = frozenset(('reason', 'diagnostic', 'recipient', 'final-recipient', 'diagnostic-code'))
# What qmail, and all that speak like it, write above the returned mail, of which nothing need follow
ANNOUNCED = re.compile(r'^[ \t>|]{0,8}-{2,20} ?Below (?:this line|the next line) is a copy of the message\.?[ \t]*$',
                       re.I | re.M)
INDENT = re.compile(r'[ \t>|]{0,12}')
ENVELOPE_LINE = re.compile(r'(?:>?From [^\n]{3,200}\d{4}[ \t]*|>?From \S+@\S+[^\n]{0,100})$')


def cut(text: str) -> Tuple[str, str, str]:
    """The prose, the returned header that it quotes ('' if none) without indentation, and all that is quoted.

    The header is found by its form: a run of field lines among which are those
    that only a real header has.  Separators differ in each system, headers don't.
    An indented header in the midst of prose (Oracle) is taken out of it.
    """
    announced = ANNOUNCED.search(text)
    if announced:
        return text[:announced.start()], cut_header(text[announced.end():])[1], text[announced.end():]
    return cut_header(text)


def cut_header(text: str) -> Tuple[str, str, str]:
    """The same where no line announces the returned mail."""
    match = HEADER_START.search(text)
    while match:
        run = _unindented(text, match.start())
        block = run if _is_header(run) else ''
        if not block:                   # the rest of the run is no header either
            match = HEADER_START.search(text, max(match.end(), match.start() + len(run)))
            continue
        before, quoted = _without_separator(text[:match.start()]), text[match.start():]
        behind = _prose_behind(quoted)
        return before + (cut_header(behind)[0] if behind else ''), block, quoted
    return text, '', ''


def _prose_behind(quoted: str) -> str:
    """The prose behind an indented header: what comes after an empty line, with less indentation."""
    if quoted[:1] not in (' ', '\t'):
        return ''
    indent = len(INDENT.match(quoted).group())      # type: ignore[union-attr]
    at = quoted.find('\n\n')
    after = quoted[at:].lstrip('\n') if at >= 0 else ''
    if not after or len(INDENT.match(after).group()) >= indent or not after[:1].isalpha():  # type: ignore[union-attr]
        return ''
    return '\n\n' + after


def _is_header(block: str) -> bool:
    """Whether field lines are the header of a mail, and not only alike (`To:`, `Subject:`, `Sent:`).

    A list that tells why a mail failed is about a mail (X.400 gateways), though it may name its Message-ID.
    """
    names = {line.partition(':')[0].rstrip().lower() for line in block.split('\n') if line[:1] not in (' ', '\t')}
    if names & ABOUT_FAILURE and 'received' not in names:
        return False
    return len(names) >= 3 and bool(names & PROOF or names >= FROM_PROOF or names >= TO_PROOF)


def _unindented(text: str, start: int) -> str:
    """The run of field lines at `start`, at most 400, each without the indentation of the first."""
    indent = INDENT.match(text, start).group()      # type: ignore[union-attr]
    lines: List[str] = []
    while start < len(text) and len(lines) < 400:
        end = text.find('\n', start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        start = end + 1
        if indent and line.startswith(indent):
            line = line[len(indent):]
        elif indent and line.strip():
            line = line.lstrip(' >|')
        if FIELD_LINE.match(line) or (lines and line[:1] in (' ', '\t') and line.strip()):
            lines.append(line)
        elif lines and '@' not in line and 0 < len(line) < 80 and _folded_badly(lines[-1]):
            lines.append(' ' + line)
        elif not ENVELOPE_LINE.match(line.strip()):
            break
    return '\n'.join(lines)


def _folded_badly(line: str) -> bool:
    """Whether the next line may go on a field although it is not indented, as some systems wrap."""
    return line.rstrip().endswith((';', ',', 'by', 'with', 'from'))


def _without_separator(text: str) -> str:
    """Prose without the line of dashes that announces the returned mail."""
    lines = text.rstrip().split('\n')
    if lines and SEPARATOR.match(lines[-1]):
        lines.pop()
    return '\n'.join(lines)


SEPARATOR = re.compile(r'[\s|>]{0,8}[-_=*#~+]{2,}')


def _attached_header(message: Message) -> Dict[str, str]:
    """The header of a returned mail that came as a file of no telling type."""
    for part in message.parts[1:]:
        if part.type.startswith(('application/', 'text/', 'message/')) and part.end - part.start > 40:
            text = body_text(message, part, 16384)
            match = HEADER_START.search(text[:2000])
            block = _unindented(text, match.start()) if match else ''
            if _is_header(block):
                return fields_of(block)
    return {}


class Passage(NamedTuple):
    """What prose says of one recipient: in their own paragraph, and around it."""

    own: str
    around: str


def passage(lines: List[str], address: str, places: Dict[str, int]) -> Passage:
    """The words about one of the recipients; `places` is the line of each, -1 if it is not named.

    With one recipient all the prose is about them; of several, each has the
    lines up to the next one, and those that name them elsewhere.  A list of
    nothing but addresses shares what is said before it.
    """
    first = places[address]
    last = min([place for place in places.values() if place > first] + [first + 30, len(lines)])
    own = ''
    if first >= 0:
        begin = first
        while len(places) == 1 and begin > 0 and lines[begin - 1].strip() and first - begin < 4:
            begin -= 1
        if begin and ANSWERED.match(lines[begin - 1].lower()):
            begin -= 1
        own = '\n'.join(lines[begin:paragraph_end(lines, first, last)])
    if len(places) == 1:
        return Passage(own, '\n'.join(lines)[:8000])
    mentions = [number for number, line in enumerate(lines) if address in line.lower() and number != first]
    if not mentions and not own.lower().replace(address, '').strip(' \t\n<>"\'.,;:*-'):
        return Passage(own, '\n'.join(lines[:min([place for place in places.values() if place >= 0] or [0])]))
    return Passage(own, '\n'.join('\n'.join(lines[number:number + 2]) for number in mentions[:20]))


def paragraph_end(lines: List[str], first: int, last: int) -> int:
    """Where the words about a recipient end: an empty line, unless what follows is indented or a reply."""
    at = first + 1
    while at < last:
        if not lines[at].strip():
            following = next((line for line in lines[at + 1:last] if line.strip()), '')
            if not (following[:1] in (' ', '\t') or REPLY_LINE.match(following)):
                return at
        at += 1
    return last


REPLY_LINE = re.compile(r'[\s<>(\'"#]{0,8}(?:[245][0-5]\d[ \-:]|SMTP|said|Remote|Reason|Error|Diagnos|Technical|Status'
                        r'|Host|RCPT TO\b|\.\.\.|The (?:error|reason|response))', re.I)


def squeeze(text: str, limit: int = 1000) -> str:
    """A text on one line, bounded."""
    return ' '.join(text.split())[:limit]


def first_text(*texts: Optional[str]) -> str:
    """The first of the texts that says something."""
    return next((text for text in texts if text and text.strip()), '')
