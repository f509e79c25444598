"""What a host answered: the lines of remote.sh in, an Asked out.

Nothing is believed but lines that begin with @@ and come after the first of them: banners, prompts and what a
profile prints are passed over.  An answer that lacks a queue, says one twice, or ends early is an error, never
a smaller number.  A listing is handed on line by line, so that it takes no memory.
"""
import re
from typing import Dict, Optional

from mailtools.base.text import shortened, visible
from mailtools.mailqueues.values import COUNTED

HELLO = b'@@mailqueues 1'
FIELD = re.compile(rb'@@([a-z-]+)(?:=(.*))?\Z', re.DOTALL)
LINE_MOST = 1 << 20         # bytes of one line; a mail to 10,000 recipients is one line of a listing
SAID_MOST = 200             # characters of another host's text in an error
MAIL_DOWN = re.compile(r'mail system is down', re.IGNORECASE)           # postqueue.c
TIME_UP, PIPE_SHUT = ('124', '137'), ('141',)       # of timeout(1); of a shell for SIGPIPE: head has had enough


class Garbled(Exception):
    """An answer that cannot be one of ours, as a sentence."""


class Answer:
    """What one host said, as far as it has been read.

    listing: an object with line(bytes), which takes the lines of a listing, and begin(form, now, zone); None when
        none was asked for.
    """

    def __init__(self, listing=None):
        self.listing = listing
        self.greeted = False        # the first of our lines was seen
        self.complete = False       # the counts were read whole
        self.ended = False
        self.now: Optional[int] = None
        self.zone = '+0000'
        self.counts: Dict[str, int] = {}
        self.failed: Optional[str] = None
        self.form: Optional[str] = None         # of the listing, while and after it was read
        self.listed: Optional[str] = None       # status and remark after it
        self.first_noise = b''                  # for the sentence when nothing else came
        self._rest = b''
        self._in_listing = False
        self._whole = False                     # its last line was seen
        self._skipping = False

    def feed(self, data):
        """Read on; data: bytes as they come.  Raises Garbled."""
        lines = (self._rest + data).split(b'\n')
        self._rest = lines.pop()
        for line in lines:
            if self._skipping:              # the end of a line that was too long
                self._skipping = False
                continue
            self._line(line)
        if len(self._rest) > LINE_MOST:
            self._rest, self._skipping = b'', True

    def _line(self, line):
        if self.ended:
            return
        if self._in_listing and not line.startswith(b'@@listed='):
            if line == b'@@whole':
                self._whole = True
            elif self.listing is not None and line:
                self.listing.line(line)
            return
        line = line.rstrip(b'\r')
        if not self.greeted:
            self.greeted = line == HELLO
            if not self.greeted and not self.first_noise:
                self.first_noise = line.strip()[:1000]
            return
        found = FIELD.match(line)
        if found:
            self._field(found.group(1).decode('ascii'), (found.group(2) or b'').decode('utf-8', 'replace'))

    def _field(self, name, value):
        if name in COUNTED:
            if name in self.counts:
                raise Garbled('it said {} twice'.format(name))
            self.counts[name] = number(name, value)
        elif name == 'now':
            self.now = number(name, value)
        elif name == 'zone' and re.match(r'[+-][0-9]{4}\Z', value):
            self.zone = value
        elif name == 'failed':
            self.failed = clean(value) or 'it failed and does not say why'
        elif name == 'counted':
            self._counted()
        elif name == 'listing':
            self.form, self._in_listing = value, True
            if self.listing is not None:
                self.listing.begin(value, self.now, self.zone)
        elif name == 'listed':
            self.listed, self._in_listing = value, False
        elif name == 'end':
            self.ended = True

    def _counted(self):
        missing = [queue for queue in COUNTED if queue not in self.counts]
        if missing or self.now is None:
            raise Garbled('its answer lacks {}'.format(', '.join(missing) or 'its clock'))
        self.complete = True

    # -- what it comes to --

    @property
    def error(self):
        """Why there are no counts, as far as the answer itself tells; None when there are."""
        if self.failed:
            return self.failed
        if self.complete:
            return None
        if self.greeted:
            return 'the answer was cut off'
        if self.first_noise:
            return 'it did not answer as mailqueues asks, but said: {}'.format(clean(self.first_noise.decode(
                'utf-8', 'replace')))
        return 'it answered nothing'

    @property
    def mail_is_down(self):
        """True when postqueue says that Postfix does not run."""
        return bool(self.listed and MAIL_DOWN.search(self.listed))

    @property
    def is_whole(self):
        """True when the listing is of all mail, False when time or size was up."""
        return self._whole and (self.listed or '').split(' ')[0] == '0'

    @property
    def listing_error(self):
        """Why there is no listing; None when there is one, whole or a sample."""
        if self.form is None:
            return 'postqueue or qshape is not there' if self.ended else 'no time was left for a listing'
        if self.listed is None:
            return None                     # cut off by our own limit of time: a sample
        status, _, said = self.listed.partition(' ')
        if self.mail_is_down:
            return 'the mail system is down'
        if status in ('0',) + TIME_UP + PIPE_SHUT:
            return None
        return clean(said) or '{} ended with status {}'.format(self.form, clean(status))


def number(name, value):
    """A count or a time; raises Garbled."""
    if not re.match(r'[0-9]{1,15}\Z', value):
        raise Garbled('it said {} = {}'.format(name, clean(value)))
    return int(value)


def clean(text):
    """Another host's text, fit for one line of a log or a page."""
    return shortened(visible(' '.join(text.split())), SAID_MOST)
