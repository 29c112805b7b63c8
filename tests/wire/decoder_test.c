/* Goal: a decoder follows a connection through its keys, in whatever order its
 * packets come. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "rfc9001.h"
#include "sim/wire/lane.h"
#include "tests/suite.h"

/* ---- two decoders: one seals what the other reads ---- */

enum { AES128 = 0x1301, AES256 = 0x1302, CHACHA20 = 0x1303 };

typedef struct {
  uint8_t data[1500];
  size_t len;
} dgram;

typedef struct {
  ho_decoder *writer, *reader;
  ho_cid cids[2]; /* by the side that receives with it */
} pair;

static ho_wire_datagram out;
static const uint8_t ping[] = {HO_FRAME_PING, 0, 0};

static ho_side other(ho_side side) {
  return side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
}

/* Puts a sealed packet behind what |g| has. */
static void seal(pair *p, ho_side from, ho_wire_type type, uint64_t pn,
                 bool phase, const uint8_t *plain, size_t len, dgram *g) {
  ho_header h = {.type = type,
                 .version = 1,
                 .dcid = p->cids[other(from)],
                 .scid = p->cids[from]};
  size_t n = ho_decoder_seal(p->writer, from, &h, pn, phase, plain, len,
                             g->data + g->len, sizeof(g->data) - g->len);

  ck_assert_uint_gt(n, 0);
  g->len += n;
}

static dgram sealed(pair *p, ho_side from, ho_wire_type type, uint64_t pn,
                    bool phase) {
  dgram g = {.len = 0};

  seal(p, from, type, pn, phase, ping, sizeof(ping), &g);
  return g;
}

/* Both decoders read it in the order of sending. */
static void read_both(pair *p, ho_side from, const dgram *g) {
  ho_decoder_read(p->writer, from, g->data, g->len, &out);
  ck_assert(out.packets[0].opened);
  ho_decoder_read(p->reader, from, g->data, g->len, &out);
}

static bool peeks(ho_decoder *d, ho_side from, const dgram *g) {
  ho_decoder_peek(d, from, g->data, g->len, &out);
  ck_assert_uint_ge(out.packets_count, 1);
  return out.packets[0].opened;
}

static bool reads(ho_decoder *d, ho_side from, const dgram *g) {
  ho_decoder_read(d, from, g->data, g->len, &out);
  ck_assert_uint_ge(out.packets_count, 1);
  return out.packets[0].opened;
}

static void secret(pair *p, const char *label, uint8_t fill, size_t len) {
  uint8_t bytes[48];

  memset(bytes, fill, sizeof(bytes));
  ho_decoder_secret(p->writer, HO_CLIENT, label, bytes, len);
  ho_decoder_secret(p->reader, HO_CLIENT, label, bytes, len);
}

