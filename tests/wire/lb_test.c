/* Goal: QUIC-LB's connection IDs are those of the draft's test vectors, and a
 * second, independent decoder finds the server ID of any others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/lb.h"

#include <stdlib.h>
#include <string.h>

#include "rfc9001.h"
#include "sim/base/rng.h"
#include "tests/suite.h"

static const char key_text[] = "8f95f09245765f80256934e50c66207f";
static const char example_key[] = "fdf726a9893ec05c0632d3956680baf0";

/* draft-ietf-quic-load-balancers, Appendix B, with the CID's length in the
 * first byte; the last one, whose cr_bits say 3, has those of 0.  Of the second
 * plaintext one the draft has lost a digit of nonce and length. */
static const struct {
  uint8_t rotation;
  const char *key, *server_id, *nonce, *cid;
} vectors[] = {
    {0, NULL, "c4605e", "4504cc4f", "07c4605e4504cc4f"},
    {1, NULL, "350d28b420", "3487d9700b", "2a350d28b4203487d9700b"},
    {0, key_text, "ed793a", "ee080dbf", "0720b1d07b359d3c"},
    {1, key_text, "ed793a51d49b8f5fab65", "ee080dbf48",
     "2fcc381bc74cb4fbad2823a3d1f8fed2"},
    {2, key_text, "ed793a51d49b8f5f", "ee080dbf48c0d1e5",
     "504dd2d05a7b0de9b2b9907afb5ecf8cc3"},
    {0, key_text, "ed793a51d49b8f5fab", "ee080dbf48c0d1e55d",
     "125779c9cc86beb3a3a4a3ca96fce4bfe0cdbc"},
    /* The worked example of the four passes. */
    {0, example_key, "31441a", "9c69c275", "0767947d29be054a"},
};

START_TEST(the_drafts_vectors) {
  uint8_t key[16], id[32], nonce[32], want[32], cid[32], opened[32];
  size_t id_len, nonce_len, len;
  ho_lb lb;

  if (vectors[_i].key) {
    hex(key, vectors[_i].key);
  }
  id_len = hex(id, vectors[_i].server_id);
  nonce_len = hex(nonce, vectors[_i].nonce);
  len = hex(want, vectors[_i].cid);
  ho_lb_init(&lb, vectors[_i].rotation, id_len, nonce_len,
             vectors[_i].key ? key : NULL);
  ck_assert_uint_eq(ho_lb_cid_bytes(&lb), len);
  ho_lb_seal(&lb, (uint8_t)(len - 1), id, nonce, cid);
  ck_assert_mem_eq(cid, want, len);
  ck_assert(ho_lb_open(&lb, want, len, opened));
  ck_assert_mem_eq(opened, id, id_len);
  ho_lb_free(&lb);
}
END_TEST

/* ---- another decoder ---- */

/* A half as its nibbles, as the draft's first versions describe it. */
typedef struct {
  unsigned count;
  uint8_t nibble[20];
} half;

static void turn(gnutls_cipher_hd_t aes, half *to, const half *from,
                 unsigned bytes, uint8_t number, bool from_is_right) {
  /* The right half of an odd length begins amid a byte. */
  unsigned shift = from_is_right && bytes % 2, to_shift = !shift && bytes % 2;
  uint8_t block[16] = {0}, iv[16] = {0};

  for (unsigned i = 0; i < from->count; i++) {
    unsigned at = i + shift;
    block[at / 2] |= (uint8_t)(from->nibble[i] << (at % 2 ? 0 : 4));
  }
  block[14] = (uint8_t)bytes;
  block[15] = number;
  gnutls_cipher_set_iv(aes, iv, 16);
  ck_assert_int_eq(gnutls_cipher_encrypt(aes, block, 16), 0);
  for (unsigned i = 0; i < to->count; i++) {
    unsigned at = i + to_shift;
    to->nibble[i] ^= (block[at / 2] >> (at % 2 ? 0 : 4)) & 15;
  }
}

static void decode_four(gnutls_cipher_hd_t aes, const uint8_t *in,
                        unsigned bytes, uint8_t *out) {
  half left = {.count = bytes}, right = {.count = bytes};

  for (unsigned i = 0; i < 2 * bytes; i++) {
    half *h = i < bytes ? &left : &right;
    h->nibble[i % bytes] = (in[i / 2] >> (i % 2 ? 0 : 4)) & 15;
  }
  turn(aes, &left, &right, bytes, 4, true);
  turn(aes, &right, &left, bytes, 3, false);
  turn(aes, &left, &right, bytes, 2, true);
  turn(aes, &right, &left, bytes, 1, false);
  memset(out, 0, bytes);
  for (unsigned i = 0; i < 2 * bytes; i++) {
    const half *h = i < bytes ? &left : &right;
    out[i / 2] |= (uint8_t)(h->nibble[i % bytes] << (i % 2 ? 0 : 4));
  }
}

