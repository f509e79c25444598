"""The two pipes are started for every mail: what do they load beside the interpreter?

A module that comes in unseen, by way of one that is shared, makes each start half as slow again.
"""
import re
import subprocess
import sys

import pytest

from rig.program import BIN, CHECKOUT

HEAVY = {'os', 're', 'typing', 'collections', 'socket', 'subprocess', 'argparse', 'configparser', 'email', 'logging'}
MAIL = (b'From ann@example.org  Sun Nov 29 10:00:00 2026\nReturn-Path: <ann@example.org>\nPrecedence: bulk\n'
        b'To: donotreply@example.com\nSubject: x\n\nx\n')
IMPORTED = re.compile(r"^import '?([\w.]+)'? #", re.M)


def loaded(folder, name, *arguments):
    """The names of the modules that a program loads, installed as a package does it; it must end with 0."""
    program = folder / name
    program.write_text((BIN / name).read_text().replace("LIBRARY = ''", 'LIBRARY = {!r}'.format(str(CHECKOUT))))
    ran = subprocess.run([sys.executable, '-ISv', str(program)] + [str(one) for one in arguments],
                         input=MAIL, env={'PATH': '/usr/bin:/bin'}, timeout=30,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.returncode == 0, ran.stderr[-2000:]
    names = set(IMPORTED.findall(ran.stderr.decode('utf-8', 'replace')))
    assert any(name.startswith('mailtools.') for name in names)     # the pattern still fits what Python prints
    return names


def autoreply(folder):
    config = folder / 'autoreply.conf'
    config.write_text('[autoreply]\nsendmail = /bin/false\nstate = {}\n'.format(folder / 'state'))
    return ['autoreply', '--config', config, CHECKOUT / 'conf.d' / 'donotreply.txt']


def ingest(folder):
    return ['bouncedmail', 'ingest', '--spool', folder / 'spool']


@pytest.mark.parametrize('pipe', [autoreply, ingest], ids=lambda pipe: pipe.__name__)
def test_a_pipe_loads_no_large_module(pipe, tmp_path):
    for name in ('tmp', 'new', 'cur'):
        (tmp_path / 'spool' / name).mkdir(parents=True)
    (tmp_path / 'state').mkdir()
    assert not loaded(tmp_path, *pipe(tmp_path)) & HEAVY
