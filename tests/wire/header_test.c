/* Goal: every form of a QUIC header is told apart, its parts are found, and
 * what is no version 1 packet is refused. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/header.h"

#include <stdbool.h>
#include <string.h>

#include "sim/base/diag.h"
#include "tests/suite.h"

/* Headers spelled by hand from RFC 9000, 17. */
static const struct {
  uint8_t len, bytes[48], short_dcid_len;
  ho_header want;
  const char *name;
} rows[] = {
    {18, /* Initial, with a token of 2 and 4 bytes of packet */
     {0xc3, 0, 0, 0, 1, 2, 0xa1, 0xa2, 1, 0xb1, 2, 't', 'u', 4, 9, 9, 9, 9},
     0,
     {.type = HO_WIRE_INITIAL,
      .version = 1,
      .dcid = {2, {0xa1, 0xa2}},
      .scid = {1, {0xb1}},
      .token_len = 2,
      .pn_offset = 14,
      .len = 18},
     "Initial"},
    {12, /* without CIDs and token, followed by another packet */
     {0xc0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 0x40, 1},
     0,
     {.type = HO_WIRE_INITIAL, .version = 1, .pn_offset = 9, .len = 10},
     "Initial"},
    {11,
     {0xd0, 0, 0, 0, 1, 0, 0, 0x40, 2, 9, 9},
     0,
     {.type = HO_WIRE_0RTT, .version = 1, .pn_offset = 9, .len = 11},
     "0-RTT"},
    {10,
     {0xe0, 0, 0, 0, 1, 0, 0, 2, 9, 9},
     8,
     {.type = HO_WIRE_HANDSHAKE, .version = 1, .pn_offset = 8, .len = 10},
     "Handshake"},
    {25, /* the tag is the last 16 */
     {0xf0, 0, 0, 0, 1, 0,  0,  't', 'u', 1,  2,  3, 4,
      5,    6, 7, 8, 9, 10, 11, 12,  13,  14, 15, 16},
     0,
     {.type = HO_WIRE_RETRY, .version = 1, .token_len = 2, .len = 25},
     "Retry"},
    {15, /* its other bits mean nothing: 17.2.1 */
     {0x80, 0, 0, 0, 0, 1, 0xa1, 1, 0xb1, 0, 0, 0, 1, 2, 3},
     0,
     {.type = HO_WIRE_VERSION,
      .dcid = {1, {0xa1}},
      .scid = {1, {0xb1}},
      .len = 15},
     "Version Negotiation"},
    {8,
     {0x40, 1, 2, 3, 4, 5, 6, 7},
     4,
     {.type = HO_WIRE_1RTT,
      .dcid = {4, {1, 2, 3, 4}},
      .pn_offset = 5,
      .len = 8},
     "1-RTT"},
    {3,
     {0x7f, 1, 2},
     0,
     {.type = HO_WIRE_1RTT, .pn_offset = 1, .len = 3},
     "1-RTT"},
};

START_TEST(reads_each_header) {
  ho_header h;

  ck_assert_int_eq(
      ho_header_read(&h, rows[_i].bytes, rows[_i].len, rows[_i].short_dcid_len),
      0);
  ck_assert_int_eq(h.type, rows[_i].want.type);
  ck_assert_uint_eq(h.first, rows[_i].bytes[0]);
  ck_assert_uint_eq(h.version, rows[_i].want.version);
  ck_assert_mem_eq(&h.dcid, &rows[_i].want.dcid, sizeof(h.dcid));
  ck_assert_mem_eq(&h.scid, &rows[_i].want.scid, sizeof(h.scid));
  ck_assert_uint_eq(h.token_len, rows[_i].want.token_len);
  if (h.token_len) {
    ck_assert_mem_eq(h.token, "tu", 2);
  }
  ck_assert_uint_eq(h.pn_offset, rows[_i].want.pn_offset);
  ck_assert_uint_eq(h.len, rows[_i].want.len);
  ck_assert_str_eq(ho_wire_type_name(h.type), rows[_i].name);
}
END_TEST

/* What ends before its parts do is none; Retry, Version Negotiation and 1-RTT
 * go on to the end, wherever that is. */
START_TEST(truncation_is_seen) {
  static const size_t least[] = {
      [HO_WIRE_RETRY] = 23, [HO_WIRE_VERSION] = 9, [HO_WIRE_1RTT] = 1};
  ho_wire_type type = rows[_i].want.type;
  bool open_ended =
      type == HO_WIRE_RETRY || type == HO_WIRE_VERSION || type == HO_WIRE_1RTT;
  size_t enough =
      open_ended ? least[type] + rows[_i].short_dcid_len : rows[_i].want.len;
  ho_header h;

  for (size_t len = 0; len < rows[_i].len; len++) {
    ck_assert_int_eq(
        ho_header_read(&h, rows[_i].bytes, len, rows[_i].short_dcid_len),
        len < enough ? HO_ERR_INPUT : 0);
  }
}
END_TEST

static const struct {
  uint8_t bytes[40], short_dcid_len;
} bad[] = {
    {{0x80, 0, 0, 0, 1, 0, 0, 0, 1, 9}, 0},       /* the fixed bit is 0 */
    {{0x3f, 1, 2, 3, 4, 5, 6, 7}, 0},             /* in a short header */
    {{0xc0, 0, 0, 0, 2, 0, 0, 0, 1, 9}, 0},       /* version 2 */
    {{0xc0, 0xff, 0, 0, 0x1d, 0, 0, 0, 1}, 0},    /* a draft */
    {{0xc0, 0, 0, 0, 1, 21}, 0},                  /* a DCID of 21 */
    {{0xc0, 0, 0, 0, 1, 0, 21}, 0},               /* an SCID of 21 */
    {{0xc0, 0, 0, 0, 1, 0, 0, 0x7f, 0xff}, 0},    /* a token beyond the end */
    {{0xc0, 0, 0, 0, 1, 0, 0, 0, 0x7f, 0xff}, 0}, /* and a packet */
    {{0x40}, 21},                                 /* no CID is so long */
};

START_TEST(nonsense_is_refused) {
  ho_header h;

  ck_assert_int_eq(ho_header_read(&h, bad[_i].bytes, sizeof(bad[_i].bytes),
                                  bad[_i].short_dcid_len),
                   HO_ERR_INPUT);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_each_header, 0, COUNT(rows));
  tcase_add_loop_test(tc, truncation_is_seen, 0, COUNT(rows));
  tcase_add_loop_test(tc, nonsense_is_refused, 0, COUNT(bad));
}

int main(void) {
  return suite_run("headers", add);
}
