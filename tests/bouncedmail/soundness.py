"""What must hold for whatever is read from a mail, damaged or not.

`faults(raw, report, seconds)` says what is wrong: a reader may understand a
damaged mail or not, but it may not break, hang, invent, or give out what the
database and people's terminals cannot take.
"""
import json
import re
import unicodedata

from spelling import occurs

from mailtools.bouncedmail.reasons import REASONS
from mailtools.bouncedmail.report import HARD, KINDS, SOFT, as_object

# No blanks outside of quotes (RFC 5321 4.1.2), nothing that could not be decoded.
ADDRESS = re.compile(r'(?:"[^"\n\ufffd]*"|[^\s"\ufffd]+)@[^\s\ufffd]+\Z')
STATUS = re.compile(r'[245]\.\d{1,3}\.\d{1,3}\Z')
REPLY = re.compile(r'[2-5]\d\d\Z')
MOMENT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z')
ACTIONS = (None, 'failed', 'delayed', 'delivered', 'relayed', 'expanded')
FORMS = {'status': STATUS, 'smtp_reply': REPLY, 'bounced_at': MOMENT, 'original_date': MOMENT}


def faults(raw, report, seconds):
    """What is wrong with the report, a sentence each."""
    wrong = []
    if seconds > 1:
        wrong.append('took {:.1f} s'.format(seconds))
    if report.error:
        wrong.append('error: {}'.format(report.error))
    if not report.events:
        wrong.append('no event')
    if '\0' in report.text or not sound(report.text):
        wrong.append('text that no database takes')
    wrong += [
        '{} of the report: {!r}'.format(name, value)
        for name, value in dict(report.envelope, message_id=report.message_id, subject=report.subject).items()
        if not harmless(value)
    ]
    for event in report.events:
        wrong += event_faults(event, raw)
    return wrong


def event_faults(event, raw):
    wrong = [
        '{}: {!r}'.format(name, value)
        for name, value in event._asdict().items()
        if isinstance(value, str) and not harmless(value)
    ]
    wrong += ['{}: {!r}'.format(name, value) for name, value in event.headers.items() if not harmless(value)]
    wrong += [
        'form of {}: {!r}'.format(name, getattr(event, name))
        for name, form in sorted(FORMS.items())
        if getattr(event, name) is not None and not form.match(getattr(event, name))
    ]
    wrong += [
        '{} outside the vocabulary: {!r}'.format(name, getattr(event, name))
        for name, allowed in (
            ('kind', KINDS),
            ('action', ACTIONS),
            ('reason', (None,) + tuple(REASONS)),
            ('severity', (None, HARD, SOFT)),
        )
        if getattr(event, name) not in allowed
    ]
    if (event.severity is None) == (event.kind in ('bounce', 'delay')):
        wrong.append('severity {} of a {}'.format(event.severity, event.kind))
    try:
        json.dumps(as_object(event, 'x'), ensure_ascii=False).encode('utf-8')
    except (TypeError, ValueError) as error:
        wrong.append('no JSON: {}'.format(error))
    for address in {event.recipient, event.original_recipient} - {None}:
        if not ADDRESS.match(address):
            wrong.append('no address: {!r}'.format(address))
        elif not occurs(address, raw):
            wrong.append('invented: {!r}'.format(address))
    return wrong


def sound(text):
    """Whether the text can be written as UTF-8."""
    return not any('\ud800' <= letter <= '\udfff' for letter in text)


def harmless(value):
    """Whether a value may go to a database and a terminal: one line, no control characters."""
    return value is None or sound(value) and not any(unicodedata.category(letter) == 'Cc' for letter in value)
