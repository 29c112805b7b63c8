/* Whether bytes go on arriving while a path works. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_DELIVERY_H
#define HO_SEARCH_DELIVERY_H

#include <stdbool.h>

#include "sim/base/event.h"
#include "sim/scenario/scenario.h"

/* ho_delivery follows the events of one run, one client's, and finds the first
 * silence that no path explains.
 *
 * A path works from when a datagram of the client's has reached the server over
 * a network that is up, not blocked, and not set to lose much, until something
 * is done to networks, NATs or packets: the server then knows where the client
 * is.  Before that, silence is nobody's fault (the client may not have been
 * told, or have nothing to send: RFC 9308, 3.2).  A silence may last |gap|, and
 * twice as long as the trouble before it did, since probes are sent at doubling
 * intervals (RFC 9002, 6.2.1).  A handshake is judged by whether the client
 * hears anything, while nothing gets lost and its address is the same: RFC
 * 9000, 9 relies on that.  Between a handshake's end at the server and the
 * client's word of it nothing is. */
typedef struct ho_delivery ho_delivery;

typedef struct {
  ho_time t;        /* when it had lasted too long */
  ho_time since;    /* when bytes last arrived, or the path began to work */
  ho_side who;      /* the endpoint that was silent, else the server */
  const char *what; /* silent, elsewhere (it sends to another address than the
                       client's), nothing-new or handshake */
} ho_stall;

ho_delivery *ho_delivery_new(const ho_scenario *scenario, ho_time gap);
void ho_delivery_del(ho_delivery *delivery);
void ho_delivery_event(ho_delivery *delivery, const ho_event *event);

/* ho_delivery_has_network tells whether any of the client's networks is up. */
bool ho_delivery_has_network(const ho_delivery *delivery);

/* ho_delivery_stall returns the first one, or NULL. */
const ho_stall *ho_delivery_stall(const ho_delivery *delivery);

#endif
