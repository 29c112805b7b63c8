/* Goal: an observer tells flows apart by tuple, protocol and silence, counts
 * what it sees of each, and takes what two of its taps show once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tapped.h"
#include "tests/suite.h"

static const uint8_t noise[1400]; /* the fixed bit is 0: no QUIC */

static const ho_seen_flow *flow(const tapped *w, size_t n) {
  return ho_observer_flow(w->o, n);
}

/* Either direction keeps a flow alive for 2 s, that instant included. */
START_TEST(silence_cuts) {
  tapped w;

  tapped_init(&w, NULL);
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 0);
  w.t = 2 * HO_SEC;
  w.up = false;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 0);
  w.t = 4 * HO_SEC;
  w.up = true;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 0);
  w.t = 6 * HO_SEC + 1;
  w.up = false;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 1);
  w.t += HO_SEC;
  w.up = true;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 1);
  ho_observer_finish(w.o);
  ck_assert_uint_eq(ho_observer_count(w.o), 2);
  ck_assert(ho_tuple_eq(&flow(&w, 0)->tuple, &flow(&w, 1)->tuple));
  ck_assert_uint_eq(flow(&w, 0)->up.t_first, 0);
  ck_assert_uint_eq(flow(&w, 0)->up.t_last, 4 * HO_SEC);
  ck_assert_uint_eq(flow(&w, 0)->down.t_first, 2 * HO_SEC);
  ck_assert_uint_eq(flow(&w, 0)->down.t_last, 2 * HO_SEC);
  ck_assert_uint_eq(flow(&w, 1)->down.t_first, 6 * HO_SEC + 1);
  ck_assert_uint_eq(flow(&w, 1)->up.t_first, 7 * HO_SEC + 1);
  tapped_free(&w);
}
END_TEST

/* Client's address, client's port, server's port, protocol: each is another
 * flow; the way back is the same. */
START_TEST(tuples_are_told_apart) {
  tapped w;
  ho_tuple tuple;

  tapped_init(&w, NULL);
  tuple = w.tuple;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 0);
  w.tuple.client.port++;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 1);
  w.tuple = tuple;
  w.tuple.client.addr = ho_addr_add(tuple.client.addr, 1);
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 2);
  w.tuple = tuple;
  w.tuple.server.port++;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 3);
  w.tuple = tuple;
  ck_assert_int_eq(tapped_tcp(&w, true, 1, NULL, 0), 4);
  w.tuple = tapped_tuple(1, 6);
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 5);
  w.tuple = tuple;
  w.up = false;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), 0);
  ck_assert_int_eq(tapped_tcp(&w, false, 1, NULL, 0), 4);
  ck_assert_uint_eq(ho_observer_count(w.o), 6);
  tapped_free(&w);
}
END_TEST

START_TEST(many_flows_keep_their_numbers) {
  tapped w;

  tapped_init(&w, NULL);
  for (int round = 0; round < 2; round++) {
    for (unsigned i = 0; i < 5000; i++) {
      w.tuple = tapped_tuple(i, i % 2 ? 4 : 6);
      ck_assert_int_eq(tapped_udp(&w, noise, 10), i);
    }
  }
  ck_assert_uint_eq(ho_observer_count(w.o), 5000);
  ck_assert_uint_eq(flow(&w, 4999)->up.packets, 2);
  tapped_free(&w);
}
END_TEST

START_TEST(packets_are_counted) {
  ho_cid cid = tapped_cid(1, 8);
  tapped w;

  tapped_init(&w, NULL);
  tapped_udp(&w, noise, 100);
  w.ecn = 2;
  tapped_udp(&w, noise, 1000);
  w.ecn = 3;
  tapped_udp(&w, noise, 500);
  w.up = false;
  w.ecn = 0;
  for (int i = 0; i < 3; i++) {
    tapped_short(&w, i == 1 ? 0x60 : 0x40, &cid);
  }
  w.up = true;
  tapped_short(&w, 0x7f, &cid);
  ck_assert_uint_eq(flow(&w, 0)->up.packets, 4);
  ck_assert_uint_eq(flow(&w, 0)->up.bytes, 100 + 1000 + 500 + 60 + 4 * 28);
  ck_assert_uint_eq(flow(&w, 0)->up.max_bytes, 1028);
  ck_assert_uint_eq(flow(&w, 0)->up.ecn, 2);
  ck_assert_uint_eq(flow(&w, 0)->up.shorts, 1);
  ck_assert_uint_eq(flow(&w, 0)->up.spins, 1);
  ck_assert_uint_eq(flow(&w, 0)->ttl, 64);
  ck_assert_uint_eq(flow(&w, 0)->down.packets, 3);
  ck_assert_uint_eq(flow(&w, 0)->down.bytes, 3 * 88);
  ck_assert_uint_eq(flow(&w, 0)->down.ecn, 0);
  ck_assert_uint_eq(flow(&w, 0)->down.shorts, 3);
  ck_assert_uint_eq(flow(&w, 0)->down.spins, 1);
  tapped_free(&w);
}
END_TEST

