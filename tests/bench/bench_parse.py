"""What `bouncedmail parse` costs, against the least that Python's own parser takes for the same mails.

The reference reads each file with email.message_from_binary_file, walks its parts
and decodes them, and does nothing with them; both are whole processes, started
with the same flags on the same Python, and CPU time is compared.  Enough copies
of each mail lie on disk that the start of the interpreter does not decide; what
share it has is said, and the cost of a mail without it.

Peers are timed beside it where they are installed.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import Table, cost_of, median, peak_kb, shown, taking_turns

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / 'shared' / 'corpus' / 'bounces'
SAMPLES = ROOT / 'tests' / 'bouncedmail' / 'samples'
MAILS = 3000            # on disk, about
ROUNDS = 7
MB = 1024 * 1024

PARSE = [sys.executable, '-IS', str(ROOT / 'bin' / 'bouncedmail'), 'parse']
FLOOR = [sys.executable, '-IS', '-c', '''
import email, os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in sorted(names):
        with open(os.path.join(folder, name), 'rb') as file:
            mail = email.message_from_binary_file(file)
        for part in mail.walk():
            part.get_payload(decode=True)
''']
FLUFL = [sys.executable, '-c', '''
import email, os, sys
from flufl.bounce import all_failures
for folder, _, names in os.walk(sys.argv[1]):
    for name in sorted(names):
        with open(os.path.join(folder, name), 'rb') as file:
            mail = email.message_from_binary_file(file)
        try:
            all_failures(mail)
        except Exception:       # it raises on mails without a From field
            pass
''']
SISIMAI = ['perl', '-MSisimai', '-e', 'print Sisimai->dump($ARGV[0])']


def copies(sources, folder, wanted=MAILS):
    """The mails, each as often as it takes, in `folder`; how many files that made."""
    times = max(1, round(wanted / len(sources)))
    os.makedirs(str(folder))
    for turn in range(times):
        for number, path in enumerate(sources):
            shutil.copyfile(str(path), str(folder / '{:03}-{:04}.eml'.format(turn, number)))
    return times * len(sources)


def installed(command):
    """Whether the peer can be started at all."""
    trial = command[:-2] + ['-e', '1'] if command[0] == 'perl' else command[:-1] + ['import flufl.bounce']
    try:
        return subprocess.call(trial, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def compare(table, title, sources, folder):
    """The rows of one set of mails."""
    number = copies(sources, folder / 'many')
    copies(sources[:1], folder / 'one', 1)
    ours, floor = taking_turns(PARSE + [str(folder / 'many')], FLOOR + [str(folder / 'many')], ROUNDS)
    starts = taking_turns(PARSE + [str(folder / 'one')], FLOOR + [str(folder / 'one')], ROUNDS)
    ours_s, floor_s = median(ours, 'cpu'), median(floor, 'cpu')
    ours_start_s, floor_start_s = (median(costs, 'cpu') for costs in starts)
    table.ratio('{}: {} files, process CPU'.format(title, number), ours_s, floor_s, 2.0)
    table.ratio('{}: a mail more'.format(title), (ours_s - ours_start_s) / number,
                (floor_s - floor_start_s) / number, 2.0)
    table.note('  of that the start of ours, of the reference', '{:.0%}, {:.0%}'.format(
        ours_start_s / ours_s, floor_start_s / floor_s))
    for name, peer in (('flufl.bounce', FLUFL), ('Sisimai', SISIMAI)):
        if installed(peer):
            cost = taking_turns(PARSE + [str(folder / 'many')], peer + [str(folder / 'many')], 3)
            table.ratio('{}: against {}'.format(title, name), median(cost[0], 'cpu'), median(cost[1], 'cpu'))


def large_report(path, size=21 * MB):
    """Write a DSN that returns a mail of that size, in pieces: our memory counts in a child's peak."""
    line = b'Lorem ipsum dolor sit amet, consectetur <adipiscing@example.net> elit, 550 5.1.1 user unknown.\n'
    with open(str(path), 'wb') as file:
        file.write(
            b'From: MAILER-DAEMON@mx.example.net\nTo: bounces@mail1.example.com\n'
            b'Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n'
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            b'--b\n\n<user@example.org>: host mx.example.org said: 550 5.1.1 User unknown\n\n'
            b'--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n'
            b'Final-Recipient: rfc822; user@example.org\nAction: failed\nStatus: 5.1.1\n\n'
            b'--b\nContent-Type: message/rfc822\n\nFrom: info@mail1.example.com\n'
            b'Message-ID: <42@mail1.example.com>\nTo: user@example.org\n\n')
        for _ in range(size // len(line)):
            file.write(line)
        file.write(b'\n--b--\n')


def one_large(table, folder):
    """The rows of the large report: the whole process, its time and its peak."""
    path = folder / 'large' / '21mb.eml'
    os.makedirs(str(path.parent))
    large_report(path)
    costs, floor = taking_turns(PARSE + [str(path)], FLOOR + [str(path.parent)], ROUNDS)
    table.limit('21 MB report, wall', median(costs), 0.5)
    table.ratio('21 MB report, CPU', median(costs, 'cpu'), median(floor, 'cpu'))
    table.limit('21 MB report, peak memory', peak_kb(PARSE + [str(path)]) / 1024, 40 + 2 * 21, 'MB')
    table.note('  the reference takes', '{}, {:.0f} MB'.format(
        shown(median(floor)), peak_kb(FLOOR + [str(path.parent)]) / 1024))


def main():
    table = Table('parse')
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cost_of(PARSE + ['--help'])         # the byte code is compiled
        for title, paths in (('corpus', CORPUS.glob('*/*.eml')), ('own samples', SAMPLES.glob('*.eml'))):
            sources = sorted(paths)
            if sources:
                compare(table, title, sources, folder / title.replace(' ', '-'))
        one_large(table, folder)
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
