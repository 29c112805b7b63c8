/* Tests of what makes the TCP baseline like a kernel's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "sim/ns3/ns3.h"
#include "stack/tcp/segment.h"
#include "tests/tcp/probe.h"

/* When segments of interest were sent. */
static ho_time times[16];
static unsigned times_count;

/* Goal: the window starts at |initial_window| segments: so many leave before
 * the first acknowledgement of any. */
static void initial_window(uint32_t window) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  p.arm.initial_window = window;
  wire_connect(&p);
  ho_ns_run(49 * HO_MSEC);
  p.ends[HO_SERVER].segments = 0;
  ho_ns_run(51 * HO_MSEC);
  ck_assert_uint_eq(p.ends[HO_SERVER].segments, window);
  wire_free(&p);
}

static void initial_window_10(void) {
  initial_window(10);
}

static void initial_window_4(void) {
  initial_window(4);
}

static bool lose_answer(wire *p, ho_side sender, const ho_datagram *dgram) {
  ho_segment seg;

  ho_segment_parse(&seg, dgram->data, dgram->len);
  if (sender == HO_SERVER && seg.payload > 0 && ho_ns_now() > HO_SEC) {
    times[times_count++ % 16] = ho_ns_now();
    return times_count <= 3;
  }
  (void)p;
  return false;
}

static void ask(void *user) {
  wire *p = user;

  fetch_init(&probe_fetch, p, HO_HTTP_DOWNLOAD, 4, 100);
  fetch_start(&probe_fetch);
}

/* Goal: the retransmission timer is not below 200 ms, and doubles. */
static void waits_200_ms(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  p.lose = lose_answer;
  wire_connect(&p);
  ho_ns_at(2 * HO_SEC, ask, &p);
  ho_ns_run(10 * HO_SEC);
  probe_complete(100);
  ck_assert_uint_eq(times[0], 2 * HO_SEC + 10 * HO_MSEC);
  ck_assert_uint_eq(times[1] - times[0], 200 * HO_MSEC);
  ck_assert_uint_eq(times[2] - times[1], 400 * HO_MSEC);
  ck_assert_uint_eq(times[3] - times[2], 800 * HO_MSEC);
  wire_free(&p);
}

static bool note_client(wire *p, ho_side sender, const ho_datagram *dgram) {
  if (sender == HO_CLIENT && ho_ns_now() > HO_SEC) {
    times[times_count++ % 16] = ho_ns_now();
  }
  (void)p, (void)dgram;
  return false;
}

/* Goal: a lone segment is acknowledged after 40 ms. */
static void delays_acks(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  p.lose = note_client;
  wire_connect(&p);
  ho_ns_at(2 * HO_SEC, ask, &p);
  ho_ns_run(10 * HO_SEC);
  probe_complete(100);
  ck_assert_uint_eq(times_count, 2);
  ck_assert_uint_eq(times[1], 2 * HO_SEC + WIRE_RTT + 40 * HO_MSEC);
  wire_free(&p);
}

/* Goal: segments fill the MTU, whatever the family, and no more. */
static void fills_the_mtu(void) {
  static const struct {
    uint8_t family;
    uint32_t mtu;
  } cases[] = {{4, 1500}, {6, 1500}, {4, 1280}, {6, 1280}};
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 0);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    p.family = cases[i].family;
    p.mtu = cases[i].mtu;
    wire_restart_server(&p);
    seen.largest_segment = 0;
    fetch_init(&probe_fetch, &p, HO_HTTP_DOWNLOAD, 3, 100000);
    wire_connect(&p);
    ho_ns_run((i + 1) * 10 * HO_SEC);
    probe_complete(100000);
    ck_assert_uint_eq(seen.largest_segment + (p.family == 4 ? 20 : 40), p.mtu);
  }
  wire_free(&p);
}

/* Goal: the link is kept busy: 25 MB at 100 Mbit/s, 20 ms, take hardly longer
 * than slow start and 1448/1500 of the rate want. */
static void fills_the_link(ho_cc cc) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 25000000);
  p.arm.cc = cc;
  p.rate_bps = 100000000;
  wire_connect(&p);
  ho_ns_run(20 * HO_SEC);
  probe_complete(25000000);
  ck_assert_uint_gt(probe_fetch.done_at, 2072 * HO_MSEC);
  ck_assert_uint_lt(probe_fetch.done_at, 2300 * HO_MSEC);
  wire_free(&p);
}

static void fills_the_link_cubic(void) {
  fills_the_link(HO_CC_CUBIC);
}

static void fills_the_link_reno(void) {
  fills_the_link(HO_CC_RENO);
}

static void fills_the_link_bbr(void) {
  fills_the_link(HO_CC_BBR);
}

/* Goal: the manifest names what is not ns-3's default. */
static void find_setting(void *user, const char *name, const char *value) {
  if (strcmp(name, "ns3::TcpSocketBase::MinRto") == 0 &&
      strcmp(value, "200ms") == 0) {
    *(bool *)user = true;
  }
}

static void lists_settings(void) {
  bool found = false;

  ho_tcp_settings(find_setting, &found);
  ck_assert(found);
}

static const probe_case cases[] = {
    {"initial window 10", initial_window_10},
    {"initial window 4", initial_window_4},
    {"waits 200 ms", waits_200_ms},
    {"delays acks", delays_acks},
    {"fills the mtu", fills_the_mtu},
    {"fills the link cubic", fills_the_link_cubic},
    {"fills the link reno", fills_the_link_reno},
    {"fills the link bbr", fills_the_link_bbr},
    {"lists settings", lists_settings},
};

int main(void) {
  return probe_main("tcp_kernel", cases, sizeof(cases) / sizeof(cases[0]));
}
