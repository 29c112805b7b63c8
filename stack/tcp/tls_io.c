/* TLS 1.3 (RFC 8446) by GnuTLS between TCP's bytes and HTTP/2's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/tls_io.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "sim/ns3/ns3.h"
#include "stack/cost.h"

/* What TCP may hold unsent before the application waits, as a server sets by
 * TCP_NOTSENT_LOWAT.  It must outlast the time to the next ACK. */
enum { UNSENT_MAX = 128 * 1024 };

/* How many records are small, at the start and after a pause; and what a record
 * adds to its data: a header of 5 bytes, the content type and a tag of 16. */
enum { SMALL_RECORDS = 40, RECORD_OVERHEAD = 22 };
#define PAUSE HO_SEC

/* ---- GnuTLS's transport ---- */

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t cap) {
  ho_conn *c = ptr;
  size_t n = ho_bytes_left(&c->in);

  if (n == 0) {
    gnutls_transport_set_errno(c->tls, EAGAIN);
    return -1;
  }
  n = n < cap ? n : cap;
  memcpy(buf, ho_bytes_front(&c->in), n);
  ho_bytes_take(&c->in, n);
  return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t len) {
  ho_conn *c = ptr;
  int rv;

  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  rv = ho_ns_tcp_write(c->tcp, data, len);
  ho_cost_end();
  if (rv < 0) {
    gnutls_transport_set_errno(c->tls, EPIPE);
    return -1;
  }
  return (ssize_t)len;
}

void ho_tls_io_bind(ho_conn *c) {
  gnutls_transport_set_ptr(c->tls, c);
  gnutls_transport_set_pull_function(c->tls, pull);
  gnutls_transport_set_push_function(c->tls, push);
}

/* ---- in ---- */

static int feed(ho_conn *c, const uint8_t *data, size_t len) {
  ssize_t rv;

  ho_cost_begin(c->side, HO_COST_HTTP);
  rv = nghttp2_session_mem_recv(c->h2, data, len);
  ho_cost_end();
  return rv < 0 ? (int)rv : 0;
}

int ho_tls_io_read(ho_conn *c, bool *eof) {
  static uint8_t record[HO_TLS_RECORD];
  ssize_t n;
  int rv;

  *eof = false;
  for (;;) {
    size_t left = ho_bytes_left(&c->in);
    ho_cost_begin(c->side, HO_COST_TLS);
    n = gnutls_record_recv(c->tls, record, sizeof(record));
    ho_cost_end();
    if (n == GNUTLS_E_AGAIN && ho_bytes_left(&c->in) == left) {
      break; /* it says so after each ticket, too */
    }
    if (n == 0) {
      *eof = true;
      break;
    }
    if (n < 0 && gnutls_error_is_fatal((int)n)) {
      return (int)n;
    }
    if (n > 0 && (rv = feed(c, record, (size_t)n)) < 0) {
      return rv;
    }
  }
  c->on_data(c);
  return 0;
}

static int read_early(ho_conn *c) {
  static uint8_t record[HO_TLS_RECORD];
  ssize_t n;
  int rv;

  for (;;) {
    ho_cost_begin(c->side, HO_COST_TLS);
    n = gnutls_record_recv_early_data(c->tls, record, sizeof(record));
    ho_cost_end();
    if (n <= 0) {
      return 0; /* none (now) */
    }
    if ((rv = feed(c, record, (size_t)n)) < 0) {
      return rv;
    }
  }
}

/* ---- out ---- */

/* The next bytes of HTTP/2 go to the end of |out|; false if there are none. */
static bool fill(ho_conn *c, ho_bytes *out) {
  const uint8_t *data;
  ssize_t n;

  ho_cost_begin(c->side, HO_COST_HTTP);
  n = nghttp2_session_mem_send(c->h2, &data);
  ho_cost_end();
  if (n > 0) {
    ho_bytes_append(out, data, (size_t)n);
  }
  return n > 0;
}

/* A record can be read only once its last byte is there.  So, as servers do,
 * records fit a segment at first, when the window is small and somebody waits,
 * and are large when data flow. */
