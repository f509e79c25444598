"""Damaged mails: no exception, no hang, nobody invented.  tests/soak/mutation.py does a hundred thousand."""
import time

import mutation
import pytest
import soundness
import spelling

from mailtools.bouncedmail import reader
from mailtools.bouncedmail.report import Event, Report, Wanted

SEEDS, PORTIONS = 3000, 10
# What codecs like unicode_escape say of the nonsense they are given.
pytestmark = pytest.mark.filterwarnings('ignore:invalid escape:DeprecationWarning')
WANTED = Wanted(headers=('X-Campaign-Id', 'Received'), verp_domains=('mail1.example.com', 'example.jp'))


@pytest.fixture(scope='module')
def mails():
    """(name, raw) of the mails that are damaged."""
    return mutation.sources()


@pytest.mark.slow
@pytest.mark.parametrize('portion', range(PORTIONS))
def test_no_damage_breaks_the_reader(mails, portion):
    wrong = []
    for seed in range(portion, SEEDS, PORTIONS):
        name, raw = mutation.mutant(mails, seed)
        started = time.process_time()
        report = reader.read(raw, WANTED)
        took = time.process_time() - started
        wrong += ['{} of {}: {}'.format(seed, name, fault) for fault in soundness.faults(raw, report, took)]
    assert not wrong, '\n'.join(wrong[:20])


def test_what_holds_for_damaged_mails_holds_for_whole_ones(mails):
    wrong = ['{}: {}'.format(name, fault) for name, raw in mails
             for fault in soundness.faults(raw, reader.read(raw, WANTED), 0)]
    assert not wrong, '\n'.join(wrong[:20])
    assert len(mails) > 900


@pytest.mark.slow
@pytest.mark.parametrize('new', (b'\r\n', b'\r'), ids=('CRLF', 'CR'))
def test_line_ends_change_nothing_in_damaged_mails(mails, new):
    different = []
    for seed in range(400):
        name, raw = mutation.mutant(mails, seed)
        if b'\r' not in raw and reader.read(raw).events != reader.read(raw.replace(b'\n', new)).events:
            different.append('{} of {}'.format(seed, name))
    assert not different


def test_a_mutant_can_be_made_again(mails):
    assert [mutation.mutant(mails, seed) for seed in range(50)] == [
        mutation.mutant(mails, seed) for seed in range(50)
    ]


@pytest.mark.parametrize(
    'event',
    (
        Event(kind='bounced'),
        Event(kind='bounce'),
        Event(severity='hard'),
        Event(status='5.1'),
        Event(status='5.1.1\n'),
        Event(smtp_reply='55O'),
        Event(reason='user-unknown'),
        Event(diagnostic='a\x1b[2J'),
        Event(recipient='x@y.example'),
        Event(recipient='nobody'),
        Event(original_subject='\udc80'),
        Event(headers={'X': 'a\0'}),
        Event(bounced_at='yesterday'),
    ),
    ids=repr,
)
def test_the_check_sees_a_wrong_event(event):
    assert soundness.event_faults(event, b'Subject: z@y.example\n\n')


def test_the_check_sees_a_wrong_report():
    good = Report((Event(),))
    assert soundness.faults(b'', good, 0.5) == []
    for bad, seconds in (
        (good, 2),
        (good._replace(events=()), 0),
        (good._replace(error='KeyError'), 0),
        (good._replace(text='a\0'), 0),
        (good._replace(subject='a\nb'), 0),
    ):
        assert soundness.faults(b'', bad, seconds)


@pytest.mark.parametrize(
    'raw',
    (
        b'to a.b@example.org now',
        b'\n\nYS5iQGV4YW1wbGUub3Jn\n',
        b'a.b@exam=\nple.org',
        b'a=2Eb=40example.org',
        b'bounces+a.b=example.org@mail1',
        b'utf-8; a\\x{2e}b\\x{40}example.org',
        b'a.b+40example.org',
        b'<b>a.b</b>@example.org',
        b'a.b&#64;example.org',
    ),
)
def test_an_address_is_found_however_it_is_spelled(raw):
    assert spelling.occurs('a.b@example.org', raw)
    assert not spelling.occurs('a.c@example.org', raw)
