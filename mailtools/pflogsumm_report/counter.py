"""Lines of a day -> the day's figures, in pflogsumm's own definitions: values in, values out.

`received` is counted when smtpd or pickup give a mail its queue id; its sender and size when the queue manager takes
it, so that what Postfix itself makes (bounces) is not received.  `delivered` and `bounced` are recipients, `deferrals`
attempts, `deferred` the mails that had one.  The rejections of an hour are rejects, reject warnings, held and
discarded mails.  What is not as in pflogsumm, since it is wrong there: any instance and service counts;
a queue id means a mail of one instance of one host, until `removed`; a Subject that is logged is no rejection; only
local(8) forwards; the size of a mail is known that was in the queue at midnight.
"""
import re
from typing import Dict, Optional, Set, Tuple

from mailtools.pflogsumm_report.lines import CONTENT, DELIVERY, Tag, counted, queued, tag_of
from mailtools.pflogsumm_report.values import HOURS, PER_HOUR

ONE = 1 << 56               # a count and a sum of bytes are one number: count * ONE + bytes
NULL_SENDER = b'from=<>'    # what pflogsumm calls it
LOCAL = b'pickup'           # in place of a client
# What keeps a mail out, as Postfix writes it -> what is counted.
ACTIONS = {b'reject: ': 'rejected', b'reject_warning: ': 'reject_warnings', b'hold: ': 'held',
           b'discard: ': 'discarded'}
CONTENT_ACTIONS = {b'reject: ': 'rejected', b'milter-reject: ': 'rejected', b'hold: ': 'held', b'milter-hold: ': 'held',
                   b'discard: ': 'discarded', b'milter-discard: ': 'discarded',
                   b'warning: header ': 'reject_warnings', b'warning: body ': 'reject_warnings'}

OF_PICKUP = (b'uid=', b'sender=')
REFUSING = (b'smtpd', b'postscreen')
# example.com of a.example.com, example.co.uk of a.example.co.uk; other names stay whole.
ORGANISATION = re.compile(br'.*\.([^.]+\.(?:[^.]{3}|[^.]{2,3}\.[^.]{2}))\Z', re.DOTALL)

MIXED_CASE = re.compile(br'@[^@\n]*[A-Z][^@\n]*$', re.MULTILINE)


class Queue:
    """The mails of one instance of one host: what is known of them until they are removed."""

    def __init__(self):
        self.clients: Dict[bytes, bytes] = {}   # of mails that the queue manager has not seen yet
        self.sizes: Dict[bytes, int] = {}
        self.old: Dict[bytes, int] = {}         # sizes of those that were there before the day
        self.deferred: Set[bytes] = set()
        self.gone: Set[bytes] = set()           # removed
        self._going: Set[bytes] = set()         # removed a block of lines ago

    def take(self, qid, client):
        """A new mail has this id."""
        if qid in self.sizes or qid in self.deferred:
            self.forget(qid)
        self.clients[qid] = client

    def is_known(self, qid):
        """Whether the queue manager has taken this mail before."""
        if qid in self.sizes:
            if qid not in self.gone and qid not in self._going:
                return True
            self.forget(qid)
        return False

    def forget(self, qid):
        """The id is free."""
        self.sizes.pop(qid, None)
        self.old.pop(qid, None)
        self.deferred.discard(qid)
        self.gone.discard(qid)
        self._going.discard(qid)

    def sweep(self):
        """Forget what was removed before the last sweep: lines of several processes can be out of order by a little."""
        if self._going:
            self.deferred -= self._going
            for known in self.sizes, self.old:
                if known:
                    for qid in self._going:
                        known.pop(qid, None)
        self._going, self.gone = self.gone, set()

    def open_mails(self):
        """How many mails are in the queue."""
        here = set(self.sizes)
        here.update(self.old)
        return len(here - self.gone - self._going)


