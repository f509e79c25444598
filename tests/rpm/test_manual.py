"""The man pages: made for each program, without a warning of groff, of the words of --help and conf.d."""
import os
import pathlib
import re
import subprocess
import sys

import click
import pytest

from rig import parts
from rig.program import BIN, CHECKOUT

sys.path.insert(0, str(CHECKOUT / 'rpm'))
import mkcompletions
import mkman

PROGRAMS = sorted(path.name for path in BIN.iterdir())
SECTIONS = ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'SETTINGS', 'EXIT STATUS', 'FILES', 'SECURITY', 'EXAMPLES',
            'SEE ALSO')


@pytest.fixture(scope='module')
def pages(tmp_path_factory):
    """The folder of all pages."""
    folder = tmp_path_factory.mktemp('man8')
    mkman.main(str(folder))
    return folder


def shown(path):
    """(what a reader sees, what groff warned of)."""
    if parts.find('man') is None:
        pytest.skip('man is not installed')
    ran = subprocess.run(['man', '--warnings', '-E', 'UTF-8', '-P', 'cat', '-l', str(path)], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env={'PATH': parts.PATH, 'MANWIDTH': '90', 'LC_ALL': 'C.UTF-8',
                                                      'MAN_KEEP_FORMATTING': ''})
    assert ran.returncode == 0, ran.stderr
    return re.sub('.\b', '', ran.stdout.decode('utf-8')), ran.stderr.decode('utf-8')


def words(text):
    """The words of a text, without what only marks them."""
    return ' '.join(text.replace('`', '').replace('\b', '').split())


@pytest.mark.parametrize('name', PROGRAMS)
def test_a_page_shows_without_warnings_and_has_every_section(pages, name):
    text, warnings = shown(pages / (name + '.8'))
    assert warnings == ''
    titles = re.findall(r'^([A-Z][A-Z ]+)$', text, re.M)
    assert [title for title in SECTIONS if title not in titles] == []
    assert len(titles) == len(set(titles))
    assert re.search(r'^ +{} - \S'.format(name), text, re.M)        # what whatis(1) reads
    assert '{}(8)'.format(name.upper()) in text.split('\n')[0]


@pytest.mark.parametrize('name', PROGRAMS)
def test_a_page_explains_every_setting_that_the_shipped_file_has(pages, name):
    text = words(shown(pages / (name + '.8'))[0])
    shipped = (CHECKOUT / 'conf.d' / (name + '.conf')).read_text(encoding='utf-8')
    settings = re.findall(r'((?:^# .*\n)+)#([a-z0-9_]+ =.*)$', shipped, re.M)
    assert settings
    for about, setting in settings:
        assert words(setting) in text, setting
        assert words(about.replace('# ', ' ')) in text, about


@pytest.mark.parametrize('name', PROGRAMS)
def test_a_page_has_every_command_and_option_with_the_words_of_help(pages, name):
    text = words(shown(pages / (name + '.8'))[0])
    group = mkman.group_of(name)
    if group is None:
        for option, about in re.findall(r'^  (--?\S+.*?) {2,}(.*)$', mkman.module_of(name, 'program').HELP, re.M):
            assert words(option) in text and words(about) in text
        return
    context = group.make_context(name, [], resilient_parsing=True)
    for one in group.list_commands(context):
        command = group.get_command(context, one)
        assert words(' '.join([one] + command.collect_usage_pieces(click.Context(command, parent=context)))) in text
        assert words(command.help.split('\n\n')[0]) in text, one
        for param in command.params:
            for part in param.get_help_record(context) or ():
                assert words(part) in text, (one, part)


def test_what_stands_in_a_text_is_not_taken_for_roff():
    """A line that begins with a dot, a backslash, quotes: all are shown as they are."""
    page = '.TH "X" 8\n.SH NAME\nx \\- y\n' + '\n'.join(mkman.paragraphs(
        ".so /etc/passwd is no command\n\n    .br stays\n    'nf as well, and \\fBthis\\fR\n\nLast `-x --word` \\e."))
    folder = pathlib.Path(os.environ.get('TMPDIR', '/tmp'))
    path = folder / 'mailtools-test-{}.8'.format(os.getpid())
    path.write_text(page + '\n', encoding='utf-8')
    try:
        text, warnings = shown(path)
    finally:
        path.unlink()
    assert warnings == ''
    for line in '.so /etc/passwd is no command', '.br stays', "'nf as well, and \\fBthis\\fR", 'Last -x --word \\e.':
        assert line in text


@pytest.mark.parametrize('name', [name for name in PROGRAMS if mkman.group_of(name)])
@pytest.mark.parametrize('shell', sorted(mkcompletions.NAMES))
def test_each_shell_has_a_completion_that_it_can_read(name, shell):
    text = mkcompletions.script(shell, mkman.group_of(name), old_bash=False)
    assert name in text and '_{}_COMPLETE'.format(name.replace('-', '_').upper()) in text
    assert 'nosort' not in mkcompletions.script(shell, mkman.group_of(name), old_bash=True)
    if shell == 'bash':
        subprocess.run(['bash', '-n'], input=text.encode(), check=True)