static void give_secrets(pair *p, size_t len) {
  secret(p, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", 1, len);
  secret(p, "SERVER_HANDSHAKE_TRAFFIC_SECRET", 2, len);
  secret(p, "CLIENT_TRAFFIC_SECRET_0", 3, len);
  secret(p, "SERVER_TRAFFIC_SECRET_0", 4, len);
}

/* The first Initial's keys are of its own DCID, so that nobody but the sample
 * can begin: RFC 9001, A.2, whose SCID is empty. */
static void begin(pair *p) {
  dgram g;

  g.len = hex(g.data, client_initial);
  read_both(p, HO_CLIENT, &g);
  ck_assert(out.packets[0].opened);
}

/* A ServerHello that takes |suite|, in a CRYPTO frame. */
static void say_hello(pair *p, uint16_t suite) {
  uint8_t frame[60] = {HO_FRAME_CRYPTO, 0, 44, 2, 0, 0, 40, 3, 3};
  dgram g = {.len = 0};

  frame[3 + 4 + 2 + 32 + 1] = (uint8_t)(suite >> 8);
  frame[3 + 4 + 2 + 32 + 2] = (uint8_t)suite;
  seal(p, HO_SERVER, HO_WIRE_INITIAL, 0, false, frame, 3 + 44, &g);
  read_both(p, HO_SERVER, &g);
  ck_assert(out.packets[0].opened);
}

static pair *pair_new(uint16_t suite, size_t client_cid, size_t server_cid) {
  pair *p = calloc(1, sizeof(*p));
  dgram g;

  p->writer = ho_decoder_new();
  p->reader = ho_decoder_new();
  p->cids[HO_CLIENT].len = (uint8_t)client_cid;
  p->cids[HO_SERVER].len = (uint8_t)server_cid;
  memset(p->cids[HO_CLIENT].bytes, 0xc1, client_cid);
  memset(p->cids[HO_SERVER].bytes, 0x51, server_cid);
  begin(p);
  give_secrets(p, suite == AES256 ? 48 : 32);
  say_hello(p, suite);
  g = sealed(p, HO_CLIENT, HO_WIRE_HANDSHAKE, 0, false);
  read_both(p, HO_CLIENT, &g); /* which shows the length of its CID */
  return p;
}

static void pair_del(pair *p) {
  ho_decoder_del(p->writer);
  ho_decoder_del(p->reader);
  free(p);
}

/* ---- suites and levels ---- */

static const uint16_t suites[] = {AES128, AES256, CHACHA20};

/* Handshake and 1-RTT both ways, in each suite, the secrets there before it is
 * known. */
START_TEST(each_suite_opens) {
  pair *p = pair_new(suites[_i], 5, 9);

  for (int from = 0; from < 2; from++) {
    dgram g = sealed(p, from, HO_WIRE_HANDSHAKE, 7, false);
    ck_assert(reads(p->reader, from, &g));
    ck_assert_uint_eq(out.packets[0].pn, 7);
    ck_assert_uint_eq(out.packets[0].frames_count, 2);
    ck_assert(out.packets[0].eliciting);
    g.data[g.len - 1] ^= 1;
    ck_assert(!reads(p->reader, from, &g));
    ck_assert_str_eq(out.packets[0].why, "authentication failed");
  }
  for (int from = 0; from < 2; from++) {
    dgram g = sealed(p, from, HO_WIRE_1RTT, 1000, false);
    ck_assert(reads(p->reader, from, &g));
    ck_assert_uint_eq(out.packets[0].pn, 1000);
    ck_assert_uint_eq(out.packets[0].header.dcid.len,
                      from == HO_CLIENT ? 9 : 5);
  }
  pair_del(p);
}
END_TEST

/* Secrets may also come when the suite is known already. */
START_TEST(late_secrets_open) {
  pair *p = calloc(1, sizeof(*p));
  dgram g;

  p->writer = ho_decoder_new();
  p->reader = ho_decoder_new();
  begin(p);
  say_hello(p, CHACHA20);
  give_secrets(p, 32);
  g = sealed(p, HO_SERVER, HO_WIRE_1RTT, 1, false);
  ck_assert(reads(p->reader, HO_SERVER, &g));
  secret(p, "SERVER_TRAFFIC_SECRET_0", 9, 32); /* not replaced */
  ck_assert(reads(p->reader, HO_SERVER, &g));
  pair_del(p);
}
END_TEST

START_TEST(no_key_no_packet) {
  pair *p = pair_new(AES128, 0, 0);
  ho_decoder *stranger = ho_decoder_new();
  dgram g = sealed(p, HO_SERVER, HO_WIRE_1RTT, 1, false);

  ck_assert(!reads(stranger, HO_SERVER, &g));
  ck_assert_str_eq(out.packets[0].why, "no key");
  ho_decoder_secret(stranger, HO_SERVER, "SERVER_TRAFFIC_SECRET_0", g.data, 31);
  ho_decoder_secret(stranger, HO_SERVER, "EXPORTER_SECRET", g.data, 32);
  ck_assert(!reads(stranger, HO_SERVER, &g));
  ck_assert_str_eq(out.packets[0].why, "no key");
  ho_decoder_del(stranger);
  pair_del(p);
}
END_TEST

/* Seals a 0-RTT packet with AES-128, whatever the decoders think. */
static dgram sealed_early(const uint8_t *bytes, uint64_t pn) {
  dgram g = {.data = {0xd3, 0, 0, 0, 1, 0, 0, 0x40, 4 + 3 + 16}, .len = 32};
  ho_wire_lane lane = {0};

  ho_wire_lane_secret(&lane, ho_suite_find(AES128), bytes, 32);
  for (int i = 0; i < 4; i++) {
    g.data[9 + i] = (uint8_t)(pn >> (24 - 8 * i));
  }
  memcpy(g.data + 13, ping, sizeof(ping));
  ck_assert(ho_wire_lane_seal(&lane, g.data, 13, 4, sizeof(ping), pn));
  ho_wire_lane_free(&lane);
  return g;
}

/* 0-RTT comes before the ServerHello: its suite is what fits, whatever the
 * ServerHello says then. */
START_TEST(early_data_opens) {
  pair *p = pair_new(CHACHA20, 0, 0);
  uint8_t bytes[32];
  dgram g;

  memset(bytes, 5, sizeof(bytes));
  secret(p, "CLIENT_EARLY_TRAFFIC_SECRET", 5, 32);
  g = sealed_early(bytes, 0x80000010);
  ck_assert(!reads(p->reader, HO_SERVER, &g)); /* the server has none */
  ck_assert_str_eq(out.packets[0].why, "no key");
  ck_assert(reads(p->reader, HO_CLIENT, &g));
  ck_assert_int_eq(out.packets[0].header.type, HO_WIRE_0RTT);
  ck_assert_uint_eq(out.packets[0].pn, 0x80000010);
  /* 1-RTT goes on in the same packet number space */
  g = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 0x100000005, false);
  ck_assert(reads(p->reader, HO_CLIENT, &g));
  ck_assert_uint_eq(out.packets[0].pn, 0x100000005);
  pair_del(p);
}
END_TEST

