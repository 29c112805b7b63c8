#!/bin/sh
# summary.csv and compare: what they say agrees with the rows, the same command
# gives the same bytes, and what does not fit is refused.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario short >short.yaml
vary="networks.cell.delay=20ms,60ms"
for notice in 50 80; do
  expect 0 "$handoff" run short.yaml --no-checks --repeat 31 --vary $vary \
    --set client.notice=${notice}ms --out n$notice
done

# field FILE NAME: number of the column.
field() {
  head -1 "$1" | tr , '\n' | grep -nx "$2" | cut -d: -f1
}

# column DIR FILE NAME DELAY ARM: its values, in order.
column() {
  awk -F, -v c="$(field "$1/$2" "$3")" -v a="$(field "$1/$2" arm)" \
    -v delay="$4" -v arm="$5" '$2 == delay && $a == arm { print $c }' "$1/$2" |
    sort -g
}

# summary DIR DELAY ARM METRIC NAME: the cell of summary.csv.
summary() {
  awk -F, -v c="$(field "$1/summary.csv" "$5")" -v delay="$2" -v arm="$3" \
    -v metric="$4" '$2 == delay && $3 == arm && $4 == metric { print $c }' \
    "$1/summary.csv"
}

# summary.csv: a row for each point, arm and metric, and the 16th of 31 values
# is the median, between its bounds.
rows=$(tail -n +2 n50/summary.csv | wc -l)
if [ "$((rows % 6))" != 0 ] || [ "$rows" -lt 120 ]; then fail "$rows rows"; fi
for delay in 20ms 60ms; do
  for arm in quic quic-reconnect tcp-notify; do
    column n50 handoffs.csv interruption_ms $delay $arm >values
    [ "$(sed -n 16p values)" = \
      "$(summary n50 $delay $arm interruption_ms median)" ] ||
      fail "median of $delay, $arm"
    for name in min median_lo median median_hi max; do
      summary n50 $delay $arm interruption_ms $name
    done >five
    sort -gc five || fail "out of order: $(cat five)"
    [ "$(sed -n '1p;5p' five)" = "$(sed -n '1p;31p' values)" ] ||
      fail "min and max: $(cat five)"
    [ "$(sed -n 2p five)" = "$(sed -n 4p five)" ] && fail "no interval"
    [ "$(summary n50 $delay $arm run.handshakes n)" = 31 ] || fail "n"
    [ "$(summary n50 $delay $arm run.handshakes claim)" = yes ] || fail "claim"
    [ "$(summary n50 $delay $arm run.fallback_ms empty)" = 31 ] || fail "empty"
  done
done
[ "$(summary n50 20ms quic t90_ms censored)" = 31 ] || fail "censored"
[ "$(summary n50 20ms quic t90_ms median)" = NA ] || fail "a censored median"
# Thirty copies are no claim.
sed 's/60ms..80ms/70ms/' short.yaml >fixed.yaml
expect 0 "$handoff" run fixed.yaml --no-checks --repeat 30 --out fixed
grep -q ',yes$' fixed/summary.csv && fail "copies make a claim"
cp -r fixed copies
expect 0 "$handoff" run fixed.yaml --no-checks --repeat 30 --out fixed \
  --set client.notice=80ms
expect 0 "$handoff" compare fixed copies
grep -q 'these 30 are one sample, and nothing is tested' out ||
  fail "copies are tested: $(cat out)"

# compare: the client is told 30 ms later, in every pair.
expect 0 "$handoff" compare n50 n80 --out first.csv
mv out first
expect 0 "$handoff" compare n50/ n80 --out second.csv
cmp first.csv second.csv || fail "other bytes"
sed 's/n50\/$/n50/' out | cmp -s - first || fail "another table"
grep -q 'client.notice' first || fail "does not say what differs: $(cat first)"
detection=$(grep '^short,20ms,quic,quic,detection_ms,' first.csv)
case $detection in
*,detection_ms,31,31,0,0,0,0,50.000000,80.000000,1.600000,1.600000,1.600000,*,1.000000,yes) ;;
*) fail "detection: $detection" ;;
esac
[ "$(cut -d, -f5 first.csv | grep -c '^run.fct_s$')" = 6 ] || fail "rows"
# The other way round the effect is the opposite.
expect 0 "$handoff" compare n80 n50 --arm quic --out back.csv
grep -q '^short,20ms,quic,quic,detection_ms,31,31,0,0,0,0,80.000000,50.000000,0.625000,.*,-1.000000,yes$' back.csv ||
  fail "back: $(grep detection back.csv)"
grep -q tcp-notify back.csv && fail "an arm that was not asked for"
# With itself, all is equal and nothing is tested.
expect 0 "$handoff" compare n50 n50
grep -q 'metrics are equal in every pair' out || fail "$(cat out)"
grep -q 'p (Holm)' out && fail "something differs: $(cat out)"
# Two arms.
expect 0 "$handoff" compare n50 --arms quic,tcp-notify --out arms.csv
grep -q '^short,60ms,quic,tcp-notify,run.handshakes,31,31,0,0,0,0,1.000000,2.000000,2.000000,' arms.csv ||
  fail "arms: $(grep handshakes arms.csv)"

