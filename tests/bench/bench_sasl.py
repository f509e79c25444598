"""What reading a mail log for failures costs, against `grep -F -c SASL` on the same file.

A log of a million lines is made in a scratch folder by the generator beside the checkout; it is in the
page cache. Whole processes are compared, started with the same flags as the program's #! line has,
and ours and the reference take turns. Without an idle machine trust the CPU rows.

fail2ban-regex is timed on the first lines of the log where it is installed; its rate is compared.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import Table, cost_of, median, taking_turns

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT.parent / 'shared' / 'tools' / 'genlog.py'
PROGRAM = [sys.executable, '-IS', str(ROOT / 'bin' / 'block-sasl-fail')]
BARE = [sys.executable, '-IS', '-c', 'pass']
LINES = 1000000
PEER_LINES = 30000
LOGS = (('2 % failures', [], 3), ('25 % failures', ['--sasl-fraction', '.25', '--attackers', '5000'], 6))


def make(folder, name, options):
    """A log; its path."""
    path = folder / name
    subprocess.check_call([sys.executable, str(GENERATOR), '--lines', str(LINES), '--output', str(path)] + options)
    return path


def count_rows(table, title, log, goal):
    """The rows of `failures` on one log."""
    # Into /dev/null grep would only look for the first match.
    grep = ['sh', '-c', 'exec grep -F -c SASL "$0" > "$0.count"', str(log)]
    ours, reference = taking_turns(PROGRAM + ['failures', '--count', str(log)], grep)
    table.ratio('failures --count, {}, wall'.format(title), median(ours), median(reference), goal)
    table.ratio('failures --count, {}, CPU'.format(title), median(ours, 'cpu'), median(reference, 'cpu'), goal)
    table.limit('failures --count, {}, peak memory'.format(title),
                max(cost.peak_kb for cost in ours) / 1024, 30, 'MB')
    ours, reference = taking_turns(PROGRAM + ['failures', '--json', str(log)], grep, rounds=3)
    table.ratio('failures --json, {}, wall'.format(title), median(ours), median(reference))


def peer_rows(table, log):
    """Lines a second against fail2ban-regex."""
    peer = shutil.which('fail2ban-regex')
    if peer is None:
        table.note('fail2ban-regex', 'not installed')
        return
    some = log.parent / 'some.log'
    with open(str(log), 'rb') as source, open(str(some), 'wb') as target:
        for _ in range(PEER_LINES):
            target.write(next(source))
    theirs = cost_of([peer, str(some), 'postfix[mode=auth]']).wall_s
    start = cost_of([peer, os.devnull, 'postfix[mode=auth]']).wall_s
    ours = cost_of(PROGRAM + ['failures', '--count', str(log)]).wall_s
    table.rate('lines, against fail2ban-regex without its start', LINES / ours, PEER_LINES / (theirs - start), 200)


def scan_rows(table, folder, log):
    """scan with nothing new, and with one percent new, over the bare start of Python."""
    path = folder / 'maillog'
    subprocess.check_call(['sh', '-c', 'head -n {0} "$0" > "$1"; tail -n +{1} "$0" > "$1.new"'.format(
        LINES // 100 * 99, LINES // 100 * 99 + 1), str(log), str(path)])        # our memory counts in a child's peak
    config = folder / 'block-sasl-fail.conf'
    config.write_text('[block-sasl-fail]\nlog = {}\nstate = {}\nmap = {}\n'.format(
        path, folder / 'state.db', folder / 'access_dynamic'))
    scan = PROGRAM + ['scan', '--config', str(config)]
    cost_of(scan)
    ours, bare = taking_turns(scan, BARE)
    table.limit('scan, nothing new, over a bare start', median(ours) - median(bare), 0.1)
    subprocess.check_call(['sh', '-c', 'cat "$0.new" >> "$0"', str(path)])
    table.limit('scan, 1 % new, over a bare start', cost_of(scan).wall_s - median(bare), 0.1)


def main():
    table = Table('sasl')
    if not GENERATOR.exists():
        table.note('no log to read', 'no ../shared/tools/genlog.py beside the checkout')
        return table.end()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, (title, options, goal) in enumerate(LOGS):
            log = make(folder, 'log{}'.format(number), options)
            count_rows(table, title, log, goal)
            if number == 0:
                peer_rows(table, log)
                scan_rows(table, folder, log)
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
