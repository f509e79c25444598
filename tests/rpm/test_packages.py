"""What the packages of each EL are: names, files, modes, scriptlets, what they ask for and bundle."""
import re
import shutil
import struct
import subprocess
import sys

import pytest

from rig import packages, parts
from rig.program import BIN, CHECKOUT

pytestmark = pytest.mark.slow

PROGRAMS = sorted(path.name for path in BIN.iterdir())
SPEC = CHECKOUT / 'rpm' / 'mailtools.spec'
LIBRARY = '/usr/lib/mailtools'
UNITS = {name for name in PROGRAMS if (CHECKOUT / 'systemd' / 'mailtools-{}.service'.format(name)).exists()}
MAGIC = {'3.6': 3379, '3.9': 3425, '3.12': 3531}            # importlib/_bootstrap_external.py
# What each program's package asks for besides mailtools-common, its interpreter and scriptlets' shells.
ASKS = {
    'autoreply': {'postfix'},
    'block-sasl-fail': {'cronie', 'postfix', 'systemd'},
    'bouncedmail': {'cronie', 'python3-psycopg2 >= 2.7.5', 'systemd'},
    'mailqueues': {'cronie', 'openssh-clients', '/bin/sh'},
    'mailsystem': {'python3-dns'},
    'pflogsumm-report': {'cronie', 'postfix'},
}
RECOMMENDS = {'block-sasl-fail': ['python3-psycopg2 >= 2.7.5'], 'pflogsumm-report': ['postfix-perl-scripts']}
# Everything that is not root's, or not plainly 0644, 0755 or a folder of 0755.
GUARDED = {
    '/etc/mailtools/aliases.d': (0o40755, 'mailtools', 'mailtools'),
    '/etc/mailtools/aliases.d/bounces': (0o100644, 'mailtools', 'mailtools'),
    '/etc/mailtools/aliases.d/donotreply': (0o100644, 'mailtools', 'mailtools'),
    '/etc/mailtools/block-sasl-fail.conf': (0o100640, 'root', 'root'),
    '/etc/mailtools/bouncedmail.conf': (0o100640, 'root', 'mailtools'),
    '/var/lib/mailtools': (0o40711, 'mailtools', 'mailtools'),
    '/var/spool/mailtools/autoreply': (0o40700, 'mailtools', 'mailtools'),
    '/var/spool/mailtools/bounces': (0o40700, 'mailtools', 'mailtools'),
    '/var/spool/mailtools/bounces/cur': (0o40700, 'mailtools', 'mailtools'),
    '/var/spool/mailtools/bounces/new': (0o40700, 'mailtools', 'mailtools'),
    '/var/spool/mailtools/bounces/tmp': (0o40700, 'mailtools', 'mailtools'),
    '/var/www/html/mailqueues': (0o40755, 'mailtools', 'mailtools'),
}


def of_program(name):
    return 'mailtools-' + name


def binary(found):
    """{name: path} of the packages that are installed."""
    return {name: path for name, path in found.items() if name.startswith('mailtools')}


def test_there_is_a_package_for_each_program_and_all_are_noarch(dist, built):
    found = binary(built(dist))
    assert set(found) == {'mailtools', 'mailtools-common', 'mailtools-selinux'} | set(map(of_program, PROGRAMS))
    assert all(path.name.endswith('.{}.noarch.rpm'.format(dist.name)) for path in found.values())


def test_the_package_of_all_asks_for_each_program_of_its_own_version(dist, built):
    asked = packages.asked(built(dist)['mailtools'], '--requires')
    assert [one for one in asked if not one.startswith('rpmlib(')] == [
        'mailtools-{} = 1.0.0-1.{}'.format(name, dist.name) for name in PROGRAMS]
    assert packages.files_of(built(dist)['mailtools']) == []


@pytest.mark.parametrize('name', PROGRAMS)
def test_a_program_asks_for_no_more_than_it_needs(dist, built, name):
    asked = set(packages.asked(built(dist)[of_program(name)], '--requires'))
    rpm_features = {one for one in asked if one.startswith('rpmlib(')}
    scriptlets = {'/bin/sh'} if name in UNITS else set()
    of_el7 = {'postfix-perl-scripts'} if name == 'pflogsumm-report' and dist.rhel == 7 else set()
    assert asked - rpm_features == ASKS[name] | scriptlets | of_el7 | {
        dist.interpreter, 'mailtools-common = 1.0.0-1.' + dist.name,
        'config(mailtools-{}) = 1.0.0-1.{}'.format(name, dist.name)}
    weak = packages.asked(built(dist)[of_program(name)], '--recommends')
    assert weak == (RECOMMENDS.get(name, []) if dist.rhel > 7 else [])


