# Runs what a claim is of, and compares.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of scripts/reproduce
# shellcheck source-path=SCRIPTDIR source=values.sh
. "$parts/values.sh"

# What `do` of a run may call; $here is its folder.
handoff() {
  case $1 in
  run) "$program" "$@" --out "$here" --no-progress ;;
  *) "$program" "$@" ;;
  esac
}

bench() {
  bench_name=$1
  shift
  if [ "$build" = "$root/build" ]; then
    ninja -C "$build" bench/all >&2
  fi
  "$root/bench/$bench_name" "$build" "$@"
}

# The tables of these runs, in a copy of the page.
linkability() {
  cp "$pages/docs/linkability.md" "$here/page.md"
  "$root/scripts/linkability" --handoff "$program" --out "$here" \
    --page "$here/page.md" "$@"
}

# block PAGE ID: what stands there.
block() { awk -v block="$2" -f "$parts/place.awk" "$1"; }

# one_run NAME CLAIMS
one_run() {
  load run "$1"
  if [ "$quick" = yes ] && [ "$c_takes" -gt 60 ]; then
    return
  fi
  run=$1
  here=$out/$1
  said=$out/$1.out
  if [ -n "$c_needs" ] &&
    ! "$program" --version | grep -qxF -e "$c_needs"; then
    for claim in $2; do
      report "$claim" "skipped: needs $c_needs" -
    done
    return
  fi
  line=$(typed)
  echo "reproduce: $line" >&2
  from=$(date +%s)
  rm -rf "$here"
  mkdir -p "$here"
  ran=yes
  (cd "$root" && eval "$c_do") >"$said" 2>"$out/$1.err" || ran=no
  took=$(($(date +%s) - from))
  printf '%s\t%s\t%s\t%s\n' "$run" "$took" "$ran" "$line" >>"$work/ran"
  for claim in $2; do
    load claim "$claim"
    if [ "$ran" = no ]; then
      report "$claim" "failed: see $out/$run.err" "$took"
      bad=1
    else
      one_claim
    fi
  done
}

# report CLAIM RESULT SECONDS
report() {
  load claim "$1"
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$(where)" "$run" "$2" "$3" \
    >>"$work/results"
}

differs() {
  echo "$(where): $1" >&2
  bad=1
  report "$claim" "differs" "$took"
}

one_claim() {
  if [ -n "$c_same" ]; then
    compare_file
  else
    result=$out/claims/$claim
    if ! (cd "$here" && eval "$c_from") >"$result" 2>"$result.err"; then
      differs "nothing to compare, $result.err says why"
      return
    fi
    rm -f "$result.err"
    if [ -n "$c_says" ]; then
      compare_words
    else
      compare_block
    fi
  fi
}

compare_file() {
  if diff -r "$pages/$c_in" "$here/$c_same" >"$work/diff"; then
    report "$claim" "same" "$took"
  elif [ "$update" = yes ]; then
    cp -r "$here/$c_same" "$work/same"
    rm -rf "${pages:?}/$c_in"
    mv "$work/same" "$pages/$c_in"
    [ -z "$c_with" ] ||
      cp "$here/$c_with" "$pages/${c_in%.*}.${c_with##*.}"
    report "$claim" "written" "$took"
  else
    sed -n '/^[<>]/p' "$work/diff" | head -n 6 >&2
    differs "is not $here/$c_same"
  fi
}

compare_block() {
  place -v block="$claim" >"$work/block"
  if cmp -s "$work/block" "$result"; then
    report "$claim" "same" "$took"
  elif [ "$update" = yes ] && [ -s "$result" ]; then
    write "$claim" "$result"
    report "$claim" "written" "$took"
  else
    diff "$work/block" "$result" | sed -n '/^[<>]/p' | head -n 6 >&2
    differs "the block is not $result"
  fi
}

# Word by word; of what is measured, within the share given.
compare_words() {
  echo "$c_says" >"$work/says"
  place -v says="$work/says" >"$work/found"
  tr -s ' ' '\n' <"$result" | sed '/^$/d' >"$work/now"
  awk -F '\t' '{ for (i = 2; i < NF; i++) print $1 "\t" $i "\t" $NF }' \
    "$work/found" >"$work/then"
  awk -F '\t' -v page="$c_in" -v within="$c_within" '
    FNR == NR { now[NR] = $1; n = NR; next }
    { k++
      same = now[k] == $2
      if (within != "" && $2 + 0 != 0)
        same = now[k] - $2 <= within / 100 * $2 &&
          $2 - now[k] <= within / 100 * $2
      words = words (k > 1 ? ", " : "") now[k] (now[k] == $2 ? "" : " (" $2 ")")
      if (!same) {
        printf "%s:%d: says %s, is %s (%s)\n", page, $1, $2,
          k in now ? now[k] : "not there", $3 >"/dev/stderr"
        bad = 1
      }
    }
    END {
      if (n != k) {
        printf "%s: %d values for %d places\n", page, n, k >"/dev/stderr"
        bad = 2
      }
      print words
      exit bad
    }' "$work/now" "$work/then" >"$work/words" 2>"$work/wrong" && {
    if [ -n "$c_within" ]; then
      report "$claim" "within $c_within: $(cat "$work/words")" "$took"
    else
      report "$claim" "same" "$took"
    fi
    return
  }
  if [ "$update" = yes ] && ! grep -q 'values for' "$work/wrong"; then
    place -v says="$work/says" -v put="$work/now" >"$work/page"
    cat "$work/page" >"$pages/$c_in"
    report "$claim" "written: $(cat "$work/words")" "$took"
    return
  fi
  cat "$work/wrong" >&2
  bad=1
  report "$claim" "differs: $(cat "$work/words")" "$took"
}

summary() {
  awk -F '\t' '
    { n++; claim[n] = $1; at[n] = $2; run[n] = $3; is[n] = $4; took[n] = $5
      if (length($1) > a) a = length($1)
      if (length($2) > b) b = length($2) }
    { split($4, w, /[ :]/); count[w[1]]++ }
    END {
      for (i = 1; i <= n; i++)
        printf "%-" a "s  %-" b "s  %5s s  %s\n", claim[i], at[i], took[i],
          is[i]
      printf "%d claims:", n
      for (what in count) order = order " " count[what] " " what
      print order
    }' "$work/results" 2>/dev/null || echo "nothing was run"
  echo "Results: $out"
}
