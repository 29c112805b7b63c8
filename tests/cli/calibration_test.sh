#!/bin/sh
# What `run` measures of radios before its runs: of which ones, where, and that
# t90 and the deficit are held against it.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

cat >bulk.yaml <<'END'
name: bulk
stop: 30s
networks:
  line: {type: wired, down: 50Mbps, up: 10Mbps, delay: 8ms}
  cell: {type: lte, bandwidth: 5MHz, distance: 100m}
workload: {type: download, bytes: 12MB}
arms: [quic, tcp-notify]
timeline:
  - 1s: disconnect line
END

# column NAME: of each row of handoffs.csv.
column() {
  awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { print $at[name] }' bulk/handoffs.csv
}

# places FOLDER: how many the manifest has.
places() {
  grep -c '"down_mbps"' "$1/manifest.json"
}

# One place, however many arms; both recover within seconds, and what they lack
# is less than what the radio carries until then.
expect 0 "$handoff" run bulk.yaml --out bulk
[ "$(places bulk)" = 1 ] || fail "$(places bulk) places, not 1"
grep -q '"down_mbps": 17\.[45]' bulk/manifest.json || fail "rate down"
grep -q '"up_mbps": 18\.[123]' bulk/manifest.json || fail "rate up"
[ "$(column t90_ms | grep -c '^[0-9]')" = 2 ] || fail "t90 is $(column t90_ms)"
column t90_ms | awk '$1 < 200 || $1 > 5000 { exit 1 }' ||
  fail "t90 is $(column t90_ms)"
column deficit_bytes >deficits
column t90_ms | paste - deficits |
  awk '$2 <= 0 || $2 > $1 * 17.5e6 / 8000 { exit 1 }' ||
  fail "deficits: $(cat deficits)"

# What --set changes is measured; a walk has a place at each end.
expect 0 "$handoff" run bulk.yaml --out slower --arm quic \
  --set networks.cell.bandwidth=3MHz --set workload.bytes=3MB
grep -q '"down_mbps": 1[01]\.\|"down_mbps": 9\.' slower/manifest.json ||
  fail "--set is not measured: $(grep down_mbps slower/manifest.json)"
sed 's/disconnect line/move 50m,0m at 25m\/s/' bulk.yaml >walk.yaml
expect 0 "$handoff" run walk.yaml --out walk --set workload.bytes=1MB
[ "$(places walk)" = 2 ] || fail "$(places walk) places, not 2"

# Others than bulk need none.
sed 's/download, bytes: 12MB/request, every: 100ms, request: 100B, response: 1KB, count: 5/' \
  bulk.yaml >request.yaml
expect 0 "$handoff" run request.yaml --out request
! grep -q calibration request/manifest.json || fail "measured for requests"

# One client's transfer is enough.
sed '/^workload/s/.*/workload: {type: idle}/' bulk.yaml >mixed.yaml
cat >>mixed.yaml <<'END'
groups:
  quiet: {clients: 2}
  busy: {clients: 1, workload: {type: download, bytes: 1MB}}
END
expect 0 "$handoff" run mixed.yaml --out mixed --arm quic --set stop=5s
[ "$(places mixed)" = 1 ] || fail "$(places mixed) places, not 1, for groups"
finish
