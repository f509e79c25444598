"""The script that puts rendered files in place: a list of files in, its text out.  Pure.

mailsystem itself never writes into /etc; the script is short enough to be read before it is run.
"""
from mailtools.mailsystem.render import MAIN, MASTER

HEAD = '''#!/bin/sh
# Puts the files beside it in place on {what}: sh install.sh [ROOT]
#
# Each file is replaced whole; what it was is kept as FILE.before. The tables are compiled before main.cf names them,
# so that mail which comes meanwhile is not refused; then Postfix looks at its settings. Nothing is started or
# reloaded: postfix reload does that, when you are content.
# ROOT is the folder of another system; empty: this one.
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin
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
    last = [file for file in files if file.path in (MAIN, MASTER)]
    first = [file for file in files if file not in last]
    lines.extend(placing('begin' if file.kept else 'put', file) for file in first)
    lines.extend(placing('begin', file) for file in last)       # without any, postmap does not run
    lines.extend(compiling(file) for file in files if file.command)
    lines.extend(placing('put', file) for file in last)
    return '\n'.join(lines) + '\n' + TAIL


def placing(verb, file):
    """The line that puts one file in place."""
    return '{} {} {:04o} {} {}'.format(verb, file.path, file.mode, file.owner, file.group)


def compiling(file):
    """The line that compiles one table."""
    program, table = file.command.split()
    kind, path = table.split(':')
    return 'compile {} {} {}'.format(program, kind, path)
