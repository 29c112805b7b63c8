/* Datagrams of a faulty endpoint, taken apart and put together again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "stack/fault/fault_inside.h"

const ho_wire_packet *fault_short(const ho_wire_datagram *wire) {
  for (size_t i = 0; i < wire->packets_count; i++) {
    if (wire->packets[i].header.type == HO_WIRE_1RTT &&
        wire->packets[i].opened) {
      return &wire->packets[i];
    }
  }
  return NULL;
}

/* ---- apart ---- */

/* Packet numbers of 0-RTT are of the same space. */
static void count_early(fault_inside *in, const ho_wire_datagram *wire) {
  for (size_t i = 0; i < wire->packets_count; i++) {
    const ho_wire_packet *p = &wire->packets[i];
    if (p->header.type == HO_WIRE_0RTT && p->opened) {
      fault_numbers_used(&in->numbers, p->pn, p->pn);
    }
  }
}

static void take_frames(fault_datagram *g) {
  const ho_wire_packet *p = g->p;

  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_PADDING) {
      g->pad_to = g->bytes;
    } else {
      g->frames[g->frames_count++] = p->frames[i];
    }
  }
}

void fault_take_apart(fault_inside *in, const ho_ip *ip, fault_datagram *g) {
  const ho_wire_datagram *wire = &in->faults->leaving;
  const ho_wire_packet *p = fault_short(wire);

  count_early(in, wire);
  g->src = in->c.src = ip->src;
  g->dst = in->c.dst = ip->dst;
  g->ecn = in->ecn = ip->ecn;
  g->drop = g->changed = false;
  g->frames_count = g->pad_to = 0;
  g->bytes = ip->total - ip->payload;
  g->wire = wire;
  g->p = p;
  if (!p) {
    return;
  }
  g->dcid = in->c.dcid = p->header.dcid;
  g->pn = fault_numbers_out(&in->numbers, p->pn);
  g->reserved = p->reserved;
  g->spin = in->spin = p->spin;
  in->key_phase = p->key_phase;
  take_frames(g);
  if (g->pad_to == 0 && g->bytes > in->full) {
    in->full = g->bytes;
  }
}

/* ---- together ---- */

/* What stands behind the last frame that could be kept, or read. */
static size_t write_rest(const ho_wire_packet *p, uint8_t *dest, size_t cap) {
  const uint8_t *at = p->plain;
  size_t n;

  if (!p->cut && !p->malformed) {
    return 0;
  }
  if (p->frames_count > 0) {
    const ho_frame *last = &p->frames[p->frames_count - 1];
    at = last->raw + last->raw_len;
  }
  n = (size_t)(p->plain + p->plain_len - at);
  n = n < cap ? n : cap;
  memcpy(dest, at, n);
  return n;
}

/* A STREAM frame that nobody changed stays as short as it was. */
static size_t write_frame(uint8_t *dest, size_t cap, const ho_frame *f) {
  ho_frame was;

  if (f->type == HO_FRAME_STREAM && f->raw && f->raw_len <= cap &&
      ho_frame_next(&was, f->raw, f->raw_len) == f->raw_len &&
      was.stream == f->stream && was.offset == f->offset &&
      was.length == f->length && was.fin == f->fin && was.bytes == f->bytes) {
    memcpy(dest, f->raw, f->raw_len);
    return f->raw_len;
  }
  return ho_frame_write(dest, cap, f);
}

static size_t write_frames(const fault_datagram *g, uint8_t *dest, size_t cap) {
  size_t n = 0;

  for (size_t i = 0; i < g->frames_count; i++) {
    n += write_frame(dest + n, cap - n, &g->frames[i]);
  }
  return n;
}

/* As many bytes as the endpoint took, or what the peer needs to expand it
 * (RFC 9000, A.2) where there is room.  A full datagram has none: then it takes
 * more than half of a number's range lost in a row for the peer to err. */
static uint8_t number_bytes(const fault_inside *in, const fault_datagram *g) {
  uint64_t unacked = g->pn >= in->unacked ? g->pn - in->unacked + 1 : 0;
  unsigned n = g->p->pn_len, most = n;

  if (g->bytes < in->full) {
    most += (unsigned)(in->full - g->bytes < 4 ? in->full - g->bytes : 4);
  }
  while (n < 4 && n < most && unacked >= UINT64_C(1) << (8 * n - 1)) {
    n++;
  }
  return (uint8_t)n;
}

/* Returns the size of the plaintext with as much PADDING as |pad_to| asks for,
 * |around| bytes being what else the datagram has. */
static size_t pad(uint8_t *plain, size_t len, size_t cap, size_t around,
                  size_t pad_to) {
  size_t to = pad_to > around ? pad_to - around : 0;

  to = to < cap ? to : cap;
  if (len < to) {
    memset(plain + len, 0, to - len);
    len = to;
  }
  return len;
}

static ho_header header_of(const fault_inside *in, const fault_datagram *g) {
  ho_header header = g->p->header;

  header.dcid = g->dcid;
  header.first = g->spin ? 0x20 : 0;
  header.reserved = g->reserved;
  header.pn_len = number_bytes(in, g);
  return header;
}

