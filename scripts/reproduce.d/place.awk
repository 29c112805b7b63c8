# Finds and changes what a page of docs/ says in one place.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A block stands between <!-- reproduce: ID --> and <!-- end -->:
#   -v block=ID             prints it, without the empty lines around it
#   -v block=ID -v put=FILE prints the page, with FILE as the block
#
# A template is a part of a line in which {} stands for a number or a word:
#   -v says=FILE            prints for each template of FILE, one a line, where
#                           it is (LINE), what stands for each {}, and the
#                           heading above it, separated by tabs
#   -v says=FILE -v put=V   prints the page with the words of FILE V, one a
#                           line, for the {}
#   -v where=ID             prints the line and the heading of a block
#
# Exit status 2: a block or template is not there, or more than once.

function wrong(text) {
  print page ": " text >"/dev/stderr"
  failed = 1
  exit 2
}

# try matches template |k| in |line| from position |p| on, and leaves in got[]
# what stands for each {}; the length of the match, or 0.
function try(line, p, k,   i, at, n) {
  at = p
  n = pieces[k]
  for (i = 1; i <= n; i++) {
    if (substr(line, at, length(piece[k, i])) != piece[k, i])
      return 0
    at += length(piece[k, i])
    if (i == n)
      return at - p
    if (!match(substr(line, at),
               /^(-?[0-9]+(\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_:-]*)/))
      return 0
    got[i] = substr(line, at, RLENGTH)
    at += RLENGTH
  }
  return 0
}

# find looks for template |k| in the whole page; sets at_line, at_column,
# at_length and got[].
function find(k,   l, p, from, length_, times, first) {
  times = 0
  first = piece[k, 1]
  for (l = 1; l <= lines; l++) {
    from = 1
    while ((p = index(substr(text[l], from), first)) > 0) {
      p += from - 1
      length_ = try(text[l], p, k)
      if (length_ > 0) {
        times++
        at_line = l
        at_column = p
        at_length = length_
      }
      from = p + 1
    }
  }
  if (times != 1)
    wrong("'" template[k] "' is there " (times ? times " times" : "no more"))
  try(text[at_line], at_column, k)
}

function heading(l,   k) {
  for (k = l; k > 0; k--)
    if (text[k] ~ /^#+ /)
      return substr(text[k], index(text[k], " ") + 1)
  return "the beginning"
}

function read(file, into,   n, line) {
  n = 0
  while ((getline line < file) > 0)
    into[++n] = line
  close(file)
  return n
}

function parse(   k, n, rest, at) {
  templates = read(says, template)
  for (k = 1; k <= templates; k++) {
    n = 0
    rest = template[k]
    while ((at = index(rest, "{}")) > 0) {
      piece[k, ++n] = substr(rest, 1, at - 1)
      rest = substr(rest, at + 2)
    }
    piece[k, ++n] = rest
    pieces[k] = n
    if (piece[k, 1] == "")
      wrong("'" template[k] "' is no template")
  }
}

function say(   k, i, row) {
  for (k = 1; k <= templates; k++) {
    find(k)
    row = at_line
    for (i = 1; i < pieces[k]; i++)
      row = row "\t" got[i]
    print row "\t" heading(at_line)
  }
}

function change(   k, i, l, value, n, new, used) {
  n = read(put, value)
  for (k = 1; k <= templates; k++) {
    find(k)
    new = ""
    for (i = 1; i <= pieces[k]; i++)
      new = new piece[k, i] (i < pieces[k] ? value[++used] : "")
    text[at_line] = substr(text[at_line], 1, at_column - 1) new \
      substr(text[at_line], at_column + at_length)
  }
  if (used != n)
    wrong(n " values for " used " places")
  for (l = 1; l <= lines; l++)
    print text[l]
}

function bounds(id,   l) {
  from_line = to_line = 0
  for (l = 1; l <= lines; l++) {
    if (text[l] == "<!-- reproduce: " id " -->") {
      if (from_line)
        wrong("the marker of " id " is there twice")
      from_line = l
    }
    if (text[l] == "<!-- end -->" && from_line && !to_line)
      to_line = l
  }
  if (!from_line || !to_line)
    wrong("no <!-- reproduce: " id " --> with its <!-- end -->")
}

function print_block(   l, a, b) {
  for (a = from_line + 1; a < to_line && text[a] ~ /^$|^<!-- /; a++)
    ;
  for (b = to_line - 1; b > a && text[b] == ""; b--)
    ;
  for (l = a; l <= b; l++)
    print text[l]
}

function put_block(   l, n, new, a) {
  n = read(put, new)
  for (a = from_line + 1; a < to_line && text[a] ~ /^<!-- /; a++)
    ;
  for (l = 1; l < a; l++)
    print text[l]
  print ""
  for (l = 1; l <= n; l++)
    print new[l]
  print ""
  for (l = to_line; l <= lines; l++)
    print text[l]
}

{ text[++lines] = $0; page = FILENAME }

END {
  if (failed)
    exit 2
  if (says != "") {
    parse()
    if (put != "")
      change()
    else
      say()
    exit
  }
  if (where != "") {
    bounds(where)
    print from_line "\t" heading(from_line)
    exit
  }
  bounds(block)
  if (put != "")
    put_block()
  else
    print_block()
}
