"""Where a report goes: a mail that is taken or a failure that is told, figures that are kept, a page that is whole.

sendmail is a small program that keeps its arguments and its input, or fails as real ones do.
"""
import email
import email.policy
import json
import os
import pathlib
import stat
import time

import days
import pytest

from mailtools.base.commandline import Session
from mailtools.base.failure import Failure
from mailtools.pflogsumm_report import compare, delivery, sendmail, values
from mailtools.pflogsumm_report.commands_merge import Merged
from mailtools.pflogsumm_report.history import History
from mailtools.pflogsumm_report.settings import PROGRAM, SETTINGS
from rig.program import run
from rig.waiting import until

TAKES = '#!/bin/sh\nprintf "%s\\n" "$@" > "{0}/args"\ncat > "{0}/mail"\n'
TO = ('ann@example.org', 'postmaster')


class Scene:
    """A folder with settings, a sendmail and a history that begins with eight usual Sundays."""

    def __init__(self, folder, script=TAKES):
        self.folder = folder
        self.history = History(str(folder / 'report.db'))
        self.sendmail = folder / 'sendmail'
        self.sendmail.write_text(script.format(folder))
        self.sendmail.chmod(0o755)
        self.settings = folder / 'report.conf'
        self.settings.write_text(
            '[pflogsumm-report]\nhistory = {0}/report.db\nsendmail = {0}/sendmail\nmail_from = reports@example.org\n'
            'host = mail1.example.org\n'.format(folder))
        self.session = Session(PROGRAM, SETTINGS)
        self.session.config = str(self.settings)

    def fill(self):
        """Eight Sundays."""
        for one in reversed(list(days.weeks(8))):
            self.history.add(one, days.NOW)

    def send(self, figures=None, text=b'pflogsumm said this\n', troubles=()):
        """What delivery.send() does with a reading."""
        return delivery.send(self.session, Merged(figures or days.day(), text, troubles), TO)

    def mail(self):
        """What sendmail was given."""
        return email.message_from_bytes((self.folder / 'mail').read_bytes(), policy=email.policy.default)

    def args(self):
        """Its arguments."""
        return (self.folder / 'args').read_text().splitlines()


@pytest.fixture
def scene(tmp_path):
    """A Scene whose sendmail takes everything."""
    return Scene(tmp_path)


# -- a report --

def test_a_report_is_mailed_and_kept_and_compared_with_what_was_kept(scene):
    scene.fill()
    assert scene.send(days.unusual().figures) == 0
    assert scene.args() == ['-i', '-f', 'reports@example.org', '--', *TO]
    mail = scene.mail()
    assert mail['Subject'].startswith('! mail1.example.org Sun 22 Nov: 198,422 delivered (usual 239,000-400,000)')
    assert (mail['From'], mail['To']) == ('reports@example.org', 'ann@example.org, postmaster')
    assert scene.history.figures(days.DATE, days.HOST) == days.unusual().figures


def test_a_day_that_is_mailed_again_is_not_compared_with_itself(scene):
    scene.fill()
    scene.send()
    first = scene.mail()['Subject']
    scene.send()
    assert scene.mail()['Subject'] == first and len(scene.history.days()) == 9


def test_without_a_sender_it_is_root_of_this_host(scene):
    scene.settings.write_text(scene.settings.read_text().replace('mail_from = reports@example.org\n', ''))
    scene.send()
    assert scene.args()[:3] == ['-i', '-f', 'root'] and scene.mail()['From'] == 'root'


def test_pflogsumm_is_missing_the_figures_are_mailed_and_the_status_says_so(scene):
    assert scene.send(text=None, troubles=('pflogsumm is not installed',)) == 1
    text = scene.mail().get_body(('plain',)).get_content()
    assert '! Pflogsumm is not installed' in text and '318,422' in text
    assert 'pflogsumm is not installed' in scene.mail()['Subject']


@pytest.mark.parametrize('script, status, said', [
    ('#!/bin/sh\necho "sendmail: fatal: queue full" >&2; exit 75\n', 75,
     'refused the mail, status 75 (sendmail: fatal:'),
    ('#!/bin/sh\nexit 1\n', 69, 'refused the mail, status 1;'),
    ('#!/bin/sh\nkill -9 $$\n', 69, 'was ended by signal 9'), ('#!/no/such\n', 69, 'cannot be run: No such file')])
def test_a_mail_that_nobody_takes_is_told_and_nothing_is_lost(tmp_path, script, status, said):
    scene = Scene(tmp_path, script)
    with pytest.raises(Failure) as failed:
        scene.send()
    assert failed.value.status == status and said in str(failed.value) and '\n' not in str(failed.value)
    assert 'its figures are in the history' in str(failed.value)
    assert scene.history.figures(days.DATE, days.HOST) == days.day()


def test_a_sendmail_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    scene = Scene(tmp_path, '#!/bin/sh\nsleep 300 &\necho $! > {0}/child\nwait\n')
    begun = time.monotonic()
    with pytest.raises(Failure, match='took more than 0.7 seconds') as failed:
        sendmail.send(str(scene.sendmail), '', TO, b'x', limit_s=0.7)
    assert failed.value.status == 75 and time.monotonic() - begun < 20
    child = int((tmp_path / 'child').read_text())
    until(lambda: ended(child), what='the end of what it started')


def ended(process):
    """True when a process is gone, or waits for init to take it away."""
    stat_file = pathlib.Path('/proc/{}/stat'.format(process))
    return not stat_file.exists() or stat_file.read_text().rpartition(')')[2].split()[0] == 'Z'


