#!/bin/sh
# An installed handoff, far from its sources, has every scenario, and all that
# a scenario names.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: installed_test.sh HANDOFF BUILD CMAKE
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

expect 0 "$3" --install "$2" --prefix "$work/prefix"
installed=$work/prefix/bin/handoff
mkdir away
cd away || exit 1
expect 0 "$installed" list scenarios
[ "$(grep -c '^[a-z].*\.yaml)$' "$work/out")" -gt 50 ] ||
  fail "few scenarios: $(head -3 "$work/out")"
expect 0 "$installed" validate "$work"/prefix/share/handoff/scenarios/*.yaml
# That without arguments it finds them: one that cannot be run is told first.
expect 2 "$installed" check --arm nobody
grep -q "^$work/prefix/.*/drive-csv.yaml: it has no arm 'nobody'" "$work/err" ||
  fail "check does not look there: $(head -3 "$work/err")"

finish
