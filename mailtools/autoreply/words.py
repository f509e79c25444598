"""Encoded words, RFC 2047: strangers' Subjects into text, and text into header fields.  Pure.

The email package does both, but takes four times as long to load as the interpreter, and
its default limit makes lines of 77 octets where RFC 2047 allows 76.
"""
import binascii

RAW_LIMIT = 32768           # bytes of a Subject that are looked at
FIRST, LATER = 76, 75       # octets of an encoded word's line, of which one is the blank
AROUND = len('=?utf-8?b??=')
CONTROL: dict = {code: ' ' for code in list(range(32)) + list(range(127, 160)) + [0x2028, 0x2029]}
CONTROL.update({code: None for code in list(range(0x202a, 0x202f)) + list(range(0x2066, 0x206a)) + [0xfeff]})


def decoded(value):
    """The text of an unstructured field on one line, whatever it holds.

    value: bytes.  Line ends, NUL and the like may come out of encoded words: they
    become blanks here, after decoding; marks that turn the direction of writing go.
    """
    value = value[:RAW_LIMIT]
    parts, place, after_word = [], 0, False
    while True:
        start = value.find(b'=?', place)
        if start < 0:
            break
        word = encoded_word(value, start)
        if word is None:
            parts.append(raw_text(value[place:start + 2]))
            place, after_word = start + 2, False
            continue
        between, (text, end) = value[place:start], word
        if between.strip() or not after_word:
            parts.append(raw_text(between))
        parts.append(text)
        place, after_word = end, True
    parts.append(raw_text(value[place:]))
    return flat(''.join(parts))


def encoded_word(value, start):
    """(text, place behind it) of the encoded word at `start`, None when it is none."""
    marks = [start + 1]
    for _ in range(3):
        marks.append(value.find(b'?', marks[-1] + 1))
        if marks[-1] < 0:
            return None
    end = marks[3]
    charset, way, data = value[marks[0] + 1:marks[1]], value[marks[1] + 1:marks[2]].lower(), value[marks[2] + 1:end]
    if value[end:end + 2] != b'?=' or b' ' in charset or not charset:
        return None
    try:
        if way == b'b':
            plain = binascii.a2b_base64(data + b'==')
        elif way == b'q':
            plain = binascii.a2b_qp(data, header=True)
        else:
            return None
        return text_in(plain, charset.partition(b'*')[0]), end + 2     # *: a language, RFC 2231
    except (ValueError, LookupError):
        return None


def text_in(data, charset):
    """The text of bytes in a character set; LookupError for one that is none."""
    name = charset.decode('ascii').lower()
    if name in ('idna', 'punycode', 'unicode_escape', 'unicode-escape', 'raw_unicode_escape',
                'raw-unicode-escape', 'undefined', 'mbcs', 'oem'):
        raise LookupError(name)     # codecs of Python, not of mail; some are slow
    return data.decode(name, 'replace')


def raw_text(data):
    """Bytes that are not encoded as they should be: UTF-8, or else Latin-1."""
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return data.decode('latin-1')


def flat(text):
    """The text on one line, blanks joined, nothing left in it that could end a field."""
    text = text.translate(CONTROL).encode('utf-8', 'replace').decode('utf-8')
    return ' '.join(text.split())


def field(name, text):
    """One header field, folded, as bytes with its line end; what is not ASCII in encoded words.

    text: str, flat.
    """
    if is_ascii(text) and '=?' not in text:
        return folded(name, text.split(' '))
    return folded(name, encoded_words(text, FIRST - len(name) - 2))


def phrase(text):
    """A display name, RFC 5322 3.2.5: as it is, quoted, or in encoded words."""
    if not is_ascii(text) or '=?' in text:
        return ' '.join(encoded_words(text, 60))
    if all(one.isalnum() or one in " !#$%&'*+-/=?^_`{|}~" for one in text):
        return text
    return '"{}"'.format(text.replace('\\', '\\\\').replace('"', '\\"'))


def folded(name, words):
    """`Name: word word`, new lines begun so that none is longer than 76 octets where words allow it."""
    lines, line = [], name + ':'
    for word in words:
        if len(line) + 1 + len(word) > FIRST and line.strip() and line != name + ':':
            lines.append(line)
            line = ''
        line += ' ' + word
    lines.append(line)
    return ('\n'.join(lines) + '\n').encode('utf-8', 'replace')


def encoded_words(text, first):
    """The text as encoded words; the first at most `first` octets long, the others LATER."""
    found, part, room = [], b'', (first - AROUND) // 4 * 3
    for one in text:
        octets = one.encode('utf-8', 'replace')
        if len(part) + len(octets) > room and part:
            found.append(part)
            part, room = b'', (LATER - AROUND) // 4 * 3
        part += octets
    found.append(part)
    return ['=?utf-8?b?{}?='.format(binascii.b2a_base64(one).decode('ascii').strip()) for one in found]


def is_ascii(text):
    """True when all characters are ASCII (str.isascii is of 3.7)."""
    return len(text) == len(text.encode('utf-8', 'replace'))
