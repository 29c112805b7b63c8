#!/bin/sh
# Bad input: each mistake has its message, with its place where there is a
# file; exit status 2; nothing is run and nothing is written.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

mkdir box
scenario base >base.yaml

# refused MESSAGE ARGUMENT...: with every command that could run or write.
refused() {
  message=$1
  shift
  for command in run check validate; do
    case "$command $*" in validate*--out*) continue ;; esac
    (cd box && exec "$handoff" "$command" "$@") >out 2>err
    got=$?
    [ "$got" = 2 ] || fail "exit status $got, not 2: $command $*"
    says "$message"
    [ -s out ] && fail "prints something: $command $*"
    left=$(cd box && find . ! -name . ! -name '*.yaml')
    [ -z "$left" ] || fail "leaves $left: $command $*"
  done
}

# broken SED-SCRIPT MESSAGE: the base scenario changed by the script.
broken() {
  sed "$1" base.yaml >box/s.yaml
  refused "s.yaml:$2" s.yaml
  rm box/s.yaml
}

refused "'': cannot open: No such file or directory" ""
refused "nofile.yaml: cannot open: No such file or directory" nofile.yaml
printf 'a: [1,\n b: }\n' >box/n.yaml
refused "n.yaml:2:5: not YAML: did not find expected node content (while parsing a flow node)" n.yaml
rm box/n.yaml
broken 's/^stop: .*/stop: [1]/' \
  "3:7: 'stop' must be a single value"
broken 's/delay: 8ms/delay: 8/' \
  "10:12: '8' has no unit (expected a duration such as 20ms)"
broken 's/delay: 8ms/delay: 8Mbps/' \
  "10:12: '8Mbps' is a rate (expected a duration such as 20ms)"
broken 's/down: 20Mbps/down: -20Mbps/' \
  "8:11: '-20Mbps' is negative (expected a rate such as 10Mbps)"
broken 's/down: 20Mbps/down: 0Mbps\n    loss: 1%/' \
  "8:11: '0Mbps' is out of range for 'down' (expected more than 0bps)"
broken 's/disconnect home/disconnect hoem/' \
  "23:28: undefined network 'hoem' (did you mean 'home'?)"
broken 's/disconnect home/rebind cell port/' \
  "23:24: network 'cell' has no NAT to rebind (give it 'nat: home-router' or another)"
broken 's/^expect:/  - 10ms: connect home\nexpect:/' \
  "24:5: '10ms' can precede the entry before, which is at up to 80ms"
broken 's/^arms: .*/arms: [quic, tcp-notify, quic]/' \
  "21:26: arm 'quic' is defined twice (first in line 21)"
broken 's/delay: 8ms/dely: 8ms/' \
  "10:5: unknown key 'dely' in network 'home' (did you mean 'delay'?)"
broken 's/outcome == migrated/interuption < 1s/' \
  "25:5: no metric 'interuption' (did you mean 'interruption'?); see 'handoff list metrics'"
broken 's/outcome == migrated/interruption < 1/' \
  "25:5: 'interruption' is a time (such as 600ms), not a bare number"
broken 's/outcome == migrated/outcome == migratd/' \
  "25:5: 'outcome' is never 'migratd' (did you mean 'migrated'?)"
broken 's/^name: .*/name: a\/b/' \
  "1:7: 'a/b' cannot name a folder (expected at most 100 letters, digits, . _ and -)"

broken "s/^name: .*/name: $(printf '%0101d' 0)/" \
  "1:7: '$(printf '%0101d' 0)' cannot name a folder (expected at most 100 letters, digits, . _ and -)"

# The command line.
cp base.yaml box/s.yaml
refused "s.yaml: it has no arm 'quik' (did you mean 'quic'?)" s.yaml --arm quik
refused "s.yaml: it has no arm 'x'; its arms are quic, quic-reconnect, tcp-notify" \
  s.yaml --arm x
refused "--set networks.cel.delay: no 'cel' in networks (did you mean 'cell'?)" \
  s.yaml --set networks.cel.delay=3ms


refused "s.yaml: has the name 'base' of s.yaml; their results would go to one folder" \
  s.yaml s.yaml
refused "standard input (-) can be read only once" - - </dev/null

