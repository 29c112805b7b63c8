#!/bin/sh
# linkability.csv of whole runs: its two controls, the same bytes every time,
# and none without observers.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

# crowd ACTION: eight clients to which it happens, and two that stay.
crowd() {
  cat <<EOF
name: crowd
stop: 20s
networks:
  cafe: {type: wired, down: 90Mbps, up: 90Mbps, delay: 8ms, nat: home-router}
  cell: {type: wired, down: 90Mbps, up: 90Mbps, delay: 25ms, nat: cgn}
groups:
  walkers: {clients: 8}
  readers: {clients: 2, moves: false, start: cell}
client: {start: cafe}
workload: {type: download, bytes: 1MB}
observers: [old, both, server]
swap_game: true
arms: [quic]
timeline:
  - 300ms..500ms: $1
EOF
}

# cell FILE VANTAGE ADVERSARY COLUMN
cell() {
  awk -F, -v vantage="$2" -v adversary="$3" -v column="$4" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["vantage"] == vantage && $at["adversary"] == adversary {
      print $at[column]
    }' "$1/linkability.csv"
}

# is FILE VANTAGE ADVERSARY COLUMN VALUE
is() {
  got=$(cell "$1" "$2" "$3" "$4")
  [ "$got" = "$5" ] || fail "$1: $4 of $3 at $2 is '$got', not '$5'"
}

crowd 'disconnect cafe' >leave.yaml
crowd 'rebind cafe port' >rebind.yaml
for name in leave rebind; do
  expect 0 "$handoff" run $name.yaml --repeat 2 -j 1 --out $name
  expect 0 "$handoff" run $name.yaml --repeat 2 -j 2 --out again
  cmp $name/linkability.csv again/linkability.csv || fail "$name: other bytes"
  cmp $name/flows.csv again/flows.csv || fail "$name: other flows"
  rm -r again
  [ "$(wc -l <$name/linkability.csv)" = 13 ] || fail "$name: not 3 x 4 rows"
done

# Who moves shows nothing that was seen before.
for vantage in both server; do
  is leave $vantage A0 swap_advantage 0.000000
  is leave $vantage A0 decided 0
  is leave $vantage A0 games 8
  is leave $vantage A0 queries 16
  is leave $vantage A0 cid_reuse_up 0.000000
  is leave $vantage A0 cid_reuse_down 0.000000
  is leave $vantage A0 leak_bits 0.000000
  is leave $vantage A3 seeds 1
done
is leave old A1 leak_bits 0.000000

# Whose NAT changes its port keeps its connection IDs.
for vantage in old both server; do
  is rebind $vantage A0 swap_advantage 1.000000
  is rebind $vantage A0 top1 1.000000
  is rebind $vantage A0 cid_reuse_up 1.000000
  is rebind $vantage A0 cid_reuse_down 1.000000
done

# Each point of a grid is what it would be by itself, whoever runs it.
grid() {
  expect 0 "$handoff" run leave.yaml --vary groups.walkers.clients=4,8 \
    --vary server.cid_length=5,8 "$@"
}

grid --out grid
for walkers in 4 8; do
  for length in 5 8; do
    expect 0 "$handoff" run leave.yaml --set groups.walkers.clients=$walkers \
      --set server.cid_length=$length --out point
    for file in flows linkability; do
      grep "^crowd,$walkers,$length," grid/$file.csv |
        sed "s/^crowd,$walkers,$length,/crowd,/" >rows
      [ -s rows ] || fail "no $file of $walkers, $length"
      sed 1d point/$file.csv | cmp - rows ||
        fail "$file: other rows of $walkers, $length"
    done
  done
done
for shard in 1 2 3; do
  grid --shard $shard/3 --out part$shard
done
expect 0 "$handoff" merge part1 part2 part3 --out merged
for file in flows linkability; do
  cmp merged/$file.csv grid/$file.csv || fail "merged: other $file"
done

sed '/^observers/d; /^swap_game/d' leave.yaml >unseen.yaml
expect 0 "$handoff" run unseen.yaml --out unseen
for file in flows linkability; do
  [ ! -e unseen/$file.csv ] || fail "$file.csv without observers"
done
finish
