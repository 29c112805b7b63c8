#!/bin/sh
# --crypto none over the whole library of scenarios: every CSV is as with real
# cryptography, trace_sha256 too, and so is the table.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: crypto_library_test.sh HANDOFF SOURCE-DIR
# shellcheck source-path=SCRIPTDIR source=lib.sh
root=$2
. "${0%/*}/lib.sh"

for crypto in real none; do
  (cd "$root" && exec "$handoff" run scenarios/*.yaml --crypto $crypto \
    --no-progress --out "$work/$crypto") >out 2>err
  got=$?
  [ "$got" = 0 ] || fail "exit status $got with --crypto $crypto: $(cat err)"
  sed 's/^Results: .*//' out >"$crypto.table"
done
cmp real.table none.table || fail "the tables differ"

(cd real && find . -name '*.csv' ! -name cost.csv) >files
(cd none && find . -name '*.csv' ! -name cost.csv) | sort >files.none
sort files | cmp -s - files.none || fail "the files differ"
[ "$(grep -c /runs.csv files)" -gt 100 ] || fail "too few scenarios"
while read -r file; do
  cmp "real/$file" "none/$file" || fail "$file differs"
done <files
finish
