#!/bin/sh
# Build the packages for the distribution $1 (el7, el8, el9 or el10), and their source package, into the folder $3,
# on EL or Debian; nothing as root.  $2 is a Python with pip, which fetches the pinned wheels unless .rpm/ has them
# already; no other network is used.
set -eu
cd "$(dirname "$0")/.."
dist=$1
python=$2
case $dist in
    el7 | el8) wheels=3.6 target=3.6 ;;
    el9) wheels=3.9 target=3.9 ;;
    el10) wheels=3.9 target=3.12 ;;
    *) echo "make rpm: DIST is el7, el8, el9 or el10, not '$dist'" >&2; exit 64 ;;
esac
mkdir -p "$3" ".rpm/wheels-$wheels"
folder=$(cd "$3" && pwd)
command -v rpmbuild >/dev/null ||
    { echo 'make rpm: there is no rpmbuild; apt-get install rpm, or dnf install rpm-build' >&2; exit 69; }

version=$(sed -n 's/^__version__ = .\(.*\).$/\1/p' mailtools/__init__.py)
top=$folder/build
rm -rf "$top"
mkdir -p "$top/SOURCES"

# What git knows, and what it does not ignore; where there is no git, all that is not hidden.
{ git ls-files -co --exclude-standard 2>/dev/null ||
    find . -path './.[!.]*' -prune -o -path ./dist -prune -o -name __pycache__ -prune -o -type f -print; } |
    while read -r name; do [ ! -e "$name" ] || printf '%s\n' "$name"; done | LC_ALL=C sort > "$top/files"
tar -czf "$top/SOURCES/mailtools-$version.tar.gz" -T "$top/files" --owner=0 --group=0 \
    --transform "s|^\(\./\)*|mailtools-$version/|"

# pip compares what it fetches with the hashes; %prep does so again.  One build at a time fetches.
exec 9> .rpm/lock
flock 9
"$python" -m pip --disable-pip-version-check -q download --require-hashes --no-deps --only-binary :all: \
    --python-version "$wheels" --find-links ".rpm/wheels-$wheels" -d ".rpm/wheels-$wheels" \
    -r "rpm/wheels-$wheels.txt" > "$top/log" 2>&1 || { cat "$top/log" >&2; exit 69; }
tar -cf "$top/SOURCES/mailtools-$version-wheels-$wheels.tar" -C .rpm --owner=0 --group=0 \
    --transform 's|^wheels-[0-9.]*|wheels|' "wheels-$wheels"
exec 9>&-

# Byte code is of use only to a Python of the version that made it.
python3=$(sh tests/find-python.sh "$target")
without=
if [ -z "$python3" ]; then
    echo "make rpm: no Python $target here: the packages get no byte code, and their programs start more slowly" >&2
    without=--without=bytecode
fi
# Debian's rpm lacks some macros, and its package data know nothing of what EL calls things.
debian=
[ -n "$(rpm --eval '%{?_unitdir}')" ] || debian='--nodeps --load rpm/debian.macros'
rpmbuild -ba $debian $without --define "_topdir $top" --define "_tmppath $top" \
    --define "rhel ${dist#el}" --define "dist .$dist" --define "build_python3 ${python3:-none}" \
    rpm/mailtools.spec > "$top/log" 2>&1 ||
    { tail -n 30 "$top/log" >&2; exit 70; }
rm -f "$folder"/*.rpm
mv "$top"/RPMS/noarch/*.rpm "$top"/SRPMS/*.rpm "$folder/"
rm -rf "$top"
ls "$folder"
