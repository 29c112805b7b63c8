#!/bin/sh
# --artefacts failed: what failed keeps its captures and logs, what did not, or
# is known to, has none; what is said names the files and the command that
# repeats the run, and where several failed together, the worst.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
library=$(cd "${0%/*}/../../scenarios" && pwd)
. "${0%/*}/lib.sh"

# Of three arms: one keeps what is expected, one does not at some seeds, one
# never.
{
  scenario short | sed '/^expect:/,$d'
  cat <<END
expect:
  - quic: outcome == migrated
  - quic: p95(interruption) < 1ms
  - quic.interruption < quic-reconnect.migration_latency
  - quic-reconnect: t_loss < 70ms
  - tcp-notify: run.outcome == completed
END
} >short.yaml
expect 0 "$handoff" run short.yaml --artefacts failed --repeat 6 --out some
[ ! -e some/runs/quic-1 ] || fail "what holds has artefacts"
for seed in 1 2 3 4 5 6; do
  for file in client.pcapng server.pcapng timeline.svg failed.txt; do
    [ -s "some/runs/tcp-notify-$seed/$file" ] || fail "no $file of TCP $seed"
  done
  grep -q "^short,quic-reconnect,$seed,.*,0\.0[67]" some/handoffs.csv ||
    fail "no handoff at seed $seed"
done
late=$(awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) if ($i == "t_loss_s") at = i }
  $2 == "quic-reconnect" && $at >= 0.07 { print "quic-reconnect-" $3 }
' some/handoffs.csv | paste -sd ' ' -)
kept=$(cd some/runs && echo quic-reconnect-*)
[ "$late" = "$kept" ] || fail "$kept are kept, not $late"
[ "$(echo "$late" | wc -w)" -lt 6 ] || fail "all are late"
first=${kept%% *}
grep -q "t_loss" "some/runs/$first/failed.txt" ||
  fail "does not say why: $(cat "some/runs/$first/failed.txt")"
says "handoff: short, arm quic-reconnect, seed ${first##*-} failed:"
for file in timeline.svg client.pcapng server.pcapng client.sqlog server.sqlog
do
  says "  open: some/runs/$first/$file"
done
again="handoff run short.yaml --arm quic-reconnect --seed ${first##*-}"
says "  repeat it with: $again --qlog --pcap --timeline"

# worst ARM COLUMN: the first of the largest values, as "SEED VALUE".
worst() {
  awk -F, -v arm="$1" -v column="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
    $2 == arm && (seed == "" || $at > most) { seed = $3; most = $at }
    END { print seed, most }
  ' some/handoffs.csv
}
worst=$(worst quic interruption_ms)
text="client 0, handoff 0: interruption_ms is ${worst#* }"
look="  look into it with: handoff run short.yaml --arm"
says "handoff: short, quic: p95(interruption) < 1ms: does not hold of its runs together"
says "  the worst: arm quic, seed ${worst% *}, $text"
says "$look quic --seed ${worst% *} --qlog --pcap"
says "handoff: short, quic.interruption < quic-reconnect.migration_latency: does not hold of its runs together"
says "$look quic-reconnect --seed ${worst% *} --qlog --pcap"

# Repeated, it leaves the same; asked for one kind, only that.
eval "expect 0 \"\$handoff\" ${again#handoff} --pcap --out again"
cmp "again/runs/$first/client.pcapng" "some/runs/$first/client.pcapng" ||
  fail "the repeated run has another capture"
expect 0 "$handoff" run short.yaml --artefacts failed --qlog --repeat 6 \
  --out logs
[ -e "logs/runs/$first/client.sqlog" ] || fail "no log"
[ ! -e "logs/runs/$first/client.pcapng" ] || fail "a capture nobody asked for"

# What hangs, or dies, keeps what it had got.  Nothing here waits for a run to
# be slow: this one has more to do than anybody waits for, and is stopped as
# soon as it has a log, so that it never goes on.
sed 's/bytes: 200KB/bytes: 4GB/; s/20Mbps/2Gbps/; s/10Mbps/2Gbps/
  s/stop: 30s/stop: 600s/' short.yaml >endless.yaml
