"""What is wrong with an answer: read by Python's own email package, which the program does not use for it.

`faults(sent, step, template)` gives sentences; none: sound.  What holds for every answer is
checked for every answer, whatever the case is about.
"""
import email
import email.policy
import email.utils
import re
import socket
import time

# Every field that an answer may have, and whether it must.
FIELDS = {'from': True, 'to': True, 'subject': True, 'date': True, 'message-id': True, 'auto-submitted': True,
          'x-auto-response-suppress': True, 'mime-version': True, 'content-type': True,
          'content-transfer-encoding': True, 'x-loop': True, 'in-reply-to': False, 'references': False,
          'precedence': False, 'content-language': False, 'content-disposition': False}
FIELD = re.compile(rb'[!-9;-~]+:(?: |\n[ \t])[^\n]*(?:\n[ \t][^\n]*)*\Z')
MSG_ID = re.compile(r'<[!-;=?-~]+@[!-;=?-~]+>\Z')    # wider than RFC 5322: people's programs write `,` and two @
CONTROL = re.compile('[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]')
DATE = re.compile(r'(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4}\Z')
SECRET = b'SECRET-OF-THE-ORIGINAL-BODY'
SLACK_S = 600
SUBJECT_LIMIT = 256 + len('Auto: ')     # code points


def unfolded(field):
    """(lower-cased name, value) of one raw field."""
    name, _, value = field.partition(b':')
    return name.decode('ascii', 'replace').lower(), re.sub(rb'\n(?=[ \t])', b'', value).strip()


def fields_of(raw):
    """The raw fields of a mail, and faults in how they are written."""
    head, blank, _ = raw.partition(b'\n\n')
    found = re.split(rb'\n(?![ \t])', head)
    wrong = ['no empty line after the header'] if not blank else []
    wrong += ['malformed field {!r}'.format(one[:200]) for one in found if not FIELD.match(one)]
    wrong += ['a line of the header has only blanks' for one in head.split(b'\n') if not one.strip()]
    wrong += ['a header line of {} octets'.format(len(one)) for one in head.split(b'\n') if len(one) > longest(one)]
    return found, wrong


def longest(line):
    """Octets that a header line may have: 76 with encoded words (RFC 2047 s2).  In an address `=?` begins none (s5)."""
    return 76 if b'=?' in line and b'<' not in line and not line.startswith(b'To: ') else 998


def address_of(value):
    """The one address in a From or To value, as bytes as it is written; None when there is not one."""
    value = value.strip()
    found = re.match(rb'(?:.*\s)?<((?:"(?:[^"\\]|\\.)*"|[^<>"@]+)@[^<>@\s]+)>\Z', value, re.S)
    if found:
        return found.group(1)
    found = re.match(rb'((?:"(?:[^"\\]|\\.)*"|[^<>"@\s,;]+)@[^<>@\s,;]+)\Z', value)
    return found.group(1) if found else None


def same_address(one, other):
    """Whether two addresses are one, quoted or not; the domain in any case."""
    if one is None or other is None:
        return False
    return plain(one) == plain(other)


def plain(address):
    """Local part without needless quotes, and the domain in lower case."""
    local, _, domain = address.strip().rpartition(b'@')
    if local[:1] == b'"' == local[-1:]:
        local = re.sub(rb'\\(.)', rb'\1', local[1:-1])
    return local, domain.lower()


def envelope_faults(sent, sender):
    """How sendmail was called."""
    args = sent.args
    if b'--' not in args:
        return ['no -- in {}'.format(args)]
    options, recipients = args[:args.index(b'--')], sent.recipients()
    wrong = []
    if b'-i' not in options and b'-oi' not in options:
        wrong.append('no -i in {}'.format(options))
    if b'-t' in options:
        wrong.append('-t takes recipients from the header')
    given = [options[at + 1] for at, one in enumerate(options[:-1]) if one in (b'-f', b'-r')]
    given += [one[2:] for one in options if one[:2] == b'-f' and one != b'-f']
    if given not in ([b'<>'], [b'']):
        wrong.append('envelope sender {}'.format(given))
    notify = [options[at + 1] for at, one in enumerate(options[:-1]) if one == b'-N']
    if notify != [b'never']:
        wrong.append('-N {}'.format(notify))
    if len(recipients) != 1:
        return wrong + ['recipients {}'.format(recipients)]
    address = re.sub(rb'\A<(.*)>\Z', rb'\1', recipients[0], flags=re.S)
    if sender is None or not same_address(address, sender):
        wrong.append('goes to {!r} and not to {!r}'.format(recipients[0], sender))
    if address[:1] == b'-':
        wrong.append('recipient begins with -')
    if sender and sender[:1] == b'"' and address[:1] != b'"' and re.search(rb'[,;:()<>\[\] ]', address):
        wrong.append('recipient {!r} is read as a list'.format(address))
    return wrong


