/* Tests of the scenario grammar: what is written is what is meant, what is left
 * out has its documented default. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS 1000000ull
#define S  1000000000ull

/* INTERFACE.md's own example, with wired networks. */
static const char example[] =
    "name: wifi-to-lte\n"
    "about: Leave the house in the middle of a download.\n"
    "stop: 60s                     # virtual time limit\n"
    "seed: 7\n"
    "\n"
    "networks:\n"
    "  home:\n"
    "    type: wired\n"
    "    down: 100Mbps\n"
    "    up: 20Mbps\n"
    "    delay: 8ms\n"
    "    jitter: 1ms\n"
    "    loss: 0.5%\n"
    "    reorder: 0.0001%\n"
    "    queue: 64KB\n"
    "    family: ipv6\n"
    "    nat: home-router\n"
    "  cell: {type: wired, down: 50Mbps, up: 25Mbps, connected: false}\n"
    "client:\n"
    "  start: home\n"
    "  notice: 50ms\n"
    "workload: {type: download, bytes: 60MB}\n"
    "arms: [quic, quic-passive, quic-reconnect, quic-0rtt, tcp-notify]\n"
    "timeline:\n"
    "  - 3s..4s: disconnect home   # drawn once per seed\n"
    "expect:\n"
    "  - quic: outcome == migrated\n"
    "  - quic: interruption < 600ms\n"
    "  - quic.interruption < tcp-notify.interruption\n";

