"""From a command line to an exit status: what the commands for people share.

A program is a click group whose commands are imported when they are called.  Whatever
is raised ends as one line on standard error and a status of sysexits(3); a
traceback is for --debug.
"""
import importlib
import io
import os
import sys
import traceback
from typing import Dict, Optional

import click

import mailtools
from mailtools.base import failure, settings, terminal
from mailtools.base.eventlog import EventLog
from mailtools.base.text import as_system_has_it, recoded, visible

SIGNALLED = 128                     # as a shell tells a death by a signal
SIGINT, SIGPIPE = 2, 13
DEBUG = '--debug'


class Session:
    """What a command knows of the run it is in: `ctx.obj`.

    settings: those in force, read when first asked for.  log: the EventLog.
    """

    def __init__(self, program, table, part=None):
        self.program = program
        self.table = table
        self.part = part
        self.config: Optional[str] = None
        self.verbose = False
        self._settings: Optional[settings.Settings] = None
        self._log: Optional[EventLog] = None

    @property
    def settings(self):
        """The settings in force; raises SettingsFailure."""
        if self._settings is None:
            self._settings = settings.load(self.program, self.table, self.config, self.part)
        return self._settings

    def reload(self):
        """Read the settings again; when that fails, SettingsFailure, and the old ones stay."""
        self._settings = settings.load(self.program, self.table, self.config, self.part)
        return self._settings

    @property
    def log(self):
        """Where events go."""
        if self._log is None:
            self._log = EventLog(self.program, self.verbose)
        return self._log


class FilePath(click.ParamType):
    """The path of a file or folder, or `-`; as the system has it, whatever the locale."""

    name = 'path'

    def convert(self, value, param, ctx):
        """The path."""
        return as_system_has_it(value)


FILE = FilePath()


def keep(name):
    """A callback that writes an option's value into the session, where it was given."""
    def callback(ctx, _param, value):
        if value:
            setattr(ctx.obj, name, value)
        return value
    return callback


def shared_options():
    """The options that every command takes, before or after its name."""
    return [
        click.Option(['-c', '--config'], type=FILE, metavar='FILE', expose_value=False, callback=keep('config'),
                     help='Read the settings from FILE.'),
        click.Option(['-v', '--verbose'], is_flag=True, expose_value=False, callback=keep('verbose'),
                     help='Show on standard error what goes to syslog.'),
        click.Option([DEBUG], is_flag=True, expose_value=False,
                     help='Show the traceback of a failure.'),
    ]


class Program(click.Group):
    """A group of commands, each `module:attribute`, imported when it is needed.

    table, part: of the settings, as for settings.load().
    """

    def __init__(self, name, table, commands: Dict[str, str], part=None, **kwargs):
        super().__init__(name, params=shared_options(), no_args_is_help=False, **kwargs)
        self.table = table
        self.part = part
        self.places = commands
        self.params.append(version_option(name))

    def make_context(self, info_name, args, parent=None, **extra):
        """A context with a session in it."""
        return super().make_context(info_name, args, parent=parent,
                                    obj=Session(self.name, self.table, self.part), **extra)

    def list_commands(self, ctx):
        """The names, in the order of the table."""
        return list(self.places)

    def get_command(self, ctx, cmd_name):
        """The command, with the shared options that it does not define itself; None if unknown."""
        if cmd_name not in self.places:
            return None
        module, attribute = self.places[cmd_name].split(':')
        command = getattr(importlib.import_module(module), attribute)
        taken = {name for param in command.params for name in param.opts}
        command.params.extend(option for option in shared_options() if not taken & set(option.opts))
        return command


def version_option(program):
    """--version, which needs no metadata of an installed package."""
    def callback(ctx, _param, value):
        if value and not ctx.resilient_parsing:
            click.echo('{} {}'.format(program, mailtools.__version__))
            ctx.exit()
    return click.Option(['--version'], is_flag=True, expose_value=False, is_eager=True, callback=callback,
                        help='Print the version.')


def config_command():
    """The command `config`, the same in every program."""
    @click.command('config', short_help='Print the settings in force.')
    @click.option('--example', is_flag=True, help='Print a settings file that explains each of them.')
    @terminal.output_options
    @click.pass_obj
    def config(session, form, example):
        """Print the settings in force, and where each comes from.

        Passwords are shown as ***.
        """
        if example:
            click.echo(settings.example(session.program, session.table, session.part), nl=False)
        else:
            terminal.show(settings.Row._fields, session.settings.rows, form)
    return config


