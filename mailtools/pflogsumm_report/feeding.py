"""pflogsumm(1), fed with the lines of a day while they are counted: its report, whole.

No file is made, and neither waits for the other: what it prints is taken by threads.  It gets the lines of the day
less what cleanup says of Subjects, which it takes for reject warnings, and less lines that it does not look at.
"""
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import threading
from typing import Any, Dict, List, Optional

from mailtools.base.failure import one_line, reason_of
from mailtools.base.text import visible

PLACES = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin'
# The options of this program's predecessor; N: the setting pflogsumm_detail.
OPTIONS = ('--verbose_msg_detail', '--detail', 'N', '--bounce_detail', 'N', '--deferral_detail', 'N',
           '--reject_detail', 'N', '--smtpd_warning_detail', 'N', '--no_no_msg_size')
HYPHENS_SINCE = (1, 1, 5)       # before that, names of options have a _ only; later versions may end taking it
F_SETPIPE_SZ = 1031             # of fcntl.h; its module has it since Python 3.10
AT_ONCE = 1 << 20               # bytes that it may be behind
LIMIT_S = 600                   # that it has when it has got all
VERSION_LIMIT_S = 20
SAID = 4096                     # bytes of its standard error that are kept

SUBJECT = b': warning: header Subject:'
# The begin of a line that has SUBJECT next: a reply or an address that quotes such a text is in a line that stays.
CLEANUP = br'\S+ \S+/cleanup\[\d+\]: (?:\[ID \d+ [^\]]+\] )?\w+\Z'
IGNORED = (
    br'(?!postfix|\S*/)\S+: ',                                      # of another program
    br'\S*/smtpd\[\d+\]: (?:dis)?connect from ',
    br'\S*/cleanup\[\d+\]: \w+: message-id=',
    br'\S*/qmgr\[\d+\]: \w+: removed',
    br'\S*/smtpd?\[\d+\]: [A-Z]\w+ TLS connection established ',
)


class Pflogsumm:
    """One run of pflogsumm.

    program: its path.  detail: the most lines of each of its lists.
    After close(), `text` is its report (bytes) or None, and `trouble` a sentence in that case.
    """

    def __init__(self, program, detail):
        self.text: Optional[bytes] = None
        self.trouble: Optional[str] = None
        self._program = program
        self._process: Any = None
        self._out: List[bytes] = []
        self._said: List[bytes] = []
        self._threads: List[threading.Thread] = []
        self._patterns: Dict[int, tuple] = {}       # width of the stamps -> what patterns() makes of it
        try:
            self._process = subprocess.Popen(
                [program] + options(version_of(program), detail), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, bufsize=0, env=environment())
        except (OSError, subprocess.SubprocessError) as error:
            self.trouble = 'cannot start {}: {}'.format(program, reason_of(error))
            return
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._process.stdin.fileno(), F_SETPIPE_SZ, AT_ONCE)
        for stream, kept in ((self._process.stdout, self._out), (self._process.stderr, self._said)):
            thread = threading.Thread(target=drain, args=(stream, kept, stream is self._process.stderr), daemon=True)
            thread.start()
            self._threads.append(thread)

    def add(self, text, hour):
        """Lines of one stretch of the day, with a line end before the first one; hour: their Hour."""
        if self.trouble:
            return
        if hour.width not in self._patterns:
            self._patterns[hour.width] = patterns(hour.width)
        unseen, cleanup = self._patterns[hour.width]
        text = without_subjects(unseen.sub(b'', text), cleanup)[1:]
        if hour.colonless:
            text = re.sub(br'(?m)^(\S{19,26}[+-]\d\d)(\d\d )', br'\1:\2', text)
        try:
            while text:
                text = text[self._process.stdin.write(text):]
        except OSError as error:
            self.trouble = self._ended(reason_of(error))

    def close(self, date):
        """Wait for its report of this date."""
        if self._process is None:
            return
        if self.trouble is None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                status = self._process.wait(LIMIT_S)
                for thread in self._threads:
                    thread.join(LIMIT_S)
                if status:
                    self.trouble = self._ended('')
                else:
                    self.text = title(date) + b''.join(self._out)
            except subprocess.TimeoutExpired:
                self.trouble = '{} did not end within {} s'.format(self._program, LIMIT_S)
        self.stop()

    def stop(self):
        """End it, whatever it does."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in self._process.stdin, self._process.stdout, self._process.stderr:
            with contextlib.suppress(OSError):
                stream.close()
        self._process = None

    def _ended(self, why):
        """The sentence that says that it failed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(VERSION_LIMIT_S)
        for thread in self._threads:
            thread.join(VERSION_LIMIT_S)
        said = one_line(b''.join(self._said).decode('utf-8', 'replace')) if self._said else ''
        why = 'status {}'.format(self._process.returncode) if self._process.returncode else why
        return '{} failed: {}'.format(self._program, visible(said) or why)


def drain(stream, kept, little):
    """Read a stream to its end; `little` of it is kept."""
    with contextlib.suppress(OSError, ValueError):
        for block in iter(lambda: stream.read(1 << 16), b''):
            if not little or sum(map(len, kept)) < SAID:
                kept.append(block)


def find(path):
    """The path of pflogsumm; None when it is not installed."""
    if path:
        return path
    places = os.environ.get('PATH', '') + os.pathsep + PLACES
    return shutil.which('pflogsumm', path=places) or shutil.which('pflogsumm.pl', path=places)


def environment():
    """Its environment: of the seed of Perl's hashes depends the order of what it prints."""
    return dict(os.environ, PERL_HASH_SEED='0', PERL_PERTURB_KEYS='0')


def version_of(program):
    """(1, 1, 5); empty when it does not say.  Raises OSError."""
    try:
        said = subprocess.check_output([program, '--version'], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                       timeout=VERSION_LIMIT_S, env=environment())
    except subprocess.SubprocessError:
        return ()
    found = re.search(br'(\d+)\.(\d+)\.(\d+)', said)
    return tuple(map(int, found.groups())) if found else ()


def options(version, detail):
    """The options for a version."""
    hyphens = version >= HYPHENS_SINCE
    return [str(detail) if one == 'N' else one[:2] + one[2:].replace('_', '-') if hyphens else one for one in OPTIONS]


def patterns(width):
    """(whole lines that pflogsumm does nothing with, with the line end before them; the begin of a line of cleanup)."""
    return (re.compile(br'\n.{%d}\S+ (?:%s).*' % (width, b'|'.join(IGNORED))),
            re.compile(br'.{%d}' % width + CLEANUP))


def without_subjects(text, cleanup):
    """The text, which begins with a line end, without the lines of cleanup's header_checks on Subjects."""
    place = text.find(SUBJECT)
    if place < 0:
        return text
    kept, begin = [], 0
    while place >= 0:
        start = text.rfind(b'\n', 0, place) + 1
        end = text.find(b'\n', place)
        if cleanup.match(text, start, place):
            kept.append(text[begin:start])
            begin = end + 1
        place = text.find(SUBJECT, end)
    return b''.join(kept) + text[begin:]


def title(date):
    """The first line of its report when it is told the day."""
    month = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[date.month - 1]
    return 'Postfix log summaries for {} {:2d}\n'.format(month, date.day).encode()
