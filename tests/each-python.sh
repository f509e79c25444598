#!/bin/sh
# Run `make $2 ...` under each Python of the list $1 that is installed, each with its own venv.
# `newest` is the newest of those that are.  Pythons are looked for in PATH, then in ~/.pyenv.
set -u
cd "$(dirname "$0")/.."
wanted=$1
target=$2
shift 2
newest='3.13 3.12 3.11 3.10 3.9'

find_python() {
    for candidate in "$(command -v "python$1" 2>/dev/null)" "${HOME:-/nonexistent}"/.pyenv/versions/"$1".*/bin/"python$1" \
            "/usr/bin/python$1"; do
        # A shim of pyenv exists for versions that are switched off too: ask it.
        if [ -x "$candidate" ] && "$candidate" -c 'import sys' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

ran= failed= absent=
for version in $wanted; do
    if [ "$version" = newest ]; then
        for one in $newest; do
            python=$(find_python "$one")
            version=$one
            [ -z "$python" ] || break
        done
    else
        python=$(find_python "$version")
    fi
    if [ -z "$python" ]; then
        absent="$absent $version"
        continue
    fi
    echo "== Python $version: make $target"
    ran="$ran $version"
    ${MAKE:-make} --no-print-directory "$target" PYTHON="$python" VENV=".venv-$version" "$@" || failed="$failed $version"
done
echo "== ran on:${ran:- none}; failed:${failed:- none}; not installed:${absent:- none}"
[ -n "$ran" ] && [ -z "$failed" ]