class OutputFailure(failure.Failure):
    """Standard output takes no more."""

    status = failure.EX_IOERR


class ReaderGone(Exception):
    """Nobody reads our standard output any more, as in `| head`."""


class Output(io.FileIO):
    """Standard output, whose errors cannot be mistaken for those of another file."""

    def write(self, data):
        """As FileIO.write."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderGone()
        except OSError as error:
            raise OutputFailure('cannot write the output: {}'.format(failure.reason_of(error)))


class Complaints(io.FileIO):
    """Standard error; that nobody can read it is no further trouble, and changes no status."""

    def write(self, data):
        """As FileIO.write, but all is taken."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def open_streams():
    """Make standard output and error UTF-8, whatever the locale; a closed one is /dev/null.

    Under `env -i` Python 3.6 takes both for ASCII.  A descriptor that is left
    closed would be given to the next file that is opened, a database perhaps;
    for standard output it is one that cannot be written, so that an answer
    that nobody gets is still a failure.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)       # the lowest free number is this one
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(Output(1, 'w', closefd=False), 1 << 16), 'utf-8', 'backslashreplace',
        line_buffering=os.isatty(1))
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(Complaints(2, 'w', closefd=False)), 'utf-8', 'backslashreplace',
        line_buffering=True)


def close_output():
    """After an error of standard output: what is left in its buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run(command, program, argv=None):
    """Run a click command; its exit status.  Never raises, save for --debug.

    A command ends well with None, or gives its status as an integer.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    open_streams()
    try:
        return called(command, program, argv)
    except ReaderGone:
        close_output()
        return SIGNALLED + SIGPIPE
    except (KeyboardInterrupt, click.Abort):
        return SIGNALLED + SIGINT
    except Exception as error:
        if DEBUG in argv:
            traceback.print_exc()
        return explain(program, *verdict(error, program))


def verdict(error, program):
    """(sentence, exit status) for whatever was raised."""
    if isinstance(error, failure.Failure):
        return str(error), error.status
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else program
        return "{} Try '{} --help'.".format(error.format_message(), path), failure.EX_USAGE
    if isinstance(error, click.ClickException):
        return error.format_message(), failure.EX_USAGE
    if isinstance(error, OSError) and error.filename is not None:
        return ('cannot use {}: {}'.format(os.fsdecode(error.filename), failure.reason_of(error)),
                failure.EX_IOERR)
    return 'internal error: {}'.format(where_raised(error)), failure.EX_SOFTWARE


def called(command, program, argv):
    """What click's main() does, but for its refusal to run under the C locale (3.6).

    main() alone knows the shells' completion, and there is always a locale.
    """
    try:
        if '_{}_COMPLETE'.format(program.replace('-', '_').upper()) in os.environ:
            command.main(argv, prog_name=program)
        with command.make_context(program, [argument(one) for one in argv]) as ctx:
            status = command.invoke(ctx)
    except SystemExit as ended:     # of a completion; ctx.exit() of click 6
        status = ended.code
    except getattr(click.exceptions, 'Exit', ()) as ended:
        status = ended.exit_code
    sys.stdout.flush()
    return status if isinstance(status, int) else failure.EX_OK


def argument(given):
    """One argument as UTF-8; a name of an existing file stays as the system knows it."""
    text = recoded(given)
    if text == given or os.path.lexists(given):
        return given
    return text


def explain(program, said, status):
    """Print the line that says what went wrong; the status."""
    try:
        sys.stdout.flush()          # what was found before the failure is still an answer
    except (failure.Failure, ReaderGone):
        close_output()
    failure.complain(program, visible(' '.join(said.split())))
    return status


def where_raised(bug):
    """`KeyError: 'x' (drain.py:33)`, for a report that helps without a traceback."""
    frames = [frame for frame in traceback.extract_tb(bug.__traceback__) if os.path.isabs(frame.filename)]
    place = '{}:{}'.format(os.path.basename(frames[-1].filename), frames[-1].lineno) if frames else '?'
    return '{}: {} ({}); --debug shows more'.format(type(bug).__name__, failure.one_line(bug), place)
