"""How often each client failed, and nothing else: the quick pass of `failures --count`.

logline.read() decides what a line says.  But nearly all failures are written in one plain way,
and these are taken here by one pattern for many lines at once, which accepts less than logline.py
does and never more; every other line with the words in it goes there.  Tests hold the two together.

What takes the time is the head of a line, which a pattern reads class by class.  So in an attack
the heads that were met become part of the pattern, letter by letter.
"""
import re
from collections import Counter

from mailtools.block_sasl_fail.address import client_of
from mailtools.block_sasl_fail.counts import Counts
from mailtools.block_sasl_fail.patterns import FAILED, NO_MECHANISM, NO_MECHANISMS, OUTAGES, USERNAME

TOGETHER = 1 << 18      # bytes of lines that one pattern takes at once
DISTINCT = 10000        # NAME[ADDR]:PORTs that are kept before they are added up by address
LONGEST = 1 << 20       # bytes of a line, as in logline.py
MANY = 10000            # plain lines that are worth a pattern of their own
HEADS = 64              # that are learned at once; logs of many hosts have more

# Only days that each year has: 29 February is left to stamps.py.  The order is that of the calendar's frequency.
MONTH_DAY = (
    rb'(?:(?:Jan|Mar|May|Jul|Aug|Oct|Dec) (?:[ 0][1-9]|[12][0-9]|3[01])'
    rb'|(?:Apr|Jun|Sep|Nov) (?:[ 0][1-9]|[12][0-9]|30)'
    rb'|Feb (?:[ 0][1-9]|1[0-9]|2[0-8])) ')
YEAR_DAY = (
    rb'2[0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])'
    rb'|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)'
    rb'|02-(?:0[1-9]|1[0-9]|2[0-8]))T')
TIME = rb'(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
FRACTION = rb'\.[0-9]{1,9}'
# Classes without \s and \d: these are compiled into tables, and the pattern is twice as fast.
PLACE = rb' [0-9A-Za-z._-]+ postfix[0-9A-Za-z._-]*/(?:[0-9A-Za-z._-]+/)?smtpd\['
ZONE = rb'(?:Z|[+-][0-9][0-9]:?[0-9][0-9])'
WARNING = rb'[0-9]+\]: warning: '
HEAD = (rb'(?:' + MONTH_DAY + TIME + rb'|' + YEAR_DAY + TIME + rb'(?:' + FRACTION + rb')?' + ZONE + rb')'
        + PLACE + WARNING)
# The parts that learn() makes a pattern of: the day, perhaps a fraction, what stands behind the time.
PARTS = re.compile(rb'([^:]*[ T])[0-9:]{8}(' + FRACTION + rb')?([^ ]* [^ ]+ [^ ]+\[)')

WHO = rb'[^ \n]+'
SASL = rb': SASL [0-9A-Za-z_-]+' + FAILED
NOT_COUNTED = (
    rb' (?:(?:' + b'|'.join(re.escape(reason.encode()) for reason in OUTAGES + NO_MECHANISMS) +
    rb')(?:' + USERNAME.encode() + rb'|\r?\n)|' + NO_MECHANISM.encode() + rb": ')")
COUNTED = rb'(?!' + NOT_COUNTED + rb'|[^ \r\n]|\r[^\n])'


# `warning: SASL authentication failure: ..` of Cyrus comes before a failure and names nobody.
OF_CYRUS = rb'(?<=warning: SASL) authentication '
# Takes each line of a text by one match.  Its group is NAME[ADDR] if the line is a failure, something else if it
# surely is none, and nothing if it is written in another way.
GENERAL = (HEAD + rb'(' + WHO + rb'(?=' + SASL + COUNTED + rb'|' + OF_CYRUS + rb')|' + WHO + SASL
           + rb'(?=' + NOT_COUNTED + rb')).*\n|.*\n')
# The same behind a head that was learned, and for failures only.  A class without \n is faster: a match that
# reaches into the next line is seen by the number of matches.
LEARNED = rb'([^ ]+)(?:' + SASL + COUNTED + rb'|' + OF_CYRUS + rb').*\n|.*\n'


