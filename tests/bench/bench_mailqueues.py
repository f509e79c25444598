"""What counting queue files costs, against `find DIR -type f | wc -l` on the same directory.

A million empty files in a tree that is hashed as Postfix does it, in the page cache.  FILES=100000 in the environment
makes a smaller one.  Whole processes are compared, and the function within ours; both take turns.

Then what reading the history of many hosts costs, against summing up its samples.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from measure import Table, cost_of, median, peak_kb, taking_turns

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests' / 'mailqueues')]
import scenes

from mailtools.mailqueues import charts, counting, detail, postqueue, steps
from mailtools.mailqueues.past import past_of
from mailtools.mailqueues.values import Snapshot

FILES = int(os.environ.get('FILES', '1000000'))
ROUNDS = 7
LISTED = 100000
HOSTS = 200
PROGRAM = [sys.executable, '-IS', str(ROOT / 'bin' / 'mailqueues'), 'count', '--queue-directory']
BARE = [sys.executable, '-IS', str(ROOT / 'bin' / 'mailqueues'), '--version']
DIGITS = '0123456789ABCDEF'


def make(queue, depth):
    """FILES files below queue/deferred, in hash directories of so many levels."""
    folders = [queue / 'deferred']
    for _ in range(depth):
        folders = [folder / digit for folder in folders for digit in DIGITS]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        descriptor = os.open(str(folder), os.O_RDONLY)
        for file in range(number, FILES, len(folders)):
            name = '{:X}22F{:06X}'.format(file % 16, file)
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o700, dir_fd=descriptor))
        os.close(descriptor)
    for name in 'incoming', 'active', 'maildrop', 'hold', 'corrupt':
        (queue / name).mkdir()


def count_rows(table, queue, depth):
    """The rows of one tree."""
    assert counting.count(str(queue))['deferred'] == FILES
    find = ['sh', '-c', 'find "$0" -type f | wc -l', str(queue)]
    what = '{:,} files, hash depth {}'.format(FILES, depth)
    ours, theirs = taking_turns(lambda: counting.count(str(queue)), find, ROUNDS)
    table.ratio('{}: the function, wall'.format(what), median(ours), median(theirs), 1.0)
    ours, theirs = taking_turns(PROGRAM + [str(queue)], find, ROUNDS)
    start = median([cost_of(BARE) for _ in range(ROUNDS)])
    table.ratio('{}: count, without start, wall'.format(what), median(ours) - start, median(theirs), 1.0)
    table.ratio('{}: count, without start, CPU'.format(what), median(ours, 'cpu') - start, median(theirs, 'cpu'))
    table.note('start of the program', '{:.0f} ms'.format(start * 1000))
    table.limit('{}: count, peak beside its start'.format(what),
                (peak_kb(PROGRAM + [str(queue)]) - peak_kb(BARE)) / 1024, 24, 'MB')


def listing_rows(table):
    """A listing of LISTED mails: what reading it costs beside what showq needs to make it."""
    line = ('{{"queue_name": "deferred", "queue_id": "4D2B{:06X}", "arrival_time": {}, "message_size": 4000, "sender": '
            '"news@example.org", "recipients": [{{"address": "r{}@d{}.example", "delay_reason": "host '
            'mx{}.example[192.0.2.1] said: 450 4.2.0 <r{}@d{}.example>: try again (in reply to RCPT TO command)"}}]}}')
    lines = [line.format(one, 1795400000 - one, one, one % 300, one % 300, one, one % 300).encode()
             for one in range(LISTED)]

    def gather():
        gathered = detail.Gathering()
        gathered.begin('postqueue-j', 1795400000, '+0000')
        for one in lines:
            gathered.line(one)
        gathered.detail(1795400000, 0, LISTED, True, 20)

    def read():
        reader = postqueue.Json()
        for one in lines:
            reader.line(one)
    read_s, gathered_s = cost_of(read).cpu_s, cost_of(gather).cpu_s
    table.note('a mail of postqueue -j, read', '{:.1f} us'.format(read_s / LISTED * 1e6))
    table.note('a mail of postqueue -j, read and gathered', '{:.1f} us'.format(gathered_s / LISTED * 1e6))


def history_rows(table):
    """What `export` reads of 13 months of HOSTS, beside summing up all samples, for want of steps kept ready."""
    now = int(scenes.NOW)
    with tempfile.TemporaryDirectory() as folder:
        history = scenes.fill(pathlib.Path(folder) / 'history.db', ['mail{}'.format(one) for one in range(HOSTS)])
        made = Snapshot(now, tuple(scenes.known(name, now, scenes.counts()) for name in history.hosts()))
        history.add(made)
        add_s = cost_of(lambda: history.add(made._replace(generated_at=now + 60))).cpu_s
        ready = cost_of(lambda: past_of(history, now + 60)).cpu_s

        def all_samples():
            for span in charts.SPANS:
                with history.reading() as connection:
                    since = span.window(now + 60)[0]
                    connection.execute(steps.SUM_UP, (since, span.step_s, since, now + 120)).fetchall()
        summed = cost_of(all_samples).cpu_s
        table.ratio('13 months of {} hosts: read for the page, CPU'.format(HOSTS), ready, summed, 0.5)
    table.limit('the same, what a run adds to it, CPU', add_s, 0.1)


def main():
    table = Table('mailqueues')
    for depth in 1, 2:
        with tempfile.TemporaryDirectory() as folder:
            make(pathlib.Path(folder) / 'queue', depth)
            count_rows(table, pathlib.Path(folder) / 'queue', depth)
            subprocess.call(['rm', '-rf', folder + '/queue'])       # faster than Python
    listing_rows(table)
    history_rows(table)
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
