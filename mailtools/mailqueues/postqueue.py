"""Lines of a queue listing -> Messages.  Pure; one line at a time, so that a listing of any length takes no memory.

postqueue -j (3.1 and later) prints one JSON object a line; members that are not known are passed over, as its manual
asks.  postqueue -p is text, of which 2.10 (EL7) knows no other: showq.c prints

    3C1A22D0B5*     512 Sat Nov 21 14:03:11  sender@example.com
                                   (host mx.example.net[192.0.2.1] said: 450 4.2.0 later)
                                             user@example.net

The date has no year and is in the zone of that host.  After the id `*` is the active queue, `!` hold, `#` a mail
that was expired by hand; mail without a mark is deferred when it has a reason, and incoming otherwise (so is mail in
maildrop).  A reason stands before the recipients that it is for.
"""
import calendar
import json
import re
import time

from mailtools.mailqueues.values import Message

NULL_SENDER = 'MAILER-DAEMON'       # as showq.c prints it
MARKS = {'*': 'active', '!': 'hold'}
ENTRY = re.compile(r'([0-9A-Za-z]{5,})([*!#]*)\s+([0-9]+)\s+'
                   r'([A-Z][a-z]{2}) ([A-Z][a-z]{2}) ([ 0-9][0-9]) ([0-9]{2}):([0-9]{2}):([0-9]{2})\s+(\S.*)\Z')
DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
REASON_MOST = 2000          # characters
AHEAD_S = 86400             # a clock or a zone may be off by that; more, and it was last year
YEARS_BACK = 8              # 29 February on a given weekday may be that long ago


class Json:
    """Reads postqueue -j."""

    def line(self, line):
        """The Messages that end with this line (bytes): one, or none where it cannot be understood."""
        try:
            said = json.loads(line.decode('utf-8', 'replace'))
            sender = said['sender']
            recipients = tuple((str(one['address']), str(one.get('delay_reason', '')))
                               for one in said['recipients'])
            return (Message(str(said['queue_name']), str(said['queue_id']), float(said['arrival_time']),
                            int(said['message_size']), '' if sender == NULL_SENDER else str(sender), recipients),)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ()

    def end(self):
        """The Messages that are left."""
        return ()


class Text:
    """Reads postqueue -p.

    now: that host's clock, seconds since the epoch.  zone: its offset as date +%z prints it.
    """

    def __init__(self, now, zone='+0000'):
        self.offset_s = offset_of(zone)
        self.now = now
        self._entry = None          # (id, marks, arrival, size, sender) of the mail that is read
        self._recipients = []
        self._reason = ''
        self._column = 0            # where the sender stands
        self._unfinished = ''       # a reason whose bracket has not closed yet

    def line(self, line):
        """The Messages that end with this line (bytes)."""
        text = line.decode('utf-8', 'replace').rstrip()
        if self._unfinished:
            self._reasoned(self._unfinished + ' ' + text.strip())
            return ()
        found = ENTRY.match(text)
        if found:
            ended = self.end()
            mail_id, marks, size = found.group(1, 2, 3)
            self._column = found.start(10)
            self._entry = (mail_id, marks, self.arrival(*found.group(4, 5, 6, 7, 8, 9)), int(size), found.group(10))
            return ended
        told = text.strip()
        if not told or text.startswith('-'):        # between mails; title and sum
            return self.end()
        at_sender = len(text) - len(told) == self._column      # an address stands below the sender, even "(x"@y
        if told.startswith('(') and (told.endswith(')') or not at_sender):
            self._reasoned(told)
        elif self._entry and text[0].isspace():
            self._recipients.append((told, self._reason))
        return ()

    def _reasoned(self, told):
        """Take a reason, or the part of one."""
        if told.endswith(')') or len(told) > REASON_MOST:
            self._reason, self._unfinished = told[1:].rstrip(')') + ')' * balance(told), ''
        else:
            self._unfinished = told

    def end(self):
        """The Messages that are left."""
        if self._entry is None:
            return ()
        mail_id, marks, arrival, size, sender = self._entry
        queue = next((MARKS[mark] for mark in marks if mark in MARKS), None)
        if queue is None:
            queue = 'deferred' if any(reason for _, reason in self._recipients) else 'incoming'
        message = Message(queue, mail_id, arrival, size, '' if sender == NULL_SENDER else sender,
                          tuple(self._recipients))
        self._entry, self._recipients, self._reason = None, [], ''
        return (message,)

    def arrival(self, weekday, month, day, hour, minute, second):
        """Seconds since the epoch of a date without a year: the last time that it was such a day."""
        if month not in MONTHS:
            return float(self.now)
        year_now = time.gmtime(self.now + self.offset_s).tm_year
        likely = None
        for year in range(year_now + 1, year_now - YEARS_BACK, -1):
            when = calendar.timegm((year, MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second)))
            if when - self.offset_s > self.now + AHEAD_S or time.gmtime(when).tm_mday != int(day):
                continue
            if DAYS[time.gmtime(when).tm_wday] == weekday:
                return float(when - self.offset_s)
            likely = likely or when
        return float(self.now if likely is None else likely - self.offset_s)


def balance(told):
    """How many brackets a reason that stands in brackets closes at its own end."""
    inner = told[1:-1]
    return len(inner) - len(inner.rstrip(')'))


def offset_of(zone):
    """Seconds east of Greenwich of +0130."""
    found = re.match(r'([+-])([0-9]{2})([0-9]{2})\Z', zone)
    if not found:
        return 0
    return (int(found.group(2)) * 3600 + int(found.group(3)) * 60) * (-1 if found.group(1) == '-' else 1)


def reader(form, now, zone):
    """The reader of a listing by its name in the answer of a host; None for one that is not known."""
    if form == 'postqueue-j':
        return Json()
    return Text(now, zone) if form == 'postqueue-p' else None
