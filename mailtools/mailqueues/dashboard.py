"""The page: a snapshot and the past in, one HTML file out.

It is made for a wall: what is wrong stands first, in red, in words.  All of it is in the file (page.html holds the
looks and the script): nothing is fetched from elsewhere, and without the script everything is still there but the ages
that go on counting and the figures under the pointer.  Names and reasons come from strangers: everything is escaped,
and the page's own policy lets no script run but the one whose digest it names.
"""
import base64
import hashlib
import os
import re

import mailtools
from mailtools.mailqueues import dashboard_charts, dashboard_detail, judging
from mailtools.mailqueues.dashboard_html import age, clock, number, safe
from mailtools.mailqueues.judging import DOWN, FAILING, GROWTH, OLDEST, span
from mailtools.mailqueues.values import COUNTED, total

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'page.html')
PLACE = re.compile(r'@@([a-z]+)@@')
SCRIPT = re.compile(r'<script>(.*?)</script>', re.DOTALL)
ALWAYS = ('deferred', 'active', 'incoming', 'hold')     # columns; the other queues only where they hold anything
SHOWN_PROBLEMS = 6
HOST = """<tr role="row" class="s-{state} {mood}{blind}"><th scope="row" role="rowheader">{name}</th>\
<td role="cell" class="state">{says}</td>{cells}<td role="cell" class="n trend" data-label="24 h">{spark}</td></tr>
"""
CELL = '<td role="cell" class="n{kind}" data-label="{label}">{text}</td>'
SIGNS = {'bad': '\u2715', 'warning': '\u25b2', 'well': '\u25cf'}
COLOURS = {'bad': '%23c4281c', 'warning': '%23b26a00', 'well': '%231c7c3c'}     # of the icon, in a data: URL


def render(snapshot, past, settings):
    """The text of the page.

    past: past.Past.  settings: those of the program; stale, warning and critical are used.
    """
    now = snapshot.generated_at
    found = judging.worst_first(judging.outlooks(snapshot, past.recent, settings, now))
    with open(TEMPLATE, encoding='utf-8') as file:
        template = file.read()
    parts = {
        'policy': policy(template),
        'title': safe(headline(found)),
        'colour': COLOURS[mood_of(found)],
        'mood': mood_of(found),
        'now': '{:.0f}'.format(now),
        'stale': '{:.0f}'.format(settings.stale),
        'clock': clock(now, now),
        'zone': clock(now, None),
        'headline': safe(headline(found)),
        'problems': problems(found, now),
        'tiles': tiles(found, now),
        'hosts': hosts(found, past, now),
        'charts': dashboard_charts.section(found, past, now),
        'detail': dashboard_detail.section(found, now),
        'version': safe(mailtools.__version__),
    }
    return PLACE.sub(lambda place: parts[place.group(1)], template)


def policy(template):
    """The content security policy: our script, the looks of this page, and a look at whether it is new."""
    script = SCRIPT.findall(template)[0]
    digest = hashlib.sha256(script.encode('utf-8')).digest()
    return ("default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self';"
            " base-uri 'none'; form-action 'none'".format(base64.b64encode(digest).decode('ascii')))


def mood_of(found):
    """bad, warning or well: the colour of the whole."""
    return next((mood for mood in ('bad', 'warning') if any(one.mood == mood for one in found)), 'well')


def headline(found):
    """One sentence for who has one second."""
    wrong = [one for one in found if one.status]
    if not wrong:
        return 'All {} hosts are well'.format(len(found)) if len(found) != 1 else '{} is well'.format(found[0].name)
    said = []
    for names, one_says, some_say in (
            ([one.name for one in wrong if one.blind], 'No figures from {}', 'No figures from {}'),
            ([one.name for one in wrong if one.state == DOWN], 'Postfix is down on {}', 'Postfix is down on {}'),
            ([one.name for one in wrong if not one.blind and one.state != DOWN],
             '{} needs attention', '{} need attention')):
        if names:
            said.append((one_says if len(names) == 1 else some_say).format(listed(names)))
    return '; '.join(said)


def listed(names):
    """`a`, `a and b`, `a, b and c`, `7 hosts`."""
    if len(names) > 3:
        return '{} hosts'.format(len(names))
    return ' and '.join([', '.join(names[:-1])] * (len(names) > 1) + names[-1:])


