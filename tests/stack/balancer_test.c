/* Goal: a connection's server, chosen by its first 4-tuple, is named by every
 * CID that the server makes for it, also by Retry, for a preferred address and
 * after a restart; no nonce comes twice; and clients move as ever. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/balancer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/check.h"
#include "runs.h"
#include "sim/base/alloc.h"
#include "sim/wire/lb.h"
#include "stack/world.h"
#include "tests/suite.h"

enum { CLIENTS = 40, CONNECTIONS = 4, CIDS_MAX = 20000, SERVERS = 16 };

static ho_server_config config_of(uint32_t id, uint32_t nonce, bool aes) {
  return (ho_server_config){.cid_length = 1 + id + nonce,
                            .lb = true,
                            .lb_encrypted = aes,
                            .lb_servers = SERVERS,
                            .lb_server_id_length = id,
                            .lb_nonce_length = nonce};
}

/* What any load balancer of that seed has. */
static void open_format(ho_lb *lb, const ho_server_config *config,
                        uint64_t seed) {
  uint8_t key[HO_LB_KEY_BYTES];
  ho_rng rng;

  ho_rng_init(&rng, seed, "quic.server.lb");
  ho_rng_bytes(&rng, key, sizeof(key));
  ho_lb_init(lb, 0, config->lb_server_id_length, config->lb_nonce_length,
             config->lb_encrypted ? key : NULL);
}

static uint32_t server_of(ho_lb *lb, const uint8_t *cid, size_t len) {
  uint8_t id[HO_LB_SERVER_ID_MAX];
  uint32_t server = 0;

  if (!ho_lb_open(lb, cid, len, id)) {
    return UINT32_MAX;
  }
  for (size_t i = 0; i < lb->server_id_bytes; i++) {
    if (server >> 24) {
      return UINT32_MAX;
    }
    server = server << 8 | id[i];
  }
  return server;
}

/* ---- connection IDs ---- */

typedef struct {
  uint8_t bytes[20];
} cid_bytes;

static int by_bytes(const void *a, const void *b) {
  return memcmp(a, b, sizeof(cid_bytes));
}

static bool all_differ(cid_bytes *cids, size_t count) {
  qsort(cids, count, sizeof(*cids), by_bytes);
  for (size_t i = 1; i < count; i++) {
    if (memcmp(&cids[i - 1], &cids[i], sizeof(*cids)) == 0) {
      return false;
    }
  }
  return true;
}

static unsigned flipped(const cid_bytes *a, const cid_bytes *b) {
  unsigned bits = 0;

  for (size_t i = 0; i < sizeof(a->bytes); i++) {
    for (unsigned x = a->bytes[i] ^ b->bytes[i]; x; x &= x - 1) {
      bits++;
    }
  }
  return bits;
}

static const struct {
  uint32_t id, nonce;
  bool aes;
} formats[] = {{1, 4, false},  {2, 5, false},  {2, 8, false}, {4, 12, false},
               {1, 18, false}, {15, 4, false}, {1, 4, true},  {2, 5, true},
               {4, 12, true},  {1, 18, true},  {15, 4, true}};

/* Nonces differ over servers and restarts, and neither they nor the first
 * byte's random bits tell what came before. */
START_TEST(makes_cids) {
  enum { EACH = 2000, RESTARTS = 3 };
  uint32_t len = 1 + formats[_i].id + formats[_i].nonce;
  ho_server_config config =
      config_of(formats[_i].id, formats[_i].nonce, formats[_i].aes);
  cid_bytes *nonces = calloc(EACH * RESTARTS, sizeof(*nonces));
  size_t firsts[32] = {0}, n = 0;
  /* Encrypted, IDs are as unlike as the nonces; else only these are. */
  size_t bytes = len - 1 - (formats[_i].aes ? 0 : formats[_i].id);
  ngtcp2_cid cid;
  double flips = 0;
  ho_rng rng;
  ho_lb lb;

  ho_rng_init(&rng, 7, "bits");
  open_format(&lb, &config, 7);
  for (unsigned k = 0; k < RESTARTS; k++) {
    ho_balancer *b = ho_balancer_new(&config, 7, k);
    for (uint32_t i = 0; i < EACH; i++, n++) {
      ho_balancer_cid(b, i % SERVERS, &rng, &cid);
      ck_assert_uint_eq(cid.datalen, len);
      ck_assert_uint_lt(cid.data[0], 32); /* rotation 0 */
      ck_assert_uint_eq(server_of(&lb, cid.data, len), i % SERVERS);
      firsts[cid.data[0]]++;
      memcpy(nonces[n].bytes, cid.data + len - bytes, bytes);
    }
    ho_balancer_del(b);
  }
  /* Half of the bits change from one to the next. */
  for (size_t i = 1; i < n; i++) {
    flips += flipped(&nonces[i - 1], &nonces[i]);
  }
  flips /= (double)(n * bytes * 8);
  ck_assert_double_gt(flips, 0.49);
  ck_assert_double_lt(flips, 0.51);
  ck_assert(all_differ(nonces, n));
  for (size_t i = 0; i < 32; i++) {
    ck_assert_uint_gt(firsts[i], n / 64);
  }
  ho_lb_free(&lb);
  free(nonces);
}
END_TEST

