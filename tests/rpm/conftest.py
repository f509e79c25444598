"""The packages of every EL, built once for all tests, and machines that they are installed on."""
import fcntl
import os
import subprocess

import pytest

from rig import packages, parts
from rig.machine import Machine
from rig.program import CHECKOUT

NEWER = '1.0.1'
NEWER_SETTING = ('Mails that drain writes in one transaction.', 'Mails that drain writes in one transaction, at most.')


def once(tmp_path_factory, name, make):
    """make(folder) once for all workers; the folder."""
    base = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        base = base.parent
    folder = base / name
    with open(str(base / (name + '.lock')), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / 'made').exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            (folder / 'made').write_text('')
    return folder


def need_python(dist):
    """Skip the test that lacks the Python that the packages run on."""
    python = packages.find_python(dist.python)
    if python is None:
        pytest.skip('by design: Python {}, that of {}, is not on this machine'.format(dist.python, dist.name))
    return python


@pytest.fixture(scope='session')
def rpmbuild():
    """rpmbuild is here."""
    if parts.find('rpmbuild') is None:
        pytest.skip('rpmbuild is not installed')


@pytest.fixture(scope='session')
def built(rpmbuild, tmp_path_factory):
    """A function: Dist -> {name: path} of its packages, and `parts`, what stands in for the distribution."""
    def of(dist):
        def make(folder):
            packages.build(dist, folder)
            packages.stand_in('distribution', packages.provided_by(dist), folder)
        folder = once(tmp_path_factory, 'packages-' + dist.name, make)
        found = packages.packages_in(folder)
        return dict(found, parts=found.pop('distribution.rpm'))
    return of


@pytest.fixture(scope='session')
def newer(rpmbuild, tmp_path_factory):
    """A function: Dist -> {name: path} of the packages of the next version; its bouncedmail.conf says something new."""
    def of(dist):
        def make(folder):
            checkout = packages.modified_checkout(folder, NEWER, {
                name: (NEWER_SETTING,) for name in ('conf.d/bouncedmail.conf', 'mailtools/bouncedmail/settings.py')})
            packages.build(dist, folder, checkout)
        return packages.packages_in(once(tmp_path_factory, 'newer-' + dist.name, make))
    return of


@pytest.fixture(scope='session')
def driver(tmp_path_factory):
    """A function: Dist -> the wheel of its psycopg2."""
    def of(dist):
        folder = CHECKOUT / '.rpm' / 'drivers'
        folder.mkdir(parents=True, exist_ok=True)
        once(tmp_path_factory, 'driver-' + dist.name, lambda _: packages.driver_wheel(dist, folder))
        return packages.driver_wheel(dist, folder)
    return of


@pytest.fixture(scope='session')
def machines():
    """Machines of their own can be made here."""
    if os.getuid() != 0:
        pytest.skip('a machine of its own needs root')
    for program in ('rpm', 'unshare', 'nsenter', 'setpriv', 'ip', 'useradd', 'postfix'):
        if parts.find(program) is None:
            pytest.skip('{} is not installed'.format(program))
    tried = subprocess.run(['unshare', '--mount', '--net', '--pid', '--uts', '--fork', 'true'], stderr=subprocess.PIPE)
    if tried.returncode:
        pytest.skip('namespaces are not allowed here: {}'.format(tried.stderr.decode().strip()))


@pytest.fixture(scope='module')
def new_machine(machines, built, driver):
    """A function: Dist -> a machine with its Python, its driver, what stands in for its packages; nothing of ours."""
    made = []

    def of(dist):
        python = need_python(dist)
        machine = Machine()
        made.append(machine)
        wheel = driver(dist)
        machine.use_python(python, dist.interpreter, wheel)
        for command in ('userdel', 'groupdel'):     # the tests of others have made them
            machine.run(command, 'mailtools')
        machine.path('/usr/share/licenses').mkdir(exist_ok=True)    # of EL's package `filesystem`
        machine.install(built(dist)['parts'])
        return machine
    yield of
    for machine in made:
        machine.remove()


@pytest.fixture(params=sorted(packages.DISTS, key=lambda name: packages.DISTS[name].rhel), scope='module')
def dist(request):
    """Each distribution."""
    return packages.DISTS[request.param]