static void decode(const uint8_t *key, const uint8_t *cid, unsigned bytes,
                   uint8_t *out) {
  gnutls_datum_t datum = {(uint8_t *)(uintptr_t)key, 16};
  uint8_t iv[16] = {0};
  gnutls_datum_t none = {iv, 16};
  gnutls_cipher_hd_t aes;

  ck_assert_int_eq(
      gnutls_cipher_init(&aes, GNUTLS_CIPHER_AES_128_CBC, &datum, &none), 0);
  if (bytes == 16) {
    memcpy(out, cid + 1, 16);
    ck_assert_int_eq(gnutls_cipher_decrypt(aes, out, 16), 0);
  } else {
    decode_four(aes, cid + 1, bytes, out);
  }
  gnutls_cipher_deinit(aes);
}

static void check_lengths(ho_rng *rng, size_t id_len, size_t nonce_len) {
  uint8_t key[16], plain[19], cid[21], out[19];
  size_t bytes = id_len + nonce_len;
  uint8_t rotation = (uint8_t)ho_rng_below(rng, 7);
  ho_lb lb;

  ho_rng_bytes(rng, key, sizeof(key));
  ho_rng_bytes(rng, plain, bytes);
  cid[bytes + 1] = 0xa5;
  ho_lb_init(&lb, rotation, id_len, nonce_len, key);
  ho_lb_seal(&lb, 0xff, plain, plain + id_len, cid);
  ck_assert_uint_eq(cid[0], rotation << 5 | 0x1fu);
  ck_assert_uint_eq(cid[bytes + 1], 0xa5);
  ck_assert_mem_ne(cid + 1, plain, bytes);
  decode(key, cid, (unsigned)bytes, out);
  ck_assert_mem_eq(out, plain, bytes);
  memset(out, 0xa5, sizeof(out));
  ck_assert(ho_lb_open(&lb, cid, bytes + 1, out));
  ck_assert_mem_eq(out, plain, id_len);
  ck_assert_uint_eq(out[id_len], 0xa5);
  ho_lb_free(&lb);
}

/* Every pair of lengths that the draft allows. */
START_TEST(any_lengths_come_back) {
  size_t pairs = 0;
  ho_rng rng;

  ho_rng_init(&rng, 1, "lb");
  for (size_t id = 1; id <= HO_LB_SERVER_ID_MAX; id++) {
    for (size_t nonce = 4; id + nonce <= HO_LB_BLOCK_MAX; nonce++, pairs++) {
      for (int i = 0; i < 20; i++) {
        check_lengths(&rng, id, nonce);
      }
    }
  }
  ck_assert_uint_eq(pairs, 120);
}
END_TEST

/* What is not of this configuration is not read. */
START_TEST(others_are_refused) {
  static const uint8_t cid[] = {0x40, 1, 2, 3, 4, 5, 6, 7, 8};
  uint8_t id[15] = {0};
  ho_lb lb;

  ho_lb_init(&lb, 2, 2, 5, NULL);
  ck_assert(ho_lb_open(&lb, cid, 8, id));
  ck_assert_mem_eq(id, "\1\2", 3);
  ck_assert(ho_lb_open(&lb, cid, 9, id)); /* the server's own use */
  ck_assert(!ho_lb_open(&lb, cid, 7, id));
  ck_assert(!ho_lb_open(&lb, cid, 0, id));
  ho_lb_free(&lb);
  ho_lb_init(&lb, 3, 2, 5, NULL);
  ck_assert(!ho_lb_open(&lb, cid, 8, id));
  ho_lb_free(&lb);
}
END_TEST

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

  return (x > y) - (x < y);
}

/* Numbers in a row stay different, and are in no row any more. */
START_TEST(permutes) {
  enum { VALUES = 65536 };
  uint32_t *seen = calloc(VALUES, sizeof(*seen));
  size_t steps = 0;
  uint8_t key[16];
  ho_lb lb;

  hex(key, key_text);
  ho_lb_init(&lb, 0, 1, 4, key);
  for (uint32_t i = 0; i < VALUES; i++) {
    seen[i] = i;
    ho_lb_permute(&lb, (uint8_t *)&seen[i], 4);
    steps += i > 0 && seen[i] == seen[i - 1] + 1;
  }
  ck_assert_uint_le(steps, 1);
  qsort(seen, VALUES, sizeof(*seen), by_value);
  for (uint32_t i = 1; i < VALUES; i++) {
    ck_assert_uint_ne(seen[i], seen[i - 1]);
  }
  ho_lb_free(&lb);
  free(seen);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, the_drafts_vectors, 0, COUNT(vectors));
  tcase_add_test(tc, any_lengths_come_back);
  tcase_add_test(tc, others_are_refused);
  tcase_add_test(tc, permutes);
}

int main(void) {
  return suite_run("lb", add);
}
