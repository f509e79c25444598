"""The figures of several hosts as those of one: files of --json in, figures out.

Counts are added; percentiles are worked out anew from the counts of each time of delivery, never averaged.  How many
different addresses there were cannot be known from numbers: the sum says how many there were at most, and is shown as
such.  Nothing is guessed: a file that is no report, the same host twice, or another day is refused.
"""
import sys

from mailtools.base.failure import EX_IOERR, EX_USAGE, reason_of
from mailtools.base.text import shortened, visible
from mailtools.pflogsumm_report import compare, values
from mailtools.pflogsumm_report.values import PER_HOUR, REASONS, TOTALS, TROUBLES, FiguresFailure

NAME_LIMIT = 80


def read(path):
    """The figures in a file: one object of --json, or one a line; `-` is standard input.  Raises FiguresFailure."""
    name = visible(path)
    try:
        if path == '-':
            data = sys.stdin.buffer.read()
        else:
            with open(path, 'rb') as file:
                data = file.read()
    except OSError as error:
        raise FiguresFailure('cannot read {}: {}'.format(name, reason_of(error)), EX_IOERR)
    try:
        found = [checked(line) for line in objects(data.decode('utf-8'))]
    except UnicodeDecodeError:
        raise FiguresFailure('{} is no report of pflogsumm-report --json: it is not UTF-8'.format(name))
    except FiguresFailure as failed:
        raise FiguresFailure('{} is no report of pflogsumm-report --json: {}'.format(name, failed))
    if not found:
        raise FiguresFailure('{} is empty: the host that wrote it had no report'.format(name))
    return found


def objects(text):
    """The texts of the objects: one that takes several lines, or one a line."""
    lines = [line for line in text.split('\n') if line.strip()]
    if len(lines) > 1 and all(line.startswith('{') for line in lines):
        return lines
    return ['\n'.join(lines)] if lines else []


def checked(text):
    """The figures of one object; raises FiguresFailure."""
    try:
        figures = values.from_json(text)
    except RecursionError:
        raise FiguresFailure('not JSON: nested too deep')
    wrong = wrong_in(figures, SHAPE, '')
    if wrong:
        raise FiguresFailure('{} cannot be that'.format(visible(shortened(wrong, 2 * NAME_LIMIT))))
    return figures


def merge(several):
    """The figures of all; `parts` are those of each host.  Raises FiguresFailure."""
    parts = [part for one in several for part in one.get('parts') or (one,)]
    seen = set()
    for part in parts:
        if part['host'] in seen:
            raise FiguresFailure('{} is there twice'.format(visible(part['host'])), EX_USAGE)
        seen.add(part['host'])
    first = several[0]
    for one in several[1:]:
        if one['date'] != first['date']:
            raise FiguresFailure('different days: {} of {}, {} of {}'.format(
                first['date'], visible(first['host']), one['date'], visible(one['host'])), EX_USAGE)
    whole = values.add(several)
    whole.pop('parts', None)
    whole['parts'] = [dict({'host': part['host']}, **{name: part[name] for name in TOTALS}) for part in parts]
    whole['host'] = ', '.join(sorted(part['host'] for part in parts))   # in whatever order they were given
    return whole


# -- what figures look like: a file may be damaged, or of another program --

def is_date(value):
    """YYYY-MM-DD"""
    try:
        return isinstance(value, str) and compare.day_of(value).isoformat() == value
    except ValueError:
        return False


def is_host(value):
    """A name."""
    return isinstance(value, str) and 0 < len(value) <= 255 * 100 and value.isprintable()


def is_count(value):
    """A whole number that a database can hold, also when several are added."""
    return values.is_count(value) and value < 10 ** 15


def is_text(value):
    """Any text."""
    return isinstance(value, str)


