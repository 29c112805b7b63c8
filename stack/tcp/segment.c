/* TCP segments, read and checked (RFC 9293, 3.1). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/segment.h"

#include <assert.h>
#include <string.h>

#include "sim/base/diag.h"

static uint16_t get16(const uint8_t *p) {
  return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, (uint16_t)(v >> 16));
  put16(p + 2, (uint16_t)v);
}

int ho_segment_parse(ho_segment *seg, const uint8_t *data, size_t len) {
  if (len < HO_SEGMENT_MIN) {
    return HO_ERR_INPUT;
  }
  seg->src = get16(data);
  seg->dst = get16(data + 2);
  seg->seq = get32(data + 4);
  seg->ack = get32(data + 8);
  seg->header = (size_t)(data[12] >> 4) * 4;
  seg->flags = data[13];
  if (seg->header < HO_SEGMENT_MIN || seg->header > len) {
    return HO_ERR_INPUT;
  }
  seg->payload = len - seg->header;
  return 0;
}

/* Adds up in 32-bit words: the one's complement sum does not mind (RFC 1071).
 */
static uint64_t add(uint64_t sum, const uint8_t *data, size_t len) {
  uint32_t word;

  for (; len >= 4; data += 4, len -= 4) {
    memcpy(&word, data, 4);
    sum += word;
  }
  if (len > 0) {
    word = 0;
    memcpy(&word, data, len);
    sum += word;
  }
  return sum;
}

uint16_t ho_segment_checksum(const uint8_t *data, size_t len,
                             const ho_addr *src, const ho_addr *dst) {
  uint8_t pseudo[4] = {0, HO_PROTO_TCP, (uint8_t)(len >> 8), (uint8_t)len};
  size_t addr_len = src->family == 4 ? 4 : 16;
  uint8_t bytes[2];
  uint16_t folded;
  uint64_t sum;

  assert(len <= UINT16_MAX && src->family == dst->family);
  sum = add(0, pseudo, sizeof(pseudo));
  sum = add(sum, src->bytes, addr_len);
  sum = add(sum, dst->bytes, addr_len);
  sum = add(sum, data, len);
  while (sum >> 16) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  folded = (uint16_t)~sum;
  memcpy(bytes, &folded, 2); /* the sum is in the order of memory */
  return get16(bytes);
}

void ho_segment_write_rst(uint8_t *buf, const ho_segment *seg) {
  uint32_t length = (uint32_t)seg->payload;

  assert(!(seg->flags & HO_SEGMENT_RST));
  length += (seg->flags & HO_SEGMENT_SYN) ? 1 : 0;
  length += (seg->flags & HO_SEGMENT_FIN) ? 1 : 0;
  memset(buf, 0, HO_SEGMENT_MIN);
  put16(buf, seg->dst);
  put16(buf + 2, seg->src);
  if (seg->flags & HO_SEGMENT_ACK) {
    put32(buf + 4, seg->ack);
    buf[13] = HO_SEGMENT_RST;
  } else {
    put32(buf + 8, seg->seq + length);
    buf[13] = HO_SEGMENT_RST | HO_SEGMENT_ACK;
  }
  buf[12] = HO_SEGMENT_MIN / 4 << 4;
}
