/* Decrypts the packets of one QUIC connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/wire/decoder_state.h"

ho_decoder *ho_decoder_new(void) {
  return ho_alloc(sizeof(ho_decoder));
}

static void free_keys(ho_decoder *d) {
  for (int i = 0; i < 2 * HO_LEVELS; i++) {
    ho_wire_lane_free(&d->lanes[i / 2][i % 2]);
    ho_handshake_free(&d->crypto[i / 2][i % 2]);
  }
}

void ho_decoder_del(ho_decoder *d) {
  while (d) {
    ho_decoder *before = d->before;

    free_keys(d);
    free(d);
    d = before;
  }
}

/* ---- Initial keys ---- */

static void make_initial(ho_wire_lane *lane, const ho_cid *dcid, ho_side from) {
  uint8_t secret[32];

  ho_keys_initial(secret, dcid, from);
  ho_wire_lane_secret(lane, ho_suite_find(0x1301), secret, sizeof(secret));
}

/* A client's Initial packet that the keys do not open may be protected by its
 * own DCID: the client's first choice, or a Retry's SCID (RFC 9001, 5.2). */
static bool open_by_dcid(ho_decoder *d, const ho_cid *dcid, ho_opening *o,
                         bool learn) {
  ho_wire_lane client = {0};

  make_initial(&client, dcid, HO_CLIENT);
  if (!ho_wire_lane_open(&client, o, learn)) {
    ho_wire_lane_free(&client);
    return false;
  }
  if (learn) {
    ho_wire_lane *lanes = d->lanes[HO_LEVEL_INITIAL];
    ho_wire_lane_free(&lanes[HO_CLIENT]);
    ho_wire_lane_free(&lanes[HO_SERVER]);
    lanes[HO_CLIENT] = client;
    lanes[HO_SERVER] = (ho_wire_lane){0};
    make_initial(&lanes[HO_SERVER], dcid, HO_SERVER);
  } else {
    ho_wire_lane_free(&client);
  }
  return true;
}

/* ---- handshake ---- */

static void learn_suite(ho_decoder *d, const ho_suite *suite) {
  d->suite = suite;
  for (int side = 0; side < 2; side++) {
    ho_wire_lane_suite(&d->lanes[HO_LEVEL_HANDSHAKE][side], suite);
    ho_wire_lane_suite(&d->lanes[HO_LEVEL_APP][side], suite);
  }
}

static void learn_message(ho_decoder *d, ho_side from, const uint8_t *message,
                          size_t len) {
  const ho_suite *suite = ho_suite_find(ho_handshake_suite(message, len));
  size_t n;
  const uint8_t *params = ho_wire_params_find(message, len, &n);

  if (from == HO_SERVER && suite) {
    learn_suite(d, suite);
  }
  if (params && !d->has_params[from]) {
    d->has_params[from] = ho_wire_params_read(&d->params[from], params, n) == 0;
  }
}

static void learn_crypto(ho_decoder *d, ho_side from, ho_level level,
                         const ho_wire_packet *packet) {
  for (size_t i = 0; i < packet->frames_count; i++) {
    const ho_frame *f = &packet->frames[i];
    const uint8_t *message;
    size_t len;

    if (f->type != HO_FRAME_CRYPTO) {
      continue;
    }
    message = ho_handshake_add(&d->crypto[level][from], f->offset, f->bytes,
                               f->length, &len);
    if (message) {
      learn_message(d, from, message, len);
    }
  }
}

const ho_wire_params *ho_decoder_params(const ho_decoder *d, ho_side of) {
  return d->has_params[of] ? &d->params[of] : NULL;
}

/* ---- packets ---- */

ho_level ho_level_of(ho_wire_type type) {
  switch (type) {
  case HO_WIRE_INITIAL:
    return HO_LEVEL_INITIAL;
  case HO_WIRE_0RTT:
    return HO_LEVEL_EARLY;
  case HO_WIRE_HANDSHAKE:
    return HO_LEVEL_HANDSHAKE;
  case HO_WIRE_1RTT:
    return HO_LEVEL_APP;
  case HO_WIRE_RETRY:
  case HO_WIRE_VERSION:
    break;
  }
  return HO_LEVELS;
}

/* 0-RTT and 1-RTT have one packet number space (RFC 9000, 12.3). */
static uint64_t *next_pn(ho_decoder *d, ho_level level, ho_side from) {
  return &d->next_pn[level == HO_LEVEL_EARLY ? HO_LEVEL_APP : level][from];
}

static void learn(ho_decoder *d, ho_side from, ho_level level,
                  const ho_wire_packet *packet) {
  uint64_t *next = next_pn(d, level, from);

  if (packet->pn >= *next) {
    *next = packet->pn + 1;
  }
  if (packet->header.type != HO_WIRE_1RTT) {
    d->cid_len[from] = packet->header.scid.len;
  }
  if (level == HO_LEVEL_INITIAL || level == HO_LEVEL_HANDSHAKE) {
    learn_crypto(d, from, level, packet);
  }
}

