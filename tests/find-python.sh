#!/bin/sh
# Print the path of a Python of version $1, such as 3.9; nothing when there is none.
# They are looked for in PATH, then in ~/.pyenv.
for candidate in "$(command -v "python$1" 2>/dev/null)" "${HOME:-/nonexistent}"/.pyenv/versions/"$1".*/bin/"python$1" \
        "/usr/bin/python$1"; do
    # A shim of pyenv exists for versions that are switched off too: ask it.
    if [ -x "$candidate" ] && "$candidate" -c 'import sys' >/dev/null 2>&1; then
        echo "$candidate"
        exit
    fi
done
