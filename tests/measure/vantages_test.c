/* Goal: in whole runs, what observers recognise is what was on the wire: the
 * connection IDs of cids.csv and no others, tickets where they are shown, as
 * many packets as events tell; each handoff has its old and its new flow; and
 * wire.pcapng shows another observer the same. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/csv.h"
#include "measure/link/vantages.h"
#include "measure/pcap.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "stack/world.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

/* ---- tables without header lines ---- */

typedef struct {
  const ho_table *table;
  ho_csv_file file;
} rows;

static rows rows_of(const char *name) {
  rows r = {ho_table_find(name), {0}};

  assert(r.table && ho_csv_read(&r.file, name) == 0);
  return r;
}

static const char *field(const rows *r, size_t row, const char *column) {
  for (size_t i = 0; i < r->table->count; i++) {
    if (strcmp(r->table->columns[i].name, column) == 0) {
      assert(r->file.rows[row].count == r->table->count);
      return r->file.rows[row].fields[i];
    }
  }
  abort();
}

static bool is(const rows *r, size_t row, const char *column,
               const char *value) {
  return strcmp(field(r, row, column), value) == 0;
}

static unsigned long number(const rows *r, size_t row, const char *column) {
  return strtoul(field(r, row, column), NULL, 10);
}

/* Whether one of the words of |text|, which spaces part, is |word|. */
static bool has_word(const char *text, const char *word) {
  size_t n = strlen(word);

  for (const char *at = text; (at = strstr(at, word)); at += n) {
    if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) {
      return true;
    }
  }
  return false;
}

/* ---- a run ---- */

typedef struct {
  rows flows, cids, handoffs;
  const ho_arm *arm;
  unsigned long up, up_received, down_sent; /* packets, as events tell */
  unsigned long quic;                       /* QUIC connections started */
  bool retry;
} outcome;

static void on_event(void *user, const ho_event *ev) {
  outcome *o = user;

  if (ev->kind == HO_EV_wire) {
    o->up++;
  } else if (ev->kind == HO_EV_datagram_received) {
    o->up_received += ev->u.datagram_received.endpoint == HO_SERVER;
  } else if (ev->kind == HO_EV_datagram_sent) {
    o->down_sent += ev->u.datagram_sent.endpoint == HO_SERVER;
  } else if (ev->kind == HO_EV_connection_started) {
    o->quic += strcmp(ev->u.connection_started.transport, "quic") == 0;
  }
}

/* ---- wire.pcapng ---- */

static uint32_t u32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
         (uint32_t)p[3] << 24;
}

/* Shows |o| a block, if it is a packet's; the server's port is 443. */
static void show(ho_observer *o, uint32_t type, const uint8_t *body) {
  ho_glimpse g = {.tap = 0, .data = body + 20, .len = u32(body + 12)};
  const uint8_t *ports = g.data + (g.data[0] >> 4 == 6 ? 40 : 20);

  if (type == 6) {
    g.t = (uint64_t)u32(body + 4) << 32 | u32(body + 8);
    g.up = ports[2] == 443 >> 8 && ports[3] == (443 & 255);
    assert(ho_observer_see(o, &g) != HO_NO_FLOW);
  }
}

static ho_observer *replay(const char *path) {
  static uint8_t body[4096];
  ho_observer *o =
      ho_observer_new(&(ho_observer_config){.server_tap = UINT32_MAX});
  FILE *in = fopen(path, "rb");
  uint8_t head[8];

  assert(in);
  while (fread(head, 1, 8, in) == 8) {
    size_t rest = u32(head + 4) - 8;
    assert(rest <= sizeof(body) && fread(body, 1, rest, in) == rest);
    show(o, u32(head), body);
  }
  fclose(in);
  unlink(path);
  ho_observer_finish(o);
  return o;
}

static bool same_way(const ho_seen_way *a, const ho_seen_way *b) {
  return a->packets == b->packets && a->bytes == b->bytes &&
         a->t_first == b->t_first && a->t_last == b->t_last &&
         a->spins == b->spins && a->ecn == b->ecn;
}

static void check_capture(const ho_observer *seen) {
  ho_observer *again = replay("wire.pcapng");

  assert(ho_observer_count(again) == ho_observer_count(seen));
  for (size_t i = 0; i < ho_observer_count(seen); i++) {
    const ho_seen_flow *a = ho_observer_flow(seen, i);
    const ho_seen_flow *b = ho_observer_flow(again, i);
    char *a_ids = ho_ids_text(&a->ids), *b_ids = ho_ids_text(&b->ids);

    assert(ho_tuple_eq(&a->tuple, &b->tuple));
    assert(same_way(&a->up, &b->up) && same_way(&a->down, &b->down));
    assert(strcmp(a_ids, b_ids) == 0);
    free(a_ids);
    free(b_ids);
  }
  ho_observer_del(again);
}

