"""What is counted together: the attempts of some megabytes of log, with the lines that are kept as evidence."""
import collections
from typing import Any, Dict, List, Optional

from mailtools.base.text import recoded
from mailtools.block_sasl_fail.logs import packed

MOST = 1000             # attempts in one transaction
MOST_BYTES = 64 << 20   # bytes of the log in one
AT_ONCE = 200           # attempts that are scored together: a client's record may take 50 kB of memory
LINE_KEPT = 400         # bytes of a line that are kept as evidence


class Batch:
    """Attempts that are counted together, and the place behind them."""

    def __init__(self, before, rotated=False):
        self.before = before            # the place that the state must have
        self.after: Optional[bytes] = None
        self.rotated = rotated          # a new file begins
        self.size = 0
        self.attempts: List[Any] = []
        self._lines: Dict[str, Any] = collections.OrderedDict()

    def full(self):
        """Whether it is time to count it."""
        return len(self.attempts) >= MOST or self.size >= MOST_BYTES

    def take(self, chunk, clock):
        """The attempts of a chunk, and the lines that counted."""
        from mailtools.block_sasl_fail.logline import scan
        from mailtools.block_sasl_fail.values import FAILURE
        self.after = packed(chunk.place)
        self.size += len(chunk.data)
        base, path = max(0, chunk.offset), recoded(chunk.path)
        for attempt in scan(chunk.data, clock, 0, base):
            self.attempts.append(shortened(attempt))
            if attempt.kind == FAILURE and attempt.client:
                self._lines.setdefault(attempt.client, []).append(
                    (attempt.time, path, attempt.offset if chunk.offset >= 0 else -1,
                     chunk.data[attempt.offset - base:attempt.offset - base + LINE_KEPT]))

    def parts(self):
        """Yield the attempts, some at once."""
        for start in range(0, len(self.attempts), AT_ONCE):
            yield self.attempts[start:start + AT_ONCE]

    def evidence(self, most):
        """The Evidence of the batch, of each address the last `most` lines."""
        from mailtools.block_sasl_fail.state import Evidence
        return [Evidence(key, time, path, offset, data.split(b'\n', 1)[0].decode('utf-8', 'replace'))
                for key, lines in self._lines.items()
                for time, path, offset, data in (lines[-most:] if most else ())]


def shortened(attempt):
    """An attempt without texts of a megabyte, of which a batch may have many."""
    if len(attempt.reason) + len(attempt.username or '') + len(attempt.mechanism) + len(attempt.service) < LINE_KEPT:
        return attempt
    return attempt._replace(reason='', mechanism='', service='', username=(attempt.username or '')[:LINE_KEPT] or None)
