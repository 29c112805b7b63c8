#!/bin/sh
# Tests that bench/check tells growth from its absence, names the functions that
# grew, and compares nothing that was counted with other tools.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: counts_test.sh ROOT
set -eu

root=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
  echo "FAIL: $1"
  failed=1
}

# counts PREFIX QUIC SELF COMPILER: what bench/counts leaves.
counts() {
  {
    echo "compiler,version,cc $4"
    echo 'name,per,instructions'
    echo 'run,run,1000000'
    echo "quic,packet,$2"
  } >"$dir/$1.csv"
  {
    echo 'name,function,self,inclusive'
    echo 'quic,conn_write_pkt,9000,20000'
    echo "quic,event.c:ho_log_emit,$3,12000"
    echo "run,event.c:ho_log_emit,1,2"
  } >"$dir/$1-functions.csv"
}

# check STATUS NAME [OPTION...]: how comparing NAME with the baseline ends.
check() {
  status=$1
  name=$2
  shift 2
  got=0
  "$root/bench/check" -f "$dir/baseline" -c "$dir/$name" "$@" >"$dir/out" 2>&1 ||
    got=$?
  [ $got = "$status" ] || {
    cat "$dir/out"
    fail "$name: exit status $got, not $status"
  }
}

says() {
  grep -q -e "$1" "$dir/out" || {
    cat "$dir/out"
    fail "'$1' is not said"
  }
}

counts baseline 40000 5000 12
counts same 40000 5000 12
counts little 41100 6100 12
counts much 41300 6300 12
counts less 38000 3000 12
counts other 40000 5000 13

check 0 same
says 'quic .* +0.0 %'
check 0 little
says '+2.8 %'
check 1 little -p 2
check 1 much
says 'quic .* 40000 *41300 *+3.2 % *GREW'
says '5000 -> *6300 *event.c:ho_log_emit'
grep -q 'conn_write_pkt' "$dir/out" && fail "what has not grown is named"
check 0 less
says '-5.0 %.*bless'
check 2 other
says 'compiler: cc 12 in the baseline, cc 13 here'
check 2 absent
says "cannot read '$dir/absent.csv'"

# A workload that the baseline has not is not a pass.
echo 'new,packet,1' >>"$dir/same.csv"
check 1 same
says 'new .*not in the baseline'

# Nor is a count of nothing.
sed -i '/version/!d' "$dir/same.csv"
check 2 same
says 'no counts'

# callgrind's files, names defined once and referred to later, a recursion and
# a library without symbols.
cat >"$dir/small" <<'END'
ob=(1) /bin/handoff
fl=(1) /src/a.c
fn=(1) main
3 10
cfn=(2) work
calls=2 7
4 90
fn=(2)
7 30
cfn=(3) work'2
calls=1 7
8 60
fn=(3)
7 20
cob=(2) /lib/libx.so.1
cfi=(2) ???
cfn=(4) 0x0000000000000ab0
calls=1 0
9 40
ob=(2)
fl=(2)
fn=(4)
0 40

totals: 100
END
sed 's/^0 40/0 240/; s/^9 40/9 240/; s/^8 60/8 260/; s/^4 90/4 290/' \
  "$dir/small" >"$dir/large"
awk -f "$root/bench/functions.awk" -v name=x -v per=10 -v less="$dir/small" \
  "$dir/small" "$dir/large" >"$dir/out"
says '^x,libx.so.1:0xab0,20,20$'
says '^x,a.c:work,0,20$'
says '^x,a.c:main,0,20$'
awk -f "$root/bench/functions.awk" -v name=x -v per=1 "$dir/small" >"$dir/out"
says '^x,a.c:work,50,90$'
says '^x,a.c:main,10,100$'

exit $failed
