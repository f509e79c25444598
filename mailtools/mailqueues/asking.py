"""Ask all hosts at once: one process each, one limit of time for all.

    ssh -> login -> remote.sh -> Answer

Each process is the leader of a group of its own, which is killed whole when its time is up or it has ended, so that
neither a proxy command nor a hung ssh is left behind.  Its standard input is /dev/null.  That a process
has ended is not learnt from its output alone: an ssh that keeps a connection for later (ControlPersist) hands
the pipe to a child that lives on.

Hosts that have not answered a first line yet are logging in, and there are at most max_logins of those at a
time: sshd turns away the eleventh by chance (MaxStartups).  Who takes several times as long as the others did is no
longer counted, for else a few dead hosts would keep us from asking the rest.  Who was turned away all the same,
for others log in too, is asked once more.
"""
import os
import re
import selectors
import shlex
import signal
import statistics
import subprocess
import time
from typing import List, Optional

from mailtools.base.failure import reason_of
from mailtools.mailqueues.explaining import why
from mailtools.mailqueues.framing import Answer, Garbled

TICK_S = 0.05           # how often it is looked whether a process has ended, beside what the pipes tell
LOGIN_S = 1.5           # a login that takes longer than this, and
LOGIN_TIMES = 4         # so many times as long as most, does not keep others waiting
FIRST_LOGIN_S = 4       # the same as long as nobody has logged in
BLOCK = 1 << 16
STDERR_MOST = 1 << 13
GRACE_S = 0.5           # for ssh to say goodbye, when all was said
TURNED_AWAY = re.compile(rb'(?:kex|ssh)_exchange_identification: ')      # sshconnect.c, kex.c
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'remote.sh')


