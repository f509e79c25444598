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
    block = re.search(r'## Settings\n(.*?)\n## ', read('README.md'), re.S).group(1)
    mentioned = set(re.findall(r'`([a-z_]+) ?=', block)) | set(re.findall(r'^([a-z_]+) =', block, re.M))
    assert mentioned and mentioned <= names


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
                        'systemd/*', '.ci/*'):
        found = home.search(path.read_text(encoding='utf-8'))
        assert not found, '{}: {}'.format(path, found.group())


def test_no_source_file_is_longer_than_400_lines():
    # Tables of phrases are knowledge, not logic.
    for path in tracked('mailtools/*.py', 'bin/*'):
        length = len(path.read_text(encoding='utf-8').splitlines())
        assert length <= 400 or path.name == 'phrases.py', '{}: {} lines'.format(path, length)


def test_the_readmes_links_lead_somewhere():
    for target in re.findall(r'\]\(([^)#]+)\)', read('README.md')):
        assert target.startswith('http') or (CHECKOUT / target).exists(), target


def test_the_unit_and_the_cron_file_start_what_exists():
    for name in set(PROGRAMS) - NOT_BY_TIME:
        for file in ['systemd/mailtools-{}.service'.format(name), 'cron.d/' + name][name not in DAEMONS:]:
            assert set(re.findall(r'/usr/bin/([a-z-]+)', read(file))) == {name}
