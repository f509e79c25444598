"""How often each client failed, and nothing else: the quick pass of `failures --count`.

logline.read() decides what a line says.  But nearly all failures are written in one plain way,
and these are taken here by one pattern for many lines at once, which accepts less than logline.py
does and never more; every other line with the words in it goes there.  Tests hold the two together.

The words are looked for with bytes.find(), which is twice as fast as a pattern where they are rare.  Where
they are not, in an attack, Python's steps from line to line decide: then one pattern runs over the whole
text, see Attack.
"""
import re
from collections import Counter

from mailtools.block_sasl_fail.address import client_of
from mailtools.block_sasl_fail.patterns import FAILED, NO_MECHANISM, NO_MECHANISMS, OUTAGES, USERNAME

TOGETHER = 1 << 18      # bytes of lines that one pattern takes at once
DISTINCT = 10000        # NAME[ADDR]:PORTs that are kept before they are added up by address
LONGEST = 1 << 20       # bytes of a line, as in logline.py
RANGE = 1 << 16         # bytes that are looked at together
MANY = 40               # failures in a range that make an attack
HEADS = 64              # that are known; logs of many hosts may have more
SOME_DIGIT = re.compile(rb'[0-9]').sub

# Classes without \s and \d: these are compiled into tables, and the pattern is twice as fast.
HEAD = (
    rb'(?:[A-Z][a-z][a-z] [ 0-3][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
    rb'|[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,9})?'
    rb'(?:Z|[+-][0-9][0-9]:?[0-9][0-9]))'
    rb' [0-9A-Za-z._-]+ postfix[0-9A-Za-z._-]*/(?:[0-9A-Za-z._-]+/)?smtpd\[[0-9]+\]: warning: ')
WHO = rb'[^ \n]+'
SASL = rb': SASL [0-9A-Za-z_-]+' + FAILED
NOT_COUNTED = (
    rb' (?:(?:' + b'|'.join(re.escape(reason.encode()) for reason in OUTAGES + NO_MECHANISMS) +
    rb')(?:' + USERNAME.encode() + rb'|\r?\n)|' + NO_MECHANISM.encode() + rb": ')")
COUNTED = rb'(?!' + NOT_COUNTED + rb'|[^ \r\n]|\r[^\n])'
# Each line is taken by one match.  Its group is NAME[ADDR] if the line is a failure, that and more if it is
# an outage and the like, and nothing if it is written in another way.
TAKE = (
    HEAD + rb'(' + WHO + rb'(?=' + SASL + COUNTED + rb')|' + WHO + SASL + rb'(?=' + NOT_COUNTED +
    rb'))[^\n]*\n|[^\n]*\n')


