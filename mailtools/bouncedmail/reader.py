"""What a mail reports: bytes in, a Report out; nothing is opened, stored or sent.

The order of work: split the mail, let the formats say who failed (a machine's
report before prose, prose before guesses), ask the words and codes why, and
take from the returned mail what identifies it.
"""
import re
from typing import Dict, List, Optional, Tuple

from mailtools.bouncedmail import dates, reasons, signs, verp
from mailtools.bouncedmail.address import clean_address, key
from mailtools.bouncedmail.finding import Finding, status_in
from mailtools.bouncedmail.formats import freetext, rfc3464, rfc3834, rfc5965, sns
from mailtools.bouncedmail.message import Message, split
from mailtools.bouncedmail.notice import Notice, squeeze
from mailtools.bouncedmail.report import HARD, SOFT, Event, Report, Wanted
from mailtools.bouncedmail.why import Why, Words, why_of
from mailtools.bouncedmail.words import decode_words

MAX_EVENTS = 20000          # of one mail


NOTHING_MORE = Wanted()


def read(raw: bytes, wanted: Wanted = NOTHING_MORE) -> Report:
    """What a mail says, whatever it is; never raises.

    raw: the mail with any line ends, with or without an mbox `From ` line.
    A mail that breaks this program is an event of kind `other` with the error.
    """
    try:
        return read_unguarded(raw, wanted)
    except Exception as error:      # input comes from strangers: one mail must not stop the others
        said = '{}: {}'.format(type(error).__name__, error)[:300]
        return Report((Event(rule='error', diagnostic=clean(said)),), error=clean(said))


def read_unguarded(raw: bytes, wanted: Wanted = NOTHING_MORE) -> Report:
    """As read(), but an error of this program is raised: for tests."""
    message = split(raw)
    notice = Notice(message)
    subject = decode_words(message.fields.get('subject', ''))
    name, findings = _findings(message, notice, subject, wanted)
    shared = _shared(message, notice, wanted)
    words = Words(notice, findings)
    events = tuple(_event(finding, name, words, shared) for finding in findings[:MAX_EVENTS])
    if wanted.verp_domains:
        events = _by_return_path(events, verp.verp_recipient(
            message.fields, wanted.verp_delimiters, wanted.verp_domains))
    return Report(
        events or (shared._replace(kind='other'),), message_id=shared.message_id, subject=clean(subject) or None,
        envelope=_envelope(message.fields),
        text=_printable(notice.prose[:wanted.text_limit]) if wanted.text_limit else '')


def _findings(message: Message, notice: Notice, subject: str, wanted: Wanted) -> Tuple[str, List[Finding]]:
    """Who failed, and which format said so."""
    found = rfc5965.read(message, notice)
    if found:
        return rfc5965.NAME, found
    letter = signs.by_a_person(message.fields, subject)
    found = None if letter else rfc3464.read(message)
    if found and not any(one.recipient for one in found):       # a local path where an address should be: Exim
        told = freetext.read(message, notice, signs.read_signs(message.fields, subject, notice.text, notice.returned))
        found = [one._replace(status=found[0].status, diagnostic=one.diagnostic) for one in told or ()]
    if not found and not signs.is_reply(subject) and (signs.from_system(message.fields) or not message.fields):
        found = rfc3464.read_text(message)
    if found:
        return rfc3464.NAME, found
    found = sns.read(message)
    if found:
        notice.returned = sns.returned_fields(message)
        return sns.NAME, found
    seen = signs.read_signs(message.fields, subject, notice.text, notice.returned)
    automatic = not seen.daemon and rfc3834.is_autoreply(message.fields, subject)
    if not automatic or (not rfc3834.says_reply(subject) and signs.came_back(seen, subject, notice.returned)):
        found = freetext.read(message, notice, seen, known=not automatic)
        if found:
            return freetext.NAME, found
    if automatic:
        return rfc3834.NAME, [Finding(None, kind='autoreply')]
    if signs.is_notice(seen) and (seen.returned or seen.code or (seen.daemon and signs.null_path(message.fields))):
        recipient = verp.verp_recipient(message.fields, wanted.verp_delimiters, wanted.verp_domains)
        if recipient:
            return 'verp', [_by_verp(recipient, message, notice)]
    return '', []


FAILED = ('bounce', 'delay')


def _by_return_path(events: Tuple[Event, ...], recipient: Optional[str]) -> Tuple[Event, ...]:
    """The same events; what failed is about the one recipient that a return path of ours names, if it names one.

    That is the address we mailed, and must not mail again, wherever the mail was forwarded to from there; and
    whoever else the text blames had no mail with this return path.
    """
    failed = [event for event in events if event.kind in FAILED]
    if not recipient or not failed:
        return events
    address = key(clean(recipient))
    about = next((event for event in failed if address in (key(event.recipient), key(event.original_recipient))),
                 failed[0])
    if address != key(about.recipient):
        about = about._replace(recipient=clean(recipient), original_recipient=None)
    return tuple(event for event in events if event.kind not in FAILED) + (about,)


