#!/bin/sh
# Tests that scripts/linkability puts what a run gave into the page's tables,
# and nothing else, and that every table of docs/linkability.md is one of it.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: linkability_test.sh ROOT HANDOFF
set -eu

root=$1
handoff=$2
failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
  echo "FAIL: $1"
  failed=1
}

write() {
  "$root/scripts/linkability" --handoff "$handoff" --out "$dir/out" \
    --page "$dir/page.md" "$@" 2>"$dir/said" || fail "scripts/linkability $*"
}

{
  echo 'before'
  for table in 'adversaries: both' 'vantages: quic' 'reuse: server' \
    'links: both' 'tickets: both'; do
    printf '<!-- %s nat-rebind -->\nold\n<!-- end -->\n' "$table"
  done
  printf '<!-- adversaries: old rotate -->\nold\n<!-- end -->\n'
  printf '<!-- tickets: new ticket-hurry-100ms -->\nold\n<!-- end -->\n'
  printf '<!-- adversaries: both cafe -->\nstays\n<!-- end -->\nafter\n'
} >"$dir/page.md"
write --seeds 2 nat-rebind rotate ticket-hurry-100ms

# What the control must give stands there, with the command that gives it.
has() {
  grep -qxF -e "$1" "$dir/page.md" || fail "the page lacks '$1'"
}
file=scenarios/linkability-nat-rebind.yaml
has "    scripts/handoff run $file --repeat 2 --no-checks"
one='1.000 [0.912, 1.000] | 4.32 [4.32, 4.32] | 1.000 [0.663, 1.000]'
has "| quic | A0 | 20 | 2 | 40 | $one |"
has "| both | A0 | 20 | 2 | 40 | $one |"
has "| quic-zero-length | up | rebind-both | 40 | 0.0 |"
has "| quic | ticket | 0 | 0 |"
has "| quic-0rtt | ticket | 40 | 40 |"
has "| tcp-resume | ticket | 40 | 0 |"
[ "$(grep -c '^| quic | 40 |' "$dir/page.md")" = 1 ] ||
  fail "the table of reused CIDs has not one row for each arm"
has before
has stays
has after
grep -qx old "$dir/page.md" && fail "an old table is left"
[ "$(grep -c '^<!-- end -->$' "$dir/page.md")" = 8 ] || fail "markers are gone"

# Every row of linkability.csv at a vantage point is in the table, and says
# there what it says.
awk -F, '$4 == "old" {
  printf "%s %s %s %.3f [%.3f, %.3f] %.2f [%.2f, %.2f]\n", $2, $3, $43, $16,
    $17, $18, $31, $32, $33 }' "$dir/out/rotate/linkability.csv" >"$dir/rows"
sed -n '/^<!-- adversaries: old rotate/,/^<!-- end/p' "$dir/page.md" |
  awk -F ' [|] ' '/ [|] A[0-3] [|] / { sub(/^[|] /, "", $1)
    print $1, $2, $5, $6, $7 }' >"$dir/table"
[ "$(wc -l <"$dir/rows")" = 4 ] || fail "the run has other rows"
sed 's/-\(0\.0*[],[ ]\)/\1/g' "$dir/rows" | cmp - "$dir/table" ||
  fail "the table is not linkability.csv"

# The same once more changes nothing.
cp "$dir/page.md" "$dir/once.md"
write --tables
cmp "$dir/once.md" "$dir/page.md" || fail "--tables changes the page"
"$root/scripts/linkability" --out "$dir/out" --page "$dir/page.md" --tables \
  no-such-run 2>/dev/null && fail "an unknown run is taken"

# In the chapter every table is filled, from runs that the script makes.
chapter=$root/docs/linkability.md
count=0
names=$(sed -n 's/^<!-- [a-z]*: [a-z0-9-]* \(.*\) -->$/\1/p' "$chapter")
for name in $names; do
  count=$((count + 1))
  "$root/scripts/linkability" --out "$dir/none" --page "$dir/page.md" --tables \
    "$name" || fail "docs/linkability.md has a table of '$name'"
done
[ $count -ge 10 ] || fail "docs/linkability.md has $count tables"
awk '/^<!-- [a-z]*: / { rows = 0 } /^\| / { rows++ }
  /^<!-- end -->$/ && rows < 3 { exit 1 }' "$chapter" ||
  fail "docs/linkability.md has an empty table"

exit $failed
