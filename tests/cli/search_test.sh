#!/bin/sh
# `handoff search`: a faulty peer is found and made small, its file fails again,
# the same seed gives the same bytes for any -j, what is known is not new, and
# an interrupt leaves what was found.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

library=$(cd "${0%/*}/../../scenarios" && pwd)

# around FAULT SEARCH: where to start.
around() {
  cat <<END
name: around
stop: 15s
networks:
  home: {type: wired, down: 4Mbps, up: 2Mbps, delay: 10ms, nat: home-router}
  cell: {type: wired, down: 3Mbps, up: 2Mbps, delay: 25ms, nat: cgn}
client: {notice: 20ms}
workload: {type: download, bytes: 500KB}
arms: [tcp-notify, quic]
timeline: $1
search: $2
END
}

c2=check:C2:client:
around '[{0s: fault client repeat-challenge}]' \
  '{span: 2s, most: 4, values: {networks.home.delay: [5ms..60ms]}}' >faulty.yaml

# Found within 64 schedules; the same for any number of processes.
for jobs in 1 2; do
  mkdir "j$jobs"
  (cd "j$jobs" && cp ../faulty.yaml . &&
    expect 0 "$handoff" search faulty.yaml --runs 64 -j "$jobs" --out r &&
    cp "$work/out" table && [ "$failures" = 0 ]) || fail "-j $jobs"
done
find j1 j2 -name cost.csv -exec rm {} +
diff -r j1 j2 >/dev/null || fail "-j 2 finds something else: $(diff -r j1 j2)"
grep -q "^$c2" j1/r/found.csv || fail "C2 is not found: $(cat j1/r/found.csv)"
grep -q '^ *[0-9]*  check:C2:client:' j1/table || fail "no C2 in the table"
grep -q '^Reached [0-9]* transitions' j1/table || fail "no coverage"

# And where there are descriptors for few of them.
mkdir few
# shellcheck disable=SC3045 # every sh that we know has it
(cd few && cp ../faulty.yaml . && ulimit -n 16 &&
  expect 0 "$handoff" search faulty.yaml --runs 64 -j 16 --out r &&
  cp "$work/out" table && [ "$failures" = 0 ]) || fail "with few descriptors"
find few -name cost.csv -exec rm {} +
diff -r j1 few >/dev/null || fail "few descriptors find something else"

# found.csv: the columns, and that files are there and red.
head -1 j1/r/found.csv |
  grep -q '^signature,count,first_seed,schedule,file,actions,library,' ||
  fail "the columns are $(head -1 j1/r/found.csv)"
file=$(grep "^$c2" j1/r/found.csv | head -1 | cut -d, -f5)
[ "$(grep "^$c2" j1/r/found.csv | head -1 | cut -d, -f12)" = 1 ] ||
  fail "$file is not red"
actions=$(grep -c '^- [0-9.]*[mun]*s: [a-z]' "j1/r/$file")
[ "$actions" -le 4 ] || fail "$file has $actions actions, with the fault"
grep -q 'fault client repeat-challenge' "j1/r/$file" || fail "$file: no fault"
grep -q 'tcp-notify\|^search:' "j1/r/$file" && fail "$file has too much"
expect 1 "$handoff" check "j1/r/$file" --out again
grep -q 'C2 (MUST' out || fail "$file fails otherwise: $(cat out)"
[ -f "j1/r/${file%.yaml}/runs.csv" ] || fail "$file has no results"

# Its logs, where they are asked for.
expect 0 "$handoff" search faulty.yaml --runs 20 --out logs --qlog --pcap -j 2
found=$(find logs -name 'server.sqlog' | head -1)
[ -n "$found" ] || fail "--qlog leaves no log"

