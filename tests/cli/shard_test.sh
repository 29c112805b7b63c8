#!/bin/sh
# --shard and merge: together, the shards of a grid are the bytes of one
# machine; what does not fit is refused, and nothing is written.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2086,SC2046 # words are meant
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

scenario short >short.yaml

# whose FILE: the columns up to the seed.
whose() {
  cut -d, -f"1-$(head -1 "$1" | tr , '\n' | grep -n '^seed$' | cut -d: -f1)" "$1"
}

# same A B: every file but cost.csv is, and that but for its values.
same() {
  (cd "$1" && find . -type f | sort) >list.a
  (cd "$2" && find . -type f | sort) >list.b
  cmp -s list.a list.b || fail "$1 and $2 have different files"
  while read -r file; do
    case $file in
    ./cost.csv)
      whose "$1/$file" >cost.a
      whose "$2/$file" | cmp -s - cost.a || fail "rows of cost.csv"
      ;;
    *) cmp "$1/$file" "$2/$file" || fail "$file differs in $1 and $2" ;;
    esac
  done <list.a
}

# shards N OPTIONS...: runs each into s1, s2, ...
shards() {
  rm -rf s? s??
  n=$1
  shift
  for k in $(seq "$n"); do
    expect 0 "$handoff" run "$@" --shard "$k/$n" --out "s$k"
  done
}

grid="short.yaml --repeat 2 --vary networks.cell.delay=20ms,60ms --events"
grid="$grid --series --pcap --set client.notice=40ms --arm quic --arm tcp-notify"
expect 0 "$handoff" run $grid --out whole
head -30 out >table
shards 3 $grid
[ "$(tail -n +2 s2/runs.csv | wc -l)" = 3 ] || fail "a shard is not a third"
cut -d, -f2-4 s1/runs.csv | tail -n +2 >first
printf '%s\n' 20ms,quic,1 20ms,tcp-notify,2 60ms,tcp-notify,1 | cmp - first ||
  fail "shard 1 has $(cat first)"
expect 0 "$handoff" merge s3 s1 s2/ --out merged
same whole merged
sed -i 's/^Results: .*/Results: whole/' out
tail -n +3 table | cmp -s - out || fail "the table differs: $(cat out)"
[ -z "$(find . -name '.*partial*')" ] || fail "a work folder is left"
# Again, over the old one; the shards are as they were.
expect 0 "$handoff" merge s1 s2 s3 --out merged --quiet
same whole merged
[ ! -s out ] || fail "says something in spite of --quiet"

# What is refused.
cp -r s1 copy
snapshot() { find . -path ./snap -prune -o -type f ! -name snap ! -name err \
  ! -name out -print | sort | xargs cksum >"$1"; }
refused() {
  text=$1
  shift
  snapshot snap
  expect 2 "$handoff" merge "$@"
  grep -q -- "$text" err || fail "does not say '$text': $(cat err)"
  snapshot now
  grep -v ' ./now$' now | cmp -s - snap || fail "something was written: $*"
  rm -f now
}
refused 'shard 2/3 is missing' s1 s3 --out new
refused '2 of 3 shards are missing, such as 2/3' s1 --out new
refused "'s1' and 'copy' are both shard 1/3" s1 s2 s3 copy --out new
refused "'s1' and 's1' are both shard 1/3" s1 s1 s2 s3 --out new
refused "'whole' is no shard: its grid is whole" s1 s2 whole --out new
refused "'nowhere' has no manifest.json" s1 s2 nowhere --out new
refused 'merge needs the folders' --out new
refused 'merge needs the folders' s1 s2 s3
refused "'./s1/' is one of the shards" s1 s2 s3 --out ./s1/
mkdir foreign
echo text >foreign/thesis.tex
refused "'foreign' is not empty" s1 s2 s3 --out foreign
expect 0 "$handoff" run $grid --shard 2/2 --out half
refused "'s1' is a shard of 3, 'half' one of 2" s1 s2 half --out new
expect 0 "$handoff" run $grid --seed 7 --shard 2/3 --out other
refused "different grids: asked.seed is 1 there and 7 here" s1 other s3 \
  --out new
