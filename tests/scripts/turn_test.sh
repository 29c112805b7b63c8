#!/bin/sh
# Tests that bench/turn runs two builds in turn, which of their times it
# compares, and what it refuses.  Two programs stand in for builds: they take
# what times they are told to.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: turn_test.sh ROOT
set -eu

turn=$1/bench/turn
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0

fail() {
  echo "FAIL: $1"
  failed=1
}

# Each notes what it is asked, and takes its next time for two runs together.
for name in one other; do
  mkdir -p $name/cli
  cat >$name/cli/handoff <<END
#!/bin/sh
echo "$name \$*" >>"$dir/asked"
while [ "\$1" != --out ]; do shift; done
mkdir "\$2"
t=\$(sed 1q "$dir/$name.times")
sed -i 1d "$dir/$name.times"
printf 'arm,wall_s,cpu_s\nquic,900,%s\nquic,900,1\n' "\$t" >"\$2/cost.csv"
END
  chmod +x $name/cli/handoff
done
: >scenario

# take ONE OTHER: lists of the times that they take.
take() {
  : >asked
  # shellcheck disable=SC2086 # words are meant
  printf '%s\n' $1 >one.times
  # shellcheck disable=SC2086
  printf '%s\n' $2 >other.times
}

# turn STATUS ARG...
turn() {
  status=$1
  shift
  got=0
  "$turn" "$@" >out 2>&1 || got=$?
  [ $got = "$status" ] || fail "exit status $got, not $status: $(cat out)"
}

says() {
  grep -Fxq -e "$1" out || fail "'$1' is not said, but: $(cat out)"
}

# With the second run's second: 3, 5, 9 to 6, 6, 45.
take '4 8 2' '44 5 5'
turn 0 one other 3 scenario --set size=1KB
says 'least 2.00, median 1.20'
cut -d ' ' -f 1 asked | tr '\n' ' ' | grep -q '^one other one other one other $' ||
  fail "not in turn: $(cat asked)"
[ "$(grep -c ' run scenario --arm quic .*--set size=1KB$' asked)" = 6 ] ||
  fail "asked for something else: $(cat asked)"

# Numbers, not texts; of four times the median lies between the second and the
# third: 9, 11, 19, 99 to 9, 14, 16, 20.
take '10 98 8 18' '15 13 19 8'
turn 0 one other 4 scenario
says 'least 1.00, median 1.00'

for rounds in 0 -1 x 2x ''; do
  turn 2 one other "$rounds" scenario
  says "turn: ROUNDS must be a whole number from 1 on, not '$rounds'"
done
turn 2 one
turn 2 one other 1 nowhere.yaml
says "turn: cannot read 'nowhere.yaml'"
turn 2 one nowhere 1 scenario
says "turn: 'nowhere/cli/handoff' is not built"

# A run that fails is no time.
printf '#!/bin/sh\nexit 3\n' >other/cli/handoff
take 1 1
turn 3 one other 1 scenario

exit $failed
