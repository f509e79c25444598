"""framing.py: what of an answer counts, however it is cut, repeated or mixed with noise."""
import random

import pytest

from mailtools.mailqueues.framing import LINE_MOST, Answer, Garbled

COUNTS = b'@@maildrop=1\n@@incoming=2\n@@active=34\n@@deferred=1548\n@@hold=0\n@@corrupt=3\n'
GOOD = b'\n@@mailqueues 1\n@@now=1700000000\n@@zone=+0100\n' + COUNTS + b'@@counted\n'
LISTED = b'@@listing=postqueue-j\n{"a": 1}\n{"b": 2}\n\n@@whole\n\n@@listed=0 \n@@end\n'
NUMBERS = {'maildrop': 1, 'incoming': 2, 'active': 34, 'deferred': 1548, 'hold': 0, 'corrupt': 3}


class Lines:
    """Keeps the lines of a listing."""

    def __init__(self):
        self.begun, self.lines = None, []

    def begin(self, *begun):
        self.begun = begun

    def line(self, line):
        self.lines.append(line)


def answer(data, listing=None, pieces=0):
    """The Answer of these bytes, fed in so many pieces cut at random."""
    found = Answer(listing)
    cuts = sorted(random.Random(pieces).randrange(len(data)) for _ in range(pieces)) if data else []
    for start, end in zip([0] + cuts, cuts + [len(data)]):
        found.feed(data[start:end])
    return found


@pytest.mark.parametrize('pieces', [0, 1, 7, 60, 400])
def test_an_answer_is_the_same_however_it_is_cut(pieces):
    lines = Lines()
    found = answer(b'Welcome\r\n' + GOOD + LISTED, lines, pieces)
    assert (found.error, found.counts, found.now) == (None, NUMBERS, 1700000000)
    assert (lines.begun, lines.lines) == (('postqueue-j', 1700000000, '+0100'), [b'{"a": 1}', b'{"b": 2}'])
    assert found.ended and found.is_whole and found.listing_error is None


@pytest.mark.parametrize('noise', [b'@@active=9\n', b'active=9\n@@ active=9\n', b'\x1b[2J\xff\xfe\n',
                                   b'@@mailqueues 2\n', b'@@mailqueues 1 \n@@deferred=0\n', b'@' * 100000 + b'\n'])
def test_what_comes_before_the_greeting_or_after_the_end_does_not_count(noise):
    found = answer(noise + GOOD + LISTED + noise)
    assert (found.error, found.counts) == (None, NUMBERS)


def test_what_a_program_in_the_background_prints_between_does_not_count():
    found = answer(GOOD.replace(b'@@active', b'mail for you\n@@active') + LISTED)
    assert (found.error, found.counts) == (None, NUMBERS)
    with pytest.raises(Garbled) as garbled:         # a line that is broken is missed
        answer(GOOD.replace(b'@@active', b'mail for you@@active'))
    assert str(garbled.value) == 'its answer lacks active'


def test_an_answer_that_is_cut_off_anywhere_is_an_error_and_never_a_smaller_number():
    for end in range(len(GOOD)):
        found = answer(GOOD[:end])
        assert found.error in ('the answer was cut off', 'it answered nothing'), end
    assert answer(GOOD).error is None


@pytest.mark.parametrize('line', [b'@@active=-1', b'@@active=', b'@@active=1e3', b'@@active=34', b'@@hold=1',
                                  b'@@now=soon', b'@@deferred=' + b'9' * 16])
def test_a_number_that_is_none_or_comes_twice_is_refused(line):
    with pytest.raises(Garbled):
        answer(GOOD.replace(b'@@counted', line + b'\n@@counted'))


def test_what_a_host_says_of_its_failure_cannot_move_a_cursor_or_fill_a_page():
    found = answer(b'@@mailqueues 1\n@@failed=find: \x1b[2J\xff' + b'x' * 5000 + b'\n@@end\n')
    assert found.error.startswith('find: \\x1b[2J') and found.error.isprintable() and len(found.error) <= 200


@pytest.mark.parametrize('listed, whole, error', [
    (b'0 ', True, None),
    (b'124 ', False, None),
    (b'141 ', False, None),
    (b'69 postqueue: fatal: Queue report unavailable - mail system is down', False, 'the mail system is down'),
    (b'0 postqueue: warning: Mail system is down -- accessing queue directly', True, 'the mail system is down'),
    (b'77 postqueue: fatal: User u(5) is not allowed to view the mail queue', False,
     'postqueue: fatal: User u(5) is not allowed to view the mail queue'),
    (b'9 ', False, 'postqueue-j ended with status 9'),
    (None, False, None),
])
def test_how_a_listing_ended_is_told(listed, whole, error):
    found = answer(GOOD + b'@@listing=postqueue-j\n{}\n\n@@whole\n\n'
                   + (b'' if listed is None else b'@@listed=' + listed + b'\n'), Lines())
    assert (found.error, found.is_whole, found.listing_error) == (None, whole, error)
    assert found.mail_is_down == (error == 'the mail system is down')


def test_a_listing_of_which_only_the_first_bytes_came_is_a_sample_whatever_its_status():
    found = answer(GOOD + b'@@listing=postqueue-j\n{}\n{"a\n@@listed=0 \n@@end\n', Lines())
    assert (found.is_whole, found.listing_error) == (False, None)


def test_a_line_of_a_listing_that_never_ends_takes_no_memory():
    lines = Lines()
    found = Answer(lines)
    found.feed(GOOD + b'@@listing=postqueue-j\n{"a": "')
    for _ in range(3 * LINE_MOST // 65536):
        found.feed(b'x' * 65536)
        assert len(found._rest) <= LINE_MOST + 65536
    found.feed(b'"}\n{"b": 2}\n\n@@listed=0 \n@@end\n')
    assert (lines.lines[-1], found.ended) == (b'{"b": 2}', True)


def test_random_bytes_never_make_a_number():
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(GOOD + LISTED)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            found = answer(bytes(data), Lines(), 3)
        except Garbled:
            continue
        assert found.error or set(found.counts) == set(NUMBERS)
