"""What the answer looks like: RFC 3834 s3.  Pure: Mail, Template and time in, bytes out.

No part of the original but its Subject and Message-IDs goes into it, so that
nobody can have his spam carried by us; both are taken apart and built anew.
"""
import binascii
import time

from mailtools.autoreply import words
from mailtools.autoreply.address import written
from mailtools.autoreply.marks import uncommented
from mailtools.autoreply.template import sender_parts

DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')        # untranslated
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
PREFIX = 'Auto: '           # RFC 5230 s5.3
NO_SUBJECT = 'Automatic reply'
SUBJECT_LIMIT = 256         # characters
ID_LIMIT = 900              # octets of a Message-ID; a line holds 998
REFERENCES = 20             # Message-IDs at most
LONG_TEXT = 65536           # bytes from which base64 is used, which is quick


def answer_of(mail, template, now, unique):
    """The answer as bytes, lines ending in LF.

    now: seconds since the epoch.  unique: text that no other answer has.
    """
    name, address = sender_parts(template.sender)
    address = address or mail.recipient
    name = name or mail.settings.from_name
    domain = mail.settings.message_id_domain or address.rpartition('@')[2]
    fields = [
        ('From', '{} <{}>'.format(words.phrase(name), address) if name else address),
        ('To', written(mail.sender)),
        ('Date', date(now)),
        ('Message-ID', '<autoreply.{}@{}>'.format(unique, domain))]
    old = message_id(mail.head)
    if old:
        fields.append(('In-Reply-To', old))
        fields.append(('References', ' '.join(references(mail.head, old))))
    fields += [
        ('Auto-Submitted', 'auto-replied'),
        ('X-Auto-Response-Suppress', 'All'),
        ('Precedence', 'bulk'),
        ('X-Loop', mail.recipient)]
    if template.language:
        fields.append(('Content-Language', template.language))
    way, body = encoded_body(template.body)
    fields += [
        ('MIME-Version', '1.0'),
        ('Content-Type', 'text/plain; charset=utf-8'),
        ('Content-Transfer-Encoding', way)]
    head = [words.folded(name, value.split(' ')) for name, value in fields]
    head.insert(2, words.field('Subject', subject(mail.head, template)))
    return b''.join(head) + b'\n' + body


def subject(head, template):
    """The Subject: that of the template, or the old one behind `Auto: `."""
    if template.subject:
        return words.flat(template.subject)
    old = words.decoded(head.first(b'subject') or b'')
    return (PREFIX + old)[:SUBJECT_LIMIT].rstrip() if old else NO_SUBJECT


def date(now):
    """RFC 5322 3.3, in UTC."""
    at = time.gmtime(now)
    return '{}, {:02d} {} {} {:02d}:{:02d}:{:02d} +0000'.format(
        DAYS[at.tm_wday], at.tm_mday, MONTHS[at.tm_mon - 1], at.tm_year, at.tm_hour, at.tm_min, at.tm_sec)


def message_id(head):
    """The Message-ID of the mail, '' when it has none that can be repeated."""
    value = head.first(b'message-id')
    if value is None:
        return ''
    found = ids_in(value)
    alone = value.strip() if b'(' not in value else uncommented(value).encode('latin-1')
    return found[0] if len(found) == 1 and len(alone) == len(found[0]) else ''


def ids_in(value):
    """The Message-IDs of a field, RFC 5322 3.6.4, each once; broken ones are left out.

    value: bytes.
    """
    found: list = []
    place = 0
    while True:
        start = value.find(b'<', place)
        end = value.find(b'>', start) if start >= 0 else -1
        if end < 0:
            return found
        place = end + 1
        one = value[value.rfind(b'<', start, end):end + 1].decode('latin-1')
        good = len(one) <= ID_LIMIT and '@' in one[2:-2] and all('!' <= letter <= '~' for letter in one)
        if good and one not in found[-1:]:
            found.append(one)


def references(head, old):
    """The References of the answer; those in the middle are left out where they are many.

    old: the Message-ID that is answered.
    """
    found = [one for value in head.all(b'references')[:1] for one in ids_in(value)]
    if not found:
        found = [one for value in head.all(b'in-reply-to')[:1] for one in ids_in(value)]
        found = found if len(found) == 1 else []
    found = [one for one in found if one != old] + [old]
    return found[:1] + found[-(REFERENCES - 1):] if len(found) > REFERENCES else found


def encoded_body(text):
    """(transfer encoding, bytes) of the text: quoted-printable, or base64 where that is
    shorter, or the text is long.

    Either way no line is long, and none begins with a dot or `From `.
    """
    data = text.encode('utf-8')
    quoted = quoted_printable(data) if len(data) < LONG_TEXT else None
    if quoted and len(quoted) * 3 <= len(data) * 4 + 300:
        return 'quoted-printable', quoted
    data = data.replace(b'\n', b'\r\n')         # RFC 2045 6.8: the canonical line end
    lines = [binascii.b2a_base64(data[place:place + 57]) for place in range(0, len(data), 57)]
    return 'base64', b''.join(lines)


def quoted_printable(data):
    """RFC 2045 6.7, lines of 76 octets at most; data: bytes that end in LF."""
    lines = []
    for given in data[:-1].split(b'\n'):
        line = ''
        for place, code in enumerate(given):
            last = place == len(given) - 1
            plain = 33 <= code <= 126 and code != 61 or code in (9, 32) and not last
            if not line and (code == 46 or given.startswith(b'From ', place)):
                plain = False
            one = chr(code) if plain else '={:02X}'.format(code)
            if len(line) + len(one) > (76 if last else 75):
                lines.append(line + '=')
                line = '={:02X}'.format(code) if code == 46 or given.startswith(b'From ', place) else one
            else:
                line += one
        lines.append(line)
    return ('\n'.join(lines) + '\n').encode('ascii')
