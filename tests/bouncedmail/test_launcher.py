"""bin/bouncedmail: what Postfix sees when an installation is broken in some way.

Each test starts the file itself, with a library that it has damaged.
"""
import re
import shutil
import subprocess
import sys

import pytest

from rig.program import BIN, CHECKOUT, PATH

MAIL = b'From: a@example.org\n\nhello\n'


@pytest.fixture
def installed(tmp_path):
    """The launcher and the library, as they are installed, in folders of their own."""
    library = tmp_path / 'lib'
    shutil.copytree(str(CHECKOUT / 'mailtools'), str(library / 'mailtools'),
                    ignore=shutil.ignore_patterns('__pycache__', 'autoreply', 'block_sasl_fail', 'mailqueues'))
    text = (BIN / 'bouncedmail').read_text()
    text, count = re.subn('^LIBRARY = .*', 'LIBRARY = {!r}'.format(str(library)), text, flags=re.M)
    assert count == 1, 'the line that make venv and the package rewrite'
    program = tmp_path / 'bouncedmail'
    program.write_text(text)
    for folder in ('tmp', 'new', 'cur'):
        (tmp_path / 'spool' / folder).mkdir(parents=True)

    class Installed:
        package = library / 'mailtools'
        spool = tmp_path / 'spool'

        @staticmethod
        def run(*args, shell=''):
            """Start the program as its #! line says; `shell` are redirections."""
            line = ' '.join([sys.executable, '-IS', str(program)] + list(args) + [shell])
            done = subprocess.run(['sh', '-c', line], input=MAIL, env={'PATH': PATH}, cwd='/', timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            return done.returncode, done.stderr.decode()

        @classmethod
        def ingest(cls, shell=''):
            """Pipe one mail in."""
            return cls.run('ingest', '--spool', str(cls.spool), shell=shell)
    return Installed


def test_a_whole_installation_takes_the_mail(installed):
    assert installed.ingest() == (0, '')
    assert len(list((installed.spool / 'new').iterdir())) == 1


def damage_missing(package):
    """The package is half removed."""
    (package / 'bouncedmail' / 'ingest.py').unlink()


def damage_syntax(package):
    """A file was cut off while it was written."""
    (package / 'bouncedmail' / 'ingest.py').write_text('def main(argv:\n')


def damage_all(package):
    """The library is gone."""
    shutil.rmtree(str(package))


def damage_nul(package):
    """A crash left a file of zeros."""
    (package / 'bouncedmail' / '__init__.py').write_bytes(b'\0' * 100)


def damage_exit(package):
    """Something ends the program while it is imported."""
    (package / '__init__.py').write_text('raise SystemExit(0)\n')


def damage_result(package):
    """main gives no status."""
    (package / 'bouncedmail' / 'ingest.py').write_text('def main(argv):\n    return None\n')


DAMAGES = [damage_missing, damage_syntax, damage_all, damage_nul, damage_exit, damage_result]


@pytest.mark.parametrize('damage', DAMAGES)
def test_a_broken_installation_delays_the_mail(installed, damage):
    damage(installed.package)
    status, said = installed.ingest()
    assert status == 75
    assert said.startswith('4.3.0 ') and said.count('\n') == 1 and 'Traceback' not in said
    for shell in '2>&-', '2>/dev/full', '>&- 2>&-', '<&- >&- 2>&-':
        assert installed.ingest(shell)[0] == 75, shell


@pytest.mark.parametrize('shell', ['2>&-', '2>/dev/full', '>&- 2>&-'])
def test_a_mail_is_taken_whatever_stderr_is(installed, shell):
    assert installed.ingest(shell)[0] == 0


def test_other_commands_say_what_is_missing_in_one_line(installed):
    (installed.package / 'bouncedmail' / 'cli.py').unlink()
    status, said = installed.run('list')
    assert status == 70 and said.count('\n') == 1 and 'mailtools.bouncedmail.cli' in said


def test_the_pipe_starts_without_site_or_any_large_module(installed):
    (installed.package / 'bouncedmail' / 'ingest.py').write_text(
        'import sys\n\n\ndef main(argv):\n'
        '    unwanted = {"site", "click", "re", "email", "argparse", "logging"}\n'
        '    sys.stderr.write(" ".join(sorted(set(sys.modules) & unwanted)))\n'
        '    return 0\n')
    assert installed.ingest() == (0, '')
