"""A real Postfix takes the report and delivers it to a local mailbox; what comes out is what people look at."""
import email
import email.policy
import json
import os

import days
import pytest
from test_report_letter import hostile

from mailtools.base.commandline import Session
from mailtools.pflogsumm_report import compare, delivery, report_text
from mailtools.pflogsumm_report.commands_merge import Merged
from mailtools.pflogsumm_report.settings import PROGRAM, SETTINGS
from rig import browser as browsers
from rig import parts
from rig.postfix import Postfix
from rig.program import run
from rig.waiting import until

ALIAS = 'reports'


class Mailbox:
    """A mailbox of the Postfix of the tests, and a session whose settings name its sendmail."""

    def __init__(self, postfix, folder):
        self.postfix = postfix
        self.box = postfix.top / 'reports'
        for path in (self.box, *(self.box / name for name in ('tmp', 'new', 'cur'))):
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(str(path), postfix.owner.pw_uid, postfix.owner.pw_gid)
        aliases = postfix.top / 'aliases' / 'bounces'
        if ALIAS + ':' not in aliases.read_text():
            with aliases.open('a') as file:
                file.write('{}: {}/\n'.format(ALIAS, self.box))
            parts.call(['postalias', '-c', postfix.config, '{}:{}'.format(postfix.type, aliases)])
            os.chown(str(aliases), postfix.owner.pw_uid, postfix.owner.pw_gid)
        script = folder / 'sendmail'
        script.write_text('#!/bin/sh\nexec {} -C {} "$@"\n'.format(parts.find('sendmail'), postfix.config))
        script.chmod(0o755)
        settings = folder / 'report.conf'
        settings.write_text('[pflogsumm-report]\nsendmail = {}\nhistory = {}\n'.format(script, folder / 'report.db'))
        self.session = Session(PROGRAM, SETTINGS)
        self.session.config = str(settings)

    def next(self):
        """Wait for a mail, take it out, and give it as the modern parser reads it."""
        path = until(lambda: next((self.box / 'new').iterdir(), None), what='a mail; ' + self.postfix.log()[-2000:])
        data = path.read_bytes()
        path.unlink()
        mail = email.message_from_bytes(data, policy=email.policy.default)
        assert [part.defects for part in mail.walk() if part.defects] == []
        return mail


class Server(Postfix):
    """A Postfix whose alias for bounces, which nobody uses here, starts nothing."""

    def program(self):
        """Nothing is put where its user can reach it."""
        return '/bin/false'


@pytest.fixture(scope='module')
def server():
    """One Postfix for all."""
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    if parts.find('postfix') is None:
        pytest.skip('postfix is not installed')
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def mailbox(server, tmp_path):
    """An empty Mailbox."""
    return Mailbox(server, tmp_path)


def test_a_report_arrives_with_both_parts_as_they_were_made(mailbox):
    figures = days.day()
    assert delivery.send(mailbox.session, Merged(figures, days.PFLOGSUMM.encode()), (ALIAS,)) == 0
    mail = mailbox.next()
    assert mail['Auto-Submitted'] == 'auto-generated' and mail['From'] == 'root@mx.test.invalid'
    assert mail['Return-Path'] == '<root@mx.test.invalid>' and mail['Date'] and mail['Message-ID']
    assert mail['Subject'] == (
        'mail1.example.org Sun 22 Nov: 318,422 delivered, 5,120 deferred, 1,188 bounced, 10,226 rejected')
    text, page = (part.get_content() for part in mail.iter_parts())
    assert text == report_text.render(days.report(figures, past=compare.NOTHING))
    assert page.startswith('<!DOCTYPE html>') and page.endswith('</html>\n')


@pytest.mark.slow
def test_a_report_of_hostile_text_arrives_whole_and_shows_nothing_of_theirs(mailbox, tmp_path):
    made = hostile()
    assert delivery.send(mailbox.session, Merged(made.figures, made.text.encode('utf-8', 'replace')), (ALIAS,)) == 0
    text, page = (part.get_content() for part in mailbox.next().iter_parts())
    assert text == report_text.render(made._replace(
        troubles=(), past=compare.NOTHING, text=made.text.encode('utf-8', 'replace').decode()))
    if browsers.path() is None:
        pytest.skip('Chromium is not installed')
    (tmp_path / 'page.html').write_text(page, encoding='utf-8')
    browser = browsers.Browser()
    try:
        tab = browser.page(width=600).open((tmp_path / 'page.html').as_uri())
        assert len(tab.requests()) == 1 and tab.complaints() == []
        assert tab.get('document.querySelectorAll("img, script, [onmouseover]").length') == 0
        assert tab.get('getComputedStyle(document.querySelector("h1")).display') == 'block'
    finally:
        browser.close()


@pytest.mark.slow
def test_an_alarm_arrives(mailbox):
    delivery.alarm(mailbox.session, days.DATE, delivery.EmptyDay('no log of 2026-11-22'), (ALIAS,))
    mail = mailbox.next()
    assert mail['Subject'].endswith('Sun 22 Nov: no report: no log of 2026-11-22') and mail['Subject'].startswith('! ')
    assert 'no log of 2026-11-22' in mail.get_content()


LOG = '''Nov 21 23:59:58 mail1 postfix/qmgr[11]: 4C0000: from=<ann@example.org>, size=4000, nrcpt=1 (queue active)
Nov 22 00:00:01 mail1 postfix/smtpd[12]: 4C0001: client=app1.example.org[192.0.2.11]
Nov 22 00:00:01 mail1 postfix/cleanup[13]: 4C0001: warning: header Subject: <script>alert(1)</script>; from=<a@b>
Nov 22 00:00:01 mail1 postfix/qmgr[11]: 4C0001: from=<news@example.org>, size=1500, nrcpt=2 (queue active)
Nov 22 10:00:02 mail1 postfix/smtp[14]: 4C0001: to=<a@example.com>, relay=mx.example.com[192.0.2.99]:25, delay=1.2, \
delays=0.1/0.1/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok <b>bold</b>)
Nov 22 10:00:03 mail1 postfix/smtp[14]: 4C0001: to=<b@example.com>, relay=mx.example.com[192.0.2.99]:25, delay=2.2, \
delays=0.1/0.1/1/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.99] said: 550 5.1.1 <i>unknown</i>)
Nov 22 10:00:03 mail1 postfix/qmgr[11]: 4C0001: removed
'''


@pytest.mark.slow
def test_from_a_log_on_the_disk_to_a_mail_in_the_mailbox(mailbox, tmp_path):
    if parts.find('pflogsumm') is None:
        pytest.skip('pflogsumm is not installed')
    (tmp_path / 'maillog').write_text(LOG)
    os.utime(str(tmp_path / 'maillog'), (days.NOW, days.NOW))
    ran = run(PROGRAM, '-c', mailbox.session.config, '--date', days.DATE, '--mail-to', ALIAS, tmp_path / 'maillog')
    assert (ran.status, ran.out) == (0, ''), ran.err
    mail = mailbox.next()
    assert mail['Subject'].endswith(' Sun 22 Nov: 1 delivered, 0 deferred, 1 bounced, 0 rejected')
    text, page = (part.get_content() for part in mail.iter_parts())
    assert 'Grand Totals' in text and '      1   bounced' in text and 'alert' not in text + page
    assert '&lt;i&gt;unknown&lt;/i&gt;' in page and '<i>' not in page
    shown = json.loads(run(PROGRAM, '-c', mailbox.session.config, 'history', '--json', '--since', days.DATE).out)
    assert (shown['delivered'], shown['bounced'], shown['received'], shown['bytes_received']) == (1, 1, 1, 1500)
