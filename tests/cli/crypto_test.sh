#!/bin/sh
# --crypto none: every file of results is as with real cryptography, to the byte,
# whatever attackers and networks do to packets; a manifest says which it was.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: crypto_test.sh HANDOFF SOURCE-DIR
# shellcheck disable=SC2086 # words are meant
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
known=$2/results/known-failures.csv
scenarios=$2/scenarios

# same A B: all that the two have is the same, but for what a run costs and,
# in the manifest, the one line.
same() {
  (cd "$1" && find . -type f ! -name cost.csv | sort) >list.a
  (cd "$2" && find . -type f ! -name cost.csv | sort) >list.b
  cmp -s list.a list.b || fail "$1 and $2 have different files"
  grep -q runs.csv list.a || fail "$1 has no results"
  while read -r file; do
    case $file in
    */manifest.json)
      sed 's/"crypto": "none"/"crypto": "real"/' "$2/$file" |
        cmp -s - "$1/$file" || fail "$file differs in more than that"
      cmp -s "$1/$file" "$2/$file" && fail "$file does not say which it is"
      ;;
    *) cmp "$1/$file" "$2/$file" || fail "$file differs" ;;
    esac
  done <list.a
}

# both WHAT OPTIONS...: runs with either, into real and none, and compares.
both() {
  rm -rf real none
  expect 0 "$handoff" run "$@" --no-progress --crypto real --out real
  sed 's/^Results: .*//' out >table
  expect 0 "$handoff" run "$@" --no-progress --crypto none --out none
  sed 's/^Results: .*//' out | cmp -s - table || fail "the table differs: $*"
  same real none
}

# ---- the library's, with every file there is but captures ----

set --
for name in attack-drop-path attack-forward attack-forward-both attack-inject \
  attack-replay attack-reset attack-spoof attack-storm cid-limit-two \
  empty-cids-client-rebind empty-cids-server linkability-cid-length \
  linkability-load-balancer-aes migration-disabled-rebind move-in-handshake \
  preferred-address-move probe-several rebind-and-move rebind-in-handshake \
  rebind-lossy rekey-during-move reset-during-move reset-late-packets \
  retire-prior-to retry-move rotation udp-blocked-midway validation-corrupted \
  validation-duplicated wrong-response; do
  set -- "$@" "$scenarios/$name.yaml"
done
both "$@" --events --series --qlog --timeline

# ---- every arm, over lossy links, with a Retry, and all that damages ----

cat >all.yaml <<'END'
name: all
about: Damaged, forged and repeated packets of every kind, for every arm.
stop: 30s
seed: 1
server: {retry: true}
networks:
  home:
    {type: wired, down: 20Mbps, up: 5Mbps, delay: 8ms, loss: 1%, nat: home-router}
  cell: {type: wired, down: 10Mbps, up: 5Mbps, delay: 20ms, loss: 1%, nat: cgn}
client: {start: home, notice: 50ms}
observers: [old, new, both, server, all]
workload: {type: download, bytes: 600KB}
arms:
  [quic, quic-probe, quic-passive, quic-reconnect, quic-0rtt, tcp-notify,
   tcp-resume, h3-h2]
timeline:
  - 0s: corrupt client 1st Initial
  - 0s: corrupt server 1st Handshake
  - 0s: corrupt client 1st 0-RTT
  - 0s: corrupt server datagrams 12..40
  - 0s: corrupt client datagrams 9..16
  - 0s: duplicate server datagrams 60..70
  - 120ms: rekey
  - 200ms..300ms: switch cell
  - +20ms: attack replay cell for 200ms
  - +30ms: attack spoof cell 3
  - +40ms: attack inject cell 20
  - +40ms: rebind cell both
  - +50ms: rekey
  - +200ms: switch home
END
both all.yaml --repeat 2 --events --series --qlog --timeline
for column in '.*,quic,' '.*,tcp-resume,' '.*,quic-0rtt,'; do
  grep -q "$column" none/runs.csv || fail "no row of $column"
