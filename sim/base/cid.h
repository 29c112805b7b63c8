/* The two ends of a connection, and what QUIC names its connections by. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_CID_H
#define HO_BASE_CID_H

#include <stdint.h>

typedef enum { HO_CLIENT, HO_SERVER } ho_side;

/* ho_cid is a QUIC connection ID (RFC 9000, 5.1): 0 to 20 bytes. */
typedef struct {
  uint8_t len;
  uint8_t bytes[20];
} ho_cid;

typedef struct {
  uint8_t bytes[16];
} ho_token;

#endif
