"""What the figures of a day cost, against what was done before: (zcat; cat) | grep -v | pflogsumm, on the same log.

A log of a million lines, half of them of another day, in two halves as logrotate leaves them, is made in a scratch
folder by the generator beside the checkout; LINES=9300000 in the environment makes it as large as that of a busy host.
Whole processes take turns. Without an idle machine trust the CPU rows.
"""
import datetime
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import Table, median, peak_kb, taking_turns

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT.parent / 'shared' / 'tools' / 'genlog.py'
PROGRAM = [sys.executable, '-IS', str(ROOT / 'bin' / 'pflogsumm-report')]
LINES = int(os.environ.get('LINES', '1000000'))
DAY = datetime.date.today() - datetime.timedelta(days=1)         # pflogsumm knows no other
ROUNDS = 5
PREDECESSOR = (
    "(zcat {0}/maillog.1.gz; cat {0}/maillog) | grep -v 'warning: header Subject:' | pflogsumm -d yesterday "
    '--verbose_msg_detail --detail 20 --bounce_detail 20 --deferral_detail 20 --reject_detail 20 '
    '--smtpd_warning_detail 20 --no_no_msg_size')


def make(folder):
    """The two files of the log."""
    made = folder / 'made'
    start = '{}T01:00:00'.format(DAY - datetime.timedelta(days=1))
    subprocess.check_call([sys.executable, str(GENERATOR), '--lines', str(LINES), '--start', start,
                           '--mails-per-day', str(LINES * .043), '--output', str(made)])
    with open(str(made), 'rb') as log, gzip.open(str(folder / 'maillog.1.gz'), 'wb') as old, open(
            str(folder / 'maillog'), 'wb') as new:
        for number, line in enumerate(log):
            (old if number < LINES * .55 else new).write(line)
    made.unlink()


def main():
    table = Table('report')
    if not GENERATOR.exists() or not shutil.which('pflogsumm'):
        table.note('nothing to compare', 'no ../shared/tools/genlog.py beside the checkout, or no pflogsumm')
        return table.end()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder)
        before = ['sh', '-c', PREDECESSOR.format(folder)]
        logs = ['--date', str(DAY), str(folder / 'maillog'), str(folder / 'maillog.1.gz')]
        for title, options, goal in (('--json --totals', ['--json', '--totals'], .35), ('--json', ['--json'], .6)):
            ours, theirs = taking_turns(PROGRAM + options + logs, before, ROUNDS)
            table.ratio('{}, CPU'.format(title), median(ours, 'cpu'), median(theirs, 'cpu'), goal)
            table.limit('{}, peak memory'.format(title), peak_kb(PROGRAM + options + logs) / 1024, 250, 'MB')
        ours, theirs = taking_turns(PROGRAM + ['--text'] + logs, before, ROUNDS)
        table.ratio("--text, with pflogsumm's, wall", median(ours), median(theirs), .9)
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
