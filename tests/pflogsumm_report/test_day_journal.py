"""The day where its log is in the journal of systemd only: written and read by the real programs."""
import datetime
import os
import time

import pytest
from maillog import Log, at
from reports import same

from mailtools.base import settings
from mailtools.pflogsumm_report import journal
from mailtools.pflogsumm_report.reading import NoLog, read_day
from mailtools.pflogsumm_report.settings import PROGRAM, SETTINGS
from rig.journal import Journal

DAY = datetime.date.today() - datetime.timedelta(days=1)


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a day, with journalctl in PATH, and no file of the log."""
    def of(folder, day=DAY):
        monkeypatch.setenv('PATH', '{}:{}'.format(folder, os.environ['PATH']))
        config = tmp_path / 'settings.conf'
        config.write_text('[{}]\nlogs = {}/none*\n'.format(PROGRAM, tmp_path))
        return read_day(settings.load(PROGRAM, SETTINGS, str(config)), day, text=False)
    return of


def test_the_days_entries_are_counted_as_those_of_a_file(tmp_path, read):
    log = Log(day=DAY)
    for days in (-1, 0, 1):
        for hour in (0, 12, 23):
            log.mail(at(hour, 30, day=DAY) + datetime.timedelta(days=days), 'a@example.org', ['b@example.net'])
    kept = Journal(tmp_path / 'journal')
    for moment, _, _, tag, text in sorted(log.lines):
        kept.add([text], tag=tag.partition('[')[0].encode(), at=time.mktime(moment.timetuple()))
    reading = read(kept.folder)
    same(reading.figures, log.figures())
    assert reading.sources == ('journal',)
    with pytest.raises(NoLog):
        read(kept.folder, DAY - datetime.timedelta(days=9))


def test_a_journal_that_cannot_be_read_is_told(tmp_path, read):
    program = tmp_path / 'journalctl'
    program.write_text('#!/bin/sh\necho no access >&2\nexit 1\n')
    program.chmod(0o755)
    with pytest.raises(journal.JournalFailure) as caught:
        read(tmp_path)
    assert 'no access' in str(caught.value) and caught.value.status == 69
