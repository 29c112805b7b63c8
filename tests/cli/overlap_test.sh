#!/bin/sh
# Several scenarios at once: the next begins where a slot is free, what is said
# keeps their order, and whatever stops one, or all, loses no finished run.
# Runs are held where they are by SIGSTOP, so that nothing depends on speed.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2013 # called by until_true; words are meant
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

for name in first second third; do
  scenario $name | sed '/^expect/,$d; s/200KB/20KB/; s/20Mbps/1Gbps/
    s/10Mbps/1Gbps/; s/60ms..80ms/1ms..2ms/' >$name.yaml
done
# A run of 1 KB ends at once, one of so much can be held in time.
some="--arm quic --vary workload.bytes=1KB,60MB --no-checks"
# shellcheck disable=SC2086 # words are meant
expect 0 "$handoff" run first.yaml second.yaml third.yaml $some --out whole -j 1
mv out whole.out

# until_true COMMAND...: waits a minute for it.
until_true() {
  n=0
  until "$@"; do
    n=$((n + 1))
    [ $n -lt 1200 ] || return 1
    sleep 0.05
  done
}

# run_of NAME: the process that runs scenario NAME's second run, which is the
# long one.
run_of() {
  for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
    case $(readlink "/proc/$child/fd/1") in
    */.$1.partial/parts/000001.unfinished/stderr) echo "$child" ;;
    esac
  done
}

is_running() {
  [ -n "$(run_of "$1")" ]
}

# hold NAME: stops its long run, as soon as that is there.
hold() {
  until_true is_running "$1" || fail "no run of $1 to hold"
  kill -STOP "$(run_of "$1")"
}

go_on() {
  kill -CONT "$(run_of "$1")"
}

# one_kept NAME: its short run counts.
one_kept() {
  grep -aq '^end ' "res/.$1.partial/parts/rows" 2>/dev/null
}

both_kept() {
  one_kept first && one_kept second
}

is_there() {
  grep -q '"status": "complete"' "res/$1/manifest.json" 2>/dev/null
}

is_incomplete() {
  [ "$(grep -c '"finished": 1,\|"status": "incomplete"' \
    "res/$1/manifest.json")" = 2 ] ||
    fail "$1 is not marked incomplete, with one run"
}

# begin JOBS: all three scenarios, in the background.
begin() {
  rm -rf res
  # shellcheck disable=SC2086
  "$handoff" run first.yaml second.yaml third.yaml $some -j "$1" --out res \
    >out 2>err &
  pid=$!
}

is_gone() {
  [ ! -d "/proc/$pid/fd/." ]
}

# ends STATUS: the exit status.
ends() {
  until_true is_gone || {
    fail "it does not end"
    kill -KILL $pid
  }
  wait $pid
  got=$?
  [ $got = "$1" ] || fail "exit status $got, not $1: $(cat err)"
  [ -z "$(find . -name '.*partial*' -o -name '*.unfinished')" ] ||
    fail "something is left: $(find . -name '.*partial*')"
}

# said LINE...: all that standard output says of which scenario it is at, and
# where its results are.
said() {
  sed -n 's/^\(first\|second\|third\): .*/\1/p; s/^Results: //p' out >heard
  printf '%s\n' "$@" | diff - heard >&2 || fail "not said in this order: $*"
}

# same: res has the bytes of undisturbed results.
same() {
  (cd whole && find . -type f ! -name cost.csv | sort) >list
  (cd res && find . -type f ! -name cost.csv | sort) | cmp -s - list ||
    fail "other files than undisturbed"
  while read -r file; do
    cmp "whole/$file" "res/$file" || fail "$file differs"
  done <list
}

# resumed: what is missing is run, and all is told, as if nothing had been.
resumed() {
  # shellcheck disable=SC2086
  expect 0 "$handoff" run --resume first.yaml second.yaml third.yaml $some \
    --out res
  same
  sed 's/: res/: whole/' out | cmp - whole.out || fail "told otherwise"
}

