/* Goal: the sample packets of RFC 9001, Appendix A are read and built to the
 * byte. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include "rfc9001.h"
#include "sim/wire/lane.h"
#include "tests/suite.h"

static ho_wire_datagram out;

static void read_text(ho_decoder *d, ho_side from, const char *text) {
  uint8_t data[1500];

  ho_decoder_read(d, from, data, hex(data, text), &out);
}

/* A.2, with what its ClientHello says. */
START_TEST(client_initial_opens) {
  ho_decoder *d = ho_decoder_new();
  const ho_wire_packet *p = out.packets;
  const ho_wire_params *params;
  uint8_t want[1162] = {0};

  read_text(d, HO_CLIENT, client_initial);
  ck_assert_uint_eq(out.packets_count, 1);
  ck_assert(p->opened);
  ck_assert_int_eq(p->header.type, HO_WIRE_INITIAL);
  ck_assert_uint_eq(p->pn, 2);
  ck_assert_uint_eq(p->pn_len, 4);
  ck_assert_uint_eq(p->reserved, 0);
  ck_assert_uint_eq(p->len, 1200);
  ck_assert_uint_eq(p->header.dcid.len, 8);
  ck_assert_uint_eq(p->header.scid.len, 0);
  ck_assert_uint_eq(p->plain_len, sizeof(want));
  hex(want, client_frame);
  ck_assert_mem_eq(p->plain, want, sizeof(want));
  ck_assert_uint_eq(p->frames_count, 2);
  ck_assert_uint_eq(p->frames[0].type, HO_FRAME_CRYPTO);
  ck_assert_uint_eq(p->frames[0].length, 241);
  ck_assert_uint_eq(p->frames[1].type, HO_FRAME_PADDING);
  ck_assert_uint_eq(p->frames[1].length, 917);
  ck_assert(p->eliciting && !p->probing && !p->malformed);
  params = ho_decoder_params(d, HO_CLIENT);
  ck_assert_ptr_nonnull(params);
  ck_assert_uint_eq(params->initial_max_data, UINT64_C(0x3fffffffffffffff));
  ck_assert_uint_eq(params->max_idle_timeout_ms, 30000);
  ck_assert_uint_eq(params->initial_scid.len, 8);
  ck_assert_ptr_null(ho_decoder_params(d, HO_SERVER));
  ho_decoder_del(d);
}
END_TEST

/* Built from its parts, it is the same packet. */
START_TEST(client_initial_is_built) {
  ho_decoder *d = ho_decoder_new();
  ho_header header = {.type = HO_WIRE_INITIAL, .version = 1};
  uint8_t plain[1162] = {0}, want[1200], got[1200];

  read_text(d, HO_CLIENT, client_initial);
  header.dcid.len = (uint8_t)hex(header.dcid.bytes, "8394c8f03e515708");
  hex(plain, client_frame);
  hex(want, client_initial);
  ck_assert_uint_eq(ho_decoder_seal(d, HO_CLIENT, &header, 2, false, plain,
                                    sizeof(plain), got, sizeof(got)),
                    1200);
  ck_assert_mem_eq(got, want, sizeof(want));
  ck_assert_uint_eq(ho_decoder_seal(d, HO_CLIENT, &header, 2, false, plain,
                                    sizeof(plain), got, sizeof(got) - 1),
                    0);
  ho_decoder_del(d);
}
END_TEST

/* A.3: with keys from the client's DCID. */
START_TEST(server_initial_opens) {
  ho_decoder *d = ho_decoder_new();
  const ho_wire_packet *p = out.packets;
  uint8_t want[200];

  read_text(d, HO_SERVER, server_initial);
  ck_assert(!p->opened);
  ck_assert_str_eq(p->why, "no key");
  read_text(d, HO_CLIENT, client_initial);
  read_text(d, HO_SERVER, server_initial);
  ck_assert(p->opened);
  ck_assert_uint_eq(p->pn, 1);
  ck_assert_uint_eq(p->pn_len, 2);
  ck_assert_uint_eq(p->plain_len, hex(want, server_frames));
  ck_assert_mem_eq(p->plain, want, p->plain_len);
  ck_assert_uint_eq(p->frames[0].type, HO_FRAME_ACK);
  ck_assert_uint_eq(p->frames[1].type, HO_FRAME_CRYPTO);
  ho_decoder_del(d);
}
END_TEST

/* A.4: a Retry, after which Initial keys are of its SCID. */
START_TEST(retry_is_read) {
  ho_decoder *d = ho_decoder_new();
  const ho_wire_packet *p = out.packets;

  read_text(d, HO_CLIENT, client_initial);
  read_text(d, HO_SERVER, retry);
  ck_assert_uint_eq(out.packets_count, 1);
  ck_assert(!p->opened);
  ck_assert_str_eq(p->why, "not protected");
  ck_assert_int_eq(p->header.type, HO_WIRE_RETRY);
  ck_assert_uint_eq(p->header.scid.len, 8);
  ck_assert_uint_eq(p->header.scid.bytes[0], 0xf0);
  ck_assert_uint_eq(p->header.token_len, 5);
  ck_assert_mem_eq(p->header.token, "token", 5);
  ck_assert(p->header.token >= out.plain &&
            p->header.token < out.plain + sizeof(out.plain));
  ho_decoder_del(d);
}
END_TEST

/* A.5: nobody says that it is ChaCha20, and the number has 3 bytes of 4. */
START_TEST(chacha_packet_opens) {
  uint8_t data[21], secret[32], dest[21];
  ho_opening o = {.data = data,
                  .len = hex(data, chacha_packet),
                  .pn_offset = 1,
                  .expected = 654360564 - 1000,
                  .dest = dest};
  ho_wire_lane lane = {0};

  hex(secret, chacha_secret);
  ho_wire_lane_secret(&lane, NULL, secret, sizeof(secret));
  ck_assert(ho_wire_lane_open(&lane, &o, false));
  ck_assert_uint_eq(o.pn, 654360564);
  ck_assert_uint_eq(o.pn_len, 3);
  ck_assert_uint_eq(o.plain_len, 1);
  ck_assert_uint_eq(dest[4], HO_FRAME_PING);
  ck_assert_uint_eq(dest[0], 0x42);
  data[20] ^= 1;
  ck_assert(!ho_wire_lane_open(&lane, &o, false));
  ho_wire_lane_free(&lane);
}
END_TEST

/* A.5: the secret after a key update. */
START_TEST(chacha_keys_are_updated) {
  uint8_t secret[32], want[32];
  ho_keys keys = {0}, next = {0};

  hex(secret, chacha_secret);
  hex(want, "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");
  ho_keys_init(&keys, ho_suite_find(0x1303), secret);
  ho_keys_next(&next, &keys);
  ck_assert_mem_eq(next.secret, want, sizeof(want));
  ho_keys_free(&keys);
  ho_keys_free(&next);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, client_initial_opens);
  tcase_add_test(tc, client_initial_is_built);
  tcase_add_test(tc, server_initial_opens);
  tcase_add_test(tc, retry_is_read);
  tcase_add_test(tc, chacha_packet_opens);
  tcase_add_test(tc, chacha_keys_are_updated);
}

int main(void) {
  return suite_run("RFC 9001 samples", add);
}
