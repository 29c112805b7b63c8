/* Goal: every frame of RFC 9000, 19 is read to its end, and no input is too
 * short or too wrong; what is written is read again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include <string.h>

#include "sim/base/rng.h"
#include "tests/suite.h"

/* Frames spelled by hand from RFC 9000, 19; |at| is where |bytes| point. */
static const struct {
  uint8_t len, bytes[48];
  ho_frame want;
  bool eliciting;
  uint8_t at;
} rows[] = {
    {3, {0, 0, 0}, {.type = HO_FRAME_PADDING, .length = 3}, false, 0},
    {1, {1}, {.type = HO_FRAME_PING}, true, 0},
    {6,
     {2, 0x40, 0x64, 5, 0, 9},
     {.type = HO_FRAME_ACK, .largest = 100, .delay = 5, .length = 1},
     false,
     5},
    {8,
     {2, 0x40, 0x64, 5, 1, 9, 1, 2},
     {.type = HO_FRAME_ACK, .largest = 100, .delay = 5, .length = 3},
     false,
     5},
    {8,
     {3, 10, 5, 0, 9, 1, 2, 3},
     {.type = HO_FRAME_ACK_ECN,
      .largest = 10,
      .delay = 5,
      .length = 1,
      .ect0 = 1,
      .ect1 = 2,
      .ce = 3},
     false,
     4},
    {4,
     {4, 1, 2, 3},
     {.type = HO_FRAME_RESET_STREAM, .stream = 1, .error = 2, .offset = 3},
     true,
     0},
    {3,
     {5, 1, 2},
     {.type = HO_FRAME_STOP_SENDING, .stream = 1, .error = 2},
     true,
     0},
    {6,
     {6, 8, 3, 'a', 'b', 'c'},
     {.type = HO_FRAME_CRYPTO, .offset = 8, .length = 3},
     true,
     3},
    {4, {7, 2, 1, 1}, {.type = HO_FRAME_NEW_TOKEN, .length = 2}, true, 2},
    {5,
     {8, 4, 'a', 'b', 'c'},
     {.type = HO_FRAME_STREAM, .stream = 4, .length = 3},
     true,
     2},
    {3,
     {9, 4, 'a'},
     {.type = HO_FRAME_STREAM, .stream = 4, .length = 1, .fin = true},
     true,
     2},
    {4,
     {0x0a, 4, 1, 'a'},
     {.type = HO_FRAME_STREAM, .stream = 4, .length = 1},
     true,
     3},
    {4,
     {0x0c, 4, 7, 'a'},
     {.type = HO_FRAME_STREAM, .stream = 4, .offset = 7, .length = 1},
     true,
     3},
    {7,
     {0x0f, 4, 0x40, 0x80, 2, 'a', 'b'},
     {.type = HO_FRAME_STREAM,
      .stream = 4,
      .offset = 128,
      .length = 2,
      .fin = true},
     true,
     5},
    {9, /* the longest form of a number */
     {0x10, 0xc0, 0, 0, 1, 0, 0, 0, 9},
     {.type = HO_FRAME_MAX_DATA, .limit = 0x100000009},
     true,
     0},
    {3,
     {0x11, 1, 2},
     {.type = HO_FRAME_MAX_STREAM_DATA, .stream = 1, .limit = 2},
     true,
     0},
    {2, {0x12, 9}, {.type = HO_FRAME_MAX_STREAMS_BIDI, .limit = 9}, true, 0},
    {9,
     {0x13, 0xd0, 0, 0, 0, 0, 0, 0, 0},
     {.type = HO_FRAME_MAX_STREAMS_UNI, .limit = UINT64_C(1) << 60},
     true,
     0},
    {5,
     {0x14, 0x80, 1, 0, 0},
     {.type = HO_FRAME_DATA_BLOCKED, .limit = 65536},
     true,
     0},
    {3,
     {0x15, 1, 2},
     {.type = HO_FRAME_STREAM_DATA_BLOCKED, .stream = 1, .limit = 2},
     true,
     0},
    {2,
     {0x16, 9},
     {.type = HO_FRAME_STREAMS_BLOCKED_BIDI, .limit = 9},
     true,
     0},
    {2, {0x17, 9}, {.type = HO_FRAME_STREAMS_BLOCKED_UNI, .limit = 9}, true, 0},
    {21,
     {0x18, 5, 5, 1, 0xcc, 0,  1,  2,  3,  4, 5,
      6,    7, 8, 9, 10,   11, 12, 13, 14, 15},
     {.type = HO_FRAME_NEW_CONNECTION_ID,
      .sequence = 5,
      .retire_prior_to = 5,
      .cid = {1, {0xcc}},
      .token = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
     true,
     0},
    {2,
     {0x19, 7},
     {.type = HO_FRAME_RETIRE_CONNECTION_ID, .sequence = 7},
     true,
     0},
    {9,
     {0x1a, 1, 2, 3, 4, 5, 6, 7, 8},
     {.type = HO_FRAME_PATH_CHALLENGE, .data = 0x0102030405060708},
     true,
     0},
    {9,
     {0x1b, 1, 2, 3, 4, 5, 6, 7, 8},
     {.type = HO_FRAME_PATH_RESPONSE, .data = 0x0102030405060708},
     true,
     0},
    {5,
     {0x1c, 1, 2, 1, 'x'},
     {.type = HO_FRAME_CONNECTION_CLOSE, .error = 1, .trigger = 2, .length = 1},
     false,
     4},
    {4,
     {0x1d, 1, 1, 'x'},
     {.type = HO_FRAME_CONNECTION_CLOSE_APP, .error = 1, .length = 1},
     false,
     3},
    {1, {0x1e}, {.type = HO_FRAME_HANDSHAKE_DONE}, true, 0},
    {3, {0x30, 'a', 'b'}, {.type = HO_FRAME_DATAGRAM, .length = 2}, true, 1},
    {4,
     {0x31, 2, 'a', 'b'},
     {.type = HO_FRAME_DATAGRAM_LEN, .length = 2},
     true,
     2},
};

static void same(const ho_frame *f, const ho_frame *want) {
  ck_assert_uint_eq(f->type, want->type);
  ck_assert_uint_eq(f->stream, want->stream);
  ck_assert_uint_eq(f->offset, want->offset);
  ck_assert_uint_eq(f->length, want->length);
  ck_assert_int_eq(f->fin, want->fin);
  ck_assert_uint_eq(f->limit, want->limit);
  ck_assert_uint_eq(f->error, want->error);
  ck_assert_uint_eq(f->trigger, want->trigger);
  ck_assert_uint_eq(f->data, want->data);
  ck_assert_uint_eq(f->sequence, want->sequence);
  ck_assert_uint_eq(f->retire_prior_to, want->retire_prior_to);
  ck_assert_uint_eq(f->largest, want->largest);
  ck_assert_uint_eq(f->delay, want->delay);
  ck_assert_uint_eq(f->ect0, want->ect0);
  ck_assert_uint_eq(f->ect1, want->ect1);
  ck_assert_uint_eq(f->ce, want->ce);
  ck_assert_mem_eq(&f->cid, &want->cid, sizeof(f->cid));
  ck_assert_mem_eq(&f->token, &want->token, sizeof(f->token));
}

START_TEST(reads_each_frame) {
  const uint8_t *bytes = rows[_i].bytes;
  ho_frame f;

  ck_assert_uint_eq(ho_frame_next(&f, bytes, rows[_i].len), rows[_i].len);
  same(&f, &rows[_i].want);
  ck_assert_ptr_eq(f.bytes, rows[_i].at ? bytes + rows[_i].at : NULL);
  ck_assert_ptr_eq(f.raw, bytes);
  ck_assert_uint_eq(f.raw_len, rows[_i].len);
  ck_assert_int_eq(ho_frame_eliciting(f.type), rows[_i].eliciting);
}
END_TEST

/* RFC 9000, 9.1. */
START_TEST(probing_frames_are_four) {
  int probing = 0;

  for (uint64_t type = 0; type < 0x40; type++) {
    probing += ho_frame_probing(type);
  }
  ck_assert_int_eq(probing, 4);
  ck_assert(ho_frame_probing(HO_FRAME_PADDING));
  ck_assert(ho_frame_probing(HO_FRAME_NEW_CONNECTION_ID));
  ck_assert(ho_frame_probing(HO_FRAME_PATH_CHALLENGE));
  ck_assert(ho_frame_probing(HO_FRAME_PATH_RESPONSE));
}
END_TEST

/* Cut short, a frame is none, but for those that take what there is. */
START_TEST(truncation_is_seen) {
  const uint8_t *bytes = rows[_i].bytes;
  bool open_ended = rows[_i].want.type == HO_FRAME_PADDING ||
                    rows[_i].want.type == HO_FRAME_DATAGRAM ||
                    (rows[_i].want.type == HO_FRAME_STREAM && !(bytes[0] & 2));
  ho_frame f;

  for (size_t len = 0; len < rows[_i].len; len++) {
    size_t n = ho_frame_next(&f, bytes, len);
    ck_assert(n == 0 || (open_ended && n == len));
  }
}
END_TEST

/* Written, a frame is read as it was. */
START_TEST(writes_each_frame) {
  uint8_t dest[64];
  ho_frame f, again;
  size_t n;

  ho_frame_next(&f, rows[_i].bytes, rows[_i].len);
  n = ho_frame_write(dest, sizeof(dest), &f);
  ck_assert_uint_gt(n, 0);
  ck_assert_uint_eq(ho_frame_next(&again, dest, n), n);
  same(&again, &f);
  if (f.bytes) {
    ck_assert_mem_eq(again.bytes, f.bytes, f.length);
  }
  for (size_t cap = 0; cap < n; cap++) {
    ck_assert_uint_eq(ho_frame_write(dest, cap, &f), 0);
  }
}
END_TEST

/* Without |raw|, from the members alone. */
START_TEST(writes_what_is_made_up) {
  static const uint64_t types[] = {
      HO_FRAME_PADDING,           HO_FRAME_PING,
      HO_FRAME_NEW_TOKEN,         HO_FRAME_STREAM,
      HO_FRAME_NEW_CONNECTION_ID, HO_FRAME_RETIRE_CONNECTION_ID,
      HO_FRAME_PATH_CHALLENGE,    HO_FRAME_PATH_RESPONSE,
      HO_FRAME_CONNECTION_CLOSE,  HO_FRAME_CONNECTION_CLOSE_APP,
      HO_FRAME_HANDSHAKE_DONE};
  uint8_t dest[64];

  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t k = 0; k < COUNT(types); k++) {
      ho_frame f, again;
      if (rows[i].want.type != types[k]) {
        continue;
      }
      ho_frame_next(&f, rows[i].bytes, rows[i].len);
      f.raw = NULL;
      f.raw_len = 0;
      ck_assert_uint_gt(
          ho_frame_next(&again, dest, ho_frame_write(dest, sizeof(dest), &f)),
          0);
      same(&again, &f);
    }
  }
}
END_TEST

