"""The charts of the page: for each host its deferred and its active queue, over four spans of time."""
import re

from mailtools.mailqueues import charts
from mailtools.mailqueues.dashboard_html import age, clock, number, safe

SECTION = """<section aria-labelledby="h-charts">{}<div class="bar"><h2 id="h-charts">Over time</h2>
<div class="spans">{}</div></div><div class="cards">{}</div></section>"""
RADIO = '<input type="radio" name="span" id="span-{0}" value="{0}"{1}>'     # before the cards, for the looks
LATE = 0.81         # a label behind that stands before its mark,
ROOM = 0.24         # where the mark before that is so far off
LABEL = '<label for="span-{0}">{1}</label>'
CARD = """<article class="card s-{} {}"><header><h3>{}</h3>{}</header>{}</article>"""
PLOT = """<figure class="plot {kind}" data-from="{since}" data-step="{step}" data-top="{top}"><figcaption>\
<b>{queue}</b> <output>{says}</output></figcaption><div class="area"><svg role="img" aria-label="{label}" \
viewBox="0 0 {steps} {top}" preserveAspectRatio="none">{body}</svg>\
<i class="y1">{y1}</i><i class="y2">{y2}</i></div></figure>
"""


def section(found, past, now):
    """The section of the charts; found: judging.Outlook, in the order of the table."""
    if not past.steps.get('day'):
        return '<p class="note">No charts: {}.</p>'.format(
            safe(past.error) if past.error else 'there is no history yet')
    return SECTION.format(
        ''.join(RADIO.format(span.key, ' checked' * (span.key == 'day')) for span in charts.SPANS),
        ''.join(LABEL.format(span.key, span.title) for span in charts.SPANS),
        ''.join(card(at, one, past, now) for at, one in enumerate(found)))


def card(at, one, past, now):
    """One host."""
    says = 'last seen {} ago'.format(age(one.known.at, now)) if one.blind and one.known.at is not None else ''
    badge = '<small>{}{}</small>'.format(one.state if one.status else '', ', ' + says if says else '')
    return CARD.format(one.state, one.mood, safe(one.name), badge, ''.join(
        period(at, span, one, past.steps.get(span.key, {}).get(one.name, {}), now) for span in charts.SPANS))


def period(at, span, one, steps, now):
    """The two charts of one host over one span, and their axis of time."""
    axis, before = '', 0.0
    for share, label in charts.ticks(span, now):
        late = share > LATE
        axis += '<i{} style="left:{:.2f}%">{}</i>'.format(
            ' class="late"' * late, 100 * share, '' if late and share - before < ROOM else label)
        before = share
    return '<div class="span {}">{}{}<div class="axis" aria-hidden="true">{}</div></div>'.format(
        span.key,
        plot(at, span, one, 'deferred', [steps.get(x) for x in range(span.steps)], now),
        plot(at, span, one, 'active', [steps.get(x) for x in range(span.steps)], now), axis)


def plot(at, span, one, queue, steps, now):
    """One chart."""
    most = [getattr(step, queue + '_most') if step else None for step in steps]
    top = charts.top_of(most)
    known = [value for value in most if value is not None]
    since = span.window(now)[0]
    says = 'most {}'.format(number(max(known))) if known else 'not seen'
    if known and not one.blind:
        says = 'now <b>{}</b>, {}'.format(number(one.figures.counts.get(queue, 0)), says)
    label = '{} {}, {}: {}'.format(safe(one.name), queue, span.says, re.sub('<.?b>', '', says))
    if known:
        x = max(x for x, value in enumerate(most) if value == max(known))
        label += ' at {}, least {}'.format(clock(since + x * span.step_s, now), number(min(known)))
    return PLOT.format(kind=queue, since=since, step=span.step_s, top=top, queue=queue, says=says, label=label,
                       steps=span.steps, body=body(at, span, queue, steps, most, top),
                       y1=charts.short(top) if known else '', y2=charts.short(top // 2) if known else '')


def body(at, span, queue, steps, most, top):
    """The bands where the host was not seen, and the line: of the peaks, and of the means where those differ."""
    drawn = '<path class="gone" d="{}"/>'.format(charts.gaps([step.seen if step else None for step in steps], top))
    drawn += '<path class="grid" d="M0 {0}h{1}"/>'.format(top // 2, span.steps)
    lines = '<path class="most" d="{}"/>'.format(charts.line(most))
    if span.means:
        means = [getattr(step, queue + '_mean') if step else None for step in steps]
        lines += '<path class="mean" d="{}"/>'.format(charts.line(
            [None if value is None else int(round(value)) for value in means]))
    mark = ' id="c{}"'.format(at) * (span.key == 'day' and queue == 'deferred')
    return '{}<g{} transform="matrix(1 0 0 -1 .5 {})">{}</g>'.format(drawn, mark, top, lines)


def spark(at, one, past):
    """The small chart of a row of the table: the first of its card, once more."""
    steps = past.steps.get('day', {}).get(one.name, {})
    known = [step.deferred_most for step in steps.values() if step.deferred_most is not None]
    if not known:
        return '&ndash;'
    return ('<svg class="spark" aria-hidden="true" viewBox="0 0 {} {}" preserveAspectRatio="none"><use href="#c{}"/>'
            '</svg>'.format(charts.SPANS[0].steps, charts.top_of(known), at))
