"""Hosts -> what they answered: asking.py and framing.py brought together, a value for each host."""
import signal
import sys
import time

from mailtools.mailqueues.asking import SCRIPT, ask_all, command_of
from mailtools.mailqueues.detail import Gathering
from mailtools.mailqueues.values import Asked, total

SIGNALLED = 128             # as a shell tells a death by a signal


class Signals:
    """SIGTERM, SIGHUP and SIGINT, kept until they can end the program with nothing left behind.

    A handler that raised could do so between the start of a process and our knowing it.
    """

    def __init__(self):
        self.got = 0
        for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT:
            signal.signal(number, self._keep)

    def _keep(self, number, _frame):
        self.got = number

    def go_on(self):
        """Raise SystemExit when one came."""
        if self.got:
            sys.exit(SIGNALLED + self.got)


def collect(hosts, settings, asked_for_detail=frozenset()):
    """{name: Asked} of all hosts.

    asked_for_detail: the names of those to ask for more than numbers.
    """
    with open(SCRIPT, encoding='utf-8') as file:
        script = file.read()
    questions = []
    for host in hosts:
        wants = host.name in asked_for_detail and host.detail != 'none'
        questions.append((host, command_of(host, wants, settings.detail_time, settings.detail_size, script),
                          Gathering() if wants else None))
    return {host.name: asked_of(host, asking, error, took_s, settings.top)
            for host, asking, error, took_s in ask_all(
                questions, settings.timeout, settings.max_logins, Signals().go_on)}


def asked_of(host, asking, error, took_s, top):
    """The Asked of one host, as ask_all() gives it."""
    if error is not None:
        return Asked(host.name, time.time(), took_s, error=error)
    answer, at = asking.answer, asking.answered_at
    skew_s = answer.now - int(at)       # date(1) knows no parts of a second
    detail, detail_error = None, None
    if answer.listing is not None:
        detail_error = answer.listing_error
        if detail_error is None:
            answer.listing.finish(answer.is_whole)
            detail = answer.listing.detail(at, skew_s, total(answer.counts), answer.is_whole, top)
    return Asked(host.name, at, took_s, answer.counts, detail, None, detail_error, skew_s, answer.mail_is_down)