def _by_verp(recipient: str, message: Message, notice: Notice) -> Finding:
    kind = 'delay' if signs.is_delay(message.fields.get('subject', ''), notice.text) else 'bounce'
    return Finding(recipient, kind=kind, action='delayed' if kind == 'delay' else 'failed',
                   status=status_in(notice.text), diagnostic=squeeze(notice.text, 400), own=notice.text[:6000])


SEVERITY = {True: HARD, False: SOFT}


def _event(finding: Finding, name: str, words: Words, shared: Event) -> Event:
    """The event of one finding; `shared` holds what all events of a mail have in common."""
    event = shared._replace(
        kind=finding.kind, recipient=clean(finding.recipient), format=name,
        original_recipient=clean(finding.original_recipient), action=clean(finding.action),
        reporting_mta=clean(finding.reporting_mta), remote_mta=clean(finding.remote_mta),
        feedback_type=clean(finding.feedback_type), source_ip=clean(finding.source_ip),
        user_agent=clean(finding.user_agent), bounced_at=dates.utc(finding.date) or shared.bounced_at)
    if finding.kind == 'complaint':
        return event._replace(reason='feedback', rule='report of type {}'.format(clean(finding.feedback_type)))
    if finding.kind == 'autoreply':
        return event._replace(reason='vacation', rule='automatic reply')
    if finding.kind == 'other':
        delivered = (finding.status or '').startswith('2') or finding.action in ('delivered', 'relayed', 'expanded')
        return event._replace(reason='delivered' if delivered else None, status=finding.status,
                              status_explicit=bool(finding.status), diagnostic=clean(finding.diagnostic) or None)
    return _with_reason(event, finding, why_of(finding, words))


def _with_reason(event: Event, finding: Finding, why: Why) -> Event:
    temporary = why.status.startswith('4') and (
        why.verdict.reason == 'notaccept' or not (why.verdict.certain and why.verdict.rule.startswith('words')))
    hard = why.verdict.reason in reasons.HARD_REASONS and finding.kind == 'bounce' and not temporary
    return event._replace(
        status=why.status, status_explicit=why.explicit, severity=SEVERITY[hard], reason=why.verdict.reason,
        rule=why.verdict.rule, diagnostic=clean(finding.diagnostic) or None, smtp_reply=why.reply,
        smtp_command=why.command)


def _shared(message: Message, notice: Notice, wanted: Wanted) -> Event:
    """What all events of a mail have in common: the bounce's own identity and the returned mail's."""
    fields, returned = message.fields, notice.returned
    kept = {name: clean(decode_words(returned[name.lower()])) or ''
            for name in wanted.headers if name.lower() in returned}
    return Event(
        bounced_at=dates.utc(fields.get('date')), message_id=message_id(fields.get('message-id')),
        original_message_id=original_message_id(message, notice),
        original_sender=clean(clean_address(returned.get('from') or returned.get('return-path') or '')),
        original_subject=clean(decode_words(returned.get('subject', ''))) or None,
        original_date=dates.utc(returned.get('date')), list_id=clean(returned.get('list-id')),
        feedback_id=clean(returned.get('feedback-id')), headers=kept)


MESSAGE_ID = re.compile(r'<([^<>\s]{1,998})>')
IN_TEXT = re.compile(r'\bMessage-Id[ \t]{0,4}:[ \t]{0,4}\n?[ \t]{0,8}<([^<>\s]{1,998})>', re.I)


def message_id(value: Optional[str]) -> Optional[str]:
    """The identifier in a Message-ID field (RFC 5322 3.6.4), with its brackets gone, or as it stands."""
    if not value:
        return None
    found = MESSAGE_ID.search(value)
    return clean(found.group(1) if found else value.split()[0].strip('<>')) if value.strip() else None


def original_message_id(message: Message, notice: Notice) -> Optional[str]:
    """The Message-ID of the returned mail: from its header, or wherever the mail quotes it.

    A mail system that returns no header says what it answers (RFC 5322 3.6.4): Exchange, Gmail, Exim.
    """
    found = message_id(notice.returned.get('message-id'))
    if found:
        return found
    for text in (notice.quoted, notice.text):
        quoted = IN_TEXT.search(text)
        if quoted:
            return clean(quoted.group(1))
    if signs.from_system(message.fields):
        for name in ('in-reply-to', 'references'):
            answered = MESSAGE_ID.findall(message.fields.get(name, ''))
            if len(answered) == 1:          # a thread does not tell which of its mails
                return clean(answered[0])
    return None


def _envelope(fields: Dict[str, str]) -> Dict[str, str]:
    """The envelope as local(8) wrote it into the mail."""
    names = (('return_path', 'return-path'), ('original_to', 'x-original-to'), ('delivered_to', 'delivered-to'))
    return {name: clean(fields[field]) or '' for name, field in names if field in fields}


UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')


def clean(text: Optional[str]) -> Optional[str]:
    """A text from a stranger on one line: no control characters, nothing that is not UTF-8, at most 2000 characters."""
    if not text:
        return None
    text = text[:2000]
    return (text if text.isprintable() else UNSAFE.sub(' ', text)).strip() or None


def _printable(text: str) -> str:
    """A text of several lines without NUL and what is not UTF-8."""
    return re.sub('[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]', '', text)
