# manifest.json: with what, where and how a reproduction was made.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # variables of scripts/reproduce

# facts: KEY, a tab and the value.  What belongs to the machine is here and in
# no result.
facts() {
  fact() { printf '%s\t%s\n' "$1" "$2"; }
  fact revision "$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)"
  fact changed "$(git -C "$root" status --porcelain 2>/dev/null | wc -l)"
  "$program" --version | sed 's/ /\t/'
  compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt" \
    2>/dev/null) || compiler=
  fact compiler "$("${compiler:-cc}" --version 2>/dev/null | head -n 1)"
  fact gnuplot "$(gnuplot --version 2>/dev/null || echo none)"
  fact os "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)"
  fact kernel "$(uname -srm)"
  fact cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  fact cpus "$(nproc)"
}

# seeds RUN: the first seed and how many, of each result folder in it.
seeds() {
  find "$out/$1" -name manifest.json 2>/dev/null | sort |
    while read -r file; do
      sed -n 's/^ *"\(seed\|repeat\)": \([0-9]*\),*$/\2/p' "$file" |
        tr '\n' ' ' | awk '{ print $1 " to " $1 + $2 - 1 }'
    done | sort -u | tr '\n' ',' | sed 's/,$//'
}

# Files of a run and their hashes.  cost.csv is of CPU time.
outputs() {
  find "$out/$1" "$out/$1.out" -type f ! -name cost.csv 2>/dev/null | sort |
    while read -r file; do
      printf 'output\t%s\t%s\n' "${file#"$out"/}" \
        "$(sha256sum <"$file" | cut -d' ' -f1)"
    done
}

manifest() {
  : >>"$work/ran"
  : >>"$work/results"
  {
    facts | sed 's/^/fact\t/'
    sort "$work/results" | sed 's/^/claim\t/'
    while IFS="$(printf '\t')" read -r name took ran line; do
      printf 'run\t%s\t%s\t%s\t%s\t%s\n' "$name" "$took" "$ran" \
        "$(seeds "$name")" "$line"
      outputs "$name"
    done <"$work/ran"
  } | awk -F '\t' '
    function q(text) {
      gsub(/\\/, "\\\\", text)
      gsub(/"/, "\\\"", text)
      gsub(/[\001-\037]/, " ", text)
      return "\"" text "\""
    }
    $1 == "fact" {
      facts = facts (facts == "" ? "" : ",\n") "  " q($2) ": " q($3)
    }
    $1 == "claim" {
      claims = claims (claims == "" ? "" : ",\n") "    {\"claim\": " q($2) \
        ", \"where\": " q($3) ", \"run\": " q($4) ", \"result\": " q($5) "}"
    }
    $1 == "run" {
      if (runs != "") runs = runs outputs "\n      }\n    },\n"
      runs = runs "    {\"run\": " q($2) ", \"command\": " q($6) \
        ",\n      \"seconds\": " $3 ", \"ran\": " \
        ($4 == "yes" ? "true" : "false") ", \"seeds\": " q($5) \
        ",\n      \"sha256\": {"
      outputs = ""
    }
    $1 == "output" {
      outputs = outputs (outputs == "" ? "\n" : ",\n") "        " q($2) ": " q($3)
    }
    END {
      if (runs != "") runs = runs outputs "\n      }\n    }\n"
      printf "{\n%s,\n  \"claims\": [\n%s\n  ],\n  \"runs\": [\n%s  ]\n}\n",
        facts, claims, runs
    }'
}
