"""The values that the parts hand to each other.

Plain classes: NamedTuple and namedtuple load modules that cost as much as the
interpreter, and local(8) starts one for every mail.
"""


class Value:
    """Named fields, given by position or by name; equal when all are."""

    __slots__: tuple = ()

    def __init__(self, *values, **named):
        for name, value in zip(self.__slots__, values):
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)
        for name in self.__slots__:
            getattr(self, name)         # AttributeError: one was forgotten

    def __eq__(self, other):
        return type(self) is type(other) and self.fields() == other.fields()

    __hash__ = None  # type: ignore     # they are not keys

    def __repr__(self):
        return '{}{!r}'.format(type(self).__name__, self.fields())

    def fields(self):
        """The values in order."""
        return tuple(getattr(self, name) for name in self.__slots__)


class Head(Value):
    """The header fields of a mail that any rule asks for.

    fields_of: {name in lower case: [value, ...]} bytes by bytes, unfolded, in the order of the
        mail; names that nobody asks for are not kept.
    truncated: True when there was more header than we read.
    """

    __slots__ = ('fields_of', 'truncated')
    fields_of: dict
    truncated: bool

    def all(self, name):
        """The values of one field, the topmost first."""
        return self.fields_of.get(name, ())

    def first(self, name):
        """The topmost value of one field, None if there is none."""
        return self.fields_of[name][0] if name in self.fields_of else None


class Address(Value):
    """An address of the envelope, taken apart.

    local: str, without quotes.  domain: str, lower case.
    """

    __slots__ = ('local', 'domain')
    local: str
    domain: str


class Mail(Value):
    """All that the rules look at.

    sender: Address, or None when there is none that can be answered;
    why_none: (rule, detail) in that case, else None.
    recipient: str, the address that the person wrote to, '' when not known.
    own: frozenset of str, our addresses in lower case.
    addressed: frozenset of str, those of them one of which must be in To or Cc.
    settings: the settings in force.
    """

    __slots__ = ('head', 'sender', 'why_none', 'recipient', 'own', 'addressed', 'settings')


class Decision(Value):
    """Whether to answer, and which rule decided.

    answer: bool.  rule: its name.  source: where it comes from.  detail: what of the mail
    made it apply, '' for nothing to add.
    """

    __slots__ = ('answer', 'rule', 'source', 'detail')


class Template(Value):
    """The text of the answer; '' for what it does not set."""

    __slots__ = ('subject', 'sender', 'language', 'body')


class Trouble(Exception):
    """Why the mail must wait, as a sentence."""
