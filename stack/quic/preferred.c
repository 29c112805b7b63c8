/* A server's preferred address (RFC 9000, 9.6), at both ends. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/preferred.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- the server's offer ---- */

void ho_quic_preferred_offer(ho_quic_conn *c, const ho_endpoint *at,
                             ngtcp2_transport_params *params) {
  ngtcp2_preferred_addr *p = &params->preferred_addr;
  ho_quic_path path;

  if (!at[0].addr.family && !at[1].addr.family) {
    return;
  }
  params->preferred_addr_present = 1;
  if (at[0].addr.family) {
    ho_quic_path_init(&path, &(ho_path){at[0], at[0]});
    p->ipv4_present = 1;
    p->ipv4 = path.local.in;
  }
  if (at[1].addr.family) {
    ho_quic_path_init(&path, &(ho_path){at[1], at[1]});
    p->ipv6_present = 1;
    p->ipv6 = path.local.in6;
  }
  ho_quic_conn_random_cid(c, &p->cid, c->cid_length);
  ngtcp2_crypto_generate_stateless_reset_token(p->stateless_reset_token,
                                               c->reset_secret, 32, &p->cid);
}

/* ---- the client's choice ---- */

static void take(ngtcp2_path *dest, const ho_path *path) {
  ho_quic_path own;

  ho_quic_path_init(&own, path);
  memcpy(dest->local.addr, own.path.local.addr, own.path.local.addrlen);
  dest->local.addrlen = own.path.local.addrlen;
  memcpy(dest->remote.addr, own.path.remote.addr, own.path.remote.addrlen);
  dest->remote.addrlen = own.path.remote.addrlen;
}

static bool offered(const ngtcp2_preferred_addr *p, uint8_t family,
                    ho_endpoint *out) {
  *out = (ho_endpoint){.addr.family = family};
  if (family == 4 && p->ipv4_present) {
    memcpy(out->addr.bytes, &p->ipv4.sin_addr, 4);
    out->port = ntohs(p->ipv4.sin_port);
    return true;
  }
  if (family == 6 && p->ipv6_present) {
    memcpy(out->addr.bytes, &p->ipv6.sin6_addr, 16);
    out->port = ntohs(p->ipv6.sin6_port);
    return true;
  }
  return false;
}

/* 9.6.3: the family in use, if that is offered; else the other, where the
 * client has an address of it. */
void ho_quic_preferred_choose(ngtcp2_path *dest,
                              const ngtcp2_preferred_addr *offer,
                              const ho_path *now, const ho_endpoint *locals) {
  uint8_t family = now->local.addr.family;
  const ho_endpoint *other = &locals[family == 4];
  ho_path path = *now;

  if (offered(offer, family, &path.remote)) {
    take(dest, &path);
  } else if (other->addr.family &&
             offered(offer, other->addr.family, &path.remote)) {
    path.local = *other;
    take(dest, &path);
  }
}
