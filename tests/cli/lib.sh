# shellcheck shell=sh disable=SC2034
# What the tests of the command itself share: sourced, with $1 the binary.
# SPDX-License-Identifier: GPL-2.0-or-later
set -u
handoff=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1
failures=0

fail() {
  echo "FAIL: $*" >&2
  failures=$((failures + 1))
}

finish() {
  [ "$failures" = 0 ] || exit 1
  echo "ok"
  exit 0
}

# expect STATUS COMMAND... runs it, keeps what it says in $work/out and
# $work/err, and compares its exit status.
expect() {
  wanted=$1
  shift
  "$@" >"$work/out" 2>"$work/err"
  got=$?
  [ "$got" = "$wanted" ] ||
    fail "exit status $got, not $wanted: $*: $(head -3 "$work/err")"
}

# says TEXT: the last command's standard error has exactly this line.
says() {
  grep -Fxq -- "$1" "$work/err" ||
    fail "does not say: $1, but: $(head -3 "$work/err")"
}

# A whole scenario in one second or less of wall clock.  $1 is its name.
scenario() {
  cat <<END
name: $1
about: A short download across two networks.
stop: 30s
seed: 1
networks:
  home:
    type: wired
    down: 20Mbps
    up: 5Mbps
    delay: 8ms
    nat: home-router
  cell:
    type: wired
    down: 10Mbps
    up: 5Mbps
    delay: 20ms
client:
  start: home
  notice: 50ms
workload: {type: download, bytes: 200KB}
arms: [quic, quic-reconnect, tcp-notify]
timeline:
  - 60ms..80ms: disconnect home
expect:
  - quic: outcome == migrated
END
}
