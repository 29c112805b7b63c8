#!/bin/sh
# The report: all figures of a grid, the numbers of its files, the same bytes
# again, nothing from elsewhere; and what it refuses.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

command -v gnuplot >/dev/null || exit 77

# A name that is markup in HTML, in gnuplot and in YAML.
scenario short |
  sed 's/^about: .*/about: "A <b>short_download<\/b> \& more."/' \
  >short.yaml
expect 0 "$handoff" run short.yaml --no-checks --repeat 3 --series --events \
  --vary networks.cell.delay=20ms,60ms --out grid
expect 0 "$handoff" run short.yaml --no-checks --repeat 3 --out plain
cp -r grid again
cp -r grid pure

# field FILE NAME: number of the column.
field() {
  head -1 "$1" | tr , '\n' | grep -nx "$2" | cut -d: -f1
}

# shows TEXT: the page has it.
shows() {
  grep -Fq -- "$1" grid/report.html || fail "the page does not show: $1"
}

expect 0 "$handoff" report grid
for arm in quic quic-reconnect tcp-notify; do
  for figure in course sequence; do
    set -- "$@" "$figure-$arm"
  done
done
for metric in interruption_ms migration_latency_ms; do
  set -- "$@" "varied-$metric" "ecdf-$metric-1" "ecdf-$metric-2"
