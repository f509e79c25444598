"""The commands of mailqueues: their names, and where each is written.

A command's module is imported when it is called: cron starts `export` every minute.
"""
from mailtools.base.commandline import Program, config_command, run
from mailtools.mailqueues.settings import HOST, PROGRAM, SETTINGS

FOLDER = 'mailtools.mailqueues.'

COMMANDS = {
    'export': FOLDER + 'commands_export:export',
    'count': FOLDER + 'commands_export:count',
    'show': FOLDER + 'commands_show:show',
    'check': FOLDER + 'commands_check:check',
    'history': FOLDER + 'commands_history:history',
    'config': FOLDER + 'cli:config',
}

HELP = """How the queues of all mail servers do: numbers, a page, metrics.

\b
Examples:
  mailqueues export                       from cron: ask all hosts, write the page
  mailqueues show --watch                 a table on the terminal
  mailqueues check -H mail1 -w 1000 -c 5000     a plug-in for Nagios
  mailqueues count                        the queues of this host, as JSON
  mailqueues history mail1 --since 7d     how it was
  mailqueues COMMAND --help               more of each
"""

config = config_command()
program = Program(PROGRAM, SETTINGS, COMMANDS, HOST, help=HELP)


def main(argv=None):
    """Run the program; its exit status."""
    return run(program, PROGRAM, argv)
