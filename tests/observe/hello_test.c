/* Goal: tickets and tokens that a client shows are recorded, from QUIC and from
 * TCP, however the ClientHello is cut and in whichever order it comes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tapped.h"
#include "tests/suite.h"

enum { HELLO = 400 };

static const uint8_t seven[] = {7}, both[] = {7, 9}, nine[] = {9};

/* The identifiers of |flow| that are no CIDs: tickets by their first byte. */
static void expect(tapped *w, size_t flow, const char *want) {
  const ho_seen_flow *f = ho_observer_flow(w->o, flow);
  char got[200] = "";

  for (size_t i = 0; i < f->ids.count; i++) {
    const ho_id *id = &f->ids.list[i];
    size_t n = strlen(got);

    if (id->kind == HO_ID_TICKET) {
      ck_assert_uint_eq(id->len, 40);
      ck_assert_uint_eq(id->bytes[0], id->bytes[39]);
      snprintf(got + n, sizeof(got) - n, "%u ", id->bytes[0]);
    } else if (id->kind == HO_ID_TOKEN) {
      snprintf(got + n, sizeof(got) - n, "%.*s ", id->len, id->bytes);
    }
  }
  ck_assert_str_eq(got, want);
}

START_TEST(quic_in_one_packet) {
  ho_cid dcid = tapped_cid(1, 18);
  uint8_t hello[HELLO];
  tapped w;

  tapped_init(&w, NULL);
  tapped_initial(&w, &dcid, &dcid, "", 0, hello,
                 tapped_hello(hello, sizeof(hello), both, 2));
  expect(&w, 0, "7 9 ");
  /* Likewise of a client that brings a token and no ticket. */
  w.tuple = tapped_tuple(2, 4);
  tapped_initial(&w, &dcid, &dcid, "token-a", 0, hello,
                 tapped_hello(hello, sizeof(hello), NULL, 0));
  expect(&w, 1, "token-a ");
  tapped_free(&w);
}
END_TEST

/* Two Initial packets, in either order, the second to the server's CID. */
START_TEST(quic_in_two_packets) {
  ho_cid dcid = tapped_cid(1, 18), server = tapped_cid(2, 8),
         client = tapped_cid(3, 8);
  uint8_t hello[HELLO];
  size_t len = tapped_hello(hello, sizeof(hello), seven, 1), cut = 30;
  tapped w;

  tapped_init(&w, NULL);
  if (_i == 0) {
    tapped_initial(&w, &dcid, &dcid, "", 0, hello, cut);
    expect(&w, 0, "");
    w.up = false;
    tapped_long(&w, HO_WIRE_INITIAL, &client, &server);
    w.up = true;
    tapped_initial(&w, &dcid, &server, "", cut, hello + cut, len - cut);
  } else {
    tapped_initial(&w, &dcid, &dcid, "", cut, hello + cut, len - cut);
    expect(&w, 0, "");
    tapped_initial(&w, &dcid, &dcid, "", 0, hello, cut);
  }
  expect(&w, 0, "7 ");
  tapped_free(&w);
}
END_TEST

/* After a Retry its SCID gives the keys; the token that it brings is seen. */
START_TEST(quic_after_retry) {
  ho_cid dcid = tapped_cid(1, 18), retry = tapped_cid(2, 8);
  uint8_t hello[HELLO];
  size_t len = tapped_hello(hello, sizeof(hello), seven, 1);
  tapped w;

  tapped_init(&w, NULL);
  tapped_initial(&w, &dcid, &dcid, "", 0, hello, 20);
  tapped_initial(&w, &retry, &retry, "retry", 0, hello, 20);
  tapped_initial(&w, &retry, &retry, "retry", 20, hello + 20, len - 20);
  expect(&w, 0, "retry 7 ");
  tapped_free(&w);
}
END_TEST

/* The next connection on the same tuple has another first DCID. */
START_TEST(quic_again) {
  ho_cid dcid = tapped_cid(1, 18), again = tapped_cid(2, 18);
  uint8_t hello[HELLO];
  tapped w;

  tapped_init(&w, NULL);
  tapped_initial(&w, &dcid, &dcid, "", 0, hello,
                 tapped_hello(hello, sizeof(hello), seven, 1));
  tapped_initial(&w, &again, &again, "", 0, hello,
                 tapped_hello(hello, sizeof(hello), nine, 1));
  expect(&w, 0, "7 9 ");
  tapped_free(&w);
}
END_TEST

