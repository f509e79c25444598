"""Nothing lost, nothing doubled: pipes and drainers are killed under load, and the rows are counted.

usage: python3 tests/soak/delivery.py [KILLS [SEED]]

Mail is delivered as Postfix does it: a pipe that did not end with 0 is tried
again with the same mail.  In the end each mail must be one row, with one event,
whatever was killed; nothing else may be there, no half of a mail above all.
"""
import collections
import contextlib
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests')]

from rig import waiting
from rig.mailhost import MailHost, bounce, message_id

SIZES = (0, 0, 5000, 60000, 400000)     # bytes of returned text; the larger take several writes
KILLED = -signal.SIGKILL


def expect_each_once(host, numbers):
    """Assert that the mails of these numbers, and no others, are in the database, and the spool empty."""
    assert host.waiting() == [], 'left in the spool: {}'.format(host.waiting())
    assert host.names('failed') == []
    stored, expected = collections.Counter(host.stored()), set(map(message_id, numbers))
    assert set(stored) == expected, 'lost {}, foreign {}'.format(
        sorted(expected - set(stored)), sorted(set(stored) - expected))
    doubled = [mail for mail, times in stored.items() if times > 1]
    assert doubled == [], 'doubled: {}'.format(doubled)
    events = collections.Counter(host.recipients())
    assert events == collections.Counter('user{}@example.org'.format(number) for number in numbers)


