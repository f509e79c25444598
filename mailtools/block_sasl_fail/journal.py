"""What is new in the journal of systemd: each entry exactly once, by journalctl(1) and its cursor.

The place of this source is the cursor of the last entry, bytes as they stand in the entry.  Only what
smtpd itself wrote is asked for (_COMM is set by journald), so logger(1) can't forge it.
"""
import json
import os
import select
import subprocess
from typing import Any, List, NamedTuple, Optional

from mailtools.base.failure import EX_UNAVAILABLE, reason_of
from mailtools.block_sasl_fail.source import BLOCK, LONGEST, LogFailure

# --all: fields of more than 4096 bytes are shown as well.  Facility 2 is mail.
MATCHES = ('_COMM=smtpd', 'SYSLOG_FACILITY=2')
FIRST = '--since=-1d'       # where to begin without a place
NAME = 'journal'            # of this log in the state
LIMIT_S = 10


class JournalFailure(LogFailure):
    """journalctl can't be started, or refuses."""

    status = EX_UNAVAILABLE


class Entries(NamedTuple):
    """Some entries, as source.Chunk."""

    path: str
    offset: int
    data: bytes             # one JSON object a line
    place: bytes            # the cursor of the last one
    first: bool


class Journal:
    """The journal from a place on.

    program: the path of journalctl.  place: the cursor of the last entry that was read, None for the first run.
    first: the argument that says where to begin without a place.
    follow: don't end with the last entry: chunks() then ends when there is nothing more just now.
    """

    def __init__(self, program, place: Optional[bytes], follow=False, first=FIRST):
        self.place = place
        self.lost = False
        self.damaged: List[str] = []
        begin = first if place is None else '--after-cursor=' + place.decode('ascii', 'replace')
        args = [program, '--output=json', '--all', '--no-pager', '--quiet', begin]
        try:
            self._process = subprocess.Popen(
                args + (['--follow', '--no-tail'] if follow else []) + list(MATCHES),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        except OSError as error:
            raise JournalFailure('cannot start {}: {}'.format(program, reason_of(error)))
        self._out: Any = self._process.stdout
        self._errors: Any = self._process.stderr
        self._follow = follow
        self._rest = b''
        self._skipping = False

    def fileno(self):
        """For select(2): readable when there is something new, or the program has ended."""
        return self._out.fileno()

    def chunks(self):
        """Yield what is new; raises JournalFailure when journalctl ends otherwise than it should."""
        while not self._follow or select.select([self], [], [], 0)[0]:
            block = os.read(self.fileno(), BLOCK)
            if not block:
                self._ended()
                return
            data = self._whole_lines(block)
            if data:
                self.place = cursor_of(data) or self.place
                yield Entries(NAME, -1, data, self.place or b'', False)

    def _whole_lines(self, block):
        """The entries that this block brings to their end; what is too long is skipped."""
        lines, end, rest = (self._rest + block).rpartition(b'\n')
        self._rest = rest
        if self._skipping and end:
            _, _, lines = lines.partition(b'\n')
            self._skipping = False
        if len(rest) > LONGEST:
            self._rest, self._skipping = b'', True
        return lines + end if lines else b''

    def _ended(self):
        said = self._errors.read().decode('utf-8', 'replace').split('\n')[0]
        status = self._process.wait()
        if status or self._follow:
            raise JournalFailure('journalctl ended with status {}{}'.format(status, ': ' + said if said else ''))

    def close(self):
        """End journalctl; the place stays."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._out.close()
        self._errors.close()


def cursor_of(lines):
    """The cursor of the last entry, None when it isn't readable."""
    for line in reversed(lines.splitlines()):
        try:
            return json.loads(line.decode('utf-8', 'replace'))['__CURSOR'].encode('ascii')
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return None
