#!/bin/sh
# flows.csv and linkability.csv, computed a second time from the captures by
# tests/measure/linkability_naive.py: every cell is the same.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
here=$(cd "${0%/*}" && pwd)
. "$here/lib.sh"

if ! python3 -c 'import math; math.comb' 2>/dev/null; then
  echo "skipped: there is no python3" >&2
  exit 77
fi

# naive SEEDS NAME [OPTION]...: runs NAME.yaml and compares.
naive() {
  seeds=$1
  name=$2
  shift 2
  expect 0 "$handoff" run "$name.yaml" --repeat "$seeds" --events --pcap \
    --quiet --out "$name"
  expect 0 python3 "$here/../measure/linkability_naive.py" "$@" "$name" home
  [ "$got" = 0 ] || head -20 out >&2
}

# A CID that is kept, one that is not, a ticket over QUIC and over TCP; others
# who come meanwhile.
cat >plain.yaml <<'END'
name: plain
about: Four leave, three come.
stop: 20s
seed: 1
networks:
  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, nat: home-router}
  cell: {type: wired, down: 10Mbps, up: 5Mbps, delay: 30ms, nat: cgn}
groups:
  walkers: {clients: 4, begin: 0s..200ms}
  readers: {clients: 3, moves: false, start: cell, begin: 500ms..1500ms}
client: {start: home}
workload:
  {type: request, every: 150ms, request: 300B, response: 8KB, count: 20}
observers: [old, new, both, server, all]
swap_game: true
arms: [quic, quic-passive, quic-0rtt, tcp-resume]
timeline:
  - 900ms..1400ms: disconnect home
END
naive 4 plain
for kind in cid-up cid-down port ticket token tuple; do
  grep -q "[ ,]$kind:" plain/flows.csv || fail "no $kind is there to compare"
done

# Flow labels, Retry's tokens, a load balancer, silence of more than 2 s, CIDs
# whose length is guessed, or that are empty; two rounds.
cat >back.yaml <<'END'
name: back
about: There and back, without a NAT.
stop: 30s
seed: 1
networks:
  home: {type: wired, family: ipv6, down: 20Mbps, up: 10Mbps, delay: 10ms}
  cell: {type: wired, family: ipv6, down: 10Mbps, up: 5Mbps, delay: 30ms}
groups:
  walkers: {clients: 4, begin: 0s..200ms}
  readers:
    clients: 2
    moves: false
    start: cell
    begin: 500ms..3s
    workload:
      {type: request, every: 2400ms, request: 300B, response: 20KB, count: 3}
client: {start: home}
server: {retry: true, load_balancer: {servers: 4}}
workload:
  {type: request, every: 250ms, request: 300B, response: 8KB, count: 28}
observers: [old, new, both, server, all]
swap_game: true
arms:
  quic: {}
  empty: {transport: quic, cid_length: 0}
timeline:
  - 900ms..1400ms: switch cell
  - 5s..6s: switch home
END
naive 3 back --lb 2,8
for kind in label lb token cid-down~; do
  grep -q "[ ,]$kind:" back/flows.csv || fail "no $kind is there to compare"
done

# Nobody connects where the observer looks, but for some who come late: what two
# guesses have in common, and a guess with what is known.
cat >guess.yaml <<'END'
name: guess
about: From one network that is watched to another.
stop: 30s
seed: 1
networks:
  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, nat: home-router}
  cell: {type: wired, down: 10Mbps, up: 5Mbps, delay: 30ms, nat: cgn}
  away: {type: wired, down: 20Mbps, up: 5Mbps, delay: 20ms}
groups:
  walkers: {clients: 4}
  readers: {clients: 1, moves: false, start: away, begin: 800ms..1600ms}
client: {start: home}
workload:
  {type: request, every: 100ms, request: 300B, response: 4KB, count: 18}
observers: [new]
arms: [quic-passive]
timeline:
  - 300ms..500ms: switch cell
  - 1100ms..1300ms: switch away
END
naive 4 guess
for kind in cid-up~ cid-down~; do
  grep -q "[ ,]$kind:" guess/flows.csv || fail "no $kind is there to compare"
done

# Seeds are drawn instead of queries.  The control: a rebind that keeps its CIDs.
cat >rebind.yaml <<'END'
name: rebind
about: The NAT takes other ports.
stop: 10s
seed: 1
networks:
  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, nat: home-router}
groups:
  walkers: {clients: 2}
  others: {clients: 2, begin: 300ms..500ms}
workload:
  {type: request, every: 100ms, request: 300B, response: 2KB, count: 12}
observers: [old]
swap_game: true
arms: [quic, tcp-notify]
timeline:
  - 700ms..800ms: rebind home port
END
naive 10 rebind
finish
