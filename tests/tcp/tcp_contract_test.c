/* Tests of the TCP baseline as a transport: closing, deleting, repeating. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <sys/mman.h>

#include "sim/ns3/ns3.h"
#include "stack/tcp/segment.h"
#include "tests/tcp/probe.h"

/* When segments of interest were sent. */
static ho_time times[16];
static unsigned times_count;

/* The digest of a run in a child. */
static uint64_t *shared;

static bool lose_some(wire *p, ho_side sender, const ho_datagram *dgram) {
  (void)sender, (void)dgram;
  return p->packets % 23 == 0;
}

static bool lose_all(wire *p, ho_side sender, const ho_datagram *dgram) {
  if (sender == HO_CLIENT && times_count < 16) {
    times[times_count++] = ho_ns_now();
  }
  (void)p, (void)dgram;
  return true;
}

/* Goal: close says goodbye in order, and both ends end. */
static void closes(void) {
  ho_transport *t;
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  wire_connect(&p);
  ho_ns_run(HO_SEC);
  t = p.ends[HO_CLIENT].transport;
  t->v->close(t, ho_ns_now());
  wire_drain(&p, HO_CLIENT);
  ck_assert_str_eq(p.closed, "closed");
  ho_ns_run(HO_SEC + WIRE_RTT);
  ck_assert_str_eq(seen.server_closed, "closed by peer");
  ck_assert(seen.last_flags[HO_SERVER] & HO_SEGMENT_FIN);
  ck_assert_uint_eq(seen.events[HO_EV_connection_closed], 2);
  t->v->request(t, &probe_fetch.call, ho_ns_now());
  ck_assert_int_lt(t->v->request(t, &probe_fetch.call, ho_ns_now()), 0);
  wire_free(&p);
}

/* Goal: a connection that is closed towards a dead network stops in the end. */
static void closes_into_silence(void) {
  ho_transport *t;
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  wire_connect(&p);
  ho_ns_run(HO_SEC);
  p.lose = lose_all;
  t = p.ends[HO_CLIENT].transport;
  t->v->close(t, ho_ns_now());
  wire_drain(&p, HO_CLIENT);
  ho_ns_run(3600 * HO_SEC);
  ck_assert_uint_ge(times_count, 5);
  ck_assert_uint_le(times_count, 16);
  ck_assert(!ho_ns_run(7200 * HO_SEC));
  wire_free(&p);
}

static bool lose_flight(wire *p, ho_side sender, const ho_datagram *dgram) {
  if (ho_ns_now() > 35 * HO_MSEC) {
    return lose_all(p, sender, dgram);
  }
  return sender == HO_SERVER && dgram->len > 100;
}

/* Goal: so does one that is closed before TLS has said anything, by a FIN that
 * travels alone: at first after the RTO, then after twice as long each time. */
static void closes_alone(void) {
  ho_transport *t;
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  p.lose = lose_flight;
  wire_connect(&p);
  ho_ns_run(45 * HO_MSEC);
  t = p.ends[HO_CLIENT].transport;
  t->v->close(t, ho_ns_now());
  wire_drain(&p, HO_CLIENT);
  ho_ns_run(3600 * HO_SEC);
  ck_assert_uint_eq(times_count, 9);
  for (unsigned i = 2; i < times_count; i++) {
    ck_assert_uint_eq(times[i] - times[i - 1],
                      2 * (times[i - 1] - times[i - 2]));
  }
  t->v->del(t);
  p.ends[HO_CLIENT].transport = NULL;
  ck_assert(!ho_ns_run(7200 * HO_SEC));
  wire_free(&p);
}

/* Goal: new keys and pings do no harm in the middle of a download. */
static void rekeys(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 2000000);
  wire_connect(&p);
  for (int i = 1; i <= 4; i++) { /* GnuTLS bears 8 a second */
    ho_transport *t = p.ends[i % 2].transport;
    ho_ns_run(60 * HO_MSEC + i * 10 * HO_MSEC);
    t->v->rekey(t, ho_ns_now());
    wire_drain(&p, i % 2);
    t = p.ends[HO_CLIENT].transport;
    t->v->ping(t, ho_ns_now());
    wire_drain(&p, HO_CLIENT);
  }
  ho_ns_run(20 * HO_SEC);
  probe_complete(2000000);
  wire_free(&p);
}

