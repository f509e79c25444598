"""Whether an address stands in a mail, looked for without the reader's own code."""
import binascii
import functools
import html
import quopri
import re


def occurs(address, raw):
    return readings_of(raw).have(address.lower())


class Readings:
    """The texts of one mail, made one after the other as long as something is not found in them."""

    def __init__(self, raw):
        self.made = []
        self.more = readings(raw)

    def have(self, wanted):
        for number, text in enumerate(self.made):
            if wanted in text:      # the next address will stand there too: look there first
                self.made.insert(0, self.made.pop(number))
                return True
        for text in self.more:
            self.made.insert(0, text)
            if wanted in text:
                return True
        return False


@functools.lru_cache(maxsize=2)
def readings_of(raw):
    return Readings(raw)


def readings(raw):
    """The mail's text, in ever more indirect ways of reading it; lower case."""
    plain = texts_of(raw)
    outside = charsets_in(raw)
    yield from lower(plain)
    for encoded in (raw, raw.replace(b'\r\n', b'\n').replace(b'\r', b'\n')):
        for data in decoded(encoded):
            texts = texts_of(data, outside)
            for text in texts:
                yield text.lower()
                yield from lower(spelled(text))
    for text in plain:
        yield from lower(spelled(text))


def lower(texts):
    """In lower case, which comes last: &Lt; is another character than &lt;."""
    return (text.lower() for text in texts)


def charsets_in(data):
    return {name.decode('ascii').lower() for name in re.findall(rb'(?i)charset=["\']?([\w.-]{2,30})', data[:400000])}


def texts_of(data, outside=frozenset()):
    """The bytes in the charsets that they and the mail outside name, and the usual ones."""
    texts = []
    told = {'iso-2022-jp'} if b'\x1b$' in data or b'\x1b(' in data else set()       # it says so itself
    for charset in ['utf-8', 'latin-1'] + sorted(charsets_in(data) | outside | told):
        try:
            texts.append(data.decode(charset, 'replace'))
        except (LookupError, ValueError, AssertionError, TypeError):
            pass
    if told:                    # a line that does not end in ASCII garbles none but itself
        texts.append('\n'.join(line.decode('iso-2022-jp', 'replace') for line in data.split(b'\n')))
    return texts


BASE64_RUN = re.compile(rb'[A-Za-z0-9+/=]{4,}(?:[ \t]*\n\s*[A-Za-z0-9+/=]+)*')


def decoded(raw):
    """Quoted-printable undone everywhere, and whatever looks like base64."""
    yield quopri.decodestring(raw)
    yield re.sub(rb'=\n', b'', raw)
    yield b'\n'.join(from_base64(run.group()) for run in BASE64_RUN.finditer(raw))
    bodies = [part.partition(b'\n\n')[2] for part in raw.split(b'\n--')]
    for start in range(4):      # letters may be lost before it: each place may be where four of them begin
        yield b'\n'.join(from_base64(body, start) for body in bodies)


def from_base64(data, start=0):
    """What the letters of base64 among the bytes, from the given one on, stand for."""
    letters = re.sub(rb'[^A-Za-z0-9+/]', b'', data)[start:]
    letters = letters[:len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b'=' * (-len(letters) % 4))     # a last byte or two count as well


def spelled(text):
    """Spellings of an address: entities, tags within, RFC 6533 and xtext codes, VERP."""
    yield html.unescape(re.sub(r'<[^<>@]*>', '', text))
    yield html.unescape(re.sub(r'(?i)</?[a-z]{1,20}(?:\s[^<>]*)?>', '', text))
    yield html.unescape(text)
    yield re.sub(r'\s+', ' ', text)     # folded within a quoted local part
    yield re.sub(r'(?i)\\x\{([0-9a-f]{1,6})\}', lambda code: character(code.group(1)), text)
    yield re.sub(r'(?i)\+([0-9a-f]{2})', lambda code: character(code.group(1)), text)
    yield re.sub(r'[=#]', '@', text)
    yield re.sub(r'\s+', '', text)


def character(code):
    return chr(int(code, 16)) if int(code, 16) < 0x110000 else '?'
