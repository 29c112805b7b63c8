/* TCP segments, read and checked (RFC 9293, 3.1). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_SEGMENT_H
#define HO_TCP_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"

enum {
  HO_SEGMENT_FIN = 1,
  HO_SEGMENT_SYN = 2,
  HO_SEGMENT_RST = 4,
  HO_SEGMENT_ACK = 16,
  HO_SEGMENT_MIN = 20
};

/* ho_segment is what a segment's header says; |header| and |payload| are
 * lengths in bytes. */
typedef struct {
  uint16_t src, dst;
  uint32_t seq, ack;
  uint8_t flags;
  size_t header, payload;
} ho_segment;

/* ho_segment_parse reads |len| bytes.  Any input is safe.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Truncated, or a data offset that does not fit. */
int ho_segment_parse(ho_segment *seg, const uint8_t *data, size_t len);

/* ho_segment_checksum sums |data| and the pseudo-header of its addresses
 * (RFC 9293, 3.1): 0 over a segment that is right; over one whose checksum
 * field is zero, the value for that field. */
uint16_t ho_segment_checksum(const uint8_t *data, size_t len,
                             const ho_addr *src, const ho_addr *dst);

/* ho_segment_write_rst writes to |buf|, of HO_SEGMENT_MIN bytes, the RST that
 * answers |seg| where no connection is (3.10.7.1).  |seg| is not a RST.  The
 * checksum is left zero. */
void ho_segment_write_rst(uint8_t *buf, const ho_segment *seg);

#endif
