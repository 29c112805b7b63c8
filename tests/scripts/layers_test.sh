#!/bin/sh
# Tests that scripts/layers accepts the tree and finds each kind of violation.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: layers_test.sh ROOT
set -eu

root=$1
layers=$root/scripts/layers
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
  echo "FAIL: $1"
  failed=1
}

# The tree itself obeys.
"$layers" "$root" || fail "the tree breaks a rule"

# reset makes a small tree that obeys, near misses included.
reset() {
  rm -rf "$dir/tree"
  mkdir -p "$dir/tree"
  (
    cd "$dir/tree"
    mkdir -p sim/base sim/ns3 sim/net sim/scenario stack/quic stack/tcp search \
      measure/observe measure/adversary measure/stats sim/wire \
      cli bench tests/net
    echo '#include "sim/base/time.h"' >sim/base/trace.c
    echo '#include <gnutls/crypto.h>' >>sim/base/trace.c
    echo '#include "ns3/simulator.h"' >sim/ns3/ns3.cc
    echo '#include "sim/scenario/scenario.h"' >sim/net/link.c
    echo '#include <yaml.h>' >sim/scenario/doc.c
    echo '#include "stack/http.h"' >stack/quic/h3.c
    echo '#include <nghttp3/nghttp3.h>' >>stack/quic/h3.c
    echo '#include <nghttp2/nghttp2.h>' >stack/tcp/h2.c
    echo 'int getrandom(void *p) { return clock_gettime(p); }' \
      >stack/entropy.c
    cat >measure/meter.c <<'END'
#include "stack/world.h"
/* time() and getenv( in a comment, also
 * rand() in its second line */
static ho_time ho_time_of(ho_time time); // getenv("HOME")
const char *s = "rand() \" getenv(\"x\")";
int x = a->time(3) + run_time(3) + rand_ctx(b.rand(4));
END
    echo '#include "sim/base/cid.h"' >sim/wire/header.h
    echo '#include "sim/wire/keys.h"' >sim/wire/initial.c
    echo '#include "measure/observe/observer.h"' >measure/observe/flow.h
    echo '#include "sim/wire/header.h"' >measure/observe/flow.c
    echo '#include "measure/stats/quantile.h"' >measure/adversary/match.c
    echo '#include <linear.h>' >measure/adversary/learned.c
    echo '#include <Rmath.h>' >measure/stats/roc.c
    echo '#include "measure/meter.h"' >cli/main.c
    echo '#include "search/search.h"' >>cli/main.c
    echo '#include "measure/checks/check.h"' >search/oracle.c
    echo 'const char *e = getenv("CI");' >cli/annotate.c
    echo '#include <ngtcp2/ngtcp2.h>' >bench/floor.c
    echo '#include "sim/net/ip.h"' >tests/net/ip_test.c
    echo '#include "rig.h"' >>tests/net/ip_test.c
    yes '/* line */' | head -n 600 >sim/net/nat.c
  )
}

reset
"$layers" "$dir/tree" || fail "a tree that obeys is refused"

# breaks FILE LINE expects that appending LINE to FILE is found there.
breaks() {
  reset
  echo "$2" >>"$dir/tree/$1"
  line=$(wc -l <"$dir/tree/$1" | tr -d ' ')
  status=0
  "$layers" "$dir/tree" >"$dir/out" || status=$?
  [ $status = 1 ] || fail "$1: $2: status $status"
  grep -q "^$1:$line: " "$dir/out" || fail "$1: $2: no $1:$line in the output"
  [ "$(wc -l <"$dir/out")" = 1 ] || fail "$1: $2: not one message"
}

breaks sim/base/trace.c '#include "sim/net/ip.h"'
breaks sim/base/trace.c '#include "stack/http.h"'
breaks sim/ns3/ns3.cc '#include "sim/net/packet.h"'
breaks sim/net/link.c '#include "sim/scenario/doc.h"'
breaks sim/net/link.c '#include "stack/transport.h"'
breaks sim/net/link.c '#include "ip.h"'
breaks sim/net/link.c '#include "../base/time.h"'
breaks sim/scenario/doc.c '#include "sim/net/ip.h"'
breaks sim/scenario/doc.c '# include "sim/ns3/ns3.h"'
breaks stack/entropy.c '#include "measure/meter.h"'
breaks stack/entropy.c '#include "cli/main.h"'
breaks stack/quic/h3.c '#include "stack/tcp/tcp.h"'
breaks stack/tcp/h2.c '#include "stack/quic/quic.h"'
breaks measure/meter.c '#include "cli/main.h"'
breaks measure/meter.c '#include "search/search.h"'
breaks search/oracle.c '#include "cli/main.h"'
breaks cli/main.c '#include "tests/x.h"'

