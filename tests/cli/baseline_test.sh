#!/bin/sh
# The committed baseline: every file of it is of a scenario of the library, and
# that still runs as blessed.  With other libraries there is nothing to compare.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
root=$2
. "${0%/*}/lib.sh"

one=$(find "$root/results/baseline" -name '*.csv' | head -1)
[ -n "$one" ] || fail "there is no baseline"
for library in ngtcp2 nghttp3 gnutls; do
  "$handoff" --version | sed -n "s/^$library /library,$library,/p" >wanted
  grep -qxF -f wanted "$one" || {
    echo "blessed with another $library"
    exit 77
  }
done

set --
for file in "$root"/results/baseline/*.csv; do
  name=${file##*/}
  set -- "$@" "scenarios/${name%.csv}.yaml"
done
(cd "$root" && exec "$handoff" check "$@" --out "$work/results") >said 2>err
got=$?
[ "$got" = 0 ] || fail "exit status $got: $(cat err)"
[ "$(grep -c '^[^ ]*: ok (.*, as blessed)$' said)" = $# ] || {
  fail "not all $# are as blessed:"
  grep -v '^  [^ ]*: of ' said | grep -v ', as blessed)$' >&2
}

finish
