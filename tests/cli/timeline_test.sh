#!/bin/sh
# --timeline: a picture of each run, the same whatever made it, which changes
# no row; only where it is asked for.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

command -v xmllint >/dev/null || exit 77

scenario short >short.yaml
set -- run short.yaml --no-checks --repeat 3 \
  --vary networks.cell.delay=20ms,60ms

# pictures DIR: how many there are.
pictures() {
  find "$1" -name '*.svg' | wc -l
}

# same A B: the same pictures, and as many.
same() {
  [ "$(pictures "$2")" = "$(pictures "$1")" ] || fail "$2: $(ls "$2/runs")"
  diff -r "$1/runs" "$2/runs" >differs || fail "$1, $2: $(cat differs)"
}

expect 0 "$handoff" "$@" --timeline --out with
expect 0 "$handoff" "$@" --out without
[ "$(pictures with)" = 18 ] || fail "$(pictures with) pictures of 18 runs"
[ ! -e without/runs ] || fail "pictures that nobody asked for"
for file in with/*.csv; do
  [ "$file" = with/cost.csv ] || cmp "$file" "without/${file#*/}" ||
    fail "$file differs"
done

# Whole XML, what is varied, all that it should show.
find with -name '*.svg' -exec xmllint --noout {} + || fail "no XML"
picture=with/runs/quic-2-60ms/timeline.svg
for text in '>short, arm quic, seed 2, networks.cell.delay = 60ms<' \
  '>The whole run<' '>home<' '>cell<' '>UDP path over home<' \
  '>UDP path over cell<' '>disconnect home<' ' sends PATH_CHALLENGE<' \
  ' sends PATH_RESPONSE<' ': validation, ' ': first byte, ' \
  'NAT: new mapping, ' 'connection 0: quic, full<'; do
  grep -Fq -- "$text" $picture || fail "it does not show $text"
done
grep -q '>TCP path over cell<' with/runs/tcp-notify-2-60ms/timeline.svg ||
  fail "no path of TCP"
grep -q ' sends PATH' with/runs/tcp-notify-2-60ms/timeline.svg &&
  fail "TCP has challenges"

# By more processes, by shards, after an interruption.
expect 0 "$handoff" "$@" --timeline -j 3 --out many
same with many
for k in 1 2 3; do
  expect 0 "$handoff" "$@" --timeline --shard $k/3 --out s$k
done
expect 0 "$handoff" merge s2 s1 s3 --out merged
same with merged
cmp with/manifest.json many/manifest.json || fail "manifests differ"

# A part of the grid is there when it goes on.
"$handoff" "$@" --timeline -j 1 --out late >/dev/null 2>&1 &
pid=$!
tries=0
while [ ! -s .late.partial/parts/rows ] && [ $tries -lt 400 ] &&
  kill -0 $pid 2>/dev/null; do
  sleep 0.02
  tries=$((tries + 1))
done
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
expect 0 "$handoff" "$@" --timeline --resume --out late
same with late

# --resume of what was asked without is another grid.
expect 2 "$handoff" "$@" --timeline --resume --out without

# Of failed runs only.
sed '/^expect:/,$d' short.yaml >fails.yaml
printf 'expect:\n  - quic: t_loss < 70ms\n' >>fails.yaml
expect 0 "$handoff" run fails.yaml --no-checks --arm quic --repeat 6 \
  --timeline --artefacts failed --out failed
some=$(pictures failed)
if [ "$some" = 0 ] || [ "$some" = 6 ]; then
  fail "$some of 6 runs have failed"
fi
[ "$(find failed/runs -name failed.txt | wc -l)" = "$some" ] || fail "reasons"
find failed/runs -name '*.pcapng' | grep -q . && fail "a capture"
grep -q '  open: failed/runs/quic-[0-9]*/timeline.svg$' err || fail "not named"
grep -q '  repeat it with: .* --timeline$' err || fail "not repeated"

finish
