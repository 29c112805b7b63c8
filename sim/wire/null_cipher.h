/* What takes the place of packet protection (RFC 9001, 5) where a run is to be
 * fast.  It is worth nothing as cryptography: whoever wants to can read and
 * forge what it makes.  It keeps every size, and finds every accident: a
 * packet that was changed, or is of another connection, key phase, encryption
 * level or number, does not open, but for a chance of about 2^-64.
 *
 * What an observer may look at stays without a pattern: the header's protected
 * bits and the bytes that header protection samples.  The rest of a payload is
 * as it was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_NULL_CIPHER_H
#define HO_WIRE_NULL_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  HO_NULL_TAG_BYTES = 16, /* that of every AEAD of RFC 9001, 5.3 */
  HO_NULL_NONCE_BYTES = 12,
  HO_NULL_SAMPLE_BYTES = 16,
  HO_NULL_MASK_BYTES = 5,
};

/* ho_null_use says whether packets are protected so, in this process and for
 * all keys that are made from now on; at first they are not.  Both ends, and
 * whoever reads their packets, must make theirs under the same. */
void ho_null_use(bool use);
bool ho_null_used(void);

typedef struct {
  uint64_t word[2];
} ho_null_key;

/* ho_null_key_init makes a key of up to 16 bytes.  They are not the real key,
 * which libraries do not give away again, but what it makes of something fixed.
 * That is for an AEAD the tag of nothing under a nonce of zeros, and for header
 * protection the masks of a sample of zeros and one of ones. */
void ho_null_key_init(ho_null_key *key, const uint8_t *bytes, size_t len);

/* ho_null_seal writes |len| bytes and the tag to |dest|, which may be |src|. */
void ho_null_seal(const ho_null_key *key, const uint8_t *nonce,
                  const uint8_t *aad, size_t aad_len, const uint8_t *src,
                  size_t len, uint8_t *dest);

/* ho_null_open takes |len| bytes, the tag included, and writes the others to
 * |dest|, which may be |src|; false, and nothing written, if they are not what
 * ho_null_seal made with the same key, nonce and |aad|. */
bool ho_null_open(const ho_null_key *key, const uint8_t *nonce,
                  const uint8_t *aad, size_t aad_len, const uint8_t *src,
                  size_t len, uint8_t *dest);

/* ho_null_mask makes HO_NULL_MASK_BYTES of a sample (5.4). */
void ho_null_mask(const ho_null_key *key, const uint8_t *sample, uint8_t *mask);

#endif
