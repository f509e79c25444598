"""Damaged mails: seeded mutations of real samples.

`mutant(sources(), seed)` is (name, raw).  A mutation is a function of the mail,
a random generator and some other mails; it returns the damaged mail.
"""
import base64
import heapq
import pathlib
import quopri
import random
import re
import zlib

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parents[2] / 'shared' / 'corpus' / 'bounces'

# What breaks parsers when it stands where something else is expected.
NASTY = (
    b'\x00', b'\xff\xfe', b'\xc3\x28', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xe2\x80\xa8', b'\x1b$B',
    b'\x1b(', b'\x85', b'\r', b'\n', b'\r\n\r\n', b'\n\n', b'\n.\n', b'\nFrom ', b'\n>From ', b'--', b'\n--',
    b'--\n', b'=', b'=\n', b'=ZZ', b'=?utf-8?q?', b'=?utf-8?b?=?=', b'=?x?y?z?=', b'=?iso-2022-jp?B?GyRC?=',
    b'@', b'@@', b'<', b'>', b'<>', b'"', b'\\', b'(', b')', b'((((', b';', b':', b'::', b',', b'%', b'%s',
    b'{}', b'\\x{110000}', b'\\x{d800}', b'\\x{}', b'+FF+00+', b'+=', b'a@b', b'<a@b', b'a@b>',
    b'user@[192.0.2.1]', b'"a b"@example.org', b'user@xn--', b'rfc822;', b'utf-8;', b'5.1.1', b'550',
    b'5.999.9999', b'550 5.1.1', b'99999999999999999999', b'Final-Recipient: rfc822; x@y.example\n',
    b'Status:\n', b'Status: 9.9.9\n', b'Action: \n', b'Diagnostic-Code: smtp;', b'Feedback-Type: abuse\n',
    b'Auto-Submitted: auto-replied\n', b'Content-Type: multipart/mixed; boundary=""\n',
    b'Content-Type: multipart/report; boundary="="\n', b'Content-Type: message/delivery-status\n',
    b'Content-Type: text/plain; charset=utf-16\n', b'Content-Type: text/html\n',
    b'Content-Transfer-Encoding: base64\n', b'Content-Transfer-Encoding: quoted-printable\n',
    b'Content-Transfer-Encoding: uuencode\n', b'Message-ID: <<>@>\n', b'Message-ID:\n <\n x@y>\n',
    b'Date: 99 Xyz 99999 99:99\n', b'Date: Mon, 31 Feb 2026 24:60:60 +9999\n',
    b'Date: Thu, 01 Jan 0000 00:00:00 -0000\n', b'Arrival-Date: 10000-01-01\n',
)

CHARSETS = (
    b'utf-7', b'utf-16', b'utf-32', b'idna', b'punycode', b'rot13', b'hex', b'zlib', b'undefined', b'x-none',
    b'\xff', b'unicode_escape', b'raw_unicode_escape', b'iso-2022-jp', b'cp65001', b'utf8\x00', b'', b'mbcs',
    b'base64',
)


