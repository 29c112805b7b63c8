/* Reads arbitrary datagrams with a decoder that has keys, and what is in them
 * as frames, headers and transport parameters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include <assert.h>
#include <string.h>

#include "rfc9001.h"
#include "sim/wire/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ho_wire_datagram out;

static bool within(const uint8_t *p, size_t len) {
  return p >= out.plain && p + len <= out.plain + out.plain_len;
}

static void check_packet(const ho_wire_packet *p) {
  assert(p->offset + p->len <= out.bytes);
  assert(p->opened == !p->why);
  assert(!p->header.token || within(p->header.token, p->header.token_len));
  if (!p->opened) {
    return;
  }
  assert(within(p->plain, p->plain_len));
  for (size_t i = 0; i < p->frames_count; i++) {
    assert(within(p->frames[i].raw, p->frames[i].raw_len));
    if (p->frames[i].bytes) {
      assert(within(p->frames[i].bytes, p->frames[i].length));
    }
    ho_frame_acks(&p->frames[i], 5);
  }
}

static void check(size_t size) {
  assert(out.bytes == size && out.packets_count <= HO_WIRE_PACKETS);
  assert(out.frames_count <= HO_WIRE_FRAMES);
  assert(out.plain_len <= HO_WIRE_BYTES);
  for (size_t i = 0; i < out.packets_count; i++) {
    check_packet(&out.packets[i]);
  }
}

static ho_decoder *make(bool restarted) {
  static const char *const labels[] = {
      "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
      "SERVER_TRAFFIC_SECRET_0"};
  ho_decoder *d = ho_decoder_new();
  uint8_t packet[1200], secret[32] = {1};

  ho_decoder_read(d, HO_CLIENT, packet, hex(packet, client_initial), &out);
  for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
    ho_decoder_secret(d, HO_SERVER, labels[i], secret, sizeof(secret));
  }
  secret[0] = 2;
  if (restarted) {
    ho_decoder_secret(d, HO_SERVER, labels[3], secret, sizeof(secret));
  }
  return d;
}

/* The input, sealed, is what gets behind the AEAD. */
static void read_sealed(ho_decoder *d, ho_side from, uint8_t how,
                        const uint8_t *data, size_t size) {
  static const ho_wire_type types[] = {HO_WIRE_INITIAL, HO_WIRE_0RTT,
                                       HO_WIRE_HANDSHAKE, HO_WIRE_1RTT};
  static uint8_t dest[2200];
  ho_header header = {.type = types[how & 3], .version = 1};
  size_t n = ho_decoder_seal(d, from, &header, how, how & 4, data, size, dest,
                             sizeof(dest));

  if (n > 0) {
    ho_decoder_read(d, from, dest, n, &out);
    check(n);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ho_side from;
  ho_decoder *d;
  ho_header header;
  ho_wire_params params;
  const uint8_t *identity;
  size_t n;

  if (size < 2) {
    return 0;
  }
  d = make(data[0] & 16);
  from = data[0] & 8 ? HO_SERVER : HO_CLIENT;
  ho_decoder_peek(d, from, data + 1, size - 1, &out);
  check(size - 1);
  ho_decoder_read(d, from, data + 1, size - 1, &out);
  check(size - 1);
  read_sealed(d, from, data[0], data + 1, size - 1);
  ho_decoder_del(d);
  if (ho_header_read(&header, data + 1, size - 1, data[0] % 24) == 0) {
    assert(header.len <= size - 1 && header.pn_offset <= header.len);
  }
  ho_wire_params_read(&params, data, size);
  ho_wire_params_find(data, size, &n);
  for (size_t i = 0; (identity = ho_handshake_identity(data, size, i, &n));
       i++) {
    assert(identity >= data && n <= size);
  }
  return 0;
}
