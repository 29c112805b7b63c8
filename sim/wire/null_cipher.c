/* Sizes and refusals of packet protection, without its price. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/null_cipher.h"

#include <string.h>

/* splitmix64's. */
#define GOLD UINT64_C(0x9e3779b97f4a7c15)
#define MIX1 UINT64_C(0xbf58476d1ce4e5b9)
#define MIX2 UINT64_C(0x94d049bb133111eb)

enum {
  LANES = 2, /* that do not wait for each other */
  BLOCK = 16 * LANES,
  /* A sample begins 4 bytes after the packet number does and so ends within 19
   * bytes of payload (RFC 9001, 5.4.2): these are veiled. */
  VEIL_WORDS = 3,
};

__extension__ typedef unsigned __int128 wide;

static bool in_use;

void ho_null_use(bool use) {
  in_use = use;
}

bool ho_null_used(void) {
  return in_use;
}

void ho_null_key_init(ho_null_key *key, const uint8_t *bytes, size_t len) {
  *key = (ho_null_key){{0}};
  memcpy(key->word, bytes, len < sizeof(key->word) ? len : sizeof(key->word));
}

static uint64_t load(const uint8_t *bytes) {
  uint64_t word;

  memcpy(&word, bytes, sizeof(word));
  return word;
}

static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * MIX1;
  x = (x ^ x >> 27) * MIX2;
  return x ^ x >> 31;
}

/* Two words of a nonce. */
typedef struct {
  uint64_t word[2];
} numbers;

static numbers read_nonce(const uint8_t *nonce) {
  numbers n = {{load(nonce), 0}};

  memcpy(&n.word[1], nonce + 8, HO_NULL_NONCE_BYTES - 8);
  return n;
}

/* ---- the tag ---- */

/* Both halves of a product: every bit of either factor has a say, which top
 * bits had not in one half. */
static uint64_t fold(uint64_t x, uint64_t y) {
  wide product = (wide)x * y;

  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The lanes are variables, lest each step stores and loads one. */
static void absorb_blocks(uint64_t *lanes, const uint8_t *bytes, size_t len) {
  uint64_t a = lanes[0], b = lanes[1];

  for (size_t i = 0; i < len; i += BLOCK) {
    a = fold(load(bytes + i) ^ MIX1, load(bytes + i + 8) ^ a);
    b = fold(load(bytes + i + 16) ^ MIX2, load(bytes + i + 24) ^ b);
  }
  lanes[0] = a;
  lanes[1] = b;
}

static void absorb(uint64_t *lanes, const uint8_t *bytes, size_t len) {
  size_t rest = len % BLOCK;
  uint8_t last[BLOCK] = {0};

  absorb_blocks(lanes, bytes, len - rest);
  if (rest > 0) {
    memcpy(last, bytes + len - rest, rest);
    absorb_blocks(lanes, last, BLOCK);
  }
}

/* It is what has come of the lanes.  The lengths are part of it, since the last
 * blocks are filled with zeros. */
static void make_tag(const ho_null_key *key, const numbers *nonce,
                     const uint8_t *aad, size_t aad_len, const uint8_t *bytes,
                     size_t len, uint64_t *tag) {
  uint64_t first[4] = {nonce->word[0], nonce->word[1], aad_len, len};

  memcpy(tag, key->word, sizeof(key->word));
  absorb_blocks(tag, (const uint8_t *)first, sizeof(first));
  absorb(tag, aad, aad_len);
  absorb(tag, bytes, len);
}

/* ---- payloads ---- */

static void veil(const ho_null_key *key, const numbers *nonce, uint8_t *bytes,
                 size_t len) {
  uint64_t words[VEIL_WORDS] = {0};
  uint64_t x = mix(key->word[0] ^ nonce->word[0]) + key->word[1];

  len = len < sizeof(words) ? len : sizeof(words);
  memcpy(words, bytes, len);
  for (int i = 0; i < VEIL_WORDS; i++) {
    x += GOLD;
    words[i] ^= mix(x ^ nonce->word[1]);
  }
  memcpy(bytes, words, len);
}

static void copy(uint8_t *dest, const uint8_t *src, size_t len) {
  if (dest != src && len > 0) {
    memmove(dest, src, len);
  }
}

void ho_null_seal(const ho_null_key *key, const uint8_t *nonce,
                  const uint8_t *aad, size_t aad_len, const uint8_t *src,
                  size_t len, uint8_t *dest) {
  numbers n = read_nonce(nonce);
  uint64_t tag[LANES];

  copy(dest, src, len);
  veil(key, &n, dest, len);
  make_tag(key, &n, aad, aad_len, dest, len, tag);
  memcpy(dest + len, tag, HO_NULL_TAG_BYTES);
}

bool ho_null_open(const ho_null_key *key, const uint8_t *nonce,
                  const uint8_t *aad, size_t aad_len, const uint8_t *src,
                  size_t len, uint8_t *dest) {
  numbers n = read_nonce(nonce);
  uint64_t tag[LANES];

  if (len < HO_NULL_TAG_BYTES) {
    return false;
  }
  len -= HO_NULL_TAG_BYTES;
  make_tag(key, &n, aad, aad_len, src, len, tag);
  if (memcmp(src + len, tag, HO_NULL_TAG_BYTES) != 0) {
    return false;
  }
  copy(dest, src, len);
  veil(key, &n, dest, len);
  return true;
}

/* ---- headers ---- */

void ho_null_mask(const ho_null_key *key, const uint8_t *sample,
                  uint8_t *mask) {
  uint64_t x = mix(load(sample) ^ key->word[0]) + load(sample + 8);

  x = mix(x ^ key->word[1]);
  memcpy(mask, &x, HO_NULL_MASK_BYTES);
}
