"""What the repository says of itself is one thing: programs, settings, files, arrows of import."""
import ast
import configparser
import pathlib
import re
import subprocess

import pytest

from mailtools.autoreply import settings as autoreply
from mailtools.base import settings
from mailtools.block_sasl_fail import cli as block_sasl_fail
from mailtools.block_sasl_fail.settings import SETTINGS as BLOCK_SASL_FAIL
from mailtools.bouncedmail import cli as bouncedmail
from mailtools.bouncedmail.settings import SETTINGS as BOUNCEDMAIL
from mailtools.mailqueues import cli as mailqueues
from mailtools.mailqueues.settings import HOST
from mailtools.mailqueues.settings import SETTINGS as MAILQUEUES
from mailtools.mailsystem import cli as mailsystem
from mailtools.mailsystem.settings import SENDER
from mailtools.mailsystem.settings import SETTINGS as MAILSYSTEM
from mailtools.pflogsumm_report import cli as pflogsumm_report
from mailtools.pflogsumm_report.settings import SETTINGS as PFLOGSUMM_REPORT
from rig.program import BIN, CHECKOUT

PROGRAMS = {'autoreply': autoreply.table(), 'block-sasl-fail': BLOCK_SASL_FAIL, 'bouncedmail': BOUNCEDMAIL,
            'mailqueues': MAILQUEUES, 'mailsystem': MAILSYSTEM, 'pflogsumm-report': PFLOGSUMM_REPORT}
PARTS = {'mailqueues': HOST, 'mailsystem': SENDER}
OF_POSTFIX = {'smtpd_delay_reject'}     # which the README mentions
NOT_BY_TIME = {'autoreply', 'mailsystem'}       # local(8) starts the one, people and monitors the other
DAEMONS = {'block-sasl-fail', 'bouncedmail'}
COMMANDS = {'autoreply': {'config'}, 'block-sasl-fail': block_sasl_fail.COMMANDS, 'bouncedmail': bouncedmail.COMMANDS,
            'mailqueues': mailqueues.COMMANDS, 'mailsystem': mailsystem.COMMANDS,
            'pflogsumm-report': pflogsumm_report.COMMANDS}
PACKAGES = sorted(path.name for path in (CHECKOUT / 'mailtools').iterdir()
                  if (path / '__init__.py').exists() and path.name != 'base')


def tracked(*patterns):
    """The files of the repository; those on disk where git is not there."""
    try:
        listed = subprocess.check_output(('git', '-C', str(CHECKOUT), 'ls-files') + patterns).decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('git is not installed, or this is no clone')
    return [CHECKOUT / name for name in listed.splitlines() if (CHECKOUT / name).exists()]


def read(name):
    """The text of a file of the repository."""
    return (CHECKOUT / name).read_text(encoding='utf-8')


def test_bin_setup_cfg_readme_and_packages_name_the_same_programs():
    setup = configparser.ConfigParser()
    setup.read_string(read('setup.cfg'))
    scripts = [pathlib.Path(one).name for one in setup.get('options', 'scripts').split()]
    assert sorted(PROGRAMS) == sorted(scripts) == sorted(path.name for path in BIN.iterdir())
    assert [name.replace('-', '_') for name in sorted(PROGRAMS)] == PACKAGES
    assert all('`{}`'.format(name) in read('README.md') for name in PROGRAMS)


@pytest.mark.parametrize('name', sorted(PROGRAMS))
def test_the_shipped_settings_file_is_the_table(name):
    assert read('conf.d/{}.conf'.format(name)) == settings.example(name, PROGRAMS[name], PARTS.get(name))


@pytest.mark.parametrize('name', sorted(PROGRAMS))
def test_every_default_is_a_value_that_its_reader_takes(name):
    assert len(settings.load(name, PROGRAMS[name], '/dev/null').rows) == len(PROGRAMS[name])


@pytest.mark.parametrize('name, some', [('autoreply', {'config'}),
                                        ('block-sasl-fail', {'scan', 'follow'}),
                                        ('bouncedmail', {'ingest', 'drain'}),
                                        ('mailqueues', {'export', 'show'}),
                                        ('mailsystem', {'config'}),
                                        ('pflogsumm-report', {'history', 'merge'})])
