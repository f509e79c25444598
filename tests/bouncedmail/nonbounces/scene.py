"""A Scene: who writes to whom, in which language, and how the mail is put together.

The mails are assembled from bytes by hand and not by the email package: what a
parser meets was written by a hundred programs, each with its own habits.
"""
import base64
import quopri
import time
from typing import List, NamedTuple, Tuple

from nonbounces import words

OUR_DOMAINS = ('mail1.example.com', 'mail2.example.com', 'news.example.com')


class Person(NamedTuple):
    name: str
    address: str


class Part(NamedTuple):
    """A MIME part: its header lines, and its body as it stands in the mail."""

    headers: List[Tuple[str, str]]
    body: bytes


class Scene:
    """Random choices, and the cast that they fell on."""

    def __init__(self, rng):
        self.rng = rng
        self.pick = rng.choice
        self.speak(rng.choice(sorted(words.WORDS)))
        self.sender = self.person()
        self.reader = self.person()
        self.third = self.person()  # whom a quoted bounce is about
        self.when = 1700000000 + rng.randrange(90000000)

    def speak(self, lang):
        self.lang, self.words = lang, words.WORDS[lang]

    def maybe(self, chance):
        return self.rng.random() < chance

    def number(self, low, high):
        return self.rng.randint(low, high)

    def token(self, length=10, letters='0123456789ABCDEFabcdefghijkmnpqrstuvwxyz'):
        return ''.join(self.pick(letters) for _ in range(length))

    def person(self):
        first, last = self.pick(words.FIRST_NAMES), self.pick(words.LAST_NAMES)
        form = self.pick(('{0}.{1}', '{0}', '{0}{1}', '{0}_{1}', '{0}-{1}', '{0}{1}{2}'))
        local = form.format(words.ascii_of(first), words.ascii_of(last), self.number(1, 99))
        return Person('{} {}'.format(first, last), '{}@{}'.format(local, self.domain()))

    def domain(self):
        return self.pick(('', '', 'mail.', 'mx.', 'corp.', 'uni.', 'shop.')) + self.pick(words.DOMAINS)

    def ip(self):
        return self.pick(('192.0.2.{}', '198.51.100.{}', '203.0.113.{}')).format(self.number(1, 254))

    def msgid(self, domain=None):
        return '<{}.{}@{}>'.format(self.number(10**9, 10**10), self.token(8), domain or self.domain())

    def date(self, offset_s=0):
        return time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(self.when + offset_s))

    def day(self, offset_days=0):
        return time.strftime('%Y-%m-%d', time.gmtime(self.when + offset_days * 86400))

    def prose(self, sentences=4):
        """Small talk; now and then with words that bounces use too."""
        lines = [self.pick(self.words['talk']) for _ in range(sentences)]
        if self.maybe(0.4):
            lines.insert(
                self.number(0, len(lines)),
                self.pick(self.words['tricky']).format(address=self.third.address, host=self.domain()),
            )
        return '\n'.join(lines)

    def letter(self, body):
        """`body` with a greeting and a signature in the scene's language."""
        return '{} {},\n\n{}\n\n{}\n{}\n'.format(
            self.words['hello'], self.reader.name, body, self.words['bye'], self.sender.name
        )


def encoded_word(scene, text):
    """RFC 2047, where the text needs it."""
    if all(' ' <= letter <= '~' for letter in text):
        return text
    pieces = [text[at:at + 12].encode('utf-8') for at in range(0, len(text), 12)]
    if scene.maybe(0.5):
        return '\n '.join('=?UTF-8?B?{}?='.format(base64.b64encode(piece).decode()) for piece in pieces)
    return '\n '.join(
        '=?utf-8?Q?{}?='.format(''.join('={:02X}'.format(byte) for byte in piece)) for piece in pieces
    )


def mailbox(scene, person):
    """`Name <address>` for a header field."""
    if not person.name:
        return scene.pick(('{}', '<{}>')).format(person.address)
    name = encoded_word(scene, person.name)
    quoted = name == person.name and (scene.maybe(0.5) or '.' in name or ',' in name)
    return ('"{}" <{}>' if quoted else '{} <{}>').format(name, person.address)


def transfer_encoded(data, encoding):
    if encoding == 'base64':
        return base64.encodebytes(data)
    if encoding == 'quoted-printable':
        return quopri.encodestring(data)
    return data


def text(scene, content, subtype='plain', charset=None, encoding=None, parameters=''):
    """A text part in one of the charsets of the language."""
    charset = charset or scene.pick(words.CHARSETS[scene.lang])
    try:
        data = content.encode(charset)
    except UnicodeEncodeError:
        charset, data = 'utf-8', content.encode('utf-8')
    plain = all(byte < 128 for byte in data)
    encoding = encoding or scene.pick(('7bit' if plain else '8bit', 'base64', 'quoted-printable'))
    headers = [
        (
            'Content-Type',
            'text/{}; charset={}{}'.format(subtype, scene.pick(('{}', '"{}"')).format(charset), parameters),
        )
    ]
    if encoding != '7bit' or scene.maybe(0.5):
        headers.append(('Content-Transfer-Encoding', encoding))
    return Part(headers, transfer_encoded(data, encoding))