# While the first is held, the others are finished, and told when it is.
begin 2
hold first
for name in second third; do
  until_true is_there $name || fail "$name waits for first"
done
until_true test -s out
said first
go_on first
ends 0
same
sed 's/: res/: whole/' out | cmp - whole.out || fail "not in order: $(cat out)"

# A signal meant for all processes of a group ends no run by itself: what
# becomes of the runs is for their parent to say.
begin 2
hold first
run=$(run_of first)
kill -TERM "$run"
kill -HUP "$run"
kill -INT "$run"
go_on first
ends 0
same

# Under nohup nobody minds the terminal's end.
rm -rf res
(
  trap '' HUP
  # shellcheck disable=SC2086
  exec "$handoff" run first.yaml second.yaml third.yaml $some -j 2 --out res \
    >out 2>err
) &
pid=$!
hold first
kill -HUP $pid
go_on first
ends 0
same

# A slot is one of all scenarios: while both are taken, the third waits.
begin 2
hold first
hold second
[ ! -e res/.third.partial/manifest.json ] || fail "third is run by a third slot"
# Ctrl-C with two of them half done: each keeps what it has.
until_true both_kept || fail "nothing is kept"
kill -INT $pid
ends 130
said first
is_incomplete first
is_incomplete second
[ ! -e res/third ] || fail "third was not begun, and has a folder"
cat >wanted <<EOF
handoff: first: 1 of 2 runs are kept in res/first
handoff: second: 1 of 2 runs are kept in res/second
handoff: interrupted
EOF
head -3 err | cmp - wanted || fail "says otherwise: $(cat err)"
grep -q '^handoff: go on with: handoff run --resume ' err || fail "not how"
resumed

# Not more are under way than there are slots and one: while the files of first
# and second are not made, since nobody reads what is in the place of one, third
# is not begun.  It would be before a signal is seen.
begin 1
for name in first second; do
  hold $name
  mkfifo "res/.$name.partial/cids.csv"
  go_on $name
  until_true test -e "res/.$name.partial/requests.csv" ||
    fail "nobody makes the files of $name"
done
kill -INT $pid
cat res/.first.partial/cids.csv res/.second.partial/cids.csv >/dev/null
ends 130
said first res/first second res/second
grep '^handoff: third' err && fail "third was begun"
[ ! -e res/third ] || fail "third was begun, and has a folder"

# Ctrl-C when the second is there and the first is not: it was not told, but is
# not run again.
begin 2
hold first
until_true is_there second || fail "second waits for first"
until_true is_there third || fail "third waits for first"
kill -TERM $pid
ends 130
said first
is_incomplete first
grep -q "^handoff: second: 2 of 2 runs are kept in res/second" err ||
  fail "does not say where second is: $(cat err)"
before=$(stat -c %i res/second)
resumed
[ "$(stat -c %i res/second)" = "$before" ] || fail "second was run again"

# Killed outright: the same, from the work folders.
begin 2
hold first
hold second
until_true both_kept || fail "nothing is kept"
left="$(run_of first) $(run_of second)"
kill -KILL $pid
wait $pid 2>/dev/null
for child in $left; do
  until_true test ! -d "/proc/$child/fd/." || fail "a run outlives the command"
done
# What cannot be read is not said to be lost, and is not.
mv res/.first.partial/parts/rows rows
mkdir res/.first.partial/parts/rows
# shellcheck disable=SC2086
expect 4 "$handoff" run --resume first.yaml second.yaml third.yaml $some \
  --out res
grep -q '^handoff: cannot read what is kept in .*\.first\.partial' err ||
  fail "not said that it cannot be read: $(cat err)"
grep -q '^handoff: first: .*nothing is kept' err && fail "said to be lost"
rmdir res/.first.partial/parts/rows
mv rows res/.first.partial/parts/rows
resumed

# fail_run NAME: a run that is held cannot write its rows any more.
fail_run() {
  held=$(run_of "$1")
  rm -r "res/.$1.partial/parts/000001.unfinished"
  kill -CONT "$held"
}

