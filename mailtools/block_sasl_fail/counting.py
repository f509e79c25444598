"""How often each client failed, and nothing else: the pass of `failures --count`.

Nearly all failures are written in one plain way, and these are taken by the pattern of plain.py for many lines
at once; every other line with the words in it goes to logline.py.
"""
from collections import Counter

from mailtools.block_sasl_fail.address import address_of
from mailtools.block_sasl_fail.counts import Counts
from mailtools.block_sasl_fail.patterns import FAILED

TOGETHER = 1 << 18      # bytes of lines that one pattern takes at once
DISTINCT = 10000        # addresses as they are written that are kept before they are added up
LONGEST = 1 << 20       # bytes of a line, as in logline.py


class Tally:
    """Failures by client, of block after block of a log."""

    def __init__(self):
        self._each_line = None
        self._taken: Counter = Counter()    # addresses as they are written, and what is none
        self._counts = Counts()             # by client

    def add(self, block, start=0, end=None):
        """Count the failures of block[start:end], whole lines, each with its end."""
        end = len(block) if end is None else end
        if block.startswith(b'{', start):
            self._read(block[start:end])
            return
        found, size = [], 0
        for line in lines_with(block, FAILED, start, end):
            found.append(line)
            size += len(line)
            if size > TOGETHER:
                self._take(found)
                found, size = [], 0
        self._take(found)

    def _take(self, lines):
        """Count some lines that most likely are failures."""
        if self._each_line is None:
            import re  # where grep finds them it isn't needed

            from mailtools.block_sasl_fail.plain import EACH_LINE
            self._each_line = re.compile(EACH_LINE, re.MULTILINE).findall
        taken = self._each_line(b''.join(lines))
        for line, address in zip(lines, taken):
            if not address and may_count(line):
                self._read(line)
        self._add_taken(taken)

    def add_found(self, block, start, end):
        """Count what grep.found() yields: of plain lines the addresses, other lines as they are."""
        while True:
            blank = block.find(b' ', start, end)        # no address has one
            if blank < 0:
                break
            begin = block.rfind(b'\n', start, blank) + 1 or start
            if begin > start:
                self._add_taken(block[start:begin].split(b'\n'))
            start = block.find(b'\n', blank, end) + 1
            line = block[begin:start]
            if FAILED in line and may_count(line):
                self._read(line)
        self._add_taken(block[start:end].split(b'\n'))

    def _add_taken(self, taken):
        """Count what plain.py takes of lines."""
        self._taken.update(taken)
        if len(self._taken) > DISTINCT:
            self._add_up()

    def _read(self, lines):
        """Count lines that are not written in the plain way."""
        import time

        from mailtools.block_sasl_fail.logline import scan
        from mailtools.block_sasl_fail.stamps import Clock
        from mailtools.block_sasl_fail.values import FAILURE
        for attempt in scan(lines, Clock(time.time())):
            if attempt.kind == FAILURE:
                self._counts.add(attempt.client, attempt.times)

    def _add_up(self):
        """Bring what was taken to the clients."""
        for address, times in self._taken.items():
            client = address_of(address)
            if client is not None:
                self._counts.add(client, times)
        self._taken.clear()

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
