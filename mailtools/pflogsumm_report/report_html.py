"""The report as HTML: the part of the mail that people look at, and the page of --html.

Nothing is fetched and no script runs; the looks are in html_looks.py.  What is unusual stands first, in words.  The
text of the log was written by strangers: all of it is escaped.
"""
import time

import mailtools
from mailtools.base.text import visible
from mailtools.pflogsumm_report import compare, html_detail
from mailtools.pflogsumm_report.html_looks import (
    bar,
    card,
    column,
    columns,
    head_row,
    layout,
    look,
    number,
    row,
    safe,
    style_sheet,
    table,
    tag,
)
from mailtools.pflogsumm_report.report import amount, busiest, rows, said
from mailtools.pflogsumm_report.values import HOURS, PER_HOUR

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<meta name="generator" content="pflogsumm-report {version}"><title>{title}</title><style>{style}</style></head>
<body{body}>{content}</body></html>
"""
# Outlook of Windows knows no max-width.
MSO_BEGIN = '<!--[if mso]><table role="presentation" width="640" align="center"><tr><td><![endif]-->'
MSO_END = '<!--[if mso]></td></tr></table><![endif]-->'

TILES = ('delivered', 'deferred', 'bounced', 'rejected')
MAIL_LIMIT = 96 * 1024      # bytes; Gmail shows the first 102 kB of a mail
BAR_PX, HOURS_PX, HOURS_LOW_PX = 26, 56, 30
CUT = '\n... the rest of it is in the text part of this mail.'


def render(report, limit=None):
    """The page; with `limit` (bytes) pflogsumm's text is cut so that the page is no longer than that."""
    sections = [band(report), tiles(report), totals(report), hosts(report), hours(report),
                *html_detail.sections(report)]
    without = page(report, ''.join(sections) + foot(report))
    if report.text is None:
        return without
    room = None if limit is None else limit - len(without.encode('utf-8')) - 1000
    return page(report, ''.join(sections) + pflogsumm(report.text, room) + foot(report))


def page(report, content):
    """The frame of it all."""
    return PAGE.format(
        version=mailtools.__version__, title=safe('{}, {}'.format(report.title, compare.long_date(report.date))),
        style=style_sheet(), body=look('page'),
        content=MSO_BEGIN + tag('div', 'box', content) + MSO_END)


def band(report):
    """The day, and what is unusual about it."""
    mood = 'well' if compare.judged(report.figures, report.past) else 'plain'
    if report.unusual:
        mood = 'warning'
    if report.alarming or report.troubles:
        mood = 'bad'
    title = tag('h1', 'h1', safe(report.title)) + tag('p', 'when', compare.long_date(report.date))
    return tag('div', mood, title + ''.join(tag('p', 'says', safe(one)) for one in said(report))) + '\n'


def tiles(report):
    """The main figures, and for each how the same weekday was."""
    found = {one.key: one for one in rows(report)}
    cells = [tile(report, found[key]) for key in TILES]
    return tag('div', 'card', layout(''.join('<tr>{}{}</tr>'.format(*cells[at:at + 2]) for at in (0, 2)))) + '\n'


def tile(report, one):
    """One figure."""
    past = [(date, day[one.key]) for date, day in reversed(report.past.days) if day.get(one.key) is not None]
    said = ''
    if one.change:
        said = change(one) + ' vs. median'
    chart = ''
    if past:
        most = max(value for _, value in past + [('', one.value)])
        chart = columns([
            column('b-past', value, most, BAR_PX, '{}: {:,}'.format(compare.short_date(date), value))
            for date, value in past] + [column('b-' + one.key, one.value, most, BAR_PX,
                                               '{}: {:,}'.format(compare.short_date(report.date), one.value))], BAR_PX)
    return tag('td', 'tile', tag('div', 'soft', one.name.capitalize()) + tag('div', 'big', number(one.value))
               + (tag('div', 'soft', said, 'padding-bottom:4px') if said else '') + chart)


