#!/bin/sh
# --resume: whatever ends a grid, and whenever, it goes on with what was
# finished, repeats none of it, and writes the bytes of an undisturbed one.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: resume_test.sh HANDOFF [KILLS [SEED]]
# shellcheck disable=SC2086,SC2046,SC2012 # words are meant, names are ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
kills=${2:-20}
seed=${3:-1}

scenario short | sed 's/200KB/100KB/; s/60ms..80ms/30ms..40ms/; /^expect/,$d' \
  >short.yaml
grid="short.yaml --repeat 12 --vary networks.cell.delay=20ms,40ms -j 2 --pcap"

# same A B: every file but cost.csv is.
same() {
  (cd "$1" && find . -type f ! -name cost.csv | sort) >list.a
  (cd "$2" && find . -type f ! -name cost.csv | sort) >list.b
  cmp -s list.a list.b || fail "$1 and $2 have different files"
  while read -r file; do
    cmp "$1/$file" "$2/$file" || fail "$file differs in $1 and $2"
  done <list.a
}

# What is kept of finished runs: it may only grow, or a run was repeated.
rows_file() {
  [ -e .res.partial/parts/rows ] && echo .res.partial/parts/rows && return
  [ -e res/parts/rows ] && echo res/parts/rows && return
  echo /dev/null
}

# whole_records FILE: without one that a kill has cut.
whole_records() {
  LC_ALL=C grep -a -b '^end ' "$1" | tail -1 | cut -d: -f1 >last
  [ -s last ] && head -c "$(cat last)" "$1"
}

expect 0 "$handoff" run $grid --out whole
[ -z "$(find . -name '.*partial*' -o -name parts)" ] || fail "parts are left"

# Killed at random moments, now and then interrupted, again and again.
awk -v n="$kills" -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < n; i++)
  print rand() * rand() * 1.2, (rand() < 0.2 ? "INT" : "KILL") }' >moments
: >before
done=0
exec 3<moments
while [ $done -lt "$kills" ] && read -r moment signal <&3; do
    "$handoff" run --resume $grid --out res >said 2>&1 &
  pid=$!
  sleep "$moment"
  kill -"$signal" $pid 2>/dev/null
  wait $pid 2>/dev/null
  status=$?
  done=$((done + 1))
  if grep -q '"status": "complete"' res/manifest.json 2>/dev/null; then
    # The signal came too late, or after the last byte was in place.
    case $status in 0 | 130 | 137) ;; *) fail "exit status $status" ;; esac
    same whole res
    rm -rf res
    : >before
    continue
  fi
  if grep -q '"status": "complete"' .res.partial/manifest.json 2>/dev/null; then
    : >before # all is there but in its place, and parts may be gone
    continue
  fi
  case $status in
  130)
    [ "$signal" = INT ] || fail "130 after SIG$signal"
    # There may be nothing to go on with yet.
    { [ ! -s before ] && grep -q 'nothing is kept$' said; } ||
      grep -q "^handoff: go on with: handoff run --resume " said ||
      fail "does not say how to go on: $(cat said)"
    ;;
  137) ;;
  *) fail "exit status $status after SIG$signal: $(cat said)" ;;
  esac
  whole_records "$(rows_file)" >after
  head -c "$(wc -c <before)" after | cmp -s - before ||
    fail "a run was lost (kill $done)"
  [ -z "$(LC_ALL=C grep -a '^run ' after | sort | uniq -d)" ] ||
    fail "a run was repeated (kill $done)"
  mv after before
  # A power cut leaves half a record.
  rows=$(rows_file)
  [ "$rows" = /dev/null ] || head -c 60 before >>"$rows"
done
expect 0 "$handoff" run --resume $grid --out res
same whole res
[ -z "$(find . -name '.*partial*' -o -name parts -o -name '*.new')" ] ||
  fail "something is left: $(find . -name '.*partial*' -o -name parts)"

