"""The commands of block-sasl-fail: their names, and where each is written.

A command's module is imported when it is called: cron starts `scan` every five
minutes, and most of these runs find nothing new.
"""
from mailtools.base.commandline import Program, config_command, run
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS

LOG = 'mailtools.block_sasl_fail.commands_log:'
SCAN = 'mailtools.block_sasl_fail.commands_scan:'
BLOCK = 'mailtools.block_sasl_fail.commands_block:'

COMMANDS = {
    'scan': SCAN + 'scan',
    'follow': SCAN + 'follow',
    'failures': LOG + 'failures',
    'list': BLOCK + 'list_blocks',
    'explain': 'mailtools.block_sasl_fail.commands_explain:explain',
    'block': BLOCK + 'block',
    'release': BLOCK + 'release',
    'check': BLOCK + 'check',
    'stats': BLOCK + 'stats',
    'config': 'mailtools.block_sasl_fail.cli:config',
}

HELP = """Keep out who guesses passwords: an access(5) map for Postfix, made from its log.

\b
Examples:
  block-sasl-fail scan                 from cron: what is new in the log
  block-sasl-fail follow               a daemon: the same within seconds
  block-sasl-fail check                does Postfix really refuse who is blocked?
  block-sasl-fail explain 192.0.2.7    why is this address blocked, or why not?
  block-sasl-fail COMMAND --help       more of each
"""

config = config_command()
program = Program(PROGRAM, SETTINGS, COMMANDS, help=HELP)


def main(argv=None):
    """Run the program; its exit status."""
    return run(program, PROGRAM, argv)
