#!/bin/sh
# --vary and `vary`: the grid is crossed, every file has the columns, and each
# point is the run that it would be alone.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $NAME is a variable of the scenario
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario short >short.yaml
{
  cat short.yaml
  cat <<'END'
vars: {late: 50ms}
vary:
  networks.cell.delay: [20ms, 60ms]
  late: [50ms, 10ms]
END
} | sed 's/notice: 50ms/notice: $late/' >varied.yaml

# Both ways of asking are the same, whatever -j is; the last key is the fastest.
expect 0 "$handoff" run varied.yaml --repeat 2 --events --series -j 1 --out file
sed '/^vary:/,$d' varied.yaml >plain.yaml
expect 0 "$handoff" run plain.yaml --repeat 2 --events --series -j 3 \
  --vary networks.cell.delay=20ms,60ms --vary late=50ms,10ms --out line
for file in file/*.csv; do
  name=${file#file/}
  case $(head -1 "$file") in
  scenario,networks.cell.delay,late,arm,seed,* | \
    scenario,networks.cell.delay,late,arm,metric,*) ;;
  *) fail "$name has the header $(head -1 "$file" | cut -c1-60)" ;;
  esac
  [ "$name" = cost.csv ] || cmp "$file" "line/$name" || fail "$name differs"
done
cut -d, -f2-5 file/runs.csv | tail -n +2 >order
for delay in 20ms 60ms; do
  for late in 50ms 10ms; do
    for arm in quic quic-reconnect tcp-notify; do
      printf '%s\n' $delay,$late,$arm,1 $delay,$late,$arm,2
    done
  done
done | cmp - order || fail "rows are not in the order of the grid"
for file in file/*.csv; do
  cut -d, -f2-5 "$file" | tail -n +2 | uniq >seen
  [ "$(sort seen | uniq -d | wc -l)" = 0 ] || fail "$file is out of order"
done
for key in '"key": "late"' '"50ms",' '"10ms"'; do
  grep -q "$key" line/manifest.json || fail "the manifest lacks $key"
done

# A point is what --set makes of the file: same events, same ranges.
expect 0 "$handoff" run plain.yaml --repeat 2 --out one \
  --set networks.cell.delay=60ms --set late=10ms
head -1 one/runs.csv | grep -q '^scenario,arm,seed,' || fail "--set adds columns"
sed -n 's/^short,60ms,10ms,/short,/p' file/runs.csv >point
tail -n +2 one/runs.csv | cmp - point || fail "a point is not what --set makes"

# Its cost is by the bytes of its own row.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  { want = $at["cpu_s"] * 1e9 / 200000; have = $at["cpu_ns_per_byte"]
    if (have < want * 0.99 || have > want * 1.01) exit 1 }' file/cost.csv ||
  fail "cpu_ns_per_byte is not of 200000 bytes"

# What is random at one point only is random.
sed 's/60ms..80ms/70ms/' plain.yaml >fixed.yaml
expect 0 "$handoff" run fixed.yaml --arm quic --repeat 2 --out fixed \
  --vary networks.home.jitter=0ms,0ns
grep -q "one sample" out || fail "does not say that equal seeds are one sample"
expect 0 "$handoff" run fixed.yaml --arm quic --repeat 2 --out fixed \
  --vary networks.home.jitter=0ms,1ms
! grep -q "one sample" out || fail "says that jitter is nothing random"

# The table has a line for each.
expect 0 "$handoff" run varied.yaml --out table
grep -q '^networks.cell.delay  late  arm ' out || fail "table: $(cat out)"
grep -q '^60ms                 10ms  tcp-notify ' out || fail "no line"
grep -q 'networks.cell.delay=20ms|60ms, late=50ms|10ms' out || fail "no head"

# The command line wins: other values for a key, or one alone.
expect 0 "$handoff" run varied.yaml --arm quic --out wins --vary vars.late=5ms \
  --set networks.cell.delay=30ms
head -1 wins/runs.csv | grep -q '^scenario,vars.late,arm,seed' ||
  fail "header $(head -1 wins/runs.csv | cut -c1-40)"
[ "$(wc -l <wins/runs.csv)" = 2 ] || fail "not one run"

# A lost run says how to repeat it; its row has the values too.
expect 3 "$handoff" run plain.yaml --arm quic --timeout 1ms --out lost \
  --vary networks.cell.delay=20ms,60ms --set workload.bytes=4GB
grep -q '^short,60ms,quic,1,timeout,' lost/runs.csv || fail "no row of its own"
grep -q -- '--vary networks.cell.delay=60ms' lost/runs.csv ||
  fail "cannot be repeated"
grep -q '^short,20ms,quic,1,' lost/cost.csv || fail "no cost"
says "handoff: short, networks.cell.delay=20ms, arm quic, seed 1: timeout: no \
end after 0.001 s of wall clock"

# Expectations hold, or not, at each point; a variable in one follows it.
sed 's/- quic: outcome == migrated/- quic: interruption < $most/
  s/late: 50ms}/late: 50ms, most: 200ms}/; /^vary:/,$d' varied.yaml >most.yaml
expect 0 "$handoff" check most.yaml --out checked
expect 1 "$handoff" check most.yaml --vary networks.cell.delay=20ms,100ms \
  --out checked
grep -q '^with networks.cell.delay=100ms:' out || fail "names no point"
grep -q '1 of 2 expectations failed' out || fail "counts: $(head -3 out)"
expect 0 "$handoff" check most.yaml --vary networks.cell.delay=20ms \
  --vary most=190ms,2s --out checked
expect 1 "$handoff" check most.yaml --vary most=1ms,2s --out checked
grep -q '1 of 2 expectations failed' out || fail "counts: $(head -3 out)"
{
  echo scenario,arm,failure,library,analysis
  echo 'short,quic,quic: interruption < $most,x,y'
} >known.csv
expect 0 "$handoff" check most.yaml --vary most=1ms,2s --known known.csv \
  --out checked
grep -q '1 known failure' out || fail "not known: $(cat out)"
! grep -q mended out || fail "mended, though one point fails"
expect 0 "$handoff" check most.yaml --vary most=3s,2s --known known.csv \
  --out checked
grep -q 'mended: arm quic' out || fail "not mended: $(cat out)"

# Captures have a folder for each run.
expect 0 "$handoff" run plain.yaml --arm quic --pcap --out pcap --repeat 2 \
  --vary networks.cell.delay=20ms,60ms
for run in quic-1-20ms quic-2-20ms quic-1-60ms quic-2-60ms; do
  [ -s "pcap/runs/$run/client.pcapng" ] || fail "no capture of $run"
done

# What is measured of radios is measured once for each place that differs.
cat >radio.yaml <<'END'
name: radio
stop: 20s
networks:
  line: {type: wired, down: 50Mbps, up: 10Mbps, delay: 8ms}
  cell: {type: lte, bandwidth: 5MHz, distance: 100m}
workload: {type: download, bytes: 6MB}
arms: [quic]
timeline:
  - 100ms: disconnect line
END
# deficit FOLDER: of its rows.
deficit() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { print $at["t90_ms"], $at["deficit_bytes"] }' "$1/handoffs.csv"
}

expect 0 "$handoff" run radio.yaml --out radio \
  --vary networks.cell.bandwidth=3MHz,5MHz --vary networks.line.delay=8ms,9ms
[ "$(grep -c '"down_mbps"' radio/manifest.json)" = 2 ] ||
  fail "$(grep -c '"down_mbps"' radio/manifest.json) places, not 2"
tr -d ' \n' <radio/manifest.json | grep -q '"points":\[2,3\]' ||
  fail "the places do not say which points they are of"

deficit radio | sed -n 3p >point
expect 0 "$handoff" run radio.yaml --out alone
grep -q "^[0-9.]* [0-9]" point || fail "no deficit: $(cat point)"
deficit alone | cmp - point || fail "another point's rate: $(cat point)"

# Mistakes: all points are looked at before anything runs, and named.
wrong() {
  expect 2 "$handoff" run "$@" --out none
  [ ! -e none ] || fail "something was written: $*"
}
wrong short.yaml --vary networks.cell.delay=20ms,60
says "--vary networks.cell.delay=60: '60' has no unit (expected a duration such \
as 20ms)"
wrong short.yaml --vary networks.cell.dealy=20ms
says "--vary networks.cell.dealy=20ms: unknown key 'dealy' in network 'cell' \
(did you mean 'delay'?)"
wrong short.yaml --vary nonsense=1,2
grep -q "^--vary nonsense=1: no 'nonsense' in the scenario" err || fail "says \
$(cat err)"
wrong short.yaml --vary name=a,b
says "short.yaml: 'name' cannot be varied: it names the result folder"
wrong short.yaml --vary seed=1,2
says "short.yaml: 'seed' cannot be varied: --repeat takes one seed after the \
other"
wrong short.yaml --vary stop=20s,30s --vary stop=40s
says "--vary stop is given twice"
wrong plain.yaml --vary late=20ms --vary vars.late=40ms
says "--vary vars.late is given twice"
wrong short.yaml --vary stop=20s,30s --set stop=40s
says "'stop' is both set and varied"
sed 's/vars: {late/vars: {outcome: 5ms, late/' plain.yaml >clash.yaml
wrong clash.yaml --vary outcome=1ms
grep -q "'outcome' cannot name a column" err || fail "says $(cat err)"
# At one point only: the second entry of the timeline precedes the first.
sed 's/^timeline:/timeline:\n  - $early: rotate/; s/late: 50ms}/early: 10ms}/
  s/notice: $late/notice: 50ms/' plain.yaml >early.yaml
wrong early.yaml --vary early=10ms,90ms --vary workload.bytes=1KB,2KB
grep -q "^early.yaml:.*(with early=90ms, workload.bytes=1KB)" err ||
  fail "does not name the point: $(cat err)"
[ "$(wc -l <err)" = 1 ] || fail "says it more than once: $(cat err)"
sed 's/^arms:.*/arms: [$arm]/; s/vars: {/vars: {arm: quic, /
  /^expect/,/migrated/d' plain.yaml >arms.yaml
wrong arms.yaml --vary vars.arm=quic,tcp-notify
says "arms.yaml: the names of arms cannot be varied (with \
vars.arm=tcp-notify)"
sed 's/\[20ms, 60ms\]/[20ms, 60]/' varied.yaml >bad.yaml
wrong bad.yaml
grep -q "^bad.yaml:[0-9]*:[0-9]*: '60' has no unit" err || fail "$(cat err)"
for bad in '20ms' '[]' '[20ms, 20ms]' '[[1], 2]' '{a: b}'; do
  sed "s/\\[20ms, 60ms\\]/$bad/" varied.yaml >bad.yaml
  wrong bad.yaml
  grep -q "^bad.yaml:[0-9]*:[0-9]*: " err || fail "no place: $(cat err)"
done
wrong short.yaml --repeat 10000000 --vary stop=20s,30s
grep -q "60000000 runs are too many" err || fail "says $(cat err)"

finish
