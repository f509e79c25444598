"""Packages for each EL, built by rpm/build.sh as `make rpm` does, and what rpm(8) says of them."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

from rig import parts
from rig.program import CHECKOUT


class Dist(NamedTuple):
    """One distribution: what its packages find there."""

    name: str
    rhel: int
    python: str         # the version of its own Python
    interpreter: str    # where that is
    driver: str         # its psycopg2

    @property
    def tag(self):
        """As in the names of byte code: cpython-36."""
        return 'cpython-' + self.python.replace('.', '')


DISTS = {dist.name: dist for dist in (
    Dist('el7', 7, '3.6', '/usr/bin/python3', '2.7.7'),
    Dist('el8', 8, '3.6', '/usr/libexec/platform-python', '2.7.5'),
    Dist('el9', 9, '3.9', '/usr/bin/python3', '2.8.6'),
    Dist('el10', 10, '3.12', '/usr/bin/python3', '2.9.9'),
)}

# Not ours, but asked for: a package of these names stands in for the distribution, so that rpm resolves ours for real.
PARTS_SPEC = '''\
Name: {name}
Version: 1
Release: 1
Summary: Stands in for packages of the distribution
License: MIT
BuildArch: noarch
{provides}
%description
Stands in for packages of the distribution.
%files
'''


def provided_by(dist):
    """What the distribution has that ours ask for."""
    return ['/bin/sh', dist.interpreter, 'python3', 'python(abi) = ' + dist.python, 'python3-psycopg2 = ' + dist.driver,
            'cronie', 'openssh-clients', 'policycoreutils', 'postfix', 'postfix-perl-scripts', 'python3-dns',
            'shadow-utils', 'systemd']


def find_python(version):
    """The path of a Python, None when there is none; as the Makefile finds it."""
    found = subprocess.check_output(['sh', str(CHECKOUT / 'tests' / 'find-python.sh'), version]).decode().strip()
    return found or None


def build(dist, folder, checkout=CHECKOUT):
    """Build all packages of one distribution into a folder; {name: path}, the source package as `src`."""
    ran = subprocess.run(['sh', str(checkout / 'rpm' / 'build.sh'), dist.name, sys.executable, str(folder)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    assert ran.returncode == 0, ran.stdout.decode('utf-8', 'replace')
    return packages_in(folder)


def packages_in(folder):
    """{name: path} of the packages that lie in a folder."""
    return {'src' if path.name.endswith('.src.rpm') else re.sub(r'-[0-9.]+-[0-9]+\.el.*', '', path.name): path
            for path in pathlib.Path(str(folder)).glob('*.rpm')}


def to_install(found):
    """The paths of all packages but the source, and the one for SELinux, whose scriptlets want a policy."""
    return [path for name, path in sorted(found.items())
            if name.startswith('mailtools') and name != 'mailtools-selinux']


def stand_in(name, provides, folder):
    """Build a package without files that provides these; its path."""
    spec = folder / (name + '.spec')
    spec.write_text(PARTS_SPEC.format(name=name, provides='\n'.join('Provides: ' + one for one in provides)))
    parts.call(['rpmbuild', '-bb', '--quiet', '--define', '_topdir {}'.format(folder / 'build'), '--define',
                '_rpmdir {}'.format(folder), '--define', '_rpmfilename {}.rpm'.format(name), spec])
    return folder / (name + '.rpm')


def asked(path, *options):
    """The lines that `rpm -qp` prints."""
    return parts.call(['rpm', '-qp'] + list(options) + [path]).splitlines()


class File(NamedTuple):
    """One file of a package."""

    path: str
    mode: int
    user: str
    group: str
    flags: str          # c config, n noreplace, d documentation, l licence, g ghost


def files_of(path):
    """The files of a package."""
    form = r'[%{FILENAMES}\t%{FILEMODES}\t%{FILEUSERNAME}\t%{FILEGROUPNAME}\t%{FILEFLAGS:fflags}\n]'
    rows = (line.split('\t') for line in asked(path, '--queryformat', form))
    return [File(name, int(mode) & 0xffff, user, group, flags) for name, mode, user, group, flags in rows]


def modified_checkout(folder, version, changes):
    """A copy of the checkout that is another version; changes: {file: ((old, new), ...)}; its path."""
    copy = folder / 'checkout'
    shutil.copytree(str(CHECKOUT), str(copy), ignore=shutil.ignore_patterns('.*', '__pycache__', 'dist', 'samples'))
    (copy / '.rpm').mkdir()
    for wheels in (CHECKOUT / '.rpm').glob('wheels-*'):
        shutil.copytree(str(wheels), str(copy / '.rpm' / wheels.name))
    edits = dict(changes)
    edits['mailtools/__init__.py'] = (("'1.0.0'", "'{}'".format(version)),)
    edits['rpm/mailtools.spec'] = (('Version:        1.0.0', 'Version:        ' + version),)
    for name, pairs in edits.items():
        text = (copy / name).read_text(encoding='utf-8')
        for old, new in pairs:
            assert old in text, (name, old)
            text = text.replace(old, new)
        (copy / name).write_text(text, encoding='utf-8')
    return copy


def driver_wheel(dist, folder):
    """The wheel of the distribution's psycopg2, for its Python, fetched into a folder."""
    name = 'psycopg2_binary-{}-cp{}-*.whl'.format(dist.driver, dist.python.replace('.', ''))
    found = sorted(folder.glob(name))
    if not found:
        parts.call([sys.executable, '-m', 'pip', '--disable-pip-version-check', '-q', 'download', '--no-deps',
                    '--only-binary', ':all:', '--implementation', 'cp', '--python-version', dist.python,
                    '--platform', 'manylinux1_{}'.format(os.uname().machine),
                    '--platform', 'manylinux_2_17_{}'.format(os.uname().machine),
                    '-d', folder, 'psycopg2-binary==' + dist.driver])
        found = sorted(folder.glob(name))
    return found[0]
