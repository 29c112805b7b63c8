/* Lengths of connection IDs, as long headers have told them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_LENGTHS_H
#define HO_OBSERVE_LENGTHS_H

#include "sim/base/addr.h"

/* ho_length_set is a set of lengths from 0 to 20: bit n is length n. */
typedef uint32_t ho_length_set;

enum { HO_LENGTH_UNKNOWN = -1 };

/* ho_length_of is the only length in |set|; HO_LENGTH_UNKNOWN if there are
 * none or several. */
int ho_length_of(ho_length_set set);

/* ho_lengths is what an observer has learned: of each server address the
 * lengths of its CIDs, and those of all clients'.  Zeroed ones are none. */
typedef struct {
  struct ho_server_lengths *servers;
  size_t count, cap;
  ho_length_set clients;
} ho_lengths;

/* ho_lengths_server returns what is known of |server|'s CIDs;
 * ho_lengths_learn adds a length to that, of no more than 64 servers. */
ho_length_set ho_lengths_server(const ho_lengths *lengths,
                                const ho_addr *server);
void ho_lengths_learn(ho_lengths *lengths, const ho_addr *server, uint8_t len);

void ho_lengths_free(ho_lengths *lengths);

#endif
