#!/bin/sh
# A disk that fills up: exit status 4, the rows of finished runs are kept.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario full | sed 's/200KB/20KB/; s/60ms..80ms/20ms..25ms/
  /^expect/,$d' >full.yaml

# A file system of our own; in a namespace where we are not root, or may not.
mkdir disk
if [ -z "${HANDOFF_DISK_TEST:-}" ] &&
  ! mount -t tmpfs -o size=2m handoff-test disk 2>/dev/null; then
  if unshare -rm mount -t tmpfs -o size=2m t disk 2>/dev/null; then
    HANDOFF_DISK_TEST=1 exec unshare -rm sh "$0" "$@"
  fi
  echo "skipped: no file system can be mounted here" >&2
  exit 77
fi
if [ -n "${HANDOFF_DISK_TEST:-}" ]; then
  mount -t tmpfs -o size=2m handoff-test disk || exit 77
fi
trap 'umount "$work/disk"; rm -rf "$work"' EXIT

# full FOLDER: fills the disk with events.
full() {
  expect 4 "$handoff" run full.yaml --repeat 3000 --events --out "$1"
  grep -q "No space left on device" err || fail "does not say why: $(cat err)"
  grep -q "runs are kept in" err || fail "does not say what is kept"
  kept=$(tail -n +2 "$1/runs.csv" | wc -l)
  [ "$kept" -ge 1 ] || fail "no row was kept"
  grep -q '"status": "incomplete"' "$1/manifest.json" ||
    fail "not marked incomplete"
  [ -z "$(find disk -name '*.unfinished')" ] || fail "an unfinished run is left"
}

full disk/results
[ ! -e disk/.results.partial ] || fail "the work folder is left"
rm -rf disk/results

# The folder is the mount point itself, which cannot be renamed.
full disk
[ ! -e disk/.partial ] || fail "the work folder is left"

# Ours, incomplete: replaced by one that is whole, once there is room.
rm -rf disk/parts
expect 0 "$handoff" run full.yaml --out disk
grep -q '"status": "complete"' disk/manifest.json || fail "not complete"
[ ! -e disk/events.csv ] || fail "something of the old folder is left"

# Once there is room, --resume runs what is missing, and no more.
rm -rf disk/*
expect 4 "$handoff" run full.yaml --repeat 40 --events --out disk/results
grep -q "go on with: handoff run --resume" err || fail "does not say how"
expect 4 "$handoff" run full.yaml --repeat 40 --events --out disk/results \
  --resume
LC_ALL=C grep -a '^run ' disk/results/parts/rows >kept
[ -s kept ] || fail "nothing is kept"
mount -o remount,size=64m disk || fail "cannot make the disk larger"
"$handoff" run full.yaml --repeat 40 --events --out disk/results --resume \
  -j 1 >/dev/null 2>&1 &
pid=$!
while [ -d "/proc/$pid/fd/." ]; do
  LC_ALL=C grep -a '^run ' disk/.results.partial/parts/rows >now 2>/dev/null
  [ "$(wc -l <now)" -gt "$(wc -l <kept)" ] && kill -INT $pid && break
done
wait $pid
head -n "$(wc -l <kept)" now | cmp - kept || fail "runs were repeated or lost"
expect 0 "$handoff" run full.yaml --repeat 40 --events --out disk/results \
  --resume
expect 0 "$handoff" run full.yaml --repeat 40 --events --out undisturbed
for file in undisturbed/*; do
  [ "$file" = undisturbed/cost.csv ] || cmp "$file" "disk/results/${file#*/}" ||
    fail "$file differs"
done

# Of several scenarios, whichever it hits: each folder is whole or can be gone on
# with, or was not begun.
rm -rf disk/*
mount -o remount,size=2m disk || fail "cannot make the disk smaller"
for name in one two three; do
  sed "s/^name: full/name: $name/" full.yaml >$name.yaml
done
some="one.yaml two.yaml three.yaml --repeat 6 --events"
# shellcheck disable=SC2086 # words are meant
expect 4 "$handoff" run $some --out disk/results -j 2
grep -q "No space left on device" err || fail "does not say why: $(cat err)"
[ -z "$(find disk -name '.*.partial' -o -name '*.unfinished')" ] ||
  fail "something is left: $(find disk -name '.*.partial')"
for name in one two three; do
  [ ! -e disk/results/$name ] ||
    [ "$(grep -c '"status": "\(in\)\{0,1\}complete"' \
      disk/results/$name/manifest.json)" = 1 ] || fail "$name has no manifest"
done
mount -o remount,size=64m disk || fail "cannot make the disk larger"
# shellcheck disable=SC2086
{
  expect 0 "$handoff" run $some --out disk/results --resume
  rm -rf undisturbed
  expect 0 "$handoff" run $some --out undisturbed
}
for file in undisturbed/*/*; do
  [ "${file##*/}" = cost.csv ] || cmp "$file" "disk/results/${file#*/}" ||
    fail "$file differs"
done

# A table that cannot be printed is a failed write too.
if [ -w /dev/full ]; then
  "$handoff" run full.yaml --arm quic --out r >/dev/full 2>err
  [ $? = 4 ] || fail "exit status with standard output full is not 4"
  [ -s r/runs.csv ] || fail "results are lost when only the table is"
  grep -q 'standard output$\|No space left' err ||
    fail "another reason than a full device: $(cat err)"
fi

finish
