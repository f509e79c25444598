"""The commands of mailsystem: their names, and where each is written."""
from mailtools.base.commandline import Program, config_command, run
from mailtools.mailsystem.settings import PROGRAM, SENDER, SETTINGS

FOLDER = 'mailtools.mailsystem.'

COMMANDS = {
    'render': FOLDER + 'commands_render:render',
    'diff': FOLDER + 'commands_render:diff',
    'check': FOLDER + 'commands_check:check',
    'dns': FOLDER + 'commands_dns:dns',
    'warmup': FOLDER + 'commands_dns:warmup',
    'config': FOLDER + 'cli:config',
}

HELP = """The hosts that mail is carried on: rendered, compared, proven.

It never writes into /etc: what it renders is for you to read and to install.

\b
Examples:
  mailsystem render --role mx --output new     all files of the MX host, below new/
  mailsystem diff --role mx                    what this host has that differs, and why it matters
  mailsystem dns                               the records that the zone takes
  mailsystem check --role mx                   proves this host; a plug-in for Nagios
  mailsystem warmup --since 2026-11-01         what a new sender may send each day
  mailsystem COMMAND --help                    more of each
"""

config = config_command()
program = Program(PROGRAM, SETTINGS, COMMANDS, SENDER, help=HELP)


def main(argv=None):
    """Run the program; its exit status."""
    return run(program, PROGRAM, argv)
