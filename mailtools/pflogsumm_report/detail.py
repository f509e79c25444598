"""Lines of a day -> the detail of its figures: why, where to, how fast, how safe, by whom.  Values in, values out.

See values.py for what is meant by each.  A Counter finds the lines, and calls the methods below.
"""
import collections
import heapq
import itertools
import re
from typing import Dict, List, Set, Tuple

from mailtools.pflogsumm_report import folding
from mailtools.pflogsumm_report.providers import provider_of
from mailtools.pflogsumm_report.values import DELAYS, REASONS, WHO, percentiles, ranked, share

ONE = 1 << 56           # as in counter.py
AT_ONCE = 50            # deliveries of a provider
MOST_REASONS = 20000    # different ones that are kept of a kind; the folding failed if there are more
REST = '(other reasons)'
TROUBLES = {b'warning: ': 'warnings', b'fatal: ': 'fatals', b'panic: ': 'panics'}
SERVICE = ('received', 'delivered', 'deferrals', 'bounced', 'rejected')
OUTCOMES = {b'sent': 'delivered', b'deferred': 'deferrals', b'bounced': 'bounced'}
NETWORKED = (b'smtp', b'lmtp')
# What follows `TLS connection established to mx.example.com[192.0.2.1]:25: `: src/tls/tls_misc.c, tls_log_summary().
SESSION = re.compile(br'(\S+) with cipher (\S+)')


class Provider:
    """The deliveries to one provider."""

    def __init__(self):
        self.outcomes = dict.fromkeys(OUTCOMES.values(), 0)
        self.delays: List[Dict[bytes, int]] = [collections.Counter() for _ in DELAYS]
        self._fresh: List[bytes] = []       # delay/a/b/c/d, not yet in `delays`: some at once take less time

    def sent(self, delay, delays):
        """A delivery that took so long."""
        self.outcomes['delivered'] += 1
        if delays:
            self._fresh.append(delay + b'/' + delays)
            if len(self._fresh) >= AT_ONCE:
                self._count()
        else:                               # Postfix before 2.3
            self.delays[0][delay] += 1

    def _count(self):
        for counts, texts in zip(self.delays, zip(*(one.split(b'/') for one in self._fresh))):
            counts.update(texts)
        self._fresh = []

    def row(self, name):
        """Its row of `providers`."""
        self._count()
        delays = {}
        for part, counts in zip(DELAYS, self.delays):
            texts = {text.decode('ascii', 'replace'): count for text, count in counts.items() if is_number(text)}
            p50, p95 = percentiles(texts)
            delays[part] = {'p50': p50, 'p95': p95, 'counts': texts}
        attempts = sum(self.outcomes.values())
        return dict(provider=name, deferred_share=share(self.outcomes['deferrals'], attempts), delays=delays,
                    **self.outcomes)


