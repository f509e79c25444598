"""How often each client failed, and nothing else: the quick pass of `failures --count`.

logline.read() decides what a line says.  But nearly all failures are written in one plain way,
and these are taken here by one pattern for many lines at once, which accepts less than logline.py
does and never more; every other line with the words in it goes there.  Tests hold the two together.

The words are looked for with bytes.find(), which is twice as fast as a pattern where they are rare.
"""
import re
from collections import Counter
from typing import Any, Dict, List

from mailtools.block_sasl_fail.patterns import FAILED, NO_MECHANISM, NO_MECHANISMS, OUTAGES, USERNAME

TOGETHER = 1000         # lines that one pattern takes at once
DISTINCT = 10000        # NAME[ADDR]:PORTs that are kept before they are added up by address
LONGEST = 1 << 20       # bytes of a line, as in logline.py

# Classes without \s and \d: these are compiled into tables, and the pattern is twice as fast.
PLAIN = (
    rb'(?:[A-Z][a-z][a-z] [ 0-3][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
    rb'|[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,9})?'
    rb'(?:Z|[+-][0-9][0-9]:?[0-9][0-9]))'
    rb' [0-9A-Za-z._-]+ postfix[0-9A-Za-z.-]*/(?:[0-9A-Za-z._-]+/)?smtpd\[[0-9]+\]: '
    rb'warning: ([^ \n]+): SASL [0-9A-Za-z_-]+' + FAILED +
    rb'(?! (?:' + b'|'.join(re.escape(reason.encode()) for reason in OUTAGES + NO_MECHANISMS) +
    rb')(?:' + USERNAME.encode() + rb'|\r?\n)| ' + NO_MECHANISM.encode() + rb": ')")


class Tally:
    """Failures by client, of block after block of a log."""

    def __init__(self):
        # Each line is taken by one match: a plain one gives NAME[ADDR], any other nothing.
        self._take = re.compile(PLAIN + rb'[^\n]*\n|[^\n]*\n').findall
        self._plain: Any = Counter()    # by NAME[ADDR] or NAME[ADDR]:PORT, as bytes
        self._lines: List[bytes] = []
        self._failures: Dict[str, int] = {}

    def add(self, block, start=0, end=None):
        """Count the failures of block[start:end], whole lines, each with its end."""
        end = len(block) if end is None else end
        find, rfind, keep = block.find, block.rfind, self._lines.append
        hit = find(FAILED, start, end)
        while hit >= 0:
            begin = rfind(b'\n', start, hit) + 1 or start
            start = find(b'\n', hit, end) + 1
            if start - begin <= LONGEST:
                keep(block[begin:start])
            hit = find(FAILED, start, end)
        if len(self._lines) > TOGETHER:
            self._count()

    def _count(self):
        lines = self._lines
        found = self._take(b''.join(lines))
        self._plain.update(found)
        if self._plain.pop(b'', 0):
            for line, plain in zip(lines, found):
                if not plain:
                    self._count_other(line)
        if len(self._plain) > DISTINCT:
            self._add_up()
        del lines[:]

    def _count_other(self, line):
        from mailtools.block_sasl_fail.logline import read
        from mailtools.block_sasl_fail.values import FAILURE
        attempt = read(line[:-1], lambda stamp: 0.0)
        if attempt is not None and attempt.kind == FAILURE:
            self._failures[attempt.client] = self._failures.get(attempt.client, 0) + attempt.times

    def _add_up(self):
        from mailtools.block_sasl_fail.logline import client_of
        for who, times in self._plain.items():
            client = client_of(who)
            if client is not None:
                self._failures[client] = self._failures.get(client, 0) + times
        self._plain.clear()

    def failures(self):
        """(client, failures) pairs, those with most failures first."""
        self._count()
        self._add_up()
        return sorted(self._failures.items(), key=lambda pair: (-pair[1], pair[0]))
