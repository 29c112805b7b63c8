#!/bin/sh
# The report's choices: which run it shows, what two varied keys look like,
# what is said not to be drawn, and which files of a former report go.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

command -v gnuplot >/dev/null || exit 77

scenario short >short.yaml

# shows DIR TEXT: the page has it; hides: it has not.
shows() {
  grep -Fq -- "$2" "$1/report.html" || fail "$1 does not show: $2"
}
hides() {
  grep -Fq -- "$2" "$1/report.html" && fail "$1 shows: $2"
}

# ---- the run that is shown ----

expect 0 "$handoff" run short.yaml --no-checks --repeat 5 --series --events \
  --arm quic --arm tcp-notify --out first
cp -r first plain

# put COLUMN VALUES: the |quic| rows of dir/handoffs.csv get these, - keeps one.
put() {
  awk -F, -v OFS=, -v name="$1" -v values="$2" '
    BEGIN { split(values, value, " ") }
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
    NR > 1 && $2 == "quic" && value[++n] != "-" {
      $at = value[n] == "empty" ? "" : value[n]
    }
    { print }' dir/handoffs.csv >changed
  mv changed dir/handoffs.csv
}

# chosen SEED WHY: the seed that all arms show.
chosen() {
  expect 0 "$handoff" report dir
  shows dir "<p>Shown is seed $1$2; the same seed in every arm"
  [ "$(grep -c "Handoff of seed $1, client 0" dir/report.html)" = 2 ] ||
    fail "not seed $1 in both arms: $(grep -o 'Handoff of seed .' dir/report.html)"
  [ "$(grep -c "Seed $1, client 0, disconnect" dir/report.html)" = 2 ] ||
    fail "not the packets of seed $1"
  rm -rf dir
  cp -r plain dir
}

cp -r plain dir
median=$(awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) if ($i == "interruption_ms") at = i }
  $2 == "quic" { print $at, $3 }' dir/handoffs.csv | sort -g |
  sed -n '3s/.* //p')
expect 0 "$handoff" report dir
shows dir "<p>Shown is seed $median: of 5, the one with the median"
rm -rf dir
cp -r plain dir
# What never ended is longest, what does not apply is not there, of an even
# number the lower one counts.
put interruption_ms '50 10 NA 30 20'
chosen 4 ': of 5, the one with the median interruption in quic, 30.0 ms'
put interruption_ms '50 10 empty 30 20'
chosen 5 ': of 4, the one with the median interruption in quic, 20.0 ms'
put interruption_ms '10 NA NA NA 20'
chosen 2 ': of 5, the one with the median interruption in quic, which never ended'
put interruption_ms 'empty empty empty empty empty'
put migration_latency_ms '1 5 2 4 3'
chosen 5 ': of 5, the one with the median migration latency in quic, 3.0 ms'
put interruption_ms '7 7 7 7 7'
chosen 1 ', the first: all 5 have the same interruption in quic'
put interruption_ms '3 9 9 9 1'
chosen 2 ': of 5, the one with the median interruption in quic, 9.0 ms'

# An arm that has no handoff at that seed, and a seed that was asked for.
awk -F, '!($2 == "tcp-notify" && $3 == 4)' plain/handoffs.csv >dir/handoffs.csv
awk -F, -v OFS=, '
  NR == 1 { for (i = 1; i <= NF; i++) if ($i == "handoffs") at = i }
  $2 == "tcp-notify" && $3 == 4 { $at = 0 }
  { print }' plain/runs.csv >dir/runs.csv
expect 0 "$handoff" report dir --seed 4
shows dir '<p>Shown is seed 4, which was asked for; the same seed in every arm'
shows dir ' tcp-notify has no handoff there.</p>'
[ -e dir/figures/course-quic.svg ] || fail "no course"
[ ! -e dir/figures/course-tcp-notify.svg ] || fail "a course without handoff"
expect 2 "$handoff" report plain --seed 6
says "'plain' has no seed 6, but 1 to 5"
[ ! -e plain/report.html ] || fail "written for a seed that is not there"

# ---- figures of a former report ----

expect 0 "$handoff" report first
touch first/figures/mine.svg first/figures/course-quic.svg.orig
cp first/figures/course-quic.gp first/figures/course-mine.gp
[ -s first/figures/course-tcp-notify.svg ] || fail "no course"
rm first/series.csv
expect 0 "$handoff" report first
for file in mine.svg course-quic.svg.orig course-mine.gp; do
  [ -e first/figures/$file ] || fail "$file of the user is gone"
done
find first/figures -name 'course-quic.*' -o -name 'course-tcp*' |
  grep -v orig >left
[ ! -s left ] || fail "left of the former report: $(cat left)"
[ -s first/figures/sequence-quic.svg ] || fail "what still applies is gone"
grep -q '^course-' first/figures/made.txt && fail "the list still has it"
# Nothing that leads out of the folder is removed.
touch first/precious.svg first/figures/.hidden.svg
printf '../precious\n.hidden\n/tmp/x\n\n' >>first/figures/made.txt
expect 0 "$handoff" report first
[ -e first/precious.svg ] || fail "a list led out of the folder"
[ -e first/figures/.hidden.svg ] || fail "a hidden file is gone"

# ---- two keys, and more ----

