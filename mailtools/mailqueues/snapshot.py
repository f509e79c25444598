"""All hosts at one time, as values and as files: index.html and status.json.  Pure: values in, text out.

index.html has the shape that the predecessor of this program wrote, byte for byte; who could not be asked is not in
it.  status.json has all that is known, and is what `show`, `check` and the next run read (statusfile.py):

    {"version": 1, "generated_at": SECONDS, "generated": "2026-11-22T21:19:37Z", "hosts": [
        {"name", "state": "ok"|"failed", "at", "age_s", "took_s", "skew_s", "error", "since", "mail_down",
         "queues": {"maildrop", "incoming", "active", "deferred", "hold", "corrupt"}, "total",
         "detail_error", "detail": {"at", "seen", "share", "oldest": {queue: SECONDS},
            "total": [10 numbers], "domains": [{"domain", "total", "buckets": [10 numbers]}],
            "reasons": [{"reason", "recipients", "reputation"}]}}]}

Times are seconds since the epoch, by the clock of the host that asks.
"""
import json
import time

from mailtools.mailqueues.values import Known, Snapshot, total

VERSION = 1


def after(previous, answers, order, now):
    """The Snapshot that follows another one.

    previous: the last Snapshot, or None.  answers: {host: Asked}.  order: the names, as in the settings.  A host that
    failed keeps its last good figures, with their time; one that was not asked for detail, its last detail.
    """
    before = {host.name: host for host in previous.hosts} if previous else {}
    return Snapshot(now, tuple(following(before.get(name), answers[name]) for name in order))


def following(known, asked):
    """What is known of a host after it was asked; known: before that, or None."""
    known = known or Known(asked.host, None, None, None, None, None)
    if asked.error is not None:
        return known._replace(error=asked.error, since=known.since if known.error else asked.at, took_s=asked.took_s)
    return Known(asked.host, asked.at, asked.counts, asked.detail or known.detail, None, None, asked.took_s,
                 asked.detail_error, asked.skew_s, asked.mail_down)


def wants_detail(known, now, interval_s):
    """True when it is time to ask a host for detail again; known: as before, or None."""
    if known is None or known.detail is None:
        return True
    return not 0 <= now - known.detail.at < interval_s


# -- index.html --

def index(snapshot):
    """The text of index.html."""
    hosts = ['    {}: {{\n      "activemailqueue": "{}",\n      "deferredmailqueue": "{}"\n    }}'.format(
        json.dumps(host.name), host.counts['active'], host.counts['deferred'])
        for host in snapshot.hosts if host.error is None and host.counts]
    return '{{ "mailqueues": {{\n{}\n}} }}\n'.format(',\n'.join(hosts))


# -- status.json --

def status(snapshot):
    """The text of status.json."""
    now = snapshot.generated_at
    return json.dumps({
        'version': VERSION, 'generated_at': round(now, 3),
        'generated': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now)),
        'hosts': [of_host(host, now) for host in snapshot.hosts]}, indent=1) + '\n'


def of_host(host, now):
    """What status.json says of one host."""
    return {
        'name': host.name, 'state': 'failed' if host.error else 'ok', 'at': rounded(host.at),
        'age_s': None if host.at is None else rounded(max(0, now - host.at)), 'took_s': rounded(host.took_s),
        'skew_s': rounded(host.skew_s), 'error': host.error, 'since': rounded(host.since),
        'mail_down': host.mail_down, 'queues': host.counts, 'total': total(host.counts) if host.counts else None,
        'detail_error': host.detail_error, 'detail': of_detail(host.detail)}


def of_detail(detail):
    """The same of a Detail, or None."""
    if detail is None:
        return None
    return {
        'at': rounded(detail.at), 'seen': detail.seen, 'share': round(detail.share, 4),
        'oldest': {queue: rounded(when) for queue, when in detail.oldest.items()},
        'total': list(detail.total.buckets), 'domains': [row._asdict() for row in detail.domains],
        'reasons': [{'reason': one.text, 'recipients': one.recipients, 'reputation': one.reputation}
                    for one in detail.reasons]}


def rounded(seconds):
    """To milliseconds; None stays."""
    return None if seconds is None else round(seconds, 3)
