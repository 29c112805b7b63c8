#!/bin/sh
# `handoff check`: a broken clause is named with its packet, a known failure
# does not fail, one that is mended is said to be; and what asks for no checks
# gets none.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

# moved NAME FAULT: a client moves once; FAULT is an entry of the timeline.
moved() {
  cat <<END
name: $1
stop: 30s
networks:
  home: {type: wired, down: 20Mbps, up: 5Mbps, delay: 8ms, nat: home-router}
client: {notice: 50ms}
workload: {type: download, bytes: 400KB}
arms: [quic, tcp-notify]
timeline:
  - 0s: $2
  - 60ms: rebind home port
expect:
  - quic: check.C4 == PASS
  - quic: run.handshakes == 1
END
}

# prints PATTERN: some line of the last command's standard output is like it.
prints() {
  grep -Eq -- "$1" "$work/out" ||
    fail "does not print: $1, but: $(head -4 "$work/out")"
}

# hides PATTERN: no line is.
hides() {
  grep -E -- "$1" "$work/out" && fail "prints: $1"
}

moved broken "fault server repeat-challenge" >broken.yaml
moved whole "pause" | sed 's/^  - 0s: pause$//' >whole.yaml
header=scenario,arm,failure,library,analysis
c2='repeats,quic,C2,ngtcp2 1.11,docs/findings.md'

# The failure: which clause, who, when, which packet, on which tuple, of how
# many checks.
expect 1 "$handoff" check broken.yaml
prints '^broken: FAIL \(seed 1, 2 runs, 2 expectations, 1 RFC check failed\)$'
prints '^  quic: of [0-9]+ checks [0-9]+ held, [0-9]+ were not exercised, 1 broke: C2 \(MUST\)$'
prints '^broken: C2 \(MUST, RFC 9000 8\.2\.1, 13\.3\): every PATH_CHALLENGE has data of its own'
prints '^  arm quic, seed 1, client 0: the server, at 0\.[0-9]{9} s, packet [0-9]+ \(QUIC.s [0-9]+\) of 198\.51\.100\.1:[0-9]+>192\.0\.2\.1:443: PATH_CHALLENGE ([0-9a-f]{16}) after \1$'
prints '^1 scenario: 0 ok, 1 failed$'
hides tcp-notify
row=$(grep ',C2,' results/out/broken/checks.csv)
case $row in
broken,quic,1,0,C2,\"8.2.1,\ 13.3\",MUST,FAIL,0.*,server,198.51.100.1:*) ;;
*) fail "the row of C2 is $row" ;;
esac
# The packet that the row names is in the events, and it is the server's.
expect 0 "$handoff" run broken.yaml --events --arm quic --out events
packet=$(echo "$row" | sed 's/.*:443,\([0-9]*\),.*/\1/')
grep -q "server way=sent frame=PATH_CHALLENGE packet=$packet " \
  events/events.csv || fail "no PATH_CHALLENGE in packet '$packet'"

# With --verbose, what held and what was not exercised; one scenario does not
# say what none exercised.
expect 1 "$handoff" check broken.yaml --verbose
prints '^    held: .*\bC4\b'
prints '^    not exercised: .*\bH1\b'
hides '^never exercised'

# Several scenarios do.
expect 1 "$handoff" check broken.yaml whole.yaml
prints '^whole: ok \(seed 1, 2 runs, 2 expectations\)$'
prints '^2 scenarios: 1 ok, 1 failed$'
prints '^never exercised: .*\bH1\b'
expect 1 "$handoff" check --quiet broken.yaml whole.yaml
prints '^broken: C2 '
hides whole
expect 0 "$handoff" check --quiet whole.yaml
[ -s out ] && fail "quiet, and prints $(cat out)"

# The same failure, known: here from the default place, then from a file.
sed 's/^name: .*/name: repeats/' broken.yaml >repeats.yaml
printf '%s\n%s\n' $header "$c2" >results/known-failures.csv
expect 0 "$handoff" check repeats.yaml
prints '^repeats: ok \(seed 1, 2 runs, 2 expectations, 1 known failure\)$'
prints '^1 scenario: 1 ok, 0 failed; 1 known failure$'
prints '1 broke: C2'
hides 'PATH_CHALLENGE|mended'
mv results/known-failures.csv known.csv
expect 1 "$handoff" check repeats.yaml
expect 0 "$handoff" check repeats.yaml --known known.csv
# It is not that of another scenario, arm or check.
expect 1 "$handoff" check broken.yaml --known known.csv
for other in repeats,tcp-notify,C2 repeats,quic,C4; do
  printf '%s\n%s,ngtcp2 1.11,x\n' $header $other >other.csv
  expect 1 "$handoff" check repeats.yaml --known other.csv
done

# Mended, and only if it was looked at.
sed 's/^name: .*/name: repeats/' whole.yaml >mended.yaml
expect 0 "$handoff" check mended.yaml --known known.csv
prints "^repeats: mended: arm quic no longer fails 'C2', as it did with ngtcp2 1\.11$"
prints '^1 scenario: 1 ok, 0 failed; 1 mended, to be taken out of the known failures$'
expect 0 "$handoff" check mended.yaml --known known.csv --no-checks
hides mended
expect 0 "$handoff" check mended.yaml --known known.csv --arm tcp-notify
hides mended
sed '/rebind/d; /check.C4/d' mended.yaml >still.yaml
expect 0 "$handoff" check still.yaml --known known.csv
hides mended

