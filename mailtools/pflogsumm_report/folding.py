"""What was said of one mail -> the reason, the same for all mails that it is true of: text in, text out."""
import re

LONGEST = 2000          # characters that are looked at
SHOWN = 160             # that are kept

# What is about this mail or this attempt, in the order in which it is looked for.
MASKS = tuple((re.compile(pattern), mask) for pattern, mask in (
    (r'^host \S+\[[^\]]*\](?::\d+)? said: ', ''),
    (r'^host \S+\[[^\]]*\](?::\d+)? (refused to talk to me: )', r'\1'),
    (r' \(in reply to [^()]*\)$', ''),
    (r'https?://\S+', '<url>'),
    (r'<[^<>\s]*@[^<>]*>|[^\s<>"\'(),;:=]+@[\w.-]*\w', '<address>'),
    (r'<<(\w+)>>', r'<\1>'),
    (r'(?i)\b(using|by|at) ((?:[a-z0-9-]+\.)+[a-z]{2,})\b', lambda found: found.group().replace('.', '\0')),   # a block list
    (r'[\w.-]+\[(?:\d+\.){3}\d+\]|[\w.-]+\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]', '<host>'),
    (r'\[?\b(?:\d{1,3}\.){3}\d{1,3}\b\]?|\[?\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}\b\]?', '<ip>'),
    (r'\b(?:[a-zA-Z0-9_-]+\.)+[a-zA-Z]{2,24}\b', '<host>'),
    (r'\b(?=[A-Za-z_-]*\d[A-Za-z_-]*\d)[A-Za-z0-9_-]{7,}(?:\.[A-Za-z0-9_-]*\d[A-Za-z0-9_.-]*)?', '<id>'),
    (r'(?<![\d.])(?![245]\d\d[ -])(?![245]\.\d)\d+(?:[.:]\d+)*(?!\.\d)', 'N'),
    (r'\0', '.'),
    (r'\s+', ' '),
))
REJECTED = re.compile(br'(\S+) from (\S*?\[[^\]]*\](?::\d+)?|\S+?): (.*)')
CONTENT = re.compile(br'(header [^\s:]+|body|END-OF-MESSAGE)(.*?)(?: from (\S+?\[[^\]]*\]|local))?; from=<.*?>'
                     br'(?: to=<.*?>)?(?: proto=\S+)?(?: helo=<.*?>)?(?:: (.*))?\Z')


def fold(said):
    """The reason in what a server said or Postfix wrote; bytes -> text."""
    text = said[:LONGEST].decode('utf-8', 'replace').replace('\0', ' ').strip()
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text if len(text) <= SHOWN else text[:SHOWN - 1] + '\u2026'


def of_delivery(said):
    """The reason of ` (host mx.example.com[192.0.2.1] said: 550 ...)`."""
    text = said.strip()
    return fold(text[1:-1] if text.startswith(b'(') and text.endswith(b')') else text)


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
    if not found:
        return b'', fold(rest)
    where, content, client, said = found.groups()
    if where == b'END-OF-MESSAGE':          # of a milter: from name[address]: 5.7.1 text; ...
        client, reason = of_client(rest)
        return client, reason
    return client or b'', fold(where + (b': ' + said if said else b''))