START_TEST(reads_the_example) {
  ho_scenario *sc = must_load(example, 0);

  ck_assert_str_eq(sc->file, "x");
  ck_assert_str_eq(sc->name, "wifi-to-lte");
  ck_assert_str_eq(sc->about, "Leave the house in the middle of a download.");
  ck_assert_str_eq(sc->text, example);
  ck_assert_uint_eq(sc->text_len, strlen(example));
  ck_assert_uint_eq(sc->stop, 60 * S);
  ck_assert_uint_eq(sc->seed, 7);
  ck_assert_int_eq(sc->client_start, 0);
  ck_assert_uint_eq(sc->client_notice, 50 * MS);
  ck_assert_int_eq(sc->work.type, HO_WORK_DOWNLOAD);
  ck_assert_uint_eq(sc->work.bytes, 60000000);
  ck_assert_uint_eq(sc->work.objects, 1);
  ck_assert_uint_eq(sc->arms_count, 5);
  ck_assert_str_eq(sc->arms[3].name, "quic-0rtt");
  ck_assert(sc->random);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(reads_networks) {
  ho_scenario *sc = must_load(example, 0);
  const ho_net_config *home = &sc->nets[0], *cell = &sc->nets[1];

  ck_assert_uint_eq(sc->nets_count, 2);
  ck_assert_str_eq(home->name, "home");
  ck_assert_uint_eq(home->wired.down_bps, 100000000);
  ck_assert_uint_eq(home->wired.up_bps, 20000000);
  ck_assert_uint_eq(home->wired.delay, 8 * MS);
  ck_assert_uint_eq(home->wired.jitter, 1 * MS);
  ck_assert_uint_eq(home->wired.loss_ppm, 5000);
  ck_assert_uint_eq(home->wired.reorder_ppm, 1);
  ck_assert_int_eq(home->wired.queue.unit, HO_QUEUE_BYTES);
  ck_assert_uint_eq(home->wired.queue.amount, 64000);
  ck_assert_uint_eq(home->family, 6);
  ck_assert(home->connected);
  ck_assert(home->nat.present);
  ck_assert_int_eq(home->place.line, 7);
  ck_assert_int_eq(home->place.column, 3);
  ck_assert_uint_eq(cell->wired.delay, 0);
  ck_assert_uint_eq(cell->wired.jitter, 0);
  ck_assert_uint_eq(cell->wired.loss_ppm, 0);
  ck_assert_int_eq(cell->wired.queue.unit, HO_QUEUE_BDP);
  ck_assert_uint_eq(cell->wired.queue.amount, 1000);
  ck_assert_uint_eq(cell->family, 4);
  ck_assert(!cell->connected);
  ck_assert(!cell->nat.present);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(fills_in_defaults) {
  static const char *const arms[] = {"quic", "quic-reconnect", "tcp-notify"};
  ho_scenario *sc = must_load(BASE, 0);

  ck_assert_uint_eq(sc->seed, 1);
  ck_assert_ptr_null(sc->about);
  ck_assert_int_eq(sc->client_start, 0);
  ck_assert_uint_eq(sc->client_notice, 0);
  ck_assert_uint_eq(sc->server.delay, 0);
  ck_assert_uint_eq(sc->server.cid_length, 8);
  ck_assert_uint_eq(sc->server.active_connection_id_limit, 7);
  ck_assert(!sc->server.disable_active_migration);
  ck_assert(sc->server.stateless_reset);
  ck_assert(!sc->server.retry);
  ck_assert_uint_eq(sc->server.idle_timeout, 30 * S);
  ck_assert_uint_eq(sc->arms_count, COUNT(arms));
  for (size_t i = 0; i < COUNT(arms); i++) {
    ck_assert_str_eq(sc->arms[i].name, arms[i]);
  }
  ck_assert_uint_eq(sc->timeline_count, 0);
  ck_assert_uint_eq(sc->expects_count, 0);
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* The client starts on the first network that is there to be used. */
START_TEST(starts_where_connected) {
  ho_scenario *sc = must_load(
      NAME "networks:\n"
           "  a: {type: wired, down: 1Mbps, up: 1Mbps, connected: false}\n"
           "  b: {type: wired, down: 1Mbps, up: 1Mbps}\n" WORK
           "client: {notice: never}\n",
      0);

  ck_assert_int_eq(sc->client_start, 1);
  ck_assert(sc->client_notice == HO_NEVER);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(reads_the_server) {
  ho_scenario *sc = must_load(
      BASE "server: {delay: 5ms, cid_length: 20, active_connection_id_limit: "
           "2,\n  disable_active_migration: true, stateless_reset: off,\n"
           "  idle_timeout: 10s, retry: yes}\n",
      0);

  ck_assert_uint_eq(sc->server.delay, 5 * MS);
  ck_assert_uint_eq(sc->server.cid_length, 20);
  ck_assert_uint_eq(sc->server.active_connection_id_limit, 2);
  ck_assert(sc->server.disable_active_migration);
  ck_assert(!sc->server.stateless_reset);
  ck_assert_uint_eq(sc->server.idle_timeout, 10 * S);
  ck_assert(sc->server.retry);
  ho_scenario_del(sc);
}
END_TEST

static const struct {
  const char *keys;
  ho_server_config server;
} balancers[] = {
    {"retry: yes", {.cid_length = 8}},
    {"load_balancer: {servers: 16}",
     {.cid_length = 8,
      .lb = true,
      .lb_encrypted = false,
      .lb_servers = 16,
      .lb_server_id_length = 2,
      .lb_nonce_length = 5}},
    {"load_balancer: {servers: 1, encryption: none, nonce_length: 4}",
     {.cid_length = 7,
      .lb = true,
      .lb_encrypted = false,
      .lb_servers = 1,
      .lb_server_id_length = 2,
      .lb_nonce_length = 4}},
    {"load_balancer: {servers: 256, encryption: aes, server_id_length: 1, "
     "nonce_length: 18}",
     {.cid_length = 20,
      .lb = true,
      .lb_encrypted = true,
      .lb_servers = 256,
      .lb_server_id_length = 1,
      .lb_nonce_length = 18}},
    {"load_balancer: {servers: 65535, server_id_length: 15, nonce_length: 4}",
     {.cid_length = 20,
      .lb = true,
      .lb_encrypted = false,
      .lb_servers = 65535,
      .lb_server_id_length = 15,
      .lb_nonce_length = 4}},
    /* The same length again does no harm. */
    {"cid_length: 17, load_balancer: {servers: 3, nonce_length: 14}",
     {.cid_length = 17,
      .lb = true,
      .lb_encrypted = false,
      .lb_servers = 3,
      .lb_server_id_length = 2,
      .lb_nonce_length = 14}},
};

START_TEST(reads_load_balancers) {
  char *text = ho_format(BASE "server: {%s}\n", balancers[_i].keys);
  ho_scenario *sc = must_load(text, 0);
  const ho_server_config *want = &balancers[_i].server, *got = &sc->server;

  ck_assert_uint_eq(got->cid_length, want->cid_length);
  ck_assert_int_eq(got->lb, want->lb);
  ck_assert_int_eq(got->lb_encrypted, want->lb_encrypted);
  ck_assert_uint_eq(got->lb_servers, want->lb_servers);
  ck_assert_uint_eq(got->lb_server_id_length, want->lb_server_id_length);
  ck_assert_uint_eq(got->lb_nonce_length, want->lb_nonce_length);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

static const struct {
  const char *yaml;
  ho_nat_config nat;
} nats[] = {
    {"none", {.present = false}},
    {"home-router",
     {true, HO_NAT_INDEPENDENT, HO_NAT_ADDRESS_PORT, 60 * S, 7440 * S,
      HO_NAT_PRESERVE, 1, false}},
    {"cgn",
     {true, HO_NAT_INDEPENDENT, HO_NAT_ADDRESS_PORT, 65 * S, 7440 * S,
      HO_NAT_RANDOM, 4, false}},
    {"symmetric",
     {true, HO_NAT_ADDRESS_PORT, HO_NAT_ADDRESS_PORT, 30 * S, 7440 * S,
      HO_NAT_RANDOM, 1, true}},
    {"full-cone",
     {true, HO_NAT_INDEPENDENT, HO_NAT_INDEPENDENT, 300 * S, 7440 * S,
      HO_NAT_PRESERVE, 1, false}},
    {"{mapping: address-dependent, udp_timeout: 5s, ports: sequential}",
     {true, HO_NAT_ADDRESS, HO_NAT_ADDRESS_PORT, 5 * S, 7440 * S,
      HO_NAT_SEQUENTIAL, 1, false}},
    {"{preset: cgn, filtering: endpoint-independent, tcp_timeout: 1h, pool: 9,"
     " unknown_tcp: rst}",
     {true, HO_NAT_INDEPENDENT, HO_NAT_INDEPENDENT, 65 * S, 3600 * S,
      HO_NAT_RANDOM, 9, true}},
};

START_TEST(reads_nats) {
  char *text = ho_format(NAME "networks: {a: {type: wired, down: 1Mbps, up: "
                              "1Mbps, nat: %s}}\n" WORK,
                         nats[_i].yaml);
  ho_scenario *sc = must_load(text, 0);
  const ho_nat_config *nat = &sc->nets[0].nat, *want = &nats[_i].nat;

  ck_assert_int_eq(nat->present, want->present);
  ck_assert_int_eq(nat->mapping, want->mapping);
  ck_assert_int_eq(nat->filtering, want->filtering);
  ck_assert_uint_eq(nat->udp_timeout, want->udp_timeout);
  ck_assert_uint_eq(nat->tcp_timeout, want->tcp_timeout);
  ck_assert_int_eq(nat->ports, want->ports);
  ck_assert_uint_eq(nat->pool, want->pool);
  ck_assert_int_eq(nat->unknown_tcp_rst, want->unknown_tcp_rst);
  ck_assert_int_eq(sc->random, want->present && want->ports == HO_NAT_RANDOM);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

static const struct {
  const char *yaml;
  ho_workload_config work;
} works[] = {
    {"{type: download, bytes: 1MB, objects: 3}",
     {HO_WORK_DOWNLOAD, .bytes = 1000000, .objects = 3}},
    {"{type: upload, bytes: 64KiB}",
     {HO_WORK_UPLOAD, .bytes = 65536, .objects = 1}},
    {"{type: request, every: 400ms, request: 750B, response: 1KB, count: 9}",
     {HO_WORK_REQUEST, 0, 1, 400 * MS, 750, 1000, 9}},
    {"{type: request, every: 400ms, request: 750B, response: 1KB}",
     {HO_WORK_REQUEST, 0, 1, 400 * MS, 750, 1000, 0}},
    {"{type: echo, every: 200ms, bytes: 64B}", {HO_WORK_ECHO, 64, 1, 200 * MS}},
    {"{type: idle}", {HO_WORK_IDLE, .objects = 1}},
};

START_TEST(reads_workloads) {
  char *text = ho_format(NAME NETS "workload: %s\n", works[_i].yaml);
  ho_scenario *sc = must_load(text, 0);
  const ho_workload_config *work = &sc->work, *want = &works[_i].work;

  ck_assert_int_eq(work->type, want->type);
  ck_assert_uint_eq(work->bytes, want->bytes);
  ck_assert_uint_eq(work->objects, want->objects);
  ck_assert_uint_eq(work->every, want->every);
  ck_assert_uint_eq(work->request_bytes, want->request_bytes);
  ck_assert_uint_eq(work->response_bytes, want->response_bytes);
  ck_assert_uint_eq(work->count, want->count);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

static const struct {
  const char *text;
  ho_time span;
} spans[] = {
    {BASE, 4 * S},
    {"name: t\nstop: 3s\n" NETS WORK, 3 * S},
    {BASE "search: {span: 60s}\n", 60 * S},
    {BASE "search: {span: 1ms}\n", MS},
    {"name: t\nstop: 3s\n" NETS WORK "search: {most: 2}\n", 3 * S},
    {"name: t\nstop: 10s..20s\n" NETS WORK "search: {span: 10s}\n", 10 * S},
};

/* What a search draws from, which is no longer than the run. */
START_TEST(reads_spans) {
  ho_scenario *sc = must_load(spans[_i].text, 0);

  ck_assert_uint_eq(sc->search.span, spans[_i].span);
  ho_scenario_del(sc);
}
END_TEST

/* Anchors and aliases are YAML's own way of not repeating oneself. */
START_TEST(aliases) {
  ho_scenario *sc = must_load(
      NAME
      "networks: {a: &n {type: wired, down: 1Mbps, up: 1Mbps}, b: *n}\n" WORK,
      0);

  ck_assert_uint_eq(sc->nets_count, 2);
  ck_assert_uint_eq(sc->nets[1].wired.up_bps, 1000000);
  ho_scenario_del(sc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, reads_the_example);
  tcase_add_test(tc, reads_networks);
  tcase_add_test(tc, fills_in_defaults);
  tcase_add_test(tc, starts_where_connected);
  tcase_add_test(tc, reads_the_server);
  tcase_add_loop_test(tc, reads_load_balancers, 0, COUNT(balancers));
  tcase_add_loop_test(tc, reads_nats, 0, COUNT(nats));
  tcase_add_loop_test(tc, reads_workloads, 0, COUNT(works));
  tcase_add_loop_test(tc, reads_spans, 0, COUNT(spans));
  tcase_add_test(tc, aliases);
}

int main(void) {
  return suite_run("scenario", add);
}