# An observer has no keys, and is told nothing.
for header in sim/base/event.h sim/base/rng.h sim/net/sink.h \
  sim/net/packet.h sim/net/ip.h sim/scenario/scenario.h sim/wire/keys.h \
  sim/wire/lane.h sim/wire/decoder.h stack/world.h measure/meter.h measure/checks/check.h \
  measure/link/vantages.h; do
  breaks measure/observe/flow.c "#include \"$header\""
  breaks measure/observe/flow.h "#include \"$header\""
done
breaks measure/observe/flow.c '#include <gnutls/crypto.h>'

# An adversary knows what an observer saw, and not whose it was.
for header in sim/base/event.h sim/base/rng.h measure/link/game.h \
  measure/link/flows_file.h measure/csv.h measure/meter.h sim/net/sink.h; do
  breaks measure/adversary/match.c "#include \"$header\""
done
breaks measure/adversary/match.c '#include <Rmath.h>'
breaks measure/adversary/match.c '#include <linear.h>'
breaks measure/stats/roc.c '#include "measure/csv.h"'
breaks measure/meter.c '#include <Rmath.h>'

# leads LINE expects that LINE in a header of sim/wire is found where an
# observer includes that.
leads() {
  reset
  echo "$1" >>"$dir/tree/sim/wire/header.h"
  "$layers" "$dir/tree" >"$dir/out" && fail "observers are led to: $1"
  grep -q '^measure/observe/flow.c:1: sim/wire/header.h leads to ' \
    "$dir/out" || fail "not said who is led to: $1"
}
leads '#include "sim/base/event.h"'
leads '#include "sim/wire/keys.h"'

# The same of an adversary, through the statistics that it may include.
reset
echo '#include "sim/base/rng.h"' >>"$dir/tree/measure/stats/quantile.h"
"$layers" "$dir/tree" >"$dir/out" && fail "adversaries are led to rng.h"
grep -q '^measure/adversary/match.c:1: measure/stats/quantile.h leads to ' \
  "$dir/out" || fail "not said which adversary is led to rng.h"
breaks tests/net/ip_test.c '#include "../x.h"'

breaks sim/net/ip.h '#include <ns3/packet.h>'
breaks measure/meter.c '#include "search/search.h"'
breaks search/oracle.c '#include "cli/main.h"'
breaks cli/main.c '#include <ngtcp2/ngtcp2.h>'
breaks stack/tcp/h2.c '#include <nghttp3/nghttp3.h>'
breaks stack/quic/h3.c '#include <nghttp2/nghttp2.h>'
breaks measure/meter.c '#include <gnutls/gnutls.h>'
breaks sim/base/alloc.c '#include <gnutls/gnutls.h>'
breaks measure/meter.c '#include "search/search.h"'
breaks search/oracle.c '#include "cli/main.h"'
breaks cli/main.c '#include <yaml.h>'
breaks sim/ns3/timer.c '#include <ns3/timer.h>'
breaks stack/extra.cc 'int x;'

breaks measure/meter.c 'int r = rand();'
breaks measure/meter.c 'int r = x /* rand */ + rand ();'
breaks measure/meter.c '#include "search/search.h"'
breaks search/oracle.c '#include "cli/main.h"'
breaks cli/main.c 'const char *e = getenv("HOME");'
breaks cli/annotate.c 'int t = (getenv("CI"), rand());'
breaks sim/base/trace.c '/* now */ t = time(NULL);'
breaks sim/ns3/ns3.cc 'int t = std::time(nullptr);'
breaks stack/tls.c '  clock_gettime(CLOCK_REALTIME, &ts);'
breaks stack/tls.c 'ssize_t getrandom(void *p, size_t n, unsigned f) {'
breaks sim/net/nat.c '/* line 601 */'

# A tree that cannot be read is not a tree that obeys.
"$layers" "$dir/none" >/dev/null 2>&1 && fail "no tree is accepted"
"$layers" "$dir" >/dev/null 2>&1 && fail "an empty tree is accepted"

exit $failed
