"""Encoded words in header fields as text, RFC 2047; what cannot be decoded stays as it is."""
import binascii
import re

ENCODED = re.compile(r'=\?([^?\s]{1,40})\?([bBqQ])\?([^?]{0,2000})\?=')
BETWEEN = re.compile(r'(\?=)\s+(?==\?[^?\s]{1,40}\?[bBqQ]\?)')


def decode_words(value: str) -> str:
    """A field's value with its encoded words decoded."""
    if '=?' not in value:
        return value
    return ENCODED.sub(_decoded, BETWEEN.sub(r'\1', value[:8000]))


def _decoded(match: 're.Match[str]') -> str:
    charset, encoding, text = match.groups()
    data = text.encode('ascii', 'replace')
    try:
        if encoding in 'bB':
            raw = binascii.a2b_base64(data + b'=' * (-len(data) % 4))
        else:
            raw = binascii.a2b_qp(data, header=True)
        return raw.decode(charset.partition('*')[0], 'replace')
    except (binascii.Error, LookupError, UnicodeError, ValueError):
        return match.group()
