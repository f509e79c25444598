"""`tag=value` lists of DKIM and DMARC records (RFC 6376 section 3.2): text in, values out.  Pure."""
from typing import Dict


def tags_of(text) -> Dict[str, str]:
    """{tag: value} of `v=DKIM1; k=rsa; p=MIIB...`; the first of a repeated tag counts."""
    found: Dict[str, str] = {}
    for part in text.split(';'):
        name, equals, value = part.partition('=')
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found
