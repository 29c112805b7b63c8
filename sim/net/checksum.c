/* The Internet checksum. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/checksum.h"

#include <string.h>

uint64_t ho_sum_small(const uint8_t *p, size_t len) {
  uint64_t sum = 0;
  uint16_t word;

  for (; len >= 2; p += 2, len -= 2) {
    memcpy(&word, p, 2);
    sum += word;
  }
  if (len) {
    uint8_t last[2] = {p[0], 0};

    memcpy(&word, last, 2);
    sum += word;
  }
  return sum;
}

/* Words of any length may be summed, as long as no carry is lost: 2^64 is 1 in
 * this arithmetic (RFC 1071, 2). */
uint64_t ho_sum_bytes(const uint8_t *p, size_t len) {
  uint64_t sum = 0, carries = 0, word;

  for (; len >= 32; p += 32, len -= 32) {
    for (size_t i = 0; i < 32; i += sizeof(word)) {
      memcpy(&word, p + i, sizeof(word));
      sum += word;
      carries += sum < word;
    }
  }
  return (sum & 0xffffffff) + (sum >> 32) + carries + ho_sum_small(p, len);
}

uint16_t ho_sum_fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

void ho_sum_store(uint8_t *p, uint64_t sum) {
  uint16_t checksum = (uint16_t)~ho_sum_fold(sum);

  memcpy(p, &checksum, 2);
}

void ho_sum_store_udp(uint8_t *p, uint64_t sum) {
  uint16_t checksum = (uint16_t)~ho_sum_fold(sum);

  if (!checksum) {
    checksum = 0xffff;
  }
  memcpy(p, &checksum, 2);
}
