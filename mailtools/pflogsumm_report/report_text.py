"""The report as text: our own figures in a screenful or two, then pflogsumm's report as it is.

It is the text part of the mail, and what --text prints; plain characters but for the bars.
"""
import textwrap
from typing import List, Tuple

import click

from mailtools.base.terminal import clipped, width
from mailtools.base.text import visible
from mailtools.pflogsumm_report import compare
from mailtools.pflogsumm_report.report import amount, busiest, percent, rows, said, seconds, size
from mailtools.pflogsumm_report.values import PER_HOUR

COLUMNS = 79
SHOWN_REASONS = 5
SHOWN_PROVIDERS = 10
SHOWN_NAMES = 5
SHOWN_TROUBLES = 5
REASON_LINES = 3
INDENT = 13
STEPS = '\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588'     # bars of an eighth to the whole height
KINDS = (('deferred', 'Why mail was deferred'), ('bounced', 'Why mail bounced'), ('rejected', 'Why mail was rejected'),
         ('held', 'Why mail is held'), ('discarded', 'Why mail was discarded'))
TOPS = (('top_senders', 'Senders'), ('top_clients', 'Clients'), ('top_recipients', 'Recipients'))
RULE = '=' * COLUMNS
NONE = 'There is no report of pflogsumm.\n'
OF_EACH = "pflogsumm's report is in the report of each host.\n"


def render(report):
    """The whole text, lines ending in LF; nothing in it turns the cursor or the direction of writing."""
    blocks = [heading(report), totals(report), hosts(report), hours(report)]
    blocks += [reasons(report, kind, title) for kind, title in KINDS]
    blocks += [providers(report), tls(report)]
    blocks += [names(report, key, title) for key, title in TOPS]
    blocks += [troubles(report, kind) for kind in ('panics', 'fatals', 'warnings')]
    blocks += [queue(report)]
    own = '\n\n'.join('\n'.join(line.rstrip() for line in block) for block in blocks if block)
    return own + '\n\n' + pflogsumm(report)


def for_terminal(text):
    """The same with colour: the title, and what is unusual; pflogsumm's part stays as it is."""
    own, rule, rest = text.partition(RULE)
    lines = own.split('\n')
    lines[0] = click.style(lines[0], bold=True)
    return '\n'.join(click.style(line, fg='yellow', bold=True) if line.startswith('! ') else line
                     for line in lines) + rule + rest


def heading(report):
    """Which day, where, and what is to be said of it first."""
    flagged = '! ' if report.troubles or report.alarming or report.unusual or report.past.error else ''
    return ['{}, {}'.format(report.title, compare.long_date(report.date)), ''] + [
        flagged + visible(one) for one in said(report)]


def totals(report):
    """The totals, beside those of the same weekday before."""
    made = rows(report)
    days = len(report.past.days)
    head: Tuple[str, ...] = ('', 'this day', 'a week ago', 'median of {}'.format(days), 'change')
    lines: List[Tuple[str, ...]] = [
        (('! ' if one.flag else '  ') + one.name, at_most(one), amount(one.key, one.last_week),
         amount(one.key, one.usual.median) if one.usual else '', one.change) for one in made]
    if not days:
        head, lines = head[:2], [line[:2] for line in lines]
    return grid([head] + lines)


def at_most(row):
    """A figure; of what several hosts may have counted twice, that it is no more than that."""
    return ('<= ' if row.at_most else '') + amount(row.key, row.value)


def grid(lines, first=24):
    """Columns: the first to the left, the others to the right."""
    widths = [max([first if not at else 0] + [width(line[at]) for line in lines]) for at in range(len(lines[0]))]
    return ['  '.join([padded(line[0], widths[0])] + [
        ' ' * (room - width(cell)) + cell for cell, room in zip(line[1:], widths[1:])]) for line in lines]


def padded(text, room):
    """Text in exactly so many columns."""
    text = clipped(text, room)
    return text + ' ' * (room - width(text))


def hosts(report):
    """Each host's part of a merged report."""
    parts = report.figures.get('parts') or ()
    keys = ('received', 'delivered', 'deferred', 'bounced', 'rejected')
    return grid([('Hosts',) + keys] + [
        (visible(part['host']),) + tuple(amount(key, part[key]) for key in keys) for part in parts]) if parts else []


def hours(report):
    """A line of bars a kind; each to its own scale."""
    lines = ['{:<14}{:<6}{:<6}{:<6}{:<6}'.format('Per hour', 0, 6, 12, 18)]
    for kind in PER_HOUR:
        found = report.figures['per_hour'][kind]
        most, hour = busiest(found)
        lines.append('{:<14}{}{}'.format(
            '  ' + kind, ''.join(step(value, most) for value in found),
            '   most {:,}, from {}:00'.format(most, hour) if most else ''))
    return lines + (['  (The clock was changed: {}.)'.format(report.clock)] if report.clock else [])


