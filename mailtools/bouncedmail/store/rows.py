"""What is written of a mail: a Mail in, rows of the tables out, and back.

Pure.  Text comes from strangers: what no database can hold (NUL, halves of
UTF-16 pairs, dates that no calendar has) is mended here, so that no mail is
refused for it; the raw mail is kept as it came.
"""
import datetime
import json
import re
import zlib

from mailtools.bouncedmail.policy import key_of
from mailtools.bouncedmail.report import Event
from mailtools.bouncedmail.store.tables import EVENT, KEY_LIMIT, MAIL, WORD_LIMIT

# RFC 1950, by measurement: level 6 saves 3 % of space for 40 % more time, and the memory
# that a full window takes costs a bounce of a few kB as much as its compression.
ZLIB_LEVEL = 1
ZLIB_SMALL, ZLIB_SMALL_WINDOW = 16384, 13   # octets, and the base 2 logarithm of the window for up to so many
ADDRESS_LIMIT = 320     # RFC 3696 3: 64 + @ + 255; a longer one can't be mailed
LIMITS = {              # characters of the fields of Event that have an index
    'original_message_id': KEY_LIMIT,
    'reason': WORD_LIMIT,
    'severity': WORD_LIMIT,
    'format': WORD_LIMIT,
}
TIMES = ('bounced_at', 'original_date')
# 2026-11-22T21:19:37Z, of a day that every month has and a year that a calendar has.
_TIME = re.compile(r'(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])'
                   r'T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}Z\Z')


def storable(text):
    """The text, with U+FFFD for what is no character in a database; None stays None."""
    if text is None or is_storable(text):
        return text
    return text.replace('\0', '\ufffd').encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def is_storable(text):
    """Whether a database takes the text as it is."""
    try:
        text.encode('utf-8')
    except UnicodeEncodeError:
        return False
    return '\0' not in text


def searched(text, limit=KEY_LIMIT):
    """A value of an indexed column, as it is stored and as it is asked for."""
    return None if text is None else storable(text)[:limit]


def real_time(text):
    """The time, or None where no calendar has it; the year 0 and leap seconds are no use to anyone."""
    try:
        datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%SZ')
    except (TypeError, ValueError):
        return None
    return text


def mail_row(mail):
    """The row of the table `mail`."""
    report, envelope = mail.report, mail.report.envelope
    return (mail.id, mail.received_at, storable(mail.host),
            storable(envelope.get('return_path')), storable(envelope.get('original_to')),
            storable(envelope.get('delivered_to')), searched(report.message_id), storable(report.subject),
            len(mail.raw), storable(report.error), storable(report.text), compressed(mail.raw))


def compressed(raw):
    """The mail as it is stored."""
    window = ZLIB_SMALL_WINDOW if len(raw) <= ZLIB_SMALL else zlib.MAX_WBITS
    packer = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, window)
    return packer.compress(raw) + packer.flush()


def event_rows(mail):
    """(Event as it is stored, its row of the table `event`) of each event of a mail."""
    stored = [event if _is_plain(event) else _mended(event) for event in mail.report.events]
    return [(event, _event_row(mail, number, event)) for number, event in enumerate(stored)]


def _event_row(mail, number, event):
    address, domain = keys_of(event.recipient)
    return (mail.id, number, mail.received_at, address, domain) + event[:-1] + (headers_text(event.headers),)


def _is_plain(event):
    """Whether the fields can be stored as they are: nearly always, so it is asked all at once."""
    texts = [value for value in event if value.__class__ is str]
    return (is_storable(''.join(texts))
            and all(len(getattr(event, name) or '') <= limit for name, limit in LIMITS.items())
            and all(time is None or _is_time(time) for time in (event.bounced_at, event.original_date)))


def _is_time(text):
    """Cheap and strict: days 29 to 31 are left to real_time()."""
    return _TIME.match(text) is not None


def _mended(event):
    texts = {name: storable(value) for name, value in event._asdict().items() if isinstance(value, str)}
    keys = {name: searched(texts.get(name), limit) for name, limit in LIMITS.items()}
    times = {name: real_time(texts.get(name)) for name in TIMES}
    return event._replace(**dict(texts, **dict(keys, **times)))


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
