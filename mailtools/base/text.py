"""Strangers' text made harmless: what a log, a terminal or a table may show.

Mail carries control characters that move the cursor, turn the direction of
writing or end a line early, and bytes that are no UTF-8.  Here each becomes a
visible escape, so that nobody forges a log line or a row of a table.
"""


def as_system_has_it(path):
    """A path that was read as UTF-8, for the calls of the system: the name with the same bytes.

    Under the C locale, which cron gives, Python 3.6 takes what the system calls by name for
    ASCII, and refuses every other letter; there it is a str with `surrogateescape`.
    """
    import os  # the pipes use this module too, and an interpreter starts half as fast again with it

    return os.fsdecode(path.encode('utf-8', 'surrogateescape'))


def recoded(text):
    """Text whose bytes were kept by `surrogateescape`, as UTF-8 where it is UTF-8.

    Under the C locale Python 3.6 hands over every byte above 127 of a file
    name or an argument in that way.
    """
    try:
        return text.encode('utf-8', 'surrogateescape').decode('utf-8', 'surrogateescape')
    except UnicodeEncodeError:      # a surrogate that stands for no byte
        return text


def escape(character):
    """How one character that must not be shown is shown: \\n, \\x1b, \\u2028."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:    # a byte that was kept by surrogateescape
        return '\\x{:02x}'.format(code - 0xDC00)
    return character.encode('unicode_escape', 'backslashreplace').decode('ascii')


def visible(text):
    """The text on one line, all of it printable; anything else as an escape.

    str.isprintable() refuses what Unicode calls control, format (turning the
    direction of writing), surrogate, private, unassigned, and every separator but
    the blank.
    """
    if text.isprintable():
        return text
    return ''.join(one if one.isprintable() else escape(one) for one in recoded(text))


def shortened(text, limit):
    """The text, cut to `limit` characters; an ellipsis says that it was."""
    return text if len(text) <= limit else text[:max(0, limit - 1)] + '\u2026'
