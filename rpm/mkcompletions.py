"""The files that complete commands and options in bash, fish and zsh, as click writes them, in folders of $1.

    mkcompletions.py FOLDER [--old-bash]

--old-bash: for bash before 4.4 (EL7), which knows no `nosort`.
"""
import os
import sys

import mkman
from click import shell_completion

NAMES = {'bash': '{}', 'fish': '{}.fish', 'zsh': '_{}'}     # as each shell looks for them


def script(shell, program, old_bash):
    """The text of one file; program: a click group."""
    variable = '_{}_COMPLETE'.format(program.name.replace('-', '_').upper())
    made = shell_completion.get_completion_class(shell)(program, {}, program.name, variable)
    text = shell_completion.ShellComplete.source(made)      # bash's own asks which bash is here
    return text.replace(' -o nosort', '') if old_bash and shell == 'bash' else text


def main(folder, *options):
    """Write all of them."""
    for program in filter(None, map(mkman.group_of, mkman.programs())):
        for shell, name in NAMES.items():
            os.makedirs(os.path.join(folder, shell), exist_ok=True)
            path = os.path.join(folder, shell, name.format(program.name))
            with open(path, 'w', encoding='utf-8') as file:
                file.write(script(shell, program, '--old-bash' in options).strip('\n') + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
