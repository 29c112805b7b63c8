/* Conversions between our addresses and ngtcp2's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "stack/quic/conn.h"

static void to_addr(ngtcp2_addr *addr, ngtcp2_sockaddr_union *sa,
                    const ho_endpoint *e) {
  memset(sa, 0, sizeof(*sa));
  if (e->addr.family == 6) {
    sa->in6.sin6_family = AF_INET6;
    sa->in6.sin6_port = htons(e->port);
    memcpy(&sa->in6.sin6_addr, e->addr.bytes, 16);
    *addr = (ngtcp2_addr){&sa->sa, sizeof(sa->in6)};
    return;
  }
  sa->in.sin_family = AF_INET;
  sa->in.sin_port = htons(e->port);
  memcpy(&sa->in.sin_addr, e->addr.bytes, 4);
  *addr = (ngtcp2_addr){&sa->sa, sizeof(sa->in)};
}

static ho_endpoint from_addr(const ngtcp2_addr *addr) {
  const ngtcp2_sockaddr_union *sa = (const void *)addr->addr;
  ho_endpoint e = {{0}, 0};

  if (addr->addr->sa_family == AF_INET6) {
    e.addr.family = 6;
    memcpy(e.addr.bytes, &sa->in6.sin6_addr, 16);
    e.port = ntohs(sa->in6.sin6_port);
    return e;
  }
  assert(addr->addr->sa_family == AF_INET);
  e.addr.family = 4;
  memcpy(e.addr.bytes, &sa->in.sin_addr, 4);
  e.port = ntohs(sa->in.sin_port);
  return e;
}

size_t ho_quic_max_payload(uint32_t mtu, const ho_endpoint *remote) {
  return mtu - (remote->addr.family == 6 ? 40 : 20) - 8;
}

void ho_quic_path_init(ho_quic_path *out, const ho_path *path) {
  to_addr(&out->path.local, &out->local, &path->local);
  to_addr(&out->path.remote, &out->remote, &path->remote);
  out->path.user_data = NULL;
}

ho_path ho_quic_path_ours(const ngtcp2_path *path) {
  return (ho_path){from_addr(&path->local), from_addr(&path->remote)};
}

/* A path of IPv4 addresses as two numbers: of a sockaddr_in, the first eight
 * bytes are all that differs.  Of IPv6 there are none. */
static bool key_of(const ngtcp2_path *path, uint64_t key[2]) {
  if (path->local.addr->sa_family != AF_INET ||
      path->remote.addr->sa_family != AF_INET) {
    return false;
  }
  memcpy(&key[0], path->local.addr, sizeof(key[0]));
  memcpy(&key[1], path->remote.addr, sizeof(key[1]));
  return true;
}

const ho_path *ho_quic_path_last(ho_quic_conn *c, const ngtcp2_path *path) {
  ho_quic_known_path *last = &c->last_path;
  uint64_t key[2] = {0};

  if (!key_of(path, key) || key[0] != last->key[0] || key[1] != last->key[1]) {
    last->key[0] = key[0];
    last->key[1] = key[1];
    last->path = ho_quic_path_ours(path);
  }
  return &last->path;
}

ho_tuple ho_quic_tuple_of(const ho_quic_conn *c, const ho_path *path) {
  return c->side == HO_CLIENT ? (ho_tuple){path->local, path->remote}
                              : (ho_tuple){path->remote, path->local};
}

ho_tuple ho_quic_tuple(const ho_quic_conn *c, const ngtcp2_path *path) {
  ho_path ours = ho_quic_path_ours(path);

  return ho_quic_tuple_of(c, &ours);
}
