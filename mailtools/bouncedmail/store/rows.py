"""What is written of a mail: a Mail in, rows of the tables out, and back.

Pure.  Text comes from strangers: what no database can hold (NUL, halves of
UTF-16 pairs) becomes U+FFFD here, so that no mail is refused for it; the raw
mail is kept as it came.
"""
import json
import zlib

from mailtools.bouncedmail.policy import key_of
from mailtools.bouncedmail.report import Event
from mailtools.bouncedmail.store.tables import EVENT, KEY_LIMIT, MAIL

ZLIB_LEVEL = 1          # measured on bounces of 6 kB: level 6 costs more than all the rest of a mail
ADDRESS_LIMIT = 320     # RFC 3696 3: 64 + @ + 255; a longer one can't be mailed

_TEXTS = tuple(name for name, kind in EVENT.columns if name in Event._fields and kind.startswith('text'))


def storable(text):
    """The text, with U+FFFD for what is no character in a database; None stays None."""
    if text is None:
        return None
    if '\0' in text:
        text = text.replace('\0', '\ufffd')
    try:
        text.encode('utf-8')
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text


def searched(text):
    """A value of an indexed column, as it is stored and as it is asked for."""
    text = storable(text)
    return text[:KEY_LIMIT] if text else None


def mail_row(mail):
    """The row of the table `mail`."""
    report, envelope = mail.report, mail.report.envelope
    return (mail.id, mail.received_at, storable(mail.host),
            storable(envelope.get('return_path')), storable(envelope.get('original_to')),
            storable(envelope.get('delivered_to')), searched(report.message_id), storable(report.subject),
            len(mail.raw), storable(report.error), storable(report.text), zlib.compress(mail.raw, ZLIB_LEVEL))


def event_rows(mail):
    """The rows of the table `event`, one an event."""
    return [_event_row(mail, number, event) for number, event in enumerate(mail.report.events)]


def _event_row(mail, number, event):
    event = Event(*[storable(value) if isinstance(value, str) else value for value in event])
    address, domain = keys_of(event.recipient)
    return (mail.id, number, mail.received_at, address, domain) + event._replace(
        reason=searched(event.reason), original_message_id=searched(event.original_message_id),
        headers=headers_text(event.headers))


def keys_of(recipient):
    """(address, domain) as they are compared; (None, None) for what is no address that could be mailed."""
    if not recipient or len(recipient) > ADDRESS_LIMIT:
        return None, None
    address = key_of(storable(recipient))
    return address, address.rpartition('@')[2] if '@' in address else None


def headers_text(headers):
    """The JSON of the headers: ASCII, so that no character of a stranger is lost on the way."""
    if not headers:
        return '{}'
    return json.dumps({storable(name): storable(value) for name, value in headers.items()}, sort_keys=True)


def event_of(row):
    """(mail id, number, received_at, Event) of a row of the table `event`."""
    fields = dict(zip(EVENT.names, row))
    headers = fields['headers']
    fields['headers'] = json.loads(headers) if isinstance(headers, str) else headers
    fields['status_explicit'] = bool(fields['status_explicit'])
    return (fields['mail_id'], fields['number'], fields['received_at'],
            Event(**{name: fields[name] for name in Event._fields}))


def mail_of(row):
    """The columns of a row of the table `mail` by name, `raw` as it came, or None where it was purged."""
    fields = dict(zip(MAIL.names, row))
    if fields['raw'] is not None:
        fields['raw'] = zlib.decompress(bytes(fields['raw']))
    return fields
