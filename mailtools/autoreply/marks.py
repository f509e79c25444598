"""What single header fields say, for the rules.  Pure: bytes of a value in, words out.

Structured fields may hold comments between their words (RFC 5322 3.2.2), in any depth, and
unfolded blanks; a person's `no (sent by hand)` is `no`.
"""
from mailtools.autoreply.address import tokens

BLANKS = ' \t\r\n'


def uncommented(value):
    """The text of a structured field without its comments, in lower case.

    value: bytes.  A comment counts as a blank, an unclosed one goes on to the end.
    """
    text = value.decode('latin-1').lower()
    if '(' not in text:
        return text.strip(BLANKS)
    kept, place = [], 0
    for token in tokens(text):
        start = text.index(token, place)
        if start > place:
            kept.append(' ')
        kept.append(token)
        place = start + len(token)
    return ''.join(kept).strip(BLANKS)


def keyword(value):
    """The text before the parameters: of `auto-replied; owner=x (away)` it is auto-replied.

    `no auto-replied` stays whole: nobody knows what it means, so it is not `no`.
    """
    return uncommented(value).partition(';')[0].strip(BLANKS)


def first_word(value):
    """The letters that a value begins with: `yes` of `Yes, score=9.1 tests=...`."""
    text = uncommented(value).lstrip('"\'')
    end = 0
    while end < len(text) and (text[end].isalnum() or text[end] in '-_'):
        end += 1
    return text[:end]


def words(value):
    """The words of a list, between commas, semicolons and blanks, without quotes."""
    return uncommented(value).replace(',', ' ').replace(';', ' ').replace('"', ' ').split()


def media_type(value):
    """`multipart/report` of `Multipart / Report; report-type=...`."""
    return ''.join(keyword(value).split())
