/* Tests of the TCP baseline in trouble: loss, resets, silence, corruption. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "sim/ns3/ns3.h"
#include "stack/tcp/segment.h"
#include "tests/tcp/probe.h"

/* When segments of interest were sent. */
static ho_time times[16];
static unsigned times_count;

static bool fix_checksum;

static bool lose_some(wire *p, ho_side sender, const ho_datagram *dgram) {
  (void)sender, (void)dgram;
  return p->packets % 23 == 0;
}

/* Goal: lost segments are sent again, as the repeated ranges of stream_sent
 * show, and the bytes come right. */
static void recovers_from_loss(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 300000);
  p.lose = lose_some;
  wire_connect(&p);
  ho_ns_run(60 * HO_SEC);
  probe_complete(300000);
  ck_assert_uint_gt(seen.repeated_bytes, 10 * 1000);
  ck_assert_uint_lt(seen.repeated_bytes, 100 * 1000);
  wire_free(&p);
}

/* Goal: a RST of the right number ends the connection, its call and nothing
 * else; one outside the window does nothing (RFC 9293, 3.10.7.4). */
static void obeys_rst(void) {
  uint8_t buf[HO_SEGMENT_MIN];
  ho_segment seg = {.src = 50000, .dst = 443, .flags = HO_SEGMENT_ACK};
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  wire_connect(&p);
  ho_ns_run(80 * HO_MSEC);
  ck_assert(probe_fetch.first && !probe_fetch.done);
  seg.ack = 1; /* its number is long past */
  wire_inject(&p, HO_SERVER, &seg, buf);
  ho_ns_run(100 * HO_MSEC);
  ck_assert_ptr_null(p.closed);
  seg.ack = seen.client_next + 1000000; /* ahead, inside the window */
  wire_inject(&p, HO_SERVER, &seg, buf);
  ho_ns_run(111 * HO_MSEC);
  ck_assert_str_eq(p.closed, "rst");
  ck_assert(probe_fetch.done);
  ck_assert_int_ne(probe_fetch.error, 0);
  ck_assert_uint_eq(seen.events[HO_EV_connection_closed], 1);
  /* The server goes on sending, to nobody, and is told by the next RST that a
   * host would send; here the client's transport swallows it. */
  wire_free(&p);
}

/* Goal: a segment of no connection, or to a closed port, is answered by RST; a
 * RST is not. */
static void refuses_strangers(void) {
  static const struct {
    const char *what;
    uint16_t port;
    uint8_t flags;
    uint64_t answers;
  } cases[] = {
      {"data of no connection", 443, HO_SEGMENT_ACK, 1},
      {"FIN of no connection", 443, HO_SEGMENT_FIN | HO_SEGMENT_ACK, 1},
      {"SYN+ACK of no connection", 443, HO_SEGMENT_SYN | HO_SEGMENT_ACK, 1},
      {"SYN to a closed port", 80, HO_SEGMENT_SYN, 1},
      {"RST", 443, HO_SEGMENT_RST, 0},
      {"RST to a closed port", 80, HO_SEGMENT_RST, 0},
  };
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    wire_raw(&p, cases[i].port, cases[i].flags);
    ho_ns_run((i + 1) * HO_SEC);
    ck_assert_msg(p.ends[HO_SERVER].segments == cases[i].answers, "%s",
                  cases[i].what);
    p.ends[HO_SERVER].segments = 0;
    if (cases[i].answers) {
      ck_assert(seen.last_flags[HO_SERVER] & HO_SEGMENT_RST);
    }
  }
  wire_free(&p);
}

/* Goal: a server that restarts answers the old connection's segments with RST,
 * and the client hears of it. */
static void learns_of_restart(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 5000000);
  wire_connect(&p);
  ho_ns_run(100 * HO_MSEC);
  wire_restart_server(&p);
  ho_ns_run(HO_SEC);
  ck_assert_str_eq(p.closed, "rst");
  wire_free(&p);
}