/* A CID that is too long is what an attacker sends. */
START_TEST(writes_broken_frames) {
  ho_frame bad = {.type = HO_FRAME_NEW_CONNECTION_ID,
                  .sequence = 1,
                  .cid = {.len = 21, .bytes = {[19] = 9}}},
           f;
  uint8_t dest[64];
  size_t n = ho_frame_write(dest, sizeof(dest), &bad);

  ck_assert_uint_eq(n, 1 + 1 + 1 + 1 + 21 + 16);
  ck_assert_uint_eq(dest[3], 21);
  ck_assert_uint_eq(dest[4 + 19], 9);
  ck_assert_uint_eq(dest[4 + 20], 0);
  ck_assert_uint_eq(ho_frame_next(&f, dest, n), 0);
}
END_TEST

static const uint8_t bad[][24] = {
    {0x1f},                            /* no such type */
    {0x40, 0x40},                      /* nor this one */
    {0x06, 0, 0xbf, 0, 0, 0},          /* CRYPTO longer than the packet */
    {0x18, 1, 0, 0},                   /* NEW_CONNECTION_ID: an empty CID */
    {0x18, 1, 0, 21},                  /* and too long a one */
    {0x18, 1, 2, 1},                   /* Retire Prior To above it */
    {0x02, 4, 0, 0, 5},                /* ACK below 0 at once */
    {0x02, 4, 0, 1, 1, 2, 0},          /* by the gap */
    {0x02, 4, 0, 1, 1, 0, 2},          /* by the range */
    {0x07, 0},                         /* an empty NEW_TOKEN */
    {0x12, 0xd0, 0, 0, 0, 0, 0, 0, 1}, /* MAX_STREAMS above 2^60 */
    {0x17, 0xd0, 0, 0, 0, 0, 0, 0, 1}, /* STREAMS_BLOCKED */
    {0x0e, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, /* STREAM */
    {0x06, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},    /* CRYPTO */
    {0x1c, 0, 0, 30}, /* a reason beyond the end */
    {0x31, 30},       /* and a DATAGRAM */
};

START_TEST(nonsense_is_refused) {
  ho_frame f;

  ck_assert_uint_eq(ho_frame_next(&f, bad[_i], sizeof(bad[_i])), 0);
}
END_TEST

/* An ACK's ranges are read as one by one however many a byte is enough for:
 * right if they end at 0, wrong by one more. */
START_TEST(ranges_end_at_zero) {
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int i = 0; i < 20000; i++) {
    uint64_t count = ho_rng_below(&rng, 40), sum = 0;
    uint8_t bytes[256] = {0x02, 0x80, 0, 0, 0, 0, (uint8_t)count, 0};
    size_t len = 8;
    ho_frame f;

    for (uint64_t k = 0; k < 2 * count; k++) {
      uint64_t v = ho_rng_below(&rng, i % 3 ? 64 : 3);

      if (ho_rng_below(&rng, 20) == 0) {
        v += 64 * ho_rng_below(&rng, 200);
        bytes[len++] = (uint8_t)(0x40 | v >> 8);
      }
      bytes[len++] = (uint8_t)v;
      sum += v + (k % 2 ? 2 : 0);
    }
    for (int below = 0; below < 2 && sum >= (uint64_t)below; below++) {
      uint64_t largest = sum - (uint64_t)below;

      for (int k = 0; k < 3; k++) {
        bytes[2 + k] = (uint8_t)(largest >> (16 - 8 * k));
      }
      ck_assert_uint_eq(ho_frame_next(&f, bytes, len), below ? 0 : len);
    }
  }
}
END_TEST

