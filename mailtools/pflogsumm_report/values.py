"""The figures of one day, as they are printed, kept, merged and shown: one dictionary, ready for JSON.

TOTALS and PER_HOUR are always there; the keys of DETAIL are not with --totals.  Whatever is counted is a whole number,
and means what pflogsumm(1) means by it: `received` are messages, `delivered` recipients, `deferred`
messages, `deferrals` attempts.  Lists are ordered, the most first, and hold at most `top` rows (a setting); a row is
an object.  Times of delivery are seconds.

    reasons     {deferred, bounced, rejected, reject_warnings, held, discarded: [{reason, count, by: [[who, count]]}]}
                reason: what was said, with what differs from mail to mail folded away; who: the relay of a delivery,
                else the domain of the client; the most frequent
    providers   [{provider, delivered, deferrals, bounced, deferred_share, delays: {total, before_qmgr, in_qmgr,
                connecting, sending: {p50, p95, counts: {"0.05": 17}}}}]
                delays: of what was sent; the parts are a, b, c, d of `delays=a/b/c/d`, and total `delay=`
    tls         {in: {connections, encrypted, share, versions: {name: count}, ciphers}, out: {sessions, deliveries,
                encrypted, share, versions, ciphers}}
                in: connections to smtpd; out: deliveries by smtp or lmtp to a host, encrypted those to a host with
                which TLS was spoken on that day; sessions are TLS handshakes, and so are versions and ciphers
    top_senders, top_sending_domains              [{name, messages, bytes}]
    top_clients                                   [{name, messages}]      name[address], as smtpd gives them
    top_recipients, top_recipient_domains         [{name, messages, bytes, deferrals}]
    services    [{service, received, delivered, deferrals, bounced, rejected}]    `postfix/submission/smtpd`
    warnings, fatals, panics        {count, list: [{service, text, count}]}     without counting Subject lines
    carried     {known, unknown, open}      messages: in the queue at midnight and delivered on this day, whose size
                was found in the log of the day before, or was not; and in the queue at the end of the day
    lines       lines of the day
    parts       only of merged figures: [{host and all TOTALS}]
"""
import collections
from typing import Any, Dict, List

from mailtools.base.failure import Failure

Figures = Dict[str, Any]

TOTALS = ('received', 'delivered', 'forwarded', 'deferred', 'deferrals', 'bounced', 'rejected', 'reject_warnings',
          'held', 'discarded', 'bytes_received', 'bytes_delivered', 'senders', 'sending_domains', 'recipients',
          'recipient_domains')
PER_HOUR = ('received', 'delivered', 'deferred', 'bounced', 'rejected')
REASONS = ('deferred', 'bounced', 'rejected', 'reject_warnings', 'held', 'discarded')
DELAYS = ('total', 'before_qmgr', 'in_qmgr', 'connecting', 'sending')
TROUBLES = ('warnings', 'fatals', 'panics')
TOPS = ('top_senders', 'top_sending_domains', 'top_clients', 'top_recipients', 'top_recipient_domains')
HOURS = 24
WHO = 5                 # relays or clients that are kept of a reason

# The lists, with what tells their rows apart: all else in a row is added up.
LISTS = dict({name: ('name',) for name in TOPS}, services=('service',), providers=('provider',))
DETAIL = ('reasons', 'providers', 'tls') + TOPS + ('services',) + TROUBLES + ('carried', 'lines')


class FiguresFailure(Failure):
    """What should be the figures of a day is something else."""


def empty(date, host) -> Figures:
    """The figures of a day on which nothing happened.

    date: a datetime.date.
    """
    made: Figures = {'date': date.isoformat(), 'host': host}
    made.update((name, 0) for name in TOTALS)
    made['per_hour'] = {name: [0] * HOURS for name in PER_HOUR}
    return made


def to_json(figures: Figures) -> str:
    """One line of ASCII."""
    import json
    return json.dumps(figures, separators=(',', ':'))


def from_json(text) -> Figures:
    """The figures that to_json() wrote, with or without detail; raises FiguresFailure."""
    import json
    try:
        found = json.loads(text)
    except ValueError as error:
        raise FiguresFailure('not JSON: {}'.format(error))
    missing = missing_of(found)
    if missing:
        raise FiguresFailure('not the figures of a day: no {}'.format(missing))
    return found


def missing_of(found):
    """The first thing that figures of a day lack; None when they are whole."""
    if not isinstance(found, dict):
        return 'object'
    for name in ('date', 'host'):
        if not isinstance(found.get(name), str):
            return name
    for name in TOTALS:
        if not is_count(found.get(name)):
            return name
    hours = found.get('per_hour')
    for name in PER_HOUR:
        row = hours.get(name) if isinstance(hours, dict) else None
        if not (isinstance(row, list) and len(row) == HOURS and all(map(is_count, row))):
            return 'per_hour.' + name
    return None


