#!/bin/sh
# Result folders that are not what they were: of another version, cut off, with
# the manifest of another grid, with rows or captures missing.  Whoever reads
# one says so in one line, exits with 2, and nothing is overwritten.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario short | sed 's/200KB/50KB/; s/60ms..80ms/30ms..40ms/' >short.yaml
grid="short.yaml --repeat 2 --events"

# state DIR...: all that is in them.
state() {
  find "$@" -exec ls -ld --time-style=full-iso {} + | sort -k 9
  find "$@" -type f -exec cksum {} +
}

# refused TEXT DIRS COMMAND...: one line, with that in it.
refused() {
  text=$1
  dirs=$2
  shift 2
  # shellcheck disable=SC2086 # words are meant
  state $dirs >before
  expect 2 "$handoff" "$@"
  [ ! -s out ] || fail "prints something: $*"
  [ "$(wc -l <err)" = 1 ] || fail "not one line: $*: $(cat err)"
  grep -Fq -- "$text" err || fail "does not say '$text': $*: $(cat err)"
  # shellcheck disable=SC2086
  state $dirs | cmp -s - before || fail "something was changed: $*"
  [ ! -e new ] || fail "something was written: $*"
  [ -z "$(find . -name '.*partial*')" ] || fail "a work folder is left: $*"
}

# cut FILE BYTES: all but the last of them.
cut_off() {
  head -c "-$2" "$1" >short.part && cp short.part "$1"
}

# spoil HOW DIR: a copy of what is in DIR, as bad, spoilt.
spoil() {
  rm -rf bad
  cp -r "$2" bad
  case $1 in
  format) sed -i 's/"format_version": 1/"format_version": 2/' bad/manifest.json ;;
  half) head -c 300 "$2/manifest.json" >bad/manifest.json ;;
  empty) : >bad/manifest.json ;;
  foreign) echo '{"format": "other"}' >bad/manifest.json ;;
  none) rm bad/manifest.json ;;
  cut:*) cut_off "bad/${1#cut:}" 30 ;;
  end:*) cut_off "bad/${1#end:}" 1 ;;
  row:*) sed -i '$d' "bad/${1#row:}" ;;
  rows:*) sed -i '2,$d' "bad/${1#rows:}" ;;
  blank:*) : >"bad/${1#blank:}" ;;
  gone:*) rm "bad/${1#gone:}" ;;
  folder:*) rm "bad/${1#folder:}" && mkdir "bad/${1#folder:}" ;;
  header:*) sed -i '1s/seed/sead/' "bad/${1#header:}" ;;
  seed:*) sed -i '$s/^\([^,]*,[^,]*\),[0-9]*,/\1,99,/' "bad/${1#seed:}" ;;
  change:*) sed -i 's/a/b/' "bad/${1#change:}" ;;
  *) fail "no such way: $1" ;;
  esac
}

# shellcheck disable=SC2086
{
  expect 0 "$handoff" run $grid --out whole
  expect 0 "$handoff" run $grid --out other --set client.notice=40ms
}
expect 0 "$handoff" compare whole other

# compare: what it reads is whole, and of a format that it knows.
while read -r how text; do
  spoil "$how" whole
  refused "$text" "bad other" compare bad other --out new
  refused "$text" "bad other" compare other bad --out new
done <<END
format 'bad' is in version 2 of the result format
half 'bad/manifest.json' is damaged, or not ours
empty 'bad/manifest.json' is damaged, or not ours
foreign 'bad/manifest.json' is damaged, or not ours
none 'bad' is not a result folder
cut:runs.csv 'bad/runs.csv', row 7:
cut:handoffs.csv 'bad/handoffs.csv', row 7:
row:runs.csv 'bad/runs.csv' has 5 rows, its manifest says 6 runs
row:handoffs.csv 'bad/handoffs.csv' has 5 rows
rows:runs.csv 'bad/runs.csv' has 0 rows
blank:runs.csv 'bad/runs.csv' is empty
gone:handoffs.csv 'bad/handoffs.csv' cannot be read
folder:runs.csv 'bad/runs.csv' cannot be read
header:runs.csv 'bad/runs.csv'
seed:runs.csv 'bad/runs.csv' has the seed 99, its manifest
END

# run, check and bless --resume, of a folder that says it is complete.
while read -r how text; do
  spoil "$how" whole
  # shellcheck disable=SC2086
  for command in run check bless; do
    set -- $command $grid --out bad --resume
    [ $command = run ] || set -- "$@" --baseline .
    [ $command = run ] || case $how in format | none | half | empty | foreign) ;;
    *) continue ;; esac
    refused "$text" "bad" "$@"
  done