static void read_frames(ho_wire_datagram *out, ho_wire_packet *packet) {
  const uint8_t *p = packet->plain, *end = p + packet->plain_len;
  ho_frame spare, *frame;
  size_t n;

  packet->frames = &out->frames[out->frames_count];
  packet->probing = p < end;
  while (p < end) {
    bool room = out->frames_count < HO_WIRE_FRAMES;
    frame = room ? &out->frames[out->frames_count] : &spare;
    n = ho_frame_next(frame, p, (size_t)(end - p));
    if (n == 0) {
      packet->malformed = true;
      packet->probing = false;
      return;
    }
    packet->eliciting |= ho_frame_eliciting(frame->type);
    packet->probing &= ho_frame_probing(frame->type);
    packet->cut |= !room;
    out->frames_count += room;
    packet->frames_count += room;
    p += n;
  }
}

/* The bits under header protection: RFC 9000, 17.2 and 17.3.1. */
static void read_opened(ho_wire_packet *packet, const ho_opening *o) {
  uint8_t first = o->dest[0];

  packet->opened = true;
  packet->why = NULL;
  packet->pn = o->pn;
  packet->pn_len = o->pn_len;
  packet->plain = o->dest + o->pn_offset + o->pn_len;
  packet->plain_len = o->plain_len;
  if (packet->header.type == HO_WIRE_1RTT) {
    packet->spin = first & 0x20;
    packet->reserved = first >> 3 & 3;
    packet->key_phase = first & 0x04;
  } else {
    packet->reserved = first >> 2 & 3;
  }
}

static bool open_packet(ho_decoder *d, ho_side from, ho_level level,
                        const ho_header *header, ho_opening *o, bool learns) {
  if (ho_wire_lane_open(&d->lanes[level][from], o, learns)) {
    return true;
  }
  return level == HO_LEVEL_INITIAL && from == HO_CLIENT &&
         open_by_dcid(d, &header->dcid, o, learns);
}

/* Returns the decoder that opens it, which is |d| or of a server before; NULL:
 * none. */
static ho_decoder *find_keys(ho_decoder *d, ho_side from, ho_level level,
                             const ho_header *header, ho_opening *o,
                             bool learns) {
  for (; d; d = d->before) {
    o->expected = *next_pn(d, level, from);
    if (open_packet(d, from, level, header, o, learns)) {
      return d;
    }
  }
  return NULL;
}

/* The header's bytes come first in |plain|, where its token then is. */
static void keep(ho_wire_datagram *out, ho_wire_packet *packet,
                 const uint8_t *data) {
  ho_header *header = &packet->header;
  uint8_t *dest = out->plain + out->plain_len;

  memcpy(dest, data, packet->len);
  out->plain_len += packet->len;
  if (header->token) {
    header->token = dest + (header->token - data);
  }
}

static void read_packet(ho_decoder *d, ho_side from, const uint8_t *data,
                        ho_wire_datagram *out, ho_wire_packet *packet,
                        bool learns) {
  ho_level level = ho_level_of(packet->header.type);
  ho_opening o = {.data = data,
                  .len = packet->len,
                  .pn_offset = packet->header.pn_offset,
                  .dest = out->plain + out->plain_len};
  ho_decoder *keys;

  if (out->plain_len + packet->len > sizeof(out->plain)) {
    packet->why = "too large";
    packet->header.token = NULL;
    packet->header.token_len = 0;
    return;
  }
  keep(out, packet, data);
  if (level == HO_LEVELS) {
    packet->why = "not protected";
    return;
  }
  keys = find_keys(d, from, level, &packet->header, &o, learns);
  if (!keys) {
    packet->why = d->lanes[level][from].secret_bytes > 0
                      ? "authentication failed"
                      : "no key";
    return;
  }
  read_opened(packet, &o);
  read_frames(out, packet);
  if (learns) {
    learn(keys, from, level, packet);
  }
}

static void read_tail(ho_wire_datagram *out, const uint8_t *data, size_t len) {
  size_t n = sizeof(out->tail.bytes);

  out->maybe_reset = len >= 21 && (data[0] & 0xc0) == 0x40;
  memset(&out->tail, 0, sizeof(out->tail));
  if (len >= n) {
    memcpy(out->tail.bytes, data + len - n, n);
  }
}

static void read_datagram(ho_decoder *d, ho_side from, const uint8_t *data,
                          size_t len, ho_wire_datagram *out, bool learns) {
  ho_side to = from == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  size_t at = 0;

  out->bytes = len;
  out->packets_count = out->frames_count = out->plain_len = 0;
  read_tail(out, data, len);
  while (at < len && out->packets_count < HO_WIRE_PACKETS) {
    ho_wire_packet *packet = &out->packets[out->packets_count];

    *packet = (ho_wire_packet){.offset = at};
    if (ho_header_read(&packet->header, data + at, len - at, d->cid_len[to])) {
      break;
    }
    out->packets_count++;
    packet->len = packet->header.len;
    read_packet(d, from, data + at, out, packet, learns);
    out->maybe_reset &= !packet->opened;
    at += packet->len;
  }
}

void ho_decoder_read(ho_decoder *d, ho_side from, const uint8_t *data,
                     size_t len, ho_wire_datagram *out) {
  read_datagram(d, from, data, len, out, true);
}

void ho_decoder_peek(ho_decoder *d, ho_side from, const uint8_t *data,
                     size_t len, ho_wire_datagram *out) {
  read_datagram(d, from, data, len, out, false);
}