done
[ "$(tail -n +2 none/runs.csv | wc -l)" = 16 ] || fail "not 16 runs"
for what in rekey rule-corrupt rule-duplicate replay spoof inject; do
  grep -q "[,=]$what" none/events.csv || fail "no $what happened"
done

# ---- verdicts, and what a search finds ----

rm -rf real none
"$handoff" check "$scenarios/validation-corrupted.yaml" --no-progress \
  --known "$known" --out real >said 2>err
expect $? "$handoff" check "$scenarios/validation-corrupted.yaml" \
  --no-progress --known "$known" --crypto none --out none
cmp said out || fail "check says something else"
same real none
grep -q ',PASS,' none/checks.csv || fail "no packet was judged"
rm -rf real none
expect 0 "$handoff" search "$scenarios/search/two-networks.yaml" --runs 12 \
  --no-progress --out real
expect 0 "$handoff" search "$scenarios/search/two-networks.yaml" --runs 12 \
  --no-progress --crypto none --out none
cmp real/found.csv none/found.csv || fail "a search found something else"
grep -q '"crypto": "none"' none/manifest.json || fail "a search does not say so"

# ---- a folder knows what it was made with ----

scenario short >short.yaml
set -- short.yaml --arm quic --repeat 2
expect 0 "$handoff" run "$@" --out real
expect 0 "$handoff" run "$@" --crypto none --out none
grep -q '"crypto": "real"' real/manifest.json || fail "real is not the default"
expect 0 "$handoff" compare real none
grep -q 'asked.crypto is "real" there and "none" here' out ||
  fail "compare says nothing of it: $(cat out)"
expect 0 "$handoff" run "$@" --crypto none --resume --out none
expect 2 "$handoff" run "$@" --resume --out none
grep -q 'something else: asked.crypto is "none" there and "real" here' err ||
  fail "--resume says: $(cat err)"
expect 0 "$handoff" run "$@" --shard 1/2 --out s1
expect 0 "$handoff" run "$@" --shard 2/2 --crypto none --out s2
expect 2 "$handoff" merge s1 s2 --out mixed
grep -q 'different grids: asked.crypto' err || fail "merge says: $(cat err)"
[ ! -e mixed ] || fail "merge has mixed them"
expect 0 "$handoff" run "$@" --shard 1/2 --crypto none --out s1
expect 0 "$handoff" merge s1 s2 --out merged
same real merged
if command -v gnuplot >/dev/null; then
  expect 0 "$handoff" report none
  grep -q 'none: --crypto none' none/report.html || fail "no word in the report"
  expect 0 "$handoff" report real
  grep -q -e '--crypto' real/report.html && fail "a word too many in the report"
fi

# ---- the option ----

expect 2 "$handoff" run short.yaml --crypto nome --out no
says "handoff: --crypto must be 'real' or 'none', not 'nome'"
expect 2 "$handoff" run short.yaml --crypto
says "handoff: option '--crypto' needs a value"
for command in run check search; do
  expect 2 "$handoff" $command short.yaml --crypto none --pcap --out no
  says "handoff: --pcap is for programs that decrypt: not with --crypto none"
  "$handoff" $command --help | grep -q -e '--crypto real|none' ||
    fail "$command --help does not have it"
done
expect 2 "$handoff" bless short.yaml --crypto none
says "handoff: 'bless' has no option '--crypto'"
expect 2 "$handoff" validate short.yaml --crypto none
[ ! -e no ] || fail "something was written"
# All artefacts, then, but captures.
expect 0 "$handoff" run short.yaml --arm quic --set 'client.notice=never' \
  --crypto none --artefacts failed --out some
grep -q '"pcap": false' some/manifest.json || fail "captures of nothing"
grep -q '"qlog": true' some/manifest.json || fail "no logs"

finish