/* ---- key update (RFC 9001, 6) ---- */

/* What the reader seals is still of the phase that the writer is in. */
static void check_unmoved(pair *p, ho_side from, uint64_t pn, bool phase) {
  pair mirror = {p->reader, p->writer, {p->cids[0], p->cids[1]}};
  dgram g = sealed(&mirror, from, HO_WIRE_1RTT, pn, phase);

  ck_assert(peeks(p->writer, from, &g));
}

/* Several phases of both sides, each at its own pace; the packet before each
 * update comes late, and still opens. */
START_TEST(key_phases_are_followed) {
  pair *p = pair_new(suites[_i], 4, 4);
  uint64_t pn[2] = {0, 0};
  bool phase[2] = {false, false};

  for (int round = 0; round < 12; round++) {
    ho_side from = round % 3 == 0 ? HO_SERVER : HO_CLIENT;
    dgram old, late, now, again;

    old = sealed(p, from, HO_WIRE_1RTT, pn[from]++, phase[from]);
    read_both(p, from, &old);
    ck_assert(out.packets[0].opened);
    ck_assert_int_eq(out.packets[0].key_phase, phase[from]);
    late = sealed(p, from, HO_WIRE_1RTT, pn[from]++, phase[from]);
    phase[from] = !phase[from];
    now = sealed(p, from, HO_WIRE_1RTT, pn[from]++, phase[from]);
    ck_assert(peeks(p->reader, from, &now));
    check_unmoved(p, from, pn[from] + 5, !phase[from]);
    read_both(p, from, &now);
    ck_assert(out.packets[0].opened);
    ck_assert_int_eq(out.packets[0].key_phase, phase[from]);
    ck_assert(reads(p->reader, from, &late));
    ck_assert_uint_eq(out.packets[0].pn, pn[from] - 2);
    ck_assert(peeks(p->reader, from, &old));
    again = sealed(p, from, HO_WIRE_1RTT, pn[from] - 2, !phase[from]);
    ck_assert_mem_eq(again.data, late.data, late.len); /* as of then */
    now = sealed(p, from, HO_WIRE_1RTT, pn[from]++, phase[from]);
    ck_assert(reads(p->reader, from, &now)); /* nor did the late one */
  }
  pair_del(p);
}
END_TEST

