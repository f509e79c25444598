"""What a monitor is told: outlooks in, one line and a status of the Monitoring Plugins out.  Pure.

The form is a word, a sentence, `|`, then performance data as label=value[unit];warn;crit;min.  What is not known is
UNKNOWN and never OK: a host that fails, a mail system that is down, old figures, and a limit that was asked for where
its figure is not to be had.
"""
import re

from mailtools.base.text import visible
from mailtools.mailqueues.judging import ALL, GROWTH, LIMITED, OK, OLDEST, UNKNOWN, WORDS, span, worst
from mailtools.mailqueues.values import COUNTED, total

FIGURES = COUNTED + (ALL, OLDEST, GROWTH)


def line_of(found, warning, critical, asked=()):
    """(status, line) for some hosts.

    found: judging.Outlook.  warning, critical: {name: limit}, for the performance data.  asked: the names of limits
    that must be judged.
    """
    verdicts = [verdict(one, asked) for one in found]
    status = worst(verdict[0] for verdict in verdicts)
    says = [said for its_status, said in verdicts if its_status] or [said for _, said in verdicts]
    performance = ' '.join(data for one in found if one.figures and not one.blind
                           for data in performance_of(one, warning, critical, len(found) > 1))
    return status, 'MAILQUEUES {} - {}{}'.format(
        WORDS[status], visible('; '.join(says)).replace('|', '/'), '|' + performance if performance else '')


def verdict(one, asked):
    """(status, sentence) of one host."""
    if one.status:
        return one.status, '{}: {}'.format(one.name, ', '.join(one.says))
    missing = [name for name in LIMITED if name in asked and unknown(one.figures, name)]
    if missing:
        return UNKNOWN, '{}: {} not known'.format(one.name, ' and '.join(missing))
    return OK, '{}: {}'.format(one.name, figures_of(one.figures))


def unknown(figures, name):
    """True where a figure is not known; an empty queue has no oldest message, and that is known."""
    if name == OLDEST and not total(figures.counts) - figures.counts.get('hold', 0):
        return False
    return figures.value(name) is None


def figures_of(figures):
    """`34 active, 1,548 deferred, oldest 3 d`"""
    said = ['{:,} {}'.format(figures.counts[queue], queue) for queue in COUNTED
            if queue in ('active', 'deferred') or figures.counts.get(queue)]
    if figures.oldest_s is not None:
        said.append('oldest {}'.format(span(figures.oldest_s)))
    return ', '.join(said)


def performance_of(one, warning, critical, several):
    """The performance data of one host; labels begin with its name where there are several."""
    for name in FIGURES:
        value = one.figures.value(name)
        if value is None:
            continue
        label = '{}_{}'.format(one.name, name) if several else name
        yield '{}={}{};{};{};{}'.format(
            quoted(label), value, 's' if name == OLDEST else '', warning.get(name, ''), critical.get(name, ''),
            '' if name == GROWTH else 0)


def quoted(label):
    """A label of performance data: in quotes where it must be."""
    return label if re.match(r'[A-Za-z0-9_.-]+\Z', label) else "'{}'".format(re.sub("['=|]", '_', visible(label)))


def nothing_known(why):
    """(status, line) where nothing can be said."""
    return UNKNOWN, 'MAILQUEUES UNKNOWN - {}'.format(visible(str(why)).replace('|', '/'))
