/* Allocators that count what ngtcp2 and nghttp3 hold for one connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_MEMORY_H
#define HO_STACK_QUIC_MEMORY_H

#include <stdint.h>

#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>

typedef struct {
  uint64_t bytes; /* asked for and not given back */
  ngtcp2_mem quic;
  nghttp3_mem http;
} ho_quic_memory;

/* ho_quic_memory_init readies |m|, which must not move afterwards. */
void ho_quic_memory_init(ho_quic_memory *m);

#endif
