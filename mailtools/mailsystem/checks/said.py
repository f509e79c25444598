"""Findings in few words: what each judge gives.

name: a stable word, for monitors and for `check --only`; text: what was seen, with its figures; fix: a command
to enter or a line to write, '' where there is nothing to mend.
"""
from typing import List

from mailtools.base.failure import Failure
from mailtools.mailsystem.values import CRITICAL, OK, UNKNOWN, WARNING, Finding

STATUS = {OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3}       # of the Monitoring Plugins
WORST_FIRST = (CRITICAL, WARNING, UNKNOWN, OK)


def good(name, text):
    """All is well."""
    return Finding(name, OK, text, '')


def warning(name, text, fix):
    """Something that will hurt, or hurts some."""
    return Finding(name, WARNING, text, fix)


def critical(name, text, fix):
    """Something that hurts now."""
    return Finding(name, CRITICAL, text, fix)


def unknown(name, text, fix=''):
    """What could not be seen."""
    return Finding(name, UNKNOWN, text, fix)


def of_each(host, *parts):
    """The Findings of several functions of a host; of one that may not look, that it is unknown.

    parts: (name of the finding that it is about, function) pairs.
    """
    found: List[Finding] = []
    for name, part in parts:
        try:
            found += part(host)
        except Failure as failed:
            found.append(unknown(name, str(failed), '' if host.is_root else 'run it as root'))
    return found


def worst(levels):
    """The worst of some levels; 'ok' of none."""
    return min(levels, key=WORST_FIRST.index, default=OK)