def test_what_all_share_asks_for_the_python_that_its_byte_code_is_of(dist, built):
    asked = set(packages.asked(built(dist)['mailtools-common'], '--requires'))
    assert {'python(abi) = ' + dist.python, dist.interpreter, 'shadow-utils'} <= asked
    selinux = {'(mailtools-selinux = 1.0.0-1.{} if selinux-policy-targeted)'.format(dist.name)}
    assert {one for one in asked if 'selinux' in one} == (selinux if dist.rhel > 7 else set())


def test_el7_can_read_the_packages(built):
    known = {'CompressedFileNames', 'FileDigests', 'PayloadFilesHavePrefix', 'PayloadIsXz'}      # to rpm 4.11
    for path in binary(built(packages.DISTS['el7'])).values():
        asked = packages.asked(path, '--requires')
        assert {one.split('(')[1].split(')')[0] for one in asked if one.startswith('rpmlib(')} <= known
        assert not [one for one in asked if ' if ' in one]


def pinned(name):
    """{library: version} of a file of pins."""
    return dict(re.findall(r'^([a-z-]+)==([0-9.]+) ', (CHECKOUT / 'rpm' / name).read_text(), re.M))


def test_the_bundled_libraries_are_said_to_be_those_that_are_pinned_and_tested(dist, built):
    pins = pinned('wheels-3.6.txt' if dist.python == '3.6' else 'wheels-3.9.txt')
    provided = packages.asked(built(dist)['mailtools-common'], '--provides')
    assert dict(re.findall(r'bundled\(python3dist\(([a-z-]+)\)\) = (\S+)', '\n'.join(provided))) == pins
    tested = (CHECKOUT / 'requirements.txt').read_text()
    assert all('{}=={}'.format(*one) in tested for one in pins.items())
    files = {file.path for file in packages.files_of(built(dist)['mailtools-common'])}
    for library, version in pins.items():
        assert '{}/{}-{}.dist-info/METADATA'.format(LIBRARY, library.replace('-', '_'), version) in files
        assert [path for path in files if path.startswith('/usr/share/licenses/mailtools-common')
                and path.endswith('/' + library.replace('-', '_'))]


def test_no_package_offers_a_library_to_others(dist, built):
    for name, path in binary(built(dist)).items():
        mine = {one.split(' ')[0] for one in packages.asked(path, '--provides')}
        assert {one for one in mine if not one.startswith('bundled(')} <= {name, 'config({})'.format(name)}, name


def test_every_mode_and_owner_is_as_an_auditor_wants_it(dist, built):
    guarded = {}
    for path in binary(built(dist)).values():
        for file in packages.files_of(path):
            is_program = file.path.rpartition('/')[0] in ('/usr/bin', '/usr/libexec/mailtools')
            plain = 0o100755 if is_program else 0o100644
            if file[1:4] not in ((plain, 'root', 'root'), (0o40755, 'root', 'root')):
                guarded[file.path] = file[1:4]
            assert not file.mode & 0o6002, file
    assert guarded == GUARDED


def test_settings_are_kept_when_packages_change(dist, built):
    for name, path in binary(built(dist)).items():
        for file in packages.files_of(path):
            is_settings = file.path.startswith('/etc/') and file.mode & 0o100000
            assert file.flags == 'cn' if is_settings else 'c' not in file.flags, (name, file)


def test_no_file_is_in_two_packages_and_every_folder_of_ours_is_in_one(dist, built):
    owned = [file for path in binary(built(dist)).values() for file in packages.files_of(path)]
    names = [file.path for file in owned]
    assert len(names) == len(set(names))
    folders = {file.path for file in owned if file.mode & 0o40000}
    for name in names:
        folder = name.rpartition('/')[0]
        assert folder in folders or 'mailtools' not in folder, name


