"""Lines of a day -> the day's figures, in pflogsumm's own definitions: values in, values out.

`received` is counted when smtpd or pickup give a mail its queue id; its sender and size when the queue manager takes it,
so that what Postfix itself makes (bounces) is not received.  `delivered` and `bounced` are recipients, `deferrals`
attempts, `deferred` the mails that had one.  The rejections of an hour are rejects, reject warnings, held and
discarded mails.  What is not as in pflogsumm, since it is wrong there: any instance and service counts;
a queue id means a mail of one instance of one host, until `removed`; a Subject that is logged is no rejection; only
local(8) forwards; the size of a mail is known that was in the queue at midnight.
"""
import re
from typing import Dict, Optional, Set

from mailtools.pflogsumm_report.lines import CONTENT, DELIVERY, ORIGIN, counted, is_postfix, queued
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

# example.com of a.example.com, example.co.uk of a.example.co.uk; other names stay whole.
ORGANISATION = re.compile(br'.*\.([^.]+\.(?:[^.]{3}|[^.]{2,3}\.[^.]{2}))\Z', re.DOTALL)


class Queue:
    """The mails of one instance of one host: what is known of them until they are removed."""

    def __init__(self, instance):
        self.name = instance.partition(b' ')[2]
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
        for qid in self._going:
            self.sizes.pop(qid, None)
            self.old.pop(qid, None)
            self.deferred.discard(qid)
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
        self.senders: Dict[bytes, int] = {}         # address as written -> count * ONE + bytes
        self.other_senders: Dict[bytes, int] = {}   # the client's or a local name, where the sender has no domain
        self.recipients: Dict[bytes, int] = {}
        self.lines = 0
        self.known: Set[tuple] = set()              # mails of the day before whose size is known
        self.unknown: Set[tuple] = set()            # and is not
        self._queues: Dict[bytes, Queue] = {}

    def before(self, text, width):
        """Take note of the mails in lines of before the day, which begin with a line end; for width see lines.py."""
        for instance, qid, _, size in queued(width).findall(text):
            queue = self.queue_of(instance, b'qmgr')
            if size:
                queue.old[qid] = int(size)
            else:
                queue.old.pop(qid, None)

    def add(self, text, width, hour):
        """Count lines of an hour of the day, whole, with a line end before the first one."""
        self.lines += text.count(b'\n') - 1
        received = rejected = 0
        name, queue = None, None
        for instance, service, qid, kind, rest in counted(width, self.detail is not None).findall(text):
            if instance != name:
                queue = self.queue_of(instance, service)
                name = instance if queue else None
                if not queue:
                    continue
            if kind == b'to=<':
                self._delivery(queue, qid, service, rest, hour)
            elif kind == b'from=<':
                self._queued(queue, qid, rest)
            elif kind == b'removed':
                queue.gone.add(qid)
            elif kind == b'client=' or kind == b'uid=' or kind == b'sender=':
                received += self._received(queue, qid, service, kind, rest)
            elif not self._refused(queue, qid, service, kind, rest):
                if self.detail:
                    self.detail.other(queue.name, service, qid, kind, rest)
            else:
                rejected += 1
        self.per_hour['received'][hour] += received
        self.per_hour['rejected'][hour] += rejected
        for queue in self._queues.values():
            queue.sweep()

    def queue_of(self, instance, service) -> Optional[Queue]:
        """The Queue of an instance; None for lines of another program."""
        found = self._queues.get(instance)
        if found is None and is_postfix(instance, service):
            found = self._queues[instance] = Queue(instance)
        return found

    def _received(self, queue, qid, service, kind, rest):
        """Whether this begins a mail."""
        daemon = service.rpartition(b'/')[2]
        if kind == b'client=':
            if daemon != b'smtpd' or (self.reinjection and service in self.reinjection):
                return False
            client = rest.partition(b',')[0]
        elif daemon == b'pickup':
            client = LOCAL
        else:
            return False
        queue.take(qid, client)
        if self.detail:
            self.detail.received(queue.name, service, client)
        return True

    def _queued(self, queue, qid, rest):
        """The queue manager takes a mail, for the first time or again."""
        found = ORIGIN.match(rest)
        if not found or queue.is_known(qid):
            return
        sender, text = found.groups()
        queue.sizes[qid] = size = int(text)
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

    def _delivery(self, queue, qid, service, rest, hour):
        """An attempt to deliver a mail to one recipient."""
        found = DELIVERY.match(rest)
        if not found:
            return
        recipient, relay, _, _, status, said = found.groups()
        if status == b'sent':
            if said.startswith(b' (forwarded as '):
                self.forwarded += 1
                return
            if self.filters and relay in self.filters:
                return
            size = queue.sizes.get(qid)
            if size is None:
                size = self._size_before(queue, qid)
            self.recipients[recipient] = self.recipients.get(recipient, 0) + ONE + size
            self.per_hour['delivered'][hour] += 1
        elif status == b'deferred':
            self.per_hour['deferred'][hour] += 1
            if qid not in queue.deferred:
                queue.deferred.add(qid)
                self.deferred += 1
        elif status == b'bounced':
            self.per_hour['bounced'][hour] += 1
        else:                               # of a probe of verify(8)
            return
        if self.detail:
            self.detail.delivery(queue.name, service, found.groups())

    def _size_before(self, queue, qid):
        """The size of a mail that the queue manager took before the day; 0 when it is not known."""
        size = queue.old.get(qid)
        if size is None:
            self.unknown.add((queue, qid))
            return 0
        self.known.add((queue, qid))
        return size

    def _refused(self, queue, qid, service, kind, rest):
        """Whether this line keeps a mail out, or warns that it could."""
        daemon = service.rpartition(b'/')[2]
        if daemon == b'cleanup':
            action = CONTENT_ACTIONS.get(kind)
            if not action or not (kind.startswith(b'warning: ') or CONTENT.match(rest)):
                return False
        else:
            action = ACTIONS.get(kind)
            if not action or not (daemon in (b'smtpd', b'postscreen') or not qid):
                return False
        self.actions[action] += 1
        if self.detail:
            self.detail.refused(queue.name, service, action, kind, rest)
        return True

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
    for address in [address for address in counts if normal(address) != address]:
        value = counts.pop(address)
        address = normal(address)
        counts[address] = counts.get(address, 0) + value


def normal(address):
    """An address with its domain in lower case: bytes."""
    name, at, domain = address.rpartition(b'@')
    return name + at + domain.lower() if at else address


def by_domain(counts, all_of_them):
    """{domain: the sum of its addresses}; an address without one is left out, or else a domain by itself."""
    domains: Dict[bytes, int] = {}
    for address, value in counts.items():
        _, at, domain = address.rpartition(b'@')
        if at or all_of_them:
            domains[domain] = domains.get(domain, 0) + value
    return domains


def client_domain(client):
    """example.com of mail.example.com[192.0.2.1], as pflogsumm shortens it; the address when there is no name."""
    name, _, address = client.partition(b'[')
    if not name or name == b'unknown':
        return address.partition(b']')[0]
    found = ORGANISATION.match(name)
    return found.group(1).lower() if found else name
