"""Complaints: a reader pressed "this is spam", and the provider reports it.

RFC 5965 (ARF: message/feedback-report), RFC 6650 (its use), RFC 6591 (reports of
type auth-failure; they are complaints by form, and policy.py lets them suppress
nobody, since no recipient complained).  Providers redact the recipient; it is
looked for in the report, then in the headers that senders leave as a trace.
Apple Mail's "unsubscribe" is a mail of its own form, taken as an opt-out.
"""
import re
from typing import Dict, List, Optional, Tuple

from mailtools.bouncedmail.address import all_addresses, clean_address, key
from mailtools.bouncedmail.finding import Finding
from mailtools.bouncedmail.message import Message, body_text, fields_of
from mailtools.bouncedmail.notice import Notice
from mailtools.bouncedmail.verp import decode

NAME = 'rfc5965'
JMRP = re.compile(r'complaint about message from [0-9a-f.:]{7,45}\s*$')
REPORT_TYPE = 'message/feedback-report'
NO_COMPLAINT = ('not-spam',)        # RFC 6430

# Where a recipient is named, the surest first.
IN_REPORT = ('original-rcpt-to', 'removal-recipient', 'x-original-recipient')
IN_RETURNED = ('x-hmxmroriginalrecipient', 'to', 'x-original-to', 'delivered-to')
REPEATED = re.compile(r'^(Original-Rcpt-To|Removal-Recipient)[ \t]*:[ \t]*(.{1,998})$', re.I | re.M)


def read(message: Message, notice: Notice) -> Optional[List[Finding]]:
    """A finding for each complaining recipient (one without address if it was redacted); None if this is no report."""
    if message.fields.get('x-apple-unsubscribe', '').lower() == 'true':
        return [Finding(clean_address(message.fields.get('from', '')), kind='complaint', feedback_type='opt-out')]
    text = _report(message)
    if not text:
        return _jmrp(message, notice)
    fields = fields_of(text.strip('\n'))
    kind = fields.get('feedback-type', '').strip().lower() or 'abuse'
    shared = Finding(
        recipient=None, kind='other' if kind in NO_COMPLAINT else 'complaint', feedback_type=kind,
        source_ip=fields.get('source-ip', '').strip('[] ') or None, user_agent=fields.get('user-agent'),
        reporting_mta=_mta(fields.get('reporting-mta')), date=fields.get('arrival-date') or fields.get('received-date'))
    if shared.kind == 'other':
        return [shared]
    recipients = _recipients(text, notice.returned)
    return [shared._replace(recipient=recipient) for recipient in recipients] or [shared]


def _jmrp(message: Message, notice: Notice) -> Optional[List[Finding]]:
    """Outlook.com's complaints (JMRP) before they took the form of RFC 5965: a subject and the mail attached."""
    if not JMRP.match(message.fields.get('subject', '').lower()) or not notice.returned:
        return None
    shared = Finding(recipient=None, kind='complaint', feedback_type='abuse')
    return [shared._replace(recipient=one) for one in _recipients('', notice.returned)] or [shared]


def _report(message: Message) -> str:
    for part in message.parts:
        if part.type == REPORT_TYPE:
            return body_text(message, part)
    if 'feedback-report' in message.fields.get('content-type', '').lower():
        for part in message.parts:
            text = body_text(message, part)
            if re.search(r'^Feedback-Type[ \t]*:', text, re.I | re.M):
                return text
    return ''


def _mta(value: Optional[str]) -> Optional[str]:
    return (value.partition(';')[2] or value).strip() or None if value else None


def _recipients(report: str, returned: Dict[str, str]) -> Tuple[str, ...]:
    found: Dict[str, str] = {}
    for match in REPEATED.finditer(report):
        for address in all_addresses(match.group(2)):
            found.setdefault(key(address), address)
    traced = decode(clean_address(returned.get('return-path', '')) or '')
    if traced and (not found or all(one.startswith('redacted') for one in found)):
        return (traced,)
    if found:
        return tuple(found.values())
    for name in IN_RETURNED:
        addresses = all_addresses(returned.get(name))
        if len(addresses) == 1:
            if addresses[0].startswith('redacted') and traced:
                return (traced,)
            return addresses
    return ()
