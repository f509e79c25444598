"""Mails made to exhaust whoever reads them: huge, deep, endless, or aimed at a pattern.

CASES: name -> function without arguments that makes the mail; GIANTS: those
above 20 MB.  `aimed_at(patterns, size)` yields (name, raw) with the strings that
the package's own regular expressions repeat, in each place where a mail has text.
"""
import base64
import importlib
import re
import sys

try:
    import re._parser as sre_parse  # its name since Python 3.11
except ImportError:
    import sre_parse

MB = 1024 * 1024
NAMED = (
    b'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\nTo: bounces@mail1.example.com\n'
    b'Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\nMessage-ID: <1@mx.example.net>\n'
)
REPORT = NAMED + b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
SAID = (
    b'--b\nContent-Type: text/plain\n\nThis is the mail system at host mx.example.net.\n\n'
    b'<user@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 User unknown\n\n'
)
STATUS = (
    b'--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n'
    b'Final-Recipient: rfc822; user@example.org\nAction: failed\nStatus: 5.1.1\n'
    b'Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n'
)
RETURNED = (
    b'--b\nContent-Type: message/rfc822\n\nFrom: info@mail1.example.com\nTo: user@example.org\n'
    b'Subject: offer\nMessage-ID: <42@mail1.example.com>\n\n'
)
LINE = b'Lorem ipsum dolor sit amet, consectetur <adipiscing@example.net> elit, 550 5.1.1 user unknown.\n'


def report(returned=b'', said=b'', status=b''):
    """A DSN of Postfix's form with the given bytes added to its parts."""
    return REPORT + SAID + said + b'\n' + STATUS + status + b'\n' + RETURNED + returned + b'\n--b--\n'


def text(body, fields=b''):
    return NAMED + fields + b'\n' + body


def prose(said, fields=b''):
    """A bounce in Exim's form, which has no machine's part, with `said` in its text."""
    return text(
        b'This message was created automatically by mail delivery software.\n\n'
        b'A message that you sent could not be delivered to one or more of its\n'
        b'recipients. This is a permanent error. The following address(es) failed:\n\n'
        + said
        + b'\n  user@example.org\n    SMTP error from remote mail server after RCPT TO:<user@example.org>:\n'
        b'    550 5.1.1 user unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n'
        b'Return-path: <info@mail1.example.com>\nFrom: info@mail1.example.com\nTo: user@example.org\n'
        b'Message-ID: <42@mail1.example.com>\n\nHello\n',
        fields,
    )


