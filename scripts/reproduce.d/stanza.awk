# Reads the file of claims: its stanzas are separated by empty lines, a line
# is KEY: VALUE, and one that begins with a space goes on with the one before.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With -v list=KIND it prints the names of the stanzas that begin with KIND;
# with -v of=KIND -v name=NAME one stanza, as assignments for a shell: each key
# once, the values of several lines with it as lines.

BEGIN { RS = ""; FS = "\n" }

function quoted(text) {
  gsub(/'/, "'\\''", text)
  return "'" text "'"
}

{
  split("", value)
  count = 0
  for (i = 1; i <= NF; i++) {
    if ($i ~ /^#/)
      continue
    if ($i ~ /^ /) {
      sub(/^ +/, " ", $i)
      value[key[count]] = value[key[count]] $i
      continue
    }
    at = index($i, ":")
    if (at == 0) {
      print FILENAME ": no key in '" $i "'" >"/dev/stderr"
      exit 2
    }
    k = substr($i, 1, at - 1)
    v = substr($i, at + 2)
    if (k in value)
      value[k] = value[k] "\n" v
    else {
      key[++count] = k
      value[k] = v
    }
  }
  if (count == 0)
    next
  if (list == key[1])
    print value[key[1]] ("of" in value ? " " value["of"] : "")
  if (of == key[1] && name == value[key[1]]) {
    for (i = 1; i <= count; i++)
      print "c_" key[i] "=" quoted(value[key[i]])
    exit
  }
}
