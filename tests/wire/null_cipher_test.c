/* Goal: what takes the place of packet protection keeps sizes, gives back what
 * went in, finds every change, and shows an observer no pattern. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/null_cipher.h"

#include <string.h>

#include "sim/wire/keys.h"
#include "sim/wire/lane.h"
#include "tests/suite.h"

enum { TAG = HO_NULL_TAG_BYTES, NONCE = HO_NULL_NONCE_BYTES, ROOM = 1600 };

/* Around one word, the veil's end, a block, two, and a datagram. */
static const size_t lengths[] = {0,  1,  3,  7,  8,    9,    16,
                                 19, 20, 23, 24, 25,   31,   32,
                                 33, 63, 64, 65, 1173, 1200, 1452};
/* Headers: of Retry's pseudo packet none, short ones, long ones. */
static const size_t headers[] = {0, 2, 10, 12, 24, 31, 32, 33, 60};

/* One sealed packet, and what it was made of. */
typedef struct {
  uint8_t raw_key[16], nonce[NONCE], aad[64], plain[ROOM], sealed[ROOM];
  ho_null_key key;
  size_t aad_len, len;
} packet;

static void fill(uint8_t *bytes, size_t len, unsigned from) {
  for (size_t i = 0; i < len; i++) {
    bytes[i] = (uint8_t)(from + 37 * i + (i >> 3));
  }
}

static void make(packet *p, size_t aad_len, size_t len) {
  p->aad_len = aad_len;
  p->len = len;
  fill(p->raw_key, sizeof(p->raw_key), 1);
  fill(p->nonce, sizeof(p->nonce), 2);
  fill(p->aad, sizeof(p->aad), 3);
  fill(p->plain, sizeof(p->plain), 4);
  memset(p->sealed, 0xee, sizeof(p->sealed));
  ho_null_key_init(&p->key, p->raw_key, sizeof(p->raw_key));
  ho_null_seal(&p->key, p->nonce, p->aad, aad_len, p->plain, len, p->sealed);
}

/* Opens |len| bytes of |p| as it is now. */
static bool opens(const packet *p, size_t aad_len, size_t len) {
  uint8_t out[ROOM];
  ho_null_key key;

  ho_null_key_init(&key, p->raw_key, sizeof(p->raw_key));
  return ho_null_open(&key, p->nonce, p->aad, aad_len, p->sealed, len, out);
}

START_TEST(what_went_in_comes_out) {
  packet p;
  uint8_t out[ROOM];

  for (size_t h = 0; h < COUNT(headers); h++) {
    size_t len = lengths[_i];

    make(&p, headers[h], len);
    ck_assert_uint_eq(p.sealed[len + TAG], 0xee); /* no byte more */
    memset(out, 0xdd, sizeof(out));
    ck_assert(ho_null_open(&p.key, p.nonce, p.aad, p.aad_len, p.sealed,
                           len + TAG, out));
    ck_assert_int_eq(memcmp(out, p.plain, len), 0);
    ck_assert_uint_eq(out[len], 0xdd);
  }
}
END_TEST

/* As ngtcp2 seals, and the checks open. */
START_TEST(in_place_it_is_the_same) {
  packet p;
  uint8_t bytes[ROOM];
  size_t len = lengths[_i];

  make(&p, 12, len);
  memcpy(bytes, p.plain, len);
  ho_null_seal(&p.key, p.nonce, p.aad, p.aad_len, bytes, len, bytes);
  ck_assert_mem_eq(bytes, p.sealed, len + TAG);
  ck_assert(
      ho_null_open(&p.key, p.nonce, p.aad, p.aad_len, bytes, len + TAG, bytes));
  ck_assert_int_eq(memcmp(bytes, p.plain, len), 0);
}
END_TEST

