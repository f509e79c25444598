"""The mail: a report or an alarm as bytes for sendmail(1).  Pure.

A report is multipart/alternative (RFC 2046 s5.1.4): the text with pflogsumm's report whole, and HTML.  Both are
quoted-printable, so no line is longer than 76 characters, whatever a log line was (RFC 5322 s2.1.1: 998).  Nobody's
vacation program answers it (RFC 3834 s5: Auto-Submitted).
"""
import binascii
import re
import time
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from typing import NamedTuple, Tuple

from mailtools.base.text import visible
from mailtools.pflogsumm_report import compare, report_html, report_text

DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')        # untranslated
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
POLICY = compat32.clone(max_line_length=78, mangle_from_=False)
SUBJECT_LIMIT = 200         # characters
RANGES = 2                  # so many usual ranges are told
MAIN = ('delivered', 'deferred', 'bounced', 'rejected')


class Envelope(NamedTuple):
    """Who writes, to whom, when."""

    sender: str                 # an address, or a local part that Postfix completes
    recipients: Tuple[str, ...]
    now: float                  # seconds since the epoch
    unique: str                 # text that no other mail of this host has
    domain: str                 # of the Message-ID


def of_report(report, envelope):
    """The mail of a report, as bytes, lines ending in LF."""
    mail = MIMEMultipart('alternative', policy=POLICY)
    head(mail, subject(report), envelope)
    mail.attach(part('plain', report_text.render(report)))
    mail.attach(part('html', report_html.render(report, report_html.MAIL_LIMIT)))
    return mail.as_bytes()


def of_alarm(host, date, sentence, envelope):
    """The mail that says that there is no report, as bytes; date: YYYY-MM-DD."""
    mail = part('plain', ALARM.format(host=visible(host), day=compare.long_date(date), date=date,
                                      sentence=visible(sentence)))
    del mail['MIME-Version']
    head(mail, '! {} {}: no report: {}'.format(visible(host), compare.short_date(date), visible(sentence)), envelope)
    return mail.as_bytes()


ALARM = """There is no report of {host} for {day}:

  {sentence}

Nothing is known of the mail of that day; it does not mean that there was none.
When the cause is mended, this makes the report:

  pflogsumm-report --date {date}
"""


def head(mail, its_subject, envelope):
    """The fields of the header."""
    mail['From'] = envelope.sender
    mail['To'] = ', '.join(envelope.recipients)
    mail['Subject'] = field(its_subject)
    mail['Date'] = date(envelope.now)
    mail['Message-ID'] = '<pflogsumm-report.{}@{}>'.format(envelope.unique, envelope.domain)
    mail['Auto-Submitted'] = 'auto-generated'       # RFC 3834 s5.1
    mail['X-Auto-Response-Suppress'] = 'All'        # the same, for Exchange
    if 'MIME-Version' not in mail:
        mail['MIME-Version'] = '1.0'


def field(text):
    """Text for a field, cut where it is long: ASCII as it is, anything else as RFC 2047 says."""
    if len(text) > SUBJECT_LIMIT:
        text = text[:SUBJECT_LIMIT - 3] + '...'
    return text if re.match(r'[ -~]*\Z', text) else Header(text, 'utf-8')


def subject(report):
    """What the day was, in one line: `mail1 Sun 22 Nov: 301,204 delivered, 5,120 deferred, ...`.

    What is unusual comes first, behind a `!`, for telephones show little of a Subject.
    """
    unusual = {one.key: one for one in report.unusual}
    first = list(unusual)[:RANGES]
    told = []
    for key in first + [key for key in MAIN if key not in first] + [
            key for key in unusual if key not in MAIN and key not in first]:
        told.append('{:,} {}'.format(report.figures[key], key))
        if key in first:
            told[-1] += ' (usual {:,}-{:,})'.format(unusual[key].usual.least, unusual[key].usual.most)
        elif key in unusual:
            told[-1] += ' (!)'
    wrong = report.alarming + list(report.troubles[:1])
    return '{}{} {}: {}'.format('! ' * bool(wrong or unusual), report.title, compare.short_date(report.date),
                                visible(', '.join(wrong + told)))


def part(kind, text):
    """A part of type text/KIND."""
    made = MIMENonMultipart('text', kind, policy=POLICY, charset='utf-8')
    made['Content-Transfer-Encoding'] = 'quoted-printable'
    # b2a_qp does in C what the email package does in Python: seconds for a megabyte on 3.6.
    made.set_payload(binascii.b2a_qp(text.encode('utf-8'), istext=True).decode('ascii'))
    return made


def date(now):
    """A time by the clock of this host: `Mon, 23 Nov 2026 00:10:03 +0100` (RFC 5322 s3.3)."""
    clock = time.localtime(now)
    return '{}, {:02d} {} {} {}'.format(DAYS[clock.tm_wday], clock.tm_mday, MONTHS[clock.tm_mon - 1], clock.tm_year,
                                        time.strftime('%H:%M:%S %z', clock))
