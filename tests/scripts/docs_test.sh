#!/bin/sh
# Tests that docs/ says what the program says of itself: its example is valid,
# and everything that `handoff list` names is there.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: docs_test.sh ROOT HANDOFF
set -eu

root=$1
handoff=$2
failed=0

fail() {
  echo "FAIL: $1"
  failed=1
}

# Every block of YAML in the reference of scenarios is a whole scenario.
awk '/^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' \
  "$root/docs/scenario.md" | "$handoff" validate - ||
  fail "the example in docs/scenario.md is not valid"

# So is every block of its parts, after what they are parts of.
parts=$(mktemp -d)
awk -v dir="$parts" '
  /^```/ { on = !on; file = ""; next }
  on && /^(timeline|expect|vary|policy|search|arms):/ && !file {
    file = dir "/" ++n ".yaml"
    print "name: part\nstop: 30s\nnetworks:" >file
    split("home cell", nets, " ")
    for (i = 1; i <= 2; i++)
      print "  " nets[i] ": {type: wired, down: 9Mbps, up: 9Mbps," \
        " nat: home-router}" >file
    print "workload: {type: download, bytes: 5MB}" >file
    if (!/^arms:/) print "arms: [quic]" >file
  }
  on && file { print >file }' "$root"/docs/*.md "$root/CONTRIBUTING.md"
count=0
for part in "$parts"/*.yaml; do
  count=$((count + 1))
  "$handoff" validate "$part" >/dev/null || fail "not valid: $(cat "$part")"
done
[ $count -ge 3 ] || fail "the documents have $count parts of scenarios"
rm -rf "$parts"

# named WHAT FILE: the first word of each line of `handoff list WHAT` stands in
# backquotes in FILE.
named() {
  count=0
  for name in $("$handoff" list "$1" | awk '/^ ? ?[a-z]/ { print $1 }'); do
    count=$((count + 1))
    grep -qE "\`$name(\`| )" "$root/docs/$2" || fail "$2 lacks $1 '$name'"
  done
  [ $count -gt 3 ] || fail "'handoff list $1' names $count"
}

named arms scenario.md
named actions scenario.md
named presets scenario.md

# Every column's tolerance stands in docs/ci.md.
columns=$(sed -n 's/^    {"\([a-z0-9_]*\)", .*},$/\1/p' \
  "$root/measure/tolerance.c")
[ "$(echo "$columns" | wc -l)" -gt 30 ] || fail "no tolerances: $columns"
for column in $columns; do
  grep -q "^| .*\`$column\`" "$root/docs/ci.md" || fail "ci.md lacks '$column'"
done

# The README's scenario and its broken clause: with the fault it breaks just
# that, at that packet.
broken=$(mktemp)
awk '/^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/README.md" |
  sed 's/^timeline:/&\n  - 0s: fault server amplify/' >"$broken"
said=$(mktemp -d)
if (cd "$said" && "$handoff" check "$broken" >said); then
  fail "the README's fault breaks nothing"
fi
grep -A 1 '(MUST, ' "$said/said" | sed 's/^/    /' >"$said/clause"
[ "$(wc -l <"$said/clause")" = 2 ] || fail "the README's fault breaks more"
while IFS= read -r line; do
  grep -qxF -e "$line" "$root/README.md" || fail "the README lacks '$line'"
done <"$said/clause"
rm -rf "$broken" "$said"

# The table in the README is the one that its first command prints, with the
# ns-3 that it was made with: another one's TCP is another TCP.
if ! "$handoff" --version | grep -qx 'ns-3 3.37'; then
  exit $failed
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
(cd "$root" && "$handoff" run scenarios/wifi-to-lte.yaml --out "$out/run") \
  >"$out/printed" 2>&1 || fail "the README's first command fails"
sed -n '/^ .*interruption/,/^Results/p' "$out/printed" | grep -v '^Results' |
  sed '/^$/d; s/^/    /; s/ *$//' >"$out/table"
[ -s "$out/table" ] || fail "the README's first command prints no table"
while IFS= read -r line; do
  grep -qxF -e "$line" "$root/README.md" || fail "the README lacks '$line'"
done <"$out/table"

exit $failed