expect 0 "$handoff" run short.yaml --no-checks --arm quic --arm tcp-notify \
  --vary networks.cell.delay=5ms,20ms,60ms --vary client.notice=10ms,90ms \
  --out two
cp -r two some
cp -r two pure
expect 0 "$handoff" report two
find two/figures -name 'heat-*.dat' | sort >maps
for map in interruption_ms-quic interruption_ms-tcp-notify \
  migration_latency_ms-quic migration_latency_ms-tcp-notify; do
  for ending in gp dat svg pdf; do
    [ -s two/figures/heat-$map.$ending ] || fail "no heat-$map.$ending"
  done
  shows two "figures/heat-$map<"
done
[ "$(wc -l <maps)" = 4 ] || fail "maps: $(cat maps)"

# Each cell is the median of summary.csv, at its place.
awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["arm"] == "quic" && $at["metric"] == "interruption_ms" {
    x = $2 == "5ms" ? 0 : $2 == "20ms" ? 1 : 2
    printf "%d %d %.6f\n", x, $3 == "10ms" ? 0 : 1, $at["median"]
  }' two/summary.csv >wanted
awk '/^[0-9]/ { printf "%d %d %.6f\n", $1, $2, $3 }' \
  two/figures/heat-interruption_ms-quic.dat >got
[ "$(wc -l <wanted)" = 6 ] || fail "medians: $(cat wanted)"
diff wanted got || fail "cells"
gp=two/figures/heat-interruption_ms-quic.gp
grep -Fq 'set cblabel "Interruption, ms"' $gp || fail "no unit"
grep -Fq 'set xlabel "networks.cell.delay"' $gp || fail "no x"
grep -Fq 'set ylabel "client.notice"' $gp || fail "no y"
grep -Fq "'#00224e'" $gp || fail "another palette"
# All arms have one range of colours, and numbers in their cells.
[ "$(grep -h '^set cbrange' two/figures/heat-interruption_ms-*.gp |
  sort -u | wc -l)" = 1 ] || fail "ranges differ"
first=$(awk '/^[0-9]/ { printf $3 < 100 ? "%.1f" : "%.0f", $3; exit }' \
  two/figures/heat-interruption_ms-quic.dat)
grep -q ">.*$first<" two/figures/heat-interruption_ms-quic.svg ||
  fail "$first is not written"

# One that never ended is hatched, one that does not apply blank.
awk -F, -v OFS=, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  $at["arm"] == "quic" && $at["metric"] == "interruption_ms" {
    if (++n == 1) $at["median"] = "NA"
    if (n == 2) $at["median"] = ""
  }
  { print }' two/summary.csv >some/summary.csv
expect 0 "$handoff" report some
shows some 'Hatched (1): it never ended in most runs. Blank: there is nothing'
[ "$(grep -c '^[0-9]' some/figures/heat-interruption_ms-quic.dat)" = 5 ] ||
  fail "cells: $(cat some/figures/heat-interruption_ms-quic.dat)"
grep -q 'index 1 .*pattern' some/figures/heat-interruption_ms-quic.gp ||
  fail "not hatched"
grep -q 'atterns' some/figures/heat-interruption_ms-quic.svg ||
  grep -q '<pattern' some/figures/heat-interruption_ms-quic.svg ||
  fail "no pattern in the picture"
hides two 'Hatched'

# An arm without a metric has no map; the lines of the others keep their names.
awk -F, '!($4 == "quic" && $5 == "migration_latency_ms")' pure/summary.csv \
  >some/summary.csv
expect 0 "$handoff" report some
[ ! -e some/figures/heat-migration_latency_ms-quic.dat ] || fail "an empty map"
grep -q "index 0 .* title \"tcp-notify\"" \
  some/figures/varied-migration_latency_ms-1.gp || fail "another arm's line"
grep -q '^# tcp-notify' some/figures/varied-migration_latency_ms-1.dat ||
  fail "no line"

# Of one key there is none.
expect 0 "$handoff" run short.yaml --no-checks --arm quic \
  --vary networks.cell.delay=5ms,20ms,60ms --out one
expect 0 "$handoff" report one
find one/figures -name 'heat-*' | grep -q . && fail "a map of one key"
hides one ' at once, for each arm'

# Three keys: the map has two of them, the page says what is not drawn.
expect 0 "$handoff" run short.yaml --no-checks --arm quic \
  --vary networks.cell.delay=5ms,20ms,60ms --vary client.notice=10ms,90ms \
  --vary networks.cell.down=4Mbps,6Mbps,8Mbps --out three
expect 0 "$handoff" report three
[ "$(find three/figures -name 'heat-interruption_ms-*.dat' | wc -l)" = 2 ] ||
  fail "$(ls three/figures)"
shows three 'networks.cell.delay and networks.cell.down at once'
shows three 'Of 18 combinations of varied values the first 6 are drawn'
expect 0 "$handoff" run short.yaml --no-checks --arm quic \
  --vary networks.cell.delay=5ms,20ms,60ms --vary client.notice=10ms,50ms,90ms \
  --vary networks.cell.down=4Mbps,6Mbps,8Mbps --out four
expect 0 "$handoff" report four
shows four 'Of 3 combinations of the other keys the first 2 are drawn'
shows four 'Of 9 combinations of the other keys the first 6 are drawn'

finish
