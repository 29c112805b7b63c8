# Writes the tables of docs/linkability.md anew from the results of
# scripts/linkability, which calls it; `out` is their folder.
# SPDX-License-Identifier: GPL-2.0-or-later

# open_csv reads the header of FILE into at[NAME], which is the column; 0
# where there is no such file.
function open_csv(file, line, n, i, cell) {
  delete at
  if ((getline line < file) <= 0)
    return 0
  n = split(line, cell, ",")
  for (i = 1; i <= n; i++)
    at[cell[i]] = i
  return 1
}

function number(text, digits) {
  if (text == "" || text == "NA")
    return text
  text = sprintf("%." digits "f", text)
  return text + 0 == 0 ? substr("0.00000", 1, digits ? digits + 2 : 1) : text
}

# A number of candidates: a mean, where they are not the same for all.
function rounded(text) {
  return text ~ /\./ ? number(text, 1) : text
}

# A value and its interval.
function between(f, name, digits, value) {
  value = f[at[name]]
  if (value == "" || value == "NA")
    return value
  return number(value, digits) " [" number(f[at[name "_lo"]], digits) ", " \
         number(f[at[name "_hi"]], digits) "]"
}

function commands(names, n, i, line) {
  print ""
  for (i = 3; i <= n; i++) {
    if ((getline line < (out "/" names[i] "/command")) > 0)
      print "    scripts/handoff run " line
    close(out "/" names[i] "/command")
  }
  print ""
}

# Who is who: the run is named where a table has several.
function subject(names, n, i, name) {
  return n > 3 ? names[i] " | " name : name
}

# All arms at a vantage point or, by vantage point, all that one arm has.
function adversaries(names, n, of, by, i, file, line, f) {
  commands(names, n)
  print (n > 3 ? "| run " : "") "| " by \
    " | adversary | n | seeds | queries | top1 | leak (bits) | swap |"
  print (n > 3 ? "| --- " : "") \
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
  for (i = 3; i <= n; i++) {
    file = out "/" names[i] "/linkability.csv"
    open_csv(file)
    while ((getline line < file) > 0) {
      split(line, f, ",")
      if (f[at[of]] != names[2])
        continue
      print "| " subject(names, n, i, f[at[by]]) " | " \
        f[at["adversary"]] " | " rounded(f[at["n"]]) " | " \
        f[at["seeds"]] " | " f[at["queries"]] " | " \
        between(f, "top1", 3) " | " between(f, "leak_bits", 2) " | " \
        between(f, "swap_advantage", 3) " |"
    }
    close(file)
  }
}

# What of A0 is no game: the same CID on both sides.
function reuse(names, n, i, file, line, f) {
  commands(names, n)
  print (n > 3 ? "| run " : "") \
    "| arm | queries | reused up | reused down | link window (ms) |"
  print (n > 3 ? "| --- " : "") "| --- | --- | --- | --- | --- |"
  for (i = 3; i <= n; i++) {
    file = out "/" names[i] "/linkability.csv"
    open_csv(file)
    while ((getline line < file) > 0) {
      split(line, f, ",")
      if (f[at["vantage"]] != names[2] || f[at["adversary"]] != "A0")
        continue
      print "| " subject(names, n, i, f[at["arm"]]) " | " \
        f[at["queries"]] " | " between(f, "cid_reuse_up", 3) " | " \
        between(f, "cid_reuse_down", 3) " | " \
        between(f, "link_window_ms", 1) " |"
    }
    close(file)
  }
}

# Tickets and tokens of all flows at a vantage point, by arm, and how many of
# them are on several flows.
function secrets(names, n, file, line, f, i, count, kind, arm, arms, a, key,
                 seen, total, again, k, kinds) {
  commands(names, n)
  print "| arm | identifier | different | of these on several flows |"
  print "| --- | --- | --- | --- |"
  file = out "/" names[3] "/flows.csv"
  open_csv(file)
  while ((getline line < file) > 0) {
    split(line, f, ",")
    if (f[at["vantage"]] != names[2])
      continue
    arm = f[at["arm"]]
    if (!(arm in a)) {
      a[arm] = 1
      arms[++count] = arm
    }
    k = split(f[at["identifiers"]], kinds, " ")
    for (i = 1; i <= k; i++) {
      kind = kinds[i]
      sub(/:.*/, "", kind)
      if (kind != "ticket" && kind != "token")
        continue
      key = arm " " f[at["seed"]] " " kinds[i]
      total[arm " " kind] += !(key in seen)
      seen[key]++
      again[arm " " kind] += seen[key] == 2
    }
  }
  close(file)
  for (i = 1; i <= count; i++) {
    print "| " arms[i] " | ticket | " total[arms[i] " ticket"] + 0 " | " \
      again[arms[i] " ticket"] + 0 " |"
    print "| " arms[i] " | token | " total[arms[i] " token"] + 0 " | " \
      again[arms[i] " token"] + 0 " |"
  }
}

# cid_links.csv in short: rows by arm, direction and cause.
function links(names, n, file, line, f, i, key, count, keys, rows, longest) {
  commands(names, n)
  print "| arm | direction | cause | CIDs | longest window (ms) |"
  print "| --- | --- | --- | --- | --- |"
  file = out "/" names[3] "/cid_links.csv"
  open_csv(file)
  while ((getline line < file) > 0) {
    split(line, f, ",")
    key = f[at["arm"]] " | " f[at["direction"]] " | " f[at["cause"]]
    if (!(key in rows))
      keys[++count] = key
    rows[key]++
    if (f[at["window_ms"]] + 0 > longest[key] + 0)
      longest[key] = f[at["window_ms"]]
  }
  close(file)
  for (i = 1; i <= count; i++)
    print "| " keys[i] " | " rows[keys[i]] " | " \
      number(longest[keys[i]] + 0, 1) " |"
}

# All runs of a table must be there, or it stays as it is.
function made(names, n, i, line, file) {
  for (i = 3; i <= n; i++) {
    file = out "/" names[i] "/command"
    if ((getline line < file) <= 0)
      return 0
    close(file)
  }
  return n >= 3
}

/^<!-- (adversaries|vantages|reuse|tickets|links): .* -->$/ {
  print
  line = $0
  gsub(/^<!-- | -->$|:/, "", line)
  n = split(line, names, " ")
  if (!made(names, n))
    next
  if (names[1] == "adversaries")
    adversaries(names, n, "vantage", "arm")
  else if (names[1] == "vantages")
    adversaries(names, n, "arm", "vantage")
  else if (names[1] == "reuse")
    reuse(names, n)
  else if (names[1] == "tickets")
    secrets(names, n)
  else
    links(names, n)
  print ""
  skipping = 1
  next
}
/^<!-- end -->$/ { skipping = 0 }
!skipping { print }
