"""One run of `export`: ask, write the files, keep the history.  A shell.

Each file is replaced whole.  What cannot be written is a sentence, and does not keep the others from being written;
the old file stays.
"""
import contextlib
import os
import threading
import time

from mailtools.base import disk
from mailtools.base.failure import EX_CANTCREAT, Failure, reason_of
from mailtools.mailqueues import snapshot
from mailtools.mailqueues.collecting import collect
from mailtools.mailqueues.current import STATUS, last_snapshot
from mailtools.mailqueues.history import History
from mailtools.mailqueues.past import NOTHING, past_of, with_run
from mailtools.mailqueues.settings import hosts_of

INDEX, METRICS, DASHBOARD = 'index.html', 'metrics.prom', 'dashboard.html'
MODE = 0o644            # the web server reads them


class Reading(threading.Thread):
    """Reads the past while the hosts are asked: with many of them it takes seconds."""

    def __init__(self, history, now):
        super().__init__(daemon=True)           # a signal ends the program without waiting for it
        self.history, self.now = history, now
        self.past = NOTHING
        self.start()

    def run(self):
        self.past = past_of(self.history, self.now)

    def with_run(self, made):
        """The Past, with the figures of this run; waits for it."""
        self.join()
        return with_run(self.past, self.now, made)


class Export:
    """One run.

    log: an EventLog.  troubles: the sentences of what did not work, after run().
    """

    def __init__(self, settings, log):
        self.settings = settings
        self.log = log
        self.troubles = []
        self.history = History(settings.history, self.trouble)

    def run(self):
        """Ask all hosts and write all files; the Snapshot.  Raises Failure where nothing can be done."""
        hosts = hosts_of(self.settings)
        if not os.path.isdir(self.settings.output):
            raise Failure('there is no directory {} to write to; see output'.format(self.settings.output),
                          EX_CANTCREAT)
        previous = self.previous()
        known = {host.name: host for host in previous.hosts} if previous else {}
        now = time.time()
        due = {host.name for host in hosts
               if snapshot.wants_detail(known.get(host.name), now, self.settings.detail_interval)}
        reading = Reading(self.history, now)
        answers = collect(hosts, self.settings, due)
        made = snapshot.after(previous, answers, [host.name for host in hosts], time.time())
        self.tell(known, made)
        self.write(made, reading)
        return made

    def previous(self):
        """The Snapshot of the last run, None when there is none that can be read."""
        path = self.path(STATUS)
        try:
            return last_snapshot(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.trouble('cannot read {}: {}; it is written anew{}'.format(path, reason_of(error), kept_aside(path)))
            return None

    def tell(self, known, made):
        """Log the hosts whose state has changed."""
        for host in made.hosts:
            before = known.get(host.name)
            was = before.error if before else None
            if host.error and not was:
                self.log.warning('host-failed', host=host.name, why=host.error)
            elif was and not host.error:
                self.log.info('host-answers', host=host.name, after_s=int(made.generated_at - (before.since or 0)))

    def write(self, made, reading):
        """All files, the one that others wait for first."""
        self.replace(self.path(INDEX), lambda: snapshot.index(made))
        self.replace(self.path(STATUS), lambda: snapshot.status(made))
        past = reading.with_run(made)
        self.keep(made)
        self.replace(self.settings.metrics or self.path(METRICS), lambda: self.metrics(made, past))
        self.replace(self.path(DASHBOARD), lambda: self.dashboard(made, past))

    def keep(self, made):
        """A row a host into the history."""
        try:
            self.history.add(made)
        except Failure as failure:
            self.trouble(str(failure))

    def metrics(self, made, past):
        """The text of metrics.prom."""
        from mailtools.mailqueues import metrics
        return metrics.render(made, past, self.settings)

    def dashboard(self, made, past):
        """The text of dashboard.html."""
        from mailtools.mailqueues import dashboard
        return dashboard.render(made, past, self.settings)

    def path(self, name):
        """The path of one file of the output."""
        return os.path.join(self.settings.output, name)

    def replace(self, path, render):
        """Put a file in place; what does not work is a trouble."""
        try:
            disk.replace(path, render().encode('utf-8'), MODE)
        except OSError as error:
            self.trouble('cannot write {}: {}'.format(path, reason_of(error)))
        except Failure as failure:
            self.trouble('cannot make {}: {}'.format(path, failure))

    def trouble(self, sentence):
        """Take note of what did not work."""
        self.troubles.append(sentence)
        self.log.error('trouble', what=sentence)


def kept_aside(path):
    """Keep a file that will be replaced under another name, one such at most; where that is, for a sentence."""
    aside = path + '.damaged'
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        os.link(path, aside)
    except OSError:
        return ''
    return ', and the old one kept as {}'.format(aside)
