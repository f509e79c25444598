"""Where a report goes: into the history, to sendmail, into a file, onto the terminal; or an alarm in its place.

A day is kept in the history before its mail is sent: a mail that nobody takes loses no figures.  Neither does a
history that cannot be written keep the mail back: then the mail says so, and the exit status does.
"""
import os
import re
import socket
import time

from mailtools.base import disk, terminal
from mailtools.base.failure import EX_ATTENTION, EX_CANTCREAT, EX_IOERR, EX_OK, Failure, complain, reason_of
from mailtools.pflogsumm_report import clock, letter, report_html, report_text, sendmail
from mailtools.pflogsumm_report.history import History
from mailtools.pflogsumm_report.report import EmptyDay, Report, refuse_empty

SENDER = 'root'         # Postfix makes it an address of this host
MODE = 0o644            # of a page: a web server may read it


def send(session, reading, recipients):
    """Keep the figures, and mail the report; the exit status.

    reading: reading.Reading, or anything with its figures, text and troubles.  An empty day is an alarm instead.
    Raises Failure when nobody takes the mail.
    """
    try:
        refuse_empty(reading.figures)
    except EmptyDay as failed:
        alarm(session, reading.figures['date'], failed, recipients)
        raise
    report, status = kept(session, reading)
    try:
        post(session, recipients, lambda envelope: letter.of_report(report, envelope))
    except Failure as failed:
        raise Failure('the report of {} was not mailed: {}{}'.format(
            report.date, failed, '; its figures are in the history' if status != EX_IOERR else ''), failed.status)
    session.log.info('report', date=report.date, host=report.host, received=report.figures['received'],
                     delivered=report.figures['delivered'], to=','.join(recipients))
    return status


def write_page(session, reading, path):
    """Keep the figures, and write the report as a page, whole or not at all; the exit status.  Raises Failure."""
    refuse_empty(reading.figures)
    report, status = kept(session, reading)
    page = report_html.render(report).encode('utf-8')
    try:
        if os.path.exists(path) and not os.path.isfile(path):       # a device or a pipe is not replaced
            with open(path, 'wb') as file:
                file.write(page)
        else:
            disk.replace(os.path.realpath(path), page, MODE)
    except OSError as error:
        raise Failure('cannot write {}: {}'.format(path, reason_of(error)), EX_CANTCREAT)
    return status


def text(session, reading):
    """The report as text, with colour on a terminal; the history is read and not written.  Raises EmptyDay."""
    refuse_empty(reading.figures)
    past = the_history(session).past(reading.figures['date'], reading.figures['host'])
    made = report_text.render(of(reading, past, reading.troubles, time.time()))
    return report_text.for_terminal(made) if terminal.coloured() else made


def alarm(session, day, failed, recipients):
    """Mail that there is no report of a day; never raises: who calls tells the failure anyway.

    day: a datetime.date, or YYYY-MM-DD.  failed: the Failure.
    """
    host = session.settings.host or socket.gethostname()
    try:
        post(session, recipients, lambda envelope: letter.of_alarm(host, str(day), str(failed), envelope))
    except Failure as trouble:
        complain(session.program, 'the alarm was not mailed: {}'.format(trouble))
    session.log.error('no-report', date=str(day), why=str(failed))


def kept(session, reading):
    """(the Report, exit status so far): compared with the days before, and kept."""
    figures, now = reading.figures, time.time()
    history, troubles, status = the_history(session), list(reading.troubles), EX_OK
    if troubles:
        status = EX_ATTENTION
    past = history.past(figures['date'], figures['host'])
    try:
        if not history.add(figures, now):
            session.log.info('history-unchanged', date=figures['date'], why='it has this day from more lines of log')
    except Failure as failed:
        complain(session.program, str(failed))
        troubles.append(str(failed))
        status = EX_IOERR
    return of(reading, past, troubles, now), status


def of(reading, past, troubles, now):
    """The Report."""
    return Report(reading.figures, past, as_text(reading.text), tuple(troubles), now,
                  clock.change_of(reading.figures['date']))


def the_history(session):
    """The history of the settings."""
    def say(sentence):
        complain(session.program, sentence)
        session.log.error('history-damaged', what=sentence)
    return History(session.settings.history, session.settings.keep, say)


def as_text(said):
    """pflogsumm's output as text: bytes that are no UTF-8 stay recognisable; None stays."""
    return said.decode('utf-8', 'surrogateescape') if isinstance(said, bytes) else said


def post(session, recipients, compose):
    """Mail compose(Envelope); raises Failure."""
    if not recipients:
        raise Failure('there is nobody to mail it to; see mail_to')
    now = time.time()
    name = socket.gethostname()
    envelope = letter.Envelope(
        session.settings.mail_from or SENDER, tuple(recipients), now,
        '{:.0f}.{}'.format(now, os.urandom(6).hex()), name if re.match(r'[A-Za-z0-9.-]+\Z', name) else 'localhost')
    sendmail.send(session.settings.sendmail, envelope.sender, envelope.recipients, compose(envelope))