@pytest.mark.parametrize('name', PROGRAMS)
def test_the_package_of_a_program_has_all_that_belongs_to_it(dist, built, name):
    files = {file.path for file in packages.files_of(built(dist)[of_program(name)])}
    folder = '{}/mailtools/{}'.format(LIBRARY, name.replace('-', '_'))
    wanted = {'/usr/bin/' + name, folder + '/__init__.py', '/usr/share/man/man8/{}.8.gz'.format(name),
              '/etc/mailtools/{}.conf'.format(name)}
    if (CHECKOUT / 'mailtools' / name.replace('-', '_') / 'cli.py').exists():       # it has commands to complete
        wanted |= {'/usr/share/bash-completion/completions/' + name, '/usr/share/zsh/site-functions/_' + name,
                   '/usr/share/fish/vendor_completions.d/{}.fish'.format(name)}
    if (CHECKOUT / 'cron.d' / name).exists():
        wanted.add('/etc/cron.d/' + name)
    if name in UNITS:
        wanted.add('/usr/lib/systemd/system/mailtools-{}.service'.format(name))
    assert wanted <= files
    source = CHECKOUT / 'mailtools' / name.replace('-', '_')
    assert {path for path in files if path.startswith(folder + '/') and '__pycache__' not in path
            and '.' in path.rpartition('/')[2]} == {
        '{}/{}'.format(folder, path.relative_to(source)) for path in source.rglob('*')
        if path.is_file() and path.suffix != '.pyc'}


def unpacked(path, folder):
    """The files of a package, unpacked into a folder; the folder."""
    with open(str(folder / 'cpio'), 'wb') as archive:
        subprocess.run(['rpm2cpio', str(path)], stdout=archive, check=True)
    with open(str(folder / 'cpio'), 'rb') as archive:
        subprocess.run(['cpio', '-idm', '--quiet'], stdin=archive, cwd=str(folder), check=True)
    return folder


def test_the_byte_code_is_of_the_python_that_will_run_it(dist, built, tmp_path):
    root = unpacked(built(dist)['mailtools-common'], tmp_path)
    library = root / LIBRARY[1:]
    sources = [path for path in library.rglob('*.py')]
    if packages.find_python(dist.python) is None:
        pytest.skip('by design: Python {}, that of {}, is not on this machine'.format(dist.python, dist.name))
    assert len(sources) > 30
    for source in sources:
        compiled = source.parent / '__pycache__' / '{}.{}.pyc'.format(source.stem, dist.tag)
        head = compiled.read_bytes()[:16]
        assert struct.unpack('<H', head[:2])[0] == MAGIC[dist.python]
        at = 4 if dist.python == '3.6' else 8       # when the source was changed, and its size: else it is not used
        status = source.stat()
        assert struct.unpack('<II', head[at:at + 8]) == (int(status.st_mtime), status.st_size)
        assert LIBRARY.encode() in compiled.read_bytes() and b'BUILDROOT' not in compiled.read_bytes()


def test_each_program_starts_with_the_python_of_the_distribution_alone(dist, built, tmp_path):
    for name in PROGRAMS:
        unpacked(built(dist)[of_program(name)], tmp_path)
        text = (tmp_path / 'usr' / 'bin' / name).read_text()
        # Without byte code a program writes none either.
        flags = '-IS' if packages.find_python(dist.python) else '-BIS'
        assert text.startswith('#!{} {}\n'.format(dist.interpreter, flags))
        assert "\nLIBRARY = '{}'".format(LIBRARY) in text


SCRIPTS = {
    'mailtools-common': {'preinstall'},
    'mailtools-selinux': {'postinstall', 'postuninstall', 'posttrans'},
}
SCRIPTS.update({of_program(name): {'postinstall', 'preuninstall', 'postuninstall'} for name in UNITS})


def test_scriptlets_are_those_that_are_meant_are_sh_and_touch_nothing_of_others(dist, built):
    for name, path in binary(built(dist)).items():
        text = '\n'.join(packages.asked(path, '--scripts'))
        parts_of = re.split(r'^(\w+) (?:scriptlet|program).*$', text, flags=re.M)
        assert set(parts_of[1::2]) == SCRIPTS.get(name, set()), name
        for body in parts_of[2::2]:
            subprocess.run(['sh', '-n'], input=body.encode(), check=True)
            assert not re.search(r'main\.cf|master\.cf|/etc/aliases|postconf|postalias|newaliases|userdel|rm ', body)
        if name.replace('mailtools-', '') in UNITS:
            acts = re.findall(r'^ *systemctl .*?([a-z-]+) {}\.service .*$'.format(name), text, re.M)
            assert (acts, text.count(name + '.service')) == (['preset', '--now', 'try-restart'], 3), text


