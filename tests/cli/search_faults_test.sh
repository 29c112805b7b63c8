#!/bin/sh
# bench/search-faults: a fault is found by a small file that needs it; what is not
# found is said to be, and fails.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

script=$(dirname "$(readlink -f "$0")")/../../bench/search-faults
build=$(dirname "$(dirname "$(readlink -f "$handoff")")")

expect 0 "$script" -b "$build" -n 64 -k known.csv client:repeat-challenge
grep -q '^client  repeat-challenge  *[0-9]*  *[0-3]  check:C2:client:' out ||
  fail "repeat-challenge is not found: $(cat out)"
grep -q '^check:G2:.*,without a fault$' known.csv || fail "no list is kept"
grep -q '^check:C2:' known.csv && fail "C2 is found without the fault"

# What fails without the fault is none of it: only servers send NEW_TOKEN.
expect 1 "$script" -b "$build" -n 64 -k known.csv client:no-new-token
grep -q '^client  no-new-token .* not found within 64 schedules' out ||
  fail "no-new-token of a client: $(cat out)"

expect 2 "$script" -b /nowhere client:stay
finish
