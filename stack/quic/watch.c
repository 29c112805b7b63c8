/* Sees every packet in plaintext as ngtcp2 encrypts or decrypts it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/watch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "stack/quic/protect.h"

static ho_quic_watch *at_work;

void ho_quic_watch_begin(ho_quic_watch *w, ho_time now, uint64_t packet) {
  assert(!at_work);
  w->now = now;
  w->packet = packet;
  at_work = w->log ? w : NULL; /* nobody to tell: nothing to see */
}

void ho_quic_watch_end(void) {
  at_work = NULL;
}

/* What an unprotected header says: RFC 9000, 17.2 and 17.3. */
typedef struct {
  const char *type;
  int space;
  ho_cid dcid;
  uint64_t pn;
} header;

static void read_form(header *h, const uint8_t *aad, size_t dcid_len) {
  static const char *const types[] = {"initial", "0rtt", "handshake", "retry"};
  static const int spaces[] = {0, 2, 1, 0};
  const uint8_t *cid = aad + 1;

  if (aad[0] & 0x80) {
    int type = (aad[0] >> 4) & 3;
    h->type = types[type];
    h->space = spaces[type];
    dcid_len = aad[5];
    cid = aad + 6;
  } else {
    h->type = "1rtt";
    h->space = 2;
  }
  assert(dcid_len <= sizeof(h->dcid.bytes));
  h->dcid = (ho_cid){.len = (uint8_t)dcid_len};
  memcpy(h->dcid.bytes, cid, dcid_len);
}

/* The sender's own numbers only grow, so the truncated one is the first that
 * fits from the expected one on. */
static uint64_t expand(uint64_t expected, uint64_t low, size_t len) {
  uint64_t window = UINT64_C(1) << (8 * len);
  uint64_t pn = (expected & ~(window - 1)) | low;

  return pn < expected ? pn + window : pn;
}

static void read_header(header *h, ho_quic_watch *w, const uint8_t *aad,
                        size_t aad_len) {
  size_t pn_len = (aad[0] & 3u) + 1;
  uint64_t low = 0;

  read_form(h, aad, aad_len - 1 - pn_len);
  for (size_t i = aad_len - pn_len; i < aad_len; i++) {
    low = low << 8 | aad[i];
  }
  h->pn = expand(w->next_sent[h->space], low, pn_len);
  w->next_sent[h->space] = h->pn + 1;
}

static void note_path(ho_quic_watch *w, const ho_frame *frame) {
  if (w->paths_count < HO_WATCH_PATHS) {
    w->paths[w->paths_count++] = *frame;
  }
}

static bool first_time(ho_seen *seen, uint64_t n) {
  size_t byte = (size_t)(n / 8);
  uint8_t bit = (uint8_t)(1u << (n % 8));

  if (byte >= seen->len) {
    size_t len = byte + 16;
    uint8_t *bits = ho_alloc(len);
    if (seen->bits) {
      memcpy(bits, seen->bits, seen->len);
    }
    free(seen->bits);
    *seen = (ho_seen){bits, len};
  }
  if (seen->bits[byte] & bit) {
    return false;
  }
  seen->bits[byte] |= bit;
  return true;
}

static void announce_cid(ho_quic_watch *w, uint64_t sequence, const ho_cid *cid,
                         const ho_token *token) {
  if (!first_time(&w->issued, sequence)) {
    return;
  }
  HO_EMIT(w->log, cid_issued, w->now, w->client, .connection = w->connection,
          .endpoint = w->side, .sequence = sequence, .cid = *cid,
          .token = *token);
}

static void announce_retired(ho_quic_watch *w, uint64_t sequence) {
  if (!first_time(&w->retired, sequence)) {
    return;
  }
  HO_EMIT(w->log, cid_retired, w->now, w->client, .connection = w->connection,
          .endpoint = w->side == HO_CLIENT ? HO_SERVER : HO_CLIENT,
          .sequence = sequence);
}

static void see_sent_frame(ho_quic_watch *w, const ho_frame *frame) {
  switch (frame->type) {
  case HO_FRAME_STREAM:
    HO_EMIT(w->log, stream_sent, w->now, w->client, .connection = w->connection,
            .endpoint = w->side, .packet = w->packet,
            .stream = (int64_t)frame->stream, .offset = frame->offset,
            .length = frame->length);
    break;
  case HO_FRAME_PATH_CHALLENGE:
  case HO_FRAME_PATH_RESPONSE:
    note_path(w, frame);
    break;
  case HO_FRAME_NEW_CONNECTION_ID:
    announce_cid(w, frame->sequence, &frame->cid, &frame->token);
    break;
  case HO_FRAME_RETIRE_CONNECTION_ID:
    announce_retired(w, frame->sequence);
    break;
  default:
    break;
  }
}

static void see_sent(ho_quic_watch *w, const uint8_t *payload, size_t len,
                     const uint8_t *aad, size_t aad_len) {
  ho_watch_packet *packet;
  header h;
  ho_frame frame;
  size_t n;

  read_header(&h, w, aad, aad_len);
  assert(w->packets_count < HO_WATCH_PACKETS);
  packet = &w->packets[w->packets_count++];
  *packet = (ho_watch_packet){
      .type = h.type, .pn = h.pn, .dcid = h.dcid, .bytes = aad_len + len + 16};
  for (size_t at = 0; at < len; at += n) {
    n = ho_frame_next(&frame, payload + at, len - at);
    assert(n > 0); /* ngtcp2 wrote it */
    packet->eliciting |= ho_frame_eliciting(frame.type);
    see_sent_frame(w, &frame);
  }
}

