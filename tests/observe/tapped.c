/* Hand-made packets for an observer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/observe/tapped.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/wire/lane.h"
#include "sim/wire/writer.h"
#include "tests/suite.h"

void tapped_init(tapped *w, const ho_observer_config *config) {
  ho_observer_config given = config ? *config : (ho_observer_config){0};

  given.server_tap = SERVER_TAP;
  *w = (tapped){.o = ho_observer_new(&given), .up = true};
  w->tuple = tapped_tuple(1, 4);
  ho_rng_init(&w->rng, 1, "tapped");
}

void tapped_free(tapped *w) {
  ho_observer_del(w->o);
}

ho_tuple tapped_tuple(unsigned n, uint8_t family) {
  ho_tuple tuple = {.client.port = (uint16_t)(1000 + n), .server.port = 443};
  bool v6 = family == 6;

  ho_addr_parse(&tuple.client.addr, v6 ? "2001:db8::1" : "198.51.100.0");
  ho_addr_parse(&tuple.server.addr, v6 ? "2001:db8:9::1" : "192.0.2.1");
  tuple.client.addr = ho_addr_add(tuple.client.addr, n);
  return tuple;
}

/* ---- IP ---- */

static int64_t see(tapped *w, const ho_packet *pkt) {
  ho_glimpse glimpse = {w->t, w->tap, w->up, pkt->data, pkt->len};

  return ho_observer_see(w->o, &glimpse);
}

static const ho_endpoint *src(const tapped *w) {
  return w->up ? &w->tuple.client : &w->tuple.server;
}

static const ho_endpoint *dst(const tapped *w) {
  return w->up ? &w->tuple.server : &w->tuple.client;
}

int64_t tapped_udp(tapped *w, const uint8_t *payload, size_t len) {
  ho_packet pkt = {0};

  memcpy(pkt.data + ho_ip_header_len(w->tuple.client.addr.family) + 8, payload,
         len);
  ho_ip_write_udp(&pkt, src(w), dst(w), w->ecn, len);
  return see(w, &pkt);
}

int64_t tapped_tcp(tapped *w, bool syn, uint32_t seq, const uint8_t *payload,
                   size_t len) {
  ho_packet pkt = {0};
  uint8_t *segment = pkt.data + ho_ip_header_len(w->tuple.client.addr.family);
  ho_writer out = {segment, segment + 1900, false};

  ho_writer_uint(&out, src(w)->port, 2);
  ho_writer_uint(&out, dst(w)->port, 2);
  ho_writer_uint(&out, seq, 4);
  ho_writer_uint(&out, 0, 4);
  ho_writer_uint(&out, 0x8000 | (syn ? HO_TCP_SYN : HO_TCP_ACK), 2);
  ho_writer_zeros(&out, 6 + 12); /* and 12 bytes of options */
  ho_writer_bytes(&out, payload, len);
  ho_ip_write_tcp(&pkt, &src(w)->addr, &dst(w)->addr, w->ecn,
                  (size_t)(out.p - segment));
  return see(w, &pkt);
}

/* ---- QUIC ---- */

ho_cid tapped_cid(unsigned n, size_t len) {
  ho_cid cid = {.len = (uint8_t)len};
  ho_rng rng;

  ho_rng_init(&rng, n, "cid");
  ho_rng_bytes(&rng, cid.bytes, len);
  cid.bytes[0] = (uint8_t)n;
  return cid;
}

int64_t tapped_short(tapped *w, uint8_t first, const ho_cid *dcid) {
  uint8_t packet[60];

  ho_rng_bytes(&w->rng, packet, sizeof(packet));
  packet[0] = first;
  memcpy(packet + 1, dcid->bytes, dcid->len);
  return tapped_udp(w, packet, sizeof(packet));
}

static void write_header(ho_writer *out, ho_wire_type type, const ho_cid *dcid,
                         const ho_cid *scid, const char *token, size_t len) {
  static const uint8_t firsts[] = {[HO_WIRE_INITIAL] = 0xc3,
                                   [HO_WIRE_0RTT] = 0xd3,
                                   [HO_WIRE_HANDSHAKE] = 0xe3,
                                   [HO_WIRE_RETRY] = 0xf3,
                                   [HO_WIRE_VERSION] = 0xc3};

  ho_writer_uint(out, firsts[type], 1);
  ho_writer_uint(out, type != HO_WIRE_VERSION, 4);
  ho_writer_uint(out, dcid->len, 1);
  ho_writer_bytes(out, dcid->bytes, dcid->len);
  ho_writer_uint(out, scid->len, 1);
  ho_writer_bytes(out, scid->bytes, scid->len);
  if (type == HO_WIRE_INITIAL) {
    ho_writer_varint(out, strlen(token));
    ho_writer_bytes(out, token, strlen(token));
  }
  if (type != HO_WIRE_RETRY && type != HO_WIRE_VERSION) {
    ho_writer_varint(out, len);
  }
}