def is_share(value):
    """0 to 1."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def is_time(value):
    """Seconds, or nothing known."""
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)
                             and 0 <= value < float('inf'))


def is_seconds_text(value):
    """A key of the counts of times of delivery."""
    try:
        return is_time(float(value))
    except ValueError:
        return False


class Keyed:
    """An object whose keys are not known: a test of the keys, a shape of the values."""

    def __init__(self, key, value):
        self.key = key
        self.value = value


class Pair:
    """A list of exactly these."""

    def __init__(self, *shapes):
        self.shapes = shapes


COUNTS = Keyed(is_text, is_count)
DELAY = {'p50': is_time, 'p95': is_time, 'counts': Keyed(is_seconds_text, is_count)}
CLIENT = {'name': is_text, 'messages': is_count}
SENDER = dict(CLIENT, bytes=is_count)
RECIPIENT = dict(SENDER, deferrals=is_count)
# A dictionary: these keys; [shape]: a list of such; a function: whether a value is right.  Keys of DETAIL may lack,
# and there may be others, of a newer version.
SHAPE = dict({
    'date': is_date, 'host': is_host, 'lines': is_count, 'per_hour': {name: [is_count] for name in PER_HOUR},
    'reasons': {kind: [{'reason': is_text, 'count': is_count, 'by': [Pair(is_text, is_count)]}] for kind in REASONS},
    'providers': [{'provider': is_text, 'delivered': is_count, 'deferrals': is_count, 'bounced': is_count,
                   'deferred_share': is_share, 'delays': {part: DELAY for part in values.DELAYS}}],
    'tls': {'in': {'connections': is_count, 'encrypted': is_count, 'share': is_share, 'versions': COUNTS,
                   'ciphers': COUNTS},
            'out': {'sessions': is_count, 'deliveries': is_count, 'encrypted': is_count, 'share': is_share,
                    'versions': COUNTS, 'ciphers': COUNTS}},
    'services': [{'service': is_text, 'received': is_count, 'delivered': is_count, 'deferrals': is_count,
                  'bounced': is_count, 'rejected': is_count}],
    'carried': {'known': is_count, 'unknown': is_count, 'open': is_count},
    'top_senders': [SENDER], 'top_sending_domains': [SENDER], 'top_clients': [CLIENT], 'top_recipients': [RECIPIENT],
    'top_recipient_domains': [RECIPIENT],
    'parts': [dict({'host': is_host}, **{name: is_count for name in TOTALS})],
}, **{name: {'count': is_count, 'list': [{'service': is_text, 'text': is_text, 'count': is_count}]}
      for name in TROUBLES}, **{name: is_count for name in TOTALS})
OPTIONAL = values.DETAIL + ('parts',)


def wrong_in(value, shape, place):
    """`reasons.deferred: 4`, the first place that is not of its shape; None when all is well."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return told(place, value)
        for name, inner in shape.items():
            if name not in value:
                if place or name not in OPTIONAL:
                    return '{}.{}: nothing'.format(place, name).lstrip('.')
                continue
            wrong = wrong_in(value[name], inner, '{}.{}'.format(place, name).lstrip('.'))
            if wrong:
                return wrong
        return None
    if isinstance(shape, Keyed):
        if not isinstance(value, dict):
            return told(place, value)
        return next((told(place + '.' + key, one) for key, one in value.items()
                     if not shape.key(key) or not shape.value(one)), None)
    if isinstance(shape, (list, Pair)):
        return wrong_in_list(value, shape, place)
    return None if shape(value) else told(place, value)


def wrong_in_list(value, shape, place):
    """The same of a list."""
    if not isinstance(value, list) or (isinstance(shape, Pair) and len(value) != len(shape.shapes)):
        return told(place, value)
    shapes = shape.shapes if isinstance(shape, Pair) else shape * len(value)
    return next(filter(None, (wrong_in(one, inner, '{}[{}]'.format(place, at))
                              for at, (one, inner) in enumerate(zip(value, shapes)))), None)


def told(place, value):
    """A place and what stands there."""
    return '{}: {}'.format(place, shortened(repr(value), NAME_LIMIT))