def is_count(value):
    """True for a whole number, 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def add(several: List[Figures], top=100) -> Figures:
    """One day's figures of several hosts as one: every count is the sum of theirs.

    So `senders` and the like count an address on each host that saw it.  Detail is what all of them have.  A list
    that was cut to its top on each host can lack what is small on all.  `host` is their names.
    """
    whole = empty_like(several)
    whole['parts'] = [dict({'host': one['host']}, **{name: one[name] for name in TOTALS}) for one in several]
    for name in TOTALS:
        whole[name] = sum(one[name] for one in several)
    whole['per_hour'] = {name: [sum(row) for row in zip(*(one['per_hour'][name] for one in several))]
                         for name in PER_HOUR}
    for name in DETAIL:
        if all(name in one for one in several):
            whole[name] = added(name, [one[name] for one in several], top)
    return whole


def empty_like(several):
    """Date and host of the sum; raises FiguresFailure for figures of different days."""
    dates = sorted({one['date'] for one in several})
    if len(dates) != 1:
        raise FiguresFailure('figures of different days: {}'.format(', '.join(dates)) if dates else 'no figures')
    return {'date': dates[0], 'host': ', '.join(one['host'] for one in several)}


def added(name, values, top):
    """The sum of one key of DETAIL."""
    if name == 'reasons':
        return {kind: add_reasons([value.get(kind, []) for value in values], top) for kind in REASONS}
    if name == 'providers':
        return with_shares(add_rows(values, ('provider',), top, 'delivered'))
    if name in LISTS:
        return add_rows(values, LISTS[name], top)
    if name in TROUBLES:
        return {'count': sum(value['count'] for value in values),
                'list': add_rows([value['list'] for value in values], ('service', 'text'), top)}
    whole = add_numbers(values)
    if name == 'tls':
        for way, base in (('in', 'connections'), ('out', 'deliveries')):
            whole[way]['share'] = share(whole[way]['encrypted'], whole[way][base])
    return whole


def add_rows(lists, names, top, by=None):
    """Lists of objects as one: objects with the same `names` are one, and their numbers added."""
    found: Dict[tuple, list] = collections.OrderedDict()
    for row in (row for rows in lists for row in rows):
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    whole = [dict(zip(names, key), **add_numbers([{name: value for name, value in row.items() if name not in names}
                                                  for row in rows])) for key, rows in found.items()]
    return sorted(whole, key=lambda row: -weight(row, by))[:top]


def weight(row, by=None):
    """What orders the rows of a list: the number named, or the first ones that are there."""
    if by:
        return row[by] + row.get('deferrals', 0)
    return row.get('messages') or row.get('count') or sum(
        value for value in row.values() if is_count(value))


def add_reasons(lists, top):
    """The sum of lists of reasons."""
    counts: Dict[str, int] = collections.Counter()
    whos: Dict[str, collections.Counter] = {}
    for row in (row for rows in lists for row in rows):
        counts[row['reason']] += row['count']
        whos.setdefault(row['reason'], collections.Counter()).update(dict(map(tuple, row['by'])))
    return [{'reason': reason, 'count': count, 'by': ranked(whos[reason], WHO)}
            for reason, count in ranked(counts, top)]


def ranked(counts, top):
    """[[name, count]] of {name: count}, the most first, the rest by name."""
    return [list(pair) for pair in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:top]]


def add_numbers(values):
    """Numbers as their sum, objects member by member; lists and texts as the first has them."""
    if isinstance(values[0], dict):
        names = collections.OrderedDict((name, None) for value in values for name in value)
        return {name: add_numbers([value[name] for value in values if name in value]) for name in names}
    return sum(values) if is_count(values[0]) or isinstance(values[0], float) else values[0]


def with_shares(providers):
    """The rows of providers, with what does not add up worked out anew."""
    for row in providers:
        row['deferred_share'] = share(row['deferrals'], row['delivered'] + row['deferrals'] + row['bounced'])
        for delay in row['delays'].values():
            delay['p50'], delay['p95'] = percentiles(delay['counts'])
    return providers


def share(part, whole):
    """part/whole with four digits, 0 to 1; 0 for nothing of nothing."""
    return round(part / whole, 4) if whole else 0.0


def percentiles(counts):
    """(p50, p95) of {seconds as text: how often}: the smallest value that so many percent do not exceed."""
    rows = sorted((float(text), count) for text, count in counts.items())
    wanted = [(sum(counts.values()) * percent + 99) // 100 for percent in (50, 95)]
    found: List[float] = []
    seen = 0
    for seconds, count in rows:
        seen += count
        while len(found) < len(wanted) and seen >= wanted[len(found)]:
            found.append(seconds)
    return tuple(found) if found else (None, None)
