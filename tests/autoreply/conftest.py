"""What tests of the responder share."""
import pytest

from rig.responder import Responder


@pytest.fixture
def host(tmp_path):
    """A responder that works."""
    return Responder(tmp_path, sendmail_time='2s')
