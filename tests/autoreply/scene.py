"""A case: mails that reach a role address one after another, and what each shall lead to.

The mail is what local(8) pipes: its own lines first, then the mail as it came.  Text is UTF-8;
bytes stand as they are.  The tables are in cases_*.py, one function call a case.
"""
import re
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

from rig.responder import TEMPLATE, environment

ROLE = 'info@example.org'               # what people write to; no name of a system sender
BEHIND = 'info@mx1.internal.example'    # what the virtual alias makes of it
ALICE = 'alice@sender.example'
MESSAGE_ID = '<20261122.1@sender.example>'
BODY = 'I have a question, see below.\nSECRET-OF-THE-ORIGINAL-BODY\n'

ANSWER, SILENCE, DELAY = 'answer', 'silence', 'delay'
EITHER = 'either'                       # answered or not, but soundly: the specification leaves it open
NEVER_BOUNCED = 'never bounced'         # 0 or 75, and what is sent is sound


class Step(NamedTuple):
    """One delivery."""

    raw: Callable[[], bytes]            # made when it is due: some are large
    env: Dict[bytes, bytes]
    sender: Optional[bytes]             # the only address that an answer may go to; None: no answer at all
    original: bytes                     # the address written to: From of the answer
    expect: str
    wanted: Dict[str, Any]              # of the answer; see answers.faults()


class Case(NamedTuple):
    """Deliveries to one responder."""

    group: str
    name: str
    steps: Tuple[Step, ...]
    settings: Dict[str, str]
    template: Any


def octets(text):
    """Bytes of text."""
    return text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape')


def header(fields, original, subject, message_id):
    """The header of an ordinary mail, changed by fields.

    `Name: value` takes the place of the field of that name, `+Name: value` is one more,
    `-Name` removes.  A name that is not there is appended.
    """
    made = [b'Received: from mail.sender.example by mx1.internal.example (Postfix)\n\tid 4D0001; ' +
            b'Sun, 22 Nov 2026 21:19:37 +0000 (UTC)', b'From: Alice Example <alice@sender.example>',
            b'To: ' + original, b'Subject: ' + octets(subject), b'Message-ID: ' + octets(message_id),
            b'Date: Sun, 22 Nov 2026 21:19:30 +0000', b'MIME-Version: 1.0',
            b'Content-Type: text/plain; charset=utf-8']
    for field in fields:
        field = octets(field)
        if field[:1] == b'+':
            made.append(field[1:])
            continue
        name = re.match(rb'-?([^:\n]*)', field).group(1).lower()
        places = [at for at, one in enumerate(made) if one.partition(b':')[0].lower() == name]
        if field[:1] == b'-':
            made = [one for at, one in enumerate(made) if at not in places]
        elif not places:
            made.append(field)
        else:
            made[places[0]] = field
    return b'\n'.join(made) + b'\n'


def piped(sender, head, body, recipient, original, top=None):
    """The mail as local(8) pipes it; sender: as in MAIL FROM, quoted; None: no line tells it.

    top: instead of the lines that local(8) puts in front.
    """
    sender = octets(sender or '')
    if top is None:
        top = b''.join((b'From ', sender or b'MAILER-DAEMON', b'  Sun Nov 22 21:19:37 2026\n',
                        b'Return-Path: <', sender, b'>\n',
                        b'X-Original-To: ', original, b'\n' if original else b'',
                        b'Delivered-To: ', recipient, b'\n'))
    return octets(top) + head + b'\n' + octets(body)


def unquoted(address):
    """The address as Postfix holds it: "a b"@c -> a b@c."""
    local, at, domain = address.rpartition(b'@')
    if local[:1] == b'"' and local[-1:] == b'"':
        local = re.sub(rb'\\(.)', rb'\1', local[1:-1])
    return local + at + domain


def step(expect, *fields, sender=ALICE, to=ROLE, behind=BEHIND, subject='A question', message_id=MESSAGE_ID,
         body=BODY, env=(), top=None, raw=None, change=None, answers_to=None, **wanted):
    """One delivery; wanted: what the answer shall hold.

    body: text, or a function that makes it.  change: a function of the whole mail, bytes -> bytes.
    answers_to: when it is not the sender.
    """
    sender, original, recipient = octets(sender), octets(to), octets(behind)

    def made():
        mail = raw
        if mail is None:
            text = body() if callable(body) else body
            mail = piped(sender, header(fields, original, subject, message_id), text, recipient, original, top)
        return change(mail) if change else mail

    variables = environment(unquoted(sender), recipient, original, **dict(env))
    allowed = octets(answers_to) if answers_to is not None else sender
    return Step(made, variables, allowed or None, original, expect, wanted)


def case(group, name, *steps, template=TEMPLATE, **settings):
    """A case of several deliveries."""
    return Case(group, name, tuple(steps), settings, template)


def one(group, name, expect, *fields, settings=None, template=TEMPLATE, **kwargs):
    """A case of one delivery."""
    return Case(group, name, (step(expect, *fields, **kwargs),), settings or {}, template)
