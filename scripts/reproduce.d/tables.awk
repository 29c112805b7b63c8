# Finds tables with numbers that belong to no claim, and markers of none.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A table is one of a claim if it stands in a block, if a template finds each
# of its rows that has a number, or if
# <!-- not measured --> is the line before it.

function say(l, text) {
  print page ":" l ": " text >"/dev/stderr"
  bad = 1
}

BEGIN {
  while ((getline line < markers) > 0) {
    split(line, f, " ")
    if (f[1] == page)
      known[f[2]] = 1
  }
  while ((getline line < lines) > 0) {
    split(line, f, " ")
    if (f[1] == page)
      quoted[f[2]] = 1
  }
}

/^<!-- reproduce: / {
  id = $3
  if (!(id in known))
    say(NR, "no claim '" id "'")
  inside = id
}
/^<!-- end -->$/ { inside = "" }
/^```/ { fenced = !fenced }
{ on_table = /^\|/ && !fenced }

on_table && !table {
  table = NR
  excused = inside != "" || before == "<!-- not measured -->"
}
!on_table { table = 0 }

on_table && !excused && NR > table + 1 && !(NR in quoted) {
  n = split($0, cell, " *[|] *")
  for (i = 2; i < n; i++)
    if (cell[i] ~ /[0-9]/) {
      say(NR, "a number of no claim: " $0)
      break
    }
}

$0 != "" { before = $0 }
END { exit bad }
