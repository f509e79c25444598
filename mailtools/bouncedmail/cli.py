"""The commands of bouncedmail: their names, and where each is written.

A command's module is imported when it is called, so that `parse` loads no database
and `list` no daemon.
"""
from mailtools.base.commandline import Program, config_command, run
from mailtools.bouncedmail.settings import PROGRAM, SETTINGS

SPOOL = 'mailtools.bouncedmail.commands_spool:'
DATABASE = 'mailtools.bouncedmail.commands_database:'
UPKEEP = 'mailtools.bouncedmail.commands_upkeep:'

COMMANDS = {
    'ingest': SPOOL + 'ingest',
    'drain': SPOOL + 'drain',
    'parse': SPOOL + 'parse',
    'import': SPOOL + 'import_',
    'check': SPOOL + 'check',
    'list': DATABASE + 'list_',
    'show': DATABASE + 'show',
    'stats': DATABASE + 'stats',
    'suppressions': UPKEEP + 'suppressions',
    'forgive': UPKEEP + 'forgive',
    'purge': UPKEEP + 'purge',
    'initdb': UPKEEP + 'initdb',
    'config': 'mailtools.bouncedmail.cli:config',
}

HELP = """Take returned mail, understand it, and remember it.

\b
Examples:
  bounces: "|/usr/bin/bouncedmail ingest"     in aliases(5)
  bouncedmail drain --follow                  a daemon: from the spool to the database
  bouncedmail list --domain example.org       what came back from there
  bouncedmail suppressions                    whom not to mail again
  bouncedmail COMMAND --help                  more of each
"""

config = config_command()
program = Program(PROGRAM, SETTINGS, COMMANDS, help=HELP)


def main(argv=None):
    """Run the program; its exit status."""
    return run(program, PROGRAM, argv)
