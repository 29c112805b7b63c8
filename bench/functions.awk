# Reads callgrind's profiles: what each function costs.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -f functions.awk -v name=NAME -v per=N [-v less=FILE] [FILE] FILE
#
# The cost of the last FILE less that of |less|, divided by |per|: a line
# "NAME,FUNCTION,SELF,INCLUSIVE" for each function that matters.  A function is
# its file and name, or, where there are no symbols, its library and address.

# "(12) name" defines a name, "(12)" repeats it.
function text(of, s,   id) {
  id = s
  sub(/\).*/, ")", id)
  if (length(s) > length(id)) names[FILENAME, of, id] = substr(s, length(id) + 2)
  return names[FILENAME, of, id]
}

function last(path) {
  sub(/.*\//, "", path)
  return path
}

function label(object, file, fn) {
  sub(/'[0-9]+$/, "", fn) # a recursion
  gsub(/[, ]/, ";", fn)
  if (fn ~ /^0x/) {
    sub(/^0x0*/, "0x", fn)
    return last(object) ":" fn
  }
  return file == "???" ? fn : last(file) ":" fn
}

BEGIN { FS = "=" }
FNR == 1 { sign = FILENAME == less ? -1 : 1; called = 0 }
/^ob=/ { object = text("ob", substr($0, 4)); next }
/^cob=/ { text("ob", substr($0, 5)); next }
/^fl=/ { file = text("fl", substr($0, 4)); next }
/^(fi|fe)=/ { text("fl", substr($0, 4)); next }
/^(cfi|cfl)=/ { text("fl", substr($0, 5)); next }
/^fn=/ { now = label(object, file, text("fn", substr($0, 4))); next }
/^cfn=/ { to = text("fn", substr($0, 5)); sub(/'[0-9]+$/, "", to); gsub(/[, ]/, ";", to); next }
/^calls=/ { called = 1; next }
/^[-+*0-9]/ {
  split($0, part, " ")
  cost = sign * part[2]
  if (called) {
    # A recursion's cost is in the function's own already.
    if (substr(now, length(now) - length(to) + 1) != to) inclusive[now] += cost
    called = 0
  } else {
    self[now] += cost
    inclusive[now] += cost
    total += cost
  }
}
END {
  sort = "sort -t , -k 3,3nr -k 2,2"
  for (f in inclusive)
    if (self[f] > total * 0.005 || inclusive[f] > total * 0.05)
      printf "%s,%s,%.0f,%.0f\n", name, f, self[f] / per,
        inclusive[f] / per | sort
}