# What is known is not new.
sed 1q j1/r/found.csv >none.csv
expect 0 "$handoff" search faulty.yaml --runs 64 --known j1/r/found.csv --out k
[ -z "$(find k -name '*.yaml')" ] || fail "known findings have files"
grep -q 'of [0-9]* known kind' out || fail "known ones are not counted"
expect 1 "$handoff" search faulty.yaml --runs 64 --known none.csv --out k
expect 2 "$handoff" search faulty.yaml --runs 1 --known missing.csv --out k2
[ ! -e k2 ] || fail "a bad --known leaves a folder"

# --until-new: ends with the first batch that has something new, one file alone.
expect 1 "$handoff" search faulty.yaml --runs 640 --known none.csv \
  --until-new --out u
grep -q ': 64 schedules,' out || fail "--until-new goes on: $(head -1 out)"
[ "$(find u -maxdepth 1 -name '*.yaml' | wc -l)" = 1 ] ||
  fail "--until-new leaves $(find u -maxdepth 1 -name '*.yaml')"
expect 0 "$handoff" search faulty.yaml --runs 64 --known j1/r/found.csv \
  --until-new --out u
expect 2 "$handoff" check faulty.yaml --until-new

printf 'signature,analysis\n*:*:*:*,any\n' >all.csv

# Every client is judged: here the first never moves.
around '[{0s: fault client repeat-challenge}]' \
  '{span: 2s, most: 1, actions: [rotate], values: {server.delay: [0ms]}}' |
  sed '/^client:/i groups: {sit: {clients: 1, moves: false}, go: {clients: 1}}' \
    >several.yaml
expect 1 "$handoff" search several.yaml --runs 4 --known none.csv --out several
grep -q "^$c2" several/found.csv || fail "C2 of another client is not found"

# What is drawn by default suits groups, and a server without CIDs.
sed 's/^search:.*/search: {span: 2s, most: 1}/' several.yaml >groups.yaml
expect 0 "$handoff" search groups.yaml --runs 3 --known all.csv --out groups
expect 0 "$handoff" search "$library/empty-cids-server.yaml" --runs 3 \
  --known all.csv --out empty
# And arms that cannot have every setting, before others or alone; and where the
# networks are of both families.
for arms in '[quic-passive, quic]' '[quic-passive]'; do
  sed "s/^search:.*/search: {span: 2s, most: 1}/; s/^arms:.*/arms: $arms/" \
    faulty.yaml >passive.yaml
  expect 0 "$handoff" search passive.yaml --runs 3 --known all.csv --out passive
done
expect 0 "$handoff" search "$library/search/two-families.yaml" --runs 64 \
  --known all.csv --out families
grep -q 'were no good scenario' out && fail "what is drawn is refused: $(cat out)"
# What is known is read before anything is run.
expect 2 "$handoff" search groups.yaml --runs 3 --known nowhere.csv --out late
[ ! -e late ] || fail "a search without its list of what is known"
# And once: what comes through a pipe is gone then, and does for both batches.
printf 'signature,analysis\n*:*:*:*,any\n' |
  "$handoff" search faulty.yaml --runs 65 --known /dev/stdin --out once \
    >out 2>err || fail "reads --known again: $(cat err)"
grep -q ': 65 schedules,' out || fail "not both batches: $(head -1 out)"

# What is legitimate is not found: a server that may drop what comes from
# another address, a limit that is one of the path, answers of a client without
# a network, an address that was validated by a token.
cat >g2.csv <<END
signature,analysis
check:G2:*:*,docs/findings.md
closed:ERR_CONNECTION_ID_LIMIT:*:*,docs/findings.md
check:F1:*:*,docs/findings.md
END
legitimate() {
  around "$1" '{most: 1, actions: [rekey], values: {server.delay: [0ms]}}' |
    sed "s/^arms:.*/arms: [{${3:-quic-passive}: {keepalive: 500ms}}]/" >fine.yaml
  echo "server: $2" >>fine.yaml
  expect 0 "$handoff" search fine.yaml --runs 2 --known g2.csv --out fine
  [ "$got" = 0 ] || cat out
}
legitimate '[{1s: switch cell}]' '{disable_active_migration: true}'
legitimate '[{50ms: disconnect home}]' '{preferred_address: ipv4}'
legitimate '[{50ms: rotate}, {130ms: disconnect home}, {181ms: disconnect cell}]' \
  '{}'
