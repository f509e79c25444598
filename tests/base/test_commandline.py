"""base/commandline.py and terminal.py, as a program in a process of its own.

The program stands in a file that these tests write: a group with a command for
each way to end.
"""
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from rig.program import CHECKOUT, PATH, Ran

PROGRAM = '''
import sys
sys.path.insert(0, {checkout!r})
import click
from mailtools.base import commandline, failure, settings, terminal
from mailtools.base.settings import Setting

TABLE = (Setting('limit', settings.integer, '5', 'how many'),)
ROWS = [('bad\\x1b[2J', 1, None),
        ('b\\xfccher \\u65e5\\u672c', 20, True), ('\\udcff\\u202e', 300, {{'X': 'y'}})]


@click.command()
@terminal.output_options
def rows(form):
    """Print three rows."""
    terminal.show(('name', 'count', 'more'), ROWS, form, bar='count',
                  colours={{'bad\\\\x1b[2J': 'red', 'yes': 'green'}})


@click.command()
@terminal.output_options
@click.argument('count', type=int)
def many(form, count):
    """Print COUNT rows, and the memory it took (kB) on standard error."""
    terminal.show(('n',), ((n,) for n in range(count)), form)
    with open('/proc/self/status') as file:
        click.echo([line.split()[1] for line in file if line.startswith('VmHWM')][0], err=True)


@click.command()
@click.argument('how')
@click.pass_context
def end(ctx, how):
    """End in a certain way."""
    if how == 'status':
        return 3
    if how == 'exit':
        ctx.exit(4)
    if how == 'failure':
        raise failure.Unavailable('cannot reach db1:\\n no route\\x1b[2J')
    if how == 'interrupt':
        raise KeyboardInterrupt
    if how == 'oserror':
        open('/nonexistent/file')
    if how == 'printed-then-failed':
        click.echo('an answer')
        raise failure.Failure('then a failure')
    return [][1]


@click.command()
@click.argument('words', nargs=-1)
@click.pass_obj
def echo(session, words):
    """Print settings, log and words."""
    limit = session.settings.limit
    session.log.info('seen')
    click.echo('{{}} {{}}'.format(limit, ' '.join(words)))


config = commandline.config_command()
PLACES = {{name: '__main__:' + name for name in ('rows', 'many', 'end', 'echo', 'config')}}
sys.exit(commandline.run(commandline.Program('tool', TABLE, PLACES, help='A tool.'), 'tool'))
'''


