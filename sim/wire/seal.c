/* Builds protected packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder_state.h"
#include "sim/wire/writer.h"

enum { PN_BYTES = 4 };

static void write_cid(ho_writer *w, const ho_cid *cid) {
  ho_writer_uint(w, cid->len, 1);
  ho_writer_bytes(w, cid->bytes, cid->len);
}

/* RFC 9000, 17.2; the Length is written in 2 bytes. */
static void write_long(ho_writer *w, const ho_header *header, size_t len) {
  static const uint8_t bits[] = {[HO_WIRE_INITIAL] = 0x00,
                                 [HO_WIRE_0RTT] = 0x10,
                                 [HO_WIRE_HANDSHAKE] = 0x20};

  ho_writer_uint(w,
                 0xc0u | bits[header->type] | (header->reserved & 3u) << 2 |
                     (PN_BYTES - 1),
                 1);
  ho_writer_uint(w, header->version, 4);
  write_cid(w, &header->dcid);
  write_cid(w, &header->scid);
  if (header->type == HO_WIRE_INITIAL) {
    ho_writer_varint(w, header->token_len);
    ho_writer_bytes(w, header->token, header->token_len);
  }
  w->full |= len > 0x3fff;
  ho_writer_uint(w, 0x4000 | len, 2);
}

/* 17.3.1: the spin bit is not protected, and so stands in |first|. */
static void write_short(ho_writer *w, const ho_header *header, size_t pn_bytes,
                        bool key_phase) {
  ho_writer_uint(w,
                 0x40u | (header->first & 0x20u) |
                     (header->reserved & 3u) << 3 | (key_phase ? 0x04u : 0u) |
                     ((unsigned)pn_bytes - 1),
                 1);
  ho_writer_bytes(w, header->dcid.bytes, header->dcid.len);
}

/* Header protection takes its sample 4 bytes after where the number begins
 * (RFC 9001, 5.4.2): with less to protect, a shorter number would lack it. */
static size_t pn_bytes(const ho_header *header, size_t plain_len) {
  return header->type == HO_WIRE_1RTT && header->pn_len > 0 &&
                 plain_len + header->pn_len >= PN_BYTES
             ? header->pn_len
             : PN_BYTES;
}

size_t ho_decoder_seal(ho_decoder *d, ho_side from, const ho_header *header,
                       uint64_t pn, bool key_phase, const uint8_t *plain,
                       size_t plain_len, uint8_t *dest, size_t cap) {
  ho_level level = ho_level_of(header->type);
  ho_writer w = {dest, dest + cap, false};
  size_t header_len, pn_len = pn_bytes(header, plain_len);

  if (level == HO_LEVELS) {
    return 0;
  }
  if (level == HO_LEVEL_APP) {
    write_short(&w, header, pn_len, key_phase);
  } else {
    write_long(&w, header, PN_BYTES + plain_len + HO_TAG_BYTES);
  }
  ho_writer_uint(&w, pn, pn_len);
  header_len = (size_t)(w.p - dest);
  ho_writer_bytes(&w, plain, plain_len);
  ho_writer_zeros(&w, HO_TAG_BYTES);
  if (w.full || !ho_wire_lane_seal(&d->lanes[level][from], dest, header_len,
                                   pn_len, plain_len, pn)) {
    return 0;
  }
  return (size_t)(w.p - dest);
}