/* What an attacker wrote into NEW_CONNECTION_ID is still to be seen. */
START_TEST(refused_cids_are_shown) {
  ho_frame f;

  ck_assert_uint_eq(ho_frame_next(&f, bad[4], sizeof(bad[4])), 0);
  ck_assert_uint_eq(f.type, HO_FRAME_NEW_CONNECTION_ID);
  ck_assert_uint_eq(f.sequence, 1);
  ck_assert_uint_eq(f.cid.len, 21);
  ck_assert_uint_eq(ho_frame_next(&f, bad[5], sizeof(bad[5])), 0);
  ck_assert_uint_eq(f.retire_prior_to, 2);
}
END_TEST

/* 19.3.1: 20 to 16, 12 to 12, 10 to 7, 0 to 0. */
START_TEST(ack_ranges_are_walked) {
  static const uint8_t bytes[] = {3, 20, 0, 3, 4, 2, 0, 0, 3, 5, 0, 1, 1, 1};
  static const uint64_t want[][2] = {{16, 20}, {12, 12}, {7, 10}, {0, 0}};
  uint64_t first = 0, last = 0;
  size_t at = 0, n = 0;
  ho_frame f;

  ck_assert_uint_eq(ho_frame_next(&f, bytes, sizeof(bytes)), sizeof(bytes));
  while (ho_frame_ack_next(&f, &at, &first, &last)) {
    ck_assert_uint_lt(n, COUNT(want));
    ck_assert_uint_eq(first, want[n][0]);
    ck_assert_uint_eq(last, want[n][1]);
    n++;
  }
  ck_assert_uint_eq(n, COUNT(want));
  for (uint64_t pn = 0; pn < 25; pn++) {
    bool in = false;
    for (size_t i = 0; i < COUNT(want); i++) {
      in |= pn >= want[i][0] && pn <= want[i][1];
    }
    ck_assert_int_eq(ho_frame_acks(&f, pn), in);
  }
  f.type = HO_FRAME_CRYPTO;
  ck_assert(!ho_frame_acks(&f, 20));
}
END_TEST

