"""Patterns written as tables: one group of alternatives a line, so that they can be read and added to.

A comment begins with ` # `.  The text that is searched is in lower case: a
pattern that need not fold case is several times faster.
"""
import re
from typing import List, Pattern


def alternatives(table: str, before: str = '', after: str = '', flags: int = 0) -> Pattern[str]:
    """A pattern that any line of `table` matches, between `before` and `after`."""
    rows: List[str] = []
    for line in table.splitlines():
        row = line.partition(' # ')[0].strip()
        if row:
            rows.append(row)
    return re.compile('{}(?:{}){}'.format(before, '|'.join(rows), after), flags)
