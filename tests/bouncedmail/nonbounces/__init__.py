"""Mails that are no bounces, made from a seed: what a parser must not blame anybody for.

`generate(count, seed)` yields Sample(family, seed, kinds, raw): realistic whole
mails in twelve languages, plain and HTML, 7bit to base64, LF, CRLF and CR line
ends.  A family is a function of a Scene (see scene.py); the same seed makes the
same mail, so that a failure can be looked at again:

    python3 -m nonbounces FAMILY SEED        (in the folder tests/bouncedmail)
"""
import random
from typing import FrozenSet, NamedTuple

from nonbounces import (
    automatic,
    formats,
    genuine,
    listmail,
    lookalikes,
    machines,
    ordinary,
    ourmail,
    quoting,
    receipts,
    vacation,
)
from nonbounces.scene import OUR_DOMAINS, Scene, line_ends

__all__ = ('FAMILIES', 'OUR_DOMAINS', 'Sample', 'blamed', 'generate', 'genuine_bounce', 'make')

# Neither of these is acted upon; which of the two is a matter of taste.
HARMLESS = frozenset(('other', 'autoreply'))
AUTOREPLY = frozenset(('autoreply',))

COMPLAINT = frozenset(('other', 'complaint'))

FAMILIES = tuple(
    (function.__name__, function, kinds)
    for functions, kinds in (
        (ordinary.FAMILIES, HARMLESS),
        (ourmail.FAMILIES, HARMLESS),
        (quoting.FAMILIES, HARMLESS),
        (automatic.FAMILIES, HARMLESS),
        (listmail.FAMILIES, HARMLESS),
        (lookalikes.FAMILIES, HARMLESS),
        (formats.FAMILIES, HARMLESS),
        (machines.FAMILIES, HARMLESS),
        (receipts.FAMILIES, HARMLESS),
        (receipts.AUTH_FAILURES, COMPLAINT),
        (vacation.FAMILIES, AUTOREPLY),
    )
    for function in functions
)


class Sample(NamedTuple):
    family: str
    seed: int
    kinds: FrozenSet[str]      # the kinds of event that are right for it
    raw: bytes


def make(family, seed):
    """The mail of that family and seed."""
    for name, function, kinds in FAMILIES:
        if name == family:
            scene = Scene(random.Random('{}/{}'.format(name, seed)))
            return Sample(name, seed, kinds, line_ends(scene, function(scene)))
    raise LookupError('no family {!r}'.format(family))


def generate(count, seed=0):
    """`count` samples, the families in turn, so that each has its share."""
    for number in range(count):
        yield make(FAMILIES[number % len(FAMILIES)][0], seed + number // len(FAMILIES))


def blamed(sample, read, wanted):
    """What `read` gets wrong about the sample, a line each; empty when nothing."""
    report = read(sample.raw, wanted)
    wrong = [
        event
        for event in report.events
        if event.kind not in sample.kinds
        or event.severity is not None
        or event.kind == 'complaint'
        and event.feedback_type != 'auth-failure'
    ]
    lines = [
        '{} {}: {} {} of {} ({}, {})'.format(
            sample.family, sample.seed, event.severity, event.kind, event.recipient, event.format, event.rule
        )
        for event in wrong
    ]
    return lines + ['{} {}: {}'.format(sample.family, sample.seed, report.error)] * bool(report.error)


def genuine_bounce(seed):
    """(the failed address, a bounce) of the same making, to prove that the check would notice."""
    return genuine.bounce(Scene(random.Random(seed)))
