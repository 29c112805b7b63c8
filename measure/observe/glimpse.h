/* A glimpse: an IP packet as it passes a tap, and what it shows to everybody.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_GLIMPSE_H
#define HO_OBSERVE_GLIMPSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/base/time.h"

/* ho_glimpse is all that an observer is given of a packet: no number of it, no
 * owner, no key.  |data| holds |len| bytes from the IP header on. */
typedef struct {
  ho_time t;
  unsigned tap; /* where */
  bool up;      /* from the clients' side to the server's: who taps a wire knows
                   its two ends */
  const uint8_t *data;
  uint32_t len;
} ho_glimpse;

/* ho_shown is what is in the clear.  Of anything but TCP and UDP ports are 0
 * and the payload is empty. */
typedef struct {
  ho_tuple tuple;
  uint8_t proto;
  uint8_t ecn;    /* the two ECN bits (RFC 3168) */
  uint8_t ttl;    /* IPv6: hop limit */
  uint32_t label; /* IPv6 flow label; IPv4: 0 */
  const uint8_t *payload;
  size_t payload_len;
  bool syn; /* TCP */
  uint32_t seq;
} ho_shown;

/* ho_glimpse_read reads |glimpse|.  Any bytes are safe.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Truncated, neither IPv4 nor IPv6, or a length that does not fit. */
int ho_glimpse_read(ho_shown *shown, const ho_glimpse *glimpse);

#endif
