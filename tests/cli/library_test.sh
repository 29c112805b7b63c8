#!/bin/sh
# The library of scenarios holds, but for the known failures, and docs/ has the
# matrix of what it exercises.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
root=$2
. "${0%/*}/lib.sh"

(cd "$root" && exec "$handoff" check scenarios --out "$work/out" \
  --matrix "$work/matrix.md") >"$work/said" 2>"$work/err"
got=$?
if [ "$got" != 0 ]; then
  fail "exit status $got"
  grep -v '^  [^ ]*: of ' "$work/said" | grep -v ': ok (' >&2
  cat "$work/err" >&2
fi

# Another ns-3 has other radios.
if "$handoff" --version | grep -qx 'ns-3 3.37'; then
  diff "$root/docs/check-matrix.md" "$work/matrix.md" >&2 ||
    fail "docs/check-matrix.md is not what --matrix writes"
fi
finish
