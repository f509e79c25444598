"""The commands of pflogsumm-report: their names, and where each is written.

Its main work has no name on the command line: `pflogsumm-report --json LOG` is `report --json LOG`.
A command's module is imported when it is called.
"""
import sys

from mailtools.base.commandline import Program, config_command, run
from mailtools.pflogsumm_report.settings import PROGRAM, SETTINGS

FOLDER = 'mailtools.pflogsumm_report.'
REPORT = 'report'

COMMANDS = {
    REPORT: FOLDER + 'commands_report:report',
    'history': FOLDER + 'commands_history:history',
    'merge': FOLDER + 'commands_merge:merge',
    'config': FOLDER + 'cli:config',
}

HELP = """Yesterday's mail: pflogsumm's report, and what it lacks.

Without the name of a command it is `report`.

\b
Examples:
  pflogsumm-report                        from cron: mail the report of yesterday
  pflogsumm-report --date 2026-11-22 --text    that day, on the terminal
  pflogsumm-report --json --totals        exact figures for programs
  pflogsumm-report --json maillog*        of these files
  pflogsumm-report history                how the days before were
  pflogsumm-report merge mx1.json mail1.json   one report of several hosts
  pflogsumm-report COMMAND --help         more of each
"""

VALUED = ('-c', '--config')             # options that any command takes, whose value is the next word
OF_PROGRAM = ('--help', '--version')    # said to the program itself

config = config_command()
program = Program(PROGRAM, SETTINGS, COMMANDS, help=HELP)


def main(argv=None):
    """Run the program; its exit status."""
    return run(program, PROGRAM, with_command(sys.argv[1:] if argv is None else argv))


def with_command(argv):
    """The words of the command line, with `report` put where a command's name is left out.

    A log that is called like a command is given as ./history.
    """
    place = 0
    while place < len(argv) and argv[place] in VALUED + ('-v', '--verbose', '--debug'):
        place += 2 if argv[place] in VALUED else 1
    if place < len(argv) and (argv[place] in COMMANDS or argv[place] in OF_PROGRAM):
        return list(argv)
    return list(argv[:place]) + [REPORT] + list(argv[place:])