/* Keys that are not those of the DCID: nothing is opened. */
START_TEST(quic_with_other_keys) {
  ho_cid dcid = tapped_cid(1, 18), keys = tapped_cid(2, 18), none = {0};
  uint8_t hello[HELLO];
  size_t len = tapped_hello(hello, sizeof(hello), seven, 1);
  tapped w;

  tapped_init(&w, NULL);
  tapped_initial(&w, &keys, &dcid, "", 0, hello, len);
  expect(&w, 0, "");
  tapped_initial(&w, &dcid, &none, "", 0, hello, len);
  expect(&w, 0, "");
  /* A damaged one does not keep the next from being read. */
  tapped_initial(&w, &dcid, &dcid, "", 0, hello, len);
  expect(&w, 0, "7 ");
  tapped_free(&w);
}
END_TEST

/* A record with a ClientHello, in segments of 50 bytes, forwards, backwards,
 * and across the end of the sequence numbers. */
START_TEST(tcp_in_segments) {
  uint8_t record[5 + HELLO] = {22, 3, 1, 0, 0};
  size_t len = 5 + tapped_hello(record + 5, HELLO, seven, 1), pieces = 0;
  uint32_t first = _i & 2 ? UINT32_MAX - 70 : 1000;
  tapped w;

  tapped_init(&w, NULL);
  tapped_tcp(&w, true, first, NULL, 0);
  for (size_t i = 0; i < len; i += 50) {
    size_t at = _i & 1 ? (len - 1) / 50 * 50 - i : i;
    expect(&w, 0, "");
    tapped_tcp(&w, false, first + 1 + (uint32_t)at, record + at,
               len - at < 50 ? len - at : 50);
    pieces++;
  }
  ck_assert_uint_gt(pieces, 2);
  expect(&w, 0, "7 ");
  tapped_free(&w);
}
END_TEST

/* Pieces smaller than a record's header; and the server's are not read. */
START_TEST(tcp_in_crumbs) {
  uint8_t record[5 + HELLO] = {22, 3, 1, 0, 0};
  size_t len = 5 + tapped_hello(record + 5, HELLO, seven, 1);
  tapped w;

  tapped_init(&w, NULL);
  tapped_tcp(&w, true, 1000, NULL, 0);
  w.up = false;
  tapped_tcp(&w, true, 1000, NULL, 0);
  tapped_tcp(&w, false, 1001, record, len);
  expect(&w, 0, "");
  w.up = true;
  for (size_t i = 0; i < len; i += 3) {
    tapped_tcp(&w, false, 1001 + (uint32_t)i, record + i,
               len - i < 3 ? len - i : 3);
  }
  expect(&w, 0, "7 ");
  tapped_free(&w);
}
END_TEST

/* A SYN that is sent again changes nothing; another one begins anew; and in the
 * middle of a connection there is no ClientHello. */
START_TEST(tcp_begins_with_syn) {
  uint8_t record[5 + HELLO] = {22, 3, 1, 0, 0};
  size_t len = 5 + tapped_hello(record + 5, HELLO, seven, 1);
  tapped w;

  tapped_init(&w, NULL);
  tapped_tcp(&w, false, 1001, record, len);
  expect(&w, 0, "");
  tapped_tcp(&w, true, 1000, NULL, 0);
  tapped_tcp(&w, false, 1001, record, 50);
  tapped_tcp(&w, true, 1000, NULL, 0);
  tapped_tcp(&w, false, 1051, record + 50, len - 50);
  expect(&w, 0, "7 ");
  tapped_hello(record + 5, HELLO, nine, 1);
  tapped_tcp(&w, false, 1001, record, len);
  expect(&w, 0, "7 ");
  tapped_tcp(&w, true, 5000, NULL, 0);
  tapped_tcp(&w, false, 5001, record, len);
  expect(&w, 0, "7 9 ");
  tapped_free(&w);
}
END_TEST

START_TEST(tcp_without_tls) {
  uint8_t record[5 + HELLO] = {'G', 'E', 'T', ' ', '/'};
  size_t len = 5 + tapped_hello(record + 5, HELLO, seven, 1);
  tapped w;

  tapped_init(&w, NULL);
  tapped_tcp(&w, true, 1000, NULL, 0);
  tapped_tcp(&w, false, 1001, record, len);
  expect(&w, 0, "");
  tapped_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, quic_in_one_packet);
  tcase_add_loop_test(tc, quic_in_two_packets, 0, 2);
  tcase_add_test(tc, quic_after_retry);
  tcase_add_test(tc, quic_again);
  tcase_add_test(tc, quic_with_other_keys);
  tcase_add_loop_test(tc, tcp_in_segments, 0, 4);
  tcase_add_test(tc, tcp_in_crumbs);
  tcase_add_test(tc, tcp_begins_with_syn);
  tcase_add_test(tc, tcp_without_tls);
}

int main(void) {
  return suite_run("hello", add);
}
