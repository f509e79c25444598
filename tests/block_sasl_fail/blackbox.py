"""Logs made from the source of Postfix, line by line with what `failures` must say of them.

    made = blackbox.make(seed=1, count=2000, style='rfc3339')
    made.log            # bytes
    made.told           # [{'line': 7, 'time': 1772679782.0, 'client': '192.0.2.1', ...}, ...]
    made.maybe          # {line: clients}: lines so damaged that they may count, for these only
    blackbox.compare(made, rows)        # what is wrong, as sentences

It knows nothing of the reader that it tests: a line is written as Postfix writes it, from fields that are
therefore known, or as somebody would write it who wants another one blamed (blackbox_messages.py); and as
syslog(3), rsyslog and journalctl(1) keep it.
"""
import calendar
import contextlib
import json
import os
import random
import time
from typing import Any, Dict, List, NamedTuple

from blackbox_messages import ANY, KINDS, failure

MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')


class Made(NamedTuple):
    """A log, what it tells, and what it may tell."""

    log: bytes
    told: List[dict]
    maybe: Dict[int, Any]


# How a message comes to the log

def process(rng, tag):
    return '{}[{}]: '.format(tag, rng.randrange(1, 4194304)).encode()


def host(rng):
    return rng.choice((b'mx1', b'mx1.example.net', b'mx-1', b'192.0.2.10', b'2001:db8::25'))


def local(when):
    """(struct_time, microseconds)."""
    return time.localtime(int(when)), int(round(when % 1 * 1000000))


def plain(stamp):
    """A style that is a stamp before host, tag and text."""
    def write(rng, when, message):
        return b'%s %s %s%s' % (stamp(rng, when).encode(), host(rng), process(rng, message.tag), message.text)
    return write


def traditional(_, when):
    moment = local(when)[0]
    return '{} {:2} {}'.format(MONTHS[moment.tm_mon - 1], moment.tm_mday, time.strftime('%H:%M:%S', moment))


def precise(_, when):
    moment, micros = local(when)
    return '{} {:02} {}.{:06}'.format(MONTHS[moment.tm_mon - 1], moment.tm_mday,
                                      time.strftime('%H:%M:%S', moment), micros)


def offset(moment, colon):
    minutes = moment.tm_gmtoff // 60
    return '{}{:02}{}{:02}'.format('+-'[minutes < 0], abs(minutes) // 60, colon, abs(minutes) % 60)


def rfc3339(rng, when):
    moment, micros = local(when)
    if rng.random() < 0.3:
        return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(int(when))) + '.{:06}Z'.format(micros)
    return time.strftime('%Y-%m-%dT%H:%M:%S', moment) + '.{:06}'.format(micros) + offset(moment, ':')


def short_iso(_, when):
    moment = local(when)[0]
    return time.strftime('%Y-%m-%dT%H:%M:%S', moment) + offset(moment, '')


def short_unix(_, when):
    return '{:.6f}'.format(when)


def short_full(_, when):
    moment = local(when)[0]
    return '{} {}'.format(DAYS[moment.tm_wday], time.strftime('%Y-%m-%d %H:%M:%S %Z', moment))


def priority(rng, when, message):
    return b'<%d>' % rng.choice((20, 22, 16, 191)) + plain(rng.choice((traditional, rfc3339)))(rng, when, message)


def journal(text_of):
    """A style that is an object of `journalctl -o json`; text_of: how it shows a message."""
    def write(rng, when, message):
        entry = {'SYSLOG_IDENTIFIER': message.tag, 'MESSAGE': text_of(message.text), '_HOSTNAME': host(rng).decode(),
                 '_COMM': message.command, '__REALTIME_TIMESTAMP': str(int(round(when * 1000000))),
                 'SYSLOG_PID': str(rng.randrange(1, 99999)), 'PRIORITY': '4', 'SYSLOG_FACILITY': '2',
                 '__CURSOR': 's=0;i={:x}'.format(rng.getrandbits(40))}
        keys = sorted(entry)
        rng.shuffle(keys)
        return json.dumps({key: entry[key] for key in keys}, ensure_ascii=rng.random() < 0.5,
                          separators=(',', ':')).encode('utf-8')
    return write


