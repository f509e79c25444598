"""Mail logs with their truth: what Postfix writes of mails that are described here.

    log = Log()
    log.mail(at, 'a@example.org', ['b@example.net'])
    log.text()                      # bytes, in order of time
    log.truth                       # the figures of all of it, as in values.py
"""
import datetime
import random

from mailtools.pflogsumm_report.values import PER_HOUR

DAY = datetime.date(2026, 11, 22)
TRADITIONAL, RFC3339 = 'traditional', 'rfc3339'
COUNTED = ('received', 'delivered', 'forwarded', 'deferred', 'deferrals', 'bounced', 'rejected', 'reject_warnings',
           'held', 'discarded', 'bytes_received', 'bytes_delivered')
SECOND = datetime.timedelta(seconds=1)
CLIENT = 'mail.example.org[192.0.2.1]'
RELAY = 'mx.example.net[198.51.100.7]:25'


def at(hour=12, minute=0, second=0, day=DAY):
    """A local time."""
    return datetime.datetime(day.year, day.month, day.day, hour, minute, second)


def stamp(moment, form, offset='+00:00'):
    """As syslog or rsyslog writes it."""
    if form == RFC3339:
        return '{:%Y-%m-%dT%H:%M:%S}.{:06d}{}'.format(moment, moment.microsecond, offset)
    return '{:%b} {:2d} {:%H:%M:%S}'.format(moment, moment.day, moment)


