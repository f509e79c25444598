#!/bin/sh
# The main job, on SQLite, in .demo/: sample bounces through the pipe and the drainer, then what
# is known. $1 is the virtual environment; nothing outside the checkout is touched.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/$1/bin:$PATH
demo=$PWD/.demo
conf=$demo/bouncedmail.conf

say() {
    printf '\n$ %s\n' "$*"
}

rm -rf "$demo"
mkdir -p "$demo/bounces/new" "$demo/bounces/tmp" "$demo/bounces/cur"
chmod -R go= "$demo/bounces"
cat > "$conf" <<END
[bouncedmail]
database = sqlite:$demo/bounces.db
spool = $demo/bounces
END

# As local(8) does for each returned mail; every third sample is enough to see.
say 'for mail in tests/bouncedmail/samples/*.eml; do bouncedmail ingest < $mail; done'
seen=0
count=0
for mail in tests/bouncedmail/samples/*.eml; do
    seen=$((seen + 1))
    [ $((seen % 3)) = 0 ] || continue
    bouncedmail ingest --spool "$demo/bounces" < "$mail"
    count=$((count + 1))
done
echo "$count mails are in the spool"

say bouncedmail drain
bouncedmail drain --config "$conf" 2> "$demo/log" || { cat "$demo/log" >&2; exit 1; }
say bouncedmail list --limit 12
bouncedmail list --limit 12 --config "$conf"
say bouncedmail stats --top 12
bouncedmail stats --top 12 --config "$conf"
say 'bouncedmail suppressions | head'
bouncedmail suppressions --config "$conf" > "$demo/suppressions"
head "$demo/suppressions"
printf '\nAsk on: .venv/bin/bouncedmail --help; the database is in --config .demo/bouncedmail.conf\n'
