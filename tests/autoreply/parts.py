"""Mails, settings and verdicts for the tests of single modules."""
import io

from mailtools.autoreply import settings
from mailtools.autoreply.envelope import mail_of
from mailtools.autoreply.head import read_head
from mailtools.autoreply.rules import decide

NOW = 1800000000
LOCAL = {b'SENDER': b'ann@example.org', b'RECIPIENT': b'donotreply@mx1.example.com',
         b'ORIGINAL_RECIPIENT': b'donotreply@example.com', b'LOCAL': b'donotreply', b'USER': b'donotreply',
         b'DOMAIN': b'mx1.example.com'}
ABOVE = ('Return-Path: <{sender}>\nX-Original-To: donotreply@example.com\n'
         'Delivered-To: donotreply@mx1.example.com\nReceived: by mx1.example.com\n')
PERSON = 'From: Ann <ann@example.org>\nTo: {to}\nSubject: Hello\nMessage-ID: <1@example.org>\n'
BODY = '\nA question.\n'


def raw_mail(more='', sender='ann@example.org', to='donotreply@example.com'):
    """A person's mail as local(8) pipes it, with more header lines at its end; bytes."""
    return (ABOVE.format(sender=sender) + PERSON.format(to=to) + more + BODY).encode('utf-8', 'surrogateescape')


def head_of(raw):
    """The Head of a mail; raw: bytes."""
    return read_head(io.BytesIO(raw).read)


def settings_of(**changed):
    """The defaults, some changed; values as text."""
    return settings.Quick({name: read(changed.pop(name, default)) for name, read, default, _ in settings.ROWS})


def mail(more='', env=None, raw=None, sender='ann@example.org', to='donotreply@example.com', **changed):
    """The Mail that the rules see."""
    environ = dict(LOCAL)
    environ.update((name.encode(), value) for name, value in (env or {}).items())
    environ = {name: value for name, value in environ.items() if value is not None}
    return mail_of(head_of(raw or raw_mail(more, sender, to)), environ, settings_of(**changed))


def verdict(*args, **kwargs):
    """The rule that keeps the answer back, '' where there is none."""
    found = decide(mail(*args, **kwargs))
    return '' if found.answer else found.rule
