"""What annotations need of typing, for programs that are over before typing would be loaded.

On Python 3.6 its import and a dozen of its NamedTuples take as long as a scan of a log.  Who checks types sees the
real ones; at run time an annotation is Whatever, and NamedTuple a smaller one that makes the same classes: fields
by annotation, defaults, methods, _fields, _replace().
"""
from operator import itemgetter

TYPE_CHECKING = False       # as type checkers know it without an import

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple
else:
    class Whatever:
        """Stands for each generic: Dict[str, Any] is what Dict is."""

        def __getitem__(self, _of):
            return self

    Any = Callable = Dict = Iterable = Iterator = List = Optional = Tuple = Whatever()

    class Fields(tuple):
        """What all tuples with names have."""

        __slots__ = ()
        _fields = ()

        def _replace(self, **changed):
            """The same tuple with other values in some fields."""
            made = type(self)(*map(changed.pop, self._fields, self))
            if changed:
                raise ValueError('no such fields: {}'.format(', '.join(changed)))
            return made

        def __repr__(self):
            return '{}({})'.format(type(self).__name__, ', '.join(map('{}={!r}'.format, self._fields, self)))

        def __getnewargs__(self):
            return tuple(self)

    class Making(type):
        """Makes a tuple of each class that says NamedTuple."""

        def __new__(mcs, name, bases, body):
            if not bases:
                return super().__new__(mcs, name, bases, body)
            fields = tuple(body['__annotations__'])
            # Compiled, for there may be one for each line of a log; the names are those of a class of ours.
            new = eval('lambda _class, {0}: _new(_class, ({0},))'.format(', '.join(fields)), {'_new': tuple.__new__})
            new.__defaults__ = tuple(body.pop(field) for field in fields if field in body)
            body.update({field: property(itemgetter(at)) for at, field in enumerate(fields)},
                        __slots__=(), __new__=new, _fields=fields)
            return type(name, (Fields,), body)

    class NamedTuple(metaclass=Making):
        """As of typing."""
