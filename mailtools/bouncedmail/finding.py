"""What a format reader finds out about one recipient, before anybody asks why.

Readers in formats/ return these; reader.py asks classify.py for the reason and
makes an Event of each.  Pure.
"""
import functools
import re
from typing import Iterator, Match, NamedTuple, Optional, Pattern, Tuple


class Finding(NamedTuple):
    """One recipient in the words of the mail."""

    recipient: Optional[str]
    original_recipient: Optional[str] = None
    kind: str = 'bounce'                # bounce, delay, complaint or other
    action: Optional[str] = None        # RFC 3464 2.3.3
    status: Optional[str] = None        # RFC 3464 2.3.4, as stated
    diagnostic: str = ''                # what the server said, or the words about this recipient
    own: str = ''                       # all the prose about this recipient, if the format's reader knows it
    around: str = ''                    # the prose around it, that may tell why if nothing else does
    diagnostic_type: str = ''           # RFC 3464 2.3.6: smtp, x-unix, x-postfix ...
    command: Optional[str] = None
    reporting_mta: Optional[str] = None
    remote_mta: Optional[str] = None
    date: Optional[str] = None          # as written
    feedback_type: Optional[str] = None
    source_ip: Optional[str] = None
    user_agent: Optional[str] = None


SEEN_CHARS = 4000           # of a text that are searched for codes

# RFC 3463: 5.1.1; not the middle of an IP address, a version or a longer number
DOTTED = re.compile(r'[245]\.\d')
STATUS = re.compile(r'(?<![\w.-])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)')
# ... behind a reply code: 550 5.1.1, 550-5.1.1, 550 (#5.1.1)
DIGITS = re.compile(r'[245]\d\d')
REPLY_STATUS = re.compile(
    r'(?<![\w.-])([245]\d\d)[ \t:,\'"(#-]{0,40}([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)')


def _at_each(where: Pattern[str], what: Pattern[str], text: str) -> Iterator[Match[str]]:
    """The matches of `what` at the places that `where` finds: where is quick, what looks behind itself."""
    for place in where.finditer(text):
        found = what.match(text, place.start())
        if found:
            yield found


@functools.lru_cache(maxsize=512)       # the words about a recipient are asked several times
def codes_in(text: str) -> Tuple[Optional[str], Optional[str]]:
    """(reply, status) of the refusal that a text reports, as reply_in() and status_in() tell."""
    text = text[:SEEN_CHARS]
    pairs = [found.groups() for found in _at_each(DIGITS, REPLY_STATUS, text)] if '.' in text else []
    reply = next((code for code, _ in pairs if code[0] != '2'), None) or _lone_reply(text)
    status = next((status for code, status in pairs if status[0] == code[0] != '2'), None)
    return reply, status or _lone_status(text)


def status_in(text: str) -> Optional[str]:
    """The enhanced status code that a text states; one right behind a reply code is preferred."""
    return codes_in(text)[1]


def reply_in(text: str) -> Optional[str]:
    """The SMTP reply code (RFC 5321 4.2) that a text reports, at a place where reply codes stand.

    A failure is preferred to a success, and a code before a status to one that
    stands alone.
    """
    return codes_in(text)[0]


def _lone_status(text: str) -> Optional[str]:
    for found in _at_each(DOTTED, STATUS, text):
        if int(found.group(2)) < 10 and found.group(1) != '2':      # subjects are 0 to 7, RFC 3463 3
            return found.group()
    return None


NUMBER = re.compile(r'[245][0-5]\d(?=[ \t:;,.\'")\]-]|$)(?![.:]\d)', re.M)
# What stands before a reply code, on its line
BEFORE_REPLY = re.compile(
    r'(?:^|[;>(\[\'"\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]|\][:,]|said:?'
    r'|returned|error:?|code[: ]?|<<<|<--'
    r'|(?:response|reason|was|with|failure|message|repl(?:y|ied)|answer|cause|detail|details|diagnostic|text'
    r'|grund|antwort|meldung|fehler|raison|r[ée]ponse|erreur|motivo|respuesta|resposta|risposta|errore):)'
    r'[ \t]*#?$', re.I)


