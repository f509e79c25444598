#!/bin/sh
# Make the virtual environment $2 with the Python $1, and this checkout's programs in its bin/.
# Quick when nothing has changed; needs python3 with its venv module and pip's index, nothing else.
set -eu
python=$1
venv=$2
checkout=$(cd "$(dirname "$0")/.." && pwd)
case $venv in /*) ;; *) venv=$checkout/$venv ;; esac

command -v "$python" >/dev/null || { echo "make venv: there is no $python; see PYTHON in the Makefile" >&2; exit 69; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' ||
    { echo "make venv: $python is older than 3.6" >&2; exit 69; }

# Debian keeps the module that brings pip in a package of its own.
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null
    elif [ "$(id -u)" = 0 ] && command -v dnf >/dev/null; then
        dnf -q -y install python3-pip
    fi
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        { echo "make venv: $python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 69; }
fi

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir -qq install "$@"
}

stamp=$venv/.mailtools
now="$("$python" -c 'import sys; print(sys.version, sys.base_prefix)') $venv $(cksum < "$checkout/requirements.txt")"
if [ "$(cat "$stamp" 2>/dev/null)" != "$now" ]; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # The pip that 3.6 brings does not know the wheels of today.
    if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info >= (3, 7))'; then
        pip pip==21.3.1
    fi
    pip --no-deps --only-binary :all: -r "$checkout/requirements.txt"
    printf '%s\n' "$now" > "$stamp"
fi

# The kernel reads 127 characters of a #! line and splits it at blanks: then sh starts Python.
first="#!$venv/bin/python -IS"
case $venv in *' '*) first= ;; esac
[ "${#first}" -lt 127 ] || first=
for program in "$checkout"/bin/*; do
    name=$(basename "$program")
    target=$venv/bin/$name
    script=$target
    [ -n "$first" ] || script=$venv/$name.py
    "$venv/bin/python" - "$program" "$script.new" "$first" "$checkout" <<'END'
import re, sys
source, target, first, library = sys.argv[1:]
with open(source, encoding='utf-8') as file:
    text = file.read()
text = re.sub('^#!.*', lambda _: first or '#', text, count=1)
text, count = re.subn('^LIBRARY = .*', lambda _: 'LIBRARY = {!r}'.format(library), text, count=1, flags=re.M)
assert count == 1, source + ' has no line LIBRARY = '
with open(target, 'w', encoding='utf-8') as file:
    file.write(text)
END
    chmod 755 "$script.new"
    cmp -s "$script.new" "$script" && rm "$script.new" || mv "$script.new" "$script"
    if [ -z "$first" ]; then
        printf '#!/bin/sh\nexec "%s/bin/python" -IS "%s" "$@"\n' "$venv" "$script" > "$target"
        chmod 755 "$target"
    fi
done
# A pipe runs as a user who cannot write byte code here.
"$venv/bin/python" -m compileall -q "$checkout/mailtools"