static void see_received(ho_quic_watch *w, const uint8_t *payload, size_t len) {
  ho_frame frame;
  size_t n;

  for (size_t at = 0; at < len; at += n) {
    n = ho_frame_next(&frame, payload + at, len - at);
    if (n == 0) {
      return; /* ngtcp2 will say what it thinks of it */
    }
    if (frame.type == HO_FRAME_PATH_CHALLENGE ||
        frame.type == HO_FRAME_PATH_RESPONSE) {
      note_path(w, &frame);
    }
  }
}

/* Retry's integrity tag is computed with the same callback (RFC 9001, 5.8):
 * no payload, no packet. */
static int watch_encrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                         const ngtcp2_crypto_aead_ctx *aead_ctx,
                         const uint8_t *plaintext, size_t plaintextlen,
                         const uint8_t *nonce, size_t noncelen,
                         const uint8_t *aad, size_t aadlen) {
  if (at_work && plaintextlen > 0) {
    see_sent(at_work, plaintext, plaintextlen, aad, aadlen);
  }
  return ho_quic_encrypt(dest, aead, aead_ctx, plaintext, plaintextlen, nonce,
                         noncelen, aad, aadlen);
}

static int watch_decrypt(uint8_t *dest, const ngtcp2_crypto_aead *aead,
                         const ngtcp2_crypto_aead_ctx *aead_ctx,
                         const uint8_t *ciphertext, size_t ciphertextlen,
                         const uint8_t *nonce, size_t noncelen,
                         const uint8_t *aad, size_t aadlen) {
  int rv = ho_quic_decrypt(dest, aead, aead_ctx, ciphertext, ciphertextlen,
                           nonce, noncelen, aad, aadlen);

  /* All AEADs of RFC 9001, 5.3 have tags of 16 bytes. */
  if (rv == 0 && at_work && ciphertextlen > 16) {
    see_received(at_work, dest, ciphertextlen - 16);
  }
  return rv;
}

void ho_quic_watch_callbacks(ngtcp2_callbacks *callbacks) {
  callbacks->encrypt = watch_encrypt;
  callbacks->decrypt = watch_decrypt;
}

/* ngtcp2 tells of declared losses in its qlog alone. */
static const char *lost_type(const char *type) {
  static const struct {
    const char *qlog, *ours;
  } names[] = {{"\"1RTT\"", "1rtt"},
               {"\"initial\"", "initial"},
               {"\"handshake\"", "handshake"},
               {"\"0RTT\"", "0rtt"}};

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strncmp(type, names[i].qlog, strlen(names[i].qlog)) == 0) {
      return names[i].ours;
    }
  }
  return "1rtt";
}

/* An event begins with a separator, its time and its name. */
static bool is_loss(const char *event, size_t len) {
  static const char name[] = "\"name\":\"recovery:packet_lost\"";
  const char *comma = memchr(event, ',', len < 40 ? len : 40);
  size_t left = comma ? len - (size_t)(comma + 1 - event) : 0;

  return left >= sizeof(name) - 1 &&
         memcmp(comma + 1, name, sizeof(name) - 1) == 0;
}

void ho_quic_watch_qlog(const void *data, size_t len) {
  static const char type_key[] = "\"packet_type\":";
  static const char pn_key[] = "\"packet_number\":";
  ho_quic_watch *w = at_work;
  const char *event = data, *type, *pn;

  if (!w || !is_loss(event, len)) {
    return;
  }
  type = memmem(event, len, type_key, sizeof(type_key) - 1);
  pn = memmem(event, len, pn_key, sizeof(pn_key) - 1);
  if (!type || !pn) {
    return;
  }
  HO_EMIT(w->log, packet_lost, w->now, w->client, .connection = w->connection,
          .endpoint = w->side, .type = lost_type(type + sizeof(type_key) - 1),
          .pn = strtoull(pn + sizeof(pn_key) - 1, NULL, 10));
}

static void emit_path(ho_quic_watch *w, const ho_frame *frame, bool sent,
                      const ho_tuple *tuple, uint64_t bytes) {
  bool challenge = frame->type == HO_FRAME_PATH_CHALLENGE;

  HO_EMIT(w->log, path_frame, w->now, w->client, .connection = w->connection,
          .endpoint = w->side, .way = sent ? "sent" : "received",
          .frame = challenge ? "PATH_CHALLENGE" : "PATH_RESPONSE",
          .packet = w->packet, .tuple = *tuple, .data = frame->data,
          .bytes = bytes);
}

void ho_quic_watch_datagram(ho_quic_watch *w, bool sent, const ho_tuple *tuple,
                            uint64_t bytes) {
  for (size_t i = 0; i < w->packets_count; i++) {
    const ho_watch_packet *p = &w->packets[i];
    HO_EMIT(w->log, quic_sent, w->now, w->client, .connection = w->connection,
            .endpoint = w->side, .packet = w->packet, .type = p->type,
            .pn = p->pn, .dcid = p->dcid, .tuple = *tuple, .bytes = p->bytes,
            .eliciting = p->eliciting);
  }
  for (size_t i = 0; i < w->paths_count; i++) {
    emit_path(w, &w->paths[i], sent, tuple, bytes);
  }
  w->packets_count = 0;
  w->paths_count = 0;
}

void ho_quic_watch_cid(ho_quic_watch *w, ho_time now, uint64_t sequence,
                       const ngtcp2_cid *cid, const uint8_t *token) {
  ho_cid ours = {.len = (uint8_t)cid->datalen};
  ho_token t = {{0}};

  memcpy(ours.bytes, cid->data, cid->datalen);
  if (token) {
    memcpy(t.bytes, token, sizeof(t.bytes));
  }
  w->now = now;
  announce_cid(w, sequence, &ours, &t);
}

void ho_quic_watch_free(ho_quic_watch *w) {
  free(w->issued.bits);
  free(w->retired.bits);
}
