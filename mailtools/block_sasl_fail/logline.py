"""What the lines of a mail log say about SASL: bytes in, Attempts out; nothing is opened here.

    clock = stamps.Clock(reference)         # seconds since the epoch: mtime of the log, or now
    for attempt in logline.scan(block, clock, line=1, offset=0):
        ...                                 # values.Attempt, in the order of the log

`block` is bytes of whole lines (the last one may lack its line end), of any size;
callers that read a file pass block after block with the same clock, and in
`line` and `offset` the number and place of the block's first line.  Each
line may have any of the stamps of stamps.py, a <PRI> before it, or be an
object of `journalctl -o json`.  A line that matches no row of the table
below, that names no valid address, or that is longer than LONGEST says nothing.

Kinds: FAILURE counts against the client; LOGIN is for forgiveness; OUTAGE,
UNSUPPORTED and ABORTED do not count.  An OUTAGE without client ('') is smtpd
that cannot reach Dovecot at all.

Shapes: smtpd/smtpd_sasl_glue.c, smtpd/smtpd.c, xsasl/xsasl_dovecot_server.c and
xsasl/xsasl_cyrus_server.c of Postfix 2.10 to 3.12.  Everything from the mechanism on is
text of the client, which may look like anything: only what stands before it is
believed, and a reason counts only as a whole.
"""
import re
from typing import Dict, Iterator, Optional

from mailtools.block_sasl_fail import stamps
from mailtools.block_sasl_fail.values import ABORTED, FAILURE, LOGIN, OUTAGE, UNSUPPORTED, Attempt

LONGEST = 1 << 20       # bytes of a line

# syslog_name is `postfix`, `postfix-INSTANCE`, and with -o in master.cf anything after a slash.
TAG = rb'postfix[^\s/\[\]:"]*/(?P<service>(?:[^\s/\[\]:"]+/)*smtpd)'
HEAD = re.compile(
    rb'(?:<\d{1,3}>)?(?:1 )?(?P<stamp>' + stamps.STAMP + rb') [^\s\[\]]+ ' + TAG +
    rb'(?:\[\d+\]: '
    rb'| \d+ \S+ (?:-|\[[^\]]*\]) (?:\xef\xbb\xbf)?)')     # RFC 5424
REPEATED = re.compile(rb'message repeated (\d{1,9}) times: \[ ?(.*)\]\s*\Z')       # rsyslog

NAMADDR = rb'[^\s\[\]]+\[(?P<client>[0-9A-Fa-f:.]{2,45})\](?::\d{1,5}|:unknown)?'
# No mechanism on offer has these characters; smtpd_token.c lets a client quote blanks with them.
MECHANISM = rb'(?P<mechanism>[^\s"<>\[\]\\]+)'
ANY_TEXT = rb'(?P<mechanism>.*)'
MESSAGES = (
    # warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6
    (FAILURE, re.compile(
        rb'warning: ' + NAMADDR + rb': SASL ' + MECHANISM + rb' authentication failed:(?: (?P<reason>.*))?\Z')),
    # warning: unknown[192.0.2.1]: SASL "a b" authentication failed: Invalid authentication mechanism
    (UNSUPPORTED, re.compile(
        rb'warning: ' + NAMADDR + rb': SASL ' + ANY_TEXT + rb' authentication failed:(?: (?P<reason>.*))?\Z')),
    # warning: unknown[192.0.2.1]: SASL LOGIN authentication aborted
    (ABORTED, re.compile(
        rb'warning: ' + NAMADDR + rb': SASL ' + ANY_TEXT + rb' authentication aborted\Z')),
    # 4D2A01C0F3: client=dyn1.isp.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@example.net
    (LOGIN, re.compile(
        rb'[0-9A-Za-z]+: client=' + NAMADDR + rb', sasl_method=' + MECHANISM +
        rb', sasl_username=(?P<username>.*?)(?:, sasl_sender=.*)?\Z')),
    # warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused
    (OUTAGE, re.compile(
        rb"warning: SASL: (?P<reason>(?:Connect to Dovecot auth socket|Couldn't send handshake"
        rb'|Protocol version mismatch).*)\Z')),
)
NEEDLES = (b': SASL', b', sasl_method=')        # every line of the table has one of these

REASONS = {
    # xsasl_dovecot_server.c
    'Connection lost to authentication server': OUTAGE,
    "Can't connect to authentication server": OUTAGE,
    'Authentication backend error': OUTAGE,
    'Invalid authentication mechanism': UNSUPPORTED,
    # sasl_errstring() of Cyrus; 454 in xsasl_cyrus_server.c
    'generic failure': OUTAGE,
    'no memory available': OUTAGE,
    'transient failure (e.g., weak key)': OUTAGE,
    'remote authentication server unavailable': OUTAGE,
    'no mechanism available': UNSUPPORTED,
}
NAMED_MECHANISM = re.compile("Invalid authentication mechanism: '.*'\\Z", re.DOTALL)      # 3.10 and later
USERNAME = ', sasl_username='       # 3.9 and later; the reason before it is the server's, the name the client's
NO_USERNAME = '(unavailable)'


