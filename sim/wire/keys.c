/* Packet protection.  GnuTLS has all of it; what libngtcp2_crypto would add
 * needs a connection of its own or cannot make contexts for headers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/keys.h"

#include <assert.h>
#include <string.h>

#include "sim/wire/writer.h"

static const ho_suite suites[] = {
    {0x1301, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_CIPHER_AES_128_CBC,
     GNUTLS_MAC_SHA256, 16, 32},
    {0x1302, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_CIPHER_AES_256_CBC,
     GNUTLS_MAC_SHA384, 32, 48},
    {0x1303, GNUTLS_CIPHER_CHACHA20_POLY1305, GNUTLS_CIPHER_CHACHA20_32,
     GNUTLS_MAC_SHA256, 32, 32},
};

enum { SUITES = sizeof(suites) / sizeof(suites[0]) };

const ho_suite *ho_suite_find(uint16_t id) {
  for (size_t i = 0; i < SUITES; i++) {
    if (suites[i].id == id) {
      return &suites[i];
    }
  }
  return NULL;
}

const ho_suite *ho_suite_guess(size_t secret_bytes, int n) {
  for (size_t i = 0; i < SUITES; i++) {
    if (suites[i].secret_bytes == secret_bytes && n-- == 0) {
      return &suites[i];
    }
  }
  return NULL;
}

/* None of GnuTLS's calls can fail but for a bug here or want of memory. */
static void must(int rv) {
  assert(rv == 0);
  (void)rv;
}

/* HKDF-Expand-Label of RFC 8446, 7.1, with no context. */
static void expand(const ho_suite *suite, const uint8_t *secret,
                   const char *label, uint8_t *dest, size_t len) {
  uint8_t info[64];
  ho_writer w = {info, info + sizeof(info), false};
  gnutls_datum_t key = {(uint8_t *)(uintptr_t)secret,
                        (unsigned)suite->secret_bytes};
  gnutls_datum_t in;

  ho_writer_uint(&w, len, 2);
  ho_writer_uint(&w, 6 + strlen(label), 1);
  ho_writer_bytes(&w, "tls13 ", 6);
  ho_writer_bytes(&w, label, strlen(label));
  ho_writer_uint(&w, 0, 1);
  assert(!w.full);
  in = (gnutls_datum_t){info, (unsigned)(w.p - info)};
  must(gnutls_hkdf_expand(suite->mac, &key, &in, dest, len));
}

void ho_keys_initial(uint8_t *secret, const ho_cid *dcid, ho_side from) {
  static uint8_t salt[] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34,
                           0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8,
                           0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
  const ho_suite *suite = &suites[0];
  gnutls_datum_t in = {(uint8_t *)(uintptr_t)dcid->bytes, dcid->len};
  gnutls_datum_t with = {salt, sizeof(salt)};
  uint8_t common[32];

  must(gnutls_hkdf_extract(suite->mac, &in, &with, common));
  expand(suite, common, from == HO_CLIENT ? "client in" : "server in", secret,
         32);
}

static void seal(const ho_keys *keys, const uint8_t *nonce, const uint8_t *aad,
                 size_t aad_len, const uint8_t *src, size_t len,
                 uint8_t *dest) {
  size_t room = len + HO_TAG_BYTES;

  must(gnutls_aead_cipher_encrypt(keys->aead, nonce, HO_NULL_NONCE_BYTES, aad,
                                  aad_len, HO_TAG_BYTES, src, len, dest,
                                  &room));
}

void ho_keys_init(ho_keys *keys, const ho_suite *suite, const uint8_t *secret) {
  static const uint8_t nothing[HO_NULL_NONCE_BYTES];
  uint8_t key[32], tag[HO_TAG_BYTES];
  gnutls_datum_t datum = {key, (unsigned)suite->key_bytes};

  keys->suite = suite;
  memcpy(keys->secret, secret, suite->secret_bytes);
  expand(suite, secret, "quic key", key, suite->key_bytes);
  expand(suite, secret, "quic iv", keys->iv, sizeof(keys->iv));
  must(gnutls_aead_cipher_init(&keys->aead, suite->aead, &datum));
  keys->is_null = ho_null_used();
  if (keys->is_null) {
    seal(keys, nothing, nothing, 0, nothing, 0, tag);
    ho_null_key_init(&keys->null, tag, sizeof(tag));
  }
}