def test_a_history_that_cannot_be_written_keeps_no_mail_back_and_is_told_in_it(scene, capsys):
    os.mkdir(str(scene.folder / 'report.db'))
    assert scene.send() == 74
    assert 'cannot use the history' in capsys.readouterr().err
    assert 'cannot use the history' in scene.mail().get_body(('plain',)).get_content()
    assert scene.mail()['Subject'].startswith('! ')


def test_a_damaged_history_is_begun_anew_and_that_is_told(scene, capsys):
    (scene.folder / 'report.db').write_bytes(b'no database' * 99)
    assert scene.send() == 0
    assert 'a new one begun' in capsys.readouterr().err and len(scene.history.days()) == 1
    assert 'No comparison: the history' in scene.mail().get_body(('plain',)).get_content()


# -- an alarm --

def test_a_day_without_any_mail_is_an_alarm_and_no_report(scene):
    with pytest.raises(delivery.EmptyDay) as failed:
        scene.send(dict(values.empty(delivery_day(), days.HOST), lines=1234))
    assert failed.value.status == 1 and 'no mail at all on 2026-11-22: the log of that day has 1,234 lines' in str(
        failed.value)
    assert scene.mail()['Subject'].startswith('! mail1.example.org Sun 22 Nov: no report: no mail at all')
    assert scene.history.days() == []


def delivery_day():
    """The day as a datetime.date."""
    return compare.day_of(days.DATE)


@pytest.mark.parametrize('form', ['text', 'write_page'])
def test_a_day_without_any_mail_is_no_text_and_no_page_either(scene, form):
    reading = Merged(values.empty(delivery_day(), days.HOST))
    with pytest.raises(delivery.EmptyDay):
        getattr(delivery, form)(scene.session, reading, *([str(scene.folder / 'x.html')] if form != 'text' else []))
    assert not (scene.folder / 'x.html').exists()


def test_an_alarm_is_mailed_and_when_it_cannot_be_that_is_told_too(tmp_path, capsys):
    scene = Scene(tmp_path)
    delivery.alarm(scene.session, delivery_day(), Failure('no log of 2026-11-22'), TO)
    assert scene.mail()['Subject'] == '! mail1.example.org Sun 22 Nov: no report: no log of 2026-11-22'
    scene.sendmail.write_text('#!/bin/sh\nexit 75\n')
    delivery.alarm(scene.session, delivery_day(), Failure('no log of 2026-11-22'), TO)
    assert 'the alarm was not mailed: ' in capsys.readouterr().err
    delivery.alarm(scene.session, delivery_day(), Failure('x'), ())
    assert 'there is nobody to mail it to' in capsys.readouterr().err


# -- a page, a text --

def test_a_page_is_replaced_whole_readable_for_all_and_a_link_stays_one(scene):
    (scene.folder / 'real.html').write_text('old')
    (scene.folder / 'link.html').symlink_to(scene.folder / 'real.html')
    assert delivery.write_page(scene.session, Merged(days.day(), b'own'), str(scene.folder / 'link.html')) == 0
    page = (scene.folder / 'real.html').read_text(encoding='utf-8')
    assert page.startswith('<!DOCTYPE html>') and page.endswith('</html>\n')
    assert stat.S_IMODE((scene.folder / 'real.html').stat().st_mode) == 0o644
    assert (scene.folder / 'link.html').is_symlink() and len(scene.history.days()) == 1


def test_a_page_for_a_device_is_written_into_it_and_does_not_replace_it(scene):
    os.mkfifo(str(scene.folder / 'pipe'))
    reader = os.open(str(scene.folder / 'pipe'), os.O_RDONLY | os.O_NONBLOCK)
    figures = days.day(detail=False)
    assert delivery.write_page(scene.session, Merged(figures), str(scene.folder / 'pipe')) == 0
    assert os.read(reader, 1 << 20).startswith(b'<!DOCTYPE html>')
    os.close(reader)
    assert stat.S_ISFIFO((scene.folder / 'pipe').stat().st_mode)


def test_a_page_that_cannot_be_written_leaves_the_old_one(scene):
    with pytest.raises(Failure, match='cannot write .*none/x.html: No such file or directory') as failed:
        delivery.write_page(scene.session, Merged(days.day()), str(scene.folder / 'none' / 'x.html'))
    assert failed.value.status == 73


def test_the_text_reads_the_history_and_does_not_write_it(scene):
    scene.fill()
    text = delivery.text(scene.session, Merged(days.unusual().figures, b'\xff pflogsumm\n'))
    assert '! Deferred 61,204, usually 3,850 to 6,430 on a Sunday' in text and text.endswith('\n\\xff pflogsumm\n')
    assert len(scene.history.days()) == 8


# -- the whole of it, as a process --

def test_a_merged_report_is_mailed_from_the_command_line(scene):
    for name in 'mx1', 'mail1':
        (scene.folder / (name + '.json')).write_text(json.dumps(days.day(host=name)))
    files = [scene.folder / 'mx1.json', scene.folder / 'mail1.json']
    ran = run(PROGRAM, '-c', scene.settings, 'merge', '--mail-to', 'ann@example.org', *files)
    assert (ran.status, ran.out) == (0, '')
    assert [line for line in ran.err.splitlines() if 'report date=' not in line] == []     # events, without a syslog
    assert scene.args()[-2:] == ['--', 'ann@example.org']
    assert scene.mail()['Subject'].startswith('2 hosts Sun 22 Nov: 636,844 delivered')
    assert [host for _, host, _ in scene.history.days()] == ['mail1, mx1']
    scene.sendmail.write_text('#!/bin/sh\nexit 75\n')
    ran = run(PROGRAM, '-c', scene.settings, 'merge', '--mail-to', 'ann@example.org', *files)
    assert ran.status == 75 and ran.out == '' and ran.err.count('\n') == 1 and 'was not mailed' in ran.err
