# What `from` of a claim may call: numbers out of the files of a result folder.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# It is called in the folder of the run; $said is what the command printed.
# shellcheck shell=sh disable=SC2154 # variables of scripts/reproduce

# cell FILE COLUMN [NAME=VALUE]...: the column in each row of a CSV file that
# has these values.
cell() {
  cell_file=$1
  cell_column=$2
  shift 2
  awk -F, -v column="$cell_column" -v asked="$*" '
    NR == 1 {
      for (i = 1; i <= NF; i++) at[$i] = i
      n = split(asked, want, " ")
      for (i = 1; i <= n; i++) {
        split(want[i], w, "=")
        if (!(w[1] in at)) exit 2
        where[i] = at[w[1]]
        is[i] = w[2]
      }
      if (!(column in at)) exit 2
      next
    }
    { for (i = 1; i <= n; i++) if ($where[i] != is[i]) next
      print $at[column] }' "$cell_file"
}

# digits N: each number rounded to N decimals; words stay as they are.
digits() {
  awk -v n="$1" '{ if ($1 ~ /^-?[0-9.]+$/) printf "%." n "f\n", $1
    else print }'
}

# quantile Q: of the numbers read, with linear interpolation (R's type 7).
quantile() {
  sort -g | awk -v q="$1" '{ v[NR] = $1 }
    END { if (NR == 0) exit 2
      h = (NR - 1) * q + 1
      k = int(h)
      printf "%.9f\n", v[k] + (h - k) * (v[k < NR ? k + 1 : k] - v[k]) }'
}


# event N REGEX [ARM]: the time of the Nth row of events.csv that the extended
# regular expression fits, of the named arm or any.
event() {
  event_n=$1
  event_re=$2
  { if [ $# -gt 2 ]; then grep "^[^,]*,$3," events.csv; else cat events.csv; fi; } |
    grep -E -m "$event_n" -e "$event_re" | tail -n +"$event_n" | cut -d, -f4
}

# indented: for a block of code in a page.
indented() { sed 's/ *$//; s/^./    &/'; }

# What single claims need.

# amplified PAGE: its scenario, with the fault of the text below it.
amplified() {
  awk '/^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' "$pages/$1" |
    sed 's/^timeline:/&\n  - 0s: fault server amplify/'
}

# blessed: the scenarios that have a committed baseline.
blessed() {
  for blessed_file in "$root"/results/baseline/*.csv; do
    echo "scenarios/$(basename "$blessed_file" .csv).yaml"
  done
}

# Of the server's samples after its window was reset, the first, and the
# smoothed one and the sample itself at the first that is below half of it.
old_sample() {
  grep -E ',recovery,.*endpoint=server cwnd=12000 .*latest_rtt=0\.[1-9]' \
    events.csv | sed -n '1s/.*latest_rtt=\([0-9.]*\).*/\1/p'
}
true_sample() {
  awk -F, -v old="$(old_sample)" '$4 > 5.02 && /,recovery,.*endpoint=server / {
    match($0, /srtt=[0-9.]*/)
    s = substr($0, RSTART + 5, RLENGTH - 5)
    match($0, /latest_rtt=[0-9.]*/)
    l = substr($0, RSTART + 11, RLENGTH - 11)
    if (l + 0 > 0 && l + 0 < old / 2) {
      printf "%.3f %.3f\n", s, l
      exit
    }
  }' events.csv
}

# transfers_of NAME NETWORK: a download over the network, into $here/NAME.
transfers_of() {
  printf '%s\n' "name: $1" 'stop: 60s' 'networks:' "  n: {$2}" \
    'workload: {type: download, bytes: 50MB}' 'arms: [quic, tcp-notify]' \
    >"$here/$1.yaml"
  "$program" run "$here/$1.yaml" --events --no-checks --no-progress \
    --out "$here/$1"
}

# transferred NAME: the rate of a saturating flow; then of each arm that of the
# last three quarters of the download, and its share of the former.
transferred() {
  saturating=$(sed -n 's/^ *"down_mbps": \([0-9.]*\).*/\1/p' "$1/manifest.json")
  echo "$saturating" | digits 2
  for arm in quic tcp-notify; do
    awk -F, -v arm=$arm -v all="$saturating" '
      $2 == arm && $6 == "delivered" {
        match($0, / bytes=[0-9]*/)
        got += substr($0, RSTART + 7, RLENGTH - 7)
        if (got <= 50000000 / 4) quarter = $4
        last = $4
      }
      END { rate = got * 6 / (last - quarter) / 1e6
        printf "%.2f %.1f\n", rate, 100 * rate / all }' "$1/events.csv"
  done
}

# drawn DIR VANTAGE: linkability.dat and .svg of DIR: for each arm top1 and its
# interval of A0 to A3.
drawn() {
  awk -F, -v vantage="$2" '
    NR == 1 {
      for (i = 1; i <= NF; i++) at[$i] = i
      print "# arm, then of A0 to A3: top1 and its interval"
      next
    }
    $at["vantage"] == vantage {
      arm = $at["arm"]
      if (!(arm in row)) arms[++n] = arm
      row[arm] = row[arm] " " $at["top1"] " " $at["top1_lo"] " " $at["top1_hi"]
    }
    END { for (i = 1; i <= n; i++) print arms[i] row[arms[i]] }' \
    "$1/linkability.csv" >"$1/linkability.dat"
  gnuplot -e "dir='$1'" "$parts/linkability.gp"
}
