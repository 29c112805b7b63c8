/* What a QUIC server says without a connection: Retry and stateless reset. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "stack/quic/server.h"

static server_reply *reply_to(const ho_datagram *dgram) {
  server_reply *r = ho_alloc(sizeof(*r));

  r->path = dgram->path;
  r->client = dgram->client;
  r->connection = dgram->connection;
  return r;
}

static void enqueue(quic_server *s, server_reply *r, ngtcp2_ssize len) {
  if (len <= 0) {
    free(r);
    return;
  }
  r->len = (size_t)len;
  if (s->replies_tail) {
    s->replies_tail->next = r;
  } else {
    s->replies = r;
  }
  s->replies_tail = r;
}

/* Behind a load balancer, what the client sends next must come to the same
 * server, whose ID this CID has therefore. */
static void make_retry_cid(quic_server *s, const ho_datagram *dgram,
                           ngtcp2_cid *cid) {
  if (s->balancer) {
    ho_balancer_cid(s->balancer, ho_balancer_pick(s->balancer, &dgram->path),
                    &s->rng, cid);
    return;
  }
  cid->datalen = 18;
  ho_rng_bytes(&s->rng, cid->data, cid->datalen);
}

void ho_quic_server_retry(quic_server *s, const ho_datagram *dgram,
                          const ngtcp2_pkt_hd *hd, ho_time now) {
  server_reply *r = reply_to(dgram);
  uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
  ngtcp2_cid scid;
  ho_quic_path path;
  ngtcp2_ssize n;

  ho_quic_path_init(&path, &dgram->path);
  make_retry_cid(s, dgram, &scid);
  n = ngtcp2_crypto_generate_retry_token(
      token, s->secret, sizeof(s->secret), hd->version, path.path.remote.addr,
      path.path.remote.addrlen, &scid, &hd->dcid, ho_quic_ts(now));
  if (n > 0) {
    n = ngtcp2_crypto_write_retry(r->data, sizeof(r->data), hd->version,
                                  &hd->scid, &scid, &hd->dcid, token,
                                  (size_t)n);
  }
  enqueue(s, r, n);
}

void ho_quic_server_reset(quic_server *s, const ho_datagram *dgram) {
  size_t cid_len = s->config.server->cid_length;
  uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN], noise[64];
  server_reply *r;
  ngtcp2_cid cid;
  size_t noise_len;

  /* 10.3.3: smaller than what triggers it, so that two of them cannot go on
   * for ever; 10.3: at least 21 bytes, and never told apart by its size. */
  if (cid_len == 0 || dgram->len < 22 || dgram->len < 1 + cid_len) {
    return;
  }
  ngtcp2_cid_init(&cid, dgram->data + 1, cid_len);
  ngtcp2_crypto_generate_stateless_reset_token(token, s->secret,
                                               sizeof(s->secret), &cid);
  noise_len = dgram->len - 1 - NGTCP2_STATELESS_RESET_TOKENLEN;
  if (noise_len > 26) {
    noise_len = 26; /* 43 bytes in all, as small packets are answered */
  }
  ho_rng_bytes(&s->rng, noise, noise_len);
  r = reply_to(dgram);
  enqueue(s, r,
          ngtcp2_pkt_write_stateless_reset(r->data, sizeof(r->data), token,
                                           noise, noise_len));
}

int ho_quic_server_pop(quic_server *s, ho_datagram *dgram) {
  server_reply *r = s->replies;

  if (!r) {
    return 0;
  }
  s->replies = r->next;
  if (!s->replies) {
    s->replies_tail = NULL;
  }
  dgram->path = r->path;
  dgram->client = r->client;
  dgram->connection = r->connection;
  dgram->ecn = 0;
  dgram->len = r->len;
  memcpy(dgram->data, r->data, r->len);
  free(r);
  return 1;
}

void ho_quic_server_replies_free(quic_server *s) {
  while (s->replies) {
    server_reply *r = s->replies;
    s->replies = r->next;
    free(r);
  }
}
