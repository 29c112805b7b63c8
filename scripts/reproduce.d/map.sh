# The map from claim to command, and whether the documents keep to it.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of scripts/reproduce

# Of a claim, what is compared.
compared() {
  if [ -n "$c_within" ]; then
    echo "measured, within $c_within"
  elif [ -n "$c_same" ] && [ -d "$pages/$c_in" ]; then
    echo "every file"
  elif [ -n "$c_same" ]; then
    echo "the file"
  elif [ -n "$c_says" ]; then
    echo "each number"
  else
    echo "each line"
  fi
}

list() {
  while read -r claim of; do
    selected "$claim" "$of" || continue
    load claim "$claim"
    at=$(where) || at="$c_in: not found"
    how=$(compared)
    load run "$of"
    [ "$quick" = no ] || [ "$c_takes" -le 60 ] || continue
    printf '%-28s %s\n%29s%s; %s s with all of %s:\n%29s%s\n' "$claim" "$at" \
      "" "$how" "$c_takes" "$of" "" "$(typed)"
  done <"$work/claims"
}

# The table of docs/reproduce.md, from what check has left in $work/at.
map() {
  echo '| claims | where | command | compared | seconds |'
  echo '| --- | --- | --- | --- | --- |'
  while read -r name; do
    load run "$name"
    awk -F '\t' -v run="$name" -v typed="$(typed)" -v takes="$c_takes" '
      $1 != run { next }
      {
        ids = ids (ids == "" ? "" : ", ") "`" $2 "`"
        sub(/:[0-9]+ \(/, ": ", $3)
        sub(/\)$/, "", $3)
        if (!($3 in seen)) places = places (places == "" ? "" : "; ") $3
        if (!($4 in seen)) how = how (how == "" ? "" : "; ") $4
        seen[$3] = seen[$4] = 1
      }
      END {
        if (ids != "")
          print "| " ids " | " places " | `" typed "` | " how " | " takes " |"
      }' "$work/at"
  done <"$work/runs"
}

# check: a line for each claim that is not in its place, each marker that is of
# no claim, each table that is of none; sets bad.
check() {
  bad=0
  : >"$work/markers"
  : >"$work/lines"
  : >"$work/at"
  while read -r claim of; do
    load claim "$claim"
    at=$(where) || {
      echo "reproduce: $claim is not in its place in $c_in" >&2
      bad=1
      continue
    }
    printf '%s\t%s\t%s\t%s\n' "$of" "$claim" "$at" "$(compared)" >>"$work/at"
    if [ -n "$c_says" ]; then
      cut -f1 "$work/found" | sed "s|^|$c_in |" >>"$work/lines"
    elif [ -z "$c_same" ]; then
      echo "$c_in $claim" >>"$work/markers"
    fi
    grep -qx -e "$of" "$work/runs" || die "$claim is of no run: '$of'"
  done <"$work/claims"
  echo "docs/reproduce.md map" >>"$work/markers"
  load pages measured
  for page in $c_in; do
    [ -e "$pages/$page" ] || continue
    awk -v page="$page" -v markers="$work/markers" -v lines="$work/lines" \
      -f "$parts/tables.awk" "$pages/$page" || bad=1
  done
  map >"$work/map"
  c_in=docs/reproduce.md
  place -v block=map >"$work/map.said" || bad=1
  cmp -s "$work/map" "$work/map.said" && return
  if [ "$update" = yes ]; then
    write map "$work/map"
  else
    echo "docs/reproduce.md: its map is not that of the claims" \
      "(scripts/reproduce --check --update writes it)" >&2
    diff "$work/map.said" "$work/map" | sed -n '/^[<>]/p' | head -n 6 >&2
    bad=1
  fi
}

# write ID FILE: into the block of the page.
write() {
  place -v block="$1" -v put="$2" >"$work/page"
  cat "$work/page" >"$pages/$c_in"
}
