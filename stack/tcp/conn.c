/* One connection, either end: TCP, TLS and HTTP/2 joined. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/conn.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "sim/ns3/ns3.h"
#include "stack/cost.h"
#include "stack/tcp/segment.h"
#include "stack/tcp/tls_io.h"

/* nghttp2's error codes lie between NGHTTP2_ERR_INVALID_ARGUMENT and this one;
 * GnuTLS has none there. */
enum { H2_ERRORS_END = -1000 };

static ho_ns_tcp_cc cc_of(ho_cc cc) {
  switch (cc) {
  case HO_CC_CUBIC:
    return HO_NS_TCP_CUBIC;
  case HO_CC_RENO:
    return HO_NS_TCP_RENO;
  case HO_CC_BBR:
    return HO_NS_TCP_BBR;
  }
  assert(0);
  return HO_NS_TCP_CUBIC;
}

void ho_conn_tcp_config(ho_conn *c, ho_ns_tcp_config *config, const ho_arm *arm,
                        uint32_t mtu) {
  const ho_path *path = &c->path;
  uint32_t ip = path->local.addr.family == 4 ? 20 : 40;

  assert(mtu > ip + HO_NS_TCP_HEADER);
  *config = (ho_ns_tcp_config){
      .cc = cc_of(arm->cc),
      .mss = (uint32_t)(mtu - ip - HO_NS_TCP_HEADER),
      .initial_window = arm->initial_window,
      .local_port = path->local.port,
      .remote_port = path->remote.port,
      /* As Linux does with CUBIC under its default queue.  ns-3's pacing works
       * against its PRR in loss recovery, down to a timeout: 100 MB at
       * 100 Mbit/s, 20 ms and a 250 KB queue take 9.0 s with it, 8.4 s without.
       */
      .pacing = false,
  };
}

void ho_conn_set_tls(ho_conn *c, gnutls_session_t session) {
  c->tls = session;
  ho_tls_io_bind(c);
}

/* ---- the end ---- */

static void over(ho_conn *c, const char *reason, int64_t error) {
  if (c->over) {
    return;
  }
  c->over = true;
  HO_EMIT(c->log, connection_closed, ho_ns_now(), c->client,
          .connection = c->connection, .endpoint = c->side, .reason = reason,
          .error = error);
  c->on_over(c, reason, error);
}

/* TLS's goodbye, then TCP's.  What TLS writes is flushed after the close, so
 * that the FIN travels with it. */
static void say_goodbye(ho_conn *c) {
  if (c->tls_done) {
    ho_tls_io_write_all(c);
    ho_cost_begin(c->side, HO_COST_TLS);
    gnutls_bye(c->tls, GNUTLS_SHUT_WR);
    ho_cost_end();
  }
  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  ho_ns_tcp_close(c->tcp);
  ho_ns_tcp_flush(c->tcp);
  ho_cost_end();
}

static void fail(ho_conn *c, int error) {
  if (error <= NGHTTP2_ERR_INVALID_ARGUMENT && error > H2_ERRORS_END) {
    c->reason = ho_format("h2: %s", nghttp2_strerror(error));
  } else {
    /* The alert tells the peer why (RFC 8446, 6.2). */
    gnutls_alert_send_appropriate(c->tls, error);
    c->reason = ho_format("tls: %s", gnutls_strerror(error));
  }
  say_goodbye(c);
  over(c, c->reason, error);
}

void ho_conn_close(ho_conn *c) {
  if (c->over) {
    return;
  }
  if (c->tls_done) {
    nghttp2_session_terminate_session(c->h2, NGHTTP2_NO_ERROR);
  }
  say_goodbye(c);
  over(c, "closed", 0);
}

/* Whether TCP's state ends the connection. */
static bool ended(ho_conn *c) {
  switch (ho_ns_tcp_get_state(c->tcp)) {
  case HO_NS_TCP_RESET:
    over(c, "rst", HO_ERR_PROTO);
    return true;
  case HO_NS_TCP_TIMEOUT:
    over(c, "timeout", HO_ERR_PROTO);
    return true;
  case HO_NS_TCP_CLOSED:
    over(c, "closed", 0);
    return true;
  case HO_NS_TCP_CONNECTING:
  case HO_NS_TCP_OPEN:
  case HO_NS_TCP_EOF:
    return c->over;
  }
  return true;
}

/* ---- running ---- */

