/* One QUIC connection: what client and server have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/conn.h"

#include <assert.h>
#include <string.h>

#include "stack/cost.h"

enum {
  /* RFC 9002, 7.7: bursts no longer than the initial window.  ngtcp2 paces
   * only between calls of ngtcp2_conn_update_pkt_tx_time. */
  MAX_BURST = 10,
  /* A server that has fewer bytes than this left of its 3x budget sends
   * nothing of use with them. */
  USELESS_BUDGET = 100,
};

static void begin(ho_quic_conn *c, ho_time now, uint64_t packet) {
  c->now = now;
  ho_cost_begin(c->side, HO_COST_TRANSPORT);
  ho_quic_watch_begin(&c->watch, now, packet);
}

static void end(void) {
  ho_quic_watch_end();
  ho_cost_end();
}

/* Events of congestion control and RTT, at the end of whatever changed them. */
static void emit_recovery(ho_quic_conn *c) {
  ngtcp2_conn_info info;
  ngtcp2_conn_info *last = &c->last_info;
  bool sampled;

  ngtcp2_conn_get_conn_info(c->conn, &info);
  if (info.cwnd == last->cwnd &&
      info.bytes_in_flight == last->bytes_in_flight &&
      info.latest_rtt == last->latest_rtt &&
      info.smoothed_rtt == last->smoothed_rtt) {
    return;
  }
  *last = info;
  /* min_rtt is UINT64_MAX until there is a sample, also after a migration. */
  sampled = info.min_rtt != UINT64_MAX;
  HO_EMIT(c->log, recovery, c->now, c->client, .connection = c->connection,
          .endpoint = c->side, .cwnd = info.cwnd,
          .in_flight = info.bytes_in_flight,
          .srtt = sampled ? info.smoothed_rtt : 0,
          .latest_rtt = sampled ? info.latest_rtt : 0,
          .min_rtt = sampled ? info.min_rtt : 0);
}

/* ---- anti-amplification, as seen from outside (RFC 9000, 8) ---- */

static bool is_validated(const ho_quic_conn *c, const ho_endpoint *remote) {
  for (size_t i = 0; i < c->validated_count; i++) {
    if (ho_endpoint_eq(&c->validated[i], remote)) {
      return true;
    }
  }
  return false;
}

static void set_blocked(ho_quic_conn *c, bool blocked) {
  ho_tuple tuple;

  if (c->budget.blocked == blocked) {
    return;
  }
  c->budget.blocked = blocked;
  tuple = ho_quic_tuple(c, ngtcp2_conn_get_path(c->conn));
  HO_EMIT(c->log, amplification, c->now, c->client, .connection = c->connection,
          .blocked = blocked, .tuple = tuple);
}

void ho_quic_conn_validated(ho_quic_conn *c, const ho_endpoint *remote) {
  size_t slots = sizeof(c->validated) / sizeof(c->validated[0]);

  if (!is_validated(c, remote)) {
    c->validated[c->validated_next++ % slots] = *remote;
    c->validated_count += c->validated_count < slots;
  }
  if (ho_endpoint_eq(&c->budget.remote, remote)) {
    set_blocked(c, false);
  }
}

static void budget_received(ho_quic_conn *c, const ho_endpoint *remote,
                            size_t len) {
  if (c->side != HO_SERVER || is_validated(c, remote)) {
    return;
  }
  if (!ho_endpoint_eq(&c->budget.remote, remote)) {
    set_blocked(c, false);
    c->budget = (ho_quic_budget){.remote = *remote};
  }
  c->budget.received += len;
  set_blocked(c, false);
}

/* RFC 9000, 8.2.3: a PATH_RESPONSE validates the address that its
 * PATH_CHALLENGE was sent to, even if that was too small to validate the path's
 * MTU. */
static void look_for_responses(ho_quic_conn *c) {
  size_t slots = sizeof(c->challenges) / sizeof(c->challenges[0]);

  for (size_t i = 0; i < c->watch.paths_count; i++) {
    const ho_frame *f = &c->watch.paths[i];
    for (size_t k = 0; k < slots && f->type == HO_FRAME_PATH_RESPONSE; k++) {
      const ho_quic_challenge *sent = &c->challenges[k];
      if (sent->remote.addr.family && sent->data == f->data) {
        ho_quic_conn_validated(c, &sent->remote);
      }
    }
  }
}

static void note_challenges(ho_quic_conn *c, const ho_endpoint *remote) {
  size_t slots = sizeof(c->challenges) / sizeof(c->challenges[0]);

  for (size_t i = 0; i < c->watch.paths_count; i++) {
    const ho_frame *f = &c->watch.paths[i];
    if (f->type == HO_FRAME_PATH_CHALLENGE) {
      c->challenges[c->challenges_next++ % slots] =
          (ho_quic_challenge){f->data, *remote};
    }
  }
}

