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
"""
import re
from typing import Callable, Dict, Iterator, Optional

from mailtools.block_sasl_fail import patterns
from mailtools.block_sasl_fail.address import address_of
from mailtools.block_sasl_fail.lazy import Lazy
from mailtools.block_sasl_fail.patterns import (
    ANY_TEXT,
    FAILED,
    MECHANISM,
    NAMADDR,
    NEEDLES,
    NO_USERNAME,
    NUMBERS,
    USERNAME,
)
from mailtools.block_sasl_fail.stamps import LATEST
from mailtools.block_sasl_fail.values import ABORTED, FAILURE, LOGIN, OUTAGE, UNSUPPORTED, Attempt

LONGEST = 1 << 20       # bytes of a line


HEAD = Lazy(patterns.HEAD)
TAG = Lazy(patterns.TAG + rb'\Z')
REPEATED = Lazy(patterns.REPEATED, re.DOTALL)
WARNING = b'warning: '
ABORT = b' authentication aborted'
MESSAGES = (        # kind, how such a message begins, a word in it, its pattern
    # warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6
    (FAILURE, WARNING, FAILED, Lazy(
        rb'warning: ' + NAMADDR + rb': SASL ' + MECHANISM + rb' authentication failed:(?: (?P<reason>.*))?\Z')),
    # warning: unknown[192.0.2.1]: SASL "a b" authentication failed: Invalid authentication mechanism
    (UNSUPPORTED, WARNING, FAILED, Lazy(
        rb'warning: ' + NAMADDR + rb': SASL ' + ANY_TEXT + rb' authentication failed:(?: (?P<reason>.*))?\Z')),
    # warning: unknown[192.0.2.1]: SASL LOGIN authentication aborted
    (ABORTED, WARNING, ABORT, Lazy(
        rb'warning: ' + NAMADDR + rb': SASL ' + ANY_TEXT + ABORT + rb'\Z')),
    # 4D2A01C0F3: client=dyn1.isp.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@example.net
    (LOGIN, b'', b', sasl_method=', Lazy(
        rb'[0-9A-Za-z]+: client=' + NAMADDR + rb', sasl_method=' + MECHANISM +
        rb', sasl_username=(?P<username>.*?)(?:, sasl_sender=.*)?\Z')),
    # warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused
    (OUTAGE, WARNING, b'warning: SASL: ', Lazy(
        rb"warning: SASL: (?P<reason>(?:Connect to Dovecot auth socket|Couldn't send handshake"
        rb'|Protocol version mismatch).*)\Z')),
)
FAILED_MESSAGE = MESSAGES[0][3]         # the most frequent row
KINDS = dict([(reason, OUTAGE) for reason in patterns.OUTAGES] +
             [(reason, UNSUPPORTED) for reason in patterns.NO_MECHANISMS])
NAMED_MECHANISM = patterns.NO_MECHANISM + ": '"
Clock = Callable[[bytes], Optional[float]]      # stamps.Clock


def scan(block: bytes, clock: Clock, line=0, offset=-1) -> Iterator[Attempt]:
    """The Attempts of a block of whole lines, in their order.

    line: the number of the first line; 0: lines are not counted (faster).
    offset: of the block in the file; -1: not known.
    """
    counted = 0
    for start, end in lines_with(block, NEEDLES + NUMBERS if block.startswith(b'{') else NEEDLES):
        if line:
            line += block.count(b'\n', counted, start)
            counted = start
        attempt = read(block[start:end], clock, line, -1 if offset < 0 else offset + start)
        if attempt is not None:
            yield attempt


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


def read(text: bytes, clock, line=0, offset=-1) -> Optional[Attempt]:
    """The Attempt of one line without its end; None if it says nothing."""
    if text.endswith(b'\r'):
        text = text[:-1]
    head = HEAD.match(text)
    failed = FAILED_MESSAGE.match(text, head.end()) if head else None
    if head and failed:
        stamp, service = head.groups()
        address, mechanism, tail = failed.groups()
        client, when = address_of(address), clock(stamp)
        if client is None or when is None:
            return None
        kind, reason, username = verdict(FAILURE, text_of(tail))
        return Attempt(when, client, text_of(mechanism).upper(), text_of(service), username, 1, reason, kind,
                       line, offset)
    found = read_journal(text) if text.startswith(b'{') else read_other(text, head, clock)
    return None if found is None else found._replace(line=line, offset=offset)


def read_other(text: bytes, head, clock) -> Optional[Attempt]:
    """The Attempt of a line of any row of the table; head: the match of HEAD, or None."""
    if head is None:
        return None
    found = understood(text[head.end():], text_of(head.group('service')))
    if found is None:
        return None
    when = clock(head.group('stamp'))
    return None if when is None else found._replace(time=when)


def understood(message: bytes, service) -> Optional[Attempt]:
    """What a message of smtpd(8) says, without its time."""
    times = 1
    repeated = REPEATED.match(message) if message.startswith(b'message repeated ') else None
    if repeated:
        times, message = int(repeated.group(1)), repeated.group(2)
    for kind, begin, word, pattern in MESSAGES:
        match = pattern.match(message) if message.startswith(begin) and word in message else None
        if match:
            return attempt_of(kind, match.groupdict(), service, times)
    return None


def attempt_of(kind, fields: Dict[str, Optional[bytes]], service, times) -> Optional[Attempt]:
    """The Attempt of the fields of a line; None if its address is none."""
    client = address_of(fields['client']) if 'client' in fields else ''
    if client is None:
        return None
    kind, reason, username = verdict(kind, text_of(fields.get('reason')))
    if kind == LOGIN:
        username = text_of(fields['username'])
    return Attempt(0.0, client, text_of(fields.get('mechanism')).upper(), service, username, times, reason, kind, 0, -1)


def verdict(kind, reason):
    """(kind, reason, user name) of what stands behind `authentication failed: `."""
    if kind not in (FAILURE, UNSUPPORTED):
        return kind, reason, None
    reason, _, username = reason.partition(USERNAME)
    if kind == FAILURE:
        kind = UNSUPPORTED if reason.startswith(NAMED_MECHANISM) else KINDS.get(reason, FAILURE)
    return kind, reason, username if username not in ('', NO_USERNAME) else None


def text_of(raw) -> str:
    """Decoded; '' for None."""
    return raw.decode('utf-8', 'replace') if raw else ''


def read_journal(line: bytes) -> Optional[Attempt]:
    """The Attempt of one object of `journalctl -o json`; None if it says nothing."""
    import json
    try:
        entry = json.loads(line.decode('utf-8', 'replace'))
        message, when = entry.get('MESSAGE'), int(entry.get('__REALTIME_TIMESTAMP')) / 1e6
        if isinstance(message, list):       # what is no UTF-8 comes as numbers
            message = bytes(message)
        else:
            message = message.encode('utf-8', 'surrogatepass')
        # Set by journald itself: smtpd's lines come from smtpd, and not from logger(1).
        if entry.get('_COMM', 'smtpd') != 'smtpd':
            return None
        tag = TAG.match(entry.get('SYSLOG_IDENTIFIER').encode('utf-8', 'replace'))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    found = understood(message, text_of(tag.group('service'))) if tag and 0 <= when < LATEST else None
    return None if found is None else found._replace(time=when)