def large_report(megabytes=21):
    return report(returned=LINE * (megabytes * MB // len(LINE)))


def large_attachment(megabytes=100):
    return report(returned=base64.encodebytes(bytes(range(256)) * 4) * (megabytes * MB // 1384))


def nested_multiparts(depth):
    opened = b''.join(
        b'--n%d\nContent-Type: multipart/mixed; boundary="n%d"\n\n' % (level - 1, level)
        for level in range(1, depth)
    )
    return NAMED + b'Content-Type: multipart/mixed; boundary="n0"\n\n' + opened + SAID.partition(b'\n')[2]


def nested_messages(depth):
    return report(returned=b'Content-Type: message/rfc822\n\n' * depth + LINE)


def many_parts(number):
    return (
        REPORT
        + SAID
        + b'--b\nContent-Type: text/plain\n\nuser unknown <user@example.org>\n' * number
        + STATUS
        + b'--b--\n'
    )


def many_recipients(number):
    return report(
        status=b''.join(
            b'Final-Recipient: rfc822; u%d@example.org\nAction: failed\nStatus: 5.1.1\n\n' % one
            for one in range(1, number)
        )
    )


def many_free_recipients(number):
    return text(
        b"Hi. This is the qmail-send program at mx.example.net.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        + b''.join(
            b'<u%d@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n' % one
            for one in range(number)
        )
    )


def prefix_boundaries(number):
    """--b, --bb, --bbb ...: each is a prefix of the next; RFC 2046 5.1.2 says how they are told apart."""
    opened = b''.join(
        b'--' + b'b' * level + b'\nContent-Type: multipart/mixed; boundary="' + b'b' * (level + 1) + b'"\n\n'
        for level in range(1, number)
    )
    return REPORT + opened + LINE + b''.join(b'--' + b'b' * level + b'--\n' for level in range(number, 0, -1))


CASES = {
    '21 MB report': large_report,
    '5 MB body of one line': lambda: text(b'user unknown ' * (5 * MB // 13)),
    '5 MB line in a report': lambda: report(said=b'x' * (5 * MB)),
    '10,000 parts': lambda: many_parts(10000),
    '800-fold multipart': lambda: nested_multiparts(800),
    '5,000-fold multipart': lambda: nested_multiparts(5000),
    '20,000-fold message': lambda: nested_messages(20000),
    '100,000 recipients': lambda: many_recipients(100000),
    '100,000 recipients in words': lambda: many_free_recipients(100000),
    'a million header lines': lambda: b'X-A: b\n' * 1000000 + report(),
    'a million fields of different names': lambda: (
        b''.join(b'X-%d: b\n' % one for one in range(1000000)) + report()
    ),
    'a million folded lines': lambda: b'X-A: b\n' + b' c\n' * 1000000 + report(),
    'a field of 10 MB': lambda: b'X-A: ' + b'b' * (10 * MB) + b'\n' + report(),
    'a Subject of 10 MB': lambda: b'Subject: ' + b'b ' * (5 * MB) + b'\n' + report(),
    'a Content-Type of 2 MB': lambda: (
        b'Content-Type: multipart/mixed' + b'; a="b"' * (2 * MB // 7) + b'\n\n' + LINE
    ),
    'a boundary of 1 MB': lambda: (
        b'Content-Type: multipart/mixed; boundary="' + b'b' * MB + b'"\n\n--' + b'b' * MB + b'\n\n' + LINE
    ),
    'boundaries that are prefixes': lambda: prefix_boundaries(200),
    'a million empty parts': lambda: REPORT + b'--b\n' * 1000000,
    'a million closed parts': lambda: REPORT + b'--b--\n' * 1000000,
    '1 MB of From lines': lambda: text(b'From user@example.org\n' * (MB // 22)),
    '1 MB of Final-Recipient': lambda: report(status=b'Final-Recipient:\n' * (MB // 17)),
    '1 MB of Final-Recipient on one line': lambda: report(status=b'Final-Recipient:' * (MB // 16)),
    '1 MB of empty lines in the status': lambda: report(status=b'\n' * MB),
    '1 MB of comments in a field': lambda: b'From: ' + b'(' * MB + b'\n' + report(),
    '1 MB of quotes in a field': lambda: b'To: ' + b'"' * MB + b'\n' + report(),
    '1 MB of encoded words': lambda: b'Subject: ' + b'=?utf-8?q?a?= ' * (MB // 14) + b'\n' + report(),
    '1 MB of begun encoded words': lambda: b'Subject: ' + b'=?utf-8?q?' * (MB // 10) + b'\n' + report(),
    '1 MB of tags': lambda: text(b'<' * MB, b'Content-Type: text/html\n'),
    '1 MB of begun tags': lambda: text(b'<a href="' * (MB // 9), b'Content-Type: text/html\n'),
    '1 MB of begun comments': lambda: text(b'<!--' * (MB // 4), b'Content-Type: text/html\n'),
    '1 MB of begun styles': lambda: text(b'<style>' * (MB // 7), b'Content-Type: text/html\n'),
    '1 MB of entities': lambda: text(b'&#' * (MB // 2), b'Content-Type: text/html\n'),
    '1 MB of quoted-printable': lambda: text(b'=' * MB, b'Content-Transfer-Encoding: quoted-printable\n'),
    '1 MB of soft line breaks': lambda: text(
        b'=\n' * (MB // 2), b'Content-Transfer-Encoding: quoted-printable\n'
    ),
    '1 MB of escapes': lambda: text(
        b'\x1b$B' * (MB // 3), b'Content-Type: text/plain; charset=iso-2022-jp\n'
    ),
    '20 MB of base64': lambda: text(
        base64.encodebytes(LINE * 200) * 800, b'Content-Transfer-Encoding: base64\n'
    ),
    '20 MB of CR': lambda: large_report(20).replace(b'\n', b'\r'),
    '5 MB of nothing': lambda: bytes(5 * MB),
    '5 MB of line ends': lambda: b'\n' * (5 * MB),
    '5 MB of digits and dots': lambda: text(b'5.5.5.' * (5 * MB // 6)),
}

GIANTS = {
    '100 MB report': lambda: large_report(100),
    '100 MB attachment': large_attachment,
    '64 MB of one line': lambda: text(b'user@example.org ' * (64 * MB // 17)),
}

# What one repeats to make a search begin anew at each place.
UNITS = (
    '(', '<', '<<>', '@', 'a@', 'a@b.', '\\', ' ', '\t', '\n', ' \n', '\n ', '-', '--', '"', "'", '"a" ', ':',
    '::', ';', '=', '=?', '5', '5.', '5.1.', '550 ', '550-', 'a', 'a.', 'a-', 'A', '_', '.', ',', '[', '[1',
    '{', '*', '>', '> ', '>>> ', '&', '/', '|', '\xe9', '\u3042', 'From ', 'To: ', 'host ', 'said: ',
    'said: 550 ', 'status: ', 'error ', 'reason: ', 'user ', 'mailbox ', 'unknown ', 'not ',
    'Received: from a by b; ', 'Mon, 1 Jan ', '12:', '1970', '<a@b.c>: ', '\r', '\x0b', '\xa0',
)


def places(stuff):
    """Mails that hold the bytes where a reader may look with a pattern: (place, raw)."""
    line = stuff.replace(b'\n', b'\n ')
    yield 'text', prose(stuff)
    yield 'text of a report', report(said=stuff)
    yield 'returned header', report().replace(b'Subject: offer', b'Subject: ' + line)
    yield 'diagnostic', report().replace(b'smtp; 550 5.1.1 User', b'smtp; 550 5.1.1 ' + line)
    yield 'recipient', report().replace(b'rfc822; user@example.org', b'rfc822; ' + line)
    flat = stuff.replace(b'\n', b' ')
    lines = b''.join(b'u%d@example.org %s <u%d@example.org>\n' % (at, flat[at:at + 1000], at)
                     for at in range(0, len(flat), 1000))
    yield 'lines with addresses', prose(lines)
    yield 'page', prose(stuff, b'Content-Type: text/html\n')
    for name in (
        b'Subject',
        b'From',
        b'To',
        b'Content-Type',
        b'Date',
        b'Message-ID',
        b'Auto-Submitted',
        b'Return-Path',
        b'X-Failed-Recipients',
        b'Delivered-To',
    ):
        yield name.decode(), name + b': ' + line + b'\n' + report()


def patterns():
    """Every compiled pattern that the reader and the modules it needs hold: {its text}."""
    importlib.import_module('mailtools.bouncedmail.reader')
    found = set()
    for name, module in sorted(sys.modules.items()):
        if name.startswith('mailtools.bouncedmail.'):
            collect(vars(module).values(), found, 3)
    return found


def collect(values, found, depth):
    for value in values:
        if isinstance(value, type(FIELD)):
            source = value.pattern
            found.add(source.decode('latin-1') if isinstance(source, bytes) else source)
        elif isinstance(value, (tuple, list, set, frozenset)) and depth:
            collect(value, found, depth - 1)
        elif isinstance(value, dict) and depth:
            collect(value.values(), found, depth - 1)


FIELD = re.compile('')


def attacks(pattern):
    """(prefix, unit): what leads to a repetition within the pattern, and what it repeats."""
    try:
        tree = sre_parse.parse(pattern)
    except re.error:
        return set()
    found = set()
    example(tree, '', found)
    return {(prefix[:200], unit[:50]) for prefix, unit in found if unit}


def example(tree, before, found):
    """A string that the tree matches; the repetitions met on the way go to `found`."""
    made = ''
    for kind, value in tree:
        name = str(kind).lower()
        if name == 'literal':
            made += chr(value)
        elif name in ('not_literal', 'any'):
            made += 'a'
        elif name == 'in':
            made += member(value)
        elif 'repeat' in name:
            unit = example(value[2], before + made, found)
            if value[1] > 9:
                found.add((before + made, unit))
            made += unit * max(1, min(value[0], 9))
        elif name == 'branch':
            made += [example(one, before + made, found) for one in value[1]][0]
        elif name == 'subpattern':
            made += example(value[-1], before + made, found)
        elif name == 'atomic_group':
            made += example(value, before + made, found)
        elif name == 'assert':
            example(value[1], before + made, found)
    return made


def member(items):
    """A character of a class like [a-z.]; 'a' for what is negated or a category, if that will do."""
    kinds = {str(kind).lower(): value for kind, value in items}
    if 'negate' in kinds:
        return 'a'
    if 'range' in kinds:
        return chr(kinds['range'][0])
    if 'literal' in kinds:
        return chr(kinds['literal'])
    category = str(kinds.get('category', '')).lower()
    return ' ' if 'space' in category else '5' if 'digit' in category else 'a'


def aimed(size):
    """(name, raw): `size` bytes of each unit, the package's own and the usual ones, in each place."""
    aims = {('', unit) for unit in UNITS}
    for pattern in patterns():
        aims |= attacks(pattern)
    for prefix, unit in sorted(aims):
        stuff = (prefix + unit * (size // len(unit)) + '\x01').encode('utf-8', 'replace')
        for place, raw in places(stuff):
            yield '{!r} + {!r} in {}'.format(prefix, unit, place), raw
