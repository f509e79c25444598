"""What the speed tables share: costs of processes and functions, and how a table is printed.

A figure is a ratio of medians over rounds in which ours and the reference take turns,
so that a busy machine slows both.  Absolute times stand beside it for feeling only.

    table = Table('ingest')
    table.compare('ingest, 6 kB', ours=[...argument list...], reference=[...], goal=1.3)
    table.note('two fsyncs on this disk', '4.1 ms')
    table.end()
"""
import os
import platform
import statistics
import subprocess
import sys
import time
from typing import NamedTuple, Optional

ROUNDS = 15


class Cost(NamedTuple):
    """What one run took."""

    wall_s: float
    cpu_s: float        # user and system, of the process and its children that were waited for


# Linux counts the memory of a process from its fork on, when it is as large as who starts it:
# so that is a small process, and not the bench.
SMALL = """
import os, sys
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(status, usage.ru_maxrss)
"""


def cost_of(what, stdin=None, env=None):
    """Run an argument list as a process (output thrown away), or call a function."""
    return cost_of_call(what) if callable(what) else cost_of_process(what, stdin, env)


def cost_of_call(function):
    """What one call costs this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def cost_of_process(args, stdin=None, env=None):
    """What one process costs; it must end with status 0.

    stdin: the path of a file, or None.
    """
    with open(os.fspath(stdin or os.devnull), 'rb') as given, open(os.devnull, 'wb') as null:
        wall = time.perf_counter()
        process = subprocess.Popen([os.fspath(one) for one in args], stdin=given, stdout=null,
                                   stderr=subprocess.PIPE, env=env)
        said = process.stderr.read() if process.stderr else b''
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - wall
        process.returncode = status
        if process.stderr:
            process.stderr.close()
    if status:
        raise SystemExit('{}: status {}: {}'.format(args, status, said.decode('utf-8', 'replace')))
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def peak_kb(args, stdin=None, env=None):
    """The most memory that one process took, in kB; it must end with status 0."""
    with open(os.fspath(stdin or os.devnull), 'rb') as given:
        said = subprocess.check_output(
            [sys.executable, '-IS', '-c', SMALL] + [os.fspath(one) for one in args], stdin=given, env=env)
    status, peak = map(int, said.split())
    if status:
        raise SystemExit('{}: status {}'.format(args, status))
    return peak


def taking_turns(ours, reference, rounds=ROUNDS, **kwargs):
    """The costs of both over `rounds` rounds, A B A B, after one round that is not counted."""
    both = ([], [])
    for turn in range(rounds + 1):
        for what, costs in zip((ours, reference), both):
            cost = cost_of(what, **kwargs)
            if turn:
                costs.append(cost)
    return both


def median(costs, clock='wall'):
    """The median in seconds; clock: `wall` or `cpu`."""
    return statistics.median(getattr(cost, clock + '_s') for cost in costs)


def shown(seconds):
    """Seconds for people: 12.3 ms."""
    for unit, factor in (('s', 1), ('ms', 1e3)):
        if seconds * factor >= 1:
            return '{:.3g} {}'.format(seconds * factor, unit)
    return '{:.3g} us'.format(seconds * 1e6)


def machine():
    """One line on what it ran on."""
    model = platform.machine()
    with open('/proc/cpuinfo', encoding='ascii', errors='replace') as file:
        for line in file:
            if line.startswith('model name'):
                model = line.split(':', 1)[1].strip()
    return '{}, {} cores, Python {}, Linux {}'.format(
        model, os.cpu_count(), platform.python_version(), platform.release())


class Table:
    """Rows of one bench, printed as they come."""

    FORM = '{:<46} {:>10} {:>10} {:>7}  {}'

    def __init__(self, title):
        print('\n{}: {}'.format(title, machine()))
        print(self.FORM.format('what', 'ours', 'reference', 'ratio', 'goal'))
        self.missed = 0

    def compare(self, what, ours, reference, goal: Optional[float] = None, clock='wall', rounds=ROUNDS,
                **kwargs):
        """Let both take turns and print the ratio of their medians, which should be at most `goal`."""
        costs = taking_turns(ours, reference, rounds, **kwargs)
        return self.ratio(what, median(costs[0], clock), median(costs[1], clock), goal)

    def ratio(self, what, ours_s, reference_s, goal=None):
        """A row of two times that were measured elsewhere."""
        ratio = ours_s / reference_s
        self.row(what, shown(ours_s), shown(reference_s), ratio, goal and '<= {:g}x'.format(goal),
                 goal is None or ratio <= goal)
        return ratio

    def rate(self, what, ours_per_s, reference_per_s, goal=None):
        """A row of two rates, where more is better and the ratio should be at least `goal`."""
        ratio = ours_per_s / reference_per_s
        self.row(what, '{:.0f}/s'.format(ours_per_s), '{:.0f}/s'.format(reference_per_s), ratio,
                 goal and '>= {:g}x'.format(goal), goal is None or ratio >= goal)
        return ratio

    def limit(self, what, value, goal, unit='s'):
        """A row of one figure, in seconds or another unit, that should be at most `goal`."""
        said = shown(value) if unit == 's' else '{:.4g} {}'.format(value, unit)
        self.row(what, said, '', None, '<= {:g} {}'.format(goal, unit), value <= goal)

    def note(self, what, value):
        """A row without a reference."""
        self.row(what, str(value), '', None, None, True)

    def row(self, what, ours, reference, ratio, goal, met):
        """Print one row."""
        said = '' if goal is None else '{} {}'.format(goal, 'met' if met else 'MISSED')
        self.missed += not met
        print(self.FORM.format(what, ours, reference, '' if ratio is None else '{:.2f}x'.format(ratio),
                               said).rstrip(), flush=True)

    def end(self):
        """The exit status of the bench: 1 when a goal was missed."""
        return 1 if self.missed else 0


def main():
    """Run the benches that are named, or all bench_*.py beside this file."""
    here = os.path.dirname(os.path.abspath(__file__))
    names = sys.argv[1:] or sorted(name for name in os.listdir(here) if name.startswith('bench_'))
    failed = [name for name in names if subprocess.call([sys.executable, os.path.join(here, name)])]
    if failed:
        print('\ngoals missed in: {}'.format(', '.join(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
