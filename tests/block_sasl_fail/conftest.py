"""What the tests of block-sasl-fail share."""
import os

import pytest

from rig import parts
from rig.saslhost import SaslHost


@pytest.fixture(scope='session')
def sasl_host():
    """One Postfix with Dovecot's passwords for all tests."""
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    for name in ('postfix', 'dovecot', 'ip'):
        if parts.find(name) is None:
            pytest.skip('{} is not installed'.format(name))
    host = SaslHost()
    yield host
    host.remove()
