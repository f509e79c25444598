"""Two programs that answer each other: it ends after one answer of ours, whatever is lost on the way."""
import re

import pytest

from rig.correspondents import HOPS, Letter, Ours, Sieve, Vacation, talk
from rig.full import in_full
from rig.postfix import user_mailtools

ONE, TWO = b'info@one.example', b'help@two.example'
MAIL = b'''From: Somebody <%s>
To: %s
Subject: A question
Message-ID: <first@x.example>
Date: Sun, 22 Nov 2026 21:19:30 +0000

Who reads this?
'''
MARKS = b'Auto-Submitted', b'X-Auto-Response-Suppress', b'Precedence', b'X-Loop'
THREAD = b'In-Reply-To', b'References', b'Message-ID', b'Date'


def first(sender=TWO, recipient=ONE):
    """What begins it: a mail to one of them that seems to come from the other."""
    return Letter(sender, recipient, MAIL % (sender, recipient))


def without(raw, names):
    """A mail without some fields of its header."""
    head, blank, body = raw.partition(b'\n\n')
    return b'\n'.join(one for one in re.split(rb'\n(?![ \t])', head)
                      if one.partition(b':')[0].lower() not in {name.lower() for name in names}) + blank + body


def author(raw):
    """The address in From."""
    return re.search(rb'(?mi)^From:.*?([^\s<>]+@[^\s<>]+)', raw).group(1)


def as_it_is(letter, number):
    return letter


def with_sender(letter, number):
    """A gateway without null senders."""
    return letter._replace(sender=letter.sender or author(letter.raw))


def without_marks(letter, number):
    return with_sender(letter, number)._replace(raw=without(letter.raw, MARKS))


def without_anything(letter, number):
    """All marks and the thread are gone, and the Subject is new."""
    raw = without(letter.raw, MARKS + THREAD + (b'Subject',))
    return with_sender(letter, number)._replace(raw=b'Subject: %d\nMessage-ID: <%d@gateway.example>\n' % (number,
                                                                                                          number) + raw)


def with_batv(letter, number):
    """Senders are signed anew each time."""
    plain = without_anything(letter, number)
    return plain._replace(sender=b'prvs=%010d=' % number + plain.sender)


def in_another_case(letter, number):
    plain = without_anything(letter, number)
    return plain._replace(sender=plain.sender.swapcase() if number % 2 else plain.sender)


def unsigned(way):
    """A way whose BATV tags are taken off again by the host that gave them."""
    def carry(letter, number):
        letter = letter._replace(recipient=re.sub(rb'(?i)\Aprvs=[^=]*=', b'', letter.recipient))
        return way(letter, number)
    return carry


WAYS = [as_it_is, with_sender, without_marks, without_anything, with_batv, in_another_case]


@pytest.mark.parametrize('way', WAYS, ids=lambda one: one.__name__)
def test_two_instances_end_after_one_answer_each(tmp_path, way):
    one, two = Ours(tmp_path / 'one', ONE), Ours(tmp_path / 'two', TWO)
    carried = talk((one, two), first(), unsigned(way))
    assert carried < HOPS
    assert one.answers == 1
    # With BATV the answer is to the signed address, which is not in To as ours.
    assert two.answers == (0 if way in (as_it_is, with_sender, with_batv) else 1)


def test_an_instance_that_is_forwarded_to_itself_is_silent(tmp_path):
    one = Ours(tmp_path / 'one', ONE)
    assert talk((one,), first(ONE, ONE), without_anything) == 1 and one.answers == 0


def test_two_aliases_of_one_instance_are_no_loop(tmp_path):
    one = Ours(tmp_path / 'one', ONE, addresses='info@one.example help@two.example')
    one_again = Ours(tmp_path / 'one', TWO, addresses='info@one.example help@two.example')
    assert talk((one, one_again), first(), without_anything) == 1
    assert one.answers == one_again.answers == 0


def test_three_in_a_ring_end(tmp_path):
    three = b'sales@three.example'
    parties = [Ours(tmp_path / 'one', ONE), Ours(tmp_path / 'two', TWO), Ours(tmp_path / 'three', three)]
    forward = {ONE: TWO, TWO: three, three: ONE}

    def way(letter, number):
        letter = without_anything(letter, number)
        return letter._replace(recipient=forward.get(letter.recipient, letter.recipient))
    assert talk(parties, first(b'ann@people.example'), way) < HOPS
    assert all(party.answers <= 3 for party in parties)


@pytest.mark.parametrize('way', WAYS, ids=lambda one: one.__name__)
@pytest.mark.parametrize('options', [['-j', '-r', '0']] + in_full(['-j'], ['-j', '-z', '-r', '0'], ['-a', 'help']),
                         ids=' '.join)
def test_the_vacation_program_is_answered_once(tmp_path, way, options):
    if Vacation.missing():
        pytest.skip(Vacation.missing())
    ours, theirs = Ours(tmp_path / 'one', ONE), Vacation(tmp_path / 'two', TWO, *options)
    carried = talk((ours, theirs), first(), unsigned(way))
    assert carried < HOPS and ours.answers == 1
    # It answers each letter, when our marks are gone and `-r 0` has it do so.
    assert theirs.answers <= (2 if '0' in options else 1)


@pytest.mark.slow
@pytest.mark.parametrize('way', WAYS[:4], ids=lambda one: one.__name__)
def test_the_vacation_program_begins_and_is_answered_once_at_most(tmp_path, way):
    if Vacation.missing():
        pytest.skip(Vacation.missing())
    ours, theirs = Ours(tmp_path / 'one', ONE), Vacation(tmp_path / 'two', TWO, '-j', '-r', '0')
    carried = talk((ours, theirs), first(ONE, TWO), way)
    assert theirs.answers >= 1, 'nothing was tried'
    assert carried < HOPS and ours.answers <= 1


@pytest.mark.slow
@pytest.mark.parametrize('way', WAYS[:4], ids=lambda one: one.__name__)
@pytest.mark.parametrize('begins', ['ours', 'theirs'])
def test_the_vacation_of_sieve_is_answered_once(shared_folder, way, begins):
    if Sieve.agent() is None:
        pytest.skip('dovecot-sieve is not installed')
    ours, theirs = Ours(shared_folder / 'one', ONE), Sieve(shared_folder / 'two', TWO, user_mailtools().pw_name)
    carried = talk((ours, theirs), first() if begins == 'ours' else first(ONE, TWO), way)
    assert carried < HOPS and ours.answers <= 1 and theirs.answers <= 1
    assert ours.answers + theirs.answers >= 1, 'nothing was tried'
