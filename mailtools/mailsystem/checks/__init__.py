"""What `mailsystem check` looks at: one module a topic, in the order in which they are shown.

A topic has NAMES, the names of the findings that it may give, and find(host) -> Findings.  The judges in it are
functions of values; what asks the outside (files, programs, sockets, DNS) is in host, probes, smtp and lookup.

To look at one more thing: a judge in the module of its topic, its name in NAMES, a test with the fault and without.
"""
from mailtools.mailsystem.checks import (
    blocklists,
    certificates,
    clock,
    dkim,
    dmarc,
    guessing,
    instance,
    maps,
    modes,
    names,
    programs,
    relay,
    relayhost,
    routes,
    services,
    spf,
    submission,
)

TOPICS = (instance, relay, routes, submission, relayhost, guessing, services, maps, modes, certificates, names, spf,
          dkim, dmarc, blocklists, clock, programs)


def catalogue():
    """[(what a topic asks, the names of its findings)] of all topics."""
    return [((topic.__doc__ or '').split('\n')[0], topic.NAMES) for topic in TOPICS]


def known_names():
    """The names of all findings that there are."""
    return [name for topic in TOPICS for name in topic.NAMES]
