"""base/typed.py makes what typing makes, and is it for who checks types."""
import typing

import pytest

from mailtools.base import typed


def made(base):
    """The same class of either."""
    class Span(base):
        """A docstring."""

        begin: int
        end: float
        names: tuple = ()
        why: dict = None

        @property
        def length(self):
            return self.end - self.begin
    return Span


def test_a_tuple_with_names_is_as_that_of_typing():
    for given in ((1, 2), (1, 2, ('a',)), (1, 2, (), {'b': 3})):
        ours, theirs = made(typed.NamedTuple)(*given), made(typing.NamedTuple)(*given)
        assert ours == theirs == tuple(theirs) and repr(ours) == repr(theirs) and hash(ours[:2]) == hash(theirs[:2])
        assert (ours.begin, ours.end, ours.names, ours.why, ours.length) == (
            theirs.begin, theirs.end, theirs.names, theirs.why, theirs.length)
        assert ours._fields == theirs._fields and ours._replace(end=9, why='x') == theirs._replace(end=9, why='x')
        assert type(ours._replace(end=9)) is type(ours) and ours.__doc__ == theirs.__doc__
        assert ours.__getnewargs__() == theirs.__getnewargs__()
    assert made(typed.NamedTuple)(end=5, begin=2) == (2, 5, (), None)


@pytest.mark.parametrize('given, named', [((1,), {}), ((), {}), ((1, 2, (), {}, 5), {}), ((1, 2), {'other': 3}),
                                          ((1, 2), {'begin': 1})])
def test_what_is_missing_or_too_much_is_refused(given, named):
    for base in typed.NamedTuple, typing.NamedTuple:
        with pytest.raises(TypeError):
            made(base)(*given, **named)


def test_no_field_can_be_changed_and_none_added():
    one = made(typed.NamedTuple)(1, 2)
    for name in 'begin', 'other':
        with pytest.raises(AttributeError):
            setattr(one, name, 3)
    with pytest.raises(ValueError, match='no such fields: other'):
        one._replace(other=3)


def test_every_generic_is_there_and_can_be_asked_for_anything():
    for name in 'Any', 'Callable', 'Dict', 'Iterable', 'Iterator', 'List', 'Optional', 'Tuple':
        assert hasattr(typing, name) and getattr(typed, name)[str, ...] is not None
