"""metrics.prom: the figures for the textfile collector of Prometheus' node_exporter.  Pure: values in, text out.

Gauges, named after what they are, with units in their names and no time stamps (the collector refuses those).  Few
series: one a host and queue, and the few domains that most mail waits for; a label for each of the hundreds of domains
that a queue may hold would cost more than it tells.  A host that could not be asked has mailqueues_up 0 and no
figures: an old number that looks new is worse than none.
"""
from typing import Dict, List, Tuple

from mailtools.mailqueues.history import oldest_s
from mailtools.mailqueues.values import COUNTED

TOP_DOMAINS = 10

FAMILIES = (
    ('mailqueues_up', 'Whether the host could be asked, 1 or 0.'),
    ('mailqueues_mail_system_up', 'Whether Postfix runs there, 1 or 0.'),
    ('mailqueues_messages', 'Files in a queue of Postfix.'),
    ('mailqueues_oldest_message_age_seconds', 'Age of the oldest message on its way.'),
    ('mailqueues_figures_age_seconds', 'Age of the last good figures of the host when this file was written.'),
    ('mailqueues_ask_duration_seconds', 'How long it took to ask the host.'),
    ('mailqueues_domain_recipients', 'Recipients that wait, of the domains that most wait for.'),
    ('mailqueues_listing_share_ratio', 'Share of the messages that the listing behind the domains has read.'),
    ('mailqueues_generated_timestamp_seconds', 'When this file was written, seconds since the epoch.'),
)


def render(snapshot, _past, _settings):
    """The text of metrics.prom."""
    lines: List[str] = []
    samples: Dict[str, List[Tuple[Dict[str, str], float]]] = {name: [] for name, _ in FAMILIES}
    samples['mailqueues_generated_timestamp_seconds'].append(({}, snapshot.generated_at))
    for known in snapshot.hosts:
        for name, labels, value in of_host(known, snapshot.generated_at):
            samples[name].append((dict(labels, host=known.name), value))
    for name, about in FAMILIES:
        if samples[name]:
            lines += ['# HELP {} {}'.format(name, about), '# TYPE {} gauge'.format(name)]
            lines += ['{}{} {}'.format(name, braces(labels), figure(value)) for labels, value in samples[name]]
    return '\n'.join(lines) + '\n'


def of_host(known, now):
    """(name, labels but for the host, value) of one host."""
    up = known.error is None and known.counts is not None
    yield 'mailqueues_up', {}, int(up)
    yield 'mailqueues_ask_duration_seconds', {}, known.took_s
    if known.at is not None:
        yield 'mailqueues_figures_age_seconds', {}, max(0, now - known.at)
    if not up:
        return
    yield 'mailqueues_mail_system_up', {}, int(not known.mail_down)
    for queue in COUNTED:
        if queue in known.counts:
            yield 'mailqueues_messages', {'queue': queue}, known.counts[queue]
    oldest = oldest_s(known)
    if oldest is not None:
        yield 'mailqueues_oldest_message_age_seconds', {}, oldest
    if known.detail is not None:
        yield 'mailqueues_listing_share_ratio', {}, known.detail.share
        for row in known.detail.domains[:TOP_DOMAINS]:
            yield 'mailqueues_domain_recipients', {'domain': row.domain}, row.total


def braces(labels):
    """`{host="mail1",queue="active"}`, with the escapes of the text format."""
    return '{{{}}}'.format(','.join('{}="{}"'.format(name, escaped(labels[name])) for name in sorted(labels))) \
        if labels else ''


def escaped(value):
    """A value of a label: backslash, quote and line feed are escaped (Prometheus, exposition formats)."""
    return value.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')


def figure(value):
    """A value: whole numbers as such, else to milliseconds."""
    return str(value) if isinstance(value, int) else '{:.3f}'.format(value)