static void each_bit_counts(packet *p, uint8_t *part, size_t len) {
  for (size_t i = 0; i < 8 * len; i++) {
    part[i / 8] ^= (uint8_t)(1u << i % 8);
    ck_assert_msg(!opens(p, p->aad_len, p->len + TAG), "bit %zu of %zu bytes",
                  i, len);
    part[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  ck_assert(opens(p, p->aad_len, p->len + TAG));
}

START_TEST(every_change_is_found) {
  packet p;

  make(&p, 31, lengths[_i]);
  each_bit_counts(&p, p.raw_key, sizeof(p.raw_key));
  each_bit_counts(&p, p.nonce, sizeof(p.nonce));
  each_bit_counts(&p, p.aad, p.aad_len);
  each_bit_counts(&p, p.sealed, p.len + TAG); /* payload and tag */
}
END_TEST

/* Blocks are filled with zeros, so zeros at an end are what could be lost; the
 * end of a header is the beginning of its payload. */
START_TEST(every_length_counts) {
  packet p, longer;
  uint8_t out[ROOM];

  make(&p, 10, lengths[_i]);
  memset(p.aad + 10, 0, 8);
  for (size_t more = 1; more <= 8; more++) {
    ck_assert(!opens(&p, p.aad_len + more, p.len + TAG));
    ck_assert(!opens(&p, p.aad_len - more, p.len + TAG));
    longer = p;
    memset(longer.sealed + p.len, 0, more);
    memcpy(longer.sealed + p.len + more, p.sealed + p.len, TAG);
    ck_assert(!opens(&longer, p.aad_len, p.len + more + TAG));
  }
  for (size_t len = 0; len < p.len + TAG; len++) {
    ck_assert(!opens(&p, p.aad_len, len)); /* also what is no tag */
  }
  memset(out, 0xdd, sizeof(out));
  p.sealed[p.len] ^= 1;
  ck_assert(!ho_null_open(&p.key, p.nonce, p.aad, p.aad_len, p.sealed,
                          p.len + TAG, out));
  for (size_t i = 0; i < sizeof(out); i++) {
    ck_assert_uint_eq(out[i], 0xdd); /* what does not open is not written */
  }
}
END_TEST

/* Words that change places, and the same change made twice. */
START_TEST(changes_do_not_cancel) {
  packet p;
  uint8_t word[8];

  make(&p, 12, 160);
  for (size_t a = 0; a + 8 <= p.len; a += 8) {
    for (size_t b = a + 8; b + 8 <= p.len; b += 8) {
      packet q = p;
      memcpy(word, q.sealed + a, 8);
      memcpy(q.sealed + a, q.sealed + b, 8);
      memcpy(q.sealed + b, word, 8);
      ck_assert_msg(!opens(&q, q.aad_len, q.len + TAG), "%zu and %zu", a, b);
      q = p;
      q.sealed[a + 7] ^= 0x80; /* the bit that a product keeps in its place */
      q.sealed[b + 7] ^= 0x80;
      ck_assert_msg(!opens(&q, q.aad_len, q.len + TAG), "%zu and %zu", a, b);
    }
  }
}
END_TEST

/* A bit of each of two words, the second of which could undo what the first
 * has done: side by side, of one lane and of another. */
START_TEST(bits_do_not_cancel) {
  static const size_t apart[] = {8, 16, 24, 32, 40, 64};
  packet p;

  make(&p, 12, 160);
  for (size_t i = 0; i < 64; i++) {
    for (size_t k = 0; k < 64; k++) {
      packet q = p;
      q.sealed[40 + i / 8] ^= (uint8_t)(1u << i % 8);
      q.sealed[40 + apart[_i] + k / 8] ^= (uint8_t)(1u << k % 8);
      ck_assert_msg(!opens(&q, q.aad_len, q.len + TAG), "%zu and %zu", i, k);
    }
  }
}
END_TEST

/* Packets of equal bytes, numbered one after the other. */
START_TEST(an_observer_sees_no_pattern) {
  enum { PACKETS = 256, SAMPLED = 20 };
  unsigned same[SAMPLED + TAG] = {0}, masks[HO_NULL_MASK_BYTES] = {0};
  uint8_t first[SAMPLED + TAG] = {0}, first_mask[HO_NULL_MASK_BYTES] = {0};
  packet p;

  make(&p, 12, SAMPLED);
  memset(p.plain, 0, sizeof(p.plain));
  for (unsigned n = 0; n < PACKETS; n++) {
    uint8_t mask[HO_NULL_MASK_BYTES];

    p.nonce[NONCE - 1] = (uint8_t)n;
    ho_null_seal(&p.key, p.nonce, p.aad, p.aad_len, p.plain, p.len, p.sealed);
    ho_null_mask(&p.key, p.sealed + 2, mask);
    if (n == 0) {
      memcpy(first, p.sealed, sizeof(first));
      memcpy(first_mask, mask, sizeof(mask));
    }
    for (size_t i = 0; i < sizeof(first); i++) {
      same[i] += p.sealed[i] == first[i];
    }
    for (size_t i = 0; i < sizeof(mask); i++) {
      masks[i] += mask[i] == first_mask[i];
    }
  }
  /* Of 255 random bytes one is the first; six or more are in 2,000. */
  for (size_t i = 0; i < sizeof(first); i++) {
    ck_assert_msg(same[i] <= 7, "byte %zu: %u times", i, same[i]);
  }
  for (size_t i = 0; i < sizeof(first_mask); i++) {
    ck_assert_msg(masks[i] <= 7, "mask %zu: %u times", i, masks[i]);
  }
}
END_TEST

/* Each bit of key and sample changes each byte of the mask, mostly. */
START_TEST(masks_depend_on_key_and_sample) {
  uint8_t bytes[16 + HO_NULL_SAMPLE_BYTES], mask[5], other[5];
  unsigned changed[5] = {0};
  ho_null_key key;

  fill(bytes, sizeof(bytes), 9);
  ho_null_key_init(&key, bytes, 16);
  ho_null_mask(&key, bytes + 16, mask);
  for (size_t i = 0; i < 8 * sizeof(bytes); i++) {
    bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    ho_null_key_init(&key, bytes, 16);
    ho_null_mask(&key, bytes + 16, other);
    ck_assert_int_ne(memcmp(mask, other, sizeof(mask)), 0);
    for (size_t k = 0; k < sizeof(mask); k++) {
      changed[k] += mask[k] != other[k];
    }
    bytes[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  for (size_t k = 0; k < sizeof(mask); k++) {
    ck_assert_uint_gt(changed[k], 8 * sizeof(bytes) - 8);
  }
}
END_TEST

/* ---- the keys of a connection ---- */

static void protect(ho_wire_lane *lane, bool with_null, uint8_t fill_with,
                    size_t secret_bytes) {
  uint8_t secret[HO_SECRET_MAX];

  memset(secret, fill_with, sizeof(secret));
  *lane = (ho_wire_lane){0};
  ho_null_use(with_null);
  ho_wire_lane_secret(lane, ho_suite_guess(secret_bytes, 0), secret,
                      secret_bytes);
  ho_null_use(false);
}

/* A short header with packet number 5 in two bytes. */
static size_t seal_short(ho_wire_lane *lane, uint8_t *data, uint8_t phase) {
  static const uint8_t header[] = {0x41, 1, 2, 3, 4, 0, 5};

  memcpy(data, header, sizeof(header));
  data[0] |= phase;
  memset(data + sizeof(header), 1, 30); /* PINGs */
  ck_assert(ho_wire_lane_seal(lane, data, sizeof(header), 2, 30, 5));
  return sizeof(header) + 30 + TAG;
}

static bool open_short(ho_wire_lane *lane, const uint8_t *data, size_t len) {
  uint8_t dest[100];
  ho_opening o = {.data = data, .len = len, .pn_offset = 5, .dest = dest};

  return ho_wire_lane_open(lane, &o, true) && o.pn == 5 && o.pn_len == 2 &&
         o.plain_len == 30 && dest[7] == 1 && dest[36] == 1;
}

/* Suites of both lengths; key phases; other secrets, and the real thing. */
START_TEST(only_its_own_keys_open_a_packet) {
  static const struct {
    bool with_null;
    uint8_t secret;
    size_t secret_bytes;
    bool opens;
  } readers[] = {{true, 7, 32, true},
                 {true, 8, 32, false},
                 {false, 7, 32, false},
                 {true, 7, 48, false}};

  for (size_t i = 0; i < COUNT(readers); i++) {
    for (uint8_t phase = 0; phase < 8; phase += 4) {
      ho_wire_lane writer, reader;
      uint8_t data[100];
      size_t len;

      protect(&writer, true, 7, 32);
      protect(&reader, readers[i].with_null, readers[i].secret,
              readers[i].secret_bytes);
      ho_null_use(true); /* for the keys of the next phase */
      len = seal_short(&writer, data, phase);
      ho_null_use(readers[i].with_null);
      ck_assert_int_eq(open_short(&reader, data, len), readers[i].opens);
      ck_assert_int_eq(reader.phase, phase && readers[i].opens);
      ho_null_use(false);
      ho_wire_lane_free(&writer);
      ho_wire_lane_free(&reader);
    }
  }
}
END_TEST

/* A packet of one phase that claims to be of the other. */
START_TEST(phases_have_keys_of_their_own) {
  ho_wire_lane writer, reader;
  uint8_t data[100];
  size_t len;

  protect(&writer, true, 7, 32);
  ho_null_use(true);
  protect(&reader, true, 7, 32);
  ho_null_use(true);
  len = seal_short(&writer, data, 0);
  data[0] ^= 4;
  ck_assert(!open_short(&reader, data, len));
  data[0] ^= 4;
  ck_assert(open_short(&reader, data, len));
  ho_null_use(false);
  ho_wire_lane_free(&writer);
  ho_wire_lane_free(&reader);
}
END_TEST

START_TEST(it_is_not_used_unasked) {
  ck_assert(!ho_null_used());
  ho_null_use(true);
  ck_assert(ho_null_used());
  ho_null_use(false);
  ck_assert(!ho_null_used());
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, what_went_in_comes_out, 0, COUNT(lengths));
  tcase_add_loop_test(tc, in_place_it_is_the_same, 0, COUNT(lengths));
  tcase_add_loop_test(tc, every_change_is_found, 0, COUNT(lengths));
  tcase_add_loop_test(tc, every_length_counts, 0, COUNT(lengths));
  tcase_add_test(tc, changes_do_not_cancel);
  tcase_add_loop_test(tc, bits_do_not_cancel, 0, 6);
  tcase_add_test(tc, an_observer_sees_no_pattern);
  tcase_add_test(tc, masks_depend_on_key_and_sample);
  tcase_add_test(tc, only_its_own_keys_open_a_packet);
  tcase_add_test(tc, phases_have_keys_of_their_own);
  tcase_add_test(tc, it_is_not_used_unasked);
}

int main(void) {
  return suite_run("null cipher", add);
}