done <<END
format --resume: '$work/bad' was asked for something else: format_version is 2 there
half has no manifest.json of ours; it was left alone
empty has no manifest.json of ours; it was left alone
foreign has no manifest.json of ours; it was left alone
none has no manifest.json of ours; it was left alone
cut:runs.csv bad/runs.csv': its last line has no end
row:runs.csv bad/runs.csv' has 5 rows, its manifest says 6 runs
row:handoffs.csv bad/handoffs.csv' has 5 rows
rows:handoffs.csv bad/handoffs.csv' has 0 rows
blank:runs.csv bad/runs.csv': it is empty
gone:runs.csv bad/runs.csv': No such file
gone:events.csv bad/events.csv': No such file
end:events.csv bad/events.csv': its last line has no end
end:requests.csv bad/requests.csv': its last line has no end
folder:runs.csv bad/runs.csv': Is a directory
header:cids.csv bad/cids.csv': its header is not this program's
blank:checks.csv bad/checks.csv': it is empty
END
# As they ask for other files, the folder is of another grid for them.
spoil cut:runs.csv whole
# shellcheck disable=SC2086
refused 'asked.' bad check $grid --out bad --resume
# Without --resume it is made anew, and a sound one is told of.
spoil cut:runs.csv whole
# shellcheck disable=SC2086
{
  expect 0 "$handoff" run $grid --out bad
  cmp bad/runs.csv whole/runs.csv || fail "not made anew"
  expect 0 "$handoff" run $grid --out bad --resume
}

# merge: rows and captures have hashes; the CSV files are made from them.
for k in 1 2; do
  # shellcheck disable=SC2086
  expect 0 "$handoff" run $grid --pcap --qlog --shard $k/2 --out s$k
done
while read -r how text; do
  spoil "$how" s2
  refused "$text" "s1 bad" merge s1 bad --out new
done <<END
format format_version is 1 there and 2 here
half 'bad' has no manifest.json of ours
none 'bad' has no manifest.json of ours
cut:parts/rows bad/parts/rows' is damaged: it lacks 1 of its runs
change:parts/rows bad/parts/rows' is damaged
blank:parts/rows bad/parts/rows' is damaged
gone:parts/rows bad/parts/rows' is damaged
cut:runs/quic-2/client.pcapng 'bad/runs/quic-2/client.pcapng' is damaged: it has
change:runs/quic-2/server.pcapng 'bad/runs/quic-2/server.pcapng' is damaged
change:runs/quic-2/server.sqlog 'bad/runs/quic-2/server.sqlog' is damaged
gone:runs/quic-2/client.sqlog 'bad/runs/quic-2/client.sqlog' cannot be read
cut:parts/artefacts 'bad/parts/artefacts' was cut off
row:parts/artefacts 'bad/parts/artefacts' was cut off
gone:parts/artefacts 'bad/parts/artefacts' cannot be read
END
spoil cut:runs.csv s2
expect 0 "$handoff" merge s1 bad --out merged
cmp merged/runs.csv whole/runs.csv || fail "not merged from parts"

# check --baseline, and bless over what is no baseline.
mkdir base
expect 0 "$handoff" bless short.yaml --repeat 2 --baseline base
cp -r base whole.base
while read -r how text; do
  rm -rf base
  cp -r whole.base base
  case $how in
  version) sed -i '1s/,1,/,9,/' base/short.csv ;;
  cut) cut_off base/short.csv 300 ;;
  end) sed -i '$d' base/short.csv ;;
  row) sed -i '/^runs.csv,quic,2,/d' base/short.csv ;;
  handoff) sed -i '/^handoffs.csv,quic,2,/d' base/short.csv ;;
  blank) : >base/short.csv ;;
  other) echo hello >base/short.csv ;;
  esac
  refused "$text" base check short.yaml --repeat 2 --baseline base --out new
done <<END
version base/short.csv:1:1: the baseline is of version '9', not 1
cut the baseline is truncated: its last line
end the baseline is truncated: its last line
row runs.csv of the baseline has 0 rows of arm quic, seed 2, expected 1
handoff base/short.csv:
blank base/short.csv:1:1: the baseline is empty
other base/short.csv:1:1: this is no baseline
END
refused 'base/short.csv: is no baseline, and is not overwritten' base \
  bless short.yaml --repeat 2 --baseline base --out new

finish
