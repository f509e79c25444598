"""Messages -> how old the mail for each domain is, and why it waits.  Pure; one message at a time.

Ages are those of qshape(1): recipients by domain, in ten buckets that double from 5 minutes on.
"""
import bisect
import collections
import re
from typing import Counter, Dict, List, Set

from mailtools.base.text import shortened, visible
from mailtools.mailqueues import postqueue
from mailtools.mailqueues.values import BUCKETS_MIN, Detail, Domain, Reason

TOTAL = 'TOTAL'
LIMITS_S = tuple(60 * minutes for minutes in BUCKETS_MIN)
TEXT_MOST = 200             # characters of a reason
CACHED = 5000               # raw reasons whose folded form is remembered
DISTINCT_MOST = 5000        # folded reasons, and ten times as many domains; what comes after is OTHER
OTHER = 'other'
REMEMBERED = 100000         # queue ids, so that a mail that moves counts once; about 15 MB

# What differs from mail to mail, in the order in which it is looked for; a name is what stands there instead,
# and `keep` stays: the reply code and status of the other side (RFC 5321 4.2, RFC 3463).
FOLDED = re.compile(r'''
    (?P<keep>  (?<![\w.])[245][0-9]{2}[ -]\#?[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![\w.-]*\w@)
             | (?:(?<=said:\ )|(?<=to\ me:\ ))[245][0-9]{2}\b
             | (?<![\w.])[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![.\w]) )
  | (?P<URL>     https?://[^\s)>\]]+ )
  | (?P<ADDRESS> <?(?:"[^"]*"|[^\s<>()\[\]:;,"=]+)@[^\s<>()\[\]:;,"]+>? )
  | (?P<HOST>    [\w.-]+\[[0-9a-fA-F:.]+\](?::[0-9]+)?
               | (?<=name=)[^\s:]+
               | (?<![\w.-])(?:[\w-]+\.)+[A-Za-z][\w-]*[A-Za-z](?![\w.-]*\w) )
  | (?P<IP>      \[?(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}
                    |(?=[\d:]*(?:[a-fA-F]|::))(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w:])(?:\ +[0-9]+)?\]? )
  | (?P<ID>      (?<![\w])(?=[\w.+/=-]*[0-9])(?=[\w.+/=-]*[A-Za-z])[\w+/=-][\w.+/=-]{5,}[\w=] )
  | (?P<N>       [0-9]+ )
''', re.VERBOSE)
REPUTATION = re.compile(r'(?<![\w.])4\.7\.[0-9]{1,3}(?![\w.])')


def folded(text):
    """A reason without what differs from mail to mail: hosts, addresses, ids, numbers."""
    kept = FOLDED.sub(lambda found: found.group() if found.lastgroup == 'keep' else str(found.lastgroup), text)
    return shortened(visible(' '.join(kept.split())), TEXT_MOST)


def domain_of(address):
    """The domain of an address as qshape writes it; of one without, the address."""
    if not address:
        return postqueue.NULL_SENDER
    name = address.lower().rsplit('@', 1)[-1].replace('..', '.')
    return name.strip('.') or name


def bucket_of(age_s):
    """Which of the ten buckets an age falls into: 0 for under five minutes."""
    return bisect.bisect_right(LIMITS_S, age_s)


class Gathering:
    """What is gathered of one listing.

    remote_now: that host's clock; ages are told by it.  Takes the lines of a listing by begin() and line(), as
    framing.Answer gives them.
    """

    def __init__(self):
        self.form = None
        self.ids: Set[str] = set()      # of the first REMEMBERED
        self.seen = 0
        self.reader = None
        self.remote_now = 0
        self.oldest: Dict[str, float] = {}
        self.total = [0] * (len(LIMITS_S) + 1)
        self.domains: Dict[str, List[int]] = {}
        self.reasons: Counter[str] = collections.Counter()
        self._folded: Dict[str, str] = {}

    def begin(self, form, now, zone):
        """A listing begins.  form: postqueue-j, postqueue-p or qshape."""
        self.form = form
        self.remote_now = now or 0
        self.reader = postqueue.reader(form, self.remote_now, zone)

    def line(self, line):
        """Take a line (bytes)."""
        if self.reader is not None:
            for message in self.reader.line(line):
                self.add(message)
        elif self.form == 'qshape':
            self._shaped(line)

    def finish(self, is_whole):
        """The last line was read: take what is left, unless it may have been cut."""
        if self.reader is not None and is_whole:
            for message in self.reader.end():
                self.add(message)

    def add(self, message):
        """Count one mail; a mail that moves while queues are listed is listed twice, and counts once.

        showq(8) lists active before deferred, and active holds 20,000 (qmgr_message_active_limit): so it is the first
        ids that may come again, and those of a queue without end need not be remembered.
        """
        if message.id in self.ids:
            return
        if len(self.ids) < REMEMBERED:
            self.ids.add(message.id)
        self.seen += 1
        if message.queue not in self.oldest or message.arrival < self.oldest[message.queue]:
            self.oldest[message.queue] = message.arrival
        bucket = bucket_of(self.remote_now - message.arrival)
        for address, reason in message.recipients:
            self.total[bucket] += 1
            self._row(domain_of(address))[bucket] += 1
            if reason:
                self.reasons[self._fold(reason)] += 1

    def _row(self, domain):
        """The buckets of a domain."""
        if domain not in self.domains:
            if len(self.domains) >= 10 * DISTINCT_MOST:
                domain = OTHER
            self.domains.setdefault(domain, [0] * len(self.total))
        return self.domains[domain]

    def _fold(self, reason):
        """folded(), remembered, for most mails wait for the same few reasons."""
        text = self._folded.get(reason)
        if text is None:
            text = folded(reason)
            if len(self._folded) < CACHED:
                self._folded[reason] = text
        return text if text in self.reasons or len(self.reasons) < DISTINCT_MOST else OTHER

    def _shaped(self, line):
        """A row of qshape itself: a domain, the total, ten numbers."""
        words = line.decode('utf-8', 'replace').split()
        if len(words) != len(self.total) + 2 or not all(word.isdigit() for word in words[1:]):
            return
        buckets = [int(word) for word in words[2:]]
        if words[0] == TOTAL:
            self.total = buckets
        else:
            self.domains[words[0]] = buckets

    def detail(self, at, skew_s, waiting, is_whole, top):
        """The Detail.

        at: when it was asked, by our clock.  skew_s: how far that host's clock is ahead.  waiting: how many mails
        there are by count.  top: how many domains and reasons are kept.
        """
        seen = waiting if self.form == 'qshape' else self.seen
        rows = [Domain(visible(name), sum(row), tuple(row)) for name, row in self.domains.items()]
        rows.sort(key=lambda row: (-row.total, row.domain))
        reasons = sorted(self.reasons.items(), key=lambda one: (-one[1], one[0]))
        return Detail(
            at, seen, 1.0 if is_whole or not waiting else min(1.0, seen / waiting),
            {queue: arrival - skew_s for queue, arrival in self.oldest.items()},
            Domain(TOTAL, sum(self.total), tuple(self.total)), tuple(rows[:top]),
            tuple(Reason(text, number, bool(REPUTATION.search(text))) for text, number in reasons[:top]))
