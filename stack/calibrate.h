/* What a network gives at a place, with nobody's transport in the way: the
 * capacity that t90 and the deficit are measured against. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CALIBRATE_H
#define HO_STACK_CALIBRATE_H

#include "sim/scenario/scenario.h"

/* Both have one client of network |net| stand at |at|, with the network's other
 * stations and competing load.  The scenario's NAT, other clients and timeline
 * take no part, nor does the server's delay.  They simulate, so a process may
 * call one of them once, and run nothing besides. */

/* ho_calibrate saturates the network with UDP packets of its MTU, down and,
 * when these are through, up, and measures each way for |span| after a quarter
 * of a second.  The rates are those of IP bytes that arrive: of radio and
 * backhaul together, whichever is slower; 0 where the client does not get onto
 * the network. */
void ho_calibrate(const ho_scenario *scenario, int net, ho_position at,
                  uint64_t seed, ho_time span, uint64_t *down_bps,
                  uint64_t *up_bps);

enum { HO_CALIBRATE_ECHO_BYTES = 100 };

/* ho_calibrate_rtt sends |count| IP packets of HO_CALIBRATE_ECHO_BYTES up, each
 * of which comes straight back as another of that size, and writes how long
 * they took into |rtts|.  The first goes after a second of silence, each other
 * 20 ms and i x 0.37 ms after the answer to the one before, so that they meet
 * what is periodic at the radio at different phases.  HO_NEVER: unanswered
 * within a second, or no client on the network. */
void ho_calibrate_rtt(const ho_scenario *scenario, int net, ho_position at,
                      uint64_t seed, ho_time *rtts, size_t count);

#endif