static void simulate(const ho_scenario *s, size_t arm, outcome *o) {
  ho_meter_config config = {.scenario = s, .arm = arm, .seed = 1};
  ho_log *log = ho_log_new();
  ho_meter *meter = ho_meter_new(&config, log, ".");
  ho_vantages *vantages = ho_vantages_new(s);
  ho_pcap *pcap = ho_pcap_new(s, ".");
  ho_sink sinks[] = {ho_vantages_sink(vantages), ho_pcap_sink(pcap)};

  ho_log_subscribe(log, on_event, o);
  ho_world_run(s, arm, 1, log, &(ho_sinks){sinks, 2});
  assert(ho_meter_finish(meter) == 0);
  assert(ho_pcap_close(pcap) == 0);
  ho_vantages_finish(vantages);
  check_capture(ho_vantages_observer(vantages, HO_VANTAGE_BOTH));
  assert(ho_vantages_write(vantages, &config, meter, ".") == 0);
  ho_vantages_del(vantages);
  ho_meter_del(meter);
  ho_log_del(log);
}

/* ---- connection IDs ---- */

/* Whether a flow of that tuple has the identifier in |vantage|. */
static bool is_seen(const outcome *o, const char *vantage, const char *tuple,
                    const char *word) {
  for (size_t i = 0; i < o->flows.file.count; i++) {
    if (is(&o->flows, i, "vantage", vantage) &&
        is(&o->flows, i, "tuple", tuple) &&
        has_word(field(&o->flows, i, "identifiers"), word)) {
      return true;
    }
  }
  return false;
}

static void check_listed_are_seen(const outcome *o, const char *vantage) {
  unsigned long checked = 0;

  for (size_t i = 0; i < o->cids.file.count; i++) {
    bool up = is(&o->cids, i, "issuer", "server");
    char *word = ho_format("%s:%s", up ? "cid-up" : "cid-down",
                           field(&o->cids, i, "cid"));

    if (*field(&o->cids, i, "tuple") && *field(&o->cids, i, "cid")) {
      if (!is_seen(o, vantage, field(&o->cids, i, "tuple"), word)) {
        fprintf(stderr, "%s lacks %s\n", vantage, word);
        abort();
      }
      checked++;
    }
    free(word);
  }
  assert((checked > 0) == (o->quic > 0));
}

static bool is_listed(const outcome *o, const char *tuple, const char *word) {
  const char *issuer = word[4] == 'u' ? "server" : "client";

  for (size_t i = 0; i < o->cids.file.count; i++) {
    if (is(&o->cids, i, "tuple", tuple) && is(&o->cids, i, "issuer", issuer) &&
        is(&o->cids, i, "cid", strchr(word, ':') + 1)) {
      return true;
    }
  }
  return false;
}

/* All but one or two of a connection's: its client's first DCID was issued by
 * nobody, nor was Retry's.  No guess either: the handshakes were seen. */
static void check_seen_are_listed(const outcome *o, const char *vantage) {
  unsigned long made_up = 0;

  for (size_t i = 0; i < o->flows.file.count; i++) {
    char *text = ho_strdup(field(&o->flows, i, "identifiers")), *rest = text,
         *word;

    while (is(&o->flows, i, "vantage", vantage) &&
           (word = strsep(&rest, " "))) {
      bool cid = strncmp(word, "cid-", 4) == 0;

      assert(!cid || !strchr(word, '~'));
      if (cid && !is_listed(o, field(&o->flows, i, "tuple"), word)) {
        assert(strncmp(word, "cid-up:", 7) == 0);
        made_up++;
      }
    }
    free(text);
  }
  assert(made_up == (o->retry ? 2 : 1) * o->quic);
}

/* Where only migrated connections are seen, lengths are guessed, and right. */
static void check_guesses(const outcome *o) {
  unsigned long right[2] = {0};

  for (size_t i = 0; i < o->flows.file.count; i++) {
    char *text = ho_strdup(field(&o->flows, i, "identifiers")), *rest = text,
         *word;

    while (is(&o->flows, i, "vantage", "new") && (word = strsep(&rest, " "))) {
      char *tilde = strchr(word, '~');

      if (tilde) {
        assert(is_listed(o, field(&o->flows, i, "tuple"), word));
        right[word[4] == 'u']++;
      }
    }
    free(text);
  }
  if (o->arm->transport == HO_TRANSPORT_QUIC &&
      o->arm->on_change != HO_CHANGE_RECONNECT) {
    assert(right[true] > 0 && (right[false] > 0) == (o->arm->cid_length > 0));
  }
}