class Tally:
    """Failures by client, of block after block of a log."""

    def __init__(self):
        self._take = re.compile(TAKE).findall
        self._attack = Attack()
        self._lines = []
        self._size = 0                  # of the lines, in bytes
        self._plain: Counter = Counter()   # by NAME[ADDR] or NAME[ADDR]:PORT, as bytes
        self._failures = {}             # by client

    def add(self, block, start=0, end=None):
        """Count the failures of block[start:end], whole lines, each with its end."""
        end = len(block) if end is None else end
        if block.startswith(b'{', start):
            self._add_journal(block[start:end])
        elif self._attack.known:
            self._add_ranges(block, start, end)
        else:
            self._gather(block, start, end)
        if self._size > TOGETHER:
            self._count()

    def _add_ranges(self, block, start, end):
        """Take what can be taken at once; one odd line spoils a range only."""
        while start < end:
            size = (end - start) // ((end - start) // RANGE + 1) + 1
            stop = block.find(b'\n', start + size - 1, end) + 1 or end
            first = block.find(b'\n', start, stop) + 1
            found = self._attack.take(block, first, stop)
            if found is None:
                self._gather(block, start, stop)
            else:
                self._gather(block, start, first)
                self._plain.update(found)
            start = stop

    def _add_journal(self, block):
        """Count the failures of objects of the journal, whose words may be written in numbers."""
        from mailtools.block_sasl_fail.logline import scan
        from mailtools.block_sasl_fail.values import FAILURE
        for attempt in scan(block, lambda stamp: 0.0):
            if attempt.kind == FAILURE:
                self.add_failures(attempt.client, attempt.times)

    def add_failures(self, client, times):
        """Count what somebody else has seen."""
        self._failures[client] = self._failures.get(client, 0) + times

    def _gather(self, block, start, end):
        """Keep the lines with the words for _count()."""
        find, rfind, keep = block.find, block.rfind, self._lines.append
        before, many = len(self._lines), MANY * ((end - start) // RANGE + 1)
        hit = find(FAILED, start, end)
        while hit >= 0:
            begin = rfind(b'\n', start, hit) + 1 or start
            start = find(b'\n', hit, end) + 1
            if start - begin <= LONGEST:
                keep(block[begin:start])
            hit = find(FAILED, start, end)
        new = self._lines[before:]
        self._size += sum(map(len, new))
        if len(new) > many:
            self._attack.learn(new)

    def _count(self):
        """Count the lines that were kept."""
        lines = self._lines
        found = self._take(b''.join(lines))
        self._plain.update(found)
        if self._plain.pop(b'', 0):
            for line, plain in zip(lines, found):
                if not plain and may_count(line):
                    self._count_other(line)
        if len(self._plain) > DISTINCT:
            self._add_up()
        del lines[:]
        self._size = 0

    def _count_other(self, line):
        """Count a line that is not written in the plain way."""
        from mailtools.block_sasl_fail.logline import read
        from mailtools.block_sasl_fail.values import FAILURE
        attempt = read(line[:-1], lambda stamp: 0.0)
        if attempt is not None and attempt.kind == FAILURE:
            self.add_failures(attempt.client, attempt.times)

    def _add_up(self):
        """Bring what was counted by NAME[ADDR] to the addresses."""
        for who, times in self._plain.items():
            client = client_of(who)
            if client is not None:
                self.add_failures(client, times)
        self._plain.clear()

    def failures(self):
        """(client, failures) pairs, those with most failures first."""
        self._count()
        self._add_up()
        return sorted(self._failures.items(), key=lambda pair: (-pair[1], pair[0]))


class Attack:
    """Takes all failures of a text that is full of them with one pattern.

    A pattern is fast only if it begins with fixed text, here `warning: `, and must then look back to the
    begin of the line, which it can do over a fixed width only.  So it knows the heads that were met
    in this log, with any digits for the digits in them.  take() refuses where a single line
    with the words is written in another way.
    """

    def __init__(self):
        self._heads: Counter = Counter()
        self._find = re.compile(rb'(?!)').findall
        self._refused = 1       # times, one after the other

    @property
    def known(self):
        """Whether there is any head to look for."""
        return bool(self._heads)

    def learn(self, lines):
        """Know the heads of these lines from now on, if refusing them was no exception."""
        self._refused += 1
        if self._refused < 2 or len(self._heads) > HEADS:
            return
        plain = map(re.compile(HEAD).match, lines)
        heads = Counter(SOME_DIGIT(b'[0-9]', re.escape(match.group())) for match in plain if match)
        if heads.keys() - self._heads.keys():
            self._heads.update(heads)
            known = b'|'.join(rb'(?<=\n' + head + rb')' for head, _ in self._heads.most_common())
            self._find = re.compile(
                rb'warning: (?:' + known + rb')(' + WHO + rb')' + SASL + COUNTED).findall

    def take(self, block, start, end):
        """NAME[ADDR] of each failure in block[start:end], not the block's first line; None: not to be had."""
        words = block.count(FAILED, start, end)
        if words < MANY:
            return None
        found = self._find(block, start, end)
        if len(found) != words:
            return None
        self._refused = 0
        return found


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