/* 6.4: old keys under a higher number are forbidden, and so to be seen. */
START_TEST(old_keys_after_new_are_seen) {
  pair *p = pair_new(AES128, 0, 0);
  dgram a = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 1, false),
        stale = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 9, false),
        b = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 5, true);

  ck_assert(reads(p->reader, HO_CLIENT, &a));
  ck_assert(reads(p->reader, HO_CLIENT, &b));
  ck_assert(reads(p->reader, HO_CLIENT, &stale));
  ck_assert(!out.packets[0].key_phase);
  ck_assert_uint_eq(out.packets[0].pn, 9);
  b = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 10, true);
  ck_assert(reads(p->reader, HO_CLIENT, &b));
  pair_del(p);
}
END_TEST

/* What is forged with a flipped bit turns no keys. */
START_TEST(forgeries_turn_no_keys) {
  pair *p = pair_new(AES128, 0, 0);
  dgram a = sealed(p, HO_SERVER, HO_WIRE_1RTT, 1, false),
        forged = sealed(p, HO_SERVER, HO_WIRE_1RTT, 2, true);

  forged.data[forged.len - 1] ^= 0x80;
  ck_assert(!reads(p->reader, HO_SERVER, &forged));
  ck_assert(reads(p->reader, HO_SERVER, &a));
  pair_del(p);
}
END_TEST

/* ---- packet numbers, CIDs, datagrams ---- */

/* Peeking at a far number leaves what comes after it expanded as before. */
START_TEST(peeking_learns_nothing) {
  pair *p = pair_new(AES128, 0, 0);
  dgram far = sealed(p, HO_CLIENT, HO_WIRE_1RTT, UINT64_C(0xfffffff0), false),
        near = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 3, false);

  ck_assert(reads(p->reader, HO_CLIENT, &near));
  ho_decoder_peek(p->reader, HO_CLIENT, far.data, far.len, &out);
  near = sealed(p, HO_CLIENT, HO_WIRE_1RTT, 4, false);
  ck_assert(reads(p->reader, HO_CLIENT, &near));
  ck_assert_uint_eq(out.packets[0].pn, 4);
  pair_del(p);
}
END_TEST

/* RFC 9000, A.3: over 32 bits, numbers wrap in the packet and not in truth. */
START_TEST(packet_numbers_go_on) {
  static const uint64_t pns[] = {0x7ffffff0, 0xfffffff0,  0x100000005,
                                 0xfffffff8, 0x170000000, 0x1e0000000};
  pair *p = pair_new(AES128, 0, 0);

  for (size_t i = 0; i < COUNT(pns); i++) {
    dgram g = sealed(p, HO_CLIENT, HO_WIRE_1RTT, pns[i], false);
    ck_assert(reads(p->reader, HO_CLIENT, &g));
    ck_assert_uint_eq(out.packets[0].pn, pns[i]);
  }
  pair_del(p);
}
END_TEST

static const uint8_t cid_lens[][2] = {{0, 0}, {0, 20}, {20, 0}, {1, 8}};

START_TEST(cid_lengths_are_learned) {
  pair *p = pair_new(AES128, cid_lens[_i][0], cid_lens[_i][1]);

  for (int from = 0; from < 2; from++) {
    dgram g = sealed(p, from, HO_WIRE_HANDSHAKE, 0, false);
    ck_assert(reads(p->reader, from, &g));
  }
  for (int from = 0; from < 2; from++) {
    dgram g = sealed(p, from, HO_WIRE_1RTT, 0, false);
    ck_assert(reads(p->reader, from, &g));
    ck_assert_uint_eq(out.packets[0].header.dcid.len,
                      cid_lens[_i][from == HO_CLIENT]);
  }
  pair_del(p);
}
END_TEST

