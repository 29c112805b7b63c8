/* Packet protection as ngtcp2 asks for it: ngtcp2_crypto's own, or where
 * ho_null_used holds its substitute, with the same keys' contexts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_PROTECT_H
#define HO_STACK_QUIC_PROTECT_H

#include <ngtcp2/ngtcp2.h>

/* ho_quic_protect_callbacks puts header protection, and what deletes contexts
 * of keys, into |callbacks|. */
void ho_quic_protect_callbacks(ngtcp2_callbacks *callbacks);

/* These are as ngtcp2_encrypt and ngtcp2_decrypt.  What has no payload is
 * Retry's integrity tag (RFC 9001, 5.8), and always the real one. */
int ho_quic_encrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                    const ngtcp2_crypto_aead_ctx *ctx, const uint8_t *plain,
                    size_t len, const uint8_t *nonce, size_t nonce_len,
                    const uint8_t *aad, size_t aad_len);
int ho_quic_decrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                    const ngtcp2_crypto_aead_ctx *ctx, const uint8_t *sealed,
                    size_t len, const uint8_t *nonce, size_t nonce_len,
                    const uint8_t *aad, size_t aad_len);

/* ho_quic_protect_keys is how many keys the substitute has: none when all
 * connections are gone. */
size_t ho_quic_protect_keys(void);

#endif
