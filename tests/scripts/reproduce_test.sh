#!/bin/sh
# Tests that scripts/reproduce knows every claim of the documents, runs what it
# is asked to, and notices what is not as it says.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: reproduce_test.sh ROOT HANDOFF
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

# A copy of the documents, which may be spoilt.
copy() {
  rm -rf "$dir/pages"
  mkdir -p "$dir/pages/results"
  cp -r "$root/README.md" "$root/CHANGELOG.md" "$root/docs" "$dir/pages"
  ln -s "$root/results/baseline" "$dir/pages/results/baseline"
}

# reproduce STATUS OPTION...: what it says is in said and err.
reproduce() {
  want=$1
  shift
  got=0
  "$root/scripts/reproduce" --handoff "$handoff" --pages "$dir/pages" \
    --out "$dir/out" "$@" >"$dir/said" 2>"$dir/err" || got=$?
  [ "$got" = "$want" ] || {
    fail "$*: status $got, not $want"
    cat "$dir/err"
  }
}

says() {
  grep -qF -e "$2" "$dir/$1" || {
    fail "'$2' is not said"
    cat "$dir/$1"
  }
}

# The documents as they are: every claim is in its place, every table of one.
copy
reproduce 0 --check
[ ! -s "$dir/err" ] || fail "--check says: $(cat "$dir/err")"

# Every claim is listed, with its place and its command.
reproduce 0 --list
[ "$(grep -c '^[a-z]' "$dir/said")" = \
  "$(grep -c '^claim: ' "$root/scripts/reproduce.d/claims")" ] ||
  fail "--list has not every claim"
says said 'README.md:'
says said 'scripts/handoff run scenarios/wifi-to-lte.yaml'
grep -q 'not found\|all of :' "$dir/said" && fail "--list has a claim without a place"
[ ! -e "$dir/out" ] || fail "--list and --check leave something"
reproduce 0 --list --quick
grep -q '^cafe-reuse' "$dir/said" && fail "--quick lists what takes long"

# A claim of numbers and one of a block are the same; the manifest says how.
# (Another ngtcp2 has other findings.)
if "$handoff" --version | grep -qx 'ngtcp2 1.11.0'; then
  reproduce 0 --only finding-limit,ci-example,changelog-checks
  grep -q '^finding-limit .* same$' "$dir/said" || fail "finding-limit differs"
  grep -q '^ci-example .* same$' "$dir/said" || fail "the example differs"
  says said '3 claims: 3 same'
  grep -q '"ngtcp2": "1.11.0"' "$dir/out/manifest.json" || fail "no version"
  grep -q '"seeds": "1 to 1"' "$dir/out/manifest.json" || fail "no seeds"
  hash=$(sha256sum <"$dir/out/rebind-then-switch/runs.csv" | cut -d' ' -f1)
  grep -q "rebind-then-switch/runs.csv\": \"$hash\"" "$dir/out/manifest.json" ||
    fail "no hash of an output"
  grep -q 'cost.csv' "$dir/out/manifest.json" && fail "CPU time is hashed"

  # A changed number is found, with its place, and mended by --update.
  sed -i 's/^| 2\.075 | the client/| 2.074 | the client/' \
    "$dir/pages/docs/findings.md"
  line=$(grep -n '^| 2\.074 | the' "$dir/pages/docs/findings.md" | cut -d: -f1)
  reproduce 1 --only finding-limit
  says err "docs/findings.md:$line: says 2.074, is 2.075 (A rebind"
  grep -q '^finding-limit .* differs' "$dir/said" || fail "no row differs"
  reproduce 0 --only finding-limit --update
  cmp "$dir/pages/docs/findings.md" "$root/docs/findings.md" ||
    fail "--update does not mend a number"

  # So is a changed line of a block.
  sed -i 's/handoffs is 1, blessed as 2$/handoffs is 1, blessed as 3/' \
    "$dir/pages/docs/ci.md"
  reproduce 1 --only ci-example
  says err 'docs/ci.md:'
  says err 'blessed as 3'
  reproduce 0 --only ci-example --update
  cmp "$dir/pages/docs/ci.md" "$root/docs/ci.md" ||
    fail "--update does not mend a block"
fi

# Mistakes.
reproduce 2 --only no-such-claim
says err "no claim and no run 'no-such-claim'"
reproduce 2 --no-such-option
reproduce 2 --only

# A table that nobody reproduces, a marker of nothing, a claim whose words are
# gone, and a map that is behind.
printf '\n| what | ms |\n| --- | --- |\n| new | 12.5 |\n' \
  >>"$dir/pages/docs/published.md"
reproduce 1 --check
says err 'a number of no claim: | new | 12.5 |'
says err 'docs/published.md:'
reproduce 2 --only changelog-checks
copy
printf '\n<!-- reproduce: nothing -->\n' >>"$dir/pages/docs/published.md"
reproduce 1 --check
says err "no claim 'nothing'"
copy
sed -i 's/^| BBR |/| BBRv2 |/' "$dir/pages/docs/published.md"
reproduce 1 --check
says err 'published-suspension is not in its place in docs/published.md'
copy
sed -i 's/^| .check-matrix. |/| matrix |/' "$dir/pages/docs/reproduce.md"
reproduce 1 --check
says err 'docs/reproduce.md: its map is not that of the claims'
reproduce 0 --check --update
cmp "$dir/pages/docs/reproduce.md" "$root/docs/reproduce.md" ||
  fail "--update does not write the map"

exit $failed