class Asking:
    """One host while it is asked."""

    def __init__(self, host, command, listing, now):
        self.host = host
        self.command = command
        self.answer = Answer(listing)
        self.began = now
        self.answered_at: Optional[float] = None        # wall clock of its first line
        self.said_all_at: Optional[float] = None
        self.was_seen_ended = False
        self.stderr = b''
        self.garbled: Optional[str] = None
        self.error: Optional[str] = None
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, close_fds=True, cwd='/')
        self.pipes = [pipe for pipe in (self.process.stdout, self.process.stderr) if pipe]
        for pipe in self.pipes:
            os.set_blocking(pipe.fileno(), False)

    def was_turned_away(self):
        """True when sshd hung up before it said who it is."""
        return not self.answer.greeted and TURNED_AWAY.search(self.stderr) is not None

    def read(self, pipe):
        """Take what there is; False at its end."""
        try:
            data = os.read(pipe.fileno(), BLOCK)
        except BlockingIOError:
            return True
        except OSError:
            data = b''
        if pipe is self.process.stderr:
            self.stderr = (self.stderr + data)[:STDERR_MOST]
        elif not self.garbled:
            try:
                self.answer.feed(data)
            except Garbled as error:
                self.garbled = str(error)
            if self.answer.greeted and self.answered_at is None:
                self.answered_at = time.time()
        return bool(data)

    def has_ended(self):
        """True when the process itself has; it stays a zombie, whose number nobody else can get."""
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self):
        """Kill what is left of the group, and wait for the process."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()


class Round:
    """All hosts of one run.

    finish(asking, timed_out, took_s): called once for each host, as it ends; `asking` is None for one that could
        not be started.
    """

    def __init__(self, timeout_s, max_logins):
        self.selector = selectors.DefaultSelector()
        self.running: List[Asking] = []
        self.logins_s: List[float] = []     # how long those took that are done
        self.max_logins = max_logins
        self.deadline = time.monotonic() + timeout_s

    def start(self, host, command, listing):
        """Begin to ask a host; raises OSError."""
        asking = Asking(host, command, listing, time.monotonic())
        self.running.append(asking)
        for pipe in asking.pipes:
            self.selector.register(pipe, selectors.EVENT_READ, asking)

    def may_start(self):
        """True when one more may log in."""
        now, patience_s = time.monotonic(), float(FIRST_LOGIN_S)
        if self.logins_s:
            patience_s = max(LOGIN_S, LOGIN_TIMES * statistics.median(self.logins_s))
        return sum(not asking.answer.greeted and now - asking.began < patience_s
                   for asking in self.running) < self.max_logins

    @property
    def is_over(self):
        """True when the time of all is up."""
        return time.monotonic() >= self.deadline

    def step(self):
        """Read what there is to read, wait a little otherwise; the askings that have ended."""
        ready = set()
        wait_s = max(0, min(TICK_S, self.deadline - time.monotonic()))
        for key, _ in self.selector.select(wait_s):
            asking = key.data
            ready.add(id(asking))
            was_greeted = asking.answer.greeted
            if not asking.read(key.fileobj):
                self.forget(asking, key.fileobj)
            if asking.answer.greeted and not was_greeted:
                self.logins_s.append(time.monotonic() - asking.began)
        ended = [asking for asking in self.running if self.is_done(asking, id(asking) in ready)]
        for asking in ended:
            self.close(asking)
        return ended

    def is_done(self, asking, was_ready):
        """True when a host has said all, or its process has ended and nothing more comes."""
        if asking.garbled:
            return True
        if asking.answer.ended:
            asking.said_all_at = asking.said_all_at or time.monotonic()
            return time.monotonic() - asking.said_all_at > GRACE_S or asking.has_ended()
        if not was_ready and asking.was_seen_ended:     # and what it wrote before that was read since
            return True
        asking.was_seen_ended = asking.was_seen_ended or asking.has_ended()
        return False

    def forget(self, asking, pipe):
        """No longer wait for a pipe that has ended."""
        self.selector.unregister(pipe)
        asking.pipes.remove(pipe)

    def close(self, asking):
        """End one."""
        self.running.remove(asking)
        for pipe in list(asking.pipes):
            self.forget(asking, pipe)
        asking.end()

    def end(self):
        """End all that still run; they are given back."""
        left = list(self.running)
        for asking in left:
            self.close(asking)
        self.selector.close()
        return left


def ask_all(questions, timeout_s, max_logins, go_on=lambda: None):
    """Yield (host, Asking or None, error or None, seconds) of each question, as they end.

    questions: (Host, command, listing) each; see command_of().  go_on: called again and again; what it raises
    ends all, and nothing is left behind.
    """
    waiting, again = list(questions)[::-1], set()
    began = time.monotonic()
    asked = Round(timeout_s, max_logins)
    try:
        while (waiting or asked.running) and not asked.is_over:
            go_on()
            while waiting and asked.may_start():
                host, command, listing = waiting.pop()
                try:
                    asked.start(host, command, listing)
                except OSError as error:
                    said = os.strerror(error.errno) if error.errno else reason_of(error)       # 3.6 adds the path
                    yield host, None, 'cannot start {}: {}'.format(command[0], said), 0.0
            for asking in asked.step():
                if asking.was_turned_away() and asking.host.name not in again:
                    again.add(asking.host.name)
                    waiting.insert(0, (asking.host, asking.command, asking.answer.listing))
                    continue
                yield asking.host, asking, why(asking, None), time.monotonic() - asking.began
        for asking in asked.end():
            yield asking.host, asking, why(asking, timeout_s), time.monotonic() - asking.began
        for host, _, _ in reversed(waiting):
            yield host, None, 'there was no time left to ask it; see timeout and max_logins', time.monotonic() - began
    finally:
        asked.end()


def command_of(host, wants_detail, detail_time_s, detail_size, script):
    """The argument list that asks one host.  script: the text of remote.sh."""
    request = ' '.join(['mailqueues-request', host.queue_directory, host.detail if wants_detail else 'none',
                        str(int(detail_time_s)), str(detail_size), host.postfix_config or '-'])
    if host.local:
        return ['/bin/sh', SCRIPT] + request.split()
    return list(host.ssh) + ['exec /bin/sh -c {} mailqueues-remote {}'.format(shlex.quote(script), request)]