def problems(found, now):
    """The list of what is wrong, as items."""
    wrong = [one for one in found if one.status]
    items = ['<li class="p-{}"><b>{}</b> <span>{}</span></li>'.format(
        one.mood, safe(one.name), problem(one, now))
        for one in wrong[:SHOWN_PROBLEMS]]
    if len(wrong) > SHOWN_PROBLEMS:
        items.append('<li>and {} more, in the table below</li>'.format(len(wrong) - SHOWN_PROBLEMS))
    return '<ul class="problems">{}</ul>'.format(''.join(items)) if items else ''


def problem(one, now):
    """What is wrong with one host, for how long, and what it was before."""
    said = safe('; '.join(one.says))
    if one.state == FAILING:
        said = '<q>{}</q>'.format(said)
        if one.known.since is not None:
            said += ' since {} ({})'.format(clock(one.known.since, now), age(one.known.since, now))
        if one.known.at is None:
            said += '; never seen so far'
    return said


def tiles(found, now):
    """The sums of what is seen now, and who is not in them."""
    seen = [one for one in found if not one.blind]
    blind = len(found) - len(seen)
    of = 'of {} hosts'.format(len(seen)) if not blind else '<em>of {} of {} hosts</em>'.format(len(seen), len(found))

    def summed(queue):
        return sum(one.figures.counts.get(queue, 0) for one in seen)
    grown = [one.figures.growth for one in seen if one.figures.growth is not None]
    oldest = max((one for one in seen if one.figures.oldest_s is not None),
                 key=lambda one: one.figures.oldest_s, default=None)
    shown = [
        ('waiting', number(sum(total(one.figures.counts) for one in seen)), of),
        ('deferred', number(summed('deferred')), 'tried, and to be tried again'),
        ('active', number(summed('active')), 'being delivered'),
        ('change', change(sum(grown)) if grown else '&ndash;', 'against an hour ago'),
        ('oldest', span(oldest.figures.oldest_s) if oldest else '&ndash;',
         'on {}'.format(safe(oldest.name)) if oldest else 'not known'),
    ]
    return ''.join('<div class="tile"><dt>{}</dt><dd><strong>{}</strong><small>{}</small></dd></div>'.format(*one)
                   for one in shown)


def change(difference):
    """+1,234, &minus;1,234 or &plusmn;0"""
    if not difference:
        return '&plusmn;0'
    return ('+' if difference > 0 else '&minus;') + number(abs(difference))


def hosts(found, past, now):
    """The table of the hosts."""
    columns = ALWAYS + tuple(queue for queue in COUNTED if queue not in ALWAYS and any(
        one.figures and one.figures.counts.get(queue) for one in found))
    titles = ['Host', 'State'] + [queue.capitalize() for queue in columns] + ['Oldest', 'In an hour', 'Deferred, 24 h']
    head = ''.join('<th scope="col" role="columnheader"{}>{}</th>'.format(
        '' if title in ('Host', 'State') else ' class="n"', title) for title in titles)
    return ('<table role="table" class="hosts"><caption class="unseen">The queues of each host</caption>'
            '<thead role="rowgroup"><tr role="row">{}</tr></thead><tbody role="rowgroup">{}</tbody></table>'.format(
                head, ''.join(host_row(at, one, columns, past, now) for at, one in enumerate(found))))


def host_row(at, one, columns, past, now):
    """One host."""
    figures = one.figures
    cells = []
    for queue in columns:
        count = figures.counts.get(queue) if figures else None
        cells.append((queue, queue.capitalize(), None if count is None else number(count), ' zero' * (count == 0)))
    oldest_s, growth = (figures.oldest_s, figures.growth) if figures else (None, None)
    cells.append((OLDEST, 'Oldest', None if oldest_s is None else span(oldest_s), ''))
    cells.append((GROWTH, 'In an hour', None if growth is None else change(growth), ''))
    return HOST.format(
        state=one.state, mood=one.mood, blind=' blind' * one.blind, name=safe(one.name), says=state(one, now),
        cells=''.join(CELL.format(kind=kind + ' hot' * (name in one.beyond), label=label, text=text or '&ndash;')
                      for name, label, text, kind in cells),
        spark=dashboard_charts.spark(at, one, past))


def state(one, now):
    """The state in a word, and of when the figures are where that is not now."""
    said = '<span class="badge"><i aria-hidden="true">{}</i> {}</span>'.format(SIGNS[one.mood], one.state)
    if one.blind and one.known.at is not None:
        said += ' <small>figures of {}, {} old</small>'.format(clock(one.known.at, now), age(one.known.at, now))
    elif one.blind:
        said += ' <small>never seen</small>'
    elif one.known.detail_error:
        said += ' <small>only numbers: {}</small>'.format(safe(one.known.detail_error))
    return said
