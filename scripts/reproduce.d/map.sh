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

# The table of docs/reproduce.md.
map() {
  echo '| claims | where | command | compared | seconds |'
  echo '| --- | --- | --- | --- | --- |'
  while read -r name; do
    ids='' places='' how=''
    while read -r claim of; do
      [ "$of" = "$name" ] || continue
      load claim "$claim"
      at=$(where) || at="$c_in: ?"
      at=$(echo "$at" | sed 's/:[0-9]* (/: /; s/)$//; s/|/\\|/g')
      ids="$ids${ids:+, }\`$claim\`"
      case "; $places;" in
      *"; $at;"*) ;;
      *) places="$places${places:+; }$at" ;;
      esac
      now=$(compared)
      case "; $how;" in
      *"; $now;"*) ;;
      *) how="$how${how:+; }$now" ;;
      esac
    done <"$work/claims"
    load run "$name"
    [ -n "$ids" ] || continue
    echo "| $ids | $places | \`$(typed)\` | $how | $c_takes |"
  done <"$work/runs"
}

# check: a line for each claim that is not in its place, each marker that is of
# no claim, each table that is of none; sets bad.
check() {
  bad=0
  : >"$work/markers"
  : >"$work/lines"
  while read -r claim of; do
    load claim "$claim"
    where >/dev/null || {
      echo "reproduce: $claim is not in its place in $c_in" >&2
      bad=1
      continue
    }
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
