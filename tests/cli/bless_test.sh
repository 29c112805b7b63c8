#!/bin/sh
# `handoff bless`, and `handoff check` against what was blessed: what is the
# same is green, every kind of change is red and named, and what is no whole
# baseline is refused before anything runs.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
xsd=$(cd "${0%/*}" && pwd)/junit.xsd
. "${0%/*}/lib.sh"
unset GITHUB_ACTIONS

b=results/baseline/demo.csv

# prints PATTERN: some line of the last command's standard output is like it.
prints() {
  grep -Eq -- "$1" "$work/out" ||
    fail "does not print: $1, but: $(head -6 "$work/out")"
}

hides() {
  grep -E -- "$1" "$work/out" && fail "prints: $1"
}

# edit TABLE ROW COLUMN VALUE: the baseline's, in place; row 1 is a table's
# first after its header.
edit() {
  awk -v FS=, -v OFS=, -v table="$1" -v row="$2" -v column="$3" -v value="$4" '
    $1 == table && n++ == 0 {
      for (i = 1; i <= NF; i++) if ($i == column) at = i
    }
    $1 == table && n == row + 1 && !done { $at = value; done = 1 }
    { print }' kept >"$b"
  cmp -s kept $b && fail "the edit of $1, $3 changes nothing"
}

# valid FILE: it is JUnit XML.
valid() {
  if command -v xmllint >/dev/null 2>&1; then
    xmllint --noout --schema "$xsd" "$1" 2>"$work/xml" ||
      fail "$1: $(head -3 "$work/xml")"
  fi
  python3 - "$1" <<'END' || fail "$1: not as JUnit XML is"
import sys, xml.etree.ElementTree as tree

root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites"
total = {"tests": 0, "failures": 0, "errors": 0}
for suite in root:
    assert suite.tag == "testsuite" and suite.get("name")
    found = {"tests": len(suite), "failures": 0, "errors": 0, "skipped": 0}
    names = set()
    for case in suite:
        assert case.tag == "testcase", case.tag
        assert case.get("classname") == suite.get("name")
        assert case.get("name") not in names, case.get("name")
        names.add(case.get("name"))
        for said in case:
            assert said.get("message"), case.get("name")
            found[{"failure": "failures", "error": "errors",
                   "skipped": "skipped"}[said.tag]] += 1
    for key, count in found.items():
        assert int(suite.get(key)) == count, (suite.get("name"), key, count)
        if key in total:
            total[key] += count
for key, count in total.items():
    assert int(root.get(key)) == count, (key, count)
END
}

# case_is FILE NAME TAG: what came of a test case; TAG is "passed" or its
# element.
case_is() {
  got=$(python3 - "$1" "$2" <<'END'
import sys, xml.etree.ElementTree as tree
for case in tree.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.get("name") == sys.argv[2]:
        print(case[0].tag if len(case) else "passed")
END
  )
  [ "$got" = "$3" ] || fail "$1: case '$2' is '$got', not '$3'"
}

scenario demo >demo.yaml

# ---- blessing ----

expect 0 "$handoff" bless demo.yaml
prints '^demo: blessed in results/baseline/demo\.csv, new \(3 runs, 3 handoffs\)$'
cp $b kept
[ "$(head -1 $b)" = handoff-baseline,1,demo ] || fail "begins $(head -1 $b)"
[ "$(tail -1 $b)" = "end,$(wc -l <$b)" ] || fail "ends $(tail -1 $b)"
grep -q '^library,ngtcp2,1' $b || fail "names no library"
grep -q trace_sha256 $b && fail "has a hash of all times"
grep -Eq '^milestones.csv,quic,1,[0-9.]+,0,notice,net=cell cause=notice$' $b ||
  fail "has no milestone of the notice"
grep -E '^milestones' $b | grep -E '[ ,](packet|tuple|data|token|inside)=' &&
  fail "has packets and addresses"