legitimate '[{0s: rebind home port}]' '{retry: true}'
legitimate '[{500ms: restart server}]' '{stateless_reset: false}'
legitimate '[{0s: attack replay cell 39}, {0s: disconnect home}]' '{}'
legitimate '[{0s: attack inject home for 530ms}, {50ms: migrate cell}]' '{}'
legitimate '[{50ms: rebind home both}]' '{}'
legitimate '[{25ms: switch cell}, {150ms: attack forward cell for 310ms},
  {165ms: rebind cell port}]' '{disable_active_migration: true}' quic
legitimate '[{0s: drop server 2..9 Handshake}, {0s: rotate},
  {1s: restart server}]' '{}'
# Without a CID left for it, the server does not probe; that it then says nothing
# for four seconds is another matter.
echo 'stall:nothing-new:server:validating,docs/findings.md' >>g2.csv
legitimate '[{50ms: attack forward-both home 2}]' \
  '{preferred_address: ipv4, active_connection_id_limit: 2}'

# --for ends by itself, and says how to have the same again.
expect 0 "$handoff" search faulty.yaml --for 1ms --out for
grep -q -- '--runs 64)' out || fail "--for: $(head -1 out)"

# An interrupt, as soon as something has been found: on a slow machine later.
# SIGTERM ends what has not begun to wait for signals, too.
around '[]' '{span: 2s}' >calm.yaml
for wait in 2 4 8 16 32 64; do
  "$handoff" search faulty.yaml --runs 100000000 --out cut >cut.out 2>cut.err &
  pid=$!
  sleep "$wait"
  kill -TERM "$pid"
  wait "$pid"
  status=$?
  [ "$status" = 143 ] && [ ! -e cut ] && continue
  [ "$status" = 130 ] || fail "an interrupt is exit status $status"
  grep -q "^$c2" cut/found.csv 2>/dev/null && break
done
file=$(grep "^$c2" cut/found.csv | head -1 | cut -d, -f5)
[ -s "cut/$file" ] || fail "an interrupt leaves no file: $(cat cut.err)"
expect 0 "$handoff" validate "cut/$file"
[ -z "$(find . -name '.*.partial')" ] || fail "an interrupt leaves a folder"

# Mistakes.
expect 2 "$handoff" search calm.yaml faulty.yaml --runs 1
expect 2 "$handoff" search calm.yaml --runs 0
expect 2 "$handoff" search calm.yaml --for 1
expect 2 "$handoff" search calm.yaml --runs 1 --arm tcp-notify
says "calm.yaml: a search needs an arm of QUIC"
around '[{1s: rekey}, {+1s: rekey}]' '{}' >relative.yaml
expect 2 "$handoff" search relative.yaml --runs 1
around '[]' '{values: {networks.sell.delay: [1ms]}}' >wrong.yaml
expect 2 "$handoff" search wrong.yaml --runs 1
grep -q "search.values: 'networks.sell.delay' cannot be '1ms'" err ||
  fail "a wrong value: $(cat err)"
printf '1\n' >one.mahimahi
around '[]' '{}' |
  sed 's/^  cell:.*/  cell: {type: trace, down: one.mahimahi, up: one.mahimahi}/' \
    >trace.yaml
expect 2 "$handoff" search trace.yaml --runs 1
grep -q "network 'cell' is of type trace" err || fail "a trace: $(cat err)"
around '[]' '{actions: [resume, fault]}' >nothing.yaml
expect 2 "$handoff" search nothing.yaml --runs 1
says "nothing.yaml: search.actions: none of these can be drawn here"

finish
