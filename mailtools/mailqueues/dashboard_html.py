"""The smallest pieces of the page: text made safe, numbers, times that go on counting."""
import html
import time

from mailtools.base.text import visible
from mailtools.mailqueues.charts import DAYS, MONTHS
from mailtools.mailqueues.judging import span


def safe(text):
    """Any text as text of the page, and as the value of an attribute; nothing in it turns the direction of writing."""
    return html.escape(visible(text), quote=True)


def number(value):
    """1,234,567"""
    return '{:,}'.format(value)


def clock(at, now):
    """A time by the clock of the host that asks: `14:05`, `Sun 14:05`, `9 Nov 14:05`; now None: only its zone."""
    then = time.localtime(at)
    if now is None:
        return safe(then.tm_zone)
    said = '{:02d}:{:02d}'.format(then.tm_hour, then.tm_min)
    if then[:3] == time.localtime(now)[:3]:
        return said
    if abs(now - at) < 6 * 86400:
        return '{} {}'.format(DAYS[then.tm_wday], said)
    return '{} {} {}'.format(then.tm_mday, MONTHS[then.tm_mon - 1], said)


def age(at, now):
    """How long ago that was: counted on by the script."""
    return '<span data-age="{:.0f}">{}</span>'.format(at, span(now - at))
