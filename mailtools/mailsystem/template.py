"""A template and its values -> the text of a file.  Pure.

    {{name}}            the value
    {{?name}}LINE       the line only if the value is something; {{!name}}LINE only if it is nothing
    {{*name}}LINE       the line for each of several values; {{it}} is one of them.  Lines with the same mark
                        that follow each other are repeated together.

There is nothing else: no expressions, no nesting, so that a template reads like the file that it becomes.  A value
is text of one line, of characters that mean the same in every file that we write; a Written one, which mailsystem has
made for its place, may hold any that end no line.
"""
import itertools
import re

from mailtools.base.failure import Failure

MARK = re.compile(r'\{\{([A-Za-z_]+)\}\}')
CONDITION = re.compile(r'\{\{([?!*])([A-Za-z_]+)\}\}')
# No control character, and none of $ ` " ' \ { } ; < > | & # that a table, a script or main.cf may read otherwise.
PLAIN = re.compile(r'[A-Za-z0-9 !%()*+,./:=?@\[\]^_~-]*\Z')
LINE = re.compile(r'[^\x00-\x1f\x7f\x85\u2028\u2029]*\Z')


class Written(str):
    """Text that was made for its place: a pattern, or a secret in a table of its own."""


def fill(template, values, name='template'):
    """The text.

    values: {name: text, number, True/False, or a sequence of texts}.  Raises Failure for a value that is
    missing or cannot be written, with the name of the template.
    """
    lines = []
    for number, mark, block in blocks(template.split('\n')):
        try:
            lines.extend(filled(mark, block, values))
        except KeyError as missing:
            raise Failure('{}, line {}: {} is not known'.format(name, number, missing.args[0]))
        except ValueError as error:
            raise Failure('{}, line {}: {}'.format(name, number, error))
    return '\n'.join(lines)


def blocks(lines):
    """(line number, mark, the lines without it) of lines that belong together; the mark is '' for one without."""
    number = 1
    for mark, group in itertools.groupby(lines, lambda line: (CONDITION.match(line) or [''])[0]):
        block = [line[len(mark):] for line in group]
        if mark:
            yield number, mark, block
        else:
            yield from ((number + at, '', [line]) for at, line in enumerate(block))
        number += len(block)


def filled(mark, block, values):
    """The lines that lines with one mark become."""
    if mark:
        sign, name = mark[2], mark[3:-2]
        if sign == '*':
            return [line for value in values[name] for line in filled('', block, dict(values, it=value))]
        if bool(values[name]) != (sign == '?'):
            return []
    return [MARK.sub(lambda found: text_of(found.group(1), values), line) for line in block]


def text_of(name, values):
    """One value as text; raises ValueError for what could be read as more than a word."""
    value = values[name]
    text = ', '.join(value) if isinstance(value, tuple) else str(value)
    if not (LINE if isinstance(value, Written) else PLAIN).match(text):
        raise ValueError('{} cannot be written there'.format(name))
    return text