static bool lose_all(wire *p, ho_side sender, const ho_datagram *dgram) {
  if (sender == HO_CLIENT && times_count < 16) {
    times[times_count++] = ho_ns_now();
  }
  (void)p, (void)dgram;
  return true;
}

/* Goal: Linux's SYN retries: after 1, 2, 4 ... s, and after the seventh
 * "timeout" at 127 s. */
static void gives_up_connecting(void) {
  static const ho_time seconds[] = {0, 1, 3, 7, 15, 31, 63};
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000);
  p.lose = lose_all;
  wire_connect(&p);
  ho_ns_run(300 * HO_SEC);
  ck_assert_uint_eq(times_count, 7);
  for (size_t i = 0; i < 7; i++) {
    ck_assert_uint_eq(times[i], seconds[i] * HO_SEC);
  }
  ck_assert_str_eq(p.closed, "timeout");
  ck_assert_uint_eq(p.closed_at, 127 * HO_SEC);
  wire_free(&p);
}

/* Goal: a server whose client is gone gives up after 15 retries, in 7 to 10
 * minutes, and forgets the connection. */
static void gives_up_sending(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 5000000);
  wire_connect(&p);
  ho_ns_run(100 * HO_MSEC);
  p.lose = lose_all;
  ho_ns_run(400 * HO_SEC);
  ck_assert_uint_eq(seen.events[HO_EV_connection_closed], 0);
  ho_ns_run(600 * HO_SEC);
  ck_assert_uint_eq(seen.events[HO_EV_connection_closed], 1);
  ck_assert_str_eq(seen.server_closed, "timeout");
  ck_assert(!ho_ns_run(HO_NEVER));
  wire_free(&p);
}

/* Goal: a wrong checksum is dropped, a wrong byte under a right one is TLS's to
 * find. */
static bool corrupt(wire *p, ho_side sender, const ho_datagram *dgram) {
  ho_segment seg;

  ho_segment_parse(&seg, dgram->data, dgram->len);
  if (sender == HO_SERVER && seg.payload > 1000 &&
      ho_ns_now() >= 70 * HO_MSEC && ho_ns_now() < 75 * HO_MSEC) {
    dgram->data[dgram->len - 1] ^= 1;
    if (fix_checksum) {
      wire_checksum(dgram);
    }
  }
  (void)p;
  return false;
}

static void drops_bad_checksums(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  p.lose = corrupt;
  wire_connect(&p);
  ho_ns_run(20 * HO_SEC);
  probe_complete(1000000);
  ck_assert_uint_gt(seen.repeated_bytes, 1000);
  wire_free(&p);
}

static void fails_on_bad_records(void) {
  wire p;

  probe_setup(&p, HO_HTTP_DOWNLOAD, 1000000);
  p.lose = corrupt;
  fix_checksum = true;
  wire_connect(&p);
  ho_ns_run(20 * HO_SEC);
  ck_assert_ptr_nonnull(p.closed);
  ck_assert_msg(strncmp(p.closed, "tls: ", 5) == 0, "%s", p.closed);
  ck_assert_int_lt(p.error, 0);
  ck_assert_msg(strncmp(seen.server_closed, "tls: ", 5) == 0, "%s",
                seen.server_closed);
  wire_free(&p);
}

static const probe_case cases[] = {
    {"recovers from loss", recovers_from_loss},
    {"obeys rst", obeys_rst},
    {"refuses strangers", refuses_strangers},
    {"learns of restart", learns_of_restart},
    {"gives up connecting", gives_up_connecting},
    {"gives up sending", gives_up_sending},
    {"drops bad checksums", drops_bad_checksums},
    {"fails on bad records", fails_on_bad_records},
};

int main(void) {
  return probe_main("tcp_trouble", cases, sizeof(cases) / sizeof(cases[0]));
}
