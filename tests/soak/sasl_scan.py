"""Each line counts once: scans are killed between any two steps while the log grows and is rotated.

usage: python3 tests/soak/sasl_scan.py [KILLS [SEED]]

Most of the kills come before a step that wasn't tried yet, in a fork: each call in each line of the modules that
read, remember and publish, SQLite's among them.  The others come at a random moment of a real process.
"""
import os
import pathlib
import random
import signal
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests')]

from mailtools.block_sasl_fail import quick_scan
from rig.guessed import Guessed

CLIENTS = ['198.51.100.{}'.format(number) for number in range(1, 6)] + ['2001:db8::{:x}'.format(number)
                                                                        for number in range(1, 4)]
MODULES = ('scan.py', 'scanning.py', 'batch.py', 'state.py', 'source.py', 'place.py', 'accessmap.py')


def step_of(frame, event, arg):
    """What is about to be done, None for what is of no interest: a step is one call in one line of ours."""
    module = os.path.basename(frame.f_code.co_filename)
    if event == 'return' or module not in MODULES or 'block_sasl_fail' not in frame.f_code.co_filename:
        return None
    return '{}:{} {}'.format(module, frame.f_lineno, getattr(arg, '__name__', frame.f_code.co_name))


def forked(host, stop_at=None, times=1):
    """Scan in a fork that kills itself when it comes to that step so often.

    The steps that it came by; None if it was killed.
    """
    answer, tell = os.pipe()
    child = os.fork()
    if child == 0:
        steps = {}

        def profile(frame, event, arg):
            step = step_of(frame, event, arg)
            if step:
                steps[step] = steps.get(step, 0) + 1
                if step == stop_at and steps[step] == times:
                    os.kill(os.getpid(), signal.SIGKILL)
        status = None
        sys.setprofile(profile)
        try:
            status = quick_scan.main(['scan', '-c', str(host.conf)])
        finally:
            sys.setprofile(None)
            if status is None:
                traceback.print_exc()
            with open(tell, 'w') as pipe:
                pipe.write('\n'.join(steps))
            os._exit(99 if status is None else status)
    os.close(tell)
    with open(answer) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0, status
    return set(said.splitlines())


def real(host, after_s):
    """Scan in a process that is killed after so many seconds; True if it was."""
    process = host.start('scan')
    time.sleep(after_s)
    process.kill()
    status = process.wait()
    assert status in (0, -signal.SIGKILL), status
    return status != 0


def feed(host, chance, day):
    """Something happens to the log."""
    act = chance.choice(['write', 'write', 'write', 'half', 'rotate', 'nothing'])
    if act == 'write':
        host.write(*[chance.choice(CLIENTS + [None] * 8) for _ in range(chance.choice([1, 5, 300]))])
    elif act == 'half':
        text = host.line(chance.choice(CLIENTS))
        with open(host.log, 'a') as file:
            file.write(text[:30])
            file.flush()
            forked(host)
            file.write(text[30:])
    elif act == 'rotate':
        for _ in range(chance.choice([1, 1, 2])):       # or a day is missed
            host.rotate('-202603{:04d}'.format(day[0]), chance.choice(['rename', 'copytruncate']),
                        chance.choice(['', '.gz', '.xz', '.bz2']))
            day[0] += 1
            host.write(*[chance.choice(CLIENTS + [None]) for _ in range(chance.choice([0, 1, 20]))])


def kill_scans(folder, kills, seed=1, real_share=0.3):
    """Kill so many scans; the host, all of whose lines must have counted once."""
    host, chance, day, killed = Guessed(folder), random.Random(seed), [1], 0
    host.scan()
    host.write(CLIENTS[0])
    steps, tried = forked(host), set()
    started = time.monotonic()
    host.scan()
    span_s = time.monotonic() - started
    while killed < kills:
        feed(host, chance, day)
        if chance.random() < real_share:
            killed += real(host, chance.uniform(0.2, 1) * span_s)
            continue
        host.write(*[chance.choice(CLIENTS) for _ in range(3)])     # else there is nothing to count twice
        left = sorted(steps - tried)
        step = chance.choice(left or sorted(steps))
        tried.add(step)
        came_by = forked(host, step, 1 if left else chance.choice([1, 2, 5]))
        killed += came_by is None
        steps |= came_by or set()
    host.scan()
    host.expect()
    return host, len(tried & steps), len(steps)


def main():
    """Kill 400 scans, or as many as are asked for."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    memory = '/dev/shm' if os.path.isdir('/dev/shm') else None       # a kill loses nothing that was written
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        host, tried, steps = kill_scans(pathlib.Path(folder) / 'mx', kills, seed)
        print('{} scans killed, at {} of {} steps, seed {}: {} lines, {} failures of {} clients, each counted once'
              .format(kills, tried, steps, seed, host.lines, sum(host.failures.values()), len(host.failures)))


if __name__ == '__main__':
    main()
