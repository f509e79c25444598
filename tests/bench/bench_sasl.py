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
import time

from measure import ROUNDS, Table, cost_of, median, peak_kb, taking_turns

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
                peak_kb(PROGRAM + ['failures', '--count', str(log)]) / 1024, 30, 'MB')
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
    ours = median([cost_of(PROGRAM + ['failures', '--count', str(log)]) for _ in range(5)])
    table.rate('lines, against fail2ban-regex without its start', LINES / ours, PEER_LINES / (theirs - start), 200)


def scan_rows(table, folder, log):
    """scan with nothing new, with one percent new, and with blocks that change, over the bare start of Python."""
    path = folder / 'maillog'
    subprocess.check_call(['sh', '-c', 'head -n {0} "$0" > "$1"; tail -n +{1} "$0" > "$1.new"'.format(
        LINES // 100 * 99, LINES // 100 * 99 + 1), str(log), str(path)])        # our memory counts in a child's peak
    config = folder / 'block-sasl-fail.conf'
    config.write_text('[block-sasl-fail]\nlog = {}\nstate = {}\nmap = {}\npostfix_config = {}\n'.format(
        path, folder / 'state.db', folder / 'access_dynamic', folder))
    main_cf = folder / 'main.cf'
    main_cf.write_text('mynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\n')
    os.utime(str(main_cf), (1e9, 1e9))          # Postfix waits a second for one that is just written
    scan = PROGRAM + ['scan', '--config', str(config)]
    table.limit('scan, all {:,} lines, peak memory'.format(LINES), peak_kb(scan) / 1024, 30, 'MB')
    ours, bare = taking_turns(scan, BARE)
    table.limit('scan, nothing new, over a bare start', median(ours) - median(bare), 0.1)
    size = path.stat().st_size
    append = ['sh', '-c', 'cat "$0.new" >> "$0"', str(path)]
    kept = folder / 'kept'
    shutil.copytree(str(folder), str(kept), ignore=lambda *_: ['log0', 'maillog', 'maillog.new', 'kept'])
    for title, more in (('1 % new', ''), ('1 % new, and the map changes', guesses('203.0.113.99', 30))):
        costs = []
        for _ in range(ROUNDS):
            os.truncate(str(path), size)
            for one in kept.iterdir():
                shutil.copy2(str(one), str(folder))
            subprocess.check_call(scan)         # the map has another inode now
            subprocess.check_call(append)
            with open(str(path), 'a') as file:
                file.write(more)
            os.sync()                           # else our fsync(2) waits for the log as well
            costs.append(cost_of(scan))
        table.limit('scan, {}, over a bare start'.format(title), median(costs) - median(bare), 0.1)


def guesses(client, times):
    """Lines of a client that guesses just now."""
    stamp = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
    return '{} mx postfix/smtpd[1]: warning: unknown[{}]: SASL LOGIN authentication failed: x\n'.format(
        stamp, client) * times


HEAD = 'Mar  5 04:03:02 mx postfix/smtpd[1]: warning: unknown[{}]: SASL LOGIN authentication failed: {}\n'


def memory_rows(table, folder):
    """The peak of memory of `failures` with logs that are made to take much."""
    head, made = HEAD, folder / 'made'
    for title, lines in (
            ('300,000 clients', (head.format('10.{}.{}.{}'.format(one >> 16, one >> 8 & 255, one & 255), 'x')
                                 for one in range(300000))),
            ('600 lines of 900 kB', (head.format('192.0.2.1', 'x' * 900000) for _ in range(600)))):
        with open(str(made), 'w') as file:
            file.writelines(lines)
        for options in (['--count'], ['--count', '--csv'], ['--json']):
            table.limit('failures {}, {}, peak memory'.format(' '.join(options), title),
                        peak_kb(PROGRAM + ['failures'] + options + [str(made)]) / 1024, 30, 'MB')
    made.unlink()


def scattered(number):
    """An address for each number, alone in its /24."""
    return '{}.{}.{}.1'.format(10 + number // 10000, number // 100 % 100, number % 100)


def scan_memory_rows(table, folder):
    """The same of `scan`, the map included."""
    log, config = folder / 'made', folder / 'made.conf'
    config.write_text('[block-sasl-fail]\nlog = {0}\nstate = {0}.db\nmap = {0}.map\n'.format(log))
    for title, lines in (
            ('100,000 blocks', (HEAD.format(scattered(one // 6), 'x') for one in range(600000))),
            ('1,400 clients, 36 failures each', (HEAD.format('198.18.{}.{}'.format(one % 200, one % 7), 'x')
                                                 for one in range(50000))),
            ('600 lines of 900 kB', (HEAD.format('192.0.2.1', 'x' * 900000) for _ in range(600)))):
        with open(str(log), 'w') as file:
            file.writelines(lines)
        peak = peak_kb(PROGRAM + ['scan', '--config', str(config)])
        table.limit('scan, {}, peak memory'.format(title), peak / 1024, 30, 'MB')
        for made in folder.glob('made.db*'):
            made.unlink()
    log.unlink()


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
                memory_rows(table, folder)
                scan_memory_rows(table, folder)
            log.unlink()
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
