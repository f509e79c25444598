#!/bin/sh
# Run `make $2 ...` under each Python of the list $1 that is installed, each with its own venv.
# `newest` is the newest of those that are.
set -u
cd "$(dirname "$0")/.."
wanted=$1
target=$2
shift 2
newest='3.13 3.12 3.11 3.10 3.9'

ran= failed= absent=
for version in $wanted; do
    if [ "$version" = newest ]; then
        for one in $newest; do
            python=$(sh tests/find-python.sh "$one")
            version=$one
            [ -z "$python" ] || break
        done
    else
        python=$(sh tests/find-python.sh "$version")
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