def html(scene, content, link=None):
    """The same text as a web page, as mail programs write it."""
    escaped = content.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('\n', '<br>\n')
    button = '<p><a href="{0}" style="color:#06c">{0}</a></p>'.format(link) if link else ''
    page = (
        '<!DOCTYPE html><html><head><style>p {{font: 14px Arial}}</style><title></title></head>\n'
        '<body><table width="600"><tr><td><p>{}</p>{}</td></tr></table></body></html>\n'
    ).format(escaped, button)
    return text(scene, page, 'html')


def alternative(scene, content, link=None):
    """multipart/alternative, or just one of the two."""
    if scene.maybe(0.3):
        return text(scene, content)
    if scene.maybe(0.2):
        return html(scene, content, link)
    return multipart(scene, 'alternative', [text(scene, content), html(scene, content, link)])


def data(content_type, content, name=None, encoding='base64', disposition='attachment'):
    """An attachment."""
    headers = [('Content-Type', content_type + ('; name="{}"'.format(name) if name else ''))]
    if encoding not in ('7bit', None):
        headers.append(('Content-Transfer-Encoding', encoding))
    if name:
        headers.append(('Content-Disposition', '{}; filename="{}"'.format(disposition, name)))
    return Part(headers, transfer_encoded(content, encoding))


def fields(*blocks, content_type):
    """A part of header-like blocks with blank lines between, as in RFC 3464, 8098 and 5965."""
    body = '\n'.join(''.join('{}: {}\n'.format(name, value) for name, value in block) for block in blocks)
    return Part([('Content-Type', content_type)], body.encode('utf-8'))


def multipart(scene, subtype, parts, parameters=''):
    boundary = scene.pick(('----=_Part_{}', '{}', '=_{}', '_000_{}_', '===============15{}==')).format(
        scene.token(16)
    )
    preamble = b'This is a multi-part message in MIME format.\n\n' if scene.maybe(0.3) else b''
    marker = b'--' + boundary.encode()
    body = preamble + b''.join(
        marker + b'\n' + header_block(part.headers) + b'\n' + ended(part.body) + b'\n' for part in parts
    )
    return Part(
        [('Content-Type', 'multipart/{}; {}\n\tboundary="{}"'.format(subtype, parameters, boundary))],
        body + marker + b'--\n',
    )


def ended(body):
    return body if body.endswith(b'\n') or not body else body + b'\n'


def header_block(headers):
    return b''.join('{}: {}\n'.format(name, value).encode('utf-8') for name, value in headers)


def whole(scene, part, subject, sender=None, extra=(), null_sender=False, to=None, received=None):
    """The mail as local(8) hands it over: envelope lines, header, body."""
    sender, to = sender or scene.sender, to or scene.reader
    host = sender.address.rpartition('@')[2] or scene.domain()
    headers = envelope(scene, '' if null_sender else sender.address)
    for step in range(scene.number(1, 3) if received is None else received):
        headers.append(
            (
                'Received',
                'from {} ({} [{}])\n\tby {} (Postfix) with ESMTPS id {}\n\tfor <{}>; {}'.format(
                    host,
                    host,
                    scene.ip(),
                    scene.pick(OUR_DOMAINS),
                    scene.token(10),
                    to.address,
                    scene.date(-step),
                ),
            )
        )
    if scene.maybe(0.3):
        headers.append(
            (
                'DKIM-Signature',
                'v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=s1;\n\th=from:to:subject;'
                ' bh={}=; b={}='.format(host, scene.token(43), scene.token(64)),
            )
        )
    shown = [
        ('From', mailbox(scene, sender)),
        ('To', mailbox(scene, to)),
        ('Subject', encoded_word(scene, subject)),
        ('Date', scene.date()),
        ('Message-ID', scene.msgid(host)),
        ('MIME-Version', '1.0'),
    ]
    scene.rng.shuffle(shown)
    headers += shown + list(extra) + part.headers
    return header_block(headers) + b'\n' + part.body


def envelope(scene, return_path):
    """What local(8) writes; the mail may have come to a VERP address of ours."""
    if scene.maybe(0.2):
        return []
    ours = scene.pick(OUR_DOMAINS)
    local = scene.pick(('bounces', 'bounces', 'bounces+' + scene.sender.address.replace('@', '=')))
    return [
        ('Return-Path', '<{}>'.format(return_path)),
        ('X-Original-To', '{}@{}'.format(local, ours)),
        ('Delivered-To', '{}@{}'.format(local, ours)),
    ]


def line_ends(scene, raw):
    """LF as local(8) gives it, sometimes CRLF, seldom CR; sometimes behind an mbox `From ` line."""
    if scene.maybe(0.1):
        raw = (
            b'From '
            + scene.sender.address.encode()
            + b' '
            + time.asctime(time.gmtime(scene.when)).encode()
            + b'\n'
            + raw
        )
    return raw.replace(b'\n', scene.pick((b'\n',) * 7 + (b'\r\n',) * 2 + (b'\r',)))
