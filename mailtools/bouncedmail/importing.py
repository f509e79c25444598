"""Old mail into the database: from files, mboxes and Maildirs that stay as they are.

Each batch is one transaction, and a mail that is known adds nothing; so this
may be interrupted anywhere, and done again.
"""
import os
from typing import Dict, Tuple

from mailtools.bouncedmail.drain import mail_of, save
from mailtools.bouncedmail.report import Mail
from mailtools.bouncedmail.sources import STDIN, files, mails


class Done:
    """How far an import is."""

    def __init__(self):
        self.new = self.repeated = self.refused = 0

    @property
    def all(self):
        """How many mails were read."""
        return self.new + self.repeated + self.refused

    def add(self, saved):
        """Count one batch."""
        self.new += saved.new
        self.repeated += saved.repeated
        self.refused += len(saved.refused)


def size_of(paths):
    """Bytes of all files, for a progress bar; 0 when that cannot be known."""
    total = 0
    for path in paths:
        for file in files(path, lambda *_: None):
            if file == STDIN:
                return 0
            try:
                total += os.stat(file).st_size
            except OSError:
                pass                    # said when it is read
    return total


def batches(found, limits):
    """Lists of Found, each full at limits.mails mails or limits.size bytes."""
    batch, size = [], 0
    for mail in found:
        batch.append(mail)
        size += len(mail.raw)
        if len(batch) >= limits.mails or size >= limits.size:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def store_all(paths, store, read, host, limits, done, progress, trouble):
    """Store the mails of `paths`, counting in `done`.

    progress: called with the bytes of each batch.  trouble: called with what
    could not be read, and why, or with what was refused, why, and `store`.
    """
    for batch in batches(mails(paths, trouble), limits):
        sources: Dict[str, Tuple[str, Mail]] = {}
        for found in batch:
            mail = mail_of(found.raw, found.received, host, read)
            sources.setdefault(mail.id, (found.source, mail))
        saved = save(store, [mail for _, mail in sources.values()])
        done.add(saved)
        done.repeated += len(batch) - len(sources)
        for mail, why in saved.refused:
            trouble(sources[mail.id][0], why, 'store')
        progress(sum(len(found.raw) for found in batch))
