/* Packet protection of one direction with one secret (RFC 9001, 5). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_KEYS_H
#define HO_WIRE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/crypto.h>

#include "sim/base/event.h"
#include "sim/wire/null_cipher.h"

enum { HO_SECRET_MAX = 48, HO_MASK_BYTES = 5, HO_TAG_BYTES = 16 };

/* ho_suite is a cipher suite of TLS 1.3. */
typedef struct {
  uint16_t id;
  gnutls_cipher_algorithm_t aead, mask;
  gnutls_mac_algorithm_t mac;
  size_t key_bytes, secret_bytes;
} ho_suite;

/* ho_suite_find returns the suite of that number; NULL for another than
 * TLS_AES_128_GCM_SHA256 (which Initial packets take), TLS_AES_256_GCM_SHA384
 * and TLS_CHACHA20_POLY1305_SHA256. */
const ho_suite *ho_suite_find(uint16_t id);

/* ho_suite_guess returns the |n|th suite that has secrets of |secret_bytes|;
 * NULL if there are not so many. */
const ho_suite *ho_suite_guess(size_t secret_bytes, int n);

/* ho_keys protects payloads, ho_mask headers: a key update (6) makes others of
 * the former but keeps the latter.  Zeroed ones are none.  Where ho_null_used
 * holds as they are made, the substitute is what protects. */
typedef struct {
  const ho_suite *suite;
  uint8_t secret[HO_SECRET_MAX];
  uint8_t iv[12];
  gnutls_aead_cipher_hd_t aead;
  bool is_null; /* the substitute, with |null| */
  ho_null_key null;
} ho_keys;

typedef struct {
  const ho_suite *suite;
  gnutls_cipher_hd_t cipher;
  bool is_null;
  ho_null_key null;
} ho_mask;

/* ho_keys_initial writes the 32 bytes of the secret of Initial packets that
 * |from| sends when |dcid| was the client's choice (5.2). */
void ho_keys_initial(uint8_t *secret, const ho_cid *dcid, ho_side from);

/* These derive from a secret of |suite|'s length. */
void ho_keys_init(ho_keys *keys, const ho_suite *suite, const uint8_t *secret);
void ho_mask_init(ho_mask *mask, const ho_suite *suite, const uint8_t *secret);

/* ho_keys_next derives those of the next key phase. */
void ho_keys_next(ho_keys *next, const ho_keys *keys);

/* These free what is inside, and leave it zeroed. */
void ho_keys_free(ho_keys *keys);
void ho_mask_free(ho_mask *mask);

/* ho_mask_make writes HO_MASK_BYTES from a sample of 16 bytes (5.4). */
void ho_mask_make(ho_mask *mask, const uint8_t *sample, uint8_t *bytes);

/* ho_keys_open decrypts |len| bytes, the tag included, into |dest|; false if
 * they are not authentic.  ho_keys_seal encrypts |len| bytes and adds the tag;
 * |dest| may be |src|. */
bool ho_keys_open(ho_keys *keys, uint64_t pn, const uint8_t *aad,
                  size_t aad_len, const uint8_t *src, size_t len,
                  uint8_t *dest);
void ho_keys_seal(ho_keys *keys, uint64_t pn, const uint8_t *aad,
                  size_t aad_len, const uint8_t *src, size_t len,
                  uint8_t *dest);

#endif