# The same command, the same bytes, with any -j, and nothing else beside it.
expect 0 "$handoff" bless demo.yaml -j 1
prints 'demo\.csv, as it was '
cmp -s kept $b || fail "blesses the same otherwise"
[ "$(ls results/baseline)" = demo.csv ] || fail "leaves $(ls results/baseline)"
expect 0 "$handoff" bless --quiet demo.yaml
[ -s out ] && fail "quiet, and prints $(cat out)"
# Elsewhere, and from a folder of scenarios.
mkdir some
scenario one >some/one.yaml
scenario two >some/two.yaml
expect 0 "$handoff" bless some --baseline other/place --arm quic
[ "$(ls other/place)" = "one.csv
two.csv" ] || fail "other/place has $(ls other/place)"
expect 0 "$handoff" check some --baseline other/place --arm quic
prints '^two: ok \(seed 1, 1 runs, 1 expectations, as blessed\)$'
# `run` leaves no milestones.
expect 0 "$handoff" run demo.yaml --out plain
[ -e plain/milestones.csv ] && fail "run writes milestones.csv"

# ---- the same is green ----

expect 0 "$handoff" check demo.yaml --junit j.xml
prints '^demo: ok \(seed 1, 3 runs, 1 expectations, as blessed\)$'
hides 'compared|::error'
valid j.xml
case_is j.xml baseline passed
case_is j.xml runs passed
case_is j.xml 'quic: outcome == migrated' passed
case_is j.xml 'RFC checks of quic' passed
case_is j.xml 'RFC checks of tcp-notify' ''
cp j.xml j1.xml
expect 0 "$handoff" check demo.yaml --junit j.xml -j 1
cmp -s j.xml j1.xml || fail "the same results are other XML"
expect 0 "$handoff" check demo.yaml --no-checks
prints 'not compared .*: blessed with checks yes, run with checks no$'

# ---- a changed run is red ----

# What a change of the migration path is to the scenario: a late notice.
sed 's/notice: 50ms/notice: 60ms/' demo.yaml >late.yaml
expect 1 "$handoff" check late.yaml --junit j.xml
prints '^demo: FAIL \(seed 1, 3 runs, 1 expectations, not as blessed\)$'
prints '^demo: not as blessed in results/baseline/demo\.csv:$'
prints '^demo: arm quic, seed 1: fct_s is 0\.[0-9]{9}, blessed as 0\.[0-9]{9} \(within 2 ms or 1 %\)$'
prints '^demo: arm quic, seed 1: the first event that differs is number [0-9]+$'
prints '^  now: 0\.[0-9]+ s, client 0, notice net=cell cause=notice$'
prints '^  blessed: 0\.[0-9]+ s, client 0, notice net=cell cause=notice$'
prints '^demo: arm tcp-notify, seed 1: '
hides '::error'
valid j.xml
case_is j.xml baseline failure
grep -q 'first event that differs is number' j.xml || fail "XML says less"
# One that stays within every tolerance is none, if no count changes.
sed 's/notice: 50ms/notice: 50001us/' demo.yaml >close.yaml
expect 0 "$handoff" check close.yaml --arm tcp-notify
prints "^demo: not compared with $b: blessed with arms quic, quic-reconnect, tcp-notify, run with arms tcp-notify\$"
expect 0 "$handoff" bless demo.yaml --arm tcp-notify --baseline tcp
expect 0 "$handoff" check close.yaml --arm tcp-notify --baseline tcp
prints ', as blessed\)$'
cmp -s $b kept || fail "--baseline writes elsewhere, too"

# Another order of events: two at one moment, exchanged in the baseline.
awk -v FS=, '
  /^milestones/ && $6 == "network_down" && !done { held = $0; done = 1; next }
  { print }
  held != "" { print held; held = "" }' kept >$b
cmp -s kept $b && fail "nothing was exchanged"
expect 1 "$handoff" check demo.yaml
prints '^demo: arm quic, seed 1: the first event that differs is number [0-9]+$'
prints '^  now: .* network_down net=home in_use=1$'
prints '^  blessed: .* default_network from=home to=cell$'
hides 'blessed as'

# One value of the baseline, changed by hand: arm, seed, column, both values.
edit runs.csv 2 datagrams_up 7
expect 1 "$handoff" check demo.yaml
prints '^demo: arm quic-reconnect, seed 1: datagrams_up is [0-9]+, blessed as 7$'
[ "$(grep -c 'blessed as' out)" = 1 ] || fail "more than one column differs"
hides 'first event'
edit handoffs.csv 1 outcome reconnected
expect 1 "$handoff" check demo.yaml
prints '^demo: arm quic, seed 1, client 0, handoff 0: outcome is migrated, blessed as reconnected$'
edit handoffs.csv 3 t_validated_s NA
expect 1 "$handoff" check demo.yaml
prints '^demo: arm tcp-notify, seed 1, client 0, handoff 0: t_validated_s is 0\.[0-9]+, blessed as NA '
edit handoffs.csv 1 handoff 1
expect 1 "$handoff" check demo.yaml
prints 'arm quic, seed 1, client 0, handoff 1: it is no longer there$'
prints 'arm quic, seed 1, client 0, handoff 0: it was not there$'
# The edge of a tolerance is inside it: detection is 50 ms, within 2 ms.
edit handoffs.csv 1 detection_ms 52.000000
expect 0 "$handoff" check demo.yaml
edit handoffs.csv 1 detection_ms 52.000001
expect 1 "$handoff" check demo.yaml
prints 'detection_ms is 50\.000000, blessed as 52\.000001 \(within 2 ms or 1 %\)$'
edit milestones.csv 1 event handshake_done
expect 1 "$handoff" check demo.yaml
prints 'first event that differs is number 1$'
# Another library is named once something differs.
sed 's/^\(library,ngtcp2\),.*/\1,0.1/' kept >$b
expect 0 "$handoff" check demo.yaml
hides 'ngtcp2 0\.1'
cp $b kept2
cp kept2 kept3
sed '/^runs.csv,quic,1/s/migrated/completed/' kept2 >$b
expect 1 "$handoff" check demo.yaml
prints '^demo: blessed with ngtcp2 0\.1, run with 1\.'
cp kept $b

# ---- what is not the same question ----

expect 0 "$handoff" check demo.yaml --seed 2 --junit j.xml
prints "^demo: not compared with $b: blessed with seed 1, run with seed 2\$"
case_is j.xml baseline skipped
valid j.xml
expect 0 "$handoff" check demo.yaml --repeat 2
prints 'not compared .* blessed with repeat 1, run with repeat 2$'
expect 0 "$handoff" check demo.yaml --set client.notice=60ms
prints 'not compared .* blessed without set client.notice=60ms$'
expect 0 "$handoff" check demo.yaml --vary client.notice=50ms,60ms
prints 'not compared .* blessed without vary client.notice=50ms, 60ms$'
expect 0 "$handoff" check demo.yaml --seed 1 # the file's own
prints ', as blessed\)$'
# A grid has a baseline as well.
expect 0 "$handoff" bless demo.yaml --vary client.notice=50ms,60ms --repeat 2
expect 0 "$handoff" check demo.yaml --vary client.notice=50ms,60ms --repeat 2 \
  --junit j.xml
prints ', as blessed\)$'
valid j.xml
case_is j.xml 'quic: outcome == migrated, with client.notice=60ms' passed
expect 0 "$handoff" check demo.yaml
prints 'not compared .* blessed with repeat 2, run with repeat 1$'
cp $b kept
edit runs.csv 8 bytes 1
expect 1 "$handoff" check demo.yaml --vary client.notice=50ms,60ms --repeat 2
prints '^demo: client\.notice=60ms, arm quic, seed 2: bytes is 200000, blessed as 1$'
expect 0 "$handoff" bless demo.yaml
prints 'demo\.csv, changed '
cp $b kept
# Without one nothing is said, unless a folder of them is named.
rm $b
expect 0 "$handoff" check demo.yaml
hides 'baseline|blessed'
expect 0 "$handoff" check demo.yaml --baseline tcp --arm quic
prints 'not compared with tcp/demo.csv: blessed with arms tcp-notify, run with arms quic$'
mkdir empty
expect 0 "$handoff" check demo.yaml --baseline empty
prints '^demo: not compared with empty/demo.csv: there is no such file$'

# ---- what is no whole baseline ----

# refused PATTERN: check says so, runs nothing and changes nothing.
refused() {
  cp $b before
  rm -rf results/out
  expect 2 "$handoff" check demo.yaml --junit none.xml
  grep -Eq -- "$1" "$work/err" || fail "does not say: $1, but: $(head -3 err)"
  [ -e results/out ] && fail "runs something: $1"
  [ -e none.xml ] && fail "writes JUnit XML of nothing: $1"
  cmp -s before $b || fail "changes the baseline: $1"
}

lines=$(wc -l <kept)
head -n $((lines - 1)) kept >$b
refused "^$b:$((lines - 1)):1: the baseline is truncated: its last line does not begin with 'end'$"
head -c 3000 kept >$b
refused 'truncated'
head -c "$(($(wc -c <kept) - 2))" kept >$b
refused 'some are missing or were added$'
: >$b
refused "^$b:1:1: the baseline is empty"
sed '/^runs.csv,quic-reconnect/d' kept >$b
refused "runs\.csv of the baseline has 0 rows of arm quic-reconnect, seed 1, expected 1; bless it again$"
sed '/^handoffs.csv,quic,/d' kept >$b
refused "handoffs\.csv of the baseline has 0 rows of arm quic, seed 1, expected 1"
sed '/^milestones.csv,tcp-notify,/d' kept >$b
refused "milestones\.csv of the baseline has 0 rows of arm tcp-notify, seed 1"
sed '/^milestones.csv,quic,1,.*,notice,/d' kept >$b
refused "the baseline has $((lines - 1)) rows, and ends with 'end,$lines': some are missing or were added$"
sed 's/^runs.csv,tcp-notify.*/&\n&/' kept >$b
refused 'has 2 rows of arm tcp-notify, seed 1, expected 1'
sed 's/^handoffs.csv,tcp-notify,1\(.*\)/&\nhandoffs.csv,tcp-notify,2\1/' kept >$b
refused 'a row of handoffs\.csv is of no run that was blessed'
sed 's/^handoff-baseline,1/handoff-baseline,2/' kept >$b
refused "^$b:1:1: the baseline is of version '2', not 1; bless it again$"
sed 's/,goodput_mbps,/,goodput,/' kept >$b
refused "of another version: its columns of runs\.csv have 'goodput' where 'goodput_mbps' is now"
sed '/^handoffs.csv/s/$/,9/; s/^\(handoffs.csv,arm.*\),9$/\1,later/' kept >$b
refused "its columns of handoffs\.csv have 'later' where 'nothing more' is now"
sed '/^asked,repeat/d; '"s/^end.*/end,$((lines - 1))/" kept >$b
refused "does not say with which 'repeat' it was blessed$"
awk '{ print } /^asked,seed/ { exit } END { print "end," NR + 1 }' kept >$b
refused "does not say with which 'repeat' it was blessed$"
sed '1s/demo/demi/' kept >$b
refused "is of 'demi', not 'demo'"
sed 's/^runs.csv,quic,1,migrated/runs.csv,quic,1/' kept >$b
refused '[0-9]+ fields, expected [0-9]+$'
echo a,b >$b
refused "no baseline of handoff's"
# bless does not write over that, but over a baseline of any kind.
expect 2 "$handoff" bless demo.yaml
says "$b: is no baseline, and is not overwritten"
[ "$(cat $b)" = a,b ] || fail "overwrites what is no baseline"
# The scenario itself has other arms, or another seed, than it had.
cp kept $b
sed 's/^arms:.*/arms: [quic]/' demo.yaml >arms.yaml
expect 2 "$handoff" check arms.yaml
grep -q 'the scenario has changed: blessed with arms quic, quic-reconnect, tcp-notify, run with arms quic; bless it again$' err ||
  fail "does not say that arms have changed: $(cat err)"
sed 's/^seed: 1/seed: 3/' demo.yaml >seed.yaml
expect 2 "$handoff" check seed.yaml
grep -q 'the scenario has changed: blessed with seed 1, run with seed 3; bless' err ||
  fail "does not say that the seed has changed: $(cat err)"
expect 2 "$handoff" check demo.yaml --baseline nodir
says "--baseline: 'nodir' is no folder that can be read"

# ---- JUnit XML and annotations of failures ----

sed 's/outcome == migrated/outcome == reconnected/' demo.yaml >wrong.yaml
expect 1 env GITHUB_ACTIONS=true "$handoff" check wrong.yaml --junit j.xml
prints '^::error file=wrong\.yaml,line=[0-9]+,col=5,title=demo%3A expectation::demo: wrong\.yaml:[0-9]+:5: quic: outcome == reconnected%0A  arm quic, seed 1, client 0, handoff 0: outcome is migrated$'
valid j.xml
case_is j.xml 'quic: outcome == reconnected' failure
expect 1 env GITHUB_ACTIONS=true "$handoff" check late.yaml
prints "^::error file=$b,line=[0-9]+,title=demo%3A baseline::demo: arm quic, seed 1: fct_s is .* 1 %25\)%0A"
expect 1 env GITHUB_ACTIONS=false "$handoff" check wrong.yaml
hides '::error'
printf '%s\n%s\n' scenario,arm,failure,library,analysis \
  'demo,quic,quic: outcome == reconnected,ngtcp2 1.11,see <here> & "there"' \
  | sed 's/see.*/"see <here> \& ""there"""/' >known.csv
expect 0 env GITHUB_ACTIONS=true "$handoff" check wrong.yaml --junit j.xml \
  --known known.csv
hides '::error'
valid j.xml
case_is j.xml 'quic: outcome == reconnected' skipped
grep -q 'message="known failure: ngtcp2 1.11, see &lt;here&gt; &amp; &#34;there' \
  j.xml || fail "no reason: $(grep skipped j.xml)"
# An RFC check that breaks, and is known to.
sed 's/^timeline:/&\n  - 0s: fault server repeat-challenge/' demo.yaml |
  sed 's/^name: .*/name: broken/' >broken.yaml
expect 1 env GITHUB_ACTIONS=true "$handoff" check broken.yaml --junit j.xml
case_is j.xml 'RFC checks of quic' failure
grep -q '^broken: C2 (MUST' j.xml || fail "the XML lacks the broken clause"
prints '^::error file=broken\.yaml,line=1,title=broken%3A RFC checks of quic::.*C2 \(MUST'
valid j.xml
printf 'scenario,arm,failure,library,analysis\nbroken,*,C2,ngtcp2 1.11,x.md\n' \
  >known.csv
expect 0 "$handoff" check broken.yaml --junit j.xml --known known.csv
case_is j.xml 'RFC checks of quic' skipped
grep -q 'message="known failures: C2 (ngtcp2 1.11, x.md)"' j.xml ||
  fail "no reason: $(grep skipped j.xml)"
# A lost run is an error, is not blessed, and wins.
sed 's/bytes: 200KB/bytes: 900MB/; s/^stop: .*/stop: 3000s/' demo.yaml |
  sed 's/^name: .*/name: long/' >long.yaml
expect 3 "$handoff" bless long.yaml --arm quic --timeout 100ms
prints '^long: not blessed: 1 of its runs crashed or timed out$'
[ -e results/baseline/long.csv ] && fail "blesses a lost run"
expect 3 "$handoff" check long.yaml --arm quic --timeout 100ms --junit j.xml
valid j.xml
case_is j.xml runs error

# ---- what cannot be written ----

rm -rf results/out
expect 4 "$handoff" check demo.yaml --junit nodir/j.xml
says "handoff: cannot write 'nodir/j.xml': No such file or directory"
[ -e results/out ] && fail "runs before it knows where the XML goes"
expect 4 "$handoff" bless demo.yaml --baseline kept/sub
says "handoff: cannot write 'kept/sub': Not a directory"
[ -e results/out ] && fail "runs before it knows where baselines go"
echo "<?xml old" >j.xml
expect 2 "$handoff" check nofile.yaml --junit j.xml
[ "$(cat j.xml)" = "<?xml old" ] || fail "a mistake changes the XML of before"
# Nor does a folder that another handoff is at work on.
mkdir -p results/out/.demo.partial
for xml in j.xml new.xml; do
  expect 2 flock results/out/.demo.partial "$handoff" check demo.yaml \
    --junit $xml
done
[ "$(cat j.xml)" = "<?xml old" ] || fail "a refusal changes the XML of before"
[ -e new.xml ] && fail "a refusal leaves XML that says nothing"
rmdir results/out/.demo.partial
mkdir $b.new
cp $b before
expect 4 "$handoff" bless late.yaml
cmp -s before $b || fail "a failed bless changes the baseline"
rmdir $b.new

finish