/* RFC 9000, 12.2: several packets, the last with a short header; a broken one
 * among them does not hide the others. */
START_TEST(coalesced_packets_open) {
  pair *p = pair_new(AES128, 3, 6);
  dgram g = sealed(p, HO_SERVER, HO_WIRE_INITIAL, 1, false);
  size_t second = g.len, third;

  seal(p, HO_SERVER, HO_WIRE_HANDSHAKE, 0, false, ping, 3, &g);
  third = g.len;
  seal(p, HO_SERVER, HO_WIRE_1RTT, 0, false, ping, 3, &g);
  ck_assert(reads(p->reader, HO_SERVER, &g));
  ck_assert_uint_eq(out.bytes, g.len);
  ck_assert_uint_eq(out.packets_count, 3);
  ck_assert_uint_eq(out.packets[1].offset, second);
  ck_assert_uint_eq(out.packets[2].offset, third);
  ck_assert_uint_eq(out.packets[2].len, g.len - third);
  ck_assert_int_eq(out.packets[2].header.type, HO_WIRE_1RTT);
  ck_assert_uint_eq(out.frames_count, 6);
  for (int i = 0; i < 3; i++) {
    ck_assert(out.packets[i].opened);
    ck_assert_uint_eq(out.packets[i].plain_len, 3);
    ck_assert_mem_eq(out.packets[i].plain, ping, 3);
  }
  g.data[third - 1] ^= 1;
  ck_assert(reads(p->reader, HO_SERVER, &g));
  ck_assert(!out.packets[1].opened);
  ck_assert(out.packets[2].opened);
  ck_assert(!out.maybe_reset);
  pair_del(p);
}
END_TEST

/* 10.3: nothing opens, it looks like 1-RTT and is long enough. */
START_TEST(resets_are_suspected) {
  pair *p = pair_new(AES128, 0, 0);
  uint8_t data[40];

  for (size_t i = 0; i < sizeof(data); i++) {
    data[i] = (uint8_t)(0x40 + i);
  }
  ho_decoder_read(p->reader, HO_SERVER, data, 21, &out);
  ck_assert(out.maybe_reset);
  ck_assert_mem_eq(out.tail.bytes, data + 5, 16);
  ho_decoder_read(p->reader, HO_SERVER, data, 20, &out);
  ck_assert(!out.maybe_reset);
  ck_assert_mem_eq(out.tail.bytes, data + 4, 16);
  data[0] = 0x80;
  ho_decoder_read(p->reader, HO_SERVER, data, 40, &out);
  ck_assert(!out.maybe_reset);
  pair_del(p);
}
END_TEST

/* ---- frames ---- */

static void read_plain(pair *p, const uint8_t *plain, size_t len) {
  dgram g = {.len = 0};

  seal(p, HO_CLIENT, HO_WIRE_1RTT, 1, false, plain, len, &g);
  ck_assert(reads(p->reader, HO_CLIENT, &g));
}

