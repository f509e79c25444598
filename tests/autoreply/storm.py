"""Many deliveries at once, come again as Postfix's queue brings them, with processes killed at random.

A delivery that ends otherwise than with 0 comes again, until it ends with 0.
"""
import collections
import queue
import random
import signal
import subprocess
import threading
import time
from typing import Dict, List, NamedTuple

ROUNDS = 60             # times that one mail may come; so many in a row are not killed


class Storm(NamedTuple):
    """What happened."""

    killed: List[int]               # processes that were killed before they had ended
    statuses: Dict[int, int]        # how often which
    said: List[bytes]               # by those that ended otherwise than with 0
    unfinished: List[bytes]         # senders whose mail never got a 0


def run(host, steps, workers=8, kills=0.0, latest_s=0.08, seed=1):
    """Deliver all, and again until each has ended with 0.

    kills: the share of processes that SIGKILL hits, up to latest_s after their start.
    """
    waiting = queue.Queue()
    for number, step in enumerate(steps):
        waiting.put((step, random.Random(seed * 1000003 + number), 1))
    made = Storm([], collections.Counter(), [], [])
    lock = threading.Lock()

    def work():
        while True:
            try:
                step, rng, times = waiting.get_nowait()
            except queue.Empty:
                return
            status, pid, output = deliver(host, step, rng.random() < kills and times < ROUNDS // 2,
                                          rng.random() * latest_s)
            with lock:
                made.statuses[status] += 1
                if status == -signal.SIGKILL:
                    made.killed.append(pid)
                elif status:
                    made.said.append(output)
            if status and times < ROUNDS:
                waiting.put((step, rng, times + 1))
            elif status:
                made.unfinished.append(step.sender)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


def deliver(host, step, kill, after_s):
    """(status, process, output) of one delivery."""
    process = host.start(step.env)
    if not kill:
        output, _ = process.communicate(step.raw(), 120)
        return process.returncode, process.pid, output
    timer = threading.Timer(after_s, process.kill)
    timer.start()
    try:
        # The pipe's other end may live on in a child that outlives it: so no communicate().
        process.stdin.write(step.raw())
        process.stdin.close()
    except BrokenPipeError:
        pass
    try:
        process.wait(120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    timer.cancel()
    process.stdout.close()
    return process.returncode, process.pid, b''


def settled(host, limit_s=10):
    """What was sent, once no sendmail is at work any more."""
    end = time.monotonic() + limit_s
    while any(path.name.startswith('.') for path in host.outbox.iterdir()) and time.monotonic() < end:
        time.sleep(0.02)
    return host.sent()


def verdict(host, steps, made):
    """What is wrong: one answer to each sender, and one more only of a process that was killed after it had sent."""
    wrong = ['{!r} was never dealt with'.format(one) for one in made.unfinished]
    answers = collections.defaultdict(list)
    for sent in settled(host):
        answers[sent.recipients()[0]].append(sent)
    for sender in sorted({step.sender for step in steps}):
        given = answers.pop(sender, [])
        sound = [sent for sent in given if sent.asker not in made.killed and sent.asker != 1]
        if len(sound) > 1 or not given:
            wrong.append('{!r}: {} answers, {} of them by processes that were killed'.format(
                sender, len(given), len(given) - len(sound)))
    wrong += ['an answer to {!r}, who never wrote'.format(one) for one in answers]
    allowed = {0, 75, -signal.SIGKILL}
    wrong += ['status {}'.format(one) for one in made.statuses if one not in allowed]
    return wrong