# lose STATUS SIGNAL OPTIONS...: sends SIGNAL to the run, in the folder lost.
lose() {
  wanted=$1
  signal=$2
  shift 2
  rm -rf lost
  "$handoff" run endless.yaml --artefacts failed --arm quic "$@" --out lost \
    >out 2>err &
  pid=$!
  n=0
  until [ -s .lost.partial/parts/000000.unfinished/client.sqlog ]; do
    n=$((n + 1))
    [ $n -lt 1200 ] || {
      fail "no log to be seen"
      break
    }
    sleep 0.05
  done
  # shellcheck disable=SC2046
  kill -"$signal" $(cat "/proc/$pid/task/$pid/children")
  wait $pid
  got=$?
  [ "$got" = "$wanted" ] || fail "exit status $got, not $wanted: $(cat err)"
  [ -s lost/runs/quic-1/client.sqlog ] || fail "no log of a run that was lost"
  says "  open: lost/runs/quic-1/client.sqlog"
}
lose 3 STOP --timeout 10s
grep -q '^timeout: ' lost/runs/quic-1/failed.txt || fail "not said why"
lose 3 ABRT
grep -q '^crashed: .*signal 6' lost/runs/quic-1/failed.txt ||
  fail "not said why: $(cat lost/runs/quic-1/failed.txt)"

# The application's failure is one, too.
expect 0 "$handoff" run short.yaml --artefacts failed --arm quic \
  --set stop=200ms --set workload.bytes=40MB --out early
grep -q '^app-failed: ' early/runs/quic-1/failed.txt || fail "app-failed"

# ... unless the scenario says that it will be one.
{
  grep -v 'outcome == migrated' short.yaml
  echo '  - quic: run.outcome == app-failed'
} >foreseen.yaml
expect 0 "$handoff" run foreseen.yaml --artefacts failed --arm quic \
  --set stop=200ms --set workload.bytes=40MB --out foreseen
[ ! -e foreseen/runs ] || fail "what is expected is kept"

# Known failures are none: of an expectation, and of an RFC check.
mkdir results
cat >results/known-failures.csv <<END
scenario,arm,failure,library,analysis
short,tcp-notify,tcp-notify: run.outcome == completed,1,none
*,quic,quic: p95(interruption) < 1ms,1,none
END
for command in run check; do
  "$handoff" $command short.yaml --artefacts failed --repeat 6 --out known \
    >out 2>err
  left=$(cd known/runs && echo *)
  [ "$left" = "$late" ] || fail "$command keeps $left, not $late"
  grep -q 'tcp-notify: run.outcome\|p95' err && fail "$command tells of known"
  says "handoff: short, quic.interruption < quic-reconnect.migration_latency: does not hold of its runs together"
done
spoof() {
  expect 0 "$handoff" run "$library/attack-spoof-silence.yaml" --arm quic \
    --artefacts failed --out spoof
}
spoof
grep -q 'G2 (MUST' spoof/runs/quic-1/failed.txt || fail "no check is named"
cp "$library/../results/known-failures.csv" results
spoof
[ ! -e spoof/runs ] || fail "kept: $(cat spoof/runs/quic-1/failed.txt)"
echo 'scenario,arm' >results/known-failures.csv
expect 2 "$handoff" run short.yaml --artefacts failed --out none
says "results/known-failures.csv:1:1: expected the header 'scenario,arm,failure,library,analysis'"
[ ! -e none ] || fail "it ran"
rm -r results

# What is not as blessed names the first run that is not.
expect 0 "$handoff" bless short.yaml --arm quic --repeat 2
sed -i '/^runs.csv,quic,2,/s/migrated/fallback/' results/baseline/short.csv
expect 1 "$handoff" check short.yaml --arm quic --repeat 2
grep -Fxq "short: look into the first with: handoff run short.yaml --arm quic --seed 2 --qlog --pcap" \
  out || fail "does not say how: $(cat out)"
rm -r results

# No handoff: what is expected of handoffs says nothing of this run.
expect 0 "$handoff" run short.yaml --artefacts failed --arm quic \
  --set workload.bytes=1KB --out still
[ "$(wc -l <still/handoffs.csv)" = 1 ] || fail "there is a handoff"
[ ! -e still/runs/quic-1 ] || fail "kept: $(cat still/runs/quic-1/failed.txt)"

# The grid's rows are those of any other.
expect 0 "$handoff" run short.yaml --repeat 6 --out plain
for file in plain/*.csv; do
  [ "$file" = plain/cost.csv ] || cmp "$file" "some/${file#*/}" ||
    fail "$file differs"
done
expect 2 "$handoff" run short.yaml --artefacts all
says "handoff: --artefacts must be 'failed', not 'all'"

finish