/* ---- packets ---- */

static unsigned long sum(const outcome *o, const char *vantage,
                         const char *column) {
  unsigned long total = 0;

  for (size_t i = 0; i < o->flows.file.count; i++) {
    if (is(&o->flows, i, "vantage", vantage)) {
      total += number(&o->flows, i, column);
    }
  }
  return total;
}

static void check_packets(const outcome *o) {
  assert(o->up > 100 && o->down_sent > 100);
  assert(sum(o, "both", "packets_up") == o->up);
  assert(sum(o, "all", "packets_up") == o->up);
  assert(sum(o, "server", "packets_up") == o->up_received);
  assert(sum(o, "server", "packets_down") == o->down_sent);
  assert(sum(o, "both", "packets_down") == o->down_sent);
  assert(sum(o, "all", "packets_down") == o->down_sent);
  assert(sum(o, "old", "bytes_up") + sum(o, "new", "bytes_up") ==
         sum(o, "both", "bytes_up"));
  assert(sum(o, "old", "bytes_down") + sum(o, "new", "bytes_down") ==
         sum(o, "both", "bytes_down"));
}

/* ---- handoffs ---- */

/* The row of |vantage| that is the old or the new flow of a row of
 * handoffs.csv; there must be |count| of them. */
static size_t row_of(const outcome *o, const char *vantage, size_t handoff,
                     const char *column, int count) {
  size_t found = 0;

  for (size_t i = 0; i < o->flows.file.count; i++) {
    if (is(&o->flows, i, "vantage", vantage) &&
        is(&o->flows, i, "client", field(&o->handoffs, handoff, "client")) &&
        has_word(field(&o->flows, i, column),
                 field(&o->handoffs, handoff, "handoff"))) {
      found = i;
      count--;
    }
  }
  assert(count == 0);
  return found;
}

/* Networks are named by their number; addresses have it, too. */
static void check_network(const outcome *o, size_t row, const char *net) {
  const char *tuple = field(&o->flows, row, "tuple");
  char *v4 = ho_format("198.51.%d.", 100 + net[1] - '0');
  char *v6 = ho_format("[2001:db8:%c:", net[1]);

  assert(strncmp(tuple, v4, strlen(v4)) == 0 ||
         strncmp(tuple, v6, strlen(v6)) == 0 ||
         (net[1] == '0' && strncmp(tuple, "[2001:db8::", 11) == 0));
  free(v4);
  free(v6);
}

static double seconds(const rows *r, size_t row, const char *column) {
  return strtod(field(r, row, column), NULL);
}

/* A tuple that is used again has a flow for each time: the old one was still
 * seen after the handoff before, the new one before the next. */
static void check_neighbours(const outcome *o, size_t i, size_t old,
                             size_t fresh) {
  const rows *h = &o->handoffs;

  if (i > 0 && is(h, i - 1, "client", field(h, i, "client"))) {
    assert(seconds(&o->flows, old, "t_last_up_s") >=
           seconds(h, i - 1, "t_loss_s"));
  }
  if (i + 1 < h->file.count && is(h, i + 1, "client", field(h, i, "client"))) {
    assert(seconds(&o->flows, fresh, "t_first_up_s") <
           seconds(h, i + 1, "t_loss_s"));
  }
}

static void check_handoffs(const outcome *o) {
  size_t count = o->handoffs.file.count;

  assert(count > 0);
  for (size_t i = 0; i < count; i++) {
    double t = seconds(&o->handoffs, i, "t_loss_s");
    size_t old = row_of(o, "both", i, "old_of", 1);
    size_t fresh = row_of(o, "both", i, "new_of", 1);

    check_network(o, old, field(&o->handoffs, i, "from"));
    check_network(o, fresh, field(&o->handoffs, i, "to"));
    assert(seconds(&o->flows, old, "t_first_up_s") < t);
    assert(seconds(&o->flows, fresh, "t_last_up_s") >= t);
    check_neighbours(o, i, old, fresh);
    assert(is(&o->flows, old, "moves", "1"));
    row_of(o, "old", i, "old_of", is(&o->handoffs, i, "from", "n0"));
    row_of(o, "new", i, "new_of", is(&o->handoffs, i, "to", "n1"));
    row_of(o, "server", i, "old_of", 1);
    row_of(o, "server", i, "new_of", 1);
  }
}

/* ---- tickets, tokens, labels ---- */

