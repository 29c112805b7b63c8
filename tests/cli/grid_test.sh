#!/bin/sh
# The grid: the same bytes whatever -j is and every time; standard input;
# what happens to a run that crashes, hangs or is interrupted.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario short >short.yaml
# Long enough that somebody can get in between.
scenario slow | sed 's/bytes: 200KB/bytes: 4GB/; s/20Mbps/2Gbps/
  s/10Mbps/2Gbps/; s/stop: 30s/stop: 600s/; /^expect/,$d' >slow.yaml

# same A B: every file but cost.csv is.
same() {
  (cd "$1" && find . -type f ! -name cost.csv | sort) >list.a
  (cd "$2" && find . -type f ! -name cost.csv | sort) >list.b
  cmp -s list.a list.b || fail "$1 and $2 have different files"
  while read -r file; do
    cmp "$1/$file" "$2/$file" || fail "$file differs in $1 and $2"
  done <list.a
}

rows() {
  tail -n +2 "$1" | wc -l
}

# The same bytes, in the order of the grid.
expect 0 "$handoff" run short.yaml --repeat 3 -j 1 --out j1 --events --series
expect 0 "$handoff" run short.yaml --repeat 3 -j 2 --out j2 --events --series
expect 0 "$handoff" run --series --events short.yaml --repeat 3 --out again
same j1 j2
same j1 again
cut -d, -f2,3 j1/runs.csv >order
printf '%s\n' arm,seed quic,1 quic,2 quic,3 quic-reconnect,1 quic-reconnect,2 \
  quic-reconnect,3 tcp-notify,1 tcp-notify,2 tcp-notify,3 | cmp - order ||
  fail "rows are not in the order of the grid"
[ "$(rows j1/cost.csv)" = 9 ] || fail "cost.csv has not 9 rows"
grep -q '"status": "complete"' j1/manifest.json || fail "not complete"
for file in runs handoffs requests cids cid_links events series cost; do
  [ -s "j1/$file.csv" ] || fail "no $file.csv, or no header in it"
done

# One arm and seed alone are the rows they were among the others.
expect 0 "$handoff" run short.yaml --arm tcp-notify --seed 2 --out one
grep '^short,tcp-notify,2,' j1/runs.csv >row
tail -n +2 one/runs.csv | cmp - row || fail "a run depends on its neighbours"
[ ! -e one/events.csv ] || fail "events.csv without --events"
[ ! -e one/series.csv ] || fail "series.csv without --series"

# Standard input, and the default folder.
expect 0 "$handoff" run - --arm quic <short.yaml
[ -s results/out/short/runs.csv ] || fail "no results/out/short"
grep -q "Results: results/out/short" out || fail "does not name its folder"
[ ! -s err ] || fail "says something on standard error: $(cat err)"
expect 0 "$handoff" run short.yaml --arm quic --quiet
[ ! -s out ] || fail "prints something in spite of --quiet"

# Several scenarios: a folder each.
scenario second >second.yaml
expect 0 "$handoff" run short.yaml second.yaml --arm quic --out both
for name in short second; do
  [ -s both/$name/runs.csv ] || fail "no folder for scenario $name"
done

# Thirty equal seeds are one sample.
sed 's/60ms..80ms/70ms/' short.yaml >fixed.yaml
expect 0 "$handoff" run fixed.yaml --arm quic --repeat 2 --out fixed
grep -q "one sample" out || fail "does not say that equal seeds are one sample"

# check: what is expected, and what is not.
expect 0 "$handoff" check short.yaml --out checked
sed 's/outcome == migrated/outcome == fallback/' short.yaml >wrong.yaml
expect 1 "$handoff" check wrong.yaml --out checked
grep -q "wrong.yaml:25:" out || fail "does not say which expectation failed"
grep -q "seed 1, client 0, handoff 0: outcome is migrated" out ||
  fail "does not say which row failed"
expect 0 "$handoff" run wrong.yaml --out checked
mkdir folder
cp short.yaml second.yaml folder
expect 0 "$handoff" check folder --arm quic
grep -q "2 scenarios: 2 ok, 0 failed" out || fail "does not count"

# A run that takes too long has a row that says so and how to repeat it.
expect 3 "$handoff" run slow.yaml --arm quic --repeat 2 --timeout 200ms --out t
[ "$(grep -c '^slow,quic,[12],timeout,' t/runs.csv)" = 2 ] ||
  fail "no timeout rows"
