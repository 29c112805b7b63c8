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
for option in --pages --claims --handoff; do
  reproduce 2 $option "$dir/nowhere" --only changelog-checks
  says err "'$dir/nowhere'"
done
reproduce 2 --out /dev/null/out --only changelog-checks
says err "reproduce: cannot make '/dev/null/out'"
mkdir -p "$dir/theirs/checks"
reproduce 2 --out "$dir/theirs" --only changelog-checks
says err "reproduce: '$dir/theirs' is not empty and none of ours; it was left alone"
[ -d "$dir/theirs/checks" ] || fail "somebody's folder was removed"

# A small document with claims of its own, of each kind.
rm -rf "$dir/pages" "$dir/out"
mkdir -p "$dir/pages/docs"
cat >"$dir/claims" <<'END'
pages: measured
in: README.md

run: echo
takes: 1
do: echo 11.5 20 30; echo data >$here/data

claim: near
of: echo
in: README.md
within: 15 %
says: it takes {} ms, at most {}.
from: awk '{ print $1, $2 }' $said

claim: table
of: echo
in: README.md
from: awk '{ print "| a | b |"; print "| --- | --- |"; print "| x | " $3 " |" }' $said

claim: file
of: echo
in: docs/data
same: data

run: broken
takes: 100
do: false

claim: never
of: broken
in: README.md
says: never {} times

run: elsewhere
takes: 1
needs: no such library
do: false

claim: skipped
of: elsewhere
in: README.md
says: skipped {} times
END
document() {
  cat >"$dir/pages/README.md" <<'END'
# Title
On my machine it takes 10 ms, at most 20.
It was never 1 times, and skipped 2 times.

<!-- reproduce: table -->

| a | b |
| --- | --- |
| x | 30 |

<!-- end -->
END
  echo data >"$dir/pages/docs/data"
  printf '# Map\n\n<!-- reproduce: map -->\n\n<!-- end -->\n' \
    >"$dir/pages/docs/reproduce.md"
  reproduce 0 --claims "$dir/claims" --check --update
}
document
reproduce 0 --claims "$dir/claims" --list --quick
grep -q '^never' "$dir/said" && fail "--quick lists what takes long"
reproduce 0 --claims "$dir/claims" --only echo,skipped
says said 'within 15 %: 11.5 (10), 20'
grep -q '^table .* same$' "$dir/said" || fail "a table differs"
grep -q '^file .* same$' "$dir/said" || fail "a file differs"
grep -q '^skipped .* skipped: needs no such library$' "$dir/said" ||
  fail "what needs another library is not skipped"
reproduce 0 --claims "$dir/claims" --quick
grep -q '^never' "$dir/said" && fail "--quick runs what takes long"
reproduce 1 --claims "$dir/claims" --only never
grep -q '^never .* failed: see ' "$dir/said" || fail "a command that fails"

# Too far off, another line, another file: each is told.
sed -i 's/takes 10 ms/takes 9.9 ms/; s/| x | 30 |/| x | 31 |/' \
  "$dir/pages/README.md"
echo other >"$dir/pages/docs/data"
reproduce 1 --claims "$dir/claims" --only echo
says err 'README.md:2: says 9.9, is 11.5 (Title)'
says err 'README.md:5 (Title): the block is not'
says err 'docs/data: is not'
says said '3 claims: 3 differs'
reproduce 0 --claims "$dir/claims" --only echo --update
says said '3 claims: 3 written'
reproduce 0 --claims "$dir/claims" --only echo
says said '11.5, 20'

# Words that are there twice say nothing.
document
echo 'Elsewhere it takes 12 ms, at most 20.' >>"$dir/pages/README.md"
reproduce 1 --claims "$dir/claims" --check
says err "is there 2 times"

# A table that nobody reproduces stops everything; unless it is excused.
document
printf '\n| what | ms |\n| --- | --- |\n| 7.5 | a |\n| new | 12.5 |\n' \
  >>"$dir/pages/README.md"
reproduce 1 --claims "$dir/claims" --check
says err 'README.md:15: a number of no claim: | 7.5 | a |'
says err 'README.md:16: a number of no claim: | new | 12.5 |'
reproduce 2 --claims "$dir/claims" --only near
[ ! -s "$dir/said" ] || fail "it runs in spite of that"
sed -i 's/^| what |/<!-- not measured -->\n\n&/' "$dir/pages/README.md"
reproduce 0 --claims "$dir/claims" --check

# So do a marker of nothing, words that are gone, and a map that is behind.
document
printf '\n<!-- reproduce: nothing -->\n' >>"$dir/pages/README.md"
reproduce 1 --claims "$dir/claims" --check
says err "README.md:13: no claim 'nothing'"
document
sed -i 's/at most/no more than/' "$dir/pages/README.md"
reproduce 1 --claims "$dir/claims" --check
says err 'near is not in its place in README.md'
document
sed -i 's/^# Title/# Another/' "$dir/pages/README.md"
reproduce 1 --claims "$dir/claims" --check
says err 'docs/reproduce.md: its map is not that of the claims'
reproduce 0 --claims "$dir/claims" --check --update
reproduce 0 --claims "$dir/claims" --check

# Interrupted, it tells what it has compared so far.
document
sed '/^run: broken/,/^do:/s/^do: .*/do: kill -TERM $$\nshows: false/' "$dir/claims" \
  >"$dir/stopped"
reproduce 130 --claims "$dir/stopped" --only echo,never,skipped
says err 'reproduce: interrupted'
says said '3 claims: '

# A claim whose numbers do not come is no success.
document
sed -i 's/print .1, .2/print NF/' "$dir/claims"
reproduce 1 --claims "$dir/claims" --only near
says err '1 values for 2 places'

exit $failed
