/* What tests of the TCP baseline share: one request, and what was seen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tcp/probe.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"

fetch probe_fetch;
probe_seen seen = {.first_delivered = HO_NEVER, .server_closed = ""};

static char *server_reason; /* owns seen.server_closed */

static void note_event(void *user, const ho_event *e) {
  (void)user;
  seen.events[e->kind]++;
  if (e->kind == HO_EV_handshake_done) {
    seen.early_accepted += e->u.handshake_done.early_data;
  } else if (e->kind == HO_EV_delivered && seen.first_delivered == HO_NEVER) {
    seen.first_delivered = e->t;
  } else if (e->kind == HO_EV_connection_closed &&
             e->u.connection_closed.endpoint == HO_SERVER) {
    free(server_reason);
    server_reason = ho_strdup(e->u.connection_closed.reason);
    seen.server_closed = server_reason;
  } else if (e->kind == HO_EV_stream_sent) {
    const ho_ev_stream_sent *sent = &e->u.stream_sent;
    uint64_t *to = &seen.sent_to[sent->endpoint][sent->connection % 64];
    if (sent->offset < *to) {
      seen.repeated_bytes += sent->length;
    } else {
      ck_assert_uint_eq(sent->offset, *to);
      *to += sent->length;
    }
  }
}

static void note_segment(wire *p, ho_side sender, const ho_datagram *dgram) {
  ho_segment seg;

  (void)p;
  ck_assert_int_eq(ho_segment_parse(&seg, dgram->data, dgram->len), 0);
  seen.last_flags[sender] = seg.flags;
  if (sender == HO_CLIENT) {
    seen.client_next = seg.ack;
  }
  if (dgram->len > seen.largest_segment) {
    seen.largest_segment = dgram->len;
  }
}

void probe_start(wire *p) {
  (void)p;
  fetch_start(&probe_fetch);
}

void probe_setup(wire *p, ho_http_kind kind, uint64_t total) {
  wire_init(p, 1);
  ho_log_subscribe(p->log, note_event, NULL);
  p->note = note_segment;
  fetch_init(&probe_fetch, p, kind, 3, total);
  p->on_ready = probe_start;
}

void probe_complete(uint64_t bytes) {
  ck_assert(probe_fetch.done);
  ck_assert_int_eq(probe_fetch.error, 0);
  ck_assert_uint_eq(probe_fetch.status, 200);
  ck_assert_uint_eq(probe_fetch.got, bytes);
  ck_assert_uint_eq(probe_fetch.wrong, 0);
}

ho_time probe_first_byte(wire *p, ho_tls_mode tls) {
  ho_time start = ho_ns_now();

  p->tls = tls;
  fetch_init(&probe_fetch, p, HO_HTTP_DOWNLOAD, 3, 1000);
  wire_connect(p);
  ho_ns_run(start + 1 * HO_SEC);
  probe_complete(1000);
  return probe_fetch.first_at - start;
}

static const probe_case *table;

START_TEST(each) {
  ck_assert_msg(run_alone(table[_i].run) == 0, "%s: failed", table[_i].name);
}
END_TEST

int probe_main(const char *name, const probe_case *cases, size_t count) {
  Suite *suite = suite_create(name);
  TCase *tc = tcase_create(name);
  SRunner *runner;
  int failed;

  table = cases;
  tcase_set_timeout(tc, 120);
  tcase_add_loop_test(tc, each, 0, (int)count);
  suite_add_tcase(suite, tc);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