@pytest.fixture(scope='module')
def tool(tmp_path_factory):
    """A function that runs the program under `env -i`: arguments -> Ran."""
    script = tmp_path_factory.mktemp('tool') / 'tool.py'
    script.write_text(PROGRAM.format(checkout=str(CHECKOUT)), encoding='utf-8')

    def run(*args, **env):
        done = subprocess.run([sys.executable, str(script)] + [one.encode() for one in args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(env, PATH=PATH), timeout=60)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    run.command = [sys.executable, str(script)]
    return run


@pytest.mark.parametrize('args, status, said', [
    (['end', 'status'], 3, ''),
    (['end', 'exit'], 4, ''),
    (['end', 'failure'], 69, r'tool: cannot reach db1: no route\x1b[2J'),
    (['end', 'interrupt'], 130, ''),
    (['end', 'oserror'], 74, 'tool: cannot use /nonexistent/file: No such file or directory'),
    (['end', 'printed-then-failed'], 1, 'tool: then a failure'),
    (['end'], 64, "tool: Missing argument 'HOW'. Try 'tool end --help'."),
    (['bogus'], 64, "tool: No such command 'bogus'. Try 'tool --help'."),
    (['rows', '--zzz'], 64, "tool: No such option: --zzz Try 'tool rows --help'."),
    ([], 64, "tool: Missing command. Try 'tool --help'."),
    (['echo', '--config', '/none'], 78, 'tool: cannot read /none: No such file or directory'),
])
def test_every_end_is_a_status_and_at_most_one_line(tool, args, status, said):
    ran = tool(*args)
    assert (ran.status, ran.err.rstrip('\n')) == (status, said)


def test_an_answer_that_was_printed_before_a_failure_is_kept(tool):
    assert tool('end', 'printed-then-failed').out == 'an answer\n'


def test_what_nobody_foresaw_is_one_line_that_says_where(tool):
    ran = tool('end', 'bug')
    assert ran.status == 70 and ran.err.count('\n') == 1
    assert ran.err.startswith('tool: internal error: IndexError: list index out of range (tool.py:')


def test_debug_shows_the_traceback(tool):
    assert 'Traceback' in tool('--debug', 'end', 'bug').err
    assert 'Traceback' in tool('end', 'bug', '--debug').err


def test_shared_options_stand_before_or_after_the_command(tool, tmp_path):
    conf = tmp_path / 'tool.conf'
    conf.write_text('[tool]\nlimit = 8\n')
    assert tool('-v', '--config', str(conf), 'echo', 'x') == Ran(0, '8 x\n', 'tool: seen\n')
    assert tool('echo', 'x', '-v', '--config', str(conf)) == Ran(0, '8 x\n', 'tool: seen\n')


def test_arguments_and_output_are_utf_8_without_any_locale(tool):
    for env in ({}, {'LC_ALL': 'C'}, {'LC_ALL': 'POSIX'}):
        assert tool('echo', '-v', 'b\xfccher', **env).out == '5 b\xfccher\n'


def test_help_and_version_and_config(tool):
    assert all(name in tool('--help').out for name in ('rows', 'Print three rows.', '--config'))
    assert tool('--version').out.startswith('tool ')
    assert json.loads(tool('config', '--json').out) == {'name': 'limit', 'value': '5', 'origin': 'default'}


def test_a_table_shows_no_control_character(tool):
    assert tool('rows').out == (
        'name         count  more\n'
        'bad\\x1b[2J       1              \u2588\n'
        'b\xfccher \u65e5\u672c     20  yes         \u2588\u2588\n'
        '\\xff\\u202e     300  {"X": "y"}  ' + '\u2588' * 24 + '\n')


def test_json_lines_are_ascii_and_csv_has_titles(tool):
    assert [json.loads(line)['count'] for line in tool('rows', '--json').out.splitlines()] == [1, 20, 300]
    assert tool('rows', '--json').out.replace('\n', '').isprintable()
    assert tool('rows', '--csv').out.splitlines()[:2] == ['name,count,more', 'bad\\x1b[2J,1,']


@pytest.mark.slow
@pytest.mark.parametrize('form', ['--json', '--csv', None])
def test_many_rows_take_no_memory(tool, form):
    peaks = []
    for count in ('1000', '200000'):
        ran = tool('many', count, *([form] if form else []))
        assert ran.status == 0 and ran.out.count('\n') >= int(count)
        peaks.append(int(ran.err))
    assert peaks[1] < peaks[0] + 2000


def test_a_reader_that_goes_away_is_no_trouble(tool):
    piped = subprocess.Popen(tool.command + ['many', '1000000'], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env={'PATH': PATH})
    piped.stdout.readline()
    piped.stdout.close()
    assert piped.stderr.read() == b'' and piped.wait(30) == 128 + signal.SIGPIPE
    piped.stderr.close()


@pytest.mark.parametrize('redirection, said', [
    ('>/dev/full', 'No space left on device'), ('>&-', 'Bad file descriptor')])
def test_output_that_cannot_be_written_is_a_failure(tool, redirection, said):
    line = '{} {} rows {}'.format(*tool.command, redirection)
    done = subprocess.run(['sh', '-c', line], env={'PATH': PATH}, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr.decode()) == (74, 'tool: cannot write the output: {}\n'.format(said))


@pytest.mark.parametrize('redirection', ['2>&-', '2>/dev/full', '0<&- 2>&-'])
def test_a_stderr_that_nobody_reads_changes_no_status(tool, redirection):
    line = '{} {} end failure {}'.format(*tool.command, redirection)
    assert subprocess.run(['sh', '-c', line], env={'PATH': PATH}, timeout=60).returncode == 69


def on_terminal(tool, *args, **env):
    """What the program prints on a terminal of 40 columns."""
    pid, fd = pty.fork()
    if pid == 0:
        env = dict(env, PATH=PATH, COLUMNS='40', TERM='xterm')
        os.execve(tool.command[0], tool.command + list(args), env)
    shown = b''
    while True:
        try:
            piece = os.read(fd, 65536)
        except OSError:             # Linux: the other side is closed
            break
        shown += piece
        if not piece:
            break
    os.close(fd)
    os.waitpid(pid, 0)
    return shown.decode()


def test_colour_is_for_terminals_and_not_against_no_color(tool):
    assert '\x1b[32myes\x1b[0m' in on_terminal(tool, 'rows')
    assert '\x1b' not in on_terminal(tool, 'rows', NO_COLOR='1')
    assert '\x1b' not in tool('rows').out


def test_a_table_fits_the_terminal(tool):
    assert all(len(line) <= 40 for line in on_terminal(tool, 'rows', NO_COLOR='1').splitlines())


def test_the_shells_complete_commands(tool):
    ran = tool(_TOOL_COMPLETE='bash_complete', COMP_WORDS='tool ro', COMP_CWORD='1', LC_ALL='C.UTF-8')
    assert 'rows' in ran.out
