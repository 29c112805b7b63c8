/* Tests of what the TCP baseline carries, and of its handshakes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "sim/ns3/ns3.h"
#include "stack/tcp/segment.h"
#include "tests/tcp/probe.h"

/* Goal: a megabyte by HTTP/2 arrives, every byte right, over both families, and
 * both ends say what happened. */
static void downloads(int family) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  p.family = (uint8_t)family;
  wire_connect(&p);
  /* The first records are small, so the first window is read at once. */
  ho_ns_run(3 * WIRE_RTT + 1);
  ck_assert_uint_gt(probe_fetch.got, 9 * 1400);
  ho_ns_run(10 * HO_SEC);
  probe_complete(1000000);
  ck_assert_uint_eq(probe_fetch.content_length, 1000000);
  ck_assert_uint_eq(probe_fetch.first_at, 3 * WIRE_RTT);
  ck_assert_uint_eq(seen.events[HO_EV_connection_started], 1);
  ck_assert_uint_eq(seen.events[HO_EV_handshake_done], 2);
  ck_assert_uint_eq(seen.events[HO_EV_connection_closed], 0);
  ck_assert_uint_gt(seen.events[HO_EV_stream_sent], 1000000 / 1448);
  ck_assert_uint_gt(seen.events[HO_EV_recovery], 10);
  wire_free(&p);
}

static void downloads_v4(void) {
  downloads(4);
}

static void downloads_v6(void) {
  downloads(6);
}

/* Goal: a download goes on where another stopped. */
static void resumes_by_range(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 100000);
  probe_fetch.call.request.from = 99000;
  wire_connect(&p);
  ho_ns_run(1 * HO_SEC);
  ck_assert_uint_eq(probe_fetch.status, 206);
  ck_assert_uint_eq(probe_fetch.got, 1000);
  ck_assert_uint_eq(probe_fetch.wrong, 0);
  wire_free(&p);
}

/* Goal: an upload arrives whole; the server's delivered events say so. */
static void uploads(void) {
  wire p;

  probe_setup(&p, HO_HTTP_UPLOAD, 1000000);
  probe_fetch.call.has_body = true;
  probe_fetch.call.body_object = 3;
  probe_fetch.call.body_to = 1000000;
  wire_connect(&p);
  ho_ns_run(10 * HO_SEC);
  ck_assert(probe_fetch.done);
  ck_assert_uint_eq(probe_fetch.status, 200);
  ck_assert_uint_ge(seen.events[HO_EV_delivered], 50);
  ck_assert_uint_eq(seen.events[HO_EV_byte_wrong], 0);
  wire_free(&p);
}

/* Goal: a request with a body gets its answer. */
static void answers_requests(void) {
  wire p;

  probe_setup(&p, HO_HTTP_REQUEST, 5000);
  probe_fetch.call.has_body = true;
  probe_fetch.call.body_object = 3 + HO_HTTP_BODY_OBJECT;
  probe_fetch.call.body_to = 300;
  wire_connect(&p);
  ho_ns_run(1 * HO_SEC);
  probe_complete(5000);
  wire_free(&p);
}

static void type_more(void *user) {
  wire *p = user;
  ho_transport *t = p->ends[HO_CLIENT].transport;

  probe_fetch.call.body_to += 10;
  probe_fetch.call.body_open = probe_fetch.call.body_to < 50;
  t->v->resume(t, &probe_fetch.call, ho_ns_now());
  wire_drain(p, HO_CLIENT);
}

/* Goal: an echo's bodies stay open both ways; what is typed comes back one
 * round trip later. */
static void echoes(void) {
  wire p;

  probe_setup(&p, HO_HTTP_ECHO, 0);
  probe_fetch.object = 3 + HO_HTTP_BODY_OBJECT;
  probe_fetch.call.has_body = probe_fetch.call.body_open = true;
  probe_fetch.call.body_object = probe_fetch.object;
  wire_connect(&p);
  for (int i = 1; i <= 5; i++) {
    ho_ns_run(i * HO_SEC);
    type_more(&p);
    ho_ns_run(i * HO_SEC + WIRE_RTT - 1);
    ck_assert_uint_eq(probe_fetch.got, 10 * (i - 1));
    ho_ns_run(i * HO_SEC + WIRE_RTT);
    ck_assert_uint_eq(probe_fetch.got, 10 * i);
  }
  ho_ns_run(10 * HO_SEC);
  ck_assert(probe_fetch.done);
  ck_assert_int_eq(probe_fetch.error, 0);
  wire_free(&p);
}