grep -q "repeat it with: handoff run slow.yaml --arm quic --seed 2" t/runs.csv ||
  fail "the row does not say how to repeat it"
grep -q "slow, arm quic, seed 1: timeout" err || fail "no message"
grep -q '"status": "complete"' t/manifest.json || fail "not complete"

children() {
  cat "/proc/$1/task/$1/children" 2>/dev/null
}

# until_true COMMAND...: waits 10 s for it.
until_true() {
  n=0
  until "$@"; do
    n=$((n + 1))
    [ $n -lt 200 ] || return 1
    sleep 0.05
  done
}

# shellcheck disable=SC2317 # called by until_true
has_child() {
  [ -n "$(children "$1")" ]
}

# One that crashes: its row says so, the other's results are kept.
"$handoff" run slow.yaml --arm quic --repeat 2 -j 1 --timeout 1s --out c \
  >out 2>err &
pid=$!
until_true has_child $pid || fail "no child to kill"
# shellcheck disable=SC2046
kill -ABRT $(children $pid)
wait $pid
[ $? = 3 ] || fail "exit status after a crash is not 3"
grep -q '^slow,quic,1,crashed,.*signal 6' c/runs.csv || fail "no crashed row"
[ "$(rows c/runs.csv)" = 2 ] || fail "the other run has no row"
grep -q "slow, arm quic, seed 1: crashed: killed by signal 6" err ||
  fail "no message about the crash"

# Ctrl-C before anything is finished: nothing is kept, what was there stays.
before=$(cat t/manifest.json)
for signal in INT TERM; do
  "$handoff" run slow.yaml --out t >out 2>err &
  pid=$!
  until_true has_child $pid || fail "no run to interrupt"
  kill -$signal $pid
  wait $pid
  [ $? = 130 ] || fail "exit status after SIG$signal is not 130"
  grep -q "no run had finished, nothing is kept" err || fail "does not say so"
  grep -q "go on with" err && fail "there is nothing to go on with"
  [ "$(cat t/manifest.json)" = "$before" ] || fail "old results were touched"
done

# Of several scenarios, those that did not get their turn leave nothing.
"$handoff" run slow.yaml short.yaml -j 1 --out turns >out 2>err &
pid=$!
until_true has_child $pid || fail "no run to interrupt"
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "exit status after SIGINT is not 130"
[ ! -e turns ] || fail "folders are left: $(find turns)"

# Ctrl-C in the middle: finished rows are kept, the folder says incomplete.
"$handoff" run short.yaml --repeat 5000 -j 2 --out i >out 2>err &
pid=$!
until_true test -s .i.partial/parts/rows || fail "no run finished"
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "exit status after SIGINT is not 130"
kept=$(rows i/runs.csv)
[ "$kept" -ge 1 ] || fail "no row was kept"
grep -q "\"finished\": $kept," i/manifest.json || fail "wrong count in manifest"
grep -q '"status": "incomplete"' i/manifest.json || fail "not marked incomplete"
grep -q "$kept of 15000 runs are kept" err || fail "does not say what is kept"
grep -q "go on with: handoff run --resume " err ||
  fail "does not say how to go on: $(cat err)"
[ -z "$(find . -name '*.unfinished')" ] || fail "an unfinished run was left"
[ "$(find . -name '.*partial*' | wc -l)" = 0 ] || fail "a work folder was left"

# Killed outright: the next run sweeps up.
"$handoff" run slow.yaml --out k >out 2>err &
pid=$!
until_true has_child $pid || fail "no run to kill"
left=$(children $pid)
kill -KILL $pid
wait $pid 2>/dev/null
for child in $left; do
  until_true test ! -d "/proc/$child/fd/." ||
    fail "a run outlives the command"
done
expect 0 "$handoff" run short.yaml --arm quic --out k
[ ! -e .k.partial ] || fail "a work folder was left"

# Series are of every client, also of those that begin before there are more.
cat >crowd.yaml <<'EOF'
name: crowd
stop: 5s
networks:
  home: {type: wired, down: 90Mbps, up: 90Mbps, delay: 8ms}
clients: 20
client: {stagger: 50ms}
workload: {type: request, every: 200ms, request: 200B, response: 2KB, count: 5}
arms: [quic]
EOF
expect 0 "$handoff" run crowd.yaml --series --out crowd
clients=$(sed 1d crowd/series.csv | cut -d, -f4 | sort -u | wc -l)
[ "$clients" = 20 ] || fail "series.csv has $clients of 20 clients"

finish