START_TEST(names_are_the_rfcs) {
  for (uint64_t type = 0; type < 0x40; type++) {
    const char *name = ho_frame_name(type);
    bool known = type <= 0x1e || type == 0x30 || type == 0x31;

    ck_assert_int_eq(strcmp(name, "unknown") != 0, known);
    if (known) {
      uint64_t back = ho_frame_type(name, strlen(name));
      ck_assert_uint_le(back, type);
      ck_assert_str_eq(ho_frame_name(back), name);
    }
  }
  ck_assert_str_eq(ho_frame_name(0x0b), "STREAM");
  ck_assert_str_eq(ho_frame_name(0x18), "NEW_CONNECTION_ID");
  ck_assert_uint_eq(ho_frame_type("PATH_RESPONSEX", 13), 0x1b);
  ck_assert_uint_eq(ho_frame_type("CONNECTION_CLOSE", 16), 0x1c);
  ck_assert_uint_eq(ho_frame_type("PATH", 4), UINT64_MAX);
  ck_assert_uint_eq(ho_frame_type("unknown", 7), UINT64_MAX);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_each_frame, 0, COUNT(rows));
  tcase_add_test(tc, probing_frames_are_four);
  tcase_add_loop_test(tc, truncation_is_seen, 0, COUNT(rows));
  tcase_add_loop_test(tc, writes_each_frame, 0, COUNT(rows));
  tcase_add_test(tc, writes_what_is_made_up);
  tcase_add_test(tc, writes_broken_frames);
  tcase_add_loop_test(tc, nonsense_is_refused, 0, COUNT(bad));
  tcase_add_test(tc, ranges_end_at_zero);
  tcase_add_test(tc, refused_cids_are_shown);
  tcase_add_test(tc, ack_ranges_are_walked);
  tcase_add_test(tc, names_are_the_rfcs);
}

int main(void) {
  return suite_run("frames", add);
}
