"""Parameters that are tried in a full run alone."""
import pytest


def in_full(*rows):
    """What parametrize() takes; a tuple is a row of several parameters.

    The fast part has others like them, so that all that differs is tried on every Python.
    """
    return [pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.slow) for row in rows]
