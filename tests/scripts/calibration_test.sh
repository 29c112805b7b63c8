#!/bin/sh
# Tests that the table in docs/calibration.md is what bench/calibrate prints.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: calibration_test.sh ROOT BUILD
set -eu

root=$1
build=$2
failed=0

# Another ns-3 has other radios.
"$build/cli/handoff" --version | grep -qx 'ns-3 3.37' || exit 77
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$root/bench/calibrate" "$build" >"$out"
[ "$(wc -l <"$out")" -gt 20 ] || {
  echo "FAIL: bench/calibrate prints no table"
  exit 1
}
while IFS= read -r line; do
  grep -qxF -e "$line" "$root/docs/calibration.md" || {
    echo "FAIL: docs/calibration.md lacks '$line'"
    failed=1
  }
done <"$out"
exit $failed
