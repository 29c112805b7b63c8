#!/bin/sh
# The page is valid HTML, with every section it may have: linkability's table
# as the file has it, heat maps, names that are long.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

for tool in gnuplot tidy; do
  command -v $tool >/dev/null || exit 77
done

# valid DIR: no error, and no warning either.
valid() {
  tidy -quiet -errors "$1/report.html" >tidied 2>&1
  [ ! -s tidied ] || fail "$1/report.html: $(head -3 tidied)"
}

cat >crowd.yaml <<END
name: crowd
about: Five clients, "watched" & counted <here>.
stop: 20s
networks:
  cafe: {type: wired, down: 90Mbps, up: 90Mbps, delay: 8ms, nat: home-router}
  cell: {type: wired, down: 90Mbps, up: 90Mbps, delay: 25ms, nat: cgn}
groups:
  walkers: {clients: 4}
  readers: {clients: 1, moves: false, start: cell}
client: {start: cafe}
workload: {type: download, bytes: 500KB}
observers: [old, both, server]
swap_game: true
arms: [quic, quic-reconnect]
timeline:
  - 30ms..60ms: disconnect cafe
END
expect 0 "$handoff" run crowd.yaml --no-checks --repeat 2 --series --events \
  --vary networks.cell.delay=20ms,60ms --vary client.notice=10ms,90ms --out all
expect 0 "$handoff" report all
valid all
for title in 'What was asked' 'The arms' Summary 'Over the varied values' \
  Distributions 'One handoff over time' 'One handoff, packet by packet' \
  Linkability 'All metrics'; do
  grep -q "^<h2>$title</h2>$" all/report.html || fail "no section $title"
done

# The table of linkability: a line for each row, as the file has it.
sed -n '/<h2>Linkability/,/<\/table>/p' all/report.html |
  grep -o '<tr>.*</tr>' | sed 1d >lines
rows=$(($(wc -l <all/linkability.csv) - 1))
[ "$rows" -gt 8 ] || fail "linkability.csv has $rows rows"
[ "$(wc -l <lines)" = "$rows" ] || fail "$(wc -l <lines) lines of $rows rows"
awk -F, '
  function real(text) {
    return text == "NA" ? text : text == "" ? "&ndash;" : sprintf("%.3f", text)
  }
  function cell(name) {
    if ($at[name "_lo"] == "") return "<td>" real($at[name]) "</td>"
    return "<td>" real($at[name]) "<br><small>" real($at[name "_lo"]) " to " \
      real($at[name "_hi"]) "</small></td>"
  }
  function text(name) { return "<td class=\"t\">" $at[name] "</td>" }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  { print "<tr>" text("networks.cell.delay") text("client.notice") text("arm") \
      text("vantage") text("adversary") text("n") cell("top1") \
      cell("advantage") cell("swap_advantage") "</tr>" }
' all/linkability.csv >wanted
diff wanted lines >differs || fail "linkability: $(head -4 differs)"
grep -q 'advantage, two swapped</th>' all/report.html || fail "no swap game"
sed '/^swap_game/d' crowd.yaml >plain.yaml
expect 0 "$handoff" run plain.yaml --no-checks --arm quic --out plain
expect 0 "$handoff" report plain
valid plain
grep -q '>advantage</th>' plain/report.html || fail "no linkability"
grep -q 'two swapped' plain/report.html && fail "a swap game of nobody"

# Without observers, events and what varies there are fewer sections.
scenario short >short.yaml
expect 0 "$handoff" run short.yaml --no-checks --out few
expect 0 "$handoff" report few
valid few
grep -q '<h2>Linkability' few/report.html && fail "linkability of nobody"
grep -q 'Over the varied' few/report.html && fail "what was not varied"

# No handoff at all.
expect 0 "$handoff" run short.yaml --no-checks --series --events \
  --set workload.bytes=1KB --out none
expect 0 "$handoff" report none
valid none
grep -q 'No run that is shown has a handoff' none/report.html || fail "none"

finish
