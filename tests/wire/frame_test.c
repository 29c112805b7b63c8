/* Goal: every frame of RFC 9000, 19 is read to its end, and no input is too
 * short or too wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include <string.h>

#include "tests/suite.h"

/* Frames spelled by hand from RFC 9000, 19. */
static const struct {
  uint8_t len, bytes[48];
  ho_frame want;
  bool eliciting;
} rows[] = {
    {3, {0, 0, 0}, {.type = HO_FRAME_PADDING, .length = 3}, false},
    {1, {1}, {.type = HO_FRAME_PING}, true},
    {5, {2, 0x40, 0x64, 5, 0}, {.type = 0}, false}, /* too short: see below */
    {6, {2, 0x40, 0x64, 5, 0, 9}, {.type = HO_FRAME_ACK}, false},
    {8, {2, 0x40, 0x64, 5, 1, 9, 1, 2}, {.type = HO_FRAME_ACK}, false},
    {8, {3, 10, 5, 0, 9, 1, 2, 3}, {.type = HO_FRAME_ACK_ECN}, false},
    {4, {4, 1, 2, 3}, {.type = HO_FRAME_RESET_STREAM}, true},
    {3, {5, 1, 2}, {.type = HO_FRAME_STOP_SENDING}, true},
    {6,
     {6, 8, 3, 'a', 'b', 'c'},
     {.type = HO_FRAME_CRYPTO, .offset = 8, .length = 3},
     true},
    {4, {7, 2, 1, 1}, {.type = HO_FRAME_NEW_TOKEN, .length = 2}, true},
    {5,
     {8, 4, 'a', 'b', 'c'},
     {.type = HO_FRAME_STREAM, .stream = 4, .length = 3},
     true},
    {7,
     {0x0f, 4, 0x40, 0x80, 2, 'a', 'b'},
     {.type = HO_FRAME_STREAM, .stream = 4, .offset = 128, .length = 2},
     true},
    {2, {0x10, 9}, {.type = HO_FRAME_MAX_DATA}, true},
    {3, {0x11, 1, 2}, {.type = HO_FRAME_MAX_STREAM_DATA}, true},
    {2, {0x12, 9}, {.type = HO_FRAME_MAX_STREAMS_BIDI}, true},
    {2, {0x17, 9}, {.type = HO_FRAME_STREAMS_BLOCKED_UNI}, true},
    {21,
     {0x18, 5, 2, 1, 0xcc, 0,  1,  2,  3,  4, 5,
      6,    7, 8, 9, 10,   11, 12, 13, 14, 15},
     {.type = HO_FRAME_NEW_CONNECTION_ID,
      .sequence = 5,
      .retire_prior_to = 2,
      .cid = {1, {0xcc}},
      .token = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
     true},
    {2,
     {0x19, 7},
     {.type = HO_FRAME_RETIRE_CONNECTION_ID, .sequence = 7},
     true},
    {9,
     {0x1a, 1, 2, 3, 4, 5, 6, 7, 8},
     {.type = HO_FRAME_PATH_CHALLENGE, .data = 0x0102030405060708},
     true},
    {9,
     {0x1b, 1, 2, 3, 4, 5, 6, 7, 8},
     {.type = HO_FRAME_PATH_RESPONSE, .data = 0x0102030405060708},
     true},
    {5, {0x1c, 1, 2, 1, 'x'}, {.type = HO_FRAME_CONNECTION_CLOSE}, false},
    {4, {0x1d, 1, 1, 'x'}, {.type = HO_FRAME_CONNECTION_CLOSE_APP}, false},
    {1, {0x1e}, {.type = HO_FRAME_HANDSHAKE_DONE}, true},
    {4,
     {0x31, 2, 'a', 'b'},
     {.type = HO_FRAME_DATAGRAM_LEN, .length = 2},
     true},
};

START_TEST(reads_each_frame) {
  size_t len = rows[_i].len;
  ho_frame f;

  if (_i == 2) {
    ck_assert_uint_eq(ho_frame_next(&f, rows[_i].bytes, len), 0);
    return;
  }
  ck_assert_uint_eq(ho_frame_next(&f, rows[_i].bytes, len), len);
  ck_assert_uint_eq(f.type, rows[_i].want.type);
  ck_assert_uint_eq(f.stream, rows[_i].want.stream);
  ck_assert_uint_eq(f.offset, rows[_i].want.offset);
  ck_assert_uint_eq(f.length, rows[_i].want.length);
  ck_assert_uint_eq(f.data, rows[_i].want.data);
  ck_assert_uint_eq(f.sequence, rows[_i].want.sequence);
  ck_assert_uint_eq(f.retire_prior_to, rows[_i].want.retire_prior_to);
  ck_assert_mem_eq(&f.cid, &rows[_i].want.cid, sizeof(f.cid));
  ck_assert_mem_eq(&f.token, &rows[_i].want.token, sizeof(f.token));
  ck_assert_int_eq(ho_frame_eliciting(f.type), rows[_i].eliciting);
}
END_TEST

/* Cut short, a frame is none, but for those that take what there is. */
START_TEST(truncation_is_seen) {
  const uint8_t *bytes = rows[_i].bytes;
  bool open_ended = bytes[0] == 0 || bytes[0] == 8;
  ho_frame f;

  for (size_t len = 0; len < rows[_i].len && _i != 2; len++) {
    size_t n = ho_frame_next(&f, bytes, len);
    ck_assert(n == 0 || (open_ended && n == len));
  }
}
END_TEST

START_TEST(nonsense_is_refused) {
  static const uint8_t bad[][24] = {
      {0x1f},                   /* no such type */
      {0x40, 0x40},             /* nor this one */
      {0x06, 0, 0xbf, 0, 0, 0}, /* CRYPTO longer than the packet */
      {0x18, 1, 0, 0},          /* NEW_CONNECTION_ID with an empty CID */
      {0x18, 1, 0, 21},         /* and with too long a one */
  };
  ho_frame f;

  ck_assert_uint_eq(ho_frame_next(&f, bad[_i], sizeof(bad[_i])), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_each_frame, 0, COUNT(rows));
  tcase_add_loop_test(tc, truncation_is_seen, 0, COUNT(rows));
  tcase_add_loop_test(tc, nonsense_is_refused, 0, 5);
}

int main(void) {
  return suite_run("frames", add);
}