# What is complete is not run again, but told of.
before=$(stat -c %i res)
expect 0 "$handoff" run --resume $grid --out res
[ "$(stat -c %i res)" = "$before" ] || fail "complete results were replaced"
grep -q '^Results: res' out || fail "says nothing of complete results"
# refused TEXT COMMAND...: nothing is run or changed, and it says why.
refused() {
  text=$1
  shift
  ls -lR --time-style=full-iso res .res.partial >is 2>/dev/null
  expect 2 "$handoff" run --resume --out res "$@"
  grep -q -- "$text" err || fail "does not say '$text': $(cat err)"
  ls -lR --time-style=full-iso res .res.partial 2>/dev/null | cmp -s - is ||
    fail "something was changed by: $*"
}

# Another grid than the one that is there, complete or not, is refused.
refuse_all() {
  refused 'asked.repeat is 12 there and 11 here' short.yaml --repeat 11 --pcap \
    --vary networks.cell.delay=20ms,40ms
  refused 'asked.vary is .* there and' short.yaml --repeat 12 --pcap \
    --vary networks.cell.delay=20ms,41ms
  refused 'asked.events is false there and true here; asked.pcap is true there' \
    short.yaml --repeat 12 --events --vary networks.cell.delay=20ms,40ms
  sed 's/100KB/90KB/' short.yaml >other.yaml
    refused 'scenario.sha256 is' $(echo $grid | sed 's/short/other/')
}
refuse_all
"$handoff" run $grid --out res >said 2>&1 &
pid=$!
until [ -s .res.partial/parts/rows ]; do sleep 0.02; done
kill -KILL $pid
wait $pid 2>/dev/null
# Killed runs die in a moment; until then the folder is not quiet.
sleep 0.5
rm -rf res
refuse_all
echo '{"format": "hand' >.res.partial/manifest.json
refused 'its manifest.json cannot be read' $grid
# Without --resume it begins again.
expect 0 "$handoff" run $grid --out res
same whole res

# A file that has moved is the same scenario; with nothing there, it begins.
mv short.yaml moved.yaml
expect 0 "$handoff" run --resume $(echo $grid | sed 's/short/moved/') --out res
mv moved.yaml short.yaml
expect 0 "$handoff" run --resume $grid --out fresh
same whole fresh

# Lost before, lost after: the exit status is that of an undisturbed grid.
scenario slow | sed 's/bytes: 200KB/bytes: 4GB/; s/20Mbps/2Gbps/
  s/10Mbps/2Gbps/; s/stop: 30s/stop: 600s/; /^expect/,$d' >slow.yaml
"$handoff" run slow.yaml --arm quic --repeat 9 -j 1 --timeout 300ms --out lost \
  >said 2>&1 &
pid=$!
until [ -s .lost.partial/parts/rows ]; do sleep 0.02; done
kill -INT $pid
wait $pid
kept=$(tail -n +2 lost/runs.csv | wc -l)
expect 3 "$handoff" run slow.yaml --arm quic --repeat 9 --timeout 300ms \
  --out lost --resume
[ "$(grep -c '^slow,quic,[1-9],timeout,' lost/runs.csv)" = 9 ] ||
  fail "not nine rows"
[ "$(grep -c 'timeout: no end' err)" = $((9 - kept)) ] ||
  fail "runs were repeated: $(cat err)"

# Several scenarios, one of them not begun.
scenario second | sed 's/200KB/20KB/' >second.yaml
"$handoff" run short.yaml second.yaml --repeat 60 --out both >said 2>&1 &
pid=$!
until [ -s both/.short.partial/parts/rows ]; do sleep 0.02; done
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "exit status is not 130"
expect 0 "$handoff" run short.yaml second.yaml --repeat 60 --out both --resume
expect 0 "$handoff" run short.yaml second.yaml --repeat 60 --out both2
same both2 both

finish