def step(value, most):
    """One bar of a line; nothing is a dot."""
    if not value:
        return '.'
    return STEPS[max(0, -(-value * len(STEPS) // most) - 1)]


def reasons(report, kind, title):
    """The most frequent reasons of one kind."""
    found = report.figures.get('reasons', {}).get(kind)
    if not found:
        return []
    lines = [title]
    for one in found[:SHOWN_REASONS]:
        whos = ', '.join('{} {:,}'.format(visible(who), count) for who, count in one['by'][:2])
        lines += hanging(one['count'], visible(one['reason']))
        lines += [' ' * INDENT + clipped(whos, COLUMNS - INDENT)] if whos else []
    return lines


def hanging(count, text):
    """A number, and a text beside it in at most REASON_LINES lines."""
    wrapped = textwrap.wrap(text, COLUMNS - INDENT)
    if len(wrapped) > REASON_LINES:
        wrapped[REASON_LINES - 1:] = [clipped(' '.join(wrapped[REASON_LINES - 1:]), COLUMNS - INDENT)]
    return ['{:>11,}  {}'.format(count, line) if not at else ' ' * INDENT + line for at, line in enumerate(wrapped)]


def providers(report):
    """Where mail went, how much of it at the first try, and how long it took."""
    found = report.figures.get('providers')
    if not found:
        return []
    return grid([('Providers', 'delivered', 'deferred', 'bounced', 'p50', 'p95', 'slowest part')] + [
        (clipped(visible(one['provider']), 20), '{:,}'.format(one['delivered']), percent(one['deferred_share']),
         '{:,}'.format(one['bounced']), seconds(one['delays']['total']['p50']),
         seconds(one['delays']['total']['p95']), slowest(one['delays'])) for one in found[:SHOWN_PROVIDERS]], 20)


PARTS = (('before_qmgr', 'before qmgr'), ('in_qmgr', 'in qmgr'), ('connecting', 'connecting'),
         ('sending', 'sending'))


def slowest(delays):
    """`in qmgr 42 s`: the part of the delay whose p95 is the greatest."""
    known = [(delays[key]['p95'], -at) for at, (key, _) in enumerate(PARTS) if delays[key]['p95'] is not None]
    if not known:
        return ''
    value, at = max(known)
    return '{} {}'.format(PARTS[-at][1], seconds(value)) if value else ''


def tls(report):
    """How much was encrypted."""
    found = report.figures.get('tls')
    if not found:
        return []
    lines = ['TLS']
    for key, title, base in (('in', 'in', 'connections'), ('out', 'out', 'deliveries')):
        way = found[key]
        if way[base]:
            lines.append('  {:<4}{:>6} of {:,} {}   {}'.format(
                title, percent(way['share']), way[base], base, versions(way['versions'])))
    return lines if len(lines) > 1 else []


def versions(counts):
    """`TLSv1.3 92 %, TLSv1.2 8 %`, the newest first."""
    whole = sum(counts.values())
    return ', '.join('{} {}'.format(visible(name), percent(count / whole))
                     for name, count in sorted(counts.items(), reverse=True) if whole)


def names(report, key, title):
    """Who sent or got the most."""
    found = report.figures.get(key)
    if not found:
        return []
    return grid([(title, 'messages', 'bytes' if 'bytes' in found[0] else '')] + [
        ('  ' + clipped(visible(one['name']) or '<>', 48), '{:,}'.format(one['messages']),
         size(one['bytes']) if 'bytes' in one else '') for one in found[:SHOWN_NAMES]], 50)


def troubles(report, kind):
    """What Postfix complained of."""
    found = report.figures.get(kind)
    if not found or not found['count']:
        return []
    return ['{} ({:,})'.format(kind.capitalize(), found['count'])] + [
        line for one in found['list'][:SHOWN_TROUBLES]
        for line in hanging(one['count'], '{}: {}'.format(visible(one['service']), visible(one['text'])))]


def queue(report):
    """What stayed in the queue over midnight."""
    carried = report.figures.get('carried')
    if not carried:
        return []
    lines = ['In the queue when the day ended: {:,}'.format(carried['open'])]
    if carried['unknown']:
        lines.append('Of unknown size, in the queue since before the log begins: {:,}'.format(carried['unknown']))
    return lines


def pflogsumm(report):
    """pflogsumm's report whole; each line as it is, but for what would turn a terminal."""
    if report.text is None:
        return RULE + '\n' + (OF_EACH if report.figures.get('parts') else NONE)
    lines = report.text.replace('\r\n', '\n').rstrip('\n').split('\n')
    return '{}\n{}\n'.format(RULE, '\n'.join('\t'.join(map(visible, line.split('\t'))) for line in lines))