# The second fails while the first runs: that goes on and is told, the third is
# not begun.
begin 2
hold first
hold second
until_true one_kept second || fail "nothing kept"
fail_run second
until_true test -e res/second/manifest.json || fail "second is not kept"
is_running first || fail "first was stopped, too"
go_on first
ends 4
said first res/first second
is_there first || fail "first is not there"
is_incomplete second
[ ! -e res/third ] || fail "third was begun"
grep -q "cannot write 'res/.second.partial': No such file" err ||
  fail "does not say what failed: $(cat err)"
resumed

# The first fails while the second runs: that is stopped and kept, as by Ctrl-C.
begin 2
hold first
hold second
until_true both_kept || fail "nothing is kept"
fail_run first
ends 4
said first
is_incomplete first
is_incomplete second
[ ! -e res/third ] || fail "third was begun"
resumed

# A run that dies costs its scenario one row, and the others nothing.
begin 2
hold first
until_true is_there third || fail "third waits for first"
kill -KILL "$(run_of first)"
ends 3
said first res/first second res/second third res/third
grep -q '^first,60MB,quic,1,crashed,' res/first/runs.csv || fail "no such row"
cmp whole/second/runs.csv res/second/runs.csv || fail "second is another"

# A result that cannot be told stops what comes after it.
begin 2
hold first
until_true is_there second || fail "second waits for first"
until_true is_there third || fail "third waits for first"
rm res/second/handoffs.csv
go_on first
ends 4
said first res/first second
is_there third || fail "third is not there"
grep -q "^handoff: third: 2 of 2 runs are kept in res/third" err ||
  fail "does not say where third is: $(cat err)"

# What radios carry is measured before the first run, and keeps nobody waiting.
cat >radio.yaml <<'EOF'
name: radio
stop: 20s
networks:
  cell: {type: lte, bandwidth: 20MHz, distance: 100m}
workload: {type: download, bytes: 1KB}
arms: [quic]
EOF
rm -rf whole
expect 0 "$handoff" run radio.yaml second.yaml --arm quic --out whole -j 1

# measuring: the process that does, which talks to our standard error.
measuring() {
  for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
    [ "$(readlink "/proc/$child/fd/2")" != "$work/err" ] || echo "$child"
  done
}

is_measuring() {
  [ -n "$(measuring)" ]
}

begin_radio() {
  "$handoff" run "$@" --arm quic -j 2 >out 2>err &
  pid=$!
  until_true is_measuring || fail "nothing is measured"
  held=$(measuring | head -1)
  kill -STOP "$held"
}

rm -rf res
begin_radio radio.yaml second.yaml --out res
until_true is_there second || fail "second waits for a measurement"
[ ! -e res/.radio.partial/manifest.json ] || fail "radio has begun"
kill -CONT "$held"
ends 0
same
rm -rf res
begin_radio radio.yaml --out res
kill -INT $pid
ends 130
[ ! -e res ] || fail "something is left: $(find res)"
grep -q "^handoff: radio: no run had finished, nothing is kept" err ||
  fail "does not say what is kept: $(cat err)"
begin_radio radio.yaml --out res
kill -KILL "$held"
ends 0
grep -q "^handoff: the capacity of 'cell' could not be measured" err ||
  fail "does not say what could not be measured: $(cat err)"

# Interrupted while it is measured again, it has what it had before.
rm -rf res
vary="--vary workload.bytes=1KB,20MB"
# shellcheck disable=SC2086
begin_radio radio.yaml second.yaml $vary --out res
kill -CONT "$held"
hold radio
until_true one_kept radio || fail "nothing is kept"
kill -INT $pid
ends 130
is_incomplete radio
# shellcheck disable=SC2086
begin_radio --resume radio.yaml $vary --out res/radio
kill -INT $pid
ends 130
is_incomplete radio
grep -q '^handoff: go on with: ' err || fail "does not say how: $(cat err)"

finish
