"""The sections of the page on reasons, providers, TLS, who sent, and what Postfix complained of."""
from mailtools.pflogsumm_report.html_looks import bar, card, head_row, number, row, safe, table, tag
from mailtools.pflogsumm_report.report import percent, seconds, size
from mailtools.pflogsumm_report.values import DELAYS

SHOWN = 10
MUCH = 0.1              # deferred at a provider
SHOWN_REASONS = 7
SHOWN_NAMES = 7
KINDS = (('deferred', 'Why mail was deferred'), ('bounced', 'Why mail bounced'), ('rejected', 'Why mail was rejected'),
         ('reject_warnings', 'What would have been rejected'), ('held', 'Why mail is held'),
         ('discarded', 'Why mail was discarded'))
COLOURS = {'deferred': 'b-deferred', 'bounced': 'b-bounced'}        # the others are rejected
TOPS = (('top_senders', 'Senders'), ('top_clients', 'Clients'), ('top_recipients', 'Recipients'),
        ('top_recipient_domains', 'Domains of recipients'))
PARTS = (('before_qmgr', 'b-1', 'before qmgr'), ('in_qmgr', 'b-4', 'in qmgr'), ('connecting', 'b-3', 'connecting'),
         ('sending', 'b-2', 'sending'))
NOTE = ('Deferred: the share of attempts, red from 10 % on. p50, p95: half, and 95 %, of what was delivered took no '
        'longer. Bars: the p95 of each part of it, {}.')
VERSIONS = ('b-1', 'b-2', 'b-3', 'b-4')


def sections(report):
    """The cards of what the figures have."""
    figures = report.figures
    yield providers(figures.get('providers'))
    for kind, title in KINDS:
        yield reasons(figures.get('reasons', {}).get(kind), title, COLOURS.get(kind, 'b-rejected'), figures[kind])
    yield tls(figures.get('tls'))
    for key, title in TOPS:
        yield names(figures.get(key), title)
    yield complaints(figures)


def providers(found):
    """Where mail went, how much of it was deferred, how long it took, and where the time went."""
    if not found:
        return ''
    lines = ''.join(row(safe(one['provider']) + times(one['delays']), number(one['delivered']),
                        deferred(one['deferred_share']), safe(seconds(one['delays']['total']['p50'])),
                        safe(seconds(one['delays']['total']['p95']))) for one in found[:SHOWN])
    legend = ' '.join(tag('span', colour, '&nbsp;&nbsp;') + '&nbsp;' + name.replace(' ', '&nbsp;')
                      for _, colour, name in PARTS)
    return card('Providers', table(lines, head_row('Delivered', 'Deferred', 'p50', 'p95'), 'Providers')
                + tag('p', 'note', NOTE.format(legend)))


def deferred(part):
    """A share, red where it is much."""
    text = safe(percent(part))
    return tag('span', 'worse', text) if part >= MUCH else text


def times(delays):
    """The bar of where the time goes."""
    assert len(PARTS) + 1 == len(DELAYS)
    found = [(colour, delays[key]['p95'] or 0, name) for key, colour, name in PARTS]
    whole = sum(value for _, value, _ in found)
    return bar([(colour, value) for colour, value, _ in found], whole, safe(', '.join(
        '{} {}'.format(name, seconds(value)) for _, value, name in found))) if whole else ''


def reasons(found, title, colour, whole):
    """The most frequent reasons of one kind; their bars are shares of the most frequent one."""
    if not found:
        return ''
    most = found[0]['count']
    lines = ''.join(row(tag('span', 'text', safe(one['reason'])) + whos(one['by'])
                        + bar([(colour, one['count'])], most), number(one['count'])) for one in found[:SHOWN_REASONS])
    rest = ''
    if len(found) > SHOWN_REASONS:
        rest = tag('p', 'note', 'And {} more reasons.'.format(len(found) - SHOWN_REASONS))
    return card(title, table(lines, label=title) + rest)


def whos(by):
    """`mx1.example.org 120, ...` of a reason."""
    said = ', '.join('{} {:,}'.format(who, count) for who, count in by[:3])
    return '<br>' + tag('span', 'soft', safe(said)) if said else ''


def tls(found):
    """How much came and went encrypted, and with which versions."""
    lines = ''
    for key, title, base in (('in', 'In', 'connections'), ('out', 'Out', 'deliveries')):
        way = (found or {}).get(key)
        if way and way[base]:
            said = versions(way['versions'])
            lines += row(title + ('<br>' + tag('span', 'soft', said) + version_bar(way['versions']) if said else ''),
                         '{} of {} {}'.format(safe(percent(way['share'])), number(way[base]), base))
    return card('TLS', table(lines, label='TLS')) if lines else ''


def versions(counts):
    """`TLSv1.3 92 %, TLSv1.2 8 %`, the newest first; '' where there are none."""
    whole = sum(counts.values())
    return safe(', '.join('{} {}'.format(name, percent(count / whole))
                          for name, count in sorted(counts.items(), reverse=True))) if whole else ''


def version_bar(counts):
    """The same as a bar."""
    ordered = [count for _, count in sorted(counts.items(), reverse=True)]
    return bar(list(zip(VERSIONS, ordered)), sum(ordered))


def names(found, title):
    """Who sent or got the most."""
    if not found:
        return ''
    most = found[0]['messages']
    with_bytes = 'bytes' in found[0]
    lines = ''.join(row((safe(one['name'], 100) or '&lt;&gt;') + bar([('b-past', one['messages'])], most),
                        number(one['messages']), *([safe(size(one['bytes']))] if with_bytes else []))
                    for one in found[:SHOWN_NAMES])
    return card(title, table(lines, head_row('Messages', *(['Size'] if with_bytes else [])), title))


def complaints(figures):
    """What Postfix warned of, and what stayed in the queue."""
    lines = ''
    for kind in 'panics', 'fatals', 'warnings':
        for one in figures.get(kind, {}).get('list', ())[:SHOWN]:
            text = safe('{}: {}'.format(one['service'], one['text']))
            lines += row(text if kind == 'warnings' else tag('span', 'worse', text), number(one['count']))
    carried = figures.get('carried')
    said = ''
    if carried:
        said = 'In the queue when the day ended: {:,}.'.format(carried['open'])
        if carried['unknown']:
            said += (' Of {:,} deliveries the size is not known: they were in the queue since before the log '
                     'begins.'.format(carried['unknown']))
    body = (table(lines, label='Warnings') if lines else '') + (tag('p', 'note', said) if said else '')
    return card('Warnings' if lines else 'Queue', body) if body else ''
