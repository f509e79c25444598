"""The script that puts rendered files in place: a list of files in, its text out.  Pure.

mailsystem itself never writes into /etc; the script is short enough to be read before it is run.
"""
HEAD = '''#!/bin/sh
# Puts the files beside it in place on {what}: sh install.sh [ROOT]
#
# Each file is replaced whole; what it was is kept as FILE.before. Then the tables are compiled, and Postfix looks
# at its settings. Nothing is started or reloaded: postfix reload does that, when you are content.
# ROOT is the folder of another system; empty: this one.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
root=${{1:-}}

# folder PATH MODE OWNER GROUP
folder() {{
    install -d -m "$2" -o "$3" -g "$4" "$root$1"
}}

# put PATH MODE OWNER GROUP
put() {{
    mkdir -p "$(dirname "$root$1")"
    if [ -e "$root$1" ] && ! cmp -s "$here$1" "$root$1"; then
        cp -p "$root$1" "$root$1.before"
    fi
    install -m "$2" -o "$3" -g "$4" "$here$1" "$root$1.new"
    mv -f "$root$1.new" "$root$1"
}}

# begin PATH MODE OWNER GROUP: a file that you, or a program, write further
begin() {{
    [ -e "$root$1" ] || put "$@"
}}

# compile PROGRAM TYPE PATH
compile() {{
    "$1" "$2:$root$3"
}}
'''
TAIL = '''
if [ -z "$root" ]; then
    postfix check
fi
'''


def script_of(files, folders, what):
    """The text of install.sh.

    folders: (path, mode, owner, group) of those that are not root's.  what: `the MX host mx1.example.com`.
    """
    lines = [HEAD.format(what=what)]
    lines.extend('folder {} {:04o} {} {}'.format(*folder) for folder in folders)
    lines.extend('{} {} {:04o} {} {}'.format('begin' if file.kept else 'put', file.path, file.mode, file.owner,
                                             file.group) for file in files)
    lines.extend(compiling(file) for file in files if file.command)
    return '\n'.join(lines) + '\n' + TAIL


def compiling(file):
    """The line that compiles one table."""
    program, table = file.command.split()
    kind, path = table.split(':')
    return 'compile {} {} {}'.format(program, kind, path)