class Counter:
    """Counts the lines of a day.

    detail: a Detail, None to count totals only.
    filters: relays of a content filter (bytes): what is handed to them is not yet delivered.
    reinjection: services by which it comes back, such as 10025/smtpd (bytes): not received again.
    """

    def __init__(self, detail=None, filters=(), reinjection=()):
        self.detail = detail
        self.filters = frozenset(filters)
        self.reinjection = frozenset(reinjection)
        self.per_hour = {name: [0] * HOURS for name in PER_HOUR}
        self.actions = dict.fromkeys(ACTIONS.values(), 0)
        self.forwarded = self.deferred = 0
        self._hour = 0
        self.senders: Dict[bytes, int] = {}         # address as written -> count * ONE + bytes
        self.other_senders: Dict[bytes, int] = {}   # the client's or a local name, where the sender has no domain
        self.recipients: Dict[bytes, int] = {}
        self.lines = 0                              # without detail, no more than whether there are any
        self.known: Set[tuple] = set()              # mails of the day before whose size is known
        self.unknown: Set[tuple] = set()            # and is not
        self._queues: Dict[bytes, Queue] = {}
        self._origins: Dict[bytes, Optional[Tuple[Tag, Queue]]] = {}    # host and tag as written -> who that is

    def before(self, text, width):
        """Take note of the mails in lines of before the day, which begin with a line end; for width see lines.py."""
        for origin, qid, size in queued(width).findall(text):
            found = self._origins[origin] if origin in self._origins else self._origin(origin)
            if found and size:
                found[1].old[qid] = int(size)
            elif found:
                found[1].old.pop(qid, None)

    def add(self, text, width, hour):
        """Count lines of an hour of the day, whole, with a line end before the first one."""
        self.lines += text.count(b'\n') - 1 if self.detail else 1
        self._hour = hour
        origins, detail = self._origins, self.detail
        for origin, qid, kind, alone, rest in counted(width, detail is not None).findall(text):
            found = origins[origin] if origin in origins else self._origin(origin)
            if not found:
                continue
            tag, queue = found
            if kind == b'from=<':
                self._queued(queue, qid, rest)
            elif kind == b'removed':
                queue.gone.add(qid)
            elif kind == b'to=<':
                self._delivery(tag, queue, qid, rest)
            elif kind == b'client=':
                self._received(tag, queue, qid, rest.partition(b',')[0])
            elif kind in OF_PICKUP:
                self._received(tag, queue, qid, LOCAL)
            elif kind or alone in ACTIONS:
                self._refused(tag, kind or alone, rest)
            else:
                detail.other(tag, alone, rest)
        for queue in self._queues.values():
            queue.sweep()

    def _origin(self, origin):
        """(Tag, Queue) of a host and tag that was not seen before; None for another program."""
        tag = tag_of(origin)
        self._origins[origin] = found = tag and (tag, self._queues.setdefault(tag.instance, Queue()))
        return found

    def _received(self, tag, queue, qid, client):
        """A mail gets its id."""
        if tag.daemon != (b'pickup' if client == LOCAL else b'smtpd') or tag.service in self.reinjection:
            return
        queue.take(qid, client)
        self.per_hour['received'][self._hour] += 1
        if self.detail:
            self.detail.received(tag, client)

    def _queued(self, queue, qid, rest):
        """The queue manager takes a mail, for the first time or again: src/qmgr/qmgr_active.c."""
        sender, sized, text = rest.rpartition(b'>, size=')
        if not sized or queue.is_known(qid):
            return
        queue.sizes[qid] = size = int(text.partition(b',')[0])
        if queue.old and qid in queue.old:
            self.known.add((queue, qid))
        client = queue.clients.pop(qid, None)
        if client is None:
            return
        sender = sender or NULL_SENDER
        self.senders[sender] = self.senders.get(sender, 0) + ONE + size
        if b'@' not in sender:
            domain = sender if client == LOCAL else client_domain(client)
            self.other_senders[domain] = self.other_senders.get(domain, 0) + ONE + size

    def _delivery(self, tag, queue, qid, rest):
        """An attempt to deliver a mail to one recipient."""
        found = DELIVERY.match(rest)
        if not found:
            return
        parts = found.groups()
        recipient, relay, _, _, status, said = parts
        if status == b'sent':
            if said.startswith(b' (forwarded as '):
                self.forwarded += 1
                return
            if relay in self.filters:
                return
            size = queue.sizes.get(qid)
            if size is None:
                size = self._size_before(queue, qid)
            self.recipients[recipient] = self.recipients.get(recipient, 0) + ONE + size
            self.per_hour['delivered'][self._hour] += 1
        elif status == b'deferred':
            self.per_hour['deferred'][self._hour] += 1
            if qid not in queue.deferred:
                queue.deferred.add(qid)
                self.deferred += 1
        elif status == b'bounced':
            self.per_hour['bounced'][self._hour] += 1
        else:                               # of a probe of verify(8)
            return
        if self.detail:
            self.detail.delivery(tag, parts)

    def _size_before(self, queue, qid):
        """The size of a mail that the queue manager took before the day; 0 when it is not known."""
        size = queue.old.get(qid)
        if size is None:
            self.unknown.add((queue, qid))
            return 0
        self.known.add((queue, qid))
        return size

    def _refused(self, tag, kind, rest):
        """A mail is kept out, or a rule warns that it could be."""
        if tag.daemon == b'cleanup':
            action = CONTENT_ACTIONS.get(kind)
            if not kind.startswith(b'warning: ') and not CONTENT.match(rest):
                return
        else:
            action = ACTIONS.get(kind) if tag.daemon in REFUSING else None
        if action:
            self.actions[action] += 1
            self.per_hour['rejected'][self._hour] += 1
            if self.detail:
                self.detail.refused(tag, action, kind, rest)

    def figures(self, figures, top):
        """Fill in the figures of a day (see values.py), and their detail if there is one.

        top: the most rows of a list.
        """
        normalise(self.senders)
        normalise(self.recipients)
        sending = by_domain(self.senders, False)
        for name, value in self.other_senders.items():
            sending[name] = sending.get(name, 0) + value
        receiving = by_domain(self.recipients, True)
        figures.update(
            received=sum(self.per_hour['received']), delivered=sum(self.per_hour['delivered']),
            forwarded=self.forwarded, deferred=self.deferred, deferrals=sum(self.per_hour['deferred']),
            bounced=sum(self.per_hour['bounced']), bytes_received=sum(self.senders.values()) % ONE,
            bytes_delivered=sum(self.recipients.values()) % ONE, senders=len(self.senders),
            sending_domains=len(sending), recipients=len(self.recipients), recipient_domains=len(receiving),
            per_hour=self.per_hour, **self.actions)
        if self.detail:
            figures.update(self.detail.figures(self.senders, sending, self.recipients, receiving, top))
            figures['carried'] = {'known': len(self.known), 'unknown': len(self.unknown),
                                  'open': sum(queue.open_mails() for queue in self._queues.values())}
            figures['lines'] = self.lines


def normalise(counts):
    """Make addresses that differ only by the case of their domain one."""
    if not MIXED_CASE.search(b'\n'.join(counts)):
        return
    for address in [address for address in counts if MIXED_CASE.search(address)]:
        value = counts.pop(address)
        name, _, domain = address.rpartition(b'@')
        address = name + b'@' + domain.lower()
        counts[address] = counts.get(address, 0) + value


def by_domain(counts, all_of_them):
    """{domain: the sum of its addresses}; an address without one is left out, or else a domain by itself."""
    domains: Dict[bytes, int] = {}
    for address, value in counts.items():
        place = address.rfind(b'@') + 1
        if place or all_of_them:
            domain = address[place:]
            domains[domain] = domains.get(domain, 0) + value
    return domains


def client_domain(client):
    """example.com of mail.example.com[192.0.2.1], as pflogsumm shortens it; the address when there is no name."""
    name, _, address = client.partition(b'[')
    if not name or name == b'unknown':
        return address.partition(b']')[0]
    found = ORGANISATION.match(name)
    return found.group(1).lower() if found else name
