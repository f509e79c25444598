"""Delivery status notifications: the fields that a machine wrote for a machine.

RFC 3464 (message/delivery-status), RFC 6533 (message/global-delivery-status).
Found by their fields rather than by the type of the part: some systems send
them as text/plain, some mails come as a piece without MIME header.
"""
import re
from typing import Dict, Iterator, List, Optional, Set

from mailtools.bouncedmail.address import key, typed_address
from mailtools.bouncedmail.finding import Finding, status_in
from mailtools.bouncedmail.message import RETURNED_TYPES, Message, body_text, fields_of, is_encoded

NAME = 'rfc3464'
RECEIPT_TYPE = 'message/disposition-notification'    # RFC 8098, has a Final-Recipient too
REPORT_BYTES = 16 * 1024 * 1024     # of a report that are read: some 100,000 recipients
STATUS_TYPES = ('message/delivery-status', 'message/global-delivery-status')
RECIPIENT_FIELDS = ('final-recipient', 'original-recipient', 'x-actual-recipient')
OF_A_RECIPIENT = ('action', 'status', 'diagnostic-code')
FIELD_START = re.compile(rb'\n[ \t>]{0,8}(?:Final|Original)-Recipient[ \t]{0,4}:', re.I)
REPORT_START = re.compile(r'^[ \t>]*(?:Reporting-MTA|Final-Recipient|Original-Recipient|Action|Arrival-Date'
                          r'|Original-Envelope-Id|Status)[ \t]*:', re.I | re.M)
BLOCKS = re.compile(r'\n[ \t]*\n')

# RFC 3464 2.3.3, and words that systems put there instead
KINDS = {
    'failed': 'bounce', 'failure': 'bounce', 'fail': 'bounce', 'error': 'bounce', 'undeliverable': 'bounce',
    'expired': 'bounce', 'rejected': 'bounce', 'bounced': 'bounce', 'delayed': 'delay', 'delay': 'delay',
    'delivered': 'other', 'relayed': 'other', 'expanded': 'other', 'deliverable': 'other', 'success': 'other',
}


# What an action means for us, in the five words of RFC 3464 2.3.3
ACTIONS = {'bounce': 'failed', 'delay': 'delayed', 'other': 'delivered'}


def read(message: Message) -> Optional[List[Finding]]:
    """All recipients of the report, the delivered ones too; None if the mail holds no such report."""
    texts = [body_text(message, part, REPORT_BYTES) for part in message.parts if part.type in STATUS_TYPES]
    found = [one for text in texts for one in _findings(text)]
    return found or None


def read_text(message: Message) -> Optional[List[Finding]]:
    """The same from a report that stands in a text: only for mail of a mail system, since people forward reports."""
    for part in message.parts:
        if part.type in RETURNED_TYPES or part.type in STATUS_TYPES or part.type == RECEIPT_TYPE:
            continue
        end = min(part.end, part.start + 65536)
        if is_encoded(part) or FIELD_START.search(message.raw, max(0, part.start - 1), end):
            text = body_text(message, part)
            start = REPORT_START.search(text) if 'inal-recipient' in text.lower() else None
            found = _findings(text[start.start():]) if start else []
            if found:
                return found
    return None


def _findings(text: str) -> List[Finding]:
    about_mail: Dict[str, str] = {}
    groups: List[Dict[str, str]] = []
    for fields in _groups(text):
        if any(name in fields for name in RECIPIENT_FIELDS):
            groups.append(fields)
        elif groups and not any(name in groups[-1] for name in OF_A_RECIPIENT):
            for name, value in fields.items():      # an empty line within the group of a recipient
                groups[-1].setdefault(name, value)
        elif not groups:
            for name, value in fields.items():
                about_mail.setdefault(name, value)
    merged: Dict[str, Finding] = {}
    for fields in groups:
        one = _finding(fields, about_mail)
        if one and (key(one.recipient) not in merged or one.kind == 'bounce'):
            merged[key(one.recipient)] = one
    return list(merged.values())


def _groups(text: str) -> Iterator[Dict[str, str]]:
    """The groups of fields: RFC 3464 2.1 parts them by an empty line, some systems by nothing."""
    for block in BLOCKS.split(text.strip('\n')):
        if block.lower().count('final-recipient') < 2:
            yield fields_of(block)
            continue
        lines: List[str] = []
        seen: Set[str] = set()
        for line in block.split('\n'):
            name = line.partition(':')[0].strip().lower()
            if name in RECIPIENT_FIELDS and name in seen:
                yield fields_of('\n'.join(lines))
                lines, seen = [], set()
            seen.add(name)
            lines.append(line)
        yield fields_of('\n'.join(lines))


def _finding(fields: Dict[str, str], about_mail: Dict[str, str]) -> Optional[Finding]:
    action = re.split(r'[\s(;]', fields.get('action', about_mail.get('action', '')).strip().lower())[0]
    stated = fields.get('status') or about_mail.get('status', '')
    status = status_in(stated)
    final = typed_address(fields.get('final-recipient', ''))
    original = typed_address(fields.get('original-recipient', ''))
    actual = typed_address(fields.get('x-actual-recipient', ''))
    recipient = _global(final, actual, original) or final or actual or original
    if 'disposition' in fields or not (action or status):
        return None
    other = original if original and key(original) != key(recipient) else None
    kind, words = _diagnostic(fields.get('diagnostic-code', ''))
    kind_of = KINDS.get(action) or _kind_by_status(status)
    comment = stated.partition('(')[2].rstrip(') ') if '(' in stated else ''
    return Finding(
        recipient=recipient, original_recipient=other,
        kind=kind_of, action=action if action in ('relayed', 'expanded') else ACTIONS[kind_of], status=status,
        diagnostic=words, diagnostic_type=kind,
        around=comment + '\n' + fields.get('x-powermta-bouncecategory', ''),
        reporting_mta=_host(about_mail.get('reporting-mta') or fields.get('reporting-mta')),
        remote_mta=_host(fields.get('remote-mta')),
        date=fields.get('last-attempt-date') or about_mail.get('arrival-date') or fields.get('arrival-date'))


def _global(*addresses: Optional[str]) -> Optional[str]:
    """The first address that others can write to: Final-Recipient may have a name of the inside, user@ims-ms-daemon."""
    return next((one for one in addresses if one and set('.:') & set(one.rpartition('@')[2])), None)


def _kind_by_status(status: Optional[str]) -> str:
    return {'2': 'other', '4': 'delay'}.get((status or '5')[0], 'bounce')


def _diagnostic(value: str) -> List[str]:
    """Type and text of a Diagnostic-Code, RFC 3464 2.3.6; the type may be missing."""
    kind, semicolon, words = value.partition(';')
    if semicolon and re.match(r'[A-Za-z][\w-]{0,30}$', kind.strip()):
        return [kind.strip().lower(), words.strip()]
    return ['', value.strip()]


def _host(value: Optional[str]) -> Optional[str]:
    """The name in `dns; mx.example.org (192.0.2.1)`, RFC 3464 2.1.2 (mta-name-type)."""
    if not value:
        return None
    name = value.partition(';')[2] or value
    words = name.split()
    return words[0].strip('<>()[]') or None if words else None
