#!/bin/sh
# scripts/cluster/parallel: with workers here, the bytes of one command; a shard
# that dies is taken up again.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: parallel_test.sh HANDOFF SOURCE-DIR
# shellcheck disable=SC2016 # quoting is what is tested
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
parallel=$2/scripts/cluster/parallel
command -v parallel >/dev/null || {
  echo "skipped: no GNU parallel" >&2
  exit 77
}
# It keeps notes there.
export HOME="$work"

scenario short >short.yaml
# The first attempt at shard 2 is killed in the middle.
cat >flaky <<END
#!/bin/sh
case "\$*" in
*"--shard 2/3"*)
  if mkdir "$work/died" 2>/dev/null; then
    "$handoff" "\$@" &
    pid=\$!
    until [ -s "$work/a b.shards/.shard-2.partial/parts/rows" ]; do
      sleep 0.01
    done
    kill -KILL \$pid
    wait \$pid
    exit 137
  fi
  ;;
esac
exec "$handoff" "\$@"
END
chmod +x flaky
HANDOFF=$work/flaky
export HANDOFF

set -- short.yaml --repeat 30 --vary 'networks.cell.delay=20ms,60ms' \
  --set 'about=Not here; $(no) "more"'
expect 0 "$handoff" run "$@" --out whole
expect 0 "$parallel" --out 'a b' -n 3 -- "$@"
[ -d died ] || fail "the shard was not killed"
for file in whole/*; do
  [ "$file" = whole/cost.csv ] || cmp "$file" "a b/${file#*/}" ||
    fail "$file differs"
done
grep -q '^60ms .* tcp-notify ' out || fail "no table: $(cat out)"
# Again: nothing is run, the table comes again.
before=$(cksum 'a b.shards'/*/parts/rows)
expect 0 "$parallel" --out 'a b' -n 3 -- "$@"
[ "$(cksum 'a b.shards'/*/parts/rows)" = "$before" ] || fail "runs were repeated"

# A lost run is a row, not a failed shard; a scenario that is wrong is said.
expect 3 "$parallel" --out lost -n 2 -- short.yaml --set workload.bytes=4GB \
  --arm quic --repeat 2 --timeout 50ms
[ "$(grep -c ,timeout, lost/runs.csv)" = 2 ] || fail "not two lost runs"
expect 4 "$parallel" --out bad -n 2 -- short.yaml --set workload.bytes=4
grep -q "has no unit" err || fail "does not say what is wrong: $(cat err)"
expect 2 "$parallel" --out bad -n 0 -- short.yaml
expect 2 "$parallel" --out bad -n 2 -- short.yaml --shard 1/2
expect 2 "$parallel" -n 2 -- short.yaml

finish
