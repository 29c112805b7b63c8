/* A wired or recorded link: rate, queue, delay, jitter, loss and reordering,
 * both ways. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_LINK_H
#define HO_NET_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/time.h"
#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* What a packet meets on its way, in this order, in each direction alone:
 *
 * 1. The entry.  While the link is down everything is dropped ("link-down"), a
 *    packet of more than the MTU always ("too-big").
 * 2. The queue, drop-tail ("queue").  The packet being serialised is not
 *    counted in it, so a queue of one byte still lets every packet through that
 *    finds the link idle.  `1bdp` is rate x round-trip delay, at least
 *    10 packets of 1500 bytes; it follows the rate and the delay when they are
 *    set in mid-run.  A queue that shrinks drops nobody who is already in it.
 * 3. Serialisation: the n-th packet of a busy period that began at t departs
 *    at t + ceil(bits of packets 1 to n / rate), so rounding does not add up.
 *    On a recorded link it departs as the trace says (sim/net/schedule.h).
 * 4. Loss ("loss"), at the instant of departure.
 * 5. The wire: delay, plus a uniform 0 to jitter; but never before a packet
 *    that departed earlier, whose arrival is then waited for.
 * 6. Reordering, instead of the last clause: a packet that is picked arrives
 *    when it otherwise would plus a uniform 0 to max(jitter, delay), or to 1 ms
 *    where both are 0, and later packets do not wait for it.
 *
 * Each packet draws loss, jitter and reordering when it is queued, whatever the
 * probabilities are, from the streams "loss.NET.up", "jitter.NET.up",
 * "reorder.NET.up" and those for down.  So what a value set in mid-run does to
 * a packet does not depend on the values before it. */
typedef struct ho_link ho_link;

typedef struct {
  const char *name; /* of the network: names the streams; not kept */
  int net;          /* its index, for events */
  size_t clients;   /* whose packets it carries: 0 to clients - 1; 1 or more */
  ho_wired wired;   /* rates from 1 bit/s to 10^18 bit/s */
  /* By direction: a recorded link, whose rate (and delay and loss, where it
   * has them) replace those of |wired|; NULL: none.  Not copied. */
  const ho_trace *trace[2];
  ho_time beyond; /* one-way delay from the link's far end to the server: the
                     round trip of `1bdp` is 2 x (delay + beyond) */
  uint32_t mtu;   /* IP bytes */
} ho_link_config;

/* ho_link_count is a number of packets and of their IP bytes. */
typedef struct {
  uint64_t packets, bytes;
} ho_link_count;

/* entered = delivered + dropped + inside, at every instant. */
typedef struct {
  ho_link_count entered, delivered, dropped, inside;
} ho_link_counts;

/* ho_link_new returns a link that is up.  |env| must outlive it. */
ho_link *ho_link_new(const ho_env *env, const ho_link_config *config);

/* ho_link_del gives back the packets still inside.  ns-3 may hold an event for
 * the link, so this is for after the last ho_ns_run; |link| may be NULL. */
void ho_link_del(ho_link *link);

/* ho_link_element is the link as a stage of a chain; it is part of |link|. */
ho_element *ho_link_element(ho_link *link);

/* ho_link_set_up plugs |client| in or out (-1: every client); all are in at
 * first.  Going down drops ("link-down") at |now|, the current time, what of
 * the client's packets, both ways, has not departed, and later what is pushed.
 * What is on the wire arrives.
 *
 * Of the others nothing is lost.  Their packets move up: one behind the packet
 * in service departs after it, as if those that left had never come; where it
 * is the packet in service that leaves, what it has had of the link is wasted
 * and the next one's service begins at |now|.
 *
 * A packet of nobody known (client -1) is stopped while every client is out;
 * the competing load (HO_BACKGROUND) flows on even then. */
void ho_link_set_up(ho_link *link, int client, bool up, ho_time now);

/* ho_link_is_up: for |client| -1, whether anybody is plugged in. */
bool ho_link_is_up(const ho_link *link, int client);

/* ho_link_set takes over the member of |value| that |key| names, for packets
 * that depart after |now|, the current time.  The bits of a packet that are yet
 * to be serialised go out at the new rate.  When the delay shrinks, order is
 * still kept.  A recorded direction has no rate to set; where its trace has
 * rows of rates, theirs are delay and loss too, whatever is set. */
void ho_link_set(ho_link *link, ho_set_key key, const ho_wired *value,
                 ho_time now);

/* ho_link_queued is what waits at |now| for serialisation in direction |dir|,
 * the packet being serialised not counted. */
ho_link_count ho_link_queued(ho_link *link, ho_direction dir, ho_time now);

const ho_link_counts *ho_link_counted(const ho_link *link, ho_direction dir);

/* ho_link_check asserts conservation: what entered was delivered, dropped, or
 * is found inside.  Its owner calls it at the end of every run. */
void ho_link_check(const ho_link *link);

#endif