static size_t padded_to(const fault_datagram *g) {
  for (size_t i = 0; i < g->p->frames_count; i++) {
    if (g->p->frames[i].type == HO_FRAME_PADDING) {
      return g->bytes;
    }
  }
  return 0;
}

static bool is_changed(const fault_datagram *g) {
  const ho_wire_packet *p = g->p;

  return g->changed || g->pn != p->pn || g->reserved != p->reserved ||
         g->spin != p->spin || g->pad_to != padded_to(g) ||
         g->dcid.len != p->header.dcid.len ||
         memcmp(g->dcid.bytes, p->header.dcid.bytes, g->dcid.len) != 0;
}

/* The frames of |g|, as they were if no fault touched them. */
static size_t plain_of(const fault_datagram *g, size_t around, uint8_t *plain,
                       size_t cap) {
  size_t n;

  if (!g->changed && g->pad_to == padded_to(g)) {
    memcpy(plain, g->p->plain, g->p->plain_len);
    return g->p->plain_len;
  }
  n = write_frames(g, plain, cap);
  n += write_rest(g->p, plain + n, cap - n);
  return pad(plain, n, cap, around, g->pad_to);
}

/* Writes the new 1-RTT packet over the old one.  Returns the payload's size. */
static size_t seal_again(fault_inside *in, const fault_datagram *g,
                         uint8_t *payload, size_t cap) {
  const ho_wire_packet *p = g->p;
  ho_header header = header_of(in, g);
  size_t around = p->offset + 1 + header.dcid.len + header.pn_len + FAULT_TAG,
         n;
  uint8_t plain[HO_PACKET_CAP];

  n = plain_of(g, around, plain, cap - around);
  n = ho_decoder_seal(in->decoder, in->faults->side, &header, g->pn,
                      p->key_phase, plain, n, payload + p->offset,
                      cap - p->offset);
  return n > 0 ? p->offset + n : 0;
}

static bool address(ho_packet *pkt, const ho_ip *ip, const fault_datagram *g,
                    size_t len) {
  size_t at = ho_ip_header_len(g->src.addr.family) + FAULT_UDP_HEADER;

  if (len == 0 || at + len > sizeof(pkt->data) ||
      g->src.addr.family != g->dst.addr.family) {
    return false;
  }
  memmove(pkt->data + at, pkt->data + ip->payload, len);
  ho_ip_write_udp(pkt, &g->src, &g->dst, g->ecn, len);
  return true;
}

bool fault_put_together(fault_inside *in, ho_packet *pkt, const ho_ip *ip,
                        fault_datagram *g) {
  bool moved = !ho_endpoint_eq(&g->src, &ip->src) ||
               !ho_endpoint_eq(&g->dst, &ip->dst) || g->ecn != ip->ecn;
  size_t len = g->bytes;

  if (g->p) {
    fault_numbers_used(&in->numbers, fault_numbers_out(&in->numbers, g->p->pn),
                       g->pn);
  }
  if (g->drop || (g->p && g->changed && g->frames_count == 0)) {
    return false;
  }
  if (g->p && is_changed(g)) {
    len = seal_again(in, g, pkt->data + ip->payload,
                     sizeof(pkt->data) - ip->payload);
    moved = true;
  }
  return !moved || address(pkt, ip, g, len);
}

/* ---- what comes in ---- */

static void note_acked(fault_inside *in, const ho_frame *ack) {
  if (ack->largest + 1 > in->unacked) {
    in->unacked = ack->largest + 1;
  }
}

/* Returns the size of the plaintext without extras; a packet must not be
 * empty. */
static size_t translate(fault_inside *in, const ho_wire_packet *p,
                        uint8_t *plain, size_t cap) {
  size_t n = 0;

  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) {
      n += fault_numbers_ack(&in->numbers, f, plain + n, cap - n);
    } else {
      memcpy(plain + n, f->raw, f->raw_len);
      n += f->raw_len;
    }
  }
  n += write_rest(p, plain + n, cap - n);
  if (n == 0) {
    plain[n++] = HO_FRAME_PADDING;
  }
  return n;
}

static bool has_ack(fault_inside *in, const ho_wire_packet *p) {
  bool any = false;

  for (size_t i = 0; p && i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) {
      note_acked(in, f);
      any = true;
    }
  }
  return any;
}

void fault_translate(fault_inside *in, ho_packet *pkt, const ho_ip *ip) {
  const ho_wire_packet *p = fault_short(&in->arrived);
  size_t cap = sizeof(pkt->data) - ip->payload, n;
  uint8_t plain[HO_PACKET_CAP];
  ho_header header;

  if (!has_ack(in, p) || in->numbers.extras_count == 0) {
    return;
  }
  header = p->header;
  header.first = p->spin ? 0x20 : 0;
  header.reserved = p->reserved;
  header.pn_len = (uint8_t)p->pn_len;
  n = translate(in, p, plain, sizeof(plain));
  n = ho_decoder_seal(in->decoder, fault_other(in->faults->side), &header,
                      p->pn, p->key_phase, plain, n,
                      pkt->data + ip->payload + p->offset, cap - p->offset);
  if (n > 0) {
    ho_ip_write_udp(pkt, &ip->src, &ip->dst, ip->ecn, p->offset + n);
  }
}
