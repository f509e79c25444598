"""Whom the envelope names: variable envelope return paths.

A sender that gives each mail its own return path knows who bounced before
anybody reads the text (qmail's VERP; Postfix VERP_README: the default delimiters
`+=` make `bounces+user=example.org@sender.example`).  The address that the
bounce was delivered to stands in X-Original-To and Delivered-To, local(8).
"""
import re
from typing import Dict, Optional, Tuple

from mailtools.bouncedmail.address import clean_address

FIELDS = ('x-original-to', 'delivered-to', 'envelope-to', 'to')
PRVS = re.compile(r'(?:prvs|btv1|msprvs1)=[^=]{1,40}=', re.I)       # BATV, a key before the address
HOST = re.compile(r'[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}$')


def verp_recipient(fields: Dict[str, str], delimiters: str = '+-', domains: Tuple[str, ...] = ()) -> Optional[str]:
    """The recipient that a VERP address names, or None.

    delimiters: characters that may stand before the encoded recipient; domains:
    ours, so that no other's address is taken for VERP; empty means any.
    """
    for name in FIELDS:
        address = clean_address(fields.get(name, ''))
        if address:
            found = decode(address, delimiters, domains)
            if found:
                return found
    return None


def decode(address: str, delimiters: str = '+-', domains: Tuple[str, ...] = ()) -> Optional[str]:
    """`bounces+user=example.org@sender.example` -> `user@example.org`."""
    local, _, domain = address.rpartition('@')
    if domains and domain.lower() not in domains:
        return None
    local = PRVS.sub('', local, 1)
    before, equals, host = local.rpartition('=')
    if not equals or not HOST.match(host):
        return None
    for delimiter in delimiters:
        prefix, found, user = before.partition(delimiter)
        if found and prefix and user:
            return '{}@{}'.format(user, host.lower())
    return None
