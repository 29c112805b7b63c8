/* QUIC-LB's connection IDs: AES-ECB, in one pass or in four. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/lb.h"

#include <assert.h>
#include <string.h>

enum { AES_BLOCK = 16 };

/* GnuTLS's calls cannot fail but for a bug here or want of memory. */
static void must(int rv) {
  assert(rv == 0);
  (void)rv;
}

/* ---- one block ---- */

/* One block in CBC with an IV of zeros is ECB, which GnuTLS has not. */
static void start_block(ho_lb *lb) {
  uint8_t iv[AES_BLOCK] = {0};

  assert(lb->cipher);
  gnutls_cipher_set_iv(lb->cipher, iv, sizeof(iv));
}

static void encrypt(ho_lb *lb, uint8_t *block) {
  start_block(lb);
  must(gnutls_cipher_encrypt(lb->cipher, block, AES_BLOCK));
}

static void decrypt(ho_lb *lb, uint8_t *block) {
  start_block(lb);
  must(gnutls_cipher_decrypt(lb->cipher, block, AES_BLOCK));
}

/* ---- four passes ---- */

/* The halves of |len| bytes.  An odd number is split amid a byte: the left
 * half's last four bits are zero then, and the right half's first four. */
typedef struct {
  size_t len, half;
  uint8_t left[AES_BLOCK], right[AES_BLOCK];
} halves;

static void clear_middle(halves *h) {
  if (h->len % 2) {
    h->left[h->half - 1] &= 0xf0;
    h->right[0] &= 0x0f;
  }
}

static void split(halves *h, const uint8_t *bytes, size_t len) {
  h->len = len;
  h->half = (len + 1) / 2;
  memcpy(h->left, bytes, h->half);
  memcpy(h->right, bytes + len - h->half, h->half);
  clear_middle(h);
}

static void join(const halves *h, uint8_t *bytes) {
  memcpy(bytes, h->left, h->half);
  memcpy(bytes + h->len - h->half, h->right, h->half);
  if (h->len % 2) {
    bytes[h->half - 1] = h->left[h->half - 1] | h->right[0];
  }
}

/* Pass 1 and 3 change the right half by what the left one encrypts to, 2 and 4
 * the left one by the right one.  Each undoes itself. */
static void pass(ho_lb *lb, halves *h, uint8_t number) {
  const uint8_t *from = number % 2 ? h->left : h->right;
  uint8_t *to = number % 2 ? h->right : h->left;
  uint8_t block[AES_BLOCK] = {0};

  memcpy(block, from, h->half);
  block[14] = (uint8_t)h->len;
  block[15] = number;
  encrypt(lb, block);
  for (size_t i = 0; i < h->half; i++) {
    to[i] ^= block[i];
  }
  clear_middle(h);
}

void ho_lb_permute(ho_lb *lb, uint8_t *bytes, size_t len) {
  halves h;

  assert(len >= HO_LB_NONCE_MIN && len <= HO_LB_BLOCK_MAX);
  if (len == AES_BLOCK) {
    encrypt(lb, bytes);
    return;
  }
  split(&h, bytes, len);
  for (uint8_t number = 1; number <= 4; number++) {
    pass(lb, &h, number);
  }
  join(&h, bytes);
}

static void undo_permute(ho_lb *lb, uint8_t *bytes, size_t len) {
  halves h;

  if (len == AES_BLOCK) {
    decrypt(lb, bytes);
    return;
  }
  split(&h, bytes, len);
  for (uint8_t number = 4; number >= 1; number--) {
    pass(lb, &h, number);
  }
  join(&h, bytes);
}

/* ---- connection IDs ---- */

void ho_lb_init(ho_lb *lb, uint8_t rotation, size_t server_id_bytes,
                size_t nonce_bytes, const uint8_t *key) {
  gnutls_datum_t datum = {(uint8_t *)(uintptr_t)key, HO_LB_KEY_BYTES};

  assert(rotation <= 6);
  assert(server_id_bytes >= HO_LB_SERVER_ID_MIN);
  assert(nonce_bytes >= HO_LB_NONCE_MIN);
  assert(server_id_bytes + nonce_bytes <= HO_LB_BLOCK_MAX);
  *lb = (ho_lb){.rotation = rotation,
                .server_id_bytes = (uint8_t)server_id_bytes,
                .nonce_bytes = (uint8_t)nonce_bytes};
  if (key) {
    must(gnutls_cipher_init(&lb->cipher, GNUTLS_CIPHER_AES_128_CBC, &datum,
                            NULL));
  }
}

void ho_lb_free(ho_lb *lb) {
  if (lb->cipher) {
    gnutls_cipher_deinit(lb->cipher);
  }
  *lb = (ho_lb){0};
}

static size_t block_bytes(const ho_lb *lb) {
  return (size_t)lb->server_id_bytes + lb->nonce_bytes;
}

size_t ho_lb_cid_bytes(const ho_lb *lb) {
  return 1 + block_bytes(lb);
}

void ho_lb_seal(ho_lb *lb, uint8_t bits, const uint8_t *server_id,
                const uint8_t *nonce, uint8_t *cid) {
  cid[0] = (uint8_t)(lb->rotation << 5 | (bits & 0x1f));
  memcpy(cid + 1, server_id, lb->server_id_bytes);
  memcpy(cid + 1 + lb->server_id_bytes, nonce, lb->nonce_bytes);
  if (lb->cipher) {
    ho_lb_permute(lb, cid + 1, block_bytes(lb));
  }
}

bool ho_lb_open(ho_lb *lb, const uint8_t *cid, size_t len, uint8_t *server_id) {
  uint8_t block[HO_LB_BLOCK_MAX];

  if (len < ho_lb_cid_bytes(lb) || cid[0] >> 5 != lb->rotation) {
    return false;
  }
  memcpy(block, cid + 1, block_bytes(lb));
  if (lb->cipher) {
    undo_permute(lb, block, block_bytes(lb));
  }
  memcpy(server_id, block, lb->server_id_bytes);
  return true;
}
