"""The charts of the page: for each host its deferred and its active queue, over four spans of time."""
import re

from mailtools.mailqueues import charts
from mailtools.mailqueues.dashboard_html import age, clock, number, safe

SECTION = """<section aria-labelledby="h-charts">{}<div class="bar"><h2 id="h-charts">Over time</h2>
<div class="spans">{}</div></div><div class="cards">{}</div></section>"""
RADIO = '<input type="radio" name="span" id="span-{0}" value="{0}"{1}>'     # before the cards, for the looks
WIDE_PX, NARROW_PX = 360, 280   # the narrowest chart on a wide screen, and on one of 360; on that days have no number
SHORTENED = ('day', 'week')
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
    axes = {span.key: axis(span, now) for span in charts.SPANS}
    return SECTION.format(
        ''.join(RADIO.format(span.key, ' checked' * (span.key == 'day')) for span in charts.SPANS),
        ''.join(LABEL.format(span.key, span.title) for span in charts.SPANS),
        ''.join(card(at, one, past, axes, now) for at, one in enumerate(found)))


def card(at, one, past, axes, now):
    """One host; axes: {key of a Span: its axis of time}."""
    says = 'last seen {} ago'.format(age(one.known.at, now)) if one.blind and one.known.at is not None else ''
    badge = '<small>{}{}</small>'.format(one.state if one.status else '', ', ' + says if says else '')
    return CARD.format(one.state, one.mood, safe(one.name), badge, ''.join(
        period(at, span, one, past.steps.get(span.key, {}).get(one.name, {}), axes[span.key], now)
        for span in charts.SPANS))


def axis(span, now):
    """The labels of the axis of time, the same for all hosts."""
    marks, drawn = charts.ticks(span, now), ''
    for (share, label), wide, narrow in zip(marks, sides(marks, WIDE_PX), sides(
            [(share, label.split()[0] if span.key in SHORTENED else label) for share, label in marks], NARROW_PX)):
        side = wide if wide == narrow else 0
        if span.key in SHORTENED:
            label = label.replace(' ', '<b> ') + '</b>' * (' ' in label)
        drawn += '<i{} style="left:{:.2f}%">{}</i>'.format(
            ' class="late"' * (side < 0), 100 * share, label if side else '')
    return '<div class="axis" aria-hidden="true">{}</div>'.format(drawn)


def sides(marks, chart_px):
    """Where the label of each mark has room: 1 behind it, -1 before it where the chart ends too soon, 0 nowhere."""
    taken = 0.0                 # how far labels reach
    for share, label in marks:
        width = label_px(label) / chart_px
        side = 1 if share + width <= 1 else -1 if share - width >= taken else 0
        taken = share + max(0, side) * width
        yield side


def label_px(label):
    """How wide a label is, with its margin; letters are wider than digits."""
    return 9 + 6.1 * len(label) + 1.1 * sum(map(str.isalpha, label))


def period(at, span, one, steps, its_axis, now):
    """The two charts of one host over one span, and their axis of time."""
    shown = list(map(steps.get, range(span.steps)))
    return '<div class="span {}">{}{}{}</div>'.format(
        span.key, plot(at, span, one, 'deferred', shown, now), plot(at, span, one, 'active', shown, now), its_axis)


def plot(at, span, one, queue, steps, now):
    """One chart."""
    most = [getattr(step, queue + '_most') if step else None for step in steps]
    top = charts.top_of(most)
    known = [value for value in most if value is not None]
    peak = max(known, default=0)
    since = span.window(now)[0]
    says = 'most {}'.format(number(peak)) if known else 'not seen'
    if known and not one.blind:
        says = 'now <b>{}</b>, {}'.format(number(one.figures.counts.get(queue, 0)), says)
    label = '{} {}, {}: {}'.format(safe(one.name), queue, span.says, re.sub('<.?b>', '', says))
    if known:
        x = len(most) - 1 - most[::-1].index(peak)
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
