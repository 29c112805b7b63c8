/* What a QUIC packet shows to everybody. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/header.h"

#include "sim/base/diag.h"
#include "sim/wire/reader.h"

enum { LONG = 0x80, FIXED = 0x40, RETRY_TAG = 16 };

static void read_cid(ho_reader *r, ho_cid *cid) {
  uint8_t len = (uint8_t)ho_reader_uint(r, 1);

  if (len > sizeof(cid->bytes)) {
    r->bad = true;
    return;
  }
  cid->len = len;
  ho_reader_copy(r, cid->bytes, len);
}

static void read_token(ho_reader *r, ho_header *header, uint64_t len) {
  header->token = ho_reader_skip(r, len);
  header->token_len = (size_t)len;
}

/* Retry is a token and its integrity tag: 17.2.5. */
static void read_retry(ho_reader *r, ho_header *header) {
  size_t left = ho_reader_left(r);

  if (left < RETRY_TAG) {
    r->bad = true;
    return;
  }
  read_token(r, header, left - RETRY_TAG);
  ho_reader_skip(r, RETRY_TAG);
}

static void read_protected(ho_reader *r, ho_header *header, const uint8_t *p) {
  uint64_t len;

  if (header->type == HO_WIRE_INITIAL) {
    len = ho_reader_varint(r);
    read_token(r, header, len);
  }
  len = ho_reader_varint(r);
  header->pn_offset = (size_t)(r->p - p);
  ho_reader_skip(r, len);
}

/* The types of 17.2, by the two bits that tell them. */
static const ho_wire_type types[] = {HO_WIRE_INITIAL, HO_WIRE_0RTT,
                                     HO_WIRE_HANDSHAKE, HO_WIRE_RETRY};

static void read_long(ho_reader *r, ho_header *header, const uint8_t *p) {
  header->version = (uint32_t)ho_reader_uint(r, 4);
  read_cid(r, &header->dcid);
  read_cid(r, &header->scid);
  if (header->version == 0) { /* 17.2.1: the other bits mean nothing */
    header->type = HO_WIRE_VERSION;
    ho_reader_skip(r, ho_reader_left(r));
    return;
  }
  r->bad |= header->version != 1 || !(header->first & FIXED);
  header->type = types[header->first >> 4 & 3];
  if (header->type == HO_WIRE_RETRY) {
    read_retry(r, header);
  } else {
    read_protected(r, header, p);
  }
}

static void read_short(ho_reader *r, ho_header *header, size_t dcid_len) {
  r->bad |= !(header->first & FIXED) || dcid_len > sizeof(header->dcid.bytes);
  if (r->bad) {
    return;
  }
  header->type = HO_WIRE_1RTT;
  header->dcid.len = (uint8_t)dcid_len;
  ho_reader_copy(r, header->dcid.bytes, dcid_len);
  header->pn_offset = 1 + dcid_len;
  ho_reader_skip(r, ho_reader_left(r));
}

int ho_header_read(ho_header *header, const uint8_t *p, size_t len,
                   size_t short_dcid_len) {
  ho_reader r = {p, p + len, false};

  *header = (ho_header){.first = (uint8_t)ho_reader_uint(&r, 1)};
  if (header->first & LONG) {
    read_long(&r, header, p);
  } else {
    read_short(&r, header, short_dcid_len);
  }
  if (r.bad) {
    return HO_ERR_INPUT;
  }
  header->len = (size_t)(r.p - p);
  return 0;
}

const char *ho_wire_type_name(ho_wire_type type) {
  switch (type) {
  case HO_WIRE_INITIAL:
    return "Initial";
  case HO_WIRE_0RTT:
    return "0-RTT";
  case HO_WIRE_HANDSHAKE:
    return "Handshake";
  case HO_WIRE_RETRY:
    return "Retry";
  case HO_WIRE_VERSION:
    return "Version Negotiation";
  case HO_WIRE_1RTT:
    return "1-RTT";
  }
  return "unknown";
}
