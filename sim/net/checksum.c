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

uint64_t ho_sum_bytes(const uint8_t *p, size_t len) {
  uint64_t even = 0, odd = 0, w[4], sum;

  for (; len >= sizeof(w); p += sizeof(w), len -= sizeof(w)) {
    memcpy(w, p, sizeof(w));
    even += (w[0] & 0xffffffff) + (w[1] & 0xffffffff);
    odd += (w[0] >> 32) + (w[1] >> 32);
    even += (w[2] & 0xffffffff) + (w[3] & 0xffffffff);
    odd += (w[2] >> 32) + (w[3] >> 32);
  }
  sum = even + odd;
  sum = (sum & 0xffffffff) + (sum >> 32);
  return sum + ho_sum_small(p, len);
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
