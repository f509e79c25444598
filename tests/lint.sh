#!/bin/sh
# The gate for the looks of the code: ruff, mypy, and vermin, which finds what 3.6 lacks.
# They run in a virtual environment of their own, on the Python $1 (3.10 or newer).
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv-lint
stamp=$venv/.mailtools
now=$(cksum < tests/requirements-lint.txt)
if [ "$(cat "$stamp" 2>/dev/null)" != "$now" ]; then
    sh tests/venv.sh "$1" "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir -qq install -r tests/requirements-lint.txt
    echo "$now" > "$stamp"
fi
status=0
"$venv/bin/ruff" check mailtools tests rpm bin/* || status=1
"$venv/bin/mypy" || status=1
"$venv/bin/vermin" -q -t=3.6- --no-tips --no-parse-comments --eval-annotations mailtools tests rpm bin/* || status=1
for script in tests/*.sh rpm/*.sh .ci/run; do
    sh -n "$script" || status=1
done
exit $status
