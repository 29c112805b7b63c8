/* As much of the TLS handshake as its readers need. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/handshake.h"

#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/wire/reader.h"

/* Of a message: a ClientHello with a post-quantum share and a ticket has 4. */
enum { MOST = 16384, PREFIX = 4 };

void ho_handshake_free(ho_handshake *h) {
  free(h->bytes);
  free(h->have);
  *h = (ho_handshake){.done = h->done};
}

static bool has(const ho_handshake *h, size_t at) {
  return h->have[at / 8] & 1u << at % 8;
}

static void store(ho_handshake *h, size_t offset, const uint8_t *data,
                  size_t len) {
  if (!h->bytes) {
    h->bytes = ho_alloc(MOST);
    h->have = ho_alloc(MOST / 8);
  }
  memcpy(h->bytes + offset, data, len);
  for (size_t i = offset; i < offset + len; i++) {
    h->have[i / 8] |= (uint8_t)(1u << i % 8);
  }
  while (h->whole < MOST && has(h, h->whole)) {
    h->whole++;
  }
}

const uint8_t *ho_handshake_add(ho_handshake *h, uint64_t offset,
                                const uint8_t *data, uint64_t len,
                                size_t *message_len) {
  ho_reader r;

  if (h->done) {
    ho_handshake_free(h);
    return NULL;
  }
  if (offset >= MOST) {
    return NULL;
  }
  store(h, (size_t)offset, data,
        (size_t)(len < MOST - offset ? len : MOST - offset));
  if (h->whole < PREFIX) {
    return NULL;
  }
  r = (ho_reader){h->bytes + 1, h->bytes + PREFIX, false};
  *message_len = PREFIX + (size_t)ho_reader_uint(&r, 3);
  h->done = *message_len > MOST || *message_len <= h->whole;
  return *message_len <= h->whole ? h->bytes : NULL;
}

uint16_t ho_handshake_suite(const uint8_t *message, size_t len) {
  enum { SERVER_HELLO = 2 };
  ho_reader r = {message, message + len, false};

  if (ho_reader_uint(&r, 1) != SERVER_HELLO) {
    return 0;
  }
  ho_reader_skip(&r, 3 + 2 + 32);
  ho_reader_skip(&r, ho_reader_uint(&r, 1));
  return (uint16_t)ho_reader_uint(&r, 2);
}

/* Passes over a vector whose length stands in |n| bytes before it, and returns
 * a reader of what is in it. */
static ho_reader read_vector(ho_reader *r, size_t n) {
  uint64_t len = ho_reader_uint(r, n);
  const uint8_t *start = ho_reader_skip(r, len);

  return (ho_reader){start, r->p, r->bad};
}

/* The extensions of a ClientHello: RFC 8446, 4.1.2. */
static ho_reader read_extensions(const uint8_t *message, size_t len) {
  enum { CLIENT_HELLO = 1, VERSION = 2, RANDOM = 32 };
  ho_reader r = {message, message + len, false}, hello;

  r.bad = ho_reader_uint(&r, 1) != CLIENT_HELLO;
  hello = read_vector(&r, 3);
  ho_reader_skip(&hello, VERSION + RANDOM);
  read_vector(&hello, 1); /* session ID */
  read_vector(&hello, 2); /* cipher suites */
  read_vector(&hello, 1); /* compression */
  return read_vector(&hello, 2);
}

const uint8_t *ho_handshake_identity(const uint8_t *message, size_t len,
                                     size_t n, size_t *identity_len) {
  enum { PRE_SHARED_KEY = 41, AGE = 4 };
  ho_reader extensions = read_extensions(message, len), offered, identity;

  while (!extensions.bad && ho_reader_left(&extensions) > 0) {
    uint64_t type = ho_reader_uint(&extensions, 2);
    ho_reader body = read_vector(&extensions, 2);

    if (type != PRE_SHARED_KEY) {
      continue;
    }
    offered = read_vector(&body, 2);
    do {
      identity = read_vector(&offered, 2);
      ho_reader_skip(&offered, AGE);
    } while (!offered.bad && n-- > 0);
    *identity_len = ho_reader_left(&identity);
    return offered.bad ? NULL : identity.p;
  }
  return NULL;
}