static void budget_sent(ho_quic_conn *c, const ho_endpoint *remote,
                        size_t len) {
  if (ho_endpoint_eq(&c->budget.remote, remote)) {
    c->budget.sent += len;
  }
}

/* Called when there is nothing (more) to send: is that for want of budget? */
static void budget_check(ho_quic_conn *c) {
  ho_path path;

  if (c->side != HO_SERVER || c->budget.remote.addr.family == 0 ||
      is_validated(c, &c->budget.remote)) {
    return;
  }
  path = ho_quic_path_ours(ngtcp2_conn_get_path(c->conn));
  if (ho_endpoint_eq(&path.remote, &c->budget.remote) &&
      c->budget.sent + USELESS_BUDGET > 3 * c->budget.received &&
      (!ngtcp2_conn_get_handshake_completed(c->conn) ||
       (c->h3 && ho_h3_pending(c->h3)))) {
    set_blocked(c, true);
  }
}

/* ---- the end of a connection ---- */

static const char *reason_of(ho_quic_conn *c, int rv) {
  switch (rv) {
  case NGTCP2_ERR_DRAINING:
    return c->was_reset ? "stateless reset" : "closed by peer";
  case NGTCP2_ERR_IDLE_CLOSE:
    return "idle timeout";
  case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    return "handshake timeout";
  default:
    return ngtcp2_strerror(rv);
  }
}

static void closed(ho_quic_conn *c, const char *reason, int64_t error) {
  if (c->closed) {
    return;
  }
  c->closed = true;
  if (c->budget.blocked) {
    set_blocked(c, false);
  }
  HO_EMIT(c->log, connection_closed, c->now, c->client,
          .connection = c->connection, .endpoint = c->side, .reason = reason,
          .error = error);
  if (c->h3) {
    ho_h3_calls_end(c->h3, error ? error : -1);
  }
  c->up->closed(c, reason, error);
}

void ho_quic_conn_fail(ho_quic_conn *c, int rv, ho_time now) {
  c->now = now;
  switch (rv) {
  case NGTCP2_ERR_DRAINING:
  case NGTCP2_ERR_IDLE_CLOSE:
  case NGTCP2_ERR_DROP_CONN:
    break; /* RFC 9000, 10.2.2 and 10.1: nothing more is sent */
  case NGTCP2_ERR_CRYPTO:
    ngtcp2_ccerr_set_tls_alert(&c->error, ngtcp2_conn_get_tls_alert(c->conn),
                               NULL, 0);
    c->close_pending = true;
    break;
  default:
    if (c->error.error_code == 0) {
      ngtcp2_ccerr_set_liberr(&c->error, rv, NULL, 0);
    }
    c->close_pending = true;
  }
  closed(c, reason_of(c, rv), rv);
}

void ho_quic_conn_close(ho_quic_conn *c, ho_time now) {
  if (c->closed) {
    return;
  }
  c->now = now;
  ngtcp2_ccerr_set_application_error(&c->error, NGHTTP3_H3_NO_ERROR, NULL, 0);
  c->close_pending = true;
  closed(c, "closed", 0);
}

static int write_close(ho_quic_conn *c, ho_datagram *dgram) {
  ngtcp2_path_storage ps;
  ngtcp2_ssize n;
  ho_tuple tuple;

  c->close_pending = false;
  if (ngtcp2_conn_in_closing_period(c->conn) ||
      ngtcp2_conn_in_draining_period(c->conn)) {
    return 0;
  }
  ngtcp2_path_storage_zero(&ps);
  n = ngtcp2_conn_write_connection_close(c->conn, &ps.path, NULL, dgram->data,
                                         dgram->cap, &c->error,
                                         ho_quic_ts(c->now));
  if (n <= 0) {
    return 0;
  }
  dgram->len = (size_t)n;
  dgram->path = ho_quic_path_ours(&ps.path);
  dgram->ecn = 0;
  tuple = ho_quic_tuple(c, &ps.path);
  ho_quic_watch_datagram(&c->watch, true, &tuple, dgram->len);
  return 1;
}

/* ---- in and out ---- */

void ho_quic_conn_read(ho_quic_conn *c, const ho_datagram *dgram, ho_time now) {
  ngtcp2_pkt_info info = {.ecn = dgram->ecn};
  ho_quic_path path;
  ho_tuple tuple;
  int rv;

  if (c->closed) {
    return;
  }
  ho_quic_path_init(&path, &dgram->path);
  begin(c, now, dgram->packet);
  budget_received(c, &dgram->path.remote, dgram->len);
  rv = ngtcp2_conn_read_pkt(c->conn, &path.path, &info, dgram->data, dgram->len,
                            ho_quic_ts(now));
  tuple = ho_quic_tuple_of(c, &dgram->path);
  look_for_responses(c);
  ho_quic_watch_datagram(&c->watch, false, &tuple, dgram->len);
  end();
  if (rv != 0) {
    ho_quic_conn_fail(c, rv, now);
    return;
  }
  emit_recovery(c);
}

