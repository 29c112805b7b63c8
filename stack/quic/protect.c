/* Packet protection as ngtcp2 asks for it, or its substitute. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/protect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ngtcp2/ngtcp2_crypto.h>

#include "sim/base/alloc.h"
#include "sim/wire/null_cipher.h"

/* ---- the substitute's keys, by the context of the real one ---- */

typedef struct {
  const void *context; /* NULL: free */
  ho_null_key key;
} slot;

/* ngtcp2 makes and copies contexts by itself and tells of their end alone, so
 * these are found by address, with linear probing. */
static struct {
  slot *slots;
  size_t cap, count; /* |cap| a power of two, or 0 */
} keys;

static size_t home(const void *context) {
  uint64_t h = (uint64_t)(uintptr_t)context * UINT64_C(0x9e3779b97f4a7c15);

  return (size_t)(h >> 32) & (keys.cap - 1);
}

/* The slot of |context|, or the free one where it would be. */
static slot *look_up(const void *context) {
  size_t at = home(context);

  while (keys.slots[at].context && keys.slots[at].context != context) {
    at = (at + 1) & (keys.cap - 1);
  }
  return &keys.slots[at];
}

static void grow(void) {
  slot *old = keys.slots;
  size_t old_cap = keys.cap;

  keys.cap = old_cap ? 2 * old_cap : 64;
  keys.slots = ho_alloc_array(keys.cap, sizeof(slot));
  for (size_t i = 0; i < old_cap; i++) {
    if (old[i].context) {
      *look_up(old[i].context) = old[i];
    }
  }
  free(old);
}

static const ho_null_key *find(const void *context) {
  slot *s = keys.cap ? look_up(context) : NULL;

  return s && s->context ? &s->key : NULL;
}

static const ho_null_key *add(const void *context, const uint8_t *bytes,
                              size_t len) {
  slot *s;

  if (2 * (keys.count + 1) > keys.cap) {
    grow();
  }
  s = look_up(context);
  s->context = context;
  ho_null_key_init(&s->key, bytes, len);
  keys.count++;
  return &s->key;
}

/* Moves what stands behind the free slot |at| and would not be found now. */
static void close_gap(size_t at) {
  size_t mask = keys.cap - 1;

  for (size_t i = (at + 1) & mask; keys.slots[i].context; i = (i + 1) & mask) {
    size_t from = home(keys.slots[i].context);

    if (((i - from) & mask) >= ((i - at) & mask)) {
      keys.slots[at] = keys.slots[i];
      keys.slots[i].context = NULL;
      at = i;
    }
  }
}

static void forget(const void *context) {
  slot *s = keys.cap && context ? look_up(context) : NULL;

  if (!s || !s->context) {
    return;
  }
  s->context = NULL;
  close_gap((size_t)(s - keys.slots));
  if (--keys.count == 0) {
    free(keys.slots);
    keys.slots = NULL;
    keys.cap = 0;
  }
}

size_t ho_quic_protect_keys(void) {
  return keys.count;
}

/* ---- payloads ---- */

/* NULL: the library failed. */
static const ho_null_key *aead_key(const ngtcp2_crypto_aead *aead,
                                   const ngtcp2_crypto_aead_ctx *ctx) {
  static const uint8_t nothing[HO_NULL_NONCE_BYTES];
  const ho_null_key *key = find(ctx->native_handle);
  uint8_t tag[HO_NULL_TAG_BYTES];

  if (key) {
    return key;
  }
  if (ngtcp2_crypto_encrypt_cb(tag, aead, ctx, nothing, 0, nothing,
                               sizeof(nothing), nothing, 0) != 0) {
    return NULL;
  }
  return add(ctx->native_handle, tag, sizeof(tag));
}

int ho_quic_encrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                    const ngtcp2_crypto_aead_ctx *ctx, const uint8_t *plain,
                    size_t len, const uint8_t *nonce, size_t nonce_len,
                    const uint8_t *aad, size_t aad_len) {
  const ho_null_key *key;

  if (!ho_null_used() || len == 0) {
    return ngtcp2_crypto_encrypt_cb(dest, aead, ctx, plain, len, nonce,
                                    nonce_len, aad, aad_len);
  }
  assert(nonce_len == HO_NULL_NONCE_BYTES &&
         aead->max_overhead == HO_NULL_TAG_BYTES);
  key = aead_key(aead, ctx);
  if (!key) {
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }
  ho_null_seal(key, nonce, aad, aad_len, plain, len, dest);
  return 0;
}

int ho_quic_decrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                    const ngtcp2_crypto_aead_ctx *ctx, const uint8_t *sealed,
                    size_t len, const uint8_t *nonce, size_t nonce_len,
                    const uint8_t *aad, size_t aad_len) {
  const ho_null_key *key;

  if (!ho_null_used()) {
    return ngtcp2_crypto_decrypt_cb(dest, aead, ctx, sealed, len, nonce,
                                    nonce_len, aad, aad_len);
  }
  assert(nonce_len == HO_NULL_NONCE_BYTES);
  key = aead_key(aead, ctx);
  if (!key) {
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }
  return ho_null_open(key, nonce, aad, aad_len, sealed, len, dest)
             ? 0
             : NGTCP2_ERR_DECRYPT;
}

/* ---- headers ---- */

static const ho_null_key *mask_key(const ngtcp2_crypto_cipher *hp,
                                   const ngtcp2_crypto_cipher_ctx *ctx) {
  const ho_null_key *key = find(ctx->native_handle);
  uint8_t masks[2 * HO_NULL_MASK_BYTES], sample[HO_NULL_SAMPLE_BYTES] = {0};

  if (key) {
    return key;
  }
  if (ngtcp2_crypto_hp_mask_cb(masks, hp, ctx, sample) != 0) {
    return NULL;
  }
  memset(sample, 0xff, sizeof(sample));
  if (ngtcp2_crypto_hp_mask_cb(masks + HO_NULL_MASK_BYTES, hp, ctx, sample) !=
      0) {
    return NULL;
  }
  return add(ctx->native_handle, masks, sizeof(masks));
}

static int hp_mask(uint8_t *dest, const ngtcp2_crypto_cipher *hp,
                   const ngtcp2_crypto_cipher_ctx *ctx, const uint8_t *sample) {
  const ho_null_key *key = mask_key(hp, ctx);

  if (!key) {
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }
  ho_null_mask(key, sample, dest);
  return 0;
}

/* ---- the end of keys: another context may come to their address ---- */

static void delete_aead(ngtcp2_conn *conn, ngtcp2_crypto_aead_ctx *ctx,
                        void *user) {
  forget(ctx->native_handle);
  ngtcp2_crypto_delete_crypto_aead_ctx_cb(conn, ctx, user);
}

static void delete_cipher(ngtcp2_conn *conn, ngtcp2_crypto_cipher_ctx *ctx,
                          void *user) {
  forget(ctx->native_handle);
  ngtcp2_crypto_delete_crypto_cipher_ctx_cb(conn, ctx, user);
}

void ho_quic_protect_callbacks(ngtcp2_callbacks *callbacks) {
  bool null = ho_null_used();

  callbacks->hp_mask = null ? hp_mask : ngtcp2_crypto_hp_mask_cb;
  callbacks->delete_crypto_aead_ctx =
      null ? delete_aead : ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  callbacks->delete_crypto_cipher_ctx =
      null ? delete_cipher : ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
}