static void show_recovery(ho_conn *c) {
  ho_ns_tcp_info info;

  ho_ns_tcp_get_info(c->tcp, &info);
  if (info.cwnd == c->shown.cwnd && info.in_flight == c->shown.in_flight &&
      info.srtt == c->shown.srtt && info.latest_rtt == c->shown.latest_rtt) {
    return;
  }
  c->shown = info;
  HO_EMIT(c->log, recovery, ho_ns_now(), c->client, .connection = c->connection,
          .endpoint = c->side, .cwnd = info.cwnd, .in_flight = info.in_flight,
          .srtt = info.srtt, .latest_rtt = info.latest_rtt,
          .min_rtt = info.min_rtt);
}

static void read_tcp(ho_conn *c) {
  uint8_t *room;
  size_t n;

  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  do {
    room = ho_bytes_reserve(&c->in, HO_TLS_RECORD);
    n = ho_ns_tcp_read(c->tcp, room, HO_TLS_RECORD);
    c->in.len += n;
  } while (n > 0);
  ho_cost_end();
}

static void flush(ho_conn *c) {
  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  ho_ns_tcp_flush(c->tcp);
  ho_cost_end();
  show_recovery(c);
}

void ho_conn_run(ho_conn *c) {
  bool eof = false;
  int rv = 0;

  if (ended(c) || ho_ns_tcp_get_state(c->tcp) == HO_NS_TCP_CONNECTING) {
    return;
  }
  read_tcp(c);
  if (!c->tls_done) {
    rv = ho_tls_io_handshake(c);
  }
  if (rv == 0 && c->tls_done && !c->over) {
    rv = ho_tls_io_read(c, &eof);
  }
  if (rv == 0 && c->tls_done && !c->over) {
    rv = ho_tls_io_write(c);
  }
  if (c->over) {
    return;
  }
  if (rv < 0) {
    fail(c, rv);
    return;
  }
  flush(c);
  if (eof || ho_ns_tcp_get_state(c->tcp) == HO_NS_TCP_EOF) {
    say_goodbye(c);
    over(c, "closed by peer", 0);
  }
}

void ho_conn_input(ho_conn *c, const ho_datagram *dgram) {
  c->packet = dgram->packet;
  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  ho_ns_tcp_input(c->tcp, dgram->data, dgram->len);
  ho_cost_end();
  ho_conn_run(c);
}

/* The offset in the byte stream that sequence number |seq| stands for: the one
 * nearest to what was sent last.  ns-3's initial sequence number is 0, taken by
 * the SYN. */
static uint64_t offset_of(const ho_conn *c, uint32_t seq) {
  int32_t ahead = (int32_t)(seq - 1 - (uint32_t)c->sent_to);

  return c->sent_to + (uint64_t)(int64_t)ahead;
}

int ho_conn_output(ho_conn *c, ho_datagram *dgram, ho_time now) {
  ho_segment seg;
  uint64_t offset;
  int rv;

  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  dgram->len = ho_ns_tcp_output(c->tcp, dgram->data, dgram->cap);
  ho_cost_end();
  if (dgram->len == 0) {
    return 0;
  }
  dgram->path = c->path;
  dgram->ecn = 0;
  dgram->client = c->client;
  dgram->connection = c->connection;
  rv = ho_segment_parse(&seg, dgram->data, dgram->len);
  assert(rv == 0);
  (void)rv;
  if (seg.payload > 0) {
    offset = offset_of(c, seg.seq);
    HO_EMIT(c->log, stream_sent, now, c->client, .connection = c->connection,
            .endpoint = c->side, .packet = dgram->packet, .stream = -1,
            .offset = offset, .length = seg.payload);
    if (offset + seg.payload > c->sent_to) {
      c->sent_to = offset + seg.payload;
    }
  }
  return 1;
}

void ho_conn_rekey(ho_conn *c, ho_time now) {
  if (c->tls_done && !c->over && now >= c->rekey_at) {
    c->rekey_at = now + 200 * HO_MSEC;
    /* GnuTLS breaks the connection where two requests to update cross, so only
     * the client's asks for the peer's keys as well (RFC 8446, 4.6.3). */
    gnutls_session_key_update(c->tls,
                              c->side == HO_CLIENT ? GNUTLS_KU_PEER : 0);
    flush(c);
  }
}

void ho_conn_ping(ho_conn *c) {
  if (c->tls_done && !c->over) {
    nghttp2_submit_ping(c->h2, NGHTTP2_FLAG_NONE, NULL);
    ho_conn_run(c);
  }
}

void ho_conn_free(ho_conn *c) {
  c->over = true;
  if (c->tls) {
    gnutls_deinit(c->tls);
  }
  ho_ns_tcp_del(c->tcp);
  ho_bytes_free(&c->in);
  ho_bytes_free(&c->out);
  ho_bytes_free(&c->early_data);
  free(c->reason);
  c->reason = NULL;
  c->tls = NULL;
  c->tcp = NULL;
}
