/* Goal: with ngtcp2's contexts, either protection refuses what is not its own;
 * the substitute's keys come and go with the contexts, and Retry's tag stays
 * the real one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/protect.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "sim/base/alloc.h"
#include "sim/wire/keys.h"
#include "tests/suite.h"

enum { TAG = 16, PLAIN = 40 };

static const uint8_t nonce[12] = "a nonce 12 B", aad[7] = "header";
static const uint8_t plain[PLAIN] = "what a packet has in it";

/* One key, as ngtcp2 has it for sending, receiving and headers. */
typedef struct {
  ngtcp2_crypto_aead_ctx tx, rx;
  ngtcp2_crypto_cipher_ctx hp;
} contexts;

/* Which ones they are; the contexts do the work. */
static ngtcp2_crypto_aead aead = {(void *)GNUTLS_CIPHER_AES_128_GCM, TAG};
static ngtcp2_crypto_cipher hp = {(void *)GNUTLS_CIPHER_AES_128_CBC};
static ngtcp2_callbacks callbacks;

static void contexts_init(contexts *c, uint8_t number) {
  uint8_t key[16] = {number};
  gnutls_datum_t datum = {key, sizeof(key)};
  gnutls_cipher_hd_t cipher;

  ho_quic_protect_callbacks(&callbacks);
  ck_assert_int_eq(ngtcp2_crypto_aead_ctx_encrypt_init(&c->tx, &aead, key, 12),
                   0);
  ck_assert_int_eq(ngtcp2_crypto_aead_ctx_decrypt_init(&c->rx, &aead, key, 12),
                   0);
  ck_assert_int_eq(
      gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &datum, NULL), 0);
  c->hp.native_handle = cipher;
}

static void contexts_free(contexts *c) {
  callbacks.delete_crypto_aead_ctx(NULL, &c->tx, NULL);
  callbacks.delete_crypto_aead_ctx(NULL, &c->rx, NULL);
  callbacks.delete_crypto_cipher_ctx(NULL, &c->hp, NULL);
}

static void seal(const contexts *c, uint8_t *sealed) {
  ck_assert_int_eq(ho_quic_encrypt(sealed, &aead, &c->tx, plain, PLAIN, nonce,
                                   sizeof(nonce), aad, sizeof(aad)),
                   0);
}

static int open_with(const contexts *c, const uint8_t *sealed, size_t len) {
  uint8_t out[PLAIN + TAG];
  int rv = ho_quic_decrypt(out, &aead, &c->rx, sealed, len, nonce,
                           sizeof(nonce), aad, sizeof(aad));

  if (rv == 0) {
    ck_assert_mem_eq(out, plain, PLAIN);
  }
  return rv;
}

static void mask_of(const contexts *c, const uint8_t *sample, uint8_t *mask) {
  ck_assert_int_eq(callbacks.hp_mask(mask, &hp, &c->hp, sample), 0);
}

/* Both protections, told apart by what the payload looks like. */
START_TEST(packets_of_others_are_refused) {
  contexts mine, other;
  uint8_t sealed[PLAIN + TAG], mask[5], others[5], again[5];
  bool in_plain;

  ho_null_use(_i);
  contexts_init(&mine, 1);
  contexts_init(&other, 2);
  seal(&mine, sealed);
  in_plain = memcmp(sealed + 24, plain + 24, PLAIN - 24) == 0;
  ck_assert_int_eq(in_plain, _i);
  ck_assert_int_ne(memcmp(sealed, plain, 20), 0); /* what may be sampled */
  ck_assert_int_eq(open_with(&mine, sealed, sizeof(sealed)), 0);
  ck_assert_int_eq(open_with(&other, sealed, sizeof(sealed)),
                   NGTCP2_ERR_DECRYPT);
  ck_assert_int_eq(open_with(&mine, sealed, sizeof(sealed) - 1),
                   NGTCP2_ERR_DECRYPT);
  sealed[PLAIN - 1] ^= 1;
  ck_assert_int_eq(open_with(&mine, sealed, sizeof(sealed)),
                   NGTCP2_ERR_DECRYPT);
  mask_of(&mine, sealed, mask);
  mask_of(&mine, sealed, again);
  ck_assert_mem_eq(mask, again, sizeof(mask));
  mask_of(&other, sealed, others);
  ck_assert_int_ne(memcmp(mask, others, sizeof(mask)), 0);
  mask_of(&mine, sealed + 1, others);
  ck_assert_int_ne(memcmp(mask, others, sizeof(mask)), 0);
  contexts_free(&mine);
  contexts_free(&other);
  ck_assert_uint_eq(ho_quic_protect_keys(), 0);
  ho_null_use(false);
}
END_TEST

/* RFC 9001, 5.8: no payload. */
START_TEST(retrys_tag_stays) {
  uint8_t tag[TAG], real[TAG];
  contexts c;

  contexts_init(&c, 1);
  ck_assert_int_eq(ho_quic_encrypt(real, &aead, &c.tx, plain, 0, nonce,
                                   sizeof(nonce), aad, sizeof(aad)),
                   0);
  ho_null_use(true);
  ck_assert_int_eq(ho_quic_encrypt(tag, &aead, &c.tx, plain, 0, nonce,
                                   sizeof(nonce), aad, sizeof(aad)),
                   0);
  ho_null_use(false);
  ck_assert_mem_eq(tag, real, TAG);
  ck_assert_uint_eq(ho_quic_protect_keys(), 0);
  contexts_free(&c);
}
END_TEST

/* Contexts come and go in any order, and at addresses of others before. */
START_TEST(keys_go_with_their_contexts) {
  enum { ALL = 120, ROUNDS = 20 };
  contexts *all = ho_alloc_array(ALL, sizeof(*all));
  uint8_t sealed[PLAIN + TAG], mask[5];
  size_t first = 0;

  ho_null_use(true);
  for (uint8_t i = 0; i < ALL; i++) {
    contexts_init(&all[i], i);
  }
  ck_assert_uint_eq(ho_quic_protect_keys(), 0); /* nothing is sealed yet */
  for (size_t round = 0; round < ROUNDS; round++) {
    for (size_t i = 0; i < ALL; i++) {
      seal(&all[i], sealed);
      ck_assert_int_eq(open_with(&all[i], sealed, sizeof(sealed)), 0);
      ck_assert_int_eq(open_with(&all[(i + 1) % ALL], sealed, sizeof(sealed)),
                       NGTCP2_ERR_DECRYPT);
      mask_of(&all[i], sealed, mask);
    }
    ck_assert_uint_eq(ho_quic_protect_keys(), 3 * ALL);
    /* A third of them, another third each time, under other numbers. */
    for (size_t i = first = (first + 1) % 3; i < ALL; i += 3) {
      contexts_free(&all[i]);
    }
    ck_assert_uint_eq(ho_quic_protect_keys(), 2 * ALL);
    for (size_t i = first; i < ALL; i += 3) {
      contexts_init(&all[i], (uint8_t)(i + ALL * (round % 2 == 0)));
    }
  }
  for (size_t i = 0; i < ALL; i++) {
    contexts_free(&all[i]);
  }
  ck_assert_uint_eq(ho_quic_protect_keys(), 0);
  ho_null_use(false);
  free(all);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, packets_of_others_are_refused, 0, 2);
  tcase_add_test(tc, retrys_tag_stays);
  tcase_add_test(tc, keys_go_with_their_contexts);
}

int main(void) {
  return suite_run("protection", add);
}