class Log:
    """Lines, and what they say; `day` is the one that the truth is of."""

    def __init__(self, day=DAY, host='mx1', instance='postfix', ids=None):
        self.lines = []
        self.day = day
        self.host = host
        self.instance = instance
        self.truth = dict.fromkeys(COUNTED, 0)
        self.per_hour = {name: [0] * 24 for name in PER_HOUR}
        self._senders, self._recipients = set(), set()
        self._ids = iter(ids or ('{:011X}'.format(0xC0FFEE00000 + 7 * number) for number in range(10 ** 9)))

    def write(self, moment, tag, text, host=None):
        """One line."""
        self.lines.append((moment, len(self.lines), host or self.host, tag, text))

    def say(self, moment, daemon, text):
        """One line of a daemon of this instance."""
        self.write(moment, '{}/{}[4711]'.format(self.instance, daemon), text)

    def count(self, moment, name, number=1, hourly=None):
        """Put something into the truth, if it is of the day."""
        if moment.date() == self.day:
            self.truth[name] += number
            if hourly:
                self.per_hour[hourly][moment.hour] += number

    def mail(self, moment, sender, recipients, size=1000, service='smtpd', outcomes=None, *, subject=None,
             removed=True, client=CLIENT):
        """A mail: taken at a moment, tried once a second; its queue id.

        outcomes: for each recipient a list of statuses, one an attempt; sent by default.
        """
        qid = next(self._ids)
        if service == 'pickup':
            self.say(moment, 'pickup', '{}: uid=0 from=<{}>'.format(qid, sender))
        else:
            self.say(moment, service, 'connect from ' + client)
            self.say(moment, service, '{}: client={}'.format(qid, client))
        self.say(moment, 'cleanup', '{}: message-id=<{}@example.org>'.format(qid, qid))
        if subject is not None:
            self.say(moment, 'cleanup', '{}: warning: header Subject: {} from {}; from=<{}> to=<{}> proto=ESMTP '
                                        'helo=<x>'.format(qid, subject, client, sender, recipients[0]))
        self.count(moment, 'received', hourly='received')
        self.count(moment, 'bytes_received', size)
        if moment.date() == self.day:
            self._senders.add(sender)
        self.deliver(moment, qid, sender, size, recipients, outcomes or [['sent']] * len(recipients), removed)
        return qid

    def deliver(self, moment, qid, sender, size, recipients, outcomes, removed=True):
        """The attempts at a mail."""
        was_deferred = False
        for attempt in range(max(map(len, outcomes))):
            self.say(moment, 'qmgr', '{}: from=<{}>, size={}, nrcpt={} (queue active)'.format(
                qid, sender, size, len(recipients)))
            moment += SECOND
            for recipient, statuses in zip(recipients, outcomes):
                if attempt < len(statuses):
                    was_deferred |= self.attempt(moment, qid, recipient, size, statuses[attempt], was_deferred)
        if removed:
            self.say(moment, 'qmgr', qid + ': removed')

    def attempt(self, moment, qid, recipient, size, status, was_deferred=False, said=None, delays='0.3/0.01/0.2/0.69'):
        """One attempt; whether it was deferred."""
        codes = {'sent': '2.0.0', 'deferred': '4.2.0', 'bounced': '5.1.1'}
        host = RELAY[:-3]
        replies = {'sent': '250 2.0.0 Ok: queued as X',
                   'deferred': 'host {} said: 450 4.2.0 <{}>: greylisted'.format(host, recipient),
                   'bounced': 'host {} said: 550 5.1.1 <{}>: User unknown'.format(host, recipient)}
        self.say(moment, 'smtp', '{}: to=<{}>, relay={}, delay=1.2, delays={}, dsn={}, status={} ({})'.format(
            qid, recipient, RELAY, delays, codes[status], status, said or replies[status]))
        if status == 'sent':
            self.count(moment, 'delivered', hourly='delivered')
            self.count(moment, 'bytes_delivered', size)
            if moment.date() == self.day:
                self._recipients.add(recipient)
        elif status == 'deferred':
            self.count(moment, 'deferrals', hourly='deferred')
            self.count(moment, 'deferred', not was_deferred)
        else:
            self.count(moment, 'bounced', hourly='bounced')
        return status == 'deferred'

    def refuse(self, moment, action='reject', name='rejected', recipient='b@example.net'):
        """smtpd keeps a mail out, or warns that it would."""
        self.say(moment, 'smtpd', 'NOQUEUE: {}: RCPT from {}: 554 5.7.1 <{}>: Access denied; from=<x@example.org> '
                                  'to=<{}> proto=ESMTP helo=<x>'.format(action, CLIENT, recipient, recipient))
        self.count(moment, name, hourly='rejected')

    def figures(self):
        """All totals that a report has, with per_hour."""
        return dict(self.truth, per_hour=self.per_hour, senders=len(self._senders), recipients=len(self._recipients),
                    sending_domains=len({one.rpartition('@')[2] for one in self._senders}),
                    recipient_domains=len({one.rpartition('@')[2] for one in self._recipients}))

    def text(self, form=TRADITIONAL, offset='+00:00', between=None):
        """The log, bytes; `between` are two times: from the first one on, before the second one."""
        return b''.join(self.line(one, form, offset) for one in sorted(self.lines)
                        if between is None or between[0] <= one[0] < between[1])

    @staticmethod
    def line(parts, form=TRADITIONAL, offset='+00:00'):
        """One line."""
        moment, _, host, tag, text = parts
        return '{} {} {}: {}\n'.format(stamp(moment, form, offset), host, tag, text).encode('utf-8')


def busy(seed=1, mails=150, begin=None, hours=24, day=DAY, **kwargs):
    """A Log of random mails over some hours, of all kinds that pflogsumm counts right."""
    chance = random.Random(seed)
    log = Log(day, **kwargs)
    begin = begin or at(0, day=day)
    for _ in range(mails):
        moment = begin + datetime.timedelta(seconds=chance.randrange(hours * 3600 - 60))
        kind = chance.random()
        if kind < .1:
            action, name = chance.choice((('reject', 'rejected'), ('reject_warning', 'reject_warnings'),
                                          ('hold', 'held'), ('discard', 'discarded')))
            log.refuse(moment, action, name)
            continue
        log.mail(moment, 'user{}@d{}.example.org'.format(chance.randrange(30), chance.randrange(9)),
                 ['to{}@r{}.example.net'.format(chance.randrange(40), chance.randrange(9))
                  for _ in range(chance.randrange(1, 4))], chance.randrange(500, 90000),
                 chance.choice(('smtpd', 'submission/smtpd', 'pickup')),
                 [chance.choice((['sent'], ['sent'], ['deferred', 'sent'], ['bounced'], ['deferred', 'deferred']))
                  for _ in range(3)], subject=chance.choice((None, 'hello', 'reject: RCPT from x: 554')))
    return log
