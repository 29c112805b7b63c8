#!/bin/sh
# --qlog: every record is JSON, tells what events.csv tells, and changes no row;
# the same files after a kill and from shards.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
here=$(cd "${0%/*}" && pwd)
. "$here/lib.sh"
command -v python3 >/dev/null || {
  echo "skipped: no python3" >&2
  exit 77
}

check() {
  python3 -B "$here/qlog_check.py" "$@" >out 2>err || fail "$*: $(tail -3 err)"
}

scenario short >short.yaml
expect 0 "$handoff" run short.yaml --qlog --events --out with
expect 0 "$handoff" run short.yaml --events --out without
for file in without/*.csv; do
  [ "$file" = without/cost.csv ] || cmp "$file" "with/${file#*/}" ||
    fail "$file differs"
done
[ ! -e without/runs ] || fail "logs without --qlog"
[ ! -e with/runs/tcp-notify-1 ] || fail "a TCP arm has a folder"
# Two ends of one connection, and of two.
check with 6 probing_started probing_successful migration_started \
  migration_complete

for side in client server; do
  python3 -B "$here/qvis_rules.py" with/runs/quic-1/$side.sqlog >out 2>err ||
    fail "qvis' rules: $(tail -3 err)"
done

# Without connection IDs at one end, and then at the other.
scenario empty | sed 's/^arms:.*/arms: [quic: {cid_length: 0}]/' >empty.yaml
expect 0 "$handoff" run empty.yaml --qlog --events --out empty
check empty 2
expect 0 "$handoff" run short.yaml --qlog --events --arm quic --out nameless \
  --set server.cid_length=0
check nameless "$(find nameless/runs -name '*.sqlog' | wc -l)"

# A server that sends padding alone, beside its handshake.
cat >padding.yaml <<END
name: padding
about: The NAT changes the port during the handshake.
stop: 15s
networks:
  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, nat: home-router}
workload: {type: download, bytes: 200KB}
arms: [quic]
timeline:
  - 15ms: rebind home port
END
expect 0 "$handoff" run padding.yaml --qlog --events --out padding
check padding "$(find padding/runs -name '*.sqlog' | wc -l)"
grep -q '"frames":\[{"frame_type":"padding"}\]' padding/runs/quic-1/server.sqlog ||
  fail "no packet of padding alone"

# Several clients, IPv6, Retry, early data, losses, key updates, connections
# that are given up.
cat >many.yaml <<END
name: many
about: A bit of everything.
stop: 20s
networks:
  home: {type: wired, down: 50Mbps, up: 20Mbps, delay: 15ms, nat: home-router,
         loss: 1%}
  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms, family: ipv6}
clients: 3
server: {retry: true, stateless_reset: true}
workload: {type: download, bytes: 500KB}
arms: [quic, quic-probe, quic-passive, quic-0rtt]
timeline:
  - 100ms: rekey
  - 120ms: rebind home port
  - 300ms: switch cell
  - 310ms: rekey
  - 400ms: rotate
  - 900ms: restart server
END
expect 0 "$handoff" run many.yaml --qlog --events --out many
check many "$(find many/runs -name '*.sqlog' | wc -l)" migration_complete
grep -q '"tuple":"1","name":"transport:packet_received"' \
  many/runs/quic-1/server-2-0.sqlog || fail "nothing received on a new tuple"
grep -q '"packet_type":"retry".*"raw":{"length":[1-9]' \
  many/runs/quic-1/client.sqlog || fail "a Retry without its length"

# A path that comes to nothing, tried with a migration and without.
cat >dead.yaml <<END
name: dead
about: UDP does not get through where the client goes.
stop: 20s
networks:
  home: {type: wired, down: 5Mbps, up: 2Mbps, delay: 15ms}
  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms}
workload: {type: download, bytes: 3MB}
arms: [quic, quic-probe]
timeline:
  - 50ms: block cell udp
  - 200ms: migrate cell
END
expect 0 "$handoff" run dead.yaml --qlog --events --out dead
check dead "$(find dead/runs -name '*.sqlog' | wc -l)" probing_abandoned \
  migration_abandoned

# A grid that is killed and resumed, and one in shards, have the same files.
set -- short.yaml --qlog --repeat 8 --vary 'networks.cell.delay=20ms,60ms'
expect 0 "$handoff" run "$@" --out whole
"$handoff" run "$@" -j 1 --out again >out 2>err &
pid=$!
until [ -s .again.partial/parts/rows ]; do
  sleep 0.01
done
kill -KILL $pid
wait $pid 2>/dev/null
expect 0 "$handoff" run "$@" --out again --resume
diff -r whole/runs again/runs >out || fail "after a kill: $(head -3 out)"
expect 0 "$handoff" run "$@" --shard 1/2 --out one
expect 0 "$handoff" run "$@" --shard 2/2 --out two
expect 0 "$handoff" merge one two --out both
diff -r whole/runs both/runs >out || fail "from shards: $(head -3 out)"
[ "$(find whole/runs -name '*.sqlog' | wc -l)" = 96 ] || fail "not 96 files"

finish
