/* IP addresses, endpoints and tuples. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "sim/base/diag.h"
#include "sim/base/text.h"

ho_addr ho_addr_v4(uint32_t bits) {
  return (ho_addr){4,
                   {(uint8_t)(bits >> 24), (uint8_t)(bits >> 16),
                    (uint8_t)(bits >> 8), (uint8_t)bits}};
}

int ho_addr_parse(ho_addr *addr, const char *text) {
  *addr = (ho_addr){0};
  if (inet_pton(AF_INET, text, addr->bytes) == 1) {
    addr->family = 4;
    return 0;
  }
  if (inet_pton(AF_INET6, text, addr->bytes) == 1) {
    addr->family = 6;
    return 0;
  }
  *addr = (ho_addr){0};
  return HO_ERR_INPUT;
}

ho_addr ho_addr_add(ho_addr addr, uint32_t n) {
  uint8_t *p = addr.bytes + (addr.family == 4 ? 0 : 12);
  uint32_t x = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
               (uint32_t)p[2] << 8 | (uint32_t)p[3];

  x += n;
  p[0] = (uint8_t)(x >> 24);
  p[1] = (uint8_t)(x >> 16);
  p[2] = (uint8_t)(x >> 8);
  p[3] = (uint8_t)x;
  return addr;
}

static char *put_v4(char *p, const uint8_t *bytes) {
  for (int i = 0; i < 4; i++) {
    p = ho_put_u64(p, bytes[i]);
    *p++ = '.';
  }
  return p - 1;
}

static char *put_v6(char *p, const uint8_t *bytes) {
  *p++ = '[';
  inet_ntop(AF_INET6, bytes, p, INET6_ADDRSTRLEN);
  p += strlen(p);
  *p++ = ']';
  return p;
}

static char *put_endpoint(char *p, const ho_endpoint *endpoint) {
  switch (endpoint->addr.family) {
  case 4:
    p = put_v4(p, endpoint->addr.bytes);
    break;
  case 6:
    p = put_v6(p, endpoint->addr.bytes);
    break;
  default:
    *p++ = '-';
  }
  *p++ = ':';
  return ho_put_u64(p, endpoint->port);
}

char *ho_endpoint_text(char *buf, const ho_endpoint *endpoint) {
  *put_endpoint(buf, endpoint) = '\0';
  return buf;
}

char *ho_tuple_text(char *buf, const ho_tuple *tuple) {
  char *p = put_endpoint(buf, &tuple->client);

  *p++ = '>';
  *put_endpoint(p, &tuple->server) = '\0';
  return buf;
}

static uint64_t mix_bytes(uint64_t h, const uint8_t *p, size_t len) {
  for (size_t i = 0; i < len; i++) {
    h = (h ^ p[i]) * 0x100000001b3u;
  }
  return h;
}

static uint64_t mix_endpoint(uint64_t h, const ho_endpoint *e) {
  size_t len = e->addr.family == 6 ? 16 : 4;

  h = mix_bytes(h, e->addr.bytes, len);
  return (h ^ e->port) * 0x100000001b3u;
}

uint64_t ho_tuple_hash(const ho_tuple *tuple) {
  uint64_t h = 0xcbf29ce484222325u;

  h = mix_endpoint(h, &tuple->client);
  h = mix_endpoint(h, &tuple->server);
  return h ^ (h >> 32);
}