START_TEST(packets_are_characterized) {
  static const uint8_t probe[] = {0x1a, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
  static const uint8_t more[] = {0x1a, 1, 2, 3, 4, 5, 6, 7, 8, 1};
  static const uint8_t ack[] = {2, 4, 0, 0, 0};
  static const uint8_t broken[] = {1, 0x1f, 1};
  pair *p = pair_new(AES128, 0, 0);
  const ho_wire_packet *packet = out.packets;

  read_plain(p, probe, sizeof(probe));
  ck_assert(packet->probing && packet->eliciting && !packet->malformed);
  read_plain(p, more, sizeof(more));
  ck_assert(!packet->probing && packet->eliciting);
  read_plain(p, ack, sizeof(ack));
  ck_assert(!packet->probing && !packet->eliciting);
  read_plain(p, broken, sizeof(broken));
  ck_assert(packet->malformed && packet->eliciting && !packet->probing);
  ck_assert_uint_eq(packet->frames_count, 1);
  read_plain(p, broken, 0);
  ck_assert(!packet->malformed && !packet->probing && !packet->eliciting);
  ck_assert_uint_eq(packet->plain_len, 0);
  pair_del(p);
}
END_TEST

/* More frames than are kept: the packet is judged by all of them. */
START_TEST(many_frames_are_cut) {
  uint8_t plain[2 * HO_WIRE_FRAMES];
  pair *p = pair_new(AES128, 0, 0);

  memset(plain, 1, sizeof(plain));
  read_plain(p, plain, HO_WIRE_FRAMES);
  ck_assert(!out.packets[0].cut);
  ck_assert_uint_eq(out.packets[0].frames_count, HO_WIRE_FRAMES);
  plain[sizeof(plain) - 1] = 0x1f;
  read_plain(p, plain, sizeof(plain));
  ck_assert(out.packets[0].cut && out.packets[0].malformed);
  ck_assert_uint_eq(out.packets[0].frames_count, HO_WIRE_FRAMES);
  pair_del(p);
}
END_TEST

/* The bits under header protection. */
START_TEST(bits_are_shown) {
  pair *p = pair_new(AES128, 0, 0);
  ho_header h = {.type = HO_WIRE_1RTT, .first = 0x20, .reserved = 2};
  dgram g = {.len = 0};

  g.len = ho_decoder_seal(p->writer, HO_SERVER, &h, 1, false, ping, 3, g.data,
                          sizeof(g.data));
  ck_assert(reads(p->reader, HO_SERVER, &g));
  ck_assert(out.packets[0].spin);
  ck_assert_uint_eq(out.packets[0].reserved, 2);
  h = (ho_header){.type = HO_WIRE_HANDSHAKE, .version = 1, .reserved = 1};
  g.len = ho_decoder_seal(p->writer, HO_SERVER, &h, 1, false, ping, 3, g.data,
                          sizeof(g.data));
  ck_assert(reads(p->reader, HO_SERVER, &g));
  ck_assert(!out.packets[0].spin);
  ck_assert_uint_eq(out.packets[0].reserved, 1);
  h.type = HO_WIRE_RETRY;
  ck_assert_uint_eq(ho_decoder_seal(p->writer, HO_SERVER, &h, 1, false, ping, 3,
                                    g.data, sizeof(g.data)),
                    0);
  pair_del(p);
}
END_TEST

/* A datagram of any size is read; what does not fit says so. */
START_TEST(giants_are_refused) {
  static uint8_t data[HO_WIRE_BYTES + 1];
  pair *p = pair_new(AES128, 0, 0);

  data[0] = 0x40;
  ho_decoder_read(p->reader, HO_CLIENT, data, sizeof(data), &out);
  ck_assert_str_eq(out.packets[0].why, "too large");
  ho_decoder_read(p->reader, HO_CLIENT, data, sizeof(data) - 1, &out);
  ck_assert_str_eq(out.packets[0].why, "authentication failed");
  pair_del(p);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, each_suite_opens, 0, COUNT(suites));
  tcase_add_test(tc, late_secrets_open);
  tcase_add_test(tc, no_key_no_packet);
  tcase_add_test(tc, early_data_opens);
  tcase_add_loop_test(tc, key_phases_are_followed, 0, COUNT(suites));
  tcase_add_test(tc, old_keys_after_new_are_seen);
  tcase_add_test(tc, forgeries_turn_no_keys);
  tcase_add_test(tc, peeking_learns_nothing);
  tcase_add_test(tc, packet_numbers_go_on);
  tcase_add_loop_test(tc, cid_lengths_are_learned, 0, COUNT(cid_lens));
  tcase_add_test(tc, coalesced_packets_open);
  tcase_add_test(tc, resets_are_suspected);
  tcase_add_test(tc, packets_are_characterized);
  tcase_add_test(tc, many_frames_are_cut);
  tcase_add_test(tc, bits_are_shown);
  tcase_add_test(tc, giants_are_refused);
}

int main(void) {
  return suite_run("decoder", add);
}