done
shift
[ $# = 12 ] || fail "$# figures"
for figure in "$@"; do
  shows "figures/$figure<"
  for ending in gp dat svg pdf; do
    [ -s "grid/figures/$figure.$ending" ] || fail "no $figure.$ending"
  done
done
[ "$(grep -c '<svg' grid/report.html)" = 12 ] || fail "not 12 pictures"
[ "$(find grid/figures -name '*.pdf' | wc -l)" = 12 ] || fail "not 12 PDFs"

# The table: each median as summary.csv has it.
shows '<p>A &lt;b&gt;short_download&lt;/b&gt; &amp; more.'
shows 'the client migrates at once'
shows 'These are examples, no claims:'
file=grid/summary.csv
awk -F, -v m="$(field $file metric)" -v c="$(field $file median)" \
  '$m == "interruption_ms" { printf "<td>%.1f<br>\n", $c }' $file >medians
[ "$(wc -l <medians)" = 6 ] || fail "medians: $(cat medians)"
while read -r cell; do
  shows "$cell"
done <medians

# A curve: three handoffs, so steps of a third at the values themselves, and
# the band of three.
file=grid/handoffs.csv
awk -F, -v a="$(field $file arm)" -v c="$(field $file interruption_ms)" \
  '$2 == "20ms" && $a == "tcp-notify" { printf "%.6f\n", $c }' $file |
  sort -g >wanted
awk '/^# tcp-notify/ { on = 1; next } /^$/ { on = 0 }
  on && $2 > y { printf "%.6f\n", $1; n++; y = $2
    if ($2 - n / 3 > 1e-5 || n / 3 - $2 > 1e-5) print "step", $2 }' \
  grid/figures/ecdf-interruption_ms-1.dat >got
# The data have nine digits.
awk 'NR == FNR { w[NR] = $1; next }
  ($1 - w[FNR]) ^ 2 > 1e-8 { bad = 1 } END { exit bad || FNR != 3 }' \
  wanted got || fail "curve: $(cat wanted got)"
grep -q '^[0-9.]* 0.333333 0.000000 1.000000$' \
  grid/figures/ecdf-interruption_ms-1.dat || fail "no band"

# Each step begins at the height of the one before.
awk '/^# tcp-notify/ { on = 1; n = 0; next } /^$/ { on = 0 }
  on && n++ % 2 == 0 { printf "%s ", $2 }' \
  grid/figures/ecdf-interruption_ms-1.dat >odd
awk '/^# tcp-notify/ { on = 1; n = 0; next } /^$/ { on = 0 }
  on && n++ % 2 == 1 { printf "%s ", $2 }' \
  grid/figures/ecdf-interruption_ms-1.dat >even
for half in odd even; do
  [ "$(cat $half)" = "0.000000 0.333333 0.666667 1.000000 " ] ||
    fail "steps: $(cat odd even)"
done

# Lines over the varied values: the medians of this metric.
awk -F, -v m="$(field grid/summary.csv metric)" \
  -v c="$(field grid/summary.csv median)" -v a="$(field grid/summary.csv arm)" \
  '$m == "migration_latency_ms" && $a == "quic" { printf "%.4f\n", $c }' \
  grid/summary.csv >wanted
awk '/^# / { on = $2 == "quic:" ; next } NF && on { printf "%.4f\n", $2 }' \
  grid/figures/varied-migration_latency_ms.dat >got
[ "$(wc -l <wanted)" = 2 ] || fail "medians: $(cat wanted)"
diff wanted got || fail "lines"

# The course: phases behind it, bytes that grow.
grep -q 'rectangle from .* # validation$' grid/figures/course-quic.gp ||
  fail "no phase"
tail -1 grid/figures/course-quic.dat | grep -q ' 0\.[0-9]*[1-9]' ||
  fail "no bytes: $(tail -1 grid/figures/course-quic.dat)"

# The sequence: who validates, in which order.
data=grid/figures/sequence-quic.dat
grep -q 'client "2 x PATH_CHALLENGE, DCID' $data || fail "no challenge"
grep -q 'server "2 x PATH_RESPONSE, DCID' $data || fail "no response"
grep -q 'NaN server ".*PATH_CHALLENGE, DCID .*, old path, lost"' $data ||
  fail "no lost challenge"
grep -q 'PATH_CHALLENGE' grid/figures/sequence-quic.svg ||
  fail "a name was taken for markup"
grep -q 'Initial' grid/figures/sequence-quic-reconnect.dat || fail "no Initial"
grep -q 'TCP, ' grid/figures/sequence-tcp-notify.dat || fail "no TCP"
grep -q 'PATH' grid/figures/sequence-quic-reconnect.dat && fail "a path"
grep -q "first byte to the application" grid/figures/sequence-quic.gp ||
  fail "no first byte"

# Nothing is fetched: the only addresses are names of XML's.
tr '"' '\n' <grid/report.html | grep -E '(https?|file):' |
  grep -v '^http://www.w3.org/' && fail "an address"
grep -E '<(link|img|iframe|script src)' grid/report.html && fail "not whole"

# The same bytes, in another second, and over an old report.
sleep 1
expect 0 "$handoff" report again
expect 0 "$handoff" report again
diff -r grid again >/dev/null || fail "differs: $(diff -rq grid again)"

# A figure can be made anew by hand.
(cd again/figures && rm varied-interruption_ms.pdf &&
  gnuplot varied-interruption_ms.gp && [ -s varied-interruption_ms.pdf ]) ||
  fail "not editable"

# Without series and events it says how to have them.
expect 0 "$handoff" report plain
grep -q -- '<code>--series</code>' plain/report.html || fail "no --series"
grep -q -- '<code>--events</code>' plain/report.html || fail "no --events"

# One that never ended is counted.
awk -F, -v OFS=, -v c="$(field plain/handoffs.csv interruption_ms)" \
  'NR == 2 { $c = "NA" } { print }' plain/handoffs.csv >changed
cp changed plain/handoffs.csv
expect 0 "$handoff" report plain
grep -q 'quic: 1 of 3 had not ended' plain/report.html || fail "not counted"

# Twenty clients that come one after the other: each has its series.
sed 's/^client:/clients: 20\nclient:\n  begin: 0s..3s/; s/60ms..80ms/4s/' \
  short.yaml >many.yaml
expect 0 "$handoff" run many.yaml --no-checks --arm quic --series --out many
count=$(tail -n +2 many/series.csv | cut -d, -f4 | sort -u | wc -l)
[ "$count" = 20 ] || fail "series of $count clients"
expect 0 "$handoff" report many
grep -q 'No handoff has a value' many/report.html || fail "handoffs of many"

# ---- what is refused, with nothing written ----

refused() {
  expect 2 "$handoff" report bad
  says "$1"
  if [ -e bad/report.html ] || [ -e bad/figures ]; then
    fail "written although: $1"
  fi
  rm -rf bad
  cp -r pure bad
}

rm -rf bad
refused "'bad' is not a result folder: it has no manifest.json"
sed -i 's/"format_version": 1/"format_version": 7/' bad/manifest.json
refused "'bad' is in version 7 of the result format; this program reads version 1"
for file in series events summary runs handoffs; do
  head -c -9 pure/$file.csv >bad/$file.csv
  expect 2 "$handoff" report bad
  grep -q "^'bad/$file.csv'.* cut off" err ||
    fail "cut $file: $(head -3 err)"
  [ ! -e bad/report.html ] || fail "written although $file is cut"
  cp pure/$file.csv bad/$file.csv
done
sed -i '3s/,[^,]*$//' bad/series.csv
refused "'bad/series.csv', row 3: it was cut off or changed"
sed -i '$d' bad/runs.csv
refused "'bad/runs.csv' has 17 rows, its manifest says 18 runs"
rm bad/summary.csv
refused "'bad/summary.csv' cannot be read: No such file or directory"
mkdir nothing
expect 2 env PATH="$work/nothing" "$handoff" report bad
says "gnuplot, which draws the figures, is not installed; on Debian: apt-get install gnuplot-nox"
[ ! -e bad/report.html ] || fail "written without gnuplot"
expect 2 "$handoff" report
expect 2 "$handoff" report a b

finish