/* AES encrypts the sample, as one block of CBC after a zero IV; ChaCha20 takes
 * it as counter and nonce (RFC 9001, 5.4.3 and 5.4.4). */
static void make_mask(ho_mask *mask, const uint8_t *sample, uint8_t *bytes) {
  static const uint8_t zeros[HO_MASK_BYTES];
  bool chacha = mask->suite->mask == GNUTLS_CIPHER_CHACHA20_32;
  uint8_t iv[16] = {0}, out[16];

  if (chacha) {
    memcpy(iv, sample, sizeof(iv));
  }
  gnutls_cipher_set_iv(mask->cipher, iv, sizeof(iv));
  must(gnutls_cipher_encrypt2(mask->cipher, chacha ? zeros : sample,
                              chacha ? sizeof(zeros) : 16, out, sizeof(out)));
  memcpy(bytes, out, HO_MASK_BYTES);
}

void ho_mask_init(ho_mask *mask, const ho_suite *suite, const uint8_t *secret) {
  uint8_t key[32], masks[2 * HO_MASK_BYTES], sample[HO_NULL_SAMPLE_BYTES] = {0};
  gnutls_datum_t datum = {key, (unsigned)suite->key_bytes};

  mask->suite = suite;
  expand(suite, secret, "quic hp", key, suite->key_bytes);
  must(gnutls_cipher_init(&mask->cipher, suite->mask, &datum, NULL));
  mask->is_null = ho_null_used();
  if (mask->is_null) {
    make_mask(mask, sample, masks);
    memset(sample, 0xff, sizeof(sample));
    make_mask(mask, sample, masks + HO_MASK_BYTES);
    ho_null_key_init(&mask->null, masks, sizeof(masks));
  }
}

void ho_keys_next(ho_keys *next, const ho_keys *keys) {
  uint8_t secret[HO_SECRET_MAX];

  expand(keys->suite, keys->secret, "quic ku", secret,
         keys->suite->secret_bytes);
  ho_keys_init(next, keys->suite, secret);
}

void ho_keys_free(ho_keys *keys) {
  if (keys->suite) {
    gnutls_aead_cipher_deinit(keys->aead);
  }
  *keys = (ho_keys){0};
}

void ho_mask_free(ho_mask *mask) {
  if (mask->suite) {
    gnutls_cipher_deinit(mask->cipher);
  }
  *mask = (ho_mask){0};
}

void ho_mask_make(ho_mask *mask, const uint8_t *sample, uint8_t *bytes) {
  if (mask->is_null) {
    ho_null_mask(&mask->null, sample, bytes);
  } else {
    make_mask(mask, sample, bytes);
  }
}

static void make_nonce(const ho_keys *keys, uint64_t pn, uint8_t *nonce) {
  memcpy(nonce, keys->iv, sizeof(keys->iv));
  for (int i = 0; i < 8; i++) {
    nonce[11 - i] ^= (uint8_t)(pn >> (8 * i));
  }
}

bool ho_keys_open(ho_keys *keys, uint64_t pn, const uint8_t *aad,
                  size_t aad_len, const uint8_t *src, size_t len,
                  uint8_t *dest) {
  uint8_t nonce[12];
  size_t room = len - HO_TAG_BYTES;

  make_nonce(keys, pn, nonce);
  if (keys->is_null) {
    return ho_null_open(&keys->null, nonce, aad, aad_len, src, len, dest);
  }
  return gnutls_aead_cipher_decrypt(keys->aead, nonce, sizeof(nonce), aad,
                                    aad_len, HO_TAG_BYTES, src, len, dest,
                                    &room) == 0;
}

void ho_keys_seal(ho_keys *keys, uint64_t pn, const uint8_t *aad,
                  size_t aad_len, const uint8_t *src, size_t len,
                  uint8_t *dest) {
  uint8_t nonce[12];

  make_nonce(keys, pn, nonce);
  if (keys->is_null) {
    ho_null_seal(&keys->null, nonce, aad, aad_len, src, len, dest);
  } else {
    seal(keys, nonce, aad, aad_len, src, len, dest);
  }
}
