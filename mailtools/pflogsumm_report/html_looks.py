"""How the mail looks: the styles, and the smallest pieces of its HTML.

Mail clients drop scripts, pictures from elsewhere, SVG, and many of them the <style> element.  So each look
stands at the element itself (`style=`), in its light form; <style> adds only what a dark or a narrow screen
changes, for clients that read it.  Charts are cells and blocks with a colour: nothing has to be loaded.
Sizes of figures are those of the table, not of each cell, for Gmail cuts off a mail beyond 102 kB.
"""
import html
from typing import Dict, NamedTuple

from mailtools.base.text import shortened, visible

FONT = "-apple-system,'Segoe UI',Roboto,'DejaVu Sans',Arial,sans-serif"
MONO = "ui-monospace,Consolas,'DejaVu Sans Mono',monospace"


class Look(NamedTuple):
    """One look: declarations of CSS."""

    light: str              # at each element
    dark: str = ''          # instead, on a dark screen
    narrow: str = ''        # instead, below 480 px


LOOKS: Dict[str, Look] = {
    # -- places --
    'page': Look('margin:0;padding:0;background:#f3f4f6', 'background:#101317'),
    'box': Look('max-width:640px;margin:0 auto;padding:16px 12px;color:#16191d;font:14px/1.45 {}'.format(FONT),
                'color:#e8ebef', 'padding:0'),
    'card': Look('background:#ffffff;border:1px solid #d9dde2;border-radius:8px;padding:14px 16px;margin:0 0 12px',
                 'background:#191d23;border-color:#2d343d', 'border-radius:0;padding:12px'),
    'well': Look('background:#176b34;color:#ffffff;border-radius:8px;padding:14px 16px;margin:0 0 12px', '',
                 'border-radius:0'),
    'plain': Look('background:#3f4b59;color:#ffffff;border-radius:8px;padding:14px 16px;margin:0 0 12px', '',
                  'border-radius:0'),
    'warning': Look('background:#8a5200;color:#ffffff;border-radius:8px;padding:14px 16px;margin:0 0 12px', '',
                    'border-radius:0'),
    'bad': Look('background:#b3201a;color:#ffffff;border-radius:8px;padding:14px 16px;margin:0 0 12px', '',
                'border-radius:0'),
    'foot': Look('color:#565d66;font-size:12px;padding:0 4px', 'color:#9aa4b0', 'padding:0 12px 12px'),
    # -- text --
    'h1': Look('margin:0;font-size:20px;line-height:1.25;font-weight:600'),
    'h2': Look('margin:0 0 8px;font-size:15px;line-height:1.3;font-weight:600'),
    'says': Look('margin:4px 0 0;font-size:14px;overflow-wrap:anywhere'),
    'when': Look('margin:0;font-size:14px;opacity:.9'),
    'text': Look('font-size:13px'),
    'soft': Look('color:#565d66;font-size:12px', 'color:#9aa4b0'),
    'note': Look('margin:8px 0 0;color:#565d66;font-size:12px;overflow-wrap:anywhere', 'color:#9aa4b0'),
    'worse': Look('color:#b3201a;font-weight:600', 'color:#ff8478'),
    'pre': Look('margin:0;font:11px/1.35 {};white-space:pre-wrap;overflow-wrap:anywhere'.format(MONO)),
    # -- tables --
    'table': Look('width:100%;border-collapse:collapse;font-size:14px;line-height:1.35', '', 'font-size:13px'),
    'fixed': Look('width:100%;border-collapse:collapse;table-layout:fixed'),
    'head': Look('color:#565d66;font-size:12px;text-align:right', 'color:#9aa4b0'),
    'body': Look('text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums'),
    'row': Look('border-top:1px solid #e6e9ed', 'border-color:#2d343d'),
    'name': Look('padding:5px 6px 5px 0;text-align:left;font-weight:400;white-space:normal'),
    'free': Look('padding:5px 6px 5px 0;text-align:left;font-weight:400;white-space:normal;overflow-wrap:anywhere'),
    'n': Look('padding:5px 0 5px 8px'),
    'extra': Look('padding:5px 0 5px 8px', '', 'display:none'),
    'nhead': Look('padding:4px 0 4px 8px;font-weight:400'),
    'xhead': Look('padding:4px 0 4px 8px;font-weight:400', '', 'display:none'),
    'tile': Look('width:50%;padding:4px 10px 8px 0;vertical-align:top;text-align:left;font-weight:400'),
    'big': Look('font-size:26px;line-height:1.2;font-weight:600;white-space:nowrap;font-variant-numeric:tabular-nums',
                '', 'font-size:22px'),
    'axis': Look('padding:2px 0 0;text-align:left;font-size:10px;line-height:1.2;color:#565d66', 'color:#9aa4b0'),
    'column': Look('padding:0 1px 0 0'),
    'base': Look('vertical-align:bottom;border-bottom:1px solid #b9c0c8', 'border-color:#4a535e'),
    'track': Look('background:#e9ecf0;height:6px;line-height:6px;font-size:1px;border-radius:3px;overflow:hidden;'
                  'margin-top:3px', 'background:#2d343d'),
    # -- colours of bars --
    'b-received': Look('background:#5b6b80', 'background:#93a4ba'),
    'b-delivered': Look('background:#2458b8', 'background:#7fb0ff'),
    'b-deferred': Look('background:#c27803', 'background:#f3b552'),
    'b-bounced': Look('background:#c4281c', 'background:#ff8478'),
    'b-rejected': Look('background:#7a3fa8', 'background:#c9a0f0'),
    'b-past': Look('background:#aab4c0', 'background:#566270'),
    'b-1': Look('background:#0b7a75', 'background:#4fd0c8'),
    'b-2': Look('background:#63b5b0', 'background:#2b8b86'),
    'b-3': Look('background:#c27803', 'background:#f3b552'),
    'b-4': Look('background:#c4281c', 'background:#ff8478'),
}