def _lone_reply(text: str) -> Optional[str]:
    last = None
    for match in NUMBER.finditer(text):
        start = match.start()
        line = text[max(text.rfind('\n', 0, start) + 1, start - 16):start]
        if BEFORE_REPLY.search(line) and not (len(line) == 16 and line.isalnum()):
            if match.group()[0] != '2':
                return match.group()
            last = last or match.group()
    return last


REMOTE = re.compile(r'(?:host:?|talking to|connected to|connect to)[ \t]{1,4}<?'
                    r'([a-z0-9][a-z0-9.-]{1,200}\.[a-z]{2,24})\.?[ \t]{0,4}[\[(:>,]')


def remote_in(text: str) -> Optional[str]:
    """The host that refused, where prose names it: `host mx.example.org [192.0.2.1] said`."""
    found = REMOTE.search(text[:SEEN_CHARS].lower())
    return found.group(1) if found else None


# Words behind one of TRIGGERS -> the SMTP command that was refused (RFC 5321 4.1)
COMMANDS = (
    ('end of data', 'DATA'), ('end-of-data', 'DATA'), ('end of message', 'DATA'), ('sending end', 'DATA'),
    ('sending the message', 'DATA'), ('i sent the message', 'DATA'), ('message body', 'DATA'),
    ('data command', 'DATA'), ('data:', 'DATA'), ('data)', 'DATA'), ('data]', 'DATA'), ('data\n', 'DATA'),
    ('final data', 'DATA'), ('text command', 'DATA'), ('bdat', 'DATA'), ('rcpt', 'RCPT'), ('recipient.', 'RCPT'),
    ('mail from', 'MAIL'), ('mail_from', 'MAIL'), ('mail command', 'MAIL'), ('mail:', 'MAIL'), ('sender.', 'MAIL'),
    ('ehlo', 'EHLO'), ('helo', 'EHLO'), ('starttls', 'STARTTLS'), ('auth ', 'AUTH'),
    ('initial connection', 'CONN'), ('connect', 'CONN'), ('greeting', 'CONN'), ('banner', 'CONN'),
)
TRIGGERS = ('in reply to ', 'in response to ', 'after ', 'did not like our ', 'does not like ', 'while performing the ',
            'error following ', 'nach ', 'command: ', '>>> ', '--> ', 'for ', '[', 'smtp:')
# A command that stands before what came of it: `RCPT TO generated following response:` (IMail)
ANSWERED = re.compile(r'^[ \t>]{0,8}(helo|ehlo|mail from|rcpt to|data)(?: command)? '
                      r'(?:generated|returned|caused|got|failed|was)\b', re.M)
FILLER = re.compile(r'[ \t]{0,4}(?:the |our |a |pipelined |final |smtp ){0,3}')
NO_RECIPIENT = re.compile(r'<<< 503|need rcpt|no valid recipients|no recipients|valid rcpt command', re.I)
GMAIL_STATE = re.compile(r'\(state (\d\d)\)')
GMAIL_STATES = {'13': 'MAIL', '14': 'RCPT', '15': 'DATA', '17': 'DATA', '18': 'DATA'}


def command_in(text: str) -> Optional[str]:
    """The SMTP command that was refused, where the text names it: `(in reply to RCPT TO command)`."""
    low = text[:4000].lower() + '\n'
    last, place = None, -1
    for answered in ANSWERED.finditer(low):
        last, place = answered.group(1).partition(' ')[0].upper(), answered.start()
    for trigger in TRIGGERS:
        at = low.rfind(trigger)
        while at > place:
            word = FILLER.match(low, at + len(trigger)).end()       # type: ignore[union-attr]
            command = next((command for name, command in COMMANDS if low.startswith(name, word)), None)
            if command:
                last, place = command, at
                break
            at = low.rfind(trigger, 0, at)
    if last == 'DATA' and NO_RECIPIENT.search(low):
        return 'RCPT'           # Sendmail's transcript names the last of the commands it sent in one go
    state = GMAIL_STATE.search(low) if '(state ' in low else None
    return GMAIL_STATES.get(state.group(1), last) if state else last