# name: (writer, whether the stamp has a part of a second)
STYLES: Dict[str, Any] = {
    'traditional': (plain(traditional), False),
    'precise': (plain(precise), True),
    'rfc3339': (plain(rfc3339), True),
    'short-iso': (plain(short_iso), False),
    'short-unix': (plain(short_unix), True),
    'short-full': (plain(short_full), False),
    'priority': (priority, None),
    'json': (journal(lambda text: text.decode('utf-8', 'replace')), True),
    'json-numbers': (journal(list), True),      # as journalctl shows what is no UTF-8
}


def damaged(rng, raw, message, second):
    """(line, what it tells for certain, whom it may tell of): cut off, or run into the next one, as in a crash.

    second: (line, message) of that next one.
    """
    kind = rng.random()
    if message.told is None or raw.startswith(b'{'):
        return raw, message.told, None
    if kind < 0.03:
        return raw[:rng.randrange(raw.index(b'tion failed:') + 11)], None, None
    if kind < 0.05 and not raw.endswith((b':', b']')):
        return raw + second[0], dict(message.told, username=ANY), None
    if kind < 0.06:
        maybe = {one.told['client'] for one in (message, second[1]) if one.told}
        return raw[:rng.randrange(len(raw) // 2)] + second[0], None, maybe
    return raw, message.told, None


def make(seed, count, style, end=1772679782, step=20, line_end=b'\n'):
    """A log of `count` lines, the last one shortly before `end`, in the time zone of this process.

    With an odd seed it is a Postfix 3.9 or later, which logs the user name.  end: seconds since the epoch.
    step: seconds between two lines, at most.
    """
    rng = random.Random('{} {}'.format(seed, style))
    modern = seed % 2 == 1
    makers = [maker for maker, weight in KINDS for _ in range(weight)]
    write, fractions = STYLES[style]
    steps = [rng.random() * step for _ in range(count)]
    when, lines, told_of, maybe_of = end - sum(steps) - 1, [], [], {}
    for number, ahead in enumerate(steps, 1):
        when += ahead
        moment = round(when, 6) if fractions else float(int(when))
        message, following = rng.choice(makers)(rng, modern), failure(rng, modern)
        if style.startswith('json') and rng.random() < 0.05:
            message = message._replace(command='logger', told=None)     # of which only the journal can tell
        raw, tells, maybe = damaged(rng, write(rng, moment, message), message,
                                    (write(rng, moment, following), following))
        if tells:
            told_of.append(dict(tells, line=number, time=moment))
        if maybe:
            maybe_of[number] = maybe
        lines.append(raw + line_end)
    return Made(b''.join(lines), told_of, maybe_of)


@contextlib.contextmanager
def zone(name):
    """Make logs in another time zone, such as Europe/Berlin."""
    before = os.environ.get('TZ')
    os.environ['TZ'] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ['TZ']
        else:
            os.environ['TZ'] = before
        time.tzset()


def seconds(text):
    """Seconds since the epoch of 2026-03-05T04:03:02.123456Z."""
    day, _, part = text.rstrip('Z').partition('.')
    return calendar.timegm(time.strptime(day, '%Y-%m-%dT%H:%M:%S')) + float('0.' + (part or '0'))


def differs(key, has, wants):
    """Whether a field is not what it should be."""
    if wants is ANY:
        return False
    return abs(seconds(has) - wants) > 1.5e-6 if key == 'time' else has != wants


def compare(made, rows):
    """What is wrong in `rows`, the objects that `failures --json` printed, as sentences."""
    lines = [line[:300] for line in made.log.split(b'\n')]
    wanted = {one['line']: one for one in made.told}
    found = {row['line']: row for row in rows}
    wrong = [] if len(found) == len(rows) else ['a line is told twice']
    for number, row in sorted(found.items()):
        if number not in wanted and row['client'] not in made.maybe.get(number, ()):
            wrong.append('{} is blamed by line {}: {!r}'.format(row['client'], number, lines[number - 1]))
    for number, want in sorted(wanted.items()):
        row = found.get(number)
        if row is None:
            wrong.append('line {} is not told: {!r}'.format(number, lines[number - 1]))
            continue
        wrong.extend('line {}: {} is {!r}, not {!r}: {!r}'.format(number, key, row[key], value, lines[number - 1])
                     for key, value in sorted(want.items()) if differs(key, row[key], value))
    return wrong
