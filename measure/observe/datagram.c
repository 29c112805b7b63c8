/* What QUIC packets show to everybody (RFC 8999; RFC 9000, 17). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/flow.h"

enum { LONG = 0x80, FIXED = 0x40, SPIN = 0x20 };

/* A CID that the server has made carries its ID where QUIC-LB is used openly
 * (draft-ietf-quic-load-balancers). */
static void add_server_id(ho_flow_record *flow,
                          const ho_observer_config *config, const ho_cid *cid) {
  if (config->server_id_len > 0 && cid->len > config->server_id_len) {
    ho_ids_add(&flow->seen.ids, HO_ID_LB, cid->bytes + 1,
               config->server_id_len);
  }
}

/* Of Retry and Version Negotiation the SCID is not one that short headers will
 * have. */
static void learn_lengths(ho_flow_record *flow, ho_lengths *lengths,
                          const ho_observer_config *config, const ho_header *h,
                          bool up) {
  if (h->type == HO_WIRE_RETRY || h->type == HO_WIRE_VERSION) {
    return;
  }
  if (up) {
    flow->clients |= UINT32_C(1) << h->scid.len;
    lengths->clients |= UINT32_C(1) << h->scid.len;
    return;
  }
  ho_lengths_learn(lengths, &flow->seen.tuple.server.addr, h->scid.len);
  add_server_id(flow, config, &h->scid);
}

static void take_long(ho_flow_record *flow, ho_lengths *lengths,
                      const ho_observer_config *config, const uint8_t *packet,
                      const ho_header *h, bool up) {
  ho_ids *ids = &flow->seen.ids;

  learn_lengths(flow, lengths, config, h, up);
  ho_ids_add(ids, up ? HO_ID_CID_UP : HO_ID_CID_DOWN, h->dcid.bytes,
             h->dcid.len);
  if (!up) {
    return;
  }
  /* In Initial packets and 0-RTT it may be one that the client made up. */
  if (h->type == HO_WIRE_HANDSHAKE) {
    add_server_id(flow, config, &h->dcid);
  }
  if (h->type == HO_WIRE_INITIAL) {
    ho_ids_add(ids, HO_ID_TOKEN, h->token, h->token_len);
    ho_hello_quic(&flow->hello, ids, packet, h);
  }
}

/* The length of the DCIDs in short headers, or HO_LENGTH_UNKNOWN. */
static int short_length(const ho_flow_record *flow, const ho_lengths *lengths,
                        const ho_observer_config *config, bool up) {
  if (up) {
    return config->server_cid_len > 0
               ? config->server_cid_len
               : ho_length_of(
                     ho_lengths_server(lengths, &flow->seen.tuple.server.addr));
  }
  return ho_length_of(flow->clients ? flow->clients : lengths->clients);
}

static void take_short(ho_flow_record *flow, const ho_lengths *lengths,
                       const ho_observer_config *config, const uint8_t *packet,
                       size_t len, bool up) {
  ho_seen_way *way = up ? &flow->seen.up : &flow->seen.down;
  ho_id_kind kind = up ? HO_ID_CID_UP_ISH : HO_ID_CID_DOWN_ISH;
  ho_guess *guess = up ? &flow->up : &flow->down;
  int n = short_length(flow, lengths, config, up);
  ho_header h;

  way->shorts++;
  way->spins += (packet[0] & SPIN) != 0;
  if (n == HO_LENGTH_UNKNOWN) {
    ho_guess_add(guess, &flow->seen.ids, kind, packet + 1, len - 1);
    return;
  }
  ho_guess_end(guess, &flow->seen.ids, kind);
  if (ho_header_read(&h, packet, len, (size_t)n) == 0) {
    ho_ids_add(&flow->seen.ids, up ? HO_ID_CID_UP : HO_ID_CID_DOWN,
               h.dcid.bytes, h.dcid.len);
    if (up) {
      add_server_id(flow, config, &h.dcid);
    }
  }
}

void ho_flow_datagram(ho_flow_record *flow, ho_lengths *lengths,
                      const ho_observer_config *config, const ho_shown *shown,
                      bool up) {
  const uint8_t *p = shown->payload, *end = p + shown->payload_len;
  ho_header h;

  while (p < end && (*p & LONG)) {
    if (ho_header_read(&h, p, (size_t)(end - p), 0) != 0) {
      return;
    }
    take_long(flow, lengths, config, p, &h, up);
    p += h.len;
  }
  if (p < end && (*p & FIXED)) {
    take_short(flow, lengths, config, p, (size_t)(end - p), up);
  }
}
