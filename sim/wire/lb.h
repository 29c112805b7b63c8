/* Connection IDs that a load balancer can read: QUIC-LB's format
 * (draft-ietf-quic-load-balancers, versions 16 and later). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_LB_H
#define HO_WIRE_LB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/crypto.h>

/* The draft's limits, in bytes.  Server ID and nonce together have no more
 * than HO_LB_BLOCK_MAX, for a CID of QUIC version 1 has 20. */
enum {
  HO_LB_KEY_BYTES = 16,
  HO_LB_SERVER_ID_MIN = 1,
  HO_LB_SERVER_ID_MAX = 15,
  HO_LB_NONCE_MIN = 4,
  HO_LB_NONCE_MAX = 18,
  HO_LB_BLOCK_MAX = 19
};

/* ho_lb is a configuration that load balancer and servers share.  A CID is a
 * first byte, the server ID and the nonce; the latter two are encrypted where
 * there is a key. */
typedef struct {
  uint8_t rotation; /* 0..6, the first byte's top three bits */
  uint8_t server_id_bytes, nonce_bytes;
  gnutls_cipher_hd_t cipher; /* NULL: plaintext */
} ho_lb;

/* ho_lb_init makes one of lengths within the limits; |key| has HO_LB_KEY_BYTES
 * bytes, or is NULL for plaintext.  ho_lb_free frees what is inside. */
void ho_lb_init(ho_lb *lb, uint8_t rotation, size_t server_id_bytes,
                size_t nonce_bytes, const uint8_t *key);
void ho_lb_free(ho_lb *lb);

/* ho_lb_cid_bytes is the length of its CIDs. */
size_t ho_lb_cid_bytes(const ho_lb *lb);

/* ho_lb_seal writes a CID.  The lower five bits of its first byte are those of
 * |bits|: random, or the length of what follows. */
void ho_lb_seal(ho_lb *lb, uint8_t bits, const uint8_t *server_id,
                const uint8_t *nonce, uint8_t *cid);

/* ho_lb_open writes the server ID that |cid| of |len| bytes carries; false if
 * it is of another rotation or too short.  What is beyond ho_lb_cid_bytes() is
 * ignored.  It cannot know whether there is such a server. */
bool ho_lb_open(ho_lb *lb, const uint8_t *cid, size_t len, uint8_t *server_id);

/* ho_lb_permute encrypts |len| bytes, HO_LB_NONCE_MIN to HO_LB_BLOCK_MAX, in
 * place and with the key that |lb| must have: by AES itself if they are a
 * block, else by the draft's four-pass Feistel network.  Either way different
 * bytes stay different. */
void ho_lb_permute(ho_lb *lb, uint8_t *bytes, size_t len);

#endif
