/* IP addresses, endpoints and tuples. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_ADDR_H
#define HO_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ho_addr is an IPv4 (family 4, first 4 bytes) or IPv6 (family 6) address;
 * family 0 is "none".  Unused bytes are zero. */
typedef struct {
  uint8_t family;
  uint8_t bytes[16];
} ho_addr;

typedef struct {
  ho_addr addr;
  uint16_t port;
} ho_endpoint;

/* ho_tuple is the pair of endpoints of a packet or flow, from the client's
 * side to the server's whichever way the packet travels.  IP protocol numbers
 * stand beside it where they matter. */
typedef struct {
  ho_endpoint client, server;
} ho_tuple;

enum { HO_PROTO_TCP = 6, HO_PROTO_UDP = 17 };

static inline bool ho_addr_eq(const ho_addr *a, const ho_addr *b) {
  uint64_t x[2], y[2];

  memcpy(x, a->bytes, sizeof(x));
  memcpy(y, b->bytes, sizeof(y));
  return a->family == b->family && ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

static inline bool ho_endpoint_eq(const ho_endpoint *a, const ho_endpoint *b) {
  return a->port == b->port && ho_addr_eq(&a->addr, &b->addr);
}

static inline bool ho_tuple_eq(const ho_tuple *a, const ho_tuple *b) {
  return ho_endpoint_eq(&a->client, &b->client) &&
         ho_endpoint_eq(&a->server, &b->server);
}

/* ho_addr_v4 makes an IPv4 address from its 32 bits in host order. */
ho_addr ho_addr_v4(uint32_t bits);

/* ho_addr_parse reads a textual address; returns 0, or HO_ERR_INPUT. */
int ho_addr_parse(ho_addr *addr, const char *text);

/* ho_addr_add returns |addr| + |n|, as an integer in its last 32 bits. */
ho_addr ho_addr_add(ho_addr addr, uint32_t n);

/* Large enough for "[v6 address]:65535" and a terminating zero. */
#define HO_ENDPOINT_TEXT 56
#define HO_TUPLE_TEXT    (2 * HO_ENDPOINT_TEXT)

/* ho_endpoint_text writes "192.0.2.1:443" or "[2001:db8::1]:443" and returns
 * |buf|, which has HO_ENDPOINT_TEXT bytes. */
char *ho_endpoint_text(char *buf, const ho_endpoint *endpoint);

/* ho_tuple_text writes "CLIENT>SERVER" and returns |buf|, which has
 * HO_TUPLE_TEXT bytes. */
char *ho_tuple_text(char *buf, const ho_tuple *tuple);

/* ho_tuple_hash is for hash tables only; it is stable across machines. */
uint64_t ho_tuple_hash(const ho_tuple *tuple);

#endif
