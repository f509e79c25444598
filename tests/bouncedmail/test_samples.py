"""Mails of many systems, each with its answer beside it: does the reader say the same?

samples/NAME.eml is a mail and samples/NAME.json its answer:

    {"kind": "bounce",
     "events": [{"recipient": "a@example.org", "kind": "bounce", "reason": "mailboxfull", ...}]}

`kind` is that of the mail as a whole, the first of KINDS that one of its
events has.  `events` are all the bounces, delays and complaints in it; only the
fields that an answer names are compared, and a list holds answers that are
equally right.  A new pair of files needs no change here.

The samples were written for this test, not collected: their people and domains
are invented, what the servers say is what such servers say.
"""
import json
import pathlib

import pytest

from mailtools.bouncedmail.reader import read_unguarded
from mailtools.bouncedmail.report import Wanted

SAMPLES = pathlib.Path(__file__).parent / 'samples'
KINDS = ('bounce', 'delay', 'complaint', 'autoreply', 'other')
REPORTED = ('bounce', 'delay', 'complaint')
OURS = Wanted(verp_domains=('news.example.com',))

FORMS = {
    'lf': lambda raw: raw,
    'crlf': lambda raw: raw.replace(b'\n', b'\r\n'),
    'cr': lambda raw: raw.replace(b'\n', b'\r'),        # as old Macs wrote files
    'mbox': lambda raw: b'From MAILER-DAEMON  Mon Mar  2 08:15:00 2020\n' + raw,
}


def names():
    return sorted(path.stem for path in SAMPLES.glob('*.eml'))


def fits(want, got):
    """Whether a value is the answer, or one of the answers."""
    return got in want if isinstance(want, list) else got == want


def mail_kind(events):
    kinds = {event.kind for event in events}
    return next(kind for kind in KINDS if kind in kinds)


def take(events, wanted):
    """Remove from `events` the one that an answer is about; None when it is not there."""
    for event in events:
        if fits(wanted.get('recipient', event.recipient), event.recipient):
            events.remove(event)
            return event
    return None


def differences(answer, events):
    """What the events of a mail have otherwise than its answer, a sentence each."""
    found = []
    if not fits(answer['kind'], mail_kind(events)):
        found.append('kind is {}, not {}'.format(mail_kind(events), answer['kind']))
    rest = [event for event in events if event.kind in REPORTED]
    for wanted in answer['events']:
        event = take(rest, wanted)
        if event is None:
            found.append('nothing is said about {}'.format(wanted.get('recipient')))
            continue
        found += ['{}: {} is {!r}, not {!r}'.format(event.recipient, field, getattr(event, field), value)
                  for field, value in wanted.items() if not fits(value, getattr(event, field))]
    return found + ['{} is blamed'.format(event.recipient) for event in rest]


@pytest.mark.parametrize('name', names())
def test_a_sample_says_what_its_answer_says_in_every_form(name):
    raw = (SAMPLES / (name + '.eml')).read_bytes()
    answer = json.loads((SAMPLES / (name + '.json')).read_text(encoding='utf-8'))
    wrong = {form: differences(answer, read_unguarded(change(raw), OURS).events) for form, change in FORMS.items()}
    assert wrong == dict.fromkeys(FORMS, [])


def test_each_sample_has_an_answer_and_each_answer_a_sample():
    assert names() == sorted(path.stem for path in SAMPLES.glob('*.json'))
    assert names()