def change(one):
    """A change as text, in red where it is unusual."""
    text = safe(one.change.replace('-', '\u2212'))
    return tag('span', 'worse', text) if one.flag else text


def totals(report):
    """All totals beside those of before; a narrow screen goes without the week before."""
    days = len(report.past.days)
    made = rows(report)
    titles = ('This day', 'A week ago', 'Median', 'Change') if days else ('This day',)
    note = ''
    if days:
        note += 'Median: of the last {} {}{}. '.format(days, compare.weekday(report.date), 's' * (days > 1))
    if days >= compare.FEWEST:
        note += compare.RULE + ' '
    if any(one.at_most for one in made):
        note += '&le;: an address that several hosts saw is counted by each of them.'
    lines = ''.join(row(safe(one.name.capitalize()), *cells_of(one, days), extra=(1,), free=False) for one in made)
    return card('Totals', table(lines, head_row(*titles, extra=(1,)), 'Totals')
                + (tag('p', 'note', note) if note else ''))


def cells_of(one, days):
    """The cells of one of the totals."""
    value = ('&le; ' if one.at_most else '') + safe(amount(one.key, one.value))
    if one.flag:
        value = tag('span', 'worse', value)
    if not days:
        return [value]
    return [value, safe(amount(one.key, one.last_week)) or '&ndash;',
            safe(amount(one.key, one.usual.median)) if one.usual else '&ndash;', change(one)]


def hosts(report):
    """Each host's part of a merged report."""
    parts = report.figures.get('parts') or ()
    if not parts:
        return ''
    keys = ('delivered', 'deferred', 'bounced', 'rejected')
    whole = report.figures['delivered']
    return card('Hosts', table(''.join(row(
        safe(part['host']) + bar([('b-delivered', part['delivered'])], whole),
        *(number(part[key]) for key in keys)) for part in parts), head_row(*map(str.capitalize, keys)), 'Hosts'))


def hours(report):
    """A chart a kind, each to its own scale, the hours below."""
    charts = ''
    for kind in PER_HOUR[1:] + PER_HOUR[:1]:
        found = report.figures['per_hour'][kind]
        most, hour = busiest(found)
        tall = HOURS_PX if kind == 'delivered' else HOURS_LOW_PX
        said = 'most {:,} from {}:00'.format(most, hour) if most else 'none'
        charts += tag('div', 'soft', '{}, {}'.format(kind.capitalize(), said), 'margin-top:8px')
        if most:
            charts += columns([column('b-' + kind, value, most, tall, '{}:00: {:,}'.format(at, value))
                               for at, value in enumerate(found)], tall)
    axis = layout('<tr>{}</tr>'.format(''.join(tag('td', 'axis', str(hour), attributes=' colspan="3"')
                                               for hour in range(0, HOURS, 3))))
    note = tag('p', 'note', 'The clock was changed: {}.'.format(report.clock)) if report.clock else ''
    return card('Per hour', charts + axis + note)


def pflogsumm(text, room):
    """pflogsumm's report; room: bytes that it may take, None for all it wants."""
    lines = ['    '.join(map(visible, line.split('\t'))) for line in text.rstrip('\n').split('\n')]
    shown = safe_lines(lines)
    if room is not None and len(shown.encode('utf-8')) > room:
        kept, size = 0, 0
        while kept < len(lines) and size < room:
            size += len(safe_lines([lines[kept]]).encode('utf-8')) + 1
            kept += 1
        shown = safe_lines(lines[:kept - 1]) + CUT
    return card('pflogsumm&rsquo;s report', tag('pre', 'pre', shown))


def safe_lines(lines):
    """Lines escaped, and kept whole."""
    return '\n'.join(safe(line, len(line)) for line in lines)


def foot(report):
    """What it rests on."""
    said = 'From {:,} lines of the log. '.format(report.figures['lines']) if 'lines' in report.figures else ''
    if report.made_at:
        said += 'Made {} by pflogsumm-report {}.'.format(
            time.strftime('%Y-%m-%d %H:%M', time.localtime(report.made_at)), mailtools.__version__)
    return tag('div', 'foot', said)
