#!/bin/sh
# Bad input: every kind of it is said in a line, with exit status 2, and nothing
# is overwritten.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

command -v gnuplot >/dev/null || exit 77

scenario short >short.yaml
expect 0 "$handoff" run short.yaml --no-checks --repeat 3 --series --events \
  --arm quic --arm tcp-notify --vary networks.cell.delay=20ms,60ms --out good
expect 0 "$handoff" report good
cp -r good bad

# refused WHAT: one line says so; the old report is as it was.
refused() {
  expect 2 "$handoff" report bad
  says "$1"
  [ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
  cmp good/report.html bad/report.html || fail "overwritten although: $1"
  diff -rq good/figures bad/figures || fail "figures changed although: $1"
  rm -rf bad
  cp -r good bad
}

# Another version, no manifest, a damaged one, one that is not complete.
sed -i 's/"format_version": 1/"format_version": 2/' bad/manifest.json
refused "'bad' is in version 2 of the result format; this program reads version 1"
rm bad/manifest.json
refused "'bad' is not a result folder: it has no manifest.json"
head -c 200 good/manifest.json >bad/manifest.json
refused "'bad/manifest.json' is damaged, or not ours"
sed -i 's/"status": "complete"/"status": "incomplete"/' bad/manifest.json
refused "'bad' is incomplete: go on with what made it, and --resume"

# Truncated, in a row and between two.
head -c -9 good/handoffs.csv >bad/handoffs.csv
refused "'bad/handoffs.csv', row 13: 57 fields under a header of 58; it was cut off or changed"
sed -i '$d' bad/handoffs.csv
refused "'bad/handoffs.csv' has 11 rows, runs.csv beside it counts 12 handoffs"
sed -i '$d' bad/runs.csv
refused "'bad/runs.csv' has 11 rows, its manifest says 12 runs"
: >bad/runs.csv
refused "'bad/runs.csv' is empty"
head -c -3 good/events.csv >bad/events.csv
refused "'bad/events.csv', row $(wc -l <good/events.csv): it was cut off or changed"
head -1 good/handoffs.csv >bad/summary.csv
refused "'bad/summary.csv' has no column 'metric'"
sed -i 's/,networks.cell.delay,/,arm,/' bad/summary.csv
refused "'bad/summary.csv' has no column 'networks.cell.delay' where runs.csv has it"
sed -i '1s/t_s/when/' bad/series.csv
refused "'bad/series.csv' has no column 't_s'"
sed -i '1s/detail/details/' bad/events.csv
refused "'bad/events.csv' has no column 'detail'"

# Rows that are not those of the manifest.
for file in runs handoffs; do
  sed -i 's/^short,60ms,quic,2,/short,60ms,quic,9,/' bad/$file.csv
done
refused "'bad/runs.csv' has the seed 9, its manifest 1 to 3"
for file in runs handoffs; do
  sed -i 's/,tcp-notify,/,tcp-resume,/' bad/$file.csv
done
refused "'bad/runs.csv' has the arm 'tcp-resume', its manifest 'tcp-notify'"
for file in runs handoffs; do
  sed -i '1s/networks.cell.delay/networks.home.delay/' bad/$file.csv
done
refused "'bad/runs.csv' has the varied key 'networks.home.delay', its manifest 'networks.cell.delay'"
for file in runs handoffs; do
  sed -i 's/,60ms,/,70ms,/' bad/$file.csv
done
refused "'bad/runs.csv' has '70ms' for networks.cell.delay, its manifest has not"
for file in runs handoffs; do
  sed -i '2,$s/^short,/long,/' bad/$file.csv
done
refused "'bad/runs.csv' has the scenario 'long', its manifest 'short'"

# Nowhere to put the figures: one line, and the old report stays.
rm -r bad/figures
: >bad/figures
expect 4 "$handoff" report bad
says "cannot write into 'bad/figures': Not a directory"
[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
cmp good/report.html bad/report.html || fail "overwritten without figures"

# A shard has some of the arms only, and is no less whole.
for k in 1 2; do
  expect 0 "$handoff" run short.yaml --no-checks --arm quic --arm tcp-notify \
    --shard $k/2 --out s$k
  expect 0 "$handoff" report s$k
done

finish