START_TEST(another_seed_has_another_key) {
  ho_server_config config = config_of(2, 5, true);
  ho_balancer *b = ho_balancer_new(&config, 1, 0);
  size_t hits = 0;
  ngtcp2_cid cid;
  ho_rng rng;
  ho_lb lb;

  ho_rng_init(&rng, 1, "bits");
  open_format(&lb, &config, 2);
  for (int i = 0; i < 100; i++) {
    ho_balancer_cid(b, 3, &rng, &cid);
    hits += server_of(&lb, cid.data, cid.datalen) < SERVERS;
  }
  ck_assert_uint_le(hits, 1);
  ho_lb_free(&lb);
  ho_balancer_del(b);
}
END_TEST

/* Every part of the 4-tuple counts, and servers get about as much each. */
START_TEST(picks_evenly) {
  enum { TUPLES = 16000 };
  ho_server_config config = config_of(2, 5, false);
  ho_balancer *b = ho_balancer_new(&config, 1, 0);
  size_t load[SERVERS] = {0}, moved[4] = {0};

  for (unsigned i = 0; i < TUPLES; i++) {
    ho_path path = {.local = {{4, {192, 0, 2, 1}}, 443},
                    .remote = {{4, {198, 51, 100, 1}}, (uint16_t)(40000 + i)}};
    uint32_t first = ho_balancer_pick(b, &path);

    ck_assert_uint_lt(first, SERVERS);
    ck_assert_uint_eq(first, ho_balancer_pick(b, &path));
    load[first]++;
    path.remote.port ^= 0x10;
    moved[0] += ho_balancer_pick(b, &path) != first;
    path.remote.port ^= 0x10;
    path.remote.addr.bytes[3] ^= 3;
    moved[1] += ho_balancer_pick(b, &path) != first;
    path.remote.addr.bytes[3] ^= 3;
    path.local.port = 4433;
    moved[2] += ho_balancer_pick(b, &path) != first;
    path.local.port = 443;
    path.local.addr.bytes[0] ^= 1;
    moved[3] += ho_balancer_pick(b, &path) != first;
  }
  for (size_t i = 0; i < SERVERS; i++) {
    ck_assert_uint_gt(load[i], 850);
    ck_assert_uint_lt(load[i], 1150);
  }
  for (size_t i = 0; i < 4; i++) {
    ck_assert_uint_gt(moved[i], TUPLES * 9 / 10);
  }
  ho_balancer_del(b);
}
END_TEST

/* ---- whole runs ---- */

#define RUN(clients, server, more)                                             \
  "name: t\nstop: 9s\nclients: " clients "\nnetworks:\n"                       \
  "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms}\n"             \
  "  cell: {type: wired, down: 20Mbps, up: 20Mbps, delay: 25ms}\n"             \
  "client: {notice: 30ms}\n"                                                   \
  "server: {" server "}\n"                                                     \
  "workload: {type: request, every: 50ms, request: 100B, response: 500B, "     \
  "count: 80}\n"                                                               \
  "arms:\n  a: {transport: quic}\n"                                            \
  "timeline:\n" more "  - 1035ms: rotate\n  - 2s: switch cell\n"
#define PLAIN "load_balancer: {servers: 16}"
#define AES   "load_balancer: {servers: 16, encryption: aes}"

typedef struct {
  const char *server, *more;
  uint32_t id, nonce;
  bool aes, retry;
  bool again; /* some clients connect anew, as without a load balancer */
} run_case;

static const run_case runs[] = {
    {PLAIN, "", 2, 5, false, false, false},
    {AES, "", 2, 5, true, false, false},
    {"load_balancer: {servers: 16, encryption: aes, server_id_length: 4, "
     "nonce_length: 12}",
     "", 4, 12, true, false, false},
    {"load_balancer: {servers: 16, encryption: aes, server_id_length: 1, "
     "nonce_length: 4}",
     "", 1, 4, true, false, false},
    {PLAIN ", retry: true", "", 2, 5, false, true, false},
    {AES ", retry: true", "", 2, 5, true, true, false},
    {PLAIN ", preferred_address: ipv4", "", 2, 5, false, false, true},
    {AES ", preferred_address: ipv4", "", 2, 5, true, false, true},
    {AES, "  - 300ms: restart server\n", 2, 5, true, false, true},
};

typedef struct {
  const run_case *c;
  ho_lb lb;
  uint32_t server[CLIENTS][CONNECTIONS]; /* 1 more than it is; 0: not known */
  size_t issued[CLIENTS][CONNECTIONS], moved, done, initials;
  cid_bytes *cids;
  size_t cids_count;
} seen;

/* |cid| is the server's. */
static void note_cid(seen *s, int client, uint64_t connection,
                     const ho_cid *cid) {
  uint32_t server = server_of(&s->lb, cid->bytes, cid->len), *known;

  REQUIRE(client < CLIENTS && connection < CONNECTIONS);
  REQUIRE(cid->len == ho_lb_cid_bytes(&s->lb) && server < SERVERS);
  known = &s->server[client][connection];
  REQUIRE(*known == 0 || *known == server + 1);
  *known = server + 1;
}

