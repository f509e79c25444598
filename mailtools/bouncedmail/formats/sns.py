"""Notifications of Amazon SES as they come by mail from SNS: a bounce as a JSON object in the text.

Source: Amazon SES, "Notification contents for Amazon SNS" (notificationType,
bounce.bouncedRecipients, complaint.complainedRecipients).
"""
import json
import re
from typing import Any, Dict, List, Optional

from mailtools.bouncedmail.address import clean_address
from mailtools.bouncedmail.finding import Finding, command_in, reply_in, status_in
from mailtools.bouncedmail.message import Message, body_text, is_encoded
from mailtools.bouncedmail.notice import squeeze

NAME = 'sns'
AMAZON = re.compile(r'@(?:[a-z0-9-]+\.)*(?:amazonaws|amazonses)\.com(?:\.cn)?\b')


def read(message: Message) -> Optional[List[Finding]]:
    """The recipients of a notification; None if the text is not such an object."""
    found = _of(message)
    return _findings(found) if found else None


def _of(message: Message) -> Optional[Dict[str, Any]]:
    """The notification in a mail of Amazon's own; people send such objects to each other too."""
    author = message.fields.get('from')
    if author is not None and not AMAZON.search(author.lower()):
        return None
    for part in message.parts[:3]:
        start = message.raw[part.start:part.start + 4096].lstrip()[:1]
        attached = part.fields.get('content-disposition', '').lower().startswith('attachment')
        if not attached and (start == b'{' or is_encoded(part)):
            found = _notification(body_text(message, part))
            if found:
                return found
    return None


def returned_fields(message: Message) -> Dict[str, str]:
    """The header of the mail that a notification is about: mail.headers, or else mail.commonHeaders."""
    found = _of(message) or {}
    about = found.get('mail')
    about = about if isinstance(about, dict) else {}
    fields = {str(one.get('name', '')).lower(): str(one.get('value', '')) for one in _objects(about.get('headers'))}
    common = about.get('commonHeaders')
    for name, value in (common if isinstance(common, dict) else {}).items():
        name = 'message-id' if name == 'messageId' else str(name).lower()
        fields.setdefault(name, ', '.join(map(str, value)) if isinstance(value, list) else str(value))
    if about.get('messageId'):
        fields.setdefault('message-id', str(about['messageId']))
    return fields


def _notification(text: str) -> Optional[Dict[str, Any]]:
    """The JSON object, from within SNS's own if it is wrapped; lines that mail folded are joined."""
    text = text.lstrip()
    if not text.startswith('{'):
        return None
    unfolded = ''.join(line[1:] if line[:1] == ' ' else line for line in text.split('\n'))
    for candidate in (text, unfolded):
        try:
            found, _ = json.JSONDecoder(strict=False).raw_decode(candidate)
            if isinstance(found, dict) and isinstance(found.get('Message'), str):
                found = json.loads(found['Message'], strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and ('notificationType' in found or 'eventType' in found):
            return found
    return None


def _findings(found: Dict[str, Any]) -> List[Finding]:
    kind = str(found.get('notificationType') or found.get('eventType')).lower()
    about = found.get(kind)
    about = about if isinstance(about, dict) else {}
    if kind == 'bounce':
        return [_bounced(one, about) for one in _objects(about.get('bouncedRecipients'))]
    if kind == 'complaint':
        return [_complained(one, about) for one in _objects(about.get('complainedRecipients'))]
    if kind == 'delivery':
        return [Finding(clean_address(str(one)), kind='other', action='delivered', status='2.0.0')
                for one in about.get('recipients') or () if isinstance(one, str)]
    return []


def _objects(value: Any) -> List[Dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _bounced(one: Dict[str, Any], about: Dict[str, Any]) -> Finding:
    words = squeeze(str(one.get('diagnosticCode') or about.get('bounceSubType') or ''))
    kind, semicolon, said = words.partition(';')
    said = said.strip() if semicolon and kind.isalpha() else words
    return Finding(
        recipient=clean_address(str(one.get('emailAddress', ''))), kind='bounce', action='failed',
        status=status_in(str(one.get('status') or '')), diagnostic=said, around=str(about.get('bounceSubType', '')),
        command=command_in(said) if reply_in(said) else None,
        reporting_mta=str(about.get('reportingMTA') or '').partition(';')[2].strip() or None,
        date=str(about.get('timestamp') or '') or None)


def _complained(one: Dict[str, Any], about: Dict[str, Any]) -> Finding:
    return Finding(
        recipient=clean_address(str(one.get('emailAddress', ''))), kind='complaint',
        feedback_type=str(about.get('complaintFeedbackType') or 'abuse').lower(),
        user_agent=str(about.get('userAgent') or '') or None, date=str(about.get('timestamp') or '') or None)
