"""Logs with their truth, made by the generator that may lie beside the checkout."""
import json
import subprocess
import sys
import tempfile
from typing import NamedTuple

import pytest

from rig.program import CHECKOUT

GENERATOR = CHECKOUT.parent / 'shared' / 'tools' / 'genlog.py'


class Generated(NamedTuple):
    """A log and what is true of it; genlog.py --help says what the keys of `truth` are."""

    log: bytes
    truth: dict

    def attackers(self):
        """{address: failures} of those who neither mistyped nor met an outage."""
        others = set(self.truth['mistyped_then_ok']) | set(self.truth['outage_failures'])
        return {one: times for one, times in self.truth['failures'].items() if one not in others}


def generate(*args):
    """Run the generator with these arguments, or skip."""
    if not GENERATOR.exists():
        pytest.skip('by design: no ../shared/tools/genlog.py beside the checkout')
    with tempfile.NamedTemporaryFile(suffix='.json') as truth:
        log = subprocess.check_output(
            [sys.executable, str(GENERATOR), '--truth', truth.name] + [str(one) for one in args])
        return Generated(log, json.load(truth))