class Detail:
    """Counts what Counter.figures() has under the keys of values.DETAIL."""

    def __init__(self):
        # Kind -> {reason: {whom it concerns: how often}}.
        self.reasons: Dict[str, Dict[str, Dict[bytes, int]]] = {name: {} for name in REASONS}
        self.providers: Dict[str, Provider] = collections.defaultdict(Provider)
        self.services: Dict[bytes, Dict[str, int]] = {}
        self.clients: Dict[bytes, int] = collections.Counter()
        self.deferrals: Dict[bytes, int] = collections.Counter()        # by recipient
        self.troubles: Dict[str, Dict[Tuple[str, str], int]] = {
            name: collections.Counter() for name in TROUBLES.values()}  # {(service, text): how often}
        self.connections = 0
        self.sessions: Dict[str, Dict[bytes, int]] = {'in': collections.Counter(), 'out': collections.Counter()}
        self.spoken: Set[bytes] = set()                                 # relays with which TLS was spoken
        self.relays: Dict[bytes, int] = collections.Counter()           # deliveries to hosts
        self._homeless: Dict[Tuple[bytes, str], int] = collections.Counter()   # attempts that reached no relay
        self._provider_of: Dict[bytes, Provider] = {}                   # a relay's
        self._domains: Dict[bytes, Provider] = {}                       # who took the first mail for a domain

    def received(self, tag, client):
        """A mail has come in."""
        self._count(tag, 'received')
        self.clients[client] += 1

    def delivery(self, tag, parts):
        """An attempt to deliver; parts: the groups of lines.DELIVERY."""
        recipient, relay, delay, delays, status, said = parts
        self._count(tag, OUTCOMES[status])
        domain = recipient.rpartition(b'@')[2]
        provider = self._provider_of.get(relay)
        if provider is None and relay != b'none':
            provider = self._provider(relay)
        if b'[' in relay and tag.daemon in NETWORKED:
            self.relays[relay] += 1
        if status == b'sent':
            if provider:
                provider.sent(delay, delays)
                if domain not in self._domains:
                    self._domains[domain] = provider
            return
        self._failed(domain.lower(), relay, provider, status, said)
        if status == b'deferred':
            self.deferrals[recipient] += 1

    def _failed(self, domain, relay, provider, status, said):
        """An attempt that did not deliver."""
        outcome = OUTCOMES[status]
        if provider:
            provider.outcomes[outcome] += 1
        else:
            self._homeless[domain, outcome] += 1
        self._reason(status.decode(), folding.of_delivery(said),
                     relay.partition(b'[')[0] if provider else domain)

    def refused(self, tag, action, kind, rest):
        """A mail was kept out, or could have been."""
        if action == 'rejected':
            self._count(tag, 'rejected')
        if kind.startswith(b'warning: '):
            rest = kind[len(b'warning: '):] + rest
        read = folding.of_content if tag.daemon == b'cleanup' else folding.of_client
        client, reason = read(rest)
        name, _, address = client.partition(b'[')
        self._reason(action, reason, address.partition(b']')[0] if name in (b'', b'unknown') else name)

    def other(self, tag, kind, rest):
        """Any other line that lines.counted() finds."""
        if kind == b'connect from ':
            self.connections += tag.daemon == b'smtpd'
        elif kind in TROUBLES:
            self.troubles[TROUBLES[kind]][text_of(tag.name), folding.fold(rest)] += 1
        else:
            self._session(tag.daemon, kind, rest)

    def _session(self, daemon, kind, rest):
        """A TLS handshake."""
        peer, _, summary = rest.partition(b': ')
        if kind.endswith(b'from '):
            if daemon == b'smtpd':
                self.sessions['in'][summary] += 1
        elif daemon in NETWORKED:
            self.sessions['out'][summary] += 1
            self.spoken.add(peer)

    def _provider(self, relay):
        """The Provider of a relay: `mx.example.com[192.0.2.1]:25`, or `local`."""
        name, bracket, address = relay.partition(b'[')
        if bracket and name in (b'', b'unknown'):
            name = address.partition(b']')[0]
        text = text_of(name.lower())
        self._provider_of[relay] = found = self.providers[provider_of(text) if bracket else text]
        return found

    def _reason(self, kind, reason, who):
        reasons = self.reasons[kind]
        whom = reasons.get(reason)
        if whom is None:
            reason = reason if len(reasons) < MOST_REASONS else REST
            whom = reasons.setdefault(reason, collections.Counter())
        whom[who] += 1

    def _count(self, tag, what):
        found = self.services.get(tag.name)
        if found is None:
            found = self.services[tag.name] = dict.fromkeys(SERVICE, 0)
        found[what] += 1

    def figures(self, senders, sending, recipients, receiving, top):
        """The keys of values.DETAIL that are known here, from counts that are count * ONE + bytes."""
        for (home, outcome), count in self._homeless.items():
            provider = self._domains.get(home) or self.providers[provider_of(text_of(home))]
            provider.outcomes[outcome] += count
        deferrals: Dict[bytes, int] = collections.Counter()
        by_domain: Dict[bytes, int] = collections.Counter()
        for recipient, count in self.deferrals.items():
            name, at, domain = recipient.rpartition(b'@')
            deferrals[name + at + domain.lower()] += count
            by_domain[domain.lower()] += count
        figures = {
            'reasons': {kind: self._reasons(kind, top) for kind in REASONS},
            'providers': sorted((one.row(name) for name, one in self.providers.items()),
                                key=lambda row: (-sum(row[name] for name in OUTCOMES.values()), row['provider']))[:top],
            'tls': self._tls(),
            'top_senders': rows(senders, top), 'top_sending_domains': rows(sending, top),
            'top_clients': [{'name': text_of(name), 'messages': count} for name, count in ranked(self.clients, top)],
            'top_recipients': rows(recipients, top, deferrals),
            'top_recipient_domains': rows(receiving, top, by_domain),
            'services': self._services()}
        for kind, counts in self.troubles.items():
            figures[kind] = {'count': sum(counts.values()), 'list': [
                {'service': service, 'text': text, 'count': count} for (service, text), count in ranked(counts, top)]}
        return figures

    def _reasons(self, kind, top):
        counts = {reason: sum(whom.values()) for reason, whom in self.reasons[kind].items()}
        return [{'reason': reason, 'count': count,
                 'by': [[text_of(name), times] for name, times in ranked(self.reasons[kind][reason], WHO)]}
                for reason, count in ranked(counts, top)]

    def _services(self):
        return sorted((dict(service=text_of(name), **counts) for name, counts in self.services.items()),
                      key=lambda row: (-sum(row[name] for name in SERVICE), row['service']))

    def _tls(self):
        deliveries = sum(self.relays.values())
        spoken = sum(count for relay, count in self.relays.items() if relay in self.spoken)
        return {
            'in': dict(connections=self.connections, encrypted=sum(self.sessions['in'].values()),
                       share=share(sum(self.sessions['in'].values()), self.connections), **self._names('in')),
            'out': dict(sessions=sum(self.sessions['out'].values()), deliveries=deliveries, encrypted=spoken,
                        share=share(spoken, deliveries), **self._names('out'))}

    def _names(self, way):
        versions: Dict[str, int] = collections.Counter()
        ciphers: Dict[str, int] = collections.Counter()
        for summary, count in self.sessions[way].items():
            found = SESSION.match(summary)
            versions[text_of(found.group(1)) if found else ''] += count
            ciphers[text_of(found.group(2)) if found else ''] += count
        return {'versions': collections.OrderedDict(ranked(versions, None)),
                'ciphers': collections.OrderedDict(ranked(ciphers, None))}


def rows(counts, top, deferrals=None):
    """The rows of the most in {name: count * ONE + bytes}; with {name: deferrals} those that had only these as well."""
    others = ((name, 0) for name in deferrals or () if name not in counts)
    best = heapq.nsmallest(top, itertools.chain(counts.items(), others), key=lambda pair: (-pair[1], pair[0]))
    made = [{'name': text_of(name), 'messages': value // ONE, 'bytes': value % ONE} for name, value in best]
    for row, (name, _) in zip(made, best):
        if deferrals is not None:
            row['deferrals'] = deferrals.get(name, 0)
    return made


def text_of(name):
    """Bytes of a log as text."""
    return name.decode('utf-8', 'backslashreplace')


def is_number(text):
    """Whether this is a time as Postfix writes it."""
    return text.replace(b'.', b'', 1).isdigit()