class Tally:
    """Failures by client, of block after block of a log."""

    def __init__(self):
        self._general = re.compile(GENERAL).findall
        self._learned = None
        self._missed = 0                # lines that the general pattern took since then
        self._plain: Counter = Counter()    # by NAME[ADDR] or NAME[ADDR]:PORT, as bytes
        self._counts = Counts()         # by client

    def add(self, block, start=0, end=None):
        """Count the failures of block[start:end], whole lines, each with its end."""
        end = len(block) if end is None else end
        if block.startswith(b'{', start):
            self._add_read(block[start:end])
            return
        found, size = [], 0
        for line in lines_with(block, FAILED, start, end):
            found.append(line)
            size += len(line)
            if size > TOGETHER:
                self.add_lines(b''.join(found))
                found, size = [], 0
        self.add_lines(b''.join(found))

    def add_lines(self, lines):
        """The same for lines that mostly are failures."""
        others = self._take(self._learned, lines) if self._learned else lines
        if others:
            missed = others.count(b'\n')
            others = self._take(self._general, others)
            self._missed += missed - others.count(b'\n')
        for line in others.split(b'\n') if others else ():
            if FAILED in line and may_count(line):
                self._add_read(line)
        if self._missed > MANY:
            self._learned = learned(lines)
            self._missed = 0
        if len(self._plain) > DISTINCT:
            self._add_up()

    def _take(self, take, lines):
        """Count by a pattern; the lines that it doesn't take."""
        found = take(lines)
        if len(found) != lines.count(b'\n'):
            return lines
        self._plain.update(found)
        if not self._plain.pop(b'', 0):
            return b''
        return b'\n'.join([line for line, who in zip(lines.split(b'\n'), found) if not who] + [b''])

    def _add_read(self, lines):
        """Count lines that are not written in the plain way."""
        import time

        from mailtools.block_sasl_fail.logline import scan
        from mailtools.block_sasl_fail.stamps import Clock
        from mailtools.block_sasl_fail.values import FAILURE
        for attempt in scan(lines, Clock(time.time())):
            if attempt.kind == FAILURE:
                self._counts.add(attempt.client, attempt.times)

    def _add_up(self):
        """Bring what was counted by NAME[ADDR] to the addresses."""
        for who, times in self._plain.items():
            client = client_of(who)
            if client is not None:
                self._counts.add(client, times)
        self._plain.clear()

    def failures(self):
        """Yield (client, failures) pairs, those with most failures first."""
        self._add_up()
        return self._counts.pairs()


def lines_with(block, word, start, end):
    """Yield the lines of block[start:end] that have a word in them."""
    find, rfind = block.find, block.rfind
    hit = find(word, start, end)
    while hit >= 0:
        begin = rfind(b'\n', start, hit) + 1 or start
        start = find(b'\n', hit, end) + 1
        if start - begin <= LONGEST:
            yield block[begin:start]
        hit = find(word, start, end)


def learned(lines):
    """What takes lines with heads like those of these lines; None where there are none to learn, or too many."""
    heads: dict = {}        # (day, with a fraction?) -> what stands behind the time
    for line in lines.split(b'\n'):
        plain = re.match(HEAD, line)
        parts = PARTS.match(plain.group()) if plain else None
        if parts:
            day, fraction, place = parts.groups()
            heads.setdefault((day, bool(fraction)), set()).add(place)
    if not heads or sum(len(places) for places in heads.values()) > HEADS:
        return None
    return re.compile(rb'(?:' + b'|'.join(
        re.escape(day) + TIME + FRACTION * fraction
        + rb'(?:' + b'|'.join(map(re.escape, sorted(places))) + rb')'
        for (day, fraction), places in sorted(heads.items())) + rb')' + WARNING + LEARNED).findall


def may_count(line):
    """False for a line that is not smtpd's, or not a warning; most forgeries are such lines.

    The first `: ` ends the head; the head of RFC 5424 has none.
    """
    head, _, message = line.partition(b': ')
    if line.startswith(b'{') or head.endswith(b'warning'):
        return True
    if b'/smtpd[' not in head or not message.startswith((b'warning: ', b'message repeated ')):
        return False
    return not message.partition(b': SASL ')[2].startswith(b'"')        # no mechanism begins so
