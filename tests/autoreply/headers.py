"""Damaged headers: seeded mutations of the mails of cases_*.py, and the program's own functions on them.

`tried(seed)` gives the faults of one mutant.  What the program does in a process of its own is done
here by the same functions; only the state and sendmail are left out.
"""
import io
import random
import re
import time

import cases_answer
import cases_settings
import cases_silence
from answers import faults, same_address
from scene import ANSWER, BEHIND, ROLE, Step, octets, step

from mailtools.autoreply import settings as settings_module
from mailtools.autoreply.address import key_of, written
from mailtools.autoreply.envelope import mail_of
from mailtools.autoreply.head import read_head
from mailtools.autoreply.reply import answer_of
from mailtools.autoreply.rules import decide
from mailtools.autoreply.sending import arguments
from mailtools.autoreply.template import template_of
from rig.responder import TEMPLATE, Sent

SEED_LIMIT = 20000      # bytes of a mail that is mutated
LONGEST_S = 2
ENV = step(ANSWER).env
NASTY = (
    b'\x00', b'\xff\xfe', b'\xc3\x28', b'\xed\xa0\x80', b'\xe2\x80\xa8', b'\xc2\x85', b'\x1b$B', b'\r', b'\n', b'\r\n',
    b'\n\n',
    b'\n ', b'\n\t', b'\r\n ', b' \n', b'\x0b', b'\x0c', b'\x1c', b'=0A', b'=0D=0A',
    b'=?utf-8?q?=0ABcc:_victim@example.net?=',
    b'=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA0K?=', b'=?', b'?=', b'=?utf-8?b?', b'=?iso-2022-jp?B?GyRC?=',
    b'=?utf-7?q?+AAo-?=', b'=?utf-16?b?AAoADQ==?=', b'=?unicode_escape?q?=5Cn?=', b'=?x?y?z?=',
    b'\nBcc: victim@example.net\n',
    b'\rBcc: victim@example.net\r', b'\nTo: victim@example.net\n', b'\nReturn-Path: <victim@example.net>\n',
    b'victim@example.net',
    b', victim@example.net', b'"', b'\\', b'(', b')', b'<', b'>', b'<>', b'@', b'@@', b';', b':', b',', b'-', b'--',
    b'%0a', b'%s',
    b'{}', b'$(id)', b'`id`', b'../../', b'"x, victim@example.net"@example.org', b'prvs=', b'prvs=1234567890=',
    b'SRS0=', b'SRS1=a=b==',
    b'SRS0=a=b=c', b'no', b'All', b'Auto-Submitted: no\n', b'References: <a@b> <c@d>\n', b'Message-ID: <x@y.example>\n',
    b'In-Reply-To: <p@q>\n', b'Subject: =?utf-8?q?x?=\n', b'From \n', b'>From ', b'MAILER-DAEMON', b'\xc3\xbc',
    b'\xf0\x9f\x8e\x89')


def seeds():
    """The mails that are mutated: those that get an answer more often."""
    made = []
    for case in cases_silence.CASES + cases_answer.CASES + cases_settings.CASES:
        if 'MB' not in case.name and not case.settings:
            raw = case.steps[0].raw()[:SEED_LIMIT]
            made += [raw] * (3 if case.steps[0].expect == ANSWER else 1)
    return made


def cut(raw, rng):
    """Two places, seldom far apart, mostly in the header."""
    end = raw.find(b'\n\n') if rng.random() < 0.9 else len(raw)
    at = rng.randrange(max(1, end))
    return at, min(len(raw), at + rng.choice((1, 1, 1, 2, 3, 8, 40, 300)))


def inserted(raw, rng, others):
    at, _ = cut(raw, rng)
    return raw[:at] + rng.choice(NASTY) * rng.choice((1, 1, 1, 1, 2, 40)) + raw[at:]


def deleted(raw, rng, others):
    at, end = cut(raw, rng)
    return raw[:at] + raw[end:]


def repeated(raw, rng, others):
    at, end = cut(raw, rng)
    return raw[:end] + raw[at:end] * rng.choice((1, 1, 2, 30)) + raw[end:]


def flipped(raw, rng, others):
    damaged = bytearray(raw or b'\n')
    for _ in range(rng.choice((1, 1, 3, 20))):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def lines_moved(raw, rng, others):
    lines = raw.split(b'\n')
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines[at], lines[to] = lines[to], lines[at]
    elif what == 2:
        lines.insert(at, rng.choice(rng.choice(others).partition(b'\n\n')[0].split(b'\n')))
    else:
        lines[at] = lines[at].partition(b':')[0] + b':' + lines[to].partition(b':')[2]
    return b'\n'.join(lines)


