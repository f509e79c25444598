"""How an answer looks: rows as a table, JSON Lines or CSV; bars, colour, progress.

Rows come from an iterator and are written as they come, so that a million of
them take no memory.  Nothing that a stranger wrote reaches a terminal raw: see
text.visible(); JSON has its own escapes.
"""
import csv
import itertools
import json
import os
import shutil
import sys
import unicodedata
from typing import Any, Dict, Optional

import click

from mailtools.base.text import visible

TABLE, JSON, CSV = 'table', 'json', 'csv'
MEASURED_ROWS = 500         # the widths of a table come from so many; later rows may stand out
NARROWEST = 6               # a column is not cut below this to fit the terminal
BAR_WIDTH = 24


def output_options(command):
    """Give a click command --json and --csv; it is called with `form`."""
    json_option = click.option('--json', 'form', flag_value=JSON, help='Print JSON Lines: one object a row.')
    csv_option = click.option('--csv', 'form', flag_value=CSV, help='Print CSV with a line of titles.')
    return json_option(csv_option(command))


def show(columns, rows, form=TABLE, colours=None, bar=None):
    """Print rows on standard output.

    columns: the names, titles of the table and keys of the objects.
    rows: any iterable of tuples in the order of `columns`; None is "not known".
    form: TABLE (also None), JSON or CSV.
    colours: {cell text: colour of click.style} for the table on a terminal.
    bar: the name of a column of numbers that a table shows as bars as well.
    """
    if form == JSON:
        show_json(columns, rows)
    elif form == CSV:
        show_csv(columns, rows)
    else:
        show_table(columns, rows, colours or {}, bar)


def show_json(columns, rows):
    """One object a line; ASCII, so that every reader of every locale takes it."""
    write = sys.stdout.write
    encode = json.JSONEncoder(default=str).encode
    for row in rows:
        write(encode(dict(zip(columns, row))) + '\n')


def show_csv(columns, rows):
    """RFC 4180, but with the line ends of Unix."""
    writer = csv.writer(sys.stdout, lineterminator='\n')
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell_text(cell) for cell in row])


def show_table(columns, rows, colours, bar):
    """Columns side by side, numbers to the right; cut to the width of a terminal."""
    rows = iter(rows)
    first = list(itertools.islice(rows, MEASURED_ROWS))
    if not first:
        return
    if bar:
        columns, first, rows = with_bars(columns, first, rows, bar)
    right = [all(is_number(row[i]) or row[i] is None for row in first) for i in range(len(columns))]
    texts = [[cell_text(cell) for cell in row] for row in first]
    widths = [max(width(cell) for cell in column) for column in zip(columns, *texts)]
    if sys.stdout.isatty():
        widths = fitted(widths, shutil.get_terminal_size().columns)
    style = Style(widths, right, colours if coloured() else None)
    print(style.title(columns))
    for row in itertools.chain(texts, ([cell_text(cell) for cell in row] for row in rows)):
        print(style.row(row))


class Style:
    """How the rows of one table are laid out."""

    def __init__(self, widths, right, colours: Optional[Dict[str, str]]):
        self.widths = widths
        self.right = right
        self.colours = colours      # None: no colour at all
        self.cut = sys.stdout.isatty()

    def title(self, columns):
        """The line of titles."""
        line = self.row([name.replace('_', ' ') for name in columns])
        return line if self.colours is None else click.style(line, bold=True)

    def row(self, texts):
        """One line."""
        return '  '.join(map(self.cell, texts, self.widths, self.right)).rstrip()

    def cell(self, text, room, right):
        """One cell, padded to its column."""
        shown = clipped(text, room) if self.cut else text
        padding = ' ' * (room - width(shown))
        if self.colours and text in self.colours:
            shown = click.style(shown, fg=self.colours[text])
        return padding + shown if right else shown + padding


def cell_text(cell) -> str:
    """One value for a table or CSV: never a control character."""
    if cell is None:
        return ''
    if isinstance(cell, bool):
        return 'yes' if cell else 'no'
    if isinstance(cell, dict):
        return visible(json.dumps(cell, ensure_ascii=False, sort_keys=True)) if cell else ''
    return visible(str(cell))


def is_number(cell):
    """True for what is aligned to the right."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def width(text):
    """Columns that the text takes on a terminal: wide letters of East Asia take two."""
    if text.isascii() if hasattr(text, 'isascii') else len(text.encode()) == len(text):
        return len(text)
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in 'WF' else 1
               for one in text)


def clipped(text, room):
    """The text in at most `room` columns."""
    if width(text) <= room:
        return text
    kept = text[:room]
    while width(kept) > room - 1:
        kept = kept[:-1]
    return kept + '\u2026'


def fitted(widths, room):
    """Widths of columns such that a line fits: the widest column gives way first."""
    widths = list(widths)
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def with_bars(columns, first, rows, name):
    """The same table with one column more: a bar for the number in column `name`."""
    at = list(columns).index(name)
    most = max((row[at] or 0 for row in first), default=0)

    def add(row):
        return tuple(row) + (bar_of(row[at] or 0, most),)
    return tuple(columns) + ('',), [add(row) for row in first], map(add, rows)


def bar_of(part, most, columns=BAR_WIDTH):
    """A bar whose length is to `columns` as `part` to `most`; something above 0 shows."""
    if part <= 0 or most <= 0:
        return ''
    return '\u2588' * max(1, min(columns, round(columns * part / most)))


def coloured():
    """True when colour is welcome: a terminal, and no NO_COLOR (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get('NO_COLOR') and os.environ.get('TERM') != 'dumb'


class NoProgress:
    """What progress() gives where nobody watches."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def update(self, count):
        """Nothing to show."""


def progress(length, label) -> Any:
    """A context whose update(n) moves a bar on standard error, if that is a terminal."""
    if not length or sys.stderr is None or not sys.stderr.isatty():
        return NoProgress()
    return click.progressbar(length=length, label=label, file=sys.stderr)
