#!/bin/sh
# Build the packages of dist/$1/ (el7, el8, el9 or el10), and the source package, on EL or Debian; nothing as root.
# $2 is a Python with pip, which fetches the pinned wheels unless they are in .rpm/ already; no other network is used.
set -eu
cd "$(dirname "$0")/.."
dist=$1
python=$2
rhel=${dist#el}
case $dist in
    el7) wheels=3.6 python3_is=3.6 ;;
    el8) wheels=3.6 python3_is=3.6 ;;
    el9) wheels=3.9 python3_is=3.9 ;;
    el10) wheels=3.9 python3_is=3.12 ;;
    *) echo "make rpm: DIST is el7, el8, el9 or el10, not '$dist'" >&2; exit 64 ;;
esac
command -v rpmbuild >/dev/null || { echo 'make rpm: there is no rpmbuild; apt-get install rpm, or dnf install rpm-build' >&2; exit 69; }

version=$(sed -n 's/^__version__ = .\(.*\).$/\1/p' mailtools/__init__.py)
top=$PWD/.rpm/$dist
rm -rf "$top"
mkdir -p "$top/SOURCES" ".rpm/wheels-$wheels" "dist/$dist"

# What git knows and what it does not ignore; where there is no git, all that is not made here.
{ git ls-files -co --exclude-standard 2>/dev/null || find . -name '.[!.]*' -prune -o -path ./dist -prune -o -type f -print; } |
    while read -r name; do [ ! -e "$name" ] || printf '%s\n' "$name"; done |
    LC_ALL=C sort > "$top/files"
tar -czf "$top/SOURCES/mailtools-$version.tar.gz" -T "$top/files" --owner=0 --group=0 --transform "s|^\(\./\)*|mailtools-$version/|"

# pip compares what it fetches with the hashes; what lies here already it does not fetch again.
"$python" -m pip --disable-pip-version-check -q download --require-hashes --no-deps --only-binary :all: --python-version "$wheels" \
    --find-links ".rpm/wheels-$wheels" -d ".rpm/wheels-$wheels" -r "rpm/wheels-$wheels.txt" 2>"$top/pip.log" ||
    { cat "$top/pip.log" >&2; exit 69; }
tar -cf "$top/SOURCES/mailtools-$version-wheels-$wheels.tar" -C .rpm --owner=0 --group=0 --transform 's|^wheels-[0-9.]*|wheels|' "wheels-$wheels"

# Byte code is made by a Python of the version that will run it.
target=$(sh tests/find-python.sh "$python3_is")
without=
if [ -z "$target" ]; then
    echo "make rpm: no Python $python3_is here, so the packages have no byte code and their programs start more slowly" >&2
    without=--without=bytecode
fi
# Debian's rpm lacks some macros, and its package data know nothing of EL's BuildRequires.
debian=
[ -n "$(rpm --eval '%{?_unitdir}')" ] || debian='--nodeps --load rpm/debian.macros'
rpmbuild -ba $debian $without --define "_topdir $top" --define "rhel $rhel" --define "dist .$dist" \
    --define "build_python3 ${target:-none}" rpm/mailtools.spec > "$top/log" 2>&1 || { tail -n 30 "$top/log" >&2; exit 70; }
rm -f "dist/$dist"/*.rpm
mv "$top"/RPMS/noarch/*.rpm "$top"/SRPMS/*.rpm "dist/$dist/"
rm -rf "$top/BUILD" "$top/BUILDROOT"
ls -l "dist/$dist"