/* Goal: a cancelled call hears no more; the connection serves others. */
static void cancels(void) {
  ho_transport *t;
  fetch second;
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 50000000);
  p.rate_bps = 100000000;
  wire_connect(&p);
  ho_ns_run(200 * HO_MSEC);
  t = p.ends[HO_CLIENT].transport;
  t->v->cancel(t, &probe_fetch.call, ho_ns_now());
  wire_drain(&p, HO_CLIENT);
  uint64_t got = probe_fetch.got;
  fetch_init(&second, &p, HO_HTTP_DOWNLOAD, 5, 5000);
  fetch_start(&second);
  ho_ns_run(2 * HO_SEC);
  ck_assert_uint_eq(probe_fetch.got, got);
  ck_assert(!probe_fetch.done);
  ck_assert(second.done);
  ck_assert_uint_eq(second.got, 5000);
  wire_free(&p);
}

static void drop_transport(ho_call *call, const uint8_t *data, size_t len) {
  fetch *f = call->user;
  ho_transport **t = &f->wire->ends[HO_CLIENT].transport;

  (void)data, (void)len;
  (*t)->v->del(*t);
  *t = NULL;
}

/* Goal: a transport may be deleted at any time, from its own upcall too, and
 * says nothing more. */
static fetch other; /* its answer comes in the same record */

static void start_both(wire *p) {
  probe_start(p);
  fetch_start(&other);
}

static void is_deleted_in_an_upcall(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 100);
  p.on_ready = start_both;
  probe_fetch.call.on_data = drop_transport;
  fetch_init(&other, &p, HO_HTTP_DOWNLOAD, 4, 100);
  wire_connect(&p);
  ho_ns_run(HO_SEC);
  ck_assert_ptr_null(p.ends[HO_CLIENT].transport);
  ck_assert_ptr_null(p.closed);
  ck_assert(!probe_fetch.done && !other.first && !other.done);
  wire_free(&p);
}

static void is_deleted_any_time(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  for (ho_time t = 0; t < 100; t += 5) {
    fetch_init(&probe_fetch, &p, HO_HTTP_DOWNLOAD, 3, 1000000);
    wire_connect(&p); /* deletes the one before, |t| ms old */
    ho_ns_run(ho_ns_now() + t * HO_MSEC);
  }
  ck_assert_ptr_null(p.closed);
  wire_free(&p);
}

/* Goal: same seed, same segments at the same times; another seed, others. */
static void digest_run(uint64_t seed) {
  wire p;

  wire_init(&p, seed);
  p.on_ready = probe_start;
  p.lose = lose_some;
  p.rate_bps = 20000000;
  fetch_init(&probe_fetch, &p, HO_HTTP_DOWNLOAD, 3, 500000);
  wire_connect(&p);
  ho_ns_run(20 * HO_SEC);
  probe_complete(500000);
  *shared = p.digest;
  wire_free(&p);
}

static void digest_1(void) {
  digest_run(1);
}

static void digest_2(void) {
  digest_run(2);
}

static void repeats(void) {
  uint64_t first;

  shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert_int_eq(run_alone(digest_1), 0);
  first = *shared;
  ck_assert_int_eq(run_alone(digest_1), 0);
  ck_assert_uint_eq(*shared, first);
  ck_assert_int_eq(run_alone(digest_2), 0);
  ck_assert_uint_ne(*shared, first);
  munmap(shared, sizeof(*shared));
}

static const probe_case cases[] = {
    {"closes", closes},
    {"closes into silence", closes_into_silence},
    {"closes alone", closes_alone},
    {"rekeys", rekeys},
    {"cancels", cancels},
    {"is deleted in an upcall", is_deleted_in_an_upcall},
    {"is deleted any time", is_deleted_any_time},
    {"repeats", repeats},
};

int main(void) {
  return probe_main("tcp_contract", cases, sizeof(cases) / sizeof(cases[0]));
}