/* Of IPv6 packets alone, and of those that the client sends. */
START_TEST(labels_are_the_clients) {
  tapped w;
  char want[100];
  uint8_t packet[48] = {0x60, 0x0b, 0xcd, 0xef, 0, 8, 17, 63};
  ho_glimpse glimpse = {0, 0, true, packet, 48};

  packet[8 + 15] = 1;
  packet[40 + 5] = 8; /* UDP length */
  tapped_init(&w, NULL);
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), 0);
  tapped_expect(&w, 0, "label:0bcdef");
  ck_assert_uint_eq(flow(&w, 0)->ttl, 63);
  packet[3] = 0xee;
  packet[7] = 9;
  ho_observer_see(w.o, &glimpse);
  snprintf(want, sizeof(want), "label:0bcdee label:0bcdef");
  tapped_expect(&w, 0, want);
  ck_assert_uint_eq(flow(&w, 0)->ttl, 63); /* of the first */
  glimpse.up = false;
  packet[3] = 0x11;
  ho_observer_see(w.o, &glimpse);
  tapped_expect(&w, ho_observer_count(w.o) - 1, "");
  packet[1] = packet[2] = packet[3] = 0;
  glimpse.up = true;
  ho_observer_see(w.o, &glimpse);
  tapped_expect(&w, 0, want);
  tapped_free(&w);
}
END_TEST

START_TEST(addresses_are_identifiers) {
  tapped w;
  char *text;

  tapped_init(&w, NULL);
  w.tuple.client.port = 0xabcd;
  tapped_udp(&w, noise, 10);
  text = ho_ids_text(&flow(&w, 0)->ids);
  ck_assert_str_eq(text, "port:abcd tuple:c6336401abcd");
  free(text);
  tapped_free(&w);
}
END_TEST

/* Access networks come before the server, in whatever order a packet passes. */
START_TEST(packets_count_once) {
  tapped w;

  tapped_init(&w, NULL);
  tapped_udp(&w, noise, 10); /* up: the network's tap first */
  w.tap = SERVER_TAP;
  ck_assert_int_eq(tapped_udp(&w, noise, 10), HO_NO_FLOW);
  /* A flow that the server begins, after silence and on a new tuple. */
  for (int i = 0; i < 2; i++) {
    w.tuple = tapped_tuple(1 + (unsigned)i, 4);
    w.t = 10 * HO_SEC;
    w.up = false;
    w.tap = SERVER_TAP;
    ck_assert_int_eq(tapped_udp(&w, noise, 20), i ? 2 : HO_NO_FLOW);
    w.tap = 0;
    ck_assert_int_eq(tapped_udp(&w, noise, 30), i ? 2 : 1);
  }
  ck_assert_uint_eq(ho_observer_count(w.o), 3);
  for (size_t i = 1; i < 3; i++) {
    ck_assert_uint_eq(flow(&w, i)->down.packets, 1);
    ck_assert_uint_eq(flow(&w, i)->down.bytes, 58);
  }
  /* What passes no access network is seen at the server. */
  w.tap = SERVER_TAP;
  w.tuple = tapped_tuple(9, 4);
  ck_assert_int_eq(tapped_udp(&w, noise, 40), 3);
  ck_assert_int_eq(tapped_udp(&w, noise, 40), 3);
  ck_assert_uint_eq(flow(&w, 3)->down.packets, 2);
  tapped_free(&w);
}
END_TEST

START_TEST(garbage_is_no_flow) {
  static const uint8_t tcp[60] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6};
  uint8_t packet[60];
  ho_glimpse glimpse = {0, 0, true, packet, 40};
  tapped w;

  tapped_init(&w, NULL);
  memcpy(packet, tcp, sizeof(packet));
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  packet[32] = 0x50; /* a header of 20 bytes */
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), 0);
  packet[6] = 0x20; /* more fragments */
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  packet[6] = 0;
  packet[9] = 1; /* ICMP */
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  packet[9] = 6;
  glimpse.len = 39;
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  glimpse.len = 0;
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  glimpse.len = 40;
  packet[0] = 0x55;
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  packet[0] = 0x4f; /* options up to the end of the packet, and beyond */
  ck_assert_int_eq(ho_observer_see(w.o, &glimpse), HO_NO_FLOW);
  tapped_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, silence_cuts);
  tcase_add_test(tc, tuples_are_told_apart);
  tcase_add_test(tc, many_flows_keep_their_numbers);
  tcase_add_test(tc, packets_are_counted);
  tcase_add_test(tc, labels_are_the_clients);
  tcase_add_test(tc, addresses_are_identifiers);
  tcase_add_test(tc, packets_count_once);
  tcase_add_test(tc, garbage_is_no_flow);
}

int main(void) {
  return suite_run("observer", add);
}
