/* Tests of stack/tcp/segment.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/diag.h"
#include "stack/tcp/segment.h"
#include "tests/suite.h"

/* A SYN from 192.0.2.2:50000 to 203.0.113.1:443. */
static const uint8_t syn[20] = {0xc3, 0x50, 0x01, 0xbb, 0, 0, 0, 7, 0, 0,
                                0,    0,    0x50, 0x02, 0, 0, 0, 0, 0, 0};

/* Goal: headers are read right, and no length reads outside. */
START_TEST(parses_headers) {
  ho_segment seg;

  ck_assert_int_eq(ho_segment_parse(&seg, syn, sizeof(syn)), 0);
  ck_assert_uint_eq(seg.src, 50000);
  ck_assert_uint_eq(seg.dst, 443);
  ck_assert_uint_eq(seg.seq, 7);
  ck_assert_uint_eq(seg.flags, HO_SEGMENT_SYN);
  ck_assert_uint_eq(seg.header, 20);
  ck_assert_uint_eq(seg.payload, 0);
  for (size_t len = 0; len < sizeof(syn); len++) {
    ck_assert_int_eq(ho_segment_parse(&seg, syn, len), HO_ERR_INPUT);
  }
}
END_TEST

START_TEST(refuses_bad_data_offsets) {
  static const uint8_t offsets[] = {0, 4, 6, 15};
  uint8_t bad[sizeof(syn)];
  ho_segment seg;

  memcpy(bad, syn, sizeof(syn));
  for (size_t i = 0; i < sizeof(offsets); i++) {
    bad[12] = (uint8_t)(offsets[i] << 4);
    ck_assert_int_eq(ho_segment_parse(&seg, bad, sizeof(bad)), HO_ERR_INPUT);
  }
}
END_TEST

/* Goal: the checksum of a known segment, computed by hand, over IPv4 and IPv6;
 * one that is filled in sums to 0; one flipped bit does not; odd lengths. */
START_TEST(checksums) {
  ho_addr a, b;
  uint8_t seg[25] = {0};
  uint16_t sum;

  /* 0xc000+0x0202+0xcb00+0x7101 + 6 + 20 + 0xc350+0x01bb+7+0x5002 */
  ho_addr_parse(&a, "192.0.2.2");
  ho_addr_parse(&b, "203.0.113.1");
  ck_assert_uint_eq(ho_segment_checksum(syn, sizeof(syn), &a, &b), 0xeccb);
  for (int family = 4; family <= 6; family += 2) {
    ho_addr_parse(&a, family == 4 ? "192.0.2.2" : "2001:db8::2");
    ho_addr_parse(&b, family == 4 ? "203.0.113.1" : "2001:db8::1");
    for (size_t len = 20; len <= sizeof(seg); len++) {
      memset(seg, 0, sizeof(seg));
      memcpy(seg, syn, sizeof(syn));
      seg[len - 1] |= 0x5a;
      seg[16] = seg[17] = 0;
      sum = ho_segment_checksum(seg, len, &a, &b);
      seg[16] = (uint8_t)(sum >> 8);
      seg[17] = (uint8_t)sum;
      ck_assert_uint_eq(ho_segment_checksum(seg, len, &a, &b), 0);
      seg[4] ^= 1;
      ck_assert_uint_ne(ho_segment_checksum(seg, len, &a, &b), 0);
    }
  }
}
END_TEST

/* Goal: RFC 9293, 3.10.7.1: the RST takes its number from the ACK, or else
 * acknowledges the whole segment, SYN and FIN counted. */
START_TEST(answers_rst) {
  static const struct {
    uint8_t flags;
    size_t payload;
    uint32_t seq, ack;
    uint8_t rst_flags;
  } cases[] = {
      {HO_SEGMENT_SYN, 0, 0, 101, HO_SEGMENT_RST | HO_SEGMENT_ACK},
      {HO_SEGMENT_FIN, 10, 0, 111, HO_SEGMENT_RST | HO_SEGMENT_ACK},
      {0, 10, 0, 110, HO_SEGMENT_RST | HO_SEGMENT_ACK},
      {HO_SEGMENT_ACK, 10, 555, 0, HO_SEGMENT_RST},
  };
  uint8_t buf[HO_SEGMENT_MIN];

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ho_segment seg = {.src = 1,
                      .dst = 2,
                      .seq = 100,
                      .ack = 555,
                      .flags = cases[i].flags,
                      .payload = cases[i].payload};
    ho_segment rst;
    ho_segment_write_rst(buf, &seg);
    ck_assert_int_eq(ho_segment_parse(&rst, buf, sizeof(buf)), 0);
    ck_assert_uint_eq(rst.src, 2);
    ck_assert_uint_eq(rst.dst, 1);
    ck_assert_uint_eq(rst.seq, cases[i].seq);
    ck_assert_uint_eq(rst.ack, cases[i].ack);
    ck_assert_uint_eq(rst.flags, cases[i].rst_flags);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, parses_headers);
  tcase_add_test(tc, refuses_bad_data_offsets);
  tcase_add_test(tc, checksums);
  tcase_add_test(tc, answers_rst);
}

int main(void) {
  return suite_run("segment", add);
}