def test_every_command_that_files_mention_exists(name, some):
    mentioned = set()
    for path in tracked('README.md', 'aliases.d/*', 'cron.d/*', 'systemd/*', 'conf.d/*'):
        mentioned |= set(re.findall(r'(?<!-)\b{} ([a-z]+)\b'.format(name), path.read_text(encoding='utf-8')))
    assert mentioned - set(COMMANDS[name]) == set()
    assert some <= mentioned


def test_every_setting_that_the_readme_mentions_exists():
    names = {setting.name for table in PROGRAMS.values() for setting in table}
    names |= {setting.name for setting in HOST.table} | OF_POSTFIX
    readme = read('README.md')
    mentioned = set(re.findall(r'`([a-z_]+) ?=', readme)) | set(re.findall(r'^ {4}([a-z_]+) =', readme, re.M))
    assert len(mentioned) > 12 and mentioned - names == set()


def imports(path):
    """The modules that a file imports, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, '{}: relative import'.format(path)
            yield node.module
            yield from ('{}.{}'.format(node.module, alias.name) for alias in node.names)


def test_no_program_imports_another_and_base_imports_none():
    for path in (CHECKOUT / 'mailtools').rglob('*.py'):
        own = path.relative_to(CHECKOUT / 'mailtools').parts[0]
        for name in imports(path):
            if name.startswith('mailtools.') and name.split('.')[1] in PACKAGES:
                assert name.split('.')[1] == own, '{} imports {}'.format(path, name)


def test_the_responder_imports_the_standard_library_alone_and_nothing_slow_for_a_mail():
    slow = {'click', 'tenacity', 'psycopg2', 'email', 're', 'os', 'socket', 'typing', 'subprocess', 'argparse'}
    for path in (CHECKOUT / 'mailtools' / 'autoreply').glob('*.py'):
        seen = set(imports(path))
        assert not {name.split('.')[0] for name in seen} & slow, path
        assert not {name for name in seen if name.startswith('mailtools.base.') and path.name != 'settings.py'
                    and name.split('.')[2] not in ('eventlog', 'owner', 'text', 'settings')}


def test_the_pipe_imports_the_standard_library_alone_and_little_of_it():
    allowed = {'sys', 'posix', 'time', 'errno', 'signal', 'os', 'mailtools.base.failure', 'mailtools.base.owner',
               'mailtools.base'}
    seen = {name for name in imports(CHECKOUT / 'mailtools' / 'bouncedmail' / 'ingest.py')
            if name.count('.') < 3}
    unwanted = {'click', 'tenacity', 'psycopg2', 'email', 're', 'logging', 'argparse'}
    assert not {name.split('.')[0] for name in seen} & unwanted
    assert {name for name in seen if name.startswith('mailtools')} <= allowed


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    home = re.compile(r'/(?:r[o]ot|w[o]rk)/[a-z.]|\.pyenv/versions/[0-9]')
    for path in tracked('*.py', '*.cfg', '*.toml', '*.md', '*.sh', 'Makefile', 'bin/*', '*.d/*',
                        'systemd/*', '.ci/*', 'rpm/*'):
        found = home.search(path.read_text(encoding='utf-8'))
        assert not found, '{}: {}'.format(path, found.group())


def test_no_source_file_is_longer_than_400_lines():
    # Tables of phrases are knowledge, not logic.
    for path in tracked('mailtools/*.py', 'bin/*'):
        length = len(path.read_text(encoding='utf-8').splitlines())
        assert length <= 400 or path.name == 'phrases.py', '{}: {} lines'.format(path, length)


def test_the_readmes_links_lead_somewhere():
    readme = read('README.md')
    titles = re.findall(r'^##+ (.*)$', readme, re.M)
    anchors = {'#' + re.sub('[^a-z0-9 -]', '', title.lower()).replace(' ', '-') for title in titles}
    for target in re.findall(r'\]\(([^)]+)\)', readme):
        assert target in anchors if target.startswith('#') else (CHECKOUT / target).exists(), target


def spec_blocks():
    """{program: text} of the blocks of the spec, one a package; what they begin with is its name."""
    blocks = re.split(r'^%package ', read('rpm/mailtools.spec'), flags=re.M)
    return {block.split('\n')[0]: block for block in blocks[1:]}


def test_the_spec_has_a_package_for_each_program_with_all_files_that_are_named_after_it():
    blocks = spec_blocks()
    assert sorted(set(blocks) - {'common', 'selinux'}) == sorted(PROGRAMS)
    for name in PROGRAMS:
        assert re.search(r'^%program_files {} {}$'.format(name, name.replace('-', '_')), blocks[name], re.M)
        assert '%{{_sysconfdir}}/mailtools/{}.conf'.format(name) in blocks[name]
        for folder, line in ('cron.d', '%{_sysconfdir}/cron.d/' + name), \
                ('systemd/mailtools-{}.service'.format(name), '%{_unitdir}/mailtools-' + name + '.service'), \
                ('systemd/tmpfiles.d/mailtools-{}.conf'.format(name), '%{_tmpfilesdir}/mailtools-' + name + '.conf'):
            there = (CHECKOUT / folder / name).exists() if folder == 'cron.d' else (CHECKOUT / folder).exists()
            assert (line in blocks[name]) == there, line
    whole = read('rpm/mailtools.spec').split('%description')[0]
    assert sorted(re.findall(r'^Requires: +mailtools-([a-z-]+) = ', whole, re.M)) == sorted(PROGRAMS)


def test_every_alias_file_is_in_the_package_of_the_program_that_it_starts():
    blocks = spec_blocks()
    for path in (CHECKOUT / 'aliases.d').iterdir():
        program, = set(re.findall(r'"\|/usr/bin/([a-z-]+)', path.read_text(encoding='utf-8')))
        assert '%{_sysconfdir}/mailtools/aliases.d/' + path.name in blocks[program]


def test_no_cron_file_sets_a_locale():
    """EL7 has no C.UTF-8: there bash, which is sh, would complain of it at each run, and cron would mail that."""
    for path in (CHECKOUT / 'cron.d').iterdir():
        assert not re.search(r'^(LANG|LC_)', path.read_text(encoding='utf-8'), re.M), path


def test_the_spec_the_user_and_the_folders_for_tmpfiles_say_the_same():
    spec = read('rpm/mailtools.spec')
    owned = {path: (mode, user, group) for mode, user, group, path in re.findall(
        r'^%dir %attr\((\d+),(\w+),(\w+)\) (/var/\S+)$', spec, re.M)}
    owned['/var/spool/mailtools'] = ('0755', 'root', 'root')
    made = {}
    for path in (CHECKOUT / 'systemd' / 'tmpfiles.d').iterdir():
        for line in re.findall(r'^d .*$', path.read_text(encoding='utf-8'), re.M):
            made[line.split()[1]] = tuple(line.split()[2:5])
    assert made == owned
    user = re.search(r'^u mailtools - "(.*?)" (\S+) (\S+)$', read('systemd/sysusers.d/mailtools-common.conf'), re.M)
    assert "-d {1} -s {2} -c '{0}' mailtools".format(*user.groups()) in spec


def test_the_readme_names_every_package():
    table = re.search(r'^\| package \|.*?\n\n', read('README.md'), re.M | re.S).group()
    wanted = {'mailtools-' + name for name in spec_blocks()} | {'mailtools'}
    assert set(re.findall(r'`(mailtools(?:-[a-z-]+)?)`', table)) == wanted


def test_the_unit_and_the_cron_file_start_what_exists():
    for name in set(PROGRAMS) - NOT_BY_TIME:
        for file in ['systemd/mailtools-{}.service'.format(name), 'cron.d/' + name][name not in DAEMONS:]:
            assert set(re.findall(r'/usr/bin/([a-z-]+)', read(file))) == {name}