static size_t record_max(ho_conn *c) {
  ho_time now = ho_ns_now();

  if (now - c->record_at >= PAUSE) {
    c->records = 0;
  }
  c->record_at = now;
  return c->records++ < SMALL_RECORDS ? ho_ns_tcp_mss(c->tcp) - RECORD_OVERHEAD
                                      : HO_TLS_RECORD;
}

static int send_record(ho_conn *c) {
  size_t len = ho_bytes_left(&c->out), max = record_max(c);
  ssize_t n;

  len = len < max ? len : max;
  ho_cost_begin(c->side, HO_COST_TLS);
  n = gnutls_record_send(c->tls, ho_bytes_front(&c->out), len);
  ho_cost_end();
  if (n < 0) {
    return (int)n;
  }
  ho_bytes_take(&c->out, (size_t)n);
  return 0;
}

static int write_up_to(ho_conn *c, size_t unsent_max) {
  bool more = true;
  int rv;

  while (ho_ns_tcp_unsent(c->tcp) < unsent_max &&
         ho_ns_tcp_room(c->tcp) >= 2 * HO_TLS_RECORD) {
    while (more && ho_bytes_left(&c->out) < HO_TLS_RECORD) {
      more = fill(c, &c->out);
    }
    if (ho_bytes_left(&c->out) == 0) {
      break;
    }
    if ((rv = send_record(c)) < 0) {
      return rv;
    }
  }
  return 0;
}

int ho_tls_io_write(ho_conn *c) {
  return write_up_to(c, UNSENT_MAX);
}

int ho_tls_io_write_all(ho_conn *c) {
  return write_up_to(c, SIZE_MAX);
}

/* ---- the handshake ---- */

/* What HTTP/2 has to say now goes with the ClientHello, up to what the server
 * takes (RFC 8446, 4.2.10); a copy is kept for the case that it does not. */
static int write_early(ho_conn *c) {
  size_t max = gnutls_record_get_max_early_data_size(c->tls);
  size_t len;
  ssize_t n;

  while (fill(c, &c->out)) {
  }
  len = ho_bytes_left(&c->out);
  len = len < max ? len : max;
  if (len == 0) {
    return 0;
  }
  ho_cost_begin(c->side, HO_COST_TLS);
  n = gnutls_record_send_early_data(c->tls, ho_bytes_front(&c->out), len);
  ho_cost_end();
  if (n < 0) {
    return (int)n;
  }
  /* GnuTLS 3.7 keeps all of it and returns 0, whatever its manual says. */
  len = n > 0 ? (size_t)n : len;
  ho_bytes_append(&c->early_data, ho_bytes_front(&c->out), len);
  ho_bytes_take(&c->out, len);
  return 0;
}

static void early_rejected(ho_conn *c) {
  ho_bytes rest = c->out;

  c->out = c->early_data;
  ho_bytes_append(&c->out, ho_bytes_front(&rest), ho_bytes_left(&rest));
  ho_bytes_free(&rest);
  c->early_data = (ho_bytes){0};
}

static void handshake_done(ho_conn *c) {
  bool accepted = gnutls_session_get_flags(c->tls) & GNUTLS_SFLAGS_EARLY_DATA;

  c->tls_done = true;
  if (c->early_data.len > 0 && !accepted) {
    early_rejected(c);
  }
  ho_bytes_free(&c->early_data);
  HO_EMIT(c->log, handshake_done, ho_ns_now(), c->client,
          .connection = c->connection, .endpoint = c->side,
          .early_data = accepted);
  c->on_ready(c);
}

int ho_tls_io_handshake(ho_conn *c) {
  int rv;

  if (!c->tls_started) {
    c->tls_started = true;
    if (c->early && (rv = write_early(c)) < 0) {
      return rv;
    }
  }
  do {
    ho_cost_begin(c->side, HO_COST_TLS);
    rv = gnutls_handshake(c->tls);
    ho_cost_end();
  } while (rv < 0 && rv != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rv));
  if (rv < 0 && rv != GNUTLS_E_AGAIN) {
    return rv;
  }
  if (c->side == HO_SERVER) {
    int early = read_early(c);
    if (early < 0) {
      return early;
    }
  }
  if (rv == 0) {
    handshake_done(c);
  }
  return 0;
}