def header_faults(raw, step):
    """What every answer must hold, whoever asked."""
    found, wrong = fields_of(raw)
    pairs = [unfolded(one) for one in found]
    names = [name for name, _ in pairs]
    wrong += ['unexpected field {!r}'.format(one) for one in sorted(set(names) - set(FIELDS))]
    wrong += ['no field {}'.format(one) for one, must in FIELDS.items() if must and one not in names]
    wrong += ['field {} twice'.format(one) for one in sorted(set(names)) if names.count(one) > 1]
    value = dict(pairs)
    if value.get('auto-submitted', b'').split(b';')[0].split(b'(')[0].strip().lower() != b'auto-replied':
        wrong.append('Auto-Submitted: {!r}'.format(value.get('auto-submitted')))
    if value.get('x-auto-response-suppress', b'').lower() != b'all':
        wrong.append('X-Auto-Response-Suppress: {!r}'.format(value.get('x-auto-response-suppress')))
    if not same_address(address_of(value.get('from', b'')), step.original):
        wrong.append('From: {!r} and not {!r}'.format(value.get('from'), step.original))
    if not same_address(address_of(value.get('to', b'')), step.sender):
        wrong.append('To: {!r} and not {!r}'.format(value.get('to'), step.sender))
    made = b' '.join(value.get(name, b'') for name in ('from', 'x-loop', 'message-id'))
    if b'internal.example' in made and b'internal.example' not in step.original:
        wrong.append('it tells the name of a host within')      # RFC 3834 s3.1.1
    if step.original.lower() not in value.get('x-loop', b'').lower():
        wrong.append('X-Loop: {!r}'.format(value.get('x-loop')))
    wrong += identifier_faults(value)
    if any(byte > 127 for byte in raw.partition(b'\n\n')[0]) and not any(
            byte > 127 for byte in (step.sender or b'') + step.original):
        wrong.append('8-bit octets in the header')
    return wrong


def identifier_faults(value):
    """Message-ID, In-Reply-To, References, Date."""
    wrong = []
    for name, most in ('message-id', 1), ('in-reply-to', 1), ('references', None):
        ids = value.get(name, b'').decode('utf-8', 'replace').split()
        wrong += ['{} has {!r}'.format(name, one) for one in ids if not MSG_ID.match(one)]
        if name in value and (not ids or most and len(ids) != most):
            wrong.append('{} has {} ids'.format(name, len(ids)))
    own = value.get('message-id', b'').decode('utf-8', 'replace')
    if socket.gethostname() in own or '.' not in own.rpartition('@')[2]:
        wrong.append('Message-ID without a public domain: {}'.format(own))
    date = value.get('date', b'').decode('ascii', 'replace')
    if not DATE.match(date) or abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time()) > SLACK_S:
        wrong.append('Date: {!r}'.format(date))
    return wrong


def body_faults(raw, message, template):
    """The text of the answer is the template's, and nothing else."""
    wrong = []
    if message.defects or message.is_multipart() or message.get_content_type() != 'text/plain':
        wrong.append('not plain text: {} {}'.format(message.get_content_type(), message.defects))
    if (message.get_content_charset() or '').lower() != 'utf-8':
        wrong.append('charset {}'.format(message.get_content_charset()))
    if str(message['Content-Transfer-Encoding']).lower() not in ('quoted-printable', 'base64'):
        wrong.append('encoding {}'.format(message['Content-Transfer-Encoding']))
    try:
        text = message.get_payload(decode=True).decode('utf-8')
    except (UnicodeDecodeError, AttributeError) as error:
        return wrong + ['body: {}'.format(error)]
    if lines(text) != lines(template):
        wrong.append('body {!r}'.format(text[:300]))
    body = raw.partition(b'\n\n')[2]
    if any(len(one) > 78 for one in body.split(b'\n')) or b'\r' in raw or b'\0' in raw:
        wrong.append('long lines, CR or NUL')
    if re.search(rb'(?m)^(\.$|From )', body) or SECRET in raw:
        wrong.append('a lone dot, `From ` or the original body in the answer')
    return wrong


def lines(text):
    """Text as lines, without regard to how they end and to empty ones at the end."""
    return re.split('\r\n|\n', text.lstrip('\ufeff').rstrip('\r\n'))


def subject_of(message):
    """The subject as a person sees it; and faults."""
    text = str(message['Subject'])
    wrong = ['control characters in Subject {!r}'.format(text)] if CONTROL.search(text) else []
    wrong += ['Subject of {} characters'.format(len(text))] if len(text) > SUBJECT_LIMIT else []
    wrong += ['no Subject'] if not text.strip() or text.strip() == 'Auto:' else []
    return text, wrong


def wanted_faults(raw, message, wanted):
    """What this case asks for.

    subject: the text.  subject_has, subject_not: a part of it.  in_reply_to, references: the ids, None for no
    such field.  last, first: of References.  body_is: the text.  name: the display name of From.  language.
    """
    value = dict(unfolded(one) for one in fields_of(raw)[0])
    text, wrong = subject_of(message)
    ids = value.get('references', b'').decode('utf-8', 'replace').split()
    answered = value.get('in-reply-to')
    seen = {'subject': text, 'references': ' '.join(ids) or None, 'first': ids[0] if ids else None,
            'last': ids[-1] if ids else None,
            'in_reply_to': None if answered is None else answered.decode(),
            'language': str(message['Content-Language'])}
    if message['From'] is not None and message['From'].addresses:
        seen['name'] = message['From'].addresses[0].display_name
    for name, should in wanted.items():
        if name == 'subject_has':
            wrong += [] if should in text else ['{!r} is not in Subject {!r}'.format(should, text)]
        elif name == 'subject_not':
            wrong += [] if should not in text else ['{!r} is in Subject {!r}'.format(should, text)]
        elif name != 'body_is' and seen[name] != should:
            wrong.append('{} is {!r} and not {!r}'.format(name, seen[name], should))
    return wrong


def faults(sent, step, template):
    """All that is wrong with one answer, as sentences."""
    text = step.wanted.get('body_is', template)
    text = text.decode('utf-8') if isinstance(text, bytes) else text
    message = email.message_from_bytes(sent.raw, policy=email.policy.default)
    return (envelope_faults(sent, step.sender) + header_faults(sent.raw, step) + body_faults(sent.raw, message, text)
            + wanted_faults(sent.raw, message, step.wanted))