# The result folder.
refused "result folder '/dev/null/x' cannot be made: /dev/null: Not a directory" \
  s.yaml --out /dev/null/x
mkdir foreign
echo precious >foreign/thesis
refused "result folder '../foreign' is not empty and has no manifest.json of ours; it was left alone (choose another with --out)" \
  s.yaml --out ../foreign
[ "$(cat foreign/thesis)" = precious ] || fail "a foreign file was touched"
[ "$(ls -A foreign)" = thesis ] || fail "a foreign folder was written to"
[ -z "$(find . -name '.*partial*')" ] || fail "a work folder was left"
refused "result folder '../base.yaml' exists and is not a folder" \
  s.yaml --out ../base.yaml
# A folder that nobody may write, root neither.
expect 2 "$handoff" run base.yaml --out /proc/handoff/out
grep -q "^result folder '/proc/handoff/out' cannot be " "$work/err" ||
  fail "does not say that a folder cannot be made: $(cat "$work/err")"
# Several, of which one is bad.
mkdir many
mkdir many/base
echo x >many/base/theirs
scenario other >box/other.yaml
refused "result folder '../many/base' is not empty and has no manifest.json of ours; it was left alone (choose another with --out)" \
  other.yaml s.yaml --out ../many
[ "$(ls -A many)" = base ] || fail "the first of two folders was written"
# What an option would write over must be its own: its value was forgotten.
cp base.yaml precious.yaml
for option in --junit --matrix; do
  expect 2 "$handoff" check base.yaml $option precious.yaml
  says "$option: 'precious.yaml' is there, and is no file of this option; it was left alone"
done
cmp base.yaml precious.yaml || fail "a scenario was overwritten"
[ ! -e results ] || fail "ran all the same"
for option in --junit --matrix; do
  expect 4 "$handoff" check base.yaml $option nodir/x
  [ ! -e results ] || fail "runs before it knows where $option goes"
done
expect 4 "$handoff" check base.yaml --junit new.xml --matrix nodir/x
[ ! -e new.xml ] || fail "leaves a file that says nothing"

if [ "$(id -u)" != 0 ]; then
  mkdir -m 555 locked
  refused "result folder '../locked/r' cannot be made: ../locked: Permission denied" \
    s.yaml --out ../locked/r
fi

# Commands.
expect 2 "$handoff"
expect 2 "$handoff" rnu
says "handoff: unknown command 'rnu' (did you mean 'run'?)"
expect 2 "$handoff" frobnicate
says "handoff: unknown command 'frobnicate'; see 'handoff --help'"
expect 2 "$handoff" search
says "handoff: search needs one scenario file (or - for standard input)"
expect 2 "$handoff" search s.yaml
says "handoff: search needs --for DURATION or --runs N"
expect 2 "$handoff" search base.yaml --runs 1 --arm quic --arm quic-reconnect
says "handoff: search takes one --arm, not 'quic' and 'quic-reconnect'"
expect 2 "$handoff" search base.yaml --runs 1 --seed 1000000000000000001
says "handoff: --seed must be 1 to 1000000000000000000, not '1000000000000000001'"
expect 2 "$handoff" run
says "handoff: run needs a scenario file (or - for standard input)"
expect 2 "$handoff" run box
says "box: is a folder, not a scenario"
mkdir none
expect 2 "$handoff" check none
says "none: no *.yaml file in this folder"
expect 2 "$handoff" list arm
says "handoff: nothing is called 'arm' (did you mean 'arms'?)"

# A reader that goes away ends a grid as Ctrl-C does; one that goes before the
# table is printed takes no result along.
mkfifo pipe
true <pipe &
exec 4>pipe
wait $!
expect 141 sh -c 'exec "$@" >&4' sh "$handoff" run base.yaml --arm quic \
  --repeat 200 --out unread
exec 4>&-
grep -qx 'handoff: interrupted' err || fail "does not say so: $(cat err)"
[ -z "$(find . -name '.*partial*')" ] || fail "a work folder is left"
rm -rf unread
"$handoff" run base.yaml --arm quic --repeat 20 --out unread | read -r _
[ "$(wc -l <unread/runs.csv)" = 21 ] || fail "results went with the reader"

finish
