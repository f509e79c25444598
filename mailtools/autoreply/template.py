"""The template: a file's bytes -> Template.  Pure.

    Subject: Nobody reads this address
    From: Example Ltd
    Language: en

    Your mail was not read. ...

The lines in front of the first empty line are fields only if the first is one of the three; a
text that begins with `Note: ...` is a text.  Then all of them must be, for a mistyped
field would otherwise go out as text.
"""
from mailtools.autoreply.address import paths_of, split, written
from mailtools.autoreply.values import Template, Trouble

LARGEST = 4 << 20           # bytes; RFC 3834 s3.2 wants it brief
FIELDS = ('subject', 'from', 'language')
LONGEST_LINE = 256          # characters of a field


def template_of(data):
    """The Template that a file holds; raises Trouble with what is wrong in it.

    data: bytes of the file.
    """
    if len(data) > LARGEST:
        raise Trouble('longer than {} bytes'.format(LARGEST))
    try:
        text = data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise Trouble('not UTF-8 at byte {}'.format(error.start))
    if '\0' in text:
        raise Trouble('a NUL character')
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    fields, body = taken_apart(text)
    body = body.strip('\n')
    if not body.strip():
        raise Trouble('no text to answer with')
    return Template(fields.get('subject', ''), checked_from(fields.get('from', '')),
                    checked_language(fields.get('language', '')), body + '\n')


def taken_apart(text):
    """({name: value}, body) of the text."""
    block, _, rest = text.partition('\n\n')
    lines = block.rstrip('\n').split('\n')
    if name_of(lines[0]) not in FIELDS:
        return {}, text
    fields: dict = {}
    name = ''
    for line in lines:
        if line[:1] in (' ', '\t'):
            fields[name] += ' ' + line.strip()
            continue
        name = name_of(line)
        if name not in FIELDS:
            raise Trouble('before the empty line stand Subject:, From: and Language: only, not {!r}'.format(line[:60]))
        if name in fields:
            raise Trouble('{} twice'.format(name))
        fields[name] = line.partition(':')[2].strip()
    for name, value in fields.items():
        if len(value) > LONGEST_LINE or not value.isprintable():
            raise Trouble('{} is too long or holds characters that are not printable'.format(name))
    return fields, rest


def name_of(line):
    """`subject` of `Subject: ...`, '' of what is no field."""
    name, colon, _ = line.partition(':')
    return name.strip().lower() if colon else ''


def checked_from(value):
    """A display name, or `name <address>`; raises Trouble for a broken address."""
    if '@' in value:
        try:
            sender_parts(value)
        except ValueError as error:
            raise Trouble('From {}: {}'.format(value, error))
    return value


def sender_parts(value):
    """(display name, address) of a From: a name alone, an address alone, or `name <address>`."""
    if '@' not in value:
        return value.strip('"'), ''
    _, found = paths_of(value)
    if len(found) > 1:
        raise ValueError('more than one address')
    if not found:
        return '', written(split(paths_of(value)[0]))
    name = value[:value.rindex('<')].strip()
    if value.rindex('<') > value.rindex('>') or value[value.rindex('>') + 1:].strip():
        raise ValueError('something behind the address')
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        name = name[1:-1].replace('\\"', '"').replace('\\\\', '\\')
    return name, written(split(found[0]))


def checked_language(value):
    """Language tags, RFC 5646; raises Trouble for anything else."""
    if not value.replace('-', '').replace(',', '').replace(' ', '').isalnum() and value:
        raise Trouble('Language {}: no language tag'.format(value))
    if value and any(ord(one) > 126 for one in value):
        raise Trouble('Language {}: no language tag'.format(value))
    return value
