"""status.json read again: text in, a Snapshot out.  Pure.

Whatever may have happened to the file, what comes out has the shapes that values.py gives, so that nobody behind it
has to look again.  Each member is looked for by name and read as one of its kind; the first that does not fit is named
in the failure by its place: `hosts[2].detail.share is "x", which is no number from 0 to 1`.
"""
import json
import math

from mailtools.base.text import shortened, visible
from mailtools.mailqueues.detail import TOTAL
from mailtools.mailqueues.snapshot import VERSION
from mailtools.mailqueues.values import BUCKETS_MIN, COUNTED, Detail, Domain, Known, Reason, Snapshot

SIZE_MOST = 1 << 26         # characters of a file that is read at all: 200 hosts, each with 1,000 domains and reasons
DIGITS_MOST = 15            # of a whole number, as framing.number() lets it be; to read millions of them takes for ever
TIME_MOST = 253402300799    # the end of 9999, the last year that time.gmtime() can write in four digits
SHOWN_MOST = 40             # characters of a value in a failure


class Unreadable(ValueError):
    """A status.json that is none."""


def read(text):
    """The Snapshot of a status.json; raises Unreadable."""
    if len(text) > SIZE_MOST:
        raise Unreadable('it is larger than {} MB'.format(SIZE_MOST >> 20))
    try:
        said = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) <= DIGITS_MOST else math.inf)
    except RecursionError:
        raise Unreadable('it is nested too deep')
    except ValueError as error:
        raise Unreadable(str(error))
    if isinstance(said, dict) and said.get('version', VERSION) != VERSION:
        raise Unreadable('it is of version {}'.format(shown(said['version'])))
    member(said, 'version', '', whole)
    return Snapshot(member(said, 'generated_at', '', when), members(said, 'hosts', '', host))


# -- what is in an object --

def member(said, name, place, reader):
    """What `reader` makes of one member of an object; place: where the object is, for the failure."""
    if not isinstance(said, dict):
        raise wrong(place, said, 'no object')
    here = '{}.{}'.format(place, name) if place else name
    if name not in said:
        raise Unreadable('{} is missing'.format(here))
    return reader(said[name], here)


def members(said, name, place, reader):
    """The same of each element of a list, as a tuple."""
    return tuple(reader(one, '{}.{}[{}]'.format(place, name, at) if place else '{}[{}]'.format(name, at))
                 for at, one in enumerate(member(said, name, place, listed)))


def host(said, place):
    """One host: a Known."""
    def get(name, reader):
        return member(said, name, place, reader)
    counts = get('queues', optional(numbers_of_queues))
    at = get('at', optional(when))
    if counts is not None and at is None:
        raise Unreadable('{} has queues without at'.format(place))
    return Known(get('name', word), at, counts, get('detail', optional(detail)), get('error', optional(word)),
                 get('since', optional(when)), get('took_s', when), get('detail_error', optional(word)),
                 get('skew_s', seconds), get('mail_down', boolean))


def detail(said, place):
    """The Detail of a host."""
    total = member(said, 'total', place, buckets)
    oldest = member(said, 'oldest', place, mapping)
    return Detail(
        member(said, 'at', place, when), member(said, 'seen', place, whole), member(said, 'share', place, share),
        {queue: member(oldest, queue, place + '.oldest', seconds) for queue in COUNTED if queue in oldest},
        Domain(TOTAL, sum(total), total), members(said, 'domains', place, domain),
        members(said, 'reasons', place, reason))


def domain(said, place):
    """One row of the domains."""
    return Domain(member(said, 'domain', place, text), member(said, 'total', place, whole),
                  member(said, 'buckets', place, buckets))


def reason(said, place):
    """One row of the reasons."""
    return Reason(member(said, 'reason', place, text), member(said, 'recipients', place, whole),
                  member(said, 'reputation', place, boolean))


# -- readers: (value, its place) -> the value, if it is of their kind --

def optional(reader):
    """The reader that lets null be None."""
    return lambda said, place: None if said is None else reader(said, place)


def numbers_of_queues(said, place):
    """{queue: files}"""
    return {queue: member(said, queue, place, whole) for queue in COUNTED}


def buckets(said, place):
    """The recipients of each age."""
    if len(listed(said, place)) != len(BUCKETS_MIN) + 1:
        raise wrong(place, said, 'no list of {} numbers'.format(len(BUCKETS_MIN) + 1))
    return tuple(whole(one, '{}[{}]'.format(place, at)) for at, one in enumerate(said))


def whole(said, place):
    """A count."""
    return number(said, place, 0, 10 ** DIGITS_MOST, 'no whole number', int)


def when(said, place):
    """Seconds since the epoch, or a span of time."""
    return number(said, place, 0, TIME_MOST, 'no time')


def seconds(said, place):
    """A time that may be before the epoch, for it was told by another host's clock."""
    return number(said, place, -TIME_MOST, TIME_MOST, 'no time')


def share(said, place):
    """A part of one."""
    return number(said, place, 0, 1, 'no number from 0 to 1')


def number(said, place, least, most, what, kind=(int, float)):
    """A number from `least` to `most`; neither true nor NaN is one."""
    if isinstance(said, bool) or not isinstance(said, kind) or not least <= said <= most:
        raise wrong(place, said, what)
    return said


def text(said, place):
    """A text, fit to print."""
    return visible(of_kind(str, 'no text')(said, place))


def word(said, place):
    """A text that is not empty."""
    return text(said, place) or text(None, place)


def of_kind(kind, what):
    """The reader of values of one type."""
    def reader(said, place):
        if not isinstance(said, kind):
            raise wrong(place, said, what)
        return said
    return reader


boolean, listed, mapping = of_kind(bool, 'neither true nor false'), of_kind(list, 'no list'), of_kind(dict, 'no object')


def wrong(place, said, what):
    """The failure that tells of a value."""
    return Unreadable('{} is {}, which is {}'.format(place or 'it', shown(said), what))


def shown(said):
    """A value, so far as it fits into a sentence."""
    if isinstance(said, (list, dict)):
        return 'a list' if isinstance(said, list) else 'an object'
    return shortened(visible(json.dumps(said)), SHOWN_MOST)