def style_sheet():
    """The text of <style>: what dark and narrow screens change."""
    def rules(form):
        return ''.join('.{}{{{}}}'.format(name, ';'.join(one + '!important' for one in getattr(look, form).split(';')))
                       for name, look in LOOKS.items() if getattr(look, form))
    return (':root{{color-scheme:light dark;supported-color-schemes:light dark}}'
            '@media (prefers-color-scheme:dark){{{}}}@media (max-width:480px){{{}}}').format(
                rules('dark'), rules('narrow'))


def look(name, more=''):
    """The attributes class and style of a look; more: declarations of this element alone."""
    light = LOOKS[name].light + (';' + more if more else '')
    named = ' class="{}"'.format(name) if LOOKS[name].dark or LOOKS[name].narrow else ''
    return '{} style="{}"'.format(named, light)


def tag(name, its_look, content, more='', attributes=''):
    """`<td class= style=>content</td>`; content: HTML."""
    return '<{0}{1}{2}>{3}</{0}>'.format(name, attributes, look(its_look, more), content)


def safe(text, limit=300):
    """Any text as text of the page, and as the value of an attribute; nothing in it turns the direction of writing."""
    return html.escape(visible(shortened(text, limit)), quote=True)


def number(value):
    """1,234,567; None: a dash."""
    return '&ndash;' if value is None else '{:,}'.format(value)


def card(title, body):
    """A section with its title."""
    return tag('div', 'card', tag('h2', 'h2', title) + body) + '\n'


def table(rows, head='', label=''):
    """A table of figures.  rows, head: HTML of <tr>s.  label: what a screen reader says of it."""
    return tag('table', 'table', (tag('thead', 'head', head) if head else '') + tag('tbody', 'body', rows),
               attributes=' aria-label="{}"'.format(label))


def layout(rows, its_look='fixed'):
    """A table that only puts things side by side."""
    return tag('table', its_look, '<tbody>{}</tbody>'.format(rows), attributes=' role="presentation"')


def head_row(*titles, extra=()):
    """The row of titles over the figures of a table; extra: places of columns that a narrow screen goes without."""
    return '<tr><td></td>{}</tr>'.format(''.join(
        tag('th', 'xhead' if at in extra else 'nhead', title, attributes=' scope="col"')
        for at, title in enumerate(titles)))


def row(name, *cells, extra=(), free=True):
    """A row: its name (HTML), and cells of figures (HTML).

    extra: as in head_row().  free: the name may be broken anywhere, as log text must be.
    """
    return tag('tr', 'row', tag('th', 'free' if free else 'name', name, attributes=' scope="row"') + ''.join(
        tag('td', 'extra' if at in extra else 'n', cell) for at, cell in enumerate(cells))) + '\n'


# -- bars --

def bar(parts, whole, label=''):
    """A bar across its place: (colour, value) parts of `whole` beside each other; something above 0 shows."""
    shown = [(colour, max(0.7, 100.0 * value / whole)) for colour, value in parts if value > 0 and whole > 0]
    too_wide = max(1.0, sum(width for _, width in shown) / 100)
    cells = ''.join(tag('div', colour, '&nbsp;', 'float:left;width:{:.1f}%'.format(width / too_wide - 0.05))
                    for colour, width in shown)
    said = ' role="img" aria-label="{}"'.format(label) if label else ''
    return tag('div', 'track', cells or '&nbsp;', attributes=said)


def column(colour, value, most, height_px, title=''):
    """One column of a chart, as a cell; something above 0 shows."""
    tall = max(1, int(height_px * value / most + 0.5)) if value and most else 0
    block = tag('div', colour, '&nbsp;', 'line-height:{}px'.format(tall)) if tall else ''
    return tag('td', 'column', block, attributes=' title="{}"'.format(title) if title else '')


def columns(cells, height_px):
    """The chart of such cells, standing on a line."""
    return layout(tag('tr', 'base', ''.join(cells), 'height:{}px;font-size:1px;line-height:1px'.format(height_px)))