sed 's/200KB/190KB/' short.yaml >later.yaml
expect 0 "$handoff" run $(echo $grid | sed s/short/later/) --shard 2/3 --out other
refused "different grids: scenario.sha256 is" s1 other s3 --out new
sed 's/"handoff": "[^"]*"/"handoff": "0.0.1"/' s1/manifest.json >m
cp m copy/manifest.json
refused 'different grids: handoff is "0.0.1" there' copy s2 s3 --out new
for k in 1 2 3; do
  cp -r s$k old$k
  sed -i 's/"handoff": "[^"]*"/"handoff": "0.0.1"/' old$k/manifest.json
done
refused "'old1' was not made by this program: handoff is \"0.0.1\"" \
  old1 old2 old3 --out new
sed 's/"complete"/"incomplete"/' s1/manifest.json >copy/manifest.json
refused "'copy' is incomplete" copy s2 s3 --out new
head -c 300 s1/manifest.json >copy/manifest.json
refused "'copy' has no manifest.json of ours" copy s2 s3 --out new
cp s1/manifest.json copy
head -c -20 s1/parts/rows >copy/parts/rows
refused "copy/parts/rows' is damaged: it lacks 1 of its runs" copy s2 s3 \
  --out new
sed '0,/migrated/s//MIGRATED/' s1/parts/rows >copy/parts/rows
refused "copy/parts/rows' is damaged" copy s2 s3 --out new
rm copy/parts/rows
refused "copy/parts/rows' is damaged: it lacks 3 of its runs" copy s2 s3 \
  --out new

# A shard that was interrupted goes on like any grid.
slow="short.yaml --repeat 40 --vary networks.cell.delay=20ms,60ms"
"$handoff" run $slow --shard 1/2 --out s1 >said 2>&1 &
pid=$!
until [ -s .s1.partial/parts/rows ]; do sleep 0.02; done
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "exit status is not 130: $(cat said)"
expect 0 "$handoff" run $slow --shard 2/2 --out s2
refused "'s1' is incomplete: go on" s1 s2 --out new
expect 2 "$handoff" run $slow --shard 2/2 --out s1 --resume
grep -q 'shard.index is 1 there and 2 here' err || fail "says $(cat err)"
expect 0 "$handoff" run $slow --shard 1/2 --out s1 --resume
expect 0 "$handoff" run $slow --out whole
expect 0 "$handoff" merge s1 s2 --out merged
same whole merged

# More shards than runs; a default folder for each.
expect 0 "$handoff" run short.yaml --arm quic --repeat 2 --out whole
for k in 1 2 3; do
  expect 0 "$handoff" run short.yaml --arm quic --repeat 2 --shard $k/3
done
expect 0 "$handoff" merge results/out/short-shard-?-of-3 --out merged
same whole merged

# What was measured of radios, and of lost runs, is merged too.
cat >radio.yaml <<'END'
name: radio
stop: 20s
networks:
  line: {type: wired, down: 50Mbps, up: 10Mbps, delay: 8ms}
  cell: {type: lte, bandwidth: 5MHz, distance: 100m}
workload: {type: download, bytes: 1MB}
arms: [quic]
timeline:
  - 100ms: disconnect line
END
radio="radio.yaml --vary networks.cell.bandwidth=3MHz,5MHz"
expect 0 "$handoff" run $radio --out whole
shards 2 $radio
expect 0 "$handoff" merge s1 s2 --out merged
same whole merged
grep -q calibration merged/manifest.json || fail "no calibration"
for k in 1 2; do
  expect 3 "$handoff" run short.yaml --set workload.bytes=4GB --arm quic \
    --repeat 2 --timeout 50ms --shard $k/2 --out s$k
done
expect 3 "$handoff" merge s1 s2 --out merged
[ "$(grep -c ,timeout, merged/runs.csv)" = 2 ] || fail "not two lost runs"

finish
