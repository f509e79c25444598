"""The module of mailtools-selinux, in a real policy: Debian's, whose types for mail are those of EL's."""
import re

import pytest

from rig import packages, parts
from rig.machine import Machine

pytestmark = pytest.mark.slow

LABELS = {                                  # what each has with the module, and without it
    '/var/spool/mailtools': ('mail_spool_t', 'var_spool_t'),
    '/var/spool/mailtools/bounces/new/1.M2': ('mail_spool_t', 'var_spool_t'),
    '/var/spool/mailtools/autoreply/sent': ('mail_spool_t', 'var_spool_t'),
    '/etc/mailtools/aliases.d/bounces.db': ('etc_aliases_t', 'etc_t'),
    '/etc/mailtools/bouncedmail.conf': ('etc_t', 'etc_t'),
    '/var/lib/mailtools/bounces.db': ('var_lib_t', 'var_lib_t'),
    '/usr/bin/bouncedmail': ('bin_t', 'bin_t'),
    '/usr/lib/mailtools/mailtools/base/failure.py': ('lib_t', 'lib_t'),
}


@pytest.fixture
def policed(machines):
    """A machine with a policy, which is not in force: no kernel is asked."""
    for program in ('semodule', 'matchpathcon'):
        if parts.find(program) is None:
            pytest.skip('{} is not installed'.format(program))
    machine = Machine()
    yield machine
    machine.remove()


def labels(machine):
    """{path: type} that the policy of the machine gives."""
    said = machine.call('matchpathcon', *LABELS)
    return dict(re.findall(r'^(\S+)\tsystem_u:object_r:(\w+):s0$', said, re.M))


def test_the_package_labels_what_the_pipes_write_and_takes_the_labels_away_again(policed, built):
    if not list(policed.path('/etc/selinux').glob('*/contexts/files/file_contexts')):
        pytest.skip('selinux-policy-default is not installed')
    package = built(packages.DISTS['el9'])['mailtools-selinux']
    without = {path: types[1] for path, types in LABELS.items()}
    assert labels(policed) == without
    added = policed.rpm('-i', '--nodeps', package, timeout=120)
    assert added.status == 0 and 'scriptlet failed' not in added.err, added
    assert labels(policed) == {path: types[0] for path, types in LABELS.items()}
    assert policed.rpm('-V', '--nodeps', 'mailtools-selinux') == (0, '', '')
    gone = policed.rpm('-e', 'mailtools-selinux', timeout=120)
    assert gone.status == 0, gone
    assert labels(policed) == without
