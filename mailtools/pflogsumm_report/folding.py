"""What was said of one mail -> the reason, the same for all mails that it is true of: bytes in, text out.

Word by word, since most words come again and again, and are looked at once.
"""
import re
from typing import Dict

LONGEST = 2000          # bytes that are looked at
SHOWN = 160             # characters that are kept
CACHED = 20000          # words

# A word that is about this mail or this attempt -> what stands for it.
MASKS = tuple((re.compile(pattern), mask) for pattern, mask in (
    (r'https?://\S+', '<url>'),
    (r'<[^<>]*@[^<>]*>|[^\s<>"\'(),;:=]+@[\w.-]*\w', '<address>'),
    (r'[\w.-]+\[[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*\](?::\d+)?', '<host>'),
    (r'\[?\b(?:\d{1,3}\.){3}\d{1,3}\b\]?|\[?\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}\b\]?', '<ip>'),
    (r'\b(?:[a-zA-Z0-9_-]+\.)+[a-zA-Z]{2,24}\b', '<host>'),
    (r'\b(?=[A-Za-z_-]*\d[A-Za-z_-]*\d)[A-Za-z0-9_-]{7,}(?:\.[A-Za-z0-9_-]*\d[A-Za-z0-9_.-]*)?', '<id>'),
    (r'(?<![\d.])(?![245]\d\d(?:[ -]|$))(?![245]\.\d)\d+(?:[.:]\d+)*(?!\.\d)', 'N'),
))
HOST = MASKS[4][0]                              # of a block list it is told who it is
LISTED = frozenset(('using', 'by', 'at'))       # ... blocked using zen.example.org
SAYS = re.compile(br'host \S+\[[^\]]*\](?::\d+)? (?:said: |(?=refused to talk))')
REPLIED = re.compile(br' \(in reply to [^()]*\)\Z')
QUOTED = re.compile(br'<?"[^"]*"@[^\s>]*>?')      # an address of several words
REJECTED = re.compile(br'(\S+) from (\S*?\[[^\]]*\](?::\d+)?|\S+?): (.*)')
CONTENT = re.compile(br'(header [^\s:]+|body)(?:.*?)(?: from (\S+?\[[^\]]*\]|local))?; from=<.*?>'
                     br'(?: to=<.*?>)?(?: proto=\S+)?(?: helo=<.*?>)?(?:: (.*))?\Z')

_words: Dict[str, str] = {}


def fold(said):
    """The reason in what a server said or Postfix wrote."""
    if b'"@' in said:
        said = QUOTED.sub(b'<address>', said)
    before, folded = '', []
    for word in said[:LONGEST].decode('utf-8', 'replace').split():
        mask = _words.get(word)
        if mask is None:
            mask = masked(word)
        folded.append(word if mask != word and before in LISTED and HOST.match(word) else mask)
        before = word
    text = ' '.join(folded)
    return text if len(text) <= SHOWN else text[:SHOWN - 1] + '\u2026'


def masked(word):
    """What stands for a word, kept for the next time."""
    mask = word
    for pattern, name in MASKS:
        mask = pattern.sub(name, mask)
    if len(_words) >= CACHED:
        _words.clear()
    _words[word] = mask
    return mask


def of_delivery(said):
    """The reason of ` (host mx.example.com[192.0.2.1] said: 550 ... (in reply to RCPT TO command))`."""
    text = said.strip()
    if text.startswith(b'(') and text.endswith(b')'):
        text = REPLIED.sub(b'', text[1:-1])
    found = SAYS.match(text)
    return fold(text[found.end():] if found else text)


def of_client(rest):
    """(client, reason) of `RCPT from name[address]: 550 ...; from=<a> to=<b>`, as smtpd writes it."""
    found = REJECTED.match(rest)
    if not found:
        return b'', fold(rest)
    _, client, said = found.groups()
    return client, fold(said.partition(b'; from=<')[0])


def of_content(rest):
    """(client, reason) of `header X-Spam: yes from name[address]; from=<a> ...: text`, as cleanup writes it.

    What stands in the header is not told, only which header it is.
    """
    found = CONTENT.match(rest)
    if not found:                   # of a milter: END-OF-MESSAGE from name[address]: 5.7.1 text; from=<a> ...
        return of_client(rest)
    where, client, said = found.groups()
    return client or b'', fold(where + (b': ' + said if said else b''))
