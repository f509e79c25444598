"""For whom mail waits and why: the two tables of the page that come from the listings of the queues."""
import math
from typing import Dict, List

from mailtools.mailqueues.dashboard_html import age, number, safe
from mailtools.mailqueues.values import BUCKETS_MIN

SHOWN_DOMAINS = 15
SHOWN_REASONS = 12
SHADES = 5          # of the heat table, beside none
SECTION = '<div class="two">{}{}</div>{}'
DOMAINS = """<section aria-labelledby="h-domains"><h2 id="h-domains">For whom</h2>
<p class="note">Recipients by domain, and how long they have waited.</p><div class="scroll" tabindex="0" role="region" \
aria-labelledby="h-domains"><table class="heat"><caption class="unseen">Recipients by domain and age</caption>
<thead><tr><th scope="col">Domain</th><th scope="col" class="n">All</th>{}</tr></thead>
<tbody>{}</tbody></table></div></section>"""
REASONS = """<section aria-labelledby="h-reasons"><h2 id="h-reasons">Why</h2>
<p class="note">What other servers say, or why they cannot be reached; figures in it are folded away.</p>
<ol class="reasons">{}</ol></section>"""
REASON = """<li><div class="share" style="width:{:.1f}%"></div><strong>{}</strong> <span>{}{}</span> \
<small>{}</small></li>
"""


def section(found, now):
    """Both tables, of all hosts together; nothing where no host gives detail."""
    detailed = [one for one in found if one.known.detail is not None and one.figures]
    if not detailed:
        return ''
    return SECTION.format(domains(detailed), reasons(detailed), basis(detailed, now))


def basis(detailed, now):
    """What the tables rest on: how old, and how much of all."""
    oldest = min(detailed, key=lambda one: one.known.detail.at)
    said = 'From the listings of {} host{}, the oldest {} ago.'.format(
        len(detailed), 's' * (len(detailed) > 1), age(oldest.known.detail.at, now))
    for one in detailed:
        if one.known.detail.share < 1:
            said += ' Of {} a sample: {:.0%} of its mail.'.format(safe(one.name), one.known.detail.share)
    return '<p class="note">{}</p>'.format(said)


def titles():
    """The titles of the buckets: `< 5 min`, ..., `older`."""
    said = ['&lt; 5 min'] + ['{}'.format(name_of(one)) for one in BUCKETS_MIN[1:]]
    return said + ['older']


def name_of(minutes):
    """40 min, 2 h 40"""
    if minutes < 60:
        return '{} min'.format(minutes)
    return '{} h {}'.format(minutes // 60, '{:02d}'.format(minutes % 60) if minutes % 60 else '').strip()


def domains(detailed):
    """Domains and the age of what waits for them; the darker, the more."""
    sums: Dict[str, List[int]] = {}
    hosts: Dict[str, List[str]] = {}
    for one in detailed:
        for row in one.known.detail.domains:
            sums[row.domain] = [a + b for a, b in zip(sums.get(row.domain, [0] * 10), row.buckets)]
            hosts.setdefault(row.domain, []).append(one.name)
    ordered = sorted(sums.items(), key=lambda item: (-sum(item[1]), item[0]))[:SHOWN_DOMAINS]
    most = max((count for _, buckets in ordered for count in buckets), default=0)
    rows = ''.join('<tr><th scope="row" title="{}">{}</th><td class="n">{}</td>{}</tr>'.format(
        safe('on ' + where(hosts[domain], len(detailed))), safe(domain), number(sum(buckets)),
        ''.join(heat(count, most) for count in buckets)) for domain, buckets in ordered)
    return DOMAINS.format(''.join('<th scope="col" class="n">{}</th>'.format(title) for title in titles()),
                          rows or '<tr><td colspan="12">none waits</td></tr>')


def heat(count, most):
    """One cell: its shade goes with the logarithm."""
    if not count:
        return '<td class="n"></td>'
    shade = 1 + int((SHADES - 1) * math.log(count) / math.log(most) + 0.5) if most > 1 else 1
    return '<td class="n h{}">{}</td>'.format(shade, number(count))


def reasons(detailed):
    """Reasons, the most frequent first."""
    sums: Dict[str, int] = {}
    hosts: Dict[str, List[str]] = {}
    reputation = set()
    for one in detailed:
        for reason in one.known.detail.reasons:
            sums[reason.text] = sums.get(reason.text, 0) + reason.recipients
            hosts.setdefault(reason.text, []).append(one.name)
            if reason.reputation:
                reputation.add(reason.text)
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_REASONS]
    most = max(sums.values(), default=1)
    return REASONS.format(''.join(REASON.format(
        100 * count / most, number(count), '<em>reputation</em> ' * (text in reputation), safe(text),
        safe(where(hosts[text], len(detailed)))) for text, count in ordered) or '<li>nothing is deferred</li>')


def where(names, of):
    """Which hosts say so, in short."""
    if len(names) == of > 1:
        return 'all hosts'
    return ', '.join(names[:4]) + (' and {} more'.format(len(names) - 4) if len(names) > 4 else '')