static unsigned long flows_with(const outcome *o, const char *vantage,
                                const char *kind) {
  unsigned long count = 0;

  for (size_t i = 0; i < o->flows.file.count; i++) {
    const char *text = field(&o->flows, i, "identifiers");
    char *inside = ho_format(" %s:", kind);

    count += is(&o->flows, i, "vantage", vantage) &&
             (strstr(text, inside) ||
              strncmp(text, inside + 1, strlen(inside) - 1) == 0);
    free(inside);
  }
  return count;
}

/* Each connection but a client's first resumes, and so shows a ticket. */
static void check_tickets(const outcome *o) {
  unsigned long want = o->arm->tls == HO_TLS_FULL ? 0 : o->handoffs.file.count;

  assert(flows_with(o, "both", "ticket") == want);
  assert(flows_with(o, "new", "ticket") ==
         (want > 0 ? sum(o, "new", "moves") : 0));
}

static void check(outcome *o, const ho_scenario *s) {
  check_guesses(o);
  assert(!o->retry || flows_with(o, "both", "token") == o->quic);
  check_listed_are_seen(o, "both");
  check_listed_are_seen(o, "all");
  check_seen_are_listed(o, "both");
  check_seen_are_listed(o, "all");
  check_packets(o);
  check_handoffs(o);
  check_tickets(o);
  assert(flows_with(o, "both", "label") ==
         (s->nets[0].family == 6 ? sum(o, "both", "moves") : 0));
  assert(flows_with(o, "both", "port") == sum(o, "both", "moves"));
}

typedef struct {
  const ho_scenario *scenario;
  size_t arm;
} job;

static void run(void *arg) {
  const job *j = arg;
  outcome o = {.arm = &j->scenario->arms[j->arm],
               .retry = j->scenario->server.retry};

  simulate(j->scenario, j->arm, &o);
  o.flows = rows_of("flows.csv");
  o.cids = rows_of("cids.csv");
  o.handoffs = rows_of("handoffs.csv");
  check(&o, j->scenario);
  ho_csv_file_free(&o.flows.file);
  ho_csv_file_free(&o.cids.file);
  ho_csv_file_free(&o.handoffs.file);
}

static const char v4[] =
    "  n0: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, "
    "nat: home-router}\n"
    "  n1: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms, nat: cgn}\n";
static const char v6[] =
    "  n0: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, "
    "family: ipv6}\n"
    "  n1: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms, "
    "family: ipv6}\n";

/* There and back, twice, so that tuples are used again where the client keeps
 * its socket. */
static const char timeline[] = "timeline:\n"
                               "  - 600ms: switch n1\n"
                               "  - 1500ms: switch n0\n"
                               "  - 5s: switch n1\n"
                               "  - 9s: switch n0\n";

static const struct {
  const char *networks, *server, *arms;
} variants[] = {
    {v4, "cid_length: 8",
     "quic, quic-passive, quic-probe, quic-reconnect, quic-0rtt, tcp-resume, "
     "tcp-notify"},
    {v6, "cid_length: 17",
     "quic, quic-passive, quic-probe, quic-reconnect, quic-0rtt, tcp-resume"},
    {v4, "cid_length: 20", "quic: {cid_length: 4}, quic-passive"},
    {v4, "cid_length: 4",
     "quic: {cid_length: 0}, quic-probe: {cid_length: 20}"},
    {v4, "cid_length: 8, retry: true", "quic, quic-0rtt"},
};

START_TEST(runs_are_seen_as_they_were) {
  char *text = ho_format(
      "name: seen\nstop: 12s\nnetworks:\n%s"
      "clients: 3\nserver: {%s}\n"
      "observers: [old, new, both, server, all]\n"
      "workload: {type: request, every: 100ms, request: 200B, "
      "response: 20KB}\n"
      "arms: [%s]\n%s",
      variants[_i].networks, variants[_i].server, variants[_i].arms, timeline);
  ho_scenario *s = runs_load(text, 1);

  ho_world_preload();
  for (size_t i = 0; i < s->arms_count; i++) {
    job j = {s, i};
    int status = runs_alone(run, &j);
    if (status != 0) {
      fprintf(stderr, "arm %s\n", s->arms[i].name);
    }
    ck_assert_int_eq(status, 0);
  }
  ho_scenario_del(s);
  free(text);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, runs_are_seen_as_they_were, 0, COUNT(variants));
}

int main(void) {
  char dir[] = "vantages.XXXXXX";
  int rv;

  if (!mkdtemp(dir) || chdir(dir) != 0) {
    return 1;
  }
  rv = suite_run("vantages", add);
  return chdir("..") != 0 || ho_tree_remove(dir) != 0 ? 1 : rv;
}