def scan(block: bytes, clock: stamps.Clock, line=0, offset=-1) -> Iterator[Attempt]:
    """The Attempts of a block of whole lines, in their order.

    line: the number of the first line; 0: lines are not counted (faster).
    offset: of the block in the file; -1: not known.
    """
    counted = 0
    for start, end in lines_with(block, NEEDLES):
        if line:
            line += block.count(b'\n', counted, start)
            counted = start
        attempt = read(block[start:end], clock)
        if attempt is not None:
            yield attempt._replace(line=line, offset=-1 if offset < 0 else offset + start)


def lines_with(block, needles):
    """(start, end) of each line that has one of the needles; linear, whatever the lines are."""
    size = len(block)
    hits = [block.find(needle) for needle in needles]
    while True:
        ahead = [hit for hit in hits if hit >= 0]
        if not ahead:
            return
        hit = min(ahead)
        start = block.rfind(b'\n', 0, hit) + 1
        end = block.find(b'\n', hit)
        if end < 0:
            end = size
        if end - start <= LONGEST:
            yield start, end
        hits = [block.find(needle, end) if 0 <= hit < end else hit for needle, hit in zip(needles, hits)]


def read(line: bytes, clock) -> Optional[Attempt]:
    """The Attempt of one line; None if it says nothing."""
    if line.startswith(b'{'):
        return read_journal(line)
    head = HEAD.match(line)
    if head is None:
        return None
    found = understood(line[head.end():], head.group('service').decode('utf-8', 'replace'))
    if found is None:
        return None
    when = clock(head.group('stamp'))
    return None if when is None else found._replace(time=when)


def understood(message: bytes, service) -> Optional[Attempt]:
    """What a message of smtpd(8) says, without its time."""
    times = 1
    repeated = REPEATED.match(message)
    if repeated:
        times, message = int(repeated.group(1)), repeated.group(2)
    for kind, pattern in MESSAGES:
        match = pattern.match(message)
        if match:
            return attempt_of(kind, match.groupdict(), service, times)
    return None


def attempt_of(kind, fields: Dict[str, Optional[bytes]], service, times) -> Optional[Attempt]:
    """The Attempt of the fields of a line; None if its address is none."""
    client = address_of(fields['client']) if 'client' in fields else ''
    if client is None:
        return None
    reason, username = text_of(fields.get('reason')), fields.get('username')
    name = None if username is None else text_of(username)
    if kind == FAILURE or kind == UNSUPPORTED:
        reason, _, named = reason.partition(USERNAME)
        name = named or None
        if kind == FAILURE:
            kind = UNSUPPORTED if NAMED_MECHANISM.match(reason) else REASONS.get(reason, FAILURE)
    if name == NO_USERNAME:
        name = None
    return Attempt(0.0, client, text_of(fields.get('mechanism')).upper(), service, name, times, reason, kind, 0, -1)


def text_of(raw) -> str:
    """Decoded; '' for None."""
    return raw.decode('utf-8', 'replace') if raw else ''


def address_of(raw) -> Optional[str]:
    """An address in the form that Postfix looks up; None if it is none.

    IPv6 in lower case, compressed; an IPv4-mapped one is IPv4.
    """
    import ipaddress
    try:
        address = ipaddress.ip_address(raw.decode('ascii'))
    except ValueError:
        return None
    mapped = getattr(address, 'ipv4_mapped', None)
    return str(mapped or address)


def read_journal(line: bytes) -> Optional[Attempt]:
    """The Attempt of one object of `journalctl -o json`; None if it says nothing."""
    import json
    try:
        entry = json.loads(line.decode('utf-8', 'replace'))
        message, when = entry.get('MESSAGE'), float(entry.get('__REALTIME_TIMESTAMP')) / 1e6
        if isinstance(message, list):       # what is no UTF-8 comes as numbers
            message = bytes(message)
        else:
            message = message.encode('utf-8', 'surrogatepass')
        # Set by journald itself: smtpd's lines come from smtpd, and not from logger(1).
        if entry.get('_COMM', 'smtpd') != 'smtpd':
            return None
        tag = re.compile(TAG + rb'\Z').match(entry.get('SYSLOG_IDENTIFIER').encode('utf-8', 'replace'))
    except (ValueError, TypeError, AttributeError):
        return None
    found = understood(message, text_of(tag.group('service'))) if tag else None
    return None if found is None else found._replace(time=when)
