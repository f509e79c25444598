"""The values that bouncedmail passes around: what one mail reports, and about whom.

Pure values: every module of the program may import this one, it imports none.
"""
from typing import Any, Dict, NamedTuple, Optional, Tuple

KINDS = ('bounce', 'complaint', 'delay', 'autoreply', 'other')
HARD, SOFT = 'hard', 'soft'


class Event(NamedTuple):
    """What a mail says of one recipient; the fields of `bouncedmail parse` in their order.

    Text fields are str without control characters (diagnostic: one line), or
    None where the mail says nothing.
    """

    kind: str = 'other'                     # one of KINDS
    recipient: Optional[str] = None         # address, domain in lower case
    original_recipient: Optional[str] = None  # RFC 3464 2.3.1, where it differs
    action: Optional[str] = None            # RFC 3464 2.3.3: failed, delayed, delivered, ...
    status: Optional[str] = None            # RFC 3463, like 5.1.1
    status_explicit: bool = False           # stated in the mail, or made up from the reason
    severity: Optional[str] = None          # hard: do not mail this address again; soft: do
    reason: Optional[str] = None            # see reasons.REASONS
    rule: Optional[str] = None              # which rule gave the reason: what to quote to a victim
    format: Optional[str] = None            # which reader understood the mail
    diagnostic: Optional[str] = None        # what the refusing server said
    smtp_reply: Optional[str] = None        # three digits, RFC 5321 4.2
    smtp_command: Optional[str] = None      # in reply to what: CONN EHLO MAIL RCPT DATA ...
    reporting_mta: Optional[str] = None
    remote_mta: Optional[str] = None
    bounced_at: Optional[str] = None        # when, UTC: 2026-11-22T21:19:37Z
    message_id: Optional[str] = None        # the bounce's own, without <>
    original_message_id: Optional[str] = None   # that of the mail that came back, without <>
    original_sender: Optional[str] = None
    original_subject: Optional[str] = None
    original_date: Optional[str] = None     # as bounced_at
    list_id: Optional[str] = None
    feedback_id: Optional[str] = None
    feedback_type: Optional[str] = None     # RFC 5965 3.1, and RFC 6650, in lower case
    source_ip: Optional[str] = None         # RFC 5965
    user_agent: Optional[str] = None
    headers: Dict[str, str] = {}            # of the returned mail: those that were asked for


class Report(NamedTuple):
    """What one mail says.

    events: never empty; a mail in which nothing was found has one event of
        kind `other`.
    envelope: return_path, original_to, delivered_to, as local(8) wrote them,
        those that are there.
    text: the mail's text for people to read, decoded, bounded.
    error: why the mail could not be read, else None.
    """

    events: Tuple[Event, ...]
    message_id: Optional[str] = None
    subject: Optional[str] = None
    envelope: Dict[str, str] = {}
    text: str = ''
    error: Optional[str] = None


class Wanted(NamedTuple):
    """What the settings ask of the reader beyond its own knowledge."""

    headers: Tuple[str, ...] = ()           # names of headers of the returned mail to keep
    verp_delimiters: str = '+-'             # Postfix: default_verp_delimiters has += ; see verp.py
    verp_domains: Tuple[str, ...] = ()      # domains whose envelope senders are ours, so VERP is believed
    text_limit: int = 65536                 # characters of Report.text


def as_object(event: Event, source: str) -> Dict[str, Any]:
    """The JSON object of one event."""
    fields = {'source': source}
    fields.update(event._asdict())
    return fields


class Mail(NamedTuple):
    """One returned mail on its way from the spool to the database."""

    id: str                 # SHA-256, hex, of raw
    received_at: str        # when it came into the spool, UTC: 2026-11-22T21:19:37Z
    host: str               # the mail server that took it
    raw: bytes              # as it came, without the mbox `From ` line of local(8)
    report: Report
