"""What tests of bouncedmail share."""
import pytest

from rig.mailhost import MailHost


@pytest.fixture
def host(tmp_path):
    """A mail server; what it started is ended."""
    made = MailHost(tmp_path / 'mx1')
    yield made
    made.end()
