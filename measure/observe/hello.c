/* ClientHellos, which anybody can read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/hello.h"

#include <string.h>

#include "sim/wire/initial.h"

/* DATAGRAM_MAX: of what is looked at, a packet of any MTU that we know. */
enum { DATAGRAM_MAX = 2048, RECORD_HEADER = 5, RECORD_HANDSHAKE = 22 };

static bool same(const ho_cid *a, const ho_cid *b) {
  return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static void begin(ho_hello *hello) {
  ho_hello_free(hello);
  hello->begun = true;
}

static void take_tickets(ho_hello *hello, ho_ids *ids, const uint8_t *message,
                         size_t len) {
  const uint8_t *identity;
  size_t n;

  for (size_t i = 0;
       (identity = ho_handshake_identity(message, len, i, &n)) != NULL; i++) {
    ho_ids_add(ids, HO_ID_TICKET, identity, n);
  }
  ho_handshake_free(&hello->message);
}

/* ---- QUIC ---- */

static void take_frames(ho_hello *hello, ho_ids *ids, const uint8_t *plain,
                        size_t plain_len) {
  size_t len;
  const uint8_t *message =
      ho_initial_message(&hello->message, plain, plain_len, &len);

  if (message) {
    take_tickets(hello, ids, message, len);
  }
}

/* The DCID may be the first of a connection, or after a Retry again; or else
 * the server's CID, which gives no keys (RFC 9001, 5.2). */
static bool may_be_first(const ho_hello *hello, const ho_cid *dcid) {
  return !hello->begun ||
         !(same(dcid, &hello->first) || same(dcid, &hello->other));
}

void ho_hello_quic(ho_hello *hello, ho_ids *ids, const uint8_t *packet,
                   const ho_header *header) {
  uint8_t dest[DATAGRAM_MAX];
  const uint8_t *plain;
  size_t len;

  if (header->len > sizeof(dest)) {
    return;
  }
  if (may_be_first(hello, &header->dcid)) {
    if (ho_initial_open(&header->dcid, HO_CLIENT, packet, header, dest, &plain,
                        &len)) {
      begin(hello);
      hello->first = header->dcid;
      take_frames(hello, ids, plain, len);
      return;
    }
    hello->other = header->dcid;
  }
  if (hello->begun && !hello->message.done &&
      ho_initial_open(&hello->first, HO_CLIENT, packet, header, dest, &plain,
                      &len)) {
    take_frames(hello, ids, plain, len);
  }
}

/* ---- TCP ---- */

static void take_bytes(ho_hello *hello, ho_ids *ids, uint32_t offset,
                       const uint8_t *data, size_t len) {
  size_t skip = offset < RECORD_HEADER ? RECORD_HEADER - offset : 0;
  const uint8_t *message;

  if (offset == 0 && data[0] != RECORD_HANDSHAKE) {
    hello->begun = false; /* no TLS */
    return;
  }
  if (len <= skip) {
    return;
  }
  message = ho_handshake_add(&hello->message, offset + skip - RECORD_HEADER,
                             data + skip, len - skip, &len);
  if (message) {
    take_tickets(hello, ids, message, len);
  }
}

void ho_hello_tcp(ho_hello *hello, ho_ids *ids, const ho_shown *segment) {
  if (segment->syn) {
    if (!hello->begun || hello->first_seq != segment->seq + 1) {
      begin(hello);
      hello->first_seq = segment->seq + 1;
    }
  } else if (hello->begun && !hello->message.done && segment->payload_len > 0) {
    /* What does not belong to the first message is far away. */
    take_bytes(hello, ids, segment->seq - hello->first_seq, segment->payload,
               segment->payload_len);
  }
}

void ho_hello_free(ho_hello *hello) {
  ho_handshake_free(&hello->message);
  *hello = (ho_hello){0};
}