def test_the_version_is_one():
    version = re.search(r"__version__ = '(.*)'", (CHECKOUT / 'mailtools' / '__init__.py').read_text()).group(1)
    text = SPEC.read_text()
    assert re.search(r'^Version: +(\S+)$', text, re.M).group(1) == version
    assert re.search(r'^%changelog\n\* .* - (\S+)-1$', text, re.M).group(1) == version


def test_the_source_package_is_rebuilt_without_any_network(built, tmp_path):
    made = tmp_path / 'top'
    command = ['rpmbuild', '--rebuild', '--nodeps', '--load', str(CHECKOUT / 'rpm' / 'debian.macros'), '--define',
               '_topdir {}'.format(made), '--define', 'rhel 9', '--define', 'dist .el9', '--define',
               'build_python3 {}'.format(packages.find_python('3.9')), str(built(packages.DISTS['el9'])['src'])]
    if packages.find_python('3.9') is None:
        command.insert(1, '--without=bytecode')
    if subprocess.call(['unshare', '--net', 'true'], stderr=subprocess.DEVNULL) == 0:
        command = ['unshare', '--net'] + command
    parts.call(command)
    again = packages.packages_in(made / 'RPMS' / 'noarch')
    assert set(again) == set(binary(built(packages.DISTS['el9'])))
    assert packages.files_of(again['mailtools-common']) == packages.files_of(
        built(packages.DISTS['el9'])['mailtools-common'])


def test_a_library_that_is_not_the_pinned_one_stops_the_build(rpmbuild, built, tmp_path):
    dist = packages.DISTS['el9']
    sources = tmp_path / 'SOURCES'
    sources.mkdir()
    unpacked(built(dist)['src'], sources)
    wheels = next(sources.glob('*-wheels-*.tar'))
    subprocess.run(['tar', '-xf', str(wheels)], cwd=str(sources), check=True)
    with open(str(next((sources / 'wheels').glob('click-*'))), 'ab') as file:
        file.write(b'\n')
    subprocess.run(['tar', '-cf', str(wheels), 'wheels'], cwd=str(sources), check=True)
    shutil.copy(str(SPEC), str(tmp_path / 'mailtools.spec'))
    ran = subprocess.run(['rpmbuild', '-bp', '--nodeps', '--define', '_topdir {}'.format(tmp_path), '--define',
                          '_tmppath {}'.format(tmp_path), '--define', 'rhel 9', '--load',
                          str(CHECKOUT / 'rpm' / 'debian.macros'), str(tmp_path / 'mailtools.spec')],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert ran.returncode != 0 and b'click-8.1.8-py3-none-any.whl is not the file that is pinned' in ran.stdout


def test_where_there_is_no_python_of_that_version_packages_have_no_byte_code_and_write_none(rpmbuild, tmp_path):
    ran = subprocess.run(['sh', str(CHECKOUT / 'rpm' / 'build.sh'), 'el10', sys.executable, str(tmp_path)],
                         env={'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent'}, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    assert ran.returncode == 0, ran.stdout.decode()
    if b'no Python 3.12 here' not in ran.stdout:
        pytest.skip('by design: the Python of this machine is that of EL10')
    for name, path in binary(packages.packages_in(tmp_path)).items():
        assert not [file for file in packages.files_of(path) if file.path.endswith(('.pyc', '__pycache__'))], name
    text = (unpacked(packages.packages_in(tmp_path)['mailtools-autoreply'], tmp_path) / 'usr/bin/autoreply').read_text()
    assert text.startswith('#!/usr/bin/python3 -BIS\n')


def test_rpmlint_finds_nothing(dist, built):
    if parts.find('rpmlint') is None:
        pytest.skip('rpmlint is not installed')
    found = built(dist)
    ran = subprocess.run(['rpmlint', '-c', str(CHECKOUT / 'rpm' / 'rpmlint.toml')] + [
        str(path) for path in list(binary(found).values()) + [found['src']]], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    said = ran.stdout.decode('utf-8', 'replace')
    assert re.search(r' 0 errors, 0 warnings', said), said
