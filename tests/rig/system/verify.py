"""Verify the DKIM signatures of mails with dkimpy, which has no line in common with OpenDKIM.

Run by the Python that has dkimpy, on the host that got the mails.  Argument: a folder; prints {file name: domain of
the first signature that holds, null for none} as JSON.
"""
import functools
import json
import os
import re
import sys

import dkim
import dkim.dnsplug


@functools.lru_cache(maxsize=None)
def key(name, timeout=5):
    """The text of a key, asked once."""
    return dkim.dnsplug.get_txt(name, timeout=timeout)


def signed_by(raw):
    """The domain that signed it, None when no signature holds."""
    raw = raw[raw.index(b'Authentication-Results:') if b'Authentication-Results:' in raw.split(b'\n\n')[0] else 0:]
    try:
        held = dkim.DKIM(raw).verify(dnsfunc=key)
    except dkim.DKIMException:
        return None
    found = re.search(rb'^DKIM-Signature:.*?\bd=([^;\s]+)', raw, re.S | re.M | re.I)
    return found.group(1).decode() if held and found else None


if __name__ == '__main__':
    answer = {}
    for entry in os.scandir(sys.argv[1]):
        with open(entry.path, 'rb') as file:
            answer[entry.name] = signed_by(file.read())
    print(json.dumps(answer))
