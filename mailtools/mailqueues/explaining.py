"""Why a host could not be asked: what its ssh said, how it ended, and when, in; one sentence out."""
import re

from mailtools.mailqueues.framing import clean

# What is looked for in all that ssh said, for it says the decisive thing somewhere within: readconf.c, sshconnect.c.
KNOWN = (
    (re.compile(rb'REMOTE HOST IDENTIFICATION HAS CHANGED'),
     'its host key has changed: see known_hosts; it was not logged in to'),
    (re.compile(rb'No \w+ host key is known for|Host key verification failed'),
     'its host key is not known: add it to known_hosts; it was not logged in to'),
    (re.compile(rb'sudo: (?:a password|a terminal) is required|sudo: sorry, you must have a tty|not allowed to execute'
                rb'|is not in the sudoers file'),
     'it has no right to read the queue: sudo wants a password; see the line for sudoers in the README'),
)
LETTERS = re.compile(rb'[A-Za-z]{2}')
NOISE = re.compile(rb'Warning: Permanently added|Could not chdir to home directory|\*\* (?:WARNING|This|The)'
                   rb'|setlocale|Pseudo-terminal')
STATUSES = {126: 'its sh cannot be started', 127: 'a command is not there'}


def why(asking, timeout_s):
    """The sentence, None when the counts are good.

    timeout_s: the limit of time when that was up, else None.
    """
    answer = asking.answer
    if asking.garbled:
        return asking.garbled
    if answer.error is None:
        return None
    known = of_table(asking.stderr + (answer.failed or '').encode('utf-8'))
    if known:
        return known
    if timeout_s is not None:
        return 'no answer within {:g} s{}'.format(
            timeout_s, ': it was logged in to, and hangs' if answer.greeted else '')
    said = first_line(asking.stderr)
    if answer.failed or not said:
        status = asking.process.returncode
        ending = STATUSES.get(status, 'ssh ended with status {}'.format(status) if not answer.greeted else '')
        return answer.error if answer.failed or not ending else '{} ({})'.format(answer.error, ending)
    return '{}: {}'.format(answer.error, said) if answer.greeted else said


def of_table(said):
    """The sentence of the first row of KNOWN that fits, or None."""
    return next((sentence for pattern, sentence in KNOWN if pattern.search(said)), None)


def first_line(stderr):
    """The first line of standard error that says something, fit to print; '' if none does."""
    for line in stderr.splitlines():
        if LETTERS.search(line) and not NOISE.search(line):
            return clean(line.decode('utf-8', 'replace'))
    return ''
