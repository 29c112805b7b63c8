/* What a QUIC packet shows to everybody: RFC 8999 and RFC 9000, 17. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_HEADER_H
#define HO_WIRE_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/cid.h"

typedef enum {
  HO_WIRE_INITIAL,
  HO_WIRE_0RTT,
  HO_WIRE_HANDSHAKE,
  HO_WIRE_RETRY,
  HO_WIRE_VERSION, /* Version Negotiation */
  HO_WIRE_1RTT,
} ho_wire_type;

/* ho_header is the cleartext of one packet in a datagram.  Offsets are from the
 * packet's first byte; pointers point into what was read. */
typedef struct {
  ho_wire_type type;
  uint8_t first;    /* byte 0 as it stands, header protection included */
  uint32_t version; /* long headers */
  ho_cid dcid, scid;
  const uint8_t *token; /* Initial; Retry */
  size_t token_len;
  uint8_t reserved; /* the two reserved bits that ho_decoder_seal sets; what is
                       read has 0, for they are protected */
  uint8_t pn_len;   /* bytes in which ho_decoder_seal writes the packet number
                       of 1-RTT packets, 1 to 4; 0, as in what is read: 4 */
  size_t pn_offset; /* of the protected packet number; Retry, VN: 0 */
  size_t len;       /* of the packet; for 1-RTT all that is left */
} ho_header;

/* ho_header_read reads the packet at |p|.  |short_dcid_len| is the length of
 * the DCID of a short header, which it does not tell.  Any input is safe.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is no QUIC version 1 packet: truncated, the fixed bit is 0, a CID
 *     longer than 20 bytes, or another version. */
int ho_header_read(ho_header *header, const uint8_t *p, size_t len,
                   size_t short_dcid_len);

/* ho_wire_type_name is the RFC's name: "Initial", "0-RTT", "Handshake", ... */
const char *ho_wire_type_name(ho_wire_type type);

#endif