def span(raw, rng, longest=400):
    """Two positions, at most `longest` apart, seldom very far."""
    start = rng.randrange(len(raw) + 1)
    return start, min(len(raw), start + rng.choice((1, 1, 2, 8, 40, longest, len(raw) // 4 + 1)))


def delete_bytes(raw, rng, others):
    start, end = span(raw, rng)
    return raw[:start] + raw[end:]


def duplicate_bytes(raw, rng, others):
    start, end = span(raw, rng)
    return raw[:end] + raw[start:end] * rng.choice((1, 1, 2, 20)) + raw[end:]


def swap_bytes(raw, rng, others):
    (first, second), (third, fourth) = sorted((span(raw, rng, 60), span(raw, rng, 60)))
    second, third = min(second, third), max(second, third)
    fourth = max(third, fourth)
    return raw[:first] + raw[third:fourth] + raw[second:third] + raw[first:second] + raw[fourth:]


def insert_bytes(raw, rng, others):
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + bytes(rng.randrange(256) for _ in range(rng.choice((1, 2, 9)))) + raw[at:]


def insert_nasty(raw, rng, others):
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(NASTY) * rng.choice((1, 1, 1, 2, 50)) + raw[at:]


def flip_bits(raw, rng, others):
    damaged = bytearray(raw)
    for _ in range(min(len(raw), rng.choice((1, 1, 5, 40)))):
        damaged[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def truncate(raw, rng, others):
    at = rng.randrange(len(raw) + 1)
    return raw[:at] if rng.random() < 0.7 else raw[at:]


def change_line_ends(raw, rng, others):
    new = rng.choice((b'\r', b'\r\n', b'\n\n', b' \n', b'\n\r', b'\r\r\n', b'\x0b', b''))
    return raw.replace(b'\n', new) if rng.random() < 0.5 else raw.replace(b'\n', new, rng.randrange(1, 40))


def change_case(raw, rng, others):
    start, end = span(raw, rng)
    return raw[:start] + rng.choice((bytes.upper, bytes.lower, bytes.swapcase))(raw[start:end]) + raw[end:]


def change_lines(raw, rng, others):
    """Delete, repeat, move, or bring in a line."""
    lines = raw.split(b'\n')
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[at:at + rng.choice((1, 1, 3, 12))]
    elif what == 1:
        lines[at:at] = lines[at:at + 2] * rng.choice((1, 2, 30))
    elif what == 2:
        lines[at], lines[to] = lines[to], lines[at]
    else:
        lines.insert(at, rng.choice(rng.choice(others).split(b'\n')))
    return b'\n'.join(lines)


FIELD = re.compile(rb'^[A-Za-z][A-Za-z-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*', re.M)


def change_fields(raw, rng, others):
    """Delete, repeat, empty, fold or rename a header field, of the mail or of a part."""
    fields = list(FIELD.finditer(raw[:200000]))
    if not fields:
        return raw
    field = rng.choice(fields)
    name, _, value = field.group().partition(b':')
    new = rng.choice(
        (
            b'',
            field.group() * 2,
            name + b':\n',
            name + b' :' + value,
            name + b':' + value.replace(b' ', b'\n ', 3),
            rng.choice(fields).group().partition(b':')[0] + b':' + value,
            name + b':\n' + value,
            b' ' + field.group(),
            name + b': ' + rng.choice(NASTY) + value,
            rng.choice(fields).group(),
        )
    )
    return raw[:field.start()] + new + raw[field.end():]


def change_parts(raw, rng, others):
    """Delete, repeat or exchange what stands between two boundary lines."""
    boundary = re.search(rb'(?i)boundary="?([^"\s;]{1,70})', raw)
    if not boundary:
        return raw
    marker = b'--' + boundary.group(1)
    parts = raw.split(marker)
    at, to = rng.randrange(len(parts)), rng.randrange(len(parts))
    what = rng.randrange(4)
    if what == 0:
        del parts[at]
    elif what == 1:
        parts.insert(at, parts[to])
    elif what == 2:
        parts[at], parts[to] = parts[to], parts[at]
    else:
        parts[at] = parts[at] + b'\n\n' + rng.choice(others)
    return marker.join(parts)


def damage_boundary(raw, rng, others):
    boundary = re.search(rb'(?i)boundary="?([^"\s;]{1,70})', raw)
    if not boundary:
        return raw
    value = boundary.group(1)
    old, new = rng.choice(
        (
            (value, value[:-1]),
            (value, b''),
            (b'--' + value + b'--', b''),
            (b'--' + value, b'-' + value),
            (b'--' + value + b'\n', b'--' + value + b'x\n'),
            (value, value * 20),
            (value, b'(' + value),
            (b'boundary', b'bundary'),
            (b'\n--' + value, b'\n--' + value + b'--\n--' + value),
            (value, b'-'),
        )
    )
    return raw.replace(old, new, rng.choice((1, 2, -1)))


def mislabel(raw, rng, others):
    """Another charset or transfer encoding than the part has."""
    if rng.random() < 0.5:
        count = rng.choice((1, 0))
        label = b'charset="' + rng.choice(CHARSETS)
        return re.sub(rb'(?i)charset="?[\w.-]*', lambda _: label, raw, count=count)
    encoding = rng.choice(
        (b'base64', b'quoted-printable', b'x-uuencode', b'binary', b'', b'8bit', b'base64base64')
    )
    return re.sub(rb'(?i)(transfer-encoding: *)[\w-]*', lambda old: old.group(1) + encoding, raw)


def encode_body(raw, rng, others):
    head, blank, body = raw.partition(b'\n\n')
    name, encode = rng.choice(((b'base64', base64.encodebytes), (b'quoted-printable', quopri.encodestring)))
    return head + b'\nContent-Transfer-Encoding: ' + name + b'\n\n' + encode(body)


def nest(raw, rng, others):
    """The mail, or another one, within itself: attached, returned, or pasted."""
    inner = rng.choice((raw, rng.choice(others)))
    for _ in range(rng.choice((1, 1, 3, 12))):
        if len(inner) > 300000:
            break
        inner = rng.choice(
            (
                b'Content-Type: multipart/mixed; boundary="n"\n\n--n\nContent-Type: message/rfc822\n\n'
                + inner
                + b'\n--n--\n',
                b'Content-Type: message/rfc822\n\n' + inner,
                inner + b'\n--- Below this line is a copy of the message.\n\n' + inner,
            )
        )
    at = rng.randrange(len(raw) + 1)
    return rng.choice((inner, raw[:at] + inner + raw[at:], raw + b'\n' + inner))


def giant_line(raw, rng, others):
    at = rng.randrange(len(raw) + 1)
    stuff = rng.choice(
        NASTY + (b'x', b' ', b'\t', b'a@b.example ', b'user unknown ', b'=?utf-8?q?a?= ', b'<a@b>: ')
    )
    return raw[:at] + stuff * (rng.choice((2000, 20000, 60000)) // len(stuff)) + raw[at:]


def header_flood(raw, rng, others):
    line = rng.choice(
        (
            b'X-Flood: %d\n',
            b'Received: from a by b; %d\n',
            b'To: u%d@example.org\n',
            b'Final-Recipient: rfc822; u%d@x\n',
            b' folded %d\n',
            b'Content-Type: multipart/mixed; boundary=b%d\n',
            b'nonsense %d\n',
        )
    )
    flood = b''.join(line % number for number in range(rng.choice((50, 500, 5000))))
    at = rng.choice((0, raw.find(b'\n') + 1, raw.find(b'\n\n') + 2))
    return raw[:at] + flood + raw[at:]


OFTEN = (
    delete_bytes,
    duplicate_bytes,
    swap_bytes,
    insert_bytes,
    insert_nasty,
    flip_bits,
    change_case,
    change_lines,
    change_fields,
    change_parts,
    damage_boundary,
    mislabel,
)
SELDOM = (truncate, change_line_ends, encode_body, nest, giant_line, header_flood)
MUTATIONS = OFTEN * 3 + SELDOM
LARGEST = 600000  # bytes; far larger mails are in pathological.py


def mutate(raw, rng, others):
    for _ in range(rng.choice((1, 1, 2, 3, 5, 12, 30))):
        raw = rng.choice(MUTATIONS)(raw or b'\n', rng, others)[:LARGEST]
    return raw


def sources(corpus=True):
    """(name, raw) of the repository's samples, and of the corpus when it stands beside the checkout."""
    paths = sorted((HERE / 'samples').glob('*.eml'))
    if corpus and CORPUS.is_dir():
        paths += sorted(CORPUS.glob('*/*.eml'))
    return [(path.name, path.read_bytes()) for path in paths]


def mutant(mails, seed):
    """(name, raw) of one mutant; a sample more leaves nearly all of them as they were."""
    drawn = heapq.nsmallest(4, mails, key=lambda mail: zlib.crc32('{}/{}'.format(seed, mail[0]).encode()))
    name, raw = drawn[0]
    return name, mutate(raw, random.Random(seed), [other for _, other in drawn])
