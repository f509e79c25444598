"""What tests share: the real parts as fixtures, and no skipped test unseen.

A test that lacks a part is skipped with the part's name; with CI=true in the environment
it fails, for there every part must be.  Only a skip whose reason begins with
`by design:` may stand there.
"""
import os
import pathlib
import signal
import tempfile

import pytest

from rig import parts
from rig import program as programs
from rig.postfix import Postfix
from rig.postgres import Postgres, where

BY_DESIGN = 'by design:'
LONG_NAME = 200

# A shell that runs the tests in the background has SIGINT ignored, and so would be all that they start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# nohup(1) likewise with SIGHUP; a handler is not inherited, and these tests go on.
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, 'wasxfail') and os.environ.get('CI') == 'true':
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason[len('Skipped: '):] if reason.startswith('Skipped: ') else reason
        if not reason.startswith(BY_DESIGN):
            report.outcome = 'failed'
            report.longrepr = 'skipped, but in CI no part may be missing: {}'.format(reason)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One more than there are cores: a third of the time of a test is spent waiting for a process or a time limit."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_make_parametrize_id(val):
    """A short name for a long value: pytest keeps the names of all tests, several times over."""
    if isinstance(val, (str, bytes)) and len(val) > LONG_NAME:
        return '{}... ({})'.format(ascii(val[:LONG_NAME // 2]), len(val))
    return None


@pytest.fixture(scope='session')
def samples():
    """The folder of sample bounces, NAME.eml beside NAME.json."""
    return pathlib.Path(__file__).parent / 'bouncedmail' / 'samples'


@pytest.fixture
def shared_folder():
    """A folder that every user can reach, unlike tmp_path; only root can give files away in it."""
    if os.getuid() != 0:
        pytest.skip('giving files to another user needs root')
    with tempfile.TemporaryDirectory(prefix='mt-') as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def quick_folder():
    """A folder in memory where there is room, for hundreds of transactions that would wait for the disk.

    What is killed loses nothing that it wrote to either.
    """
    with tempfile.TemporaryDirectory(prefix='mt-', dir=where()) as folder:
        yield pathlib.Path(folder)


@pytest.fixture(scope='session')
def run_program():
    """rig.program.run: one of our programs as a process under `env -i`."""
    return programs.run


@pytest.fixture(scope='session')
def postgres_server():
    """One PostgreSQL for all tests."""
    if parts.postgresql_folder() is None:
        pytest.skip('PostgreSQL (initdb) is not installed')
    pytest.importorskip('psycopg2')
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def postgres(postgres_server):
    """A PostgreSQL that runs, whatever an earlier test did to it."""
    postgres_server.start()
    return postgres_server


@pytest.fixture(scope='session')
def postfix():
    """One Postfix for all tests, whose alias `bounces` runs our pipe."""
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    for program in ('postfix', 'runuser', 'useradd'):
        if parts.find(program) is None:
            pytest.skip('{} is not installed'.format(program))
    server = Postfix()
    yield server
    server.remove()