# A lost run is censored, has no handoff, and is no better than any.
expect 3 "$handoff" run short.yaml --no-checks --repeat 31 --vary $vary \
  --arm quic --set workload.bytes=4GB --timeout 1ms --out lost
[ "$(summary lost 20ms quic run.fct_s censored)" = 31 ] || fail "lost runs"
[ "$(summary lost 20ms quic run.goodput_mbps median)" = 0.000000 ] ||
  fail "goodput of lost runs"
expect 0 "$handoff" compare n50 lost --out lost.csv
grep -q '^short,20ms,quic,quic,run.fct_s,31,31,0,0,0,31,[0-9.]*,NA,NA,NA,NA,[0-9.e-]*,[0-9.e-]*,1.000000,yes$' lost.csv ||
  fail "lost: $(grep 20ms,quic,quic,run.fct lost.csv)"
grep -q '^short,20ms,quic,quic,run.goodput_mbps,.*,-1.000000,yes$' lost.csv ||
  fail "lost: $(grep 20ms,quic,quic,run.good lost.csv)"
grep -q '^short,20ms,quic,quic,interruption_ms,0,0,31,0,' lost.csv ||
  fail "lost: $(grep 20ms,quic,quic,interr lost.csv)"
[ "$(grep -c 'B has nothing of this' out)" = 4 ] || fail "A's: $(cat out)"
expect 0 "$handoff" compare lost n50
[ "$(grep -c '^only in B: networks.cell.delay=.*, tcp-notify$' out)" = 2 ] ||
  fail "B's: $(cat out)"

# What is refused, with nothing printed and nothing written.
refused() {
  message=$1
  shift
  expect 2 "$handoff" compare "$@" --out new.csv
  says "$message"
  [ ! -s out ] || fail "prints something: $*"
  [ ! -e new.csv ] || fail "writes something: $*"
}
two="handoff: compare needs two result folders, or one and --arms A,B"
refused "$two"
refused "$two" n50
refused "$two" n50 n80 n50
refused "handoff: compare --arms needs one result folder" n50 n80 --arms a,b
refused "handoff: either --arm or --arms" n50 --arms a,b --arm quic
refused "--arms needs two names, A,B, not 'quic'" n50 --arms quic
refused "--arms needs two names, A,B, not 'a,b,c'" n50 --arms a,b,c
refused "'n50' has no arm 'quik' (did you mean 'quic'?)" n50 n80 --arm quik
refused "'n50' has no arm 'quik' (did you mean 'quic'?)" n50 --arms tcp-notify,quik
refused "'nowhere' is not a result folder: it has no manifest.json" n50 nowhere
refused "'short.yaml' is not a result folder: it has no manifest.json" \
  short.yaml n50
scenario other >other.yaml
expect 0 "$handoff" run other.yaml --no-checks --out other
refused "different scenarios: 'n50' has 'short', 'other' has 'other'" n50 other
refused "'n50' and 'fixed' do not vary the same keys" n50 fixed
expect 0 "$handoff" run short.yaml --no-checks --seed 99 --vary $vary --out late
refused "'n50' and 'late' have no run in common: no two have the same varied values, arm and seed" n50 late
# Cut off anywhere: between two rows, too.
for file in runs handoffs; do
  for cut in 1 17 at-row; do
    rm -rf cut
    cp -r n80 cut
    case $cut in
    at-row) sed -i '$d' cut/$file.csv ;;
    *) head -c -$cut n80/$file.csv >cut/$file.csv ;;
    esac
    expect 2 "$handoff" compare n50 cut --out new.csv
    grep -q "^'cut/$file.csv'" err || fail "$file $cut: $(cat err)"
    [ ! -e new.csv ] || fail "writes something"
  done
done
expect 4 "$handoff" compare n50 n80 --out nowhere/new.csv
says "handoff: cannot write 'nowhere/new.csv': No such file or directory"
# Where there is no room for all of it, what was there stays.
cp first.csv before.csv
for file in first.csv none.csv; do
  (trap '' XFSZ && ulimit -f 1 &&
    "$handoff" compare n50 n80 --out $file >/dev/null 2>err) &&
    fail "writes more than there is room for"
  says "handoff: cannot write '$file': File too large"
done
cmp first.csv before.csv || fail "a file is lost for one that cannot be written"
[ -z "$(find . -name 'none.csv*' -o -name '*.part')" ] || fail "leaves a part"
# What is no plain file is written to as it is.
ln -s linked.csv link.csv
expect 0 "$handoff" compare n50 n80 --out link.csv
cmp first.csv linked.csv || fail "not through a link"
expect 2 "$handoff" compare n50 n80 --out n50
says "handoff: --out 'n50' is a folder, it must be a file"
cp n50/runs.csv runs.before
expect 2 "$handoff" compare n50 n80 --out n50/runs.csv
says "--out: 'n50/runs.csv' is there, and is no file of this option; it was left alone"
cmp n50/runs.csv runs.before || fail "a result was overwritten"

finish