static void on_issued(seen *s, const ho_event *e) {
  const ho_cid *cid = &e->u.cid_issued.cid;

  if (e->u.cid_issued.endpoint == HO_SERVER) {
    note_cid(s, e->client, e->u.cid_issued.connection, cid);
    s->issued[e->client][e->u.cid_issued.connection]++;
    REQUIRE(s->cids_count < CIDS_MAX);
    memcpy(s->cids[s->cids_count++].bytes, cid->bytes + 1, cid->len - 1u);
  }
}

/* The client's first choice has 18 bytes; all else is the server's. */
static void on_sent(seen *s, const ho_event *e) {
  const ho_cid *dcid = &e->u.quic_sent.dcid;

  if (e->u.quic_sent.endpoint != HO_CLIENT || dcid->len == 18) {
    return;
  }
  s->initials += !strcmp(e->u.quic_sent.type, "initial") &&
                 s->issued[e->client][e->u.quic_sent.connection] == 0;
  s->moved += e->t > 3 * HO_SEC;
  note_cid(s, e->client, e->u.quic_sent.connection, dcid);
}

static void judge(seen *s) {
  size_t load[SERVERS] = {0}, used = 0;

  for (size_t i = 0; i < CLIENTS; i++) {
    for (size_t k = 0; k < CONNECTIONS; k++) {
      REQUIRE(k > 0 || s->issued[i][k] >= 7);
      REQUIRE(k == 0 || s->c->again || s->issued[i][k] == 0);
      used += s->server[i][k] && load[s->server[i][k] - 1]++ == 0;
    }
  }
  REQUIRE(used >= SERVERS / 2);
  REQUIRE(s->done == CLIENTS && s->moved > CLIENTS);
  /* What answers a Retry is sent before the server has any other CID. */
  REQUIRE((s->initials > 0) == s->c->retry);
  REQUIRE(all_differ(s->cids, s->cids_count));
}

static void on_event(void *user, const ho_event *e) {
  seen *s = user;

  if (!e) {
    judge(s);
  } else if (e->kind == HO_EV_cid_issued) {
    on_issued(s, e);
  } else if (e->kind == HO_EV_quic_sent) {
    on_sent(s, e);
  } else if (e->kind == HO_EV_work_done) {
    s->done++;
  }
}

START_TEST(names_the_server) {
  const run_case *c = &runs[_i];
  ho_server_config config = config_of(c->id, c->nonce, c->aes);
  char *text = ho_format(RUN("40", "%s", "%s"), c->server, c->more);
  seen s = {.c = c, .cids = calloc(CIDS_MAX, sizeof(*s.cids))};

  open_format(&s.lb, &config, 5);
  ck_assert_int_eq(runs_each(text, 5, on_event, &s), 0);
  ho_lb_free(&s.lb);
  free(s.cids);
  free(text);
}
END_TEST

/* ---- what the RFC checks say ---- */

/* RFC 9000, 5.1 forbids what plaintext IDs have in common, and nothing else is
 * wrong with them. */
static const struct {
  const char *server, *failed;
} checked[] = {{"", ""},
               {PLAIN, "B6 "},
               {AES, ""},
               /* So it is without a load balancer, too. */
               {AES ", retry: true, preferred_address: ipv4", "G2 "}};

static void check_run(void *arg) {
  size_t i = *(size_t *)arg;
  char *text = ho_format(RUN("1", "%s", ""), checked[i].server);
  ho_scenario *s = runs_load(text, 1);
  ho_log *log = ho_log_new();
  ho_checks *checks = ho_checks_new(s, 0, log);
  ho_sink sink = ho_checks_sink(checks);
  char failed[512] = "";

  ho_world_run(s, 0, 1, log, &(ho_sinks){&sink, 1});
  ho_checks_finish(checks, s->stop);
  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    const ho_check_info *info = &ho_check_table()[id];
    const ho_finding *f = ho_checks_finding(checks, 0, (ho_check_id)id);
    if (f->verdict == HO_FAIL && info->level == HO_MUST) {
      fprintf(stderr, "%s: %s\n", info->id, f->detail);
      strcat(strcat(failed, info->id), " ");
    }
  }
  REQUIRE(ho_checks_finding(checks, 0, HO_CHECK_B6)->verdict !=
          HO_NOT_EXERCISED);
  REQUIRE(strcmp(failed, checked[i].failed) == 0);
  ho_checks_del(checks);
  ho_log_del(log);
  ho_scenario_del(s);
  free(text);
}

START_TEST(passes_the_checks) {
  size_t i = (size_t)_i;

  ck_assert_int_eq(runs_alone(check_run, &i), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, makes_cids, 0, COUNT(formats));
  tcase_add_test(tc, another_seed_has_another_key);
  tcase_add_test(tc, picks_evenly);
  tcase_add_loop_test(tc, names_the_server, 0, COUNT(runs));
  tcase_add_loop_test(tc, passes_the_checks, 0, COUNT(checked));
}

int main(void) {
  return suite_run("balancer", add);
}