int64_t tapped_long(tapped *w, ho_wire_type type, const ho_cid *dcid,
                    const ho_cid *scid) {
  uint8_t packet[200], rest[60];
  ho_writer out = {packet, packet + sizeof(packet), false};

  ho_rng_bytes(&w->rng, rest, sizeof(rest));
  write_header(&out, type, dcid, scid, "", sizeof(rest));
  ho_writer_bytes(&out, rest, sizeof(rest));
  return tapped_udp(w, packet, (size_t)(out.p - packet));
}

size_t tapped_hello(uint8_t *dest, size_t cap, const uint8_t *n,
                    size_t tickets) {
  size_t offered = tickets * 46, extensions = tickets ? 4 + 2 + offered + 3 : 0;
  ho_writer w = {dest, dest + cap, false};

  ho_writer_uint(&w, 1, 1);
  ho_writer_uint(&w, 2 + 32 + 1 + 4 + 2 + 2 + extensions, 3);
  ho_writer_uint(&w, 0x0303, 2);
  ho_writer_zeros(&w, 32);
  ho_writer_uint(&w, 0, 1);
  ho_writer_uint(&w, 0x00021301, 4);
  ho_writer_uint(&w, 0x0100, 2);
  ho_writer_uint(&w, extensions, 2);
  if (tickets > 0) {
    ho_writer_uint(&w, 41, 2);
    ho_writer_uint(&w, extensions - 4, 2);
    ho_writer_uint(&w, offered, 2);
    for (size_t i = 0; i < tickets; i++) {
      ho_writer_uint(&w, 40, 2);
      for (size_t k = 0; k < 40; k++) {
        ho_writer_uint(&w, n[i], 1);
      }
      ho_writer_uint(&w, 0, 4);
    }
    ho_writer_uint(&w, 0x000100, 3);
  }
  assert(!w.full);
  return (size_t)(w.p - dest);
}

int64_t tapped_initial(tapped *w, const ho_cid *keys, const ho_cid *dcid,
                       const char *token, uint64_t offset, const uint8_t *data,
                       size_t len) {
  ho_cid scid = tapped_cid(200, 8);
  uint8_t packet[1500], frames[1400], secret[32];
  ho_writer out = {packet, packet + sizeof(packet), false};
  ho_writer plain = {frames, frames + sizeof(frames), false};
  ho_wire_lane lane = {0};
  size_t plain_len;

  ho_writer_uint(&plain, 6, 1);
  ho_writer_varint(&plain, offset);
  ho_writer_varint(&plain, len);
  ho_writer_bytes(&plain, data, len);
  ho_writer_zeros(&plain, 4);
  plain_len = (size_t)(plain.p - frames);
  write_header(&out, HO_WIRE_INITIAL, dcid, &scid, token, 4 + plain_len + 16);
  ho_writer_uint(&out, offset, 4); /* packet number */
  ho_writer_bytes(&out, frames, plain_len);
  ho_writer_zeros(&out, 16);
  assert(!out.full && !plain.full);
  ho_keys_initial(secret, keys, HO_CLIENT);
  ho_wire_lane_secret(&lane, ho_suite_find(0x1301), secret, sizeof(secret));
  ho_wire_lane_seal(&lane, packet, (size_t)(out.p - packet) - plain_len - 16, 4,
                    plain_len, offset);
  ho_wire_lane_free(&lane);
  return tapped_udp(w, packet, (size_t)(out.p - packet));
}

/* ---- what was seen ---- */

void tapped_expect(tapped *w, size_t flow, const char *want) {
  const ho_seen_flow *f = ho_observer_flow(w->o, flow);
  char *text = ho_ids_text(&f->ids), *rest = text, *word;
  char got[4000] = "";

  while ((word = strsep(&rest, " "))) {
    if (strncmp(word, "port:", 5) != 0 && strncmp(word, "tuple:", 6) != 0) {
      snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
               *got ? " " : "", word);
    }
  }
  ck_assert_str_eq(got, want);
  free(text);
}