# An expectation may be known to fail as well.
sed 's/handshakes == 1/handshakes == 2/' whole.yaml >two.yaml
expect 1 "$handoff" check two.yaml
prints '1 of 2 expectations failed'
printf '%s\nwhole,quic,quic: run.handshakes == 2,ngtcp2 1.11,x\n' $header \
  >known2.csv
expect 0 "$handoff" check two.yaml --known known2.csv
prints '^whole: ok \(seed 1, 2 runs, 2 expectations, 1 known failure\)$'
printf '%s\nwhole,quic,quic: run.handshakes == 1,ngtcp2 1.11,x\n' $header \
  >known2.csv
expect 0 "$handoff" check whole.yaml --known known2.csv
prints "mended: arm quic no longer fails 'quic: run.handshakes == 1', as it"

# A check that an expectation names.
sed 's/check.C4 == PASS/check.C2 != FAIL/' broken.yaml >named.yaml
expect 1 "$handoff" check named.yaml
prints '^broken: named.yaml:12:5: quic: check.C2 != FAIL$'
prints '^  arm quic, seed 1, client 0: check.C2 is FAIL: PATH_CHALLENGE '
sed 's/check.C4/check.H1/' whole.yaml >unexercised.yaml
expect 1 "$handoff" check unexercised.yaml
prints 'check.H1 is NOT-EXERCISED$'

# The matrix.
expect 1 "$handoff" check broken.yaml whole.yaml --matrix matrix.md
grep -qx 'C2   MUST         Xo 2' matrix.md || fail "no row of C2"
grep -qx 'H1   SHOULD       \.\. 0' matrix.md || fail "no row of H1"
grep -qx "| 2 | .whole. |" matrix.md || fail "no legend"
checks=$("$handoff" list checks | grep -Ec '^  [A-I][0-9]+ +(MUST|SHOULD|obs)')
[ "$(grep -Ec '^[A-I][0-9]+ ' matrix.md)" = "$checks" ] ||
  fail "the matrix has not all $checks checks"
# It is written in its place: what is linked to it, and its mode, stay.
ln matrix.md linked.md
chmod 600 matrix.md
expect 1 "$handoff" check broken.yaml --matrix matrix.md
grep -q whole matrix.md && fail "an old matrix is left in a new one"
cmp matrix.md linked.md || fail "a link is cut"
[ "$(stat -c %a matrix.md)" = 600 ] || fail "a mode is lost"
expect 4 "$handoff" check whole.yaml --matrix nodir/matrix.md
says "handoff: cannot write 'nodir/matrix.md': No such file or directory"
expect 2 "$handoff" check whole.yaml --matrix none.md --no-checks
says "--matrix is of RFC checks: not with --no-checks"
[ -e none.md ] && fail "writes a matrix of nothing"

# Without checks there is none of what they leave, and no expectation of one.
column=$(head -1 results/out/whole/runs.csv | tr , '\n' |
  grep -nx checks_failed | cut -d: -f1)
failed_checks() {
  sed -n 2p "results/out/$1/runs.csv" | cut -d, -f"$column"
}
expect 0 "$handoff" check named.yaml whole.yaml --no-checks
prints '^broken: ok \(seed 1, 2 runs, 1 expectations\)$'
hides 'held|exercised'
[ -e results/out/broken/checks.csv ] && fail "writes checks.csv"
[ -z "$(failed_checks broken)" ] || fail "checks_failed is not empty"
expect 1 "$handoff" check broken.yaml
[ "$(failed_checks broken)" = 1 ] || fail "checks_failed is not 1"

# Captures, where they are asked for.
expect 0 "$handoff" run whole.yaml --pcap --repeat 2 --out caught
for run in quic-1 quic-2 tcp-notify-1 tcp-notify-2; do
  for side in client server; do
    [ "$(od -An -tx1 -N4 caught/runs/$run/$side.pcapng)" = " 0a 0d 0d 0a" ] ||
      fail "no capture of $run's $side"
  done
done
[ "$(find caught -name '*.pcapng' | wc -l)" = 8 ] || fail "not 8 captures"
[ -e caught/parts ] && fail "leaves the parts"
[ -e results/out/whole/runs ] && fail "captures without --pcap"

# Mistakes.
sed 's/check.C4/check.C99/' whole.yaml >typo.yaml
expect 2 "$handoff" check typo.yaml
says "typo.yaml:12:5: no check 'C99'; see 'handoff list checks'"
sed 's/C4 == PASS/C4 == PAS/' whole.yaml >typo.yaml
expect 2 "$handoff" check typo.yaml
says "typo.yaml:12:23: 'PAS' is no value of 'check' (expected PASS, FAIL or NOT-EXERCISED)"
sed 's/quic: check/tcp-notify: check/' whole.yaml >typo.yaml
expect 2 "$handoff" check typo.yaml
says "typo.yaml:12:5: RFC checks are of QUIC; arm 'tcp-notify' is TCP"
expect 2 "$handoff" check whole.yaml --known nofile
says "cannot read 'nofile': No such file or directory"
printf 'scenario,arm\n' >short.csv
expect 2 "$handoff" check whole.yaml --known short.csv
says "short.csv:1:1: expected the header 'scenario,arm,failure,library,analysis'"
printf '%s\nrepeats,quic,C2\n' $header >short.csv
expect 2 "$handoff" check whole.yaml --known short.csv
says "short.csv:2:1: 3 fields, expected 5"
expect 2 "$handoff" run whole.yaml --known known.csv

finish