def value_changed(raw, rng, others):
    """Something nasty as the value, or at its start or end."""
    lines = raw.split(b'\n')
    at = rng.randrange(min(len(lines), 14))
    name, colon, value = lines[at].partition(b':')
    nasty = rng.choice(NASTY)
    lines[at] = name + colon + rng.choice((b' ' + nasty, b' ' + nasty + value, value + nasty,
                                           value + b' ' + nasty + value))
    return b'\n'.join(lines)


def other_line_ends(raw, rng, others):
    new = rng.choice((b'\r\n', b'\r', b'\n\n', b'\n ', b'\r\r\n', b''))
    return raw.replace(b'\n', new, rng.choice((1, 2, 5, -1)))


def truncated(raw, rng, others):
    return raw[:rng.randrange(len(raw) + 1)]


def other_case(raw, rng, others):
    at, end = cut(raw, rng)
    return raw[:at] + raw[at:end].swapcase() + raw[end:]


MUTATIONS = (inserted, inserted, value_changed, value_changed, value_changed, deleted, repeated, flipped, lines_moved,
             lines_moved, other_case, other_line_ends, truncated)


def mutant(mails, seed):
    """One damaged mail."""
    rng = random.Random(seed)
    raw = rng.choice(mails)
    for _ in range(rng.choice((1, 1, 2, 3, 6, 15))):
        raw = rng.choice(MUTATIONS)(raw or b'\n', rng, mails)[:SEED_LIMIT * 3]
    return raw


def return_path(raw):
    """The first Return-Path as a plain reader finds it, without blanks outside; None if there is none."""
    for line in re.split(b'\r\n|\n|\r', re.sub(rb'(?:\r*\n|\r+)[ \t]+', b'', raw)):
        found = re.match(rb'return-path[ \t]*:(.*)', line, re.I | re.S)
        if found:
            return found.group(1).strip()
    return None


def settings(changed=()):
    """The defaults, but for what is changed; values as text, None for the default."""
    changed = dict(changed)
    return settings_module.Quick({name: read(default if changed.get(name) is None else changed[name])
                                  for name, read, default, _ in settings_module.ROWS})


SETTINGS, TEXT = settings(), template_of(TEMPLATE.encode())


def outcome(raw, env=ENV, in_force=SETTINGS, text=TEXT):
    """(Mail, Decision, answer as bytes) of a mail, as the program comes to it."""
    mail = mail_of(read_head(io.BytesIO(raw).read), env, in_force)
    decision = decide(mail)
    return mail, decision, answer_of(mail, text, time.time(), 'x.1.2') if decision.answer else b''


def sent_by_functions(step, case):
    """What sendmail would be given for the first mail of a case, None when that is not answered."""
    template = case.template if isinstance(case.template, bytes) else case.template.encode('utf-8')
    mail, _, answer = outcome(step.raw(), step.env, settings(case.settings), template_of(template))
    return sent_to(mail, answer) if answer else None


def sent_to(mail, answer):
    """Sendmail's part of it."""
    return Sent([octets(one) for one in arguments('sendmail', written(mail.sender))[1:]], answer)


def tried(mails, seed):
    """(whether it is answered, seconds, faults) of one mutant."""
    raw = mutant(mails, seed)
    began = time.process_time()
    try:
        mail, decision, answer = outcome(raw)
    except Exception as error:      # it would end with 75; but no mail may do that
        return False, 0, ['seed {}: {!r}'.format(seed, error)]
    took = time.process_time() - began
    wrong = ['{:.1f} s'.format(took)] if took > LONGEST_S else []
    if answer:
        key_of(mail.sender)
        sent = sent_to(mail, answer)
        path = return_path(raw) or b''
        # Local part and domain may stand there with comments, quotes and blanks; the judge compares the plain case.
        if mail.sender.domain not in path.decode('utf-8', 'replace').lower() or (
                plain_sender(path) and not same_address(plain_sender(path), octets(written(mail.sender)))):
            wrong.append('{!r} is made of {!r}'.format(written(mail.sender), path))
        wrong += faults(sent, Step(None, ENV, octets(written(mail.sender)), octets(mail.recipient), ANSWER, {}),
                        TEMPLATE)
        if mail.recipient.lower() not in (ROLE, BEHIND):
            wrong.append('From is {!r}'.format(mail.recipient))
    return bool(answer), took, ['seed {}: {}'.format(seed, one) for one in wrong]


def plain_sender(path):
    """The address where it is the usual <local@domain>, else None."""
    found = re.match(rb'<([A-Za-z0-9.=_+-]+@[a-z0-9.-]*[a-z0-9])\.?>\Z', path)
    return found.group(1) if found else None