/* Goal: many connections and requests at once. */
static void serves_many(void) {
  enum { COUNT = 50 };
  static fetch many[COUNT];
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  wire_connect(&p);
  ho_ns_run(HO_SEC);
  for (int i = 0; i < COUNT; i++) {
    fetch_init(&many[i], &p, HO_HTTP_DOWNLOAD, 10 + i, 1000 * i + 1);
    fetch_start(&many[i]);
  }
  ho_ns_run(20 * HO_SEC);
  for (int i = 0; i < COUNT; i++) {
    ck_assert(many[i].done);
    ck_assert_uint_eq(many[i].got, 1000 * i + 1);
  }
  wire_free(&p);
}

/* Goal: TCP's round trip, TLS 1.3's, and the request's: 3 in all, resumed or
 * not.  0-RTT brings the request to the server a round trip earlier, but GnuTLS
 * has no keys for data before EndOfEarlyData has come, so a download's first
 * byte takes as long. */
static void counts_round_trips(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 0);
  ck_assert_uint_eq(probe_first_byte(&p, HO_TLS_FULL), 3 * WIRE_RTT);
  ck_assert_uint_gt(p.ticket_len, 0);
  ck_assert_uint_eq(seen.early_accepted, 0);
  ck_assert_uint_eq(probe_first_byte(&p, HO_TLS_RESUME), 3 * WIRE_RTT);
  ck_assert_uint_eq(seen.early_accepted, 0);
  ck_assert_uint_eq(probe_first_byte(&p, HO_TLS_0RTT), 3 * WIRE_RTT);
  ck_assert_uint_eq(seen.early_accepted, 2); /* at each end */
  wire_free(&p);
}

/* Goal: the server has a 0-RTT upload's first byte after 1.5 round trips, a
 * resumed one's after 2.5. */
static void uploads_early(void) {
  static const struct {
    ho_tls_mode tls;
    ho_time first;
  } cases[] = {{HO_TLS_FULL, 50 * HO_MSEC},
               {HO_TLS_RESUME, 50 * HO_MSEC},
               {HO_TLS_0RTT, 30 * HO_MSEC}};
  wire p;

  probe_setup(&p, HO_HTTP_UPLOAD, 0);
  for (size_t i = 0; i < 3; i++) {
    ho_time start = i * HO_SEC;
    fetch_init(&probe_fetch, &p, HO_HTTP_UPLOAD, i, 500);
    probe_fetch.call.has_body = true;
    probe_fetch.call.body_object = i;
    probe_fetch.call.body_to = 500;
    p.tls = cases[i].tls;
    seen.first_delivered = HO_NEVER;
    wire_connect(&p);
    ho_ns_run(start + HO_SEC);
    ck_assert(probe_fetch.done);
    ck_assert_uint_eq(seen.first_delivered - start, cases[i].first);
  }
  ck_assert_uint_eq(seen.events[HO_EV_byte_wrong], 0);
  wire_free(&p);
}

/* Goal: a server with other ticket keys takes neither ticket nor 0-RTT data;
 * what went early goes again, once. */
static void survives_rejection(void) {
  ho_tls *other;
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 0);
  probe_first_byte(&p, HO_TLS_FULL);
  other = p.creds;
  p.creds = ho_tls_new();
  wire_restart_server(&p);
  ck_assert_uint_eq(probe_first_byte(&p, HO_TLS_0RTT), 3 * WIRE_RTT);
  ck_assert_uint_eq(seen.early_accepted, 0);
  wire_free(&p);
  ho_tls_del(other);
}

static const probe_case cases[] = {
    {"downloads v4", downloads_v4},
    {"downloads v6", downloads_v6},
    {"resumes by range", resumes_by_range},
    {"uploads", uploads},
    {"answers requests", answers_requests},
    {"echoes", echoes},
    {"serves many", serves_many},
    {"counts round trips", counts_round_trips},
    {"uploads early", uploads_early},
    {"survives rejection", survives_rejection},
};

int main(void) {
  return probe_main("tcp_carry", cases, sizeof(cases) / sizeof(cases[0]));
}
