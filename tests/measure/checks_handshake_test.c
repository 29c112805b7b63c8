/* Goal: what shows the server that an address is its client's before there is
 * any PATH_CHALLENGE, and which timers it has then (D1, D3). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "flow_rig.h"
#include "tests/suite.h"

static rig r;
static ho_endpoint home, cell;

static const ho_frame crypto = {.type = HO_FRAME_CRYPTO, .length = 100};
static const ho_frame ping = {.type = HO_FRAME_PING};

static void setup(void) {
  rig_init(&r, 0);
  home = rig_at(1, 1000);
  cell = rig_at(2, 1000);
}

static void teardown(void) {
  rig_free(&r);
}

/* The client sends a packet of |type| at |ms| from |from|. */
static uint64_t client(uint64_t ms, ho_endpoint from, ho_wire_type type,
                       uint64_t pn, ho_frame frame) {
  uint64_t packet;

  r.tuple.client = from;
  packet = rig_put(&r, HO_CLIENT, MS(ms), type, pn, &frame, 1);
  rig_arrive(&r, packet, MS(ms) + r.delay, NULL);
  return packet;
}

/* The server sends |count| datagrams of 1200 bytes to |to|. */
static uint64_t server(uint64_t ms, ho_endpoint to, ho_wire_type type,
                       uint64_t pn, int count) {
  uint64_t last = 0;

  r.tuple.client = to;
  while (count-- > 0) {
    last = rig_put(&r, HO_SERVER, MS(ms), type, pn++, &crypto, 1);
  }
  return last;
}

/* 1200 bytes have come and 1200 have gone: 2400 more, and not a datagram. */
START_TEST(the_limit_of_a_handshake) {
  uint64_t last;

  rig_shake(&r);
  last = server(20, home, HO_WIRE_HANDSHAKE, 1, 2 + _i);
  if (_i == 0) {
    RIG_IS(D1, HO_PASS);
  } else {
    RIG_FAILS(D1, HO_SERVER, last);
  }
}
END_TEST

/* RFC 9000, 8.1.1 to 8.1.3: a token. */
START_TEST(a_token_validates) {
  r.token_len = 16;
  rig_shake(&r);
  server(20, home, HO_WIRE_HANDSHAKE, 1, 9);
  RIG_IS(D1, HO_NOT_EXERCISED);
}
END_TEST

/* 8.1: a CID of the server's choice, of 8 bytes, that comes back. */
START_TEST(a_cid_validates) {
  rig_shake(&r);
  r.dcid = _i == 0 ? 1 : 7; /* its own is of 1s */
  client(20, home, HO_WIRE_INITIAL, 1, crypto);
  server(40, home, HO_WIRE_HANDSHAKE, 1, 9);
  RIG_IS(D1, _i == 0 ? HO_PASS : HO_FAIL);
}
END_TEST

/* 8.1: a Handshake packet, wherever it comes from while there is a handshake; a
 * 1-RTT packet does not. */
START_TEST(a_handshake_packet_validates) {
  static const ho_wire_type types[] = {HO_WIRE_HANDSHAKE, HO_WIRE_1RTT};

  rig_shake(&r);
  client(20, cell, types[_i], 0, _i == 0 ? crypto : ping);
  server(40, cell, HO_WIRE_HANDSHAKE, 1, 9);
  RIG_IS(D1, _i == 0 ? HO_PASS : HO_FAIL);
}
END_TEST

/* And when it is over, nor does a Handshake packet. */
START_TEST(a_late_handshake_packet_validates_nothing) {
  ho_tuple there;

  rig_begin(&r);
  client(50, cell, HO_WIRE_HANDSHAKE, 1, crypto);
  there = (ho_tuple){cell, r.tuple.server};
  ck_assert_uint_eq(ho_flow_find_path(r.flow, HO_SERVER, &there)->t_validated,
                    HO_NEVER);
  server(70, cell, HO_WIRE_1RTT, 9, 9);
  RIG_IS(D1, HO_FAIL);
}
END_TEST

/* The limit holds; 1200 bytes lift it, which prove nothing, and no probe comes.
 * With the handshake's packets acknowledged, from elsewhere, there is no timer
 * for the others (RFC 9002, 6.2.1), nor for Initial packets, which are over
 * with the first Handshake packet (RFC 9001, 4.9.1). */
START_TEST(no_timer_for_the_application) {
  bool acked = _i % 2 == 1, initial = _i >= 2;
  uint64_t heard;

  rig_shake(&r);
  if (initial) {
    server(12, home, HO_WIRE_INITIAL, 0, 1);
  }
  if (acked) {
    client(15, cell, HO_WIRE_HANDSHAKE, 0, ACK(0, 0));
  }
  server(30, home, HO_WIRE_1RTT, 0, initial ? 1 : 2);
  r.dcid = 7;
  heard = client(100, home, HO_WIRE_INITIAL, 1, ping);
  rig_end(&r, MS(3107));
  RIG_IS(D3, HO_NOT_EXERCISED);
  rig_end(&r, MS(3108));
  if (acked) {
    RIG_IS(D3, HO_NOT_EXERCISED);
  } else {
    RIG_FAILS(D3, HO_SERVER, heard);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, the_limit_of_a_handshake, 0, 2);
  tcase_add_test(tc, a_token_validates);
  tcase_add_loop_test(tc, a_cid_validates, 0, 2);
  tcase_add_loop_test(tc, a_handshake_packet_validates, 0, 2);
  tcase_add_test(tc, a_late_handshake_packet_validates_nothing);
  tcase_add_loop_test(tc, no_timer_for_the_application, 0, 4);
}

int main(void) {
  return suite_run("checks_handshake", add);
}