/* Puts stream data, or whatever else is due, into |dgram|.  Returns its size, 0
 * or a negative error code. */
static ngtcp2_ssize fill(ho_quic_conn *c, ngtcp2_path *path,
                         ngtcp2_pkt_info *info, ho_datagram *dgram) {
  for (;;) {
    nghttp3_vec vec[16];
    int64_t stream = -1;
    int fin = 0;
    ngtcp2_ssize taken = -1, n;
    nghttp3_ssize count = c->h3 ? ho_h3_next(c->h3, &stream, &fin, vec, 16) : 0;
    uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;

    if (count < 0) {
      ngtcp2_ccerr_set_application_error(
          &c->error, nghttp3_err_infer_quic_app_error_code((int)count), NULL,
          0);
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    flags |= fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0;
    n = ngtcp2_conn_writev_stream(
        c->conn, path, info, dgram->data, dgram->cap, &taken, flags, stream,
        (const ngtcp2_vec *)vec, (size_t)count, ho_quic_ts(c->now));
    switch (n) {
    case NGTCP2_ERR_STREAM_DATA_BLOCKED:
      ho_h3_blocked(c->h3, stream);
      continue;
    case NGTCP2_ERR_STREAM_SHUT_WR:
    case NGTCP2_ERR_STREAM_NOT_FOUND:
      ho_h3_shut(c->h3, stream);
      continue;
    case NGTCP2_ERR_WRITE_MORE:
      ho_h3_sent(c->h3, stream, (size_t)taken);
      continue;
    default:
      if (n >= 0 && taken >= 0) {
        ho_h3_sent(c->h3, stream, (size_t)taken);
      }
      return n;
    }
  }
}

/* Ends a burst: tells ngtcp2 when it left, so that the next one waits. */
static void pace(ho_quic_conn *c) {
  if (c->burst > 0) {
    ngtcp2_conn_update_pkt_tx_time(c->conn, ho_quic_ts(c->now));
  }
  c->burst = 0;
}

static int sent(ho_quic_conn *c, ho_datagram *dgram, const ngtcp2_path *path,
                const ngtcp2_pkt_info *info, size_t len) {
  ho_tuple tuple;

  dgram->len = len;
  dgram->path = *ho_quic_path_last(c, path);
  tuple = ho_quic_tuple_of(c, &dgram->path);
  dgram->ecn = (uint8_t)info->ecn;
  note_challenges(c, &dgram->path.remote);
  ho_quic_watch_datagram(&c->watch, true, &tuple, len);
  budget_sent(c, &dgram->path.remote, len);
  c->burst++;
  return 1;
}

int ho_quic_conn_write(ho_quic_conn *c, ho_datagram *dgram, ho_time now) {
  ngtcp2_path_storage ps;
  ngtcp2_pkt_info info = {0};
  ngtcp2_ssize n;
  int rv = 0;

  if (c->closed && !c->close_pending) {
    return 0;
  }
  ngtcp2_path_storage_zero(&ps);
  begin(c, now, dgram->packet);
  if (c->close_pending) {
    rv = write_close(c, dgram);
    end();
    return rv;
  }
  if (c->burst >= MAX_BURST) {
    pace(c);
  }
  n = fill(c, &ps.path, &info, dgram);
  if (n > 0) {
    rv = sent(c, dgram, &ps.path, &info, (size_t)n);
  } else if (n == 0) {
    pace(c);
    budget_check(c);
  }
  end();
  if (n == 0) {
    emit_recovery(c);
  } else if (n < 0) {
    ho_quic_conn_fail(c, (int)n, now);
    return ho_quic_conn_write(c, dgram, now);
  }
  return rv;
}

ho_time ho_quic_conn_deadline(ho_quic_conn *c) {
  ngtcp2_tstamp at;

  if (c->closed) {
    return HO_NEVER;
  }
  at = ngtcp2_conn_get_expiry(c->conn);
  if (at == UINT64_MAX) {
    return HO_NEVER;
  }
  return at < HO_SEC ? 0 : at - HO_SEC;
}

void ho_quic_conn_timeout(ho_quic_conn *c, ho_time now) {
  int rv;

  if (c->closed) {
    return;
  }
  begin(c, now, 0);
  rv = ngtcp2_conn_handle_expiry(c->conn, ho_quic_ts(now));
  end();
  if (rv != 0) {
    ho_quic_conn_fail(c, rv, now);
  }
}

void ho_quic_conn_free(ho_quic_conn *c) {
  ho_h3_del(c->h3);
  ngtcp2_conn_del(c->conn);
  if (c->tls) {
    gnutls_deinit(c->tls);
  }
  ho_quic_watch_free(&c->watch);
}