@contextlib.contextmanager
def drainer(host, stderr=subprocess.DEVNULL):
    """`drain --follow` while the block runs; it must end well."""
    process = host.start('drain', '--follow', stderr=stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def drained(host):
    """Drain to the end, whoever was killed before."""
    ran = host.run('drain', timeout=300)
    assert ran.status == 0, ran.err


# -- the pipe --

def kill_ingest(host, kills, seed=1):
    """Kill that many pipes at random moments while a drainer works; how many mails were delivered."""
    chance, killed, number = random.Random(seed), 0, 0
    span_s = time_of_ingest(host)
    with drainer(host):
        while killed < kills:
            number += 1
            raw = bounce(number, chance.choice(SIZES))
            while True:
                status = ingest_or_kill(host, raw, chance.uniform(0.4, 1.1) * span_s)
                if status == 0:
                    break
                assert status == KILLED, status
                killed += 1
    drained(host)
    expect_each_once(host, range(number + 1))
    return number


def time_of_ingest(host):
    """Seconds that the pipe takes for a mail, which is number 0: most of them for Python's start."""
    def once():
        started = time.monotonic()
        assert ingest_or_kill(host, bounce(0), 60) == 0
        return time.monotonic() - started
    return min(once() for _ in range(5))


def ingest_or_kill(host, raw, after_s):
    """The status of a pipe that is killed after so many seconds, unless it ended before."""
    process = host.start_ingest()
    timer = threading.Timer(after_s, process.kill)
    timer.start()
    try:
        process.communicate(raw)
    except BrokenPipeError:
        process.wait()
    timer.cancel()
    return process.returncode


def parallel_ingests(host, count):
    """Start that many pipes at once, two for each mail (Postfix was unsure); all must take their mail."""
    processes = [host.start_ingest() for _ in range(count)]
    for number, process in enumerate(processes):
        process.stdin.write(bounce(number // 2, 3000, delivery=number % 2))
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert len(host.names('new')) == count, 'one overwrote another'
    drained(host)
    expect_each_once(host, range((count + 1) // 2))


# -- the drainer --

def kill_drain(host, kills, seed=1):
    """Kill that many drainers at random moments while mail comes in; how many mails came."""
    chance, number, killed = random.Random(seed), 0, 0
    host.configure(batch=3)                         # many transactions
    span_s = time_of_drain(host)
    while killed < kills:
        for _ in range(20):
            number += 1
            host.deliver(bounce(number, chance.choice(SIZES)), '{:010d}.V{}.mx1'.format(number, number))
        process = host.start('drain', *chance.choice([(), ('--follow',)]), stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.5, 1.5) * span_s)
        if process.poll() is None:
            process.kill()
            killed += 1
        process.wait()
    drained(host)
    expect_each_once(host, range(number + 1))
    return number


def time_of_drain(host):
    """Seconds that a drainer takes for a mail, which is number 0; the first run makes the tables."""
    def once():
        host.deliver(bounce(0), '0.V0.mx1')
        started = time.monotonic()
        drained(host)
        return time.monotonic() - started
    return min(once() for _ in range(3))


def drain_together(host, mails, drainers=2):
    """Several drainers at once on one spool, whose lock is taken from them: as on NFS, or without it."""
    for number in range(mails):
        host.deliver(bounce(number, 2000), '{:010d}.V{}.mx1'.format(number, number))
    host.configure(batch=5)
    processes = [subprocess.Popen([sys.executable, __file__, '--drain-without-lock', str(host.config)])
                 for _ in range(drainers)]
    assert [process.wait(120) for process in processes] == [0] * drainers
    expect_each_once(host, range(mails))


def drain_without_lock(config):
    """What each of drain_together's processes does."""
    from mailtools.base.settings import load
    from mailtools.bouncedmail import commands_spool as commands
    from mailtools.bouncedmail.follow import until_empty
    from mailtools.bouncedmail.settings import PROGRAM, SETTINGS
    settings = load(PROGRAM, SETTINGS, config)
    drain = commands.drainer_of(settings, commands.opened_spool(settings, None), Quiet())
    until_empty(drain.batch, commands.retry_of(settings), lambda mails: None)
    drain.close()


class Quiet:
    """A log that nobody reads."""

    def info(self, event, **fields):
        """Say nothing."""

    warning = error = info


# -- a database that comes and goes --

def restart_database(host, postgres, restarts, seed=1):
    """Crash and restart PostgreSQL that often while a drainer works; how many mails came meanwhile."""
    chance, number = random.Random(seed), 0
    host.configure(batch=3, retry_first='0.1s', retry_most='0.2s')
    with drainer(host):
        for _ in range(restarts):
            for _ in range(60):
                number += 1
                host.deliver(bounce(number, chance.choice(SIZES)), '{:010d}.V{}.mx1'.format(number, number))
            until_left(host, chance.randrange(5, 55))
            postgres.restart(chance.choice(['immediate', 'fast']))
        until_left(host, 0)
    expect_each_once(host, range(1, number + 1))
    return number


def until_left(host, mails):
    """Wait until no more than so many mails are in the spool."""
    waiting.until(lambda: len(host.waiting()) <= mails, limit_s=60, every_s=0.002, what='mails to be drained')


def main(kills=200, seed=None):
    """All of it, on SQLite, and on PostgreSQL where that is installed."""
    seed = int(time.time()) if seed is None else seed
    print('seed {}'.format(seed))
    with tempfile.TemporaryDirectory(prefix='mt-soak-') as folder:
        def host(name):
            return MailHost(pathlib.Path(folder) / name)
        mails = kill_ingest(host('pipes'), kills, seed)
        print('{} pipes killed: {} mails, each one row'.format(kills, mails))
        mails = kill_drain(host('drainers'), kills, seed)
        print('{} drainers killed: {} mails, each one row'.format(kills, mails))
        parallel_ingests(host('parallel'), 200)
        print('200 pipes at once: each mail one row')
        drain_together(host('together'), 2000, 3)
        print('3 drainers at once without a lock: each mail one row')
        with_postgresql(pathlib.Path(folder), kills, seed)


def with_postgresql(folder, kills, seed):
    """The drainer's part once more on PostgreSQL, which is restarted as well."""
    from rig import parts
    from rig.postgres import Postgres
    if parts.postgresql_folder() is None:
        print('PostgreSQL is not installed: left out')
        return
    postgres = Postgres()
    try:
        def host(name):
            return MailHost(folder / name, postgres.new_database())
        print('PostgreSQL: {} drainers killed: {} mails, each one row'.format(
            kills, kill_drain(host('pg-drainers'), kills, seed)))
        drain_together(host('pg-together'), 2000, 3)
        print('PostgreSQL: 3 drainers at once without a lock: each mail one row')
        print('PostgreSQL restarted {} times: {} mails, each one row'.format(
            kills // 10, restart_database(host('pg-restarts'), postgres, kills // 10, seed)))
    finally:
        postgres.remove()


if __name__ == '__main__':
    if sys.argv[1:2] == ['--drain-without-lock']:
        drain_without_lock(sys.argv[2])
    else:
        main(*map(int, sys.argv[1:]))
